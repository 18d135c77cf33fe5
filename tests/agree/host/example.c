// SPDX-License-Identifier: GPL-2.0-only
/* Run the list's examples, and find others for those that show nothing any more. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/example.h"
#include "tests/agree/host/show.h"

#define LIST_BYTES	1500		/* of the command line of one run */
#define KEYS_MAX	64

static void take(void *of, struct agree_job *job)
{
	bool *cannot = of;

	if (agree_refused(job))
		*cannot = true;
	else
		agree_take_say(job);
}

static bool asked(const struct agree_how *how, const struct agree_known *k, int judge)
{
	return how->judges[judge] &&
	       (judge == JUDGE_BARE || agree_names(k, agree_judges[judge]));
}

/* As few runs as their command lines allow, of those that need a peer or of those that do not. */
static void queue_examples(const struct agree_how *how, const struct agree_list *known,
			   struct agree_telling *const *tellings, int judge, bool peer)
{
	struct agree_item *items = calloc(known->nr + 1, sizeof(*items));
	size_t nr = 0, bytes = 0;

	for (size_t i = 0; i < known->nr; i++) {
		size_t more = strlen(known->known[i].text) + sizeof(" seed= list=");

		if (!asked(how, &known->known[i], judge) ||
		    agree_asks_peer(tellings[i]->item.names) != peer)
			continue;
		if (nr && bytes + more > LIST_BYTES) {
			agree_queue_list(TASK_SAY, judge, items, nr);
			nr = bytes = 0;
		}
		items[nr++] = tellings[i]->item;
		bytes += more;
	}
	if (nr)
		agree_queue_list(TASK_SAY, judge, items, nr);
	free(items);
}

/* What an entry's example shows on one judge: is it what the entry says? */
static bool shows(const struct agree_how *how, const struct agree_known *k,
		  const struct agree_telling *t, int judge)
{
	struct agree_difference differences[KEYS_MAX];
	const struct agree_say *bare = t->say[JUDGE_BARE];
	size_t nr;

	if (bare && t->say[judge]) {
		nr = agree_differ(bare, t->say[judge], differences, KEYS_MAX);
		if (agree_fits(k, agree_judges[judge], bare->mode, bare->ops, differences, nr))
			return true;
		printf("\nthe list's line %u: its example %s %s on %s\n", k->line, k->text,
		       nr ? "differs otherwise than the line says" : "no longer differs",
		       agree_judges[judge]);
		if (nr)
			agree_show(stdout, how, t, judge, differences, nr);
	} else {
		printf("\nthe list's line %u: its example %s is not told by %s\n", k->line,
		       k->text, agree_judges[bare ? judge : JUDGE_BARE]);
	}
	return false;
}

bool agree_check_examples(const struct agree_how *how, struct agree_list *known,
			  unsigned int *stale)
{
	struct agree_telling **tellings = calloc(known->nr + 1, sizeof(*tellings));
	struct agree_telling *all = NULL;
	bool cannot = false;
	const struct agree_asker asker = { NULL, take, &cannot };
	bool ok;

	for (size_t i = 0; i < known->nr; i++) {
		const struct agree_example *e = &known->known[i].example;
		struct agree_telling *t = calloc(1, sizeof(*t));

		t->item = (struct agree_item) { e->nr, e->mask, e->seed, e->names, t };
		t->next = all;
		all = tellings[i] = t;
	}
	for (int j = 0; j < JUDGES; j++) {
		queue_examples(how, known, tellings, j, false);
		queue_examples(how, known, tellings, j, true);
	}
	ok = agree_run(how, &asker) && !cannot;
	*stale = 0;
	for (size_t i = 0; ok && i < known->nr; i++) {
		struct agree_known *k = &known->known[i];

		for (int j = 1; j < JUDGES; j++)
			k->stale |= asked(how, k, j) && !shows(how, k, tellings[i], j);
		*stale += k->stale;
	}
	agree_forget_tellings(all);
	free(tellings);
	return ok;
}

void agree_note_example(struct agree_known *k, uint64_t seed, const struct agree_telling *t,
			int judge)
{
	const struct agree_say *say = t->say[JUDGE_BARE];
	struct agree_candidate *c;
	char text[600];

	snprintf(text, sizeof(text), "%" PRIu64 "/%u:%x:%s", seed, t->item.nr, t->item.mask,
		 say->mode);
	if (*say->ops)
		agree_append(text, sizeof(text), "+%s", say->ops);
	for (char *p = text; *p; p++) {
		if (*p == ',')
			*p = '+';
	}
	for (c = k->candidates; c && strcmp(c->text, text); c = c->next)
		;
	if (!c) {
		c = malloc(sizeof(*c));
		*c = (struct agree_candidate) { strdup(text), 0, k->candidates };
		k->candidates = c;
	}
	c->judges |= 1u << judge;
}

static const char *best(const struct agree_how *how, const struct agree_known *k)
{
	const struct agree_candidate *of = NULL;
	unsigned int all = 0;

	for (int j = 1; j < JUDGES; j++)
		all |= asked(how, k, j) ? 1u << j : 0;
	for (const struct agree_candidate *c = k->candidates; c; c = c->next) {
		if (c->judges == all && (!of || strlen(c->text) <= strlen(of->text)))
			of = c;
	}
	return of ? of->text : NULL;
}

/* One line of the list, with another example if it needs one and there is one. */
static bool put_line(FILE *to, const char *line, const struct agree_known *k, const char *text)
{
	const char *column = k ? strstr(line, k->text) : NULL;

	if (!column || !text)
		return fputs(line, to) >= 0;
	return fprintf(to, "%.*s%s%s", (int)(column - line), line, text,
		       column + strlen(k->text)) > 0;
}

int agree_renew_examples(const struct agree_how *how, struct agree_list *known,
			 const char *file)
{
	FILE *from = fopen(file, "r"), *to;
	char part[600], *line = NULL;
	size_t size = 0, at = 0;
	unsigned int nr = 0;
	int stale = 0;
	bool ok;

	snprintf(part, sizeof(part), "%s.part", file);
	to = fopen(part, "w");
	ok = from && to;
	while (ok && getline(&line, &size, from) > 0) {
		const struct agree_known *k = NULL;
		const char *text = NULL;

		if (at < known->nr && known->known[at].line == ++nr)
			k = &known->known[at++];
		if (k && k->stale) {
			text = best(how, k);
			stale += !text;
			if (!text)
				printf("the list's line %u: no example was met\n", nr);
		}
		ok = put_line(to, line, k, text);
	}
	free(line);
	if (from)
		fclose(from);
	ok = to && !fclose(to) && ok && !rename(part, file);
	if (!ok)
		fprintf(stderr, "agree: %s: %s\n", file, strerror(errno));
	return ok ? stale : -1;
}
