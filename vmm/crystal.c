// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "vmm/crystal.h"

#define APIC_KHZ	1000000u	/* KVM's APIC timer counts nanoseconds */

/*
 * From Linux 6.11 on KVM can be told another clock, but in whole nanoseconds. Linux multiplies EBX
 * by the crystal's kHz in 32 bits, hence the bound. The best of all fractions below it is off by a
 * ten-thousandth at most, next to a whole number, and elsewhere by some millionths.
 */
void crystal_set(struct exit_acct_regs *tsc)
{
	s64 khz = (u64)tsc->ecx * tsc->ebx / (tsc->eax ?: 1) / 1000, least = 0;
	u32 best = 0, best_of = 1;

	if (!khz)
		return;
	for (u32 n = 1; n <= ~0u / APIC_KHZ; n++) {
		s64 of = ((s64)n * APIC_KHZ + khz / 2) / khz;
		s64 off = llabs((s64)n * APIC_KHZ - khz * of);

		/* off / of is what it would be wrong by, in the same units for all */
		if (of && (!best || off * best_of < least * of)) {
			least = off;
			best = n;
			best_of = of;
		}
	}
	*tsc = (struct exit_acct_regs) { best_of, best, APIC_KHZ * 1000, 0 };
}
