// SPDX-License-Identifier: GPL-2.0-only
/* units: acct/exit_acct.c acct/exit_kvm.c acct/exit_print.c acct/exit_reasons.c */
/*
 * The periodic report: at every multiple, once, with the right sums, charged to
 * no exit; from one vCPU exactly, from several none missed or doubled once they
 * sleep, in every order of their exits and in a race.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_print.h"
#include "tests/unit/report_race.h"
#include "tests/unit/tap.h"

#define THREADS		4

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

static void test_skip(void)
{
	fresh(5, 1);
	for (unsigned int n = 0; n < 17; n++)
		if (exit_acct_exit(&vcpu[0], 10, 0) && n < 12)
			exit_acct_report_skip(&vcpu[0]);
	clock_now = 100;
	text[0] = 0;
	exit_acct_report(&vcpu[0], slow_clock, &sink);
	ok(!strcmp(text, "=== VM exits: total=15 tsc=1100 skipped=2 ===\n"
			 "VM exit 10 (CPUID): 17\n"
			 "=== VM exits: end tsc=2100 ===\n"),
	   "a report says how many were skipped");
	for (unsigned int n = 0; n < 3; n++)
		exit_acct_exit(&vcpu[0], 10, 0);
	text[0] = 0;
	exit_acct_report(&vcpu[0], slow_clock, &sink);
	ok(strstr(text, "total=20 tsc=4100 ===\n"), "once");
}

/* The TSC began anew while a report was printed. */
static u64 broken_clock(void)
{
	return clock_now -= 1000000;
}

static void test_backward(void)
{
	fresh(1, 1);
	exit_acct_exit(&vcpu[0], 30, 5000000);
	exit_acct_handled(&vcpu[0], 5000050);
	clock_now = 6000100;
	exit_acct_report(&vcpu[0], broken_clock, &sink);
	exit_acct_entry(&vcpu[0], 3000110);
	is_u64("a TSC that goes back during a report spoils no round trip",
	       counters[0].slot[30].round_trip, 110);
}

/* Several vCPUs, one after the other in an order that is known */

static u64 done_exits, done_reports, early, late, wrong_multiple;

/* The vCPU prints what is due; the multiples must come one by one, when they are met. */
static void print_reports(struct exit_acct_vcpu *v, bool due)
{
	while (due || exit_acct_flush(v)) {
		done_reports++;
		wrong_multiple += v->report_due != done_reports * vm.report_every;
		early += v->report_due > done_exits;
		v->report_due = 0;
		due = false;
	}
}

static void exits(struct exit_acct_vcpu *v, u64 n)
{
	while (n--) {
		bool due = exit_acct_exit(v, 10, 0);

		done_exits++;
		if (due) {
			done_reports++;
			wrong_multiple += v->report_due != done_reports * vm.report_every;
			early += v->report_due > done_exits;
			v->report_due = 0;
		}
	}
}

static void sleeps(struct exit_acct_vcpu *v)
{
	print_reports(v, false);
	late += done_reports != done_exits / vm.report_every;
}

static void fresh_order(u64 every, unsigned int vcpus)
{
	fresh(every, vcpus);
	done_exits = done_reports = early = late = wrong_multiple = 0;
}

