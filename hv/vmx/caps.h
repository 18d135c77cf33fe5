/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU can do of VMX. */
#ifndef HV_VMX_CAPS_H
#define HV_VMX_CAPS_H

#include "hv/vmx/fields.h"

/*
 * X(NAME, member): the capability MSRs, as a dump names them. A pair of control
 * capabilities has the bits that must be 1 in its low half, and those that may be in its
 * high one; where the CPU has a TRUE MSR for them too, this is what that one says.
 */
#define VMCS_CAPS(X)							\
	X(IA32_VMX_BASIC,		basic)				\
	X(IA32_VMX_PINBASED_CTLS,	control[PIN])			\
	X(IA32_VMX_PROCBASED_CTLS,	control[PROC])			\
	X(IA32_VMX_PROCBASED_CTLS2,	control[PROC2])			\
	X(IA32_VMX_EXIT_CTLS,		control[EXIT])			\
	X(IA32_VMX_ENTRY_CTLS,		control[ENTRY])			\
	X(IA32_VMX_MISC,		misc)				\
	X(IA32_VMX_CR0_FIXED0,		cr0_fixed0)			\
	X(IA32_VMX_CR0_FIXED1,		cr0_fixed1)			\
	X(IA32_VMX_CR4_FIXED0,		cr4_fixed0)			\
	X(IA32_VMX_CR4_FIXED1,		cr4_fixed1)			\
	X(IA32_VMX_EPT_VPID_CAP,	ept_vpid)			\
	X(IA32_VMX_VMFUNC,		vmfunc)				\
	X(MAXPHYADDR,			maxphyaddr)

/* Numbers of 64 bits in the order of the list, and nothing else: a dump walks over them. */
struct vmcs_caps {
	u64 basic, control[NR_CONTROL_GROUPS], misc, cr0_fixed0, cr0_fixed1, cr4_fixed0,
	    cr4_fixed1, ept_vpid, vmfunc;
	u64 maxphyaddr;		/* width of a physical address, bits */
};

/**
 * vmcs_caps_read - read the capability MSRs, and only those that exist
 * @rdmsr: reads an MSR
 *
 * Leaves maxphyaddr to the caller: that is CPUID's.
 */
void vmcs_caps_read(struct vmcs_caps *caps, u64 (*rdmsr)(u32 msr));

#endif /* HV_VMX_CAPS_H */
