// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the boot loader handed over: command line, guest image, memory.
 *
 * Source: Multiboot2 Specification, "Boot information format"; Xen "x86/HVM
 * direct boot ABI", struct hvm_start_info.
 */
#include "machine.h"
#include "pvh.h"
#include "ranges.h"
#include "stamp.h"
#include "hv.h"

#define MULTIBOOT2_BOOT_MAGIC	0x36d76289
#define MEMORY_AVAILABLE	1		/* both protocols use the number of E820 */
#define LOW_MEMORY		0x100000ull	/* belongs to the firmware */
#define MAPPED_MEMORY		0x100000000ull	/* start.S maps no more */

enum { TAG_END = 0, TAG_CMDLINE = 1, TAG_MODULE = 3, TAG_MMAP = 6 };

struct mb2_tag {
	u32 type, size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
	struct {
		u64 addr, size;
		u32 type, reserved;
	} entries[];
};

static struct ranges memory;

extern u8 hv_start[], hv_end_of_image[];

static void add_available(u64 start, u64 size, u32 type)
{
	if (type == MEMORY_AVAILABLE)
		ranges_available(&memory, start, size);
}

static void take_cmdline(struct bootinfo *b, const char *s)
{
	size_t len = strlen(s);

	if (len >= sizeof(b->cmdline))
		die(MACHINE_CODE_USAGE, "the command line is longer than %lu bytes",
		    sizeof(b->cmdline) - 1);
	memcpy(b->cmdline, s, len + 1);
}

static void take_module(struct bootinfo *b, u64 start, u64 size, const char *name)
{
	typeof(&b->modules[0]) m = &b->modules[b->modules[0].data ? 1 : 0];

	if (m->data)
		return;
	/* Copied: nobody keeps the loader's memory. */
	for (size_t i = 0; i < sizeof(m->name) - 1 && name && name[i]; i++)
		m->name[i] = name[i];
	m->data = (void *)start;
	m->size = size;
	ranges_used(&memory, start, start + size);
}

static void parse_multiboot2(const u8 *info, struct bootinfo *b)
{
	/* Tags follow a header of 8 bytes and are padded to 8. */
	const struct mb2_tag *tag = (const void *)(info + 8);

	for (; tag->type != TAG_END; tag = (const void *)((u64)tag + ((tag->size + 7) & -8ul))) {
		const struct mb2_module *module = (const void *)tag;
		const struct mb2_mmap *mmap = (const void *)tag;

		switch (tag->type) {
		case TAG_CMDLINE:
			take_cmdline(b, (const char *)(tag + 1));
			break;
		case TAG_MODULE:
			take_module(b, module->start, module->end - module->start,
				    (const char *)(module + 1));
			break;
		case TAG_MMAP:
			for (u32 i = 0; i < (tag->size - sizeof(*mmap)) / mmap->entry_size; i++)
				add_available(mmap->entries[i].addr, mmap->entries[i].size,
					      mmap->entries[i].type);
		}
	}
}

static void parse_pvh(const struct pvh_start_info *info, struct bootinfo *b)
{
	const struct pvh_module *module = (const void *)info->modlist;
	const struct pvh_memmap *memmap = (const void *)info->memmap;

	if (info->magic != PVH_START_MAGIC || info->version < PVH_START_VERSION)
		die(MACHINE_CODE_USAGE, "PVH start info has no memory map");
	if (info->cmdline)
		take_cmdline(b, (const char *)info->cmdline);
	for (u32 i = 0; i < info->nr_modules; i++)
		take_module(b, module[i].addr, module[i].size, (const char *)module[i].cmdline);
	for (u32 i = 0; i < info->memmap_entries; i++)
		add_available(memmap[i].addr, memmap[i].size, memmap[i].type);
}

static u64 parse_number(const char *option, const char *s, u64 min, u64 max)
{
	u64 value = 0;
	const char *p;

	for (p = s; *p >= '0' && *p <= '9' && value <= max; p++)
		value = value * 10 + *p - '0';
	if (p == s || *p || value < min || value > max)
		die(MACHINE_CODE_USAGE, "%s=%s is not a number from %lu to %lu", option, s, min,
		    max);
	return value;
}

