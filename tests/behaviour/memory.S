/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of memory that is a device or none, and of string I/O.
 *
 * Sources: Intel SDM volume 3, sections "Local APIC Register Address Map", "Limit Checking",
 * "Page-Fault Exceptions", "Interrupt Descriptor Table (IDT)"; volume 2, instructions INS, OUTS.
 */
#include "tests/behaviour/cases.h"

/* The local APIC's page by every way to reach memory: version and task priority. */
#define TPR_ADDRESS	(APIC_PAGE + 0x80)
#define TPR		(%ebp)
	.macro	apic_start
	movl	$TPR_ADDRESS, %ebp
	movl	$0x50, TPR
	.endm
	.macro	apic_end
	movl	TPR, %edx
	movl	$0, TPR
	.endm
	.set	data, DATA		/* the preprocessor does not look into quotes */
	.macro	apic name:req insns:req
	.irp	m, long64.0, prot32.0
	.ifc	\m, long64.0
case apic_\name 64 \m touches=CASE_XAPIC
	.else
case apic_\name 32 \m touches=CASE_XAPIC
	.endif
	apic_start
	movl	%ebp, %esi
	movl	%ebp, %edi
	movl	$0x35, %eax
	\insns
	apic_end
	.endr
	.endm
	apic	mov_to, "movl %eax, (%esi)"
	apic	mov_from, "movl (%esi), %eax"
	apic	lods, "lodsl"
	apic	stos, "stosl"
	apic	movs_from, "movl $data, %edi; movsl"
	apic	movs_to, "movl $data, %esi; movl $0x44, data; movsl"
	apic	cmps, "movl $data, %edi; movl $0x50, data; cmpsl"
	apic	scas, "movl $0x50, %eax; scasl"
	apic	or, "orl $5, (%esi)"
	apic	and, "andl $0x10, (%esi)"
	apic	add, "addl %eax, (%esi)"
	apic	cmp, "cmpl $0x50, (%esi)"
	apic	test, "testl $0x10, (%esi)"
	apic	not, "notl (%esi)"
	apic	inc, "incl (%esi)"
	apic	xchg, "xchgl %eax, (%esi)"
	apic	xadd, "xaddl %eax, (%esi)"
	apic	cmpxchg, "movl $0x50, %eax; movl $0x66, %ecx; cmpxchgl %ecx, (%esi)"
	apic	cmov, "testl %eax, %eax; cmovnzl (%esi), %eax"
	apic	cmov_not, "testl %eax, %eax; cmovzl (%esi), %eax"
	apic	shl, "shll $1, (%esi)"
	apic	bts, "btsl $1, (%esi)"
	apic	bt, "btl $4, (%esi)"
	apic	imul, "imull $3, (%esi), %eax"
	apic	version, "movl -0x50(%ebp), %eax; andl $0xff, %eax"
/* Registers that there are not; those that cannot be written, or not be read, are some. */
	.macro	apic_esr name:req insn:req
case apic_esr_\name 64 long64.0 touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebx
	\insn
	xorl	%eax, %eax
	movl	%eax, 0x280(%rbx)
	movl	0x280(%rbx), %esi
	movl	%eax, 0x280(%rbx)
	.endm
	.irp	n, 0, 0x10, 0x40, 0x70, 0x90, 0xb0, 0x290, 0x3a0, 0x3d0, 0x3f0, 0x400
	apic_esr from_\n, "movl \n(%rbx), %eax"
	apic_esr to_\n, "movl %eax, \n(%rbx)"
	.endr
	apic_esr step, "movd 0x40(%rbx), %mm0"
