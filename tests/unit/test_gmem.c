// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/gmem.c */
/* Guest memory: the walk in every paging mode, access rights, accessed and dirty flags. */
#include "hv/cpu/gmem.h"
#include "machine/machine.h"
#include "tests/unit/tap.h"
#include "machine/x86.h"

#define P	1ull
#define W	2ull
#define U	4ull
#define A	0x20ull
#define D	0x40ull
#define PS	0x80ull
#define NX	(1ull << 63)
#define AC	0x40000

#define RAM_SIZE	(4ull << 20)
#define TABLE		0x200000ull	/* tables of level n are at TABLE + n * 0x1000 */
#define DATA		0x300000ull

static struct gmem ram;

static void put(uint64_t gpa, unsigned int size, uint64_t value)
{
	memcpy(ram.base + gpa, &value, size);
}

static uint64_t get(uint64_t gpa, unsigned int size)
{
	uint64_t v = 0;

	memcpy(&v, ram.base + gpa, size);
	return v;
}

enum shape { FLAT, BITS32, PAE, LEVEL4 };

static const struct {
	const char *name;
	unsigned int levels, index_bits, entry;
	uint64_t cr0, cr4, efer;
} shapes[] = {
	[FLAT]	 = { "no paging", 0, 0, 0, CR0_PE, 0, 0 },
	[BITS32] = { "32-bit", 2, 10, 4, CR0_PG | CR0_PE, CR4_PSE, 0 },
	[PAE]	 = { "PAE", 2, 9, 8, CR0_PG | CR0_PE, CR4_PAE, EFER_NXE },
	[LEVEL4] = { "4-level", 4, 9, 8, CR0_PG | CR0_PE, CR4_PAE, EFER_NXE | EFER_LMA },
};

/* Where the walk of @gla finds its entry of @level. */
static uint64_t entry_at(enum shape s, uint64_t gla, unsigned int level)
{
	uint64_t index = gla >> (12 + (level - 1) * shapes[s].index_bits);

	index &= (1u << shapes[s].index_bits) - 1;
	return TABLE + level * 0x1000 + index * shapes[s].entry;
}

static uint64_t entry(enum shape s, uint64_t gla, unsigned int level)
{
	return get(entry_at(s, gla, level), shapes[s].entry);
}

/* Tables for one address, full rights above, @pte at @level; returns a CPU that uses them. */
static struct gmem_cpu map(enum shape s, uint64_t gla, unsigned int level, uint64_t pte)
{
	struct gmem_cpu cpu = {
		.cr0 = shapes[s].cr0 | CR0_WP, .cr4 = shapes[s].cr4, .efer = shapes[s].efer,
		.maxphyaddr = 39, .page1gb = true,
	};
	unsigned int l = shapes[s].levels;

	memset(ram.base + TABLE, 0, 0x10000);
	cpu.cr3 = TABLE + l * 0x1000;
	if (s == PAE)
		cpu.pdpte[gla >> 30 & 3] = cpu.cr3 | P;
	for (; l > level; l--)
		put(entry_at(s, gla, l), shapes[s].entry, (TABLE + (l - 1) * 0x1000) | P | W | U);
	put(entry_at(s, gla, level), shapes[s].entry, pte);
	return cpu;
}

