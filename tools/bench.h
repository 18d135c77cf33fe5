/* SPDX-License-Identifier: GPL-2.0-only */
/* Samples of the guest's rows over many boots, and what is said of them. */
#ifndef TOOLS_BENCH_H
#define TOOLS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_VERSION	1	/* of the CSV, docs/bench.md */
#define ROWS_MAX	256

/* What the guest runs on. X(id, name, name for people) */
#define SUBJECTS(X)						\
	X(HV, "hv", "hv")					\
	X(PLAIN, "kvm-unpatched", "KVM unpatched")		\
	X(PATCHED, "kvm-patched", "KVM patched")		\
	X(TRACED, "kvm-traced", "KVM + kvm_exit hist")
enum subject {
#define X(id, name, title) id,
	SUBJECTS(X)
#undef X
	NR_SUBJECTS
};

/* X(id, name, what it is divided by) */
#define MEASURES(X)			\
	X(HANDLER, "handler", "exit")	\
	X(ROUND_TRIP, "round_trip", "exit") \
	X(GUEST, "guest", "repetition")
enum measure {
#define X(id, name, per) id,
	MEASURES(X)
#undef X
	NR_MEASURES
};

struct samples {
	double *value;			/* sorted once everything is read */
	size_t nr;
};

struct row {
	char *name;
	uint64_t reason;
	bool sync;
	struct samples samples[NR_SUBJECTS][NR_MEASURES];
};

struct bench {
	struct row rows[ROWS_MAX];
	size_t rows_nr;
	const char *clock;		/* "emulated" or "hardware", of all logs */
	size_t logs[NR_SUBJECTS];
};

extern const char * const subject_names[NR_SUBJECTS];

/** rank - the smallest sample that at least @percent of all do not exceed */
double rank(const struct samples *s, unsigned int percent);

/** print_table - every row on every subject, every measure */
void print_table(FILE *out, const struct bench *b);

/** print_csv - the same, one line for each measure */
void print_csv(FILE *out, const struct bench *b);

/**
 * print_chart - data for the chart: medians of the guest's clock, one row of each reason
 *
 * Rows without an exit are left out, and those that wait for a timer.
 */
void print_chart(FILE *out, const struct bench *b);

/** print_paths - what tools/path counted, as a table; false if @file cannot be read */
bool print_paths(FILE *out, const char *file);

#endif /* TOOLS_BENCH_H */
