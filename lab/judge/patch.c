// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>
#include "lab/judge/patch.h"

const char *patch_next_added(const char *at)
{
	for (; at && *at; at = strchr(at, '\n'), at += !!at) {
		if (at[0] == '+' && strncmp(at, "+++ ", 4))
			return at + 1;
	}
	return NULL;
}

const char *patch_next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : "";
}

int line_length(const char *line)
{
	return (int)strcspn(line, "\n");
}

bool line_has(const char *line, const char *what)
{
	return memmem(line, line_length(line), what, strlen(what));
}

bool is_word(char c)
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

void patch_blank_comments(char *patch)
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

bool line_last_name(const char *line, size_t end, char name[NAME_BYTES])
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

const char *line_next_declared(const char *at, char name[NAME_BYTES])
{
	const size_t length = strcspn(at, "[=;,({\n");

	if (!line_last_name(at, length, name))
		return NULL;
	at += length;
	if (*at == '[' || *at == '=')
		at += strcspn(at, ",;({\n");
	return at + (*at == ',');
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

bool line_changes(const char *line, const char *name, bool by_one)
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

bool line_has_any(const char *line, const char *const *words)
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

bool line_has_word(const char *line, const char *word)
{
	const char *end = line + line_length(line), *at = line;
	size_t length = strlen(word);

	for (; (at = memmem(at, end - at, word, length)); at += length) {
		if ((at == line || !is_word(at[-1])) && !is_word(at[length]))
			return true;
	}
	return false;
}

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

bool line_does(const struct doing *d, const char *line)
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

/* A line of a function's begin; else nothing changes. */
static bool enter_function(struct place *at, const char *line)
{
	const char *open = memchr(line, '(', line_length(line));

	if ((!isalpha((unsigned char)line[0]) && line[0] != '_') || !open || line_has(line, ");"))
		return false;
	at->locked = false;
	at->known = NAME_BYTES;
	return line_last_name(line, open - line, at->function);
}

/* What a hunk says in which function it is: diff cuts that, maybe within the name. */
static void enter_hunk(struct place *at, const char *heading)
{
	*at = (struct place) { 0 };
	if (!enter_function(at, heading) &&
	    line_last_name(heading, line_length(heading), at->function))
		at->known = strlen(at->function);
}

bool place_is_in(const struct place *at, const char *const *functions)
{
	for (; at->known && *functions; functions++) {
		if (!strncmp(at->function, *functions, at->known))
			return true;
	}
	return false;
}

bool place_step(struct place *at, const char *line)
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
	if (line_has_any(line, off))
		at->locked = false;
	else if (line_has_any(line, on))
		at->locked = true;
	return line[0] == '+';
}

void doing_find(struct doing *d, const char *patch)
{
	struct place at = { 0 };
	size_t before, i;
	const char *line;

	do {
		before = d->nr;
		for (line = patch; *line; line = patch_next_line(line)) {
			if (!place_step(&at, line) || at.known < NAME_BYTES || !line_does(d, line))
				continue;
			for (i = 0; i < d->nr && strcmp(d->names[i], at.function); i++)
				;
			if (i == d->nr && i < DOING_MAX)
				memcpy(d->names[d->nr++], at.function, NAME_BYTES);
		}
	} while (d->nr > before);
}
