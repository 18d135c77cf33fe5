// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check our counts of VM exits against those of witnesses that know nothing of
 * our accounting: the emulator that took the exits, KVM's own tracepoint, or the KVM
 * that hands hv its exits.
 */
#include <inttypes.h>
#include <string.h>

#include "tools/table.h"
#include "tools/tool.h"
#include "tools/apart.h"

/* Who counts the exits of one run: two that are ours, two that are not. */
enum counter {
	BY_VM,			/* records `exits scope=vm' */
	BY_MODULE,		/* `exits scope=module', KVM only */
	BY_EMULATOR,		/* `emulator': its log of every VM exit, in Bochs only */
	BY_TRACE,		/* `trace': KVM's own of kvm_exit; for hv on KVM, the KVM
				   underneath's of kvm_nested_vmexit_inject */
	COUNTERS
};

struct witness_run {
	struct log log;
	bool outer;		/* hv, and there is a KVM underneath that counted */
	struct exits by[COUNTERS];
	bool has_stats;
	uint64_t stats;		/* KVM's own statistic `exits', of the VM or its vCPUs' sum */
	struct details numbers;
	unsigned int events;	/* tracepoints that tell exits apart, and are there */
};

static const char usage[] =
"usage: witness [--detail] [--scope vcpuN] LOG [EXITS|OUTER]\n"
"       witness --lines <EMULATOR-LOG | witness --count >EXITS\n"
"\n"
"Compares, for each exit reason and without tolerance, the counts in a run's log\n"
"(a file with `exits scope=vm' records) with those of the emulator that took the\n"
"exits, and prints a table. For KVM also with its tracepoint's and its statistics.\n"
"On QEMU there is no such log: hv's counts are compared with OUTER, what the KVM\n"
"underneath handed to it, and KVM's with its own tracepoint alone.\n"
"\n"
"  --detail	and exits of one reason by the number that tells them apart (`detail' records)\n"
"  --scope vcpuN	only the exits of that vCPU, which stays on the emulator's CPU N\n"
"  --lines	pass on VM exits, and the end, of Bochs's much larger log (debug: cpuN=report)\n"
"  --count	count them\n"
"\n"
"Exit code: 0 all are equal, 1 one of them differs, if by one exit, 2 they cannot be\n"
"compared: one line says why. The formats are described in docs/formats.md.\n";

/* The vCPU that is looked at, by its scope; NULL: the VM, which is their sum. */
static const char *scope;

/* Are exits of one reason compared by their number, too? */
static bool detail;

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
	const char *of = record_find(&l->rec, "scope");
	struct witness_run *run = ctx;

	if (!strcmp(of, scope ?: "vm"))
		return log_exits(&l->rec, &run->by[BY_VM]);
	if (!scope && !strcmp(of, "module"))
		return log_exits(&l->rec, &run->by[BY_MODULE]);
	/* Other scopes are other views of the same: the guest's own, one vCPU's. */
	return true;
}

/* Counts of who does not keep failed entries apart: they are in its total, of all vCPUs. */
static bool take_count(const struct record *r, struct exits *e)
{
	uint64_t reason, count;
	size_t i;

	if (e->there)
		return record_refuse(r, "a second `%s' table: more than one run in this file",
				     r->word);
	if (record_find(r, "total")) {
		if (!scope && !record_number(r, "total", &e->sum.count))
			return false;
		for (i = 0; i < EXIT_ACCT_SLOTS; i++)
			e->sum.count += scope ? e->by[i].count : -e->failed[i];
		return e->there = true;
	}
	if (!record_number(r, "reason", &reason) || !record_number(r, "count", &count))
		return false;
	if (scope && strcmp(scope, record_find(r, "scope") ?: ""))
		return true;
	/* A tracepoint shows the whole field, bit 31 and other flags with it. */
	i = log_slot(reason & 0xffff);
	if (reason & ENTRY_FAILED || is_entry_failure(reason))
		e->failed[i] += count;
	else
		e->by[i].count += count;
	return true;
}

