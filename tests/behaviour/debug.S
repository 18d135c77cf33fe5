/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of single steps, breakpoints, and guarded debug registers.
 *
 * Sources: Intel SDM volume 3, sections "Debug Exceptions", "Masking Exceptions and Interrupts
 * When Switching Stacks".
 */
#include "tests/behaviour/cases.h"

#define DR7_CODE	0x00401
#define DR7_WRITE	0x10401
#define DR7_IO		0x20401
#define DR7_DATA	0x30401

/* Single steps: a trap behind each instruction, whoever carries it out. */
case step_cpuid 64 long64.0 flags=RFLAGS_TF
	cpuid
	nop
	cpuid
	forget
case step_cpuid_user 64 long64.3 flags=RFLAGS_TF
	cpuid
	nop
	forget
case step_cpuid_prot 32 prot32.0 flags=RFLAGS_TF
	cpuid
	nop
	forget
case step_popf 64 long64.0
	pushq	$0x102
	popfq
	cpuid
	cpuid
	forget
case step_mov_ss 64 long64.0 flags=RFLAGS_TF
	movl	%ss, %eax
	movl	%eax, %ss
	cpuid
	nop
	forget
case step_mov_ss_in 64 long64.0 flags=RFLAGS_TF
	movl	$PORT_NOBODY, %edx
	movl	%ss, %eax
	movl	%eax, %ss
	inb	%dx, %al
	nop
case step_int1 64 long64.0 flags=RFLAGS_TF
	nop
	.byte	0xf1
	nop
case int1 64 long64.0
	.byte	0xf1
	nop
case step_int3 64 long64.0 flags=RFLAGS_TF
	int3
	nop
case step_wrmsr 64 long64.0 flags=RFLAGS_TF
	movl	$0x10, %ecx
	rdmsr
	wrmsr
	forget
case step_cr 64 long64.0 flags=RFLAGS_TF
	movq	%cr0, %rax
	movq	%rax, %cr0
	movq	%cr4, %rax
	movq	%rax, %cr4
	movq	%cr3, %rax
	movq	%rax, %cr3
	forget
case step_rep_ins 64 long64.0 flags=RFLAGS_TF
	movl	$PORT_NOBODY, %edx
	movl	$3, %ecx
	rep insb
	nop
case step_rep_outs 64 long64.0 flags=RFLAGS_TF
	movl	$PORT_NOBODY, %edx
	movl	$3, %ecx
	rep outsw
	nop
case step_rep_movs_hole 64 long64.0 flags=RFLAGS_TF
	movl	$NOWHERE, %esi
	movl	$3, %ecx
	rep movsw
	nop
case step_rep_stos_hole 64 long64.3 flags=RFLAGS_TF
	movl	$NOWHERE, %edi
	movl	$3, %ecx
	rep stosl
	nop
case step_load_hole 64 long64.0 flags=RFLAGS_TF
	movl	$NOWHERE, %esi
	movl	(%rsi), %eax
	movl	%eax, (%rsi)
	nop

/* The trap of a load of SS is lost with what comes next, and leaves nothing in DR6. */
case step_mov_ss_int1 16 v86 flags=RFLAGS_TF
	movw	WINDOW_HOLE, %ss
	.byte	0xf1
	nop
case break_mov_ss_fault 16 v86 dr7=0x30402 dr0=WINDOW+WINDOW_HOLE
	movw	WINDOW_HOLE, %ss
	movl	%cr0, %eax
/* And behind it no breakpoint is met on code. */
case break_mov_ss_code 16 v86 dr7=DR7_RESET|2 dr0=WINDOW+WINDOW_CODE+4
	movw	WINDOW_HOLE, %ss
	nop
	nop
case step_mov_ss_code 16 v86 flags=RFLAGS_TF dr7=DR7_RESET|2 dr0=WINDOW+WINDOW_CODE+4
	movw	WINDOW_HOLE, %ss
	nop
	nop

/*
 * What a load of SS has met is told behind the next instruction, whoever carries that out, or
 * with the #DB that comes in its place; other exceptions lose it.
 */
	.pushsection .rodata
selector_data:
	.word	SEL_DATA
	.popsection
	.macro	behind_ss name:req mode:req bits:req more:req insn:vararg
