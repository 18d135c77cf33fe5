/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMX_EPT_H
#define HV_VMX_EPT_H

#include "hv/vm.h"

/** ept_init - an empty EPT for the RAM of @vm; returns the EPT pointer */
u64 ept_init(struct vm *vm);

#define EPT_WIDTH		48		/* bits of an address, with four levels */
#define EPT_READ_EXECUTE	0x5ull
#define EPT_READ_WRITE_EXECUTE	0x7ull

/**
 * ept_map - let the guest find @page at @gpa
 * @access: EPT_READ_…
 *
 * What is mapped outside RAM is forgotten when the tables for it are used up.
 */
void ept_map(struct vm *vm, u64 gpa, const void *page, u64 access);

/** ept_misconfigure - let each access at @gpa exit as a misconfiguration, which needs no search */
void ept_misconfigure(struct vm *vm, u64 gpa);

#endif /* HV_VMX_EPT_H */
