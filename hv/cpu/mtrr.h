/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory type range registers, and the check of its PAT. They are
 * kept and have no effect: a guest's RAM is write-back whatever they say.
 *
 * Source: Intel SDM volume 3, chapter "Memory Cache Control", sections "Memory
 * Type Range Registers (MTRRs)", "Page Attribute Table (PAT)". Where a model
 * decides, the answer is KVM's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct mtrr {
	uint64_t reg[28];	/* 16 variable, 11 fixed, default type */
};

/** mtrr_is_msr - do the other functions answer for this MSR? IA32_MTRRCAP included */
bool mtrr_is_msr(uint32_t msr);

/** mtrr_rdmsr - the value of MTRR @msr */
uint64_t mtrr_rdmsr(const struct mtrr *m, uint32_t msr);

/**
 * mtrr_wrmsr - write MTRR @msr
 * @maxphyaddr: bits of a physical address, what the guest's CPUID says
 *
 * Returns false if the access must raise #GP(0); nothing has changed then.
 */
bool mtrr_wrmsr(struct mtrr *m, uint32_t msr, uint64_t value, unsigned int maxphyaddr);

/** pat_valid - may IA32_PAT have this value? */
bool pat_valid(uint64_t value);
