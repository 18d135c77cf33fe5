// SPDX-License-Identifier: GPL-2.0-only
/* The records of the lab's guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lab/judge/judge.h"
#include "tools/tool.h"

/* The value of KEY= in a record, or NULL. */
static const char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);
	const char *at;

	for (at = line; (at = strstr(at, key)); at += length) {
		if (at != line && at[-1] == ' ' && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

static bool number_of(const char *line, const char *key, uint32_t *value)
{
	const char *digits = value_of(line, key);
	char *end;

	if (!digits)
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 10);
	return end != digits && !errno;
}

/* A word of the record as a string, in place. */
static const char *word_of(char *line, const char *key)
{
	char *at = (char *)value_of(line, key);

	if (at)
		at[strcspn(at, " ")] = '\0';
	return at;
}

static bool take_leaves(struct readings *r, char *line)
{
	struct reading *to = &r->all[r->nr];
	uint32_t nr, i, reg;
	char key[16];

	if (r->nr == READINGS_MAX || !number_of(line, "mark", &to->mark) ||
	    !number_of(line, "nr", &nr) || !number_of(line, "ecx", &to->ecx))
		return false;
	for (i = 0; i < READING_LEAVES; i++) {
		const char *at;
		char *end;

		snprintf(key, sizeof(key), "%x", READING_FIRST_LEAF - i);
		at = value_of(line, key);
		for (reg = 0; at && reg < REGISTERS; reg++) {
			to->leaf[i][reg] = strtoull(at, &end, 16);
			if (end == at || (reg + 1 < REGISTERS && *end != ':'))
				return false;
			at = end + 1;
		}
		if (!at)
			return false;
		/* Until they are tied: which of the exits behind the mark it is. */
		to->at[i] = nr + i;
	}
	to->mode = word_of(line, "mode");
	r->nr += !!to->mode;
	return to->mode;
}

static bool take_burst(struct readings *r, char *line)
{
	struct burst *b = &r->bursts[r->bursts_nr];
	const char *check = value_of(line, "check");

	/* Its readings are the next two records. */
	if (r->bursts_nr == BURSTS_MAX || r->nr + 2 > READINGS_MAX || !check ||
	    !number_of(line, "reason", &b->reason) || !number_of(line, "reps", &b->reps))
		return false;
	b->done = !strncmp(check, "ok", 2);
	b->begin = &r->all[r->nr];
	b->end = &r->all[r->nr + 1];
	b->name = word_of(line, "name");
	r->bursts_nr += !!b->name;
	return b->name;
}

static bool take_other(struct readings *r, char *line)
{
	struct other_leaf *o = &r->others[r->others_nr];

	if (r->others_nr == OTHER_LEAVES_MAX || !number_of(line, "leaf", &o->leaf) ||
	    !number_of(line, "subleaf", &o->subleaf))
		return false;
	o->answer = strstr(line, " eax=");
	r->others_nr += !!o->answer;
	return o->answer;
}

static bool take_lab(struct readings *r, char *line)
{
	uint32_t version;

	if (number_of(line, "marks", &r->marks)) {
		r->whole = true;
		return true;
	}
	return number_of(line, "version", &version) && version == READINGS_VERSION &&
	       number_of(line, "cpus", &r->cpus);
}

static bool take_vm(struct readings *r, char *line)
{
	return r->vms_nr < VMS_MAX && number_of(line, "mark", &r->vms[r->vms_nr++]);
}

static bool take_entry(struct readings *r, char *line)
{
	r->entry_begun = true;
	r->entry_ended |= !!value_of(line, "exit");
	return true;
}

static bool take_carry(struct readings *r, char *line)
{
	return number_of(line, "mark", &r->carry);
}

static bool take_modules(struct readings *r, char *line)
{
	struct module_step *step = &r->modules[r->modules_nr];

	if (r->modules_nr == MODULE_STEPS || !number_of(line, "errno", &step->error))
		return false;
	step->at = word_of(line, "at");
	r->modules_nr += !!step->at;
	return step->at;
}

/* Lines of the trace, one behind the other as in the kernel's log. */
static bool take_trace(struct readings *r, char *line)
{
	const char *text = line + strlen("trace ");
	const size_t old = r->trace ? strlen(r->trace) : 0, length = strlen(text);
	char *more = realloc(r->trace, old + length + 2);

	if (!more)
		return false;
	memcpy(more + old, text, length);
	strcpy(more + old + length, "\n");
	r->trace = more;
	return true;
}

static bool take_line(struct readings *r, char *line)
{
	static const struct {
		const char *word;
		bool (*take)(struct readings *r, char *line);
	} kinds[] = {
		{ "lab ", take_lab }, { "burst ", take_burst }, { "leaves ", take_leaves },
		{ "cpuid ", take_other }, { "vm ", take_vm }, { "entry", take_entry },
		{ "trace ", take_trace }, { "modules ", take_modules },
		{ "carry ", take_carry },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(line, kinds[i].word, strlen(kinds[i].word)))
			continue;
		/* No guest says more behind its end. */
		r->beyond |= r->whole;
		return kinds[i].take(r, line);
	}
	return true;
}

/* Those whose readings did not come any more. */
static void drop_bursts(struct readings *r)
{
	while (r->bursts_nr && r->bursts[r->bursts_nr - 1].end >= &r->all[r->nr])
		r->bursts_nr--;
}

bool readings_read(struct readings *r, FILE *in)
{
	unsigned int number = 0;
	char *line, *next;
	size_t size = 0;
	FILE *text;
	int c;

	text = open_memstream(&r->text, &size);
	if (!text)
		return tool_refuse("no memory");
	while ((c = getc(in)) != EOF) {
		if (c && c != '\r')
			putc(c, text);
	}
	if (fclose(text))
		return tool_refuse("no memory");
	for (line = r->text; *line; line = next) {
		next = line + strcspn(line, "\n");
		/* A line that was cut off is no record. */
		if (!*next)
			break;
		*next++ = '\0';
		number++;
		if (!take_line(r, line))
			return tool_refuse("the guest's log, line %u: not a record: %s", number,
					   line);
	}
	r->whole &= !r->beyond;
	drop_bursts(r);
	return true;
}

bool readings_tie(struct readings *r, const struct truth *t)
{
	size_t i, k;

	for (i = 0; i < r->nr; i++) {
		struct reading *reading = &r->all[i];
		bool emulated = !strcmp(reading->mode, READING_EMULATED);

		for (k = 0; k < READING_LEAVES; k++) {
			reading->at[k] = truth_find(t, reading->mark, emulated ?
						    EXIT_REASON_EXCEPTION_NMI : EXIT_REASON_CPUID,
						    reading->at[k]);
			if (reading->at[k] != t->nr)
				continue;
			if (t->ended)
				return tool_refuse("mark %u is not in the emulator's log, or no "
						   "CPUID behind it", reading->mark);
			/* A log that was cut short: what is left of it is good. */
			r->nr = i;
			r->whole = false;
			drop_bursts(r);
			return true;
		}
	}
	return true;
}

void readings_free(struct readings *r)
{
	free(r->trace);
	free(r->text);
	*r = (struct readings) { 0 };
}
