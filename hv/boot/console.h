/* SPDX-License-Identifier: GPL-2.0-only */
/* What hv says, and its guest, in one log. */
#pragma once

#include "hv/hv.h"
#include "machine/com1.h"

/** console_guest_byte - hold back a byte of the guest's; true when its line has been printed */
bool console_guest_byte(u8 byte);

/** console_last_byte - TSC of the guest's last byte in an unfinished line, 0: there is none */
extern u64 console_last_byte;

/** console_flush_guest - print what the guest has written of an unfinished line */
void console_flush_guest(void);

/** vprint_line - print "hv: ", the text and a newline, on a line of its own */
void vprint_line(const char *fmt, va_list ap);

/** die - print "hv: " and a line, then end with @code because of an error */
void die(u32 code, const char *fmt, ...) __attribute__((noreturn, cold)) __printf(2, 3);
