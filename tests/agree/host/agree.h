/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges of behaviour that stays, compared: what the guest in tests/agree/ saw on each.
 * agree.c is the command, run.c runs the guest, judge.c finds and reduces what differs, tell.c
 * has it told, text.c reads that, known.c knows which differences are allowed and example.c
 * whether they are still there, show.c prints the others, part.c keeps what was found so far.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGREE_ITEMS	6			/* ITEMS of tests/agree/agree.h */
#define AGREE_MASKS	(1u << AGREE_ITEMS)
#define AGREE_BLOCK	64
#define AGREE_SEEN	400

/* One line key=value that a sequence made a guest print. */
struct agree_seen {
	const char *key, *value;
};

/* What one judge printed of one sequence that it was to tell all of. */
struct agree_say {
	const char *mode, *bits, *ops, *asks, *code, *flags, *dr7;
	struct agree_seen seen[AGREE_SEEN];
	size_t seen_nr;
	bool complete;		/* it came to the end; or else the machine did not */
};

/**
 * agree_read_say - take the lines of one sequence apart
 * @text: its lines, from `sequence=` on; changed, and pointed to afterwards
 *
 * Returns what follows its last line, or NULL if it is not one.
 */
char *agree_read_say(struct agree_say *say, char *text);

/* One key in which two tell otherwise; the value is "-" of who has no such key. */
struct agree_difference {
	const char *key, *bare, *other;
};

/**
 * agree_differ - all of them
 * @differences: gets at most @max
 *
 * If the machine ended on one of them alone, that is all: `death', `lives' and `ends'.
 */
size_t agree_differ(const struct agree_say *bare, const struct agree_say *other,
		    struct agree_difference *differences, size_t max);

/** agree_find - the value of a key, or NULL */
const char *agree_find(const struct agree_say *say, const char *key);

/**
 * agree_smallest - those sets of items that differ and hold no smaller one that does
 * @differs: by mask
 * @all: the mask of all items
 * @masks: gets them
 *
 * Returns how many there are.
 */
size_t agree_smallest(const bool *differs, uint32_t all, uint32_t *masks);

/* What shows a difference; docs/formats.md has its text. */
struct agree_example {
	uint64_t seed;
	uint32_t nr, mask;
	const char *names;	/* mode and operations; points into the text */
};

/* What a judgement has met that shows it too. */
struct agree_candidate {
	char *text;
	unsigned int judges;	/* a bit for each on which it differs so */
	struct agree_candidate *next;
};

/* A difference that is allowed. */
struct agree_known {
	char *judge, *mode, *ops, *keys, *text, *why;
	struct agree_example example;	/* of which @text is the text */
	struct agree_candidate *candidates;
	unsigned int line, hits;
	bool stale;		/* the example shows it no longer */
};

struct agree_list {
	struct agree_known *known;
	size_t nr;
};

/** agree_knows_bochs - is that a version of Bochs whose differences a list may have? */
bool agree_knows_bochs(const char *version);

/**
 * agree_read_known - read the list; false after one line on stderr
 * @bochs: the version whose differences these are: 2.7, 2.8, or 3 for 3.0 and later ones
 */
bool agree_read_known(struct agree_list *list, const char *file, const char *bochs);

/** agree_forget_known - give its memory back */
void agree_forget_known(struct agree_list *list);

/**
 * agree_fits - does an entry allow that difference?
 * @judge: who differs from the bare processor
 * @mode, @ops: of the sequence
 * @differences, @nr: what differs
 *
 * Each difference must fit one of the entry's keys, the first also a key with a value if there
 * are any, and each of the entry's operations one of the sequence's.
 */
bool agree_fits(const struct agree_known *known, const char *judge, const char *mode,
		const char *ops, const struct agree_difference *differences, size_t nr);

/** agree_names - is it that judge's? */
bool agree_names(const struct agree_known *known, const char *judge);

/** agree_is_known - the first entry that allows a difference, or NULL; counts the hit */
struct agree_known *agree_is_known(struct agree_list *list, const char *judge, const char *mode,
				   const char *ops,
				   const struct agree_difference *differences, size_t nr);
