// SPDX-License-Identifier: GPL-2.0-only
/* Data and I/O breakpoints. */
#include "hv/cpu/debug.h"
#include "machine/x86.h"

/* The fields R/W0 to R/W3 of DR7. */
enum { RW_EXECUTE, RW_WRITE, RW_IO, RW_ACCESS };

/* Which of them an access meets, a bit for each. */
static const u8 meets[] = {
	[DEBUG_IO] = 1 << RW_IO, [DEBUG_WRITE] = 1 << RW_WRITE | 1 << RW_ACCESS,
	[DEBUG_READ] = 1 << RW_ACCESS,
};

u64 debug_hits(u64 dr7, const u64 dr[4], enum debug_access access, u64 address, u64 bytes)
{
	static const u8 length[4] = { 1, 2, 8, 4 };
	u64 hits = 0;
	bool enabled = false;

	for (unsigned int i = 0; i < 4; i++) {
		u64 len = length[dr7 >> (18 + 4 * i) & 3], at = dr[i] & -len;

		/* Differences, because either range may end where addresses wrap. */
		if (!(meets[access] >> (dr7 >> (16 + 4 * i) & 3) & 1) ||
		    !(address - at < len || at - address < bytes))
			continue;
		hits |= 1ull << i;
		enabled |= dr7 >> 2 * i & 3;
	}
	return enabled ? hits : 0;
}

u64 debug_pending(u64 dr7, u64 dr6)
{
	u64 pending = dr6 & DR6_BS;

	for (unsigned int i = 0; i < 4; i++) {
		if (dr6 >> i & 1 && (dr7 >> (16 + 4 * i) & 3) != RW_EXECUTE)
			pending |= 1ull << i | (dr7 >> 2 * i & 3 ? DEBUG_ENABLED_MET : 0);
	}
	return pending;
}
