// SPDX-License-Identifier: GPL-2.0-only
/* What compare writes: the table, CSV, JSON. */
#include <inttypes.h>
#include <string.h>

#include "tools/compare.h"

#define CELL_MAX	48

enum column {
	OPERATION, REASON, KIND, EXPECT_HV, EXPECT_KVM, EXITS_HV, EXITS_KVM, VERDICT,
	HANDLER_HV, HANDLER_KVM, TRIP_HV, TRIP_KVM, RATIO, NOTE, COLUMNS
};

/* Two lines of heading; an upper one spans the pair of columns that it begins. */
static const struct {
	const char *upper, *lower;
	bool left;
} columns[COLUMNS] = {
	[OPERATION] = { "", "operation", true },
	[REASON] = { "", "exit reason", true },
	[KIND] = { "", "kind", true },
	[EXPECT_HV] = { "expected", "hv", false }, [EXPECT_KVM] = { NULL, "KVM", false },
	[EXITS_HV] = { "exits", "hv", false }, [EXITS_KVM] = { NULL, "KVM", false },
	[VERDICT] = { "", "verdict", true },
	[HANDLER_HV] = { "handler", "hv", false }, [HANDLER_KVM] = { NULL, "KVM", false },
	[TRIP_HV] = { "round trip", "hv", false }, [TRIP_KVM] = { NULL, "KVM", false },
	[RATIO] = { "", "KVM/hv", false },
	[NOTE] = { "", "note", true },
};

static const char *unit(const struct comparison *c)
{
	return strcmp(c->log[HV].clock, "emulated") ? "cycles" : "emulated ticks";
}

static void cell_expect(char *cell, const struct row *row, enum target t)
{
	snprintf(cell, CELL_MAX, "%s%" PRIu64, row->sync ? "" : "<=", row->expect[t] * row->reps);
}

static void cell_exits(char *cell, const struct row *row)
{
	if (row->check == CHECK_SKIP)
		strcpy(cell, "-");
	else
		snprintf(cell, CELL_MAX, "%" PRIu64, row->exits);
}

/* Per exit, rounded to the nearest. */
static void cell_cycles(char *cell, uint64_t cycles, uint64_t exits)
{
	if (exits)
		snprintf(cell, CELL_MAX, "%" PRIu64,
			 cycles / exits + (cycles % exits >= exits - exits / 2));
	else
		strcpy(cell, "-");
}

static void cell_ratio(char *cell, const struct row *hv, const struct row *kvm)
{
	if (hv->exits && kvm->exits && hv->round_trip)
		snprintf(cell, CELL_MAX, "%.2f", (double)kvm->round_trip / kvm->exits /
			 ((double)hv->round_trip / hv->exits));
	else
		strcpy(cell, "-");
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

static void fill(const struct comparison *c, size_t i, char cells[COLUMNS][CELL_MAX])
{
	const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];
	unsigned int note = note_of(c, i);

	snprintf(cells[OPERATION], CELL_MAX, "%s", hv->name);
	snprintf(cells[REASON], CELL_MAX, "%2" PRIu64 " %s", hv->reason, reason_name(hv->reason));
	snprintf(cells[KIND], CELL_MAX, "%s", hv->sync ? "sync" : "async");
	cell_expect(cells[EXPECT_HV], hv, HV);
	cell_expect(cells[EXPECT_KVM], kvm, KVM);
	cell_exits(cells[EXITS_HV], hv);
	cell_exits(cells[EXITS_KVM], kvm);
	snprintf(cells[VERDICT], CELL_MAX, "%s", c->verdicts[i] == VERDICT_DIFFERS ?
		 "DIFFERS" : verdict_names[c->verdicts[i]]);
	cell_cycles(cells[HANDLER_HV], hv->handler, hv->exits);
	cell_cycles(cells[HANDLER_KVM], kvm->handler, kvm->exits);
	cell_cycles(cells[TRIP_HV], hv->round_trip, hv->exits);
	cell_cycles(cells[TRIP_KVM], kvm->round_trip, kvm->exits);
	cell_ratio(cells[RATIO], hv, kvm);
	if (note)
		snprintf(cells[NOTE], CELL_MAX, "[%u]", note);
	else
		cells[NOTE][0] = '\0';
}

static void print_heading(FILE *out, const int *width)
{
	int i, indent = 0;

	for (i = 0; i < COLUMNS; i++) {
		int span = width[i];

		if (!columns[i].upper)
			continue;
		if (i + 1 < COLUMNS && !columns[i + 1].upper)
			span += 2 + width[i + 1];
		if (*columns[i].upper) {
			fprintf(out, "%*s%*s", indent, "", span, columns[i].upper);
			indent = 2;
		} else {
			indent += span + 2;
		}
	}
	fputc('\n', out);
	for (i = 0; i < NOTE; i++)
		fprintf(out, "%*s  ", columns[i].left ? -width[i] : width[i], columns[i].lower);
	fprintf(out, "%s\n", columns[NOTE].lower);
}

static const char *colour_of(enum verdict v)
{
	static const char * const colours[VERDICTS] = {
		[VERDICT_EQUAL] = "\033[32m", [VERDICT_EXPLAINED] = "\033[36m",
		[VERDICT_BOUNDED] = "\033[32m", [VERDICT_SKIPPED] = "\033[33m",
		[VERDICT_DIFFERS] = "\033[1;31m",
	};

	return colours[v];
}

