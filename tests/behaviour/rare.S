/* SPDX-License-Identifier: GPL-2.0-only */
/* Forms of instructions and values of registers that are met seldom. */
#include "tests/behaviour/cases.h"

/* CR3 with an identifier, its top bit, and CR4.PCIDE that cannot be set with one. */
case pcide 64 long64.0
	movq	%cr4, %rbp
	movq	%cr3, %rdi
	movq	%rbp, %rax
	orl	$1 << 17, %eax
	try	movq %rax, %cr4
	leaq	5(%rdi), %rcx
	btsq	$63, %rcx
	try	movq %rcx, %cr3
	movq	%cr3, %rsi
	subq	%rdi, %rsi
	btsq	$62, %rcx
	try	movq %rcx, %cr3
	movq	%rdi, %cr3
	movq	%rbp, %cr4
	leaq	5(%rdi), %rcx
	movq	%rcx, %cr3
	try	movq %rax, %cr4
	movq	%rdi, %cr3
	btsq	$63, %rdi
	try	movq %rdi, %cr3
	movq	%rbp, %cr4
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edi, %edi
	xorl	%ebp, %ebp

/* Bits of IA32_EFER, one after the other: taken, kept or refused. */
case efer_each_bit 64 long64.0
	movl	$0xc0000080, %ecx
	.irp	b, 0, 1, 7, 8, 9, 10, 11, 12, 13, 14, 15
	rdmsr
	btcl	$\b, %eax
	try	wrmsr
	rdmsr
	movl	%eax, %esi
	xorl	$0xd01, %esi
	rorq	$5, %rdi
	xorq	%rsi, %rdi
	.endr
	movl	$0xd01, %eax
	movl	$1, %edx
	try	wrmsr
	xorl	%eax, %eax
	xorl	%edx, %edx

/* Strings by 16 bits of an address, in code of 32: limits, backwards, the end of 64 KiB. */
case ins_addr16 32 prot32.0 es=SEL_SHORT
	movl	$PORT_NOBODY, %edx
	movl	$0x12342f80, %edi
	movl	$0x00010003, %ecx
	try	addr16 rep insb
	movl	$0x12340001, %edi
	movl	$0x00010005, %ecx
	std
	try	addr16 rep insw
	cld
	movl	$0x1234fffe, %esi
	movl	$0x00010003, %ecx
	try	.byte 0x26, 0x67, 0xf3, 0x6f

/* By 32 bits, in code of 16: beyond the segment. */
case ins_addr32_real 16 real
	movw	$PORT_NOBODY, %dx
	movl	$0x00002f80, %edi
	movl	$3, %ecx
	try	addr32 rep insb
	movl	$0x0000fffd, %edi
	movl	$5, %ecx
	try	addr32 rep insb
	movl	$0x00010000, %esi
	movl	$5, %ecx
	try	addr32 rep outsb
	movl	$0x1ffff, %edi
	movl	$0x10000, %ecx
	try	rep insb

case ins_addr32_v86 16 v86
	movw	$PORT_NOBODY, %dx
	movl	$0x0000fffd, %edi
	movl	$5, %ecx
	try	addr32 rep insb
	movl	$0x00010000, %esi
	movl	$5, %ecx
	try	addr32 rep outsb
	movw	$0xffff, %di
	try	insw

case ins_addr32_long 64 long64.0
	movw	$PORT_NOBODY, %dx
	movabsq	$0x1111111100032f80, %rdi
	movabsq	$0x2222222200000003, %rcx
	try	addr32 rep insb
	movabsq	$0x1111111100032f80, %rsi
	movabsq	$0x2222222200000003, %rcx
	try	addr32 rep outsl
	movabsq	$0x1111111100032f80, %rsi
	movabsq	$0x2222222200000003, %rcx
	try	addr32 outsl

/* LMSW from where there is nothing, and from a page that is absent. */
case lmsw_hole 64 long64.0
	movq	%cr0, %rdi
	movl	$NOWHERE, %ebx
	try	lmsw (%rbx)
	movq	%cr0, %rsi
	movq	%rdi, %cr0
	movl	$ABSENT, %ebx
	try	lmsw (%rbx)

/* Instructions that move much or little, outside RAM. */
case state_hole 64 long64.0 touches=CASE_FPU
	movl	$NOWHERE & ~63, %ebx
	movl	$7, %eax
	xorl	%edx, %edx
	try	xsave (%rbx)
	try	xrstor (%rbx)
	try	fxrstor (%rbx)
	try	clflushopt (%rbx)
	try	xsaveopt (%rbx)
	try	fldenv (%rbx)
	fninit
	try	frstor (%rbx)
	fninit
	try	fnsave (%rbx)
	try	adcx (%rbx), %rax
	try	cmpxchg16b 8(%rbx)
	try	movaps 8(%rbx), %xmm0
	try	movdir64b (%rbx), %rsi
	try	lock cmpxchg8b (%rbx)
	try	lar (%rbx), %eax
	try	verr (%rbx)
	try	invlpg (%rbx)
	try	lock btsl $3, (%rbx)
	try	.byte 0xf0, 0x89, 0x03

/* In virtual-8086 mode. */
case sensitive_v86 16 v86
	try	cpuid
	forget
	try	rdtsc
	forget
	try	movl %cr0, %eax
	try	movl %dr7, %eax
	try	sgdt (%bx)
	try	lmsw %ax
	try	hlt
	try	wbinvd

/* The last port, and what reaches beyond it. */
case in_top 64 long64.0
	movl	$0xffff, %edx
	try	inb %dx, %al
	try	inw %dx, %ax
	try	inl %dx, %eax
	movl	$0xfffd, %edx
	try	inl %dx, %eax
	forget

/* #UD on a machine that does not announce it. */
case monitor 64 long64.0
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	%ebx, %eax
	try	monitor

	.section .note.GNU-stack, "", @progbits
