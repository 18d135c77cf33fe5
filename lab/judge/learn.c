// SPDX-License-Identifier: GPL-2.0-only
/* What a report tells of how a hand-in counts, where there are no leaves to tell it. */
#include <inttypes.h>
#include "lab/judge/report.h"

/* The moment at which the most of a block's counts are right, if its line @anchor is. */
static size_t matches(const struct truth *t, const struct block *b, const struct block_line *anchor,
		      size_t *from, size_t *to)
{
	size_t right = 0, i;

	if (!anchor->count || anchor->count > t->at_nr[anchor->reason])
		return 0;
	*from = t->at[anchor->reason][anchor->count - 1];
	*to = anchor->count < t->at_nr[anchor->reason] ?
	      t->at[anchor->reason][anchor->count] : t->nr;
	for (i = 0; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];

		right += l->count + 1 >= truth_count(t, l->reason, *from) &&
			 l->count <= truth_count(t, l->reason, *to) + 1;
	}
	return right;
}

/* What a block's line says of how often its reason is counted. */
static void learn_line(struct hand_in *h, const struct block_line *l, size_t from, size_t to)
{
	struct weight *w = &h->one.weight[l->reason];
	const uint64_t least = truth_count(&h->reported->truth, l->reason, from);
	const uint64_t most = truth_count(&h->reported->truth, l->reason, to);

	*w = (struct weight) { true, 1, 1 };
	if (l->count + 1 >= least && l->count <= most + 1)
		return;
	if (l->count < least && reason_has_fast_path(h, l->reason)) {
		w->least = 0;
		finding_set(h->findings, CRITERION_FASTPATH, STATE_LOST,
			    "%" PRIu64 " exits short of reason %s: KVM handles them in its fast "
			    "path (vmx_exit_handlers_fastpath) and is back in the guest without "
			    "vmx_handle_exit, so that a hook there never sees them",
			    least - l->count, reason_text(l->reason));
		report_evidence(h, CRITERION_FASTPATH, l);
	} else if (l->count + 2 >= 2 * least && l->count <= 2 * most + 2) {
		w->least = w->most = 2;
		finding_set(h->findings, CRITERION_NO_DOUBLE, STATE_LOST,
			    "exits of reason %s are counted twice: there are two places that "
			    "count them, on the way of the same exit", reason_text(l->reason));
		report_evidence(h, CRITERION_NO_DOUBLE, l);
	}
}

/* Reasons that the report does not have at all, and that only the fast path sees. */
static void learn_missing(struct hand_in *h, const struct block *b, size_t from)
{
	uint32_t r;
	size_t i;

	for (r = 0; r < JUDGE_REASONS; r++) {
		uint64_t n = truth_count(&h->reported->truth, r, from);

		for (i = 0; i < b->nr && b->lines[i].reason != r; i++)
			;
		if (i < b->nr || n < 2)
			continue;
		h->one.weight[r] = (struct weight) { true, 0, 0 };
		finding_set(h->findings, reason_has_fast_path(h, r) ? CRITERION_FASTPATH :
			    CRITERION_REPORT, STATE_LOST,
			    "the report has no line for reason %s, of which there were %" PRIu64
			    " exits%s", reason_text(r), n, reason_has_fast_path(h, r) ?
			    ": KVM handles them in its fast path, without vmx_handle_exit" : "");
	}
}

/* Where there are no leaves, the last report tells how the hand-in counts. */
void report_learn(struct hand_in *h, const struct blocks *b)
{
	const struct block *last = &b->all[b->nr - 1];
	size_t from = 0, to = 0, best_from = 0, best_to = 0, best = 0, within, i;

	/* The narrower the time, the more it says that counts are right in it. */
	for (within = 8; best < last->nr / 2 + 1 && within < h->reported->truth.nr; within *= 8) {
		for (i = 0; i < last->nr; i++) {
			size_t n = matches(&h->reported->truth, last, &last->lines[i], &from, &to);

			if (n <= best || to - from > within)
				continue;
			best = n;
			best_from = from;
			best_to = to;
		}
	}
	for (i = 0; best && i < last->nr; i++)
		learn_line(h, &last->lines[i], best_from, best_to);
	if (best)
		learn_missing(h, last, best_from);
	finding_set(h->findings, CRITERION_FASTPATH, STATE_OK,
		    "exits that KVM handles in its fast path are in the report too");
	finding_set(h->findings, CRITERION_NO_DOUBLE, STATE_OK,
		    "no exit is counted twice in the report");
}
