// SPDX-License-Identifier: GPL-2.0-only
/* What bench writes: tables, CSV, data for the chart. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/table.h"
#include "tools/tool.h"

/* What is said of a set of samples; rank() of 0 and 100 is min and max. */
static const unsigned int ranks[] = { 0, 50, 99, 100 };
#define NR_RANKS	(sizeof(ranks) / sizeof(ranks[0]))

#define RANKS(over)							\
	{ over, "min", 7, 3 }, { NULL, "median", 7, 1 }, { NULL, "p99", 7, 1 }, \
	{ NULL, "max", 7, 1 }

static const struct column columns[] = {
	{ "", "operation", -1, 0 }, { "", "exit reason", -24, 2 }, { "", "on", -19, 2 },
	{ "", "n", 4, 1 },
	RANKS("handler, per exit"), RANKS("round trip, per exit"),
	RANKS("guest's clock, per repetition"),
};

static void add_row(struct table *t, const struct operation *row, enum subject subject, bool first)
{
	const struct samples *s = row->samples[subject];
	size_t i, j;

	table_cell(t, "%s", first ? row->name : "");
	table_cell(t, first ? "%2" PRIu64 " %s" : "", row->reason, exit_acct_name(row->reason));
	table_cell(t, "%s", subjects[subject].title);
	table_cell(t, "%zu", s[GUEST].nr);
	for (i = 0; i < NR_MEASURES; i++)
		for (j = 0; j < NR_RANKS; j++)
			table_cell(t, s[i].nr ? "%.0f" : "-", s[i].nr ? rank(&s[i], ranks[j]) : 0);
}

void print_table(FILE *out, const struct bench *b)
{
	struct table t = TABLE(columns);
	size_t i, j;

	fprintf(out, "Times in %s; boots:", log_unit(b->clock));
	for (j = 0; j < NR_SUBJECTS; j++)
		fprintf(out, "%s %zu %s", j ? "," : "", b->logs[j], subjects[j].title);
	fputs("\n\n", out);
	for (i = 0; i < b->rows_nr; i++) {
		bool first = true;

		for (j = 0; j < NR_SUBJECTS; j++) {
			if (!b->rows[i].samples[j][GUEST].nr)
				continue;
			add_row(&t, &b->rows[i], j, first);
			first = false;
		}
	}
	table_print(out, &t);
}

static void csv_line(FILE *out, const struct bench *b, const struct operation *row,
		     enum subject subject, enum measure measure)
{
	static const char *const measures[NR_MEASURES] = {
		[HANDLER] = "handler,exit", [ROUND_TRIP] = "round_trip,exit",
		[GUEST] = "guest,repetition",
	};
	const struct samples *s = &row->samples[subject][measure];
	size_t i;

	if (!s->nr)
		return;
	fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,%s,%s,%zu", BENCH_VERSION, b->clock, row->name,
		row->reason, exit_acct_name(row->reason), row->sync ? "sync" : "async",
		subjects[subject].name, measures[measure], s->nr);
	for (i = 0; i < NR_RANKS; i++)
		fprintf(out, ",%.1f", rank(s, ranks[i]));
	fputc('\n', out);
}

void print_csv(FILE *out, const void *bench)
{
	const struct bench *b = bench;
	size_t i, j, k;

	fputs("version,clock,row,reason,reason_name,kind,target,measure,per,samples,min,median,"
	      "p99,max\n", out);
	for (i = 0; i < b->rows_nr; i++)
		for (j = 0; j < NR_SUBJECTS; j++)
			for (k = 0; k < NR_MEASURES; k++)
				csv_line(out, b, &b->rows[i], j, k);
}

/* To wait for a timer costs what the guest asked for, and nothing of a hypervisor's. */
static bool in_chart(const struct operation *row)
{
	return row->sync && strcmp(exit_acct_name(row->reason), "HLT") &&
	       row->samples[ON_HV][HANDLER].nr && row->samples[ON_PATCHED][HANDLER].nr;
}

void print_chart(FILE *out, const void *bench)
{
	const struct bench *b = bench;
	bool drawn[VMX_EXIT_REASONS_NR] = { false };
	size_t i, j;

	fprintf(out, "\"%s\"", log_unit(b->clock));
	for (j = 0; j < NR_SUBJECTS; j++)
		fprintf(out, "\t\"%s\"", subjects[j].title);
	fputc('\n', out);
	for (i = 0; i < b->rows_nr; i++) {
		const struct operation *row = &b->rows[i];

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
	static const struct column columns[] = {
		{ "", "operation", -20, 0 }, { "", "handler", -26, 2 }, { "", "exits", 6, 1 },
		 { "", "VMREADs", 8, 2 }, { "", "VMWRITEs", 8, 1 },
		{ "instructions", "before", 8, 2 }, { NULL, "in it", 8, 1 },
		{ NULL, "after", 8, 1 },
	};
	struct table t = TABLE(columns);
	char row[64], handler[64], line[512];
	double exits, value[5];
	FILE *f = fopen(file, "r");
	int i;

	if (!f)
		return tool_refuse("%s: %s", file, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		/* The first line names the columns. */
		if (sscanf(line, "%63[^,],%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", row, handler, &exits,
			   &value[0], &value[1], &value[2], &value[3], &value[4]) != 8)
			continue;
		table_cell(&t, "%s", row);
		table_cell(&t, "%s", handler);
		table_cell(&t, "%.0f", exits);
		for (i = 0; i < 5; i++)
			table_cell(&t, "%.*f", i < 2, value[i] / exits);
	}
	fclose(f);
	fprintf(out, "\nhv from VM exit to VM entry: what it executes per exit, in one boot\n\n");
	table_print(out, &t);
	return true;
}
