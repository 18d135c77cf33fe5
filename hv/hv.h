/* SPDX-License-Identifier: GPL-2.0-only */
/* What all rooms of hv share, C and assembler. */
#pragma once

/* Selectors of start.S's GDT. */
#define SELECTOR_CODE	0x08
#define SELECTOR_DATA	0x10
#define SELECTOR_TSS	0x18

#ifndef __ASSEMBLER__
#include "machine/text.h"

#define PAGE_SIZE	4096ull
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Read x from memory again: cheaper than to save a register that would keep it over a call. */
#define RELOAD(x)	READ_ONCE(x)

/**
 * hv_end - print the log's last line and leave the machine (leave.c)
 * @cause: CAUSE_…
 * @code: exit code, as isa-debug-exit and the run scripts take it
 */
void hv_end(const char *cause, u32 code) __attribute__((noreturn, cold));
#endif /* __ASSEMBLER__ */
