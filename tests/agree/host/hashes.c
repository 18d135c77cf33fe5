// SPDX-License-Identifier: GPL-2.0-only
/* Run many sequences on all judges, and find those of which they tell otherwise. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/agree/host/judge.h"

#define SAY_EACH	30		/* seconds between two lines that tell how far it is */
#define LIST_EACH	48		/* blocks that one run is given: its output is slow */

void agree_skips(void *work, const struct agree_job *job, char *words, size_t size)
{
	const struct agree_work *w = work;
	bool any = false;

	if (job->task > TASK_EACH)
		return;
	for (size_t i = 0; i < w->dead_nr[job->judge]; i++) {
		uint32_t nr = w->dead[job->judge][i];

		if (job->task != TASK_EACH && (nr < job->first || nr >= job->first + job->n))
			continue;
		snprintf(words + strlen(words), size - strlen(words), "%s%u",
			 any ? "," : " skip=", nr);
		any = true;
	}
}

/* Each `block=N hash=H' of a log; returns how many. */
static size_t read_blocks(const struct agree_work *w, const char *log, uint32_t divide,
			  uint64_t *hash, bool *there)
{
	size_t nr = 0;

	for (const char *p = log; (p = strstr(p, "\nblock=")); p++) {
		uint32_t block;
		uint64_t value;
		char end;

		if (sscanf(p, "\nblock=%u hash=%" SCNx64 "%c", &block, &value, &end) != 3)
			continue;
		nr++;
		block -= w->first;
		if (block >= w->n)
			continue;
		hash[block / divide] = value;
		there[block / divide] = true;
	}
	return nr;
}

/* How far it is, and how long it takes if it goes on so. */
static void say_progress(struct agree_work *w, const struct agree_job *job)
{
	uint64_t judges = 0, all, now = time(NULL);

	for (int j = 0; j < JUDGES; j++)
		judges += w->how->judges[j];
	w->run_nr += job->n;
	if (now < w->said + SAY_EACH)
		return;
	w->said = now;
	all = w->resumed * judges + w->run_nr;
	if (all > w->wanted * judges)	/* some ran twice, where a machine ended */
		all = w->wanted * judges;
	fprintf(stderr, "agree: %" PRIu64 " of %u sequences run, %u differ, about %" PRIu64
		" min left\n", all / judges, w->wanted, w->found->differ,
		(now - w->begun) * (w->wanted * judges - all) / w->run_nr / 60 + 1);
}

static void take_blocks(struct agree_work *w, struct agree_job *job)
{
	size_t nr = read_blocks(w, job->log, AGREE_BLOCK, w->block_hash[job->judge],
				w->block_there[job->judge]);
	struct agree_job next = { .judge = job->judge };

	if (job->done) {
		say_progress(w, job);
		return;
	}
	if (!nr && !*job->log) {
		fprintf(stderr, "agree: %s said nothing: see %s\n", agree_judges[job->judge],
			job->dir);
		w->cannot = true;
		return;
	}
	next.task = TASK_FIND;
	next.first = job->first + nr * AGREE_BLOCK;
	next.n = job->n - nr * AGREE_BLOCK;
	agree_queue(&next);
}

/* The machine ended in one of a block: the first that has no hash. */
static void take_find(struct agree_work *w, struct agree_job *job)
{
	struct agree_job next = { .task = TASK_BLOCKS, .judge = job->judge, .first = job->first,
				  .n = job->n };
	uint32_t nr = job->first;

	for (const char *p = job->log; (p = strstr(p, "\nblock=")); p++) {
		uint32_t at;

		if (sscanf(p, "\nblock=%u hash=%*x", &at) == 1)
			nr = at + 1;
	}
	w->found->ends++;
	/*
	 * Skipped ones have hashes too. It ended by what sequences before had left: a difference,
	 * of which no more can be said; the others are judged as they run from here.
	 */
	if (job->done) {
		fprintf(stderr, "agree: %s does not end again in what follows %u: see %s\n",
			agree_judges[job->judge], job->first, job->dir);
		w->found->differ++;
		agree_queue(&next);
		return;
	}
	if (w->dead_nr[job->judge] == AGREE_DEATHS) {
		fprintf(stderr, "agree: %s ended too often; what follows %u is not compared\n",
			agree_judges[job->judge], nr);
		w->cannot = true;
		return;
	}
	w->dead[job->judge][w->dead_nr[job->judge]++] = nr;
	agree_queue(&next);
}

