// SPDX-License-Identifier: GPL-2.0-only
/* units: tools/table.c tools/tool.c */
/* Tables of the tools: what stands where, and what does not stand there. */
#include "tests/unit/tap.h"
#include "tools/table.h"

static const struct column columns[] = {
	{ "", "name", -6, 0 }, { "both", "hv", 1, 2 }, { NULL, "KVM", 1, 1 }, { "", "note", -1, 2 },
};

/* @rows as a table of these columns must be @want. */
static void check(const char *name, const struct column *c, size_t nr, const char *rows,
		  const char *want)
{
	struct table t;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(rows, table_open(&t, c, nr));
	table_print(out, &t);
	fclose(out);
	is_str(name, text, want);
	free(text);
}

int main(void)
{
	static const struct column plain[] = {
		{ NULL, "a", -1, 0 }, { NULL, "b", 3, 1 }, { NULL, "page", -1, -1 },
	};

	check("numbers to the right, text to the left", columns, 4,
	      "cpuid\t1\t23\tx\nin\t456\t7\ty\n",
	      "           both\n"
	      "name     hv KVM  note\n"
	      "cpuid     1  23  x\n"
	      "in      456   7  y\n");
	check("a column is as wide as its widest cell", columns, 4, "much_longer\t1\t2\t\n",
	      "               both\n"
	      "name         hv KVM  note\n"
	      "much_longer   1   2\n");
	check("no row", columns, 4, "",
	      "          both\n"
	      "name    hv KVM  note\n");
	check("a short row, and a cell behind an empty one", columns, 4, "a\nb\t\t\tnote\n",
	      "          both\n"
	      "name    hv KVM  note\n"
	      "a\n"
	      "b               note\n");
	check("a colour takes no room", columns, 4, "\033[32ma\033[0m\t1\t2\tx\n",
	      "          both\n"
	      "name    hv KVM  note\n"
	      "\033[32ma\033[0m        1   2  x\n");
	check("no upper heading, and a column that is not for a terminal", plain, 3,
	      "x\t1\thidden, however wide\n",
	      "a   b\n"
	      "x   1\n");
	return done();
}
