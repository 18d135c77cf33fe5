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

enum { EXIT_EQUAL, EXIT_DIFFERS };

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

struct comparison {
	struct log log[TARGETS];	/* the same rows in both, in the same order */
	enum verdict *verdicts;		/* one for each row */
	unsigned int *notes;
	size_t tally[VERDICTS];
};

static const char usage[] =
"usage: compare [--csv FILE] [--json FILE] [--color=auto|always|never] HV.LOG KVM.LOG\n"
"\n"
"Compares two logs of the shared guest, row by row, and prints a table.\n"
"\n"
"  --csv FILE	write the rows as CSV too\n"
"  --json FILE	write everything as JSON too\n"
"  --color=WHEN	auto (default): on a terminal, and if NO_COLOR is not set\n"
"\n"
"Exit code: 0 every row is as expected on both, 1 some row differs, 2 the logs\n"
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

static enum verdict judge(const struct row *hv, const struct row *kvm)
{
	if (hv->check == CHECK_SKIP && kvm->check == CHECK_SKIP)
		return VERDICT_SKIPPED;
	if (!row_met(hv, HV) || !row_met(kvm, KVM))
		return VERDICT_DIFFERS;
	if (!hv->sync)
		return VERDICT_BOUNDED;
	return hv->expect[HV] == hv->expect[KVM] ? VERDICT_EQUAL : VERDICT_EXPLAINED;
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
	size_t i, j;

	for (i = 0; i < log->rows_nr; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(log->rows[i].name, log->rows[j].name))
				return tool_refuse("%s:%u: row %s was there before, on line %u",
						   log->rec.file, log->rows[i].line,
						   log->rows[i].name, log->rows[j].line);
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

static const char *kind_name(const struct row *row)
{
	return row->sync ? "sync" : "async";
}

/* Rows with the same reason share a note; one that differs has its own. */
static bool same_note(const struct comparison *c, size_t a, size_t b)
{
	const struct row *rows = c->log[HV].rows;

	return c->verdicts[a] != VERDICT_DIFFERS && c->verdicts[b] != VERDICT_DIFFERS &&
	       rows[a].why && rows[b].why && !strcmp(rows[a].why, rows[b].why);
}

/* Number the notes, from 1; 0 for a row that needs none. */
static void number_notes(struct comparison *c)
{
	unsigned int notes = 0;
	size_t i, j;

	for (i = 0; i < c->log[HV].rows_nr; i++) {
		if (!c->log[HV].rows[i].why && c->verdicts[i] != VERDICT_DIFFERS)
			continue;
		for (j = 0; j < i && !same_note(c, i, j); j++)
			;
		c->notes[i] = j < i ? c->notes[j] : ++notes;
	}
}

/* Per exit, rounded to the nearest. */
static void add_cycles(FILE *t, uint64_t cycles, uint64_t exits)
{
	if (exits)
		fprintf(t, "%" PRIu64 "\t",
			cycles / exits + (cycles % exits >= exits - exits / 2));
	else
		fputs("-\t", t);
}

static void add_row(FILE *t, const struct comparison *c, size_t i, bool colour)
{
	static const char * const colours[VERDICTS] = {
		[VERDICT_EQUAL] = "\033[32m", [VERDICT_EXPLAINED] = "\033[36m",
		[VERDICT_BOUNDED] = "\033[32m", [VERDICT_SKIPPED] = "\033[33m",
		[VERDICT_DIFFERS] = "\033[1;31m",
	};
	const struct row *rows[] = { &c->log[HV].rows[i], &c->log[KVM].rows[i] };
	const struct row *hv = rows[HV], *kvm = rows[KVM];
	enum verdict v = c->verdicts[i];
	int j;

	fprintf(t, "%s\t%2" PRIu64 " %s\t%s\t", hv->name, hv->reason, exit_acct_name(hv->reason),
		kind_name(hv));
	for (j = 0; j < TARGETS; j++)
		fprintf(t, "%s%" PRIu64 "\t", hv->sync ? "" : "<=", hv->expect[j] * hv->reps);
	for (j = 0; j < TARGETS; j++)
		fprintf(t, rows[j]->check == CHECK_SKIP ? "-\t" : "%" PRIu64 "\t",
			rows[j]->exits);
	fprintf(t, "%s%s%s\t", colour ? colours[v] : "",
		v == VERDICT_DIFFERS ? "DIFFERS" : verdict_names[v], colour ? "\033[0m" : "");
	for (j = 0; j < TARGETS; j++)
		add_cycles(t, rows[j]->handler, rows[j]->exits);
	for (j = 0; j < TARGETS; j++)
		add_cycles(t, rows[j]->round_trip, rows[j]->exits);
	if (hv->exits && kvm->exits && hv->round_trip)
		fprintf(t, "%.2f\t", (double)kvm->round_trip / kvm->exits /
			((double)hv->round_trip / hv->exits));
	else
		fputs("-\t", t);
	fprintf(t, c->notes[i] ? "[%u]\n" : "\n", c->notes[i]);
}

/* What a row that differs got wrong, on one target. */
static void print_fault(FILE *out, const struct row *row, enum target t)
{
	if (row->check == CHECK_FAIL)
		fprintf(out, " On %s the operation did not do what it should.", target_titles[t]);
	else if (row->check == CHECK_SKIP)
		fprintf(out, " On %s it was skipped.", target_titles[t]);
	else if (!row_met(row, t))
		fprintf(out, " %s raised %" PRIu64 " exits, expected %s%" PRIu64 ".",
			target_titles[t], row->exits, row->sync ? "" : "at most ",
			row->expect[t] * row->reps);
}

/* If @i is the first row with its note. */
static void print_note(FILE *out, const struct comparison *c, size_t i)
{
	const struct row *hv = &c->log[HV].rows[i];
	size_t j;

	for (j = 0; j < i; j++)
		if (c->notes[j] == c->notes[i])
			return;
	fprintf(out, "[%u] %s", c->notes[i], hv->name);
	for (j = i + 1; j < c->log[HV].rows_nr; j++)
		if (c->notes[j] == c->notes[i])
			fprintf(out, ", %s", c->log[HV].rows[j].name);
	fputc(':', out);
	if (c->verdicts[i] == VERDICT_DIFFERS) {
		print_fault(out, hv, HV);
		print_fault(out, &c->log[KVM].rows[i], KVM);
	}
	fprintf(out, "%s%s\n", hv->why ? " " : "", hv->why ? hv->why : "");
}

static void print_table(FILE *out, const struct comparison *c, bool colour)
{
	size_t i, rows = c->log[HV].rows_nr;
	struct table t;
	int j;

	TABLE(&t, columns);
	fprintf(out, "VM exits of one guest on two hypervisors, times in %s per exit\n",
		log_unit(c->log[HV].clock));
	for (j = 0; j < TARGETS; j++)
		fprintf(out, "%-4s machine=%s clock=%s leaves=%s\n", target_titles[j],
			c->log[j].machine, c->log[j].clock, c->log[j].leaves);
	fputc('\n', out);
	for (i = 0; i < rows; i++)
		add_row(t.rows, c, i, colour);
	table_print(out, &t);
	fputc('\n', out);
	for (i = 0; i < rows; i++)
		if (c->notes[i])
			print_note(out, c, i);
	fprintf(out, "\n%zu rows: ", rows);
	for (j = 0; j < VERDICTS; j++)
		fprintf(out, "%zu %s%s", c->tally[j], verdict_names[j],
			j + 1 < VERDICTS ? ", " : "\n");
}

/* Fields with text of people's own are quoted, numbers and words are not. */
static void csv_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; text && *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputs("\"\n", out);
}

