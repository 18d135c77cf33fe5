/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM1 driven from below, for hv and for the guest: polled.
 *
 * Source: PC16550D data sheet, "Registers".
 */
#ifndef MACHINE_COM1_H
#define MACHINE_COM1_H

#include "exit_acct.h"

/** console_init - COM1: 115200 baud, 8 data bits, FIFO on, no interrupts */
void console_init(void);

/** console_lines - how many line ends were sent */
extern u32 console_lines;

/** console_put - send @c as it is; a machine without COM1 loses it */
void console_put(char c);

/** console_get - a byte that was received, or -1 */
int console_get(void);

/** console_new_line - end a line that is open */
void console_new_line(void);

/** console_drain - wait until the last bit is on the wire */
void console_drain(void);

/** print - formatted text, see format() */
void print(const char *fmt, ...) __printf(1, 2);

/** console_sink - the same for what exit_acct prints */
extern const struct exit_acct_sink console_sink;

#endif /* MACHINE_COM1_H */
