/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of memory that is not there, where any instruction may reach, and of tables in it.
 *
 * Sources: Intel SDM volume 3, sections "Page-Fault Exceptions", "Interrupt Descriptor Table
 * (IDT)", "Segment Descriptor Tables".
 */
#include "tests/behaviour/cases.h"

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

/* More of what reads or writes it, by kind. */
	.macro	all_of name:req
	.irp	m, long64.0, long64.3
case outside_\name 64 \m touches=CASE_FPU
	movl	$NOWHERE & ~63, %ebx
	movl	%ebx, %esi
	movl	%ebx, %edi
	outside_\name
	.endr
	.endm
	.macro	outside_ssse
	try	movlps (%rbx), %xmm0
	try	movhps (%rbx), %xmm1
	try	movhpd %xmm0, (%rbx)
	try	movddup (%rbx), %xmm2
	try	movshdup (%rbx), %xmm3
	try	pinsrw $3, (%rbx), %xmm4
	try	pextrb $3, %xmm4, (%rbx)
	try	pshufb (%rbx), %xmm5
	try	pmovzxbw (%rbx), %xmm6
	try	pcmpestri $0, (%rbx), %xmm7
	try	aesenc (%rbx), %xmm0
	try	ptest (%rbx), %xmm0
	.endm
	all_of ssse
	.macro	outside_sse4
	try	roundps $1, (%rbx), %xmm0
	try	pblendvb (%rbx), %xmm1
	try	dpps $0xff, (%rbx), %xmm2
	try	insertps $0, (%rbx), %xmm3
	try	extractps $0, %xmm3, (%rbx)
	try	mpsadbw $0, (%rbx), %xmm4
	try	cvtsi2sdl (%rbx), %xmm5
	try	cvtpi2ps (%rbx), %xmm6
	try	lddqu (%rbx), %xmm7
	try	movntdqa (%rbx), %xmm0
	try	maskmovq %mm1, %mm0
	try	movq2dq %mm0, %xmm1
	.endm
	all_of sse4
	.macro	outside_x87
	try	fbld (%rbx)
	try	fbstp (%rbx)
	try	fildll (%rbx)
	try	fistpll (%rbx)
	try	fldt (%rbx)
	try	fisttpll (%rbx)
	try	fiadds (%rbx)
	try	ficoml (%rbx)
	try	fmuls (%rbx)
	try	fsubl (%rbx)
	try	fnstenv (%rbx)
	try	fldcw (%rbx)
	.endm
	all_of x87
	.macro	outside_odd
	try	xlat
	movl	%ebx, %esi
	try	prefetchw (%rbx)
	try	.byte 0x66, 0x0f, 0xae, 0x33
	try	.byte 0x0f, 0x0d, 0x13
	try	ltr (%rbx)
	try	verw (%rbx)
	try	lsl (%rbx), %rax
	try	lss (%rbx), %eax
	try	lcall *(%rbx)
	try	ljmp *(%rbx)
	try	lar (%rbx), %rcx
	try	adox (%rbx), %rdx
	try	mulx (%rbx), %rax, %rdx
	try	andn (%rbx), %rax, %rdx
	try	bextr %rax, (%rbx), %rdx
	try	sarx %rax, (%rbx), %rdx
	try	rorx $3, (%rbx), %rdx
	try	tzcnt (%rbx), %rax
	try	lzcnt (%rbx), %rcx
	try	pdep (%rbx), %rax, %rcx
	.endm
	all_of odd
	.macro	outside_stack
	movl	%ebx, %esp
	try	pushfq
	try	leave
	movl	%ebx, %esp
	try	lretl
	movl	%ebx, %esp
	try	push %fs
	try	pop %fs
	movl	%ebx, %esp
	try	ret $8
	movl	%ebx, %esp
	try	call *%rax
	movl	%ebx, %esp
	try	enter $16, $1
	movl	$WINDOW + WINDOW_SP, %esp
	.endm
	all_of stack
