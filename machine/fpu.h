/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FPU as a reset leaves it, which is not what FNINIT makes of it.
 *
 * Source: Intel SDM volume 3, table "IA-32 and Intel 64 Processor States Following
 * Power-up, Reset, or INIT"; volume 1, section "XSAVE Area".
 */
#pragma once

#include <stdint.h>

/* The legacy region of an XSAVE area, which FXRSTOR takes too, and its header. */
struct fpu_area {
	uint16_t fcw, fsw;
	uint8_t ftw, unused[19];
	uint32_t mxcsr;
	uint8_t registers[484];
	uint64_t in_use;		/* of other components XRSTOR makes the initial state */
	uint64_t header[7];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct fpu_area) == 576, "512 bytes and 64");

/* x87 with eight registers of 0, and SSE. */
#define FPU_AREA_RESET	{ .fcw = 0x40, .ftw = 0xff, .mxcsr = 0x1f80, .in_use = 3 }
