// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "lab/findings.h"
#include "tools/tool.h"

static const char *const ids[CRITERIA_NR] = {
#define X(name, id) [CRITERION_##name] = id,
	CRITERIA(X)
#undef X
};

static const char *const states[] = {
	[STATE_NONE] = "none", [STATE_OK] = "ok", [STATE_SKIPPED] = "skipped",
	[STATE_LOST] = "lost",
};

const char *criterion_id(enum criterion c)
{
	return ids[c];
}

enum criterion criterion_find(const char *id)
{
	enum criterion c;

	for (c = 0; c < CRITERIA_NR && strcmp(ids[c], id); c++)
		;
	return c;
}

const char *state_name(enum state state)
{
	return states[state];
}

/* A sentence is one line between quotes, whatever a hand-in had printed. */
static void fill(char to[SENTENCE_BYTES], const char *fmt, va_list args)
{
	char *c;

	vsnprintf(to, SENTENCE_BYTES, fmt, args);
	for (c = to; *c; c++) {
		if (*c == '"')
			*c = '\'';
		else if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	}
}

void finding_set(struct findings *f, enum criterion c, enum state state, const char *fmt, ...)
{
	struct finding *of = &f->of[c];
	va_list args;

	if (of->state >= state)
		return;
	of->state = state;
	va_start(args, fmt);
	fill(of->sentence, fmt, args);
	va_end(args);
}

void finding_evidence(struct findings *f, enum criterion c, const char *fmt, ...)
{
	struct finding *of = &f->of[c];
	va_list args;

	if (of->evidence_nr == EVIDENCE_MAX) {
		of->more++;
		return;
	}
	va_start(args, fmt);
	fill(of->evidence[of->evidence_nr++], fmt, args);
	va_end(args);
}

void findings_write(const struct findings *f, FILE *out)
{
	enum criterion c;
	size_t i;

	for (c = 0; c < CRITERIA_NR; c++) {
		const struct finding *of = &f->of[c];

		if (of->state == STATE_NONE)
			continue;
		fprintf(out, "id=%s state=%s sentence=\"%s\"\n", ids[c], states[of->state],
			of->sentence);
		for (i = 0; i < of->evidence_nr; i++)
			fprintf(out, "evidence=\"%s\"\n", of->evidence[i]);
		if (of->more)
			fprintf(out, "evidence=\"and %zu more like these\"\n", of->more);
	}
}

/* The text of KEY="…" at the end of a line, in place; NULL if there is none. */
static char *quoted(char *line, const char *key)
{
	char *at = strstr(line, key), *end;

	if (!at)
		return NULL;
	at += strlen(key);
	end = strrchr(at, '"');
	if (!end || end[1])
		return NULL;
	*end = '\0';
	return at;
}

static enum state state_find(const char *name)
{
	enum state s;

	for (s = STATE_OK; s <= STATE_LOST && strcmp(states[s], name); s++)
		;
	return s <= STATE_LOST ? s : STATE_NONE;
}

/* Findings that are being read: the last one's evidence follows it. */
struct reader {
	struct findings *findings;
	enum criterion now;
};

static bool take_line(void *reader, char *line)
{
	struct reader *r = reader;
	char id[32], state[16], *text;

	if (!strncmp(line, "evidence=\"", 10)) {
		text = quoted(line, "evidence=\"");
		if (!text || r->now == CRITERIA_NR)
			return false;
		finding_evidence(r->findings, r->now, "%s", text);
		return true;
	}
	if (sscanf(line, "id=%31s state=%15s ", id, state) != 2)
		return false;
	r->now = criterion_find(id);
	text = quoted(line, " sentence=\"");
	if (r->now == CRITERIA_NR || state_find(state) == STATE_NONE || !text)
		return false;
	finding_set(r->findings, r->now, state_find(state), "%s", text);
	return true;
}

bool findings_read(struct findings *f, const char *file)
{
	struct reader r = { f, CRITERIA_NR };

	*f = (struct findings) { 0 };
	return read_lines(file, "not a finding", take_line, &r);
}

bool read_lines(const char *file, const char *wrong, bool (*take)(void *to, char *line), void *to)
{
	FILE *in = fopen(file, "r");
	unsigned int number = 0;
	char *line = NULL;
	bool good = true;
	size_t size = 0;

	if (!in)
		return tool_refuse("%s: %s", file, strerror(errno));
	while (good && getline(&line, &size, in) > 0) {
		number++;
		line[strcspn(line, "\r\n")] = '\0';
		good = take(to, line) || tool_refuse("%s:%u: %s: %s", file, number, wrong, line);
	}
	free(line);
	fclose(in);
	return good;
}
