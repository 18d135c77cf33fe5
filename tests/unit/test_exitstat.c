// SPDX-License-Identifier: GPL-2.0-only
/* units: guest/linux/leaves.c guest/linux/check.c guest/linux/show.c guest/linux/vcpus.c */
/* units: acct/exit_acct.c acct/exit_leaves.c acct/exit_detail.c acct/exit_reasons.c */
/* exitstat finds and reads the leaves, and knows what its reads cost. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/exitstat_fake.h"
#include "tests/unit/tap.h"

static struct leaves find(enum exit_acct_map map)
{
	struct leaves l = { .cpuid = fake_cpuid };

	calls = 0;
	ok(leaves_find(&l, map), "leaves are found");
	is_u64("each read is one CPUID", l.reads, calls);
	return l;
}

static void test_find(enum exit_acct_map map)
{
	const char *name = exit_acct_map_name(map);
	enum exit_acct_map other = (map + 1) % EXIT_ACCT_NR_MAPS;
	struct leaves l;

	power_on(map);
	l = find(EXIT_ACCT_NR_MAPS);
	ok(l.extension && l.handler && l.map == map && l.target == EXIT_ACCT_TARGET_KVM &&
	   l.vcpus == 1, "%s: the extension range, with all that it says", name);
	l = find(map);
	ok(!l.extension && l.map == map, "%s: asked for, it is read", name);
	l = (struct leaves) { .cpuid = fake_cpuid };
	ok(!leaves_find(&l, other) && strstr(l.why, exit_acct_map_name(map)) &&
	   strstr(l.why, exit_acct_map_name(other)), "%s: another is refused: %s", name, l.why);

	fake.abi = EXIT_ACCT_ABI + 1;
	l = find(EXIT_ACCT_NR_MAPS);
	ok(!l.extension && l.map == map, "%s: extension leaves of a later version", name);

	power_on(map);
	fake.no_extension = true;
	l = find(EXIT_ACCT_NR_MAPS);
	ok(!l.extension && l.map == map && !l.target && !l.vcpus &&
	   l.handler == (map != EXIT_ACCT_MAP_S21), "%s: recognised by its answers", name);
	l = find(map);
	ok(l.map == map, "%s: asked for without extension", name);
}

static void test_absent(void)
{
	struct leaves l = { .cpuid = fake_cpuid };

	power_on(EXIT_ACCT_MAP_DEFAULT);
	fake.absent = true;
	ok(!leaves_find(&l, EXIT_ACCT_NR_MAPS), "no leaves are not found");
	is_str("the hypervisor is named, in characters that can be printed", l.why,
	       "no leaves of VM-exit accounting: the hypervisor \"Fake?ypeviso\" "
	       "does not answer them");
	for (enum exit_acct_map map = 0; map < EXIT_ACCT_NR_MAPS; map++)
		ok(!leaves_find(&l, map), "%s: not there", exit_acct_map_name(map));
	fake.bare = true;
	ok(!leaves_find(&l, EXIT_ACCT_NR_MAPS) && strstr(l.why, "not a virtual machine"),
	   "no hypervisor: %s", l.why);
}

static const struct exit_row *difference(struct leaves *l, struct snapshot *d, u64 own)
{
	struct read_cost cost = read_cost_measure(l);
	struct snapshot a, b;

	is_u64("handler cycles of a read", cost.handler, HANDLER_CYCLES);
	is_u64("its round trip", cost.round_trip, l->extension ? ROUND_TRIP_CYCLES : 0);
	snapshot_take(l, &a, false);
	exits(EXIT_REASON_CPUID, 5);
	exits(30, 7);
	exit_acct_failed_entry(&vcpu, 33);
	snapshot_take(l, &b, true);
	is_u64("own exits between the two", snapshot_difference(l, &a, &b, &cost, d), own);
	return d->row;
}

static void test_difference(enum exit_acct_map map, bool extension)
{
	const char *name = exit_acct_map_name(map);
	bool handler = extension || map != EXIT_ACCT_MAP_S21;
	struct exit_row total;
	const struct exit_row *row;
	struct snapshot d;
	struct leaves l;

	power_on(map);
	fake.no_extension = !extension;
	/* Counts beyond 32 bits, and one whose low half is about to wrap. */
	counters.slot[30].count = 0x5fffffffdull;
	counters.slot[31].count = 0x200000000ull;
	l = find(EXIT_ACCT_NR_MAPS);
	row = difference(&l, &d, handler ? 2 : 1);
	is_u64("exits of CPUID, exactly", row[EXIT_REASON_CPUID].count, 5);
	is_u64("across the wrap of 32 bits", row[30].count, 7);
	is_u64("nothing else", row[31].count + row[48].count, 0);
	is_u64("failed entries", row[33].failed, extension);
	total = snapshot_total(&d);
	is_u64("all exits", total.count, 12);
	is_u64("all handler cycles", total.handler, 12 * HANDLER_CYCLES);
	is_u64("all round trips", total.round_trip, extension ? 12 * ROUND_TRIP_CYCLES : 0);
	ok(row[30].handler == (handler ? 7 * HANDLER_CYCLES : 0) &&
	   row[EXIT_REASON_CPUID].handler == (handler ? 5 * HANDLER_CYCLES : 0),
	   "%s: handler cycles by reason, where a leaf has them", name);
}

static void test_64_bit(void)
{
	struct snapshot s;
	struct leaves l;

	power_on(EXIT_ACCT_MAP_F22);
	counters.slot[30].count = 0x123456789abull;
	l = find(EXIT_ACCT_NR_MAPS);
	snapshot_take(&l, &s, true);
	is_u64("the extension has 64 bits of a count", s.row[30].count, 0x123456789abull);
	is_u64("of which the own reads are so many", s.row[EXIT_REASON_CPUID].count, s.own.count);
	l = find(EXIT_ACCT_MAP_F22);
	snapshot_take(&l, &s, true);
	is_u64("a course's leaf has 32", s.row[30].count, 0x456789ab);
}

