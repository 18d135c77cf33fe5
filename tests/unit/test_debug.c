// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/debug.c hv/cpu/segment.c */
/* Breakpoints that an access meets, and what segments allow: the SDM's examples and edges. */
#include "hv/cpu/debug.h"
#include "hv/cpu/segment.h"
#include "tests/unit/tap.h"

#define RW(n, rw)	((u64)(rw) << (16 + 4 * (n)))
#define LEN(n, len)	((u64)(len) << (18 + 4 * (n)))
#define LOCAL(n)	(1ull << 2 * (n))

enum { EXECUTE, WRITES, IO, ACCESSES };
enum { LEN1, LEN2, LEN8, LEN4 };

/* The SDM's table "Breakpoint Examples": what is enabled, and what traps. */
static const u64 example_dr[4] = { 0xa0001, 0xb0002, 0xb0002, 0xc0000 };
static const u64 example_dr7 = RW(0, ACCESSES) | LEN(0, LEN1) | LOCAL(0) |
			       RW(1, WRITES) | LEN(1, LEN1) | LOCAL(1) |
			       RW(2, ACCESSES) | LEN(2, LEN2) | LOCAL(2) |
			       RW(3, WRITES) | LEN(3, LEN4) | LOCAL(3);

static const struct {
	enum debug_access access;
	u64 address, bytes, hits;
} examples[] = {
	{ DEBUG_READ, 0xa0001, 1, 1 }, { DEBUG_WRITE, 0xa0001, 1, 1 },
	{ DEBUG_READ, 0xa0001, 2, 1 }, { DEBUG_WRITE, 0xa0000, 2, 1 },
	{ DEBUG_WRITE, 0xb0002, 1, 6 }, { DEBUG_READ, 0xb0002, 1, 4 },
	{ DEBUG_READ, 0xb0001, 4, 4 }, { DEBUG_WRITE, 0xb0000, 4, 6 },
	{ DEBUG_WRITE, 0xc0000, 4, 8 }, { DEBUG_WRITE, 0xc0001, 2, 8 },
	{ DEBUG_WRITE, 0xc0003, 1, 8 },
	{ DEBUG_READ, 0xa0000, 1, 0 }, { DEBUG_READ, 0xa0002, 1, 0 },
	{ DEBUG_READ, 0xa0003, 4, 0 }, { DEBUG_READ, 0xb0000, 2, 0 },
	{ DEBUG_READ, 0xc0000, 2, 0 }, { DEBUG_READ, 0xc0004, 4, 0 },
	{ DEBUG_WRITE, 0xb0000, 2, 0 }, { DEBUG_WRITE, 0xb0004, 4, 0 },
};

static void test_debug(void)
{
	const u64 ports[4] = { 0x3f8, 0x80, 0, ~0ull };

	for (unsigned int i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		ok(debug_hits(example_dr7, example_dr, examples[i].access, examples[i].address,
			      examples[i].bytes) == examples[i].hits,
		   "the SDM's examples, 0x%lx of %lu", (unsigned long)examples[i].address,
		   (unsigned long)examples[i].bytes);
	ok(debug_hits(RW(0, IO) | LEN(0, LEN4) | LOCAL(0), ports, DEBUG_IO, 0x3fb, 1) == 1,
	   "a port inside");
	ok(!debug_hits(RW(0, IO) | LEN(0, LEN4) | LOCAL(0), ports, DEBUG_READ, 0x3fb, 1),
	   "memory is no port");
	ok(!debug_hits(RW(0, IO) | LEN(0, LEN4), ports, DEBUG_IO, 0x3fb, 1), "not enabled");
	ok(debug_hits(RW(0, IO) | RW(1, IO) | LOCAL(0) << 1, (u64 [4]){ 5, 5, 0, 0 }, DEBUG_IO,
		      5, 1) == 3, "what is met and not enabled is told beside what is");
	ok(debug_hits(RW(3, ACCESSES) | LOCAL(3), ports, DEBUG_READ, ~0ull - 1, 4) == 8,
	   "an access that wraps");
	ok(debug_hits(RW(2, ACCESSES) | LEN(2, LEN8) | LOCAL(2), ports, DEBUG_READ, 7, 1) == 4 &&
	   !debug_hits(RW(2, ACCESSES) | LEN(2, LEN8) | LOCAL(2), ports, DEBUG_READ, 8, 1),
	   "eight bytes");
	ok(debug_pending(RW(1, WRITES) | LOCAL(1), 0x4002) == (0x4002 | DEBUG_ENABLED_MET),
	   "behind MOV SS: a step, and a breakpoint on data");
	ok(debug_pending(RW(0, EXECUTE) | LOCAL(0), 0x4001) == 0x4000,
	   "behind MOV SS: a breakpoint on code is not met");
	ok(debug_pending(RW(0, EXECUTE) | LOCAL(0) | RW(1, WRITES), 3) == 2,
	   "behind MOV SS: one that is met and not enabled makes no trap");
}

static const struct {
	const char *name;
	u32 limit, rights;
	u64 offset, bytes;
	bool reads, writes;
} segments[] = {
	{ "data, the last byte", 0xfff, 0x93, 0xfff, 1, true, true },
	{ "data, across the limit", 0xfff, 0x93, 0xffe, 4, false, false },
	{ "read-only data", 0xfff, 0x91, 0, 4, true, false },
	{ "code that can be read", 0xfff, 0x9b, 0, 4, true, false },
	{ "code that cannot", 0xfff, 0x99, 0, 4, false, false },
	{ "a null selector", 0xffffffff, SEGMENT_UNUSABLE | 0x93, 0, 1, false, false },
	{ "expand-down, at the limit", 0xfff, 0x97, 0xfff, 1, false, false },
	{ "expand-down, above it", 0xfff, 0x97, 0x1000, 2, true, true },
	{ "expand-down, the end of 64 KiB", 0xfff, 0x97, 0xffff, 2, false, false },
	{ "expand-down, 32 bits", 0xfff, 0x97 | SEGMENT_BIG, 0xffff, 2, true, true },
	{ "expand-down, the end of 4 GiB", 0xfff, 0x97 | SEGMENT_BIG, 0xffffffff, 2, false, false },
	{ "64 KiB, its end", 0xffff, 0x93, 0xffff, 2, false, false },
	{ "4 GiB wrap", 0xffffffff, 0x93, 0xffffffff, 4, true, true },
	{ "nearly 4 GiB do not", 0xfffffffe, 0x93, 0xffffffff, 1, false, false },
};

int main(void)
{
	test_debug();
	for (unsigned int i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		struct segment s = { .limit = segments[i].limit, .rights = segments[i].rights };

		ok(segment_allows(&s, segments[i].offset, segments[i].bytes, false) ==
		   segments[i].reads, "%s: read", segments[i].name);
		ok(segment_allows(&s, segments[i].offset, segments[i].bytes, true) ==
		   segments[i].writes, "%s: write", segments[i].name);
	}
	return done();
}
