// SPDX-License-Identifier: GPL-2.0-only
/* What bench writes: tables, CSV, data for the chart. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tools/bench.h"
#include "acct/exit_reasons.h"

/* What is said of a set of samples; rank() of 0 and 100 is min and max. */
static const struct {
	const char *name;
	unsigned int percent;
} ranks[] = { { "min", 0 }, { "median", 50 }, { "p99", 99 }, { "max", 100 } };
#define NR_RANKS	(sizeof(ranks) / sizeof(ranks[0]))

static const char * const subject_titles[NR_SUBJECTS] = {
#define X(id, name, title) [id] = title,
	SUBJECTS(X)
#undef X
};

static const struct {
	const char *name, *per;
} measures[NR_MEASURES] = {
#define X(id, name, per) [id] = { name, per },
	MEASURES(X)
#undef X
};

static const char *reason_name(uint64_t reason)
{
	static const char * const names[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = #name,
		VMX_EXIT_REASONS_LIST(X)
#undef X
	};

	return reason < VMX_EXIT_REASONS_NR && names[reason] ? names[reason] : "OTHER";
}

static const char *unit(const struct bench *b)
{
	return strcmp(b->clock, "emulated") ? "cycles" : "emulated ticks";
}

static int name_width(const struct bench *b)
{
	int width = strlen("operation");
	size_t i;

	for (i = 0; i < b->rows_nr; i++)
		if ((int)strlen(b->rows[i].name) > width)
			width = strlen(b->rows[i].name);
	return width;
}

static void print_heading(FILE *out, int width)
{
	static const char * const titles[NR_MEASURES] = {
		[HANDLER] = "handler, per exit", [ROUND_TRIP] = "round trip, per exit",
		[GUEST] = "guest's clock, per repetition",
	};
	size_t i, j;

	fprintf(out, "%-*s  %-24s  %-19s %4s", width, "", "", "", "");
	for (i = 0; i < NR_MEASURES; i++)
		fprintf(out, "   %*s", (int)NR_RANKS * 8 - 1, titles[i]);
	fprintf(out, "\n%-*s  %-24s  %-19s %4s", width, "operation", "exit reason", "on", "n");
	for (i = 0; i < NR_MEASURES; i++) {
		fputs("  ", out);
		for (j = 0; j < NR_RANKS; j++)
			fprintf(out, " %7s", ranks[j].name);
	}
	fputc('\n', out);
}

static void print_samples(FILE *out, const struct samples *s)
{
	size_t i;

	fputs("  ", out);
	for (i = 0; i < NR_RANKS; i++) {
		if (s->nr)
			fprintf(out, " %7.0f", rank(s, ranks[i].percent));
		else
			fprintf(out, " %7s", "-");
	}
}

static void print_row(FILE *out, const struct row *row, enum subject subject, bool first, int width)
{
	const struct samples *s = row->samples[subject];
	char reason[32] = "";
	size_t i;

	if (first)
		snprintf(reason, sizeof(reason), "%2" PRIu64 " %s", row->reason,
			 reason_name(row->reason));
	fprintf(out, "%-*s  %-24s  %-19s %4zu", width, first ? row->name : "", reason,
		subject_titles[subject], s[GUEST].nr);
	for (i = 0; i < NR_MEASURES; i++)
		print_samples(out, &s[i]);
	fputc('\n', out);
}

void print_table(FILE *out, const struct bench *b)
{
	int width = name_width(b);
	size_t i, j;

	fprintf(out, "Times in %s; boots:", unit(b));
	for (j = 0; j < NR_SUBJECTS; j++)
		fprintf(out, "%s %zu %s", j ? "," : "", b->logs[j], subject_titles[j]);
	fputs("\n\n", out);
	print_heading(out, width);
	for (i = 0; i < b->rows_nr; i++) {
		bool first = true;

		for (j = 0; j < NR_SUBJECTS; j++) {
			if (!b->rows[i].samples[j][GUEST].nr)
				continue;
			print_row(out, &b->rows[i], j, first, width);
			first = false;
		}
	}
}

