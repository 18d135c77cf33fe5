// SPDX-License-Identifier: GPL-2.0-only
/* units: */
/*
 * The CPUID leaves under all four maps. The expectation is the specification's
 * table as text, interpreted here; the code under test has its own table.
 */
#include <stdio.h>
#include <string.h>

/* The code is included, to see which indices it keeps a CPU from speculating with. */
static unsigned long nospec_size[8];
static unsigned int nospecs;

static unsigned long nospec(unsigned long i, unsigned long size)
{
	nospec_size[nospecs++ % 8] = size;
	return i;
}

#define array_index_nospec(i, n) nospec(i, n)
#include "acct/exit_acct.c"
#include "acct/exit_detail.c"
#include "acct/exit_leaves.c"
#include "acct/exit_reasons.c"
#include "tests/unit/tap.h"

/* Columns: 0x4fffffff, 0x4ffffffe, 0x4ffffffd, 0x4ffffffc. T total exits in EAX,
 * C total cycles in EBX:ECX, n count[ECX] in EAX, c cycles[ECX] in EBX:ECX.
 */
static const char * const maps[][5] = {
	{ "default", "TC", "C", "n", "c" },
	{ "s21", "TC", "n", "", "" },
	{ "f21", "T", "C", "n", "c" },
	{ "f22", "c", "n", "C", "T" },
};

static struct exit_acct_vm vm;
static struct exit_acct_vcpu vcpu[2];
static struct exit_acct_counters counters[2];

/* A target that handles every third reason: enough to tell the rules apart. */
static bool handled(u16 reason)
{
	return reason % 3 == 0;
}

static u64 count_of(u32 r)
{
	return 0x123456789aull + r;
}

static u64 cycles_of(u32 r)
{
	return 0xabcdef0123456ull + 0x100000001ull * r;
}

static void setup(enum exit_acct_map map)
{
	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_KVM, map, 0, handled);
	for (unsigned int i = 0; i < 2; i++) {
		exit_acct_vcpu_init(&vcpu[i], &vm, &counters[i]);
		/* Two vCPUs, unequal shares: only a sum gives the whole. */
		for (u32 r = 0; r < EXIT_ACCT_SLOTS; r++) {
			struct exit_acct_slot *s = &counters[i].slot[r];

			s->count = i ? count_of(r) - r : r;
			s->handler = i ? cycles_of(r) - 5 : 5;
			s->round_trip = i ? 7 * cycles_of(r) : 0;
			s->min = i ? 1000 + r : 2000;
			s->max = i ? 3000 : 5000000000ull + r;
			for (u32 b = 0; b < EXIT_ACCT_BUCKETS; b++)
				s->hist[b] = i ? 0x100000000ull * b : r;
			s->handler_lost = i ? 0x400000000ull : r;
			s->round_trip_lost = i ? r : 0x500000000ull;
			counters[i].failed[r] = i ? r : 0x200000000ull;
		}
		counters[i].synthesised = 0x300000000ull + i;
	}
}

static bool regs_are(const struct exit_acct_regs *r, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	return r->eax == eax && r->ebx == ebx && r->ecx == ecx && r->edx == edx;
}

static bool pinned_defined(u32 r)
{
	return r <= 34 || r == 36 || r == 37 || (r >= 39 && r <= 41) ||
	       (r >= 43 && r <= 70) || (r >= 72 && r <= 81) || r == 84 || r == 85;
}

/* What the specification's table says, for one leaf of one map and one ECX. */
static bool as_specified(const char *spec, u32 leaf, u32 ecx)
{
	struct exit_acct_regs got = { 0xdead, 0xbeef, 0xdead, 0xbeef }, want = { 0 };
	bool answered = exit_acct_cpuid(&vm, leaf, ecx, &got);
	u64 exits = 0, cycles = 0;

	if (!*spec)
		return !answered && regs_are(&got, 0xdead, 0xbeef, 0xdead, 0xbeef);
	for (u32 r = 0; r < EXIT_ACCT_SLOTS; r++) {
		exits += count_of(r);
		cycles += cycles_of(r);
	}
	if ((*spec == 'n' || *spec == 'c') && !pinned_defined(ecx))
		return answered && regs_are(&got, 0, 0, 0, 0xffffffff);
	if ((*spec == 'n' || *spec == 'c') && !handled(ecx))
		return answered && regs_are(&got, 0, 0, 0, 0);
	for (; *spec; spec++) {
		u64 c = *spec == 'C' ? cycles : cycles_of(ecx);

		if (*spec == 'T')
			want.eax = (u32)exits;
		if (*spec == 'n')
			want.eax = (u32)count_of(ecx);
		if (*spec == 'C' || *spec == 'c') {
			want.ebx = c >> 32;
			want.ecx = (u32)c;
		}
	}
	return answered && regs_are(&got, want.eax, want.ebx, want.ecx, want.edx);
}

