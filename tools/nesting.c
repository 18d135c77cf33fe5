// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one exit of a nested guest costs the hypervisor under its own: of the log of
 * every exit that the CPU takes, the part that lies between the two marks of a row.
 *
 * The guest, told `marks', writes to MACHINE_MARK_PORT before and after it measures
 * a row. The row `empty' is what marks and measuring cost by themselves, and is taken
 * off. Formats are in docs/formats.md, what the figures mean in docs/nested.md.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "tools/emulator.h"
#include "tools/log.h"
#include "tools/table.h"
#include "tools/tool.h"

#define NESTING_VERSION	1
#define RUNS_MAX	4

/* Exits of the outer hypervisor, by basic reason. */
struct tally {
	int64_t count[EXIT_ACCT_SLOTS];
};

struct run {
	const char *title, *exits;
	struct log log;
	struct tally *outer;		/* one for each row of the log */
	size_t marks;
};

struct runs {
	struct run list[RUNS_MAX];
	size_t nr;
};

/* Reasons with a column of their own; all others share one. */
static const uint8_t own_column[] = {
	EXIT_REASON_VMRESUME, EXIT_REASON_VMREAD, EXIT_REASON_VMWRITE,
};

static const char usage[] =
"usage: nesting [--csv FILE] TITLE LOG EXITS [TITLE LOG EXITS]...\n"
"\n"
"LOG: of a nested guest that was told `marks'. EXITS: what `boot/run --exits' left.\n"
"TITLE: what the two are called in the table.\n"
"Prints for each row how many exits of the outer hypervisor one exit of the guest costs.\n"
"\n"
"  --csv FILE	write the same as CSV\n"
"\n"
"Exit code: 2 if the two do not belong together or cannot be read.\n";

/*
 * What lies from a row's first mark to its second is the row's.
 * Source: SDM volume 3, table "Exit Qualification for I/O Instructions".
 */
static void take_exit(void *ctx, const struct emulator_exit *e)
{
	struct run *run = ctx;

	if (e->reason == EXIT_REASON_IO_INSTRUCTION && e->qualification >> 16 == MACHINE_MARK_PORT)
		run->marks++;
	else if (run->marks % 2 && run->marks / 2 < run->log.rows_nr)
		run->outer[run->marks / 2].count[log_slot(e->reason)]++;
}

static bool read_exits(struct run *run)
{
	FILE *in = fopen(run->exits, "r");
	bool good, ended;

	if (!in)
		return tool_refuse("%s: %s", run->exits, strerror(errno));
	run->outer = calloc(run->log.rows_nr + 1, sizeof(*run->outer));
	good = run->outer && emulator_exits(in, take_exit, run, &ended);
	fclose(in);
	if (good && (!run->marks || run->marks != 2 * run->log.rows_nr))
		return tool_refuse("%s: %zu marks, but %s has %zu rows (the guest must be told "
				   "`marks')", run->exits, run->marks, run->log.rec.file,
				   run->log.rows_nr);
	return good;
}

/* Take off what is not the row's: marks, measuring, the outer host's own interrupts. */
static bool take_off_empty(struct run *run)
{
	const struct log *l = &run->log;
	struct tally empty;
	size_t i, j;

	for (i = 0; i < l->rows_nr && strcmp(l->rows[i].name, "empty"); i++)
		;
	if (i == l->rows_nr)
		return tool_refuse("%s: no row `empty' to compare the others with", l->rec.file);
	empty = run->outer[i];
	for (i = 0; i < l->rows_nr; i++) {
		for (j = 0; j < EXIT_ACCT_SLOTS; j++)
			run->outer[i].count[j] -= empty.count[j];
		run->outer[i].count[EXIT_REASON_EXTERNAL_INTERRUPT] = 0;
	}
	return true;
}

static bool same_rows(const struct log *a, const struct log *b)
{
	size_t i;

	for (i = 0; a->rows_nr == b->rows_nr && i < a->rows_nr; i++)
		if (strcmp(a->rows[i].name, b->rows[i].name))
			break;
	return i == b->rows_nr ||
	       tool_refuse("%s has other rows than %s", b->rec.file, a->rec.file);
}

/* Output */

static uint64_t guest_exits(const struct row *row)
{
	return row->exits + row->other;
}

/* Exits of @reason that were not the guest's own. */
static int64_t host_exits(const struct row *row, const struct tally *outer, unsigned int reason)
{
	return outer->count[reason] - (reason == row->reason ? (int64_t)row->exits : 0);
}

