// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare the logs of one guest's runs on two hypervisors: counts against
 * expectations, times side by side.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/log.h"
#include "tools/table.h"
#include "tools/tool.h"
#include "tools/unlike.h"

#define COMPARE_VERSION	1	/* of CSV and JSON, docs/formats.md */

enum verdict {
	VERDICT_EQUAL,		/* same expectation, met on both */
	VERDICT_EXPLAINED,	/* expectations differ and say why; both met */
	VERDICT_BOUNDED,	/* asynchronous, within the bound on both */
	VERDICT_SKIPPED,	/* the CPU cannot do it: neither ran it */
	VERDICT_DIFFERS,
	VERDICTS
};

static const char * const verdict_names[VERDICTS] = {
	[VERDICT_EQUAL] = "equal", [VERDICT_EXPLAINED] = "explained",
	[VERDICT_BOUNDED] = "bounded", [VERDICT_SKIPPED] = "skipped",
	[VERDICT_DIFFERS] = "differs",
};

struct pair {
	const struct row *row[TARGETS];
	enum verdict verdict;
	unsigned int note;		/* from 1; 0: it needs none */
};

struct comparison {
	struct log log[TARGETS];	/* the same rows in both, in the same order */
	struct pair *pairs;
	size_t nr, tally[VERDICTS];
	const char *version;		/* of KVM's Linux, NULL: not told */
	struct unlike *unlike;		/* exits told apart, NULL: not asked for */
};

static const char usage[] =
"usage: compare [--detail] [--csv FILE] [--detail-csv FILE] [--json FILE] [--color=WHEN]\n"
"               [--linux VERSION] HV.LOG KVM.LOG\n"
"\n"
"Compares two logs of the shared guest, row by row, and prints a table.\n"
"\n"
"  --detail	and exits of one reason by the number that tells them apart\n"
"  --csv FILE	write the rows as CSV too\n"
"  --detail-csv FILE	write the numbers as CSV too\n"
"  --json FILE	write everything as JSON too\n"
"  --color=WHEN	always, never, or auto (default): on a terminal, and if NO_COLOR is not set\n"
"  --linux VERSION	that KVM is part of, to be said in the heading\n"
"\n"
"Exit code: 0 every row is as expected on both, 1 some row differs, or with --detail a\n"
"number for no reason that is known, 2 the logs\n"
"cannot be compared (one line says why) or an option cannot be used.\n"
"The formats are described in docs/formats.md.\n";

/* Does the row keep to its expectation on that target? */
static bool row_met(const struct row *row, enum target target)
{
	uint64_t expected = row->expect[target] * row->reps;

	if (row->check != CHECK_OK)
		return false;
	return row->sync ? row->exits == expected : row->exits <= expected;
}

static enum verdict judge(const struct pair *p)
{
	const struct row *hv = p->row[HV], *kvm = p->row[KVM];

	if (hv->check == CHECK_SKIP && kvm->check == CHECK_SKIP)
		return VERDICT_SKIPPED;
	if (!row_met(hv, HV) || !row_met(kvm, KVM))
		return VERDICT_DIFFERS;
	if (!hv->sync)
		return VERDICT_BOUNDED;
	return hv->expect[HV] == hv->expect[KVM] ? VERDICT_EQUAL : VERDICT_EXPLAINED;
}

/* Rows with the same reason share a note; one that differs has its own. */
static bool same_note(const struct pair *a, const struct pair *b)
{
	const char *why[] = { a->row[HV]->why, b->row[HV]->why };

	return a->verdict != VERDICT_DIFFERS && b->verdict != VERDICT_DIFFERS && why[0] &&
	       why[1] && !strcmp(why[0], why[1]);
}

static void compare(struct comparison *c)
{
	unsigned int notes = 0;
	size_t i, j;

	for (i = 0; i < c->nr; i++) {
		struct pair *p = &c->pairs[i];

		p->row[HV] = &c->log[HV].rows[i];
		p->row[KVM] = &c->log[KVM].rows[i];
		p->verdict = judge(p);
		c->tally[p->verdict]++;
		if (!p->row[HV]->why && p->verdict != VERDICT_DIFFERS)
			continue;
		for (j = 0; j < i && !same_note(p, &c->pairs[j]); j++)
			;
		p->note = j < i ? c->pairs[j].note : ++notes;
	}
}

/* Are these two rows of one guest? All that its source fixes must agree. */
static bool same_row(const struct row *a, const struct row *b)
{
	return !strcmp(a->name, b->name) && a->reason == b->reason && a->sync == b->sync &&
	       a->reps == b->reps && a->expect[HV] == b->expect[HV] &&
	       a->expect[KVM] == b->expect[KVM];
}

