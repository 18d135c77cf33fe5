// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a log has to say of its run's end: said LOG prints that line, or nothing. A log
 * may be cut short anywhere.
 */
#include <stdio.h>

#include "tools/record.h"

int main(int argc, char **argv)
{
	struct record r = { .file = argv[1] };
	bool whole;

	if (argc != 2) {
		fprintf(stderr, "usage: said LOG\n");
		return 64;
	}
	whole = record_lines(&r, NULL, NULL);
	if (r.said)
		puts(r.said);
	return whole ? 0 : 2;
}
