// SPDX-License-Identifier: GPL-2.0-only
/* From records to tallies. */
#include <inttypes.h>
#include <string.h>

#include "machine/machine.h"
#include "tools/record.h"
#include "tools/witness.h"

/* Bit 31 of the exit-reason field. Source: SDM volume 3, "Basic VM-Exit Information". */
#define ENTRY_FAILED	(1u << 31)

struct reader {
	struct record rec;
	struct witness_run *run;
	bool begun, ended;
};

/* Can this reason only be a failed VM entry? The emulator's log leaves bit 31 out. */
static bool is_entry_failure(uint64_t reason)
{
	enum { INSTRUCTION, MEMORY, EVENT, ENTRY };
	static const bool entry[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = class == ENTRY,
		VMX_EXIT_REASONS_LIST(X)
#undef X
	};

	return reason < VMX_EXIT_REASONS_NR && entry[reason];
}

static size_t slot(uint64_t reason)
{
	return reason < EXIT_ACCT_OTHER ? reason : EXIT_ACCT_OTHER;
}

/* Value of reason= or failed_reason=, which may be `other', as a slot. */
static bool read_slot(const struct record *rec, const char *key, size_t *i)
{
	uint64_t reason = EXIT_ACCT_OTHER;
	const char *value;

	if (!record_text(rec, key, &value))
		return false;
	if (strcmp(value, "other") && !record_parse(value, &reason))
		return record_refuse(rec, "%s=%s is not a reason", key, value);
	*i = slot(reason);
	return true;
}

static bool open_tally(const struct record *rec, const struct tally *t)
{
	return !t->there || record_refuse(rec, "a second `%s' table: more than one run in this "
					  "file", rec->word);
}

static bool read_exits(struct reader *r)
{
	const struct record *rec = &r->rec;
	const char *scope = record_find(rec, "scope");
	struct tally *t;
	uint64_t count;
	size_t i;

	/* Other scopes are other views of the same: the guest's own, one vCPU's. */
	if (scope && !strcmp(scope, "vm"))
		t = &r->run->by[BY_VM];
	else if (scope && !strcmp(scope, "module"))
		t = &r->run->by[BY_MODULE];
	else
		return true;
	if (!open_tally(rec, t))
		return false;
	if (record_find(rec, "total")) {
		t->there = true;
		return record_number(rec, "total", &t->total);
	}
	if (record_find(rec, "synthesised"))
		return record_number(rec, "synthesised", &t->synthesised);
	if (!record_number(rec, "count", &count))
		return false;
	if (record_find(rec, "failed_reason")) {
		if (!read_slot(rec, "failed_reason", &i))
			return false;
		t->failed[i] += count;
		return true;
	}
	if (!read_slot(rec, "reason", &i))
		return false;
	t->exits[i] += count;
	return true;
}

/* kvm_exit shows the whole field, bit 31 and other flags with it. */
static bool read_trace(struct reader *r)
{
	struct tally *t = &r->run->by[BY_TRACE];
	const struct record *rec = &r->rec;
	uint64_t count, reason, dropped, failed = 0;
	size_t i;

	if (!open_tally(rec, t))
		return false;
	if (record_find(rec, "total")) {
		if (!record_number(rec, "total", &t->total) ||
		    !record_number(rec, "dropped", &dropped))
			return false;
		if (dropped)
			return record_refuse(rec, "the histogram was full, and dropped %" PRIu64
					     " exits", dropped);
		for (i = 0; i < EXIT_ACCT_SLOTS; i++)
			failed += t->failed[i];
		t->total -= failed;
		t->there = true;
		return true;
	}
	if (!record_number(rec, "reason", &reason) || !record_number(rec, "count", &count))
		return false;
	if (reason & ENTRY_FAILED)
		t->failed[slot(reason & 0xffff)] += count;
	else
		t->exits[slot(reason & 0xffff)] += count;
	return true;
}

/* What the KVM under hv wrote: its trace, and exits of its own, which are not hv's. */
static bool take_outer(void *ctx, char *line)
{
	struct reader *r = ctx;

	if (record_is(line, "exits"))
		return true;
	if (!record_is(line, "trace"))
		return record_refuse(&r->rec, "not what the KVM under hv has counted");
	return record_split(&r->rec, line) && read_trace(r);
}

static bool read_stats(struct reader *r)
{
	const char *scope = record_find(&r->rec, "scope"), *name = record_find(&r->rec, "name");
	uint64_t value;

	if (!scope || strncmp(scope, "vcpu", 4) || !name || strcmp(name, "exits"))
		return true;
	if (!record_number(&r->rec, "value", &value))
		return false;
	r->run->stats += value;
	r->run->has_stats = true;
	return true;
}