/* Is no name in it twice? */
static bool unique(const struct log *log)
{
	const struct row *a, *b;

	for (a = log->rows; a < log->rows + log->rows_nr; a++)
		for (b = log->rows; b < a; b++)
			if (!strcmp(a->name, b->name))
				return tool_refuse("%s:%u: row %s was there before, on line %u",
						   log->rec.file, a->line, a->name, b->line);
	return true;
}

static bool comparable(const struct comparison *c)
{
	const struct log *hv = &c->log[HV], *kvm = &c->log[KVM];
	const char *hv_file = hv->rec.file, *kvm_file = kvm->rec.file;
	size_t i;

	if (strcmp(hv->clock, kvm->clock))
		return tool_refuse("%s has clock=%s and %s has clock=%s: emulated time is never "
				   "put beside hardware's", hv_file, hv->clock, kvm_file,
				   kvm->clock);
	for (i = 0; i < hv->rows_nr && i < kvm->rows_nr; i++)
		if (!same_row(&hv->rows[i], &kvm->rows[i]))
			return tool_refuse("%s:%u: row %s is not the row %s of %s:%u: not the same "
					   "guest", kvm_file, kvm->rows[i].line, kvm->rows[i].name,
					   hv->rows[i].name, hv_file, hv->rows[i].line);
	if (hv->rows_nr != kvm->rows_nr) {
		const struct log *longer = hv->rows_nr > kvm->rows_nr ? hv : kvm;

		return tool_refuse("%s:%u: row %s is missing from %s: not the same guest",
				   longer->rec.file, longer->rows[i].line, longer->rows[i].name,
				   longer == hv ? kvm_file : hv_file);
	}
	return hv->rows_nr || tool_refuse("%s, %s: there is no row to compare", hv_file, kvm_file);
}

/* Output */

static const struct column columns[] = {
	{ "", "operation", -1, 0 }, { "", "exit reason", -1, 2 }, { "", "kind", -1, 2 },
	{ "expected", "hv", 1, 2 }, { NULL, "KVM", 1, 2 },
	{ "exits", "hv", 1, 2 }, { NULL, "KVM", 1, 2 }, { "", "verdict", -1, 2 },
	{ "handler", "hv", 1, 2 }, { NULL, "KVM", 1, 2 },
	{ "round trip", "hv", 1, 2 }, { NULL, "KVM", 1, 2 }, { "", "KVM/hv", 1, 2 },
	{ "", "note", -1, 2 },
};

static const char *kind_name(const struct pair *p)
{
	return p->row[HV]->sync ? "sync" : "async";
}

/* Per exit, rounded to the nearest. */
static void add_cycles(FILE *t, uint64_t cycles, uint64_t exits)
{
	if (exits)
		fprintf(t, "%" PRIu64 "\t", cycles / exits + (cycles % exits >= exits - exits / 2));
	else
		fputs("-\t", t);
}

static void add_row(FILE *t, const struct pair *p, bool colour)
{
	static const char * const colours[VERDICTS] = {
		[VERDICT_EQUAL] = "\033[32m", [VERDICT_EXPLAINED] = "\033[36m",
		[VERDICT_BOUNDED] = "\033[32m", [VERDICT_SKIPPED] = "\033[33m",
		[VERDICT_DIFFERS] = "\033[1;31m",
	};
	const struct row *hv = p->row[HV], *kvm = p->row[KVM];
	int i;

	fprintf(t, "%s\t%2" PRIu64 " %s\t%s\t", hv->name, hv->reason, exit_acct_name(hv->reason),
		kind_name(p));
	for (i = 0; i < TARGETS; i++)
		fprintf(t, "%s%" PRIu64 "\t", hv->sync ? "" : "<=", hv->expect[i] * hv->reps);
	for (i = 0; i < TARGETS; i++)
		fprintf(t, p->row[i]->check == CHECK_SKIP ? "-\t" : "%" PRIu64 "\t",
			p->row[i]->exits);
	fprintf(t, "%s%s%s\t", colour ? colours[p->verdict] : "", p->verdict == VERDICT_DIFFERS ?
		"DIFFERS" : verdict_names[p->verdict], colour ? "\033[0m" : "");
	for (i = 0; i < TARGETS; i++)
		add_cycles(t, p->row[i]->handler, p->row[i]->exits);
	for (i = 0; i < TARGETS; i++)
		add_cycles(t, p->row[i]->round_trip, p->row[i]->exits);
	if (hv->exits && kvm->exits && hv->round_trip)
		fprintf(t, "%.2f\t", (double)kvm->round_trip / kvm->exits /
			((double)hv->round_trip / hv->exits));
	else
		fputs("-\t", t);
	fprintf(t, p->note ? "[%u]\n" : "\n", p->note);
}

