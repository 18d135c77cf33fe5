// SPDX-License-Identifier: GPL-2.0-only
/* The frequency of the TSC, by channel 2 of the 8254. */
#include "hv/cpu/pit.h"
#include "machine/x86.h"

enum {
	PIT_CHANNEL2 = 0x42, PIT_CONTROL = 0x43,
	CONTROL_CHANNEL2_MODE0 = 0xb0,	/* low byte of the count, then the high one */
	SYSTEM_CONTROL = 0x61, GATE2 = 0x01, SPEAKER = 0x02, OUT2 = 0x20,
	HZ = 1193182,
	MILLISECONDS = 10,
	COUNT = HZ * MILLISECONDS / 1000,
};

uint32_t pit_measure_tsc(void)
{
	u8 control = inb(SYSTEM_CONTROL) & ~(SPEAKER | GATE2);
	u64 start, end;

	outb(SYSTEM_CONTROL, control | GATE2);
	outb(PIT_CONTROL, CONTROL_CHANNEL2_MODE0);
	outb(PIT_CHANNEL2, COUNT & 0xff);
	start = rdtsc();
	outb(PIT_CHANNEL2, COUNT >> 8);		/* from here on it counts */
	/* Where nobody answers, the bit is 1 from the start. */
	if (inb(SYSTEM_CONTROL) & OUT2)
		return 0;
	for (u32 tries = 0; !(inb(SYSTEM_CONTROL) & OUT2); tries++) {
		if (tries == 10000000)
			return 0;
	}
	end = rdtsc();
	outb(SYSTEM_CONTROL, control);
	return (end - start) / MILLISECONDS;
}
