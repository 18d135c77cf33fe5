/* SPDX-License-Identifier: GPL-2.0-only */
/* instr.c's way from PVH to 64-bit mode, and its exceptions. */
#include "tests/hv/instr.h"
#include "machine/pvh.h"
#include "machine/trap_stubs.h"

	.section .note.pvh, "a", @note
	.balign 4
	.long	4, 4, PVH_NOTE_PHYS32_ENTRY
	.asciz	PVH_NOTE_NAME
	.long	start

	.text
	.code32
	.globl	start
start:
	movl	%eax, start_state
	movl	%ecx, start_state + 4
	movl	%edx, start_state + 8
	movl	%esp, start_state + 12
	movl	%ebp, start_state + 16
	movl	%edi, start_state + 20
	movl	$start_state + 68, %edi
	sldt	4(%edi)
	str	6(%edi)
	movw	%cs, 8(%edi)
	movw	%ss, 10(%edi)
	movw	%ds, 12(%edi)
	movw	%es, 14(%edi)
	movw	%fs, 16(%edi)
	movw	%gs, 18(%edi)
	sgdt	20(%edi)
	sidt	26(%edi)
	movl	$stack_top, %esp
	pushfl
	popl	start_state + 24
	.irp	reg, cr0, cr2, cr3, cr4
	movl	%\reg, %eax
	pushl	%eax
	.endr
	/* Who has touched a debug register gets string I/O one by one. */
	.irp	reg, dr0, dr1, dr2, dr3, dr6, dr7
#ifndef NO_DEBUG_REGISTERS
	movl	%\reg, %eax
#endif
	pushl	%eax
	.endr
	movl	$start_state + 68, %edi
	movl	$10, %ecx
1:	subl	$4, %edi
	popl	(%edi)
	loop	1b
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, start_state + 68
	/* The low 4 GiB onto themselves in pages of 2 MiB. */
	movl	$directories, %edi
	movl	$0x83, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	movl	$directories + 3, %eax
	movl	$pdpt, %edi
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	$pdpt + 32, %edi
	jne	2b
	movl	$pdpt + 3, pml4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$(CR0_PG | CR0_WP | CR0_PE), %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$SEL_CODE, $1f
	.code64
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	%eax, %ds
	movl	%eax, %es
	movl	%ebx, %edi
	call	test
1:	hlt
	jmp	1b

	/* Exceptions: note vector, error code and CR2, go on where `resume' says. */
	make_trap_stubs 33, trap_common
trap_common:
	popq	seen
	popq	seen + 8
	pushq	%rax
	movq	%cr2, %rax
	movq	%rax, seen + 16
	movq	resume, %rax
	testq	%rax, %rax
	jz	2f
	movq	%rax, 8(%rsp)
	movq	$0, resume
2:	popq	%rax
	iretq

	.data
	.balign	16
	.globl	gdt, gdt_end
gdt:	.quad	0
	.quad	0x00af9b000000ffff		/* SEL_CODE */
	.quad	0x00cf93000000ffff		/* SEL_DATA */
	.quad	0, 0				/* SEL_LDT */
	.quad	0, 0				/* SEL_TSS */
	.quad	0, 0				/* SEL_ABSENT */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

	.bss
	.balign	4096
	.globl	pml4, pdpt, directories
pml4:	.skip	4096
pdpt:	.skip	4096
directories:
	.skip	4 * 4096
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
