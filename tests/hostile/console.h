/* SPDX-License-Identifier: GPL-2.0-only */
/* A console that keeps what is printed, and says only what it is told to. */
#pragma once

#include "acct/exit_types.h"

/** console_forget - drop what was printed */
void console_forget(void);

/** console_kept - is @text in what was printed? */
bool console_kept(const char *text);

/** console_show - send what was printed to COM1, @all of it or what matters most */
void console_show(bool all);

/** say - send formatted text to COM1 */
void say(const char *fmt, ...) __printf(1, 2);
