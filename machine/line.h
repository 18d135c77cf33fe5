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

/*
 * The number of the line that is the guest's last, set before it runs: then the time of each
 * is kept. 1: none is the last, as that one is the host's own; 0, as at first: keep nothing.
 */
extern uint32_t machine_last_line;

/* Has the guest sent the end of it? */
extern bool machine_last_line_sent;

/**
 * machine_stamp_get - when a line was complete
 * @i: of those that were kept, in order, from 0 on
 * @line: receives the line's number
 *
 * Returns the host's TSC, cycles; 0 if that is one behind the last.
 */
uint64_t machine_stamp_get(uint32_t i, uint32_t *line);
