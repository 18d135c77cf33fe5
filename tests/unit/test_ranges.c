// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/boot/ranges.c */
/* What is taken is available, aligned, below the limit, and not in use. */
#include "hv/boot/ranges.h"
#include "tests/unit/tap.h"

#define MIB	(1ull << 20)

int main(void)
{
	struct ranges r = { .nr_used = 0 };
	unsigned int i;

	is_u64("nothing is available", ranges_take(&r, 1, 1, -1ull), 0);
	ranges_available(&r, 0, MIB);
	ranges_available(&r, MIB, 7 * MIB);
	ranges_available(&r, 16 * MIB, 16 * MIB);
	ranges_used(&r, 0, MIB);
	ranges_used(&r, MIB + 1, MIB + 2);
	is_u64("in front of what is used", ranges_take(&r, 1, 1, -1ull), MIB);
	is_u64("aligned, behind it", ranges_take(&r, 4096, 4096, -1ull), MIB + 4096);
	is_u64("all that is left of it", ranges_take(&r, 6 * MIB, MIB, -1ull), 2 * MIB);
	is_u64("not beyond the limit", ranges_take(&r, 8 * MIB, MIB, 20 * MIB), 0);
	is_u64("up to it", ranges_take(&r, 4 * MIB, MIB, 20 * MIB), 16 * MIB);
	is_u64("never more than there is", ranges_take(&r, 13 * MIB, 1, -1ull), 0);
	is_u64("the end", ranges_take(&r, 12 * MIB, 1, -1ull), 20 * MIB);
	for (i = r.nr_used; i < RANGES_USED_MAX; i++)
		ok(ranges_take(&r, 1, 1, -1ull), "small one %u", i);
	is_u64("the table is full", ranges_take(&r, 1, 1, -1ull), 0);
	for (i = 0; i < RANGES_AVAILABLE_MAX; i++)
		ranges_available(&r, 64 * MIB, MIB);
	is_u64("more memory than the table holds", r.nr_available, RANGES_AVAILABLE_MAX);
	return done();
}
