/* SPDX-License-Identifier: GPL-2.0-only */
/* What has been judged so far: kept in a file, so that work that is interrupted goes on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/agree/host/agree.h"

/* Differences of one kind, of which a few are shown. */
struct agree_kind {
	char *name;
	unsigned int count;
	struct agree_kind *next;
};

/* What the sequences up to @next have shown. */
struct agree_found {
	uint32_t next;
	unsigned int differ, known, looked_at, not_looked_at, ends;
	struct agree_kind *kinds;
	char *text;		/* all that was printed of them, or NULL */
};

/** agree_count_kind - one more of a kind, whose name is taken over; how many there are */
unsigned int agree_count_kind(struct agree_found *found, char *name);

/** agree_forget_found - give its memory back */
void agree_forget_found(struct agree_found *found);

/**
 * agree_sum - a checksum of what a file holds
 * @sum: gets it in hexadecimal, or `none' if there is no such file
 */
void agree_sum(const char *file, char *sum, size_t size);

/**
 * agree_put_found - put @found and the list's hits into a file, all of it or nothing
 * @of: one line: what was judged, by what
 *
 * Returns false after a line on stderr if it cannot be written.
 */
bool agree_put_found(const char *file, const char *of, const struct agree_found *found,
		     const struct agree_list *known);

/**
 * agree_get_found - and take them from there
 *
 * Returns false, and leaves @found and the list as they are, if there is no such file or it
 * is not of that; of the latter it says so on stderr.
 */
bool agree_get_found(const char *file, const char *of, struct agree_found *found,
		     struct agree_list *known);
