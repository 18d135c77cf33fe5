// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/detail.h"
#include "tools/log.h"
#include "tools/tool.h"

const char *const target_names[TARGETS + 1] = { [HV] = "hv", [KVM] = "kvm" };
const char *const target_titles[TARGETS] = { [HV] = "hv", [KVM] = "KVM" };
const char *const check_names[] = {
	[CHECK_OK] = "ok", [CHECK_SKIP] = "skip", [CHECK_FAIL] = "fail", NULL
};

const char *log_unit(const char *clock)
{
	return strcmp(clock, "emulated") ? "cycles" : "emulated ticks";
}

/* One of @words, NULL at the end; its index is returned, -1 if it is none. */
static int choice(const struct record *r, const char *key, const char *const *words)
{
	const char *value;
	int i;

	if (!record_text(r, key, &value))
		return -1;
	for (i = 0; words[i]; i++)
		if (!strcmp(value, words[i]))
			return i;
	record_refuse(r, "%s=%s is not known", key, value);
	return -1;
}

static bool take_target(struct log *l)
{
	int target = choice(&l->rec, "target", target_names);

	if (target < 0)
		return false;
	if (l->target != TARGETS && (int)l->target != target)
		return record_refuse(&l->rec, "target=%s: this must be the log of target=%s",
				     target_names[target], target_names[l->target]);
	l->target = target;
	return true;
}

static bool take_log(struct log *l)
{
	static const char *const clocks[] = { "emulated", "hardware", NULL };
	static const char *const answers[] = { "no", "yes", NULL };
	int accounting;

	if (l->begun)
		return record_refuse(&l->rec, "a second `log' record: more than one run in this "
				     "file");
	if (!record_version(&l->rec) || !take_target(l) ||
	    !record_text(&l->rec, "machine", &l->machine) ||
	    choice(&l->rec, "clock", clocks) < 0 || !record_text(&l->rec, "clock", &l->clock))
		return false;
	accounting = l->counted ? choice(&l->rec, "accounting", answers) : 1;
	if (!accounting)
		record_refuse(&l->rec, "accounting=no: nobody counted exits in this run");
	l->begun = accounting > 0;
	return l->begun;
}

static bool take_end(struct log *l)
{
	l->ended = true;
	return take_target(l) && record_text(&l->rec, "cause", &l->cause) &&
	       record_number(&l->rec, "code", &l->code);
}

bool log_take(void *log, char *line)
{
	bool is_log = record_is(line, "log"), is_end = record_is(line, "end");
	struct log *l = log;
	const struct log_kind *kind = l->kinds;
	struct record *r = &l->rec;

	while (kind->word && !record_is(line, kind->word))
		kind++;
	if (!is_log && !is_end && !kind->word)
		return true;
	if (!record_split(r, line))
		return false;
	if (!record_find(r, is_log ? "version" : is_end ? "target" : kind->key))
		return true;
	if (l->ended)
		return record_refuse(r, "`%s': a record after the `end' record", r->word);
	if (!l->begun && !is_log)
		return record_refuse_end(r, "a `%s' record before any `log' record: cut short at "
					 "its start, or not a log", r->word);
	if ((is_log && !take_log(l)) || (is_end && !take_end(l)))
		return false;
	return !kind->word || kind->take(l, l->ctx);
}

bool log_whole(const struct log *l)
{
	if (!l->begun)
		return record_refuse_end(&l->rec, "not a log: no `log' record up to here");
	return l->ended || record_refuse_end(&l->rec, "cut short: no `%s' record up to here",
					     l->rows_wanted && !l->done ? "done" : "end");
}

bool log_read(struct log *l, const struct log_kind *kinds, void *ctx)
{
	l->kinds = kinds;
	l->ctx = ctx;
	return record_lines(&l->rec, log_take, l) && log_whole(l);
}

/* Rows */

static bool take_guest(struct log *l, void *ctx)
{
	(void)ctx;
	if (l->guest)
		return record_refuse(&l->rec, "a second `guest' record");
	l->guest = true;
	/* "none": nobody has answered it. */
	return record_version(&l->rec) && (!l->counted || take_target(l)) &&
	       record_text(&l->rec, "leaves", &l->leaves);
}

static bool expectation(const struct record *r, const struct row *row, const char *key,
			uint64_t *value)
{
	const char *digits;
	uint64_t product;

	if (!record_text(r, key, &digits))
		return false;
	if (!row->sync && strncmp(digits, "<=", 2))
		return record_refuse(r, "%s=%s: an async row has a bound, <=N", key, digits);
	if (!record_parse(row->sync ? digits : digits + 2, value))
		return record_refuse(r, "%s=%s is not a number", key, digits);
	return !__builtin_mul_overflow(*value, row->reps, &product) ||
	       record_refuse(r, "row %s: its expectation is beyond 64 bits", row->name);
}