static void test_orders(void)
{
	static const u64 intervals[] = { 1, 3, 64, 100, 1000, 10000 };
	u64 seed = 1;
	char name[120];

	fresh_order(100, 2);
	exits(&vcpu[0], 63);
	exits(&vcpu[1], 63);
	is_u64("every 100, 63 exits of each of two vCPUs: a report, without a flush", done_reports,
	       1);
	fresh_order(100, 2);
	exits(&vcpu[0], 51);
	exits(&vcpu[1], 49);
	is_u64("the hundredth exit ends no batch: no report yet", done_reports, 0);
	sleeps(&vcpu[1]);
	is_u64("it is there when that vCPU sleeps", done_reports, 1);
	fresh_order(100, 2);
	exits(&vcpu[0], 49);
	sleeps(&vcpu[0]);
	exits(&vcpu[1], 51);
	sleeps(&vcpu[1]);
	is_u64("what a vCPU did before it slept is not forgotten", done_reports, 1);
	fresh_order(100, 2);
	exits(&vcpu[0], 30);
	exit_acct_vcpu_remove(&vcpu[0]);
	exits(&vcpu[1], 70);
	sleeps(&vcpu[1]);
	is_u64("nor what one did that is gone", done_reports, 1);

	for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
		for (unsigned int vcpus = 1; vcpus <= THREADS; vcpus++) {
			fresh_order(intervals[i], vcpus);
			for (unsigned int turn = 0; turn < 20000; turn++) {
				struct exit_acct_vcpu *v;

				seed = seed * 6364136223846793005ull + 1442695040888963407ull;
				v = &vcpu[(seed >> 33) % vcpus];
				exits(v, (seed >> 40) % 100);
				if (!((seed >> 50) % 8))
					sleeps(v);
			}
			for (unsigned int n = 0; n < vcpus; n++)
				sleeps(&vcpu[n]);
			snprintf(name, sizeof(name), "%u vCPUs in any order, every %llu: none "
				 "missing when one sleeps, none early, none twice", vcpus,
				 (unsigned long long)intervals[i]);
			is_u64(name, early + late + wrong_multiple, 0);
		}
	}
}

/* The running total is everybody's: who changes it, and how often? */
static void test_touches(void)
{
	static struct exit_acct_vcpu many[200];
	static struct exit_acct_counters theirs[200];
	u64 touches = 0, last = 0, most = 0;

	fresh(1000000, 4);
	for (u64 n = 1; n <= 64000; n++) {
		s64 before = vm.total.counter;

		exit_acct_exit(&vcpu[n % 4], 10, 0);
		touches += vm.total.counter != before;
	}
	is_u64("far from the multiple: once in 64 exits", touches, 1000);
	for (u64 n = 64001; n < 999000; n++)
		exit_acct_exit(&vcpu[n % 4], 10, 0);
	ok(vm.total.counter <= 999000 && vm.total.counter > 999000 - 4 * EXIT_ACCT_BATCH,
	   "it lags by less than a batch each");
	touches = 0;
	for (u64 n = 999000; n < 1000000; n++) {
		s64 before = vm.total.counter;

		exit_acct_exit(&vcpu[n % 4], 10, 0);
		touches += vm.total.counter != before;
	}
	/* A batch is a part of what is left: that halves in so many batches of each. */
	ok(touches < 80, "in the last 1,000 exits: %llu times", (unsigned long long)touches);

	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_HV, EXIT_ACCT_MAP_DEFAULT, 1000, handle_all);
	for (unsigned int i = 0; i < 200; i++)
		exit_acct_vcpu_init(&many[i], &vm, &theirs[i]);
	for (u64 n = 0; n < 200 * 1000; n++) {
		s64 before = vm.total.counter;

		exit_acct_exit(&many[0], 10, 0);
		if (vm.total.counter == before)
			continue;
		if (last && (!most || n - last < most))
			most = n - last;
		last = n;
	}
	ok(most >= 200 / 8, "of 200 vCPUs, one looks at all not sooner than after %llu exits",
	   (unsigned long long)most);
}

/* Racing threads: all that is wrong with their reports has to be nothing. */
static void test_race(unsigned int threads, u64 every)
{
	struct race r = race(threads, every, every < 10 ? RACE_EXITS / 10 : RACE_EXITS);
	char name[80];

	snprintf(name, sizeof(name), "%u racing vCPUs, every %llu: none missed", threads,
		 (unsigned long long)every);
	is_u64(name, r.missed, 0);
	is_u64("none doubled", r.doubled, 0);
	is_u64("none that is not a multiple", r.stray, 0);
	is_u64("each has as many exits as it says, and no more than there are", r.odd_sums, 0);
	is_u64("of no reason fewer than before", r.went_back, 0);
}

int main(void)
{
	test_exact();
	test_text();
	test_skip();
	test_backward();
	test_orders();
	test_touches();
	for (unsigned int threads = 1; threads <= RACE_THREADS; threads *= 2) {
		test_race(threads, 10000);
		test_race(threads, 100);
		test_race(threads, 64);
		test_race(threads, 1);
	}
	test_race(RACE_THREADS, 100003);
	test_race(RACE_THREADS, 7);
	return done();
}
