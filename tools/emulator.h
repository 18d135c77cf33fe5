/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bochs's log, with the CPU's debug messages on, has for each VM exit
 *
 *	00683973334d[CPU0  ] VMEXIT reason = 10 (CPUID) qualification=0x0
 *
 * where the number behind `reason' is the basic exit reason, for a failed VM entry too. In front of
 * some there is, of the same CPU, what the qualification does not tell:
 *
 *	00683973334d[CPU0  ] VMEXIT: event vector 0x0e type 3 error code=0x0002
 *	00683973334d[CPU0  ] VMEXIT: WRMSR 0x00000830
 *	00683973334e[CPU0  ] VMEXIT: EPT violation for guest paddr 0x0000fee00300 laddr 0x...
 *
 * It ends with the machine's end, if that came from the machine itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define EMULATOR_REASONS	(1 << 16)	/* a basic exit reason has 16 bits */

struct emulator_exit {
	uint64_t ticks;			/* when: the line's first number */
	uint32_t cpu, reason;
	uint64_t qualification;
	uint64_t told;			/* in front: vector, MSR, guest-physical address */
};

#define EMULATOR_NOT_TOLD	UINT64_MAX

typedef void emulator_take(void *ctx, const struct emulator_exit *exit);

/**
 * emulator_lines - pick out of an emulator's log what emulator_exits() needs
 * @in: the log, as it comes: best a pipe
 * @out: gets the lines of VM exits, those in front, and those that say how the emulator ended
 *
 * Returns false, after one line on stderr, if it cannot be read.
 */
bool emulator_lines(int in, FILE *out);

/**
 * emulator_exits - read the VM exits in an emulator's log, as it comes
 * @in: the log; all that is no VM exit is passed over
 * @take: gets each of them
 * @ended: was it read to the machine's end?
 *
 * Returns false, after one line on stderr, if it or a VM exit cannot be read.
 */
bool emulator_exits(FILE *in, emulator_take *take, void *ctx, bool *ended);
