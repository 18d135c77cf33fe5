// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/boot/handover.c hv/boot/ranges.c machine/elf_image.c */
/*
 * What boot loaders hand over: right information is understood, wrong information is
 * refused by name, and whatever comes, nothing is read outside of memory and what is
 * taken can be used.
 *
 * Memory is a heap block of exactly its size, so that AddressSanitizer sees a read past
 * its end.
 */
#include "hv/boot/handover.h"
#include "machine/pvh.h"
#include "tests/unit/tap.h"

#define MAPPED		0x10000u
#define OWN		0x4000u
#define OWN_END		0x6000u
#define INFO		0x2000u		/* a page of it */
#define STRINGS		0x3000u		/* for PVH: what start info points to */
#define IMAGE		0x8000u
#define IMAGE_END	0x9001u
#define INITRD		0xa000u
#define INITRD_END	0xb000u

static uint8_t *memory;
static struct handover h;
static uint32_t tag_at[8];	/* of each type, the last one */
static uint32_t end;		/* of the tags */

static void put(uint32_t at, unsigned int size, uint64_t value)
{
	memcpy(memory + at, &value, size);
}

static void tag(uint32_t type, const void *contents, uint32_t size)
{
	tag_at[type] = end;
	put(end, 4, type);
	put(end + 4, 4, size + 8);
	memcpy(memory + end + 8, contents, size);
	end += (size + 15) & -8u;
	put(INFO, 4, end - INFO);
}

static void module_tag(uint32_t start, uint32_t stop, const char *name)
{
	uint8_t contents[64];

	memcpy(contents, &start, 4);
	memcpy(contents + 4, &stop, 4);
	strcpy((char *)contents + 8, name);
	tag(3, contents, 8 + strlen(name) + 1);
}

/* A map in entries of @entry_size: a hole from 0xc000 on, and ranges that touch before it. */
static void mmap_tag(uint32_t entry_size)
{
	static const uint64_t map[][3] = {
		{ 0x1000, 0x7800, 1 }, { 0x8800, 0x3800, 1 }, { 0xc000, 0x1000, 2 },
		{ 0xe000, 0x100000, 1 }, { 0x100000000, 0x1000, 1 },
	};
	uint8_t contents[8 + 5 * 64] = { 0 };

	memcpy(contents, &entry_size, 4);
	for (unsigned int i = 0; i < 5; i++)
		memcpy(contents + 8 + i * entry_size, map[i], 24);
	tag(6, contents, 8 + 5 * entry_size);
}

static void good_multiboot2(uint32_t entry_size)
{
	memset(memory, 0xff, MAPPED);
	put(INFO + 4, 4, 0);
	end = INFO + 8;
	tag(1, "mem=64 -- a b", 14);
	tag(2, "GRUB", 5);
	module_tag(IMAGE, IMAGE_END, "my guest.elf");
	module_tag(INITRD, INITRD_END, "");
	mmap_tag(entry_size);
	tag(0, "", 0);
}

static void good_pvh(void)
{
	const struct pvh_start_info info = {
		.magic = PVH_START_MAGIC, .version = 1, .nr_modules = 2, .modlist = STRINGS,
		.cmdline = STRINGS + 0x100, .memmap = STRINGS + 0x200, .memmap_entries = 3,
	};
	const struct pvh_module modules[2] = {
		{ IMAGE, IMAGE_END - IMAGE, STRINGS + 0x180, 0 },
		{ INITRD, INITRD_END - INITRD, 0, 0 },
	};
	const struct pvh_memmap map[3] = {
		{ 0x1000, 0xb000, 1, 0 }, { 0xc000, 0x1000, 2, 0 }, { 0xe000, 0x100000, 1, 0 },
	};

	memset(memory, 0xff, MAPPED);
	memcpy(memory + INFO, &info, sizeof(info));
	memcpy(memory + STRINGS, modules, sizeof(modules));
	memcpy(memory + STRINGS + 0x200, map, sizeof(map));
	strcpy((char *)memory + STRINGS + 0x100, "mem=64 -- a b");
	strcpy((char *)memory + STRINGS + 0x180, "my guest.elf");
}

static bool take(uint32_t magic)
{
	memset(&h, 0, sizeof(h));
	h.memory = memory;
	h.mapped = MAPPED;
	h.own_start = OWN;
	h.own_end = OWN_END;
	return handover_take(&h, magic, INFO);
}

