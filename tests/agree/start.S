/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry by Multiboot 1 (GRUB, on the bare processor) or PVH (hv, the runner), the
 * switch to 64-bit mode, and the way into and out of sequences of long mode.
 *
 * Sources: Multiboot Specification, "OS image format", "Machine state"; Xen "x86/HVM
 * direct boot ABI"; Intel SDM volume 3, sections "Initializing IA-32e Mode", "64-Bit Mode
 * Stack Frame", "Interrupt Stack Table".
 */
#include "tests/agree/agree.h"
#include "tests/agree/stubs.h"
#include "machine/pvh.h"
#include "machine/x86.h"

#define MULTIBOOT_MAGIC	0x1badb002
#define STACK_BYTES	8192

	.section .multiboot, "a"
	.balign	4
	.long	MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, PVH_NOTE_PHYS32_ENTRY
	.asciz	PVH_NOTE_NAME
	.long	pvh_start

	.text
	.code32
	.globl	start
pvh_start:
	xorl	%eax, %eax		/* no Multiboot */
start:
	cli
	cld
	movl	%eax, %ebp
	movl	$stack_top, %esp
	/* The low 4 GiB onto themselves, for CPL 3 too. */
	movl	$directories, %edi
	movl	$0x87, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	jnc	1b
	movl	$directories + 7, %eax
	movl	$pdpt, %edi
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	$pdpt + 32, %edi
	jne	2b
	movl	$pdpt + 7, pml4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$SEL_CODE64, $1f
	.code64
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%ebx, %esi
	movl	%ebp, %edi
	call	main
1:	cli
	hlt
	jmp	1b

/* void enter_long(const struct cpu *): its CR0, CR3, CR4 are the monitor's. */
	.globl	enter_long
enter_long:
	.irp	r, rbx, rbp, r12, r13, r14, r15
	pushq	%\r
	.endr
	movq	%rsp, monitor_rsp
	movl	CPU_DS(%rdi), %eax
	movl	%eax, %ds
	movl	CPU_ES(%rdi), %eax
	movl	%eax, %es
	movl	CPU_FS(%rdi), %eax
	movl	%eax, %fs
	movl	CPU_GS(%rdi), %eax
	movl	%eax, %gs
	movl	CPU_SS(%rdi), %eax
	pushq	%rax
	pushq	CPU_GPR + 8 * 4(%rdi)
	pushq	CPU_FLAGS(%rdi)
	movl	CPU_CS(%rdi), %eax
	pushq	%rax
	pushq	CPU_IP(%rdi)
	n = 8
	.irp	r, r8, r9, r10, r11, r12, r13, r14, r15
	movq	CPU_GPR + 8 * n(%rdi), %\r
	n = n + 1
	.endr
	movq	CPU_GPR + 8 * 0(%rdi), %rax
	movq	CPU_GPR + 8 * 1(%rdi), %rcx
	movq	CPU_GPR + 8 * 2(%rdi), %rdx
	movq	CPU_GPR + 8 * 3(%rdi), %rbx
	movq	CPU_GPR + 8 * 5(%rdi), %rbp
	movq	CPU_GPR + 8 * 6(%rdi), %rsi
	movq	CPU_GPR + 8 * 7(%rdi), %rdi
	iretq

	.balign	16
	.globl	stubs64
stubs64:
	vector_stubs common64
common64:
	.irp	r, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	pushq	%\r
	.endr
	.irp	r, ds, es, fs, gs, ss
	movl	%\r, %eax
	pushq	%rax
	.endr
	movq	%rsp, %rdi
	movq	%rsp, %rbx
	andq	$~15, %rsp
	cld
	call	trap64
	movq	%rbx, %rsp
	testb	%al, %al
	jnz	finish64
	addq	$5 * 8, %rsp
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rbx, rdx, rcx, rax
	.ifc	\r, rbx
	popq	%rbx			/* RSP's place, then its own */
	.else
	popq	%\r
	.endif
	.endr
	addq	$16, %rsp
	iretq

