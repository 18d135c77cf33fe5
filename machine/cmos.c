// SPDX-License-Identifier: GPL-2.0-only
/* CMOS memory with a clock that stands still. */
#include "machine/cmos.h"

enum {
	WEEKDAY = 6, DAY = 7, MONTH = 8, YEAR = 9,
	REG_A = 10, REG_B = 11, REG_C = 12, REG_D = 13,
};

#define A_DIVIDER	0x26	/* 32768 Hz, 1024 periodic interrupts a second */
#define A_UPDATING	0x80
#define B_24_HOURS	0x02
#define D_VALID		0x80
#define INDEX_MASK	0x7f	/* bit 7 of the port switches NMIs off */

void machine_cmos_init(struct machine_cmos *c)
{
	/* MACHINE_CMOS_DATE in BCD; its time of day is all zeros. */
	*c = (struct machine_cmos) {
		.bytes = {
			[WEEKDAY] = 7, [DAY] = 0x01, [MONTH] = 0x01, [YEAR] = 0x00,
			[REG_A] = A_DIVIDER, [REG_B] = B_24_HOURS, [REG_D] = D_VALID,
			[MACHINE_CMOS_CENTURY] = 0x20,
		},
	};
}

uint8_t machine_cmos_read(const struct machine_cmos *c, unsigned int reg)
{
	return reg ? c->bytes[c->index] : 0xff;
}

void machine_cmos_write(struct machine_cmos *c, unsigned int reg, uint8_t value)
{
	if (!reg)
		c->index = value & INDEX_MASK;
	else if (c->index == REG_A)
		c->bytes[REG_A] = value & ~A_UPDATING;	/* which it never is */
	else if (c->index != REG_C && c->index != REG_D)	/* read only */
		c->bytes[c->index] = value;
}
