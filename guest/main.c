// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared guest's command line, its loop over the rows, and what it prints.
 * Every line is described in docs/formats.md, every option in docs/guest.md.
 */
#include "acct/exit_print.h"
#include "guest/cpu.h"
#include "guest/cpus.h"
#include "guest/guest.h"
#include "machine/image.h"
#include "machine/machine.h"
#include "machine/option.h"
#include "guest/modes.h"

#define EXIT_OK		0
#define EXIT_FAILED	1
#define GUEST_VERSION	1

/* CPUID leaf 1, EDX: there may be several processors. */
#define PACKAGE_OF_SEVERAL	(1u << 28)

/* Linker script: the first byte behind the image. */
extern char image_end[];

static struct {
	bool selected[ROWS_MAX];
	bool all;		/* nobody named rows */
	bool list, cpuid, marks;
	uint32_t reps;		/* for every row, 0: its own */
	uint32_t rounds;	/* of all rows, 0: one */
	uint32_t exits;		/* of the whole VM, 0: as many as there are */
	uint32_t code;
	bool has_code;
	uint32_t on;		/* the processor that does what comes behind the rows */
	const char *bad_place;
} options;

static struct exit_acct_counters counters;

static void __attribute__((noreturn)) refuse(const char *what, const char *word)
{
	print("guest: %s: %s\n", what, word);
	end_vm(MACHINE_CODE_USAGE);
}

/* The value of @word if it is @key=value, else NULL. */
static const char *value_of(const char *word, const char *key)
{
	while (*key && *word == *key) {
		word++;
		key++;
	}
	return *key || *word != '=' ? NULL : word + 1;
}

static uint32_t number(const char *word, const char *digits)
{
	uint64_t n = 0;

	if (!option_number(digits, 0, UINT32_MAX, &n))
		refuse("not a number from 0 to 4294967295", word);
	return n;
}

static void select_one(const char *name)
{
	size_t i;

	for (i = 0; i < rows_nr; i++) {
		if (!strcmp(rows[i].name, name)) {
			options.selected[i] = true;
			return;
		}
	}
	refuse("no such row (try: list)", name);
}

static void add_intercept(const char *name)
{
	if (!intercept_add(name))
		refuse("intercept=: no such name", name);
}

/* Each of names with commas between them, which it takes out. */
static void for_each_name(char *names, void (*take)(const char *name))
{
	while (*names) {
		char *end = names;
		bool last;

		while (*end && *end != ',')
			end++;
		last = !*end;
		*end = '\0';
		take(names);
		names = last ? end : end + 1;
	}
}

/* rows=a,b,c or rows=none or rows=all */
static void select_rows(char *names)
{
	options.all = !strcmp(names, "all");
	memset(options.selected, false, sizeof(options.selected));
	if (!options.all && strcmp(names, "none"))
		for_each_name(names, select_one);
}

/* All that this machine has: a single processor has no rows for several. */
static size_t rows_here(void)
{
	return cpus_nr() > 1 ? rows_nr : rows_single_nr;
}

static void select_rest(void)
{
	if (options.all)
		memset(options.selected, true, rows_here());
}

static void parse_word(char *word)
{
	const char *value;

	if (!strcmp(word, "list")) {
		options.list = true;
	} else if (!strcmp(word, "marks")) {
		options.marks = true;
	} else if (!strcmp(word, "cpuid")) {
		options.cpuid = true;
	} else if ((value = value_of(word, "rows"))) {
		select_rows((char *)value);
	} else if ((value = value_of(word, "intercept"))) {
		for_each_name((char *)value, add_intercept);
	} else if ((value = value_of(word, "reps"))) {
		options.reps = number(word, value);
		if (!options.reps)
			refuse("must be at least 1", word);
	} else if ((value = value_of(word, "rounds"))) {
		options.rounds = number(word, value);
	} else if ((value = value_of(word, "exits"))) {
		options.exits = number(word, value);
	} else if ((value = value_of(word, "code"))) {
		options.code = number(word, value);
		options.has_code = true;
	} else if ((value = value_of(word, "on"))) {
		options.on = number(word, value);
	} else if ((value = value_of(word, "do"))) {
		options.bad_place = value;
	} else if (!strcmp(word, "triple=1")) {
		options.bad_place = "triple_fault";
	} else {
		refuse("unknown word on the command line", word);
	}
}

static void parse_cmdline(const struct pvh_start_info *start)
{
	static char copy[MACHINE_CMDLINE_MAX];
	const char *source = (const char *)start->cmdline;
	char *word = copy, *c;
	size_t i;

	options.all = true;
	for (i = 0; source && source[i]; i++) {
		if (i == sizeof(copy) - 1)
			refuse("command line", "too long");
		copy[i] = source[i];
	}
	for (c = copy; *c; ) {
		while (*c == ' ')
			c++;
		word = c;
		while (*c && *c != ' ')
			c++;
		if (*c)
			*c++ = '\0';
		if (*word)
			parse_word(word);
	}
}

/* RAM behind the image, from the next 2 MiB on: no loader has touched it. */
static void find_fresh_memory(const struct pvh_start_info *start)
{
	const struct pvh_memmap *map = (const struct pvh_memmap *)start->memmap;
	const uint64_t align = 0x200000, four_gib = 1ull << 32;
	uint64_t fresh = ((uint64_t)image_end + align - 1) & ~(align - 1);
	uint32_t i;

	for (i = 0; i < start->memmap_entries; i++) {
		uint64_t end = map[i].addr + map[i].size;

		if (map[i].type == PVH_MEMMAP_RAM && map[i].addr <= fresh && end > fresh &&
		    end <= four_gib)
			rows_init(fresh, end);
	}
}

