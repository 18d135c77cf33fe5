/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that start.S and the C files share. */
#ifndef GUEST_SELECTORS_H
#define GUEST_SELECTORS_H

#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define SEL_TSS_OLD	0x20
#define SEL_TSS_NEW	0x28

/* Exceptions, then the two vectors of the local APIC. */
#define VECTOR_TIMER	32
#define VECTOR_SPURIOUS	33
#define TRAP_VECTORS	34
#define TRAP_STUB_SIZE	16

/* What a guest ends with whose task switch was carried out. */
#define TASK_EXIT_CODE	9

#endif /* GUEST_SELECTORS_H */
