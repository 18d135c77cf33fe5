// SPDX-License-Identifier: GPL-2.0-only
/* MSRs of a guest that are nothing but a value: the table. */
#include "hv/cpu/msr_values.h"
#include "machine/x86.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ALL		(-1)

#define MC_CTL_LAX		0x401ull	/* bits that Linux and others leave out */
#define MISC_ENABLE_NO_PMU	0x1800	/* neither BTS nor PEBS, which is read-only */
#define MISC_ENABLE_EMON	0x80		/* performance monitoring; writes are ignored */

enum {
	READ = 1, WRITE = 2,
	LOCKS = 4,	/* bit 0 set: not to be written again */
	/* What a write may have beside the bits that the table says: see valid(). */
	BANKS = 8, RANGES = 16, TYPE = 32, TYPES = 64,
};
#define RW		(READ | WRITE)
#define RANGE(a, b, ...) { .first = (a), .more = (b) - (a), .access = __VA_ARGS__ }
#define ONE(msr, ...)	RANGE(msr, msr, __VA_ARGS__)
#define RESET(v)	.reset = (uint32_t)(v), .reset_high = (uint64_t)(v) >> 32

/*
 * A write changes the bits `takes', and may have anything in the bits `ignores', both
 * with their sign extended. All others must be written as they are. The rows go up, for
 * find().
 */
static const struct rule {
	uint16_t first;
	uint8_t more, access;
	int16_t takes, ignores;
	uint32_t reset;
	uint16_t reset_high;
	uint8_t place;
} rules[] = {
	RANGE(0x0, 0x1, READ),				/* IA32_P5_MC_ADDR, …_TYPE */
	ONE(0x17, READ),				/* IA32_PLATFORM_ID */
	ONE(0x2a, READ),				/* MSR_EBL_CR_POWERON */
	ONE(0x2c, READ, RESET(1 << 24)),		/* MSR_EBC_FREQUENCY_ID: 100 MHz */
	ONE(0x34, READ),				/* MSR_SMI_COUNT */
	/* The firmware has not been here: not locked, and there is nothing to enable. */
	ONE(MSR_IA32_FEATURE_CONTROL, RW | LOCKS, .place = MSR_PLACE_FEATURE_CONTROL, .takes = 1),
	ONE(0x79, WRITE, .ignores = ALL),		/* IA32_BIOS_UPDT_TRIG: no update */
	ONE(MSR_IA32_BIOS_SIGN_ID, RW, RESET(1ull << 32), .ignores = ALL),
	/* Counters of the P6: they stand still, as CPUID says that there are none. */
	RANGE(0xc1, 0xc2, RW, .ignores = ALL),		/* PerfCtr0, PerfCtr1 */
	ONE(0xcd, READ, RESET(3)),			/* MSR_FSB_FREQ: 166 MHz */
	/* MSR_PLATFORM_INFO and MSR_MISC_FEATURES_ENABLES: CPUID faulting, nothing else. */
	ONE(0xce, READ, RESET(1u << 31)),
	ONE(MSR_IA32_MTRRCAP, READ, RESET(0x508)),	/* write combining, fixed, 8 variable */
	ONE(0x11e, RW, RESET(0xbe702111), .ignores = ALL),	/* BBL_CR_CTL3 */
	ONE(0x140, RW, .place = MSR_PLACE_MISC_FEATURES, .takes = 1),
	ONE(0x179, READ, RESET(MSR_MCE_BANKS)),		/* IA32_MCG_CAP */
	ONE(0x17a, RW, .place = MSR_PLACE_MCG_STATUS, .takes = ALL),	/* IA32_MCG_STATUS */
	RANGE(0x186, 0x187, RW, .ignores = ALL),	/* PerfEvtSel0, PerfEvtSel1 */
	ONE(0x198, READ, RESET(1000 | 4ull << 40)),	/* IA32_PERF_STATUS */
	ONE(0x199, READ),				/* IA32_PERF_CTL */
	ONE(0x1a0, RW, .place = MSR_PLACE_MISC_ENABLE, RESET(MISC_ENABLE_NO_PMU),
	    .takes = ~(MISC_ENABLE_NO_PMU | MISC_ENABLE_EMON), .ignores = MISC_ENABLE_EMON),
	/* IA32_DEBUGCTL: LBR and BTF may be written and do nothing, as on KVM. */
	ONE(0x1d9, RW, .ignores = 3),
	RANGE(0x1db, 0x1de, READ),			/* MSR_LASTBRANCHFROMIP … LASTINTTOIP */
	ONE(0x1fc, RW, .place = MSR_PLACE_POWER_CTL, .takes = ALL),	/* MSR_POWER_CTL */
	/* MTRRs: a base and a mask for each range; fixed ones for 64, 16 and 4 KiB; the default. */
	RANGE(0x200, 0x20f, RW | RANGES, .place = MSR_PLACE_MTRRS, .takes = ALL),
	ONE(0x250, RW | TYPES, .place = MSR_PLACE_MTRRS + 16, .takes = ALL),
	RANGE(0x258, 0x259, RW | TYPES, .place = MSR_PLACE_MTRRS + 17, .takes = ALL),
	RANGE(0x268, 0x26f, RW | TYPES, .place = MSR_PLACE_MTRRS + 19, .takes = ALL),
	ONE(0x2ff, RW | TYPE, .place = MSR_PLACE_MTRRS + 27, .takes = 0xcff),
	/* IA32_MC0_CTL, _STATUS, _ADDR, _MISC, and those of the other banks. */
	RANGE(0x400, 0x400 + 4 * MSR_MCE_BANKS - 1, RW | BANKS,
	      .place = MSR_PLACE_MCE_BANKS, .takes = ALL),
	/* RAPL: unit, energy of the package, of DRAM and of two power planes. */
	ONE(0x606, READ), ONE(0x611, READ), ONE(0x619, READ), ONE(0x639, READ), ONE(0x641, READ),
};

