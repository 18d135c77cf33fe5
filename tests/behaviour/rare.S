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
	movl	$MSR_EFER, %ecx
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

/* What this processor has not, or a guest may not. */
	.irp	m, long64.0, long64.3
case unknown_0 64 \m
	movl	$0, %eax
	movl	$0, %ecx
	try	.byte 0x0f, 0x01, 0xd7	/* enclu */
	try	.byte 0x0f, 0x01, 0xcf	/* encls */
	try	.byte 0x0f, 0x01, 0xc0	/* enclv */
	try	.byte 0x0f, 0x01, 0xc5	/* pconfig */
	try	.byte 0x0f, 0x01, 0xc6	/* wrmsrns */
	try	.byte 0xf2, 0x0f, 0x01, 0xc6	/* rdmsrlist */
	try	.byte 0xf3, 0x0f, 0x01, 0xc6	/* wrmsrlist */
	try	.byte 0x66, 0x0f, 0x01, 0xcc	/* tdcall */
	try	.byte 0x66, 0x0f, 0x01, 0xcd	/* seamret */
	try	.byte 0x66, 0x0f, 0x01, 0xce	/* seamops */
	try	.byte 0x66, 0x0f, 0xae, 0xf0	/* tpause */
	try	.byte 0xf2, 0x0f, 0xae, 0xf0	/* umwait */
	try	.byte 0xf3, 0x0f, 0xae, 0xf0	/* umonitor */
	try	.byte 0xf3, 0x0f, 0x01, 0xec	/* uiret */
case unknown_1 64 \m
	movl	$0, %eax
	movl	$0, %ecx
	try	.byte 0xf3, 0x0f, 0xc7, 0xf0	/* senduipi */
	try	.byte 0xf3, 0x0f, 0x3a, 0xf0, 0xc0, 0x00	/* hreset */
	try	.byte 0xf3, 0x0f, 0x38, 0xdc, 0xc1	/* loadiwkey */
	try	.byte 0xf2, 0x0f, 0x38, 0xf8, 0x03	/* enqcmd */
	try	.byte 0x0f, 0x01, 0xee	/* rdpkru */
	try	.byte 0x0f, 0x01, 0xef	/* wrpkru */
	try	.byte 0xf3, 0x48, 0x0f, 0x1e, 0xc8	/* rdsspq */
	try	.byte 0xf3, 0x0f, 0xae, 0xe8	/* incssp */
	try	.byte 0xf3, 0x0f, 0x01, 0xe8	/* setssbsy */
	try	.byte 0xf3, 0x0f, 0xae, 0xe0	/* ptwrite */
	try	.byte 0x0f, 0x01, 0xfa	/* monitorx */
	try	.byte 0x0f, 0x01, 0xfc	/* clzero */
	try	.byte 0x0f, 0x01, 0xfd	/* rdpru */
	try	.byte 0x0f, 0x01, 0xd4	/* vmfunc */
case unknown_2 64 \m
	movl	$0, %eax
	movl	$0, %ecx
	try	.byte 0x0f, 0x01, 0xd5	/* xend */
	try	.byte 0xc6, 0xf8, 0x00	/* xabort */
	try	.byte 0x0f, 0x78, 0xc3	/* vmread */
	try	.byte 0x66, 0x0f, 0xc7, 0x33	/* vmclear */
	try	.byte 0x66, 0x0f, 0x38, 0x80, 0x03	/* invept */
	try	.byte 0x0f, 0x37	/* getsec */
	try	.byte 0x0f, 0xaa	/* rsm */
	try	.byte 0x0f, 0xff, 0xc0	/* ud0 */
	try	.byte 0x0f, 0xb9, 0xc0	/* ud1 */
	try	.byte 0xf0, 0x0f, 0xa2	/* lock_cpuid */
	try	.byte 0xf3, 0x0f, 0x1b, 0x03	/* bndmk */
	try	.byte 0x0f, 0x38, 0xf9, 0x03	/* movdiri */
	try	.byte 0xf2, 0x0f, 0x01, 0xca	/* erets */
	try	.byte 0xf2, 0x0f, 0x00, 0xf0	/* lkgs */
	.endr

/* RF, loaded by IRET, is for one instruction: CPUID meets no breakpoint and clears it. */
case rf_cpuid 64 long64.0 dr7=0x401
	leaq	1f(%rip), %rcx
	movq	%rcx, %dr0
	movq	%rsp, %rdx
	movl	%ss, %eax
	pushq	%rax
	pushq	%rdx
	pushq	$0x10002
	movl	%cs, %eax
	pushq	%rax
	pushq	%rcx
	iretq
1:	cpuid
	forget
	nop

/* Registers as operands, and flags that RDRAND and RDSEED clear. */
case forms_regs 64 long64.0
	movq	$-1, %r12
	sldt	%r12d
	movq	$-1, %r13
	smsw	%r13w
	movq	$-1, %r14
	str	%r14
	movq	$-1, %r15
	smsw	%r15
	movq	$-1, %r8
	rdrand	%r8w
	setc	%al
	shrq	$16, %r8
	movq	$-1, %r9
	rdseed	%r9d
	setc	%cl
	shrq	$32, %r9
	movl	$MSR_TSC_AUX, %ecx
	movl	$0x12345678, %eax
	xorl	%edx, %edx
	wrmsr
	movq	$-1, %rcx
	movq	$-1, %rax
	movq	$-1, %rdx
	rdtscp
	shrq	$32, %rax
	shrq	$32, %rdx
	movq	%rcx, %r11
	movl	$MSR_TSC_AUX, %ecx
	movq	%rax, %r10
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
case forms_rdrand_flags 64 long64.0 flags=0x8d5
	rdrand	%eax
	movl	$0, %eax
case forms_rdseed_flags 64 long64.0 flags=0x8d5
	rdseed	%rcx
	movl	$0, %ecx
case forms_cr8 64 long64.0
	movl	$5, %eax
	movq	%rax, %cr8
	movq	$-1, %rbx
	movq	%cr8, %rbx
	.byte	0x48, 0x44, 0x0f, 0x20, 0xc1
	movl	$0, %eax
	movq	%rax, %cr8
	movl	$5, %esp
	movq	%rsp, %cr8
	movq	%cr8, %rsp
	movq	%rsp, %rdx
	movq	%rax, %cr8
	try	.byte 0xf0, 0x0f, 0x20, 0xc0
	try	.byte 0x66, 0x44, 0x0f, 0x20, 0xc1
	try	.byte 0x44, 0x0f, 0x20, 0x01
	try	.byte 0x44, 0x0f, 0x20, 0xc9
	movl	$WINDOW + WINDOW_SP, %esp
case forms_rsp 64 long64.0
	movq	%cr0, %rsp
	movq	%rsp, %rax
	movq	%rsp, %cr0
	movq	%cr3, %rsp
	movq	%rsp, %cr3
	movq	%cr4, %rsp
	movq	%rsp, %cr4
	movq	%rsp, %rcx
	movl	$0xe, %esp
	lmsw	%sp
	smsw	%rsp
	movq	%rsp, %rdx
	movl	$WINDOW + WINDOW_SP, %esp
	movq	%rax, %cr0
	movq	%dr7, %rsp
	movq	%rsp, %dr7
	movq	%rsp, %rbx
	movl	$WINDOW + WINDOW_SP, %esp

	.section .note.GNU-stack, "", @progbits
