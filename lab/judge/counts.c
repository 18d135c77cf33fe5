// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts, against the truth. What is compared is what happened between two readings, so that
 * each fault shows where its exits are: in a burst of one kind. From the bursts it is known of
 * each reason how often the hand-in counts it (its weight), and then a total is wrong only if it
 * is not what those weights make of it: no fault is charged a second time.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lab/judge/judge.h"

/* A difference of two counts of 32 bits, the later one first. */
static int64_t difference(uint64_t b, uint64_t a)
{
	return (uint32_t)((uint32_t)b - (uint32_t)a);
}

/* One burst as a leaf has it, and as it was. */
struct step {
	const struct burst *burst;
	int64_t said, is;		/* how many exits more */
	size_t from, to;		/* the exits of the two reads */
};

static struct step step_of(const struct hand_in *h, const struct burst *b, enum carries what)
{
	const int leaf = map_leaf(h->map, what);
	const struct truth *t = &h->one.truth;
	struct step s = { .burst = b, .from = b->begin->at[leaf], .to = b->end->at[leaf] };

	s.said = difference(b->end->leaf[leaf][EAX], b->begin->leaf[leaf][EAX]);
	s.is = what == CARRIES_TOTAL ? (int64_t)(s.to - s.from) :
	       (int64_t)(truth_count(t, b->reason, s.to) - truth_count(t, b->reason, s.from));
	/* A counter that went back is wrong by a few, and not by four thousand millions. */
	if (s.said > INT32_MAX)
		s.said -= 1ll << 32;
	return s;
}

static void evidence(struct hand_in *h, enum criterion c, const struct step *s, const char *what)
{
	finding_evidence(h->findings, c, "burst %s, %u times reason %s: %s grew by %" PRId64
			 ", in truth by %" PRId64 " (%+" PRId64 ")", s->burst->name,
			 s->burst->reps, reason_text(s->burst->reason), what, s->said, s->is,
			 s->said - s->is);
}

static void lose_fast(struct hand_in *h, const struct step *s, uint32_t reason, int64_t missing,
		      const char *what)
{
	finding_set(h->findings, CRITERION_FASTPATH, STATE_LOST,
		    "%" PRId64 " exits short in burst %s, all of reason %s: KVM handles them in "
		    "its fast path (vmx_exit_handlers_fastpath) and is back in the guest without "
		    "vmx_handle_exit, so that a hook there never sees them", missing,
		    s->burst->name, reason_text(reason));
	evidence(h, CRITERION_FASTPATH, s, what);
}

static void lose_double(struct hand_in *h, const struct step *s, const char *what)
{
	finding_set(h->findings, CRITERION_NO_DOUBLE, STATE_LOST,
		    "exits of reason %s are counted twice: there are two places that count them, "
		    "on the way of the same exit", reason_text(s->burst->reason));
	evidence(h, CRITERION_NO_DOUBLE, s, what);
}

static bool have_leaf(const struct hand_in *h, enum carries what)
{
	const int leaf = map_leaf(h->map, what);

	return leaf >= 0 && h->answered[leaf];
}

/*
 * Where nothing happens but reads the total grows by the same each time, whether the read's own
 * exit is in or out; if not, it is now in and now out.
 */
static void find_own_varies(struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_TOTAL);
	const struct readings *all = &h->one.readings;
	bool first = true;
	int64_t usual = 0;
	size_t i;

	for (i = 1; have_leaf(h, CARRIES_TOTAL) && i < all->nr; i++) {
		const struct reading *a = &all->all[i - 1], *b = &all->all[i];
		int64_t more = difference(b->leaf[leaf][EAX], a->leaf[leaf][EAX]) -
			       (int64_t)(b->at[leaf] - a->at[leaf]);

		/* Without even a mark between them. */
		if (a->mark != b->mark)
			continue;
		if (first)
			usual = more;
		first = false;
		if (more == usual || llabs(more - usual) > 2)
			continue;
		h->own_varies = true;
		finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_LOST,
			    "from one read to the next, with nothing between them, the total "
			    "grows now by %" PRId64 " and now by %" PRId64 ": the read's own exit "
			    "is sometimes in and sometimes out",
			    READING_LEAVES + usual, READING_LEAVES + more);
		finding_evidence(h->findings, CRITERION_COUNT_TOTAL,
				 "mark %u, ECX %u and %u: %" PRIu64 " and %" PRIu64,
				 a->mark, a->ecx, b->ecx, a->leaf[leaf][EAX], b->leaf[leaf][EAX]);
	}
}

/* Is that the read's own exit, which is charged already? */
static bool is_own(const struct hand_in *h, int64_t more)
{
	return h->own_varies && (more == 1 || more == -1);
}

