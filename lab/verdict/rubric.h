/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Points: a table in a text file, a line each, `id points words'. The line `leaves' has in the
 * place of points the map of leaves that is graded (s21, f21, f22, none). What begins with # is
 * for people. A criterion that is not in the table is not graded.
 */
#pragma once

#include <stdbool.h>
#include "lab/findings.h"

#define RUBRIC_WORDS	100

struct rubric {
	bool graded[CRITERIA_NR];
	unsigned int points[CRITERIA_NR];
	char words[CRITERIA_NR][RUBRIC_WORDS];
	char leaves[8];
};

/** rubric_read - read one; false after one line on stderr that names file and line */
bool rubric_read(struct rubric *r, const char *file);

/* What comes of a rubric and findings. */
struct verdict {
	const struct rubric *rubric;
	const struct findings *findings;
	unsigned int points, of;	/* of what was looked at */
	unsigned int skipped;		/* points of what was not */
	bool lost;			/* is some criterion that is graded not met? */
	const char *name;		/* of the hand-in */
};

/** verdict_make - count */
struct verdict verdict_make(const struct rubric *r, const struct findings *f, const char *name);

/* The outputs, as functions for tool_write(): result.json, results.json, report.md, terminal. */
void verdict_json(FILE *out, const void *verdict);
void verdict_gradescope(FILE *out, const void *verdict);
void verdict_markdown(FILE *out, const void *verdict);
void verdict_text(FILE *out, const void *verdict);