static void check_good(const char *name)
{
	ok(h.modules[0].data == memory + IMAGE && h.modules[0].size == IMAGE_END - IMAGE,
	   "%s: the image", name);
	ok(h.modules[1].data == memory + INITRD && h.modules[1].size == INITRD_END - INITRD,
	   "%s: the initrd", name);
	is_str("command line", h.cmdline, "mem=64 -- a b");
	is_str("name of the image", h.modules[0].name, "my guest.elf");
	is_str("name of the initrd", h.modules[1].name, "");
	ok(ranges_contain(&h.ranges, 0x1000, 0xc000) && !ranges_contain(&h.ranges, 0x1000, 0xc001),
	   "%s: memory up to the hole", name);
	ok(ranges_contain(&h.ranges, 0xe000, MAPPED) && !ranges_contain(&h.ranges, 0xd000, 0xe001),
	   "%s: memory behind it, to the end of what is mapped", name);
	is_u64("free before the modules", ranges_take(&h.ranges, 0x7000, 0x1000, MAPPED), 0x1000);
	is_u64("and behind them", ranges_take(&h.ranges, 0x2000, 0x1000, MAPPED), 0xe000);
}

static void test_good(void)
{
	char name[400] = "";

	for (uint32_t size = 24; size <= 64; size += 8) {
		snprintf(name, sizeof(name), "Multiboot 2, entries of %u bytes", size);
		good_multiboot2(size);
		ok(take(HANDOVER_MULTIBOOT2), "%s", name);
		check_good(name);
	}
	good_pvh();
	ok(take(PVH_START_MAGIC), "PVH");
	check_good("PVH");

	/* No module is for hv_main() to complain of; a long name is cut. */
	put(INFO + 12, 4, 0);
	ok(take(PVH_START_MAGIC) && !h.modules[0].data && !h.modules[1].data, "PVH: no module");
	put(INFO + 12, 4, 1);
	memset(memory + STRINGS + 0x180, 'n', 0x80);
	memset(memory + STRINGS + 0x300, 'n', 0x100);
	put(STRINGS + 16, 8, STRINGS + 0x300);
	ok(take(PVH_START_MAGIC) && strlen(h.modules[0].name) == 255, "PVH: a long name");
	put(STRINGS + 16, 8, MAPPED - 8);
	ok(take(PVH_START_MAGIC) && strlen(h.modules[0].name) == 8,
	   "PVH: a name up to the end of what is mapped");
	put(INFO + 24, 8, 0);
	ok(take(PVH_START_MAGIC) && !h.cmdline[0], "PVH: no command line");
}

/* A field of good information, a value that must be refused, and what is said of it. */
struct spoil {
	const char *name;
	uint32_t tag, at, size;		/* in the last tag of that type; 9: from the header on */
	uint64_t value;
	const char *field, *problem;
};

static const struct spoil multiboot2[] = {
	{ "no room for a tag", 9, 0, 4, 8, "total_size", "ends before" },
	{ "no size at all", 9, 0, 4, 0, "total_size", "ends before" },
	{ "information beyond memory", 9, 0, 4, 0xffffffff, "total_size", "beyond 4 GiB" },
	{ "a tag of size 0", 2, 4, 4, 0, "size", "less than a tag" },
	{ "a tag of size 7", 2, 4, 4, 7, "size", "less than a tag" },
	{ "an end tag of size 0", 0, 4, 4, 0, "size", "less than a tag" },
	{ "a tag beyond total_size", 2, 4, 4, 0x1000, "size", "beyond total_size" },
	{ "a tag whose end wraps", 2, 4, 4, 0xfffffffc, "size", "beyond total_size" },
	{ "no end tag", 0, 0, 4, 99, "total_size", "ends before" },
	{ "a command line without end", 1, 4, 4, 21, "command line", "no NUL" },
	{ "a command line of nothing", 1, 4, 4, 8, "command line", "no NUL" },
	{ "a short module tag", 3, 4, 4, 15, "size", "less than a module" },
	{ "a module's name of nothing", 3, 4, 4, 16, "module's name", "no NUL" },
	{ "a module that ends before it starts", 3, 12, 4, INITRD - 1, "mod_end", "before" },
	{ "a module in the first page", 3, 8, 4, 0xfff, "module", "first page" },
	{ "a module beyond what is mapped", 3, 12, 4, MAPPED + 1, "module", "beyond 4 GiB" },
	{ "a module at the top", 3, 12, 4, 0xffffffff, "module", "beyond 4 GiB" },
	{ "a module over hv", 3, 8, 4, OWN_END - 1, "module", "over hv" },
	{ "a module over the other", 3, 8, 4, IMAGE_END - 1, "module", "over the one before" },
	{ "a module into a hole", 3, 12, 4, 0xc001, "second module", "not in memory" },
	{ "a short memory map", 6, 4, 4, 15, "size", "less than a memory map" },
	{ "entries of size 0", 6, 8, 4, 0, "entry_size", "multiple of 8" },
	{ "short entries", 6, 8, 4, 16, "entry_size", "multiple of 8" },
	{ "odd entries", 6, 8, 4, 25, "entry_size", "multiple of 8" },
	{ "half an entry", 6, 4, 4, 16 + 4 * 24 + 8, "size", "whole" },
	{ "entries larger than the tag", 6, 8, 4, 0x80000000, "size", "whole" },
	{ "memory that wraps", 6, 24, 8, -0xfffull, "memory map", "last address" },
	{ "no memory map", 6, 0, 4, 99, "memory map", "missing" },
};

