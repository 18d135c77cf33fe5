// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits by events and not by instructions, and HLT, which waits for one.
 *
 * Source: Intel SDM volume 3, chapter "VM Exits", section "Information for VM Exits Due
 * to Vectored Events"; chapter "VMX Non-Root Operation", "Other Causes of VM Exits".
 */
#include "hv/exit/devices.h"
#include "hv/exit/exit.h"

#define LOCAL_APIC_EOI		0xfee000b0ul

void handle_exception_nmi(struct vcpu *v)
{
	u32 info = exit_event(v), vector = info & EVENT_VECTOR;
	u64 qualification = exit_qualification(v);

	/* The host's NMI: hv has no source of NMIs, and the guest no part in them. */
	if ((info & EVENT_TYPE) == EVENT_NMI) {
		reinject_event(v);
		return;
	}
	if (vector == VECTOR_MC)
		vcpu_die(v, CAUSE_UNHANDLED, MACHINE_CODE_GUEST_DIED,
			 "machine check");
	if ((info & EVENT_TYPE) != EVENT_HARD_EXCEPTION)
		inject_again(v, info, 0);
	else if (vector == VECTOR_DB)
		inject_db(v, qualification);
	else	/* An interrupt or NMI whose delivery it ended is lost: it was acknowledged. */
		inject_second(v, exit_interrupted(v), vector,
			      exit_event_error(v), qualification);
}

void handle_external_interrupt(struct vcpu *v)
{
	/* Nothing in hv waits for one: acknowledge a leftover of the firmware. */
	if (rdmsr(MSR_IA32_APIC_BASE) & APIC_BASE_X2APIC)
		wrmsr(MSR_IA32_X2APIC_EOI, 0);
	else
		*(volatile u32 *)LOCAL_APIC_EOI = 0;
}

/* deliver_events() sees that the guest is ready now, and closes the window. TPR below
 * threshold is a window that priorities opened.
 */
void handle_window(struct vcpu *v)
{
	v->work |= WORK_EVENTS;
}

void handle_preemption_timer(struct vcpu *v)
{
	/* A guest that does not halt is asked for input at the pace of its clock. */
	if (machine_uart_listens(&v->vm->io.com1))
		devices_poll_console(v);
	v->work |= WORK_TIMER;
}

void handle_hlt(struct vcpu *v)
{
	vcpu_skip(v);
	v->work |= WORK_HALTED;
}
