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

#define NAME_BYTES	64
#define DOING_MAX	32
#define NEXT_LINES	8	/* in which what was read is used */

/* The next line that the change adds; NULL: there is no more. It begins behind the plus sign. */
static const char *next_added(const char *at)
{
	for (; at && *at; at = strchr(at, '\n'), at += !!at) {
		if (at[0] == '+' && strncmp(at, "+++ ", 4))
			return at + 1;
	}
	return NULL;
}

static size_t line_length(const char *line)
{
	return strcspn(line, "\n");
}

static bool in_line(const char *line, const char *what)
{
	return memmem(line, line_length(line), what, strlen(what));
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does a hunk begin within a comment: is there an end of one before a begin? */
static bool begins_in_comment(const char *hunk)
{
	const char *begin = strstr(hunk, "/*"), *end = strstr(hunk, "*/");
	const char *next = strstr(hunk, "\n@@ ");

	return end && (!begin || end < begin) && (!next || end < next);
}

/* Blank what of a line is comment, from @at on. Returns whether it is one beyond the line too. */
static bool blank_line(char *at, bool comment)
{
	char quote = 0;

	for (; *at && *at != '\n'; at++) {
		if (!comment && quote) {
			if (*at == '\\' && at[1] && at[1] != '\n')
				at++;
			else if (*at == quote)
				quote = 0;
		} else if (!comment && (*at == '"' || *at == '\'')) {
			quote = *at;
		} else if (!comment && !strncmp(at, "//", 2)) {
			memset(at, ' ', strcspn(at, "\n"));
		} else if (!strncmp(at, comment ? "*/" : "/*", 2)) {
			memset(at++, ' ', 2);
			comment = !comment;
		} else if (comment && !isspace((unsigned char)*at)) {
			*at = ' ';
		}
	}
	return comment;
}

void source_blank_comments(char *patch)
{
	bool comment = false;
	char *line, *next;

	for (line = patch; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (!strncmp(line, "@@ ", 3))
			comment = begins_in_comment(next);
		else if (line[0] == ' ' || (line[0] == '+' && strncmp(line, "+++ ", 4)))
			comment = blank_line(line + 1, comment);
	}
}

/* The name that stands last in front of @end characters of a line; false if there is none. */
static bool last_name(const char *line, size_t end, char name[NAME_BYTES])
{
	size_t begin;

	while (end && !is_word(line[end - 1]))
		end--;
	for (begin = end; begin && is_word(line[begin - 1]); begin--)
		;
	if (end == begin || end - begin >= NAME_BYTES)
		return false;
	memcpy(name, line + begin, end - begin);
	name[end - begin] = '\0';
	return true;
}

/* The next name that a declaration declares, from @at on; returns where to go on, or NULL. */
static const char *next_declared(const char *at, char name[NAME_BYTES])
{
	const size_t length = strcspn(at, "[=;,({\n");

	if (!last_name(at, length, name))
		return NULL;
	at += length;
	if (*at == '[' || *at == '=')
		at += strcspn(at, ",;({\n");
	return at + (*at == ',');
}

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
		if (in_line(line, others[i]))
			return false;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]) && !in_line(line, types[i]); i++)
		;
	return i < sizeof(types) / sizeof(types[0]);
}

/* Behind the name of a variable: behind the element or the member of it that is meant. */
static const char *behind_element(const char *at, const char *end)
{
	while (at < end && (*at == '[' || *at == '.')) {
		if (*at == '[') {
			at = memchr(at, ']', end - at);
			at = at ? at + 1 : end;
		} else {
			for (at++; at < end && is_word(*at); at++)
				;
		}
	}
	return at;
}

/* Is the variable changed in a line by += or, if @by_one, by ++, an element of it or all? */
static bool is_changed(const char *line, const char *name, bool by_one)
{
	const char *end = line + line_length(line), *at = line;
	size_t length = strlen(name);

	while ((at = memmem(at, end - at, name, length))) {
		const char *behind = at + length;
		bool whole = (at == line || !is_word(at[-1])) && !is_word(*behind);

		if (whole && by_one && at - line >= 2 && at[-1] == '+' && at[-2] == '+')
			return true;
		if (whole)
			behind = behind_element(behind, end);
		while (behind < end && *behind == ' ')
			behind++;
		if (whole && behind + 1 < end && behind[0] == '+' &&
		    ((behind[1] == '+' && by_one) || behind[1] == '='))
			return true;
		at += length;
	}
	return false;
}

