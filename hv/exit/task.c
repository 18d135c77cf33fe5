// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task switches: VMX exits where one would begin. hv/cpu/task_switch.c carries it out.
 *
 * Source: Intel SDM volume 3, chapter "VMX Non-Root Operation", section
 * "Treatment of Task Switches"; table "Exit Qualification for Task Switches".
 */
#include "hv/cpu/task_switch.h"
#include "hv/exit/exit.h"
#include "hv/exit/mem.h"

static void store_state(struct vcpu *v, const struct task_cpu *cpu)
{
	const struct gmem_cpu *p = &cpu->paging;

	set_guest_rsp(v, cpu->regs[RSP]);
	set_guest_rip(v, cpu->rip);
	set_guest_rflags(v, p->rflags);
	set_guest_dr7(v, cpu->dr7);
	set_guest_cr0(v, guest_cr0(v) | CR0_TS);	/* the only bit that changes */
	if (p->cr0 & CR0_PG) {
		set_guest_cr3(v, p->cr3);
		for (u32 i = 0; i < 4; i++)
			set_guest_pdpte(v, i, p->pdpte[i]);
		vmx_flush_guest();
	}
	for (u32 i = ES; i <= TR; i++)
		set_guest_segment(v, i, &cpu->segment[i]);
}

void handle_task_switch(struct vcpu *v)
{
	u32 event = exit_interrupted(v), type = event & EVENT_TYPE;
	struct task_request request = {
		.source = exit_task_source(v),
		.selector = exit_task_selector(v),
		.external = event & EVENT_VALID && type < EVENT_SOFT_INTERRUPT,
		.has_error = event & EVENT_VALID && event & EVENT_ERROR_CODE,
		.error = exit_interrupted_error(v),
	};
	u32 blocking = guest_blocking(v);
	struct gmem_fault fault;
	bool done;
	struct task_cpu cpu = {
		.regs = v->regs, .rip = guest_rip(v), .dr7 = guest_dr7(v),
		.dr = { read_dr0(), read_dr1(), read_dr2(), read_dr3() },
		.gdt_base = guest_table_base(v, GDTR), .gdt_limit = guest_table_limit(v, GDTR),
	};

	v->regs[RSP] = guest_rsp(v);
	vcpu_paging(v, &cpu.paging);
	for (u32 i = ES; i <= TR; i++)
		cpu.segment[i].selector = guest_selector(v, i);
	guest_segment(v, TR, &cpu.segment[TR]);
	/* An instruction is done with; an exception or interrupt comes in front of one. */
	request.next_rip = cpu.rip + (request.external ? 0 : exit_length(v));
	done = task_switch(&v->ram, &cpu, &request, &fault);
	if (cpu.switched)
		store_state(v, &cpu);

	/* IRET lets NMIs in again; that it has done so before this exit the SDM does not say. */
	blocking &= ~(BLOCKING_SHADOWS | (request.source == TASK_IRET ? BLOCKING_BY_NMI : 0));
	if (event & EVENT_VALID && type == EVENT_NMI)
		blocking |= BLOCKING_BY_NMI;
	set_guest_blocking(v, blocking);
	if (!done)
		inject_second(v, event, fault.vector, fault.error, fault.address);
	else if (cpu.traps)	/* and those that the CPU has met before the exit */
		inject_db(v, cpu.traps | (guest_pending_debug(v) & DR6_TRAPS));
}
