// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the boot report, for its page and for a terminal alike. */
#include <math.h>
#include <string.h>

#include "tools/boot_report.h"

#define LINE_SHOWN	16	/* bytes of a console's line */

/* Without the time in front of it, which is another one on each target. */
static const char *message(const char *line)
{
	const char *end = *line == '[' ? strstr(line, "] ") : NULL;

	return end ? end + 2 : line;
}

static void add_shell(FILE *t, const struct boot *b)
{
	const struct span *s = &b->span[SHELL];
	/* A boot of fewer exits than that has no sample. */
	uint64_t below = b->every ? s->exits_from / b->every : 0;

	fprintf(t, "%s\t%s\t", target_titles[b->log.target], s->seen ? thousands(s->exits_from) :
		"-");
	if (s->seen && b->every)
		fprintf(t, "%s-%s", thousands(below * b->every), thousands((below + 1) * b->every));
	else
		fputs("-", t);
	fprintf(t, "\t%s\t%.1f\t%.1f\n", thousands(b->exits.sum.count), s->from / MILLION,
		b->wall_ms / 1e3);
}

void boot_shell(const struct page *p)
{
	const struct column columns[] = {
		{ NULL, "to the shell", -1, 0 }, { NULL, "exits", 0, 2 },
		{ NULL, "between", 0, 2 }, { NULL, "in the whole life", 0, 2 },
		{ NULL, boot_million(p->report), 0, 2 }, { NULL, "seconds, machine", 0, 2 },
	};
	struct table t;
	int i;

	TABLE(&t, columns);
	for (i = 0; i < TARGETS; i++)
		add_shell(t.rows, &p->report->boots[PROFILE][i]);
	page_table(p, "tall nowrap", &t);
}

static void add_phase(FILE *t, const struct boot *b, enum phase p)
{
	const struct span *s = &b->span[p];
	double exits = s->exits_to - s->exits_from, time = (s->to - s->from) / MILLION, share;
	int reason = boot_span_reason(b, s->from, s->to, &share);

	if (!s->seen)
		fputs("\tnot seen\t\t\t", t);
	else
		fprintf(t, "\t%s\t%.1f\t%.0f\t", thousands(exits), time,
			time > 0 ? exits / time : 0);
	if (s->seen && share > 0)
		fprintf(t, KEY, reason_colour(reason), exit_acct_sdm_name(reason));
	else if (s->seen)
		fputs("no sample in it", t);
}

void boot_phases(const struct page *p)
{
	const struct boot *b = p->report->boots[PROFILE];
	const struct column columns[] = {
		{ "", "phase", -1, 0 }, { "", "begins with", -1, PAGE_ONLY },
#define HALF(target)									\
		{ target_titles[target], "exits", 0, 2 },				\
		{ NULL, boot_million(p->report), 0, 2 },				\
		{ NULL, "exits per million", 0, 2 }, { NULL, "mostly", -1, PAGE_ONLY }
		HALF(HV), HALF(KVM),
#undef HALF
	};
	struct table t;
	enum phase i;

	TABLE(&t, columns);
	for (i = 0; i < NR_PHASES; i++) {
		const char *line = b[HV].span[i].line ? b[HV].span[i].line : b[KVM].span[i].line;

		fprintf(t.rows, NUMBERED "\t", i + 1, phase_texts[i].name);
		if (line) {
			fputs("<code>", t.rows);
			page_text(t.rows, strndupa(message(line), LINE_SHOWN));
			fputs(strlen(message(line)) > LINE_SHOWN ? "&hellip;</code>" : "</code>",
			      t.rows);
		} else if (!i) {
			fputs("first VM entry", t.rows);
		}
		add_phase(t.rows, &b[HV], i);
		add_phase(t.rows, &b[KVM], i);
		fputc('\n', t.rows);
	}
	page_table(p, "tall two", &t);
}

/* The bursts of one boot, those that touch as one. */
static void add_bursts(FILE *t, const struct boot *b, const struct bursts *n)
{
	size_t i, j;

	for (i = 0; i < n->nr; i = j + 1) {
		const struct interval *first = &n->intervals[i];
		enum phase p, in = DECOMPRESSION;
		double exits = 0, time, share;
		int reason;

		for (j = i; j < n->nr && n->intervals[j].burst; j++)
			exits += n->intervals[j].exits;
		if (j == i)
			continue;
		for (p = 0; p < NR_PHASES; p++)
			if (b->span[p].seen && b->span[p].from < (first->from + first->to) / 2)
				in = p;
		reason = boot_span_reason(b, first->from, n->intervals[j - 1].to, &share);
		time = (n->intervals[j - 1].to - first->from) / MILLION;
		fprintf(t, "%s\t" NUMBERED "\t%.1f\t%.1f\t%s\t%s\t" KEY ", %.0f %%\n",
			target_titles[b->log.target], in + 1, phase_texts[in].name,
			first->from / MILLION, time, thousands(exits), thousands(exits / time),
			reason_colour(reason), exit_acct_sdm_name(reason), 100 * share);
	}
}

