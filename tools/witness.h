/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_WITNESS_H
#define TOOLS_WITNESS_H

#include <stdio.h>

#include "acct/exit_acct.h"

/* Who counts the exits of one run: two that are ours, two that are not. */
enum counter {
	BY_VM,			/* records `exits scope=vm' */
	BY_MODULE,		/* `exits scope=module', KVM only */
	BY_EMULATOR,		/* `emulator': its log of every VM exit, in Bochs only */
	BY_TRACE,		/* `trace': KVM's own of kvm_exit; for hv on KVM, the KVM
				   underneath's of kvm_nested_vmexit_inject */
	COUNTERS
};

/* What one of them counted; one slot for each reason, as exit_acct.h has it. */
struct tally {
	bool there;		/* it is read to its end */
	uint64_t exits[EXIT_ACCT_SLOTS];
	uint64_t failed[EXIT_ACCT_SLOTS];	/* VM entries that failed */
	uint64_t synthesised;	/* known to ours only */
	uint64_t total;		/* of exits, as it says itself */
};

struct witness_run {
	const char *file;
	bool kvm;		/* or hv */
	bool outer;		/* hv, and there is a KVM underneath that counted */
	const char *machine, *cause;
	struct tally by[COUNTERS];
	bool has_stats;
	uint64_t stats;		/* KVM's own statistic `exits', sum over vCPUs */
};

/**
 * witness_read - read the log of a run, and what the emulator counted in it
 * @log: the run's log
 * @other: what witness_count() wrote, or what the KVM under hv counted; NULL for a KVM
 *	on a machine that keeps no log
 * @run: filled in
 *
 * Returns false, after one line on stderr, if something is missing, cut short or
 * cannot be read.
 */
bool witness_read(const char *log, const char *other, struct witness_run *run);

/**
 * witness_lines - pick out of an emulator's log what witness_count() needs
 * @in: the log, as it comes: best a pipe
 * @out: gets the lines of VM exits, and those that say how the emulator ended
 *
 * Returns false, after one line on stderr, if it cannot be read.
 */
bool witness_lines(int in, FILE *out);

/**
 * witness_count - count the VM exits in an emulator's log, as it comes
 * @in: the log; all that is no VM exit is passed over
 * @out: gets `emulator' records
 *
 * Returns false, after one line on stderr, if a VM exit cannot be read.
 */
bool witness_count(FILE *in, FILE *out);

#endif /* TOOLS_WITNESS_H */
