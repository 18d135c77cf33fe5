/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#include "tests/agree/agree.h"
#include "machine/x86.h"

/*
 * vector_stubs - a handler for each vector, 16 bytes apart, for code of 64 or of 32 bits
 * @common: where they go, with the vector on the stack, and behind it an error code: 0 where
 *	    the processor pushes none
 */
	.macro	vector_stubs common
	vector = 0
	.rept	VECTORS
	.balign	16
	.if	vector > 31 || !HAS_ERROR_CODE(vector & 31)
	push	$0
	.endif
	push	$vector
	jmp	\common
	vector = vector + 1
	.endr
	.endm
