// SPDX-License-Identifier: GPL-2.0-only
/*
 * A serial line to type at: terminal FILE writes the name of a new pseudoterminal
 * into FILE, then carries stdin to it and what comes back to stdout, until it is
 * told to end (SIGTERM) or the other side has opened and closed it. A terminal as
 * stdin is in raw mode meanwhile: ^C is the guest's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	stop = signal;
}

static int fail(const char *what)
{
	fprintf(stderr, "terminal: %s: %s\n", what, strerror(errno));
	return 1;
}

static void set_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return;
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
}

/* All of it; returns 0 if the other side is gone. */
static int carry(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes)), done, m;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	for (done = 0; done < n; done += m) {
		m = write(to, bytes + done, n - done);
		if (m < 0)
			return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	const struct sigaction action = { .sa_handler = on_signal };
	struct termios before;
	struct pollfd polls[2];
	int is_terminal;
	FILE *name;

	if (argc != 2) {
		fprintf(stderr, "usage: terminal FILE\n");
		return 64;
	}
	if (master < 0 || grantpt(master) || unlockpt(master))
		return fail("no pseudoterminal");
	/* Before anybody can write to it: nothing is echoed, nothing is translated. */
	set_raw(master);
	name = fopen(argv[1], "w");
	if (!name || fprintf(name, "%s\n", ptsname(master)) < 0 || fclose(name))
		return fail(argv[1]);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	is_terminal = !tcgetattr(STDIN_FILENO, &before);
	if (is_terminal)
		set_raw(STDIN_FILENO);
	polls[0] = (struct pollfd) { .fd = STDIN_FILENO, .events = POLLIN };
	polls[1] = (struct pollfd) { .fd = master, .events = POLLIN };
	while (!stop && poll(polls, 2, -1) >= 0) {
		if (polls[1].revents && !carry(master, STDOUT_FILENO))
			break;
		/* Who has nothing more to type may still read. */
		if (polls[0].revents && !carry(STDIN_FILENO, master))
			polls[0].fd = -1;
	}
	/* What is on its way is not lost. */
	fcntl(master, F_SETFL, O_NONBLOCK);
	while (carry(master, STDOUT_FILENO))
		;
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return 0;
}
