// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ports, MSRs, leaves and pages make up the exits of a phase: what a boot that ended where
 * the next one begins has counted, less what one has that ended where this one does.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_names.h"
#include "tools/boot_report.h"

#define LEAST_REASON	0.005	/* share of a phase's exits that has rows of its own */
#define LEAST_NUMBER	0.04	/* share of a reason's that has one, ... */
#define LEAST_OF_PHASE	0.001	/* ... and of the phase's */
#define PAGE_BYTES	((uint64_t)4096)
#define MOST_NUMBERS	6

/* What one phase, or the whole boot, is made of on both. */
struct part {
	double exits[SLOTS][TARGETS], sum[TARGETS];
	struct details details;	/* who: the target */
};

void boot_lines(FILE *out, const struct boot *b)
{
	enum phase p;
	size_t i;

	for (p = EARLY; p < NR_PHASES; p++)
		for (i = 0; b->span[p].seen && i < b->marks_nr; i++)
			if (b->marks[i].text == b->span[p].line)
				fprintf(out, "%s %s %04u\n", scenario_texts[UNTIL(p)].folder,
					target_names[b->log.target], b->marks[i].line);
}

/* Was each the same boot as the whole one, to the tick, up to its end? */
static bool same_boots(const struct report *r)
{
	for (int t = 0; t < TARGETS; t++) {
		for (enum phase p = EARLY; p < NR_PHASES; p++) {
			const struct boot *whole = &r->boots[NUMBERS][t];
			const struct boot *b = &r->boots[UNTIL(p)][t];
			bool same = whole->span[p].seen == b->present;

			for (size_t i = 0; same && i < b->marks_nr; i++)
				same = !b->marks[i].tsc || (i < whole->marks_nr &&
							    b->marks[i].t == whole->marks[i].t);
			if (!same)
				return false;
		}
	}
	return true;
}

/* Add the exits that @b has counted, or take them away. */
static void add_boot(struct part *part, const struct boot *b, int sign)
{
	enum target t = b->log.target;
	size_t i;

	for (i = 0; i < SLOTS; i++)
		part->exits[i][t] += sign * (double)b->exits.by[i].count;
	part->sum[t] += sign * (double)b->exits.sum.count;
	for (i = 0; i < b->details.nr; i++) {
		struct detail key = *b->details.sorted[i];

		/* A leaf with all of its subleaves. */
		if (key.reason == EXIT_REASON_CPUID)
			key.number &= ~0ull << 32;
		details_at(&part->details, &key)->count[t] += sign * key.count[0];
	}
}

static uint64_t both(const struct detail *d)
{
	return d->count[HV] + d->count[KVM];
}

