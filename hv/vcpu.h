/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU: what is only one vCPU's. Nobody else writes to it, but to what is posted.
 *
 * One VM exit: vm_exit_stub (vmexit.S) -> vm_exit() (exit.c) -> a handler from
 * the table there -> before_entry() (entry.c), if the handler left work -> VM entry.
 */
#pragma once

/* For vmexit.S: where in a vCPU its registers are. */
#define VCPU_REGS	88
#define VCPU_REGS_END	(VCPU_REGS + 16 * 8)

#ifndef __ASSEMBLER__
#include <stddef.h>
#include "hv/cpu/msr_values.h"
#include "hv/exit/mmio.h"
#include "hv/hv.h"
#include "hv/vm.h"
#include "hv/vmx/state.h"
#include "machine/cpuid.h"

/* General registers in the order of the SDM. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, NR_REGS = 16 };

/* What before_entry() has to do; 0 on the hot path. */
#define WORK_EVENTS	(1u << 0)	/* something may have become deliverable */
#define WORK_TIMER	(1u << 1)	/* the APIC timer runs: set the preemption timer */
#define WORK_DR_OPEN	(1u << 2)	/* MOV DR does not exit: make it exit again */
#define WORK_STEP	(1u << 3)	/* the processor does one instruction or delivery: mmio.c */
#define WORK_REPORT	(1u << 4)	/* a periodic report is due */
#define WORK_HALTED	(1u << 5)	/* HLT: wait for an event */
#define WORK_CONSOLE	(1u << 6)	/* something may be queued for the console */
#define WORK_POSTED	(1u << 7)	/* another vCPU has something for it: posted.c */

/* What other vCPUs have for one: smp/share.h. It has a cache line of its own. */
struct posted {
	u32 events;		/* POSTED_… */
	u32 irr[8];		/* interrupts, a bit for each vector */
} __aligned(64);

/*
 * What was asked for last of an exit, or NOT_NOTED. Who counts an exit by it (exit/detail.c) knows
 * that its handler asks always, and before it can end the VM, or has it forgotten before.
 */
#define NOT_NOTED	(~0ull)
struct noted {
	union {
		u64 qualification;
		/* Of CR0 or CR4: what the guest wants to change. The field has no such bits. */
		struct { u32 low, changes; } cr;
	};
	u64 gpa, event;
	bool wanted;		/* the exit is still to be told from others */
};
#define NOTHING_NOTED	((struct noted){ { NOT_NOTED }, NOT_NOTED, NOT_NOTED, true })

struct vcpu {
	/*
	 * First what most code asks for: what is not 128 bytes away is reached by shorter
	 * instructions.
	 */
	struct vm *vm;
	u32 exit_reason;	/* of the last exit */
	u32 work;
	struct vmx_state vmx;
	u64 tsc_offset, efer;	/* as the processor has them */
	bool event_set;		/* the next entry delivers one, and no other */
	bool debugging;		/* the guest has used a debug register, maybe a breakpoint */
	bool waits_for_sipi;	/* INIT has been received; it is WORK_HALTED as well */
	bool hopeless;		/* it waits, and nothing but another vCPU can end that */
	bool parked;		/* the VM has ended for it */
	bool page1gb;
	u64 debug_hits;		/* breakpoints that the instruction has met: bits of DR6 */
	u32 id;			/* which of the VM, and its APIC id; 0 starts it */
	u32 cpuid_direct;	/* basic leaves below need no check; 0 while CPUID faulting is on */
	u64 tsc_adjust;
	u32 maxphyaddr;		/* width of the guest's physical addresses, bits */

	u64 regs[NR_REGS];	/* by vmexit.S; [RSP] is only valid when it has been copied */
	struct exit_acct_vcpu acct;

	struct noted noted;
	struct gmem ram;	/* the VM's; outside of it this vCPU's APIC, or nothing */
	struct lapic lapic;
	struct step step;

	/* Registers that exist only here. */
	struct msrs msrs;

	struct machine_cpuid cpuid;

	struct exit_acct_counters counters;
	struct posted posted;

	/* Pages for the processor; from here on a new VM's vCPU is not cleared. */
	u8 virtual_apic[PAGE_SIZE] __aligned(4096);
	u8 private[PRIVATE_PAGES][PAGE_SIZE];	/* see mmio.c */
	struct vmx_pages vmx_pages;
	struct ept_tables own;	/* for what only it finds outside RAM, during a step */
	u32 apic_id;		/* of the processor that it runs on */
};

_Static_assert(offsetof(struct vcpu, regs) == VCPU_REGS &&
	       offsetof(struct vcpu, acct) >= VCPU_REGS_END, "vmexit.S knows the place");

static inline u64 guest_tsc(const struct vcpu *v)
{
	return rdtsc() + v->tsc_offset;
}
#endif /* __ASSEMBLER__ */