static void test_maps(void)
{
	static const u32 more[] = { 0xffff, 0x10000, 0x1000a, 0x80000000, 0x8000000a, 0xffffffff };
	char name[64];

	for (u32 m = 0; m < EXIT_ACCT_NR_MAPS; m++) {
		enum exit_acct_map map = exit_acct_map_parse(maps[m][0]);

		ok(map < EXIT_ACCT_NR_MAPS && !strcmp(exit_acct_map_name(map), maps[m][0]),
		   "map %s is known by its name", maps[m][0]);
		setup(map);
		for (u32 l = 0; l < 4; l++) {
			const char *spec = maps[m][1 + l];
			unsigned int wrong = 0;

			for (u32 ecx = 0; ecx < 300; ecx++)
				wrong += !as_specified(spec, 0x4fffffff - l, ecx);
			for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
				wrong += !as_specified(spec, 0x4fffffff - l, more[i]);
			snprintf(name, sizeof(name), "map %s, leaf %#x: every ECX", maps[m][0],
				 0x4fffffff - l);
			is_u64(name, wrong, 0);
		}
	}
	is_u64("no map has another name", exit_acct_map_parse("s22"), EXIT_ACCT_NR_MAPS);
}

static u64 low_pair(const struct exit_acct_regs *r)
{
	return (u64)r->ebx << 32 | r->eax;
}

static u64 high_pair(const struct exit_acct_regs *r)
{
	return (u64)r->edx << 32 | r->ecx;
}

static bool pairs_are(u32 leaf, u32 ecx, u64 first, u64 second)
{
	struct exit_acct_regs r = { 1, 2, 3, 4 };

	return exit_acct_cpuid(&vm, leaf, ecx, &r) && low_pair(&r) == first &&
	       high_pair(&r) == second;
}

static void test_extension(void)
{
	u64 exits = 0, cycles = 0;
	struct exit_acct_regs r;
	unsigned int wrong = 0;
	char signature[13] = "";

	setup(EXIT_ACCT_MAP_F22);
	ok(exit_acct_cpuid(&vm, 0x4fffff00, 0, &r), "the signature leaf is there under any map");
	memcpy(signature, &r.ebx, 4);
	memcpy(signature + 4, &r.ecx, 4);
	memcpy(signature + 8, &r.edx, 4);
	ok(r.eax == EXIT_ACCT_LEAF_LAST && !strcmp(signature, "VMExitAcctKV"),
	   "signature of KVM and the highest leaf");
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_INFO, 0, &r);
	ok(regs_are(&r, EXIT_ACCT_ABI, EXIT_ACCT_TARGET_KVM, EXIT_ACCT_MAP_F22, 2),
	   "version, target, map, number of vCPUs");
	vm.target = EXIT_ACCT_TARGET_HV;
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_SIGNATURE, 0, &r);
	ok(!memcmp(&r.edx, "ctHV", 4), "signature of hv");

	for (u32 i = 0; i < EXIT_ACCT_SLOTS; i++) {
		exits += count_of(i);
		cycles += cycles_of(i);
	}
	ok(pairs_are(EXIT_ACCT_LEAF_TOTAL, 0, exits, cycles), "64-bit totals");
	ok(pairs_are(EXIT_ACCT_LEAF_TOTAL_MORE, 0, 7 * cycles, 0x600000001ull),
	   "total round trip and synthesised exits");
	for (u32 i = 0; i < 0x10000; i++) {
		bool slot = pinned_defined(i) || i == EXIT_ACCT_LEAF_OTHER;
		u32 s = i == EXIT_ACCT_LEAF_OTHER ? EXIT_ACCT_OTHER : i;

		wrong += !pairs_are(EXIT_ACCT_LEAF_COUNT, i, slot ? count_of(s) : 0,
				    slot ? cycles_of(s) : 0);
		wrong += !pairs_are(EXIT_ACCT_LEAF_TIME, i, slot ? 7 * cycles_of(s) : 0,
				    slot ? 0x200000000ull + s : 0);
		wrong += !pairs_are(EXIT_ACCT_LEAF_RANGE, i, slot ? 1000 + s : 0,
				    slot ? 5000000000ull + s : 0);
		wrong += !pairs_are(EXIT_ACCT_LEAF_LOST, i, slot ? 0x400000000ull + s : 0,
				    slot ? 0x500000000ull + s : 0);
	}
	is_u64("count, cycles, round trip, failed, min, max, lost times of every reason", wrong, 0);
	for (u32 b = 0; b < 0x10000; b++) {
		u64 first = b < EXIT_ACCT_BUCKETS ? 0x100000000ull * b + 30 : 0;
		u64 second = b + 1 < EXIT_ACCT_BUCKETS ? 0x100000000ull * (b + 1) + 30 : 0;

		wrong += !pairs_are(EXIT_ACCT_LEAF_HIST, 30 | b << 16, first, second);
	}
	is_u64("every histogram bucket, and none beyond", wrong, 0);
	is_u64("buckets", EXIT_ACCT_BUCKETS, 32);
	for (u32 v = 0; v < 2; v++)
		wrong += !pairs_are(EXIT_ACCT_LEAF_VCPU, 30 | v << 16, counters[v].slot[30].count,
				    counters[v].slot[30].handler);
	is_u64("each vCPU by itself, in the order in which they were made", wrong, 0);
	ok(counters[0].slot[30].count != counters[1].slot[30].count, "they are not alike");
	ok(pairs_are(EXIT_ACCT_LEAF_VCPU, 30 | 2 << 16, 0, 0) &&
	   pairs_are(EXIT_ACCT_LEAF_VCPU, 35, 0, 0), "no third one, and no such reason");
	ok(pairs_are(EXIT_ACCT_LEAF_COUNT, 30 | 1 << 16, 0, 0),
	   "a bucket number where none belongs answers zero");
	ok(!exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_LAST + 1, 0, &r) &&
	   !exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_SIGNATURE - 1, 0, &r) &&
	   !exit_acct_cpuid(&vm, 0x4ffffffb, 0, &r) && !exit_acct_cpuid(&vm, 0x50000000, 0, &r) &&
	   !exit_acct_cpuid(&vm, 0, 0, &r), "leaves beside the two ranges are not ours");
	exit_acct_clear(&counters[0]);
	exit_acct_clear(&counters[1]);
	ok(pairs_are(EXIT_ACCT_LEAF_RANGE, 10, 0, 0), "no exits: smallest and largest are 0");
}

