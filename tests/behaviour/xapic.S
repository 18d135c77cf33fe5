/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of the local APIC's page, and of events that its registers raise.
 *
 * Source: Intel SDM volume 3, section "Local APIC Register Address Map".
 */
#include "tests/behaviour/cases.h"

/* The local APIC's page by every way to reach memory: version and task priority. */
#define TPR_ADDRESS	(APIC_PAGE + 0x80)
#define TPR		(%ebp)
	.macro	apic_start
	movl	$TPR_ADDRESS, %ebp
	movl	$0x50, TPR
	.endm
	.macro	apic_end
	movl	TPR, %edx
	movl	$0, TPR
	.endm
	.set	data, DATA		/* the preprocessor does not look into quotes */
	.macro	apic name:req insns:req
	.irp	m, long64.0, prot32.0
	.ifc	\m, long64.0
case apic_\name 64 \m touches=CASE_XAPIC
	.else
case apic_\name 32 \m touches=CASE_XAPIC
	.endif
	apic_start
	movl	%ebp, %esi
	movl	%ebp, %edi
	movl	$0x35, %eax
	\insns
	apic_end
	.endr
	.endm
	apic	mov_to, "movl %eax, (%esi)"
	apic	mov_from, "movl (%esi), %eax"
	apic	lods, "lodsl"
	apic	stos, "stosl"
	apic	movs_from, "movl $data, %edi; movsl"
	apic	movs_to, "movl $data, %esi; movl $0x44, data; movsl"
	apic	cmps, "movl $data, %edi; movl $0x50, data; cmpsl"
	apic	scas, "movl $0x50, %eax; scasl"
	apic	or, "orl $5, (%esi)"
	apic	and, "andl $0x10, (%esi)"
	apic	add, "addl %eax, (%esi)"
	apic	cmp, "cmpl $0x50, (%esi)"
	apic	test, "testl $0x10, (%esi)"
	apic	not, "notl (%esi)"
	apic	inc, "incl (%esi)"
	apic	xchg, "xchgl %eax, (%esi)"
	apic	xadd, "xaddl %eax, (%esi)"
	apic	cmpxchg, "movl $0x50, %eax; movl $0x66, %ecx; cmpxchgl %ecx, (%esi)"
	apic	cmov, "testl %eax, %eax; cmovnzl (%esi), %eax"
	apic	cmov_not, "testl %eax, %eax; cmovzl (%esi), %eax"
	apic	shl, "shll $1, (%esi)"
	apic	bts, "btsl $1, (%esi)"
	apic	bt, "btl $4, (%esi)"
	apic	imul, "imull $3, (%esi), %eax"
	apic	version, "movl -0x50(%ebp), %eax; andl $0xff, %eax"
/* Registers that there are not; those that cannot be written, or not be read, are some. */
	.macro	apic_esr name:req insn:req
case apic_esr_\name 64 long64.0 touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebx
	\insn
	xorl	%eax, %eax
	movl	%eax, 0x280(%rbx)
	movl	0x280(%rbx), %esi
	movl	%eax, 0x280(%rbx)
	.endm
	.irp	n, 0, 0x10, 0x40, 0x70, 0x90, 0xb0, 0x290, 0x3a0, 0x3d0, 0x3f0, 0x400
	apic_esr from_\n, "movl \n(%rbx), %eax"
	apic_esr to_\n, "movl %eax, \n(%rbx)"
	.endr
	apic_esr step, "movd 0x40(%rbx), %mm0"
/* A shift by nothing reads the register and does not write it, one that changes nothing does. */
	.irp	n, 0, 1, 32
	apic_esr shl_imm_\n, "movl 0x40(%rbx), %eax; .byte 0xc1, 0xa3; .long 0x280; .byte \n"
	apic_esr rcr_cl_\n, "movl 0x40(%rbx), %eax; movl $\n, %ecx; clc; rcrl %cl, 0x280(%rbx)"
	apic_esr shld_imm_\n, "movl 0x40(%rbx), %eax; shldl $\n, %eax, 0x280(%rbx)"
	apic_esr shrd_cl_\n, "movl 0x40(%rbx), %eax; movl $\n, %ecx; shrdl %cl, %eax, 0x280(%rbx)"
	.endr
	apic_esr sar_1, "movl 0x40(%rbx), %eax; sarl 0x280(%rbx)"
/*
 * What is no write of four bytes at a register is none, and between registers all ones are read,
 * whether hv carries it out or the processor. Bochs itself stops there: only when named.
 */
	.irp	f, 0, RFLAGS_TF
	.ifc	\f, 0
case apic_odd 64 long64.0 touches=CASE_XAPIC|CASE_ALONE
	.else
