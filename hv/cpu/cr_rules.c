// SPDX-License-Identifier: GPL-2.0-only
/* Values of control registers that a CPU takes, by what its CPUID announces. */
#include "hv/cpu/cr_rules.h"
#include "machine/x86.h"

#define XCR0_X87	0x1ull
#define XCR0_SSE	0x2ull
#define XCR0_AVX	0x4ull
#define XCR0_AVX512	0xe0ull
#define XSS_CET		0x1800ull	/* of user and supervisor */
#define LEAF_7_ECX_CET_SS	(1u << 7)
#define LEAF_7_EDX_CET_IBT	(1u << 20)

/* Bits of a PDPTE that must be 0, physical address bits left out. */
#define PDPTE_PRESENT	0x1ull
#define PDPTE_RESERVED	0x1e6ull

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

u64 cr4_supported(const struct exit_acct_regs *one, const struct exit_acct_regs *seven)
{
	static const struct {
		u32 bit, leaf1_edx, leaf1_ecx, leaf7_ebx, leaf7_ecx;
	} features[] = {
		{ CR4_VME | CR4_PVI,	.leaf1_edx = 1u << 1 },
		{ CR4_DE,		.leaf1_edx = 1u << 2 },
		{ CR4_PSE,		.leaf1_edx = 1u << 3 },
		{ CR4_TSD,		.leaf1_edx = 1u << 4 },
		{ CR4_PAE,		.leaf1_edx = 1u << 6 },
		{ CR4_PGE,		.leaf1_edx = 1u << 13 },
		{ CR4_OSFXSR,		.leaf1_edx = 1u << 24 },
		{ CR4_OSXMMEXCPT,	.leaf1_edx = 1u << 25 },
		{ CR4_PCIDE,		.leaf1_ecx = 1u << 17 },
		{ CR4_OSXSAVE,		.leaf1_ecx = 1u << 26 },
		{ CR4_FSGSBASE,		.leaf7_ebx = 1u << 0 },
		{ CR4_SMEP,		.leaf7_ebx = 1u << 7 },
		{ CR4_SMAP,		.leaf7_ebx = 1u << 20 },
		{ CR4_UMIP,		.leaf7_ecx = 1u << 2 },
	};
	u64 supported = CR4_MCE | CR4_PCE;

	for (u32 i = 0; i < ARRAY_SIZE(features); i++) {
		if (one->edx & features[i].leaf1_edx || one->ecx & features[i].leaf1_ecx ||
		    seven->ebx & features[i].leaf7_ebx || seven->ecx & features[i].leaf7_ecx)
			supported |= features[i].bit;
	}
	return supported;
}

bool pdptes_valid(const u64 pdpte[4], u32 maxphyaddr)
{
	u64 reserved = PDPTE_RESERVED | -1ull << maxphyaddr;

	for (u32 i = 0; i < 4; i++) {
		if (pdpte[i] & PDPTE_PRESENT && pdpte[i] & reserved)
			return false;
	}
	return true;
}

bool xcr0_valid(u64 value, const struct exit_acct_regs *leaf)
{
	return value & XCR0_X87 && !(value & ~((u64)leaf->edx << 32 | leaf->eax)) &&
	       (!(value & XCR0_AVX) || value & XCR0_SSE) &&
	       (!(value & XCR0_AVX512) ||
		(value & XCR0_AVX && (value & XCR0_AVX512) == XCR0_AVX512));
}

u64 xss_supported(const struct exit_acct_regs *leaf, const struct exit_acct_regs *seven)
{
	u64 supported = (u64)leaf->edx << 32 | leaf->ecx;

	/* Bochs leaves the leaf empty, though with CET it takes the bits of CET. */
	if (seven->ecx & LEAF_7_ECX_CET_SS || seven->edx & LEAF_7_EDX_CET_IBT)
		supported |= XSS_CET;
	return supported;
}
