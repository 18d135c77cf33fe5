// SPDX-License-Identifier: GPL-2.0-only
/* The list of differences that are allowed: docs/formats.md says what it looks like. */
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
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

/* The part of a pattern in front of that character, cut off there; what follows, or NULL. */
static char *cut_at(char *pattern, char at)
{
	char *rest = strchr(pattern, at);

	if (rest)
		*rest++ = '\0';
	return rest;
}

static bool in_bits(const struct agree_difference *d, const char *mask)
{
	char *bare_end, *other_end;
	uint64_t bits = strtoull(d->bare, &bare_end, 16) ^ strtoull(d->other, &other_end, 16);

	return bare_end != d->bare && other_end != d->other && !*bare_end && !*other_end &&
	       !(bits & ~strtoull(mask, NULL, 16));
}

/* KEY=BARE or KEY=BARE:OTHER, of what differs first; KEY^BITS, or KEY alone, of all. */
static bool fits_key(char *pattern, const struct agree_difference *d, bool first)
{
	char *bare = cut_at(pattern, '='), *other = bare ? cut_at(bare, ':') : NULL;
	char *bits = cut_at(pattern, '^');

	if (!bare != !first || fnmatch(pattern, d->key, 0))
		return false;
	if (bare)
		return !fnmatch(bare, d->bare, 0) && (!other || !fnmatch(other, d->other, 0));
	return !bits || in_bits(d, bits);
}

static bool any_fits(const char *patterns, const struct agree_difference *d, bool first)
{
	char *copy = strdup(patterns), *save;
	bool fits = false;

	for (char *p = strtok_r(copy, ",", &save); p && !fits; p = strtok_r(NULL, ",", &save))
		fits = fits_key(p, d, first);
	free(copy);
	return fits;
}

/* Do these patterns allow what differs? */
static bool allow(const char *patterns, const struct agree_difference *differences, size_t nr)
{
	bool all = nr && (!strchr(patterns, '=') || any_fits(patterns, differences, true));

	for (size_t n = 0; n < nr && all; n++)
		all = any_fits(patterns, &differences[n], false);
	return all;
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
			one = !fnmatch(p, n, FNM_EXTMATCH);
		free(of);
		fit = one;
	}
	free(copy);
	return fit;
}

static void forget(struct agree_known *k)
{
	while (k->candidates) {
		struct agree_candidate *c = k->candidates;

		k->candidates = c->next;
		free(c->text);
		free(c);
	}
	free(k->judge);
	free(k->mode);
	free(k->ops);
	free(k->keys);
	free(k->text);
	free(k->why);
}

void agree_forget_known(struct agree_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		forget(&list->known[i]);
	free(list->known);
	*list = (struct agree_list) { 0 };
}

/* SEED/N:MASK:MODE+OPERATION+OPERATION */
static bool read_example(struct agree_known *k)
{
	struct agree_example *e = &k->example;
	int names = 0;

	if (sscanf(k->text, "%" SCNu64 "/%" SCNu32 ":%" SCNx32 ":%n", &e->seed, &e->nr, &e->mask,
		   &names) != 3 || !names || !k->text[names])
		return false;
	e->names = k->text + names;
	return true;
}

static const char *const versions[] = { "2.7", "2.8", "3" };

/* Are the first @n characters a version, or those before its point? */
static bool is_version(const char *text, size_t n, const char *version)
{
	return n && !strncmp(text, version, n) && (!version[n] || version[n] == '.');
}

bool agree_knows_bochs(const char *version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		if (!strcmp(version, versions[i]))
			return true;
	return false;
}

/* What stands behind "@VERSION", nothing if there is no such one; NULL if it is not of @bochs. */
static const char *of_version(const char *line, const char *bochs)
{
	size_t n;

	if (*line != '@')
		return line;
	n = strcspn(++line, " \t\n");
	if (is_version(line, n, bochs))
		return line + n;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		if (is_version(line, n, versions[i]))
			return NULL;
	return "";
}

bool agree_read_known(struct agree_list *list, const char *file, const char *bochs)
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
		const char *words = of_version(line, bochs);
		int why = 0;

		if (!words || *line == '#' || *line == '\n')
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(words, "%ms %ms %ms %ms %ms %n", &k.judge, &k.mode, &k.ops, &k.keys,
			   &k.text, &why) != 5 || !words[why] || !read_example(&k)) {
			fprintf(stderr, "agree: %s:%u: a judge, a mode, operations, keys, an "
				"example, and a reason are needed; @ names a Bochs\n", file, nr);
			forget(&k);
			agree_forget_known(list);
			ok = false;
			break;
		}
		k.why = strdup(words + why);
		list->known = realloc(list->known, (list->nr + 1) * sizeof(k));
		list->known[list->nr++] = k;
	}
	free(line);
	fclose(f);
	return ok;
}

bool agree_names(const struct agree_known *known, const char *judge)
{
	return fits_one(known->judge, judge);
}

bool agree_fits(const struct agree_known *known, const char *judge, const char *mode,
		const char *ops, const struct agree_difference *differences, size_t nr)
{
	return agree_names(known, judge) && fits_one(known->mode, mode) &&
	       fit_all(known->ops, ops) && allow(known->keys, differences, nr);
}

struct agree_known *agree_is_known(struct agree_list *list, const char *judge, const char *mode,
				   const char *ops,
				   const struct agree_difference *differences, size_t nr)
{
	for (size_t i = 0; i < list->nr; i++) {
		struct agree_known *k = &list->known[i];

		if (!agree_fits(k, judge, mode, ops, differences, nr))
			continue;
		k->hits++;
		return k;
	}
	return NULL;
}
