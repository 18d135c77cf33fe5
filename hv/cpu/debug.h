/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Data and I/O breakpoints, for what is carried out in the processor's place.
 *
 * Source: Intel SDM volume 3, chapter "Debug, Branch Profile, TSC, and Intel
 * Resource Director Technology", sections "Debug Control Register (DR7)",
 * "Breakpoint Field Recognition", "Debug Status Register (DR6)".
 */
#pragma once

#include "acct/exit_types.h"		/* u8 … u64 */

enum debug_access { DEBUG_WRITE, DEBUG_READ, DEBUG_IO };

#define DR7_ENABLED	0xffull		/* any breakpoint, locally or globally */

/**
 * debug_hits - which breakpoints an access meets
 * @dr: DR0 to DR3
 * @address: linear address, or port; of @bytes bytes
 *
 * Returns bits 0 to 3 as DR6 has them; 0 unless a breakpoint is met that is enabled. Then
 * those that are met and are not enabled are told too, as processors do.
 */
u64 debug_hits(u64 dr7, const u64 dr[4], enum debug_access access, u64 address, u64 bytes);

/**
 * debug_pending - what of a trap waits for the end of the shadow of MOV SS
 * @dr6: what the processor would tell of it in DR6
 *
 * Returns it as pending debug exceptions: without breakpoints on code, which are not met in that
 * shadow, and with DEBUG_ENABLED_MET if one that is enabled is met. Source: section "Debug
 * Exceptions"; chapter "Virtual Machine Control Structures", "Guest Non-Register State".
 */
u64 debug_pending(u64 dr7, u64 dr6);
#define DEBUG_ENABLED_MET	0x1000ull