static void test_ram(void)
{
	uint8_t buf[8192], ones[8192];

	memset(ones, 0xff, sizeof(ones));
	ok(gmem_ram(&ram, 0, MACHINE_RAM_LOW_END) == ram.base, "low RAM");
	ok(gmem_ram(&ram, MACHINE_RAM_HIGH_START, 1), "high RAM");
	ok(!gmem_ram(&ram, MACHINE_RAM_LOW_END - 1, 2), "not into the hole");
	ok(!gmem_ram(&ram, MACHINE_RAM_LOW_END, 1) &&
	   !gmem_ram(&ram, MACHINE_RAM_HIGH_START - 1, 2), "the hole is no RAM");
	ok(gmem_ram(&ram, RAM_SIZE - 1, 1) && !gmem_ram(&ram, RAM_SIZE - 1, 2) &&
	   !gmem_ram(&ram, RAM_SIZE, 1), "the end of RAM");
	ok(!gmem_ram(&ram, ~0ull, 2) && !gmem_ram(&ram, 0x100000, ~0ull), "no wrap round");
	memset(ram.base + MACHINE_RAM_LOW_END - 4, 0x5a, 8);
	gmem_copy_phys(&ram, MACHINE_RAM_LOW_END - 4, buf, 4, GMEM_READ);
	gmem_copy_phys(&ram, MACHINE_RAM_LOW_END, buf + 4, 4, GMEM_READ);
	ok(!memcmp(buf, "ZZZZ\xff\xff\xff\xff", 8), "a read of the hole: all ones");
	gmem_copy_phys(&ram, RAM_SIZE, buf, sizeof(buf), GMEM_READ);
	ok(!memcmp(buf, ones, sizeof(buf)), "a read beyond RAM: all ones");
	gmem_copy_phys(&ram, MACHINE_RAM_LOW_END - 2, "ab", 2, GMEM_WRITE);
	gmem_copy_phys(&ram, MACHINE_RAM_LOW_END, "cd", 2, GMEM_WRITE);
	ok(!memcmp(ram.base + MACHINE_RAM_LOW_END - 2, "abZZ", 4), "a write into the hole");
	gmem_copy_phys(&ram, RAM_SIZE, ones, sizeof(ones), GMEM_WRITE);
	gmem_copy_phys(&ram, ~0ull - 100, ones, 101, GMEM_WRITE);
	gmem_copy_phys(&ram, MACHINE_MMIO_HOLE, buf, 4, GMEM_READ);
	ok(!memcmp(buf, ones, 4), "the MMIO hole: all ones");
}

#define BAD	~0ull	/* no translation: see error */
#define RP	(GMEM_PRESENT | GMEM_RSVD)

static const struct {
	enum shape shape;
	const char *name;
	uint64_t gla;
	unsigned int level;
	uint64_t pte, gpa;
	uint32_t error;		/* of a read by the supervisor */
} walks[] = {
	{ FLAT, "identity", 0x12345, 1, 0, 0x12345, 0 },
	{ FLAT, "32 bits of the address count", 0x500000010, 1, 0, 0x10, 0 },
	{ BITS32, "4 KiB", 0xc0012345, 1, DATA | P, DATA + 0x345, 0 },
	{ BITS32, "32 bits of the address count", 0x1c0012345, 1, DATA | P, DATA + 0x345, 0 },
	{ BITS32, "not present", 0xc0012345, 1, DATA, BAD, 0 },
	{ BITS32, "directory entry not present", 0xc0012345, 2, 0, BAD, 0 },
	{ BITS32, "a table beyond RAM reads ones", 0xc0012345, 2, 0x50000000 | P, 0xfffff345, 0 },
	{ BITS32, "4 MiB", 0xc0312345, 2, 0x400000 | PS | P, 0x712345, 0 },
	{ BITS32, "4 MiB, PSE-36", 0xc0312345, 2, 0x4fe000 | PS | P, 0x7f00712345, 0 },
	{ BITS32, "4 MiB, bit beyond MAXPHYADDR", 0xc0312345, 2, 0x500000 | PS | P, BAD, RP },
	{ BITS32, "4 MiB, bit 21", 0xc0312345, 2, 0x600000 | PS | P, BAD, RP },
	{ PAE, "4 KiB", 0xc0012345, 1, DATA | P, DATA + 0x345, 0 },
	{ PAE, "2 MiB", 0xc0112345, 2, 0x600000 | PS | P, 0x712345, 0 },
	{ PAE, "2 MiB with PAT", 0xc0112345, 2, 0x601000 | PS | P, 0x712345, 0 },
	{ PAE, "2 MiB, bit 13", 0xc0112345, 2, 0x602000 | PS | P, BAD, RP },
	{ PAE, "bit 39 of MAXPHYADDR 39", 0xc0012345, 1, DATA | P | 1ull << 39, BAD, RP },
	{ PAE, "bit 38 of MAXPHYADDR 39", 0xc0000000, 1, P | 1ull << 38, 1ull << 38, 0 },
	{ PAE, "bit 52 is reserved", 0xc0012345, 1, DATA | P | 1ull << 52, BAD, RP },
	{ LEVEL4, "4 KiB", 0xffff800012345678, 1, DATA | P, DATA + 0x678, 0 },
	{ LEVEL4, "2 MiB", 0xffff800012345678, 2, 0x600000 | PS | P, 0x745678, 0 },
	{ LEVEL4, "1 GiB", 0xffff800012345678, 3, 0x40000000 | PS | P, 0x52345678, 0 },
	{ LEVEL4, "1 GiB, bit 29", 0x12345678, 3, 0x60000000 | PS | P, BAD, RP },
	{ LEVEL4, "PS in a PML4 entry", 0x12345678, 4, (TABLE + 0x3000) | PS | P, BAD, RP },
	{ LEVEL4, "bit 52 is ignored", 0x12345678, 1, DATA | P | 1ull << 52, DATA + 0x678, 0 },
	{ LEVEL4, "bit 39 of MAXPHYADDR 39", 0x12345678, 1, DATA | P | 1ull << 39, BAD, RP },
	{ LEVEL4, "PML4 entry not present", 0x12345678, 4, 0, BAD, 0 },
	{ LEVEL4, "a reserved bit of what is not present", 0x12345678, 2, 1ull << 51, BAD, 0 },
	{ LEVEL4, "a table beyond RAM reads ones", 0x12345678, 2, 0x50000000 | P, BAD, RP },
	{ LEVEL4, "a table beyond 4 GiB", 0, 2, 1ull << 32 | (TABLE + 0x1000) | P, BAD, RP },
	{ LEVEL4, "a table in the hole", 0x12345678, 3, 0xa0000 | P, BAD, RP },
	{ LEVEL4, "a page beyond RAM", 0x12345678, 1, 0xd0000000 | P, 0xd0000678, 0 },
};

