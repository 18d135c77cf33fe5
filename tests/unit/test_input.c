// SPDX-License-Identifier: GPL-2.0-only
/* units: runner/input.c machine/uart.c */
/* From the runner's stdin to the guest's COM1, without a guest. */
#include <signal.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>
#include "../../runner/runner.h"
#include "tap.h"

enum { DATA, IER, FCR, LCR, MCR, LSR };

static volatile sig_atomic_t calls;

static void on_input(int signal)
{
	(void)signal;
	calls++;
}

void complain(const char *fmt, ...)
{
	(void)fmt;
	ok(false, "nothing to complain about");
}

static void transmit(void *ctx, uint8_t byte)
{
	(void)ctx;
	(void)byte;
}

/* Until the vCPU's thread is called for the @nth time, for 5 seconds at most. */
static bool called(int nth)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < 5000 && calls < nth; i++)
		nanosleep(&pause, NULL);
	return calls == nth;
}

/* Take all that COM1 has received; returns how much that was. */
static size_t drain(struct machine_uart *u, char *to)
{
	size_t n = 0;

	while (machine_uart_read(u, LSR) & 1)
		to[n++] = machine_uart_read(u, DATA);
	return n;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_input };
	char sent[300], got[sizeof(sent) + 1] = "";
	struct machine_uart u;
	size_t n = 0;
	int fd[2];

	sigaction(INPUT_SIGNAL, &action, NULL);
	if (pipe(fd) || dup2(fd[0], STDIN_FILENO) < 0)
		return 1;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = 'a' + i % 26;
	machine_uart_init(&u, transmit, NULL);
	machine_uart_write(&u, FCR, 1);
	ok(input_start(), "it starts");
	input_feed(&u);
	is_u64("nothing is there yet", drain(&u, got), 0);

	/* More than one read of the thread takes, and much more than the FIFO does. */
	ok(write(fd[1], sent, sizeof(sent)) == (ssize_t)sizeof(sent), "300 bytes");
	ok(called(1), "the vCPU's thread is called");
	input_feed(&u);
	is_u64("the guest does not listen: nothing is lost on it", drain(&u, got), 0);
	machine_uart_write(&u, MCR, 2);
	while (n < 256) {
		input_feed(&u);
		is_u64("the FIFO is filled", machine_uart_room(&u), 0);
		n += drain(&u, got + n);
	}
	is_u64("what one read took", n, 256);
	ok(called(2), "the thread reads on when all of it has been taken");
	while (n < sizeof(sent)) {
		input_feed(&u);
		n += drain(&u, got + n);
	}
	is_u64("all", n, sizeof(sent));
	ok(!memcmp(got, sent, sizeof(sent)), "as it was sent");
	ok(!(machine_uart_read(&u, LSR) & 2), "no overrun");
	ok(write(fd[1], "!", 1) == 1 && called(3), "one key");
	close(fd[1]);
	input_feed(&u);
	is_u64("arrives", drain(&u, got), 1);
	input_feed(&u);
	is_u64("after the end of the input the guest goes on", drain(&u, got), 0);
	input_end();
	return done();
}
