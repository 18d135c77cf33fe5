/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's 8254, for the one thing that hv needs it for.
 *
 * Source: Intel 82C54 data sheet, "Mode 0: Interrupt on Terminal Count"; port
 * 0x61 as the IBM PC/AT has it.
 */
#pragma once

#include <stdint.h>

/** pit_measure_tsc - cycles of the TSC in a millisecond, or 0 if there is no 8254 */
uint32_t pit_measure_tsc(void);
