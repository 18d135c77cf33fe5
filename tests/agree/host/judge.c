// SPDX-License-Identifier: GPL-2.0-only
/* Judge a part: find what differs, reduce it, have it told, and hold it against the list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/example.h"
#include "tests/agree/host/judge.h"
#include "tests/agree/host/show.h"

#define LIST_SAY	64		/* sequences that one run tells */
#define KINDS_SHOWN	2		/* of differences of one kind */
#define KEYS_MAX	64

static struct agree_telling *find_telling(const struct agree_work *w, uint32_t nr, uint32_t mask)
{
	struct agree_telling *t = w->tellings;

	while (t && (t->item.nr != nr || t->item.mask != mask))
		t = t->next;
	return t;
}

static void take_told(void *of, struct agree_job *job)
{
	struct agree_work *w = of;

	if (agree_refused(job))
		w->cannot = true;
	else
		agree_take_say(job);
}

/* Have each of the smallest sets told. */
static bool run_tellings(struct agree_work *w)
{
	const struct agree_asker asker = { NULL, take_told, w };
	struct agree_item *items = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < w->suspects_nr; i++) {
		const struct agree_suspect *s = &w->suspects[i];

		for (int j = 1; j < JUDGES; j++) {
			for (size_t k = 0; k < s->smallest_nr[j]; k++) {
				struct agree_telling *t;

				if (find_telling(w, s->nr, s->smallest[j][k]))
					continue;
				t = calloc(1, sizeof(*t));
				t->item = (struct agree_item) { s->nr, s->smallest[j][k],
								w->how->seed, NULL, t };
				t->next = w->tellings;
				w->tellings = t;
				items = realloc(items, (nr + 1) * sizeof(*items));
				items[nr++] = t->item;
			}
		}
	}
	agree_queue_lists(w->how, TASK_SAY, items, nr, LIST_SAY);
	free(items);
	return agree_run(w->how, &asker);
}

/* One smallest set of a suspect's on one judge. */
static void judge_one(struct agree_work *w, const struct agree_suspect *s, int judge,
		      uint32_t mask)
{
	const struct agree_telling *t = find_telling(w, s->nr, mask);
	const char *name = agree_judges[judge];
	struct agree_difference differences[KEYS_MAX];
	struct agree_known *known;
	size_t nr;

	if (!t || !t->say[JUDGE_BARE] || !t->say[judge]) {
		fprintf(w->told, "\ndifference judge=%s sequence=%u mask=%x: not told\n", name,
			s->nr, mask);
		w->found->differ++;
		return;
	}
	nr = agree_differ(t->say[JUDGE_BARE], t->say[judge], differences, KEYS_MAX);
	known = agree_is_known(w->known, name, t->say[JUDGE_BARE]->mode, t->say[JUDGE_BARE]->ops,
			       differences, nr);
	if (known) {
		w->found->known++;
		agree_note_example(known, w->how->seed, t, judge);
		return;
	}
	w->found->differ++;
	if (agree_count_kind(w->found, agree_kind_of(name, t->say[JUDGE_BARE], differences, nr)) <=
	    KINDS_SHOWN)
		agree_show(w->told, w->how, t, judge, differences, nr);
}

static void judge_suspects(struct agree_work *w)
{
	for (size_t i = 0; i < w->suspects_nr; i++) {
		const struct agree_suspect *s = &w->suspects[i];

		w->found->looked_at++;
		for (int j = 1; j < JUDGES; j++) {
			if (!w->how->judges[j] || !s->differs[j])
				continue;
			if (!s->smallest_nr[j]) {
				fprintf(w->told, "\ndifference judge=%s sequence=%u: not seen "
					"again\n", agree_judges[j], s->nr);
				w->found->differ++;
			}
			for (size_t k = 0; k < s->smallest_nr[j]; k++)
				judge_one(w, s, j, s->smallest[j][k]);
		}
	}
}

static void forget_part(struct agree_work *w)
{
	for (int j = 0; j < JUDGES; j++) {
		free(w->block_hash[j]);
		free(w->block_there[j]);
		free(w->sequence_hash[j]);
		free(w->sequence_there[j]);
		w->dead_nr[j] = 0;
	}
	agree_forget_tellings(w->tellings);
	w->tellings = NULL;
	w->suspects_nr = 0;
}

bool agree_judge_part(struct agree_work *w, uint32_t first, uint32_t n)
{
	bool ok;

	w->first = first;
	w->n = n;
	for (int j = 0; j < JUDGES; j++) {
		w->block_hash[j] = calloc(n, sizeof(uint64_t));
		w->block_there[j] = calloc(n, sizeof(bool));
		w->sequence_hash[j] = calloc(n, sizeof(uint64_t));
		w->sequence_there[j] = calloc(n, sizeof(bool));
	}
	ok = agree_find_suspects(w) && agree_reduce(w) && run_tellings(w);
	if (ok)
		judge_suspects(w);
	forget_part(w);
	return ok && !w->cannot;
}
