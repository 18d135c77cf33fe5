/* SPDX-License-Identifier: GPL-2.0-only */
/* What vCPUs have for each other: IPIs, and the end (posted.c). */
#pragma once

#include "hv/smp/share.h"

/** posted_deliver - the bus of the APICs: an IPI for the vCPU of @to */
void posted_deliver(struct lapic *to, u32 mode, u32 vector);

/** posted_wait - from here on @v looks for what is posted, and need not be made to exit */
void posted_wait(struct vcpu *v);

/** posted_any - has something come meanwhile? */
static inline bool posted_any(const struct vcpu *v)
{
	return READ_ONCE(v->posted.events) & ~POSTED_WAITING;
}

/** posted_take - do what is posted, and look no longer; does not return if it is the end */
void posted_take(struct vcpu *v);

/** posted_all_hopeless - does every vCPU wait for another, and none has anything for one? */
bool posted_all_hopeless(const struct vm *vm);
