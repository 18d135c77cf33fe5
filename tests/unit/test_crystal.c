// SPDX-License-Identifier: GPL-2.0-only
/* units: vmm/crystal.c */
/* The TSC of a guest on KVM, told by another crystal: how near, and does Linux take it? */
#include <stdlib.h>

#include "tests/unit/tap.h"
#include "vmm/crystal.h"

#define MHZ_25	25000000u

/* Of a TSC of so many kHz, told in numerator / 1000 of 25 kHz: parts in 10^9 that are wrong. */
static u64 wrong_by(u64 khz, struct exit_acct_regs *r)
{
	*r = (struct exit_acct_regs) { 1000, khz / 25, MHZ_25, 0 };
	crystal_set(r);
	return llabs((s64)((u64)r->ecx * r->ebx / r->eax) - (s64)khz * 1000) * 1000000 / khz;
}

int main(void)
{
	static const u32 known[] = { 25000, 859500, 1000000, 2494125, 3999000, 4294950, 4300000,
				     5700025, 85950 };
	struct exit_acct_regs r = { 0 };
	u64 most = 0, overflows = 0, not_1ghz = 0;

	crystal_set(&r);
	ok(!(r.eax | r.ebx | r.ecx), "where none is told there is none");
	wrong_by(25000, &r);
	ok(r.eax == 40 && r.ebx == 1, "25 MHz is a fortieth");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		u64 wrong = wrong_by(known[i], &r);

		ok(wrong < 20000, "%u kHz: wrong by %llu in 10^9", known[i],
		   (unsigned long long)wrong);
	}
	for (u32 khz = 50000; khz < 6000000; khz += 1025) {
		u64 wrong = wrong_by(khz / 25 * 25, &r);

		most = wrong > most ? wrong : most;
		overflows += (u64)r.ebx * (r.ecx / 1000) >> 32 != 0;
		not_1ghz += r.ecx != 1000000000;
	}
	ok(most <= 1000000000 / 4294 / 2, "from 50 MHz to 6 GHz: wrong by at most %llu in 10^9",
	   (unsigned long long)most);
	is_u64("products of more than 32 bits", overflows, 0);
	is_u64("crystals that are not KVM's", not_1ghz, 0);
	return done();
}
