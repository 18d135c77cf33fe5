// SPDX-License-Identifier: GPL-2.0-only
/*
 * The semesters' maps of leaves, and words for reasons. The maps are written down here and not
 * taken from acct/: what judges must not share a mistake with what is judged.
 */
#include <string.h>
#include "lab/judge/judge.h"

#define BUFFERS	4

static const struct map maps[] = {
	{ "s21", { CARRIES_TOTAL | CARRIES_TOTAL_CYCLES, CARRIES_COUNT } },
	{ "f21", { CARRIES_TOTAL, CARRIES_TOTAL_CYCLES, CARRIES_COUNT, CARRIES_CYCLES } },
	{ "f22", { CARRIES_CYCLES, CARRIES_COUNT, CARRIES_TOTAL_CYCLES, CARRIES_TOTAL } },
};

const struct map *map_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		if (!strcmp(maps[i].name, name))
			return &maps[i];
	}
	return NULL;
}

int map_leaf(const struct map *map, enum carries what)
{
	int i;

	for (i = 0; map && i < READING_LEAVES; i++) {
		if (map->leaf[i] & what)
			return i;
	}
	return -1;
}

uint64_t value_cycles(const struct hand_in *h, const struct reading *r, int leaf)
{
	const uint64_t *v = r->leaf[leaf];

	if (h->swapped[leaf])
		return v[ECX] << 32 | (uint32_t)v[EBX];
	return v[EBX] << 32 | (uint32_t)v[ECX];
}

const char *reason_text(uint32_t reason)
{
	static char buffers[BUFFERS][64];
	static unsigned int next;
	char *to = buffers[next++ % BUFFERS];

	snprintf(to, sizeof(buffers[0]), "%u (%s)", reason, exit_acct_name(reason));
	return to;
}
