// SPDX-License-Identifier: GPL-2.0-only
/*
 * stdin to the guest's COM1. A thread waits for it, since the vCPU's thread is
 * in the kernel while the guest runs; a signal calls that one back, so that
 * devices are touched by one thread only.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "runner.h"

static struct {
	char bytes[256];
	atomic_size_t filled;	/* 0: the thread's turn, else the vCPU's */
	size_t taken;
	sem_t emptied;
	pthread_t vcpu;
	struct termios terminal;
	bool restore;
} in;

static void *read_stdin(void *unused)
{
	(void)unused;
	for (;;) {
		ssize_t n = read(STDIN_FILENO, in.bytes, sizeof(in.bytes));

		if (n < 0 && errno == EINTR)
			continue;
		/* The guest goes on without; nothing tells it that there is no more. */
		if (n <= 0)
			return NULL;
		atomic_store(&in.filled, n);
		pthread_kill(in.vcpu, INPUT_SIGNAL);
		while (sem_wait(&in.emptied) && errno == EINTR)
			;
	}
}

/* Keys reach the guest one by one and it does the echo; ^C still ends the run. */
static void set_terminal(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &in.terminal))
		return;
	t = in.terminal;
	t.c_lflag &= ~(ICANON | ECHO);
	t.c_iflag &= ~(ICRNL | IXON);
	in.restore = !tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

bool input_start(void)
{
	sigset_t all, old;
	pthread_t thread;
	int error;

	in.vcpu = pthread_self();
	sem_init(&in.emptied, 0, 0);
	/* Signals are for the vCPU's thread: they have to end its KVM_RUN. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, NULL, read_stdin, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error) {
		complain("no thread for input: %s", strerror(error));
		return false;
	}
	set_terminal();
	return true;
}

void input_end(void)
{
	if (in.restore)
		tcsetattr(STDIN_FILENO, TCSANOW, &in.terminal);
}

bool input_feed(struct machine_uart *com1)
{
	size_t filled = atomic_load(&in.filled), before = in.taken;
	unsigned int room;
	bool fed;

	if (!filled)
		return false;
	for (room = machine_uart_room(com1); room && in.taken < filled; room--)
		machine_uart_receive(com1, in.bytes[in.taken++]);
	fed = in.taken > before;
	if (in.taken == filled) {
		in.taken = 0;
		atomic_store(&in.filled, 0);
		sem_post(&in.emptied);
	}
	return fed;
}
