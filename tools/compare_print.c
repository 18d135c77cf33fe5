// SPDX-License-Identifier: GPL-2.0-only
/* What compare writes: the table, CSV, JSON. */
#include <inttypes.h>
#include <string.h>

#include "tools/compare.h"
#include "tools/table.h"

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

	if (a == b)
		return true;
	return c->verdicts[a] != VERDICT_DIFFERS && c->verdicts[b] != VERDICT_DIFFERS &&
	       rows[a].why && rows[b].why && !strcmp(rows[a].why, rows[b].why);
}

static bool has_note(const struct comparison *c, size_t i)
{
	return c->log[HV].rows[i].why || c->verdicts[i] == VERDICT_DIFFERS;
}

/* Is this the first row with its note? */
static bool opens_note(const struct comparison *c, size_t i)
{
	size_t j;

	for (j = 0; !same_note(c, j, i); j++)
		;
	return j == i && has_note(c, i);
}

/* The number of the row's note, from 1; 0 if it needs none. */
static unsigned int note_of(const struct comparison *c, size_t i)
{
	unsigned int note = 0;
	size_t j;

	if (!has_note(c, i))
		return 0;
	for (j = 0; j <= i; j++) {
		note += opens_note(c, j);
		if (same_note(c, j, i))
			break;
	}
	return note;
}

static void cell_expect(struct table *t, const struct row *row, enum target target)
{
	table_cell(t, "%s%" PRIu64, row->sync ? "" : "<=", row->expect[target] * row->reps);
}

static void cell_exits(struct table *t, const struct row *row)
{
	if (row->check == CHECK_SKIP)
		table_cell(t, "-");
	else
		table_cell(t, "%" PRIu64, row->exits);
}

/* Per exit, rounded to the nearest. */
static void cell_cycles(struct table *t, uint64_t cycles, uint64_t exits)
{
	if (exits)
		table_cell(t, "%" PRIu64, cycles / exits + (cycles % exits >= exits - exits / 2));
	else
		table_cell(t, "-");
}

static void cell_ratio(struct table *t, const struct row *hv, const struct row *kvm)
{
	if (hv->exits && kvm->exits && hv->round_trip)
		table_cell(t, "%.2f", (double)kvm->round_trip / kvm->exits /
			   ((double)hv->round_trip / hv->exits));
	else
		table_cell(t, "-");
}

static void add_row(struct table *t, const struct comparison *c, size_t i, bool colour)
{
	static const char * const colours[VERDICTS] = {
		[VERDICT_EQUAL] = "\033[32m", [VERDICT_EXPLAINED] = "\033[36m",
		[VERDICT_BOUNDED] = "\033[32m", [VERDICT_SKIPPED] = "\033[33m",
		[VERDICT_DIFFERS] = "\033[1;31m",
	};
	const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];
	unsigned int note = note_of(c, i);
	enum verdict v = c->verdicts[i];

	table_cell(t, "%s", hv->name);
	table_cell(t, "%2" PRIu64 " %s", hv->reason, exit_acct_name(hv->reason));
	table_cell(t, "%s", kind_name(hv));
	cell_expect(t, hv, HV);
	cell_expect(t, kvm, KVM);
	cell_exits(t, hv);
	cell_exits(t, kvm);
	table_cell(t, "%s", v == VERDICT_DIFFERS ? "DIFFERS" : verdict_names[v]);
	table_colour(t, colour ? colours[v] : NULL);
	cell_cycles(t, hv->handler, hv->exits);
	cell_cycles(t, kvm->handler, kvm->exits);
	cell_cycles(t, hv->round_trip, hv->exits);
	cell_cycles(t, kvm->round_trip, kvm->exits);
	cell_ratio(t, hv, kvm);
	table_cell(t, note ? "[%u]" : "", note);
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

static void print_note(FILE *out, const struct comparison *c, size_t i)
{
	const struct row *hv = &c->log[HV].rows[i];
	size_t j;

	fprintf(out, "[%u] %s", note_of(c, i), hv->name);
	for (j = i + 1; j < c->log[HV].rows_nr; j++)
		if (same_note(c, i, j))
			fprintf(out, ", %s", c->log[HV].rows[j].name);
	fputc(':', out);
	if (c->verdicts[i] == VERDICT_DIFFERS) {
		print_fault(out, hv, HV);
		print_fault(out, &c->log[KVM].rows[i], KVM);
	}
	if (hv->why)
		fprintf(out, " %s", hv->why);
	fputc('\n', out);
}

void print_table(FILE *out, const struct comparison *c, bool colour)
{
	size_t i, rows = c->log[HV].rows_nr;
	struct table t = TABLE(columns);
	int j;

	fprintf(out, "VM exits of one guest on two hypervisors, times in %s per exit\n",
		log_unit(c->log[HV].clock));
	for (j = 0; j < TARGETS; j++)
		fprintf(out, "%-4s machine=%s clock=%s leaves=%s\n", target_titles[j],
			c->log[j].machine, c->log[j].clock, c->log[j].leaves);
	fputc('\n', out);
	for (i = 0; i < rows; i++)
		add_row(&t, c, i, colour);
	table_print(out, &t);
	fputc('\n', out);
	for (i = 0; i < rows; i++)
		if (opens_note(c, i))
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

void print_csv(FILE *out, const void *comparison)
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

void print_json(FILE *out, const void *comparison)
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
