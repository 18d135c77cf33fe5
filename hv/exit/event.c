// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits by events and not by instructions, and HLT, which waits for one.
 *
 * Source: Intel SDM volume 3, chapter "VM Exits", section "Information for VM Exits Due
 * to Vectored Events"; chapter "VMX Non-Root Operation", "Other Causes of VM Exits".
 */
#include "hv/cpu/debug.h"
#include "hv/exit/exit.h"
#include "hv/smp/apic.h"

void handle_exception_nmi(struct vcpu *v)
{
	u32 info = exit_event(v), vector = info & EVENT_VECTOR;
	u64 qualification = exit_qualification(v);

	if ((info & EVENT_TYPE) == EVENT_HARD_EXCEPTION) {
		if (vector == VECTOR_MC)
			vcpu_die(v, CAUSE_UNHANDLED, MACHINE_CODE_GUEST_DIED, "machine check");
		/* MOV SS holds its trap back, and DR6 and DR7 with it, for an instruction. */
		if (vector == VECTOR_DB && v->work & WORK_STEP && step_loaded_ss(v)) {
			set_guest_pending_debug(v, debug_pending(guest_dr7(v), qualification));
		} else if (vector == VECTOR_DB) {
			inject_db(v, qualification);
		} else {
			/* Interrupt or NMI, if its delivery ended so, is not delivered again. */
			inject_second(v, exit_interrupted(v), vector, exit_event_error(v),
				      qualification);
		}
	} else if ((info & EVENT_TYPE) != EVENT_NMI) {
		inject_again(v, info, 0);
	} else {
		/* One of the machine's, maybe of the VM's end. The guest is not to see it. */
		v->work |= WORK_POSTED;
		reinject_event(v);
	}
}

void handle_external_interrupt(struct vcpu *v)
{
	/* hv polls. Another vCPU has something for this one, or it is left over from firmware. */
	apic_eoi();
	v->work |= WORK_POSTED;
}

/* The guest can take an event now. TPR below threshold means it too: the priority allows one. */
void handle_window(struct vcpu *v)
{
	v->work |= WORK_EVENTS;
}

void handle_preemption_timer(struct vcpu *v)
{
	/* Input for a guest that does not halt is looked for as often as its clock ticks. */
	if (machine_uart_listens(&v->vm->io.com1))
		devices_poll_console(v);
	v->work |= WORK_TIMER;
}

void handle_hlt(struct vcpu *v)
{
	v->work |= WORK_HALTED;
	vcpu_skip(v);
}
