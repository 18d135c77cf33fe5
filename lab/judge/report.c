// SPDX-License-Identifier: GPL-2.0-only
/*
 * The periodic report, against the truth: each multiple once, and at that moment the counts by
 * reason that the emulator's log has, or what the hand-in's own way of counting makes of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"

#define BEGIN	"Run /init"	/* the kernel's last words before there can be a VM */

static const char *console_of(const struct run *run)
{
	const char *begin = run->console ? strstr(run->console, BEGIN) : NULL;

	return begin ? begin : run->console;
}

static void lose_line(struct hand_in *h, enum criterion c, const struct block_line *l)
{
	finding_evidence(h->findings, c, "taken for reason %s with %" PRIu64 ": %.*s",
			 reason_text(l->reason), l->count, (int)l->length, l->text);
}

/* Names and zeros: what a reader sees. */
static void judge_lines(struct hand_in *h, const struct block *b)
{
	size_t i;

	for (i = 0; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];
		uint32_t named = name_reason(l->text, l->length, l->reason);

		if (!l->count) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reasons that did not occur are printed too, with 0");
			lose_line(h, CRITERION_REPORT, l);
		}
		if (named < JUDGE_REASONS && named != l->reason) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reason %s has the name of %s: the table of names is %s",
				    reason_text(l->reason), reason_text(named),
				    abs((int)named - (int)l->reason) <= 2 ?
				    "shifted there, as the numbers have gaps (35, 38, 42)" :
				    "not in the order of the numbers");
			lose_line(h, CRITERION_REPORT, l);
		} else if (named == JUDGE_REASONS && exit_acct_defined(l->reason) &&
			   memmem(l->text, l->length, "UNKNOWN", 7)) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reason %s is shown as unknown: the table of names has no "
				    "row for it",
				    reason_text(l->reason));
			lose_line(h, CRITERION_REPORT, l);
		}
	}
}

/* Where in the log the block can have been printed, by the count of its most frequent reason. */
static bool find_moment(const struct hand_in *h, const struct block *b, size_t *from, size_t *to)
{
	const struct truth *t = &h->reported->truth;
	const struct block_line *anchor = NULL;
	size_t i;

	for (i = 0; i < b->nr; i++) {
		const struct weight *w = &h->one.weight[b->lines[i].reason];

		if (w->known && (w->least != 1 || w->most != 1))
			continue;
		if (!anchor || b->lines[i].count > anchor->count)
			anchor = &b->lines[i];
	}
	if (!anchor || !anchor->count || anchor->count > t->at_nr[anchor->reason])
		return false;
	*from = t->at[anchor->reason][anchor->count - 1];
	*to = anchor->count < t->at_nr[anchor->reason] ?
	      t->at[anchor->reason][anchor->count] : t->nr;
	return true;
}

/*
 * Of which multiple is it? Its counts add up to that; or, where some are not right and the total
 * is kept apart, so many exits were there at that moment. 0: neither.
 */
static uint64_t multiple_of(const struct hand_in *h, const struct block *b)
{
	const struct truth *t = &h->reported->truth;
	const uint64_t every = h->every;
	size_t from = 0, to = t->nr, i;

	if (block_at_multiple(b, every))
		return (b->sum + 1) / every * every;
	/* When each of its counts was that of its line. */
	for (i = 0; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];
		const struct weight *w = &h->one.weight[l->reason];
		uint64_t n = l->count / (w->known && w->least > 1 ? w->least : 1);

		if ((w->known && w->least != w->most) || !n || n > t->at_nr[l->reason])
			continue;
		if (t->at[l->reason][n - 1] > from)
			from = t->at[l->reason][n - 1];
		if (n < t->at_nr[l->reason] && t->at[l->reason][n] < to)
			to = t->at[l->reason][n];
	}
	if (from > to || (to + 1) / every == (from - !!from) / every)
		return 0;
	return (to + 1) / every * every;
}

/* What a count is in front of exit @end, at least and at most, in the hand-in's own way. */
static void judge_sums(struct hand_in *h, const struct block *b)
{
	const struct truth *t = &h->reported->truth;
	size_t from, to, i;

	if (!find_moment(h, b, &from, &to)) {
		finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
			    "the report with the sum %" PRIu64 " has counts that there never were",
			    b->sum);
		return;
	}
	for (i = 0; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];
		const struct weight *w = &h->one.weight[l->reason];
		int64_t least = truth_count(t, l->reason, from), most =
			truth_count(t, l->reason, to + 1), said = l->count;

		if (w->known) {
			least *= w->least;
			most *= w->most;
		}
		if (said >= least - 1 && said <= most + 1)
			continue;
		finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
			    "the report with the sum %" PRIu64 " has %" PRId64 " exits of reason "
			    "%s; at that moment there were %" PRIu64,
			    b->sum, said, reason_text(l->reason), truth_count(t, l->reason, from));
		lose_line(h, CRITERION_REPORT, l);
	}
}

