/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of exceptions that a hypervisor raises, of instructions that it skips, and of
 * interrupts.
 *
 * Sources: Intel SDM volume 3, sections "Error Code", "Exception Classifications",
 * "Handling Multiple NMIs", "PDPTE Registers"; volume 2, instructions STI, INT n, STR.
 */
#include "machine/x2apic.h"
#include "tests/behaviour/cases.h"

/* The flags of a fault that a hypervisor injects have RF, as those of any fault. */
	.irp	m, long64.0, long32.0, prot32.0
	.ifc	\m, long64.0
case rdmsr 64 \m
	.else
case rdmsr 32 \m
	.endif
	movl	$0xffff, %ecx
	try	rdmsr
	.endr
case wrmsr 64 long64.0
	movl	$0xffff, %ecx
	try	wrmsr
case cr0_bit63 64 long64.0
	movabsq	$0x8000000080050033, %rax
	try	movq %rax, %cr0
case cr4_reserved 64 long64.0
	movl	$0x80000000, %eax
	try	movq %rax, %cr4
case cr8_reserved 64 long64.0
	movl	$0x10, %eax
	try	movq %rax, %cr8
case xsetbv_0 64 long64.0
	xorl	%ecx, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	try	xsetbv
case vmxon 64 long64.0
	try	vmxon (%rbx)
case vmlaunch 64 long64.3
	try	vmlaunch
case seamcall 64 long64.0
	try	.byte 0x66, 0x0f, 0x01, 0xcf
case tdcall 64 long64.3
	try	.byte 0x66, 0x0f, 0x01, 0xcc
case hlt_user 64 long64.3
	try	hlt
case rdmsr_user 64 long64.3
	movl	$0x10, %ecx
	try	rdmsr
case out_user 64 long64.3
	movl	$PORT_NOBODY, %edx
	try	outb %al, %dx

/* Behind the last byte below 4 GiB comes the first. */
	.macro	top name:req mode:req flags=0 bytes:vararg
case top_\name 32 \mode wrap \flags
	movl	$0x10, %ecx
	movl	$PORT_NOBODY, %edx
	movl	$0xffffffff, %edi
	.set	n, 0
	.irp	b, \bytes
	.set	n, n + 1
	.endr
	.set	k, 0
	.irp	b, \bytes
	movb	$\b, TOP + 4096 - n + k
	.set	k, k + 1
	.endr
	subl	$n - 1, %edi
	jmp	*%edi
	.endm
	top	nop long32.0, 0, 0x90
	top	cpuid long32.0, 0, 0x0f, 0xa2
	top	rdmsr long32.0, 0, 0x0f, 0x32
	top	rdtsc long32.0, 0, 0x0f, 0x31
	top	in long32.0, 0, 0xec
	top	out long32.0, 0, 0xee
	top	wbinvd long32.0, 0, 0x0f, 0x09
	top	clts long32.0, 0, 0x0f, 0x06
	top	cpuid_step long32.0, RFLAGS_TF, 0x0f, 0xa2
	top	cpuid_user long32.3, 0, 0x0f, 0xa2
	top	in_user long32.3, RFLAGS_IOPL3, 0xec

/* Behind the last byte of the lower half is no address. */
	.macro	canonical name:req flags:req bytes:vararg
case canonical_\name 64 long64.0 canonical_end \flags
	movl	$MSR_IA32_PAT, %ecx
	movl	$3, %eax
	movl	$PORT_NOBODY, %edx
	movabsq	$CANONICAL_TOP + 4096, %rdi
	.irp	b, \bytes
	decq	%rdi
	movb	$\b, (%rdi)
	.endr
	try	jmp *%rdi
	forget
	.endm
	/* From the last byte to the first. */
	canonical nop, 0, 0x90
	canonical cpuid, 0, 0xa2, 0x0f
	canonical cpuid_step, RFLAGS_TF, 0xa2, 0x0f
	canonical rdmsr, 0, 0x32, 0x0f
	canonical in, 0, 0xec
	canonical wbinvd, 0, 0x09, 0x0f
	canonical clts, 0, 0x06, 0x0f

/*
 * The delivery of an interrupt, or of an NMI, faults: for its gate, or for its stack.
 * The interrupt is in service then, and comes no more.
 */
	.macro	send icr
	movl	$MSR_IA32_X2APIC_ICR, %ecx
	movl	$\icr, %eax
	xorl	%edx, %edx
	try	wrmsr
	.endm
	.macro	restore_idt
	.rept	4
	try	nop
	.endr
	lidt	idt64_pointer
	movl	$MSR_IA32_X2APIC_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	.endm
	.pushsection .rodata