static void take(void *of, struct agree_job *job)
{
	struct agree_work *w = of;

	if (agree_refused(job)) {
		w->cannot = true;
		return;
	}
	switch (job->task) {
	case TASK_BLOCKS:
		take_blocks(w, job);
		break;
	case TASK_FIND:
		take_find(w, job);
		break;
	default:
		read_blocks(w, job->log, 1, w->sequence_hash[job->judge],
			    w->sequence_there[job->judge]);
	}
}

static bool run_queued(struct agree_work *w)
{
	const struct agree_asker asker = { agree_skips, take, w };

	return agree_run(w->how, &asker);
}

void agree_queue_lists(const struct agree_how *how, enum agree_task task,
		       const struct agree_item *items, size_t nr, size_t each)
{
	for (size_t at = 0; at < nr; at += each) {
		size_t n = nr - at < each ? nr - at : each;

		for (int j = 0; j < JUDGES; j++) {
			if (how->judges[j])
				agree_queue_list(task, j, items + at, n);
		}
	}
}

static bool is_dead(const struct agree_work *w, int judge, uint32_t nr)
{
	for (size_t i = 0; i < w->dead_nr[judge]; i++) {
		if (w->dead[judge][i] == nr)
			return true;
	}
	return false;
}

static bool run_blocks(struct agree_work *w)
{
	for (uint32_t at = 0; at < w->n; at += w->chunk) {
		for (int j = 0; j < JUDGES; j++) {
			struct agree_job job = {
				.task = TASK_BLOCKS, .judge = j, .first = w->first + at,
				.n = w->n - at < w->chunk ? w->n - at : w->chunk,
			};

			if (w->how->judges[j])
				agree_queue(&job);
		}
	}
	return run_queued(w);
}

/* Blocks whose hashes differ, then each sequence in them. */
static bool find_differing(struct agree_work *w)
{
	uint32_t blocks = (w->n + AGREE_BLOCK - 1) / AGREE_BLOCK;
	struct agree_item *items = calloc(blocks, sizeof(*items));
	size_t nr = 0;
	bool ok;

	for (uint32_t b = 0; b < blocks; b++) {
		bool differs = false;

		for (int j = 1; j < JUDGES; j++)
			differs |= w->how->judges[j] && w->block_there[j][b] &&
				   w->block_there[0][b] &&
				   w->block_hash[j][b] != w->block_hash[0][b];
		if (differs)
			items[nr++].nr = w->first + b * AGREE_BLOCK;
	}
	/* Those that are not looked into would make no less of a difference. */
	if (nr > w->most) {
		w->found->not_looked_at += nr - w->most;
		nr = w->most;
	}
	agree_queue_lists(w->how, TASK_EACH, items, nr, LIST_EACH);
	free(items);
	ok = run_queued(w);

	for (uint32_t i = 0; i < w->n; i++) {
		struct agree_suspect s = { .nr = w->first + i };
		bool any = false;

		for (int j = 1; j < JUDGES; j++) {
			if (!w->how->judges[j])
				continue;
			s.differs[j] = is_dead(w, j, s.nr) != is_dead(w, 0, s.nr) ||
				       (w->sequence_there[j][i] && w->sequence_there[0][i] &&
					!is_dead(w, j, s.nr) && !is_dead(w, 0, s.nr) &&
					w->sequence_hash[j][i] != w->sequence_hash[0][i]);
			any |= s.differs[j];
		}
		if (!any)
			continue;
		if (w->suspects_nr >= w->most) {
			w->found->not_looked_at++;
			continue;
		}
		w->suspects = realloc(w->suspects, (w->suspects_nr + 1) * sizeof(s));
		w->suspects[w->suspects_nr++] = s;
	}
	return ok;
}

bool agree_find_suspects(struct agree_work *w)
{
	return run_blocks(w) && find_differing(w);
}
