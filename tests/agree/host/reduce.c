// SPDX-License-Identifier: GPL-2.0-only
/* Leave out items of sequences until nothing more can be left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/judge.h"

#define LIST_MASKS	48		/* sequences that one run is given */

static struct agree_suspect *find_suspect(struct agree_work *w, uint32_t nr)
{
	for (size_t i = 0; i < w->suspects_nr; i++) {
		if (w->suspects[i].nr == nr)
			return &w->suspects[i];
	}
	return NULL;
}

/* Which order the guest takes the masks in: few items first. */
static uint32_t mask_after(uint32_t mask, uint32_t all)
{
	int size = __builtin_popcount(mask);

	for (uint32_t m = mask + 1; m <= all; m++) {
		if (__builtin_popcount(m) == size)
			return m;
	}
	for (uint32_t m = 0; m <= all; m++) {
		if (__builtin_popcount(m) == size + 1)
			return m;
	}
	return ~0u;
}

static void take(void *of, struct agree_job *job)
{
	struct agree_work *w = of;
	size_t at = 0;
	uint32_t last = 0;
	struct agree_suspect *s = NULL;
	bool any = false;

	for (const char *p = job->log; (p = strchr(p, '\n')); ) {
		uint32_t nr, hash;
		char end;

		p++;
		if (sscanf(p, "masks=%u%c", &nr, &end) == 2) {
			s = find_suspect(w, nr);
			any = false;
			for (at = 0; at + 1 < job->list_nr && job->list[at].nr != nr; at++)
				;
		} else if (s && sscanf(p, "mask=%x hash=%x%c", &nr, &hash, &end) == 3 &&
			   nr < AGREE_MASKS) {
			last = nr;
			any = true;
			s->hash[job->judge][nr] = hash;
			s->got[job->judge][nr] = 1;
			if (nr > s->all)
				s->all = nr;
		}
	}
	if (job->done)
		return;
	if (s)
		s->got[job->judge][any ? mask_after(last, AGREE_MASKS - 1) % AGREE_MASKS : 0] = 2;
	agree_queue_rest(job, at);
}

bool agree_reduce(struct agree_work *w)
{
	const struct agree_asker asker = { agree_skips, take, w };
	struct agree_item *items = calloc(w->suspects_nr + 1, sizeof(*items));
	bool ok;

	for (size_t i = 0; i < w->suspects_nr; i++)
		items[i].nr = w->suspects[i].nr;
	agree_queue_lists(w->how, TASK_MASKS, items, w->suspects_nr, LIST_MASKS);
	free(items);
	ok = agree_run(w->how, &asker);
	for (size_t i = 0; i < w->suspects_nr; i++) {
		struct agree_suspect *s = &w->suspects[i];

		for (int j = 1; j < JUDGES; j++) {
			bool differs[AGREE_MASKS] = { false };

			for (uint32_t m = 0; m <= s->all; m++)
				differs[m] = (s->got[j][m] && s->got[0][m]) &&
					     (s->got[j][m] != s->got[0][m] ||
					      s->hash[j][m] != s->hash[0][m]);
			s->smallest_nr[j] = agree_smallest(differs, s->all, s->smallest[j]);
		}
	}
	return ok;
}
