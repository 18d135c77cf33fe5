// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tools/table.h"
#include "tools/tool.h"

#define COLUMNS_MAX	32

FILE *table_open(struct table *t, const struct column *columns, size_t nr)
{
	*t = (struct table){ .columns = columns, .columns_nr = nr };
	return t->rows = tool_memory(open_memstream(&t->text, &t->size));
}

char *table_close(struct table *t)
{
	if (t->rows)
		fclose(t->rows);
	t->rows = NULL;
	return t->text;
}

const char *table_cell(const char **at, int *length)
{
	const char *cell = *at;

	*length = strcspn(cell, "\t\n");
	*at += *length + (cell[*length] == '\t');
	return cell;
}

bool table_row(const char **at)
{
	*at += strcspn(*at, "\n");
	*at += **at == '\n';
	return **at;
}

/* Columns that a cell takes: colours, from ESC to m, take none. */
static int width_of(const char *cell, int length)
{
	int width = 0, i;

	for (i = 0; i < length; i++) {
		if (cell[i] == '\033')
			i += strcspn(cell + i, "m");
		else
			width++;
	}
	return width;
}

static void measure(const struct table *t, int *width)
{
	const char *at = t->text, *cell;
	int length;
	size_t i;

	for (i = 0; i < t->columns_nr; i++) {
		width[i] = strlen(t->columns[i].title);
		if (width[i] < abs(t->columns[i].least))
			width[i] = abs(t->columns[i].least);
	}
	for (bool more = *at; more; more = table_row(&at)) {
		for (i = 0; i < t->columns_nr; i++) {
			cell = table_cell(&at, &length);
			if (width_of(cell, length) > width[i])
				width[i] = width_of(cell, length);
		}
	}
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
			if (t->columns[j].gap >= 0)
				span += t->columns[j].gap + width[j];
		if (t->columns[i].gap < 0)
			continue;
		indent += t->columns[i].gap;
		if (over && *over)
			printed = fprintf(out, "%*s%*s", indent, "", span, over);
		indent = over && *over ? 0 : indent + span;
	}
	if (printed)
		fputc('\n', out);
}

/* Blanks are due: they are printed when something comes behind them. */
static void print_cell(FILE *out, const struct column *c, int width, const char *cell, int length,
		       int *due)
{
	int blanks = width - width_of(cell, length);

	if (c->gap < 0)
		return;
	*due += c->gap + (c->least < 0 ? 0 : blanks);
	if (length) {
		fprintf(out, "%*s%.*s", *due, "", length, cell);
		*due = 0;
	}
	*due += c->least < 0 ? blanks : 0;
}

void table_print(FILE *out, struct table *t)
{
	const char *at = table_close(t), *cell;
	int width[COLUMNS_MAX], due = 0, length;
	size_t i;

	measure(t, width);
	print_over(out, t, width);
	for (i = 0; i < t->columns_nr; i++)
		print_cell(out, &t->columns[i], width[i], t->columns[i].title,
			   strlen(t->columns[i].title), &due);
	fputc('\n', out);
	for (bool more = *at; more; more = table_row(&at)) {
		due = 0;
		for (i = 0; i < t->columns_nr; i++) {
			cell = table_cell(&at, &length);
			print_cell(out, &t->columns[i], width[i], cell, length, &due);
		}
		fputc('\n', out);
	}
	free(t->text);
}
