// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task switches: VMX exits where one would begin. hv/cpu/task_switch.c carries it out.
 *
 * Source: Intel SDM volume 3, chapter "VMX Non-Root Operation", section
 * "Treatment of Task Switches"; table "Exit Qualification for Task Switches".
 */
#include "hv/hv.h"
#include "hv/cpu/task_switch.h"
#include "hv/vcpu.h"

static void load_state(struct vcpu *v, struct task_cpu *cpu)
{
	vcpu_sync_rsp(v);
	cpu->regs = v->regs;
	cpu->rip = vmcs_readl(GUEST_RIP);
	cpu->dr7 = vmcs_readl(GUEST_DR7);
	cpu->gdt_base = vmcs_readl(GUEST_GDTR_BASE);
	cpu->gdt_limit = vmcs_read32(GUEST_GDTR_LIMIT);
	vcpu_paging(v, &cpu->paging);
	for (u32 i = ES; i <= TR; i++) {
		u32 offset = i * VMCS_SEGMENT_STRIDE;

		cpu->segment[i] = (struct segment){
			vmcs_read(GUEST_ES_SELECTOR + offset), vmcs_read(GUEST_ES_BASE + offset),
			vmcs_read(GUEST_ES_LIMIT + offset),
			vmcs_read(GUEST_ES_ACCESS_RIGHTS + offset),
		};
	}
}

static void store_state(const struct task_cpu *cpu)
{
	const struct gmem_cpu *p = &cpu->paging;

	vmcs_writel(GUEST_RSP, cpu->regs[RSP]);
	vmcs_writel(GUEST_RIP, cpu->rip);
	vmcs_writel(GUEST_RFLAGS, p->rflags);
	vmcs_writel(GUEST_DR7, cpu->dr7);
	/* TS is the only bit that changes, and the shadow's counts where hv owns it. */
	vmcs_writel(GUEST_CR0, p->cr0);
	vmcs_writel(CR0_READ_SHADOW, vmcs_readl(CR0_READ_SHADOW) | (p->cr0 & CR0_TS));
	if (p->cr0 & CR0_PG) {
		vmcs_writel(GUEST_CR3, p->cr3);
		vmcs_set_pdptes(p->pdpte);
		vmx_flush_guest();
	}
	for (u32 i = ES; i <= TR; i++)
		vmcs_set_segment(i, cpu->segment[i].selector, cpu->segment[i].base,
				 cpu->segment[i].limit, cpu->segment[i].rights);
}

void handle_task_switch(struct vcpu *v)
{
	u32 event = vmcs_read32(IDT_VECTORING_INFO), type = event & EVENT_TYPE;
	u64 qualification = vmcs_readl(EXIT_QUALIFICATION);
	struct task_request request = {
		.source = qualification >> 30 & 3,
		.selector = qualification,
		.external = event & EVENT_VALID && type < EVENT_SOFT_INTERRUPT,
		.has_error = event & EVENT_VALID && event & EVENT_ERROR_CODE,
		.error = vmcs_read32(IDT_VECTORING_ERROR),
	};
	u32 blocking = vmcs_read32(GUEST_INTERRUPTIBILITY);
	enum task_result result;
	struct task_fault fault;
	struct task_cpu cpu;

	load_state(v, &cpu);
	/* An instruction is done with; an exception or interrupt comes in front of one. */
	request.next_rip = cpu.rip + (request.external ? 0 : vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	result = task_switch(&v->ram, &cpu, &request, &fault);
	store_state(&cpu);

	blocking &= ~(BLOCKING_BY_STI | BLOCKING_BY_MOV_SS);
	if (event & EVENT_VALID && type == EVENT_NMI)
		blocking |= BLOCKING_BY_NMI;
	vmcs_write32(GUEST_INTERRUPTIBILITY, blocking);
	if (result == TASK_TRAPS)
		inject_db(v, DR6_BT);
	else if (result == TASK_FAULT)
		inject_second(v, event, fault.vector, fault.error, fault.address);
}
