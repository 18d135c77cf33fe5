/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of task switches, and of the processor's own accesses to its tables.
 *
 * Sources: Intel SDM volume 3, sections "Task Switching", "16-Bit Task-State Segment
 * (TSS)", "Handling Multiple NMIs", "Determination of Access Rights", "Error Code"; volume 2,
 * instruction INT n.
 */
#include "machine/x2apic.h"
#include "tests/behaviour/cases.h"

/* Breakpoints that a task switch leaves enabled. */
#define DR7_WRITE	0x10402
#define DR7_DATA	0x30402

	.set	tss, TASK_TSS
	.set	tss_cr3, tss + 0x1c
	.set	tss_eip, tss + 0x20
	.set	tss_eflags, tss + 0x24
	.set	tss_ebx, tss + 0x34
	.set	tss_esp, tss + 0x38
	.set	tss_cs, tss + 0x4c
	.set	tss_ss, tss + 0x50
	.set	tss_ldt, tss + 0x60
	.set	tss_trap, tss + 0x64
	.set	descriptor_new, gdt + SEL_TSS_TASK
	.set	descriptor_data, gdt + SEL_DATA
	.set	sel_task, SEL_TSS_TASK
	.set	sel_ldt, SEL_LDT
	.set	error_esp, WINDOW + 0x1608
	.pushsection .rodata
pointer_tasks:
	.word	8 * VECTORS - 1
	.long	TASK_IDT
	.popsection

/* What is wrong with a task's segments is an exception of the new task's. */
	.irp	m, prot32.0, prot32.3
case task_code 32 \m task_bad_code touches=CASE_TABLES
	.ifc	\m, prot32.3
	lcall	$SEL_GATE_TASK, $0
	.else
	lcall	$SEL_TSS_TASK, $0
	.endif
	.endr

/* Of its LDTR, before its CS is loaded: at CPL 3, whatever CS's RPL is. */
case task_bad_ldt 32 prot32.0 tasks touches=CASE_TABLES
	movl	$SEL_DATA, tss_ldt
	ljmp	$sel_task, $0
case task_bad_ldt_user 32 prot32.0 tasks touches=CASE_TABLES
	movl	$SEL_DATA, tss_ldt
	movl	$SEL_USER32, tss_cs
	ljmp	$sel_task, $0

/* A TSS of 16 bits: what becomes of the upper halves. */
case task_16 32 prot32.0 task_of_16 touches=CASE_TABLES
	movl	$0x12345678, %ecx
	ljmp	$SEL_TSS_TASK, $0
case task_16_user 32 prot32.3 task_of_16 touches=CASE_TABLES
	lcall	$SEL_GATE_TASK, $0

/* A TSS that ends before what is to be saved in it, and one that ends behind it. */
	.macro	old_limit limit:req type:req
case task_old_limit_\limit 32 prot32.0 tasks touches=CASE_TABLES
	movw	$\limit, gdt + SEL_TSS_TASK
	movb	$\type, gdt + SEL_TSS_TASK + 5
	movl	$SEL_TSS_TASK, %eax
	ltr	%ax
	andb	$~2, gdt + SEL_TSS32 + 5
	try	ljmp $SEL_TSS32, $0
	.endm
	old_limit 0x30, 0x89
	old_limit 0x5e, 0x89
	old_limit 0x5f, 0x89
	old_limit 0x28, 0x81
	old_limit 0x29, 0x81

/* What is saved: selectors have half of their slots. */
case task_saved 32 prot32.0 tasks touches=CASE_TABLES
	movl	$DATA + 0x89000000, gdt + SEL_TSS_TASK + 2
	movl	$SEL_TSS_TASK, %eax
	ltr	%ax
	andb	$~2, gdt + SEL_TSS32 + 5
	ljmp	$SEL_TSS32, $0