/* How many exits a hand-in must have counted of the whole run, at least. */
static uint64_t counted(const struct hand_in *h, const struct truth *t)
{
	uint64_t sum = 0;
	uint32_t r;

	for (r = 0; r < JUDGE_REASONS; r++) {
		const struct weight *w = &h->one.weight[r];

		/* Of what is counted twice, the total may have but one. */
		sum += w->known && !w->least ? 0 : t->at_nr[r];
	}
	return sum;
}

/* Does each report add up to its multiple, and say so? */
static void judge_totals(struct hand_in *h, const struct blocks *b)
{
	const uint64_t every = h->every;
	size_t i;

	for (i = 0; i < b->nr; i++) {
		const struct block *this = &b->all[i];

		if (!multiple_of(h, this) || this->sum % every == 1)
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "the report's counts add up to %" PRIu64 ", which is no "
				    "multiple of %" PRIu64 "%s",
				    this->sum, every, this->sum % every == 1 ?
				    ": it comes one exit late" : "");
		else if (this->has_total && this->total % every &&
			 this->total + 1 != this->sum && this->total != this->sum + 1)
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "the report says that the total is %" PRIu64 ", and its "
				    "counts add up to %" PRIu64, this->total, this->sum);
	}
}

/*
 * Each multiple once? Returns false after a finding for criterion @c. Where several vCPUs go
 * on counting while one prints, the counts are those of a multiple and a little more.
 */
static bool judge_multiples(struct hand_in *h, const struct blocks *b, const struct truth *t,
			    enum criterion c, const char *who)
{
	const bool exact = c == CRITERION_REPORT;
	const uint64_t every = h->every, nr = counted(h, t) / every;
	uint64_t m;
	size_t i;

	for (m = every; m <= nr * every; m += every) {
		size_t seen = 0;

		for (i = 0; i < b->nr; i++)
			seen += (exact ? multiple_of(h, &b->all[i]) :
				 (b->all[i].sum + every / 2) / every * every) == m;
		if (seen == 1)
			continue;
		finding_set(h->findings, c, STATE_LOST, seen ?
			    "%sthe report at %" PRIu64 " exits is printed %zu times: counting and "
			    "asking for the multiple are two steps, between which others count" :
			    "%sthere is no report at %" PRIu64 " exits (found: %zu of %" PRIu64
			    "): the multiple is asked for where not every exit passes, or in a "
			    "second step", who, m, seen ? seen : b->nr, nr);
		return false;
	}
	return true;
}

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
	if (l->count < least && reason_has_fast_path(l->reason)) {
		w->least = 0;
		finding_set(h->findings, CRITERION_FASTPATH, STATE_LOST,
			    "%" PRIu64 " exits short of reason %s: KVM handles them in its fast "
			    "path (vmx_exit_handlers_fastpath) and is back in the guest without "
			    "vmx_handle_exit, so that a hook there never sees them",
			    least - l->count, reason_text(l->reason));
		lose_line(h, CRITERION_FASTPATH, l);
	} else if (l->count + 2 >= 2 * least && l->count <= 2 * most + 2) {
		w->least = w->most = 2;
		finding_set(h->findings, CRITERION_NO_DOUBLE, STATE_LOST,
			    "exits of reason %s are counted twice: there are two places that "
			    "count them, on the way of the same exit", reason_text(l->reason));
		lose_line(h, CRITERION_NO_DOUBLE, l);
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
		finding_set(h->findings, reason_has_fast_path(r) ? CRITERION_FASTPATH :
			    CRITERION_REPORT, STATE_LOST,
			    "the report has no line for reason %s, of which there were %" PRIu64
			    " exits%s", reason_text(r), n, reason_has_fast_path(r) ?
			    ": KVM handles them in its fast path, without vmx_handle_exit" : "");
	}
}

/* Where there are no leaves, the last report tells how the hand-in counts. */
static void learn_from_report(struct hand_in *h, const struct blocks *b)
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

static void show(struct hand_in *h, const struct blocks *b)
{
	const struct block_line *l = &b->all[0].lines[0];

	finding_evidence(h->findings, CRITERION_REPORT,
			 "%zu reports were found; a line of the first, taken for reason %s with %"
			 PRIu64 ": %.*s", b->nr, reason_text(l->reason), l->count, (int)l->length,
			 l->text);
}

