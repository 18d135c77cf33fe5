/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Logs of a guest's run, as docs/formats.md describes them.
 */
#ifndef TOOLS_LOG_H
#define TOOLS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum target { HV, KVM, TARGETS };
enum check { CHECK_OK, CHECK_SKIP, CHECK_FAIL };

/* One `row` record. Cycles are sums over the row's exits. */
struct row {
	const char *name;
	const char *why;		/* NULL if it has none */
	uint64_t reason;		/* basic exit reason */
	bool sync;
	uint64_t reps;
	uint64_t expect[TARGETS];	/* exits per repetition; async: at most */
	uint64_t exits;
	uint64_t handler, round_trip;	/* cycles */
	uint64_t tsc;			/* cycles of the whole loop */
	uint64_t other;			/* exits of every other reason */
	enum check check;
	unsigned int line;
};

struct log {
	const char *file;
	enum target target;
	const char *machine, *clock, *leaves;
	struct row *rows;
	size_t rows_nr;
};

/**
 * log_read - read a whole log and check that it can be compared
 * @file: its name
 * @target: who must have written it
 * @log: filled in; lives until the program ends
 *
 * Returns false, after one line on stderr that names file and line, if the log
 * is cut short, foreign, of another version, or holds no counts.
 */
bool log_read(const char *file, enum target target, struct log *log);

extern const char * const target_names[TARGETS];

#endif /* TOOLS_LOG_H */
