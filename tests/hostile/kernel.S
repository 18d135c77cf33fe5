/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel of a hostile guest: brings the CPU into the mode that is wanted,
 * and begins one slot of code after the other. Whatever comes out of a slot, an
 * exception, an interrupt, a system call, begins the next one, with the
 * registers that struct block has for it. It trusts nothing that a slot may
 * have changed, as far as the mode allows.
 *
 * Flat, at KERNEL; entered at its first byte in 32-bit protected mode. image.c
 * reads the addresses behind that.
 */
#include "tests/hostile/layout.h"
#include "machine/machine.h"

	.text
	.code32
	.globl	kernel
kernel:
	jmp	start
	.balign	8
	.long	bump32, irq32, bump64, irq64, bump16, irq16, task
	.long	enter64, enter16

start:
	movl	$KERNEL_STACK, %esp
	lgdt	P_GDTR
	ljmp	$SEL_CODE32, $1f
1:	movl	$SEL_DATA32, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs
	lidt	P_IDTR
	lldt	P_LDTR
	movw	P_TR, %ax
	testw	%ax, %ax
	jz	1f
	ltr	%ax
1:	movl	$P_STORES, %esi
	movl	P_NR_STORES, %ebx
2:	decl	%ebx
	js	3f
	movl	(%esi), %edi
	movl	4(%esi), %eax
	movl	%eax, (%edi)
	addl	$8, %esi
	jmp	2b
3:	movl	P_CR4, %eax
	movl	%eax, %cr4
	movl	P_CR3, %eax
	movl	%eax, %cr3
	movl	$P_MSRS, %esi
	movl	P_NR_MSRS, %ebx
4:	decl	%ebx
	js	5f
	movl	(%esi), %ecx
	movl	4(%esi), %eax
	movl	8(%esi), %edx
	wrmsr
	addl	$12, %esi
	jmp	4b
5:	movl	P_ENTRY, %ebx
	movl	P_CR0, %eax
	movl	%eax, %cr0
	jmp	*%ebx

the_end:
	movb	$END_CODE, %al
	outb	%al, $MACHINE_EXIT_PORT
1:	jmp	1b

	/* 32 bits, by interrupt gates. SS may be anybody's if the slot has CPL 0. */
irq32:
	movl	$SEL_DATA32, %eax
	movl	%eax, %ds
	movl	P_EOI, %eax
	cmpl	$EOI_PAGE, %eax
	jne	1f
	movl	$0, 0xfee000b0
1:	cmpl	$EOI_MSR, %eax
	jne	bump32
	xorl	%eax, %eax
	xorl	%edx, %edx
	movl	$0x80b, %ecx
	wrmsr
bump32:
	movl	$SEL_DATA32, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$KERNEL_STACK, %esp
	cld
	call	next32
	movl	$P_CURRENT, %esp
	popal
	popl	%gs
	popl	%fs
	popl	%es
	popl	%ds
	testl	$0x20000, %cs:P_CURRENT + B32_FRAME + 8	/* VM: IRET changes the stack, */
	jnz	1f
	testl	$3, %cs:P_CURRENT + B32_FRAME + 4	/* as it does to CPL 3 */
	jnz	1f
	movl	%cs:P_CURRENT + B32_FRAME + 12, %esp
	pushl	%cs:P_CURRENT + B32_FRAME + 8
	pushl	%cs:P_CURRENT + B32_FRAME + 4
	pushl	%cs:P_CURRENT + B32_FRAME
1:	iretl

/* The next block into P_CURRENT. */
next32:
	movl	P_SLOT, %eax
	incl	P_SLOT
	cmpl	P_SLOTS, %eax
	jae	the_end
	andl	$NR_SLOTS - 1, %eax
	shll	$8, %eax
	leal	BLOCKS(%eax), %esi
	movl	$P_CURRENT, %edi
	movl	$B32_SIZE / 4, %ecx
	rep movsl
	ret