/* Back to who called enter_long(). IRET, because it lets NMIs in again. */
finish64:
	cmpl	$0, watch_fatal
	jne	fatal
	movq	%cr0, %rax
	movq	%rax, watch_end + CPU_CR0
	movq	%cr3, %rax
	movq	%rax, watch_end + CPU_CR3
	movq	%cr4, %rax
	movq	%rax, watch_end + CPU_CR4
	movq	%cr2, %rax
	movq	%rax, watch_cr2
	movq	watch_end + CPU_CR0, %rax
	cmpq	monitor_cr0, %rax
	je	1f
	movq	monitor_cr0, %rax
	movq	%rax, %cr0
1:	movq	watch_end + CPU_CR4, %rax
	cmpq	monitor_cr4, %rax
	je	1f
	movq	monitor_cr4, %rax
	movq	%rax, %cr4
1:	movq	watch_end + CPU_CR3, %rax
	cmpq	$pml4, %rax
	je	1f
	movl	$pml4, %eax
	movq	%rax, %cr3
	.globl	finish_long
finish_long:
1:	movl	$SEL_DATA, %eax
	.irp	r, ds, es, fs, gs
	movl	%eax, %\r
	.endr
	movq	monitor_rsp, %rsp
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

fatal:	movq	$stack_top - STACK_BYTES / 2, %rsp
	call	monitor_failed

	.data
	.balign	16
	.globl	gdt, gdt_pointer
gdt:	.quad	0
	.quad	0x00af9b000000ffff	/* SEL_CODE64 */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00009b030000ffff	/* SEL_CODE16 */
	.quad	0x000093030000ffff	/* SEL_DATA16 */
	.quad	0, 0, 0, 0		/* TSSs, filled in */
	.quad	0x00affb000000ffff	/* SEL_USER64 */
	.quad	0x00cff3000000ffff	/* SEL_USER_DATA */
	.quad	0x00cffb000000ffff	/* SEL_USER32 */
	.quad	0x0000fb030000ffff	/* SEL_USER16 */
	.quad	0x0000f3030000ffff	/* SEL_USER_DATA16 */
	.quad	0x0040f30300002fff	/* SEL_SHORT */
	.quad	0x00cff1000000ffff	/* SEL_READONLY */
	.quad	0x0040f70300002fff	/* SEL_DOWN */
	.quad	0x00cf73000000ffff	/* SEL_ABSENT */
	.quad	0x00cff9000000ffff	/* SEL_EXECUTE */
	.quad	0x00cfff000000ffff	/* SEL_CONFORMING */
	.quad	0x0000820380000fff, 0	/* SEL_LDT */
	.quad	0x00009b020000ffff	/* SEL_LOW16 */
	.quad	0x00cf7b000000ffff	/* SEL_ABSENT_CODE */
	.quad	0x0000e40100000000 + SEL_CODE16 << 16 + WINDOW_GATE
	.quad	0x0003ec0200000000 + SEL_CODE32 << 16 + WINDOW_GATE
	.quad	0x0003ec0000000000 + SEL_CODE64 << 16 + WINDOW_GATE, 0
	.quad	0x00036c0000000000 + SEL_CODE32 << 16 + WINDOW_GATE
	.quad	0x0000e50000000000 + SEL_TSS_TASK << 16
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt
	.balign	8
	.globl	monitor_cr0, monitor_cr4
monitor_cr0:	.quad	CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE
monitor_cr4:	.quad	CR4_PAE

	.bss
	.balign	4096
	.globl	pml4, pdpt, directories, low_table, pae_pdpt, directory32, low_table32
pml4:		.skip	4096
pdpt:		.skip	4096
directories:	.skip	4 * 4096
low_table:	.skip	4096
directory32:	.skip	4096
low_table32:	.skip	4096
pae_pdpt:	.skip	4096
	.globl	stack_top, ist_stacks, stack32_top
	.skip	STACK_BYTES
stack_top:
	.skip	STACK_BYTES
stack32_top:
ist_stacks:	.skip	7 * STACK_BYTES
monitor_rsp:	.skip	8
	.section .note.GNU-stack, "", @progbits
