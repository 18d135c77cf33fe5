/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry by the PVH boot protocol, the switch to 64-bit mode, the entry points
 * of exceptions and interrupts.
 *
 * Sources: Xen "x86/HVM direct boot ABI"; Intel SDM volume 3, section
 * "Initializing IA-32e Mode".
 */
#include "machine/pvh.h"
#include "guest/selectors.h"
#include "machine/trap_stubs.h"

#define PTE_TABLE	0x07	/* present, writable, for CPL 3 too */
#define PTE_2MIB	0x87	/* and a page, not a table */
#define PAGE		4096
#define STACK_SIZE	16384

	.section .note.pvh, "a", @note
	.balign 4
	.long 2f - 1f
	.long 4f - 3f
	.long PVH_NOTE_PHYS32_ENTRY
1:	.asciz PVH_NOTE_NAME
2:	.balign 4
3:	.quad pvh_entry
4:	.balign 4

	.code32
	.text
	.globl pvh_entry
pvh_entry:
	cli
	cld
	movl	$stack_top, %esp
	movl	$guest_main, %ebp

	/* Map the low 4 GiB onto themselves: the MMIO hole is up there. */
	movl	$page_directories, %edi
	movl	$PTE_2MIB, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	movl	$page_directories + PTE_TABLE, %eax
	movl	$pdpt, %edi
	movl	$4, %ecx
2:	movl	%eax, (%edi)
	addl	$PAGE, %eax
	addl	$8, %edi
	loop	2b
	movl	$pdpt + PTE_TABLE, pml4

	/* From here on with a stack, and in EBP what is called in 64-bit mode. */
to_64_bit:
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$SEL_CODE64, $1f

	.code64
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%ebx, %edi		/* the start info */
	movl	%ebp, %ebp
	call	*%rbp
1:	hlt
	jmp	1b

/*
 * Another processor, after its SIPI: copied to LOW_START. Caches are off after a reset,
 * and an INIT leaves them as they are.
 */
	.code16
	.globl cpus_real, cpus_real_end
cpus_real:
	cli
	lgdtl	%cs:1f - cpus_real
	movl	$(CR0_PE | CR0_ET), %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $cpus_entry
	.balign	4
1:	.word	gdt_end - gdt - 1
	.long	gdt
cpus_real_end:

	.code32
cpus_entry:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	cpu_next_stack, %esp
	movl	$cpus_main, %ebp
	jmp	to_64_bit

	.code64

	make_trap_stubs TRAP_VECTORS, trap_common

trap_common:
	push_trap_registers
	cld
	movq	%rsp, %rdi
	call	trap_handler
	return_from_trap

	.data
	.balign 8
	.globl gdt
gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0			/* SEL_TSS_OLD, filled in when it is used */
	.quad	0			/* SEL_TSS_NEW */
	.quad	0			/* SEL_CODE16, based on code16_start */
	.quad	0x00affb000000ffff	/* SEL_USER64 */
	.quad	0x00cffb000000ffff	/* SEL_USER32 */
	.quad	0			/* SEL_USER16, based on code16_start */
	.quad	0x00cff3000000ffff	/* SEL_USER_DATA */
	.quad	0x00009b000000ffff + (LOW_CODE << 16)	/* SEL_LOW16 */
	.quad	0x000093000000ffff	/* SEL_DATA16 */
	.quad	0, 0			/* SEL_TSS64 */
gdt_end:
gdt_pointer:
	.word	. - gdt - 1
	.quad	gdt

	.bss
	.balign PAGE
pml4:			.skip PAGE
pdpt:			.skip PAGE
	.globl page_directories
page_directories:	.skip 4 * PAGE
stack:			.skip STACK_SIZE
stack_top:
	.section .note.GNU-stack, "", @progbits
