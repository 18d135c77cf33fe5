/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways to break a VMCS: see breaks.h, of which this is the interface. */
#pragma once

#include "hv/check/check.h"

/* What an entry with the break comes to. */
enum {
	VMCS_WITH = 0,			/* no break, a change that goes with one */
	VMCS_VMFAIL_CONTROL = 7,	/* VM-instruction errors */
	VMCS_VMFAIL_HOST = 8,
	VMCS_FAILED_GUEST = 33,		/* basic exit reasons of failed entries */
	VMCS_FAILED_MSR = 34,
};

enum {
	CHANGE_SET, CHANGE_OR, CHANGE_RESERVED, CHANGE_CLEAR, CHANGE_SCRATCH, CHANGE_BY_VECTOR,
	CHANGE_HIGH = 0x80
};

struct vmcs_change {
	u16 field;
	u8 op;
	u8 outcome;		/* of a break; VMCS_WITH: this belongs to the break before */
	u32 half;		/* of the value: the high one, if op says CHANGE_HIGH */
};

/** vmcs_changes - breaks, each followed by what goes with it */
extern const struct vmcs_change vmcs_changes[];
extern const unsigned int nr_vmcs_changes;

/**
 * vmcs_change_apply - the changed value of a field
 * @old: its value before
 * @scratch: address of the page that breaks.h speaks of
 */
u64 vmcs_change_apply(const struct vmcs_change *c, u64 old, u64 scratch);

/** vmcs_change_possible - has the CPU the control, or the rule, that the change is about? */
bool vmcs_change_possible(const struct vmcs_change *c, const struct vmcs_caps *caps);
