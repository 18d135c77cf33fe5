/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits of one reason, told apart by a number, on two hypervisors. */
#pragma once

#include "tools/detail.h"
#include "tools/log.h"

enum unlike_verdict {
	UNLIKE_EQUAL,			/* as many exits on both */
	UNLIKE_DIFFERS,
	UNLIKE_ONLY_HV,
	UNLIKE_ONLY_KVM,
	UNLIKE_REST,			/* what one has fewer of may be in its rest */
	UNLIKE_VERDICTS
};

/* What both have of a number. */
struct unlike_row {
	const struct detail *detail;	/* its counts and cycles by target, of all vCPUs */
	enum unlike_verdict verdict;
	const char *why;		/* if it is known; NULL */
	unsigned int note;		/* that says so, from 1 */
};

struct unlike {
	struct details all;		/* as they were read from both logs */
	struct unlike_row *rows;	/* by reason, those with most exits first */
	size_t nr, tally[UNLIKE_VERDICTS];
	size_t unknown;			/* those that are not equal, and nothing tells why */
	unsigned int notes;
	const struct log *logs;
};

/** unlike_compare - what is in @u->all; @logs: of both targets, with their rows */
void unlike_compare(struct unlike *u, const struct log logs[TARGETS]);

/** unlike_print - as a table on stdout */
void unlike_print(const struct unlike *u);

/** unlike_csv - @unlike, a struct unlike, as CSV */
void unlike_csv(FILE *out, const void *unlike);

/** unlike_json - the same as a JSON object, without an end of line */
void unlike_json(FILE *out, const struct unlike *u);
