// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/table.h"
#include "tools/tool.h"

#define COLUMNS_MAX	32
#define PLAIN		"\033[0m"

void table_cell(struct table *t, const char *fmt, ...)
{
	struct table_cell cell = { 0 };
	va_list args;

	va_start(args, fmt);
	t->cells = reallocarray(t->cells, t->cells_nr + 1, sizeof(cell));
	if (!t->cells || vasprintf(&cell.text, fmt, args) < 0) {
		tool_refuse("out of memory");
		exit(TOOL_CANNOT);
	}
	va_end(args);
	t->cells[t->cells_nr++] = cell;
}

void table_colour(struct table *t, const char *colour)
{
	t->cells[t->cells_nr - 1].colour = colour;
}

void table_end_row(struct table *t)
{
	while (t->cells_nr % t->columns_nr)
		table_cell(t, "%s", "");
}

static void measure(const struct table *t, int *width)
{
	size_t i;

	for (i = 0; i < t->columns_nr; i++) {
		width[i] = strlen(t->columns[i].title);
		if (width[i] < abs(t->columns[i].least))
			width[i] = abs(t->columns[i].least);
	}
	for (i = 0; i < t->cells_nr; i++)
		if ((int)strlen(t->cells[i].text) > width[i % t->columns_nr])
			width[i % t->columns_nr] = strlen(t->cells[i].text);
}

/* The upper line of the heading, if there is one. */
static void print_over(FILE *out, const struct table *t, const int *width)
{
	int indent = 0, printed = 0;
	size_t i, j;

	for (i = 0; i < t->columns_nr; i = j) {
		const char *over = t->columns[i].over;
		int span = width[i];

		for (j = i + 1; j < t->columns_nr && !t->columns[j].over; j++)
			span += t->columns[j].gap + width[j];
		indent += t->columns[i].gap;
		if (over && *over)
			printed = fprintf(out, "%*s%*s", indent, "", span, over);
		indent = over && *over ? 0 : indent + span;
	}
	if (printed)
		fputc('\n', out);
}

static void print_row(FILE *out, const struct table *t, const struct table_cell *cells,
		      const int *width)
{
	size_t i, last = t->columns_nr - 1;

	while (last && !*cells[last].text)
		last--;
	for (i = 0; i <= last; i++) {
		const char *colour = cells[i].colour;
		bool left = t->columns[i].least < 0;
		int room = left ? i == last ? 0 : -width[i] : width[i];

		fprintf(out, "%*s%s%*s%s", t->columns[i].gap, "", colour ? colour : "", room,
			cells[i].text, colour ? PLAIN : "");
	}
	fputc('\n', out);
}

void table_print(FILE *out, const struct table *t)
{
	struct table_cell titles[COLUMNS_MAX] = { 0 };
	int width[COLUMNS_MAX];
	size_t i;

	measure(t, width);
	print_over(out, t, width);
	for (i = 0; i < t->columns_nr; i++)
		titles[i].text = (char *)t->columns[i].title;
	print_row(out, t, titles, width);
	for (i = 0; i < t->cells_nr; i += t->columns_nr)
		print_row(out, t, &t->cells[i], width);
}
