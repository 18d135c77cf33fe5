// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tool.h"

#define OPTIONS_MAX	8

bool tool_refuse(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

void *tool_memory(void *room)
{
	if (room)
		return room;
	exit(tool_cannot("out of memory"));
}

int tool_options(int argc, char **argv, const char *usage, const struct tool_option *options)
{
	struct option longs[OPTIONS_MAX] = { { "help", no_argument, NULL, 0 } };
	int i, c;

	for (i = 0; options[i].name; i++)
		longs[i + 1] = (struct option) { options[i].name, !options[i].flag, NULL, i + 1 };
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (!c) {
			fputs(usage, stdout);
			exit(0);
		}
		if (c == ':' || c == '?')
			exit(tool_cannot("%s: %s; --help says more", argv[optind - 1],
					 c == ':' ? "a value must follow" : "no such option"));
		if (options[c - 1].flag)
			*options[c - 1].flag = true;
		else
			*options[c - 1].value = optarg;
	}
	return optind;
}

bool tool_write(const char *file, void (*print)(FILE *out, const void *what), const void *what)
{
	FILE *f = file ? fopen(file, "w") : NULL;

	if (f)
		print(f, what);
	return !file || (f && !ferror(f) && !fclose(f)) ||
	       tool_refuse("%s: %s", file, strerror(errno));
}

void tool_quote(FILE *out, const char *text, const char *quote)
{
	bool json = *quote == '\\';

	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || (json && *text == '\\'))
			fprintf(out, "%c%c", *quote, *text);
		else
			fprintf(out, json && (unsigned char)*text < 0x20 ? "\\u%04x" : "%c", *text);
	}
	fputc('"', out);
}

int tool_leave(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	return tool_cannot("cannot write to stdout");
}
