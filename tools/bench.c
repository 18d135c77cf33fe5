// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times of the guest's rows over many boots: one sample is one `row' record.
 * The logs' format is in docs/formats.md, what the figures mean in docs/bench.md.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/log.h"
#include "tools/table.h"
#include "tools/tool.h"

#define BENCH_VERSION	1	/* of the CSV, docs/bench.md */
#define ROWS_MAX	256

/* What the guest runs on. */
enum subject { ON_HV, ON_PLAIN, ON_PATCHED, ON_TRACED, NR_SUBJECTS };
static const struct {
	const char *name, *title;
} subjects[NR_SUBJECTS] = {
	[ON_HV] = { "hv", "hv" },
	[ON_PLAIN] = { "kvm-unpatched", "KVM unpatched" },
	[ON_PATCHED] = { "kvm-patched", "KVM patched" },
	[ON_TRACED] = { "kvm-traced", "KVM + kvm_exit hist" },
};

enum measure { HANDLER, ROUND_TRIP, GUEST, NR_MEASURES };

struct samples {
	double *value;			/* sorted once everything is read */
	size_t nr;
};

struct operation {
	const char *name;
	uint64_t reason;
	bool sync;
	struct samples samples[NR_SUBJECTS][NR_MEASURES];
};

struct bench {
	struct operation rows[ROWS_MAX];
	size_t rows_nr;
	const char *clock;		/* "emulated" or "hardware", of all logs */
	size_t logs[NR_SUBJECTS];
};

static const char usage[] =
"usage: bench [--csv FILE] [--chart FILE] [--paths FILE] SUBJECT=LOG...\n"
"\n"
"Prints min, median, p99 and max over all logs, for each row of the guest.\n"
"SUBJECT: hv, kvm-unpatched, kvm-patched, kvm-traced.\n"
"\n"
"  --csv FILE	write the same as CSV\n"
"  --chart FILE	write the medians that boot/bench.gp draws\n"
"  --paths FILE	print what tools/path left there\n"
"\n"
"Exit code: 2 if a log is cut short or foreign, or an option cannot be used.\n";

/* The smallest sample that at least @percent of all do not exceed. */
static double rank(const struct samples *s, unsigned int percent)
{
	size_t i = (s->nr * percent + 99) / 100;

	return s->value[i ? i - 1 : 0];
}

static bool add_sample(struct samples *s, uint64_t sum, uint64_t nr)
{
	/* Powers of two: grow when the last one is full. */
	if (!(s->nr & (s->nr - 1)))
		s->value = realloc(s->value, 2 * (s->nr + 1) * sizeof(double));
	if (s->value)
		s->value[s->nr++] = (double)sum / nr;
	return s->value;
}

static struct operation *operation_of(struct bench *b, const char *name)
{
	struct operation *o;

	for (o = b->rows; o < b->rows + b->rows_nr; o++)
		if (!strcmp(o->name, name))
			return o;
	if (b->rows_nr == ROWS_MAX)
		return NULL;
	o->name = name;
	b->rows_nr++;
	return o;
}

static bool take_row(struct bench *b, enum subject subject, struct log *log, const struct row *row)
{
	struct operation *o = operation_of(b, row->name);
	struct samples *s;

	log->rec.line = row->line;
	if (!o)
		return record_refuse(&log->rec, "more than %d rows", ROWS_MAX);
	o->reason = row->reason;
	o->sync = row->sync;
	if (!row->reps)
		return record_refuse(&log->rec, "row %s: reps=0", row->name);
	if (row->check == CHECK_SKIP)
		return true;
	if (row->check != CHECK_OK)
		return record_refuse(&log->rec, "row %s did not do what it should: check=%s",
				     row->name, check_names[row->check]);
	s = o->samples[subject];
	return (!row->exits || (add_sample(&s[HANDLER], row->handler, row->exits) &&
				add_sample(&s[ROUND_TRIP], row->round_trip, row->exits))) &&
	       add_sample(&s[GUEST], row->tsc, row->reps);
}

/* @word: SUBJECT=FILE */
static bool read_file(struct bench *b, const char *word)
{
	size_t length = strcspn(word, "="), i, j;
	struct log log = { .rec.file = word + length + 1 };

	for (i = 0; i < NR_SUBJECTS; i++)
		if (word[length] && strlen(subjects[i].name) == length &&
		    !memcmp(subjects[i].name, word, length))
			break;
	if (i == NR_SUBJECTS)
		return tool_refuse("%s: not SUBJECT=LOG (--help says more)", word);
	log.target = i == ON_HV ? HV : KVM;
	log.counted = i != ON_PLAIN;
	b->logs[i]++;
	if (!log_read_rows(&log))
		return false;
	if (b->clock && strcmp(log.clock, b->clock))
		return tool_refuse("%s: clock=%s, but the logs before have clock=%s",
				   log.rec.file, log.clock, b->clock);
	b->clock = log.clock;
	for (j = 0; j < log.rows_nr; j++)
		if (!take_row(b, i, &log, &log.rows[j]))
			return false;
	free(log.rows);
	return true;
}