static double per_exit(const struct row *row, int64_t count)
{
	return (double)count / guest_exits(row);
}

/*
 * What has no column, by name. Of another reason than the row's nobody knows whether it
 * is the guest's: it is, if there are as many as the guest has made of all others.
 */
static void add_rest(FILE *t, const struct row *row, const struct tally *outer)
{
	int64_t others = row->other;
	const char *gap = "";
	unsigned int i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		int64_t n = host_exits(row, outer, i);

		if (memchr(own_column, i, sizeof(own_column)) || !n ||
		    (i != row->reason && n == others))
			continue;
		fprintf(t, "%s%s %.2f", gap, exit_acct_name(i), per_exit(row, n));
		gap = "  ";
	}
}

static void add_row(FILE *t, const struct run *run, size_t i)
{
	const struct row *row = &run->log.rows[i];
	const struct tally *outer = &run->outer[i];
	int64_t total = 0;
	size_t k;

	fprintf(t, "%s\t%2" PRIu64 " %s\t%s\t%.2f\t", row->name, row->reason,
		exit_acct_name(row->reason), run->title, (double)guest_exits(row) / row->reps);
	for (k = 0; k < EXIT_ACCT_SLOTS; k++)
		total += outer->count[k];
	if (guest_exits(row)) {
		fprintf(t, "%.2f\t", per_exit(row, total));
		for (k = 0; k < sizeof(own_column); k++)
			fprintf(t, "%.2f\t", per_exit(row, host_exits(row, outer, own_column[k])));
		add_rest(t, row, outer);
	}
	fputc('\n', t);
}

static void print_table(const struct runs *runs)
{
	static const struct column columns[] = {
		{ NULL, "operation", -22, 0 }, { NULL, "exit reason", -22, 1 },
		{ NULL, "on", -1, 1 }, { NULL, "guest", 6, 1 }, { NULL, "outer", 7, 1 },
		{ NULL, "VMRESUME", 9, 1 }, { NULL, "VMREAD", 9, 1 }, { NULL, "VMWRITE", 9, 1 },
		{ NULL, "and", -1, 2 },
	};
	struct table t;
	size_t i, j;

	TABLE(&t, columns);
	for (i = 0; i < runs->list[0].log.rows_nr; i++)
		for (j = 0; j < runs->nr; j++)
			add_row(t.rows, &runs->list[j], i);
	printf("Exits of the outer hypervisor for one exit of the guest\n\n");
	table_print(stdout, &t);
}

static void csv_row(FILE *out, const char *title, const struct row *row, const struct tally *outer)
{
	size_t i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		if (outer->count[i])
			fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%zu,%s,%"
				PRId64 "\n", NESTING_VERSION, title, row->name, row->reason,
				exit_acct_name(row->reason), row->reps, guest_exits(row), i,
				exit_acct_name(i), outer->count[i]);
}

static void print_csv(FILE *out, const void *what)
{
	const struct runs *runs = what;
	size_t i;

	fprintf(out, "version,on,name,reason,reason_name,reps,guest_exits,outer_reason,"
		"outer_reason_name,outer_exits\n");
	for (const struct run *run = runs->list; run < runs->list + runs->nr; run++)
		for (i = 0; i < run->log.rows_nr; i++)
			csv_row(out, run->title, &run->log.rows[i], &run->outer[i]);
}

int main(int argc, char **argv)
{
	const char *csv = NULL;
	const struct tool_option options[] = { { "csv", &csv, NULL }, { 0 } };
	int i = tool_options(argc, argv, usage, options);
	static struct runs runs;

	if ((argc - i) % 3 || i == argc || argc - i > 3 * RUNS_MAX) {
		fputs(usage, stderr);
		return TOOL_CANNOT;
	}
	for (; i < argc; i += 3) {
		struct run *run = &runs.list[runs.nr++];

		run->title = argv[i];
		run->log = (struct log){
			.rec.file = argv[i + 1], .target = TARGETS, .counted = true
		};
		run->exits = argv[i + 2];
		if (!log_read_rows(&run->log) || !read_exits(run) || !take_off_empty(run) ||
		    !same_rows(&runs.list[0].log, &run->log))
			return TOOL_CANNOT;
	}
	print_table(&runs);
	return tool_write(csv, print_csv, &runs) ? tool_leave(0) : TOOL_CANNOT;
}
