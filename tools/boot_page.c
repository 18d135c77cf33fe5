// SPDX-License-Identifier: GPL-2.0-only
/* The boot report's page: what is put into boot/boot-report.html; and its tables for a terminal. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_report.h"
#include "tools/tool.h"

#define IN_GUEST	"#dbe9f4"
#define OUTSIDE		"#4d4d4d"
#define ASLEEP		"#e9ecef"

__asm__(".pushsection .rodata\n.globl page_template\n"
	"page_template: .incbin \"boot/boot-report.html\"\n"
	".byte 0\n"
	".popsection");

/* It goes into a table, where a line is a row. */
const char *page_what(const char *fmt, ...)
{
	char name[64], key[80], *text, *end;
	const char *at;
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	snprintf(key, sizeof(key), "{{=%s}}", name);
	at = strstr(page_template, key);
	if (!at)
		return "";
	at += strlen(key);
	text = strndup(at, strcspn(at, "{") - 1);
	while ((end = strchr(text, '\n')))
		*end = ' ';
	return text;
}

const char *page_why(const char *of, int reason)
{
	const char *text = page_what("%s %d", of, reason);

	return *text || strcmp(of, "why") ? text : "Not known to this page: the figures are "
		"right, but nobody has written down why.";
}

/* Of gnuplot's file what belongs into a page; the style makes it as wide as that is. */
static bool embed(FILE *out, const char *file)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	bool begun = false;
	size_t room = 0;

	if (!f)
		return tool_refuse("%s: %s", file, strerror(errno));
	while (getline(&line, &room, f) > 0) {
		begun |= !strncmp(line, "<svg", 4);
		if (begun)
			fputs(line, out);
	}
	free(line);
	fclose(f);
	return begun || tool_refuse("%s: not an SVG", file);
}

/* @label: what it shows, for those who do not see it. */
static bool print_chart(FILE *out, const char *folder, const char *name, const char *label)
{
	static const char *const shapes[] = { "wide", "narrow" };
	char file[4096];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(file, sizeof(file), "%s/%s.%s.svg", folder, name, shapes[i]);
		fprintf(out, "<div class=\"%s\" role=\"img\" aria-label=\"%s\">", shapes[i],
			label);
		if (!embed(out, file))
			return false;
		fputs("</div>\n", out);
	}
	return true;
}

static void print_item(FILE *out, const char *colour, const char *before, const char *what)
{
	fprintf(out, "<li><i style=\"background:%s\"></i>%s%s</li>", colour, before, what);
}

static void print_legend(const struct page *p)
{
	const struct report *r = p->report;
	size_t i;

	fputs("<ul class=\"legend\">", p->out);
	for (i = 0; i < r->series_nr; i++)
		print_item(p->out, reason_colour(r->series[i]), "",
			   exit_acct_sdm_name(r->series[i]));
	print_item(p->out, reason_colour(-1), "", "every other reason");
	fputs("</ul>\n", p->out);
}

static void print_share(FILE *out, double share, const char *colour, const char *title)
{
	fprintf(out, "<i style=\"width:%.3f%%;background:%s\" title=\"%s\"></i>", share, colour,
		title);
}

/* Where the time of one boot went: guest, handlers by reason, the rest of the round trips. */
static void print_split(FILE *out, const struct report *r, const struct boot *b, double most)
{
	const struct slot *by = b->exits.by, *sum = &b->exits.sum;
	double other = sum->handler, rest = (double)sum->round_trip - sum->handler, sleep;
	size_t i;

	sleep = by[EXIT_REASON_HLT].round_trip - by[EXIT_REASON_HLT].handler;
	fprintf(out, "<span>%s</span><div><div class=\"split\" style=\"width:%.2f%%\">",
		target_titles[b->log.target], 100 * b->life / most);
	print_share(out, percent(b->life - sum->round_trip, b->life), IN_GUEST, "guest");
	for (i = 0; i < r->series_nr; i++) {
		other -= by[r->series[i]].handler;
		print_share(out, percent(by[r->series[i]].handler, b->life),
			    reason_colour(r->series[i]), exit_acct_sdm_name(r->series[i]));
	}
	print_share(out, percent(other, b->life), reason_colour(-1), "other handlers");
	print_share(out, percent(rest - sleep, b->life), OUTSIDE, "rest of the round trips");
	print_share(out, percent(sleep, b->life), ASLEEP, "HLT");
	fprintf(out, "</div></div><span class=\"n\">%.1f %%</span>\n", 100 * boot_outside(b));
}

