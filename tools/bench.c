// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times of the guest's rows over many boots: one sample is one `row' record.
 * The logs' format is in docs/formats.md, what the figures mean in docs/bench.md.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench.h"
#include "tools/record.h"

#define EXIT_CANNOT	2

const char * const subject_names[NR_SUBJECTS] = {
#define X(id, name, title) [id] = name,
	SUBJECTS(X)
#undef X
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

/* One log. */
struct reader {
	struct record rec;
	struct bench *bench;
	enum subject subject;
	bool begun, done, ended;
};

static bool read_log(struct reader *r)
{
	const char *target, *clock;

	if (!record_version(&r->rec) || !record_text(&r->rec, "target", &target) ||
	    !record_text(&r->rec, "clock", &clock))
		return false;
	if (strcmp(target, r->subject == HV ? "hv" : "kvm"))
		return record_refuse(&r->rec, "target=%s, but it was given as %s", target,
				     subject_names[r->subject]);
	if (r->bench->clock && strcmp(clock, r->bench->clock))
		return record_refuse(&r->rec, "clock=%s, but the logs before have clock=%s", clock,
				     r->bench->clock);
	r->bench->clock = clock;
	r->begun = true;
	return true;
}

static struct row *row_of(struct reader *r, const char *name)
{
	struct bench *b = r->bench;
	struct row *row;

	for (row = b->rows; row < b->rows + b->rows_nr; row++)
		if (!strcmp(row->name, name))
			return row;
	if (b->rows_nr == ROWS_MAX) {
		record_refuse(&r->rec, "more than %d rows", ROWS_MAX);
		return NULL;
	}
	row->name = strdup(name);
	b->rows_nr++;
	return row;
}

/* Times of the exits, where somebody counted them. */
static bool read_times(struct reader *r, struct row *row)
{
	struct samples *s = row->samples[r->subject];
	uint64_t exits, handler, round_trip;

	if (r->subject == PLAIN)
		return true;
	if (!record_number(&r->rec, "exits", &exits) ||
	    !record_number(&r->rec, "handler", &handler) ||
	    !record_number(&r->rec, "round_trip", &round_trip))
		return false;
	return !exits || (add_sample(&s[HANDLER], handler, exits) &&
			  add_sample(&s[ROUND_TRIP], round_trip, exits));
}

static bool read_row(struct reader *r)
{
	const char *name, *kind, *check;
	uint64_t reps, tsc;
	struct row *row;

	if (!record_text(&r->rec, "name", &name) || !record_text(&r->rec, "kind", &kind) ||
	    !record_text(&r->rec, "check", &check) || !record_number(&r->rec, "reps", &reps) ||
	    !record_number(&r->rec, "tsc", &tsc))
		return false;
	row = row_of(r, name);
	if (!row || !record_number(&r->rec, "reason", &row->reason))
		return false;
	if (!reps)
		return record_refuse(&r->rec, "row %s: reps=0", name);
	row->sync = !strcmp(kind, "sync");
	if (!strcmp(check, "skip"))
		return true;
	if (strcmp(check, "ok"))
		return record_refuse(&r->rec, "row %s did not do what it should: check=%s", name,
				     check);
	return read_times(r, row) && add_sample(&row->samples[r->subject][GUEST], tsc, reps);
}

static bool read_record(void *ctx, char *line)
{
	struct reader *r = ctx;

	if (record_is(line, "done"))
		r->done = true;
	else if (record_is(line, "end"))
		r->ended = true;
	else if (record_is(line, "log"))
		return record_split(&r->rec, line) && read_log(r);
	else if (record_is(line, "row"))
		return record_split(&r->rec, line) &&
		       (r->begun || record_refuse(&r->rec, "a row before the `log' record")) &&
		       read_row(r);
	return true;
}

/* @word: SUBJECT=FILE */
static bool read_file(struct bench *b, const char *word)
{
	const char *equals = strchr(word, '=');
	struct reader r = { .bench = b };
	size_t i, length = equals ? (size_t)(equals - word) : 0;

	for (i = 0; i < NR_SUBJECTS; i++)
		if (strlen(subject_names[i]) == length && !memcmp(subject_names[i], word, length))
			break;
	if (i == NR_SUBJECTS) {
		fprintf(stderr, "bench: %s: not SUBJECT=LOG (--help says more)\n", word);
		return false;
	}
	r.subject = i;
	r.rec.file = equals + 1;
	b->logs[i]++;
	if (!record_lines(&r.rec, read_record, &r))
		return false;
	return (r.begun && r.done && r.ended) ||
	       record_refuse_end(&r.rec, "cut short: no `%s' record up to here",
				 r.begun ? r.done ? "end" : "done" : "log");
}

static int compare_values(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort_all(struct bench *b)
{
	size_t i, j, k;

	for (i = 0; i < b->rows_nr; i++) {
		for (j = 0; j < NR_SUBJECTS; j++) {
			for (k = 0; k < NR_MEASURES; k++) {
				struct samples *s = &b->rows[i].samples[j][k];

				if (s->nr)
					qsort(s->value, s->nr, sizeof(s->value[0]),
					      compare_values);
			}
		}
	}
}

static bool write_file(const char *name, const struct bench *b,
		       void (*print)(FILE *out, const struct bench *b))
{
	FILE *f;

	if (!name)
		return true;
	f = fopen(name, "w");
	if (f)
		print(f, b);
	if (!f || ferror(f) || fclose(f)) {
		fprintf(stderr, "bench: %s: %s\n", name, strerror(errno));
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "csv", required_argument, NULL, 'c' },
		{ "chart", required_argument, NULL, 'g' },
		{ "paths", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *csv = NULL, *chart = NULL, *paths = NULL;
	static struct bench bench;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'c': csv = optarg; break;
		case 'g': chart = optarg; break;
		case 'p': paths = optarg; break;
		case 'h': fputs(usage, stdout); return 0;
		default: return EXIT_CANNOT;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return EXIT_CANNOT;
	}
	for (; optind < argc; optind++)
		if (!read_file(&bench, argv[optind]))
			return EXIT_CANNOT;
	sort_all(&bench);
	print_table(stdout, &bench);
	if (paths && !print_paths(stdout, paths))
		return EXIT_CANNOT;
	return write_file(csv, &bench, print_csv) && write_file(chart, &bench, print_chart) ?
	       0 : EXIT_CANNOT;
}