/* A TSS in which no link can be written: nothing has been saved. */
case task_link_readonly 32 prot32.0 tasks touches=CASE_TABLES
	movl	$WINDOW + WINDOW_READONLY + 0x100, gdt + SEL_TSS_TASK + 2
	movb	$0x89, gdt + SEL_TSS_TASK + 5
	try	lcall $SEL_TSS_TASK, $0

/* PDPTEs are read again only where CR3 changes. */
case task_pdptes 32 pae32.0 tasks touches=CASE_TABLES
	movl	%cr3, %eax
	movl	%eax, tss_cr3
	movl	pae_pdpt + 24, %eax
	movl	%eax, tss_ebx
	movl	$-1, pae_pdpt + 24
	call	1f
1:	popl	%eax
	addl	$2f - 1b, %eax
	movl	%eax, tss_eip
	ljmp	$SEL_TSS_TASK, $0
2:	movl	%ebx, %ss:pae_pdpt + 24
	movl	$0x55, %ebx
case task_pdptes_bad 32 pae32.0 tasks touches=CASE_TABLES|CASE_ALONE
	movl	$HOLE_START, tss_cr3
	ljmp	$SEL_TSS_TASK, $0

/* The error code of #NP is the first on the new task's stack, if it may be there, or #DF. */
	.macro	new_task cs:req ss:req
	/* With RF, which the emulated processor sets for #DF: see task_error_rf. */
	movl	$RFLAGS_RF | RFLAGS_FIXED, tss_eflags
	movl	$\cs, tss_cs
	movl	$\ss, tss_ss
	.endm
	.macro	raise_np
	lidt	pointer_tasks
	movl	$SEL_ABSENT, %eax
	try	movl %eax, %fs
	.endm
	.macro	task_error name:req ss:req esp:req
case task_error_\name 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_USER32, \ss
	movl	$\esp, tss_esp
	raise_np
	.endm
	task_error pushed, SEL_USER_DATA, WINDOW+WINDOW_SP
	task_error limit, SEL_SHORT, 0x3002
	task_error wrap, SEL_SHORT, 2
	task_error down, SEL_DOWN, 0x3002
	task_error down_pushed, SEL_DOWN, 0x3808
	task_error absent, SEL_USER_DATA, ABSENT+8
	task_error readonly, SEL_USER_DATA, WINDOW+WINDOW_READONLY+8
	task_error system, SEL_USER_DATA, WINDOW+WINDOW_SYSTEM+8
	task_error sp16, SEL_USER_DATA16, 0x12340002
case task_error_unaligned 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_USER32, SEL_USER_DATA
	movl	$WINDOW + WINDOW_SP + 2, tss_esp
	movl	$RFLAGS_AC | RFLAGS_FIXED, tss_eflags
	raise_np
case task_error_rf 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_USER32, SEL_SHORT
	movl	$RFLAGS_FIXED, tss_eflags
	movl	$0x3002, tss_esp
	raise_np
case task_error_16 32 prot32.0 tasks_of_16 touches=CASE_TABLES
	lidt	pointer_tasks
	movl	$SEL_ABSENT, %eax
	try	movl %eax, %fs
case task_error_gp 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_USER32, SEL_SHORT
	movl	$0x3002, tss_esp
	lidt	pointer_tasks
	movl	$SEL_TSS_TASK << 16, TASK_IDT + 8 * VECTOR_GP
	movl	$0xe500, TASK_IDT + 8 * VECTOR_GP + 4
	movl	$0xffff, %ecx
	try	rdmsr

/* It begins beyond its code's limit. */
case task_eip 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_CODE16, SEL_DATA
	movl	$0x12345, tss_eip
	ljmp	$SEL_TSS_TASK, $0
case task_error_eip 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_CODE16, SEL_DATA
	movl	$0x12345, tss_eip
	raise_np
case task_eip_trap 32 prot32.0 tasks touches=CASE_TABLES
	new_task SEL_CODE16, SEL_DATA
	movl	$0x12345, tss_eip
	movw	$1, tss_trap
	ljmp	$SEL_TSS_TASK, $0

