// SPDX-License-Identifier: GPL-2.0-only
/* Finding and reading the accounting's CPUID leaves (acct/exit_leaves.h). */
#include <string.h>
#include <time.h>
#include "guest/linux/exitstat.h"

/* A number that no edition of the SDM defines: a count's leaf says so in EDX. */
#define UNDEFINED_REASON	35

/* Of what a read costs. */
#define SAMPLES			4

/* Which of the course's leaves has what, as a reader sees it; 0: no leaf has. */
static const struct {
	u32 total, count, cycles, total_cycles;
} course[EXIT_ACCT_NR_MAPS] = {
	[EXIT_ACCT_MAP_DEFAULT]	= { 0x4fffffff, 0x4ffffffd, 0x4ffffffc, 0x4fffffff },
	[EXIT_ACCT_MAP_S21]	= { 0x4fffffff, 0x4ffffffe, 0, 0x4fffffff },
	[EXIT_ACCT_MAP_F21]	= { 0x4fffffff, 0x4ffffffd, 0x4ffffffc, 0x4ffffffe },
	[EXIT_ACCT_MAP_F22]	= { 0x4ffffffc, 0x4ffffffe, 0x4fffffff, 0x4ffffffd },
};

struct exit_acct_regs leaf_read(struct leaves *l, u32 leaf, u32 subleaf)
{
	struct exit_acct_regs r;

	l->reads++;
	l->cpuid(leaf, subleaf, &r);
	return r;
}

u64 total_read(struct leaves *l)
{
	struct exit_acct_regs r;

	if (!l->extension)
		return leaf_read(l, course[l->map].total, 0).eax;
	r = leaf_read(l, EXIT_ACCT_LEAF_TOTAL, 0);
	return pair(r.eax, r.ebx);
}

static bool says_undefined(struct leaves *l, u32 leaf)
{
	struct exit_acct_regs r = leaf_read(l, leaf, UNDEFINED_REASON);

	return !(r.eax | r.ebx | r.ecx) && r.edx == ~0u;
}

/* The maps differ in which leaves take a reason, and in what the first one has. */
static enum exit_acct_map guess_map(struct leaves *l)
{
	struct exit_acct_regs r;

	if (says_undefined(l, 0x4ffffffd)) {
		r = leaf_read(l, 0x4fffffff, 0);
		return r.ebx | r.ecx ? EXIT_ACCT_MAP_DEFAULT : EXIT_ACCT_MAP_F21;
	}
	if (!says_undefined(l, 0x4ffffffe))
		return EXIT_ACCT_NR_MAPS;
	return says_undefined(l, 0x4fffffff) ? EXIT_ACCT_MAP_F22 : EXIT_ACCT_MAP_S21;
}

/*
 * A leaf that nobody knows may answer anything, but always the same. A count
 * goes up by the read itself, and not by much more.
 */
static bool is_counting(struct leaves *l, u32 leaf)
{
	u32 before = leaf_read(l, leaf, EXIT_REASON_CPUID).eax;
	u32 exits = leaf_read(l, leaf, EXIT_REASON_CPUID).eax - before;

	return exits && exits < 1u << 20;
}

static bool find_course(struct leaves *l, enum exit_acct_map map)
{
	if (map == EXIT_ACCT_NR_MAPS)
		map = guess_map(l);
	if (map == EXIT_ACCT_NR_MAPS || !is_counting(l, course[map].total) ||
	    !is_counting(l, course[map].count))
		return false;
	l->map = map;
	l->handler = course[map].cycles;
	return true;
}

