// SPDX-License-Identifier: GPL-2.0-only
/*
 * Being process 1 of the lab: there is nothing else on the machine, so mount,
 * find the serial port, and switch the machine off at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "vmm/vmm.h"

#define LOG_DEVICE	"/dev/ttyS0"
#define ARGUMENTS	"/arguments"

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = {
		{ "devtmpfs", "/dev" },
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		/* EBUSY: the kernel has mounted it. ENODEV: a kernel without it
		 * runs a guest all the same.
		 */
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL) &&
		    errno != EBUSY && errno != ENODEV)
			complain("%s: %s", mounts[i].where, strerror(errno));
	}
}

/* No echo, no translation: bytes arrive as the guest sent them. */
static void open_log(void)
{
	struct termios t;
	int fd = open(LOG_DEVICE, O_RDWR | O_NOCTTY);

	if (fd < 0 || tcgetattr(fd, &t)) {
		complain("%s: %s; the log goes to the console", LOG_DEVICE, strerror(errno));
		fd = open("/dev/console", O_RDWR | O_NOCTTY);
	} else {
		cfmakeraw(&t);
		cfsetspeed(&t, B115200);
		t.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &t);
	}
	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	log_drain_lines();
}

void init_enter(void)
{
	mount_all();
	open_log();
}

void init_arguments(int *argc, char ***argv)
{
	FILE *f = fopen(ARGUMENTS, "re");
	char *line = NULL, **all = NULL;
	size_t room = 0;
	ssize_t n;
	int count;

	if (!f)
		return;
	for (count = 0; count < *argc || (n = getline(&line, &room, f)) > 0; count++) {
		all = realloc(all, (count + 2) * sizeof(*all));
		if (!all) {
			complain("%s: %s", ARGUMENTS, strerror(errno));
			break;
		}
		if (count < *argc) {
			all[count] = (*argv)[count];
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		all[count] = line;
		line = NULL;
	}
	fclose(f);
	if (!all)
		return;
	all[count] = NULL;
	*argc = count;
	*argv = all;
}

struct end init_supervise(struct end (*job)(int argc, char **argv),
				 int argc, char **argv)
{
	const struct end fault = { CAUSE_FAULT, MACHINE_CODE_HOST_FAULT, NO_VCPU };
	struct end *end;
	int status;
	pid_t child;

	end = mmap(NULL, sizeof(*end), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (end == MAP_FAILED) {
		complain("no memory: %s", strerror(errno));
		return fault;
	}
	*end = fault;
	child = fork();
	if (child < 0) {
		complain("fork: %s", strerror(errno));
		return fault;
	}
	if (!child) {
		*end = job(argc, argv);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status)) {
		log_line("runner: killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
		return fault;
	}
	return *end;
}

void init_leave(uint32_t code)
{
	const char *c;

	sync();
	if (iopl(3)) {
		complain("no access to ports (%s): the emulator is not told the code",
			 strerror(errno));
		tcdrain(STDERR_FILENO);
	} else {
		outl(code, MACHINE_EXIT_PORT);
		for (c = BOCHS_SHUTDOWN_WORD; *c; c++)
			outb(*c, BOCHS_SHUTDOWN_PORT);
	}
	reboot(RB_POWER_OFF);
	/* Process 1 must not return, whatever happens. */
	for (;;)
		pause();
}