/* What goes wrong in the delivery of an NMI has EXT in its error code, in the new task too. */
	.macro	send_nmi
	movl	$MSR_IA32_X2APIC_ICR, %ecx
	movl	$0x400, %eax
	xorl	%edx, %edx
	wrmsr
	.endm
case task_nmi_code 32 prot32.0 tasks touches=CASE_TABLES|CASE_APIC
	new_task SEL_CODE32|3, SEL_USER_DATA
	lidt	pointer_tasks
	send_nmi
	nop
case task_nmi_eip 32 prot32.0 tasks touches=CASE_TABLES|CASE_APIC
	new_task SEL_CODE16, SEL_DATA
	movl	$0x12345, tss_eip
	lidt	pointer_tasks
	send_nmi
	nop

/* A task for NMIs: its IRET, which is a task switch, lets in the next one. */
case task_nmi_iret 32 prot32.0 tasks touches=CASE_TABLES|CASE_APIC
	call	1f
1:	popl	%eax
	addl	$2f - 1b, %eax
	movl	%eax, tss_eip
	movl	$WINDOW + WINDOW_SP - 0x40, tss_esp
	lidt	pointer_tasks
	send_nmi
	nop
	movl	$0x11, %ebx
	ud2
2:	movl	$0x22, %esi
	send_nmi
	movl	$0x33, %edi
	iretl
	movl	$0x44, %ebx

/*
 * Breakpoints on what a task switch reads and writes: flags, the part of a TSS for registers,
 * the link, descriptors, the stack.
 */
	.macro	jump_not_accessed
	movb	$0x92, descriptor_data + 5
	ljmp	$sel_task, $0
	.endm
	.macro	task_break name:req dr7:req dr0:req insn:req
case task_break_\name 32 prot32.0 tasks dr7=\dr7 dr0=\dr0 touches=CASE_TABLES
	\insn
	.endm
	task_break busy, DR7_WRITE, descriptor_new+5, "ljmp $sel_task, $0"
	task_break descriptor, DR7_DATA, descriptor_new, "ljmp $sel_task, $0"
	task_break new, DR7_DATA, tss_eip, "ljmp $sel_task, $0"
	task_break cr3, DR7_DATA, tss_cr3, "ljmp $sel_task, $0"
	task_break map, DR7_DATA, tss+0x66, "ljmp $sel_task, $0"
	task_break accessed, DR7_WRITE, descriptor_data+4, "jump_not_accessed"
	task_break link, DR7_WRITE, tss, "lcall $sel_task, $0"
	task_break ldt, DR7_DATA, gdt+SEL_LDT, "movl $sel_ldt, tss_ldt; ljmp $sel_task, $0"
	task_break error, DR7_WRITE, WINDOW+0x1604, "movl $error_esp, tss_esp; raise_np"
	.macro	task_break_back name:req dr0:req
case task_break_\name 32 prot32.0 tasks dr7=DR7_WRITE dr0=\dr0 touches=CASE_TABLES
	movl	$SEL_TSS_TASK, %eax
	try	ltr %ax
	andb	$~2, gdt + SEL_TSS32 + 5
	ljmp	$SEL_TSS32, $0
	.endm
	task_break_back old, tss_eip
	task_break_back free, descriptor_new+5

/* Tables are the supervisor's, and EFLAGS.AC does not allow it to have them in a user's page. */
case smap_task 32 prot32.0 tasks touches=CASE_TABLES|CASE_SUPERVISOR
	movl	%cr4, %ebp
	movl	%ebp, %eax
	orl	$CR4_SMAP, %eax
	movl	%eax, %cr4
	stac
	try	ljmp $SEL_TSS_TASK, $0
	clac
	movl	%ebp, %cr4

	.section .note.GNU-stack, "", @progbits