static void test_walks(void)
{
	for (unsigned int i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		struct gmem_cpu cpu = map(walks[i].shape, walks[i].gla, walks[i].level,
					  walks[i].pte);
		struct gmem_fault fault = { 0 };
		uint64_t gpa = BAD, cr2 = walks[i].gla;
		bool done = gmem_walk(&ram, &cpu, walks[i].gla, GMEM_READ, &gpa, &fault);

		if (walks[i].shape < LEVEL4)
			cr2 = (uint32_t)cr2;
		if (!ok(walks[i].gpa != BAD ? done && gpa == walks[i].gpa :
			!done && fault.vector == VECTOR_PF &&
			fault.error == walks[i].error && fault.address == cr2,
			"%s: %s", shapes[walks[i].shape].name, walks[i].name))
			diag("vector %u gpa %#" PRIx64 " error %#x", fault.vector, gpa,
			     fault.error);
	}
}

/* What one switch does that the table above leaves alone. */
static void test_switches(void)
{
	struct gmem_fault fault;
	struct gmem_cpu cpu;
	uint64_t gpa;

	cpu = map(BITS32, 0x312345, 2, (TABLE + 0x1000) | PS | P);
	cpu.cr4 = 0;
	put(entry_at(BITS32, 0x312345, 1), 4, DATA | P);
	ok(gmem_walk(&ram, &cpu, 0x312345, 0, &gpa, &fault) && gpa == DATA + 0x345,
	   "without CR4.PSE the PS bit is ignored");
	cpu = map(LEVEL4, 0, 3, 0x40000000 | PS | P);
	cpu.page1gb = false;
	ok(!gmem_walk(&ram, &cpu, 0, 0, &gpa, &fault) && fault.vector == VECTOR_PF &&
	   fault.error == RP, "without 1-GByte pages PS is reserved in a PDPTE");
	cpu = map(LEVEL4, 0, 1, DATA | P | NX);
	cpu.efer &= ~(uint64_t)EFER_NXE;
	ok(!gmem_walk(&ram, &cpu, 0, 0, &gpa, &fault) && fault.vector == VECTOR_PF &&
	   fault.error == RP, "without EFER.NXE the NX bit is reserved");
	cpu = map(BITS32, 0x312345, 2, 0x600000 | PS | P);
	cpu.maxphyaddr = 46;
	ok(!gmem_walk(&ram, &cpu, 0x312345, 0, &gpa, &fault) && fault.vector == VECTOR_PF &&
	   fault.error == RP, "PSE-36 ends at bit 39 of the address: bit 21 is reserved");
	cpu = map(BITS32, 0x1000, 1, DATA | P);
	cpu.efer = EFER_NXE;
	ok(!gmem_walk(&ram, &cpu, 0x1000, GMEM_FETCH | GMEM_USER, &gpa, &fault) &&
	   fault.vector == VECTOR_PF && fault.error == (GMEM_PRESENT | GMEM_USER),
	   "32-bit paging knows no NX: no I bit");
	cpu = map(PAE, 0x40000000, 1, DATA | P);
	cpu.pdpte[2] = cpu.pdpte[1] & ~P;
	put(entry_at(PAE, 0x80000000, 1), 8, DATA | P);
	ok(!gmem_walk(&ram, &cpu, 0x80000000, 0, &gpa, &fault) && fault.vector == VECTOR_PF &&
	   fault.error == 0, "PDPTE register not present");
	cpu = map(LEVEL4, 0, 1, DATA | P);
	ok(!gmem_walk(&ram, &cpu, 0x800000000000, 0, &gpa, &fault) && fault.vector == VECTOR_GP &&
	   !gmem_walk(&ram, &cpu, 0xffff7fffffffffff, 0, &gpa, &fault) &&
	   fault.vector == VECTOR_GP && fault.address == 0xffff7fffffffffff,
	   "not canonical: #GP");
	cpu.cr3 |= NX | 0xfff;
	ok(gmem_walk(&ram, &cpu, 5, 0, &gpa, &fault) && gpa == DATA + 5,
	   "PCID and bit 63 of CR3 are no address");
}

