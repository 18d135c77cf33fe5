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
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_acct.h"
#include "machine/machine.h"
#include "tools/record.h"

#define EXIT_CANNOT	2
#define NESTING_VERSION	1
#define ROWS_MAX	256
#define VMEXIT		"] VMEXIT reason = "

/* Exits of the outer hypervisor, by basic reason. */
struct tally {
	int64_t count[EXIT_ACCT_SLOTS];
};

struct row {
	const char *name;
	uint64_t reason, reps;
	uint64_t exits, other;		/* of the guest, all repetitions */
	struct tally outer;
};

struct run {
	const char *title, *target, *log, *exits;
	struct row rows[ROWS_MAX];
	size_t rows_nr;
};

/* Reasons with a column of their own; all others share one. */
enum {
#define X(number, name, sdm_name, class) REASON_##name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};
static const unsigned int columns[] = { REASON_VMRESUME, REASON_VMREAD, REASON_VMWRITE };
#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

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

/* The log */

static bool read_row(struct run *run, struct record *rec)
{
	struct row *row = &run->rows[run->rows_nr];
	const char *check;

	if (run->rows_nr == ROWS_MAX)
		return record_refuse(rec, "more than %d rows", ROWS_MAX);
	if (!record_text(rec, "name", &row->name) || !record_text(rec, "check", &check) ||
	    !record_number(rec, "reason", &row->reason) ||
	    !record_number(rec, "reps", &row->reps) ||
	    !record_number(rec, "exits", &row->exits) ||
	    !record_number(rec, "other", &row->other))
		return false;
	run->rows_nr++;
	return true;
}

struct reader {
	struct record rec;
	struct run *run;
	bool ended;
};

static bool read_record(void *ctx, char *line)
{
	struct reader *r = ctx;

	if (record_is(line, "log"))
		return record_split(&r->rec, line) && record_version(&r->rec) &&
		       record_text(&r->rec, "target", &r->run->target);
	if (record_is(line, "row"))
		return record_split(&r->rec, line) && read_row(r->run, &r->rec);
	r->ended = r->ended || record_is(line, "end");
	return true;
}

static bool read_log(struct run *run)
{
	struct reader r = { .rec.file = run->log, .run = run };

	return record_lines(&r.rec, read_record, &r) &&
	       ((r.ended && run->target) || record_refuse_end(&r.rec, "cut short, or no log"));
}

/* The exits */

/* Source: SDM volume 3, table "Exit Qualification for I/O Instructions". */
static bool is_mark(uint64_t reason, uint64_t qualification)
{
	return reason == REASON_IO_INSTRUCTION && qualification >> 16 == MACHINE_MARK_PORT;
}

/* @line is a VM exit: its basic reason and qualification. */
static bool parse_exit(const char *line, uint64_t *reason, uint64_t *qualification)
{
	const char *at = strstr(line, VMEXIT), *q = strstr(line, "qualification=0x");

	if (!at || !q)
		return false;
	*reason = strtoull(at + strlen(VMEXIT), NULL, 10);
	*qualification = strtoull(q + strlen("qualification="), NULL, 16);
	return true;
}

/* What lies from a row's first mark to its second is the row's. */
static bool read_exits(struct run *run)
{
	FILE *in = fopen(run->exits, "r");
	uint64_t reason, qualification;
	size_t marks = 0, size = 0;
	char *line = NULL;

	if (!in) {
		fprintf(stderr, "nesting: %s: %s\n", run->exits, strerror(errno));
		return false;
	}
	while (getline(&line, &size, in) > 0) {
		if (!parse_exit(line, &reason, &qualification))
			continue;
		if (is_mark(reason, qualification))
			marks++;
		else if (marks % 2 && marks / 2 < run->rows_nr)
			run->rows[marks / 2].outer.count[reason < EXIT_ACCT_OTHER ?
							 reason : EXIT_ACCT_OTHER]++;
	}
	free(line);
	fclose(in);
	if (marks == 2 * run->rows_nr && marks)
		return true;
	fprintf(stderr, "nesting: %s: %zu marks, but %s has %zu rows (the guest must be told "
		"`marks')\n", run->exits, marks, run->log, run->rows_nr);
	return false;
}

/* Take off what is not the row's: marks, measuring, the outer host's own interrupts. */
static bool take_off_empty(struct run *run)
{
	struct tally empty;
	size_t i, j;

	for (i = 0; i < run->rows_nr && strcmp(run->rows[i].name, "empty"); i++)
		;
	if (i == run->rows_nr) {
		fprintf(stderr, "nesting: %s: no row `empty' to compare the others with\n",
			run->log);
		return false;
	}
	empty = run->rows[i].outer;
	for (i = 0; i < run->rows_nr; i++) {
		for (j = 0; j < EXIT_ACCT_SLOTS; j++)
			run->rows[i].outer.count[j] -= empty.count[j];
		run->rows[i].outer.count[REASON_EXTERNAL_INTERRUPT] = 0;
	}
	return true;
}

/* Output */

static uint64_t guest_exits(const struct row *row)
{
	return row->exits + row->other;
}

static int64_t total(const struct tally *t)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		sum += t->count[i];
	return sum;
}

