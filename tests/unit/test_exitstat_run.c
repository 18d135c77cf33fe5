// SPDX-License-Identifier: GPL-2.0-only
/* units: guest/linux/command.c guest/linux/live.c */
/* units: guest/linux/show.c guest/linux/leaves.c */
/* units: acct/exit_acct.c acct/exit_leaves.c acct/exit_detail.c acct/exit_reasons.c */
/* exitstat around a command, and live: with and without a terminal. */
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/unit/exitstat_fake.h"
#include "tests/unit/tap.h"

static char text[8192];

static struct leaves start(void)
{
	struct leaves l = { .cpuid = fake_cpuid };

	power_on(EXIT_ACCT_MAP_DEFAULT);
	leaves_find(&l, EXIT_ACCT_NR_MAPS);
	return l;
}

static void test_command(const char *name, char **argv, int code, const char *shown)
{
	FILE *to = fmemopen(text, sizeof(text), "w");
	struct leaves l = start();

	text[0] = '\0';
	is_u64(name, command_run(&l, argv, SHOW_TABLE, to), code);
	fclose(to);
	ok(shown ? strstr(text, shown) != NULL : !text[0], "shown: %s", shown ? shown : "nothing");
}

static void test_commands(void)
{
	test_command("a command that does nothing", (char *[]) { "true", NULL }, 0,
		     "   total                        0       -         0.0             0");
	test_command("its own reads are off", (char *[]) { "true", NULL }, 0,
		     "own reads, 2, are taken off");
	test_command("exit code", (char *[]) { "sh", "-c", "exit 5", NULL }, 5,
		     "exit code of the command: 5");
	signal(SIGCHLD, SIG_IGN);
	test_command("exit code, where SIGCHLD was ignored",
		     (char *[]) { "sh", "-c", "exit 6", NULL }, 6, "exit code of the command: 6");
	test_command("signal", (char *[]) { "sh", "-c", "kill -9 $$", NULL }, 128 + 9,
		     "exit code of the command: 137");
	test_command("^C is the command's", (char *[]) { "sh", "-c", "kill -2 $$", NULL }, 128 + 2,
		     "exit code of the command: 130");
	test_command("no such command", (char *[]) { "/no/such", NULL }, 127, NULL);
	test_command("no program", (char *[]) { "/etc/passwd", NULL }, 126, NULL);
}

static void test_successive(void)
{
	FILE *to = fmemopen(text, sizeof(text), "w");
	struct leaves l = start();
	char *line;
	int n = 0;

	live_run(&l, 0.01, 3, SHOW_CSV, to);
	fclose(to);
	ok(!strncmp(text, "version,", 8) && !strstr(text + 8, "version,"),
	   "CSV: the names of the columns come once");
	for (line = text; (line = strstr(line, ",total,TOTAL,0,0,0,0\n")); line++)
		n++;
	is_u64("three intervals of nothing", n, 3);
	ok(strstr(text, ",own,READS,166,"), "which two slots and three lost times have cost");
}

/* Returns how the child, which is live on a terminal, ended. */
static int on_terminal(const char *keys, int signal)
{
	struct termios before, after;
	char *end = text;
	bool sent = false;
	int terminal, status;
	ssize_t n;
	pid_t child = forkpty(&terminal, NULL, NULL, &(struct winsize) { .ws_row = 5 });

	if (!child) {
		struct leaves l = start();

		tcgetattr(0, &before);
		live_run(&l, keys || signal ? 1000 : 0.01, keys || signal ? 0 : 2, SHOW_TABLE,
			 stdout);
		tcgetattr(0, &after);
		_exit(before.c_lflag != after.c_lflag);
	}
	/* The first screen is there: so it has been told what to do with keys and signals. */
	while ((n = read(terminal, end, text + sizeof(text) - 1 - end)) > 0) {
		end += n;
		*end = '\0';
		if (sent || !strstr(text, "\033[J"))
			continue;
		sent = true;
		if (signal)
			kill(child, signal);
		else if (keys)
			ok(write(terminal, keys, strlen(keys)) > 0, "keys are sent");
	}
	waitpid(child, &status, 0);
	close(terminal);
	return status;
}

static void test_terminal(const char *name, const char *keys, int signal)
{
	is_u64(name, on_terminal(keys, signal), 0);
	ok(strstr(text, "\033[?1049h") && strstr(text, "\033[?1049l"), "the screen is left");
	ok(strstr(text, "VM exits since the VM started"), "the first screen comes at once");
}

int main(void)
{
	test_commands();
	test_successive();
	test_terminal("on a terminal: so many times", NULL, 0);
	test_terminal("q, after a key that is none", "xq", 0);
	test_terminal("^C", "\003", 0);
	test_terminal("SIGTERM", NULL, SIGTERM);
	return done();
}
