/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_COMPARE_H
#define TOOLS_COMPARE_H

#include <stdio.h>

#include "tools/log.h"

#define COMPARE_VERSION	1	/* of CSV and JSON, docs/formats.md */

enum verdict {
	VERDICT_EQUAL,		/* same expectation, met on both */
	VERDICT_EXPLAINED,	/* expectations differ and say why; both met */
	VERDICT_BOUNDED,	/* asynchronous, within the bound on both */
	VERDICT_SKIPPED,	/* the CPU cannot do it: neither ran it */
	VERDICT_DIFFERS,
	VERDICTS
};

extern const char * const verdict_names[VERDICTS];

struct comparison {
	struct log log[TARGETS];	/* the same rows in both, in the same order */
	enum verdict *verdicts;		/* one for each row */
	size_t tally[VERDICTS];
};

/** row_met - does the row keep to its expectation on @target? */
bool row_met(const struct row *row, enum target target);

/** print_table - the table for people; @colour: with escape sequences */
void print_table(FILE *out, const struct comparison *c, bool colour);

/** print_csv - one line per row, the first one names the columns; of a struct comparison */
void print_csv(FILE *out, const void *comparison);

/** print_json - one object; of a struct comparison */
void print_json(FILE *out, const void *comparison);

#endif /* TOOLS_COMPARE_H */
