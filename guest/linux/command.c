// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exits while one command runs. The process that will be the command is made
 * before the first reading and held back, so that the copy of a process which
 * fork() makes is not charged to the command; what exec does is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guest/linux/exitstat.h"

#define CODE_NOT_STARTED	126
#define CODE_NOT_FOUND		127

static void complain(const char *what, int error)
{
	fprintf(stderr, "exitstat: %s: %s\n", what, strerror(error));
}

/* Waits until @gate is closed; says by @failure, which exec closes, if it fails. */
static void __attribute__((noreturn)) be_command(char **argv, const int gate[2], int failure)
{
	char c;
	int error;

	close(gate[1]);
	while (read(gate[0], &c, 1) < 0 && errno == EINTR)
		;
	close(gate[0]);
	execvp(argv[0], argv);
	error = errno;
	if (write(failure, &error, sizeof(error)) < 0)
		_exit(CODE_NOT_STARTED);
	_exit(0);
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int command_around(const struct around *a, char **argv, FILE *to)
{
	sighandler_t interrupt, quit;
	int gate[2], failure[2], status, error, code;
	pid_t child;

	if (pipe2(gate, O_CLOEXEC) || pipe2(failure, O_CLOEXEC)) {
		complain("pipe", errno);
		return CODE_NOT_STARTED;
	}
	/* Whoever started us may ignore it: then nobody would tell us how the command ended. */
	signal(SIGCHLD, SIG_DFL);
	child = fork();
	if (child < 0) {
		complain("fork", errno);
		return CODE_NOT_STARTED;
	}
	if (!child)
		be_command(argv, gate, failure[1]);
	close(gate[0]);
	close(failure[1]);
	/* ^C is for the command; how it took it is what is to be shown. */
	interrupt = signal(SIGINT, SIG_IGN);
	quit = signal(SIGQUIT, SIG_IGN);

	a->before(a->ctx);
	close(gate[1]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	a->after(a->ctx);
	signal(SIGINT, interrupt);
	signal(SIGQUIT, quit);

	if (read(failure[0], &error, sizeof(error)) == sizeof(error)) {
		complain(argv[0], error);
		return error == ENOENT ? CODE_NOT_FOUND : CODE_NOT_STARTED;
	}
	code = code_of(status);
	a->show(a->ctx, code, to);
	return code;
}

/* By reason. */
struct by_reason {
	struct leaves *l;
	enum show_format format;
	struct read_cost cost;
	struct snapshot before, after;
};

static void read_before(void *ctx)
{
	struct by_reason *r = ctx;

	r->cost = read_cost_measure(r->l);
	snapshot_take(r->l, &r->before, false);
}

static void read_after(void *ctx)
{
	struct by_reason *r = ctx;

	snapshot_take(r->l, &r->after, true);
}

static void show_reasons(void *ctx, int exit_code, FILE *to)
{
	struct by_reason *r = ctx;
	struct snapshot difference;
	struct view v = { .kind = SHOW_COMMAND, .s = &difference, .exit_code = exit_code };

	v.own = snapshot_difference(r->l, &r->before, &r->after, &r->cost, &difference);
	show(r->l, &v, r->format, true, to);
}

int command_run(struct leaves *l, char **argv, enum show_format format, FILE *to)
{
	struct by_reason r = { .l = l, .format = format };
	const struct around a = { read_before, read_after, show_reasons, &r };

	return command_around(&a, argv, to);
}
