// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the course's leaves say what their map promises, for every ECX that could
 * go wrong? The rules are written down here a second time, on purpose: the
 * guest links no code of the host's that answers the leaves.
 */
#include "cpu.h"
#include "rows.h"

/* What a leaf carries; the parts of one leaf are or-ed. */
enum {
	NO_LEAF		= 0,
	TOTAL		= 1 << 0,	/* EAX = total exits */
	TOTAL_CYCLES	= 1 << 1,	/* EBX:ECX = total handler cycles */
	COUNT		= 1 << 2,	/* EAX = count[ECX] */
	CYCLES		= 1 << 3,	/* EBX:ECX = cycles[ECX] */
};

/* From 0x4fffffff down. */
static const uint8_t maps[EXIT_ACCT_NR_MAPS][4] = {
	[EXIT_ACCT_MAP_DEFAULT]	= { TOTAL | TOTAL_CYCLES, TOTAL_CYCLES, COUNT, CYCLES },
	[EXIT_ACCT_MAP_S21]	= { TOTAL | TOTAL_CYCLES, COUNT, NO_LEAF, NO_LEAF },
	[EXIT_ACCT_MAP_F21]	= { TOTAL, TOTAL_CYCLES, COUNT, CYCLES },
	[EXIT_ACCT_MAP_F22]	= { CYCLES, COUNT, TOTAL_CYCLES, TOTAL },
};

/* The nearest leaf that belongs to no map: what any unknown leaf answers. */
#define NEIGHBOUR_LEAF	0x4ffffffb

static bool same(const struct exit_acct_regs *a, const struct exit_acct_regs *b)
{
	return a->eax == b->eax && a->ebx == b->ebx && a->ecx == b->ecx && a->edx == b->edx;
}

/*
 * Exits between @before and @after, readings of the extension leaf just before
 * and just after the leaf's. @own: the reads themselves are among those exits,
 * so that without a host interrupt in between only one value is right.
 */
static bool count_fits(uint32_t value, const struct exit_acct_regs *before,
		       const struct exit_acct_regs *after, bool own)
{
	uint32_t low = before->eax + own, high = after->eax - own;

	return value - low <= high - low;
}

static bool cycles_fit(const struct exit_acct_regs *leaf, const struct exit_acct_regs *before,
		       const struct exit_acct_regs *after, bool own)
{
	uint64_t value = (uint64_t)leaf->ebx << 32 | leaf->ecx;
	uint64_t low = (uint64_t)before->edx << 32 | before->ecx;
	uint64_t high = (uint64_t)after->edx << 32 | after->ecx;

	return value >= low + own && value <= high - own;
}

static bool leaf_fits(unsigned int carries, uint32_t leaf, uint32_t ecx)
{
	bool by_reason = carries & (COUNT | CYCLES);
	bool own = !by_reason || ecx == REASON_CPUID;
	struct exit_acct_regs before, v, after;
	uint32_t reference = EXIT_ACCT_LEAF_TOTAL;

	if (carries == NO_LEAF)
		reference = NEIGHBOUR_LEAF;
	else if (by_reason)
		reference = EXIT_ACCT_LEAF_COUNT;

	/* Three CPUIDs whatever the map: the row's exit count is a test as well. */
	before = cpuid(reference, ecx);
	v = cpuid(leaf, ecx);
	after = cpuid(reference, ecx);

	if (carries == NO_LEAF)
		return same(&v, &before) && same(&v, &after);
	if (by_reason && !exit_acct_defined(ecx))
		return !v.eax && !v.ebx && !v.ecx && v.edx == ~0u;
	if (v.edx)
		return false;
	if (carries & (TOTAL | COUNT) ? !count_fits(v.eax, &before, &after, own) : v.eax)
		return false;
	if (carries & (TOTAL_CYCLES | CYCLES))
		return cycles_fit(&v, &before, &after, own);
	return !v.ebx && !v.ecx;
}

static bool ecx_fits(uint32_t ecx)
{
	bool fits = true;
	uint32_t i;

	for (i = 0; i < 4; i++) {
		uint32_t leaf = EXIT_ACCT_LEAF_COURSE_LAST - i;

		if (!leaf_fits(maps[accounting.map][i], leaf, ecx)) {
			note("leaf 0x%lx with ecx 0x%lx breaks the rules of map %lu", leaf, ecx,
			     accounting.map, 0);
			fits = false;
		}
	}
	return fits;
}

enum result op_leaf_map(void)
{
	bool fits;
	uint32_t ecx;

	if (!accounting.present || accounting.map >= EXIT_ACCT_NR_MAPS)
		return skip("nobody answers the leaves");
	fits = ecx_fits(0xffff) & ecx_fits(0x80000000) & ecx_fits(0xffffffff);
	for (ecx = 0; ecx < 128; ecx++)
		fits &= ecx_fits(ecx);
	return ok(fits);
}

/* I/O is quiet while this runs, so that its counters must agree exactly. */
enum result op_leaf_extension(void)
{
	struct exit_acct_regs v, range;
	uint64_t count, handler, min, max, in_buckets = 0;
	uint32_t b;

	if (!accounting.present)
		return skip("nobody answers the leaves");
	v = cpuid(EXIT_ACCT_LEAF_SIGNATURE, 0);
	if (v.eax != EXIT_ACCT_LEAF_LAST)
		note("leaf 0x4fffff00 says that 0x%lx is the last", v.eax, 0, 0, 0);
	v = cpuid(EXIT_ACCT_LEAF_INFO, 0);
	if (v.eax != EXIT_ACCT_ABI || !v.edx)
		note("leaf 0x4fffff01: abi %lu, %lu vCPUs", v.eax, v.edx, 0, 0);

	v = cpuid(EXIT_ACCT_LEAF_COUNT, REASON_IO_INSTRUCTION);
	range = cpuid(EXIT_ACCT_LEAF_RANGE, REASON_IO_INSTRUCTION);
	count = (uint64_t)v.ebx << 32 | v.eax;
	handler = (uint64_t)v.edx << 32 | v.ecx;
	min = (uint64_t)range.ebx << 32 | range.eax;
	max = (uint64_t)range.edx << 32 | range.ecx;
	if (handler < count * min || handler > count * max)
		note("%lu cycles for %lu exits of %lu to %lu", handler, count, min, max);
	for (b = 0; b < EXIT_ACCT_BUCKETS; b += 2) {
		v = cpuid(EXIT_ACCT_LEAF_HIST, REASON_IO_INSTRUCTION | b << 16);
		in_buckets += ((uint64_t)v.ebx << 32 | v.eax) + ((uint64_t)v.edx << 32 | v.ecx);
	}
	if (in_buckets != count)
		note("%lu exits, %lu in the histogram", count, in_buckets, 0, 0);
	return ok(!note_pending());
}
