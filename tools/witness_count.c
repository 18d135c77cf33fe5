// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bochs's log, with the CPU's debug messages on, has for each VM exit
 *
 *	00683973334d[CPU0  ] VMEXIT reason = 10 (CPUID) qualification=0x0
 *
 * where the number is the basic exit reason, for a failed VM entry too. It ends
 * with the machine's end, if that came from the machine itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/witness.h"

#define VMEXIT	"] VMEXIT reason = "
#define PANIC	">>PANIC<<"
#define END	"Shutdown port: shutdown requested"

#define PIPE_BYTES	(1 << 20)
#define LINE_MAX_BYTES	4096

/* A basic exit reason has 16 bits. */
static uint64_t counts[1 << 16];

static bool count_line(const char *line)
{
	const char *at = strstr(line, VMEXIT);
	char *end;
	unsigned long reason;

	if (!at)
		return true;
	at += strlen(VMEXIT);
	reason = strtoul(at, &end, 10);
	if (*at < '0' || *at > '9' || strncmp(end, " (", 2) ||
	    reason >= sizeof(counts) / sizeof(counts[0])) {
		fprintf(stderr, "witness: not a VM exit that can be read: %s", line);
		return false;
	}
	counts[reason]++;
	return true;
}

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

bool witness_lines(int in, FILE *out)
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
		if (size > LINE_MAX_BYTES) {
			fprintf(stderr, "witness: not a log: a line of more than %d bytes\n",
				LINE_MAX_BYTES);
			return false;
		}
		if (n < PIPE_BYTES / 2)
			nanosleep(&nap, NULL);
	}
	if (n < 0)
		fprintf(stderr, "witness: cannot read the emulator's log: %s\n", strerror(errno));
	return !n;
}

bool witness_count(FILE *in, FILE *out)
{
	bool good = true, ended = false;
	uint64_t total = 0;
	size_t size = 0, i;
	char *line = NULL;

	/* Read on after a bad line: what writes it must not be left waiting. */
	while (getline(&line, &size, in) > 0) {
		if (!strchr(line, '\n'))
			break;
		good = good && count_line(line);
		ended = ended || strstr(line, END);
	}
	free(line);
	if (ferror(in)) {
		fprintf(stderr, "witness: cannot read the emulator's log: %s\n", strerror(errno));
		return false;
	}
	/* Whoever reads what is written must not take it for a whole one. */
	if (!good)
		return false;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (counts[i])
			fprintf(out, "emulator reason=%zu name=%s count=%" PRIu64 "\n", i,
				exit_acct_name(i), counts[i]);
		total += counts[i];
	}
	fprintf(out, "emulator total=%" PRIu64 " ended=%s\n", total, ended ? "yes" : "no");
	return true;
}
