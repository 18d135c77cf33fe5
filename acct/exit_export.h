/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How kvm.ko exports to its vendor modules; hv has no use for it. Later kernels export to KVM's
 * own modules alone, and refuse the export to all wherever its name is written in KVM's folder.
 */
#ifndef EXIT_EXPORT_H
#define EXIT_EXPORT_H

#include <linux/export.h>
#include <linux/kvm_types.h>

#ifndef EXPORT_SYMBOL_FOR_KVM_INTERNAL
#define EXPORT_SYMBOL_FOR_KVM_INTERNAL(symbol) __PASTE(EXPORT_, SYMBOL_GPL)(symbol)
#endif

#endif /* EXIT_EXPORT_H */
