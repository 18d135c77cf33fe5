/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a freestanding program misses: formatted text, and the functions of
 * <string.h> that the compiler calls by itself. For hv and for the guest.
 *
 * Source: ISO C11, "Formatted input/output functions", "String handling".
 */
#pragma once

#include <stdarg.h>
#include "acct/exit_types.h"		/* and the others of <string.h> */

/**
 * format - printf into a function
 * @put: gets each character
 * @fmt: %s %u %x %%, with l or ll, a width, and a 0 in front of it. What follows a %
 *       and is none of these comes out as it is.
 * @ap: the arguments
 */
void format(void (*put)(char c), const char *fmt, va_list ap)
	__attribute__((__format__(__printf__, 2, 0)));

/**
 * text_nth - a string of a list, from 0 on
 * @list: strings, one behind the other, each with its NUL: an array of pointers to them
 *        takes twice the room
 */
const char *text_nth(const char *list, size_t n);

/** memcmp - as in <string.h> */
int memcmp(const void *a, const void *b, size_t n);
