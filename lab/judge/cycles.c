// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cycles, against the times in the emulator's log, whose ticks are the TSC's. How long a handler
 * took the log does not say, but from one exit to the next it does, and what lies between
 * beside the handler (the way out and in, and the guest's next instruction) is the same for
 * all reasons that the kernel handles by itself. So a clock round the handler, wherever it
 * begins and ends, shows the same *differences* between dear and cheap exits; one that is read
 * before the handler ran shows none; and one that runs on in user space or while the vCPU
 * sleeps shows all of a time that no handler takes. More than 32 bits of cycles take longer than a
 * run: there the clock itself jumps, while exits are handled (lab/vms/main.c).
 */
#include <inttypes.h>
#include <string.h>
#include "lab/judge/judge.h"

#define LONG_TICKS	20000	/* an exit this long is one that sleeps, or user space's */

/* A burst's exits, by their mean. */
struct pace {
	const struct burst *burst;
	uint64_t n;
	double said, is;		/* cycles of the leaf, ticks to the next exit; for each */
};

static uint64_t ticks_to_next(const struct truth *t, size_t i)
{
	return i + 1 < t->nr ? t->all[i + 1].ticks - t->all[i].ticks : 0;
}

/* Ticks from each exit of @reason in [from, to) to the next exit, or of all reasons. */
static struct pace pace_of(const struct hand_in *h, const struct burst *b, int leaf, bool all)
{
	const struct truth *t = &h->one.truth;
	struct pace p = { .burst = b };
	uint64_t begin = value_cycles(h, b->begin, leaf);
	uint64_t end = value_cycles(h, b->end, leaf);
	size_t i;

	for (i = b->begin->at[leaf]; i < b->end->at[leaf]; i++) {
		if (!all && t->all[i].reason != b->reason)
			continue;
		p.n++;
		p.is += ticks_to_next(t, i);
	}
	p.said = (double)end - (double)begin;
	if (p.n) {
		p.is /= p.n;
		p.said /= p.n;
	}
	return p;
}

/* Handled by the kernel alone, at once, and counted as it should be. */
static bool is_kernels(const struct hand_in *h, const struct burst *b)
{
	const struct weight *w = &h->one.weight[b->reason];

	return b->done && (!w->known || (w->least == 1 && w->most == 1)) &&
	       b->reason != EXIT_REASON_IO_INSTRUCTION && b->reason != EXIT_REASON_HLT &&
	       b->reason != EXIT_REASON_EPT_MISCONFIG && b->reason != EXIT_REASON_CPUID &&
	       b->reason != EXIT_REASON_EPT_VIOLATION &&
	       b->reason != EXIT_REASON_PREEMPTION_TIMER && b->reason != EXIT_REASON_MSR_WRITE;
}

static void lose(struct hand_in *h, const struct pace *p, const char *sentence)
{
	finding_set(h->findings, CRITERION_CYCLES, STATE_LOST, "%s", sentence);
	finding_evidence(h->findings, CRITERION_CYCLES,
			 "burst %s, reason %s, %" PRIu64 " exits: the hand-in says %.0f cycles for "
			 "each, and from one to the next exit there are %.0f",
			 p->burst->name, reason_text(p->burst->reason), p->n, p->said, p->is);
}

/* The cheapest and the dearest of the kernel's own. */
static void judge_differences(struct hand_in *h, int leaf, bool all)
{
	struct pace low = { 0 }, high = { 0 }, p;
	double slope;
	size_t i;

	for (i = 0; i < h->one.readings.bursts_nr; i++) {
		const struct burst *b = &h->one.readings.bursts[i];

		if (!is_kernels(h, b))
			continue;
		p = pace_of(h, b, leaf, all);
		if (!p.n || p.is > LONG_TICKS)
			continue;
		if (!low.n || p.is < low.is)
			low = p;
		if (!high.n || p.is > high.is)
			high = p;
	}
	if (!low.n || high.is < low.is * 3 / 2) {
		finding_set(h->findings, CRITERION_CYCLES, STATE_SKIPPED,
			    "not looked at: no two bursts differ enough in what they take");
		return;
	}
	slope = (high.said - low.said) / (high.is - low.is);
	if (slope > 1.2)
		lose(h, &high,
		     "there are more cycles than time outside the guest: they are added more than "
		     "once, or to exits that they are not of");
	else if (slope < 0.2)
		lose(h, &high,
		     "dear exits cost no more than cheap ones: the clock is read before the "
		     "handler runs, or the cycles are added there");
	else if (slope < 0.7)
		lose(h, &high,
		     "of what dear exits cost more than cheap ones a part is missing: the clock "
		     "does not run for all of the handler");
	else
		return;
	finding_evidence(h->findings, CRITERION_CYCLES, "burst %s, the cheapest: %.0f and %.0f",
			 low.burst->name, low.said, low.is);
}

/*
 * Exits behind which user space works, or the vCPU sleeps: are there more cycles than the short
 * exits could take in all, and half of what the long ones do?
 */
static void judge_long_burst(struct hand_in *h, const struct burst *b, int leaf, bool all)
{
	const struct truth *t = &h->one.truth;
	const struct pace p = pace_of(h, b, leaf, all);
	uint64_t longs = 0, rest = 0;
	size_t i;

	for (i = b->begin->at[leaf]; i < b->end->at[leaf]; i++) {
		uint64_t ticks = ticks_to_next(t, i);

		if (t->all[i].reason == b->reason && ticks > LONG_TICKS)
			longs += ticks;
		else if (all || t->all[i].reason == b->reason)
			rest += ticks;
	}
	if (!longs || p.said * p.n <= rest + longs / 2)
		return;
	lose(h, &p, b->reason == EXIT_REASON_HLT ?
	     "the time for which the vCPU sleeps in HLT is charged to the handler: the clock "
	     "runs until the next entry and not until the handler returns" :
	     "the time of user space is charged to the handler: the clock runs until the next "
	     "entry and not until the handler returns");
}

static void judge_long(struct hand_in *h, int leaf, bool all)
{
	size_t i;

	for (i = 0; i < h->one.readings.bursts_nr; i++) {
		const struct burst *b = &h->one.readings.bursts[i];

		if (!strcmp(b->name, "hlt") || !strcmp(b->name, "user_space"))
			judge_long_burst(h, b, leaf, all);
	}
}

/* No reading is below one before it, none above the time that there was. */
static void judge_bounds(struct hand_in *h, int leaf)
{
	const struct truth *t = &h->one.truth;
	uint64_t before = 0;
	size_t i;

	for (i = 0; i < h->one.readings.nr; i++) {
		const struct reading *r = &h->one.readings.all[i];
		uint64_t value = value_cycles(h, r, leaf);
		uint64_t time = t->all[r->at[leaf]].ticks - t->all[0].ticks;

		if (strcmp(r->mode, "64"))
			continue;
		if (value < before)
			finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
				    "the total of cycles goes back, from %" PRIu64 " to %" PRIu64
				    " (mark %u)", before, value, r->mark);
		else if (value > time)
			finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
				    "the total of cycles is %" PRIu64 ", more than the time "
				    "since the VM's first exit, %" PRIu64 " (mark %u)%s",
				    value, time, r->mark, value / 4 > time ?
				    ": nanoseconds, maybe, and no ticks of the TSC" : "");
		else if (!value && i > 2)
			finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
				    "the total of cycles stays 0");
		before = value;
	}
}

