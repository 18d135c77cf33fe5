// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/cr_rules.c */
/* What control registers take, by what CPUID announces. */
#include "hv/cpu/cr_rules.h"
#include "tests/unit/tap.h"
#include "machine/x86.h"

static const struct {
	const char *name;
	struct exit_acct_regs one, seven;
	u64 supported;		/* beside MCE and PCE */
} cr4s[] = {
	{ "nothing", { 0 }, { 0 }, 0 },
	{ "VME", { .edx = 1u << 1 }, { 0 }, CR4_VME | CR4_PVI },
	{ "PAE and PGE", { .edx = 1u << 6 | 1u << 13 }, { 0 }, CR4_PAE | CR4_PGE },
	{ "XSAVE", { .ecx = 1u << 26 }, { 0 }, CR4_OSXSAVE },
	{ "SMEP, SMAP", { 0 }, { .ebx = 1u << 7 | 1u << 20 }, CR4_SMEP | CR4_SMAP },
	{ "UMIP", { 0 }, { .ecx = 1u << 2 }, CR4_UMIP },
	{ "VMX and SMX, which no guest gets", { .ecx = 3u << 5 }, { 0 }, 0 },
};

static const struct {
	const char *name;
	u64 value, announced;
	bool valid;
} xcr0s[] = {
	{ "x87 alone", 1, 0xe7, true },
	{ "no x87", 2, 0xe7, false },
	{ "AVX", 7, 0xe7, true },
	{ "AVX without SSE", 5, 0xe7, false },
	{ "AVX that is not there", 7, 3, false },
	{ "AVX-512", 0xe7, 0xe7, true },
	{ "a part of AVX-512", 0x67, 0xe7, false },
	{ "AVX-512 without AVX", 0xe3, 0xe7, false },
	{ "a bit above 31", 1ull << 62 | 1, 1ull << 62 | 1, true },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
	const struct exit_acct_regs none = { 0 }, pt = { .ecx = 0x100 };
	const struct exit_acct_regs shadow_stacks = { .ecx = 1u << 7 };
	u64 pdptes[4] = { 0x1001, 0xffff, 0x3019, 0 };

	for (unsigned int i = 0; i < COUNT(cr4s); i++)
		is_u64(cr4s[i].name, cr4_supported(&cr4s[i].one, &cr4s[i].seven),
		       cr4s[i].supported | CR4_MCE | CR4_PCE);
	for (unsigned int i = 0; i < COUNT(xcr0s); i++) {
		struct exit_acct_regs leaf = {
			.eax = (u32)xcr0s[i].announced, .edx = (u32)(xcr0s[i].announced >> 32),
		};

		ok(xcr0_valid(xcr0s[i].value, &leaf) == xcr0s[i].valid, "XCR0: %s", xcr0s[i].name);
	}
	is_u64("IA32_XSS: nothing", xss_supported(&none, &none), 0);
	is_u64("IA32_XSS: what the leaf says", xss_supported(&pt, &none), 0x100);
	is_u64("IA32_XSS: CET, though the leaf says nothing", xss_supported(&none, &shadow_stacks),
	       0x1800);

	ok(!pdptes_valid(pdptes, 39), "a PDPTE with a reserved bit");
	pdptes[1] = 0xfffe;
	ok(pdptes_valid(pdptes, 39), "which is none as long as it is not present");
	pdptes[0] |= 1ull << 39;
	ok(!pdptes_valid(pdptes, 39), "a PDPTE beyond the address width");
	ok(pdptes_valid(pdptes, 40), "which is within a larger one");
	return done();
}
