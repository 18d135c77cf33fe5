// SPDX-License-Identifier: GPL-2.0-only
/* Memory type range registers. */
#include "hv/cpu/mtrr.h"
#include "machine/x86.h"

#define CAPABILITIES		0x508		/* write combining, fixed ranges, 8 variable */
#define DEF_TYPE_DEFINED	0xcffull
#define BASE_DEFINED		0xffull
#define MASK_DEFINED		0x800ull

/* Where the groups are in struct mtrr. */
enum { VARIABLE = 0, FIX64K = 16, FIX16K = 17, FIX4K = 19, DEF_TYPE = 27 };

static int index_of(uint32_t msr)
{
	if (msr >= MSR_IA32_MTRR_PHYSBASE0 && msr <= MSR_IA32_MTRR_PHYSMASK7)
		return VARIABLE + msr - MSR_IA32_MTRR_PHYSBASE0;
	if (msr == MSR_IA32_MTRR_FIX64K)
		return FIX64K;
	if (msr == MSR_IA32_MTRR_FIX16K_LAST - 1 || msr == MSR_IA32_MTRR_FIX16K_LAST)
		return FIX16K + msr - (MSR_IA32_MTRR_FIX16K_LAST - 1);
	if (msr >= MSR_IA32_MTRR_FIX4K_FIRST && msr <= MSR_IA32_MTRR_FIX4K_LAST)
		return FIX4K + msr - MSR_IA32_MTRR_FIX4K_FIRST;
	return msr == MSR_IA32_MTRR_DEF_TYPE ? DEF_TYPE : -1;
}

static bool type_valid(uint8_t type, bool pat)
{
	return type == 0 || type == 1 || (type >= 4 && type <= 6) || (pat && type == 7);
}

static bool types_valid(uint64_t eight, bool pat)
{
	for (int i = 0; i < 8; i++) {
		if (!type_valid(eight >> 8 * i, pat))
			return false;
	}
	return true;
}

bool mtrr_is_msr(uint32_t msr)
{
	/* Most MSRs are not even near. */
	return msr == MSR_IA32_MTRRCAP ||
	       (msr >> 8 == MSR_IA32_MTRR_PHYSBASE0 >> 8 && index_of(msr) >= 0);
}

uint64_t mtrr_rdmsr(const struct mtrr *m, uint32_t msr)
{
	return msr == MSR_IA32_MTRRCAP ? CAPABILITIES : m->reg[index_of(msr)];
}

bool mtrr_wrmsr(struct mtrr *m, uint32_t msr, uint64_t value, unsigned int maxphyaddr)
{
	uint64_t address = ((1ull << maxphyaddr) - 1) & ~0xfffull;
	int i = index_of(msr);
	bool valid;

	if (i < 0)
		return false;			/* MTRRCAP is read-only */
	if (i == DEF_TYPE)
		valid = !(value & ~DEF_TYPE_DEFINED) && type_valid(value, false);
	else if (i >= FIX64K)
		valid = types_valid(value, false);
	else if (i & 1)
		valid = !(value & ~(address | MASK_DEFINED));
	else
		valid = !(value & ~(address | BASE_DEFINED)) && type_valid(value, false);
	if (valid)
		m->reg[i] = value;
	return valid;
}

bool pat_valid(uint64_t value)
{
	return types_valid(value, true);
}
