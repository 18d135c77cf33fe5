/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults of hv itself: save the registers, go to C. */
#include "hv/boot/trap.h"

	.text
	make_trap_stubs TRAP_VECTORS, trap_common

trap_common:
	push_trap_registers
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	cld
	andq	$-16, %rsp
	call	trap
	movq	%rbp, %rsp
	return_from_trap

	.section .note.GNU-stack, "", @progbits
