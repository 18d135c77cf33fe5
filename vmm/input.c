// SPDX-License-Identifier: GPL-2.0-only
/*
 * stdin to the guest's COM1. A thread takes all that comes and keeps it, since the
 * vCPU's thread is in the kernel while the guest runs, and since the lab's own serial
 * port loses what is not read from it for long. When COM1 is empty, a signal calls the
 * first vCPU's thread, so that only vCPUs touch devices. It does so after a while:
 * a driver that finds no end of what has come would do nothing else any more.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "vmm/vmm.h"

#define PAUSE_NS	2000000		/* 115200 baud take 1.4 ms to bring a FIFO's worth */
#define READ_BYTES	4096u
#define KEPT_MIN	65536u
#define KEPT_MAX	(16u << 20)

static struct {
	uint8_t *bytes;			/* a ring of @size; the two threads share it by @lock */
	size_t size, first;
	atomic_size_t count;
	pthread_mutex_t lock;
	atomic_bool wanted;		/* COM1 is empty, and its guest listens */
	atomic_bool due;		/* a FIFO's worth may be taken now */
	int wake;			/* eventfd: look at these again */
	pthread_t vcpu;
	struct termios terminal;
	bool restore;
} in = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Bring it about that @more bytes fit; false if memory, or what may be kept, is too small. */
static bool reserve(size_t more)
{
	size_t size = in.size ? in.size : KEPT_MIN, i;
	uint8_t *bytes;

	while (size < in.count + more)
		size *= 2;
	if (size == in.size)
		return true;
	if (size > KEPT_MAX)
		return false;
	bytes = malloc(size);
	if (!bytes)
		return false;
	for (i = 0; i < in.count; i++)
		bytes[i] = in.bytes[(in.first + i) % in.size];
	free(in.bytes);
	in.bytes = bytes;
	in.size = size;
	in.first = 0;
	return true;
}

/* Returns false at the end of stdin. */
static bool take_stdin(void)
{
	uint8_t bytes[READ_BYTES];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes)), i;

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	pthread_mutex_lock(&in.lock);
	for (i = 0; i < n; i++)
		in.bytes[(in.first + in.count + i) % in.size] = bytes[i];
	in.count += n;
	pthread_mutex_unlock(&in.lock);
	return n > 0;
}

static bool room_for_more(void)
{
	bool room;

	pthread_mutex_lock(&in.lock);
	room = reserve(READ_BYTES);
	pthread_mutex_unlock(&in.lock);
	return room;
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

/* Call the vCPU's thread when it is @at; returns the ns until then, -1: not wanted. */
static long long call_vcpu(long long *at)
{
	long long now = now_ns();

	if (!in.count || !in.wanted) {
		*at = 0;
		return -1;
	}
	if (*at && *at <= now) {
		in.due = true;
		pthread_kill(in.vcpu, INPUT_SIGNAL);
		*at = 0;
	}
	if (!*at)
		*at = now + PAUSE_NS;
	return *at - now;
}

static void *read_stdin(void *unused)
{
	struct pollfd polls[] = { { .events = POLLIN }, { .fd = in.wake, .events = POLLIN } };
	bool open = true;
	long long at = 0;

	(void)unused;
	/* The guest goes on without more; nothing tells it that there is none. */
	while (open || in.count) {
		long long left = call_vcpu(&at);
		struct timespec timeout = { .tv_nsec = left };
		uint64_t woken;

		polls[0].fd = open && room_for_more() ? STDIN_FILENO : -1;
		polls[0].revents = polls[1].revents = 0;
		ppoll(polls, 2, left < 0 ? NULL : &timeout, NULL);
		if (polls[1].revents && read(in.wake, &woken, sizeof(woken)) < 0)
			break;
		if (polls[0].revents)
			open = take_stdin();
	}
	return NULL;
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
	in.wake = eventfd(0, EFD_CLOEXEC);
	if (in.wake < 0) {
		complain("no eventfd for input: %s", strerror(errno));
		return false;
	}
	/* Signals are for the first vCPU's thread: they have to end its KVM_RUN. */
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

bool input_waits(void)
{
	return in.count;
}

bool input_feed(struct machine_uart *com1)
{
	const uint64_t one = 1;
	bool fed = false, wanted;

	if (!in.count)
		return false;
	if (atomic_exchange(&in.due, false)) {
		pthread_mutex_lock(&in.lock);
		while (in.count && machine_uart_room(com1)) {
			machine_uart_receive(com1, in.bytes[in.first]);
			in.first = (in.first + 1) % in.size;
			in.count--;
			fed = true;
		}
		pthread_mutex_unlock(&in.lock);
	}
	/* The thread sleeps while nothing is wanted. */
	wanted = machine_uart_room(com1) && !com1->count;
	if (wanted == in.wanted)
		return fed;
	in.wanted = wanted;
	if (wanted && write(in.wake, &one, sizeof(one)) < 0)
		complain("eventfd: %s", strerror(errno));
	return fed;
}