case outside_avx 64 long64.0 touches=CASE_FPU
	movl	$NOWHERE & ~63, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$7, %eax
	try	xsetbv
	try	vmovdqu (%rbx), %ymm0
	try	vmovdqu %ymm0, (%rbx)
	try	vmovntdq %ymm0, (%rbx)
	vpcmpeqd %ymm2, %ymm2, %ymm2
	try	vmaskmovps (%rbx), %ymm2, %ymm1
	try	vmaskmovps %ymm2, %ymm1, (%rbx)
	try	vpmaskmovq (%rbx), %ymm2, %ymm3
	try	vbroadcasti128 (%rbx), %ymm4
	try	vbroadcastss (%rbx), %ymm5
	try	vpgatherqq %ymm2, (%rbx, %ymm4), %ymm6
	try	vinsertf128 $1, (%rbx), %ymm0, %ymm7
	try	vextractf128 $1, %ymm7, (%rbx)
	try	vfmadd132ps (%rbx), %ymm0, %ymm1
	try	vcvtph2ps (%rbx), %ymm0
	try	vpaddd (%rbx), %ymm0, %ymm2
	try	vldmxcsr (%rbx)
	try	vstmxcsr (%rbx)
	try	vzeroupper
	movl	$1, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xsetbv
case outside_avx512 64 long64.0 touches=CASE_FPU
	movl	$NOWHERE & ~63, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	movl	$0xe7, %eax
	try	xsetbv
	try	vmovdqu64 (%rbx), %zmm0
	try	vmovdqu64 %zmm0, (%rbx)
	try	kmovw (%rbx), %k1
	try	kmovw %k1, (%rbx)
	try	vmovdqu32 (%rbx), %zmm1{%k1}
	try	vpcompressd %zmm1, (%rbx){%k1}
	vpternlogd $0xff, %zmm2, %zmm2, %zmm2
	try	vpscatterdd %zmm1, (%rbx, %zmm2){%k1}
	try	vpaddd (%rbx){1to16}, %zmm0, %zmm3
	kxnorw	%k2, %k2, %k2
	try	vpgatherdd (%rbx, %zmm2), %zmm4{%k2}
	vmovdqu64 %zmm3, DATA
	vzeroall
	kxorw	%k1, %k1, %k1
	kxorw	%k2, %k2, %k2
	movl	$1, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xsetbv
case outside_prot 32 prot32.3 touches=CASE_FPU
	movl	$NOWHERE & ~63, %ebx
	try	les (%ebx), %eax
	try	lds (%ebx), %eax
	try	arpl %ax, (%ebx)
	try	bound %eax, (%ebx)
	try	lcall *(%ebx)
	try	daa
	movl	%ebx, %esp
	try	pushal
	movl	%ebx, %esp
	try	popal
	movl	$NOWHERE & ~63, %ebx
	movl	%ebx, %esp
	try	push %ds
	movl	%ebx, %esp
	try	pop %es
	movl	%ebx, %esp
	try	popl %gs
	movl	%ebx, %esp
	try	lret
	movl	%ebx, %esp
	try	iretl
	movl	$WINDOW + WINDOW_SP, %esp
	movl	$0, %edi
	movl	$0, %esi
	movl	$0, %ebp

/* Segments that a table out there describes. */
case outside_ldt 32 prot32.0
	movl	gdt + SEL_LDT, %esi
	movl	gdt + SEL_LDT + 4, %edi
	movl	$0xffff, gdt + SEL_LDT
	movl	$(HOLE_START & 0xff000000) + 0x8200, gdt + SEL_LDT + 4
	movl	$SEL_LDT, %eax
	try	lldt %ax
	movl	$7, %eax
	larl	%eax, %ecx
	lsll	%eax, %edx
	try	verr %ax
	try	verw %ax
	try	movw %ax, %fs
	try	movw %ax, %ss
	try	lcall $0xf, $0
	movl	$0, %eax
	movw	%ax, %fs
	lldt	%ax
	movl	%esi, gdt + SEL_LDT
	movl	%edi, gdt + SEL_LDT + 4
case outside_gdt_load 32 prot32.0
	movl	$SEL_DATA, %eax
	lgdt	pointer_outside
	try	movw %ax, %fs
	try	verw %ax
	try	verr %ax
	lgdt	gdt_pointer
	movl	$0, %eax
	movw	%ax, %fs

	.section .note.GNU-stack, "", @progbits