/* A shift by nothing reads the register and does not write it, one that changes nothing does. */
	.irp	n, 0, 1, 32
	apic_esr shl_imm_\n, "movl 0x40(%rbx), %eax; .byte 0xc1, 0xa3; .long 0x280; .byte \n"
	apic_esr rcr_cl_\n, "movl 0x40(%rbx), %eax; movl $\n, %ecx; clc; rcrl %cl, 0x280(%rbx)"
	apic_esr shld_imm_\n, "movl 0x40(%rbx), %eax; shldl $\n, %eax, 0x280(%rbx)"
	apic_esr shrd_cl_\n, "movl 0x40(%rbx), %eax; movl $\n, %ecx; shrdl %cl, %eax, 0x280(%rbx)"
	.endr
	apic_esr sar_1, "movl 0x40(%rbx), %eax; sarl 0x280(%rbx)"
/*
 * What is no write of four bytes at a register is none, and between registers all ones are read,
 * whether hv carries it out or the processor. Bochs itself stops there: only when named.
 */
	.irp	f, 0, RFLAGS_TF
	.ifc	\f, 0
case apic_odd 64 long64.0 touches=CASE_XAPIC|CASE_ALONE
	.else
case apic_odd_step 64 long64.0 flags=\f touches=CASE_XAPIC|CASE_ALONE
	.endif
	movl	$TPR_ADDRESS, %ebx
	movl	$0x50, (%rbx)
	movl	$0x22222222, %eax
	movb	%al, (%rbx)
	movw	%ax, (%rbx)
	movl	%eax, 1(%rbx)
	movq	%rax, (%rbx)
	movups	%xmm0, (%rbx)
	movq	(%rbx), %rsi
	movq	(%rbx), %mm0
	movq	%mm0, %rdi
	movd	0x380(%rbx), %mm0
	movd	%mm0, %ecx
	movl	(%rbx), %edx
	movl	$0, (%rbx)
	.endr
	/* A part of a register, and an interrupt from itself by each way that writes. */
	apic	byte, "movb (%esi), %al"
	apic	byte_3, "movb 3(%esi), %al"
	apic	word, "movw (%esi), %ax"
	apic	word_2, "movw 2(%esi), %ax"
	apic	movzx, "movzbl (%esi), %eax"
	apic	movsx, "movsbl 1(%esi), %eax"
	apic	lods_byte, "lodsb"
	apic	scas_word, "scasw"
	.macro	apic_ipi name:req insns:req
	.irp	m, long64.0, prot32.0
	.ifc	\m, long64.0
case apic_ipi_\name 64 \m touches=CASE_XAPIC
	.else
case apic_ipi_\name 32 \m touches=CASE_XAPIC
	.endif
	movl	$APIC_PAGE + 0xf0, %edi
	movl	$0x15f, (%edi)		/* enabled by software, which firmware may have done */
	movl	$APIC_PAGE + 0x300, %edi
	movl	$0x40041, %eax
	\insns
	sti
	nop
	nop
	cli
	movl	$0, %edi
	.endr
	.endm
	apic_ipi mov, "movl %eax, (%edi)"
	apic_ipi mov_imm, "movl $0x40041, (%edi)"
	apic_ipi stos, "stosl"
	apic_ipi movs, "movl $data, %esi; movl %eax, data; movsl"
	apic_ipi xchg, "xchgl %eax, (%edi)"
	.irp	m, prot32.0, prot32.3, long32.0
case apic_push 32 \m touches=CASE_XAPIC
	apic_start
	pushl	TPR
	popl	%eax
	apic_end
case apic_pop 32 \m touches=CASE_XAPIC
	apic_start
	pushl	$0x30
	popl	TPR
	apic_end
	.endr

/* A load of SS that the processor does on a private page: the interrupt comes an instruction
 * later. The selector is what TPR reads as; TPR is 0 when the next case begins.
 */
case shadow_mov_ss_apic 32 prot32.0 touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebp
	movl	$0x15f, 0xf0(%ebp)
	movl	$SEL_DATA, 0x80(%ebp)
	movl	$0x40041, 0x300(%ebp)
	sti
	movw	0x80(%ebp), %ss
	nop
	nop
	cli
	movl	$0, 0x80(%ebp)
	xorl	%ebp, %ebp

