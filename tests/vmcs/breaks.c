// SPDX-License-Identifier: GPL-2.0-only
/* The table of breaks.h. */
#include "tests/vmcs/breaks_table.h"
#include "machine/x86.h"

#define HALF(v)	((u64)(v) >> 32 ? (u64)(v) >> 32 : (u64)(v))
#define CHANGE(field, op, value, outcome)				\
	{ field, CHANGE_##op | ((u64)(value) >> 32 ? CHANGE_HIGH : 0), outcome, HALF(value) },

const struct vmcs_change vmcs_changes[] = {
#define B(field, op, value, outcome) CHANGE(field, op, value, VMCS_##outcome)
#define W(field, op, value) CHANGE(field, op, value, VMCS_WITH)
#include "tests/vmcs/breaks.h"
};
const unsigned int nr_vmcs_changes = sizeof(vmcs_changes) / sizeof(vmcs_changes[0]);

u64 vmcs_change_apply(const struct vmcs_change *c, u64 old, u64 scratch)
{
	u64 value = c->op & CHANGE_HIGH ? (u64)c->half << 32 : c->half;

	switch (c->op & ~CHANGE_HIGH) {
	case CHANGE_SET:
	case CHANGE_BY_VECTOR:
		return value;
	case CHANGE_CLEAR:
		return old & ~value;
	case CHANGE_SCRATCH:
		return scratch + value;
	}
	return old | value;
}

/* What the CPU has of the bits of @field, ~0 if it is no field of controls. */
static u64 available(const struct vmcs_caps *caps, u32 field)
{
	switch (field) {
	case PIN_BASED_CONTROLS:
		return vmcs_caps_control(caps, PIN) >> 32;
	case PROC_BASED_CONTROLS:
		return vmcs_caps_control(caps, PROC) >> 32;
	case SECONDARY_CONTROLS:
		return vmcs_caps_control(caps, PROC2) >> 32;
	case VM_EXIT_CONTROLS:
		return vmcs_caps_control(caps, EXIT) >> 32;
	case VM_ENTRY_CONTROLS:
		return vmcs_caps_control(caps, ENTRY) >> 32;
	case GUEST_CR4:
		return caps->cr4_fixed1;
	}
	return ~0ull;
}

bool vmcs_change_possible(const struct vmcs_change *c, const struct vmcs_caps *caps)
{
	u64 value = vmcs_change_apply(c, 0, 0);

	if (c->op == CHANGE_BY_VECTOR)
		return !(caps->basic & VMX_BASIC_ANY_ERROR_CODE);
	return (c->op & ~CHANGE_HIGH) != CHANGE_OR || !(value & ~available(caps, c->field));
}
