// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measuring one row: the extension leaves are read before and after its loop,
 * and what the reads themselves cost is taken off.
 *
 * A read is a CPUID, so it is an exit too. A leaf's answer has its own exit in
 * the counts and not in the cycles (acct/exit_acct.h). The reads happen in this
 * order, which fixes what lies between two readings of the same leaf:
 *
 *	TOTAL TIME COUNT | loop | COUNT TIME TOTAL
 *
 *	COUNT -> COUNT	1 exit (the second read), cycles of 1 read (the first)
 *	TIME -> TIME	cycles of 3 reads
 *	TOTAL -> TOTAL	5 exits
 *
 * The loop is timed by two RDTSCs, which a host may intercept as well.
 */
#include "guest/cpu.h"
#include "guest/guest.h"
#include "machine/machine.h"

#define OWN_EXITS_TOTAL	5
#define CALIBRATIONS	8

struct accounting accounting;
bool measure_marks;

/* What measuring itself charges to a reason between two readings. */
struct own {
	uint64_t exits, handler, round_trip;
};

static struct own own_cpuid, own_rdtsc;

struct reading {
	uint64_t count, handler, round_trip, total;
};

static uint64_t pair(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static void read_total(struct reading *r)
{
	struct exit_acct_regs v = cpuid_get(EXIT_ACCT_LEAF_TOTAL, 0);

	r->total = pair(v.eax, v.ebx);
}

static void read_time(struct reading *r, uint32_t reason)
{
	struct exit_acct_regs v = cpuid_get(EXIT_ACCT_LEAF_TIME, reason);

	r->round_trip = pair(v.eax, v.ebx);
}

static void read_count(struct reading *r, uint32_t reason)
{
	struct exit_acct_regs v = cpuid_get(EXIT_ACCT_LEAF_COUNT, reason);

	r->count = pair(v.eax, v.ebx);
	r->handler = pair(v.ecx, v.edx);
}

static void read_before(struct reading *r, uint32_t reason)
{
	read_total(r);
	read_time(r, reason);
	read_count(r, reason);
}

static void read_after(struct reading *r, uint32_t reason)
{
	read_count(r, reason);
	read_time(r, reason);
	read_total(r);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static void difference(const struct reading *a, const struct reading *b, uint32_t reason,
		       struct measured *m)
{
	static const struct own nothing;
	const struct own *own = &nothing;

	if (reason == EXIT_REASON_CPUID)
		own = &own_cpuid;
	else if (reason == EXIT_REASON_RDTSC)
		own = &own_rdtsc;
	m->exits = b->count - a->count - own->exits;
	m->handler = less(b->handler - a->handler, own->handler);
	m->round_trip = less(b->round_trip - a->round_trip, own->round_trip);
	m->other = b->total - a->total - OWN_EXITS_TOTAL - own_rdtsc.exits - m->exits;
}

/* The cheapest of several empty measurements: caches warm, no host interrupt. */
static struct own calibrate(uint32_t reason)
{
	struct own least = { ~0ull, ~0ull, ~0ull };
	int i;

	for (i = 0; i < CALIBRATIONS; i++) {
		struct reading a, b;

		read_before(&a, reason);
		rdtsc_fenced();
		rdtsc_fenced();
		read_after(&b, reason);
		if (b.count - a.count < least.exits)
			least.exits = b.count - a.count;
		if (b.handler - a.handler < least.handler)
			least.handler = b.handler - a.handler;
		if (b.round_trip - a.round_trip < least.round_trip)
			least.round_trip = b.round_trip - a.round_trip;
	}
	return least;
}

void accounting_detect(void)
{
	struct exit_acct_regs signature = cpuid_get(EXIT_ACCT_LEAF_SIGNATURE, 0);
	struct exit_acct_regs info;

	if (memcmp(&signature.ebx, "VMExitAcct", 10))
		return;
	info = cpuid_get(EXIT_ACCT_LEAF_INFO, 0);
	accounting.present = true;
	accounting.last = signature.eax;
	accounting.abi = info.eax;
	accounting.target = info.ebx;
	accounting.map = info.ecx;
	own_cpuid = calibrate(EXIT_REASON_CPUID);
	own_rdtsc = calibrate(EXIT_REASON_RDTSC);
}

static void repeat(const struct row *row, uint32_t reps, enum result *worst)
{
	uint32_t i;

	for (i = 0; i < reps && *worst != ROW_SKIP; i++) {
		enum result result = row->op();

		/* An exception that the operation did not ask for is a failure. */
		if (trap_take() != VECTOR_NONE)
			result = ROW_FAIL;
		if (result > *worst)
			*worst = result;
	}
}

/* For whoever sees the exits of this guest among many others (tools/nesting.c). */
static void mark(void)
{
	if (measure_marks)
		outb(MACHINE_MARK_PORT, 0);
}

void measure(const struct row *row, uint32_t reps, struct measured *m)
{
	struct reading a = { 0 }, b = { 0 };
	uint64_t begin, end;

	m->result = ROW_OK;
	trap_take();
	/* Once before: what a host does only the first time is not the row's. */
	repeat(row, 1, &m->result);
	mark();
	if (accounting.present)
		read_before(&a, row->reason);
	begin = rdtsc_fenced();
	repeat(row, reps, &m->result);
	end = rdtsc_fenced();
	if (accounting.present)
		read_after(&b, row->reason);
	mark();
	m->tsc = end - begin;
	difference(&a, &b, row->reason, m);
}

static void read_slot(struct exit_acct_counters *c, uint32_t slot, uint32_t subleaf)
{
	struct exit_acct_slot *s = &c->slot[slot];
	struct exit_acct_regs v = cpuid_get(EXIT_ACCT_LEAF_TIME, subleaf);
	struct reading r;
	uint32_t b;

	s->round_trip = pair(v.eax, v.ebx);
	c->failed[slot] = pair(v.ecx, v.edx);
	read_count(&r, subleaf);
	s->count = r.count;
	s->handler = r.handler;
	if (!s->count)
		return;
	v = cpuid_get(EXIT_ACCT_LEAF_RANGE, subleaf);
	s->min = pair(v.eax, v.ebx);
	s->max = pair(v.ecx, v.edx);
	for (b = 0; b < EXIT_ACCT_BUCKETS; b += 2) {
		v = cpuid_get(EXIT_ACCT_LEAF_HIST, subleaf | b << 16);
		s->hist[b] = pair(v.eax, v.ebx);
		s->hist[b + 1] = pair(v.ecx, v.edx);
	}
	if (accounting.last < EXIT_ACCT_LEAF_LOST)
		return;
	v = cpuid_get(EXIT_ACCT_LEAF_LOST, subleaf);
	s->handler_lost = pair(v.eax, v.ebx);
	s->round_trip_lost = pair(v.ecx, v.edx);
}

void accounting_read(struct exit_acct_counters *c)
{
	struct exit_acct_regs v;
	uint32_t i;

	for (i = 0; i < VMX_EXIT_REASONS_NR; i++)
		read_slot(c, i, i);
	read_slot(c, EXIT_ACCT_OTHER, EXIT_ACCT_LEAF_OTHER);
	v = cpuid_get(EXIT_ACCT_LEAF_TOTAL_MORE, 0);
	c->synthesised = pair(v.ecx, v.edx);
}
