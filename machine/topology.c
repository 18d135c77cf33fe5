// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID as one of several processors finds it.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = 01H", "INPUT EAX = 04H",
 * "INPUT EAX = 0BH"; volume 3, "Detecting Hardware Multi-Threading Support and Topology".
 */
#include "machine/cpuid.h"

#define BIT(n)			(1u << (n))
#define LEAF_1_EDX_HTT		BIT(28)		/* several processors in the package */
#define LEAF_4_EAX_LEVEL(eax)	((eax) >> 5 & 7)
#define LEAF_B_ECX_CORES	(2u << 8)	/* what kind of level it is */

void machine_cpuid_topology(u32 leaf, u32 subleaf, u32 id, u32 cpus, struct exit_acct_regs *r)
{
	u32 shift = 0;			/* of the bits of an APIC id that tell processors apart */

	while (BIT(shift) < cpus)
		shift++;
	switch (leaf) {
	case 0x1:
		r->ebx = (r->ebx & 0xffff) | cpus << 16 | id << 24;
		r->edx |= cpus > 1 ? LEAF_1_EDX_HTT : 0;
		break;
	case 0x4:
		/* As many APIC ids as the package has, less one; all share the last cache. */
		if (r->eax)
			r->eax |= (BIT(shift) - 1) << 26;
		if (LEAF_4_EAX_LEVEL(r->eax) > 2)
			r->eax |= (BIT(shift) - 1) << 14;
		break;
	case 0xb:
		/* Of a single one there is no level above the thread. */
		if (subleaf == 1 && cpus > 1)
			*r = (struct exit_acct_regs){ shift, cpus, LEAF_B_ECX_CORES | subleaf, 0 };
		r->edx = id;
		break;
	}
}
