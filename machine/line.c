// SPDX-License-Identifier: GPL-2.0-only
#include "machine/line.h"

/* More than a boot's; what a guest says after that has no stamps. */
#define STAMPS_MAX	4096

uint32_t machine_last_line;
bool machine_last_line_sent;

static uint64_t stamps[STAMPS_MAX + 1];
static uint32_t stamped[STAMPS_MAX + 1]; /* which lines they are of */
static uint32_t nr_stamps;

bool machine_line_add(struct machine_line *l, uint8_t byte, uint32_t number)
{
	l->text[l->len++] = byte;
	if (byte != '\n')
		return l->len == sizeof(l->text);
	machine_last_line_sent = number == machine_last_line;
	if (machine_last_line && nr_stamps < STAMPS_MAX) {
		stamps[nr_stamps] = __builtin_ia32_rdtsc();
		stamped[nr_stamps++] = number;
	}
	return true;
}

uint64_t machine_stamp_get(uint32_t i, uint32_t *line)
{
	*line = stamped[i];
	return stamps[i];
}
