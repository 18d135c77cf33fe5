// SPDX-License-Identifier: GPL-2.0-only
/*
 * Did a run come to its end? What it had not come to was never looked at, and has no points: of a
 * kernel that dies early nothing is known to be right. Nor does it help a kernel to write the
 * guest's last line and the emulator's itself: the guest is the same on the unchanged kernel,
 * and it has as many marks, bursts and readings there.
 */
#include "lab/judge/judge.h"

static bool asked_last(const struct readings *r)
{
	size_t i;

	for (i = 0; i < r->nr && r->all[i].ecx != READING_LAST; i++)
		;
	return i < r->nr;
}

const char *run_missing(const struct run *run, const struct run *like)
{
	const struct readings *r = &run->readings, *all = like ? &like->readings : NULL;

	if (!r->whole || !run->truth.ended)
		return "it has not come to its end";
	if (!r->bursts_nr || !asked_last(r))
		return "it has not asked for every number";
	if (!all || !all->whole)
		return NULL;
	if (run->truth.marks_nr != all->marks || r->marks != all->marks)
		return "it has not as many marks as on the unchanged kernel";
	if (r->bursts_nr != all->bursts_nr || r->nr != all->nr || r->others_nr < all->others_nr)
		return "it has not printed as much as on the unchanged kernel";
	return NULL;
}

bool run_died_asking(const struct hand_in *h, const struct run *run)
{
	const struct readings *r = &run->readings, *all = &h->unpatched.readings;
	const struct reading *last = r->nr ? &r->all[r->nr - 1] : NULL;

	if (run == &h->one && all->whole && r->bursts_nr != all->bursts_nr)
		return false;
	return !r->whole && r->bursts_nr && last > r->bursts[r->bursts_nr - 1].end &&
	       !asked_last(r) && last->ecx >= READING_BEYOND - 1 - READINGS_AT_ONCE;
}

void judge_whole(struct hand_in *h)
{
	/* Those in front need what is in all runs that died asking, the others need the end. */
	static const enum criterion need[] = {
		CRITERION_BUILDS, CRITERION_COUNT_TOTAL, CRITERION_COUNT_REASON,
		CRITERION_FASTPATH, CRITERION_NO_DOUBLE, CRITERION_CYCLES,
		CRITERION_LEAF_UNDEFINED, CRITERION_LEAF_DISABLED, CRITERION_REPORT,
#define NEED_BURSTS 9
		CRITERION_LEAF_REGISTERS, CRITERION_LEAF_OTHERS, CRITERION_BOUNDS,
	};
	const char *missing = run_missing(&h->one, &h->unpatched);
	size_t i = run_died_asking(h, &h->one) ? NEED_BURSTS : 0;

	for (; missing && i < sizeof(need) / sizeof(need[0]); i++) {
		if (h->findings->of[need[i]].state != STATE_NONE)
			finding_set(h->findings, need[i], STATE_LOST,
				    "the guest did not come so far: %s", missing);
	}
}
