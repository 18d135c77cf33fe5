/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest of several vCPUs: entry of the first by PVH, of the others by SIPI, all to 64-bit
 * code on stacks of their own.
 */
#include "machine/pvh.h"
#include "machine/x86.h"
#include "tests/vcpus/vcpus.h"

#define PTE_TABLE	0x03
#define PTE_2MIB	0x83
#define CODE64		0x08
#define DATA		0x10

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, PVH_NOTE_PHYS32_ENTRY
	.asciz PVH_NOTE_NAME
	.long start

	.macro	enter_long_mode
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$CR0_PG | CR0_PE | CR0_ET | CR0_NE, %eax
	movl	%eax, %cr0
	.endm

	.macro	load_data_segments
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	.endm

	.text
	.code32
	.globl	start
start:
	cli
	cld
	movl	%ebx, %esi			/* start info */
	movl	$pd, %edi			/* the low 4 GiB one to one */
	movl	$PTE_2MIB, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	movl	$pd + PTE_TABLE, %eax
	movl	$pdpt, %edi
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	$pdpt + 4 * 8, %edi
	jne	2b
	movl	$pdpt + PTE_TABLE, pml4
	enter_long_mode
	lgdt	gdt_pointer
	ljmp	$CODE64, $3f
	.code64
3:	load_data_segments
	leaq	stacks + STACK_BYTES, %rsp
	movq	%rsi, %rdi
	call	first_main
	ud2

	.code16
	.globl	trampoline, trampoline_end
trampoline:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	enter_long_mode
	lgdtl	pointer - trampoline
	ljmpl	$CODE64, $arrived
pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
trampoline_end:

	.code64
arrived:
	load_data_segments
	movl	$1, %edi			/* the first comes first */
	lock xaddl %edi, arrivals
	incl	%edi
	movl	%edi, %eax
	incl	%eax
	imull	$STACK_BYTES, %eax
	leaq	stacks(%rax), %rsp
	call	other_main
	ud2

	.section .rodata
	.balign 8
gdt:	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

	.bss
	.globl	arrivals
arrivals:
	.skip	4
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4 * 4096
stacks:	.skip	MAX_CPUS * STACK_BYTES

	.section .note.GNU-stack, "", @progbits
