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

/* A number from min to max, or a word of a list. Each of the fields has 8 bytes. */
static const struct known_option {
	const char *name;
	u32 field, min;
	u64 max;
	const char *const *words;
} known_options[] = {
#define OPTION(name, ...) { #name, offsetof(struct hv_options, name), __VA_ARGS__ }
	OPTION(report, 0, 1000000000000, NULL),
	OPTION(mem, MACHINE_MEM_MIN_MIB, MACHINE_MEM_MAX_MIB, NULL),
	OPTION(cpus, 1, MACHINE_CPUS_MAX, NULL),
	OPTION(limit, 1, 1000000, NULL),
	OPTION(machine, 0, 0, option_machines),
	OPTION(clock, 0, 0, option_clocks),
	OPTION(stamp, 0, 1000000, NULL),
	OPTION(detail, 0, 1, NULL),
	OPTION(unhandled, 0, VMX_EXIT_REASONS_NR - 1, NULL),
};

static void set_known(const char *name, const char *value, struct hv_options *o)
{
	const struct known_option *k = known_options, *end = k + ARRAY_SIZE(known_options);
	u64 *field;

	while (k < end && strcmp(name, k->name))
		k++;
	if (k == end)
		die(MACHINE_CODE_USAGE, "unknown option '%s' (known: leaves= report= mem= cpus= "
		    "limit= machine= clock= stamp= detail= intercept= unhandled=, and after -- "
		    "the guest's command line)", name);
	field = (u64 *)((u8 *)o + k->field);
	if (!k->words && !option_number(value, k->min, k->max, field))
		die(MACHINE_CODE_USAGE, "%s=%s is not a number from %u to %lu", name, value, k->min,
		    k->max);
	if (k->words && !(*field = (u64)option_word(value, k->words)))
		die(MACHINE_CODE_USAGE, "%s=%s: not a %s that hv knows", name, value, name);
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
	} else if (!strcmp(word, "intercept")) {
		o->intercept = value;
	} else {
		set_known(word, value, o);
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
	machine_last_line = b->options.stamp;
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
