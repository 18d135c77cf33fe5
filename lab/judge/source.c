// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the change itself tells: counters that all vCPUs write, plainly. The emulator executes an
 * instruction whole, so that an INC of two processors never loses one there; a real machine's do.
 */
#include <ctype.h>
#include <string.h>
#include "lab/judge/judge.h"

#define NAME_BYTES	64

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

/* A variable of a whole file, a plain number or an array of them? Its name. */
static bool plain_global(const char *line, char name[NAME_BYTES])
{
	static const char *const types[] = {
		"int ", "long ", "unsigned ", "u64 ", "u32 ", "s64 ", "uint64_t ", "uint32_t ",
		"size_t ",
	};
	static const char *const others[] = {
		"(", "*", "atomic", "percpu", "PER_CPU", "const", "typedef", "struct", "enum",
	};
	size_t length = line_length(line), end, begin, i;

	if (!isalpha((unsigned char)line[0]) || !memchr(line, ';', length))
		return false;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (in_line(line, others[i]))
			return false;
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]) && !in_line(line, types[i]); i++)
		;
	if (i == sizeof(types) / sizeof(types[0]))
		return false;
	end = strcspn(line, "[=;,");
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

/* Is the variable changed in a line by ++ or +=, an element of it or all? */
static bool is_changed(const char *line, const char *name)
{
	const char *end = line + line_length(line), *at = line;
	size_t length = strlen(name);

	while ((at = memmem(at, end - at, name, length))) {
		const char *behind = at + length;
		bool whole = (at == line || !is_word(at[-1])) && !is_word(*behind);

		if (whole && at - line >= 2 && at[-1] == '+' && at[-2] == '+')
			return true;
		if (whole && *behind == '[') {
			behind = memchr(behind, ']', end - behind);
			behind = behind ? behind + 1 : end;
		}
		while (behind < end && *behind == ' ')
			behind++;
		if (whole && behind + 1 < end && behind[0] == '+' &&
		    (behind[1] == '+' || behind[1] == '='))
			return true;
		at += length;
	}
	return false;
}

void judge_source(struct hand_in *h, const char *patch)
{
	const char *line, *use;
	char name[NAME_BYTES];

	/* Who takes a lock may do what he likes; whether it is the right one, nobody here knows. */
	for (line = next_added(patch); line; line = next_added(line)) {
		if (in_line(line, "spin_lock") || in_line(line, "mutex_lock"))
			return;
	}
	for (line = next_added(patch); line; line = next_added(line)) {
		if (!plain_global(line, name))
			continue;
		for (use = next_added(patch); use && !is_changed(use, name); use = next_added(use))
			;
		if (!use)
			continue;
		use += strspn(use, " \t");
		finding_set(h->findings, CRITERION_VCPUS, STATE_LOST,
			    "%s is a plain variable, which all vCPUs change without a lock: of "
			    "two that "
			    "do so at the same time one is lost (on real processors: the "
			    "emulator never "
			    "divides an instruction)", name);
		finding_evidence(h->findings, CRITERION_VCPUS, "%.*s", (int)line_length(use), use);
	}
}
