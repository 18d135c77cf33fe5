/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The peer's handlers, and where a SIPI makes the other processor begin: in real mode, where
 * all its registers are noted, and then in the monitor again.
 *
 * Source: Intel SDM volume 3, section "MP Initialization Protocol Algorithm for MP Systems",
 * table "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT".
 */
#include "tests/agree/agree.h"
#include "tests/agree/peer.h"
#include "tests/agree/stubs.h"
#include "machine/x86.h"

#define STACK_BYTES	8192

	.text
	.code64
	.balign	16
	.globl	peer_stubs
peer_stubs:
	vector_stubs peer_common
peer_common:
	.irp	r, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\r
	.endr
	leaq	9 * 8(%rsp), %rdi
	cld
	call	peer_trap
	.irp	r, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\r
	.endr
	addq	$16, %rsp
	iretq

/* Copied to the page that the SIPI names. */
	.code16
	.globl	peer_stub, peer_stub_end
	.macro	note nr, r
	movl	%\r, %cs:STUB_DWORDS + 4 * \nr
	.endm
	.macro	note_by_eax nr, r
	movl	%\r, %eax
	note	\nr, eax
	.endm
peer_stub:
	n = 0
	.irp	r, eax, ecx, edx, ebx, esp, ebp, esi, edi
	note	n, \r
	n = n + 1
	.endr
	.irp	r, cs, ss, ds, es, fs, gs
	note_by_eax n, \r
	n = n + 1
	.endr
	movw	%cs, %ax
	movw	%ax, %ss
	movl	$STUB_STACK, %esp
	pushfl
	popl	%eax
	note	14, eax
	.irp	r, cr0, cr2, cr3, cr4, dr0, dr1, dr2, dr3, dr6, dr7
	n = n + 1
	note_by_eax n, \r
	.endr
	sgdtl	%cs:STUB_DWORDS + 4 * 26
	sidtl	%cs:STUB_DWORDS + 4 * 28
	movl	$MSR_EFER, %ecx
	rdmsr
	note	25, eax
	orl	$EFER_LME, %eax
	wrmsr
	lgdtl	%cs:pointer - peer_stub
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE64, $arrived
pointer:
	.word	8 * GDT_ENTRIES - 1
	.long	gdt
peer_stub_end:

	.code64
arrived:
	movl	$SEL_DATA, %eax
	.irp	r, ss, ds, es, fs, gs
	movl	%eax, %\r
	.endr
	movq	$judge_stack_top, %rsp
	xorl	%eax, %eax
	xchgq	%rax, peer_first
	testq	%rax, %rax
	jz	1f
	call	*%rax
1:	movq	monitor_cr4, %rax
	movq	%rax, %cr4
	sldt	%ax
	movw	%ax, peer_ldtr
	str	%ax
	movw	%ax, peer_tr
	lidt	idt64_pointer
	andb	$~2, gdt + SEL_TSS64 + 5
	movl	$SEL_TSS64, %eax
	ltr	%ax
	incl	peer_resets
	/* Back to who called enter_long() or enter_legacy(). */
	cmpb	$0, peer_in_long_mode
	jne	finish_long
	jmp	finish_legacy

	.bss
	.balign	16
	.skip	STACK_BYTES
judge_stack_top:
	.globl	peer_first, peer_resets, peer_in_long_mode, peer_ldtr, peer_tr
peer_first:		.skip	8	/* what the processor does when it starts at all */
peer_resets:		.skip	4
peer_ldtr:		.skip	2
peer_tr:		.skip	2
peer_in_long_mode:	.skip	1
	.section .note.GNU-stack, "", @progbits
