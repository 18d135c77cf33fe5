/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into and out of sequences that do not run in long mode: 16-bit and 32-bit
 * protected mode, virtual-8086 mode, real mode. Their exceptions come here.
 *
 * Sources: Intel SDM volume 3, sections "Switching Out of IA-32e Mode Operation",
 * "Switching Back to Real-Address Mode", "Entering Virtual-8086 Mode".
 */
#include "tests/agree/agree.h"
#include "tests/agree/stubs.h"
#include "machine/x86.h"

#define NR_SP	4		/* of the stack pointer among registers */

	.text
	.code64
/* void enter_legacy(const struct cpu *) */
	.globl	enter_legacy
enter_legacy:
	.irp	r, rbx, rbp, r12, r13, r14, r15
	pushq	%\r
	.endr
	movq	%rsp, legacy_rsp
	/* Nothing until it is back can reach these. */
	n = 8
	.irp	r, r8, r9, r10, r11, r12, r13, r14, r15
	movq	CPU_GPR + 8 * n(%rdi), %\r
	n = n + 1
	.endr
	andb	$~2, gdt + SEL_TSS32 + 5	/* not busy: it is loaded again */
	ljmp	*to_32
	.code32
legacy32:
	movl	$SEL_DATA, %eax
	.irp	r, ss, ds, es
	movl	%eax, %\r
	.endr
	movl	$stack32_top, %esp
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
	movl	CPU_CR4(%edi), %eax
	movl	%eax, %cr4
	movl	CPU_CR3(%edi), %eax
	movl	%eax, %cr3
	movl	CPU_CR0(%edi), %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	movl	$SEL_TSS32, %eax
	ltr	%ax
	testl	$CR0_PE, CPU_CR0(%edi)
	jz	to_real
	lidt	idt32_pointer
	testl	$RFLAGS_VM, CPU_FLAGS(%edi)
	jnz	to_v86
	movw	CPU_DS(%edi), %ds
	movw	%cs:CPU_ES(%edi), %es
	movw	%cs:CPU_FS(%edi), %fs
	movw	%cs:CPU_GS(%edi), %gs
	testl	$3, %cs:CPU_CS(%edi)
	jnz	1f
	/* No change of stacks: the frame goes where the sequence's stack is. */
	movw	%cs:CPU_SS(%edi), %ss
	movl	%cs:CPU_GPR + 8 * NR_SP(%edi), %esp
	jmp	2f
to_v86:
	pushl	CPU_GS(%edi)
	pushl	CPU_FS(%edi)
	pushl	CPU_DS(%edi)
	pushl	CPU_ES(%edi)
1:	pushl	%cs:CPU_SS(%edi)
	pushl	%cs:CPU_GPR + 8 * NR_SP(%edi)
2:	pushl	%cs:CPU_FLAGS(%edi)
	pushl	%cs:CPU_CS(%edi)
	pushl	%cs:CPU_IP(%edi)
	.macro	load_registers base
	movl	%cs:\base + CPU_GPR + 8 * 0(%edi), %eax
	movl	%cs:\base + CPU_GPR + 8 * 1(%edi), %ecx
	movl	%cs:\base + CPU_GPR + 8 * 2(%edi), %edx
	movl	%cs:\base + CPU_GPR + 8 * 3(%edi), %ebx
	movl	%cs:\base + CPU_GPR + 8 * 5(%edi), %ebp
	movl	%cs:\base + CPU_GPR + 8 * 6(%edi), %esi
	movl	%cs:\base + CPU_GPR + 8 * 7(%edi), %edi
	.endm
	load_registers 0
	iretl

	.balign	16
	.globl	stubs32
stubs32:
	vector_stubs common32
common32:
	pushal
	.irp	r, ds, es, fs, gs, ss
	movl	%\r, %eax
	pushl	%eax
	.endr
	/* Where the stack's segment begins at the window, the same bytes by a flat one. */
	movl	$SEL_DATA, %ebx
	movl	%ebx, %ds
	movl	%ebx, %es
	movl	%esp, %ebp
	cmpl	$SEL_DATA16, %eax
	jne	1f
	movzwl	%sp, %ebp
	addl	$WINDOW, %ebp
1:	movl	%ebx, %ss
	movl	%ebp, %esp
	cld
	pushl	%ebp
	call	trap32
	addl	$4, %esp
	testb	%al, %al
	jnz	finish32
	popl	%eax
	cmpl	$SEL_DATA16, %eax
	jne	1f
	subl	$WINDOW, %esp
1:	movl	%eax, %ss
	popl	%gs
	popl	%fs
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp
	iretl

/* Back to who called enter_legacy(); IRET lets NMIs in again there. */
finish32:
	movl	$SEL_DATA, %eax
	.irp	r, fs, gs
	movl	%eax, %\r
	.endr
	movl	%cr0, %eax
	movl	%eax, watch_end + CPU_CR0
	movl	%cr2, %eax
	movl	%eax, watch_cr2
	movl	%cr3, %eax
	movl	%eax, watch_end + CPU_CR3
	movl	%cr4, %eax
	movl	%eax, watch_end + CPU_CR4
