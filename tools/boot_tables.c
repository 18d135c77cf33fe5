// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the boot report's page. */
#include <inttypes.h>
#include <string.h>

#include "tools/boot_page.h"
#include "acct/exit_acct.h"

#define LINE_SHOWN	22	/* bytes of a console's line */

const char *const halves[TARGETS] = { "a", "b" };

static double percent(double part, double all)
{
	return all ? 100 * part / all : 0;
}

/* Without the time in front of it, which is another one on each target. */
static const char *message(const char *line)
{
	const char *end = *line == '[' ? strstr(line, "] ") : NULL;

	return end ? end + 2 : line;
}

static void phase_half(FILE *out, const struct boot *b, enum phase p)
{
	const struct span *s = &b->span[p];
	double exits = s->exits_to - s->exits_from, time = (s->to - s->from) / 1e6, share;
	const char *half = halves[b->log.target];
	int reason;

	if (!s->seen) {
		fprintf(out, "<td class=\"first %s\" colspan=\"4\" data-of=\"%s\">not "
			"seen</td>", half,
			target_titles[b->log.target]);
		return;
	}
	reason = boot_span_reason(b, s->from, s->to, &share);
	fprintf(out, "<td class=\"n first %s\" data-of=\"%s exits\">%s</td>"
		"<td class=\"n %s\" data-of=\"million\">%.1f</td>"
		"<td class=\"n %s\" data-of=\"per million\">%.0f</td><td class=\"%s "
		"nowrap\">", half,
		target_titles[b->log.target], thousands(exits), half, time, half,
		time > 0 ? exits / time : 0, half);
	if (share > 0)
		fprintf(out, "<span class=\"key\" style=\"background:%s\"></span>%s</td>",
			reason_colour(reason), exit_acct_sdm_name(reason));
	else
		fputs("no sample in it</td>", out);
}

void page_phases(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE];
	enum phase p;
	int t;

	fputs("<div class=\"scroll\"><table class=\"tall two\"><thead><tr><th "
	      "rowspan=\"2\">phase</th>"
	      "<th rowspan=\"2\">begins with</th>", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<th class=\"group first\" colspan=\"4\">%s</th>", target_titles[t]);
	fputs("</tr><tr>", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<th class=\"n first\">exits</th><th class=\"n\">million %s</th>"
			"<th class=\"n\">exits per million</th><th>mostly</th>", boot_unit(r));
	fputs("</tr></thead>\n", out);
	for (p = 0; p < NR_PHASES; p++) {
		const char *line = b[HV].span[p].line ? b[HV].span[p].line : b[KVM].span[p].line;

		fprintf(out, "<tr><td class=\"name\"><span "
			"class=\"nr\">%d</span>%s</td><td>", p + 1,
			phase_texts[p].name);
		if (line) {
			fputs("<code>", out);
			page_text(out, strndupa(message(line), LINE_SHOWN));
			fputs(strlen(message(line)) > LINE_SHOWN ? "&hellip;" : "", out);
			fputs("</code>", out);
		} else {
			fputs(p ? "" : "first VM entry", out);
		}
		fputs("</td>", out);
		for (t = 0; t < TARGETS; t++)
			phase_half(out, &b[t], p);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n<p class=\"soft\">Exits at a phase&rsquo;s border are interpolated "
	      "between two samples: I/O by the bytes printed, the rest by time.</p>\n", out);
}

/* The bursts of one boot, those that touch as one. */
static void burst_rows(FILE *out, const struct boot *b, const struct bursts *n)
{
	size_t i, j, rows = 0;

	for (i = 0; i < n->nr; i = j + 1) {
		uint64_t exits = 0;
		double share;
		enum phase p, in = DECOMPRESSION;
		int reason;

		for (j = i; j < n->nr && n->intervals[j].burst; j++)
			exits += n->intervals[j].exits;
		if (j == i)
			continue;
		for (p = 0; p < NR_PHASES; p++)
			if (b->span[p].seen &&
			    b->span[p].from < (n->intervals[i].from + n->intervals[i].to) / 2)
				in = p;
		reason = boot_span_reason(b, n->intervals[i].from, n->intervals[j - 1].to, &share);
		fprintf(out, "<tr><td class=\"name\">%s</td><td><span class=\"nr\">%d</span>%s</td>"
			"<td class=\"n\">%.1f</td><td class=\"n\">%.1f</td><td class=\"n\">%s</td>"
			"<td class=\"n\">%s</td><td><span class=\"key\" "
			"style=\"background:%s\"></span>"
			"%s, %.0f %%</td></tr>\n", rows++ ? "" : target_titles[b->log.target],
			in + 1,
			phase_texts[in].name, n->intervals[i].from / 1e6,
			(n->intervals[j - 1].to - n->intervals[i].from) / 1e6, thousands(exits),
			thousands(exits * 1e6 / (n->intervals[j - 1].to - n->intervals[i].from)),
			reason_colour(reason), exit_acct_sdm_name(reason), 100 * share);
	}
}

