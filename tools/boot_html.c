// SPDX-License-Identifier: GPL-2.0-only
/* Text and tables as HTML, and the same without it for a terminal. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_report.h"

void page_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text >= ' ' || *text == '\n')
			fputc(*text, out);
	}
}

/* Take the tags out of @text, and write what was written by name as it is. */
static void make_plain(char *text)
{
	static const struct {
		const char *name, *text;
	} entities[] = {
		{ "&times;", "x" }, { "&minus;", "-" }, { "&nbsp;", " " }, { "&rsquo;", "'" },
		{ "&hellip;", "..." }, { "&lt;", "<" }, { "&quot;", "\"" }, { "&amp;", "&" },
	};
	char *to = text;
	size_t i;

	while (*text) {
		if (*text == '<') {
			text += strcspn(text, ">");
			text += *text == '>';
			continue;
		}
		for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
			if (!strncmp(text, entities[i].name, strlen(entities[i].name)))
				break;
		if (i == sizeof(entities) / sizeof(entities[0])) {
			*to++ = *text++;
			continue;
		}
		text += strlen(entities[i].name);
		to = stpcpy(to, entities[i].text);
	}
	*to = '\0';
}

void page_say(const struct page *p, const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		exit(2);
	va_end(args);
	if (p->plain)
		make_plain(text);
	fputs(text, p->out);
	free(text);
}

static void print_headings(FILE *out, const struct table *t)
{
	bool two = t->columns[0].over;
	size_t i, span;

	fputs("<thead><tr>", out);
	for (i = 0; i < t->columns_nr; i += span) {
		const struct column *c = &t->columns[i];

		for (span = 1; two && i + span < t->columns_nr && !c[span].over; span++)
			;
		if (two && *c->over)
			fprintf(out, "<th class=\"group first\" colspan=\"%zu\">%s</th>", span,
				c->over);
		else
			fprintf(out, "<th%s%s>%s</th>", two ? " rowspan=\"2\"" : "",
				c->least < 0 ? "" : " class=\"n\"", c->title);
	}
	fputs(two ? "</tr><tr>" : "", out);
	for (const struct column *c = t->columns; two && c < t->columns + t->columns_nr; c++)
		if (!c->over || *c->over)
			fprintf(out, "<th class=\"%s%s\">%s</th>", c->least < 0 ? "" : "n",
				c->over ? " first" : "", c->title);
	fputs("</tr></thead>\n", out);
}

/*
 * Where the page is narrow, a number says itself what it is of, and those under two
 * headings stand side by side.
 */
static void print_row(FILE *out, const struct table *t, const char **at)
{
	int groups = 0, group = 0, length;
	size_t i;

	fputs("<tr>", out);
	for (i = 0; i < t->columns_nr; i++) {
		const struct column *c = &t->columns[i];
		const char *cell = table_cell(at, &length);
		bool number = c->least >= 0, first = c->over && *c->over;

		if (c->over)
			group = first ? ++groups : 0;
		fprintf(out, "<td class=\"%s%s%s\"", number ? "n" : group ? "nowrap" : i ? "why" :
			"name", first ? " first" : "", !group ? "" : group == 1 ? " a" : " b");
		if (number)
			fprintf(out, " data-of=\"%s%s%s\"", first ? c->over : "",
				first ? " " : "", c->title);
		fprintf(out, ">%.*s</td>", length, cell);
	}
	fputs("</tr>\n", out);
}

void page_table(const struct page *p, const char *class, struct table *t)
{
	const char *at = table_close(t);

	if (p->plain) {
		make_plain(t->text);
		table_print(p->out, t);
		fputc('\n', p->out);
		return;
	}
	fprintf(p->out, "<div class=\"scroll\"><table class=\"%s\">", class);
	print_headings(p->out, t);
	for (bool more = *at; more; more = table_row(&at))
		print_row(p->out, t, &at);
	fputs("</table></div>\n", p->out);
	free(t->text);
}
