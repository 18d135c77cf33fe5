// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads what a CPU can do of VMX.
 *
 * Source: Intel SDM volume 3, appendix "VMX Capability Reporting Facility".
 */
#include "hv/vmx/caps.h"

#define MSR_VMX_BASIC	0x480
#define BASIC_TRUE_CONTROLS (1ull << 55)

void vmcs_caps_read(struct vmcs_caps *caps, u64 (*rdmsr)(u32 msr))
{
	/* Capability MSR of each group, and from there on the one that also tells the
	 * truth about bits that are fixed to 1 in the other. PROC2 has only one.
	 */
	static const u16 msrs[NR_CONTROL_GROUPS] = { 0x481, 0x482, 0x48b, 0x483, 0x484 };
	u32 true_msr = 0;

	caps->basic = rdmsr(MSR_VMX_BASIC);
	if (caps->basic & BASIC_TRUE_CONTROLS)
		true_msr = 0x48d - 0x481;
	for (u32 i = 0; i < NR_CONTROL_GROUPS; i++) {
		caps->control[i] = 0;
		if (i != PROC2)
			caps->control[i] = rdmsr(msrs[i] + true_msr);
		else if (caps->control[PROC] >> 32 & PROC_SECONDARY)
			caps->control[i] = rdmsr(msrs[i]);
	}
	caps->misc = rdmsr(0x485);
	caps->cr0_fixed0 = rdmsr(0x486);
	caps->cr0_fixed1 = rdmsr(0x487);
	caps->cr4_fixed0 = rdmsr(0x488);
	caps->cr4_fixed1 = rdmsr(0x489);
	caps->ept_vpid = 0;
	if (caps->control[PROC2] >> 32 & (PROC2_EPT | PROC2_VPID))
		caps->ept_vpid = rdmsr(0x48c);
	caps->vmfunc = caps->control[PROC2] >> 32 & PROC2_VMFUNC ? rdmsr(0x491) : 0;
}
