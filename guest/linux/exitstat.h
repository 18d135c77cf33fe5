/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exitstat: what a Linux guest can read of its own VM exits, shown from CPL 3.
 *
 *	leaves.c	finds the leaves, reads them, takes differences
 *	check.c		do the leaves keep their rules?
 *	show.c		a table, CSV, JSON
 *	detail.c	exits of one reason told apart (detail.h)
 *	vcpus.c		each vCPU by itself
 *	live.c		again and again, like top
 *	vms.c		where there are no leaves, but debugfs: on the host, whose VMs it has
 *	host.c		those VMs, one by one
 *	command.c	around one command
 *	exitstat.c	options
 *
 * Each read of a leaf is a CPUID, and so an exit itself: all of them go through
 * leaf_read(), which counts them. The leaves are about the whole VM, so it does
 * not matter on which CPU they are read.
 */
#pragma once

#include <stdio.h>
#include "acct/exit_leaves.h"

/* Of the program's output; raised when a reader would notice. */
#define EXITSTAT_VERSION	1

enum exitstat_code {
	EXITSTAT_OK		= 0,
	EXITSTAT_CHECK_FAILED	= 1,	/* also: output that cannot be written */
	EXITSTAT_NO_LEAVES	= 3,	/* nobody answers, or under another map */
	EXITSTAT_USAGE		= 64,
};

struct leaves {
	/* The one way to the processor; a test has its own. */
	void (*cpuid)(u32 leaf, u32 subleaf, struct exit_acct_regs *out);
	u64 reads;			/* CPUIDs so far, each of them an exit */
	bool extension;			/* or else the course's four leaves alone */
	bool handler;			/* cycles of each reason are known */
	u32 target;			/* enum exit_acct_target, 0: unknown */
	enum exit_acct_map map;
	u32 vcpus;			/* 0: unknown */
	u32 last;			/* the highest extension leaf */
	char why[160];			/* if there are none: one line that says so */
};

struct exit_row {
	u64 count;			/* exits */
	u64 handler, round_trip;	/* cycles */
	u64 failed;			/* failed entries, by basic reason */
};

/* One reading of all counters, or the difference of two. */
struct snapshot {
	struct exit_row row[EXIT_ACCT_SLOTS];
	u64 handler;			/* cycles of all reasons */
	u64 synthesised;
	u64 handler_lost, round_trip_lost;	/* times that are not known, of all reasons */
	double seconds;			/* of a monotonic clock */
	/* leaves.reads, up to and with the one that read each figure of CPUID. */
	struct {
		u64 count, handler, round_trip;
	} own;
};

/* Cycles that one read of a leaf adds to those of CPUID. */
struct read_cost {
	u64 handler, round_trip;
};

/**
 * leaves_find - look for the leaves
 * @l: cpuid is set, all else zero
 * @map: read the course's leaves under this map and no other;
 *       EXIT_ACCT_NR_MAPS: whatever is there, the extension range first
 *
 * Returns whether there are any; if not, @l->why says so.
 */
bool leaves_find(struct leaves *l, enum exit_acct_map map);

/** leaf_read - one CPUID, counted in @l->reads */
struct exit_acct_regs leaf_read(struct leaves *l, u32 leaf, u32 subleaf);

/** total_read - all exits; without the extension the low 32 bits of them */
u64 total_read(struct leaves *l);

/** pair - two halves of a 64-bit value */
static inline u64 pair(u32 low, u32 high)
{
	return (u64)high << 32 | low;
}

/**
 * snapshot_take - read all counters
 * @l: as found
 * @s: filled in
 * @cpuid_first: read CPUID's own counters first, not last: of two readings the
 *               first calls for last, so that the fewest reads lie in between
 */
void snapshot_take(struct leaves *l, struct snapshot *s, bool cpuid_first);

/**
 * snapshot_difference - what happened between two readings
 * @l: as found
 * @a: the earlier one
 * @b: the later one
 * @cost: of one read
 * @d: filled in; counts are without the exits that the reads of @l between the
 *     two raised (exact), cycles without what those cost (as far as it is known)
 *
 * Returns the number of exits that were taken off.
 */
u64 snapshot_difference(const struct leaves *l, const struct snapshot *a,
			const struct snapshot *b, const struct read_cost *cost,
			struct snapshot *d);

/** snapshot_total - the sum over all reasons */
struct exit_row snapshot_total(const struct snapshot *s);

