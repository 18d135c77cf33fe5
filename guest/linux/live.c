// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interval by interval. On a terminal each table takes the place of the one
 * before; elsewhere they follow one another. What is printed through a serial
 * port raises exits, which are in the next interval: they are real.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "guest/linux/exitstat.h"

/* Another screen, no cursor, long lines are cut; and back. */
#define SCREEN_ENTER	"\033[?1049h\033[?25l\033[?7l"
#define SCREEN_LEAVE	"\033[?7h\033[?25h\033[?1049l"

/* A serial line tells no size. */
#define DEFAULT_LINES	24

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	/* No SA_RESTART: it must end the wait. */
	struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static unsigned int screen_lines(FILE *to)
{
	struct winsize size;

	if (ioctl(fileno(to), TIOCGWINSZ, &size) || !size.ws_row)
		return DEFAULT_LINES;
	return size.ws_row;
}

/* Line over line: clearing the whole screen first would flicker. */
static bool round_on_screen(const struct live *live, unsigned long n, FILE *to)
{
	unsigned int lines = screen_lines(to) - 1, i;
	char *text = NULL, *line, *end;
	bool more;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return false;
	more = live->round(live->ctx, n, lines, memory);
	fclose(memory);
	fprintf(to, "\033[H");
	/* What there is no room for would push up what is above. */
	for (line = text, i = 0; (end = strchr(line, '\n')) && i < lines; line = end + 1, i++)
		fprintf(to, "%.*s\033[K\n", (int)(end - line), line);
	fprintf(to, "\033[J");
	free(text);
	return more;
}

double monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Returns when it is @until, or somebody wants an end. */
static void wait_until(double until, bool keys)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	double left;
	char c;

	while (!stopped && (left = until - monotonic()) > 0) {
		if (poll(&input, keys, (int)(left * 1000) + 1) <= 0)
			continue;
		if (read(STDIN_FILENO, &c, 1) != 1 || c == 'q' || c == 'Q')
			stopped = 1;
	}
}

static void loop(const struct live *live, bool screen, bool keys, FILE *to)
{
	double next = monotonic();
	unsigned long n;
	bool more;

	for (n = 0;; n++) {
		more = screen ? round_on_screen(live, n, to) : live->round(live->ctx, n, 0, to);
		fflush(to);
		next += live->interval;
		if (!more || ferror(to) || (live->times && n == live->times))
			break;
		wait_until(next, keys);
		if (stopped)
			break;
	}
}

void live_loop(const struct live *live, FILE *to)
{
	bool screen = live->table && isatty(fileno(to));
	struct termios saved, raw;
	bool keys = screen && !tcgetattr(STDIN_FILENO, &saved);

	catch_signals();
	if (keys) {
		raw = saved;
		raw.c_lflag &= ~(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (screen)
		fprintf(to, SCREEN_ENTER);
	loop(live, screen, keys, to);
	if (screen)
		fprintf(to, SCREEN_LEAVE);
	fflush(to);
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

/* The VM that we are in. */
struct own {
	struct leaves *l;
	struct read_cost cost;
	enum show_format format;
	struct snapshot last;
};

static bool own_round(void *ctx, unsigned long n, unsigned int lines, FILE *to)
{
	struct own *own = ctx;
	struct snapshot current, difference;
	struct view v = { .kind = SHOW_SINCE_START, .s = &current, .lines = lines };

	snapshot_take(own->l, &current, false);
	if (n) {
		v.kind = SHOW_INTERVAL;
		v.s = &difference;
		v.since_start = &current;
		v.own = snapshot_difference(own->l, &own->last, &current, &own->cost, &difference);
	} else {
		v.own = current.own.count;
	}
	if (n || lines)
		show(own->l, &v, own->format, n == 1, to);
	if (n && !lines && own->format == SHOW_TABLE)
		fprintf(to, "\n");
	own->last = current;
	return true;
}

void live_run(struct leaves *l, double interval, unsigned long times, enum show_format format,
	      FILE *to)
{
	struct own own = { .l = l, .cost = read_cost_measure(l), .format = format };

	live_loop(&(struct live) { .interval = interval, .times = times, .ctx = &own,
				   .table = format == SHOW_TABLE, .round = own_round }, to);
}