/* Times that the accounting has lost, since the TSC went back, of CPUID and of another. */
static void test_lost(void)
{
	const struct read_cost cost = { 0, 0 };
	struct snapshot a, b, d;
	struct leaves l;

	power_on(EXIT_ACCT_MAP_DEFAULT);
	l = find(EXIT_ACCT_NR_MAPS);
	snapshot_take(&l, &a, false);
	is_u64("no time is lost", a.handler_lost + a.round_trip_lost, 0);
	for (u32 i = 0; i < 3; i++) {
		vm_exit(i ? 30 : EXIT_REASON_CPUID, 0);
		exit_acct_handled(&vcpu, i == 1 ? tsc - 1 : tsc);
		exit_acct_entry(&vcpu, tsc - 1);
	}
	snapshot_take(&l, &b, true);
	snapshot_difference(&l, &a, &b, &cost, &d);
	is_u64("times of handlers", d.handler_lost, 1);
	is_u64("and of round trips", d.round_trip_lost, 3);
	l = find(EXIT_ACCT_MAP_DEFAULT);
	snapshot_take(&l, &b, true);
	is_u64("a course's leaf has none", b.handler_lost + b.round_trip_lost, 0);
}

static void test_going_back(void)
{
	const struct read_cost cost = { 1000, 1000 };
	struct snapshot a, b, d;
	struct leaves l;

	power_on(EXIT_ACCT_MAP_DEFAULT);
	l = find(EXIT_ACCT_NR_MAPS);
	snapshot_take(&l, &a, false);
	counters.slot[48].count--;
	counters.slot[48].handler--;
	snapshot_take(&l, &b, true);
	snapshot_difference(&l, &a, &b, &cost, &d);
	is_u64("a VM that was set back: no exits", d.row[48].count + d.row[48].handler, 0);
	is_u64("reads that took less than was thought: no cycles",
	       d.row[EXIT_REASON_CPUID].handler, 0);
}

static bool check(struct leaves *l, char *text, size_t size)
{
	FILE *to = fmemopen(text, size, "w");
	bool good = leaves_check(l, to);

	fclose(to);
	return good;
}

static void test_check(bool extension)
{
	char text[512];
	struct leaves l;

	power_on(EXIT_ACCT_MAP_F22);
	fake.no_extension = !extension;
	counters.slot[30].count = 0xffffffffull - 1000;
	l = find(EXIT_ACCT_NR_MAPS);
	ok(check(&l, text, sizeof(text)), "the rules are kept");
	is_str("by every reading", text,
	       "ok: two reads of the total differ by 1: exact=20 more=0 wrong=0\n"
	       "ok: CPUID's count grows by the reads: exact=19 more=0 wrong=0\n"
	       "ok: the total is the sum over all reasons: exact=20 more=0 wrong=0\n");
	fake.noise = 100;
	ok(check(&l, text, sizeof(text)) && !strstr(text, "reasons: exact=20 "),
	   "other exits are no fault");
	fake.noise = 0;
	fake.lie = extension ? EXIT_ACCT_LEAF_TOTAL : 0x4ffffffc;
	ok(!check(&l, text, sizeof(text)) &&
	   strstr(text, "BROKEN: the total is the sum over all reasons: "
		  "exact=0 more=0 wrong=20\n"), "one exit too few is");
	diag("%s", strtok(text, "\n"));
}

/* Of two, the second has slept. */
static void test_vcpus(void)
{
	static struct exit_acct_counters more;
	static struct exit_acct_vcpu second;
	char text[2048] = "";
	struct leaves l;
	FILE *to;

	power_on(EXIT_ACCT_MAP_DEFAULT);
	exit_acct_vcpu_init(&second, &vm, &more);
	for (u32 i = 0; i < 7; i++)
		exit_acct_exit(&second, EXIT_REASON_HLT, tsc += 100);
	l = find(EXIT_ACCT_NR_MAPS);
	to = fmemopen(text, sizeof(text), "w");
	ok(vcpus_show(&l, SHOW_CSV, to), "each vCPU by itself, as CSV");
	fclose(to);
	ok(strstr(text, "\n1,0,30,IO_INSTRUCTION,20,1000\n1,0,48,EPT_VIOLATION,3,150\n"),
	   "the first one's exits");
	ok(strstr(text, "\n1,1,12,HLT,7,") && !strstr(text, "\n1,1,30,") &&
	   !strstr(text, "\n1,0,12,"), "the second one's are its own");
	to = fmemopen(text, sizeof(text), "w");
	ok(vcpus_show(&l, SHOW_TABLE, to), "and as a table");
	fclose(to);
	ok(strstr(text, "\n12 HLT                          7          0          7\n") &&
	   strstr(text, "\n30 IO_INSTRUCTION              20         20          0\n"),
	   "a row has the sum, and each: %s", text);
	l.last = EXIT_ACCT_LEAF_VCPU - 1;
	ok(!vcpus_show(&l, SHOW_TABLE, stderr), "a hypervisor of before does not tell");
}

int main(void)
{
	for (enum exit_acct_map map = 0; map < EXIT_ACCT_NR_MAPS; map++) {
		test_find(map);
		test_difference(map, true);
		test_difference(map, false);
	}
	test_absent();
	test_64_bit();
	test_lost();
	test_going_back();
	test_check(true);
	test_check(false);
	test_vcpus();
	return done();
}
