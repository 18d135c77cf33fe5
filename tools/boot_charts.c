// SPDX-License-Identifier: GPL-2.0-only
/* What boot/boot-report.gp draws: its data, and settings in gnuplot's own words. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_report.h"
#include "tools/tool.h"

#define NR_PUBLISHED	5
#define ROWS		3	/* of labels above a chart */
/* Shares of an axis: a number on a wide and a narrow chart, a letter on a wide one. */
#define NUMBER_WIDE	0.022
#define NUMBER_NARROW	0.065
#define LETTER_WIDE	0.0085

static FILE *create(const char *folder, const char *before, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", folder, before, name);
	f = fopen(path, "w");
	if (!f)
		tool_refuse("%s: %s", path, strerror(errno));
	return f;
}

/* Guest time, then each reason on top of those below it: cumulative in both ways. */
static void write_samples(FILE *f, const struct report *r, const struct boot *b)
{
	const struct sample *s;
	size_t i;

	for (s = b->samples; s < b->samples + b->samples_nr; s++) {
		uint64_t sum = 0;

		fprintf(f, "%.6f", s->t / MILLION);
		for (i = 0; i < r->series_nr; i++)
			fprintf(f, " %" PRIu64, sum += s->count[r->series[i]]);
		fprintf(f, " %" PRIu64 "\n", s->total);
	}
}

static void write_rates(FILE *f, const struct bursts *r)
{
	const struct interval *n;

	for (n = r->intervals; n < r->intervals + r->nr; n++)
		fprintf(f, "%.6f %.6f %.3f %ld\n", n->from / MILLION, n->to / MILLION, n->rate,
			strtol(reason_colour(n->reason) + 1, NULL, 16));
}

/* The lowest row in which a label of that half width touches none before it. */
static int free_row(double *ends, double middle, double half)
{
	int row = 0;

	while (row < ROWS - 1 && ends[row] > middle - half)
		row++;
	ends[row] = middle + half;
	return row;
}

/* Words: from, to, row on a wide and on a narrow chart, label on each. */
static void write_phases(FILE *f, const struct boot *b, double life)
{
	double wide[ROWS] = { 0 }, narrow[ROWS] = { 0 };
	const char *target = target_names[b->log.target];
	enum phase p;
	int n = 0;

	fprintf(f, "array %s_phase[%d]\n", target, NR_PHASES);
	for (p = 0; p < NR_PHASES; p++) {
		const struct span *s = &b->span[p];
		double middle = (s->from + s->to) / 2 / life;
		double name = LETTER_WIDE * (strlen(phase_texts[p].name) + 3);
		bool named = (s->to - s->from) / life > name;
		char label[80] = "";
		const char *c;

		if (!s->seen)
			continue;
		/* A plain blank would make two words of it. */
		for (c = named ? phase_texts[p].name : ""; *c; c++)
			sprintf(label + strlen(label), "%s%.*s", c == phase_texts[p].name ||
				*c == ' ' ? "\xc2\xa0" : "", *c != ' ', c);
		fprintf(f, "%s_phase[%d] = \"%.6f %.6f %d %d %d%s %d\"\n", target, ++n,
			s->from / MILLION, s->to / MILLION,
			free_row(wide, middle, (named ? name : NUMBER_WIDE) / 2),
			free_row(narrow, middle, NUMBER_NARROW / 2), p + 1, label, p + 1);
	}
	fprintf(f, "%s_phases = %d\n", target, n);
}

/* A round step that has an axis of @max go up in four to eight. */
static double round_step(double max)
{
	double step = pow(10, floor(log10(max / 4)));

	return max / step >= 40 ? step * 10 : max / step >= 20 ? step * 5 :
	       max / step >= 8 ? step * 2 : step;
}

static bool write_curves(FILE *f, const char *folder, const struct report *r)
{
	double life = 0, exits = 0, highest = 0;
	int i, t, nr = r->series_nr;

	for (t = 0; t < TARGETS; t++) {
		const struct boot *b = &r->boots[PROFILE][t];
		FILE *samples = create(folder, target_names[t], ".samples");
		FILE *bars = create(folder, target_names[t], ".rates");
		struct bursts rates = boot_bursts(b);

		if (!samples || !bars)
			return false;
		write_samples(samples, r, b);
		write_rates(bars, &rates);
		if (fclose(samples) || fclose(bars))
			return false;
		life = fmax(life, b->life);
		exits = fmax(exits, b->exits.sum.count);
		highest = fmax(highest, rates.highest);
		fprintf(f, "%s_mean = %.6f\n", target_names[t], rates.mean);
	}
	fprintf(f, "x_max = %.6f\nx_step = %g\n", life / MILLION, round_step(life / MILLION));
	fprintf(f, "y_max = %.0f\ny_step = %g\n", exits * 1.03, round_step(exits));
	fprintf(f, "rate_max = %g\nburst_factor = %d\nseries = %d\narray colour[series]\n",
		highest * 1.3, BURST_FACTOR, nr + 1);
	for (i = 0; i <= nr; i++)
		fprintf(f, "colour[%d] = \"%s\"\n", i + 1,
			reason_colour(i < nr ? r->series[i] : -1));
	for (t = 0; t < TARGETS; t++)
		write_phases(f, &r->boots[PROFILE][t], life);
	return true;
}

/* One bar for each boot, and the published figures beside them. */
static bool write_figures(FILE *f, const char *folder, const struct report *r)
{
	FILE *bars = create(folder, "", "figures");
	const char *at = page_template;
	double from, to;
	int s, t, i, n = 0;

	if (!bars)
		return false;
	for (s = 0; s < NR_WAYS; s++) {
		if (s == PROFILE || !r->boots[s][HV].present)
			continue;
		n++;
		for (t = 0; t < TARGETS; t++)
			fprintf(bars, "%.2f %" PRIu64 " %d \"%s  %s\"\n", n + (t - 0.5) * 0.36,
				r->boots[s][t].exits.sum.count, t ? 0x56b4e9 : 0x0072b2,
				target_titles[t], thousands(r->boots[s][t].exits.sum.count));
		fprintf(f, "figure_%d = \"%s\"\n", n, scenario_texts[s].title);
	}
	fprintf(f, "figures = %d\narray published[%d]\n", n, NR_PUBLISHED);
	/* They are on the page. */
	for (i = 1; (at = strstr(at, "{{times ")); at++, i++) {
		int read = sscanf(at, "{{times %lf %lf", &from, &to);

		fprintf(f, "published[%d] = \"%.0f %.0f\"\n", i, from, read == 2 ? to : from);
	}
	return !fclose(bars);
}

bool boot_charts(const char *folder, const struct report *r)
{
	bool curves = r->boots[PROFILE][HV].present, good;
	FILE *f = create(folder, "", "plots");

	if (!f)
		return false;
	fprintf(f, "unit = \"million %s\"\ncurves = %d\n", boot_unit(r), curves);
	good = (!curves || write_curves(f, folder, r)) && write_figures(f, folder, r);
	return !fclose(f) && good;
}