/* One burst's count, of its own reason. */
static void judge_burst_count(struct hand_in *h, const struct burst *b)
{
	const struct step s = step_of(h, b, CARRIES_COUNT);
	const int64_t more = s.said - s.is;

	if (!s.is && !s.said)
		return;
	if (!more || (b->reason == EXIT_REASON_CPUID && is_own(h, more))) {
		weight_learn(h, b->reason, 1);
	} else if (more < 0 && s.said >= 0 && reason_has_fast_path(h, b->reason)) {
		weight_learn(h, b->reason, 0);
		if (s.said)
			weight_learn(h, b->reason, 1);
		lose_fast(h, &s, b->reason, -more, "its count");
	} else if (more == s.is) {
		weight_learn(h, b->reason, 2);
		lose_double(h, &s, "its count");
	} else {
		weight_learn(h, b->reason, s.said > s.is ? 2 : 0);
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_LOST, s.said ?
			    "the count of reason %s is wrong by %+" PRId64 " in burst %s" :
			    "the count of reason %s does not grow (%+" PRId64 " in burst %s): "
			    "its exits are not counted, or are counted for another reason",
			    reason_text(b->reason), more, b->name);
		evidence(h, CRITERION_COUNT_REASON, &s, "its count");
	}
}

static int64_t fast_exits(const struct hand_in *h, const struct step *s)
{
	const struct truth *t = &h->one.truth;
	uint32_t r;
	int64_t n = 0;

	for (r = 0; r < JUDGE_REASONS; r++) {
		if (reason_has_fast_path(h, r))
			n += truth_count(t, r, s->to) - truth_count(t, r, s->from);
	}
	return n;
}

/* Which of them is it, if one alone is missing? Or the burst's own, or the first that occurs. */
static uint32_t fast_reason(const struct hand_in *h, const struct step *s)
{
	const struct truth *t = &h->one.truth;
	static const uint32_t fast[] = {
		EXIT_REASON_PREEMPTION_TIMER, EXIT_REASON_MSR_WRITE, EXIT_REASON_HLT,
	};
	size_t i;

	if (reason_has_fast_path(h, s->burst->reason))
		return s->burst->reason;
	for (i = 0; i + 1 < sizeof(fast) / sizeof(fast[0]); i++) {
		if (truth_count(t, fast[i], s->to) > truth_count(t, fast[i], s->from))
			break;
	}
	return fast[i];
}

/* How much more the total grew than what is explained; 0 if it fits. */
static int64_t unexplained(const struct hand_in *h, const struct step *s)
{
	const int64_t more = s->said - s->is;
	int64_t least, most;

	weigh(h, &h->one.truth, s->from, s->to, &least, &most);
	if (more < least)
		return more - least;
	return more > most ? more - most : 0;
}

static void judge_burst_total(struct hand_in *h, const struct burst *b, bool have_counts)
{
	const struct step s = step_of(h, b, CARRIES_TOTAL);
	const struct truth *t = &h->one.truth;
	const int64_t own = truth_count(t, b->reason, s.to) - truth_count(t, b->reason, s.from);
	const int64_t more = unexplained(h, &s);

	if (!more || is_own(h, more)) {
		if (!have_counts && b->done && own)
			weight_learn(h, b->reason, 1);
		return;
	}
	if (have_counts && more == -own && !reason_has_fast_path(h, b->reason)) {
		h->one.total[b->reason] = -1;
		finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_LOST,
			    "the total leaves out the exits of reason %s, whose count is right: "
			    "the two are kept apart, and drift", reason_text(b->reason));
		evidence(h, CRITERION_COUNT_TOTAL, &s, "the total");
	} else if (more < 0 && -more <= fast_exits(h, &s)) {
		h->one.total[fast_reason(h, &s)] = -1;
		if (!have_counts) {
			weight_learn(h, fast_reason(h, &s), 0);
			weight_learn(h, fast_reason(h, &s), 1);
		}
		lose_fast(h, &s, fast_reason(h, &s), -more, "the total");
	} else if (more > 0 && more == own) {
		h->one.total[b->reason] = 1;
		if (!have_counts)
			weight_learn(h, b->reason, 2);
		lose_double(h, &s, "the total");
	} else {
		finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_LOST,
			    "the total is wrong by %+" PRId64 " in burst %s of reason %s%s", more,
			    b->name, reason_text(b->reason), have_counts ? ", and the counts by "
			    "reason are not: the two are kept apart, and drift" : "");
		evidence(h, CRITERION_COUNT_TOTAL, &s, "the total");
	}
}

/* From the VM's first exit to the first reading: counters that begin with something else. */
static void judge_begin(struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_TOTAL);
	const struct reading *r = &h->one.readings.all[0];
	const struct weight *own = &h->one.weight[EXIT_REASON_CPUID];
	const int64_t more = (int64_t)r->leaf[leaf][EAX] - (int64_t)r->at[leaf];
	int64_t least, most;

	weigh(h, &h->one.truth, 0, r->at[leaf], &least, &most);
	/* The read's own exit may be in it, as often as such an exit is counted. */
	if (own->known && own->most > 1)
		most += own->most - 1;
	if (more >= least && more <= most + 1)
		return;
	finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_LOST,
		    "the first reading of the total is %" PRIu64 ", and until then there were %zu "
		    "exits: the counter does not begin at 0, or leaves exits out",
		    r->leaf[leaf][EAX], r->at[leaf]);
}

