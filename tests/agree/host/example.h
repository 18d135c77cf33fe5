/* SPDX-License-Identifier: GPL-2.0-only */
/* The examples of the list of known differences: does each still show what it is there for? */
#pragma once

#include "tests/agree/host/tell.h"

/**
 * agree_check_examples - run all examples on the judges that are asked and named by their entries
 * @stale: gets how many entries have one that shows no difference, or another, on one of them;
 *	each is said on stdout, and marked
 *
 * Returns false if they cannot be run.
 */
bool agree_check_examples(const struct agree_how *how, struct agree_list *known,
			  unsigned int *stale);

/** agree_note_example - a judgement has met what an entry allows */
void agree_note_example(struct agree_known *k, uint64_t seed, const struct agree_telling *t,
			int judge);

/**
 * agree_renew_examples - put what a judgement has met in the place of stale examples
 * @file: the list, whose column is rewritten
 *
 * What has been met on all judges that are asked and named will do, and the shortest is taken.
 * Returns how many entries stay stale, each said on stdout, or -1 after a line on stderr.
 */
int agree_renew_examples(const struct agree_how *how, struct agree_list *known,
			 const char *file);
