/* SPDX-License-Identifier: GPL-2.0-only */
/* One stub for each vector: make frames alike, save registers, go to C. */
#include "trap.h"
#include "x86.h"

	.text
	.globl	trap_stubs
	.balign	TRAP_STUB_BYTES
trap_stubs:
	vector = 0
	.rept	TRAP_VECTORS
	.balign	TRAP_STUB_BYTES
	.if	!HAS_ERROR_CODE(vector)
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
