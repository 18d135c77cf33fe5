/* SPDX-License-Identifier: GPL-2.0-only */
/* What VMX keeps of a vCPU: nobody outside this folder looks at it. */
#pragma once

#include "hv/hv.h"

/* Copies of fields of the VMCS, so that a change costs a VMWRITE and a look nothing. */
struct vmx_state {
	u32 pin_controls, proc_controls, entry_controls, tpr_threshold;
};

/* The processor's own: a page each. */
struct vmx_pages {
	u8 vmxon[PAGE_SIZE], vmcs[PAGE_SIZE];
};
