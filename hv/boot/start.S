/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the boot loader to C. Multiboot 2 and PVH both enter in 32-bit protected
 * mode with paging off, and differ in what EAX and EBX mean.
 *
 * Source: Multiboot2 Specification, "OS image format", "I386 machine state";
 * Xen "x86/HVM direct boot ABI".
 */
#include "hv/boot/long_mode.h"
#include "machine/machine.h"
#include "machine/pvh.h"

#define MULTIBOOT2_MAGIC	0xe85250d6
#define CPUID_FEATURES		0x80000001
#define CPUID_LONG_MODE		29			/* bit of EDX */
#define PAGE_PRESENT_WRITE	0x003
#define PAGE_LARGE		0x080

	/* GRUB searches the first 32 KiB of the file. */
	.section .multiboot, "a"
	.balign 8
header:
	.long	MULTIBOOT2_MAGIC
	.long	0					/* i386 */
	.long	header_end - header
	.long	-(MULTIBOOT2_MAGIC + (header_end - header))
	.word	0, 0					/* end tag */
	.long	8
header_end:

	.section .note.pvh, "a", @note
	.balign 4
	.long	4, 4, PVH_NOTE_PHYS32_ENTRY
	.asciz	PVH_NOTE_NAME
	.long	pvh_start

	.section .text.start, "ax"
	.code32
	.globl	pvh_start, start
pvh_start:
	movl	$PVH_START_MAGIC, %eax
start:
	cli
	cld
	movl	$boot_stack_top, %esp
	movl	%eax, %ebp				/* magic */
	movl	%ebx, %esi				/* boot information */

	movl	$0x80000000, %eax			/* is there a leaf that knows? */
	cpuid
	cmpl	$CPUID_FEATURES, %eax
	jb	no_long_mode
	movl	$CPUID_FEATURES, %eax
	cpuid
	btl	$CPUID_LONG_MODE, %edx
	jnc	no_long_mode

	/* Map the low 4 GiB one to one: all that hv ever touches. */
	movl	$pdpt + PAGE_PRESENT_WRITE, pml4
	movl	$pd + PAGE_PRESENT_WRITE, %eax
	movl	$pdpt, %edi
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	$pdpt + 4 * 8, %edi
	jne	1b
	movl	$PAGE_LARGE | PAGE_PRESENT_WRITE, %eax
	movl	$pd, %edi
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	2b

	enter_long_mode $pml4
	lgdt	gdt_pointer
	ljmp	$SELECTOR_CODE, $3f

	.code64
3:	load_data_segments
	movl	%ebp, %edi
	movl	$boot_stack_top, %esp
	call	hv_main
	ud2						/* hv_main does not return */

	/* There is no C for this CPU: say so, byte by byte, and leave. */
	.code32
no_long_mode:
	movl	$MACHINE_COM1 + 3, %edx			/* line control: 8 bits, no parity */
	movb	$3, %al
	outb	%al, %dx
	movl	$no_long_mode_text, %esi
4:	movl	$MACHINE_COM1 + 5, %edx			/* line status */
	inb	%dx, %al
	testb	$0x40, %al				/* all is sent */
	jz	4b
	cmpl	$no_long_mode_end, %esi
	je	5f
	lodsb
	movl	$MACHINE_COM1, %edx
	outb	%al, %dx
	jmp	4b
5:	movl	$MACHINE_CODE_NO_VIRT, %eax
	outl	%eax, $MACHINE_EXIT_PORT
	movl	$BOCHS_SHUTDOWN_PORT, %edx
	movl	$shutdown_word, %esi
	movl	$shutdown_word_end - shutdown_word, %ecx
	rep outsb
6:	hlt
	jmp	6b

	.section .rodata
no_long_mode_text:
	.ascii	"hv: this CPU cannot run hv: it has no 64-bit mode\n"
	.ascii	"end target=hv cause=error code=69\n"
no_long_mode_end:
shutdown_word:
	.ascii	BOCHS_SHUTDOWN_WORD
shutdown_word_end:

	.balign 8
gdt:						/* until trap_init() */
	.quad	0
	.quad	0x00af9b000000ffff			/* SELECTOR_CODE: 64-bit */
	.quad	0x00cf93000000ffff			/* SELECTOR_DATA */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

	.bss
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4 * 4096
	.skip	16384
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