/* 32 bits, by task gates: the task that was interrupted goes on at the next slot. */
task:
	movl	$HANDLER_STACK, %esp
	cld
	call	next32
	movl	$P_CURRENT, %esi
	movl	$TSS, %edi
	movl	B32_FRAME(%esi), %eax
	movl	%eax, 32(%edi)			/* EIP */
	movl	B32_FRAME + 8(%esi), %eax
	movl	%eax, 36(%edi)			/* EFLAGS */
	movl	28(%esi), %eax
	movl	%eax, 40(%edi)			/* EAX */
	movl	B32_FRAME + 12(%esi), %eax
	movl	%eax, 56(%edi)			/* ESP */
	movl	B32_FRAME + 4(%esi), %eax
	movl	%eax, 76(%edi)			/* CS */
	movl	$SEL_DATA32, 80(%edi)		/* SS */
	movl	$SEL_DATA32, 84(%edi)		/* DS */
	movl	$SEL_DATA32, 72(%edi)		/* ES */
	movl	P_CR3, %eax
	movl	%eax, 28(%edi)
	movl	$SEL_TSS, HANDLER_TSS		/* back link */
	movb	$0x8b, GDT + SEL_TSS + 5	/* busy */
	pushfl
	orl	$0x4000, (%esp)			/* NT */
	popfl
	iretl
	jmp	task

	.code64
irq64:
	movl	P_EOI, %eax
	cmpl	$EOI_PAGE, %eax
	jne	1f
	movl	$0xfee000b0, %eax
	movl	$0, (%rax)
1:	cmpl	$EOI_MSR, %eax
	jne	bump64
	xorl	%eax, %eax
	xorl	%edx, %edx
	movl	$0x80b, %ecx
	wrmsr
bump64:
	movl	P_SLOT, %eax
	incl	P_SLOT
	cmpl	P_SLOTS, %eax
	jae	1f
	andl	$NR_SLOTS - 1, %eax
	shll	$8, %eax
	leaq	BLOCKS(%rax), %rsp
	.irp	r, ax, cx, dx, bx, bp, si, di
	popq	%r\r
	.endr
	.irp	r, 8, 9, 10, 11, 12, 13, 14, 15
	popq	%r\r
	.endr
	iretq
1:	movb	$END_CODE, %al
	outb	%al, $MACHINE_EXIT_PORT
	jmp	1b

	.code32
enter64:
	ljmp	$SEL_CODE64, $bump64
enter16:
	ljmp	$SEL_CODE16, $1f
	.code16
1:	movw	$SEL_DATA16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	%cr0, %eax
	andb	$0xfe, %al
	movl	%eax, %cr0
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	lidtl	real_idt
	jmp	bump16
real_idt:
	.word	0x3ff
	.long	0

irq16:
	xorw	%ax, %ax
	movw	%ax, %ds
	cmpb	$EOI_MSR, P_EOI
	jne	bump16
	xorl	%eax, %eax
	xorl	%edx, %edx
	movl	$0x80b, %ecx
	wrmsr
bump16:
	xorw	%ax, %ax
	movw	%ax, %es
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$KERNEL_STACK, %sp
	cld
	movl	P_SLOT, %eax
	incl	P_SLOT
	cmpl	P_SLOTS, %eax
	jae	2f
	andw	$NR_SLOTS - 1, %ax
	shlw	$4, %ax
	addw	$BLOCKS >> 4, %ax
	movw	%ax, %ds
	xorw	%si, %si
	movw	$P_CURRENT, %di
	movw	$B16_SIZE / 2, %cx
	rep movsw
	movw	$P_CURRENT, %sp
	popaw
	popw	%es
	popw	%ds
	lssw	%cs:P_CURRENT + B16_FRAME + 6, %sp
	pushw	%cs:P_CURRENT + B16_FRAME + 4
	pushw	%cs:P_CURRENT + B16_FRAME + 2
	pushw	%cs:P_CURRENT + B16_FRAME
	iretw
2:	movb	$END_CODE, %al
	outb	%al, $MACHINE_EXIT_PORT
	jmp	2b

	.section .note.GNU-stack, "", @progbits
