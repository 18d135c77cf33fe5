// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the course's leaves say what their map promises, for every ECX that could
 * go wrong? The rules, and which reasons there are, are written down here a
 * second time, on purpose: a mistake in acct/ must not agree with itself.
 */
#include "guest/cpu.h"
#include "guest/modes.h"
#include "guest/rows.h"

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

/* The SDM's table of basic exit reasons has these numbers. */
static bool defined(uint32_t reason)
{
	return reason <= 34 || reason == 36 || reason == 37 || (reason >= 39 && reason <= 41) ||
	       (reason >= 43 && reason <= 70) || (reason >= 72 && reason <= 81) ||
	       reason == 84 || reason == 85;
}

/* The nearest leaf that belongs to no map: what any unknown leaf answers. */
#define NEIGHBOUR_LEAF	0x4ffffffb

static struct exit_acct_regs low_halves(const struct cpuid_request *r)
{
	return (struct exit_acct_regs) { r->rax, r->rbx, r->rcx, r->rdx };
}

static bool upper_halves_clear(const struct cpuid_request *r)
{
	return !((r->rax | r->rbx | r->rcx | r->rdx) >> 32);
}

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

/*
 * Three CPUIDs whatever the map, so that the row's exit count is a test as well:
 * the leaf, between two readings of one that says what must be in it.
 */
static void ask(struct cpuid_request r[3], unsigned int carries, uint32_t leaf, uint32_t ecx)
{
	uint32_t reference = EXIT_ACCT_LEAF_TOTAL;

	if (carries == NO_LEAF)
		reference = NEIGHBOUR_LEAF;
	else if (carries & (COUNT | CYCLES))
		reference = EXIT_ACCT_LEAF_COUNT;
	r[0] = r[2] = (struct cpuid_request) { .leaf = reference, .subleaf = ecx };
	r[1] = (struct cpuid_request) { .leaf = leaf, .subleaf = ecx };
}

/* Without unrestricted guest KVM runs no real mode, but emulates it: no CPUID exits. */
static bool mode_exits(enum mode mode)
{
	return mode != MODE_REAL || !shadow_paging();
}

static bool leaf_fits(enum mode mode, const struct cpuid_request r[3], unsigned int carries)
{
	bool by_reason = carries & (COUNT | CYCLES);
	uint32_t ecx = r[1].subleaf;
	bool own = mode_exits(mode) && (!by_reason || ecx == EXIT_REASON_CPUID);
	struct exit_acct_regs before = low_halves(&r[0]), v = low_halves(&r[1]);
	struct exit_acct_regs after = low_halves(&r[2]);

	if (!upper_halves_clear(&r[0]) || !upper_halves_clear(&r[1]) || !upper_halves_clear(&r[2]))
		return false;
	if (carries == NO_LEAF)
		return same(&v, &before) && same(&v, &after);
	if (by_reason && !defined(ecx))
		return !v.eax && !v.ebx && !v.ecx && v.edx == ~0u;
	if (v.edx)
		return false;
	if (carries & (TOTAL | COUNT) ? !count_fits(v.eax, &before, &after, own) : v.eax)
		return false;
	if (carries & (TOTAL_CYCLES | CYCLES))
		return cycles_fit(&v, &before, &after, own);
	return !v.ebx && !v.ecx;
}

static bool ecx_fits(enum mode mode, uint32_t ecx)
{
	const uint8_t *map = maps[accounting.map];
	struct cpuid_request r[4][3];
	bool fits = true;
	uint32_t i;

	for (i = 0; i < 4; i++)
		ask(r[i], map[i], EXIT_ACCT_LEAF_COURSE_LAST - i, ecx);
	cpuid_in(mode, r[0], 4 * 3);
	for (i = 0; i < 4; i++) {
		if (!leaf_fits(mode, r[i], map[i])) {
			note("leaf 0x%lx with ecx 0x%lx breaks the rules of map %lu", r[i][1].leaf,
			     ecx, accounting.map, 0);
			fits = false;
		}
	}
	return fits;
}

static enum result leaf_map(enum mode mode)
{
	bool fits;
	uint32_t ecx;

	if (!accounting.present || accounting.map >= EXIT_ACCT_NR_MAPS)
		return skip("nobody answers the leaves");
	fits = ecx_fits(mode, 0xffff) & ecx_fits(mode, 0x80000000) & ecx_fits(mode, 0xffffffff);
	for (ecx = 0; ecx < 128; ecx++)
		fits &= ecx_fits(mode, ecx);
	return ok(fits);
}

#define LEAF_MAP_OP(name, mode)		\
enum result name(void)			\
{					\
	return leaf_map(mode);		\
}

LEAF_MAP_OP(op_leaf_map, MODE_64)
LEAF_MAP_OP(op_leaf_map_cpl3, MODE_64_CPL3)
LEAF_MAP_OP(op_leaf_map_32, MODE_32)
LEAF_MAP_OP(op_leaf_map_32_cpl3, MODE_32_CPL3)
LEAF_MAP_OP(op_leaf_map_16, MODE_16)
LEAF_MAP_OP(op_leaf_map_16_cpl3, MODE_16_CPL3)
LEAF_MAP_OP(op_leaf_map_protected, MODE_PROTECTED)
LEAF_MAP_OP(op_leaf_map_real, MODE_REAL)
LEAF_MAP_OP(op_leaf_map_v86, MODE_V86)

/* I/O is quiet while this runs, so that its counters must agree exactly. */
enum result op_leaf_extension(void)
{
	struct exit_acct_regs v, range;
	uint64_t count, handler, min, max, timed, in_buckets = 0;
	uint32_t b;

	if (!accounting.present)
		return skip("nobody answers the leaves");
	v = cpuid_get(EXIT_ACCT_LEAF_SIGNATURE, 0);
	if (v.eax != EXIT_ACCT_LEAF_LAST)
		note("leaf 0x4fffff00 says that 0x%lx is the last", v.eax, 0, 0, 0);
	v = cpuid_get(EXIT_ACCT_LEAF_INFO, 0);
	if (v.eax != EXIT_ACCT_ABI || !v.edx)
		note("leaf 0x4fffff01: abi %lu, %lu vCPUs", v.eax, v.edx, 0, 0);

	v = cpuid_get(EXIT_ACCT_LEAF_COUNT, EXIT_REASON_IO_INSTRUCTION);
	range = cpuid_get(EXIT_ACCT_LEAF_RANGE, EXIT_REASON_IO_INSTRUCTION);
	count = (uint64_t)v.ebx << 32 | v.eax;
	handler = (uint64_t)v.edx << 32 | v.ecx;
	min = (uint64_t)range.ebx << 32 | range.eax;
	max = (uint64_t)range.edx << 32 | range.ecx;
	v = cpuid_get(EXIT_ACCT_LEAF_LOST, EXIT_REASON_IO_INSTRUCTION);
	timed = count - ((uint64_t)v.ebx << 32 | v.eax);
	if (handler < timed * min || handler > timed * max)
		note("%lu cycles for %lu exits of %lu to %lu", handler, timed, min, max);
	for (b = 0; b < EXIT_ACCT_BUCKETS; b += 2) {
		v = cpuid_get(EXIT_ACCT_LEAF_HIST, EXIT_REASON_IO_INSTRUCTION | b << 16);
		in_buckets += ((uint64_t)v.ebx << 32 | v.eax) + ((uint64_t)v.edx << 32 | v.ecx);
	}
	if (in_buckets != timed)
		note("%lu exits timed, %lu in the histogram", timed, in_buckets, 0, 0);
	return ok(!note_pending());
}
