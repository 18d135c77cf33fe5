/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM1 driven from below, for hv and for the guest: polled.
 *
 * Source: PC16550D data sheet, "Registers".
 */
#pragma once

#include "acct/exit_print.h"

/** console_init - COM1: 115200 baud, 8 data bits, FIFO on, no interrupts */
void console_init(void);

/** console_lines - how many line ends were sent */
extern u32 console_lines;

/** console_put - send @c as it is, or queue it; a machine without COM1 loses it */
void console_put(char c);

/**
 * console_queue - from here on queue what is put, and send it in console_pump()
 * @bytes, @size: where; what is put into a full queue waits for room
 * @tsc_khz: cycles of the TSC in a millisecond, 0: unknown
 *
 * A byte takes longer on the wire than a hundred exits: nobody shall wait for it.
 */
void console_queue(u8 *bytes, u32 size, u64 tsc_khz);

/** console_pump - send what COM1 takes without waiting; true when nothing is queued */
bool console_pump(void);

/** console_get - a byte that was received, or -1 */
int console_get(void);

/** console_new_line - end a line that is open */
void console_new_line(void);

/** console_drain - send all and wait until the last bit is on the wire */
void console_drain(void);

/** print - formatted text, see format() */
void print(const char *fmt, ...) __printf(1, 2);

/** console_sink - the same for what exit_acct prints */
extern const struct exit_acct_sink console_sink;
