// SPDX-License-Identifier: GPL-2.0-only
/* units: acct/exit_acct.c acct/exit_kvm.c acct/exit_print.c acct/exit_reasons.c */
/*
 * The shared accounting: counting rules, both clocks, a TSC that goes back, extremes,
 * histogram, sums over vCPUs. Times are made up here, so every expectation is exact.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_print.h"
#include "tests/unit/tap.h"

static bool handle_all(u16 reason)
{
	(void)reason;
	return true;
}

static struct exit_acct_vm vm;
static struct exit_acct_vcpu vcpu[2];
static struct exit_acct_counters counters[2], sum;

static void fresh(unsigned int vcpus)
{
	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_HV, EXIT_ACCT_MAP_DEFAULT, 0, handle_all);
	for (unsigned int i = 0; i < vcpus; i++)
		exit_acct_vcpu_init(&vcpu[i], &vm, &counters[i]);
}

/* One whole exit: handler takes @handler cycles, VM entry follows @rest later. */
static void whole_exit(struct exit_acct_vcpu *v, u16 reason, u64 at, u64 handler, u64 rest)
{
	exit_acct_exit(v, reason, at);
	exit_acct_handled(v, at + handler);
	exit_acct_entry(v, at + handler + rest);
}

/* Spelled out once more, as the specification has it, to pin the list. */
static bool pinned_defined(u32 r)
{
	return r <= 34 || r == 36 || r == 37 || (r >= 39 && r <= 41) ||
	       (r >= 43 && r <= 70) || (r >= 72 && r <= 81) || r == 84 || r == 85;
}

static void test_list(void)
{
	static const u32 rows[] = {
#define X(number, name, sdm_name, class) number,
		VMX_EXIT_REASONS_LIST(X)
#undef X
	};
	unsigned int wrong = 0, unsorted = 0;

	for (u32 r = 0; r < 70000; r++)
		wrong += exit_acct_defined(r) != pinned_defined(r);
	wrong += exit_acct_defined(0x80000000u) + exit_acct_defined(0xffffffffu);
	is_u64("defined reasons are those of the SDM's table", wrong, 0);
	for (size_t i = 1; i < sizeof(rows) / sizeof(rows[0]); i++)
		unsorted += rows[i] <= rows[i - 1];
	is_u64("the list is in order and names no reason twice", unsorted, 0);
	ok(!strcmp(exit_acct_name(30), "IO_INSTRUCTION") &&
	   !strcmp(exit_acct_sdm_name(30), "I/O instruction"), "reason 30 has its two names");
	ok(!strcmp(exit_acct_name(35), "OTHER") && !strcmp(exit_acct_name(0xffffffff), "OTHER"),
	   "a reason out of the list has the name of the other slot");
}

static void test_counting(void)
{
	unsigned int wrong = 0;

	fresh(1);
	for (u32 r = 0; r < 65536; r++)
		whole_exit(&vcpu[0], r, 1000, 10, 1);
	for (u32 i = 0; i < EXIT_ACCT_OTHER; i++)
		wrong += counters[0].slot[i].count != 1;
	is_u64("each reason of 0..85 is counted in its own slot, once", wrong, 0);
	is_u64("every reason beyond the table is counted as other",
	       counters[0].slot[EXIT_ACCT_OTHER].count, 65536 - EXIT_ACCT_OTHER);
	is_u64("the total is the sum", exit_acct_total(&counters[0]), 65536);
	exit_acct_exit(&vcpu[0], 10, 0);
	is_u64("the count is up before the handler runs", counters[0].slot[10].count, 2);
	is_u64("the cycles are not", counters[0].slot[10].handler, 10);
}

static void test_clocks(void)
{
	const struct exit_acct_slot *s = &counters[0].slot[30];

	fresh(1);
	exit_acct_entry(&vcpu[0], 5000);
	is_u64("the first entry is charged to no exit", exit_acct_total(&counters[0]), 0);
	whole_exit(&vcpu[0], 30, 10000, 300, 50);
	whole_exit(&vcpu[0], 30, 20000, 100, 7);
	whole_exit(&vcpu[0], 30, 30000, 200, 1);
	is_u64("handler cycles", s->handler, 600);
	is_u64("round-trip cycles", s->round_trip, 658);
	is_u64("smallest handler time", s->min, 100);
	is_u64("largest handler time", s->max, 300);
	is_u64("histogram: 100 is in bucket 6", s->hist[6], 1);
	is_u64("histogram: 200 is in bucket 7", s->hist[7], 1);
	is_u64("histogram: 300 is in bucket 8", s->hist[8], 1);
	whole_exit(&vcpu[0], 12, 40000, 0, 1ull << 40);
	whole_exit(&vcpu[0], 12, 40000, 1, 0);
	is_u64("histogram: 0 and 1 share bucket 0", counters[0].slot[12].hist[0], 2);
	is_u64("a handler time of 0 is the smallest", counters[0].slot[12].min, 0);
	is_u64("a sleep of 2^40 cycles is in the round trip",
	       counters[0].slot[12].round_trip, (1ull << 40) + 1);
}

