/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs of a guest that are nothing but a value: constants, what a model has and
 * a machine without it may answer anyhow, and what is kept without effect. The MTRRs are
 * that, too: a guest's RAM is write-back whatever they say.
 *
 * Source: Intel SDM volume 4, "Architectural MSRs"; volume 3, chapter
 * "Machine-Check Architecture", section "Machine-Check MSRs"; chapter "Memory Cache
 * Control", sections "Memory Type Range Registers (MTRRs)", "Page Attribute Table
 * (PAT)". Where a model
 * decides, the answer is KVM's (docs/differences.md).
 */
#pragma once

#include "acct/exit_types.h"

#define MSR_MTRRS	28u	/* 16 variable, 11 fixed, default type */
#define MSR_MCE_BANKS	32u	/* banks of machine-check registers, as KVM has them */

/* Places in struct msrs; what is constant has none. */
enum {
	MSR_PLACE_NONE,
	MSR_PLACE_FEATURE_CONTROL,
	MSR_PLACE_MISC_FEATURES,
	MSR_PLACE_MISC_ENABLE,
	MSR_PLACE_MCG_STATUS,
	MSR_PLACE_POWER_CTL,
	MSR_PLACE_MTRRS,
	MSR_PLACE_MCE_BANKS = MSR_PLACE_MTRRS + MSR_MTRRS,	/* four for each of them */
	MSR_PLACES = MSR_PLACE_MCE_BANKS + 4 * MSR_MCE_BANKS
};

struct msrs {
	uint64_t value[MSR_PLACES];
};

/** msrs_init - the values after reset */
void msrs_init(struct msrs *m);

/**
 * msrs_read - RDMSR
 * @value: receives EDX:EAX; unchanged on #GP
 *
 * Returns false if there is no such MSR, or none that can be read: #GP(0).
 */
bool msrs_read(const struct msrs *m, uint32_t msr, uint64_t *value);

/**
 * msrs_write - WRMSR
 * @maxphyaddr: bits of a physical address, what the guest's CPUID says
 *
 * Returns false for #GP(0), and nothing has changed then.
 */
bool msrs_write(struct msrs *m, uint32_t msr, uint64_t value, unsigned int maxphyaddr);

/** pat_valid - may IA32_PAT, which has an effect, have this value? */
bool pat_valid(uint64_t value);

/** msrs_cpuid_faults - does CPUID raise #GP outside CPL 0? MSR_MISC_FEATURES_ENABLES says it */
static inline bool msrs_cpuid_faults(const struct msrs *m)
{
	return m->value[MSR_PLACE_MISC_FEATURES] & 1;
}