/* The own-exit rule, by hand: the read's exit is counted, its cycles are not. */
static void test_own_exit(void)
{
	struct exit_acct_regs a, b;

	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_HV, EXIT_ACCT_MAP_F21, 0, handled);
	exit_acct_vcpu_init(&vcpu[0], &vm, &counters[0]);
	exit_acct_exit(&vcpu[0], 10, 100);
	exit_acct_cpuid(&vm, 0x4fffffff, 0, &a);
	exit_acct_handled(&vcpu[0], 140);
	exit_acct_entry(&vcpu[0], 150);
	exit_acct_exit(&vcpu[0], 10, 200);
	exit_acct_cpuid(&vm, 0x4fffffff, 0, &b);
	is_u64("the first read sees its own exit", a.eax, 1);
	is_u64("two reads in a row differ by one", b.eax - a.eax, 1);
	exit_acct_cpuid(&vm, 0x4ffffffe, 0, &b);
	is_u64("cycles of the read itself are not in yet", b.ecx, 40);
}

/* A guest chooses leaf and subleaf: each index that comes of them is kept in its array. */
static void test_speculation(void)
{
	struct exit_acct_regs r;

	setup(EXIT_ACCT_MAP_DEFAULT);
	nospecs = 0;
	exit_acct_cpuid(&vm, 0x4fffffff, 0, &r);
	ok(nospecs == 1 && nospec_size[0] == 4, "a course leaf's place in its map");
	nospecs = 0;
	exit_acct_cpuid(&vm, 0x4ffffffd, 30, &r);
	ok(nospecs == 3 && nospec_size[0] == 4 && nospec_size[1] == VMX_EXIT_REASONS_NR &&
	   nospec_size[2] == VMX_EXIT_REASONS_NR, "that, and the reason, twice");
	nospecs = 0;
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_HIST, 30 | 5 << 16, &r);
	ok(nospecs == 3 && nospec_size[0] == VMX_EXIT_REASONS_NR &&
	   nospec_size[1] == EXIT_ACCT_SLOTS && nospec_size[2] == EXIT_ACCT_BUCKETS,
	   "of the histogram: the reason, the slot, the bucket");
}

int main(void)
{
	test_speculation();
	test_maps();
	test_extension();
	test_own_exit();
	return done();
}
