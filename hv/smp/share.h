/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the vCPUs of a VM have to do with each other: one uses the devices at a time, one
 * tells another of an event, and one ends it for all. A VM that has one vCPU only takes a
 * lock that is free.
 */
#pragma once

#include "hv/vcpu.h"

/* Events, bits of v->posted.events. The lowest byte is the vector of a SIPI. */
#define POSTED_VECTOR	0xffu
#define POSTED_SIPI	(1u << 8)
#define POSTED_INIT	(1u << 9)
#define POSTED_NMI	(1u << 10)
#define POSTED_FIXED	(1u << 11)	/* interrupts: v->posted.irr */
#define POSTED_LOOK	(1u << 12)	/* something may have become deliverable */
#define POSTED_END	(1u << 13)	/* the VM ends */
#define POSTED_WAITING	(1u << 31)	/* the vCPU looks for itself: it need not be made to exit */

/**
 * vcpu_post - tell another vCPU of an event
 * @drop: events of which it need not hear any more
 * @events: POSTED_…
 *
 * It hears of it before its next VM entry; if it runs, a host's interrupt makes it exit.
 */
void vcpu_post(struct vcpu *v, u32 drop, u32 events);

/** vcpu_park - the VM has ended: count what is still to be counted, and stop for ever */
void vcpu_park(struct vcpu *v) __attribute__((noreturn, cold));

/**
 * vcpus_stop - the end of the VM, or of hv, begins: from here on nobody else does anything
 *
 * Of several that come here at once one goes on. The others get a second together for what they
 * are at, such as to print a report, and an NMI each millisecond, until they have heard of
 * it: an emulator may let no interrupt through. What counts is the time that the one runs, as a
 * loaded host lets nobody run for long. Nobody waits for the VM's lock any more.
 */
void vcpus_stop(void) __attribute__((cold));

/** vm_lock - from here on @v alone uses the devices and console, and adds tables to the EPT */
void vm_lock(struct vcpu *v);

/** vm_unlock - another may use them */
static inline void vm_unlock(struct vcpu *v)
{
	smp_store_release(&v->vm->user, NULL);
}