pointer_40_absent:
	.word	IDT_BYTES - 1
	.quad	IDT_40_ABSENT
pointer_40_bad_stack:
	.word	IDT_BYTES - 1
	.quad	IDT_40_BAD_STACK
pointer_nmi_absent:
	.word	IDT_BYTES - 1
	.quad	IDT_NMI_ABSENT
pointer_nmi_hole:
	.word	IDT_BYTES - 1
	.quad	IDT_NMI_HOLE
	.popsection
case interrupt_gate_absent 64 long64.0 idt_40_absent RFLAGS_IF touches=CASE_APIC
	lidt	pointer_40_absent
	send	0x40040
	restore_idt
case interrupt_stack_absent 64 long64.0 idt_40_bad_stack RFLAGS_IF touches=CASE_APIC
	lidt	pointer_40_bad_stack
	send	0x40040
	restore_idt
case nmi_gate_absent 64 long64.0 idt_nmi_absent touches=CASE_APIC
	lidt	pointer_nmi_absent
	send	0x400
	restore_idt
case nmi_gate_hole 64 long64.0 idt_nmi_hole touches=CASE_APIC
	lidt	pointer_nmi_hole
	send	0x400
	restore_idt
case int_gate_hole 64 long64.0 idt_nmi_hole
	lidt	pointer_nmi_hole
	try	int $2
	restore_idt
case interrupt_ends_hlt 64 long64.0 touches=CASE_APIC
	send	0x40041
	sti
	hlt
	cli

/* #AC while INT n is delivered at CPL 3, on a stack that is not aligned. */
case int_unaligned 32 prot32.3 gate_to_cpl3 RFLAGS_AC
	.globl	gate_in_cpl3, gate_in_cpl3_code
gate_in_cpl3_code:
	movl	$WINDOW + WINDOW_SP - 2, %esp
	try	int $GATE_TO_CPL3
	ud2
gate_in_cpl3:
	movl	$0x77, %ebx
	ud2
case int_aligned 32 prot32.3 flags=RFLAGS_AC
	try	int $GATE_TO_CPL3

/* A second NMI waits for the end of the first one's handler; nothing ends its HLT. */
case nmi_hlt 64 long64.0 nmi_to_case touches=CASE_ALONE
	.globl	nmi_handler, nmi_handler_code
nmi_handler_code:
	send	0x400
	nop
	nop
	ud2
nmi_handler:
	send	0x400
	hlt
	movl	$0x19, %ebx
	ud2

/*
 * And for the end of its IRET, here from a stack in two pages outside RAM, which is no end but
 * a fault: the second NMI interrupts the fault's handler, and not the IRET.
 */
case nmi_iret 64 long64.0 nmi_to_iret touches=CASE_ALONE
	.globl	nmi_iret_handler, nmi_iret_code
nmi_iret_code:
	movl	$HOLE_START + 0xff8, %edi
	movl	(%rdi), %ebx
	movl	8(%rdi), %ebx
	send	0x400
	nop
	ud2
nmi_iret_handler:
	incl	%ebx
	jnz	1f
	send	0x400
	movl	%edi, %esp
	iretq
1:	movq	(%rsp), %rbp
	subq	$WINDOW + WINDOW_CODE, %rbp
	shrq	$12, %rbp
	setz	%bl
	movl	$0, %ebp

/* STI's shadow lasts for one instruction, whoever carries that out. */
	.macro	window name:req insn:req before
case window_\name 64 long64.0 touches=CASE_APIC
	send	0x40041
	movl	$0x10, %ecx
	movl	$PORT_NOBODY, %edx
	movq	%cr0, %rdi
	movl	$NOWHERE, %esi
	movl	$DATA, %r8d
	\before
	sti
	\insn
	cli
	nop
	forget
	movl	$0, %edi
	movl	$0, %esi
	.endm
	window	nop, "nop"
	window	cpuid, "cpuid"
	window	rdmsr, "rdmsr"
	window	rdtsc, "rdtsc"
	window	in, "inb %dx, %al"
	window	out, "outb %al, %dx"
	window	outs, "outsb"
	window	wbinvd, "wbinvd"
	window	clts, "clts"
	window	cr0, "movq %rdi, %cr0"
	window	read_cr0, "movq %cr0, %rax"
	window	cr8, "movq %cr8, %rax"
	window	dr7, "movq %dr7, %rax"
	window	lmsw, "lmsw %di"
	window	pause, "pause"
	window	invlpg, "invlpg (%rsi)"
	window	sgdt, "sgdt (%r8)"
	window	load, "movl (%rsi), %eax"
	window	store, "movl %eax, (%rsi)"
	window	lods, "lodsb"
	window	rep_lods, "rep lodsb"
	window	rep_ins, "rep insb", "movl %r8d, %edi"

