/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Logs of a guest's run, as docs/formats.md describes them: the one reader of them all.
 */
#pragma once

#include "acct/exit_acct.h"
#include "machine/machine.h"
#include "tools/record.h"

enum target { HV, KVM, TARGETS };
enum check { CHECK_OK, CHECK_SKIP, CHECK_FAIL };

/* As in a log, with NULL at the end, and as people write them. */
extern const char *const target_names[TARGETS + 1], *const target_titles[TARGETS];
extern const char *const check_names[];

/* One `row' record. Cycles are sums over the row's exits. */
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

struct log_kind;

struct log {
	struct record rec;
	const struct log_kind *kinds;	/* what to read, besides `log' and `end' */
	void *ctx;			/* for those */
	enum target target;		/* who must have written it; TARGETS: who has */
	bool counted;			/* somebody must have counted the exits */
	bool begun, ended;		/* its first and its last record were read */
	const char *machine, *clock, *cause;
	uint64_t code;
	/* log_read_rows() only */
	bool rows_wanted, guest, done;
	const char *leaves;
	struct row *rows;
	size_t rows_nr;
	struct details *details;	/* where `detail' records go, by target; NULL: nowhere */
};

/* A kind of record to read. One without that key is not ours: a guest may write anything. */
struct log_kind {
	const char *word, *key;
	bool (*take)(struct log *l, void *ctx);
};

/**
 * log_take - a line of a struct log, whose kinds and ctx are set
 *
 * Returns false, after one line on stderr that names file and line, if it cannot be read
 * or is out of place, or if its kind's function does.
 */
bool log_take(void *log, char *line);

/** log_whole - has everything been read, up to the `end' record? */
bool log_whole(const struct log *l);

/** log_read - read a whole log; @l: rec.file, target and counted are set; @kinds: up to a { 0 } */
bool log_read(struct log *l, const struct log_kind *kinds, void *ctx);

/** log_read_rows - read the whole log of a shared guest that came through, and its rows */
bool log_read_rows(struct log *l);

struct slot {
	uint64_t count, handler, round_trip;
};

/* The `exits' records of one scope; a slot for each reason, as exit_acct.h has it. */
struct exits {
	bool there;			/* it is read to its end */
	struct slot by[EXIT_ACCT_SLOTS], sum;
	uint64_t failed[EXIT_ACCT_SLOTS]; /* VM entries that failed */
	uint64_t synthesised;
};

/** log_exits - read one of them */
bool log_exits(const struct record *r, struct exits *e);

/** log_slot - where a basic exit reason is counted */
static inline size_t log_slot(uint64_t reason)
{
	return reason < EXIT_ACCT_OTHER ? reason : EXIT_ACCT_OTHER;
}

/** log_unit - what that clock counts, for people */
const char *log_unit(const char *clock);
