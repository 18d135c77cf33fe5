/* SPDX-License-Identifier: GPL-2.0-only */
/* For assembler: how each processor comes to 64-bit code. */
#pragma once

#include "hv/hv.h"
#include "machine/x86.h"

/*
 * Paging by the tables at @tables, from 32-bit protected or from real mode. GDTR, and a
 * far jump to SELECTOR_CODE, follow.
 *
 * Source: Intel SDM volume 3, "Initializing IA-32e Mode".
 */
	.macro	enter_long_mode tables
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	\tables, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE, %eax
	movl	%eax, %cr0
	.endm

/* The first of the 64-bit code. */
	.macro	load_data_segments
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	.endm