/* Is one of these in it? Who only makes a lock, by `_init', does not take it. */
static bool has_any(const char *line, const char *const *words)
{
	const char *end = line + line_length(line), *at;

	for (; *words; words++) {
		const size_t length = strlen(*words);

		for (at = line; (at = memmem(at, end - at, *words, length)); at += length) {
			if (strncmp(at + length, "_init", 5))
				return true;
		}
	}
	return false;
}

/* Who takes a lock may do what he likes; whether it is the right one, nobody here knows. */
static bool takes_lock(const char *patch)
{
	static const char *const locks[] = {
		"spin_lock", "mutex_lock", "write_lock", "guard(spinlock", "guard(raw_spinlock",
		"guard(mutex", "guard(write_lock", "spin_trylock", "mutex_trylock", NULL
	};
	const char *line;

	for (line = next_added(patch); line; line = next_added(line)) {
		if (has_any(line, locks))
			return true;
	}
	return false;
}

/* The line itself, as evidence. */
static void show(struct hand_in *h, enum criterion c, const char *line)
{
	line += strspn(line, " \t");
	finding_evidence(h->findings, c, "%.*s", (int)line_length(line), line);
}

static void judge_plain_global(struct hand_in *h, const char *patch, const char *name)
{
	const char *use;

	for (use = next_added(patch); use && !is_changed(use, name, true); use = next_added(use))
		;
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

	for (line = next_added(patch); line; line = next_added(line)) {
		for (at = plain_global(line) ? line : NULL; at && (at = next_declared(at, name)); )
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
	return in_line(line, "atomic") ? memmem(line, line_length(line), "_read(", 6) : NULL;
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
	if (!is || is[1] == '=' || !last_name(line, is - line, name))
		return false;
	for (lines = 0; lines < NEXT_LINES && (line = next_added(line)) && *line != '}'; lines++) {
		if (has_remainder_of(line, name))
			return true;
	}
	return false;
}

static void judge_two_steps(struct hand_in *h, const char *patch)
{
	const char *line;

	for (line = next_added(patch); line; line = next_added(line)) {
		if (!asks_for_multiple(line))
			continue;
		finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
			    "counting and asking for the multiple are two steps, between which "
			    "other vCPUs count: a report is missed or comes twice");
		show(h, CRITERION_VCPUS, line);
	}
}

/* One of these words, and not a part of a longer one? */
static bool has_word(const char *line, const char *word)
{
	const char *end = line + line_length(line), *at = line;
	size_t length = strlen(word);

	for (; (at = memmem(at, end - at, word, length)); at += length) {
		if ((at == line || !is_word(at[-1])) && !is_word(at[length]))
			return true;
	}
	return false;
}