static bool read_log(struct reader *r)
{
	const char *target;

	if (r->begun)
		return record_refuse(&r->rec, "a second `log' record: more than one run in this "
				     "file");
	if (!record_version(&r->rec) || !record_text(&r->rec, "target", &target) ||
	    !record_text(&r->rec, "machine", &r->run->machine))
		return false;
	r->run->kvm = !strcmp(target, "kvm");
	if (!r->run->kvm && strcmp(target, "hv"))
		return record_refuse(&r->rec, "target=%s is not known", target);
	r->begun = true;
	return true;
}

static bool read_end(struct reader *r)
{
	r->ended = true;
	return record_text(&r->rec, "cause", &r->run->cause);
}

/* A guest may write anything: what does not look like one of ours is left out. */
static bool take_log(void *ctx, char *line)
{
	static const struct {
		const char *word, *key;
		bool (*read)(struct reader *r);
	} records[] = {
		{ "log", "version", read_log }, { "exits", "scope", read_exits },
		{ "trace", "event", read_trace }, { "stats", "scope", read_stats },
		{ "end", "target", read_end },
	};
	struct reader *r = ctx;
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (!record_is(line, records[i].word))
			continue;
		if (r->ended)
			return record_refuse(&r->rec, "a record after the `end' record");
		if (!record_split(&r->rec, line))
			return false;
		if (!record_find(&r->rec, records[i].key))
			return true;
		if (!r->begun && records[i].read != read_log)
			return record_refuse_end(&r->rec, "a `%s' record before any `log' record: "
						 "cut short at its start, or not a log",
						 records[i].word);
		return records[i].read(r);
	}
	return true;
}

static bool take_emulator(void *ctx, char *line)
{
	struct reader *r = ctx;
	struct tally *t = &r->run->by[BY_EMULATOR];
	uint64_t reason, count;
	const char *ended;
	size_t i;

	if (!record_is(line, "emulator"))
		return record_refuse(&r->rec, "not what `witness --count' writes");
	if (!record_split(&r->rec, line) || !open_tally(&r->rec, t))
		return false;
	if (record_find(&r->rec, "total")) {
		if (!record_number(&r->rec, "total", &t->total) ||
		    !record_text(&r->rec, "ended", &ended))
			return false;
		if (strcmp(ended, "yes"))
			return record_refuse(&r->rec, "the emulator's log was cut short: it has no "
					     "end of the machine");
		for (i = 0; i < EXIT_ACCT_SLOTS; i++)
			t->total -= t->failed[i];
		t->there = true;
		return true;
	}
	if (!record_number(&r->rec, "reason", &reason) || !record_number(&r->rec, "count", &count))
		return false;
	if (is_entry_failure(reason))
		t->failed[reason] += count;
	else
		t->exits[slot(reason)] += count;
	return true;
}

/* The witness beside the log: Bochs, or the KVM on which QEMU runs hv. */
static bool read_other(const char *other, struct witness_run *run)
{
	struct reader r = { .rec.file = other, .run = run };

	if (!record_lines(&r.rec, run->outer ? take_outer : take_emulator, &r))
		return false;
	if (run->outer && !run->by[BY_TRACE].there)
		return record_refuse(&r.rec, "cut short: no `trace' record with total= up to here");
	if (!run->outer && !run->by[BY_EMULATOR].there)
		return record_refuse(&r.rec, "cut short: no `emulator total=' record up to here");
	return true;
}

bool witness_read(const char *log, const char *other, struct witness_run *run)
{
	struct reader r = { .rec.file = log, .run = run };
	bool on_qemu;

	*run = (struct witness_run){ .file = log };
	if (!record_lines(&r.rec, take_log, &r))
		return false;
	if (!r.begun)
		return record_refuse_end(&r.rec, "not a log: no `log' record up to here");
	if (!r.ended)
		return record_refuse_end(&r.rec, "cut short: no `end' record up to here");
	if (!run->by[BY_VM].there)
		return record_refuse_end(&r.rec, "no `exits scope=vm' records: nobody counted");
	if (run->kvm && !run->by[BY_MODULE].there)
		return record_refuse(&r.rec, "no `exits scope=module' records: run it with "
				     "--trace");
	if (run->kvm && !run->by[BY_TRACE].there)
		return record_refuse(&r.rec, "no `trace' records: run it with --trace");
	if (run->kvm && !run->has_stats)
		return record_refuse(&r.rec, "no `stats' record with name=exits");

	on_qemu = !strcmp(run->machine, "qemu");
	run->outer = on_qemu && !run->kvm;
	/* A processor keeps no log, and KVM's own tracepoint is in the run's. */
	if (on_qemu && run->kvm)
		return !other || record_refuse(&r.rec, "of KVM on QEMU nobody else counts");
	if (!other)
		return record_refuse(&r.rec, "the exits that %s counted are needed too",
				     on_qemu ? "the KVM underneath" : "the emulator");
	return read_other(other, run);
}
