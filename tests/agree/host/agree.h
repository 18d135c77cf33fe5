/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges of behaviour that stays, compared: what the guest in tests/agree/ saw on each.
 * agree.c asks, agree_run.c runs the guest, agree_text.c reads it, agree_known.c knows
 * which differences are allowed.
 */
#ifndef AGREE_HOST_AGREE_H
#define AGREE_HOST_AGREE_H

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
	const char *mode, *bits, *ops, *code, *flags, *dr7;
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

/**
 * agree_differ - keys in which two tell otherwise
 * @keys: gets pointers to them, at most @max; what only one of them has differs too
 */
size_t agree_differ(const struct agree_say *a, const struct agree_say *b, const char **keys,
		    size_t max);

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

/* A difference that is allowed. */
struct agree_known {
	char *judge, *mode, *ops, *keys, *why;
	unsigned int line, hits;
};

struct agree_list {
	struct agree_known *known;
	size_t nr;
};

/** agree_read_known - read the list; false after one line on stderr */
bool agree_read_known(struct agree_list *list, const char *file);

/** agree_forget_known - give its memory back */
void agree_forget_known(struct agree_list *list);

/**
 * agree_is_known - is that difference on the list? Counts the hit.
 * @judge: who differs from the bare processor
 * @mode, @ops: of the sequence
 * @keys, @nr: what differs
 * @first: what the bare processor has for the first of them
 *
 * All its keys must be among those of one entry, the first with a value that the entry may
 * name, and all operations of that entry in the sequence.
 */
struct agree_known *agree_is_known(struct agree_list *list, const char *judge, const char *mode,
				   const char *ops, const char *const *keys, size_t nr,
				   const char *first);

#endif /* AGREE_HOST_AGREE_H */