static void print_row(FILE *out, char cells[COLUMNS][CELL_MAX], const int *width,
		      const char *colour)
{
	int i, last = *cells[NOTE] ? NOTE : RATIO;

	for (i = 0; i <= last; i++) {
		bool coloured = colour && i == VERDICT;

		if (coloured)
			fputs(colour, out);
		/* No blanks at the end of a line. */
		if (i == last && columns[i].left)
			fputs(cells[i], out);
		else
			fprintf(out, "%*s", columns[i].left ? -width[i] : width[i], cells[i]);
		if (coloured)
			fputs("\033[0m", out);
		if (i < last)
			fputs("  ", out);
	}
	fputc('\n', out);
}

/* What a row that differs got wrong, on one target. */
static void print_fault(FILE *out, const struct row *row, enum target t)
{
	static const char * const names[TARGETS] = { "hv", "KVM" };

	if (row->check == CHECK_FAIL)
		fprintf(out, " On %s the operation did not do what it should.", names[t]);
	else if (row->check == CHECK_SKIP)
		fprintf(out, " On %s it was skipped.", names[t]);
	else if (!row_met(row, t))
		fprintf(out, " %s raised %" PRIu64 " exits, expected %s%" PRIu64 ".", names[t],
			row->exits, row->sync ? "" : "at most ", row->expect[t] * row->reps);
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
	char cells[COLUMNS][CELL_MAX];
	int width[COLUMNS], j;

	for (j = 0; j < COLUMNS; j++)
		width[j] = strlen(columns[j].lower);
	for (i = 0; i < rows; i++) {
		fill(c, i, cells);
		for (j = 0; j < COLUMNS; j++)
			if ((int)strlen(cells[j]) > width[j])
				width[j] = strlen(cells[j]);
	}
	fprintf(out, "VM exits of one guest on two hypervisors, times in %s per exit\n", unit(c));
	for (j = 0; j < TARGETS; j++)
		fprintf(out, "%-4s machine=%s clock=%s leaves=%s\n", j == HV ? "hv" : "KVM",
			c->log[j].machine, c->log[j].clock, c->log[j].leaves);
	fputc('\n', out);
	print_heading(out, width);
	for (i = 0; i < rows; i++) {
		fill(c, i, cells);
		print_row(out, cells, width, colour ? colour_of(c->verdicts[i]) : NULL);
	}
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
	fputc('"', out);
}

static const char *check_name(enum check check)
{
	static const char * const names[] = {
		[CHECK_OK] = "ok", [CHECK_SKIP] = "skip", [CHECK_FAIL] = "fail"
	};

	return names[check];
}

void print_csv(FILE *out, const struct comparison *c)
{
	size_t i;

	fputs("version,clock,name,reason,reason_name,kind,reps,expect_hv,expect_kvm,exits_hv,"
	      "exits_kvm,verdict,handler_hv,handler_kvm,round_trip_hv,round_trip_kvm,tsc_hv,"
	      "tsc_kvm,other_hv,other_kvm,check_hv,check_kvm,why\n", out);
	for (i = 0; i < c->log[HV].rows_nr; i++) {
		const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];

		fprintf(out, "%d,%s,%s,%" PRIu64 ",%s,%s,", COMPARE_VERSION, c->log[HV].clock,
			hv->name, hv->reason, reason_name(hv->reason), hv->sync ? "sync" : "async");
		fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s,",
			hv->reps, hv->expect[HV], hv->expect[KVM], hv->exits, kvm->exits,
			verdict_names[c->verdicts[i]]);
		fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", hv->handler,
			kvm->handler, hv->round_trip, kvm->round_trip);
		fprintf(out, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", hv->tsc, kvm->tsc,
			hv->other, kvm->other);
		fprintf(out, "%s,%s,", check_name(hv->check), check_name(kvm->check));
		csv_text(out, hv->why);
		fputc('\n', out);
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
		row->handler, row->round_trip, row->tsc, row->other, check_name(row->check));
}

void print_json(FILE *out, const struct comparison *c)
{
	size_t i, rows = c->log[HV].rows_nr;
	int j;

	fprintf(out, "{\n  \"version\": %d,\n  \"clock\": \"%s\",\n  \"unit\": \"%s\",\n",
		COMPARE_VERSION, c->log[HV].clock, unit(c));
	for (j = 0; j < TARGETS; j++)
		json_run(out, target_names[j], &c->log[j]);
	fputs("  \"rows\": [\n", out);
	for (i = 0; i < rows; i++) {
		const struct row *hv = &c->log[HV].rows[i], *kvm = &c->log[KVM].rows[i];

		fputs("    {\"name\": ", out);
		json_text(out, hv->name);
		fprintf(out, ", \"reason\": %" PRIu64 ", \"reason_name\": \"%s\"", hv->reason,
			reason_name(hv->reason));
		fprintf(out, ", \"kind\": \"%s\", \"reps\": %" PRIu64 ", \"verdict\": \"%s\",\n",
			hv->sync ? "sync" : "async", hv->reps, verdict_names[c->verdicts[i]]);
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
