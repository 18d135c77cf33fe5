// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the change itself tells, and no run of minutes in the emulator can show. Counters that all
 * vCPUs write, plainly: the emulator executes an instruction whole, so that an INC of two
 * processors never loses one there; a real machine's do. Cycles in 32 bits. Printing where
 * interrupts are off or a lock is held, and memory that is allocated on every exit's way.
 */
#include <ctype.h>
#include <string.h>
#include "lab/judge/judge.h"
#include "lab/judge/patch.h"

#define NEXT_LINES	8	/* in which what was read is used */

static const char *const printing[] = {
	"printk", "pr_info", "pr_warn", "pr_err", "pr_notice", "pr_crit", "pr_alert", NULL
};

static const char *const allocating[] = {
	"kmalloc", "kzalloc", "kcalloc", "kmalloc_array", "kvmalloc", "kvzalloc", "vmalloc",
	"vzalloc", "kasprintf", "kmem_cache_alloc", "kmem_cache_zalloc", NULL
};

/* `struct name;' has no variable. */
static bool names_type_alone(const char *line)
{
	const char *at = memmem(line, line_length(line), "struct ", 7);

	for (at = at ? at + 7 : NULL; at && is_word(*at); at++)
		;
	return at && *at == ';';
}

/*
 * Does it declare variables that all share, plain numbers, structures or arrays, but for one a
 * processor? Those of a whole file, and a function's that are static.
 */
static bool plain_global(const char *line)
{
	static const char *const types[] = {
		"int ", "long ", "unsigned ", "u64 ", "u32 ", "s64 ", "uint64_t ", "uint32_t ",
		"size_t ", "struct ",
	};
	static const char *const others[] = {
		"(", "*", "atomic", "percpu", "PER_CPU", "const", "typedef", "enum", "NR_CPUS",
	};
	size_t length = line_length(line), i;

	if (line[0] == '\t' && !strncmp(line + strspn(line, " \t"), "static ", 7))
		line += strspn(line, " \t");
	if (!isalpha((unsigned char)line[0]) || !memchr(line, ';', length) ||
	    names_type_alone(line))
		return false;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (line_has(line, others[i]))
			return false;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]) && !line_has(line, types[i]); i++)
		;
	return i < sizeof(types) / sizeof(types[0]);
}

/* Who takes a lock may do what he likes; whether it is the right one, nobody here knows. */
static bool takes_lock(const char *patch)
{
	static const char *const locks[] = {
		"spin_lock", "mutex_lock", "write_lock", "guard(spinlock", "guard(raw_spinlock",
		"guard(mutex", "guard(write_lock", "spin_trylock", "mutex_trylock", NULL
	};
	const char *line;

	for (line = patch_next_added(patch); line; line = patch_next_added(line)) {
		if (line_has_any(line, locks))
			return true;
	}
	return false;
}

/* The line itself, as evidence. */
static void show(struct hand_in *h, enum criterion c, const char *line)
{
	line += strspn(line, " \t");
	finding_evidence(h->findings, c, "%.*s", line_length(line), line);
}

static void judge_plain_global(struct hand_in *h, const char *patch, const char *name)
{
	const char *use;

	for (use = patch_next_added(patch); use && !line_changes(use, name, true); )
		use = patch_next_added(use);
	if (!use)
		return;
	finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
		    "%s is a plain variable, which all vCPUs change without a lock: of two that "
		    "do so at the same time one is lost (on real processors: the emulator never "
		    "divides an instruction)", name);
	show(h, CRITERION_VCPUS, use);
}

static void judge_plain_globals(struct hand_in *h, const char *patch)
{
	const char *line, *at;
	char name[NAME_BYTES];

	for (line = patch_next_added(patch); line; line = patch_next_added(line)) {
		at = plain_global(line) ? line : NULL;
		while (at && (at = line_next_declared(at, name)))
			judge_plain_global(h, patch, name);
	}
}

/* The sign of a remainder from @at on in a line, or NULL. Formats have such a sign too. */
static const char *remainder_in(const char *at)
{
	bool text = false;

	for (; *at && *at != '\n'; at++) {
		text ^= *at == '"';
		if (*at == '%' && !text)
			return at;
	}
	return NULL;
}

/* Where a line reads an atomic counter, or NULL. */
static const char *reads_atomic(const char *line)
{
	return line_has(line, "atomic") ? memmem(line, line_length(line), "_read(", 6) : NULL;
}

/* Does a line ask for the remainder of @name, and of nothing else? */
static bool has_remainder_of(const char *line, const char *name)
{
	const char *at = remainder_in(line), *begin;

	while (at && at > line && at[-1] == ' ')
		at--;
	for (begin = at; begin && begin > line && is_word(begin[-1]); begin--)
		;
	return at && (size_t)(at - begin) == strlen(name) && !memcmp(begin, name, at - begin);
}

/*
 * Is there a remainder of what is read of an atomic counter? In the line itself, or in one of the
 * next of the function, of the variable that has it.
 */