static const char *parse_word(const char *option, const char *s, const char *const *words)
{
	for (u32 i = 0; words[i]; i++) {
		if (!strcmp(s, words[i]))
			return words[i];
	}
	die(MACHINE_CODE_USAGE, "%s=%s: not a %s that hv knows", option, s, option);
}

static void parse_option(char *word, struct hv_options *o)
{
	static const char *const machines[] = { "bochs", "qemu", "bare", NULL };
	static const char *const clocks[] = { "emulated", "hardware", NULL };
	char *value = word;

	while (*value && *value != '=')
		value++;
	if (*value)
		*value++ = '\0';
	if (!strcmp(word, "leaves")) {
		o->leaves = exit_acct_map_parse(value);
		if (o->leaves == EXIT_ACCT_NR_MAPS)
			die(MACHINE_CODE_USAGE, "leaves=%s: not default, s21, f21 or f22", value);
	} else if (!strcmp(word, "report")) {
		o->report = parse_number(word, value, 0, 1000000000000);
	} else if (!strcmp(word, "unhandled")) {
		o->unhandled = parse_number(word, value, 0, VMX_EXIT_REASONS_NR - 1);
	} else if (!strcmp(word, "mem")) {
		o->mem = parse_number(word, value, MACHINE_MEM_MIN_MIB, MACHINE_MEM_MAX_MIB);
	} else if (!strcmp(word, "limit")) {
		o->limit = parse_number(word, value, 1, 1000000);
	} else if (!strcmp(word, "machine")) {
		o->machine = parse_word(word, value, machines);
	} else if (!strcmp(word, "clock")) {
		o->clock = parse_word(word, value, clocks);
	} else if (!strcmp(word, "stamp")) {
		if (parse_number(word, value, 0, 1))
			machine_stamp_on();
	} else if (!strcmp(word, "break")) {
		o->broken = value;
	} else if (!strcmp(word, "intercept")) {
		o->intercept = value;
	} else {
		die(MACHINE_CODE_USAGE, "unknown option '%s' (known: leaves= report= mem= limit= "
		    "machine= clock= stamp= intercept= unhandled= break=, and after -- the guest's "
		    "command line)", word);
	}
}

static void parse_options(char *s, struct hv_options *o)
{
	*o = (struct hv_options){
		.leaves = EXIT_ACCT_MAP_DEFAULT,
		.report = EXIT_ACCT_REPORT_DEFAULT,
		.mem = MACHINE_MEM_DEFAULT_MIB,
		.machine = "bare",
		.clock = "hardware",
		.unhandled = VMX_EXIT_REASONS_NR,
		.intercept = "",
		.broken = "",
		.guest_cmdline = "",
	};
	for (;;) {
		char *word;

		while (*s == ' ')
			s++;
		word = s;
		while (*s && *s != ' ')
			s++;
		if (s == word)
			return;
		if (*s)
			*s++ = '\0';
		if (!strcmp(word, "--")) {
			o->guest_cmdline = s;
			return;
		}
		parse_option(word, o);
	}
}

void bootinfo_init(u32 magic, u32 info, struct bootinfo *b)
{
	ranges_used(&memory, 0, LOW_MEMORY);
	ranges_used(&memory, (u64)hv_start, (u64)hv_end_of_image);
	if (magic == MULTIBOOT2_BOOT_MAGIC)
		parse_multiboot2((const u8 *)(u64)info, b);
	else if (magic == PVH_START_MAGIC)
		parse_pvh((const struct pvh_start_info *)(u64)info, b);
	else
		die(MACHINE_CODE_USAGE, "started by neither Multiboot 2 nor PVH (EAX=0x%x)", magic);
	parse_options(b->cmdline, &b->options);
}

void *boot_alloc(u64 size, u64 align)
{
	u64 start = ranges_take(&memory, size, align, MAPPED_MEMORY);

	return start ? memset((void *)start, 0, size) : NULL;
}
