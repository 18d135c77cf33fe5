/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a processor begins after INIT and SIPI: in real mode, in a page below 1 MiB
 * to which this is copied. There is one at a time.
 */
#include "hv/boot/long_mode.h"
#include "hv/smp/start.h"

	.section .rodata
	.globl	trampoline, trampoline_tables, trampoline_gdt, trampoline_end
	.code16
trampoline:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	enter_long_mode "trampoline_tables - trampoline"
	lgdtl	trampoline_gdt - trampoline
	ljmpl	$SELECTOR_CODE, $arrived
/* The first processor's, which the copy has. */
trampoline_tables:
	.quad	0
trampoline_gdt:
	.skip	10
trampoline_end:

	.text
	.code64
arrived:
	load_data_segments
	movq	starting, %rdi
	leaq	CPU_STACK_BYTES(%rdi), %rsp
	call	processor_main			/* does not return */
	ud2

	.section .note.GNU-stack, "", @progbits