/* All that was counted of reason 12, as one line. */
static bool slot_is(u64 handler, u64 round_trip, u64 min, u64 max, u64 in_hist, u64 handler_lost,
		    u64 round_trip_lost)
{
	const struct exit_acct_slot *s = &counters[0].slot[12];
	u64 times = 0;

	for (u32 b = 0; b < EXIT_ACCT_BUCKETS; b++)
		times += s->hist[b];
	return s->handler == handler && s->round_trip == round_trip && s->min == min &&
	       s->max == max && times == in_hist && s->handler_lost == handler_lost &&
	       s->round_trip_lost == round_trip_lost;
}

static void test_backward(void)
{
	fresh(1);
	/* The vCPU wakes on a CPU whose TSC is 1,000 cycles behind. */
	exit_acct_exit(&vcpu[0], 12, 5000);
	exit_acct_handled(&vcpu[0], 5030);
	exit_acct_entry(&vcpu[0], 4999);
	ok(slot_is(30, 0, 30, 30, 1, 0, 1), "woken where the TSC is behind: a lost round trip");
	exit_acct_exit(&vcpu[0], 12, 4000);
	exit_acct_handled(&vcpu[0], 3999);
	exit_acct_entry(&vcpu[0], 4100);
	ok(slot_is(30, 100, 30, 30, 1, 1, 1),
	   "moved there by its handler: the handler's time is lost, and spoils nothing");
	/* The host sleeps, and its TSC begins anew. */
	exit_acct_exit(&vcpu[0], 12, 1ull << 62);
	exit_acct_handled(&vcpu[0], 20);
	exit_acct_entry(&vcpu[0], 40);
	ok(slot_is(30, 100, 30, 30, 1, 2, 2), "a TSC that began anew: both are lost");
	is_u64("such exits are counted", counters[0].slot[12].count, 3);
	whole_exit(&vcpu[0], 12, 100, 50, 10);
	ok(slot_is(80, 160, 30, 50, 2, 2, 2), "what comes after is measured as ever");
	whole_exit(&vcpu[0], 12, 0, (1ull << 63) - 1, 0);
	ok(slot_is(80 + (1ull << 63) - 1, 160 + (1ull << 63) - 1, 30, (1ull << 63) - 1, 3, 2, 2),
	   "the longest time that there can be");
	exit_acct_exit(&vcpu[0], 12, ~0ull - 9);
	exit_acct_handled(&vcpu[0], 10);
	exit_acct_entry(&vcpu[0], 20);
	ok(counters[0].slot[12].hist[4] == 2 && counters[0].slot[12].handler_lost == 2,
	   "a TSC that wraps does not go back");

	fresh(1);
	exit_acct_exit(&vcpu[0], 12, 100);
	exit_acct_handled(&vcpu[0], 200);
	exit_acct_failed_entry(&vcpu[0], 33);
	exit_acct_handled(&vcpu[0], 50);
	exit_acct_entry(&vcpu[0], 50);
	ok(slot_is(100, 0, 100, 100, 1, 0, 0), "what is no exit's time is none that is lost");

	fresh(2);
	exit_acct_exit(&vcpu[0], 12, 100);
	exit_acct_handled(&vcpu[0], 99);
	exit_acct_entry(&vcpu[0], 98);
	exit_acct_exit(&vcpu[1], 12, 100);
	exit_acct_handled(&vcpu[1], 105);
	exit_acct_entry(&vcpu[1], 99);
	exit_acct_sum(&vm, &sum);
	is_u64("sum over vCPUs: handler times lost", sum.slot[12].handler_lost, 1);
	is_u64("sum over vCPUs: round trips lost", sum.slot[12].round_trip_lost, 2);
}

