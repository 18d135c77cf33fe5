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

#define VMEXIT		"] VMEXIT"
#define REASON		" reason = "
#define QUALIFICATION	"qualification="
#define PANIC		">>PANIC<<"
#define DEVICE		"%*u%*1[a-z]"	/* in front of its name: ticks, and how grave it is */
#define END		DEVICE "[UNMAP ] " PANIC " Shutdown port: shutdown requested%n"

#define PIPE_BYTES	(1 << 20)
#define LINE_MAX_BYTES	4096

/* What stands behind VMEXIT in a line that tells more, and in front of what it tells. */
static const struct told {
	const char *is, *value;
} told[] = {
	{ ": event", "vector " }, { ": RDMSR", "RDMSR " }, { ": WRMSR", "WRMSR " },
	{ ": EPT", "paddr " },
};

/* The one of them that @rest of a line begins with, or NULL. */
static const struct told *find_told(const char *rest)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (!strncmp(rest, told[i].is, strlen(told[i].is)))
			return &told[i];
	return NULL;
}

/* Does a line matter? It has an end. */
static bool is_wanted(const char *line, size_t length)
{
	const char *exit = memmem(line, length, VMEXIT, strlen(VMEXIT));

	if (!exit)
		return memmem(line, length, PANIC, strlen(PANIC));
	exit += strlen(VMEXIT);
	return !strncmp(exit, REASON, strlen(REASON)) || find_told(exit);
}

/* Pass on the lines that matter; returns how many bytes are lines, whole. */
static size_t pass_lines(const char *data, size_t size, FILE *out)
{
	const char *line = data, *end;

	while ((end = memchr(line, '\n', data + size - line))) {
		size_t length = end + 1 - line;

		if (is_wanted(line, length))
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

/* The log as it is read: for each CPU what the line in front of its next exit has told. */
struct reader {
	emulator_take *take;
	void *ctx;
	uint64_t told[MACHINE_CPUS_MAX];
};

/* False if @line has a VM exit that cannot be read. What another device says is none. */
static bool take_line(struct reader *r, const char *line)
{
	const char *qualification = strstr(line, QUALIFICATION), *value;
	struct emulator_exit e = { .ticks = strtoull(line, NULL, 10) };
	const char *exit = strstr(line, VMEXIT);
	const struct told *more;
	int cpu = 0, end = 0;

	if (!exit || sscanf(line, DEVICE "[CPU%n", &cpu) || !cpu)
		return true;
	exit += strlen(VMEXIT);
	more = find_told(exit);
	if (!more && strncmp(exit, REASON, strlen(REASON)))
		return true;
	if (sscanf(line + cpu, "%u " VMEXIT "%n", &e.cpu, &end) < 1 || !end ||
	    e.cpu >= MACHINE_CPUS_MAX)
		return tool_refuse("not a CPU that can be: %s", line);
	if (more) {
		value = strstr(exit, more->value);
		if (value)
			r->told[e.cpu] = strtoull(value + strlen(more->value), NULL, 16);
		return true;
	}
	end = 0;
	if (sscanf(exit, REASON "%u (%n", &e.reason, &end) < 1 || !end ||
	    e.reason >= EMULATOR_REASONS || !qualification)
		return tool_refuse("not a VM exit that can be read: %s", line);
	e.qualification = strtoull(qualification + strlen(QUALIFICATION), NULL, 16);
	e.told = r->told[e.cpu];
	r->told[e.cpu] = EMULATOR_NOT_TOLD;
	r->take(r->ctx, &e);
	return true;
}

bool emulator_exits(FILE *in, emulator_take *take, void *ctx, bool *ended)
{
	struct reader r = { .take = take, .ctx = ctx };
	char *line = NULL, *end;
	bool good = true;
	size_t size = 0;
	int said = 0;

	memset(r.told, 0xff, sizeof(r.told));	/* EMULATOR_NOT_TOLD */
	/* Read on after a bad line: what writes it must not be left waiting. */
	while (getline(&line, &size, in) > 0) {
		end = strchr(line, '\n');
		if (!end)
			break;
		*end = '\0';
		good = good && take_line(&r, line);
		sscanf(line, END, &said);
	}
	*ended = said;
	free(line);
	return ferror(in) ? tool_refuse("cannot read the emulator's log: %s", strerror(errno)) :
	       good;
}