static void test_rights(void)
{
	enum { WP = 1, SMEP = 2, SMAP = 4, AC_SET = 8, NXE = 16 };
	/* Rights in the page's entry (the others have all), what the CPU checks, the access. */
	static const struct {
		const char *name;
		uint64_t pte;
		unsigned int checks;
		uint32_t access;
		int error;	/* -1: allowed */
	} rights[] = {
		{ "user reads its page", U, WP, GMEM_USER, -1 },
		{ "user writes its page", U | W, WP, GMEM_USER | GMEM_WRITE, -1 },
		{ "user writes read-only", U, 0, GMEM_USER | GMEM_WRITE, 7 },
		{ "user reads supervisor's", W, WP, GMEM_USER, 5 },
		{ "user writes supervisor's", W, WP, GMEM_USER | GMEM_WRITE, 7 },
		{ "user fetches, NX set", U | NX, NXE, GMEM_USER | GMEM_FETCH, 0x15 },
		{ "user reads, NX set", U | NX, NXE, GMEM_USER, -1 },
		{ "user fetches supervisor's, no NX, no SMEP", 0, 0, GMEM_USER | GMEM_FETCH, 5 },
		{ "user fetches supervisor's", 0, NXE, GMEM_USER | GMEM_FETCH, 0x15 },
		{ "user fetches supervisor's, SMEP", 0, SMEP, GMEM_USER | GMEM_FETCH, 0x15 },
		{ "supervisor writes read-only, WP set", 0, WP, GMEM_WRITE, 3 },
		{ "supervisor writes read-only, WP clear", 0, 0, GMEM_WRITE, -1 },
		{ "supervisor writes user's read-only, WP clear", U, 0, GMEM_WRITE, -1 },
		{ "supervisor fetches, NX set", NX, NXE, GMEM_FETCH, 0x11 },
		{ "supervisor fetches user's", U, WP, GMEM_FETCH, -1 },
		{ "supervisor fetches user's, SMEP", U, SMEP, GMEM_FETCH, 0x11 },
		{ "supervisor fetches its own, SMEP", 0, SMEP, GMEM_FETCH, -1 },
		{ "supervisor fetches user's, SMAP alone", U, SMAP, GMEM_FETCH, -1 },
		{ "supervisor reads user's, SMAP", U, SMAP, GMEM_READ, 1 },
		{ "supervisor reads user's, SMAP, AC set", U, SMAP | AC_SET, GMEM_READ, -1 },
		{ "supervisor writes user's, SMAP", U | W, SMAP, GMEM_WRITE, 3 },
		{ "supervisor writes read-only, AC set", U, WP | SMAP | AC_SET, GMEM_WRITE, 3 },
		{ "supervisor reads its own, SMAP", 0, SMAP, GMEM_READ, -1 },
		{ "user reads its own, SMAP", U, SMAP, GMEM_USER, -1 },
		{ "implicit read of user's, SMAP", U, SMAP, GMEM_IMPLICIT, 1 },
		{ "implicit read of user's, AC set", U, SMAP | AC_SET, GMEM_IMPLICIT, 1 },
		{ "implicit write, AC set", U | W, SMAP | AC_SET, GMEM_IMPLICIT | GMEM_WRITE, 3 },
		{ "implicit read of user's, no SMAP", U, AC_SET, GMEM_IMPLICIT, -1 },
		{ "implicit read of its own", 0, SMAP | AC_SET, GMEM_IMPLICIT, -1 },
	};

	for (unsigned int i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		unsigned int wrong = 0, c = rights[i].checks;

		for (enum shape s = BITS32; s <= LEVEL4; s++) {
			struct gmem_cpu cpu = map(s, 0x1000, 1, DATA | P | rights[i].pte);
			struct gmem_fault fault;
			uint64_t gpa, before[6];
			bool done;

			if (s == BITS32 && (c & NXE))
				continue;
			cpu.cr0 = c & WP ? cpu.cr0 : cpu.cr0 & ~(uint64_t)CR0_WP;
			cpu.cr4 |= (c & SMEP ? CR4_SMEP : 0) | (c & SMAP ? CR4_SMAP : 0);
			cpu.efer = c & NXE ? cpu.efer : cpu.efer & ~(uint64_t)EFER_NXE;
			cpu.rflags = c & AC_SET ? AC : 0;
			for (unsigned int l = 1; l <= shapes[s].levels; l++)
				before[l] = entry(s, 0x1000, l);
			done = gmem_walk(&ram, &cpu, 0x1234, rights[i].access, &gpa, &fault);
			wrong += rights[i].error < 0 ? !done :
				 done || fault.vector != VECTOR_PF ||
				 (int)fault.error != rights[i].error;
			/* A in every entry, D only in the last and only by a write. */
			for (unsigned int l = 1; l <= shapes[s].levels; l++) {
				uint64_t flags = done ? A : 0;

				if (flags && l == 1 && (rights[i].access & GMEM_WRITE))
					flags |= D;
				wrong += entry(s, 0x1000, l) != (before[l] | flags);
			}
		}
		is_u64(rights[i].name, wrong, 0);
	}
	/* Rights are those of all entries together. */
	for (unsigned int l = 2; l <= 4; l++) {
		struct gmem_cpu cpu = map(LEVEL4, 0x1000, 1, DATA | P | W | U);
		uint64_t gpa, at = entry_at(LEVEL4, 0x1000, l), full = get(at, 8);
		struct gmem_fault fault;
		bool fine = true;

		put(at, 8, full & ~W);
		fine &= !gmem_walk(&ram, &cpu, 0x1000, GMEM_WRITE, &gpa, &fault) &&
			fault.vector == VECTOR_PF;
		put(at, 8, full & ~U);
		fine &= !gmem_walk(&ram, &cpu, 0x1000, GMEM_USER, &gpa, &fault) &&
			fault.vector == VECTOR_PF;
		put(at, 8, full | NX);
		fine &= !gmem_walk(&ram, &cpu, 0x1000, GMEM_FETCH, &gpa, &fault) &&
			fault.vector == VECTOR_PF;
		ok(fine, "level %u takes rights away from the page", l);
	}
}

