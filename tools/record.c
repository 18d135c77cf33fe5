// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "tools/record.h"
#include "tools/tool.h"

bool record_refuse_said(const struct record *r, const char *said, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: %s:%u: ", program_invocation_short_name, r->file, r->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "%s%s\n", said ? ": " : "", said ? said : "");
	return false;
}

bool record_is(const char *line, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(line, word, length) && (line[length] == ' ' || !line[length]);
}

/* A line with a pair, key=value, as its second word or its last one shows a state. */
static bool is_pair(const char *word)
{
	size_t length = strcspn(word, " ");
	const char *equals = memchr(word, '=', length);

	return equals && equals > word && equals + 1 < word + length;
}

static bool is_state(const char *text)
{
	const char *last = strrchr(text, ' ');

	text += strspn(text, " ");
	if (record_is(text, "vmcs") || record_is(text, "vmcs:") ||
	    is_pair(last ? last + 1 : text))
		return true;
	text += strcspn(text, " ");
	return is_pair(text + strspn(text, " "));
}

/* Keep up with what was said last. */
static void listen(struct record *r, const char *line)
{
	static const char *const speakers[] = { "guest:", "hv:", "runner:", "qemu:", NULL };
	static const char *const counters[] = {
		"exits", "detail", "stats", "trace", "ran", "at", "end", "===", "VM", NULL
	};
	static const char panic[] = "Kernel panic - not syncing";
	const char *panics = strstr(line, panic);
	size_t i;

	if (panics)
		r->said = panics;
	for (i = 0; speakers[i]; i++) {
		if (strncmp(line, speakers[i], strlen(speakers[i])))
			continue;
		if (!is_state(line + strlen(speakers[i])))
			r->said = line;
		return;
	}
	for (i = 0; counters[i]; i++)
		if (record_is(line, counters[i]))
			return;
	/* A panic says much more after that line. */
	if (r->said && strncmp(r->said, panic, strlen(panic)))
		r->said = NULL;
}

bool record_split(struct record *r, char *line)
{
	char *c = line + strcspn(line, " ");

	r->word = line;
	r->keys_nr = 0;
	while (*c) {
		char *key, *equals;

		*c++ = '\0';
		key = c;
		c += strcspn(c, " ");
		equals = memchr(key, '=', c - key);
		if (!equals)
			continue;
		if (r->keys_nr == RECORD_KEYS_MAX)
			return record_refuse(r, "more than %d keys", RECORD_KEYS_MAX);
		*equals = '\0';
		r->keys[r->keys_nr].key = key;
		r->keys[r->keys_nr++].value = equals + 1;
		if (!strcmp(key, "why"))
			return true;
	}
	return true;
}

const char *record_find(const struct record *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->keys_nr; i++)
		if (!strcmp(r->keys[i].key, key))
			return r->keys[i].value;
	return NULL;
}

bool record_text(const struct record *r, const char *key, const char **value)
{
	*value = record_find(r, key);
	if (!*value || !**value)
		return record_refuse(r, "`%s' record without %s=", r->word, key);
	return true;
}

bool record_parse(const char *digits, uint64_t *value)
{
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 10);
	return !*end && !errno;
}

bool record_number(const struct record *r, const char *key, uint64_t *value)
{
	const char *digits;

	if (!record_text(r, key, &digits))
		return false;
	if (!strcmp(digits, "-"))
		return record_refuse(r, "%s=-: nobody counted exits in this run", key);
	if (!record_parse(digits, value))
		return record_refuse(r, "%s=%s is not a number", key, digits);
	return true;
}

bool record_version(const struct record *r)
{
	uint64_t v;

	if (!record_number(r, "version", &v))
		return false;
	if (v != MACHINE_LOG_VERSION)
		return record_refuse(r, "version=%" PRIu64 ": this tool reads version %d", v,
				     MACHINE_LOG_VERSION);
	return true;
}

bool record_lines(struct record *r, bool (*take)(void *ctx, char *line), void *ctx)
{
	FILE *f = fopen(r->file, "r");
	bool good = true;
	size_t room;
	ssize_t n;

	if (!f)
		return tool_refuse("%s: %s", r->file, strerror(errno));
	while (good) {
		char *line = NULL;

		room = 0;
		n = getline(&line, &room, f);
		if (n <= 0)
			break;
		r->line++;
		if (line[n - 1] != '\n') {
			good = record_refuse(r, "cut short: this line has no end");
		} else if (strlen(line) < (size_t)n) {
			/* A NUL would hide the rest of its line. */
			good = record_refuse(r, "not a log: a zero byte");
		} else {
			line[n - 1 - (n > 1 && line[n - 2] == '\r')] = '\0';
			listen(r, line);
			good = !take || take(ctx, line);
		}
	}
	if (ferror(f))
		good = tool_refuse("%s: cannot read it: %s", r->file, strerror(errno));
	fclose(f);
	return good;
}
