/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of the guest's rows over many boots, and what is said of them. */
#ifndef TOOLS_BENCH_H
#define TOOLS_BENCH_H

#include <stdio.h>

#include "tools/log.h"

#define BENCH_VERSION	1	/* of the CSV, docs/bench.md */
#define ROWS_MAX	256

/* What the guest runs on. */
enum subject { ON_HV, ON_PLAIN, ON_PATCHED, ON_TRACED, NR_SUBJECTS };
extern const struct subject_text {
	const char *name, *title;
} subjects[NR_SUBJECTS];

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

/** rank - the smallest sample that at least @percent of all do not exceed */
double rank(const struct samples *s, unsigned int percent);

/** print_table - every row on every subject, every measure */
void print_table(FILE *out, const struct bench *b);

/** print_csv - the same, one line for each measure; of a struct bench */
void print_csv(FILE *out, const void *bench);

/**
 * print_chart - data for the chart: medians of the guest's clock, one row of each reason
 *
 * Rows without an exit are left out, and those that wait for a timer. Of a struct bench.
 */
void print_chart(FILE *out, const void *bench);

/** print_paths - what tools/path counted, as a table; false if @file cannot be read */
bool print_paths(FILE *out, const char *file);

#endif /* TOOLS_BENCH_H */