case apic_odd_step 64 long64.0 flags=\f touches=CASE_XAPIC|CASE_ALONE
	.endif
	movl	$TPR_ADDRESS, %ebx
	movl	$0x50, (%rbx)
	movl	$0x22222222, %eax
	movb	%al, (%rbx)
	movw	%ax, (%rbx)
	movl	%eax, 1(%rbx)
	movq	%rax, (%rbx)
	movups	%xmm0, (%rbx)
	movq	(%rbx), %rsi
	movq	(%rbx), %mm0
	movq	%mm0, %rdi
	movd	0x380(%rbx), %mm0
	movd	%mm0, %ecx
	movl	(%rbx), %edx
	movl	$0, (%rbx)
	.endr
	/* A part of a register, and an interrupt from itself by each way that writes. */
	apic	byte, "movb (%esi), %al"
	apic	byte_3, "movb 3(%esi), %al"
	apic	word, "movw (%esi), %ax"
	apic	word_2, "movw 2(%esi), %ax"
	apic	movzx, "movzbl (%esi), %eax"
	apic	movsx, "movsbl 1(%esi), %eax"
	apic	lods_byte, "lodsb"
	apic	scas_word, "scasw"
	.macro	apic_ipi name:req insns:req
	.irp	m, long64.0, prot32.0
	.ifc	\m, long64.0
case apic_ipi_\name 64 \m touches=CASE_XAPIC
	.else
case apic_ipi_\name 32 \m touches=CASE_XAPIC
	.endif
	movl	$APIC_PAGE + 0xf0, %edi
	movl	$0x15f, (%edi)		/* enabled by software, which firmware may have done */
	movl	$APIC_PAGE + 0x300, %edi
	movl	$0x40041, %eax
	\insns
	sti
	nop
	nop
	cli
	movl	$0, %edi
	.endr
	.endm
	apic_ipi mov, "movl %eax, (%edi)"
	apic_ipi mov_imm, "movl $0x40041, (%edi)"
	apic_ipi stos, "stosl"
	apic_ipi movs, "movl $data, %esi; movl %eax, data; movsl"
	apic_ipi xchg, "xchgl %eax, (%edi)"
	.irp	m, prot32.0, prot32.3, long32.0
case apic_push 32 \m touches=CASE_XAPIC
	apic_start
	pushl	TPR
	popl	%eax
	apic_end
case apic_pop 32 \m touches=CASE_XAPIC
	apic_start
	pushl	$0x30
	popl	TPR
	apic_end
	.endr

/* An interrupt at CPL 3, on a stack that is not aligned. */
case interrupt_unaligned 32 prot32.3 interrupt_to_cpl3 RFLAGS_AC|RFLAGS_IF touches=CASE_XAPIC
	.globl	interrupt_in_cpl3, interrupt_in_cpl3_code
interrupt_in_cpl3_code:
	movl	$APIC_PAGE, %ebp
	movl	$0x15f, 0xf0(%ebp)
	movl	$WINDOW + WINDOW_SP - 2, %esp
	movl	$0x40000 | GATE_TO_CPL3, 0x300(%ebp)
	nop
	nop
	nop
	try	nop
	nop
	nop
	ud2
interrupt_in_cpl3:
	movl	$0x77, %ebx
	ud2

/* A load of SS that the processor does on a private page: the interrupt comes an instruction
 * later. The selector is what TPR reads as; TPR is 0 when the next case begins.
 */
case shadow_mov_ss_apic 32 prot32.0 touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebp
	movl	$0x15f, 0xf0(%ebp)
	movl	$SEL_DATA, 0x80(%ebp)
	movl	$0x40041, 0x300(%ebp)
	sti
	movw	0x80(%ebp), %ss
	nop
	nop
	cli
	movl	$0, 0x80(%ebp)
	xorl	%ebp, %ebp

/* So do the trap of a single step, and of a breakpoint. */
case step_mov_ss_apic 32 prot32.0 flags=RFLAGS_TF touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebp
	movl	%ss, %edx
	movl	%edx, 0x80(%ebp)
	movw	0x80(%ebp), %ss
	nop
	nop
	movl	$0, 0x80(%ebp)
case break_mov_ss_apic 32 prot32.0 dr7=0x30402 dr0=APIC_PAGE+0x80 touches=CASE_XAPIC
	movl	$SEL_DATA, %edx
	movl	%edx, APIC_PAGE + 0x80
	movw	APIC_PAGE + 0x80, %ss
	nop
	nop
	movl	$0, APIC_PAGE + 0x80

/* As one of ten pages that an instruction touches: four elements lie across two each. */
	.pushsection .rodata
	.balign	4
gather_offsets:
	.irp	n, 0, 1, 2, 3
	.long	HOLE_START + 0xffe + \n * 0x2000 - APIC_PAGE
	.endr
	.long	TPR_ADDRESS - APIC_PAGE, TPR_ADDRESS - APIC_PAGE, 0xe0, NOWHERE - APIC_PAGE
	.popsection
case apic_gather 64 long64.0 touches=CASE_XAPIC
	apic_start
	movq	%cr4, %rsi
	movq	%rsi, %rax
	orl	$CR4_OSXSAVE, %eax
	movq	%rax, %cr4
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$7, %eax
	xsetbv
	movl	$APIC_PAGE, %edi
	vmovdqu	gather_offsets, %ymm1
	vpcmpeqd %ymm2, %ymm2, %ymm2
	vpgatherdd %ymm2, (%rdi, %ymm1), %ymm0
	vmovdqu	%ymm0, DATA
	vzeroall
	movl	$1, %eax
	xsetbv
	movq	%rsi, %cr4
	apic_end

	.section .note.GNU-stack, "", @progbits
