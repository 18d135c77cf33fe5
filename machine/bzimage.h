/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux bzImages, loaded by the Linux x86 boot protocol, 32-bit entry.
 *
 * Guest-physical, below 1 MiB: boot_params at MACHINE_START_INFO, GDT and
 * command line behind it. The kernel goes where it wants to be, the initrd to the
 * end of memory. The command line gets the word "noapic" in front: there is no
 * I/O APIC.
 *
 * Source: Linux "The Linux/x86 Boot Protocol" (Documentation/arch/x86/boot.rst),
 * "Zero Page" (zero-page.rst).
 */
#pragma once

#include "machine/load.h"

/** machine_is_bzimage - has the file the signature of a setup header, or most of it? */
bool machine_is_bzimage(const void *file, uint64_t size);

/**
 * machine_bzimage_load - check a bzImage, its initrd and command line, and load them
 *
 * As machine_load(), which calls it. Needs protocol 2.10 (Linux 2.6.31) or
 * later and a kernel that is loaded at 1 MiB or above.
 */
machine_loader machine_bzimage_load;
