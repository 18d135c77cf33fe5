/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules that a VMCS must obey to be entered, checked in software: a CPU only
 * says that some rule of a dozen pages is broken, this says which.
 *
 * Of the rules are left out those on features that no control here turns on
 * (SGX, Intel PT, CET, …), and those on a guest that is not unrestricted and on
 * a hypervisor that is not 64-bit code, because hv is neither.
 */
#ifndef HV_VMX_CHECK_H
#define HV_VMX_CHECK_H

#include "hv/vmx/fields.h"

/* What a CPU can do: its IA32_VMX_… MSRs. A pair of control capabilities has the
 * bits that must be 1 in its low half, and those that may be in its high one.
 */
struct vmcs_caps {
	u64 basic, control[NR_CONTROL_GROUPS], misc, cr0_fixed0, cr0_fixed1, cr4_fixed0,
	    cr4_fixed1, ept_vpid, vmfunc;
	u32 maxphyaddr;		/* width of a physical address, bits */
};

/* In basic: an exception may come with an error code whatever its vector is. */
#define VMX_BASIC_ANY_ERROR_CODE (1ull << 56)

/**
 * vmcs_caps_read - read the capability MSRs, and only those that exist
 * @rdmsr: reads an MSR
 *
 * Leaves maxphyaddr to the caller: that is CPUID's.
 */
void vmcs_caps_read(struct vmcs_caps *caps, u64 (*rdmsr)(u32 msr));

struct vmcs_broken {
	u32 field;
	u64 value;		/* of the field */
	const char *rule;	/* may hold one %lx, for bits */
	u64 bits;		/* the bits that are wrong, or what else the rule shows */
};

struct vmcs_checker {
	const struct vmcs_caps *caps;
	u64 (*read)(void *ctx, u32 field);		/* asked only for fields that exist */
	u32 (*read_phys)(void *ctx, u64 address);	/* 32 bits of the host's memory */
	void (*broken)(void *ctx, const struct vmcs_broken *b);
	void *ctx;
};

/**
 * vmcs_check - tell every rule that is broken
 *
 * Returns how many there are. Source: Intel SDM volume 3, chapter "VM Entries",
 * sections "Checks on VMX Controls", "Checks on Host Control Registers, MSRs, and
 * SSP" and those that follow, "Checks on the Guest State Area", "Loading MSRs".
 */
u32 vmcs_check(const struct vmcs_checker *c);

/* The table of rules, for a test that wants to see each of them broken. */
extern const unsigned int nr_vmcs_rules;
u32 vmcs_rule_field(unsigned int rule);
const char *vmcs_rule_text(unsigned int rule);

#endif /* HV_VMX_CHECK_H */