finish32_after:
	/* No way leads to long mode with a TSS of 16 bits. What the descriptor says stays. */
	movb	gdt + SEL_TSS32 + 5, %cl
	andb	$~2, gdt + SEL_TSS32 + 5
	movl	$SEL_TSS32, %eax
	ltr	%ax
	movb	%cl, gdt + SEL_TSS32 + 5
	movl	$(CR0_PE | CR0_ET | CR0_NE), %eax
	movl	%eax, %cr0
	movl	monitor_cr4, %eax
	movl	%eax, %cr4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	monitor_cr0, %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE64, $1f
	.code64
1:	n = 8
	.irp	r, r8, r9, r10, r11, r12, r13, r14, r15
	movq	%\r, watch_end + CPU_GPR + 8 * n
	n = n + 1
	.endr
	lidt	idt64_pointer
	andb	$~2, gdt + SEL_TSS64 + 5
	movl	$SEL_TSS64, %eax
	ltr	%ax
	.globl	finish_legacy
finish_legacy:
	movl	$SEL_DATA, %eax
	.irp	r, ds, es, fs, gs
	movl	%eax, %\r
	.endr
	movq	legacy_rsp, %rsp
	pushq	$RFLAGS_FIXED		/* without NT */
	popfq
	movq	%rsp, %rdx
	pushq	%rax
	pushq	%rdx
	pushq	$RFLAGS_FIXED
	pushq	$SEL_CODE64
	pushq	$1f
	iretq
1:	.irp	r, r15, r14, r13, r12, rbp, rbx
	popq	%\r
	.endr
	ret

/* The struct cpu has been copied to LOW, where CS reaches it. */
	.code32
to_real:
	lidt	ivt_pointer
	movl	$SEL_DATA16, %eax
	.irp	r, ds, es, fs, gs, ss
	movl	%eax, %\r
	.endr
	ljmp	$SEL_LOW16, $real_16 - low_start

/* In real mode an exception comes by stubs16; what notes it is 32-bit code. */
real_trap32:
	movl	$SEL_DATA, %eax
	.irp	r, ds, es, ss
	movl	%eax, %\r
	.endr
	movl	$stack32_top, %esp
	pushl	%ebp
	call	trap_real
	testb	%al, %al
	jnz	finish32
	movl	$SEL_DATA16, %edx
	.irp	r, ds, es, ss
	movl	%edx, %\r
	.endr
	ljmp	$SEL_LOW16, $real_return - low_start

/* Copied to LOW. */
	.code16
	.globl	low_start, low_end, stubs16
	.balign	8
low_start:
real_16:
	movl	%cr0, %eax
	andb	$~CR0_PE, %al
	movl	%eax, %cr0
	ljmp	$LOW_PARAGRAPH, $1f - low_start
1:	xorl	%edi, %edi
	movw	%cs:LOW_CPU + CPU_DS, %ds
	movw	%cs:LOW_CPU + CPU_ES, %es
	movw	%cs:LOW_CPU + CPU_FS, %fs
	movw	%cs:LOW_CPU + CPU_GS, %gs
	movw	%cs:LOW_CPU + CPU_SS, %ss
	movl	%cs:LOW_CPU + CPU_GPR + 8 * NR_SP, %esp
	pushl	%cs:LOW_CPU + CPU_FLAGS
	pushl	%cs:LOW_CPU + CPU_CS
	pushl	%cs:LOW_CPU + CPU_IP
	load_registers LOW_CPU
	iretl
	.balign	8
stubs16:
	vector = 0
	.rept	VECTORS
	pushw	$vector
	jmp	common16
	.balign	8
	vector = vector + 1
	.endr
common16:
	pushal
	pushw	%ds
	pushw	%es
	pushw	%fs
	pushw	%gs
	pushw	%ss
	/* EBP: the frame's linear address. What 16-bit code must find again goes by EBX. */
	movzwl	%sp, %ebp
	xorl	%eax, %eax
	movw	%ss, %ax
	shll	$4, %eax
	addl	%eax, %ebp
	movl	%esp, %ebx
	movl	%cr0, %eax
	orb	$CR0_PE, %al
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $real_trap32
real_return:
	movl	%cr0, %eax
	andb	$~CR0_PE, %al
	movl	%eax, %cr0
	ljmp	$LOW_PARAGRAPH, $1f - low_start
1:	movzwl	%bx, %eax
	subl	%eax, %ebp
	shrl	$4, %ebp
	movw	%bp, %ss
	movl	%ebx, %esp
	popw	%ax			/* SS, which it is */
	popw	%gs
	popw	%fs
	popw	%es
	popw	%ds
	popal
	addw	$2, %sp
	iretw
low_end:

	.data
	.balign	8
to_32:	.long	legacy32
	.word	SEL_CODE32
	.balign	8
	.globl	idt32_pointer, ivt_pointer, idt64_pointer
idt32_pointer:
	.word	8 * VECTORS - 1
	.quad	idt32
ivt_pointer:
	.word	4 * VECTORS - 1
	.quad	LOW + LOW_IVT
idt64_pointer:
	.word	16 * VECTORS - 1
	.quad	idt64
	.bss
	.balign	8
legacy_rsp:	.skip	8
	.section .note.GNU-stack, "", @progbits
