// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of an exiting instruction, and events in its place or behind it.
 *
 * Source: Intel SDM volume 3, chapter "VM Entries", section "Event Injection"; chapter
 * "VM Exits", section "Information for VM Exits That Occur During Event Delivery";
 * chapter "Interrupt and Exception Handling", section "Interrupt 8—Double Fault
 * Exception (#DF)".
 */
#include "hv/exit/exit.h"

void inject_event(struct vcpu *v, u32 info)
{
	set_guest_event(v, info | EVENT_VALID);
	v->event_set = true;
	v->work |= WORK_EVENTS;
}

void inject_exception(struct vcpu *v, u32 vector, u32 error)
{
	u32 blocking = guest_blocking(v), info = vector | EVENT_HARD_EXCEPTION;

	/* In real mode no exception has an error code. */
	if (HAS_ERROR_CODE(vector) && guest_real_cr0(v) & CR0_PE) {
		set_guest_event_error(v, error);
		info |= EVENT_ERROR_CODE;
	}
	/* A fault pushes RF as 1: the instruction has met its breakpoint, and shall not again. */
	if (IS_FAULT(vector))
		set_guest_rflags(v, guest_rflags(v) | RFLAGS_RF);
	/* A delivery ends the shadows of STI and MOV SS; VM entry may refuse it with them. */
	if (blocking & BLOCKING_SHADOWS)
		set_guest_blocking(v, blocking & ~BLOCKING_SHADOWS);
	v->debug_hits = 0;
	inject_event(v, info);
}

void inject_db(struct vcpu *v, u64 dr6)
{
	u64 dr7 = guest_dr7(v);

	/* #DB by DR7.GD is a fault. Of other faults by #DB the CPU has set RF itself. */
	if (dr6 & DR6_BD)
		set_guest_rflags(v, guest_rflags(v) | RFLAGS_RF);
	/* The CPU does neither for an event that is injected. DR6.RTM is 1 when there is none. */
	write_dr6(((read_dr6() & ~(u64)DR6_TRAPS) | DR6_RTM | dr6) ^ (dr6 & DR6_RTM));
	if (dr7 & DR7_GD)
		set_guest_dr7(v, dr7 & ~(u64)DR7_GD);
	inject_exception(v, VECTOR_DB, 0);
}

void inject_fault(struct vcpu *v, const struct gmem_fault *fault)
{
	inject_second(v, 0, fault->vector, fault->error, fault->address);
}

void inject_again(struct vcpu *v, u32 info, u32 error)
{
	switch (info & EVENT_TYPE) {
	case EVENT_HARD_EXCEPTION:
		inject_exception(v, info & EVENT_VECTOR, error);
		return;
	/* The CPU pushes the address behind the instruction, so it must know the length. */
	case EVENT_SOFT_INTERRUPT:
	case EVENT_PRIV_SOFT:
	case EVENT_SOFT_EXCEPTION:
		set_guest_event_length(v, exit_length(v));
		break;
	case EVENT_NMI:
		/* The delivery that failed has blocked NMIs: VM entry would inject none. */
		set_guest_blocking(v, guest_blocking(v) & ~BLOCKING_BY_NMI);
	}
	inject_event(v, info & EVENT_REINJECT);
}

bool reinject_event(struct vcpu *v)
{
	u32 info = exit_interrupted(v);

	if (!(info & EVENT_VALID))
		return false;
	/* INT n in virtual-8086 mode is executed again, since the CPU chooses its way by itself. */
	if ((info & EVENT_TYPE) != EVENT_SOFT_INTERRUPT || !(guest_rflags(v) & RFLAGS_VM))
		inject_again(v, info, exit_interrupted_error(v));
	return true;
}

/* What becomes of the two: SDM table "Conditions for Generating a Double Fault". */
void inject_second(struct vcpu *v, u32 first, u32 vector, u32 error, u64 address)
{
	u32 before = first & EVENT_VECTOR;
	bool doubles = false;

	if (vector == VECTOR_PF)
		write_cr2(address);
	if (first & EVENT_VALID && (first & EVENT_TYPE) == EVENT_HARD_EXCEPTION) {
		if (before == VECTOR_DF)
			vcpu_die(v, CAUSE_TRIPLE_FAULT, MACHINE_CODE_GUEST_DIED,
				 "the guest triple-faulted");
		doubles = before == VECTOR_PF ? vector == VECTOR_PF || IS_CONTRIBUTORY(vector) :
			  IS_CONTRIBUTORY(before) && IS_CONTRIBUTORY(vector);
	}
	inject_exception(v, doubles ? VECTOR_DF : vector, doubles ? 0 : error);
}

/* noinline: inside vcpu_advance() it would make that one save registers at each exit. */
void __attribute__((noinline)) vcpu_settle(struct vcpu *v, bool iteration)
{
	u64 rflags = guest_rflags(v), rf = iteration ? RFLAGS_RF : 0, dr6 = v->debug_hits;
	u32 blocking = guest_blocking(v);

	v->debug_hits = 0;
	if (blocking & BLOCKING_BY_MOV_SS)
		dr6 |= guest_pending_debug(v) & (DR6_TRAPS | DR6_BS);
	if (blocking & BLOCKING_SHADOWS)
		set_guest_blocking(v, blocking & ~BLOCKING_SHADOWS);
	/* A code breakpoint is met once: before the first iteration of a repeated instruction. */
	if ((rflags & RFLAGS_RF) != rf)
		set_guest_rflags(v, rflags ^ RFLAGS_RF);
	if (rflags & RFLAGS_TF)
		dr6 |= DR6_BS;
	if (dr6)
		inject_db(v, dr6);
}

void vcpu_advance(struct vcpu *v, u32 length)
{
	u64 old = guest_rip(v), rip = old + length;

	/* Outside 64-bit mode EIP wraps. It can have done so only if bit 31 has changed. */
	if (unlikely((rip ^ old) >> 31) && !guest_in_64bit(v))
		rip = (u32)rip;
	set_guest_rip(v, rip);
	if (unlikely((guest_rflags(v) & (RFLAGS_TF | RFLAGS_RF)) | v->debug_hits |
		     (guest_blocking(v) & BLOCKING_SHADOWS)))
		vcpu_settle(v, false);
}

void vcpu_complete(struct vcpu *v, bool done)
{
	if (done)
		vcpu_skip(v);
	else
		inject_exception(v, VECTOR_GP, 0);
}
