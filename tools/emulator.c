// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "machine/machine.h"
#include "tools/emulator.h"
#include "tools/tool.h"

#define VMEXIT		"] VMEXIT reason = "
#define QUALIFICATION	"qualification="
#define PANIC		">>PANIC<<"
#define DEVICE		"%*u%*1[a-z]"	/* in front of its name: ticks, and how grave it is */
#define END		DEVICE "[UNMAP ] " PANIC " Shutdown port: shutdown requested%n"

#define PIPE_BYTES	(1 << 20)
#define LINE_MAX_BYTES	4096

/* Pass on the lines that matter; returns how many bytes are lines, whole. */
static size_t pass_lines(const char *data, size_t size, FILE *out)
{
	const char *line = data, *end;

	while ((end = memchr(line, '\n', data + size - line))) {
		size_t length = end + 1 - line;

		if (memmem(line, length, VMEXIT, strlen(VMEXIT)) ||
		    memmem(line, length, PANIC, strlen(PANIC)))
			fwrite(line, 1, length, out);
		line = end + 1;
	}
	return line - data;
}

bool emulator_lines(int in, FILE *out)
{
	const struct timespec nap = { .tv_nsec = 2000000 };
	static char data[PIPE_BYTES + LINE_MAX_BYTES];
	size_t size = 0, lines;
	ssize_t n;

	/*
	 * The emulator writes each line by itself: a reader that waits for it is
	 * woken each time, which costs more than all the rest. Let some gather. If the
	 * pipe cannot be made larger, it takes longer.
	 */
	fcntl(in, F_SETPIPE_SZ, PIPE_BYTES);
	while ((n = read(in, data + size, sizeof(data) - size)) > 0) {
		size += n;
		lines = pass_lines(data, size, out);
		size -= lines;
		memmove(data, data + lines, size);
		if (size > LINE_MAX_BYTES)
			return tool_refuse("not a log: a line of more than %d bytes",
					   LINE_MAX_BYTES);
		if (n < PIPE_BYTES / 2)
			nanosleep(&nap, NULL);
	}
	return !n || tool_refuse("cannot read the emulator's log: %s", strerror(errno));
}

/* False if @line has a VM exit that cannot be read. What another device says is none. */
static bool take_line(const char *line, emulator_take *take, void *ctx)
{
	const char *qualification = strstr(line, QUALIFICATION);
	struct emulator_exit e = { .ticks = strtoull(line, NULL, 10) };
	int cpu = 0, end = 0;

	if (!strstr(line, VMEXIT) || sscanf(line, DEVICE "[CPU%n", &cpu) || !cpu)
		return true;
	if (sscanf(line + cpu, "%u " VMEXIT "%u (%n", &e.cpu, &e.reason, &end) < 2 || !end ||
	    e.cpu >= MACHINE_CPUS_MAX || e.reason >= EMULATOR_REASONS || !qualification)
		return tool_refuse("not a VM exit that can be read: %s", line);
	e.qualification = strtoull(qualification + strlen(QUALIFICATION), NULL, 16);
	take(ctx, &e);
	return true;
}

bool emulator_exits(FILE *in, emulator_take *take, void *ctx, bool *ended)
{
	char *line = NULL, *end;
	bool good = true;
	size_t size = 0;
	int said = 0;

	/* Read on after a bad line: what writes it must not be left waiting. */
	while (getline(&line, &size, in) > 0) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		good = good && take_line(line, take, ctx);
		sscanf(line, END, &said);
	}
	*ended = said;
	free(line);
	return ferror(in) ? tool_refuse("cannot read the emulator's log: %s", strerror(errno)) :
	       good;
}
