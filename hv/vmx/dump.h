/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_VMX_DUMP_H
#define HV_VMX_DUMP_H

#include "hv/vmx/check.h"

struct vcpu;

/**
 * dump_vcpu - print general registers and every VMCS field that hv knows
 * @explain: and in front each field that breaks a rule of VM entries, and the rule
 */
void dump_vcpu(const struct vcpu *v, bool explain);

/** entry_checker - checks the current VMCS, and prints the rules that it breaks */
extern const struct vmcs_checker entry_checker;

#endif /* HV_VMX_DUMP_H */
