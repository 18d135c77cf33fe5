// SPDX-License-Identifier: GPL-2.0-only
/* units: acct/exit_acct.c */
/*
 * The periodic report: at every multiple, once, with the right sums, charged to
 * no exit; from one vCPU exactly, from several racing ones none missed or doubled.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_acct.h"
#include "tap.h"

#define THREADS		4
#define PER_THREAD	100000

static struct exit_acct_vm vm;
static struct exit_acct_vcpu vcpu[THREADS];
static struct exit_acct_counters counters[THREADS];

static bool handle_all(u16 reason)
{
	(void)reason;
	return true;
}

static char text[4096];

static void collect(void *ctx, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	(void)ctx;
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof(text) - used, fmt, ap);
	va_end(ap);
}

static const struct exit_acct_sink sink = { collect, NULL };

/* A clock that a report finds 1,000 cycles further each time it looks. */
static u64 clock_now;

static u64 slow_clock(void)
{
	return clock_now += 1000;
}

static void fresh(u64 every, unsigned int vcpus)
{
	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_HV, EXIT_ACCT_MAP_DEFAULT, every, handle_all);
	for (unsigned int i = 0; i < vcpus; i++)
		exit_acct_vcpu_init(&vcpu[i], &vm, &counters[i]);
}

static void test_exact(void)
{
	static const u64 intervals[] = { 1, 2, 7, 63, 64, 65, 100, 127, 128, 10000 };
	char name[64];

	for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		u64 every = intervals[i];
		unsigned int wrong = 0;

		fresh(every, 1);
		for (u64 n = 1; n <= 30011; n++) {
			bool due = exit_acct_exit(&vcpu[0], n % 60, n);

			wrong += due != (n % every == 0);
			wrong += due && vcpu[0].report_due != n;
		}
		snprintf(name, sizeof(name), "one vCPU: due at each multiple of %llu exactly",
			 (unsigned long long)every);
		is_u64(name, wrong, 0);
	}
	fresh(0, 1);
	for (u64 n = 1; n <= 100000; n++)
		if (exit_acct_exit(&vcpu[0], 10, n))
			break;
	is_u64("report=0: never", vcpu[0].report_due, 0);
}

static void test_text(void)
{
	fresh(10, 1);
	for (unsigned int n = 0; n < 9; n++)
		exit_acct_exit(&vcpu[0], n < 6 ? 30 : 10, 0);
	ok(exit_acct_exit(&vcpu[0], 200, 0), "the tenth exit is due");
	exit_acct_handled(&vcpu[0], 50);
	clock_now = 100;
	exit_acct_report(&vcpu[0], slow_clock, &sink);
	ok(!strcmp(text, "=== VM exits: total=10 tsc=1100 ===\n"
			 "VM exit 10 (CPUID): 3\n"
			 "VM exit 30 (I/O instruction): 6\n"
			 "VM exit other (other): 1\n"
			 "=== VM exits: end tsc=2100 ===\n"), "the report, line by line");
	exit_acct_entry(&vcpu[0], 2060);
	is_u64("its time is not in the round trip",
	       counters[0].slot[EXIT_ACCT_OTHER].round_trip, 60);
	is_u64("nor in the handler's", counters[0].slot[EXIT_ACCT_OTHER].handler, 50);
	is_u64("nothing is due after it", vcpu[0].report_due, 0);
}

/* Which multiples were reported, by whom does not matter. */
static unsigned int reported[THREADS * PER_THREAD + 1];

static void *run_vcpu(void *arg)
{
	struct exit_acct_vcpu *v = arg;

	for (u64 n = 0; n < PER_THREAD; n++) {
		if (exit_acct_exit(v, n % 50, n))
			__atomic_add_fetch(&reported[v->report_due], 1, __ATOMIC_RELAXED);
		exit_acct_handled(v, n + 1);
		exit_acct_entry(v, n + 2);
	}
	return NULL;
}

static void race(u64 every)
{
	unsigned int missed = 0, doubled = 0, stray = 0;
	pthread_t thread[THREADS];
	char name[80];

	memset(reported, 0, sizeof(reported));
	fresh(every, THREADS);
	for (unsigned int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, run_vcpu, &vcpu[i]))
			abort();
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	/* What a vCPU has not handed in yet, up to a batch each, may lack its report. */
	for (u64 n = 1; n <= THREADS * PER_THREAD; n++) {
		if (n % every)
			stray += reported[n];
		else if (n <= THREADS * (PER_THREAD - EXIT_ACCT_BATCH))
			missed += !reported[n];
		doubled += reported[n] > 1;
	}
	snprintf(name, sizeof(name), "%d racing vCPUs, every %llu: none missed", THREADS,
		 (unsigned long long)every);
	is_u64(name, missed, 0);
	is_u64("none doubled", doubled, 0);
	is_u64("none that is not a multiple", stray, 0);
}

int main(void)
{
	test_exact();
	test_text();
	race(10000);
	race(1000);
	race(64);
	race(7);
	return done();
}
