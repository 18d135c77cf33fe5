// SPDX-License-Identifier: GPL-2.0-only
/* Reads what a CPU can do of VMX. */
#include "hv/vmx/caps.h"

#define ALL_MAY_BE_1	(~0ull << 32)

u64 vmcs_caps_control(const struct vmcs_caps *caps, enum control_group group)
{
	/* The first tell bits to be fixed to 1 that are not; PROC2 has only one. */
	static const u8 plain[] = { 1, 2, 0xb, 3, 4 }, exact[] = { 0xd, 0xe, 0xb, 0xf, 0x10 };

	/* Who lacks EPT or VPID itself is told that alone. */
	if (group == EPT_CAPS)
		return caps->proc2 >> 32 & PROC2_EPT ? caps->ept_vpid << 32 : ALL_MAY_BE_1;
	if (group == VPID_CAPS)
		return (caps->proc2 >> 32 & PROC2_VPID ? caps->ept_vpid : ~0ull) & ALL_MAY_BE_1;
	return caps->msr[(caps->basic & BASIC_TRUE_CONTROLS ? exact : plain)[group]];
}

/* Known once those before it have been read. */
static bool exists(const struct vmcs_caps *caps, u32 msr)
{
	u32 proc2 = caps->proc2 >> 32;

	switch (msr) {
	case 0x48b:
		return caps->proc >> 32 & PROC_SECONDARY;
	case 0x48c:
		return proc2 & (PROC2_EPT | PROC2_VPID);
	case 0x48d ... 0x490:
		return caps->basic & BASIC_TRUE_CONTROLS;
	case 0x491:
		return proc2 & PROC2_VMFUNC;
	}
	return true;
}

void vmcs_caps_read(struct vmcs_caps *caps, u64 (*rdmsr)(u32 msr))
{
	*caps = (struct vmcs_caps) { 0 };
	for (u32 i = 0; i < NR_VMX_MSRS; i++) {
		if (exists(caps, MSR_VMX_BASIC + i))
			caps->msr[i] = rdmsr(MSR_VMX_BASIC + i);
	}
}
