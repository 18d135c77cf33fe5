/* SPDX-License-Identifier: GPL-2.0-only */
/* The accounting as text: the periodic report, and tables of counters. */
#ifndef EXIT_PRINT_H
#define EXIT_PRINT_H

#include "exit_acct.h"

/* Where text goes: hv's console, the kernel log, a debugfs file, stdout. */
struct exit_acct_sink {
	void (*printf)(void *ctx, const char *fmt, ...) __printf(2, 3);
	void *ctx;
};

/* What a report says. */
struct exit_acct_report {
	u64 total;			/* the multiple */
	u64 tsc;			/* when it was taken */
	u64 skipped;			/* multiples before it that were not reported */
	u64 count[EXIT_ACCT_SLOTS];
};

/**
 * exit_acct_report_take - take the report that is due
 * @v: the vCPU that was told; its report_due is cleared
 * @tsc: TSC now, cycles
 * @r: filled in, with the counts as they are now
 */
void exit_acct_report_take(struct exit_acct_vcpu *v, u64 tsc, struct exit_acct_report *r);

/** exit_acct_report_skip - the report that is due is not printed: the next one says so */
void exit_acct_report_skip(struct exit_acct_vcpu *v);

/**
 * exit_acct_report_print - print a report
 * @r: the report
 * @now: function that returns the TSC, cycles
 * @sink: where to
 */
void exit_acct_report_print(const struct exit_acct_report *r, u64 (*now)(void),
			    const struct exit_acct_sink *sink);

/**
 * exit_acct_report - take and print the report that is due
 * @v: the vCPU that was told; its report_due is cleared
 * @now: function that returns the TSC, cycles
 * @sink: where to
 *
 * The time it takes is charged to no exit: the start of a round trip that is
 * still open moves by as much, forth or, if the TSC went back meanwhile, back.
 */
void exit_acct_report(struct exit_acct_vcpu *v, u64 (*now)(void),
		      const struct exit_acct_sink *sink);

/**
 * exit_acct_print - print counters as key=value lines, zero counts left out
 * @c: the counters
 * @scope: what they cover, one word: "guest", "vm", "vcpu0", "module"
 * @sink: where to
 */
void exit_acct_print(const struct exit_acct_counters *c, const char *scope,
		     const struct exit_acct_sink *sink);

#endif /* EXIT_PRINT_H */
