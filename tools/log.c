// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/log.h"
#include "tools/record.h"

const char * const target_names[TARGETS] = { [HV] = "hv", [KVM] = "kvm" };

/* Where the reader is in a log, and what it has seen. */
struct reader {
	struct record rec;
	struct log *log;
	bool begun, guest, done, ended;
};

/* One of @words, NULL at the end; its index is returned, -1 if it is none. */
static int choice(const struct reader *r, const char *key, const char * const *words)
{
	const char *value;
	int i;

	if (!record_text(&r->rec, key, &value))
		return -1;
	for (i = 0; words[i]; i++)
		if (!strcmp(value, words[i]))
			return i;
	record_refuse(&r->rec, "%s=%s is not known", key, value);
	return -1;
}

static bool target(const struct reader *r)
{
	const char *value;

	if (!record_text(&r->rec, "target", &value))
		return false;
	if (strcmp(value, target_names[r->log->target]))
		return record_refuse(&r->rec, "target=%s: this must be the log of target=%s",
				     value, target_names[r->log->target]);
	return true;
}

static bool read_log(struct reader *r)
{
	static const char * const clocks[] = { "emulated", "hardware", NULL };
	static const char * const answers[] = { "no", "yes", NULL };
	int accounting;

	if (r->begun)
		return record_refuse(&r->rec, "a second `log' record: more than one run in this "
				     "file");
	if (!record_version(&r->rec) || !target(r) ||
	    !record_text(&r->rec, "machine", &r->log->machine) ||
	    choice(r, "clock", clocks) < 0 || !record_text(&r->rec, "clock", &r->log->clock))
		return false;
	accounting = choice(r, "accounting", answers);
	if (accounting < 0)
		return false;
	if (!accounting)
		return record_refuse(&r->rec, "accounting=no: nobody counted exits in this run");
	r->begun = true;
	return true;
}

static bool read_guest(struct reader *r)
{
	if (r->guest)
		return record_refuse(&r->rec, "a second `guest' record");
	r->guest = true;
	return record_version(&r->rec) && target(r) &&
	       record_text(&r->rec, "leaves", &r->log->leaves);
}

static bool expectation(const struct reader *r, const char *key, bool sync, uint64_t *value)
{
	const char *digits;

	if (!record_text(&r->rec, key, &digits))
		return false;
	if (!sync && strncmp(digits, "<=", 2))
		return record_refuse(&r->rec, "%s=%s: an async row has a bound, <=N", key, digits);
	if (!record_parse(sync ? digits : digits + 2, value))
		return record_refuse(&r->rec, "%s=%s is not a number", key, digits);
	return true;
}

static bool read_row(struct reader *r)
{
	static const char * const kinds[] = { "async", "sync", NULL };
	static const char * const checks[] = {
		[CHECK_OK] = "ok", [CHECK_SKIP] = "skip", [CHECK_FAIL] = "fail", NULL
	};
	struct row row = { .line = r->rec.line };
	struct log *log = r->log;
	int kind, check;
	size_t i;

	if (!r->guest)
		return record_refuse(&r->rec, "a row before the `guest' record");
	if (r->done)
		return record_refuse(&r->rec, "a row after the `done' record");
	kind = choice(r, "kind", kinds);
	if (kind < 0)
		return false;
	row.sync = kind;
	if (!record_text(&r->rec, "name", &row.name) ||
	    !record_number(&r->rec, "reason", &row.reason) ||
	    !record_number(&r->rec, "reps", &row.reps) ||
	    !expectation(r, "expect_hv", row.sync, &row.expect[HV]) ||
	    !expectation(r, "expect_kvm", row.sync, &row.expect[KVM]) ||
	    !record_number(&r->rec, "exits", &row.exits) ||
	    !record_number(&r->rec, "handler", &row.handler) ||
	    !record_number(&r->rec, "round_trip", &row.round_trip) ||
	    !record_number(&r->rec, "tsc", &row.tsc) ||
	    !record_number(&r->rec, "other", &row.other))
		return false;
	check = choice(r, "check", checks);
	if (check < 0)
		return false;
	row.check = check;
	for (i = 0; i < TARGETS; i++) {
		uint64_t product;

		if (__builtin_mul_overflow(row.expect[i], row.reps, &product))
			return record_refuse(&r->rec, "row %s: its expectation is beyond 64 bits",
					     row.name);
	}
	row.why = record_find(&r->rec, "why");
	if (row.sync && row.expect[HV] != row.expect[KVM] && (!row.why || !*row.why))
		return record_refuse(&r->rec, "row %s: expectations differ and no why= says "
				     "the reason", row.name);
	for (i = 0; i < log->rows_nr; i++)
		if (!strcmp(log->rows[i].name, row.name))
			return record_refuse(&r->rec, "row %s was there before, on line %u",
					     row.name, log->rows[i].line);
	log->rows = realloc(log->rows, (log->rows_nr + 1) * sizeof(row));
	if (!log->rows)
		return record_refuse(&r->rec, "out of memory");
	log->rows[log->rows_nr++] = row;
	return true;
}

static bool read_done(struct reader *r)
{
	uint64_t rows;

	if (r->done)
		return record_refuse(&r->rec, "a second `done' record");
	if (!record_number(&r->rec, "rows", &rows))
		return false;
	if (rows != r->log->rows_nr)
		return record_refuse(&r->rec, "rows are missing: rows=%" PRIu64
				     ", but there are %zu before it", rows, r->log->rows_nr);
	r->done = true;
	return true;
}

static bool read_end(struct reader *r)
{
	const char *cause;
	uint64_t code;

	if (!target(r) || !record_text(&r->rec, "cause", &cause) ||
	    !record_number(&r->rec, "code", &code))
		return false;
	if (strcmp(cause, "exit_port"))
		return record_refuse_end(&r->rec, "the guest did not end its run itself: cause=%s "
					 "code=%" PRIu64, cause, code);
	if (!r->done)
		return record_refuse_end(&r->rec, "the guest ended before its last row: no `done' "
					 "record");
	r->ended = true;
	return true;
}

static bool read_record(void *ctx, char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reader *r);
	} records[] = {
		{ "log", read_log }, { "guest", read_guest }, { "row", read_row },
		{ "done", read_done }, { "end", read_end },
	};
	struct reader *r = ctx;
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (!record_is(line, records[i].word))
			continue;
		if (r->ended)
			return record_refuse(&r->rec, "a `%s' record after the `end' record",
					     records[i].word);
		if (!r->begun && records[i].read != read_log)
			return record_refuse_end(&r->rec, "a `%s' record before any `log' record: "
						 "cut short at its start, or not a log",
						 records[i].word);
		return record_split(&r->rec, line) && records[i].read(r);
	}
	return true;
}

bool log_read(const char *file, enum target target, struct log *log)
{
	struct reader r = { .rec.file = file, .log = log };

	*log = (struct log){ .file = file, .target = target };
	if (!record_lines(&r.rec, read_record, &r))
		return false;
	if (!r.begun)
		return record_refuse_end(&r.rec, "not a log: no `log' record up to here");
	if (!r.done)
		return record_refuse_end(&r.rec, "cut short: no `done' record up to here");
	if (!r.ended)
		return record_refuse_end(&r.rec, "cut short: no `end' record up to here");
	return true;
}