/* Exits of @reason that were not the guest's own. */
static int64_t host_exits(const struct row *row, unsigned int reason)
{
	return row->outer.count[reason] - (reason == row->reason ? (int64_t)row->exits : 0);
}

static double per_exit(const struct row *row, int64_t count)
{
	uint64_t n = guest_exits(row);

	return n ? (double)count / n : 0;
}

static bool is_column(unsigned int reason)
{
	size_t i;

	for (i = 0; i < NR_COLUMNS; i++)
		if (columns[i] == reason)
			return true;
	return false;
}

/*
 * What has no column, by name. Of another reason than the row's nobody knows whether it
 * is the guest's: it is, if there are as many as the guest has made of all others.
 */
static void print_rest(FILE *out, const struct row *row)
{
	int64_t others = row->other;
	unsigned int i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		int64_t n = host_exits(row, i);

		if (!is_column(i) && n && (i == row->reason || n != others))
			fprintf(out, "  %s %.2f", exit_acct_name(i), per_exit(row, n));
	}
}

static void print_table(const struct run *runs, size_t nr)
{
	size_t i, j, k;
	int width = 2;

	printf("Exits of the outer hypervisor for one exit of the guest\n\n");
	for (j = 0; j < nr; j++)
		if ((int)strlen(runs[j].title) > width)
			width = strlen(runs[j].title);
	printf("%-22s %-22s %-*s %6s %7s", "operation", "exit reason", width, "on", "guest",
	       "outer");
	for (k = 0; k < NR_COLUMNS; k++)
		printf(" %9s", exit_acct_name(columns[k]));
	printf("  and\n");
	for (i = 0; i < runs[0].rows_nr; i++) {
		for (j = 0; j < nr; j++) {
			const struct row *row = &runs[j].rows[i];

			printf("%-22s %2u %-19s %-*s %6.2f", row->name,
			       (unsigned int)row->reason, exit_acct_name(row->reason), width,
			       runs[j].title, (double)guest_exits(row) / row->reps);
			if (guest_exits(row)) {
				printf(" %7.2f", per_exit(row, total(&row->outer)));
				for (k = 0; k < NR_COLUMNS; k++) {
					int64_t n = host_exits(row, columns[k]);

					printf(" %9.2f", per_exit(row, n));
				}
				print_rest(stdout, row);
			}
			printf("\n");
		}
	}
}

static bool write_csv(const char *name, const struct run *runs, size_t nr)
{
	FILE *out = fopen(name, "w");
	size_t i, j, k;

	if (!out)
		goto failed;
	fprintf(out, "version,on,name,reason,reason_name,reps,guest_exits,outer_reason,"
		"outer_reason_name,outer_exits\n");
	for (j = 0; j < nr; j++) {
		for (i = 0; i < runs[j].rows_nr; i++) {
			const struct row *row = &runs[j].rows[i];

			for (k = 0; k < EXIT_ACCT_SLOTS; k++)
				if (row->outer.count[k])
					fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64
						",%zu,%s,%" PRId64 "\n", NESTING_VERSION,
						runs[j].title, row->name, row->reason,
						exit_acct_name(row->reason), row->reps,
						guest_exits(row), k, exit_acct_name(k),
						row->outer.count[k]);
		}
	}
	if (!ferror(out) && !fclose(out))
		return true;
failed:
	fprintf(stderr, "nesting: %s: %s\n", name, strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "csv", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static struct run runs[4];
	const char *csv = NULL;
	size_t nr, i, j;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'c': csv = optarg; break;
		case 'h': fputs(usage, stdout); return 0;
		default: return EXIT_CANNOT;
		}
	}
	nr = (argc - optind) / 3;
	if ((argc - optind) % 3 || !nr || nr > sizeof(runs) / sizeof(runs[0])) {
		fputs(usage, stderr);
		return EXIT_CANNOT;
	}
	for (i = 0; i < nr; i++) {
		runs[i].title = argv[optind + 3 * i];
		runs[i].log = argv[optind + 3 * i + 1];
		runs[i].exits = argv[optind + 3 * i + 2];
		if (!read_log(&runs[i]) || !read_exits(&runs[i]) || !take_off_empty(&runs[i]))
			return EXIT_CANNOT;
		for (j = 0; j < runs[i].rows_nr; j++) {
			if (i && (runs[i].rows_nr != runs[0].rows_nr ||
				  strcmp(runs[i].rows[j].name, runs[0].rows[j].name))) {
				fprintf(stderr, "nesting: %s has other rows than %s\n", runs[i].log,
					runs[0].log);
				return EXIT_CANNOT;
			}
		}
	}
	print_table(runs, nr);
	return csv && !write_csv(csv, runs, nr) ? EXIT_CANNOT : 0;
}
