// SPDX-License-Identifier: GPL-2.0-only
/* Weights: how often a hand-in counts the exits of each reason, and what that makes of a total. */
#include <stdlib.h>
#include <string.h>
#include "lab/judge/judge.h"

#define VERSION(major, minor)	((major) * 1000 + (minor))

/* Of the unchanged kernel, by what it says of itself; without its log the lab's. */
static unsigned long version_of(const struct hand_in *h)
{
	static const char says[] = "Linux version ";
	const char *console = h->unpatched.console;
	const char *at = console ? strstr(console, says) : NULL;
	unsigned long major;
	char *end;

	if (!at)
		return VERSION(6, 12);
	major = strtoul(at + strlen(says), &end, 10);
	return VERSION(major, *end == '.' ? strtoul(end + 1, NULL, 10) : 0);
}

bool reason_has_fast_path(const struct hand_in *h, uint32_t reason)
{
	switch (reason) {
	case EXIT_REASON_MSR_WRITE:
	case EXIT_REASON_PREEMPTION_TIMER:
		return true;
	case EXIT_REASON_HLT:
		return version_of(h) >= VERSION(6, 12);
	case EXIT_REASON_INVD:
	case EXIT_REASON_WRMSRNS_IMM:
		return version_of(h) >= VERSION(7, 2);
	default:
		return false;
	}
}

void weight_learn(struct hand_in *h, uint32_t reason, int weight)
{
	struct weight *w = &h->one.weight[reason];

	if (!w->known)
		*w = (struct weight) { true, weight, weight };
	w->least = weight < w->least ? weight : w->least;
	w->most = weight > w->most ? weight : w->most;
}

void weigh(const struct hand_in *h, const struct truth *t, size_t from, size_t to, int64_t *least,
	   int64_t *most)
{
	uint32_t r;

	*least = *most = 0;
	for (r = 0; r < JUDGE_REASONS; r++) {
		const struct weight *w = &h->one.weight[r];
		const int by_itself = h->one.total[r];
		int64_t n;

		if (!by_itself && (!w->known || (w->least == 1 && w->most == 1)))
			continue;
		n = truth_count(t, r, to) - truth_count(t, r, from);
		if (w->known) {
			*least += n * (w->least - 1);
			*most += n * (w->most - 1);
		}
		*least -= by_itself < 0 ? n : 0;
		*most += by_itself > 0 ? n : 0;
	}
	/* A total that is kept apart may be right where a count is not. */
	*least = *least > 0 ? 0 : *least;
	*most = *most < 0 ? 0 : *most;
}
