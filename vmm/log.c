// SPDX-License-Identifier: GPL-2.0-only
/* The log on stdout, whole lines at a time. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "machine/line.h"
#include "vmm/vmm.h"

static struct {
	struct machine_line guest;
	unsigned int lines;	/* of this log, so far */
	bool open;		/* the start of it is written already */
	bool drain, failed;
} out;

/*
 * No interrupt of the UART may fall into what the guest measures next. tcdrain()
 * alone would do, but it looks once in one or two timer ticks, which are most of
 * a run's time; so look more often, and sleep, as instructions are emulated.
 */
static void wait_until_sent(void)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	int queued, lsr;

	while (!ioctl(STDOUT_FILENO, TIOCOUTQ, &queued) &&
	       !ioctl(STDOUT_FILENO, TIOCSERGETLSR, &lsr) &&
	       (queued || !(lsr & TIOCSER_TEMT)))
		nanosleep(&pause, NULL);
	tcdrain(STDOUT_FILENO);
}

static void write_all(const char *text, size_t len)
{
	/* After a failure the descriptor may be anything, or half a line is out. */
	while (len && !out.failed) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (!out.failed)
				complain("cannot write the log: %s", strerror(errno));
			out.failed = true;
			return;
		}
		text += n;
		len -= n;
	}
	if (out.drain)
		wait_until_sent();
}

static void end_guest_line(void)
{
	if (out.guest.len || out.open)
		log_guest_byte(NULL, '\n');
}

void log_flush_guest(void)
{
	if (!out.guest.len)
		return;
	out.open = out.guest.text[out.guest.len - 1] != '\n';
	write_all(out.guest.text, out.guest.len);
	out.guest.len = 0;
}

void log_drain_lines(void)
{
	out.drain = true;
}

void log_guest_byte(void *ctx, uint8_t byte)
{
	(void)ctx;
	if (!machine_line_add(&out.guest, byte, out.lines + 1))
		return;
	out.lines += byte == '\n';
	log_flush_guest();
}

void log_stamps(void)
{
	uint32_t line, i;
	uint64_t tsc;

	for (i = 0; (tsc = machine_stamp_get(i, &line)); i++)
		log_line("at line=%u tsc=%llu", line, (unsigned long long)tsc);
}

void log_line(const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int len;

	end_guest_line();
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	if (len > (int)sizeof(text) - 2)
		len = sizeof(text) - 2;
	text[len++] = '\n';
	out.lines++;
	write_all(text, len);
}

bool log_failed(void)
{
	return out.failed;
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("runner: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}