case behind_ss_\name \bits \mode dr7=DR7_DATA|2|\more dr0=selector_data
	movl	$PORT_NOBODY, %edx
	movl	$3, %ecx
	movl	$NOWHERE, %esi
	try	movw selector_data, %ss
	try	\insn
	nop
	forget
	.endm
	behind_ss cpuid long64.0, 64, 0, cpuid
	behind_ss in long64.0, 64, 0, inb %dx, %al
	behind_ss rep_ins long64.0, 64, 0, rep insb
	behind_ss hole long64.0, 64, 0, movl (%rsi), %eax
	behind_ss hole_mmx long64.0, 64, 0, movq (%rsi), %mm0
	behind_ss clts long64.0, 64, 0, clts
	behind_ss rdmsr long64.0, 64, 0, rdmsr
	behind_ss int3 long64.0, 64, 0, int3
	behind_ss int1 long64.0, 64, 0, .byte 0xf1
	behind_ss absent long64.0, 64, 0, movups ABSENT, %xmm0
	behind_ss gd prot32.0, 32, DR7_GD, movl %eax, %dr6
	behind_ss gd_dr4 prot32.0, 32, DR7_GD, .byte 0x0f, 0x21, 0xe0

/* Breakpoints: on code, which is the second instruction, on data, on ports. */
	.macro	on_code name:req insn:req
case break_\name 64 long64.0 dr7=DR7_CODE dr0=WINDOW+WINDOW_CODE+5
	movl	$PORT_NOBODY, %edx
	try	\insn
	forget
	.endm
	on_code	cpuid, "cpuid"
	on_code	in, "inb %dx, %al"
	on_code	out, "outb %al, %dx"
	on_code	insb, "insb"
	on_code	mov_cr, "movq %cr0, %rax"
	.macro	on_data name:req dr7:req insn:req
case break_\name 64 long64.0 dr7=\dr7 dr0=DATA+2
	movl	$PORT_NOBODY, %edx
	movl	$4, %ecx
	try	\insn
	nop
	.endm
	on_data	ins_write DR7_WRITE, "insl"
	on_data	rep_ins_write DR7_WRITE, "rep insb"
	on_data	rep_outs_read DR7_DATA, "rep outsb"
	on_data	outs_read DR7_DATA, "outsl"
	on_data	outs_write DR7_WRITE, "outsl"
	on_data	sgdt_write DR7_WRITE, "sgdt (%rbx)"
	.macro	on_port name:req insn:req
case break_io_\name 64 long64.0 dr7=DR7_IO dr0=PORT_NOBODY
	movl	$PORT_NOBODY, %edx
	movl	$3, %ecx
	try	\insn
	nop
	.endm
	on_port	in, "inb %dx, %al"
	on_port	out, "outb %al, %dx"
	on_port	insb, "insb"
	on_port	outsb, "outsb"
	on_port	rep_insb, "rep insb"
	on_port	rep_outsb, "rep outsb"
	.macro	on_table name:req dr7:req at:req insn:req bits=64 mode=long64.0 selector=SEL_TSS64
case break_\name \bits \mode tss_available dr7=\dr7 dr0=gdt+\at touches=CASE_TABLES
	movl	$\selector, %eax
	try	\insn
	nop
	xorl	%eax, %eax
	.endm
	on_table lldt, DR7_DATA, SEL_LDT, "lldt %ax", selector=SEL_LDT
	on_table lldt_high, DR7_DATA, SEL_LDT+8, "lldt %ax", selector=SEL_LDT
	on_table ltr_read, DR7_DATA, SEL_TSS64+2, "ltr %ax"
	on_table ltr_low, DR7_WRITE, SEL_TSS64+2, "ltr %ax"
	on_table ltr_high, DR7_WRITE, SEL_TSS64+7, "ltr %ax"
	on_table ltr_second, DR7_WRITE, SEL_TSS64+8, "ltr %ax"
	on_table ltr_prot, DR7_WRITE, SEL_TSS_TASK+5, "ltr %ax", 32, prot32.0, SEL_TSS_TASK
case break_hole 64 long64.0 dr7=DR7_DATA dr0=NOWHERE
	movl	$NOWHERE, %ebx
	movl	(%rbx), %eax
	movl	%eax, (%rbx)
	lock addl $1, (%rbx)
	nop
case gd_read 64 long64.0 dr7=DR7_GD
	try	movq %dr0, %rax
case gd_write 64 long64.0 dr7=DR7_GD
	try	movq %rax, %dr7
case gd_user 64 long64.3 dr7=DR7_GD
	try	movq %dr0, %rax
case gd_dr4 64 long64.0 dr7=DR7_GD
	movq	%cr4, %rdi
	movq	%rdi, %rsi
	andl	$~CR4_DE, %esi
	try	.byte 0x0f, 0x21, 0xe0
	movq	%rsi, %cr4
	try	.byte 0x0f, 0x21, 0xe0
	movq	%rdi, %cr4
case gd_real 16 real dr7=DR7_GD
	try	movl %dr7, %eax
case gd_break 64 long64.0 dr7=DR7_GD|DR7_CODE dr0=WINDOW+WINDOW_CODE+2
	cpuid
	try	movq %dr7, %rsi
	forget

	.section .note.GNU-stack, "", @progbits
