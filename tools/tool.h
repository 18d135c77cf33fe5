/* SPDX-License-Identifier: GPL-2.0-only */
/* What every tool does: options, files to write, the last word. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Exit codes. */
enum { TOOL_DIFFERS = 1, TOOL_CANNOT };	/* what is compared; or nothing can be shown */

/* --NAME VALUE, or --NAME alone if there is a flag to set. */
struct tool_option {
	const char *name;
	const char **value;
	bool *flag;
};

/**
 * tool_options - parse a command line; does not return for --help, or if it cannot be used
 * @usage: what --help prints
 * @options: up to one without a name
 *
 * Returns the index of the first argument that is no option.
 */
int tool_options(int argc, char **argv, const char *usage, const struct tool_option *options);

/** tool_refuse - one line on stderr, behind the tool's name; returns false */
bool tool_refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** tool_cannot - the same; returns TOOL_CANNOT */
#define tool_cannot(...)	(tool_refuse(__VA_ARGS__), TOOL_CANNOT)

/** tool_memory - @room, what an allocation returned; does not return if that was NULL */
void *tool_memory(void *room);

/** tool_write - write a file by @print; true without one; false with a complaint */
bool tool_write(const char *file, void (*print)(FILE *out, const void *what), const void *what);

/** tool_quote - in quotes; one in it is written as @quote, and JSON has no control characters */
void tool_quote(FILE *out, const char *text, const char *quote);

/** tool_leave - @code, or TOOL_CANNOT with a complaint if stdout could not be written */
int tool_leave(int code);