/* Who could have answered? Twelve characters, if it is a hypervisor at all. */
static void explain_absence(struct leaves *l)
{
	struct exit_acct_regs r = leaf_read(l, 1, 0);
	char name[13] = "";

	if (!(r.ecx >> 31)) {
		snprintf(l->why, sizeof(l->why), "no leaves of VM-exit accounting: "
			 "this is not a virtual machine (no hypervisor bit in CPUID)");
		return;
	}
	r = leaf_read(l, 0x40000000, 0);
	memcpy(name, &r.ebx, 4);
	memcpy(name + 4, &r.ecx, 4);
	memcpy(name + 8, &r.edx, 4);
	for (char *c = name; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
	snprintf(l->why, sizeof(l->why), "no leaves of VM-exit accounting: "
		 "the hypervisor \"%s\" does not answer them", name);
}

bool leaves_find(struct leaves *l, enum exit_acct_map map)
{
	struct exit_acct_regs r = leaf_read(l, EXIT_ACCT_LEAF_SIGNATURE, 0);
	bool ours = !memcmp(&r.ebx, "VMExitAcct", 10);

	if (ours) {
		l->last = r.eax;
		r = leaf_read(l, EXIT_ACCT_LEAF_INFO, 0);
		/* Of a later version only the course's leaves are known for sure. */
		l->extension = r.eax == EXIT_ACCT_ABI && map == EXIT_ACCT_NR_MAPS;
		l->target = r.ebx;
		l->vcpus = r.edx;
		if (map != EXIT_ACCT_NR_MAPS && r.ecx != map) {
			snprintf(l->why, sizeof(l->why), "no leaves in the map %s: here the map "
				 "is %s", exit_acct_map_name(map), exit_acct_map_name(r.ecx));
			return false;
		}
		map = r.ecx < EXIT_ACCT_NR_MAPS ? r.ecx : EXIT_ACCT_NR_MAPS;
	}
	if (l->extension) {
		l->map = map;
		l->handler = true;
		return true;
	}
	if (find_course(l, map))
		return true;
	explain_absence(l);
	return false;
}

/* The subleaf that selects a slot. */
static u32 slot_subleaf(u32 slot)
{
	return slot == EXIT_ACCT_OTHER ? EXIT_ACCT_LEAF_OTHER : slot;
}

static void read_extension(struct leaves *l, u32 slot, struct snapshot *s)
{
	struct exit_acct_regs r = leaf_read(l, EXIT_ACCT_LEAF_COUNT, slot_subleaf(slot));
	struct exit_row *row = &s->row[slot];

	row->count = pair(r.eax, r.ebx);
	row->handler = pair(r.ecx, r.edx);
	if (slot == EXIT_REASON_CPUID)
		s->own.count = s->own.handler = l->reads;
	r = leaf_read(l, EXIT_ACCT_LEAF_TIME, slot_subleaf(slot));
	row->round_trip = pair(r.eax, r.ebx);
	row->failed = pair(r.ecx, r.edx);
	if (slot == EXIT_REASON_CPUID)
		s->own.round_trip = l->reads;
}

static void read_course(struct leaves *l, u32 slot, struct snapshot *s)
{
	struct exit_row *row = &s->row[slot];
	struct exit_acct_regs r;

	if (slot == EXIT_ACCT_OTHER)
		return;
	row->count = leaf_read(l, course[l->map].count, slot).eax;
	if (slot == EXIT_REASON_CPUID)
		s->own.count = l->reads;
	if (!l->handler)
		return;
	r = leaf_read(l, course[l->map].cycles, slot);
	row->handler = pair(r.ecx, r.ebx);
	if (slot == EXIT_REASON_CPUID)
		s->own.handler = l->reads;
}

static void read_slot(struct leaves *l, u32 slot, struct snapshot *s)
{
	if (slot != EXIT_ACCT_OTHER && !exit_acct_defined(slot))
		return;
	if (l->extension)
		read_extension(l, slot, s);
	else
		read_course(l, slot, s);
}

/* Times that are not known, which only a reason that there has been can have. */
static void read_lost(struct leaves *l, u32 slot, struct snapshot *s)
{
	struct exit_acct_regs r;

	if (!l->extension || (!s->row[slot].count && slot != EXIT_REASON_CPUID))
		return;
	r = leaf_read(l, EXIT_ACCT_LEAF_LOST, slot_subleaf(slot));
	s->handler_lost += pair(r.eax, r.ebx);
	s->round_trip_lost += pair(r.ecx, r.edx);
}

/* What is not by reason: only where it cannot be summed up. */
static void read_rest(struct leaves *l, struct snapshot *s)
{
	struct exit_acct_regs r;

	if (l->extension) {
		r = leaf_read(l, EXIT_ACCT_LEAF_TOTAL_MORE, 0);
		s->synthesised = pair(r.ecx, r.edx);
	} else if (!l->handler) {
		r = leaf_read(l, course[l->map].total_cycles, 0);
		s->handler = pair(r.ecx, r.ebx);
		s->own.handler = l->reads;
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

void snapshot_take(struct leaves *l, struct snapshot *s, bool cpuid_first)
{
	u32 slot;

	memset(s, 0, sizeof(*s));
	if (cpuid_first) {
		s->seconds = now();
		read_slot(l, EXIT_REASON_CPUID, s);
		read_rest(l, s);
	}
	for (slot = 0; slot < EXIT_ACCT_SLOTS; slot++) {
		if (slot != EXIT_REASON_CPUID)
			read_slot(l, slot, s);
		read_lost(l, slot, s);
	}
	if (!cpuid_first) {
		read_rest(l, s);
		read_slot(l, EXIT_REASON_CPUID, s);
		s->seconds = now();
	}
	if (!l->handler)
		return;
	for (slot = 0; slot < EXIT_ACCT_SLOTS; slot++)
		s->handler += s->row[slot].handler;
}

/* Never below zero, not even if the VM was set back between two readings. */
static u64 less(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* Of CPUID's row, and of the sum of cycles, the part that is the reads' own. */
static void take_off(const struct leaves *l, const struct exit_row *own, struct snapshot *d)
{
	struct exit_row *row = &d->row[EXIT_REASON_CPUID];
	u64 handler = own->handler;

	row->count = less(row->count, own->count);
	row->round_trip = less(row->round_trip, own->round_trip);
	if (l->handler) {
		handler = handler < row->handler ? handler : row->handler;
		row->handler -= handler;
	}
	d->handler = less(d->handler, handler);
}

u64 snapshot_difference(const struct leaves *l, const struct snapshot *a,
			const struct snapshot *b, const struct read_cost *cost,
			struct snapshot *d)
{
	const struct exit_row own = {
		.count = b->own.count - a->own.count,
		.handler = (b->own.handler - a->own.handler) * cost->handler,
		.round_trip = (b->own.round_trip - a->own.round_trip) * cost->round_trip,
	};
	u32 i;

	memset(d, 0, sizeof(*d));
	d->seconds = b->seconds - a->seconds;
	d->handler = less(b->handler, a->handler);
	d->synthesised = less(b->synthesised, a->synthesised);
	d->handler_lost = less(b->handler_lost, a->handler_lost);
	d->round_trip_lost = less(b->round_trip_lost, a->round_trip_lost);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		const struct exit_row *x = &a->row[i], *y = &b->row[i];
		struct exit_row *row = &d->row[i];

		/* The course's counts are 32 bits, and wrap. */
		row->count = l->extension ? less(y->count, x->count) : (u32)(y->count - x->count);
		row->handler = less(y->handler, x->handler);
		row->round_trip = less(y->round_trip, x->round_trip);
		row->failed = less(y->failed, x->failed);
	}
	take_off(l, &own, d);
	return own.count;
}

struct exit_row snapshot_total(const struct snapshot *s)
{
	struct exit_row total = { .handler = s->handler };
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		total.count += s->row[i].count;
		total.round_trip += s->row[i].round_trip;
		total.failed += s->row[i].failed;
	}
	return total;
}

static u64 mean(u64 cycles, u64 reads)
{
	return reads ? cycles / reads : 0;
}

/* Readings in a row: what CPUID took between two is what the reads took. */
struct read_cost read_cost_measure(struct leaves *l)
{
	struct read_cost least = { ~0ull, ~0ull };
	struct snapshot s[2];
	int i;

	snapshot_take(l, &s[0], true);
	for (i = 1; i <= SAMPLES; i++) {
		const struct snapshot *a = &s[!(i & 1)], *b = &s[i & 1];
		const struct exit_row *x = &a->row[EXIT_REASON_CPUID];
		const struct exit_row *y = &b->row[EXIT_REASON_CPUID];
		u64 handler, round_trip;

		snapshot_take(l, &s[i & 1], true);
		handler = l->handler ? y->handler - x->handler : b->handler - a->handler;
		handler = mean(handler, b->own.handler - a->own.handler);
		round_trip = mean(y->round_trip - x->round_trip,
				  b->own.round_trip - a->own.round_trip);
		least.handler = handler < least.handler ? handler : least.handler;
		least.round_trip = round_trip < least.round_trip ? round_trip : least.round_trip;
	}
	return least;
}
