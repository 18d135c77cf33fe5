/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOLS_WITNESS_H
#define TOOLS_WITNESS_H

#include "tools/log.h"

/* Who counts the exits of one run: two that are ours, two that are not. */
enum counter {
	BY_VM,			/* records `exits scope=vm' */
	BY_MODULE,		/* `exits scope=module', KVM only */
	BY_EMULATOR,		/* `emulator': its log of every VM exit, in Bochs only */
	BY_TRACE,		/* `trace': KVM's own of kvm_exit; for hv on KVM, the KVM
				   underneath's of kvm_nested_vmexit_inject */
	COUNTERS
};

struct witness_run {
	struct log log;
	bool outer;		/* hv, and there is a KVM underneath that counted */
	struct exits by[COUNTERS];
	bool has_stats;
	uint64_t stats;		/* KVM's own statistic `exits', sum over vCPUs */
};

/**
 * witness_read - read the log of a run, and what the emulator counted in it
 * @file: the run's log
 * @other: what `witness --count' wrote, or what the KVM under hv counted; NULL for a KVM
 *	on a machine that keeps no log
 * @run: filled in
 *
 * Returns false, after one line on stderr, if something is missing, cut short or
 * cannot be read.
 */
bool witness_read(const char *file, const char *other, struct witness_run *run);

#endif /* TOOLS_WITNESS_H */
