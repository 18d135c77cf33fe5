/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID as one vCPU's guest sees it (cpuid.c). */
#pragma once

#include "hv/vcpu.h"

/** cpuid_init - read the leaves of this processor and make a new vCPU's view of them */
void cpuid_init(struct vcpu *v);

/** cpuid_update - the guest's CR4, XCR0 or IA32_APIC_BASE has changed: so do the leaves */
void cpuid_update(struct vcpu *v);

/** cpuid_set_faulting - CPUID faulting may have been turned on or off */
void cpuid_set_faulting(struct vcpu *v);