static void print_csv(FILE *out, const void *comparison)
{
	const struct comparison *c = comparison;
	size_t i, j;

	fputs("version,clock,name,reason,reason_name,kind,reps,expect_hv,expect_kvm,exits_hv,"
	      "exits_kvm,verdict,handler_hv,handler_kvm,round_trip_hv,round_trip_kvm,tsc_hv,"
	      "tsc_kvm,other_hv,other_kvm,check_hv,check_kvm,why\n", out);
	for (i = 0; i < c->log[HV].rows_nr; i++) {
		const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];
		const uint64_t counts[] = {
			hv->reps, hv->expect[HV], hv->expect[KVM], hv->exits, kvm->exits,
		}, times[] = {
			hv->handler, kvm->handler, hv->round_trip, kvm->round_trip, hv->tsc,
			kvm->tsc, hv->other, kvm->other,
		};

		fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,", COMPARE_VERSION, c->log[HV].clock,
			hv->name, hv->reason, exit_acct_name(hv->reason), kind_name(hv));
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			fprintf(out, "%" PRIu64 ",", counts[j]);
		fprintf(out, "%s,", verdict_names[c->verdicts[i]]);
		for (j = 0; j < sizeof(times) / sizeof(times[0]); j++)
			fprintf(out, "%" PRIu64 ",", times[j]);
		fprintf(out, "%s,%s,", check_names[hv->check], check_names[kvm->check]);
		csv_text(out, hv->why);
	}
}

