// SPDX-License-Identifier: GPL-2.0-only
/* The list of differences that are allowed: docs/formats.md says what it looks like. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/agree.h"

/* Is there one of these patterns, with commas between them, that fits? */
static bool fits_one(const char *patterns, const char *text)
{
	char *copy = strdup(patterns), *save;
	bool fits = false;

	for (char *p = strtok_r(copy, ",", &save); p && !fits; p = strtok_r(NULL, ",", &save))
		fits = !fnmatch(p, text, 0);
	free(copy);
	return fits;
}

/*
 * Do these patterns allow what differs? One with a value must fit the first key, with what the
 * bare processor has there; each key must fit one that has none.
 */
static bool allow(const char *patterns, const char *const *keys, size_t nr, const char *first)
{
	char *copy = strdup(patterns), *plain = calloc(1, strlen(patterns) + 2), *save;
	char name[200];
	bool all = true, valued = false, fits = false;

	snprintf(name, sizeof(name), "%s=%s", nr ? keys[0] : "", first);
	for (char *p = strtok_r(copy, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		if (strchr(p, '=')) {
			valued = true;
			fits |= !fnmatch(p, name, 0);
		} else {
			strcat(strcat(plain, p), ",");
		}
	}
	for (size_t n = 0; n < nr; n++)
		all &= fits_one(plain, keys[n]);
	free(copy);
	free(plain);
	return all && (fits || !valued);
}

/* Does each of these patterns fit one of those names? */
static bool fit_all(const char *patterns, const char *names)
{
	char *copy = strdup(patterns), *save;
	bool fit = true;

	for (char *p = strtok_r(copy, ",", &save); p && fit; p = strtok_r(NULL, ",", &save)) {
		char *of = strdup(names), *save_of;
		bool one = false;

		for (char *n = strtok_r(of, ",", &save_of); n && !one;
		     n = strtok_r(NULL, ",", &save_of))
			one = !fnmatch(p, n, 0);
		free(of);
		fit = one;
	}
	free(copy);
	return fit;
}

static void forget(struct agree_known *k)
{
	free(k->judge);
	free(k->mode);
	free(k->ops);
	free(k->keys);
	free(k->why);
}

void agree_forget_known(struct agree_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		forget(&list->known[i]);
	free(list->known);
	*list = (struct agree_list) { 0 };
}

bool agree_read_known(struct agree_list *list, const char *file)
{
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	unsigned int nr = 0;
	bool ok = true;

	*list = (struct agree_list) { 0 };
	if (!f) {
		fprintf(stderr, "agree: %s: %s\n", file, strerror(errno));
		return false;
	}
	while (getline(&line, &size, f) > 0) {
		struct agree_known k = { .line = ++nr };
		int why = 0;

		if (*line == '#' || *line == '\n')
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%ms %ms %ms %ms %n", &k.judge, &k.mode, &k.ops, &k.keys,
			   &why) != 4 || !line[why]) {
			fprintf(stderr, "agree: %s:%u: a judge, a mode, operations, keys, and a "
				"reason are needed\n", file, nr);
			forget(&k);
			agree_forget_known(list);
			ok = false;
			break;
		}
		k.why = strdup(line + why);
		list->known = realloc(list->known, (list->nr + 1) * sizeof(k));
		list->known[list->nr++] = k;
	}
	free(line);
	fclose(f);
	return ok;
}

struct agree_known *agree_is_known(struct agree_list *list, const char *judge, const char *mode,
				   const char *ops, const char *const *keys, size_t nr,
				   const char *first)
{
	for (size_t i = 0; i < list->nr; i++) {
		struct agree_known *k = &list->known[i];

		if (!fits_one(k->judge, judge) || !fits_one(k->mode, mode) ||
		    !fit_all(k->ops, ops) || !allow(k->keys, keys, nr, first))
			continue;
		k->hits++;
		return k;
	}
	return NULL;
}