/*
 * In the kernel's log; or where a hand-in prints by trace_printk(), in the trace, of which only the
 * run of VMs one after the other has a copy. Its first VM makes enough exits for reports.
 */
static bool find_reports(struct hand_in *h, struct blocks *b)
{
	h->reported = &h->one;
	if (blocks_find(b, console_of(&h->one), h->every) && b->nr)
		return true;
	blocks_free(b);
	if (h->vms.there && h->vms.readings.trace &&
	    blocks_find(b, h->vms.readings.trace, h->every) && b->nr) {
		h->reported = &h->vms;
		return true;
	}
	return false;
}

void judge_report(struct hand_in *h)
{
	struct blocks b;
	size_t i;

	if (!find_reports(h, &b)) {
		finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
			    "no report was found in the kernel's log, nor in its trace: %zu "
			    "exits should have made %" PRIu64, h->reported->truth.nr,
			    h->reported->truth.nr / h->every);
		blocks_free(&b);
		return;
	}
	if (!h->map)
		learn_from_report(h, &b);
	/* With a total that is wrong there are no right multiples. */
	if (h->findings->of[CRITERION_COUNT_TOTAL].state != STATE_LOST) {
		judge_totals(h, &b);
		judge_multiples(h, &b, &h->reported->truth, CRITERION_REPORT, "");
	}
	for (i = 0; i < b.nr; i++) {
		judge_lines(h, &b.all[i]);
		judge_sums(h, &b.all[i]);
	}
	finding_set(h->findings, CRITERION_REPORT, STATE_OK,
		    "%zu reports, each at its multiple of %" PRIu64 ", with the counts of the "
		    "emulator's log", b.nr, h->every);
	show(h, &b);
	blocks_free(&b);
}

/* With several vCPUs, only whether each multiple comes once. */
static bool judge_run_reports(struct hand_in *h, const struct run *run, const char *who)
{
	struct blocks b;
	bool good;

	good = blocks_find(&b, console_of(run), h->every) &&
	       judge_multiples(h, &b, &run->truth, CRITERION_VCPUS, who);
	blocks_free(&b);
	return good;
}

/* One burst of all vCPUs: did the total lose some? */
static bool judge_run_total(struct hand_in *h, const struct run *run, const char *who)
{
	const int leaf = map_leaf(h->map, CARRIES_TOTAL);
	size_t i;

	for (i = 0; leaf >= 0 && h->answered[leaf] && i < run->readings.bursts_nr; i++) {
		const struct burst *b = &run->readings.bursts[i];
		size_t from = b->begin->at[leaf], to = b->end->at[leaf];
		int64_t said = (int32_t)(b->end->leaf[leaf][EAX] - b->begin->leaf[leaf][EAX]);
		int64_t is = to - from, least, most;

		weigh(h, &run->truth, from, to, &least, &most);
		if (said >= is + least - h->own_varies && said <= is + most + h->own_varies)
			continue;
		finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
			    "%sthe total grew by %" PRId64 " while all vCPUs made exits, and in "
			    "truth by %" PRId64 ": %s", who, said, is, said < is ?
			    "updates are lost, or it is the count of one processor alone" :
			    "exits are counted more than once");
		return false;
	}
	return true;
}

void judge_vcpus(struct hand_in *h)
{
	const struct {
		const struct run *run;
		const char *who;
	} runs[] = { { &h->two, "with 2 vCPUs " }, { &h->four, "with 4 vCPUs " } };
	const struct finding *of = h->findings->of;
	const bool reports = of[CRITERION_REPORT].state == STATE_OK &&
			     h->reported == &h->one &&
			     of[CRITERION_NO_DOUBLE].state != STATE_LOST &&
			     of[CRITERION_COUNT_REASON].state != STATE_LOST;
	size_t looked = 0, i;

	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		if (!runs[i].run->there)
			continue;
		looked++;
		if (!runs[i].run->readings.whole) {
			finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
				    "%sthe guest did not come to its end", runs[i].who);
			continue;
		}
		/* What is wrong with one vCPU already is charged there. */
		if (judge_run_total(h, runs[i].run, runs[i].who) && reports)
			judge_run_reports(h, runs[i].run, runs[i].who);
	}
	if (looked)
		finding_set(h->findings, CRITERION_VCPUS, STATE_OK,
			    "with several vCPUs no exit is lost%s", reports ?
			    ", and each multiple is reported once" : "; reports were not looked "
			    "at");
	else
		finding_set(h->findings, CRITERION_VCPUS, STATE_SKIPPED,
			    "not looked at: no guest ran with several vCPUs");
}
