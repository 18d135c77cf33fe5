// SPDX-License-Identifier: GPL-2.0-only
/*
 * The periodic report, against the truth: each multiple once, and at that moment the counts by
 * reason that the emulator's log has, or what the hand-in's own way of counting makes of it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"
#include "lab/judge/report.h"

#define BEGIN	"Run /init"	/* the kernel's last words before there can be a VM */
#define BYTE_TICKS 2000		/* that one takes on the lab's console at least: 115,200 baud */

static const char *console_of(const struct run *run)
{
	const char *begin = run->console ? strstr(run->console, BEGIN) : NULL;

	return begin ? begin : run->console;
}

void report_evidence(struct hand_in *h, enum criterion c, const struct block_line *l)
{
	finding_evidence(h->findings, c, "taken for reason %s with %" PRIu64 ": %.*s",
			 reason_text(l->reason), l->count, (int)l->length, l->text);
}

/* So many characters, of whole words, are the same at the begin of each line: no name is there. */
static size_t common_begin(const struct block *b)
{
	const struct block_line *first = &b->lines[0];
	size_t length = b->nr > 1 ? first->length : 0, i, n;

	for (i = 1; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];

		for (n = 0; n < length && n < l->length && l->text[n] == first->text[n]; n++)
			;
		length = n;
	}
	while (length && first->text[length - 1] != ' ')
		length--;
	return length;
}

static bool says_unknown(const struct block_line *l)
{
	static const char word[] = "unknown";
	const size_t length = sizeof(word) - 1;
	size_t i;

	for (i = 0; i + length <= l->length && strncasecmp(l->text + i, word, length); i++)
		;
	return i + length <= l->length;
}

/* Names and zeros: what a reader sees. */
static void judge_lines(struct hand_in *h, const struct block *b)
{
	const size_t begin = common_begin(b);
	size_t i;

	for (i = 0; i < b->nr; i++) {
		const struct block_line *l = &b->lines[i];
		uint32_t named = name_reason(l->text + begin, l->length - begin, l->reason);

		if (!l->count) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reasons that did not occur are printed too, with 0");
			report_evidence(h, CRITERION_REPORT, l);
		}
		if (named < JUDGE_REASONS && named != l->reason) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reason %s has the name of %s: the table of names is %s",
				    reason_text(l->reason), reason_text(named),
				    abs((int)named - (int)l->reason) <= 2 ?
				    "shifted there, as the numbers have gaps (35, 38, 42)" :
				    "not in the order of the numbers");
			report_evidence(h, CRITERION_REPORT, l);
		} else if (named == JUDGE_REASONS && exit_acct_defined(l->reason) &&
			   says_unknown(l)) {
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "reason %s is shown as unknown: the table of names has no "
				    "row for it",
				    reason_text(l->reason));
			report_evidence(h, CRITERION_REPORT, l);
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
		report_evidence(h, CRITERION_REPORT, l);
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

/*
 * Behind which exit was a report printed? Who prints it waits for the console, and that is by far
 * the longest that the kernel is away from the guest. Returns t->nr if no exit, or several, took as
 * long as that: a report in the trace, or one that somebody else prints.
 */
static size_t printed_behind(const struct hand_in *h, const struct block *b)
{
	const struct truth *t = &h->reported->truth;
	size_t from, to, found = t->nr, i;
	uint64_t least = 0;

	if (h->reported != &h->one || !find_moment(h, b, &from, &to))
		return t->nr;
	for (i = 0; i < b->nr; i++)
		least += (b->lines[i].length + 1) * BYTE_TICKS;
	for (i = from; i <= to && i + 1 < t->nr; i++) {
		if (t->all[i + 1].ticks - t->all[i].ticks < least)
			continue;
		if (found != t->nr)
			return t->nr;
		found = i;
	}
	return found;
}

/*
 * Counts that add up to one less are right if the exit that makes the multiple is not yet in them,
 * and wrong if that exit had not been made.
 */
static void judge_early(struct hand_in *h, const struct block *b)
{
	const struct truth *t = &h->reported->truth;
	const size_t at = printed_behind(h, b);
	int64_t least, most;

	if (b->sum % h->every != h->every - 1 || at == t->nr)
		return;
	weigh(h, t, 0, at + 1, &least, &most);
	if ((int64_t)at + 1 + most > (int64_t)b->sum)
		return;
	finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
		    "the report of %" PRIu64 " exits comes one exit early: when it is printed the "
		    "next one, which makes the multiple of %" PRIu64 ", has not been made", b->sum,
		    h->every);
	finding_evidence(h->findings, CRITERION_REPORT, "behind exit %zu of the emulator's log "
			 "there are %" PRIu64 " ticks to the next, in which it was printed", at + 1,
			 t->all[at + 1].ticks - t->all[at].ticks);
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
		judge_early(h, this);
		if (this->has_total && this->total % every && this->total == this->sum)
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "the report says that the total is %" PRIu64 ", which is no "
				    "multiple of %" PRIu64, this->total, every);
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

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; text && (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Does the kernel say something more each time that a leaf is read? */
static void judge_chatter(struct hand_in *h, const struct blocks *b)
{
	size_t known = lines_of(console_of(&h->unpatched)), lines = lines_of(console_of(&h->one));
	size_t i;

	/* Who prints without end does so at no read. */
	if (!h->one.readings.whole)
		return;
	for (i = 0; i < b->nr; i++)
		known += b->all[i].nr;
	if (lines < known + h->one.readings.nr)
		return;
	finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
		    "beside reports there are %zu lines in the kernel's log, for %zu readings of "
		    "the leaves: something is printed at each read, and a console is slow",
		    lines - known, h->one.readings.nr);
}

void judge_report(struct hand_in *h)
{
	struct blocks b;
	size_t i;

	if (!find_reports(h, &b)) {
		if (h->traces && !h->vms.there)
			finding_set(h->findings, CRITERION_REPORT, STATE_SKIPPED,
				    "not looked at: the change prints into the trace, of which "
				    "the run vms alone has a copy");
		else
			finding_set(h->findings, CRITERION_REPORT, STATE_LOST,
				    "no report was found in the kernel's log, nor in its trace: "
				    "%zu exits should have made %" PRIu64, h->reported->truth.nr,
				    h->reported->truth.nr / h->every);
		blocks_free(&b);
		return;
	}
	if (!h->map)
		report_learn(h, &b);
	/* With a total that is wrong there are no right multiples. */
	if (h->findings->of[CRITERION_COUNT_TOTAL].state != STATE_LOST) {
		judge_totals(h, &b);
		judge_multiples(h, &b, &h->reported->truth, CRITERION_REPORT, "");
	}
	for (i = 0; i < b.nr; i++) {
		judge_lines(h, &b.all[i]);
		judge_sums(h, &b.all[i]);
	}
	judge_chatter(h, &b);
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
		if (run_missing(runs[i].run, NULL) && !run_died_asking(h, runs[i].run)) {
			finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
				    "%sthe guest did not come so far: %s", runs[i].who,
				    run_missing(runs[i].run, NULL));
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