int counts_shift(const struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_COUNT);
	const struct readings *all = &h->one.readings;
	int fits[3] = { 0 }, seen = 0, shift;
	size_t i;

	for (i = 0; have_leaf(h, CARRIES_COUNT) && i < all->nr; i++) {
		const struct reading *r = &all->all[i];
		int64_t n;

		if (strcmp(r->mode, "64") || r->ecx < 1 || r->ecx + 1 >= JUDGE_REASONS)
			continue;
		n = r->leaf[leaf][EAX];
		seen += !!n;
		for (shift = -1; n && shift <= 1; shift++)
			fits[shift + 1] += llabs(n - (int64_t)truth_count(&h->one.truth,
							r->ecx + shift, r->at[leaf])) <= 1;
	}
	if (fits[0] > fits[1] && fits[0] > seen / 2)
		return -1;
	return fits[2] > fits[1] && fits[2] > seen / 2 ? 1 : 0;
}

/* All readings of the count of a reason that is no burst's: what happens now and then. */
static void judge_all_counts(struct hand_in *h, int leaf)
{
	const struct readings *all = &h->one.readings;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		const struct reading *r = &all->all[i];
		int64_t said = r->leaf[leaf][EAX], is, least, most;
		const struct weight *w;

		if (strcmp(r->mode, "64") || !exit_acct_defined(r->ecx))
			continue;
		is = truth_count(&h->one.truth, r->ecx, r->at[leaf]);
		w = &h->one.weight[r->ecx];
		least = w->known ? is * w->least : is;
		most = w->known ? is * w->most : is;
		/* The read's own exit may be in it, as often as such an exit is counted. */
		if (r->ecx == EXIT_REASON_CPUID)
			most += w->known ? w->most : 1;
		if (said >= least && said <= most)
			continue;
		/* What was never raised in a burst may be left out by the fast path too. */
		if (!w->known && reason_has_fast_path(h, r->ecx) && said < is) {
			finding_set(h->findings, CRITERION_FASTPATH, STATE_LOST,
				    "%" PRId64 " exits short of reason %s: KVM handles them in "
				    "its fast path, and a hook in vmx_handle_exit never sees them",
				    is - said,
				    reason_text(r->ecx));
			weight_learn(h, r->ecx, 0);
			weight_learn(h, r->ecx, 1);
			continue;
		}
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_LOST,
			    "the count of reason %s is %" PRId64 ", and in truth %" PRId64,
			    reason_text(r->ecx), said, is);
		finding_evidence(h->findings, CRITERION_COUNT_REASON, "mark %u, ECX %u: %" PRId64
				 ", in truth %" PRId64, r->mark, r->ecx, said, is);
	}
}

static void judge_by_reason(struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_COUNT);
	size_t i;

	if (h->shift) {
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_LOST,
			    "leaf 0x%x answers for reason N what is true of reason N%+d: the "
			    "array is indexed by one too %s", READING_FIRST_LEAF - leaf, h->shift,
			    h->shift < 0 ? "few" : "many");
		return;
	}
	for (i = 0; i < h->one.readings.bursts_nr; i++)
		judge_burst_count(h, &h->one.readings.bursts[i]);
	judge_all_counts(h, leaf);
}

static size_t reasons_seen(const struct run *run)
{
	size_t n = 0, r;

	for (r = 0; r < JUDGE_REASONS; r++)
		n += !!run->truth.at_nr[r];
	return n;
}

/* Is a read's own exit in the total? For people: both are right. */
static bool own_is_in(const struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_TOTAL);
	const struct reading *r = &h->one.readings.all[0];

	return r->leaf[leaf][EAX] > r->at[leaf];
}

void judge_counts(struct hand_in *h)
{
	const struct run *run = &h->one;
	const bool total = have_leaf(h, CARRIES_TOTAL), counts = have_leaf(h, CARRIES_COUNT);
	size_t i;

	if (!h->map)
		return;
	find_own_varies(h);
	if (counts)
		judge_by_reason(h);
	for (i = 0; total && i < run->readings.bursts_nr; i++)
		judge_burst_total(h, &run->readings.bursts[i], counts);
	if (total)
		judge_begin(h);
	if (total)
		finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_OK,
			    "the total is that of the emulator's log, in %zu bursts and %zu "
			    "exits; the read's own exit is always %s",
			    run->readings.bursts_nr, run->truth.nr,
			    own_is_in(h) ? "in" : "out");
	else
		finding_set(h->findings, CRITERION_COUNT_TOTAL, STATE_LOST,
			    "no leaf answers with a total");
	if (counts)
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_OK,
			    "the counts of all %zu reasons that occurred are those of the "
			    "emulator's log",
			    reasons_seen(run));
	else
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_LOST,
			    "no leaf answers with the count of a reason");
	finding_set(h->findings, CRITERION_FASTPATH, total || counts ? STATE_OK : STATE_LOST,
		    total || counts ? "exits that KVM handles in its fast path are counted too" :
		    "nothing is counted that could be read");
	finding_set(h->findings, CRITERION_NO_DOUBLE, total || counts ? STATE_OK : STATE_LOST,
		    total || counts ? "no exit is counted twice" :
		    "nothing is counted that could be read");
}