/* XSETBV is #UD without it. */
static void xsave_init(const struct exit_acct_regs *features)
{
	if (features->ecx & 1 << 26)
		write_cr(4, read_cr(4) | CR4_OSXSAVE);
}

static void print_expectation(const struct row *row)
{
	const char *bound = row->kind == ASYNC ? "<=" : "";

	print("name=%s reason=%u kind=%s reps=%u expect_hv=%s%u expect_kvm=%s%u", row->name,
	      row->reason, row->kind == SYNC ? "sync" : "async",
	      options.reps ? options.reps : row->reps,
	      bound, expected_exits(row, EXIT_ACCT_TARGET_HV),
	      bound, expected_exits(row, EXIT_ACCT_TARGET_KVM));
}

static void print_why(const struct row *row)
{
	const char *why = row_why(row);

	if (why)
		print(" why=%s", why);
	print("\n");
}

static void print_row(const struct row *row, const struct measured *m)
{
	static const char * const checks[] = { "ok", "skip", "fail" };

	print("row ");
	print_expectation(row);
	if (accounting.present)
		print(" exits=%lu handler=%lu round_trip=%lu tsc=%lu other=%lu", m->exits,
		      m->handler, m->round_trip, m->tsc, m->other);
	else
		print(" exits=- handler=- round_trip=- tsc=%lu other=-", m->tsc);
	print(" check=%s", checks[m->result]);
	print_why(row);
	note_print(row->name);
}

/* Did it do what it should, and exit as often as it should on this target? */
static bool row_failed(const struct row *row, uint32_t reps, const struct measured *m)
{
	uint64_t expected;

	if (m->result != ROW_OK)
		return m->result == ROW_FAIL;
	if (!accounting.present)
		return false;
	expected = (uint64_t)expected_exits(row, accounting.target) * reps;
	return row->kind == SYNC ? m->exits != expected : m->exits > expected;
}

/* The chosen rows, once. */
static void run_round(uint32_t *run, uint32_t *failed)
{
	size_t i;

	for (i = 0; i < rows_nr; i++) {
		uint32_t reps = options.reps ? options.reps : rows[i].reps;
		struct measured m;

		if (!options.selected[i])
			continue;
		/* What is expected may have to be measured too; that is no row. */
		measure_marks = options.marks;
		measure(&rows[i], reps, &m);
		measure_marks = false;
		print_row(&rows[i], &m);
		*failed += row_failed(&rows[i], reps, &m);
		(*run)++;
	}
}

/* Returns the number of rows that failed. */
static uint32_t run_rows(void)
{
	uint32_t run = 0, failed = 0, round = 0;

	do
		run_round(&run, &failed);
	while (++round < options.rounds);
	if (accounting.present) {
		exit_acct_clear(&counters);
		accounting_read(&counters);
		exit_acct_print(&counters, "guest", &console_sink);
	}
	print("done rows=%u failed=%u\n", run, failed);
	return failed;
}

static void list_rows(void)
{
	size_t i;

	for (i = 0; i < rows_here(); i++) {
		print("table ");
		print_expectation(&rows[i]);
		print_why(&rows[i]);
	}
}

static void print_header(void)
{
	const char *target = "none";

	if (accounting.present)
		target = accounting.target == EXIT_ACCT_TARGET_HV ? "hv" : "kvm";
	print("guest version=%u target=%s leaves=%s abi=%u\n", GUEST_VERSION, target,
	      accounting.present ? exit_acct_map_name(accounting.map) : "none", accounting.abi);
}

/* All that comes behind the rows, on whichever processor. */
static void finish(void)
{
	if (options.bad_place && !bad_place(options.bad_place)) {
		bad_place(NULL);
		refuse("no such thing to do", options.bad_place);
	}
	if (options.exits) {
		const char *why = total_make(options.exits);

		if (why) {
			print("guest: exits=%u: %s\n", options.exits, why);
			options.code = EXIT_FAILED;
		}
	}
	end_vm(options.code);
}

/* The others, this one among them, halt meanwhile. */
static void finish_on(uint32_t cpu)
{
	if (!cpus_ready())
		note_print("on");
	cpus_work(cpu, finish);
	for (;;)
		asm volatile("sti; hlt");
}

void guest_main(const struct pvh_start_info *start);

void guest_main(const struct pvh_start_info *start)
{
	struct exit_acct_regs features;
	uint32_t failed = 0;

	console_init();
	trap_init();
	if (start->magic != PVH_START_MAGIC)
		refuse("not started by the PVH boot protocol", "bad magic in the start info");
	parse_cmdline(start);
	modes_init();
	timer_init();
	features = cpuid_get(1, 0);
	xsave_init(&features);
	monitor_announced = features.ecx & 1 << 3;
	/* Whoever is alone touches no memory for it. */
	if (features.edx & PACKAGE_OF_SEVERAL)
		cpus_find(start->rsdp);
	if (options.on >= cpus_nr())
		refuse("on=", "there is no such processor");
	select_rest();
	find_fresh_memory(start);
	accounting_detect();
	print_header();
	if (options.cpuid)
		leaves_print();
	if (options.list)
		list_rows();
	else
		failed = run_rows();
	if (!options.has_code)
		options.code = failed ? EXIT_FAILED : EXIT_OK;
	if (options.on)
		finish_on(options.on);
	finish();
}
