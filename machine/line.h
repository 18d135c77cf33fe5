/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's lines. Its bytes are gathered until their line is complete, so that nothing
 * that its host prints falls into the middle. And when the lines came: the TSC of each,
 * kept until the end, because to be printed at once would take the guest's time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_LINE_MAX	1024

struct machine_line {
	uint32_t len;			/* of what has come and is not printed */
	char text[MACHINE_LINE_MAX];
};

/**
 * machine_line_add - the guest has sent a byte
 * @number: the line's in the log, from 1
 *
 * Returns true when @l is complete, or full: it is for the caller to print and to empty.
 */
bool machine_line_add(struct machine_line *l, uint8_t byte, uint32_t number);

/** machine_stamp - from here on keep when each line was complete, or do not, as at first */
void machine_stamp(bool on);

/**
 * machine_stamp_get - what was kept, in order
 * @i: from 0
 * @line: receives the line's number
 * @tsc: receives the host's TSC, cycles
 *
 * Returns false if there are no more than @i.
 */
bool machine_stamp_get(uint32_t i, uint32_t *line, uint64_t *tsc);
