/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports in a kernel's log, in whatever shape: a block is lines that follow each other and
 * begin alike, each with a reason, by number or by name, and a count.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_LINES	100
#define BLOCKS_MAX	4096

struct block_line {
	const char *text;		/* without the kernel's time stamp, and no string */
	size_t length;
	uint32_t reason;
	uint64_t count;
};

struct block {
	struct block_line lines[BLOCK_LINES];
	size_t nr;
	uint64_t sum;
	bool has_total;			/* a line just before or behind it names a total */
	uint64_t total;
};

struct blocks {
	struct block *all;
	size_t nr;
};

/**
 * blocks_find - all reports in a log
 * @every: exits from one to the next: of two readings of a line the one whose counts add up to a
 *	   multiple of it is the right one
 *
 * Returns false without memory.
 */
bool blocks_find(struct blocks *b, const char *log, uint64_t every);

/** blocks_free - give back what it has */
void blocks_free(struct blocks *b);

/** block_at_multiple - do its counts add up to a multiple of @every, to 1? */
bool block_at_multiple(const struct block *b, uint64_t every);

/**
 * name_reason - whose name is in a line: the longest that is known
 * @own: a reason; if one of its names is in there and no longer one, it is this
 *
 * Returns JUDGE_REASONS (judge.h) if there is none.
 */
uint32_t name_reason(const char *text, size_t length, uint32_t own);
