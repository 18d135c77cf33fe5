/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of string I/O.
 *
 * Sources: Intel SDM volume 3, section "Limit Checking"; volume 2, instructions INS, OUTS.
 */
#include "tests/behaviour/cases.h"

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

/* In 16 bits, at CPL 3 without and with its ports, with prefixes, backwards, across pages. */
case ports_16_prot 16 prot16.0
	movw	$PORT_NOBODY, %dx
	movw	$0xffff, %di
	try	insw
	movw	$0xfffd, %di
	movw	$4, %cx
	try	rep insb
	movw	$0xfffe, %si
	movw	$4, %cx
	try	rep outsb
	movw	$0xfffe, %si
	movw	$4, %cx
	try	rep outsl
case ports_16_user 16 long16.3 flags=RFLAGS_IOPL3
	movw	$PORT_NOBODY, %dx
	movw	$0xffff, %di
	try	insw
	movw	$0xfffd, %di
	movw	$4, %cx
	try	rep insb
	movw	$0xffff, %si
	try	outsw
case ports_not_allowed 64 long64.3
	movl	$PORT_NOBODY, %edx
	movl	$ABSENT, %edi
	try	insb
	movl	$2, %ecx
	try	rep insb
	xorl	%ecx, %ecx
	try	rep insb
	try	rep outsb
	movl	$0x278, %edx
	movl	$DATA, %edi
	try	insb
	movl	$0x27b, %edx
	try	inw %dx, %ax
	try	outsw
	movl	$0x3ff, %edx
	try	inw %dx, %ax
	movl	$0x400, %edx
	try	inb %dx, %al
	movl	$0xffff, %edx
	try	inb %dx, %al
	try	outb %al, $0x80
	try	inl $0xff, %eax
	forget
case ports_v86 16 v86.0
	movw	$PORT_NOBODY, %dx
	try	insb
	movw	$0x278, %dx
	try	insb
	movw	$0xffff, %di
	try	insw
	movw	$2, %cx
	movw	$0xfffe, %si
	try	rep outsw
	try	inb $0x80, %al
	forget
case ports_rex 64 long64.0
	movl	$PORT_NOBODY, %edx
	try	.byte 0x48, 0x6d
	movl	$2, %ecx
	try	.byte 0xf3, 0x48, 0x6f
	movl	$2, %ecx
	try	.byte 0xf2, 0x6c
	movl	$2, %ecx
	try	.byte 0xf2, 0x66, 0x6f
	try	.byte 0xf0, 0x6c
	try	.byte 0x64, 0x6c
	try	.byte 0x66, 0x48, 0xed
	forget
case ports_down_64 64 long64.0
	movl	$PORT_NOBODY, %edx
	std
	movl	$4, %ecx
	rep insl
	movl	$WINDOW + WINDOW_AFTER + 8, %edi
	movl	$40, %ecx
	movl	$ABSENT + 0x1002, %esi
	try	rep outsw
	movl	$WINDOW + WINDOW_READONLY + 0x1008, %edi
	movl	$0x500, %ecx
	try	rep insl
	cld
case ports_long_hole 64 long64.0
	movl	$PORT_NOBODY, %edx
	movl	$NOWHERE + 0xef0, %edi
	movl	$30, %ecx
	rep insb
	movl	$NOWHERE + 0xef0, %esi
	movl	$30, %ecx
	rep outsw
	movl	$WINDOW + WINDOW_HOLE_2 - 4, %edi
	movl	$3, %ecx
	rep insl
	movl	$WINDOW + WINDOW_HOLE_2 - 2, %edi
	insl
	movl	$WINDOW + WINDOW_AFTER - 2, %edi
	insl

/* What is not aligned. */
case ports_unaligned 64 long64.3 flags=RFLAGS_AC|RFLAGS_IOPL3
	movl	$PORT_NOBODY, %edx
	incl	%edi
	try	insw
	incl	%esi
	try	outsw
	try	outsl
	movl	$2, %ecx
	try	rep insw
	movl	$2, %ecx
	try	rep insb
	movl	$ABSENT - 1, %edi
	try	insw
	movl	$NOWHERE + 1, %esi
	try	outsw

	.section .note.GNU-stack, "", @progbits
