/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where exceptions and interrupts of 64-bit mode arrive, in hv as in the guest, and
 * the frame that they leave for C.
 *
 * Source: Intel SDM volume 3, chapter "Interrupt and Exception Handling", sections
 * "Error Code", "64-Bit Mode Stack Frame".
 */
#pragma once

#define TRAP_STUB_BYTES		12	/* two of PUSH, one of them up to 5 bytes, and JMP */

#ifdef __ASSEMBLER__
#include "machine/x86.h"

/*
 * trap_stubs, one entry point for each vector from 0 on, all of the same size, so
 * that an IDT is filled by counting. A vector that has no error code gets a zero in
 * its place: all frames are alike at \common.
 */
	.macro	make_trap_stubs vectors, common
	.globl	trap_stubs
trap_stubs:
	vector = 0
	.rept	\vectors
	.org	trap_stubs + vector * TRAP_STUB_BYTES
	.if	vector > 31 || !HAS_ERROR_CODE(vector)
	pushq	$0
	.endif
	pushq	$vector
	jmp	\common
	vector = vector + 1
	.endr
	.endm

/* What \common begins with: then RSP points to a struct trap_frame. */
	.macro	push_trap_registers
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	pushq	%\r
	.endr
	.endm

/* And what it ends with, to go on where the frame says. */
	.macro	return_from_trap
	.irp	r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	popq	%\r
	.endr
	addq	$16, %rsp		/* vector and error */
	iretq
	.endm

#else
#include "acct/exit_types.h"		/* u8, u64 */

struct trap_frame {
	u64 rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct trap_frame) == 22 * 8, "15 registers, 2 of the stub, 5 of the CPU");

extern const u8 trap_stubs[][TRAP_STUB_BYTES];

#endif /* __ASSEMBLER__ */