/* So do the trap of a single step, and of a breakpoint. */
case step_mov_ss_apic 32 prot32.0 flags=RFLAGS_TF touches=CASE_XAPIC
	movl	$APIC_PAGE, %ebp
	movl	%ss, %edx
	movl	%edx, 0x80(%ebp)
	movw	0x80(%ebp), %ss
	nop
	nop
	movl	$0, 0x80(%ebp)
case break_mov_ss_apic 32 prot32.0 dr7=0x30402 dr0=APIC_PAGE+0x80 touches=CASE_XAPIC
	movl	$SEL_DATA, %edx
	movl	%edx, APIC_PAGE + 0x80
	movw	APIC_PAGE + 0x80, %ss
	nop
	nop
	movl	$0, APIC_PAGE + 0x80

/* As one of ten pages that an instruction touches: four elements lie across two each. */
	.pushsection .rodata
	.balign	4
gather_offsets:
	.irp	n, 0, 1, 2, 3
	.long	HOLE_START + 0xffe + \n * 0x2000 - APIC_PAGE
	.endr
	.long	TPR_ADDRESS - APIC_PAGE, TPR_ADDRESS - APIC_PAGE, 0xe0, NOWHERE - APIC_PAGE
	.popsection
case apic_gather 64 long64.0 touches=CASE_XAPIC
	apic_start
	movq	%cr4, %rsi
	movq	%rsi, %rax
	orl	$CR4_OSXSAVE, %eax
	movq	%rax, %cr4
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$7, %eax
	xsetbv
	movl	$APIC_PAGE, %edi
	vmovdqu	gather_offsets, %ymm1
	vpcmpeqd %ymm2, %ymm2, %ymm2
	vpgatherdd %ymm2, (%rdi, %ymm1), %ymm0
	vmovdqu	%ymm0, DATA
	vzeroall
	movl	$1, %eax
	xsetbv
	movq	%rsi, %cr4
	apic_end

/* Outside RAM reads are all ones and writes vanish, for every instruction. */
	.macro	outside name:req insn:req
case outside_\name 64 long64.0 touches=CASE_FPU
	movl	$NOWHERE, %ebx
	try	\insn
