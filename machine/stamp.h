/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When the guest's lines came: the TSC of each, kept until the end, because to be
 * printed at once would take the guest's time.
 */
#ifndef MACHINE_STAMP_H
#define MACHINE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

/** machine_stamp_on - from here on keep them; without this nothing is kept */
void machine_stamp_on(void);

/** machine_stamp - the guest has sent the end of a line; @line: its number in the log, from 1 */
void machine_stamp(uint32_t line);

/**
 * machine_stamp_get - what was kept, in order
 * @i: from 0
 * @line: receives the line's number
 * @tsc: receives the host's TSC, cycles
 *
 * Returns false if there are no more than @i.
 */
bool machine_stamp_get(uint32_t i, uint32_t *line, uint64_t *tsc);

#endif /* MACHINE_STAMP_H */
