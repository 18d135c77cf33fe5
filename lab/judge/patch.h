/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A change as text: its lines, and as much of C as can be read in them. A line ends where the next
 * begins, not with a zero. Comments are blanked first; these functions know of none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define NAME_BYTES	64
#define DOING_MAX	32

/** patch_blank_comments - of a change: what is said in them, nobody does */
void patch_blank_comments(char *patch);

/** patch_next_added - the next line that a change adds, behind its plus sign; NULL: no more */
const char *patch_next_added(const char *at);

/** patch_next_line - the line behind @line, whatever it is; empty behind the last */
const char *patch_next_line(const char *line);

/** line_length - in bytes, without what ends it; for "%.*s" too, of any text */
int line_length(const char *line);

/** line_has - does @what stand in a line? */
bool line_has(const char *line, const char *what);

/** line_has_any - does one of @words, up to NULL? Who only makes a lock, by `_init', takes none */
bool line_has_any(const char *line, const char *const *words);

/** line_has_word - does @word, and not as a part of a longer one? */
bool line_has_word(const char *line, const char *word);

/** is_word - may it be a part of a name? */
bool is_word(char c);

/** line_last_name - the name that stands last in front of @end bytes; false if there is none */
bool line_last_name(const char *line, size_t end, char name[NAME_BYTES]);

/** line_next_declared - the next name that a declaration has; returns where to go on, or NULL */
const char *line_next_declared(const char *at, char name[NAME_BYTES]);

/** line_changes - is @name, or an element of it, changed by += or, if @by_one, by ++? */
bool line_changes(const char *line, const char *name, bool by_one);

/* Functions that do something, by these calls or by others of them. */
struct doing {
	const char *const *calls;
	char names[DOING_MAX][NAME_BYTES];
	size_t nr;
};

/** doing_find - the functions of a change that do it, and those that call them */
void doing_find(struct doing *d, const char *patch);

/** line_does - does a line do it? */
bool line_does(const struct doing *d, const char *line);

/* Where in a change we are: in which function, and with a lock held or interrupts off? */
struct place {
	char function[NAME_BYTES];
	size_t known;		/* so many characters of its name */
	bool locked;
};

/** place_step - go on to line @line of a change. Returns whether the change adds it */
bool place_step(struct place *at, const char *line);

/** place_is_in - are we in one of these functions, up to NULL, as far as its name is known? */
bool place_is_in(const struct place *at, const char *const *functions);