static void test_copy(void)
{
	struct gmem_cpu cpu = map(LEVEL4, 0x1000, 1, DATA | P | W);
	struct gmem_fault fault;
	char buf[0x1800], back[0x1800];

	/* Neighbours in linear memory, apart in physical. */
	put(entry_at(LEVEL4, 0x2000, 1), 8, (DATA + 0x5000) | P | W);
	put(entry_at(LEVEL4, 0x3000, 1), 8, 0xa0000 | P | W);
	memset(ram.base + DATA, 0, 0x8000);
	ok(gmem_copy(&ram, &cpu, 0x1ffd, "abcdef", 6, GMEM_WRITE, &fault) &&
	   !memcmp(ram.base + DATA + 0xffd, "abc", 3) &&
	   !memcmp(ram.base + DATA + 0x5000, "def", 4), "a copy to two pages");
	ok(gmem_copy(&ram, &cpu, 0x1ffd, buf, 6, 0, &fault) &&
	   !memcmp(buf, "abcdef", 6), "a copy from two pages");
	ok(gmem_copy(&ram, &cpu, 0x2ffe, "12345", 5, GMEM_WRITE, &fault) &&
	   gmem_copy(&ram, &cpu, 0x2ffe, buf, 5, 0, &fault) &&
	   !memcmp(buf, "12\xff\xff\xff", 5), "into the hole: written to nothing, reads ones");
	ok(gmem_copy(&ram, &cpu, 0x1800, buf, 0x1800, 0, &fault) &&
	   !memcmp(buf + 0x7fd, "abcdef", 6), "more than a page");
	for (unsigned int i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7 >> 3);
	put(entry_at(LEVEL4, 0x3000, 1), 8, (DATA + 0x2000) | P | W);
	ok(gmem_copy(&ram, &cpu, 0x1c00, buf, 0x1000, GMEM_WRITE, &fault) &&
	   gmem_copy(&ram, &cpu, 0x1c00, back, 0x1000, 0, &fault) &&
	   !memcmp(buf, back, 0x1000) && !memcmp(ram.base + DATA + 0xc00, buf, 0x400) &&
	   !memcmp(ram.base + DATA + 0x5000, buf + 0x400, 0xc00) &&
	   !get(DATA + 0x5c00, 8), "a whole page there and back");
	memcpy(ram.base + DATA + 0xffd, "abc", 3);
	ok(!gmem_copy(&ram, &cpu, 0x3ffe, "1234", 4, GMEM_WRITE, &fault) &&
	   fault.vector == VECTOR_PF && fault.address == 0x4000 &&
	   fault.error == GMEM_WRITE, "a fault in the next page");
	put(entry_at(LEVEL4, 0x2000, 1), 8, (DATA + 0x5000) | P);
	ok(!gmem_copy(&ram, &cpu, 0x1ffd, "UVWXYZ", 6, GMEM_WRITE, &fault) &&
	   fault.vector == VECTOR_PF && fault.address == 0x2000 &&
	   fault.error == (GMEM_WRITE | GMEM_PRESENT) &&
	   !memcmp(ram.base + DATA + 0xffd, "abc", 3), "a fault there writes nothing here");
	ok(!gmem_copy(&ram, &cpu, 0x4000, buf, 1, GMEM_USER | GMEM_FETCH, &fault) &&
	   fault.vector == VECTOR_PF && fault.error == (GMEM_USER | GMEM_FETCH),
	   "a fetch by the user says so");
	ok(!gmem_copy(&ram, &cpu, 0x7ffffffffffe, buf, 4, 0, &fault) && fault.vector == VECTOR_PF &&
	   !gmem_copy(&ram, &cpu, 0x800000000000, buf, 4, 0, &fault) && fault.vector == VECTOR_GP,
	   "the end of the canonical addresses");
	put(entry_at(LEVEL4, 0xfffff000, 1), 8, (DATA + 0x4000) | P | W);
	put(entry_at(LEVEL4, 0x0000, 1), 8, (DATA + 0x6000) | P | W);
	for (uint64_t gla = 0; gla < 2ull << 32; gla += 0xfffff000) {
		for (unsigned int l = 2; l < 4; l++)
			put(entry_at(LEVEL4, gla, l), 8, (TABLE + (l - 1) * 0x1000) | P | W);
	}
	ok(gmem_copy(&ram, &cpu, 0xfffffffe, "wrap", 4, GMEM_WRITE | GMEM_LINEAR32,
		     &fault) &&
	   !memcmp(ram.base + DATA + 0x4ffe, "wr", 2) &&
	   !memcmp(ram.base + DATA + 0x6000, "ap", 2), "outside 64-bit mode addresses wrap");
}

