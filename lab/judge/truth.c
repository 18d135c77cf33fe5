// SPDX-License-Identifier: GPL-2.0-only
/* The truth: what the emulator logged, in memory, and asked for counts. */
#include <stdlib.h>
#include "lab/judge/judge.h"
#include "machine/machine.h"
#include "tools/emulator.h"
#include "tools/tool.h"

static uint32_t slot(uint32_t reason)
{
	return reason < JUDGE_REASONS ? reason : JUDGE_REASONS - 1;
}

/* Room for one element more in an array that doubles. */
static bool grow(void *array, size_t nr, size_t *room, size_t size)
{
	void *bigger;

	if (nr < *room)
		return true;
	*room = *room ? 2 * *room : 64;
	bigger = realloc(*(void **)array, *room * size);
	if (!bigger)
		return false;
	*(void **)array = bigger;
	return true;
}

bool truth_add(struct truth *t, const struct true_exit *e, bool mark)
{
	uint32_t s = slot(e->reason);

	if (!grow(&t->all, t->nr, &t->room, sizeof(*t->all)) ||
	    !grow(&t->at[s], t->at_nr[s], &t->at_room[s], sizeof(*t->at[s])) ||
	    (mark && !grow(&t->marks, t->marks_nr, &t->marks_room, sizeof(*t->marks))))
		return tool_refuse("no memory for the emulator's log");
	t->at[s][t->at_nr[s]++] = t->nr;
	if (mark)
		t->marks[t->marks_nr++] = t->nr;
	t->all[t->nr++] = *e;
	return true;
}

struct reader {
	struct truth *truth;
	bool good;
};

/* Source: SDM volume 3, table "Exit Qualification for I/O Instructions". */
static void take_exit(void *ctx, const struct emulator_exit *e)
{
	struct reader *r = ctx;
	const struct true_exit exit = { e->ticks, e->reason, e->cpu };

	r->good = r->good &&
		  truth_add(r->truth, &exit, e->reason == EXIT_REASON_IO_INSTRUCTION &&
			    e->qualification >> 16 == MACHINE_MARK_PORT);
}

bool truth_read(struct truth *t, FILE *in)
{
	struct reader r = { t, true };

	return emulator_exits(in, take_exit, &r, &t->ended) && r.good;
}

uint64_t truth_count(const struct truth *t, uint32_t reason, size_t end)
{
	const size_t *at = t->at[slot(reason)];
	size_t low = 0, high = t->at_nr[slot(reason)];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at[middle] < end)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t truth_find(const struct truth *t, size_t mark, uint32_t reason, uint32_t nr)
{
	uint32_t s = slot(reason);
	size_t i;

	if (!mark || mark > t->marks_nr)
		return t->nr;
	for (i = truth_count(t, reason, t->marks[mark - 1]); i < t->at_nr[s]; i++) {
		const struct true_exit *e = &t->all[t->at[s][i]];

		if (e->cpu == t->all[t->marks[mark - 1]].cpu && !nr--)
			return t->at[s][i];
	}
	return t->nr;
}

void truth_free(struct truth *t)
{
	size_t i;

	for (i = 0; i < JUDGE_REASONS; i++)
		free(t->at[i]);
	free(t->marks);
	free(t->all);
	*t = (struct truth) { 0 };
}