static void csv_line(FILE *out, const struct bench *b, const struct row *row, enum subject subject,
		     enum measure measure)
{
	const struct samples *s = &row->samples[subject][measure];
	size_t i;

	fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,%s,%s,%s,%zu", BENCH_VERSION, b->clock, row->name,
		row->reason, reason_name(row->reason), row->sync ? "sync" : "async",
		subject_names[subject], measures[measure].name, measures[measure].per, s->nr);
	for (i = 0; i < NR_RANKS; i++)
		fprintf(out, ",%.1f", rank(s, ranks[i].percent));
	fputc('\n', out);
}

void print_csv(FILE *out, const struct bench *b)
{
	size_t i, j, k;

	fputs("version,clock,row,reason,reason_name,kind,target,measure,per,samples", out);
	for (i = 0; i < NR_RANKS; i++)
		fprintf(out, ",%s", ranks[i].name);
	fputc('\n', out);
	for (i = 0; i < b->rows_nr; i++)
		for (j = 0; j < NR_SUBJECTS; j++)
			for (k = 0; k < NR_MEASURES; k++)
				if (b->rows[i].samples[j][k].nr)
					csv_line(out, b, &b->rows[i], j, k);
}

/* To wait for a timer costs what the guest asked for, and nothing of a hypervisor's. */
static bool in_chart(const struct row *row)
{
	return row->sync && strcmp(reason_name(row->reason), "HLT") &&
	       row->samples[HV][HANDLER].nr && row->samples[PATCHED][HANDLER].nr;
}

void print_chart(FILE *out, const struct bench *b)
{
	bool drawn[VMX_EXIT_REASONS_NR] = { false };
	size_t i, j;

	fprintf(out, "\"%s\"", unit(b));
	for (j = 0; j < NR_SUBJECTS; j++)
		fprintf(out, "\t\"%s\"", subject_titles[j]);
	fputc('\n', out);
	for (i = 0; i < b->rows_nr; i++) {
		const struct row *row = &b->rows[i];

		if (row->reason >= VMX_EXIT_REASONS_NR || drawn[row->reason] || !in_chart(row))
			continue;
		drawn[row->reason] = true;
		fprintf(out, "\"%s\"", row->name);
		for (j = 0; j < NR_SUBJECTS; j++) {
			const struct samples *s = &row->samples[j][GUEST];

			if (s->nr)
				fprintf(out, "\t%.1f", rank(s, 50));
			else
				fputs("\tNaN", out);
		}
		fputc('\n', out);
	}
}

bool print_paths(FILE *out, const char *file)
{
	static const char format[] = "%-20s  %-26s %6s  %8s %8s  %8s %8s %8s\n";
	char row[64], handler[64], line[512];
	double exits, value[5];
	FILE *f = fopen(file, "r");

	if (!f) {
		fprintf(stderr, "bench: %s: %s\n", file, strerror(errno));
		return false;
	}
	fprintf(out, "\nhv from VM exit to VM entry: what it executes per exit, in one boot\n\n");
	fprintf(out, "%-74s  %25s\n", "", "instructions");
	fprintf(out, format, "operation", "handler", "exits", "VMREADs", "VMWRITEs", "before",
		"in it", "after");
	while (fgets(line, sizeof(line), f)) {
		int i;

		/* The first line names the columns. */
		if (sscanf(line, "%63[^,],%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", row, handler, &exits,
			   &value[0], &value[1], &value[2], &value[3], &value[4]) != 8)
			continue;
		fprintf(out, "%-20s  %-26s %6.0f ", row, handler, exits);
		for (i = 0; i < 5; i++)
			fprintf(out, "%s %8.*f", i == 2 ? " " : "", i < 2, value[i] / exits);
		fputc('\n', out);
	}
	fclose(f);
	return true;
}
