// SPDX-License-Identifier: GPL-2.0-only
#include "machine/option.h"
#include "machine/text.h"

const char *const option_machines[] = { "bochs", "qemu", "bare", NULL };
const char *const option_clocks[] = { "emulated", "hardware", NULL };

bool option_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;
	const char *p;

	/* Beyond @max it can only grow, and might wrap to what is allowed. */
	for (p = text; *p >= '0' && *p <= '9' && n <= max; p++)
		n = n * 10 + *p - '0';
	if (p == text || *p || n < min || n > max)
		return false;
	*value = n;
	return true;
}

const char *option_word(const char *text, const char *const *words)
{
	while (*words && strcmp(text, *words))
		words++;
	return *words;
}