static int by_count(const void *a, const void *b)
{
	const struct detail *x = *(struct detail *const *)a, *y = *(struct detail *const *)b;

	if (both(x) != both(y))
		return both(x) < both(y) ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* @what: of a reason, in whose row its colour is, more closely */
static void add_row(FILE *t, const char *what, const double count[TARGETS],
		    const double sum[TARGETS], const char *why)
{
	double more = count[KVM] - count[HV];
	bool number = *what != '<';
	int i;

	fprintf(t, number ? "<span class=\"number\"><i>&nbsp; </i>%s</span>" : "%s", what);
	for (i = 0; i < TARGETS; i++)
		fprintf(t, "\t%s\t%.1f %%", thousands(count[i]), percent(count[i], sum[i]));
	fprintf(t, "\t%s%s\t%s\n", more > 0 ? "+" : more < 0 ? "&minus;" : "",
		more ? thousands(fabs(more)) : number ? "" : "equal", why);
}

static void add_number(FILE *t, const struct part *part, const struct detail *d)
{
	const double count[] = { d->count[HV], d->count[KVM] };
	char text[100], word[40], *subleaf;

	exit_detail_text(d->reason, d->number, text, sizeof(text));
	subleaf = strstr(text, " subleaf 0x0");
	if (subleaf)
		memmove(subleaf, subleaf + 12, strlen(subleaf + 12) + 1);
	exit_detail_word(d->reason, d->number, word, sizeof(word));
	add_row(t, text, count, part->sum, page_what("%d %s", (int)d->reason, word));
}

/* A reason's exits, then those of its numbers that are many, then all others together. */
static void add_reason(FILE *t, struct part *part, int reason, const char *why)
{
	static const char *const nouns[] = {
		[EXIT_DETAIL_CPUID] = "leaves", [EXIT_DETAIL_MSR] = "MSRs",
		[EXIT_DETAIL_MSR_IMM] = "MSRs", [EXIT_DETAIL_VMCALL] = "calls",
		[EXIT_DETAIL_IO] = "ports", [EXIT_DETAIL_CR] = "accesses",
		[EXIT_DETAIL_DR] = "accesses", [EXIT_DETAIL_VECTOR] = "vectors",
		[EXIT_DETAIL_PAGE] = "pages",
	};
	const double *all = part->exits[reason];
	double others[TARGETS] = { 0 }, rest[TARGETS] = { 0 };
	uint64_t first = UINT64_MAX, last = 0;
	unsigned int shown = 0, left = 0;
	char text[100];
	size_t i;
	int j;

	snprintf(text, sizeof(text), KEY, reason_colour(reason), exit_acct_sdm_name(reason));
	add_row(t, text, all, part->sum, why);
	for (i = 0; i < part->details.nr; i++) {
		const struct detail *d = part->details.sorted[i];
		bool many = both(d) >= LEAST_NUMBER * (all[HV] + all[KVM]) &&
			    both(d) >= LEAST_OF_PHASE * (part->sum[HV] + part->sum[KVM]);

		if (d->reason != (uint64_t)reason || !both(d))
			continue;
		if (!d->rest && shown < MOST_NUMBERS && many) {
			add_number(t, part, d);
			shown++;
			continue;
		}
		if (!d->rest) {
			left++;
			first = d->number < first ? d->number : first;
			last = d->number > last ? d->number : last;
		}
		for (j = 0; j < TARGETS; j++)
			*(d->rest ? &rest[j] : &others[j]) += d->count[j];
	}
	if (left) {
		snprintf(text, sizeof(text), exit_detail_kind(reason) == EXIT_DETAIL_PAGE ?
			 "%u %s%s from 0x%" PRIx64 " to 0x%" PRIx64 : "%u %s%s", left,
			 shown ? "other " : "", nouns[exit_detail_kind(reason)],
			 first & -PAGE_BYTES, last & -PAGE_BYTES);
		add_row(t, text, others, part->sum, "");
	}
	if (rest[HV] || rest[KVM])
		add_row(t, "no place in the table", rest, part->sum, "");
}

/* @said: reasons of which a part before has said what they are, and why they can differ */
static void print_part(const struct page *p, struct part *part, bool said[SLOTS])
{
	static const struct column columns[] = {
		{ "", "exits", -1, 0 },
		{ "hv", "exits", 0, 2 }, { NULL, "share", 0, 2 },
		{ "KVM", "exits", 0, 2 }, { NULL, "share", 0, 2 },
		{ "", "KVM beside hv", 0, 2 }, { "", "why", -1, PAGE_ONLY },
	};
	double others[TARGETS] = { 0 };
	struct table t;
	size_t i;
	int j;

	details_sort(&part->details);
	qsort(part->details.sorted, part->details.nr, sizeof(part->details.sorted[0]), by_count);
	TABLE(&t, columns);
	for (i = 0; i < p->report->order_nr; i++) {
		int reason = p->report->order[i];
		const double *all = part->exits[reason];

		if (all[HV] + all[KVM] >= LEAST_REASON * (part->sum[HV] + part->sum[KVM])) {
			add_reason(t.rows, part, reason, said[reason] ? "" :
				   page_why("why", reason));
			said[reason] = true;
			continue;
		}
		for (j = 0; j < TARGETS; j++)
			others[j] += all[j];
	}
	if (others[HV] || others[KVM])
		add_row(t.rows, "<span>every other reason</span>", others, part->sum, "");
	page_table(p, "tall two numbers", &t);
}

/* The boot that ends where the phase behind @phase begins, if one was seen. */
static const struct boot *end_of(const struct report *r, enum phase phase)
{
	for (phase++; phase < NR_PHASES; phase++)
		if (r->boots[UNTIL(phase)][HV].present)
			return r->boots[UNTIL(phase)];
	return r->boots[NUMBERS];
}

static void print_phase(const struct page *p, enum phase phase, bool said[SLOTS])
{
	const struct boot *end = end_of(p->report, phase);
	struct part part = { 0 };
	int t;

	for (t = 0; t < TARGETS; t++) {
		add_boot(&part, &end[t], 1);
		if (phase != DECOMPRESSION)
			add_boot(&part, &p->report->boots[UNTIL(phase)][t], -1);
	}
	page_say(p, "<h3>" NUMBERED ": %s exits on hv, %s on KVM</h3>\n", phase + 1,
		 phase_texts[phase].name, thousands(part.sum[HV]), thousands(part.sum[KVM]));
	print_part(p, &part, said);
}

void boot_numbers(const struct page *p)
{
	const struct boot *whole = p->report->boots[NUMBERS];
	bool said[SLOTS] = { false };
	struct part part = { 0 };
	enum phase phase;

	if (!whole[HV].present)
		return;
	if (same_boots(p->report)) {
		for (phase = 0; phase < NR_PHASES; phase++)
			if (whole[HV].span[phase].seen)
				print_phase(p, phase, said);
		return;
	}
	page_say(p, "<p>Two boots of this machine are not the same to the tick, so that what a "
		 "phase is made of cannot be told by the difference of two: this is the whole "
		 "boot.</p>\n");
	add_boot(&part, &whole[HV], 1);
	add_boot(&part, &whole[KVM], 1);
	print_part(p, &part, said);
}
