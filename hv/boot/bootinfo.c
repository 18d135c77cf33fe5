// SPDX-License-Identifier: GPL-2.0-only
/* What the boot loader handed over, and what hv makes of it: options, memory. */
#include "hv/boot/bootinfo.h"
#include "hv/boot/console.h"
#include "hv/smp/processors.h"
#include "machine/line.h"
#include "machine/machine.h"
#include "machine/option.h"

#define LOW_MEMORY		0x100000ull	/* belongs to the firmware */
#define BASE_MEMORY		0xa0000ull	/* RAM ends there at the latest */
#define MAPPED_MEMORY		0x100000000ull	/* start.S maps no more */

static struct handover handover;

extern u8 hv_start[], hv_end_of_image[];

static u64 parse_number(const char *option, const char *s, u64 min, u64 max)
{
	u64 value;

	if (!option_number(s, min, max, &value))
		die(MACHINE_CODE_USAGE, "%s=%s is not a number from %lu to %lu", option, s, min,
		    max);
	return value;
}

static const char *parse_word(const char *option, const char *s, const char *const *words)
{
	const char *word = option_word(s, words);

	if (!word)
		die(MACHINE_CODE_USAGE, "%s=%s: not a %s that hv knows", option, s, option);
	return word;
}

static void parse_option(char *word, struct hv_options *o)
{
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
	} else if (!strcmp(word, "cpus")) {
		o->cpus = parse_number(word, value, 1, MACHINE_CPUS_MAX);
	} else if (!strcmp(word, "limit")) {
		o->limit = parse_number(word, value, 1, 1000000);
	} else if (!strcmp(word, "machine")) {
		o->machine = parse_word(word, value, option_machines);
	} else if (!strcmp(word, "clock")) {
		o->clock = parse_word(word, value, option_clocks);
	} else if (!strcmp(word, "stamp")) {
		machine_stamp(parse_number(word, value, 0, 1));
	} else if (!strcmp(word, "intercept")) {
		o->intercept = value;
	} else {
		die(MACHINE_CODE_USAGE, "unknown option '%s' (known: leaves= report= mem= cpus= "
		    "limit= machine= clock= stamp= intercept= unhandled=, and after -- the guest's "
		    "command line)", word);
	}
}

static void parse_options(char *s, struct hv_options *o)
{
	*o = (struct hv_options){
		.leaves = EXIT_ACCT_MAP_DEFAULT,
		.report = EXIT_ACCT_REPORT_DEFAULT,
		.mem = MACHINE_MEM_DEFAULT_MIB,
		.cpus = 1,
		.machine = "bare",
		.clock = "hardware",
		.unhandled = VMX_EXIT_REASONS_NR,
		.intercept = "",
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
			if (strlen(s) >= MACHINE_CMDLINE_MAX)
				die(MACHINE_CODE_USAGE, "the guest's command line: %lu bytes are "
				    "more than %u", strlen(s), MACHINE_CMDLINE_MAX - 1);
			o->guest_cmdline = s;
			return;
		}
		parse_option(word, o);
	}
}

/* Before anything is written where the tables may be. */
static void find_processors(struct bootinfo *b)
{
	b->nr_processors = processors_find(handover.memory, MAPPED_MEMORY, handover.rsdp,
					   b->apic_ids, MACHINE_CPUS_MAX);
	/* Not the first page, where the BIOS has its own. */
	ranges_used(&handover.ranges, 0, PAGE_SIZE);
	b->low_page = ranges_take(&handover.ranges, PAGE_SIZE, PAGE_SIZE, BASE_MEMORY);
}

void bootinfo_init(u32 magic, u32 info, struct bootinfo *b)
{
	const struct machine_image_error *e = &handover.err;

	handover.mapped = MAPPED_MEMORY;
	handover.own_start = (u64)hv_start;
	handover.own_end = (u64)hv_end_of_image;
	if (!handover_take(&handover, magic, info))
		die(MACHINE_CODE_USAGE, "%s %lu: %s %s (0x%lx)", handover.part, e->index, e->field,
		    e->problem, e->value);
	b->modules = handover.modules;
	parse_options(handover.cmdline, &b->options);
	if (b->options.cpus > 1)
		find_processors(b);
	ranges_used(&handover.ranges, 0, LOW_MEMORY);
	ranges_used(&handover.ranges, (u64)hv_start, (u64)hv_end_of_image);
}

void *boot_alloc(u64 size, u64 align)
{
	u64 start = ranges_take(&handover.ranges, size, align, MAPPED_MEMORY);

	return start ? memset((void *)start, 0, size) : NULL;
}
