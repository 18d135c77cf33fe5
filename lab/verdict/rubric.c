// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include "lab/verdict/rubric.h"

#define POINTS_MAX	1000

static bool take_line(void *rubric, char *line)
{
	char id[32], points[16], *end;
	struct rubric *r = rubric;
	enum criterion c;
	int words = 0;

	if (!*line || *line == '#')
		return true;
	if (sscanf(line, "%31s %15s %n", id, points, &words) != 2)
		return false;
	if (!strcmp(id, "leaves"))
		return snprintf(r->leaves, sizeof(r->leaves), "%s", points) <
		       (int)sizeof(r->leaves);
	c = criterion_find(id);
	if (c == CRITERIA_NR || r->graded[c])
		return false;
	r->points[c] = strtoul(points, &end, 10);
	if (*end || r->points[c] > POINTS_MAX)
		return false;
	r->graded[c] = true;
	snprintf(r->words[c], RUBRIC_WORDS, "%.*s", RUBRIC_WORDS - 1, line + words);
	return true;
}

bool rubric_read(struct rubric *r, const char *file)
{
	*r = (struct rubric) { 0 };
	return read_lines(file, "not `id points words' of a criterion, the first of it", take_line,
			  r);
}

struct verdict verdict_make(const struct rubric *r, const struct findings *f, const char *name)
{
	struct verdict v = { .rubric = r, .findings = f, .name = name };
	enum criterion c;

	for (c = 0; c < CRITERIA_NR; c++) {
		enum state state = f->of[c].state;

		if (!r->graded[c])
			continue;
		if (state == STATE_SKIPPED || state == STATE_NONE) {
			v.skipped += r->points[c];
			continue;
		}
		v.of += r->points[c];
		v.points += state == STATE_OK ? r->points[c] : 0;
		v.lost |= state == STATE_LOST && r->points[c];
	}
	return v;
}
