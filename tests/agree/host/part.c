// SPDX-License-Identifier: GPL-2.0-only
/* What has been judged so far, in a file: docs/formats.md says what it looks like. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/agree/host/part.h"

#define HEAD	"agree found version=1"

unsigned int agree_count_kind(struct agree_found *found, char *name)
{
	struct agree_kind *k;

	for (k = found->kinds; k; k = k->next) {
		if (!strcmp(k->name, name)) {
			free(name);
			return ++k->count;
		}
	}
	k = malloc(sizeof(*k));
	*k = (struct agree_kind) { name, 1, found->kinds };
	found->kinds = k;
	return 1;
}

void agree_forget_found(struct agree_found *found)
{
	while (found->kinds) {
		struct agree_kind *k = found->kinds;

		found->kinds = k->next;
		free(k->name);
		free(k);
	}
	free(found->text);
	*found = (struct agree_found) { 0 };
}

/* FNV-1a. */
void agree_sum(const char *file, char *sum, size_t size)
{
	FILE *f = file ? fopen(file, "r") : NULL;
	uint64_t value = 0xcbf29ce484222325ull;
	int c;

	if (!f) {
		snprintf(sum, size, "none");
		return;
	}
	while ((c = getc(f)) != EOF)
		value = (value ^ (uint8_t)c) * 0x100000001b3ull;
	fclose(f);
	snprintf(sum, size, "%016" PRIx64, value);
}

bool agree_put_found(const char *file, const char *of, const struct agree_found *found,
		     const struct agree_list *known)
{
	char part[600];
	FILE *f;
	bool ok;

	snprintf(part, sizeof(part), "%s.part", file);
	f = fopen(part, "w");
	if (f) {
		fprintf(f, HEAD "\n%s\nnext=%u differ=%u known=%u looked_at=%u not_looked_at=%u "
			"ends=%u\n", of, found->next, found->differ, found->known,
			found->looked_at, found->not_looked_at, found->ends);
		for (size_t i = 0; i < known->nr; i++)
			fprintf(f, "hits line=%u nr=%u\n", known->known[i].line,
				known->known[i].hits);
		for (const struct agree_kind *k = found->kinds; k; k = k->next)
			fprintf(f, "kind nr=%u %s\n", k->count, k->name);
		fprintf(f, "text\n%s", found->text ? found->text : "");
	}
	ok = f && !ferror(f);
	ok = f && !fclose(f) && ok && !rename(part, file);
	if (!ok)
		fprintf(stderr, "agree: %s: %s\n", file, strerror(errno));
	return ok;
}

static void take_line(const char *line, struct agree_found *found, struct agree_list *known)
{
	unsigned int nr, at;
	struct agree_kind **last = &found->kinds;
	int name = 0;

	if (sscanf(line, "hits line=%u nr=%u", &at, &nr) == 2) {
		for (size_t i = 0; i < known->nr; i++) {
			if (known->known[i].line == at)
				known->known[i].hits = nr;
		}
	} else if (sscanf(line, "kind nr=%u %n", &nr, &name) == 1 && name) {
		while (*last)
			last = &(*last)->next;
		*last = malloc(sizeof(**last));
		**last = (struct agree_kind) { strdup(line + name), nr, NULL };
	}
}

bool agree_get_found(const char *file, const char *of, struct agree_found *found,
		     struct agree_list *known)
{
	FILE *f = fopen(file, "r");
	struct agree_found got = { 0 };
	char *line = NULL;
	size_t size = 0, text_size = 0;
	unsigned int nr = 0;
	bool same = true, whole = false;

	if (!f)
		return false;
	while (same && !whole && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		switch (nr++) {
		case 0:
			same = !strcmp(line, HEAD);
			break;
		case 1:
			same = !strcmp(line, of);
			break;
		case 2:
			same = sscanf(line, "next=%u differ=%u known=%u looked_at=%u "
				      "not_looked_at=%u ends=%u", &got.next, &got.differ,
				      &got.known, &got.looked_at, &got.not_looked_at,
				      &got.ends) == 6;
			break;
		default:
			whole = !strcmp(line, "text");
			if (!whole)
				take_line(line, &got, known);
		}
	}
	if (whole && getdelim(&got.text, &text_size, '\0', f) < 0) {
		free(got.text);
		got.text = NULL;
	}
	free(line);
	fclose(f);
	if (!whole) {
		fprintf(stderr, "agree: %s is of another task, hv or guest: all begins anew\n",
			file);
		agree_forget_found(&got);
		return false;
	}
	agree_forget_found(found);
	*found = got;
	return true;
}