void page_rates(FILE *out, const struct report *r)
{
	struct bursts n[TARGETS];
	int t;

	fputs("<p>", out);
	for (t = 0; t < TARGETS; t++) {
		n[t] = boot_bursts(&r->boots[PROFILE][t]);
		fprintf(out, "<strong>%s</strong>: %.0f exits per million %s on average, from "
			"%.0f to %s; %zu bursts hold %.0f&nbsp;%% of all exits in %.0f&nbsp;%% "
			"of the time, and half of all exits fall into %.1f&nbsp;%% of it. ",
			target_titles[t], n[t].mean, boot_unit(r), n[t].lowest,
			thousands(n[t].highest), n[t].runs, 100 * n[t].burst_exits,
			100 * n[t].burst_time, 100 * n[t].half_time);
	}
	fprintf(out, "</p>\n<div class=\"scroll nowrap\"><table><tr><th>bursts</th>"
		"<th>begins in phase</th><th class=\"n\">at, million %s</th>"
		"<th class=\"n\">lasts</th><th class=\"n\">exits</th>"
		"<th class=\"n\">per million</th><th>mostly</th></tr>\n", boot_unit(r));
	for (t = 0; t < TARGETS; t++)
		burst_rows(out, &r->boots[PROFILE][t], &n[t]);
	fputs("</table></div>\n", out);
}

static void extremes(FILE *out, const struct report *r)
{
	int t, i, most, least;
	size_t j;

	fputs("<p>", out);
	for (t = 0; t < TARGETS; t++) {
		const struct boot *b = &r->boots[PROFILE][t];

		most = least = -1;
		for (j = 0; j < r->order_nr; j++) {
			i = r->order[j];
			if (!b->exits.by[i].count)
				continue;
			if (most < 0 || b->exits.by[i].count > b->exits.by[most].count)
				most = i;
			if (least < 0 || b->exits.by[i].count <= b->exits.by[least].count)
				least = i;
		}
		if (most < 0)
			continue;
		fprintf(out, "<strong>%s</strong>: most frequent is %s (%d) with %s exits, "
			"%.0f&nbsp;%% of all; least frequent of those that happen is %s (%d) "
			"with %s. ",
			target_titles[t], exit_acct_sdm_name(most), most,
			thousands(b->exits.by[most].count),
			percent(b->exits.by[most].count, b->exits.sum.count),
			exit_acct_sdm_name(least), least, thousands(b->exits.by[least].count));
	}
	fputs("</p>\n", out);
}

static void bars(FILE *out, const struct boot *b, int reason, double most)
{
	int t;

	fputs("<div class=\"pair\">", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<span>%s</span><div><div class=\"bar\" style=\"width:%.2f%%;"
			"background:%s%s\"></div></div><b>%s</b>", target_titles[t],
			100 * b[t].exits.by[reason].count / most, reason_colour(reason),
			b[t].exits.by[reason].count ? "" : ";visibility:hidden",
			thousands(b[t].exits.by[reason].count));
	fputs("</div>", out);
}

static void difference(FILE *out, const struct boot *b, int reason)
{
	double hv = b[HV].exits.by[reason].count, kvm = b[KVM].exits.by[reason].count;

	if (hv == kvm)
		fputs("equal", out);
	else
		fprintf(out, "%s%s", kvm > hv ? "+" : "&minus;",
			thousands(kvm > hv ? kvm - hv : hv - kvm));
}

void page_reasons(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE];
	double most = 1;
	size_t i;
	int t;

	fputs("<h2>Which exits, and why the two differ</h2>\n", out);
	extremes(out, r);
	for (i = 0; i < r->order_nr; i++)
		for (t = 0; t < TARGETS; t++)
			if (b[t].exits.by[r->order[i]].count > most)
				most = b[t].exits.by[r->order[i]].count;
	fputs("<div class=\"scroll\"><table class=\"tall\"><thead><tr><th>exit reason</th>"
	      "<th>exits in the console boot</th><th class=\"n\">KVM beside hv</th>"
	      "<th>why they can differ</th></tr></thead>\n", out);
	for (i = 0; i < r->order_nr; i++) {
		int reason = r->order[i];

		fprintf(out, "<tr><td class=\"name\"><span "
			"class=\"nr\">%d</span>%s</td><td>", reason,
			exit_acct_sdm_name(reason));
		bars(out, b, reason, most);
		fputs("</td><td class=\"n\" data-of=\"KVM beside hv\">", out);
		difference(out, b, reason);
		fprintf(out, "</td><td class=\"why\">%s</td></tr>\n", why_differs(reason));
	}
	fputs("</table></div>\n", out);
}

