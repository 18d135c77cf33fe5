/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID as a guest finds it, on hv and on KVM: what is left of the host's leaves,
 * what it is told that the host may not say, and what follows its own registers.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = …" tables; volume 1,
 * chapter "Managing State Using the XSAVE Feature Set", section "Enumeration of
 * CPU Support for XSAVE Instructions and XSAVE-Supported Features".
 */
#pragma once

#include "acct/exit_types.h"

#define MACHINE_CPUID_MAX_BASIC		0x16u
#define MACHINE_CPUID_EXTENDED		0x80000000u
#define MACHINE_CPUID_MAX_EXTENDED	0x80000008u
#define MACHINE_CPUID_TSC		0x15u	/* and behind it the frequency in MHz */
#define MACHINE_CPUID_MAX_SUBLEAVES	16

struct machine_cpuid {
	u32 max_basic, max_extended;
	struct exit_acct_regs basic[MACHINE_CPUID_MAX_BASIC + 1];	/* subleaf 0 */
	struct exit_acct_regs extended[MACHINE_CPUID_MAX_EXTENDED - MACHINE_CPUID_EXTENDED + 1];
	struct exit_acct_regs sub[MACHINE_CPUID_MAX_SUBLEAVES];	/* all other subleaves */
	struct exit_acct_regs none;			/* of a subleaf that there is not */
};

/**
 * machine_cpuid_init - make a guest's leaves, for the registers that a reset leaves
 * @host: gives a leaf of the host
 * @ctx: passed on to @host
 * @tsc_khz: what was measured, 0: unknown. Leaves 0x15 and 0x16 tell it, rounded to four digits.
 *
 * The crystal clock of leaf 0x15 is what the APIC timer counts, as the SDM has it in "APIC
 * Timer": here the TSC's own clock, or half of it where that has more than 32 bits in Hz.
 * Whose timer counts something else changes the leaf.
 */
void machine_cpuid_init(struct machine_cpuid *c,
			void (*host)(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r),
			void *ctx, u32 tsc_khz);

/** machine_cpuid_update - the guest's CR4, XCR0 or IA32_APIC_BASE may have changed */
void machine_cpuid_update(struct machine_cpuid *c, u64 cr4, u64 xcr0, u64 apic_base);

/**
 * machine_cpuid_row - the leaves that a guest can have, one by one
 * @i: from 0 on
 *
 * Returns false behind the last one. Those above the highest leaf are among them.
 */
bool machine_cpuid_row(u32 i, u32 *leaf, u32 *subleaf);

/* Basic leaves in which ECX selects something, a bit for each. */
#define MACHINE_CPUID_SUBLEAVES	(1u << 0x4 | 1u << 0x7 | 1u << 0xb | 1u << 0xd)

/** machine_cpuid_is_basic - is that leaf, below @end, and subleaf an element of basic[]? */
static inline bool machine_cpuid_is_basic(u32 end, u32 leaf, u32 subleaf)
{
	return leaf < end && (!subleaf || !(MACHINE_CPUID_SUBLEAVES & 1u << leaf));
}

/**
 * machine_cpuid_get - what CPUID answers, the hypervisor's own leaves left out
 *
 * Returns registers that are valid until the next call.
 */
struct exit_acct_regs *machine_cpuid_get(struct machine_cpuid *c, u32 leaf, u32 subleaf);

/**
 * machine_cpuid_hypervisor - leaves from 0x40000000 to 0x400001ff
 *
 * At 0x40000000 the hypervisor's own signature. At 0x40000100 KVM's, with no
 * feature: Linux turns x2APIC mode on only where it knows the hypervisor, and the
 * same kernel shall take the same paths on both targets. No paravirtual device
 * goes with it. Returns NULL if hv has no such leaf.
 */
const struct exit_acct_regs *machine_cpuid_hypervisor(u32 leaf);

/**
 * machine_cpuid_topology - change a leaf of machine_cpuid_get() to that of one of several
 * @id: its APIC id, from 0 on
 * @cpus: how many processors there are; with 1 the leaf stays as it is
 *
 * They are cores of one thread each, in one package.
 */
void machine_cpuid_topology(u32 leaf, u32 subleaf, u32 id, u32 cpus, struct exit_acct_regs *r);