static struct {
	uint64_t gpa, len;
	uint8_t bytes[8];
} asked;

static void device(void *ctx, uint64_t gpa, void *buf, uint64_t len, bool write)
{
	if (!write)
		ok(ctx == &asked, "the context");
	asked.gpa = gpa;
	asked.len = len;
	if (write)
		memcpy(asked.bytes, buf, len);
	else
		memcpy(buf, "register", len);
}

/* What is outside RAM may answer, and is asked for nothing before it is meant. */
static void test_device(void)
{
	struct gmem m = { ram.base, ram.size, device, &asked };
	struct gmem_cpu cpu = map(LEVEL4, 0x1000, 1, 0xfee00000 | P | W);
	struct gmem_span span;
	struct gmem_fault fault;
	char buf[8] = "";

	ok(gmem_translate(&m, &cpu, 0x1030, 4, GMEM_WRITE, &span, &fault) &&
	   !asked.len, "a translation asks no device");
	gmem_copy_span(&m, &span, buf, GMEM_READ);
	ok(asked.gpa == 0xfee00030 && asked.len == 4 && !memcmp(buf, "regi", 4), "a read does");
	gmem_copy_span(&m, &span, "word", GMEM_WRITE);
	ok(asked.gpa == 0xfee00030 && !memcmp(asked.bytes, "word", 4), "and a write");
	put(entry_at(LEVEL4, 0x0000, 1), 8, (DATA + 0x1000) | P | W);
	ok(gmem_copy(&m, &cpu, 0xffe, "four", 4, GMEM_WRITE, &fault) && asked.len == 2 &&
	   asked.gpa == 0xfee00000 && !memcmp(asked.bytes, "ur", 2) &&
	   !memcmp(ram.base + DATA + 0x1ffe, "fo", 2), "half in RAM, half outside");
}

