/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables: rows are lines, cells are separated by tabs, and come as they are printed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct column {
	/* A heading above this column and those behind it that have NULL; "": none. */
	const char *over, *title;
	int least;			/* width, at least; as printf's, below 0: to the left */
	int gap;			/* blanks before it; below 0: not for a terminal */
};

struct table {
	const struct column *columns;
	size_t columns_nr;
	FILE *rows;			/* what is written here is in it */
	char *text;
	size_t size;
};

#define TABLE(t, columns)	table_open(t, columns, sizeof(columns) / sizeof((columns)[0]))

/** table_open - a table without rows; returns where to write them */
FILE *table_open(struct table *t, const struct column *columns, size_t nr);

/** table_close - the rows, as one text; they can only be read from here on */
char *table_close(struct table *t);

/**
 * table_cell - the cell at @*at, which is set to the next one's begin
 * @length: receives how many bytes it has
 *
 * Behind the last one of a row cells are empty, until table_row() is asked.
 */
const char *table_cell(const char **at, int *length);

/** table_row - go to the next row; false if there is none */
bool table_row(const char **at);

/** table_print - for people: columns as wide as they must be, no blanks at the end of a line */
void table_print(FILE *out, struct table *t);
