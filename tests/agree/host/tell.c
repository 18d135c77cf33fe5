// SPDX-License-Identifier: GPL-2.0-only
/* Read what a run told of its sequences, in the order in which it was asked for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/tell.h"

void agree_take_say(struct agree_job *job)
{
	size_t next = 0;
	char *p = job->log;

	while ((p = strstr(p, "\nsequence="))) {
		struct agree_telling *t;
		size_t at = next;
		char *end;
		uint32_t nr, mask;

		p++;
		/* Noise on the line may have cost one of them. */
		if (sscanf(p, "sequence=%u mask=%x", &nr, &mask) != 2)
			continue;
		/* The guest knows of no items that a sequence has not. */
		while (at < job->list_nr && (job->list[at].nr != nr || mask & ~job->list[at].mask))
			at++;
		if (at == job->list_nr)
			continue;
		next = at + 1;
		t = job->list[at].telling;
		end = strstr(p, "\nsequence=");
		t->text[job->judge] = end ? strndup(p, end - p + 1) : strdup(p);
		t->say[job->judge] = malloc(sizeof(*t->say[0]));
		agree_read_say(t->say[job->judge], t->text[job->judge]);
	}
	if (!job->done)
		agree_queue_rest(job, next ? next - 1 : 0);
}

bool agree_refused(const struct agree_job *job)
{
	const char *why = strstr(job->log, "\nagree: ");

	if (why)
		fprintf(stderr, "%.*s\n", (int)strcspn(why + 1, "\n"), why + 1);
	return why;
}

void agree_forget_tellings(struct agree_telling *tellings)
{
	while (tellings) {
		struct agree_telling *t = tellings;

		tellings = t->next;
		for (int j = 0; j < JUDGES; j++) {
			free(t->text[j]);
			free(t->say[j]);
		}
		free(t);
	}
}