static void print_splits(const struct page *p)
{
	static const enum scenario shown[] = { CONSOLE, CONSOLE, QUIET, QUIET };
	const struct report *r = p->report;
	const struct boot *b;
	double most = 1;
	size_t i;

	fputs("<ul class=\"legend\">", p->out);
	print_item(p->out, IN_GUEST, "", "in the guest");
	for (i = 0; i < r->series_nr; i++)
		print_item(p->out, reason_colour(r->series[i]), "handler: ",
			   exit_acct_sdm_name(r->series[i]));
	print_item(p->out, reason_colour(-1), "", "other handlers");
	print_item(p->out, OUTSIDE, "rest of the round trips: ", "user space, scheduling, "
		   "delivery");
	fputs("</ul>\n<div class=\"rows\">", p->out);
	for (i = 0; i < 4; i++)
		most = fmax(most, r->boots[shown[i]][i % 2].life);
	for (i = 0; i < 4; i++) {
		b = &r->boots[shown[i]][i % 2];
		if (!b->present)
			continue;
		fprintf(p->out, "<span class=\"of\">%s</span>",
			i % 2 ? "" : scenario_texts[shown[i]].title);
		print_split(p->out, r, b, most);
	}
	fputs("</div>\n", p->out);
}

/* A figure of one boot. */
static bool print_figure(FILE *out, const struct boot *b, const char *name)
{
	const struct {
		const char *name;
		double value;
		int digits;		/* behind the point; -1: a count */
		const char *unit;
	} figures[] = {
		{ "exits", b->exits.sum.count, -1, "" }, { "every", b->every, -1, "" },
		{ "shell", b->span[SHELL].exits_from, -1, "" },
		{ "time", b->span[SHELL].from / MILLION, 0, "" },
		{ "handlers", b->exits.sum.handler / MILLION, 2, "" },
		{ "outside", 100 * boot_outside(b), 1, " %" },
	};
	size_t i;

	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		if (strcmp(figures[i].name, name))
			continue;
		if (figures[i].digits < 0)
			fputs(thousands(figures[i].value), out);
		else
			fprintf(out, "%.*f%s", figures[i].digits, figures[i].value,
				figures[i].unit);
		return true;
	}
	return false;
}

/* @way: its folder; @target: as people write it. */
static const struct boot *boot_named(const struct report *r, const char *way,
				      const char *target)
{
	enum scenario s;

	for (s = 0; s < NR_SCENARIOS - 1 && strcmp(way, scenario_texts[s].folder); s++)
		;
	return &r->boots[s][!strcmp(target, target_titles[KVM])];
}

/* Is that boot there? figures: any but the sampled one, which is the console boot once more. */
static bool is_there(const struct report *r, const char *way)
{
	bool there = false;

	for (enum scenario s = 0; s < NR_SCENARIOS; s++)
		there |= r->boots[s][KVM].present && (!strcmp(way, scenario_texts[s].folder) ||
						     (!strcmp(way, "figures") && s != PROFILE &&
						      s < NR_WAYS) ||
						     (!strcmp(way, "remedies") && s >= NR_WAYS &&
						      s < NUMBERS));
	return there;
}