/* Likewise, from the start info on. */
static const struct spoil pvh[] = {
	{ "magic", 9, 0, 4, 0x336ec579, "magic", "not that" },
	{ "no memory map yet", 9, 4, 4, 0, "version", "too old" },
	{ "too many modules", 9, 12, 4, 3, "nr_modules", "is more" },
	{ "4 G modules", 9, 12, 4, 0xffffffff, "nr_modules", "is more" },
	{ "modules beyond memory", 9, 16, 8, MAPPED - 31, "modlist", "beyond 4 GiB" },
	{ "modules nowhere", 9, 16, 8, -1ull, "modlist", "beyond 4 GiB" },
	{ "a command line beyond memory", 9, 24, 8, MAPPED, "cmdline", "beyond 4 GiB" },
	{ "a command line without end", 9, 24, 8, MAPPED - 16, "command line", "no NUL" },
	{ "a long command line", 9, 24, 8, 0x4000, "command line", "longer" },
	{ "a map beyond memory", 9, 40, 8, MAPPED - 71, "memmap", "beyond 4 GiB" },
	{ "a map nowhere", 9, 40, 8, -8ull, "memmap", "beyond 4 GiB" },
	{ "4 G entries", 9, 48, 4, 0xffffffff, "memmap", "beyond 4 GiB" },
	{ "no entries", 9, 48, 4, 0, "memory map", "missing" },
	{ "a module that wraps", 9, STRINGS - INFO + 8, 8, -1ull, "module", "beyond 4 GiB" },
	{ "a module nowhere", 9, STRINGS - INFO, 8, 1ull << 40, "module", "beyond 4 GiB" },
	{ "a module's name nowhere", 9, STRINGS - INFO + 16, 8, 1ull << 40, "cmdline", "beyond" },
	{ "a module over hv", 9, STRINGS - INFO, 8, OWN, "module", "over hv" },
	{ "a module without memory", 9, STRINGS - INFO + 8, 8, 0x4001, "module", "over" },
	{ "the same module twice", 9, STRINGS - INFO + 32, 8, IMAGE, "module", "over the one" },
	{ "memory that wraps", 9, STRINGS - INFO + 0x200, 8, -1ull, "memory map", "last address" },
};

static void test_spoiled(const struct spoil *spoils, unsigned int count, uint32_t magic)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct spoil *s = &spoils[i];
		bool taken;

		if (magic == PVH_START_MAGIC)
			good_pvh();
		else
			good_multiboot2(24);
		put((s->tag == 9 ? INFO : tag_at[s->tag]) + s->at, s->size, s->value);
		taken = take(magic);
		ok(!taken && !strcmp(h.err.field, s->field) &&
		   strstr(h.err.problem, s->problem), "%s: %s %" PRId64 ": %s %s (0x%" PRIx64 ")",
		   s->name, h.part, h.err.index, h.err.field, h.err.problem, h.err.value);
	}
}

