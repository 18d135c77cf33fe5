// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times of the guest's rows over many boots: one sample is one `row' record.
 * The logs' format is in docs/formats.md, what the figures mean in docs/bench.md.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/tool.h"

const struct subject_text subjects[NR_SUBJECTS] = {
	[ON_HV] = { "hv", "hv" },
	[ON_PLAIN] = { "kvm-unpatched", "KVM unpatched" },
	[ON_PATCHED] = { "kvm-patched", "KVM patched" },
	[ON_TRACED] = { "kvm-traced", "KVM + kvm_exit hist" },
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

double rank(const struct samples *s, unsigned int percent)
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

static bool add_row(struct bench *b, enum subject subject, struct log *log, const struct row *row)
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
		if (!add_row(b, i, &log, &log.rows[j]))
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
