/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processor itself does for hv outside RAM, one thing at a time: mmio.c. */
#pragma once

#include "acct/exit_types.h"

#define STEP_PAGES	64	/* that one instruction may touch */
#define PRIVATE_PAGES	9	/* the APIC's, and others */
#define APIC_REGISTERS	64

/* WORK_STEP says that there is something. */
struct step {
	/* Entered, and not yet left; to deliver an event; that is an NMI; or an IRET of one. */
	bool armed, delivers, nmi, unblocks;
	u64 behind_rip;		/* of a load of SS, which its next instruction is a little above */
	u32 blocking;		/* the guest's, which is set aside meanwhile */
	u32 pages;
	u64 gpa[STEP_PAGES];
	/* A bit for each register of the APIC's page; that not from its first byte on. */
	u64 apic_written, apic_odd;
	u32 apic[APIC_REGISTERS];	/* as they were */
};

struct vcpu;

/** mmio_init - let this vCPU's accesses outside RAM find what is there */
void mmio_init(struct vcpu *v);

/** step_loaded_ss - is there a shadow of MOV SS due, in which no trap may come yet? */
bool step_loaded_ss(const struct vcpu *v);

/** step_left - an exit while the processor does one thing for hv: was that its end? */
void step_left(struct vcpu *v) __attribute__((cold));

/**
 * step_enter - make the next exit come after one instruction or one delivery
 * @delivers: an event is to be delivered again, and no instruction to be executed
 */
void step_enter(struct vcpu *v, bool delivers) __attribute__((cold));

/** step_end - it is @done, or else something comes first: the instruction will exit again */
void step_end(struct vcpu *v, bool done) __attribute__((cold));
