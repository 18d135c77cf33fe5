/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Named cases of what a guest sees of one instruction or a few: a table that the
 * assembly files fill in, each case with the machine code that is run, in a mode of
 * tests/agree/modes.c, by tests/agree/run.c.
 */
#pragma once

#include "tests/agree/agree.h"
#include "machine/machine.h"
#include "machine/x86.h"

/* Besides enum touch of agree.h. */
#define CASE_APIC	1		/* TOUCHES_APIC */
#define CASE_FPU	2		/* TOUCHES_FPU */
#define CASE_TABLES	0x10		/* TOUCHES_TABLES */
#define CASE_SUPERVISOR	0x400		/* TOUCHES_SUPERVISOR */
#define CASE_XAPIC	0x200		/* before the local APIC is in x2APIC mode */
#define CASE_ALONE	0x100		/* it ends the machine: run only when it is named */

/* Outside RAM: of machine.h, without the suffix that is C's alone. */
#define HOLE_START	0xd0000000
#define NOWHERE		(HOLE_START + 0x100)
#define NOT_CANONICAL	0x8000000000000000
#define PORT_NOBODY	0x5a0		/* all ones */
#define APIC_PAGE	0xfee00000
/* Linear: the data that is printed if it changed. */
#define DATA		(WINDOW + WINDOW_DATA + 0x80)
#define ABSENT		(WINDOW + WINDOW_ABSENT)

/* What the functions of before.c put at these places. */
#define FAR_GDT		0x1800000	/* a copy of the GDT, whose address has four bytes */
#define FAR_TABLE	0x80000000	/* linear: the page table for it is outside RAM */
#define WRAPPED		0		/* linear: code after the wrap at 4 GiB */
#define TOP		0xfffff000	/* linear: the last page below 4 GiB */
#define CANONICAL_TOP	0x7ffffffff000	/* linear: the last page of the lower half */
#define IDT_BYTES	(16 * VECTORS)
#define IDT_40_ABSENT	(ABSENT - 16 * 0x40)	/* from vector 40h on it is not present */
#define IDT_40_BAD_STACK (WINDOW + WINDOW_AFTER + 0x100) /* vector 40h has an absent stack */
#define IDT_NMI_ABSENT	(WINDOW + WINDOW_READONLY - 16 * 3)	/* before vector 3 */
#define IDT_NMI_HOLE	(WINDOW + WINDOW_AFTER - 16 * 3)	/* outside RAM before vector 3 */
#define GATE_TO_CPL3	0x38		/* a vector of idt32 */
#define TASK_IDT	(WINDOW + WINDOW_AFTER + 0x100)	/* for 32 bits, with task gates */
#define TASK_TSS	(WINDOW + WINDOW_AFTER + 0x800)	/* in a page that CPL 3 can use */

#ifdef __ASSEMBLER__
/*
 * case - begins one; the next begins where it ends
 * name: without blanks; bits: of its code; mode: of modes.c; before: what to call first;
 * flags: besides those that the mode has; es: another selector there; touches: CASE_*.
 */
	.macro	case name:req bits:req mode:req before=0 flags=0 dr7=0 dr0=0 es=0 touches=0
	.section .rodata.names, "a"
661:	.asciz	"\name"
662:	.asciz	"\mode"
	.section .cases, "a"
	.long	661b, 662b, 663f, \before, \flags, \dr7, \dr0, \es, \touches
	.section .sequences, "a"
	.code\bits
663:
	.endm

/* try - an instruction that may fault; then the one behind it comes next */
	.macro	try insn:vararg
664:	\insn
665:
	.pushsection .tries, "a"
	.long	664b, 665b
	.popsection
	.endm

/* forget - what the registers hold is not the same on two machines */
	.macro	forget
	.irp	r, eax, ebx, ecx, edx
	movl	$0, %\r
	.endr
	.endm
#else

_Static_assert(HOLE_START == MACHINE_MMIO_HOLE, "the same hole");

struct row {
	u32 name, mode, code, before, flags, dr7, dr0, es, touches;
};

struct attempt {
	u32 from, to;
};

/* The linker script's. */
extern const struct row cases_start[], cases_end[];
extern const struct attempt tries_start[], tries_end[];
extern const u8 sequences_end[];

#endif /* __ASSEMBLER__ */
