/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was found of a hand-in: for each criterion whether it is met, one sentence, and
 * evidence. The file has a line for each criterion, and behind it one for each piece of evidence:
 *
 *	id=fastpath state=lost sentence="7 exits short, all of reason 52 …"
 *	evidence="burst running_timer: the hand-in has +0, the emulator's log 7"
 *
 * A criterion that is not looked at is `skipped', and its sentence says why.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CRITERIA(X)						\
	X(APPLIES, "applies")					\
	X(BUILDS, "builds")					\
	X(COUNT_TOTAL, "count-total")				\
	X(COUNT_REASON, "count-reason")				\
	X(FASTPATH, "fastpath")					\
	X(NO_DOUBLE, "no-double")				\
	X(CYCLES, "cycles")					\
	X(LEAF_REGISTERS, "leaf-registers")			\
	X(LEAF_UNDEFINED, "leaf-undefined")			\
	X(LEAF_DISABLED, "leaf-disabled")			\
	X(LEAF_OTHERS, "leaf-others")				\
	X(BOUNDS, "bounds")					\
	X(REPORT, "report")					\
	X(VCPUS, "vcpus")					\
	X(LIFE, "life")						\
	X(COST, "cost")

enum criterion {
#define X(name, id) CRITERION_##name,
	CRITERIA(X)
#undef X
	CRITERIA_NR
};

enum state { STATE_NONE, STATE_OK, STATE_SKIPPED, STATE_LOST };

#define SENTENCE_BYTES	400
#define EVIDENCE_MAX	6

struct finding {
	enum state state;
	char sentence[SENTENCE_BYTES];
	char evidence[EVIDENCE_MAX][SENTENCE_BYTES];
	size_t evidence_nr, more;	/* @more: that found no room */
};

struct findings {
	struct finding of[CRITERIA_NR];
};

/** criterion_id - its name in files */
const char *criterion_id(enum criterion c);

/** criterion_find - the one of that name, or CRITERIA_NR */
enum criterion criterion_find(const char *id);

/** state_name - "ok", "lost" or "skipped" */
const char *state_name(enum state state);

/**
 * finding_set - set state and sentence, if the criterion has no worse state yet
 *
 * Skipped is worse than ok, and lost than both: of two sentences of the same state the first
 * stays.
 */
void finding_set(struct findings *f, enum criterion c, enum state state, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** finding_evidence - a piece of evidence; what finds no room is counted */
void finding_evidence(struct findings *f, enum criterion c, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** findings_write - as the file has it */
void findings_write(const struct findings *f, FILE *out);

/** findings_read - the same back; false after one line on stderr that names @file and line */
bool findings_read(struct findings *f, const char *file);

/**
 * read_lines - hand out a text file's lines, without their ends
 * @wrong: what a line is that @take returns false for, for people
 * @to: for @take, which may write into the line, and not keep it
 *
 * Returns false after one line on stderr that names @file, and a wrong line with its number.
 */
bool read_lines(const char *file, const char *wrong, bool (*take)(void *to, char *line), void *to);
