/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exitstat --detail: exits of one reason told apart by a number (acct/exit_detail.h).
 *
 *	numbers.c	lists of numbers with their exits: sums, differences
 *	detail.c	reads them by the leaves; since the start, around a command, live
 *	show_detail.c	a table, CSV, JSON
 */
#pragma once

#include "acct/exit_detail.h"
#include "guest/linux/exitstat.h"

enum number_kind {
	NUMBER,			/* what it says */
	NUMBER_REST,		/* all those of the reason that found no place */
	NUMBER_NONE,		/* the reason says it all */
};

struct number {
	u32 reason;		/* a slot, as in a snapshot */
	enum number_kind kind;
	u64 number;		/* 0 if there is none */
	u64 count, handler;	/* exits; cycles */
	u32 more;		/* of pages in a table: so many behind it are in it */
};

/* Each (reason, kind, number) once, in this order, when numbers_sum() has been there. */
struct numbers {
	struct number *at;
	size_t nr, room;
	double seconds;		/* of a monotonic clock, or between two readings */
};

/** numbers_add - one more; it is a sum of nothing */
void numbers_add(struct numbers *n, const struct number *one);

/** numbers_add_all - all of another list */
void numbers_add_all(struct numbers *n, const struct numbers *other);

/** numbers_sum - put the list in order, and add up what is there twice */
void numbers_sum(struct numbers *n);

/**
 * numbers_subtract - what happened between two readings, both of which have been added up
 * @n: the later one, becomes it; never below 0
 * @before: the earlier one; what is not in it began at 0
 */
void numbers_subtract(struct numbers *n, const struct numbers *before);

/** numbers_free - empty it */
void numbers_free(struct numbers *n);

/* What of it is shown: EXIT_ACCT_SLOTS: every reason, or else that one. */
#define DETAIL_ALL	EXIT_ACCT_SLOTS

/**
 * detail_reason - the reason that somebody calls so, by number or by KVM's name
 *
 * Returns DETAIL_ALL, after one line on stderr, if there is none, or if nothing tells its exits
 * apart.
 */
u32 detail_reason(const char *text);

/**
 * detail_find - does the hypervisor tell exits apart?
 * @l: as found
 *
 * Returns false if not; @l->why says so, and how to have it do that.
 */
bool detail_find(struct leaves *l);

/* What somebody wants to see. */
struct detail_options {
	u32 reason;		/* or DETAIL_ALL */
	enum show_format format;
	bool vcpu;		/* detail_show_all(): each vCPU by itself */
};

/** detail_show_all - print all since the start */
void detail_show_all(struct leaves *l, const struct detail_options *o, FILE *to);

/** detail_command - print what happened while a command ran, as command_run() does */
int detail_command(struct leaves *l, const struct detail_options *o, char **argv, FILE *to);

/** detail_live - print what happened, interval by interval, as live_run() does */
void detail_live(struct leaves *l, const struct detail_options *o, double interval,
		 unsigned long times, FILE *to);

/**
 * detail_show - print numbers
 * @l: as found
 * @v: what they are; @v->s is not looked at, @v->vcpu is of whoever it is
 * @n: added up
 * @first: CSV: with the line that names the columns
 */
void detail_show(const struct leaves *l, const struct view *v, const struct numbers *n,
		 const struct detail_options *o, bool first, FILE *to);
