/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases of real mode.
 *
 * Sources: Intel SDM volume 3, section "Real-Address Mode Operation"; volume 2, "Real-Address
 * Mode Exceptions" of the instructions.
 */
#include "tests/behaviour/cases.h"

/* In real mode an exception has no error code, whoever raises it. */
case real_rdmsr 16 real
	movl	$0xffff, %ecx
	try	rdmsr
case real_wrmsr 16 real
	movl	$0xffff, %ecx
	try	wrmsr
case real_rdpmc 16 real
	movl	$0xffff, %ecx
	try	rdpmc
case real_cr4 16 real
	movl	$0x80000000, %eax
	try	movl %eax, %cr4
case real_cr0 16 real
	movl	$0x80000010, %eax
	try	movl %eax, %cr0
case real_xsetbv 16 real
	movl	$5, %ecx
	try	xsetbv
case real_cpuid_step 16 real flags=RFLAGS_TF
	cpuid
	forget

/* What is no instruction there, and what a hypervisor answers or refuses. */
case real_tables 16 real
	try	lldt %ax
	try	ltr %ax
	try	str %eax
	try	sldt %eax
	try	verr %ax
	try	larw %ax, %bx
	try	lslw %ax, %bx
	try	arpl %ax, %bx
case real_sgdt_limit 16 real
	movw	$0xfffb, %bx
	try	sgdt (%bx)
	movw	$0xfffa, %bx
	try	sgdt (%bx)
	try	sidt %ss:0xfffc
	try	lgdtl 0xfffc
	try	lidtl %ss:0xfffb
	try	smsw 0xffff
	try	lmsw 0xffff
	try	invlpg 0xffff
	movw	$0, 0xfffa
	movw	$0, 0xfffc
	movw	$0, 0xfffe
	movw	$0x2f80, %bx
case real_vmx 16 real
	try	vmxon 0xfffc
	try	vmptrld (%bx)
	try	.byte 0x0f, 0x01, 0xc2
	try	vmxoff
	try	getsec
	try	.byte 0x0f, 0x01, 0xd4
	try	.byte 0x66, 0x0f, 0x38, 0x80, 0x07
	try	.byte 0x66, 0x0f, 0x38, 0x81, 0x07
case real_invpcid 16 real
	movl	$4, %eax
	movl	$0, (%bx)
	movl	$0, 4(%bx)
	movl	$0, 8(%bx)
	movl	$0, 12(%bx)
	try	invpcid (%bx), %eax
	movl	$2, %eax
	try	invpcid (%bx), %eax
	try	invpcid 0xfff8, %eax
	movl	$0, %eax
	movl	$1, (%bx)
	try	invpcid (%bx), %eax
case real_control 16 real
	movl	%cr0, %edi
	movl	%cr4, %esi
	movl	%edi, %eax
	orl	$1 << 29, %eax
	try	movl %eax, %cr0
	movl	%esi, %eax
	orl	$1 << 17, %eax
	try	movl %eax, %cr4
	try	.byte 0x0f, 0x22, 0xc8
	try	.byte 0x0f, 0x20, 0xe8
	try	.byte 0xf0, 0x0f, 0x20, 0xc0
	try	.byte 0x0f, 0x20, 0x00
	movl	$0, %eax
	try	movl %eax, %cr3
	movl	%cr3, %ecx
	movl	$-1, %eax
	try	movl %eax, %cr3
	movl	%cr3, %ecx
	movl	$0, %edi
	movl	$0, %esi
case real_msrs 16 real
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$2, %eax
	try	wrmsr
	movl	$0x1b, %ecx
	rdmsr
	orl	$1, %eax
	try	wrmsr
	movl	$MSR_FS_BASE, %ecx
	movl	$0x8000, %edx
	try	wrmsr
	movl	$MSR_IA32_PAT, %ecx
	movl	$2, %eax
	try	wrmsr
	movl	$0x808, %ecx
	movl	$0x100, %eax
	movl	$0, %edx
	try	wrmsr
	movl	$0x808, %ecx
	movl	$0, %eax
	try	wrmsr
	movl	$0x40000000, %ecx
	try	rdmsr
	forget
case real_int_limit 16 real
	sidtl	(%bx)
	movw	(%bx), %ax
	movw	$0x3f, (%bx)
	lidtl	(%bx)
	try	int $0x30
	try	int $0x0f
	movw	%ax, (%bx)
	lidtl	(%bx)
	movl	$0, (%bx)
	movl	$0, 4(%bx)
case real_debug 16 real
	movl	$0x400, %eax
	try	movl %eax, %dr7
	movl	$-1, %eax
	try	movl %eax, %dr6
	movl	%dr6, %ecx
	try	.byte 0x0f, 0x21, 0xe0
	try	.byte 0x0f, 0x23, 0xe8
case real_sse 16 real touches=CASE_FPU
	try	movups 0xfff8, %xmm0
	try	movaps 8(%bx), %xmm0
	try	movups %xmm0, %ss:0xfff8
	try	fnsave 0xffb0
	try	cmpxchg8b 0xfffc
case real_others 16 real
	movl	$0xffffffff, %eax
	try	rdrand %eax
	try	rdseed %ax
	forget
	try	rdtscp
	forget
	try	clts
	try	invd
	try	wbinvd
	try	.byte 0xf0, 0x0f, 0xa2
	try	pause
	try	.byte 0xf3, 0x0f, 0x01, 0xd0
	forget

	.section .note.GNU-stack, "", @progbits