static void test_end(void)
{
	fresh(1);
	whole_exit(&vcpu[0], 12, 1000, 40, 10);
	exit_acct_exit(&vcpu[0], 12, 2000);
	exit_acct_end(&vcpu[0], 2070);
	ok(slot_is(110, 50, 40, 70, 2, 0, 0),
	   "the last exit: its handler's time is added, a round trip it has none");
	exit_acct_end(&vcpu[0], 3000);
	ok(slot_is(110, 50, 40, 70, 2, 0, 0), "only once");

	fresh(1);
	exit_acct_exit(&vcpu[0], 12, 1000);
	exit_acct_handled(&vcpu[0], 1040);
	exit_acct_end(&vcpu[0], 9000);
	ok(slot_is(40, 0, 40, 40, 1, 0, 0), "an end after the handler's adds nothing");

	fresh(1);
	exit_acct_exit(&vcpu[0], 12, 1000);
	exit_acct_end(&vcpu[0], 900);
	ok(slot_is(0, 0, ~0ull, 0, 0, 1, 0), "a last exit whose time is lost");
	exit_acct_end(&vcpu[0], 5000);
	ok(slot_is(0, 0, ~0ull, 0, 0, 1, 0), "only once too");

	fresh(1);
	whole_exit(&vcpu[0], 12, 1000, 40, 10);
	exit_acct_failed_entry(&vcpu[0], 33);
	exit_acct_end(&vcpu[0], 5000);
	ok(slot_is(40, 50, 40, 40, 1, 0, 0), "an end by a failed entry is no exit's");
}

/*
 * The bucket of every power of two and its neighbours, found by dividing; the last one
 * is that of all longer times. Each time comes first, then again after a longer one.
 */
static void test_buckets(void)
{
	const struct exit_acct_slot *s = &counters[0].slot[1];
	const unsigned int last = EXIT_ACCT_BUCKETS - 1;
	unsigned int wrong = 0, wrong_again = 0, wrong_times = 0;

	for (unsigned int b = 0; b < 63; b++) {
		for (int d = -1; d <= 1; d++) {
			u64 cycles = (1ull << b) + d, v = cycles;
			unsigned int bucket = 0;

			while (v /= 2)
				bucket++;
			if (bucket > last)
				bucket = last;
			fresh(1);
			whole_exit(&vcpu[0], 1, 77, cycles, 0);
			wrong += s->hist[bucket] != 1;
			wrong_times += s->min != cycles || s->max != cycles || s->handler != cycles;
			whole_exit(&vcpu[0], 1, 0, 1ull << 62, 0);
			whole_exit(&vcpu[0], 1, 77, cycles, 0);
			wrong_again += s->hist[bucket] != (bucket == last ? 3 : 2);
			wrong_times += s->handler != cycles * 2 + (1ull << 62) ||
				       s->max != (cycles >> 62 ? cycles : 1ull << 62) ||
				       s->min != (cycles >> 62 ? 1ull << 62 : cycles);
		}
	}
	is_u64("histogram buckets at every power of two", wrong, 0);
	is_u64("a time that is none of the longest any more has the same bucket", wrong_again, 0);
	is_u64("sum and extremes of the shortest times and the longest", wrong_times, 0);
}

static void test_kept_apart(void)
{
	const struct exit_acct_slot *s = &counters[0].slot[10];

	fresh(1);
	whole_exit(&vcpu[0], 10, 1000, 40, 10);
	exit_acct_failed_entry(&vcpu[0], 33);
	exit_acct_failed_entry(&vcpu[0], 34);
	exit_acct_failed_entry(&vcpu[0], 41);
	exit_acct_failed_entry(&vcpu[0], 41);
	exit_acct_failed_entry(&vcpu[0], 0xffff);
	/* KVM calls its exit handler after a failed entry all the same. */
	exit_acct_handled(&vcpu[0], 9000);
	exit_acct_entry(&vcpu[0], 9999);
	exit_acct_vmfail(&vcpu[0]);
	exit_acct_handled(&vcpu[0], 12000);
	exit_acct_entry(&vcpu[0], 12001);
	is_u64("failed entries and VMfail are not exits", exit_acct_total(&counters[0]), 1);
	is_u64("failed entries have their own count, by reason", counters[0].failed[33], 1);
	is_u64("failed entries: machine check", counters[0].failed[41], 2);
	is_u64("failed entries: reason out of table", counters[0].failed[EXIT_ACCT_OTHER], 1);
	is_u64("they are charged to no exit (handler)", s->handler, 40);
	is_u64("they are charged to no exit (round trip)", s->round_trip, 50);
	is_u64("nor to its histogram", s->hist[5], 1);

	exit_acct_exit(&vcpu[0], 10, 20000);
	exit_acct_handled(&vcpu[0], 20040);
	exit_acct_synthesised(&vcpu[0], 20100);
	exit_acct_handled(&vcpu[0], 30000);
	exit_acct_entry(&vcpu[0], 30001);
	is_u64("a synthesised exit is not an exit", exit_acct_total(&counters[0]), 2);
	is_u64("it has its own count", counters[0].synthesised, 1);
	is_u64("it closes the round trip before it", s->round_trip, 150);
	is_u64("and adds no handler time", s->handler, 80);
}

