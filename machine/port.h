/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O ports, for hv and for the guest.
 *
 * Source: Intel SDM volume 2, instructions IN and OUT.
 */
#pragma once

#include "acct/exit_types.h"		/* u8 … u32 */

static inline u8 inb(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
