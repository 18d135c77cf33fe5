/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU can do of VMX.
 *
 * Source: Intel SDM volume 3, appendix "VMX Capability Reporting Facility".
 */
#pragma once

#include "hv/vmx/fields.h"

#define MSR_VMX_BASIC		0x480	/* the first of them */
#define NR_VMX_MSRS		18
#define BASIC_TRUE_CONTROLS	(1ull << 55)

struct vmcs_caps {
	union {
		struct {
			u64 basic, pin, proc, exit, entry, misc, cr0_fixed0, cr0_fixed1,
			    cr4_fixed0, cr4_fixed1, vmcs_enum, proc2, ept_vpid, true_pin,
			    true_proc, true_exit, true_entry, vmfunc;
		};
		u64 msr[NR_VMX_MSRS];	/* the same, by number; 0 where there is none */
	};
	u64 maxphyaddr;			/* width of a physical address, bits */
};

/** vmcs_caps_control - which of @group must be 1, low half, and which may be 1, high half */
u64 vmcs_caps_control(const struct vmcs_caps *caps, enum control_group group);

/**
 * vmcs_caps_read - read the capability MSRs, and only those that exist
 * @rdmsr: reads an MSR
 *
 * Leaves maxphyaddr to the caller: that is CPUID's.
 */
void vmcs_caps_read(struct vmcs_caps *caps, u64 (*rdmsr)(u32 msr));