static void test_sum(void)
{
	static struct exit_acct_counters retired;

	fresh(2);
	whole_exit(&vcpu[0], 10, 0, 40, 1);
	whole_exit(&vcpu[1], 10, 0, 60, 2);
	whole_exit(&vcpu[1], 31, 0, 5, 0);
	exit_acct_failed_entry(&vcpu[1], 33);
	exit_acct_sum(&vm, &sum);
	is_u64("sum over vCPUs: count", sum.slot[10].count, 2);
	is_u64("sum over vCPUs: handler", sum.slot[10].handler, 100);
	is_u64("sum over vCPUs: round trip", sum.slot[10].round_trip, 103);
	is_u64("sum over vCPUs: smallest", sum.slot[10].min, 40);
	is_u64("sum over vCPUs: largest", sum.slot[10].max, 60);
	is_u64("sum over vCPUs: failed entries", sum.failed[33], 1);
	is_u64("sum over vCPUs: total", exit_acct_total(&sum), 3);

	exit_acct_clear(&retired);
	exit_acct_vcpu_remove(&vcpu[1]);
	exit_acct_add(&retired, vcpu[1].counters);
	vm.retired = &retired;
	exit_acct_sum(&vm, &sum);
	is_u64("what a vCPU counted stays when it goes", exit_acct_total(&sum), 3);
	is_u64("its extremes too", sum.slot[10].max, 60);
	exit_acct_vcpu_remove(&vcpu[0]);
	vm.retired = NULL;
	exit_acct_sum(&vm, &sum);
	is_u64("a VM without vCPUs counts nothing", exit_acct_total(&sum), 0);
}

/* Text is collected here. */
static char text[65536];

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

static void test_print(void)
{
	fresh(1);
	whole_exit(&vcpu[0], 30, 0, 300, 50);
	whole_exit(&vcpu[0], 30, 0, 100, 50);
	whole_exit(&vcpu[0], 10, 0, 40, 10);
	whole_exit(&vcpu[0], 99, 0, 7, 0);
	exit_acct_exit(&vcpu[0], 12, 100);
	exit_acct_handled(&vcpu[0], 108);
	exit_acct_entry(&vcpu[0], 99);
	exit_acct_failed_entry(&vcpu[0], 33);
	exit_acct_synthesised(&vcpu[0], 0);
	text[0] = 0;
	exit_acct_print(&counters[0], "vcpu0", &sink);
	ok(!strcmp(text,
		   "exits scope=vcpu0 reason=10 name=CPUID count=1 handler=40 round_trip=50 "
		   "min=40 max=40 hist=5:1\n"
		   "exits scope=vcpu0 reason=12 name=HLT count=1 handler=8 round_trip=0 "
		   "min=8 max=8 hist=3:1 handler_lost=0 round_trip_lost=1\n"
		   "exits scope=vcpu0 reason=30 name=IO_INSTRUCTION count=2 handler=400 "
		   "round_trip=500 min=100 max=300 hist=6:1,8:1\n"
		   "exits scope=vcpu0 reason=other name=OTHER count=1 handler=7 round_trip=7 "
		   "min=7 max=7 hist=2:1\n"
		   "exits scope=vcpu0 failed_reason=33 name=INVALID_STATE count=1\n"
		   "exits scope=vcpu0 synthesised=1\n"
		   "exits scope=vcpu0 total=5 handler=455 round_trip=557\n"),
	   "counters as text: zero counts left out, order of number, total last");
	exit_acct_clear(&sum);
	text[0] = 0;
	exit_acct_print(&sum, "vm", &sink);
	ok(!strcmp(text, "exits scope=vm total=0 handler=0 round_trip=0\n"),
	   "counters of nothing are one line");
}

static void test_layout(void)
{
	size_t size = sizeof(struct exit_acct_vcpu) + sizeof(struct exit_acct_counters);

	ok(size <= 32 * 1024, "a vCPU takes at most 32 KiB");
	printf("# %zu bytes\n", size);
	is_u64("counters of two vCPUs share no cache line",
	       sizeof(struct exit_acct_counters) % 64 |
	       _Alignof(struct exit_acct_counters) % 64, 0);
	is_u64("nor does what their hot paths write",
	       sizeof(struct exit_acct_vcpu) % 64 | _Alignof(struct exit_acct_vcpu) % 64, 0);
	is_u64("the VM's running total has a line of its own",
	       offsetof(struct exit_acct_vm, total) % 64 |
	       (sizeof(struct exit_acct_vm) - offsetof(struct exit_acct_vm, total)) % 64, 0);
}

int main(void)
{
	test_list();
	test_counting();
	test_clocks();
	test_backward();
	test_end();
	test_buckets();
	test_kept_apart();
	test_sum();
	test_print();
	test_layout();
	return done();
}