static void json_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char ch = *text;

		if (ch == '"' || ch == '\\')
			fprintf(out, "\\%c", ch);
		else
			fprintf(out, ch < 0x20 ? "\\u%04x" : "%c", ch);
	}
	fputc('"', out);
}

static void json_run(FILE *out, const char *key, const struct log *log)
{
	fprintf(out, "  \"%s\": {\"machine\": ", key);
	json_text(out, log->machine);
	fputs(", \"leaves\": ", out);
	json_text(out, log->leaves);
	fputs("},\n", out);
}

static void json_half(FILE *out, const char *key, const struct row *row, enum target t)
{
	fprintf(out, "     \"%s\": {\"expect\": %" PRIu64 ", \"exits\": %" PRIu64
		", \"handler\": %" PRIu64 ", \"round_trip\": %" PRIu64 ", \"tsc\": %" PRIu64
		", \"other\": %" PRIu64 ", \"check\": \"%s\"}", key, row->expect[t], row->exits,
		row->handler, row->round_trip, row->tsc, row->other, check_names[row->check]);
}

static void print_json(FILE *out, const void *comparison)
{
	const struct comparison *c = comparison;
	size_t i, rows = c->log[HV].rows_nr;
	int j;

	fprintf(out, "{\n  \"version\": %d,\n  \"clock\": \"%s\",\n  \"unit\": \"%s\",\n",
		COMPARE_VERSION, c->log[HV].clock, log_unit(c->log[HV].clock));
	for (j = 0; j < TARGETS; j++)
		json_run(out, target_names[j], &c->log[j]);
	fputs("  \"rows\": [\n", out);
	for (i = 0; i < rows; i++) {
		const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];

		fputs("    {\"name\": ", out);
		json_text(out, hv->name);
		fprintf(out, ", \"reason\": %" PRIu64 ", \"reason_name\": \"%s\"", hv->reason,
			exit_acct_name(hv->reason));
		fprintf(out, ", \"kind\": \"%s\", \"reps\": %" PRIu64 ", \"verdict\": \"%s\",\n",
			kind_name(hv), hv->reps, verdict_names[c->verdicts[i]]);
		json_half(out, "hv", hv, HV);
		fputs(",\n", out);
		json_half(out, "kvm", kvm, KVM);
		fputs(",\n     \"why\": ", out);
		if (hv->why)
			json_text(out, hv->why);
		else
			fputs("null", out);
		fprintf(out, "}%s\n", i + 1 < rows ? "," : "");
	}
	fputs("  ],\n  \"summary\": {", out);
	for (j = 0; j < VERDICTS; j++)
		fprintf(out, "\"%s\": %zu%s", verdict_names[j], c->tally[j],
			j + 1 < VERDICTS ? ", " : "}\n}\n");
}

int main(int argc, char **argv)
{
	const char *csv = NULL, *json = NULL, *when = "auto", *no_color = getenv("NO_COLOR");
	const struct tool_option options[] = {
		{ "csv", &csv, NULL }, { "json", &json, NULL }, { "color", &when, NULL }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	struct comparison c = { 0 };
	enum target t;
	size_t i;

	if (argc - first != TARGETS || (strcmp(when, "auto") && strcmp(when, "always") &&
					strcmp(when, "never"))) {
		tool_refuse("two logs are needed, hv's and KVM's; --help says more");
		return TOOL_CANNOT;
	}
	for (t = 0; t < TARGETS; t++) {
		c.log[t] = (struct log){
			.rec.file = argv[first + t], .target = t, .counted = true
		};
		if (!log_read_rows(&c.log[t]) || !unique(&c.log[t]))
			return TOOL_CANNOT;
	}
	if (!comparable(&c))
		return TOOL_CANNOT;
	c.verdicts = calloc(c.log[HV].rows_nr, sizeof(*c.verdicts));
	c.notes = calloc(c.log[HV].rows_nr, sizeof(*c.notes));
	if (!c.verdicts || !c.notes)
		return TOOL_CANNOT;
	for (i = 0; i < c.log[HV].rows_nr; i++) {
		c.verdicts[i] = judge(&c.log[HV].rows[i], &c.log[KVM].rows[i]);
		c.tally[c.verdicts[i]]++;
	}
	number_notes(&c);
	if (!tool_write(csv, print_csv, &c) || !tool_write(json, print_json, &c))
		return TOOL_CANNOT;
	print_table(stdout, &c, !strcmp(when, "always") || (!strcmp(when, "auto") &&
		    isatty(STDOUT_FILENO) && !(no_color && *no_color)));
	return tool_leave(c.tally[VERDICT_DIFFERS] ? EXIT_DIFFERS : EXIT_EQUAL);
}
