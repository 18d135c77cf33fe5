// SPDX-License-Identifier: GPL-2.0-only
/* A verdict for the terminal, for programs, for Gradescope and as a page. */
#include <string.h>
#include "lab/verdict/rubric.h"

/* What is graded, one after the other; of a criterion that nothing is known of, that. */
static const struct finding *graded(const struct verdict *v, enum criterion c)
{
	static const struct finding nothing = {
		.state = STATE_SKIPPED, .sentence = "not looked at",
	};

	if (!v->rubric->graded[c])
		return NULL;
	return v->findings->of[c].state == STATE_NONE ? &nothing : &v->findings->of[c];
}

static unsigned int points_of(const struct verdict *v, enum criterion c)
{
	return graded(v, c)->state == STATE_OK ? v->rubric->points[c] : 0;
}

void verdict_text(FILE *out, const void *verdict)
{
	const struct verdict *v = verdict;
	const struct finding *f;
	enum criterion c;
	size_t i;

	for (c = 0; c < CRITERIA_NR; c++) {
		f = graded(v, c);
		if (!f)
			continue;
		if (f->state == STATE_SKIPPED)
			fprintf(out, "%-15s  - of %3u  ", criterion_id(c), v->rubric->points[c]);
		else
			fprintf(out, "%-15s%3u of %3u  ", criterion_id(c), points_of(v, c),
				v->rubric->points[c]);
		fprintf(out, "%s\n", f->sentence);
		for (i = 0; f->state == STATE_LOST && i < f->evidence_nr; i++)
			fprintf(out, "%28s%s\n", "", f->evidence[i]);
	}
	fprintf(out, "%-15s%3u of %3u", "points", v->points, v->of);
	if (v->skipped)
		fprintf(out, "  (%u more are for what was not looked at)", v->skipped);
	fputc('\n', out);
}

/* A string of JSON; what a hand-in has printed may be no UTF-8. */
static void json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void json_evidence(FILE *out, const struct finding *f)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < f->evidence_nr; i++) {
		fputs(i ? ", " : "", out);
		json_string(out, f->evidence[i]);
	}
	fputc(']', out);
}

void verdict_json(FILE *out, const void *verdict)
{
	const struct verdict *v = verdict;
	const char *comma = "";
	enum criterion c;

	fprintf(out, "{\n  \"submission\": ");
	json_string(out, v->name);
	fprintf(out, ",\n  \"points\": %u,\n  \"of\": %u,\n  \"not_looked_at\": %u,\n  "
	"\"criteria\": [",
		v->points, v->of, v->skipped);
	for (c = 0; c < CRITERIA_NR; c++) {
		const struct finding *f = graded(v, c);

		if (!f)
			continue;
		fprintf(out, "%s\n    {\"id\": \"%s\", \"state\": \"%s\", \"points\": %u, "
		"\"of\": %u, "
			"\"sentence\": ", comma, criterion_id(c), state_name(f->state),
			points_of(v, c), v->rubric->points[c]);
		json_string(out, f->sentence);
		fputs(", \"evidence\": ", out);
		json_evidence(out, f);
		fputc('}', out);
		comma = ",";
	}
	fputs("\n  ]\n}\n", out);
}

/* Source: Gradescope "Autograder Specifications", section "Output format". */
void verdict_gradescope(FILE *out, const void *verdict)
{
	const struct verdict *v = verdict;
	const char *comma = "";
	enum criterion c;
	size_t i;

	fprintf(out, "{\n  \"score\": %u,\n  \"output\": \"%u of %u points\",\n  \"tests\": [",
		v->points, v->points, v->of);
	for (c = 0; c < CRITERIA_NR; c++) {
		const struct finding *f = graded(v, c);
		char text[(EVIDENCE_MAX + 1) * (SENTENCE_BYTES + 1)];
		size_t length;

		if (!f || f->state == STATE_SKIPPED)
			continue;
		length = snprintf(text, sizeof(text), "%s", f->sentence);
		for (i = 0; f->state == STATE_LOST && i < f->evidence_nr; i++)
			length += snprintf(text + length, sizeof(text) - length, " | %s",
					   f->evidence[i]);
		fprintf(out, "%s\n    {\"name\": ", comma);
		json_string(out, v->rubric->words[c][0] ? v->rubric->words[c] : criterion_id(c));
		fprintf(out, ", \"score\": %u, \"max_score\": %u, \"status\": \"%s\", \"output\": ",
			points_of(v, c), v->rubric->points[c],
			f->state == STATE_OK ? "passed" : "failed");
		json_string(out, text);
		fputc('}', out);
		comma = ",";
	}
	fputs("\n  ]\n}\n", out);
}

/* In a cell of a table: a bar would end it, and what looks like markup is what was printed. */
static void cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|\\`*_<[", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

void verdict_markdown(FILE *out, const void *verdict)
{
	const struct verdict *v = verdict;
	enum criterion c;
	size_t i;

	fputs("# ", out);
	cell(out, v->name);
	fprintf(out, "\n\n%u of %u points", v->points, v->of);
	if (v->skipped)
		fprintf(out, "; %u more are for what was not looked at", v->skipped);
	fputs("\n\n| criterion | points | |\n|---|---|---|\n", out);
	for (c = 0; c < CRITERIA_NR; c++) {
		const struct finding *f = graded(v, c);

		if (!f)
			continue;
		fprintf(out, "| %s | ", criterion_id(c));
		if (f->state == STATE_SKIPPED)
			fprintf(out, "- of %u | ", v->rubric->points[c]);
		else
			fprintf(out, "%u of %u | ", points_of(v, c), v->rubric->points[c]);
		cell(out, f->sentence);
		fputs(" |\n", out);
	}
	for (c = 0; c < CRITERIA_NR; c++) {
		const struct finding *f = graded(v, c);

		if (!f || !f->evidence_nr)
			continue;
		fprintf(out, "\n## %s\n\n", criterion_id(c));
		for (i = 0; i < f->evidence_nr; i++) {
			fputs("- ", out);
			cell(out, f->evidence[i]);
			fputc('\n', out);
		}
	}
}
