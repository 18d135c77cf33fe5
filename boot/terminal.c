// SPDX-License-Identifier: GPL-2.0-only
/*
 * A serial line to type at: terminal COMMAND [ARGUMENT]... runs COMMAND, which is Bochs,
 * with one more argument, an option that connects its COM1 to a socket here. stdin goes
 * there and what comes back goes to stdout, until COMMAND has ended. Its own output goes
 * to stderr. A terminal as stdin is in raw mode meanwhile: ^C is the guest's.
 *
 * Nothing is lost on the way: of a socket, unlike of a terminal, Bochs takes a byte only
 * when its UART has delivered the ones before. What comes before somebody drives that
 * UART waits here: the first line that comes back shows that.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { INPUT, LINE, SIGNALS, POLLS };

static struct {
	struct pollfd polls[POLLS];
	bool connected, gone;
	bool released;			/* a whole line has come back */
	char bytes[4096];		/* of the input that the other side has not taken yet */
	size_t first, count;
} t;

static int fail(const char *what)
{
	fprintf(stderr, "terminal: %s: %s\n", what, strerror(errno));
	return 1;
}

static void set_raw(const struct termios *before)
{
	struct termios raw = *before;

	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

/* In a network namespace of its own the loopback device is still down. */
static void loopback_up(int fd)
{
	struct ifreq request = { .ifr_name = "lo" };

	if (ioctl(fd, SIOCGIFFLAGS, &request) || request.ifr_flags & IFF_UP)
		return;
	request.ifr_flags |= IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &request);
}

/* Returns a socket that listens at @address, which is filled in, or -1. */
static int listen_on(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*address);

	*address = (struct sockaddr_in) {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	if (fd < 0)
		return -1;
	loopback_up(fd);
	if (bind(fd, (struct sockaddr *)address, length) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)address, &length))
		return -1;
	return fd;
}

static void __attribute__((noreturn)) be_command(char **argv, int argc, unsigned int port,
						 const sigset_t *signals)
{
	char **words = calloc(argc + 2, sizeof(*words)), *com1;
	int nothing = open("/dev/null", O_RDONLY);

	if (!words || asprintf(&com1, "com1: enabled=1, mode=socket-client, dev=127.0.0.1:%u",
			       port) < 0)
		_exit(126);
	memcpy(words, argv, argc * sizeof(*words));
	words[argc] = com1;
	/* Who cannot be told to end any more has no use for it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	dup2(nothing, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(words[0], words);
	fail(words[0]);
	_exit(127);
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t m = write(fd, bytes, n);

		if (m < 0 && errno != EINTR)
			return false;
		if (m > 0) {
			bytes += m;
			n -= m;
		}
	}
	return true;
}

/* Somebody connects, once. */
static void take_connection(void)
{
	int fd = accept4(t.polls[LINE].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	close(t.polls[LINE].fd);
	t.polls[LINE].fd = fd;
	t.connected = true;
}

/* What comes back. */
static void take_output(void)
{
	char bytes[4096];
	ssize_t n = read(t.polls[LINE].fd, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && memchr(bytes, '\n', n))
		t.released = true;
	t.gone = n <= 0 || !write_all(STDOUT_FILENO, bytes, n);
}

static void give_input(void)
{
	ssize_t n = send(t.polls[LINE].fd, t.bytes + t.first, t.count, MSG_NOSIGNAL);

	if (n > 0) {
		t.first += n;
		t.count -= n;
	} else if (n < 0 && errno != EINTR && errno != EAGAIN) {
		t.gone = true;
	}
}

static void take_input(void)
{
	ssize_t n = read(STDIN_FILENO, t.bytes, sizeof(t.bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* Who has nothing more to type may still read. */
	if (n <= 0)
		t.polls[INPUT].fd = -1;
	t.first = 0;
	t.count = n > 0 ? n : 0;
}

/* Returns false when @child has ended. */
static bool take_signal(pid_t child)
{
	struct signalfd_siginfo info;

	if (read(t.polls[SIGNALS].fd, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo == SIGCHLD)
		return false;
	kill(child, SIGTERM);
	return true;
}

static void carry(pid_t child)
{
	for (;;) {
		struct pollfd polls[POLLS];

		memcpy(polls, t.polls, sizeof(polls));
		polls[LINE].events = POLLIN | (t.count ? POLLOUT : 0);
		if (!t.released || t.count || t.gone)
			polls[INPUT].fd = -1;
		if (t.gone)
			polls[LINE].fd = -1;
		if (poll(polls, POLLS, -1) < 0)
			continue;
		if (polls[SIGNALS].revents && !take_signal(child))
			return;
		if (polls[INPUT].revents)
			take_input();
		if (polls[LINE].revents && !t.connected)
			take_connection();
		else if (polls[LINE].revents & ~POLLOUT)
			take_output();
		if (polls[LINE].revents & POLLOUT && !t.gone)
			give_input();
	}
}

int main(int argc, char **argv)
{
	struct termios before;
	struct sockaddr_in address;
	sigset_t signals, old;
	bool is_terminal;
	int status;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: terminal COMMAND [ARGUMENT]...\n");
		return 64;
	}
	t.polls[INPUT] = (struct pollfd) { .fd = STDIN_FILENO, .events = POLLIN };
	t.polls[LINE].fd = listen_on(&address);
	if (t.polls[LINE].fd < 0)
		return fail("no socket");
	/* Whoever started us may ignore it. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, &old);
	t.polls[SIGNALS] = (struct pollfd) {
		.fd = signalfd(-1, &signals, SFD_CLOEXEC), .events = POLLIN,
	};
	child = fork();
	if (child < 0 || t.polls[SIGNALS].fd < 0)
		return fail("no process");
	if (!child)
		be_command(argv + 1, argc - 1, ntohs(address.sin_port), &old);
	is_terminal = !tcgetattr(STDIN_FILENO, &before);
	if (is_terminal)
		set_raw(&before);
	carry(child);
	/* What is on its way is not lost. */
	while (t.connected && !t.gone) {
		errno = 0;
		take_output();
		t.gone |= errno == EAGAIN;
	}
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
