/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock that KVM's APIC timer counts, as CPUID tells a guest of it. */
#pragma once

#include "acct/exit_types.h"

/**
 * crystal_set - give leaf 0x15 the crystal clock that KVM's APIC timer counts: 1 GHz
 * @tsc: CPUID leaf 0x15 for the guest, with another crystal; empty if it tells none
 *
 * The ratio to the crystal becomes that of the same TSC, as near as Linux can take it: SDM table
 * "Information Returned by CPUID Instruction", leaf 15H.
 */
void crystal_set(struct exit_acct_regs *tsc);
