/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM entry and VM exit: the only place that knows the order of the registers.
 *
 * HOST_RSP is the vCPU, below which lies hv's stack. The guest's RSP is in the VMCS: its
 * slot is only left out.
 */
#include "hv/vcpu.h"

	/* RSP is the vCPU. */
	.macro	load_registers
	addq	$VCPU_REGS, %rsp
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rbx
	popq	%rbp				/* RSP's slot */
	popq	%rbp
	popq	%rsi
	popq	%rdi
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	popq	%r\n
	.endr
	.endm

	.text
	.globl	vm_enter_first, vm_exit_stub

/* void vm_enter_first(struct vcpu *v): VMLAUNCH; every later entry is a VMRESUME */
vm_enter_first:
	movq	%rdi, %rsp
	load_registers
	vmlaunch
	jmp	vm_entry_failed

	.balign	16
vm_exit_stub:
	movq	%rax, VCPU_REGS(%rsp)
	movq	%rcx, VCPU_REGS+8(%rsp)
	movq	%rdx, VCPU_REGS+16(%rsp)
	movq	%rbx, VCPU_REGS+24(%rsp)
	movq	%rbp, VCPU_REGS+40(%rsp)
	movq	%rsi, VCPU_REGS+48(%rsp)
	movq	%rdi, VCPU_REGS+56(%rsp)
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	movq	%r\n, VCPU_REGS+8*\n(%rsp)
	.endr
	movq	%rsp, %rdi
	call	vm_exit				/* hv/exit/exit.c */
	load_registers
	vmresume

/* Not entered: CF or ZF says how, and the registers are where they were. */
vm_entry_failed:
	setc	%al
	movzbl	%al, %esi
	subq	$VCPU_REGS_END, %rsp
	movq	%rsp, %rdi
	call	vm_entry_vmfail			/* hv/exit/end.c; does not return */

	.section .note.GNU-stack, "", @progbits
