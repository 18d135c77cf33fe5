/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CMOS memory and the clock in it, an MC146818. The clock stands still at
 * MACHINE_CMOS_DATE, so that two runs are the same; it raises no interrupt.
 *
 * Source: Motorola MC146818A data sheet, "Address Map", "Registers".
 */
#pragma once

#include <stdint.h>

/* A Saturday. */
#define MACHINE_CMOS_DATE	"2000-01-01 00:00:00"
/* Which byte has the century: where IBM's BIOS has it, and everybody since. */
#define MACHINE_CMOS_CENTURY	0x32

struct machine_cmos {
	uint8_t index;
	uint8_t bytes[128];
};

/** machine_cmos_init - the date, valid, in BCD and 24 hours; the rest 0 */
void machine_cmos_init(struct machine_cmos *c);

/** machine_cmos_read - IN from MACHINE_CMOS + @reg; 0, the index, cannot be read back */
uint8_t machine_cmos_read(const struct machine_cmos *c, unsigned int reg);

/** machine_cmos_write - OUT to MACHINE_CMOS + @reg: 0 the index, 1 the byte there */
void machine_cmos_write(struct machine_cmos *c, unsigned int reg, uint8_t value);
