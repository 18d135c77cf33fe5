/* SPDX-License-Identifier: GPL-2.0-only */
/* One stub for each vector: make frames alike, save registers, go to C. */
#include "trap.h"

	.text
	.globl	trap_stubs
	.balign	TRAP_STUB_BYTES
trap_stubs:
	vector = 0
	.rept	TRAP_VECTORS
	.balign	TRAP_STUB_BYTES
	/* Vectors for which the CPU pushes an error code itself. */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	vector = vector + 1
	.endr

trap_common:
	.irp	reg, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	pushq	%\reg
	.endr
	movq	%rsp, %rdi
	cld
	andq	$-16, %rsp
	call	trap

	.section .note.GNU-stack, "", @progbits
