/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are in the memory of a hostile guest, for its kernel and who makes it. */
#pragma once

#define RAM_SIZE	0x200000	/* with the PC's hole in it */

#define PARAMS		0x1000		/* struct params */
#define KERNEL		0x8000		/* kernel.S; real mode reaches it with segment 0 */
#define KERNEL_STACK	0xa000		/* its end */
#define SLOTS		0x10000		/* the code that is let loose */
#define SLOT_SIZE	64
#define NR_SLOTS	256
#define TABLES		0x20000		/* page tables */
#define TABLES_SIZE	0xa000
#define GDT		0x30000
#define IDT		0x31000
#define LDT		0x32000
#define TSS		0x33000
#define TSS_IOMAP	0xa0		/* behind the bitmap of interrupts for V86 */
#define TSS_SIZE	(TSS_IOMAP + 0x2001)
#define HANDLER_TSS	0x37000		/* of the task that task gates lead to */
#define SPARE_TSS	0x38000		/* of no task yet */
#define HANDLER_STACK	0x3a000
#define BLOCKS		0x40000		/* what each slot begins with: struct block */
#define BLOCK_SIZE	256
#define DATA		0x60000		/* to the hole, and from 1 MiB on */

/* Selectors in the GDT. */
#define SEL_CODE32	0x08
#define SEL_DATA32	0x10
#define SEL_CODE64	0x18
#define SEL_CODE16	0x20
#define SEL_DATA16	0x28
#define SEL_TSS		0x30		/* two entries in IA-32e mode */
#define SEL_LDT		0x40		/* likewise */
#define SEL_USER32	0x53
#define SEL_USER_DATA	0x5b
#define SEL_USER64	0x63
#define SEL_HANDLER	0x68
#define SEL_SPARE	0x70
#define SEL_SLOTS16	0x78		/* at SLOTS, 16 bits, of the slots' CPL */
#define SEL_FREE	0x80		/* from here on whatever comes to mind */

/* Offsets in struct params, which image.c asserts. */
#define P_ENTRY		(PARAMS + 0)
#define P_CR0		(PARAMS + 4)
#define P_CR3		(PARAMS + 8)
#define P_CR4		(PARAMS + 12)
#define P_SLOT		(PARAMS + 16)
#define P_SLOTS		(PARAMS + 20)
#define P_EOI		(PARAMS + 24)
#define P_GDTR		(PARAMS + 32)
#define P_IDTR		(PARAMS + 40)
#define P_LDTR		(PARAMS + 48)
#define P_TR		(PARAMS + 50)
#define P_NR_MSRS	(PARAMS + 52)
#define P_NR_STORES	(PARAMS + 56)
#define P_MSRS		(PARAMS + 64)	/* 16 of { number, low, high } */
#define P_STORES	(PARAMS + 256)	/* 8 of { address, value } */
#define P_CURRENT	(PARAMS + 512)	/* a copy of the block that is begun */

#define EOI_NONE	0
#define EOI_MSR		1
#define EOI_PAGE	2

/* Written to the exit port when the last slot is through. */
#define END_CODE	0x2a

/* In struct block. */
#define B32_FRAME	48		/* EIP CS EFLAGS ESP SS ES DS FS GS */
#define B32_SIZE	84
#define B16_FRAME	20		/* IP CS FLAGS SP SS */
#define B16_SIZE	30