static void test_odd(void)
{
	static char line[HANDOVER_CMDLINE_MAX + 1];

	good_multiboot2(24);
	end -= 8;
	module_tag(0x1000, 0x1800, "one more");
	tag(0, "", 0);
	ok(!take(HANDOVER_MULTIBOOT2) && strstr(h.err.problem, "one more"), "a third module");
	good_multiboot2(24);
	end = tag_at[6];
	tag(6, "\30\0\0\0\0\0\0", 8);
	tag(0, "", 0);
	ok(!take(HANDOVER_MULTIBOOT2) && strstr(h.err.problem, "missing"), "an empty memory map");
	ok(!take(0x2badb002) && !strcmp(h.err.field, "EAX"), "another protocol");

	memset(line, 'x', sizeof(line) - 1);
	memset(memory, 0xff, MAPPED);
	end = INFO + 8;
	mmap_tag(24);
	tag(1, line, sizeof(line));
	tag(0, "", 0);
	ok(!take(HANDOVER_MULTIBOOT2) && strstr(h.err.problem, "longer"), "a long command line");
	put(tag_at[1] + 8 + HANDOVER_CMDLINE_MAX - 1, 1, 0);
	ok(take(HANDOVER_MULTIBOOT2) && strlen(h.cmdline) == HANDOVER_CMDLINE_MAX - 1,
	   "the longest command line");
}

/* Is what was taken fit for use? */
static bool sane(void)
{
	const struct handover_module *m = h.modules;

	if (!memchr(h.cmdline, 0, sizeof(h.cmdline)) || (m[1].data && !m[0].data))
		return false;
	for (unsigned int i = 0; i < HANDOVER_MODULES; i++) {
		uint64_t start = (const uint8_t *)m[i].data - memory;

		if (!m[i].data)
			continue;
		if (!memchr(m[i].name, 0, sizeof(m[i].name)) || start > MAPPED ||
		    m[i].size > MAPPED - start || (start < OWN_END && start + m[i].size > OWN) ||
		    !ranges_contain(&h.ranges, start, start + m[i].size))
			return false;
	}
	for (unsigned int i = 0; i < h.ranges.nr_available; i++) {
		if (h.ranges.available[i].start > h.ranges.available[i].end ||
		    h.ranges.available[i].end > MAPPED)
			return false;
	}
	return true;
}

static uint64_t seed = 1;

static uint32_t random_number(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* Any few bytes or words of good information replaced, and no more than that known. */
static void test_random(uint32_t magic, uint32_t span)
{
	static const uint64_t odd[] = {
		0, 1, 7, 8, 15, 16, 23, 24, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
		MAPPED - 1, MAPPED, OWN, IMAGE, INITRD_END, -1ull, -8ull, 1ull << 63, 1ull << 32,
	};
	unsigned int taken = 0, good = 0, tried = 30000;

	for (unsigned int i = 0; i < tried; i++) {
		if (magic == PVH_START_MAGIC)
			good_pvh();
		else
			good_multiboot2(24 + 8 * random_number(6));
		for (unsigned int n = 1 + random_number(4); n; n--) {
			uint32_t at = INFO + random_number(span);

			switch (random_number(3)) {
			case 0:
				put(at, 1, random_number(256));
				break;
			case 1:
				put(at & -4u, 4, odd[random_number(sizeof(odd) / 8)]);
				break;
			default:
				put(at & -8u, 8, odd[random_number(sizeof(odd) / 8)] +
				    random_number(3) - 1);
			}
		}
		if (take(magic)) {
			taken++;
			good += sane();
		} else {
			good += h.part && h.err.field && h.err.problem;
		}
	}
	is_u64("whatever comes, it is refused by name or fit for use", good, tried);
	ok(taken > tried / 50 && taken < tried, "both happens: %u of %u are taken", taken, tried);
}

int main(void)
{
	memory = malloc(MAPPED);
	test_good();
	test_spoiled(multiboot2, sizeof(multiboot2) / sizeof(multiboot2[0]), HANDOVER_MULTIBOOT2);
	test_spoiled(pvh, sizeof(pvh) / sizeof(pvh[0]), PVH_START_MAGIC);
	test_odd();
	test_random(HANDOVER_MULTIBOOT2, 0x130);
	test_random(PVH_START_MAGIC, sizeof(struct pvh_start_info));
	free(memory);
	return done();
}