/* Does it declare variables of 32 bits? One of `long int' has more. */
static bool is_narrow(const char *line)
{
	static const char *const types[] = { "atomic_t", "int", "u32", "uint32_t" };
	char type[NAME_BYTES * 2];
	size_t i;

	snprintf(type, sizeof(type), "%.*s", (int)strcspn(line, "[=;,(\n"), line);
	for (i = 0; i < sizeof(types) / sizeof(types[0]) && !has_word(type, types[i]); i++)
		;
	return i < sizeof(types) / sizeof(types[0]) && !has_word(type, "long") &&
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

	for (use = next_added(patch); use; use = next_added(use)) {
		if (is_changed(use, name, false) ||
		    (in_line(use, "atomic_add") && has_word(use, name)))
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

	for (line = next_added(patch); line; line = next_added(line)) {
		for (at = is_narrow(line) ? line : NULL; at && (at = next_declared(at, name)); ) {
			if (names_time(name))
				judge_narrow_time(h, patch, name);
		}
	}
}

/* Functions that do something, by these calls or by others of them. */
struct doing {
	const char *const *calls;
	char names[DOING_MAX][NAME_BYTES];
	size_t nr;
};

static const char *const printing[] = {
	"printk", "pr_info", "pr_warn", "pr_err", "pr_notice", "pr_crit", "pr_alert", NULL
};

static const char *const allocating[] = {
	"kmalloc", "kzalloc", "kcalloc", "kmalloc_array", "kvmalloc", "kvzalloc", "vmalloc",
	"vzalloc", "kasprintf", "kmem_cache_alloc", "kmem_cache_zalloc", NULL
};

/* Is it called, and not only named in a comment? */
static bool has_call(const char *line, const char *name)
{
	const char *end = line + line_length(line), *at = line + 1 + strspn(line + 1, " \t");
	const char *comment = memmem(line, end - line, "/*", 2);
	size_t length = strlen(name);

	if (!strncmp(at, "* ", 2))
		return false;
	end = comment ?: end;
	for (at = line; (at = memmem(at, end - at, name, length)); at += length) {
		if (!is_word(at[-1]) && at[length] == '(')
			return true;
	}
	return false;
}

static bool does(const struct doing *d, const char *line)
{
	const char *const *call;
	size_t i;

	for (call = d->calls; *call; call++) {
		if (has_call(line, *call))
			return true;
	}
	for (i = 0; i < d->nr; i++) {
		if (has_call(line, d->names[i]))
			return true;
	}
	return false;
}

/* Where in a change we are: in which function, and with a lock held or interrupts off? */
struct place {
	char function[NAME_BYTES];
	size_t known;		/* so many characters of its name */
	bool locked;
};

/* A line of a function's begin; else nothing changes. */
static bool enter_function(struct place *at, const char *line)
{
	const char *open = memchr(line, '(', line_length(line));

	if ((!isalpha((unsigned char)line[0]) && line[0] != '_') || !open || in_line(line, ");"))
		return false;
	at->locked = false;
	at->known = NAME_BYTES;
	return last_name(line, open - line, at->function);
}

/* What a hunk says in which function it is: diff cuts that, maybe within the name. */
static void enter_hunk(struct place *at, const char *heading)
{
	*at = (struct place) { 0 };
	if (!enter_function(at, heading) && last_name(heading, line_length(heading), at->function))
		at->known = strlen(at->function);
}

static bool is_in(const struct place *at, const char *const *functions)
{
	for (; at->known && *functions; functions++) {
		if (!strncmp(at->function, *functions, at->known))
			return true;
	}
	return false;
}

/* Between VM exit and the end of vmx_vcpu_run() KVM has interrupts off. */
static bool is_off(const struct place *at)
{
	static const char *const functions[] = {
		"vmx_vcpu_run", "vmx_vcpu_enter_exit", "vmx_exit_handlers_fastpath", NULL
	};

	return is_in(at, functions);
}

/* Where each exit passes, or each CPUID. */
static bool is_on_the_way(const struct place *at)
{
	static const char *const functions[] = {
		"vmx_handle_exit", "__vmx_handle_exit", "vcpu_enter_guest", "kvm_emulate_cpuid",
		"kvm_cpuid", NULL
	};

	return is_off(at) || is_in(at, functions);
}

/* Go on to line @line of the change. Returns whether it is one that the change adds. */
static bool step(struct place *at, const char *line)
{
	static const char *const on[] = {
		"spin_lock", "local_irq_disable", "local_irq_save", "preempt_disable", "get_cpu(",
		NULL
	};
	static const char *const off[] = {
		"spin_unlock", "local_irq_enable", "local_irq_restore", "preempt_enable",
		"put_cpu(", NULL
	};
	const char *hunk;

	if (!strncmp(line, "@@ ", 3)) {
		hunk = memmem(line + 3, line_length(line + 3), "@@ ", 3);
		enter_hunk(at, hunk ? hunk + 3 : "");
		return false;
	}
	if ((line[0] != '+' && line[0] != ' ') || !strncmp(line, "+++ ", 4))
		return false;
	if (enter_function(at, line + 1))
		return false;
	if (has_any(line, off))
		at->locked = false;
	else if (has_any(line, on))
		at->locked = true;
	return line[0] == '+';
}

static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : "";
}

static void find_doing(struct doing *p, const char *patch)
{
	struct place at = { 0 };
	size_t before, i;
	const char *line;

	do {
		before = p->nr;
		for (line = patch; *line; line = next_line(line)) {
			if (!step(&at, line) || at.known < NAME_BYTES || !does(p, line))
				continue;
			for (i = 0; i < p->nr && strcmp(p->names[i], at.function); i++)
				;
			if (i == p->nr && i < DOING_MAX)
				memcpy(p->names[p->nr++], at.function, NAME_BYTES);
		}
	} while (p->nr > before);
}

static void judge_printing(struct hand_in *h, const char *patch)
{
	struct doing p = { .calls = printing };
	struct place at = { 0 };
	const char *line;

	find_doing(&p, patch);
	for (line = patch; *line; line = next_line(line)) {
		if (!step(&at, line) || !does(&p, line) || (!is_off(&at) && !at.locked))
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

	find_doing(&a, patch);
	for (line = patch; *line; line = next_line(line)) {
		if (!step(&at, line) || !does(&a, line) || !is_on_the_way(&at))
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

	for (line = next_added(patch); line && !does(&d, line); line = next_added(line))
		;
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