void boot_rates(const struct page *p)
{
	const struct column columns[] = {
		{ NULL, "bursts", -1, 0 }, { NULL, "begins in phase", -1, 2 },
		{ NULL, boot_million(p->report), 0, 2 }, { NULL, "lasts", 0, 2 },
		{ NULL, "exits", 0, 2 }, { NULL, "per million", 0, 2 }, { NULL, "mostly", -1, 2 },
	};
	struct table t;
	int i;

	TABLE(&t, columns);
	for (i = 0; i < TARGETS; i++) {
		struct bursts n = boot_bursts(&p->report->boots[PROFILE][i]);

		page_say(p, "<p><strong>%s</strong>: %.0f exits per million %s on average, from "
			 "%.0f to %s; %zu bursts hold %.0f&nbsp;%% of all exits in %.0f&nbsp;%% "
			 "of the time, and half of all exits fall into %.1f&nbsp;%% of it.</p>\n",
			 target_titles[i], n.mean, boot_unit(p->report), n.lowest,
			 thousands(n.highest), n.runs, 100 * n.burst_exits, 100 * n.burst_time,
			 100 * n.half_time);
		add_bursts(t.rows, &p->report->boots[PROFILE][i], &n);
	}
	page_table(p, "tall nowrap", &t);
}

static void say_extremes(const struct page *p, const struct boot *b)
{
	const struct slot *by = b->exits.by;
	int i, most = -1, least = -1;
	size_t j;

	for (j = 0; j < p->report->order_nr; j++) {
		i = p->report->order[j];
		if (by[i].count && (most < 0 || by[i].count > by[most].count))
			most = i;
		if (by[i].count && (least < 0 || by[i].count <= by[least].count))
			least = i;
	}
	if (most >= 0)
		page_say(p, "<p><strong>%s</strong>: most frequent is %s (%d) with %s exits, "
			 "%.0f&nbsp;%% of all; least frequent of those that happen is %s (%d) with "
			 "%s.</p>\n", target_titles[b->log.target], exit_acct_sdm_name(most), most,
			 thousands(by[most].count), percent(by[most].count, b->exits.sum.count),
			 exit_acct_sdm_name(least), least, thousands(by[least].count));
}

static void add_bars(FILE *t, const struct boot *b, int reason, double most)
{
	int i;

	fputs("\t<div class=\"pair\">", t);
	for (i = 0; i < TARGETS; i++)
		fprintf(t, "<span>%s</span><div><div class=\"bar\" style=\"width:%.2f%%;"
			"background:%s%s\"></div></div>", target_titles[i],
			100 * b[i].exits.by[reason].count / most, reason_colour(reason),
			b[i].exits.by[reason].count ? "" : ";visibility:hidden");
	fputs("</div>", t);
}

void boot_reasons(const struct page *p)
{
	static const struct column columns[] = {
		{ "", "exit reason", -1, 0 },
#define HALF(target)									\
		{ target, "exits", 0, 2 }, { NULL, "share", 0, 2 }, { NULL, "of handlers", 0, 2 }
		HALF("hv"), HALF("KVM"),
#undef HALF
		{ "", "in the console boot", -1, PAGE_ONLY }, { "", "KVM beside hv", 0, 2 },
		{ "", "why they can differ", -1, PAGE_ONLY },
	};
	const struct boot *b = p->report->boots[PROFILE];
	struct table t;
	double most = 1;
	size_t i;
	int j;

	TABLE(&t, columns);
	for (j = 0; j < TARGETS; j++) {
		say_extremes(p, &b[j]);
		for (i = 0; i < SLOTS; i++)
			if (b[j].exits.by[i].count > most)
				most = b[j].exits.by[i].count;
	}
	for (i = 0; i < p->report->order_nr; i++) {
		int reason = p->report->order[i];
		double more = (double)b[KVM].exits.by[reason].count - b[HV].exits.by[reason].count;

		fprintf(t.rows, NUMBERED, reason, exit_acct_sdm_name(reason));
		for (j = 0; j < TARGETS; j++)
			fprintf(t.rows, "\t%s\t%.1f %%\t%.1f %%",
				thousands(b[j].exits.by[reason].count),
				percent(b[j].exits.by[reason].count, b[j].exits.sum.count),
				percent(b[j].exits.by[reason].handler, b[j].exits.sum.handler));
		add_bars(t.rows, b, reason, most);
		fprintf(t.rows, "\t%s%s\t%s\n", more > 0 ? "+" : more < 0 ? "&minus;" : "",
			more ? thousands(fabs(more)) : "equal", page_why("why", reason));
	}
	page_table(p, "tall two", &t);
}