static int compare_values(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort_all(struct bench *b)
{
	struct samples *s;
	size_t i;

	for (i = 0; i < b->rows_nr; i++)
		for (s = b->rows[i].samples[0]; s < b->rows[i].samples[NR_SUBJECTS]; s++)
			if (s->nr)
				qsort(s->value, s->nr, sizeof(s->value[0]), compare_values);
}

/* Output */

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

static void add_row(FILE *t, const struct operation *row, enum subject subject, bool first)
{
	const struct samples *s = row->samples[subject];
	size_t i, j;

	if (first)
		fprintf(t, "%s\t%2" PRIu64 " %s\t", row->name, row->reason,
			exit_acct_name(row->reason));
	fprintf(t, "%s%s\t%zu", first ? "" : "\t\t", subjects[subject].title, s[GUEST].nr);
	for (i = 0; i < NR_MEASURES; i++)
		for (j = 0; j < NR_RANKS; j++)
			fprintf(t, s[i].nr ? "\t%.0f" : "\t-",
				s[i].nr ? rank(&s[i], ranks[j]) : 0);
	fputc('\n', t);
}

static void print_table(FILE *out, const struct bench *b)
{
	struct table t;
	size_t i, j;

	TABLE(&t, columns);
	fprintf(out, "Times in %s; boots:", log_unit(b->clock));
	for (j = 0; j < NR_SUBJECTS; j++)
		fprintf(out, "%s %zu %s", j ? "," : "", b->logs[j], subjects[j].title);
	fputs("\n\n", out);
	for (i = 0; i < b->rows_nr; i++) {
		bool first = true;

		for (j = 0; j < NR_SUBJECTS; j++) {
			if (!b->rows[i].samples[j][GUEST].nr)
				continue;
			add_row(t.rows, &b->rows[i], j, first);
			first = false;
		}
	}
	table_print(out, &t);
}

static void csv_row(FILE *out, const struct bench *b, const struct operation *row,
		    enum subject subject)
{
	static const char *const measures[NR_MEASURES] = {
		[HANDLER] = "handler,exit", [ROUND_TRIP] = "round_trip,exit",
		[GUEST] = "guest,repetition",
	};
	size_t i, j;

	for (i = 0; i < NR_MEASURES; i++) {
		const struct samples *s = &row->samples[subject][i];

		if (!s->nr)
			continue;
		fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,%s,%s,%zu", BENCH_VERSION, b->clock,
			row->name, row->reason, exit_acct_name(row->reason),
			row->sync ? "sync" : "async", subjects[subject].name, measures[i], s->nr);
		for (j = 0; j < NR_RANKS; j++)
			fprintf(out, ",%.1f", rank(s, ranks[j]));
		fputc('\n', out);
	}
}

static void print_csv(FILE *out, const void *bench)
{
	const struct bench *b = bench;
	size_t i, j;

	fputs("version,clock,row,reason,reason_name,kind,target,measure,per,samples,min,median,"
	      "p99,max\n", out);
	for (i = 0; i < b->rows_nr; i++)
		for (j = 0; j < NR_SUBJECTS; j++)
			csv_row(out, b, &b->rows[i], j);
}

/* To wait for a timer costs what the guest asked for, and nothing of a hypervisor's. */
static bool in_chart(const struct operation *row)
{
	return row->sync && row->reason != EXIT_REASON_HLT &&
	       row->samples[ON_HV][HANDLER].nr && row->samples[ON_PATCHED][HANDLER].nr;
}

/*
 * Data for the chart: medians of the guest's clock, one row of each reason. Rows without
 * an exit are left out, and those that wait for a timer.
 */
static void print_chart(FILE *out, const void *bench)
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

/* What tools/path counted. */
static bool print_paths(FILE *out, const char *file)
{
	static const struct column columns[] = {
		{ "", "operation", -20, 0 }, { "", "handler", -26, 2 }, { "", "exits", 6, 1 },
		 { "", "VMREADs", 8, 2 }, { "", "VMWRITEs", 8, 1 },
		{ "instructions", "before", 8, 2 }, { NULL, "in it", 8, 1 },
		{ NULL, "after", 8, 1 },
	};
	struct table t;
	char row[64], handler[64], line[512];
	double exits, value[5];
	FILE *f = fopen(file, "r");
	int i;

	if (!f)
		return tool_refuse("%s: %s", file, strerror(errno));
	TABLE(&t, columns);
	while (fgets(line, sizeof(line), f)) {
		/* The first line names the columns. */
		if (sscanf(line, "%63[^,],%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", row, handler, &exits,
			   &value[0], &value[1], &value[2], &value[3], &value[4]) != 8)
			continue;
		fprintf(t.rows, "%s\t%s\t%.0f", row, handler, exits);
		for (i = 0; i < 5; i++)
			fprintf(t.rows, "\t%.*f%s", i < 2, value[i] / exits, i < 4 ? "" : "\n");
	}
	fclose(f);
	fprintf(out, "\nhv from VM exit to VM entry: what it executes per exit, in one boot\n\n");
	table_print(out, &t);
	return true;
}

int main(int argc, char **argv)
{
	const char *csv = NULL, *chart = NULL, *paths = NULL;
	const struct tool_option options[] = {
		{ "csv", &csv, NULL }, { "chart", &chart, NULL }, { "paths", &paths, NULL }, { 0 }
	};
	int i = tool_options(argc, argv, usage, options);
	static struct bench bench;

	if (i == argc) {
		fputs(usage, stderr);
		return TOOL_CANNOT;
	}
	for (; i < argc; i++)
		if (!read_file(&bench, argv[i]))
			return TOOL_CANNOT;
	sort_all(&bench);
	print_table(stdout, &bench);
	if ((paths && !print_paths(stdout, paths)) || !tool_write(csv, print_csv, &bench) ||
	    !tool_write(chart, print_chart, &bench))
		return TOOL_CANNOT;
	return tool_leave(0);
}
