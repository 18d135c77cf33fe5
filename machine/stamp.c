// SPDX-License-Identifier: GPL-2.0-only
/* When the guest's lines came. */
#include "machine/stamp.h"

/* More than a boot's; what a guest says after that has no stamps. */
#define STAMPS_MAX	4096

static struct {
	uint64_t tsc;
	uint32_t line;
} stamps[STAMPS_MAX];
static uint32_t nr_stamps;
static bool on;

void machine_stamp_on(void)
{
	on = true;
}

void machine_stamp(uint32_t line)
{
	if (!on || nr_stamps == STAMPS_MAX)
		return;
	stamps[nr_stamps].tsc = __builtin_ia32_rdtsc();
	stamps[nr_stamps++].line = line;
}

bool machine_stamp_get(uint32_t i, uint32_t *line, uint64_t *tsc)
{
	if (i >= nr_stamps)
		return false;
	*line = stamps[i].line;
	*tsc = stamps[i].tsc;
	return true;
}
