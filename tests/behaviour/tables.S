/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of instructions that store or load descriptor tables and what describes a task, and of
 * those whose operands the processor tells in the same way.
 *
 * Source: Intel SDM volume 2, instructions SGDT, LGDT/LIDT, LLDT, LTR, STR, SLDT, SMSW, INVPCID.
 */
#include "tests/behaviour/cases.h"

/* SGDT stores all of the base, whatever the operand's size. */
	.pushsection .rodata
pointer_far:
	.word	8 * GDT_ENTRIES - 1
	.quad	FAR_GDT
	.popsection
	.irp	m, long32.0, prot32.0
case sgdt 32 \m far_gdt
	lgdt	pointer_far
	sgdt	(%ebx)
	lgdt	gdt_pointer
case sgdt_data16 32 \m far_gdt
	lgdt	pointer_far
	data16 sgdt (%ebx)
	lgdt	gdt_pointer
case lgdt_data16 32 \m far_gdt
	data16 lgdt pointer_far
	sgdt	(%ebx)
	lgdt	gdt_pointer
	.endr
case sgdt_rsp 64 long64.0
	movabsq	$NOT_CANONICAL, %rsp
	try	sgdt (%rsp)
	movl	$WINDOW + WINDOW_SP, %esp
	.irp	r, rbp, rbx
case sgdt_\r 64 long64.0
	movabsq	$NOT_CANONICAL, %\r
	try	sgdt (%\r)
	.endr

/* Code of 32 bits reads eight bytes of a descriptor in IA-32e mode too. */
case lldt_compat 32 long32.0
	movl	$0x1f00, gdt + SEL_LDT + 12
	movl	$SEL_LDT, %eax
	try	lldt %ax
	sldt	%ecx
	movl	$0, gdt + SEL_LDT + 12
	xorl	%edx, %edx
	lldt	%dx

/* The exception goes by the segment of the base register; INVLPG raises none. */
	.irp	r, rsp, rbp, rax, rbx
case table_not_canonical_\r 64 long64.0
	movabsq	$NOT_CANONICAL, %\r
	try	sidt 8(%\r)
	try	lidt 8(%\r)
	try	lgdt 8(%\r)
	try	lldt 8(%\r)
	try	ltr 8(%\r)
	try	str 8(%\r)
	try	sldt 8(%\r)
	try	smsw 8(%\r)
	try	lmsw 8(%\r)
	try	invlpg 8(%\r)
	try	invpcid 8(%\r), %rcx
	try	sgdt %fs:8(%\r)
	movl	$WINDOW + WINDOW_SP, %esp
	.endr

/* Operands with an index, a segment's base, an address of 32 bits. */
case table_operands 64 long64.0
	movl	$DATA / 2 - 8, %eax
	sgdt	16(, %rax, 2)
	movl	$DATA - 0x20, %ecx
	movq	$8, %rdx
	sidt	(%rcx, %rdx, 8)
	addr32 sgdt 0x40(%ecx)
	str	-8(%rcx, %rdx, 1)
	sldt	-6(%rcx, %rdx, 1)
	movl	$MSR_FS_BASE, %ecx
	movl	$DATA - 0x100, %eax
	xorl	%edx, %edx
	wrmsr
	sidt	%fs:0x180
	xorl	%eax, %eax
	wrmsr
	movq	$0, DATA + 2
	movq	$0, DATA + 0x22
	movq	$0, DATA + 0x82
	movw	$0, DATA + 0x2a

/* Behind the limit, in segments and pages that are null, absent, the supervisor's, read-only. */
	.irp	m, prot32.0, long32.0
case table_limit 32 \m es=SEL_SHORT
	try	sgdt %es:0x2ffb
	try	sgdt %es:0x2ffa
	try	sidt %es:0x2fff
	try	lgdt %es:0x2ffc
	try	lidt %es:0x2ffc
	try	lldt %es:0x2fff
	try	ltr %es:0x2fff
	try	str %es:0x2fff
	try	sldt %es:0x2fff
	try	smsw %es:0x2fff
	try	lmsw %es:0x2fff
	try	invlpg %es:0x3000
	try	invpcid %es:0x2ff8, %eax
	movl	$0, %eax
	movl	%eax, %fs
	try	sgdt %fs:(%ebx)
	try	lgdt %fs:(%ebx)
	try	invlpg %fs:(%ebx)
	try	invpcid %fs:(%ebx), %eax
	movl	$0, WINDOW + 0x2ffa
	movw	$0, WINDOW + 0x2ffe
case table_readonly 32 \m es=SEL_READONLY
	try	sgdt %es:(%ebx)
	try	sidt %es:(%ebx)
	try	str %es:(%ebx)
	try	sldt %es:(%ebx)
	try	smsw %es:(%ebx)
	try	sgdt %cs:(%ebx)
	try	smsw %cs:(%ebx)
	.endr
case table_pages 64 long64.0
	try	sgdt ABSENT-4
	try	sidt ABSENT-1
	try	sidt WINDOW+WINDOW_READONLY-2
	try	str ABSENT
	try	sldt ABSENT-1
	try	smsw WINDOW+WINDOW_READONLY
	try	lgdt ABSENT-8
	try	lldt ABSENT-1
	try	ltr ABSENT
	try	lmsw ABSENT-1
	try	invpcid ABSENT-8, %rax
	try	invpcid ABSENT, %rax
	try	invlpg ABSENT
	try	sgdt WINDOW+WINDOW_SYSTEM-3
	try	sgdt WINDOW+WINDOW_RESERVED-3
	movq	%cr0, %rax
	movq	%rax, %rcx
	andl	$~(1<<16), %ecx
	movq	%rcx, %cr0
	movw	$0, %dx
	try	smsw WINDOW+WINDOW_READONLY
	movq	%rax, %cr0
case table_pages_user 64 long64.3
	try	sgdt ABSENT-4
	try	sidt WINDOW+WINDOW_SYSTEM-2
	try	str WINDOW+WINDOW_SYSTEM
	try	sldt WINDOW+WINDOW_READONLY
	try	smsw WINDOW+WINDOW_RESERVED
	try	lgdt (%rbx)
	try	lidt (%rbx)
	try	lldt (%rbx)
	try	ltr (%rbx)
	try	lmsw (%rbx)
	try	invpcid (%rbx), %rax
	try	invlpg (%rbx)
case table_unaligned 64 long64.3 flags=RFLAGS_AC
	try	sgdt 1(%rbx)
	try	sidt 2(%rbx)
	try	str 1(%rbx)
	try	sldt 1(%rbx)
	try	smsw 1(%rbx)
	movl	$PORT_NOBODY, %edx
	incl	%edi
	try	insw
	incl	%esi
	try	outsw
	movl	$NOWHERE + 1, %ecx
	try	movw (%rcx), %ax
	try	movw %ax, (%rcx)
	try	incl (%rcx)
	try	cmpxchg8b (%rcx)
	try	movups (%rcx), %xmm0
	forget

	.section .note.GNU-stack, "", @progbits
