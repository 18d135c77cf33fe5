// SPDX-License-Identifier: GPL-2.0-only
/* Lists of strings: apart from text.c, whose <string.h> a program on a host has already. */
#include "machine/text.h"

const char *text_nth(const char *list, size_t n)
{
	while (n--)
		list += strlen(list) + 1;
	return list;
}
