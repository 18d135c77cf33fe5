// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "machine.h"

#define KEYS_MAX	32

const char * const target_names[TARGETS] = { [HV] = "hv", [KVM] = "kvm" };

/* Where the reader is in a log, and what it has seen. */
struct reader {
	struct log *log;
	unsigned int line;
	bool begun, guest, done, ended;
	/* the keys of the current record */
	const char *word;
	struct {
		const char *key, *value;
	} keys[KEYS_MAX];
	size_t keys_nr;
};

static bool __attribute__((format(printf, 2, 3))) refuse(const struct reader *r,
							 const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "compare: %s:%u: ", r->log->file, r->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

/* Take a record apart, in place. Words without '=' are left out: no key. */
static bool split(struct reader *r, char *text)
{
	char *c = text + strcspn(text, " ");

	r->word = text;
	r->keys_nr = 0;
	while (*c) {
		char *key, *equals;

		*c++ = '\0';
		key = c;
		c += strcspn(c, " ");
		equals = memchr(key, '=', c - key);
		if (!equals)
			continue;
		if (r->keys_nr == KEYS_MAX)
			return refuse(r, "more than %d keys", KEYS_MAX);
		*equals = '\0';
		r->keys[r->keys_nr].key = key;
		r->keys[r->keys_nr++].value = equals + 1;
		if (!strcmp(key, "why"))
			return true;
	}
	return true;
}

static const char *find(const struct reader *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->keys_nr; i++)
		if (!strcmp(r->keys[i].key, key))
			return r->keys[i].value;
	return NULL;
}

static bool text(const struct reader *r, const char *key, const char **value)
{
	*value = find(r, key);
	if (!*value || !**value)
		return refuse(r, "`%s' record without %s=", r->word, key);
	return true;
}

static bool parse_number(const char *digits, uint64_t *value)
{
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 10);
	return !*end && !errno;
}

static bool number(const struct reader *r, const char *key, uint64_t *value)
{
	const char *digits;

	if (!text(r, key, &digits))
		return false;
	if (!strcmp(digits, "-"))
		return refuse(r, "%s=-: nobody counted exits in this run", key);
	if (!parse_number(digits, value))
		return refuse(r, "%s=%s is not a number", key, digits);
	return true;
}

/* One of @words, NULL at the end; its index is returned, -1 if it is none. */
static int choice(const struct reader *r, const char *key, const char * const *words)
{
	const char *value;
	int i;

	if (!text(r, key, &value))
		return -1;
	for (i = 0; words[i]; i++)
		if (!strcmp(value, words[i]))
			return i;
	refuse(r, "%s=%s is not known", key, value);
	return -1;
}

static bool version(const struct reader *r)
{
	uint64_t v;

	if (!number(r, "version", &v))
		return false;
	if (v != MACHINE_LOG_VERSION)
		return refuse(r, "version=%" PRIu64 ": this tool reads version %d", v,
			      MACHINE_LOG_VERSION);
	return true;
}

static bool target(const struct reader *r)
{
	const char *value;

	if (!text(r, "target", &value))
		return false;
	if (strcmp(value, target_names[r->log->target]))
		return refuse(r, "target=%s: this must be the log of target=%s", value,
			      target_names[r->log->target]);
	return true;
}

static bool read_log(struct reader *r)
{
	static const char * const clocks[] = { "emulated", "hardware", NULL };
	static const char * const answers[] = { "no", "yes", NULL };
	int accounting;

	if (r->begun)
		return refuse(r, "a second `log' record: more than one run in this file");
	if (!version(r) || !target(r) || !text(r, "machine", &r->log->machine) ||
	    choice(r, "clock", clocks) < 0 || !text(r, "clock", &r->log->clock))
		return false;
	accounting = choice(r, "accounting", answers);
	if (accounting < 0)
		return false;
	if (!accounting)
		return refuse(r, "accounting=no: nobody counted exits in this run");
	r->begun = true;
	return true;
}

static bool read_guest(struct reader *r)
{
	if (r->guest)
		return refuse(r, "a second `guest' record");
	r->guest = true;
	return version(r) && target(r) && text(r, "leaves", &r->log->leaves);
}

static bool expectation(const struct reader *r, const char *key, bool sync, uint64_t *value)
{
	const char *digits;

	if (!text(r, key, &digits))
		return false;
	if (!sync && strncmp(digits, "<=", 2))
		return refuse(r, "%s=%s: an async row has a bound, <=N", key, digits);
	if (!parse_number(sync ? digits : digits + 2, value))
		return refuse(r, "%s=%s is not a number", key, digits);
	return true;
}