/* What a row that differs got wrong, on one target. */
static void print_fault(const struct row *row, enum target t)
{
	if (row->check == CHECK_FAIL)
		printf(" On %s the operation did not do what it should.", target_titles[t]);
	else if (row->check == CHECK_SKIP)
		printf(" On %s it was skipped.", target_titles[t]);
	else if (!row_met(row, t))
		printf(" %s raised %" PRIu64 " exits, expected %s%" PRIu64 ".", target_titles[t],
		       row->exits, row->sync ? "" : "at most ", row->expect[t] * row->reps);
}

/* If @i is the first row with its note. */
static void print_note(const struct comparison *c, size_t i)
{
	const struct pair *p = &c->pairs[i];
	const char *why = p->row[HV]->why;
	size_t j;

	for (j = 0; j < i; j++)
		if (c->pairs[j].note == p->note)
			return;
	printf("[%u] %s", p->note, p->row[HV]->name);
	for (j = i + 1; j < c->nr; j++)
		if (c->pairs[j].note == p->note)
			printf(", %s", c->pairs[j].row[HV]->name);
	putchar(':');
	for (j = 0; p->verdict == VERDICT_DIFFERS && j < TARGETS; j++)
		print_fault(p->row[j], j);
	printf("%s%s\n", why ? " " : "", why ? why : "");
}

static void print_table(const struct comparison *c, bool colour)
{
	struct table t;
	size_t i;

	TABLE(&t, columns);
	printf("VM exits of one guest on two hypervisors, times in %s per exit",
	       log_unit(c->log[HV].clock));
	for (i = 0; i < TARGETS; i++)
		printf("\n%-4s machine=%s clock=%s leaves=%s", target_titles[i],
		       c->log[i].machine, c->log[i].clock, c->log[i].leaves);
	if (c->version)
		printf(" linux=%s", c->version);
	puts("\n");
	for (i = 0; i < c->nr; i++)
		add_row(t.rows, &c->pairs[i], colour);
	table_print(stdout, &t);
	putchar('\n');
	for (i = 0; i < c->nr; i++)
		if (c->pairs[i].note)
			print_note(c, i);
	printf("\n%zu rows: ", c->nr);
	for (i = 0; i < VERDICTS; i++)
		printf("%zu %s%s", c->tally[i], verdict_names[i], i + 1 < VERDICTS ? ", " : "\n");
}

/* What a row has to say of each target, for CSV and JSON. */
static const char *const keys[] = { "expect", "exits", "handler", "round_trip", "tsc", "other" };
#define NR_KEYS	(sizeof(keys) / sizeof(keys[0]))

static uint64_t number_of(const struct row *row, enum target t, size_t key)
{
	const uint64_t numbers[NR_KEYS] = {
		row->expect[t], row->exits, row->handler, row->round_trip, row->tsc, row->other,
	};

	return numbers[key];
}

static void print_csv(FILE *out, const void *comparison)
{
	const struct comparison *c = comparison;
	const struct pair *p;
	size_t i, t;

	fputs("version,clock,name,reason,reason_name,kind,reps,expect_hv,expect_kvm,exits_hv,"
	      "exits_kvm,verdict,handler_hv,handler_kvm,round_trip_hv,round_trip_kvm,tsc_hv,"
	      "tsc_kvm,other_hv,other_kvm,check_hv,check_kvm,why\n", out);
	for (p = c->pairs; p < c->pairs + c->nr; p++) {
		const struct row *hv = p->row[HV];

		fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,%" PRIu64, COMPARE_VERSION,
			c->log[HV].clock, hv->name, hv->reason, exit_acct_name(hv->reason),
			kind_name(p), hv->reps);
		for (i = 0; i < NR_KEYS; i++) {
			for (t = 0; t < TARGETS; t++)
				fprintf(out, ",%" PRIu64, number_of(p->row[t], t, i));
			if (!strcmp(keys[i], "exits"))
				fprintf(out, ",%s", verdict_names[p->verdict]);
		}
		fprintf(out, ",%s,%s,", check_names[hv->check], check_names[p->row[KVM]->check]);
		tool_quote(out, hv->why ? hv->why : "", "\"");
		fputc('\n', out);
	}
}

