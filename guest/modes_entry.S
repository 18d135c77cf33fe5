/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Other modes: the ways there, the loop that runs there, and the way
 * back. EDI (RDI) points to the requests, ESI is their number, all the way.
 *
 * Sources: Intel SDM volume 3, sections "Switching Out of IA-32e Mode",
 * "Switching Back to Real-Address Mode", "Returning from a Called Procedure",
 * "Entering Virtual-8086 Mode", "Leaving Virtual-8086 Mode".
 */
#include "guest/modes.h"
#include "guest/selectors.h"
#include "machine/x86.h"

/* The same source for 32-bit and 16-bit code: the assembler adds the prefixes. */
	.macro	cpuid_loop
1:	movl	$POISON, %ebx
	movl	%ebx, %edx
	movl	REQUEST_LEAF(%edi), %eax
	movl	REQUEST_SUBLEAF(%edi), %ecx
	cpuid
	movl	%eax, REQUEST_RAX(%edi)
	movl	%ebx, REQUEST_RBX(%edi)
	movl	%ecx, REQUEST_RCX(%edi)
	movl	%edx, REQUEST_RDX(%edi)
	addl	$REQUEST_SIZE, %edi
	decl	%esi
	jnz	1b
	.endm

	.macro	cpuid_loop64
	movabsq	$POISON << 32, %r8
1:	movl	REQUEST_LEAF(%rdi), %eax
	movl	REQUEST_SUBLEAF(%rdi), %ecx
	movl	$POISON, %ebx
	orq	%r8, %rax
	orq	%r8, %rcx
	orq	%r8, %rbx
	movq	%rbx, %rdx
	cpuid
	movq	%rax, REQUEST_RAX(%rdi)
	movq	%rbx, REQUEST_RBX(%rdi)
	movq	%rcx, REQUEST_RCX(%rdi)
	movq	%rdx, REQUEST_RDX(%rdi)
	addq	$REQUEST_SIZE, %rdi
	decl	%esi
	jnz	1b
	.endm

	.macro	change_cr0 operation, bits
	movl	%cr0, %eax
	\operation \bits, %eax
	movl	%eax, %cr0
	.endm

	.macro	load_data selector
	movl	\selector, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	.endm

/*
 * void mode_enter(requests, n, cs, offset): go to cs:offset, which comes back
 * through mode_back. By IRET, which reaches CPL 3 as well as CPL 0.
 */
	.text
	.code64
	.globl mode_enter
mode_enter:
	.irp	r, rbx, rbp, r12, r13, r14, r15
	pushq	%\r
	.endr
	movq	%rsp, rsp_back
	movl	$SEL_DATA, %eax
	testl	$3, %edx
	jz	1f
	movl	$SEL_USER_DATA, %eax
1:	movl	%eax, %ds
	movl	%eax, %es
	pushq	%rax
	pushq	rsp_back
	pushq	$2			/* RFLAGS: no interrupts */
	pushq	%rdx
	pushq	%rcx
	iretq

	.globl mode_back
mode_back:
	load_data $SEL_DATA
	movq	rsp_back, %rsp
	.irp	r, r15, r14, r13, r12, rbp, rbx
	popq	%\r
	.endr
	ret

	.globl mode_64, mode_64_cpl3
mode_64:
	cpuid_loop64
	jmp	mode_back
mode_64_cpl3:
	cpuid_loop64
	int	$VECTOR_BACK

	.code32
	.globl mode_32, mode_32_cpl3, mode_protected, mode_real, mode_v86, v86_back
mode_32:
	cpuid_loop
	ljmp	$SEL_CODE64, $mode_back
mode_32_cpl3:
	cpuid_loop
	int	$VECTOR_BACK

/* EFER.LME stays set: with paging, long mode comes back by itself. */
mode_protected:
	change_cr0 andl, $~CR0_PG
	cpuid_loop
protected_back:
	change_cr0 orl, $CR0_PG
	ljmp	$SEL_CODE64, $mode_back

mode_real:
	change_cr0 andl, $~CR0_PG
	ljmp	$SEL_LOW16, $0
real_back:
	load_data $SEL_DATA
	jmp	protected_back

/* Long mode has no virtual-8086 mode. All data segments and the stack begin at 0. */
mode_v86:
	change_cr0 andl, $~CR0_PG
	.rept	6			/* GS, FS, DS, ES, SS, ESP */
	pushl	$0
	.endr
	pushl	$(RFLAGS_FIXED | RFLAGS_VM | RFLAGS_IOPL3)	/* or else INT would be a #GP */
	pushl	$LOW_CODE >> 4
	pushl	$v86_start - real_start
	iretl
v86_back:
	load_data $SEL_DATA
	jmp	protected_back

/*
 * A task switch and the way back, by the code whose address is in ESI. The new
 * task is left with EBX = 0, which is then in its TSS.
 */
	.globl mode_task, task_by_jmp, task_by_call, task_by_gate
mode_task:
	change_cr0 andl, $~CR0_PG
	movl	$SEL_TSS_OLD, %eax
	ltr	%ax
	movl	$TASK_OLD_EBX, %ebx
	jmp	*%esi
task_by_jmp:
	ljmp	$SEL_TSS_NEW, $0
	jmp	task_back
task_by_call:
	lcall	$SEL_TSS_NEW, $0
	jmp	task_back
task_by_gate:
	int	$VECTOR_TASK
task_back:
	movl	%ebx, task_kept
	clts				/* the switches have set it */
	jmp	protected_back

	.macro	task_looks_round
	movl	%ebx, task_loaded
	pushfl
	popl	task_eflags
	xorl	%ebx, %ebx
	.endm

	.globl task_jumps_back, task_returns
task_jumps_back:
	task_looks_round
	ljmp	$SEL_TSS_OLD, $0
task_returns:
	task_looks_round
	iretl

/* Near jumps of 16-bit code reach 64 KiB: its segments begin here. */
	.code16
	.globl code16_start, mode_16, mode_16_cpl3
code16_start:
mode_16:
	cpuid_loop
	ljmpl	$SEL_CODE64, $mode_back
mode_16_cpl3:
	cpuid_loop
	int	$VECTOR_BACK

/* Copied to LOW_CODE, where real and virtual-8086 mode reach it. */
	.globl real_start, real_end
real_start:
	load_data $SEL_DATA16
	change_cr0 andl, $~CR0_PE
	ljmp	$LOW_CODE >> 4, $2f - real_start
2:	load_data $0
	cpuid_loop
	change_cr0 orl, $CR0_PE
	ljmpl	$SEL_CODE32, $real_back
v86_start:
	cpuid_loop
	int	$VECTOR_BACK
real_end:

	.bss
	.balign 8
rsp_back:	.skip 8
	.globl task_loaded, task_kept, task_eflags
task_loaded:	.skip 4
task_kept:	.skip 4
task_eflags:	.skip 4
	.section .note.GNU-stack, "", @progbits
