// SPDX-License-Identifier: GPL-2.0-only
#include "machine/line.h"

/* More than a boot's; what a guest says after that has no stamps. */
#define STAMPS_MAX	4096

static struct {
	uint64_t tsc;
	uint32_t line;
} stamps[STAMPS_MAX];
static uint32_t nr_stamps, room;

void machine_stamp(bool on)
{
	room = on ? STAMPS_MAX : 0;
}

bool machine_line_add(struct machine_line *l, uint8_t byte, uint32_t number)
{
	l->text[l->len++] = byte;
	if (byte != '\n')
		return l->len == sizeof(l->text);
	if (nr_stamps < room) {
		stamps[nr_stamps].tsc = __builtin_ia32_rdtsc();
		stamps[nr_stamps++].line = number;
	}
	return true;
}

bool machine_stamp_get(uint32_t i, uint32_t *line, uint64_t *tsc)
{
	if (i >= nr_stamps)
		return false;
	*line = stamps[i].line;
	*tsc = stamps[i].tsc;
	return true;
}
