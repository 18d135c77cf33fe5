/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "acct/exit_types.h"

struct vcpu;

/**
 * dump_vcpu - print general registers and every VMCS field that hv knows
 * @entry: an entry was refused: and in front what else hv/check/ wants to name the rule
 */
void dump_vcpu(const struct vcpu *v, bool entry);

/** dump_field - the value of a field, 0 if the CPU has none */
u64 dump_field(u32 field);
