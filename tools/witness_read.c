// SPDX-License-Identifier: GPL-2.0-only
/* From records to counts. */
#include <inttypes.h>
#include <string.h>

#include "tools/witness.h"

/* Bit 31 of the exit-reason field. Source: SDM volume 3, "Basic VM-Exit Information". */
#define ENTRY_FAILED	(1u << 31)

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

static bool take_exits(struct log *l, void *ctx)
{
	const char *scope = record_find(&l->rec, "scope");
	struct witness_run *run = ctx;

	if (!strcmp(scope, "vm"))
		return log_exits(&l->rec, &run->by[BY_VM]);
	if (!strcmp(scope, "module"))
		return log_exits(&l->rec, &run->by[BY_MODULE]);
	/* Other scopes are other views of the same: the guest's own, one vCPU's. */
	return true;
}

/* Counts of who does not keep failed entries apart: they are in its total. */
static bool take_count(const struct record *r, struct exits *e)
{
	uint64_t reason, count;
	size_t i;

	if (e->there)
		return record_refuse(r, "a second `%s' table: more than one run in this file",
				     r->word);
	if (record_find(r, "total")) {
		if (!record_number(r, "total", &e->sum.count))
			return false;
		for (i = 0; i < EXIT_ACCT_SLOTS; i++)
			e->sum.count -= e->failed[i];
		return e->there = true;
	}
	if (!record_number(r, "reason", &reason) || !record_number(r, "count", &count))
		return false;
	/* A tracepoint shows the whole field, bit 31 and other flags with it. */
	i = log_slot(reason & 0xffff);
	if (reason & ENTRY_FAILED || is_entry_failure(reason))
		e->failed[i] += count;
	else
		e->by[i].count += count;
	return true;
}

static bool take_trace(struct log *l, void *ctx)
{
	struct witness_run *run = ctx;
	uint64_t dropped = 0;

	if (!take_count(&l->rec, &run->by[BY_TRACE]) ||
	    (run->by[BY_TRACE].there && !record_number(&l->rec, "dropped", &dropped)))
		return false;
	return !dropped || record_refuse(&l->rec, "the histogram was full, and dropped %" PRIu64
					 " exits", dropped);
}

static bool take_stats(struct log *l, void *ctx)
{
	const char *scope = record_find(&l->rec, "scope"), *name = record_find(&l->rec, "name");
	struct witness_run *run = ctx;
	uint64_t value;

	if (strncmp(scope, "vcpu", 4) || !name || strcmp(name, "exits"))
		return true;
	if (!record_number(&l->rec, "value", &value))
		return false;
	run->stats += value;
	return run->has_stats = true;
}

/*
 * The witness beside the log: what `witness --count' made of the emulator's, or what the
 * KVM under hv wrote: its trace, and exits of its own, which are not hv's.
 */
static bool take_other(void *ctx, char *line)
{
	struct witness_run *run = ctx;
	struct log *l = &run->log;
	const char *ended;

	if (run->outer && record_is(line, "exits"))
		return true;
	if (!record_is(line, run->outer ? "trace" : "emulator"))
		return record_refuse(&l->rec, "not what %s counted", run->outer ?
				     "the KVM under hv has" : "`witness --count'");
	if (!record_split(&l->rec, line))
		return false;
	if (run->outer)
		return take_trace(l, run);
	if (!take_count(&l->rec, &run->by[BY_EMULATOR]))
		return false;
	if (!run->by[BY_EMULATOR].there)
		return true;
	return record_text(&l->rec, "ended", &ended) && (!strcmp(ended, "yes") ||
	       record_refuse(&l->rec, "the emulator's log was cut short: it has no end of the "
			     "machine"));
}

static bool read_other(const char *file, struct witness_run *run)
{
	struct record *r = &run->log.rec;

	*r = (struct record){ .file = file };
	return record_lines(r, take_other, run) &&
	       (run->by[run->outer ? BY_TRACE : BY_EMULATOR].there ||
		record_refuse(r, "cut short: no `%s' record with total= up to here",
			      run->outer ? "trace" : "emulator"));
}

bool witness_read(const char *file, const char *other, struct witness_run *run)
{
	static const struct log_kind kinds[] = {
		{ "exits", "scope", take_exits }, { "trace", "event", take_trace },
		{ "stats", "scope", take_stats }, { 0 }
	};
	const struct record *r = &run->log.rec;
	bool on_qemu, is_kvm;

	*run = (struct witness_run){ .log = { .rec.file = file, .target = TARGETS } };
	if (!log_read(&run->log, kinds, run))
		return false;
	on_qemu = !strcmp(run->log.machine, "qemu");
	is_kvm = run->log.target == KVM;
	run->outer = on_qemu && !is_kvm;
	if (!run->by[BY_VM].there)
		return record_refuse_end(r, "no `exits scope=vm' records: nobody counted");
	if (is_kvm && (!run->by[BY_MODULE].there || !run->by[BY_TRACE].there))
		return record_refuse(r, "no `%s' records: run it with --trace",
				     run->by[BY_MODULE].there ? "trace" : "exits scope=module");
	if (is_kvm && !run->has_stats)
		return record_refuse(r, "no `stats' record with name=exits");
	/* A processor keeps no log, and KVM's own tracepoint is in the run's. */
	if (on_qemu && is_kvm)
		return !other || record_refuse(r, "of KVM on QEMU nobody else counts");
	if (!other)
		return record_refuse(r, "the exits that %s counted are needed too",
				     on_qemu ? "the KVM underneath" : "the emulator");
	return read_other(other, run);
}
