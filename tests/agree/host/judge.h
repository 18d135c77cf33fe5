/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequences of a seed, judged part by part: hashes.c and reduce.c do it for judge.c. */
#pragma once

#include <stdio.h>

#include "tests/agree/host/part.h"
#include "tests/agree/host/tell.h"

#define AGREE_DEATHS	40		/* of one judge in a part */

/* A sequence that is looked into. */
struct agree_suspect {
	uint32_t nr, all;
	bool differs[JUDGES];
	uint32_t hash[JUDGES][AGREE_MASKS];
	uint8_t got[JUDGES][AGREE_MASKS];	/* 1: a hash, 2: the machine ended */
	uint32_t smallest[JUDGES][AGREE_MASKS];
	size_t smallest_nr[JUDGES];
};

/* What is judged, and what is known of it. */
struct agree_work {
	const struct agree_how *how;
	struct agree_list *known;
	struct agree_found *found;
	uint32_t wanted;		/* sequences in all */
	uint32_t chunk;			/* in one run */
	size_t most;			/* that are looked into */
	/* judge.c's own: the part, and how far it is. */
	FILE *told;			/* gets what is printed of it */
	bool cannot;
	uint32_t first, n;
	uint64_t *block_hash[JUDGES], *sequence_hash[JUDGES];
	bool *block_there[JUDGES], *sequence_there[JUDGES];
	uint32_t dead[JUDGES][AGREE_DEATHS];
	size_t dead_nr[JUDGES];
	struct agree_suspect *suspects;
	size_t suspects_nr;
	struct agree_telling *tellings;
	uint64_t begun, said;		/* when, and when it was said last */
	uint64_t run_nr, resumed;	/* sequences that judges ran, and that were run before */
};

/** agree_judge_part - judge @n sequences from @first on; false if it cannot be done */
bool agree_judge_part(struct agree_work *w, uint32_t first, uint32_t n);

/** agree_find_suspects - run all of a part, then each of the blocks whose hashes differ */
bool agree_find_suspects(struct agree_work *w);

/** agree_skips - the words for sequences at which a judge's machine ends */
void agree_skips(void *work, const struct agree_job *job, char *words, size_t size);

/** agree_queue_lists - have all judges do a task for a list, in runs of @each */
void agree_queue_lists(const struct agree_how *how, enum agree_task task,
		       const struct agree_item *items, size_t nr, size_t each);

/** agree_reduce - the smallest sets of items with which each suspect still differs */
bool agree_reduce(struct agree_work *w);
