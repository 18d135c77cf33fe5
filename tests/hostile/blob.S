/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.S as data. */
	.section .rodata
	.globl	kernel_start, kernel_end
	.balign	8
kernel_start:
	.incbin	KERNEL_FILE
kernel_end:
	.section .note.GNU-stack, "", @progbits