/* Memory types, a bit for each: UC, WC, WT, WP, WB; and UC- in IA32_PAT alone. */
#define MTRR_TYPES	0x73u
#define PAT_TYPES	(MTRR_TYPES | 1u << 7)

/* Are the lowest @n bytes such types? */
static bool types_valid(uint64_t value, unsigned int n, unsigned int types)
{
	for (; n; n--, value >>= 8) {
		if (value & 0xf8 || !(types >> (value & 7) & 1))
			return false;
	}
	return true;
}

bool pat_valid(uint64_t value)
{
	return types_valid(value, 8, PAT_TYPES);
}

static bool valid(unsigned int access, uint32_t msr, uint64_t value, unsigned int maxphyaddr)
{
	if (access & RANGES) {
		if (value >> maxphyaddr || value & (msr & 1 ? 0x7ff : 0xf00))
			return false;
		access |= msr & 1 ? 0 : TYPE;
	}
	if (access & (TYPE | TYPES))
		return types_valid(value, access & TYPES ? 8 : 1, MTRR_TYPES);
	if (access & BANKS && !(msr & 3))	/* IA32_MCi_CTL: all or nothing */
		return !value || (value | MC_CTL_LAX) == ~0ull;
	if (access & BANKS && (msr & 3) == 1)	/* IA32_MCi_STATUS: can only be cleared */
		return !value;
	return true;
}

static const struct rule *find(uint32_t msr)
{
	const struct rule *r = rules;

	/* The last of @n rows that begins at @msr or below it. */
	for (size_t n = ARRAY_SIZE(rules); n > 1; n -= n / 2) {
		if (msr >= r[n / 2].first)
			r += n / 2;
	}
	return msr - r->first <= r->more ? r : NULL;
}

static uint64_t reset_of(const struct rule *r)
{
	return (uint64_t)r->reset_high << 32 | r->reset;
}

static uint64_t value_of(const struct msrs *m, const struct rule *r, uint32_t msr)
{
	return r->place ? m->value[r->place + msr - r->first] : reset_of(r);
}

void msrs_init(struct msrs *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];

		for (uint32_t n = 0; r->place && n <= r->more; n++)
			m->value[r->place + n] = reset_of(r);
	}
}

bool msrs_read(const struct msrs *m, uint32_t msr, uint64_t *value)
{
	const struct rule *r = find(msr);

	if (!r || !(r->access & READ))
		return false;
	*value = value_of(m, r, msr);
	return true;
}

bool msrs_write(struct msrs *m, uint32_t msr, uint64_t value, unsigned int maxphyaddr)
{
	const struct rule *r = find(msr);
	uint64_t old, takes;

	if (!r || !(r->access & WRITE))
		return false;
	old = value_of(m, r, msr);
	takes = (int64_t)r->takes;
	if ((value ^ old) & ~(takes | (int64_t)r->ignores) || (r->access & LOCKS && old & 1))
		return false;
	if (r->access >= BANKS && !valid(r->access, msr, value, maxphyaddr))
		return false;
	if (r->place)
		m->value[r->place + msr - r->first] = (value & takes) | (old & ~takes);
	return true;
}
