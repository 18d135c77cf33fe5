/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that start.S and the C files share. */
#pragma once

#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define SEL_TSS_OLD	0x20
#define SEL_TSS_NEW	0x28
/* For other modes (modes_entry.S); those with a base are filled in by modes_init(). */
#define SEL_CODE16	0x30
#define SEL_USER64	(0x38 | 3)
#define SEL_USER32	(0x40 | 3)
#define SEL_USER16	(0x48 | 3)
#define SEL_USER_DATA	(0x50 | 3)
#define SEL_LOW16	0x58	/* code below 1 MiB, on the way to real mode */
#define SEL_DATA16	0x60
#define SEL_TSS64	0x68	/* 16 bytes */

/* Where the code and the data of real and virtual-8086 mode are: free RAM on every PC. */
#define LOW_CODE	0x8000
#define LOW_DATA	0x9000
#define LOW_START	0xa000	/* where other processors begin */

/* Exceptions, then the two vectors of the local APIC. */
#define VECTOR_TIMER	32
#define VECTOR_SPURIOUS	33
#define TRAP_VECTORS	34
#define VECTOR_BACK	34	/* from CPL 3, to where modes_entry.S came from */

/* EBX of the two tasks of a task switch, and the vector of its gate. */
#define TASK_OLD_EBX	0x01d7a5c0
#define TASK_NEW_EBX	0x7a5c0e3b
#define VECTOR_TASK	0x20
