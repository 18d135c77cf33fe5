// SPDX-License-Identifier: GPL-2.0-only
/*
 * End the VM with a code. By the processor's own instruction, once the kernel has
 * let the process use the port: not every kernel has a /dev/port.
 *
 * usage: vmexit CODE; comes back where that port ends nothing
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include "machine.h"

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long code = argc == 2 ? strtoul(argv[1], &end, 10) : 0;

	if (!end || end == argv[1] || *end || code > 255) {
		fprintf(stderr, "usage: vmexit CODE, from 0 to 255\n");
		return MACHINE_CODE_USAGE;
	}
	if (ioperm(MACHINE_EXIT_PORT, 1, 1)) {
		fprintf(stderr, "vmexit: port 0x%x: %s\n", MACHINE_EXIT_PORT, strerror(errno));
		return 1;
	}
	outb(code, MACHINE_EXIT_PORT);
	return 1;
}