static void test_alignment(void)
{
	struct gmem_cpu cpu = map(LEVEL4, 0x1000, 1, DATA | P | W | U);
	struct gmem_span span;
	struct gmem_fault fault = { 0 };

	cpu.rflags = AC;
	ok(gmem_translate(&ram, &cpu, 0x1002, 4, GMEM_USER, &span, &fault),
	   "no alignment is checked without CR0.AM");
	cpu.cr0 |= CR0_AM;
	ok(!gmem_translate(&ram, &cpu, 0x1002, 4, GMEM_USER, &span, &fault) &&
	   fault.vector == VECTOR_AC && !fault.error, "with it, #AC");
	ok(!gmem_translate(&ram, &cpu, 0x5002, 4, GMEM_USER, &span, &fault) &&
	   fault.vector == VECTOR_AC, "in front of a #PF");
	ok(gmem_translate(&ram, &cpu, 0x1004, 4, GMEM_USER, &span, &fault) &&
	   gmem_translate(&ram, &cpu, 0x1002, 10, GMEM_USER, &span, &fault) &&
	   gmem_translate(&ram, &cpu, 0x1001, 1, GMEM_USER, &span, &fault), "but not of these");
	ok(gmem_translate(&ram, &cpu, 0x1002, 4, GMEM_READ, &span, &fault) &&
	   gmem_translate(&ram, &cpu, 0x1002, 4, GMEM_USER | GMEM_FETCH, &span, &fault),
	   "nor of the supervisor, nor of code");
	cpu.rflags = 0;
	ok(gmem_translate(&ram, &cpu, 0x1002, 4, GMEM_USER, &span, &fault), "nor without AC");
}

/* Tables full of anything: no access outside RAM, whatever a guest makes of them. */
static void test_random(void)
{
	unsigned int wrong = 0, translated = 0;
	uint64_t seed = 1, gpa;
	struct gmem_fault fault;

	for (uint64_t at = TABLE; at < DATA; at += 8) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		/* Mostly entries that lead on to another table. */
		put(at, 8, seed >> 62 ? (TABLE + (seed >> 30 & 0xff000)) | (seed >> 50 & 0xfff) | P
			   : seed);
	}
	for (unsigned int i = 0; i < 300000; i++) {
		enum shape s = FLAT + i % 4;
		struct gmem_cpu cpu = {
			.cr0 = shapes[s].cr0, .cr4 = shapes[s].cr4, .efer = shapes[s].efer,
			.maxphyaddr = 32 + i % 21, .page1gb = i & 1, .rflags = i & 2 ? AC : 0,
		};
		char byte;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		cpu.cr3 = i & 64 ? seed : TABLE + (seed >> 30 & 0xff000);
		cpu.pdpte[seed >> 40 & 3] = cpu.cr3 | P;
		if (gmem_walk(&ram, &cpu, seed >> (i & 31), seed >> 35 & 0x16, &gpa, &fault)) {
			translated++;
			wrong += gpa >> 52 != 0;
			gmem_copy_phys(&ram, gpa, &byte, 1, GMEM_READ);
		} else if (fault.vector == VECTOR_PF) {
			wrong += fault.error > 0x1f;
		} else {
			wrong += fault.vector != VECTOR_GP || s < LEVEL4;
		}
	}
	ok(!wrong && translated > 1000, "random tables: %u of 300000 translated, none wrong",
	   translated);
}

int main(void)
{
	/* Of exactly the size of RAM: ASan sees whatever is outside. */
	ram = (struct gmem){ .base = calloc(1, RAM_SIZE), .size = RAM_SIZE };
	test_ram();
	test_walks();
	test_switches();
	test_rights();
	test_copy();
	test_device();
	test_alignment();
	test_random();
	free(ram.base);
	return done();
}