/** read_cost_measure - the cost of one read, the smallest of several */
struct read_cost read_cost_measure(struct leaves *l);

/**
 * leaves_check - read leaves whose answers must fit each other exactly
 * @l: as found
 * @to: where the result goes, three lines
 *
 * Returns false if a rule was broken.
 */
bool leaves_check(struct leaves *l, FILE *to);

enum show_format { SHOW_TABLE, SHOW_CSV, SHOW_JSON };
enum show_kind { SHOW_SINCE_START, SHOW_COMMAND, SHOW_INTERVAL };

/* What is shown, and what belongs to it. */
struct view {
	enum show_kind kind;
	const struct snapshot *s;
	const struct snapshot *since_start;	/* SHOW_INTERVAL: a column more */
	u64 own;		/* SHOW_SINCE_START: own exits in there, else: taken off */
	int exit_code;		/* SHOW_COMMAND: the command's */
	unsigned int lines;	/* the table's height at most, 0: whatever it takes */
	const struct vm *vm;	/* one that this host runs; NULL: the one that we are in */
	int vcpu;		/* of @vm: one of its vCPUs, or -1 */
	const u32 *untold;	/* --detail: vCPUs without a table, which are left out */
	u32 untold_nr;
};

/**
 * show - print counters
 * @l: as found
 * @v: which
 * @format: how
 * @first: CSV: with the line that names the columns
 * @to: where to
 */
void show(const struct leaves *l, const struct view *v, enum show_format format, bool first,
	  FILE *to);

/** show_head - a table's first line: what is shown, and of whom */
void show_head(const struct leaves *l, const struct view *v, const char *by, FILE *to);

/** show_own - its last lines: what is exitstat's own, @about so many, and a command's end */
void show_own(const struct view *v, const char *about, FILE *to);

/** show_csv_begin - what every line of CSV begins with; @by_vcpu: there is a column of vCPUs */
void show_csv_begin(const struct view *v, bool by_vcpu, char *begin, size_t size);

/** show_json_begin - what an object begins with, up to the first of its rows */
void show_json_begin(const struct leaves *l, const struct view *v, bool by_vcpu, FILE *to);

/**
 * vcpus_table - print counts of vCPUs side by side
 * @head: whose they are; lines as in show()
 * @id: their numbers
 * @each: @nr snapshots
 */
void vcpus_table(const struct leaves *l, const struct view *head, const u32 *id,
		 const struct snapshot *each, u32 nr, FILE *to);

/**
 * vcpus_show - print the counters of each vCPU
 * @format: a table, or CSV
 *
 * Returns false if this hypervisor does not tell them apart.
 */
bool vcpus_show(struct leaves *l, enum show_format format, FILE *to);

/* What is shown again and again. */
struct live {
	double interval;		/* seconds between two */
	unsigned long times;		/* how many, 0: until q or a signal */
	bool table;			/* on a terminal it fills the screen */
	/*
	 * Read, and print what happened since it was last called: in the call @n, from 0 on, of
	 * which the first only reads but on a screen, of @lines lines; elsewhere that is 0.
	 * Returns whether to go on.
	 */
	bool (*round)(void *ctx, unsigned long n, unsigned int lines, FILE *to);
	void *ctx;
};

/** live_loop - do so */
void live_loop(const struct live *live, FILE *to);

/**
 * live_run - print what happened, interval by interval
 * @l: as found
 * @interval: seconds between two
 * @times: how many, 0: until q or a signal
 * @format: a table fills the screen if @to is a terminal
 * @to: where to
 */
void live_run(struct leaves *l, double interval, unsigned long times, enum show_format format,
	      FILE *to);

/** monotonic - seconds of a clock that nobody sets */
double monotonic(void);

/* What is read around a command. */
struct around {
	void (*before)(void *ctx);
	void (*after)(void *ctx);
	/* Not if the command could not be started. */
	void (*show)(void *ctx, int exit_code, FILE *to);
	void *ctx;
};

/**
 * command_around - run a command, and read before and after it
 * @argv: the command, searched in PATH
 * @to: where to show it
 *
 * Returns the command's exit code as a shell has it: 128 + signal, 127 not
 * found, 126 found and not started.
 */
int command_around(const struct around *a, char **argv, FILE *to);

/** command_run - print what happened while a command ran; returns as command_around() */
int command_run(struct leaves *l, char **argv, enum show_format format, FILE *to);