case outside_\name 64 long64.3 touches=CASE_FPU
	movl	$NOWHERE, %ebx
	try	\insn
	.endm
	outside	clflush, "clflush (%rbx)"
	outside	movnti, "movnti %eax, (%rbx)"
	outside	sete, "sete (%rbx)"
	outside	shl, "shll (%rbx)"
	outside	sar_cl, "sarl %cl, (%rbx)"
	outside	rcl, "rclq $3, (%rbx)"
	outside	shld, "shldl $1, %eax, (%rbx)"
	outside	shrd_cl, "shrdq %cl, %rax, (%rbx)"
	outside	cmov, "cmovzl (%rbx), %eax"
	outside	imul, "imull (%rbx), %eax"
	outside	imul_one, "imull (%rbx)"
	outside	mul, "mulq (%rbx)"
	outside	div, "divl (%rbx)"
	outside	movups_from, "movups (%rbx), %xmm0"
	outside	movups_to, "movups %xmm0, (%rbx)"
	outside	movaps_from, "movaps (%rbx), %xmm1"
	outside	movd, "movd (%rbx), %xmm2"
	outside	movss, "movss (%rbx), %xmm3"
	outside	movntps, "movntps %xmm0, (%rbx)"
	outside	paddd, "paddd (%rbx), %xmm4"
	outside	movq_mmx, "movq (%rbx), %mm0"
	outside	cmpxchg8b, "cmpxchg8b (%rbx)"
	outside	cmpxchg16b, "cmpxchg16b (%rbx)"
	outside	inc, "incl (%rbx)"
	outside	lock_neg, "lock negl (%rbx)"
	outside	bt, "btl $1, (%rbx)"
	outside	bts, "btsl %eax, (%rbx)"
	outside	push, "pushq (%rbx); popq %rax"
	outside	pop, "pushq %rax; popq (%rbx)"
	outside	movbe, "movbe (%rbx), %eax"
	outside	prefetch, "prefetcht0 (%rbx)"
	outside	fld, "fldl (%rbx)"
	outside	fst, "fldz; fstps (%rbx)"
	outside	fstp80, "fldpi; fstpt (%rbx)"
	outside	fnstcw, "fnstcw (%rbx)"
	outside	fxsave, "fxsave (%rbx)"
	outside	stmxcsr, "stmxcsr (%rbx)"
	outside	ldmxcsr, "ldmxcsr (%rbx)"
	outside	xadd, "xaddl %eax, (%rbx)"
	outside	xchg, "xchgq %rax, (%rbx)"
	outside	sidt, "sidt (%rbx)"
	outside	sldt, "sldt (%rbx)"
	outside	smsw, "smsw (%rbx)"
	outside	lldt, "lldt (%rbx)"
	outside	mov_sreg, "movw %ds, (%rbx)"
	outside	load_sreg, "movw (%rbx), %fs"
	outside	lfs, "lfsl (%rbx), %eax"
	outside	popcnt, "popcntl (%rbx), %eax"
	outside	bsf, "bsfl (%rbx), %eax"
	outside	crc32, "crc32l (%rbx), %eax"
	outside	jmp, "jmp *(%rbx)"
	outside	call, "call *(%rbx)"
	outside	enter, "movl %ebx, %esp; enter $8, $0"
	outside	stack_push, "movl %ebx, %esp; pushq %rax"
	outside	stack_pop, "movl %ebx, %esp; popq %rax"
	outside	stack_call, "movl %ebx, %esp; call .+5"
	outside	stack_ret, "movl %ebx, %esp; ret"
	outside	movs, "movl %ebx, %esi; movsq"
	outside	cmps, "movl %ebx, %esi; cmpsb"
	outside	stos, "movl %ebx, %edi; stosl"
	outside	rep_stos, "movl %ebx, %edi; movl $9, %ecx; rep stosq"
	outside	repne_scas, "movl %ebx, %edi; movl $9, %ecx; repne scasb"
	outside	maskmov, "movl %ebx, %edi; maskmovdqu %xmm1, %xmm0"
case outside_iret 64 long64.0
	movl	$NOWHERE, %esp
	try	iretq
case outside_ins 64 long64.0
	movl	$NOWHERE, %edi
	movl	$PORT_NOBODY, %edx
	try	insb
case outside_outs 64 long64.0
	movl	$NOWHERE, %esi
	movl	$PORT_NOBODY, %edx
	try	outsl
case outside_bound 32 prot32.3
	movl	$NOWHERE, %ebx
	try	boundl %eax, (%ebx)
case outside_screen 32 prot32.0 touches=CASE_FPU
	movl	$0xb8000, %ebx
	movups	%xmm0, (%ebx)
	movntq	%mm0, 16(%ebx)
case outside_table 64 long64.0 far_table
	movl	$FAR_TABLE, %ebx
	try	movl (%rbx), %eax
case outside_table_user 64 long64.3 far_table
	movl	$FAR_TABLE, %ebx
	try	incl (%rbx)
/* Its descriptors are all ones, too. */
	.pushsection .rodata
pointer_outside:
	.word	0xfff
	.quad	HOLE_START
	.popsection
case outside_gdt 64 long64.0
	movl	$0x18, %eax
	movl	$8, %ecx
	lgdt	pointer_outside
	larl	%eax, %edx
	lsll	%eax, %ecx
	lgdt	gdt_pointer
case outside_idt 64 long64.0 touches=CASE_ALONE
	lidt	pointer_outside
	int3
case outside_code 64 long64.0 touches=CASE_ALONE
	movl	$NOWHERE, %ebx
	jmp	*%rbx

/* INS into a page that is not there: what the device had is not lost. */
	.macro	give_back
	movl	$MACHINE_COM1 + 2, %edx
	movb	$7, %al
	outb	%al, %dx
	movl	$MACHINE_COM1 + 4, %edx
	movb	$3, %al
	outb	%al, %dx
	.endm