static bool take_detail(struct log *l, void *ctx)
{
	struct witness_run *run = ctx;

	return details_take(&run->numbers, &l->rec, APART_OURS);
}

static bool take_trace(struct log *l, void *ctx)
{
	unsigned int event = apart_event(record_find(&l->rec, "event"));
	struct witness_run *run = ctx;
	uint64_t dropped = 0;

	if (event && !record_find(&l->rec, "total"))
		return apart_take(&run->numbers, &l->rec, APART_TRACE);
	run->events |= event;
	if (event && !record_number(&l->rec, "dropped", &dropped))
		return false;
	if (!event && (!take_count(&l->rec, &run->by[BY_TRACE]) ||
	    (run->by[BY_TRACE].there && !record_number(&l->rec, "dropped", &dropped))))
		return false;
	return !dropped || record_refuse(&l->rec, "the histogram was full, and dropped %" PRIu64
					 " exits", dropped);
}

static bool take_stats(struct log *l, void *ctx)
{
	const char *name = record_find(&l->rec, "name"), *of = record_find(&l->rec, "scope");
	struct witness_run *run = ctx;
	uint64_t value;

	if (!name || strcmp(name, "exits") || (scope && strcmp(scope, of)))
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
	if (record_find(&l->rec, "number"))
		return apart_take(&run->numbers, &l->rec, APART_EMULATOR);
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

static bool read_run(const char *file, const char *other, struct witness_run *run)
{
	static const struct log_kind kinds[] = {
		{ "exits", "scope", take_exits }, { "trace", "event", take_trace },
		{ "stats", "scope", take_stats }, { "detail", "scope", take_detail }, { 0 }
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
		return record_refuse_end(r, "no `exits scope=%s' records: nobody counted",
					 scope ?: "vm");
	if (is_kvm && (!(run->by[BY_MODULE].there || scope) || !run->by[BY_TRACE].there))
		return record_refuse(r, "no `%s' records: run it with --trace",
				     run->by[BY_TRACE].there ? "exits scope=module" : "trace");
	if (is_kvm && !run->has_stats)
		return record_refuse(r, "no `stats' record with name=exits");
	if (detail && !details_whole(&run->numbers, r, APART_OURS))
		return false;
	if (detail && is_kvm && apart_missing(run->events))
		return record_refuse(r, "no `trace' records with event=%s",
				     apart_missing(run->events));
	/* A processor keeps no log, and KVM's own tracepoint is in the run's. */
	if (on_qemu && is_kvm)
		return !other || record_refuse(r, "of KVM on QEMU nobody else counts");
	if (!other)
		return record_refuse(r, "the exits that %s counted are needed too",
				     on_qemu ? "the KVM underneath" : "the emulator");
	return read_other(other, run);
}

/* Output */

/* The comparison, and what was found so far. */
struct comparison {
	const struct witness_run *run;
	struct table table;
	unsigned int compared, differ;
};

static bool is_shown(const struct witness_run *run, enum counter by)
{
	return by == BY_TRACE ? run->outer || run->log.target == KVM : run->by[by].there;
}

static const char *title(const struct witness_run *run, enum counter by)
{
	static const char *const titles[COUNTERS] = { "ours", "module", "emulator", "kvm_exit" };

	return by == BY_TRACE && run->outer ? "handed" : titles[by];
}

/* A row, and in its last column who counted how much more or less than we did. */
static void add_row(struct comparison *c, const char *number, const char *name,
		    const uint64_t values[COUNTERS])
{
	FILE *rows = c->table.rows;
	bool differs = false;

	fprintf(rows, "%s\t%s\t", number, name);
	for (enum counter by = 0; by < COUNTERS; by++)
		if (is_shown(c->run, by))
			fprintf(rows, "%" PRIu64 "\t", values[by]);
	for (enum counter by = 0; by < COUNTERS; by++) {
		if (!is_shown(c->run, by) || values[by] == values[BY_VM])
			continue;
		fprintf(rows, "%s %s %+" PRId64, differs ? "," : "DIFFERS:", title(c->run, by),
			(int64_t)(values[by] - values[BY_VM]));
		differs = true;
	}
	fputs(differs ? "\n" : "equal\n", rows);
	c->compared++;
	c->differ += differs;
}

/* Reasons that nobody counted have no row. */
static void add_reason(struct comparison *c, size_t i, bool failed)
{
	char number[8], name[48];
	uint64_t values[COUNTERS];
	bool some = false;

	for (enum counter by = 0; by < COUNTERS; by++) {
		const struct exits *from = &c->run->by[by];

		values[by] = failed ? from->failed[i] : from->by[i].count;
		some |= values[by];
	}
	if (!some)
		return;
	snprintf(number, sizeof(number), i == EXIT_ACCT_OTHER ? "other" : "%zu", i);
	snprintf(name, sizeof(name), "%s%s", exit_acct_name(i), failed ? " (no entry)" : "");
	add_row(c, number, name, values);
}

/* A total that a counter says itself must be what its counts add up to. */
static void check_totals(struct comparison *c)
{
	for (enum counter by = 0; by < COUNTERS; by++) {
		uint64_t total = c->run->by[by].sum.count, sum = 0;

		if (!is_shown(c->run, by))
			continue;
		for (size_t i = 0; i < EXIT_ACCT_SLOTS; i++)
			sum += c->run->by[by].by[i].count;
		c->compared++;
		if (sum == total)
			continue;
		c->differ++;
		printf("%s: the counts add up to %" PRIu64 ", the total says %" PRIu64 "\n",
		       title(c->run, by), sum, total);
	}
}

/*
 * KVM's statistic goes up each time it tried to enter the guest: for an exit, a
 * failed entry, an exit that KVM made up, and a VMLAUNCH or VMRESUME that was
 * refused, which nobody else counts and which ends the run.
 */
static void check_stats(struct comparison *c)
{
	const struct exits *ours = &c->run->by[BY_VM];
	uint64_t failed = 0, refused, sum;

	for (size_t i = 0; i < EXIT_ACCT_SLOTS; i++)
		failed += ours->failed[i];
	refused = !failed && !strcmp(c->run->log.cause, CAUSE_ENTRY);
	sum = ours->sum.count + failed + ours->synthesised + refused;
	c->compared++;
	c->differ += sum != c->run->stats;
	printf("KVM's statistic \"exits\": %" PRIu64 "; ours: %" PRIu64 " exits + %" PRIu64
	       " failed entries + %" PRIu64 " synthesised exits + %" PRIu64 " refused entries",
	       c->run->stats, ours->sum.count, failed, ours->synthesised, refused);
	if (sum == c->run->stats)
		printf(": equal\n");
	else
		printf(" = %" PRIu64 ": DIFFERS: %+" PRId64 "\n", sum, c->run->stats - sum);
}

/* Returns true if nothing differs. */
static bool compare(const struct witness_run *run)
{
	struct column columns[COUNTERS + 3] = {
		{ NULL, "reason", 0, 0 }, { NULL, "name", -22, 2 },
	};
	struct comparison c = { .run = run };
	uint64_t totals[COUNTERS];
	size_t nr = 2, i;

	for (enum counter by = 0; by < COUNTERS; by++)
		if (is_shown(run, by))
			columns[nr++] = (struct column) { NULL, title(run, by), 10, 2 };
	columns[nr++] = (struct column) { NULL, "verdict", -1, 2 };
	table_open(&c.table, columns, nr);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		add_reason(&c, i, false);
	/* An entry that the KVM underneath refuses itself is not in its trace. */
	for (i = 0; i < EXIT_ACCT_SLOTS && !run->outer; i++)
		add_reason(&c, i, true);
	for (enum counter by = 0; by < COUNTERS; by++)
		totals[by] = run->by[by].sum.count;
	add_row(&c, "", "total", totals);
	printf("VM exits of %s on %s%s%s, by who counted them\n\n",
	       target_titles[run->log.target], run->log.machine, scope ? ", " : "", scope ?: "");
	table_print(stdout, &c.table);
	check_totals(&c);
	if (run->log.target == KVM)
		check_stats(&c);
	if (c.differ)
		printf("\n%u of %u comparisons differ\n", c.differ, c.compared);
	else
		printf("\nall %u comparisons are equal\n", c.compared);
	return !c.differ;
}

/* What the emulator has counted, by CPU and reason, and by number. */
struct counts {
	uint64_t by[MACHINE_CPUS_MAX * EMULATOR_REASONS];
	struct details numbers;
};

static void count_exit(void *ctx, const struct emulator_exit *e)
{
	struct detail key = { .reason = e->reason, .vcpu = e->cpu };
	struct counts *counts = ctx;

	counts->by[e->cpu * EMULATOR_REASONS + e->reason]++;
	if (apart_of(e, &key.number))
		details_at(&counts->numbers, &key)->count[APART_EMULATOR]++;
}

/* Whoever reads what is written must not take it for a whole one if something is wrong. */
static bool count(void)
{
	static struct counts counts;
	uint64_t total = 0;
	bool ended;

	if (!emulator_exits(stdin, count_exit, &counts, &ended))
		return false;
	for (size_t i = 0; i < MACHINE_CPUS_MAX * EMULATOR_REASONS; i++) {
		if (counts.by[i])
			printf("emulator reason=%zu name=%s count=%" PRIu64 " scope=vcpu%zu\n",
			       i % EMULATOR_REASONS, exit_acct_name(i % EMULATOR_REASONS),
			       counts.by[i], i / EMULATOR_REASONS);
		total += counts.by[i];
	}
	details_sort(&counts.numbers);
	for (size_t i = 0; i < counts.numbers.nr; i++) {
		const struct detail *d = counts.numbers.sorted[i];

		printf("emulator number=%" PRIu64 " reason=%" PRIu64 " name=%s count=%" PRIu64
		       " scope=vcpu%" PRIu64 "\n", d->number, d->reason,
		       exit_acct_name(d->reason), d->count[APART_EMULATOR], d->vcpu);
	}
	printf("emulator total=%" PRIu64 " ended=%s\n", total, ended ? "yes" : "no");
	return true;
}

/* On QEMU nobody else tells hv's apart: that they add up is all. */
static bool compare_numbers(struct witness_run *run)
{
	const bool has[DETAIL_WHO] = {
		true, run->by[BY_EMULATOR].there, run->log.target == KVM
	};
	uint64_t vcpu = MACHINE_CPUS_MAX;

	if (scope && (strncmp(scope, "vcpu", 4) || !record_parse(scope + 4, &vcpu)))
		vcpu = MACHINE_CPUS_MAX;
	return apart_compare(&run->numbers, &run->by[BY_VM], vcpu, has);
}

int main(int argc, char **argv)
{
	static struct witness_run run;
	bool lines = false, counts = false, equal;
	const struct tool_option options[] = {
		{ "lines", .flag = &lines }, { "count", .flag = &counts },
		{ "detail", .flag = &detail }, { "scope", .value = &scope }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options), files = argc - first;

	if (!files && (lines || counts))
		return tool_leave((lines ? emulator_lines(0, stdout) : count()) ? 0 : TOOL_CANNOT);
	if (lines || counts || files < 1 || files > 2)
		return tool_cannot("a run's log and who else counted are needed, or the emulator's "
				   "log on stdin; --help says more");
	if (!read_run(argv[first], argv[first + 1], &run))
		return TOOL_CANNOT;
	equal = compare(&run);
	if (detail && !compare_numbers(&run))
		equal = false;
	return tool_leave(equal ? 0 : TOOL_DIFFERS);
}
