// SPDX-License-Identifier: GPL-2.0-only
/* units: vmm/input.c machine/uart.c */
/* From the runner's stdin to the guest's COM1, without a guest. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "vmm/vmm.h"
#include "tests/unit/tap.h"

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

static const struct timespec moment = { .tv_nsec = 1000000 };

/* As the vCPU's thread does between two exits, until COM1 was fed; for 5 seconds at most. */
static bool fed(struct machine_uart *u)
{
	for (int i = 0; i < 5000; i++) {
		if (input_feed(u))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* Is this pipe empty within 5 seconds? */
static bool taken(int fd)
{
	int left = 1;

	for (int i = 0; i < 5000 && !ioctl(fd, FIONREAD, &left) && left; i++)
		nanosleep(&moment, NULL);
	return !left;
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
	static char sent[100000], got[sizeof(sent) + 1];
	struct machine_uart u;
	size_t n = 0, bursts = 0;
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

	/* What nobody listens to stays here, however much it is. */
	for (size_t i = 0; i < sizeof(sent); i += 1000)
		ok(write(fd[1], sent + i, 1000) == 1000, "bytes %zu and on", i);
	ok(taken(fd[0]), "all of it is taken from stdin, which may lose it");
	input_feed(&u);
	is_u64("the guest does not listen: nothing is lost on it", drain(&u, got), 0);
	is_u64("nobody is called for that", calls, 0);

	/* When it does, a FIFO's worth at a time, as soon as it has taken the one before. */
	machine_uart_write(&u, MCR, 2);
	machine_uart_write(&u, IER, 1);
	while (n < sizeof(sent)) {
		if (!fed(&u) || machine_uart_read(&u, LSR) & 2)
			break;
		input_feed(&u);
		bursts += u.count == (sizeof(sent) - n < 16 ? sizeof(sent) - n : 16);
		n += drain(&u, got + n);
	}
	is_u64("all", n, sizeof(sent));
	ok(!memcmp(got, sent, sizeof(sent)), "as it was sent");
	is_u64("each time as much as fits, and then no more", bursts, (sizeof(sent) + 15) / 16);

	ok(write(fd[1], "!", 1) == 1 && fed(&u), "one key");
	is_u64("arrives", drain(&u, got), 1);
	ok(!fcntl(fd[1], F_SETFL, O_NONBLOCK) && write(fd[1], "?", 1) == 1, "another");
	close(fd[1]);
	ok(fed(&u), "and the end of the input");
	is_u64("the key arrives", drain(&u, got), 1);
	input_feed(&u);
	is_u64("after the end of the input the guest goes on", drain(&u, got), 0);
	input_end();
	return done();
}
