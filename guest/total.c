// SPDX-License-Identifier: GPL-2.0-only
/*
 * exits=N: a VM that makes exactly N exits in all, from its start to the write
 * to the exit port, a known number of them of known kinds. What follows the
 * periodic report can then say beforehand what must be in it.
 */
#include "guest/cpu.h"
#include "guest/rows.h"

/*
 * One exit each, of as many kinds. Nine, because a report's interval is a
 * multiple of none of nine's factors: each report then falls on another kind.
 */
static enum result (*const kinds[])(void) = {
	op_cpuid, op_vmcall, op_rdpmc, op_invd, op_wbinvd, op_xsetbv, op_ud2, op_rdmsr, op_in8,
};

#define KINDS		(sizeof(kinds) / sizeof(kinds[0]))
#define KIND_SHARE	10	/* a tenth of all exits for each kind, the rest to fill up */
#define CAREFUL		64	/* exits before the end from which on each is looked at */

/* The reading is an exit too, and in what it reads. */
static uint64_t read_total(void)
{
	struct exit_acct_regs v = cpuid_get(EXIT_ACCT_LEAF_TOTAL, 0);

	return (uint64_t)v.ebx << 32 | v.eax;
}

const char *total_make(uint64_t wanted)
{
	uint64_t rounds = wanted / KIND_SHARE, before_last = wanted - 1, total;
	size_t i;

	if (!accounting.present)
		return "nobody counts the exits";
	if (read_total() + rounds * KINDS + 2 * CAREFUL > before_last)
		return "too few: the exits made so far and those of known kinds are more";
	for (; rounds; rounds--) {
		for (i = 0; i < KINDS; i++) {
			if (kinds[i]() != ROW_OK || trap_take() != VECTOR_NONE)
				return "an operation failed";
		}
	}
	/* Interrupts of the host's may come in between: they are exits that nobody planned. */
	while ((total = read_total()) + CAREFUL < before_last) {
		for (total += CAREFUL; total < before_last; total++)
			cpuid_get(0, 0);
	}
	while (total < before_last)
		total = read_total();
	return total == before_last ? NULL : "the host interrupted the last exit but one";
}