/* Where the time of one boot went: guest, handlers by reason, the rest of the round trips. */
static void split(FILE *out, const struct report *r, const struct boot *b, double most)
{
	double other = b->exits.sum.handler, rest = (double)b->exits.sum.round_trip - other, sleep;
	size_t i;

	sleep = b->exits.by[REASON_HLT].round_trip - b->exits.by[REASON_HLT].handler;
	fprintf(out, "<span>%s</span><div><div class=\"split\" style=\"width:%.2f%%\">"
		"<i style=\"width:%.3f%%;background:#dbe9f4\" title=\"guest\"></i>",
		target_titles[b->log.target], 100 * b->life / most,
		percent(b->life - b->exits.sum.round_trip, b->life));
	for (i = 0; i < r->order_nr; i++) {
		const char *colour = reason_colour(r->order[i]);

		if (!strcmp(colour, reason_colour(-1)))
			continue;
		other -= b->exits.by[r->order[i]].handler;
		fprintf(out, "<i style=\"width:%.3f%%;background:%s\" title=\"%s\"></i>",
			percent(b->exits.by[r->order[i]].handler, b->life), colour,
			exit_acct_sdm_name(r->order[i]));
	}
	fprintf(out, "<i style=\"width:%.3f%%;background:%s\" title=\"other handlers\"></i>"
		"<i class=\"rest\" style=\"width:%.3f%%\" title=\"rest of the round trips\"></i>"
		"<i style=\"width:%.3f%%;background:#e9ecef\" title=\"HLT\"></i></div></div>"
		"<span class=\"n\">%.1f %%</span>\n", percent(other, b->life), reason_colour(-1),
		percent(rest - sleep, b->life), percent(sleep, b->life), 100 * boot_outside(b));
}

static void splits(FILE *out, const struct report *r)
{
	static const enum scenario shown[] = { CONSOLE, QUIET };
	double most = 1;
	size_t i;
	int t;

	fputs("<ul class=\"legend\"><li><i style=\"background:#dbe9f4\"></i>in the "
	      "guest</li>", out);
	for (i = 0; i < r->order_nr; i++)
		if (strcmp(reason_colour(r->order[i]), reason_colour(-1)))
			fprintf(out, "<li><i style=\"background:%s\"></i>handler: %s</li>",
				reason_colour(r->order[i]), exit_acct_sdm_name(r->order[i]));
	fprintf(out, "<li><i style=\"background:%s\"></i>other handlers</li><li><i "
		"class=\"rest\"></i>"
		"rest of the round trips: user space, scheduling, delivery</li></ul>\n"
		"<div class=\"rows\">", reason_colour(-1));
	for (i = 0; i < 2; i++)
		for (t = 0; t < TARGETS; t++)
			if (r->boots[shown[i]][t].present && r->boots[shown[i]][t].life > most)
				most = r->boots[shown[i]][t].life;
	for (i = 0; i < 2; i++) {
		for (t = 0; t < TARGETS; t++) {
			const struct boot *b = &r->boots[shown[i]][t];

			if (!b->present)
				continue;
			fprintf(out, "<span class=\"of\">%s</span>", t ? "" :
				scenario_texts[shown[i]].title);
			split(out, r, b, most);
		}
	}
	fputs("</div>\n<p class=\"soft\">A bar&rsquo;s length is the guest&rsquo;s life; on the "
	      "right the share of it outside the guest, without sleep in HLT.</p>\n", out);
}

void page_time(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[r->boots[CONSOLE][HV].present ? CONSOLE : PROFILE];
	size_t i;
	int t;

	if (!b[HV].present)
		return;
	fputs("<h2>Where the time goes</h2>\n<p>The handler&rsquo;s clock runs from the exit "
	      "until its handler returns, the round trip&rsquo;s until the next VM entry.</p>\n",
	      out);
	splits(out, r);
	fprintf(out, "<div class=\"scroll\"><table class=\"tall two\"><thead><tr>"
		"<th rowspan=\"2\">console boot: handlers by reason</th>"
		"<th class=\"group first\" colspan=\"3\">hv</th>"
		"<th class=\"group first\" colspan=\"3\">KVM</th>"
		"<th rowspan=\"2\">where it goes</th></tr><tr>");
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<th class=\"n first\">share</th><th class=\"n\">%s per exit</th>"
			"<th class=\"n\">round trip</th>", boot_unit(r));
	fputs("</tr></thead>\n", out);
	for (i = 0; i < r->order_nr; i++) {
		int reason = r->order[i];

		fprintf(out, "<tr><td class=\"name\"><span class=\"nr\">%d</span>%s</td>", reason,
			exit_acct_sdm_name(reason));
		for (t = 0; t < TARGETS; t++) {
			const struct slot *s = &b[t].exits.by[reason];

			if (!s->count) {
				fprintf(out, "<td class=\"n first %s\" colspan=\"3\" "
					"data-of=\"%s\">none</td>",
					halves[t], target_titles[t]);
				continue;
			}
			fprintf(out, "<td class=\"n first %s\" data-of=\"%s share\">%.1f %%</td>"
				"<td class=\"n %s\" data-of=\"per exit\">%s</td>"
				"<td class=\"n %s\" data-of=\"round trip\">%s</td>", halves[t],
				target_titles[t], percent(s->handler, b[t].exits.sum.handler),
				halves[t],
				thousands((double)s->handler / s->count), halves[t],
				thousands((double)s->round_trip / s->count));
		}
		fputs("<td class=\"why\">", out);
		for (t = 0; t < TARGETS; t++)
			if (why_handler(reason, t))
				fprintf(out, "%s ", why_handler(reason, t));
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div>\n", out);
}
