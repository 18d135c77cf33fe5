/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of a log, one a line, as docs/formats.md describes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_KEYS_MAX	32

/* The record that is being read, and where it is, for what has to be said. */
struct record {
	const char *file;
	unsigned int line;
	const char *word;
	struct {
		const char *key, *value;
	} keys[RECORD_KEYS_MAX];
	size_t keys_nr;
	/*
	 * What the guest, or what ran it, said last for people: the last "guest:", "hv:",
	 * "runner:" or "qemu:" line, if nothing came behind it but dumps of states (key=value)
	 * and counters. Of a Linux that has panicked it is its panic. NULL if the last thing
	 * in the log is something else.
	 */
	const char *said;
};

/**
 * record_lines - read a whole file and hand its lines out, one by one
 * @r: file is set; line is kept up to date
 * @take: gets each line, without its end; what it points to lives on. It returns
 *        false, after one line on stderr, to stop. NULL: nobody wants them.
 * @ctx: for @take
 *
 * Returns false, after one line on stderr, if that cannot be, if the last line
 * has no end, or if @take stopped.
 */
bool record_lines(struct record *r, bool (*take)(void *ctx, char *line), void *ctx);

/** record_is - is this line a record of that kind? */
bool record_is(const char *line, const char *word);

/** record_split - take a record apart, in place; words that are no keys are left out */
bool record_split(struct record *r, char *line);

/** record_find - value of a key, NULL if it is not there */
const char *record_find(const struct record *r, const char *key);

/** record_text - the same, but it must be there */
bool record_text(const struct record *r, const char *key, const char **value);

/** record_number - the same, and be a number */
bool record_number(const struct record *r, const char *key, uint64_t *value);

/** record_version - is version= the one that we read? */
bool record_version(const struct record *r);

/** record_parse - decimal digits and nothing else, 64 bits at most? */
bool record_parse(const char *digits, uint64_t *value);

/** record_refuse - say what is wrong with a record; returns false */
#define record_refuse(r, ...)		record_refuse_said(r, NULL, __VA_ARGS__)

/** record_refuse_end - the same of how a run ended, and what was said last; returns false */
#define record_refuse_end(r, ...)	record_refuse_said(r, (r)->said, __VA_ARGS__)

bool record_refuse_said(const struct record *r, const char *said, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