void boot_time(const struct page *p)
{
	const struct report *r = p->report;
	const struct boot *b = r->boots[r->boots[CONSOLE][HV].present ? CONSOLE : PROFILE];
	static const struct column columns[] = {
		{ "", "console boot: handlers by reason", -1, 0 },
#define HALF(target)									\
		{ target, "share", 0, 2 }, { NULL, "per exit", 0, 2 },			\
		{ NULL, "round trip", 0, 2 }
		HALF("hv"), HALF("KVM"),
#undef HALF
		{ "", "where it goes", -1, PAGE_ONLY },
	};
	struct table t;
	size_t i;
	int j;

	if (!b[HV].present)
		return;
	TABLE(&t, columns);
	for (i = 0; i < r->order_nr; i++) {
		int reason = r->order[i];
		fprintf(t.rows, NUMBERED, reason, exit_acct_sdm_name(reason));
		for (j = 0; j < TARGETS; j++) {
			const struct slot *s = &b[j].exits.by[reason];

			if (s->count)
				fprintf(t.rows, "\t%.1f %%\t%s\t%s",
					percent(s->handler, b[j].exits.sum.handler),
					thousands((double)s->handler / s->count),
					thousands((double)s->round_trip / s->count));
			else
				fputs("\tnone\t\t", t.rows);
		}
		fprintf(t.rows, "\t%s %s\n", page_why("hv", reason), page_why("KVM", reason));
	}
	page_table(p, "tall two", &t);
}

void boot_scenarios(const struct page *p)
{
	const struct column columns[] = {
		{ "", "boot, whole life", -1, 0 }, { "", "is", -1, PAGE_ONLY },
#define HALF(target)									\
		{ target, "exits", 0, 2 }, { NULL, "beside quiet", 0, PAGE_ONLY },	\
		{ NULL, "I/O", 0, 2 }, { NULL, boot_million(p->report), 0, 2 },		\
		{ NULL, "handlers", 0, 2 }, { NULL, "round trips", 0, 2 },		\
		{ NULL, "outside", 0, 2 }
		HALF("hv"), HALF("KVM"),
#undef HALF
	};
	const struct boot *b, *quiet = p->report->boots[QUIET];
	struct table t;
	int s, j;

	TABLE(&t, columns);
	for (s = 0; s < NR_WAYS; s++) {
		b = p->report->boots[s];
		if (!b->present)
			continue;
		fprintf(t.rows, "%s\t%s", scenario_texts[s].title, scenario_texts[s].what);
		for (j = 0; j < TARGETS; j++) {
			fprintf(t.rows, "\t<strong>%s</strong>\t", thousands(b[j].exits.sum.count));
			fprintf(t.rows, quiet->present ? "&times; %.2f" : "-",
				(double)b[j].exits.sum.count / quiet[j].exits.sum.count);
			fprintf(t.rows, "\t%s\t%s\t%.1f\t%.1f\t%.1f %%",
				thousands(b[j].exits.by[EXIT_REASON_IO_INSTRUCTION].count),
				thousands(b[j].life / MILLION), b[j].exits.sum.handler / MILLION,
				b[j].exits.sum.round_trip / MILLION, 100 * boot_outside(&b[j]));
		}
		fputc('\n', t.rows);
	}
	page_table(p, "tall two", &t);
}

void boot_bytes(const struct page *p)
{
	const double hv = boot_per_byte(p->report, HV), kvm = boot_per_byte(p->report, KVM);

	if (hv > 0 && kvm > 0)
		page_say(p, "<p>One byte through the serial port costs <strong>%.2f exits on hv, "
			 "%.2f on KVM</strong> (the last boot, less the quiet one, for each of "
			 "1,048,576 bytes).</p>\n", hv, kvm);
}

static void add_verdict(FILE *t, bool yes, double part)
{
	const char *answer = yes ? "yes" : "no";

	fprintf(t, "\t<b class=\"%s\">%s</b> %.1f&nbsp;%%", answer, answer, part);
}

/* What takes most of hv's handlers' time, where that is too much. */
static void add_blame(FILE *t, const struct boot *b)
{
	const char *why;
	int i, most = 0;

	for (i = 0; i < SLOTS; i++)
		if (b->exits.by[i].handler > b->exits.by[most].handler)
			most = i;
	why = page_why("hv", most);
	fprintf(t, "%.0f %% of hv&rsquo;s time in handlers there is that of %s.%s%s",
		percent(b->exits.by[most].handler, b->exits.sum.handler),
		exit_acct_sdm_name(most), *why ? " Why: " : "", why);
}

void boot_verdicts(const struct page *p)
{
	static const struct column columns[] = {
		{ NULL, "hv beside KVM", -1, 0 }, { NULL, "no more exits?", 0, 2 },
		{ NULL, "at most a fifth of the time in handlers?", 0, 2 },
		{ NULL, "where it is", -1, PAGE_ONLY },
	};
	struct table t;
	int s;

	TABLE(&t, columns);
	for (s = 0; s < NR_WAYS; s++) {
		const struct boot *b = p->report->boots[s];
		const struct slot *hv = &b[HV].exits.sum, *kvm = &b[KVM].exits.sum;

		if (!b[HV].present)
			continue;
		fputs(scenario_texts[s].title, t.rows);
		add_verdict(t.rows, hv->count <= kvm->count, percent(hv->count, kvm->count));
		add_verdict(t.rows, hv->handler * 5 <= kvm->handler,
			    percent(hv->handler, kvm->handler));
		fputc('\t', t.rows);
		if (hv->handler * 5 > kvm->handler)
			add_blame(t.rows, &b[HV]);
		fputc('\n', t.rows);
	}
	page_table(p, "tall verdicts", &t);
}
