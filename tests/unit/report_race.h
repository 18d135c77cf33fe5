/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPUs that race: threads that make exits and take the reports that are due, and what is
 * wrong with these when all have stopped. Once in test_report.c for the accounting as it is,
 * once in test_report_faults.c for one that is spoilt.
 */
#pragma once

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_print.h"

#define RACE_THREADS	4
#define RACE_EXITS	100000		/* of each, at most */

static struct exit_acct_vm race_vm;
static struct exit_acct_vcpu race_vcpu[RACE_THREADS];
static struct exit_acct_counters race_counters[RACE_THREADS];

/* Which multiples were reported, by whom does not matter. */
static unsigned int race_reported[RACE_THREADS * RACE_EXITS + 1];
static u64 race_exits;			/* that each thread makes */
static unsigned int race_running;	/* threads that have not stopped */
static pthread_barrier_t race_start;

/* Reports that are not as they should be. */
struct race {
	unsigned int missed, doubled, stray;
	unsigned int odd_sums;		/* the lines are fewer than the header, or than all exits */
	unsigned int went_back;		/* a line is less than in a report before it */
};

static struct race race_found;

static bool race_handled(u16 reason)
{
	(void)reason;
	return true;
}

static void race_add(unsigned int *to, unsigned int n)
{
	__atomic_add_fetch(to, n, __ATOMIC_RELAXED);
}

/* A vCPU alone is at the multiple; of several the others go on meanwhile. */
static void race_take(struct exit_acct_vcpu *v, struct exit_acct_report *last)
{
	u64 sum = 0, all = race_vm.nr_vcpus * race_exits;
	struct exit_acct_report r;
	unsigned int back = 0;

	exit_acct_report_take(v, 0, &r);
	race_add(&race_reported[r.total <= all ? r.total : 0], 1);
	for (u32 i = 0; i < EXIT_ACCT_SLOTS; i++) {
		sum += r.count[i];
		back += r.count[i] < last->count[i];
	}
	*last = r;
	race_add(&race_found.odd_sums,
		 race_vm.nr_vcpus == 1 ? sum != r.total : sum < r.total || sum > all);
	race_add(&race_found.went_back, !!back);
}

static void *race_run(void *arg)
{
	struct exit_acct_report last = { 0 };
	struct exit_acct_vcpu *v = arg;

	pthread_barrier_wait(&race_start);
	for (u64 n = 0; n < race_exits; n++) {
		if (exit_acct_exit(v, n % 50, n))
			race_take(v, &last);
		exit_acct_handled(v, n + 1);
		exit_acct_entry(v, n + 2);
		/* Now and then it sleeps. */
		while (!(n % 1009) && exit_acct_flush(v))
			race_take(v, &last);
	}
	while (exit_acct_flush(v))
		race_take(v, &last);
	race_add(&race_running, -1);
	return NULL;
}

/* So many threads with so many exits each, and what was wrong. */
static struct race race(unsigned int threads, u64 every, u64 exits)
{
	pthread_t thread[RACE_THREADS];

	memset(race_reported, 0, sizeof(race_reported));
	race_found = (struct race){ 0 };
	race_exits = exits;
	exit_acct_vm_init(&race_vm, EXIT_ACCT_TARGET_HV, EXIT_ACCT_MAP_DEFAULT, every,
			  race_handled);
	for (unsigned int i = 0; i < threads; i++)
		exit_acct_vcpu_init(&race_vcpu[i], &race_vm, &race_counters[i]);
	race_running = threads;
	pthread_barrier_init(&race_start, NULL, threads);
	for (unsigned int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, race_run, &race_vcpu[i]))
			abort();
	for (unsigned int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&race_start);
	race_found.stray = race_reported[0];
	for (u64 n = 1; n <= threads * exits; n++) {
		if (n % every)
			race_found.stray += race_reported[n];
		else
			race_found.missed += !race_reported[n];
		race_found.doubled += race_reported[n] > 1;
	}
	return race_found;
}