case ins_fault 64 long64.0 loopback
	movl	$MACHINE_COM1, %edx
	movl	$ABSENT, %edi
	movl	$4, %ecx
	try	rep insb
	movl	$ABSENT, %edi
	try	insb
	movl	$DATA, %edi
	rep insb
	give_back
case ins_fault_middle 64 long64.0 loopback
	movl	$MACHINE_COM1, %edx
	movl	$ABSENT - 2, %edi
	movl	$4, %ecx
	try	rep insb
	movl	$DATA, %edi
	movl	%ecx, %ebx
	rep insb
	give_back
case ins_readonly 64 long64.3 loopback RFLAGS_IOPL3
	movl	$MACHINE_COM1, %edx
	movl	$WINDOW + WINDOW_READONLY, %edi
	movl	$2, %ecx
	try	rep insb
	movl	$DATA, %edi
	rep insb
	give_back

/* A count of 0: no port is reached, hence no breakpoint on it. */
	.irp	i, insb, outsb
case rep_\i\()_none 64 long64.0 dr7=0x20401 dr0=PORT_NOBODY
	movl	$PORT_NOBODY, %edx
	xorl	%ecx, %ecx
	movl	$DATA, %edi
	movl	$DATA, %esi
	try	rep \i
	nop
	.endr

/* INS and OUTS look at their segments as other instructions do. */
	.macro	ports
	movl	$PORT_NOBODY, %edx
	movl	$4, %ecx
	.endm
	.irp	m, long32.0, prot32.0
case ins_null 32 \m
	ports
	xorl	%eax, %eax
	movl	%eax, %es
	try	insb
case rep_ins_null 32 \m
	ports
	xorl	%eax, %eax
	movl	%eax, %es
	try	rep insb
case rep_ins_null_none 32 \m
	ports
	xorl	%eax, %eax
	movl	%eax, %es
	xorl	%ecx, %ecx
	try	rep insb
case ins_limit 32 \m es=SEL_SHORT
	ports
	movl	$0x3000, %edi
	try	insb
case ins_limit_last 32 \m es=SEL_SHORT
	ports
	movl	$0x2ffe, %edi
	try	rep insb
case ins_read_only 32 \m es=SEL_READONLY
	ports
	try	insb
case outs_limit 32 \m es=SEL_SHORT
	ports
	movl	$0x2ffe, %esi
	try	outsl %es:(%esi), %dx
case outs_null 32 \m
	ports
	xorl	%eax, %eax
	movl	%eax, %fs
	try	outsb %fs:(%esi), %dx
case ins_down 32 \m es=SEL_DOWN
	ports
	movl	$0x1000, %edi
	try	insb
	.endr
	.macro	real name:req insn:req
case real_\name 16 real
	movw	$PORT_NOBODY, %dx
	movw	$4, %cx
	movw	$0xffff, %si
	movw	$0xffff, %di
	try	\insn
	.endm
	real	outsw, "outsw"
	real	outsw_ss, "outsw %ss:(%si), %dx"
	real	insw, "insw"
	real	rep_insw, "rep insw"
	real	insb, "insb"
	real	movw, "movw (%si), %ax"
case real_rep_outsw 16 real
	movw	$PORT_NOBODY, %dx
	movw	$0xfffc, %si
	movw	$4, %cx
	try	rep outsw
	.macro	far name:req insn:req
case far_\name 64 long64.0
	movl	$PORT_NOBODY, %edx
	movabsq	$NOT_CANONICAL, %rsi
	movq	%rsi, %rdi
	try	\insn
	.endm
	far	ins, "insb"
	far	outs, "outsb"
	far	outs_ss, "outsb %ss:(%rsi), %dx"
	far	outs_fs, "outsb %fs:(%rsi), %dx"
	far	lods_ss, "lodsb %ss:(%rsi), %al"

	.section .note.GNU-stack, "", @progbits