/* What others have published, beside what was counted here. */
static bool print_published(const struct page *p, const char *part)
{
	double exits = p->report->boots[CONSOLE][KVM].exits.sum.count, from, to;
	double per_byte = boot_per_byte(p->report, KVM);
	int n = sscanf(part, "times %lf %lf", &from, &to);

	if (n > 0 && !exits)
		fputs("-", p->out);
	else if (n > 0)
		fprintf(p->out, n == 1 ? "&times; %.1f" : "&times; %.1f to %.1f", from / exits,
			to / exits);
	else if (sscanf(part, "serial %lf", &from) != 1)
		return false;
	else if (per_byte > 0)
		fprintf(p->out, " At %.2f exits a byte, its I/O is that of %.1f MiB through a "
			"serial port.", per_byte, from / per_byte / MIB);
	return true;
}

/* What stands between braces. */
static bool print_part(const struct page *p, const char *charts, char *part)
{
	static const struct {
		const char *name;
		void (*print)(const struct page *p);
	} parts[] = {
		{ "legend", print_legend }, { "verdicts", boot_verdicts }, { "shell", boot_shell },
		{ "phases", boot_phases }, { "rates", boot_rates }, { "reasons", boot_reasons },
		{ "splits", print_splits }, { "time", boot_time }, { "bytes", boot_bytes },
		{ "scenarios", boot_scenarios }, { "numbers", boot_numbers },
		{ "remedies", boot_remedies },
	};
	const struct log *log = &report_boot(p->report)->log;
	const struct {
		const char *name, *text;
	} texts[] = {
		{ "clock", log->clock }, { "unit", boot_unit(p->report) },
		{ "tick", strcmp(log->clock, "emulated") ? "Times are TSC cycles of this "
		  "processor." : "One tick is one instruction of the emulated processor, "
		  "whatever it does: times compare the software&rsquo;s path, and are not those "
		  "of hardware. Two runs give the same figures." },
	};
	char name[16], way[16], target[16], *label = strchr(part, '|');
	size_t i;

	if (label) {
		*label = '\0';
		return print_chart(p->out, charts, part, label + 1);
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strcmp(parts[i].name, part))
			return parts[i].print(p), true;
	if (!strcmp(part, "machine"))
		return page_text(p->out, log->machine), true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i].name, part))
			return fputs(texts[i].text, p->out) >= 0;
	return print_published(p, part) ||
	       (sscanf(part, "%15s %15s %15s", name, way, target) == 3 &&
		print_figure(p->out, boot_named(p->report, way, target), name)) ||
	       tool_refuse("boot/boot-report.html: nothing is called {{%s}}", part);
}

bool boot_page(FILE *out, const struct report *r, const char *charts)
{
	const char *text = strstr(page_template, "<!DOCTYPE"), *open, *close;
	const struct page p = { out, r, false };
	bool good = true;

	for (; good && (open = strstr(text, "{{")) && strncmp(open, "{{end}}", 7);
	     text = close + 2) {
		char part[400] = "";

		fwrite(text, 1, open - text, out);
		open += 2;
		close = strstr(open, "}}");
		memcpy(part, open, close - open);
		if (*part == '?' && !is_there(r, part + 1))
			close = strstr(close, "{{/}}") + 3;
		else if (*part != '?' && *part != '/')
			good = print_part(&p, charts, part);
	}
	fwrite(text, 1, good ? open - text : 0, out);
	return good;
}

void boot_print(FILE *out, const struct report *r)
{
	static void (*const parts[])(const struct page *p) = {
		boot_shell, boot_phases, boot_rates, boot_reasons,
		boot_numbers, boot_time, boot_remedies, boot_scenarios, boot_bytes, boot_verdicts,
	};
	const struct page p = { out, r, true };
	/* The first four are of the sampled boot. */
	size_t i = r->boots[PROFILE][HV].present ? 0 : 4;

	if (!i)
		fprintf(out, "Boot to the shell, console=ttyS0, a report every %s exits. A burst: "
			"intervals at %d times the mean rate or more.\n\n",
			thousands(r->boots[PROFILE][HV].every), BURST_FACTOR);
	for (; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i](&p);
}
