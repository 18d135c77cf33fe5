/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM entry and VM exit: the only place that knows the order of the registers.
 *
 * HOST_RSP is the end of vcpu->regs, so pushing the guest's registers is
 * storing them in the vCPU; below the vCPU lies hv's stack. RSP itself is in
 * the VMCS: its slot is pushed and popped to keep its place in the order.
 */
#include "hv/vcpu.h"

	.macro	load_registers
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
	.irp	n, 15, 14, 13, 12, 11, 10, 9, 8
	pushq	%r\n
	.endr
	pushq	%rdi
	pushq	%rsi
	pushq	%rbp
	pushq	%rbp				/* RSP's slot */
	pushq	%rbx
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	movq	%rsp, %rdi
	call	vm_exit				/* hv/exit/exit.c */
	load_registers
	vmresume

/* Not entered: CF or ZF says how, and the registers are where they were. */
vm_entry_failed:
	setc	%al
	movzbl	%al, %esi
	leaq	-VCPU_REGS_BYTES(%rsp), %rsp
	movq	%rsp, %rdi
	call	vm_entry_vmfail			/* hv/exit/end.c; does not return */

	.section .note.GNU-stack, "", @progbits