/* Returns whether a sum was seen to grow by more than 32 bits have. */
static bool judge_carry(struct hand_in *h, int leaf)
{
	const struct readings *all = &h->vms.readings;
	uint64_t first = 0, before = 0;
	bool begun = false;
	size_t i;

	for (i = 0; all->carry && i < all->nr; i++) {
		uint64_t value = value_cycles(h, &all->all[i], leaf);

		if (all->all[i].mark < all->carry)
			continue;
		if (begun && value < before)
			finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
				    "cycles go back, from 0x%" PRIx64 " to 0x%" PRIx64 " (run vms, "
				    "mark %u), where they should pass 2^32: the sum, what is "
				    "added to it, or what the leaf answers of it, has 32 bits",
				    before, value, all->all[i].mark);
		first = begun ? first : value;
		before = value;
		begun = true;
	}
	return before - first > UINT32_MAX;
}

void judge_cycles(struct hand_in *h)
{
	const int total = map_leaf(h->map, CARRIES_TOTAL_CYCLES);
	const int reason = map_leaf(h->map, CARRIES_CYCLES);
	bool carried;

	if (!h->map)
		return;
	if (total < 0 || !h->answered[total]) {
		finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
			    "no leaf answers with the cycles of all exits");
		return;
	}
	if (reason >= 0 && !h->answered[reason])
		finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
			    "no leaf answers with the cycles of a reason");
	judge_bounds(h, total);
	judge_differences(h, total, true);
	judge_long(h, total, true);
	carried = judge_carry(h, total);
	/* Of which reason they are is charged already where the index is wrong. */
	if (reason >= 0 && h->answered[reason] && !h->shift) {
		judge_differences(h, reason, false);
		judge_long(h, reason, false);
		carried &= judge_carry(h, reason);
	}
	finding_set(h->findings, CRITERION_CYCLES, STATE_OK,
		    "the cycles are those of the handlers, in the total%s; %s",
		    reason >= 0 ? " and for each reason" : "", carried ?
		    "sums above 32 bits are carried" :
		    "whether more than 32 bits are carried was not looked at");
}