static bool read_row(struct reader *r)
{
	static const char * const kinds[] = { "async", "sync", NULL };
	static const char * const checks[] = {
		[CHECK_OK] = "ok", [CHECK_SKIP] = "skip", [CHECK_FAIL] = "fail", NULL
	};
	struct row row = { .line = r->line };
	struct log *log = r->log;
	int kind, check;
	size_t i;

	if (!r->guest)
		return refuse(r, "a row before the `guest' record");
	if (r->done)
		return refuse(r, "a row after the `done' record");
	kind = choice(r, "kind", kinds);
	if (kind < 0)
		return false;
	row.sync = kind;
	if (!text(r, "name", &row.name) || !number(r, "reason", &row.reason) ||
	    !number(r, "reps", &row.reps) ||
	    !expectation(r, "expect_hv", row.sync, &row.expect[HV]) ||
	    !expectation(r, "expect_kvm", row.sync, &row.expect[KVM]) ||
	    !number(r, "exits", &row.exits) || !number(r, "handler", &row.handler) ||
	    !number(r, "round_trip", &row.round_trip) || !number(r, "tsc", &row.tsc) ||
	    !number(r, "other", &row.other))
		return false;
	check = choice(r, "check", checks);
	if (check < 0)
		return false;
	row.check = check;
	for (i = 0; i < TARGETS; i++) {
		uint64_t product;

		if (__builtin_mul_overflow(row.expect[i], row.reps, &product))
			return refuse(r, "row %s: its expectation is beyond 64 bits", row.name);
	}
	row.why = find(r, "why");
	if (row.sync && row.expect[HV] != row.expect[KVM] && (!row.why || !*row.why))
		return refuse(r, "row %s: expectations differ and no why= says the reason",
			      row.name);
	for (i = 0; i < log->rows_nr; i++)
		if (!strcmp(log->rows[i].name, row.name))
			return refuse(r, "row %s was there before, on line %u", row.name,
				      log->rows[i].line);
	log->rows = realloc(log->rows, (log->rows_nr + 1) * sizeof(row));
	if (!log->rows)
		return refuse(r, "out of memory");
	log->rows[log->rows_nr++] = row;
	return true;
}

static bool read_done(struct reader *r)
{
	uint64_t rows;

	if (r->done)
		return refuse(r, "a second `done' record");
	if (!number(r, "rows", &rows))
		return false;
	if (rows != r->log->rows_nr)
		return refuse(r, "rows are missing: rows=%" PRIu64 ", but there are %zu before it",
			      rows, r->log->rows_nr);
	r->done = true;
	return true;
}

static bool read_end(struct reader *r)
{
	const char *cause;
	uint64_t code;

	if (!target(r) || !text(r, "cause", &cause) || !number(r, "code", &code))
		return false;
	if (strcmp(cause, "exit_port"))
		return refuse(r, "the guest did not end its run itself: cause=%s code=%" PRIu64,
			      cause, code);
	if (!r->done)
		return refuse(r, "the guest ended before its last row: no `done' record");
	r->ended = true;
	return true;
}

static bool read_record(struct reader *r, char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *r);
	} records[] = {
		{ "log", read_log }, { "guest", read_guest }, { "row", read_row },
		{ "done", read_done }, { "end", read_end },
	};
	size_t i, length = strcspn(line, " ");

	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (strlen(records[i].word) != length || memcmp(line, records[i].word, length))
			continue;
		if (r->ended)
			return refuse(r, "a `%s' record after the `end' record", records[i].word);
		if (!r->begun && records[i].read != read_log)
			return refuse(r, "a `%s' record before any `log' record: "
				      "cut short at its start, or not a log", records[i].word);
		return split(r, line) && records[i].read(r);
	}
	return true;
}

/* The whole file, with a NUL at its end. */
static char *slurp(struct reader *r, size_t *size)
{
	FILE *f = fopen(r->log->file, "rb");
	char *data = NULL;
	size_t room = 0, n;

	*size = 0;
	if (!f) {
		fprintf(stderr, "compare: %s: %s\n", r->log->file, strerror(errno));
		return NULL;
	}
	do {
		room += 1 << 16;
		data = realloc(data, room + 1);
		if (!data)
			break;
		n = fread(data + *size, 1, room - *size, f);
		*size += n;
	} while (n);
	if (!data || ferror(f)) {
		fprintf(stderr, "compare: %s: cannot read it: %s\n", r->log->file,
			strerror(errno));
		data = NULL;
	} else {
		data[*size] = '\0';
	}
	fclose(f);
	return data;
}

bool log_read(const char *file, enum target target, struct log *log)
{
	struct reader r = { .log = log };
	char *line, *end, *data;
	size_t size;

	*log = (struct log){ .file = file, .target = target };
	data = slurp(&r, &size);
	if (!data)
		return false;
	for (line = data; line < data + size; line = end + 1) {
		r.line++;
		end = memchr(line, '\n', data + size - line);
		if (!end)
			return refuse(&r, "cut short: this line has no end");
		/* A NUL would hide the rest of its line. */
		if (memchr(line, '\0', end - line))
			return refuse(&r, "not a log: a zero byte");
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		if (!read_record(&r, line))
			return false;
	}
	if (!r.begun)
		return refuse(&r, "not a log: no `log' record up to here");
	if (!r.done)
		return refuse(&r, "cut short: no `done' record up to here");
	if (!r.ended)
		return refuse(&r, "cut short: no `end' record up to here");
	return true;
}