static void json_pair(FILE *out, const struct pair *p)
{
	const struct row *hv = p->row[HV];
	size_t i, t;

	fprintf(out, "    {\"name\": \"%s\", \"reason\": %" PRIu64 ", \"reason_name\": \"%s\""
		", \"kind\": \"%s\", \"reps\": %" PRIu64 ", \"verdict\": \"%s\",\n", hv->name,
		hv->reason, exit_acct_name(hv->reason), kind_name(p), hv->reps,
		verdict_names[p->verdict]);
	for (t = 0; t < TARGETS; t++) {
		fprintf(out, "     \"%s\": {", target_names[t]);
		for (i = 0; i < NR_KEYS; i++)
			fprintf(out, "\"%s\": %" PRIu64 ", ", keys[i],
				number_of(p->row[t], t, i));
		fprintf(out, "\"check\": \"%s\"},\n", check_names[p->row[t]->check]);
	}
	fputs("     \"why\": ", out);
	if (hv->why)
		tool_quote(out, hv->why, "\\");
	else
		fputs("null", out);
}

static void print_json(FILE *out, const void *comparison)
{
	const struct comparison *c = comparison;
	size_t i;

	fprintf(out, "{\n  \"version\": %d,\n  \"clock\": \"%s\",\n  \"unit\": \"%s\",\n",
		COMPARE_VERSION, c->log[HV].clock, log_unit(c->log[HV].clock));
	for (i = 0; i < TARGETS; i++) {
		fprintf(out, "  \"%s\": {\"machine\": ", target_names[i]);
		tool_quote(out, c->log[i].machine, "\\");
		fputs(", \"leaves\": ", out);
		tool_quote(out, c->log[i].leaves, "\\");
		fputs("},\n", out);
	}
	fputs("  \"rows\": [\n", out);
	for (i = 0; i < c->nr; i++) {
		json_pair(out, &c->pairs[i]);
		fprintf(out, "}%s\n", i + 1 < c->nr ? "," : "");
	}
	fputs("  ],\n  \"summary\": {", out);
	for (i = 0; i < VERDICTS; i++)
		fprintf(out, "\"%s\": %zu%s", verdict_names[i], c->tally[i],
			i + 1 < VERDICTS ? ", " : "}");
	if (c->unlike) {
		fputs(",\n  \"detail\": ", out);
		unlike_json(out, c->unlike);
	}
	fputs("\n}\n", out);
}

int main(int argc, char **argv)
{
	const char *csv = NULL, *detail_csv = NULL, *json = NULL, *when = "auto";
	const char *no_color = getenv("NO_COLOR");
	static struct unlike unlike;
	struct comparison c = { 0 };
	bool detail = false;
	const struct tool_option options[] = {
		{ "csv", &csv, NULL }, { "json", &json, NULL }, { "color", &when, NULL },
		{ "linux", &c.version, NULL }, { "detail", .flag = &detail },
		{ "detail-csv", &detail_csv, NULL }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	enum target t;

	if (argc - first != TARGETS || (strcmp(when, "auto") && strcmp(when, "always") &&
					strcmp(when, "never")))
		return tool_cannot("two logs are needed, hv's and KVM's; --help says more");
	for (t = 0; t < TARGETS; t++) {
		c.log[t] = (struct log){
			.rec.file = argv[first + t], .target = t, .counted = true,
			.details = detail || detail_csv ? &unlike.all : NULL,
		};
		if (!log_read_rows(&c.log[t]) || !unique(&c.log[t]))
			return TOOL_CANNOT;
	}
	if (!comparable(&c))
		return TOOL_CANNOT;
	c.nr = c.log[HV].rows_nr;
	c.pairs = tool_memory(calloc(c.nr, sizeof(*c.pairs)));
	compare(&c);
	if (c.log[HV].details) {
		c.unlike = &unlike;
		unlike_compare(&unlike, c.log);
	}
	if (!tool_write(csv, print_csv, &c) || !tool_write(json, print_json, &c) ||
	    !tool_write(detail_csv, unlike_csv, &unlike))
		return TOOL_CANNOT;
	print_table(&c, !strcmp(when, "always") || (!strcmp(when, "auto") &&
		    isatty(STDOUT_FILENO) && !(no_color && *no_color)));
	if (detail)
		unlike_print(&unlike);
	return tool_leave(c.tally[VERDICT_DIFFERS] || unlike.unknown ? TOOL_DIFFERS : 0);
}
