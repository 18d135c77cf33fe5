// SPDX-License-Identifier: GPL-2.0-only
/* Print a difference: the instructions that it needs, and the answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/agree/host/show.h"

static void disassemble(FILE *told, const struct agree_how *how, const struct agree_say *say)
{
	char name[600], command[900];
	const char *machine = !strcmp(say->bits, "64") ? "i386:x86-64" :
			      !strcmp(say->bits, "32") ? "i386" : "i8086";
	bool any = false;
	FILE *f;
	int c;

	snprintf(name, sizeof(name), "%s/code.bin", how->out);
	f = fopen(name, "w");
	if (!f)
		return;
	for (const char *p = say->code; p[0] && p[1]; p += 2) {
		unsigned int value = 0;

		sscanf(p, "%2x", &value);
		fputc(value, f);
	}
	fclose(f);
	snprintf(command, sizeof(command),
		 "objdump -D -b binary -m %s '%s' 2>/dev/null | sed '1,/<.data>/d; s/^/  /'",
		 machine, name);
	f = popen(command, "r");
	while (f && (c = getc(f)) != EOF) {
		putc(c, told);
		any = true;
	}
	if (f)
		pclose(f);
	if (!any)
		fprintf(told, "  code %s\n", say->code);
}

/* Digits out of a key, so that two of a kind are of one kind. */
char *agree_kind_of(const char *judge, const struct agree_say *say,
		    const struct agree_difference *differences, size_t nr)
{
	char name[2000];
	size_t used = snprintf(name, sizeof(name), "%s %s:", judge, say->ops);

	for (size_t i = 0; i < nr && used < sizeof(name) - 40; i++) {
		const char *key = differences[i].key, *before = i ? differences[i - 1].key : "";
		size_t n = strcspn(key, ".");

		if (n == strcspn(before, ".") && !strncmp(key, before, n))
			continue;
		used += snprintf(name + used, sizeof(name) - used, " %.*s", (int)n, key);
	}
	return strdup(name);
}

static const char *answer(const struct agree_how *how, const struct agree_telling *t, int judge,
			  const char *key)
{
	const char *value;

	if (!how->judges[judge])
		return "";
	if (!t->say[judge])
		return "?";
	if (!strcmp(key, "death"))
		return t->say[judge]->complete ? "lives" : "ends";
	value = agree_find(t->say[judge], key);
	return value ? value : "-";
}

void agree_show(FILE *told, const struct agree_how *how, const struct agree_telling *t, int judge,
		const struct agree_difference *differences, size_t nr)
{
	const struct agree_say *say = t->say[0];

	fprintf(told, "\ndifference judge=%s sequence=%u mask=%x mode=%s ops=%s flags=%s dr7=%s",
		agree_judges[judge], t->item.nr, t->item.mask, say->mode, say->ops, say->flags,
		say->dr7);
	fprintf(told, *say->asks ? " asks=%s\n" : "\n", say->asks);
	disassemble(told, how, say);
	fprintf(told, "  %-12s", "");
	for (int j = 0; j < JUDGES; j++) {
		if (how->judges[j])
			fprintf(told, " %16s", agree_judges[j]);
	}
	putc('\n', told);
	for (size_t i = 0; i < nr; i++) {
		fprintf(told, "  %-12s", differences[i].key);
		for (int j = 0; j < JUDGES; j++) {
			if (how->judges[j])
				fprintf(told, " %16s", answer(how, t, j, differences[i].key));
		}
		putc('\n', told);
	}
}