static bool asks_for_multiple(const char *line)
{
	const char *read = reads_atomic(line);
	const char *is = read ? memchr(line, '=', read - line) : NULL;
	char name[NAME_BYTES];
	int lines;

	if (!read || remainder_in(read))
		return read;
	if (!is || is[1] == '=' || !line_last_name(line, is - line, name))
		return false;
	for (lines = 0; lines < NEXT_LINES; lines++) {
		line = patch_next_added(line);
		if (!line || *line == '}')
			return false;
		if (has_remainder_of(line, name))
			return true;
	}
	return false;
}

static void judge_two_steps(struct hand_in *h, const char *patch)
{
	const char *line;

	for (line = patch_next_added(patch); line; line = patch_next_added(line)) {
		if (!asks_for_multiple(line))
			continue;
		finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
			    "counting and asking for the multiple are two steps, between which "
			    "other vCPUs count: a report is missed or comes twice");
		show(h, CRITERION_VCPUS, line);
	}
}

/* Does it declare variables of 32 bits? One of `long int' has more. */
static bool is_narrow(const char *line)
{
	static const char *const types[] = { "atomic_t", "int", "u32", "uint32_t" };
	char type[NAME_BYTES * 2];
	size_t i;

	snprintf(type, sizeof(type), "%.*s", (int)strcspn(line, "[=;,(\n"), line);
	for (i = 0; i < sizeof(types) / sizeof(types[0]) && !line_has_word(type, types[i]); i++)
		;
	return i < sizeof(types) / sizeof(types[0]) && !line_has_word(type, "long") &&
	       memchr(line, ';', line_length(line));
}

static bool names_time(const char *name)
{
	return strstr(name, "cycle") || strstr(name, "tsc") || strstr(name, "time") ||
	       strstr(name, "clock");
}

static void judge_narrow_time(struct hand_in *h, const char *patch, const char *name)
{
	const char *use;

	for (use = patch_next_added(patch); use; use = patch_next_added(use)) {
		if (line_changes(use, name, false) ||
		    (line_has(use, "atomic_add") && line_has_word(use, name)))
			break;
	}
	if (!use)
		return;
	finding_set(h->findings, CRITERION_CYCLES, STATE_LOST,
		    "%s has 32 bits: it begins anew at 4,294,967,296 cycles, which are less than "
		    "two seconds of a processor", name);
	show(h, CRITERION_CYCLES, use);
}

static void judge_narrow_times(struct hand_in *h, const char *patch)
{
	const char *line, *at;
	char name[NAME_BYTES];

	for (line = patch_next_added(patch); line; line = patch_next_added(line)) {
		at = is_narrow(line) ? line : NULL;
		while (at && (at = line_next_declared(at, name))) {
			if (names_time(name))
				judge_narrow_time(h, patch, name);
		}
	}
}

/* Between VM exit and the end of vmx_vcpu_run() KVM has interrupts off. */
static bool is_off(const struct place *at)
{
	static const char *const functions[] = {
		"vmx_vcpu_run", "vmx_vcpu_enter_exit", "vmx_exit_handlers_fastpath", NULL
	};

	return place_is_in(at, functions);
}

/* Where each exit passes, or each CPUID. */
static bool is_on_the_way(const struct place *at)
{
	static const char *const functions[] = {
		"vmx_handle_exit", "__vmx_handle_exit", "vcpu_enter_guest", "kvm_emulate_cpuid",
		"kvm_cpuid", NULL
	};

	return is_off(at) || place_is_in(at, functions);
}

static void judge_printing(struct hand_in *h, const char *patch)
{
	struct doing p = { .calls = printing };
	struct place at = { 0 };
	const char *line;

	doing_find(&p, patch);
	for (line = patch; *line; line = patch_next_line(line)) {
		if (!place_step(&at, line) || !line_does(&p, line) || (!is_off(&at) && !at.locked))
			continue;
		finding_set(h->findings, CRITERION_REPORT, STATE_LOST, is_off(&at) ?
			    "the report is printed in %s, where interrupts are off: a console "
			    "that is slow keeps the processor for that long" :
			    "the report is printed in %s where a lock is held, or interrupts or "
			    "preemption are off", at.function);
		show(h, CRITERION_REPORT, line + 1);
	}
}

static void judge_allocating(struct hand_in *h, const char *patch)
{
	struct doing a = { .calls = allocating };
	struct place at = { 0 };
	const char *line;

	doing_find(&a, patch);
	for (line = patch; *line; line = patch_next_line(line)) {
		if (!place_step(&at, line) || !line_does(&a, line) || !is_on_the_way(&at))
			continue;
		finding_set(h->findings, CRITERION_COST, STATE_LOST,
			    "memory is allocated in %s, on the way of every exit: that takes "
			    "long, may sleep where nobody may, and fail", at.function);
		show(h, CRITERION_COST, line + 1);
	}
}

bool source_traces(const char *patch)
{
	static const char *const calls[] = {
		"trace_printk", "trace_puts", "__trace_printk", "trace_array_printk", NULL
	};
	const struct doing d = { .calls = calls };
	const char *line;

	for (line = patch_next_added(patch); line && !line_does(&d, line); )
		line = patch_next_added(line);
	return line;
}

void judge_source(struct hand_in *h, const char *patch)
{
	if (!patch)
		return;
	if (!takes_lock(patch)) {
		judge_plain_globals(h, patch);
		judge_two_steps(h, patch);
	}
	judge_narrow_times(h, patch);
	judge_printing(h, patch);
	judge_allocating(h, patch);
}
