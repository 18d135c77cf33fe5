/* SPDX-License-Identifier: GPL-2.0-only */
/* The console of the guests that run sequences, their command line, and their end. */
#pragma once

#include "acct/exit_types.h"		/* u8 … u64 */

/** console_init - COM1, before anything is printed */
void console_init(void);

/** print - printf() to COM1, which may keep the last bytes until drain() */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** drain - whatever ends the machine next, all this has been said */
void drain(void);

/** console_words - the command line, by Multiboot or PVH as @magic says; may be NULL */
const char *console_words(u32 magic, const u32 *info);

/** finish - end the machine, with an exit code where there is an exit port */
void finish(u32 code) __attribute__((noreturn));