/* SYSCALL is there in 64-bit mode alone, and announced there. */
	.irp	m, long64.0, long32.0, prot32.0, v86, real
	.ifc	\m, long64.0
case syscall_bit 64 \m
	.else
	.ifc	\m, real
case syscall_bit 16 \m
	.else
	.ifc	\m, v86
case syscall_bit 16 \m
	.else
case syscall_bit 32 \m
	.endif
	.endif
	.endif
	movl	$0x80000001, %eax
	cpuid
	andl	$0x800, %edx
	movl	%edx, %esi
	forget
	.endr

/* Registers as operands: RSP is one, and what is not written of it stays. */
	.macro	of_sp name:req shift:req insn:req
case sp_\name 64 long64.0
	movabsq	$0x123456789abc0000, %rsp
	\insn
	movq	%rsp, %rax
	shrq	$\shift, %rax
	movl	$WINDOW + WINDOW_SP, %esp
	testl	%esp, %esp
	.endm
	of_sp	str 0, ".byte 0x66, 0x0f, 0x00, 0xcc"
	of_sp	str_32 0, ".byte 0x0f, 0x00, 0xcc"
	of_sp	sldt 0, ".byte 0x66, 0x0f, 0x00, 0xc4"
	of_sp	smsw 0, ".byte 0x66, 0x0f, 0x01, 0xe4"
	of_sp	rdrand 16, "rdrand %sp"
	of_sp	rdrand_32 32, "rdrand %esp"
	.irp	n, 0, 1, 3, 4
case invpcid_rsp_\n 64 long64.0
	movq	%rsp, %rsi
	movl	$\n, %esp
	movq	$0, (%rbx)
	movq	$0, 8(%rbx)
	try	invpcid (%rbx), %rsp
	movq	%rsi, %rsp
	movq	%rsi, %rsi
	.endr
case invpcid_user 64 long64.3
	try	invpcid (%rbx), %rax
case invpcid_hole 64 long64.0
	movl	$NOWHERE, %ebx
	xorl	%eax, %eax
	try	invpcid (%rbx), %rax

/* With a TSS of 16 bits in TR no way leads to IA-32e mode. */
case cr0_long_tss16 32 flat32.0 task_of_16 touches=CASE_TABLES
	movl	$SEL_TSS_TASK, %eax
	ltr	%ax
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, %ebx
	orl	$EFER_LME, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_PG, %eax
	try	movl %eax, %cr0
	movl	%ebx, %eax
	wrmsr

/* PDPTEs outside RAM are all ones, which have reserved bits. */
case cr3_pae_hole 32 pae32.0
	movl	$HOLE_START, %eax
	try	movl %eax, %cr3

/* Bad ones: what loads them is refused, and CR4.DE does not. */
case pae_bad_pdptes 32 pae32.0
	movl	pae_pdpt + 24, %ebx
	movl	%cr4, %edi
	movl	%cr0, %esi
	movl	$-1, pae_pdpt + 28
	movl	%edi, %eax
	xorl	$CR4_DE, %eax
	try	movl %eax, %cr4
	movl	%edi, %eax
	xorl	$CR4_PGE, %eax
	try	movl %eax, %cr4
	movl	%cr4, %ecx
	try	movl %edi, %cr4
	movl	%edi, %eax
	xorl	$CR4_PSE, %eax
	try	movl %eax, %cr4
	movl	%cr4, %ecx
	movl	%esi, %eax
	orl	$CR0_CD, %eax
	try	movl %eax, %cr0
	movl	%cr0, %edx
	movl	%cr3, %eax
	try	movl %eax, %cr3
	movl	$0, pae_pdpt + 28
	try	movl %eax, %cr3
	movl	%esi, %cr0
	movl	%edi, %cr4
	movl	$0, %eax
	movl	$0, %ebx
	movl	$0, %edi
	movl	$0, %esi

	.section .note.GNU-stack, "", @progbits
