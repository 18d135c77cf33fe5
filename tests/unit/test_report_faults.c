// SPDX-License-Identifier: GPL-2.0-only
/* units: acct/exit_print.c acct/exit_reasons.c */
/*
 * The race of test_report.c would find an accounting whose operations on what all vCPUs
 * share are not atomic: here it is compiled with such, and every race has to show it.
 */
#include <sched.h>

#include "tests/unit/report_race.h"
#include "tests/unit/tap.h"

enum fault {
	NONE,
	NO_ATOMIC,		/* the running total: read, add, write */
	SEPARATE_READ,		/* the next multiple: read, compare, write */
};

static enum fault fault;

/* Between two halves another vCPU comes, unless all that still run are between them. */
static void window(enum fault of, const atomic64_t *a, s64 seen)
{
	static __thread unsigned int windows;
	static unsigned int waiting;

	if ((fault && fault != of) || ++windows > 1000)
		return;
	race_add(&waiting, 1);
	while (atomic64_read(a) == seen && READ_ONCE(waiting) < READ_ONCE(race_running))
		sched_yield();
	race_add(&waiting, -1);
}

static s64 add_return(s64 n, atomic64_t *a)
{
	s64 seen = atomic64_read(a);

	window(NO_ATOMIC, a, seen);
	if (fault != NO_ATOMIC)
		return atomic64_add_return(n, a);
	atomic64_set(a, seen + n);
	return seen + n;
}

static bool try_cmpxchg(atomic64_t *a, s64 *old, s64 n)
{
	s64 seen = atomic64_read(a);

	window(SEPARATE_READ, a, seen);
	if (fault != SEPARATE_READ)
		return atomic64_try_cmpxchg(a, old, n);
	if (seen != *old) {
		*old = seen;
		return false;
	}
	atomic64_set(a, n);
	return true;
}

#undef atomic64_add_return
#define atomic64_add_return add_return
#undef atomic64_try_cmpxchg
#define atomic64_try_cmpxchg try_cmpxchg
#include "acct/exit_acct.c"

int main(void)
{
	static const char *const names[] = { "sound", "no atomic", "separate read" };
	static const unsigned int threads[] = { 2, 4 };
	static const u64 intervals[] = { 1, 64, 100, 10000 };

	for (fault = NONE; fault <= SEPARATE_READ; fault++) {
		for (size_t i = 0; i < 2 * 4; i++) {
			u64 every = intervals[i % 4];
			u64 exits = every > 1 ? RACE_EXITS : RACE_EXITS / 10;
			struct race r = race(threads[i / 4], every, exits);

			ok(!(r.missed + r.doubled) == !fault && !r.stray && !r.odd_sums,
			   "%s: %u vCPUs, every %llu: %u missed, %u doubled", names[fault],
			   threads[i / 4], (unsigned long long)every, r.missed, r.doubled);
		}
	}
	return done();
}
