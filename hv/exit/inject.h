/* SPDX-License-Identifier: GPL-2.0-only */
/* How an instruction ends that exited: done, or with an exception instead (inject.c). */
#pragma once

#include "hv/vmx/guest.h"

/**
 * vcpu_advance - an instruction of @length bytes is done: RIP behind it, shadows and RF
 * end, TF and breakpoints trap
 */
void vcpu_advance(struct vcpu *v, u32 length);

/**
 * vcpu_settle - as vcpu_advance(), but RIP stays, or has been moved
 * @iteration: what is done is one iteration of a repeated instruction
 */
void vcpu_settle(struct vcpu *v, bool iteration);

/** vcpu_skip - the exiting instruction is done; not for EPT exits, which have no length */
static inline void vcpu_skip(struct vcpu *v)
{
	vcpu_advance(v, exit_length(v));
}

/** vcpu_complete - vcpu_skip() if the instruction is @done, else #GP(0) */
void vcpu_complete(struct vcpu *v, bool done);

/**
 * vcpu_again - the exiting instruction is to be executed again, by the processor
 *
 * Nothing of its single step is pending then. Bochs says that its trap is, and would
 * deliver it twice.
 */
static inline void vcpu_again(struct vcpu *v)
{
	if (guest_rflags(v) & RFLAGS_TF && !(guest_blocking(v) & BLOCKING_BY_MOV_SS))
		set_guest_pending_debug(v, 0);
}

/** inject_event - deliver this at the next entry: vector and type, as EVENT_… */
void inject_event(struct vcpu *v, u32 info);

/**
 * inject_exception - raise an exception at the next entry, and not #DB
 * @error: error code, for those that have one where the guest is in protected mode
 */
void inject_exception(struct vcpu *v, u32 vector, u32 error);

/** inject_db - raise #DB, with @dr6 for what DR6 has to say */
void inject_db(struct vcpu *v, u64 dr6);

/** inject_fault - raise what a gmem function has found */
void inject_fault(struct vcpu *v, const struct gmem_fault *fault);

/**
 * inject_second - raise an exception in the delivery of another event, or of none
 * @first: exit_interrupted()
 * @address: of a #PF
 */
void inject_second(struct vcpu *v, u32 first, u32 vector, u32 error, u64 address);

/**
 * inject_again - deliver what an exit interrupted, or took the place of
 * @info, @error: as the exit tells them
 */
void inject_again(struct vcpu *v, u32 info, u32 error);

/**
 * reinject_event - an exit interrupted the delivery of an event: deliver it again
 *
 * Returns true if there was one. INT n in virtual-8086 mode needs nothing: the guest
 * executes the instruction again, and the CPU chooses the way of its delivery.
 */
bool reinject_event(struct vcpu *v);
