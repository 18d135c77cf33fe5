/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people. */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct column {
	/* A heading above this column and those behind it that have NULL; "": none. */
	const char *over, *title;
	int least;			/* width, at least; as printf's, below 0: to the left */
	int gap;			/* blanks before it */
};

struct table {
	const struct column *columns;
	size_t columns_nr;
	struct table_cell {
		char *text;
		const char *colour;	/* escape sequence, or NULL */
	} *cells;
	size_t cells_nr;
};

#define TABLE(columns)	{ columns, sizeof(columns) / sizeof((columns)[0]), NULL, 0 }

/** table_cell - the next cell; a row begins where the one before is full */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** table_colour - the last cell's */
void table_colour(struct table *t, const char *colour);

/** table_end_row - leave the rest of the row empty */
void table_end_row(struct table *t);

/** table_print - columns as wide as they must be, no blanks at the end of a line */
void table_print(FILE *out, const struct table *t);

#endif /* TOOLS_TABLE_H */