static bool numbers(const struct log *l, struct row *row)
{
	const struct {
		const char *key;
		uint64_t *value;
		bool counted;		/* by somebody */
	} numbers[] = {
		{ "reason", &row->reason, false }, { "reps", &row->reps, false },
		{ "exits", &row->exits, true }, { "handler", &row->handler, true },
		{ "round_trip", &row->round_trip, true }, { "tsc", &row->tsc, false },
		{ "other", &row->other, true },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if ((l->counted || !numbers[i].counted) &&
		    !record_number(&l->rec, numbers[i].key, numbers[i].value))
			return false;
	return true;
}

static bool take_row(struct log *l, void *ctx)
{
	static const char *const kinds[] = { "async", "sync", NULL };
	struct row row = { .line = l->rec.line };
	const struct record *r = &l->rec;
	int kind, check;

	(void)ctx;
	if (!l->guest || l->done)
		return record_refuse(r, "a row %s record", l->done ? "after the `done'" :
				     "before the `guest'");
	kind = choice(r, "kind", kinds);
	check = kind < 0 ? -1 : choice(r, "check", check_names);
	if (check < 0 || !record_text(r, "name", &row.name) || !numbers(l, &row))
		return false;
	if (row.reason >= EXIT_ACCT_OTHER)
		return record_refuse(r, "reason=%" PRIu64 " is beyond the table", row.reason);
	row.sync = kind;
	row.check = check;
	row.why = record_find(r, "why");
	if (!expectation(r, &row, "expect_hv", &row.expect[HV]) ||
	    !expectation(r, &row, "expect_kvm", &row.expect[KVM]))
		return false;
	if (row.sync && row.expect[HV] != row.expect[KVM] && (!row.why || !*row.why))
		return record_refuse(r, "row %s: expectations differ and no why= says the reason",
				     row.name);
	l->rows = tool_memory(realloc(l->rows, (l->rows_nr + 1) * sizeof(row)));
	l->rows[l->rows_nr++] = row;
	return true;
}

static bool take_detail(struct log *l, void *ctx)
{
	(void)ctx;
	return !l->details || details_take(l->details, &l->rec, l->target);
}

static bool take_done(struct log *l, void *ctx)
{
	uint64_t rows;

	(void)ctx;
	if (l->done)
		return record_refuse(&l->rec, "a second `done' record");
	if (!record_number(&l->rec, "rows", &rows))
		return false;
	if (rows != l->rows_nr)
		return record_refuse(&l->rec, "rows are missing: rows=%" PRIu64
				     ", but there are %zu before it", rows, l->rows_nr);
	l->done = true;
	return true;
}

static bool check_end(struct log *l, void *ctx)
{
	(void)ctx;
	if (strcmp(l->cause, CAUSE_EXIT_PORT))
		return record_refuse_end(&l->rec, "the guest did not end its run itself: cause=%s "
					 "code=%" PRIu64, l->cause, l->code);
	return l->done || record_refuse_end(&l->rec, "the guest ended before its last row: no "
					    "`done' record");
}

bool log_read_rows(struct log *l)
{
	static const struct log_kind kinds[] = {
		{ "guest", "version", take_guest }, { "row", "name", take_row },
		{ "done", "rows", take_done }, { "detail", "scope", take_detail },
		{ "end", "target", check_end }, { 0 }
	};

	l->rows_wanted = true;
	return log_read(l, kinds, NULL) &&
	       (!l->details || details_whole(l->details, &l->rec, l->target));
}

/* Exits */

/* Value of reason= or failed_reason=, which may be `other', as a slot. */
static bool reason_slot(const struct record *r, const char *key, size_t *i)
{
	uint64_t reason = EXIT_ACCT_OTHER;
	const char *value;

	if (!record_text(r, key, &value))
		return false;
	if (strcmp(value, "other") && !record_parse(value, &reason))
		return record_refuse(r, "%s=%s is not a reason", key, value);
	*i = log_slot(reason);
	return true;
}

bool log_exits(const struct record *r, struct exits *e)
{
	bool total = record_find(r, "total");
	struct slot s;
	size_t i;

	if (e->there)
		return record_refuse(r, "a second `%s' table: more than one run in this file",
				     r->word);
	if (record_find(r, "synthesised"))
		return record_number(r, "synthesised", &e->synthesised);
	if (!record_number(r, total ? "total" : "count", &s.count))
		return false;
	if (record_find(r, "failed_reason")) {
		if (!reason_slot(r, "failed_reason", &i))
			return false;
		e->failed[i] += s.count;
		return true;
	}
	if (!record_number(r, "handler", &s.handler) ||
	    !record_number(r, "round_trip", &s.round_trip))
		return false;
	if (total) {
		e->sum = s;
		return e->there = true;
	}
	if (!reason_slot(r, "reason", &i))
		return false;
	e->by[i].count += s.count;
	e->by[i].handler += s.handler;
	e->by[i].round_trip += s.round_trip;
	return true;
}
