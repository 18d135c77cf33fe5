// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/msr_values.c */
/* The guest's MTRRs: which MSRs there are, and what may be written to them. */
#include "hv/cpu/msr_values.h"
#include "tests/unit/tap.h"
#include "machine/x86.h"

static const struct {
	const char *name;
	uint32_t msr;
	uint64_t value;
	bool valid;
} writes[] = {
	{ "a base with its type", 0x200, 0x7000000006, true },
	{ "the last base", 0x20e, 0x1000, true },
	{ "a base with a type that is none", 0x200, 0x7000000002, false },
	{ "a base with a type of the PAT", 0x200, 7, false },
	{ "a base with bit 8", 0x200, 0x106, false },
	{ "a base beyond the address width", 0x200, 1ull << 39, false },
	{ "the highest address bit", 0x200, 1ull << 38, true },
	{ "a mask that is valid", 0x201, 0x7fff000800, true },
	{ "a mask with bit 0", 0x201, 0x801, false },
	{ "a mask beyond the address width", 0x20f, 1ull << 39 | 0x800, false },
	{ "eight fixed types", 0x250, 0x0605040100060504, true },
	{ "one of them is none", 0x250, 0x0605040200060504, false },
	{ "a 16-KByte range", 0x258, 0x0606060606060606, true },
	{ "the second one", 0x259, 0x0300000000000000, false },
	{ "a 4-KByte range", 0x268, 0, true },
	{ "the last one", 0x26f, 0x0707070707070707, false },
	{ "default type, all enabled", 0x2ff, 0xc06, true },
	{ "default type with bit 9", 0x2ff, 0x206, false },
	{ "default type that is none", 0x2ff, 0xc03, false },
	{ "MTRRCAP is read-only", 0xfe, 0x508, false },
};

int main(void)
{
	static const uint32_t others[] = { 0xfd, 0xff, 0x1ff, 0x210, 0x24f, 0x251, 0x257, 0x25a,
					   0x267, 0x270, 0x277, 0x2fe, 0x300, ~0u };
	struct msrs m;
	uint64_t before, after;
	unsigned int known = 0;

	msrs_init(&m);
	for (unsigned int i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		bool valid;

		ok(msrs_read(&m, writes[i].msr, &before), "MSR %#x can be read", writes[i].msr);
		valid = msrs_write(&m, writes[i].msr, writes[i].value, 39);
		msrs_read(&m, writes[i].msr, &after);
		ok(valid == writes[i].valid && after == (valid ? writes[i].value : before), "%s",
		   writes[i].name);
	}
	/* Each of them is one of its own. PAT is none of these. */
	for (uint32_t msr = 0x200; msr < 0x300; msr++) {
		if (msrs_read(&m, msr, &before))
			ok(msrs_write(&m, msr, known++ & 1, 39) || (msr < 0x210 && msr & 1),
			   "MSR %#x", msr);
	}
	is_u64("how many there are", known, 28);
	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!msrs_read(&m, others[i], &before), "MSR %#x is none", others[i]);
	ok(msrs_read(&m, MSR_IA32_MTRRCAP, &before) && before == 0x508, "MTRRCAP");
	ok(pat_valid(0x0007040600070406) && !pat_valid(0x0007040600070402) &&
	   !pat_valid(0x0807040600070406), "PAT");
	return done();
}
