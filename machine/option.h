/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of options: hv's, the runner's and the shared guest's take the same ones. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/**
 * option_number - a decimal number from @min to @max, without sign or blanks
 * @max: below 2^60
 * @value: receives it
 *
 * Returns false, and leaves @value, if @text is none.
 */
bool option_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/**
 * option_word - one of a list
 * @words: NULL behind the last
 *
 * Returns the list's own copy of @text, or NULL if it is not there.
 */
const char *option_word(const char *text, const char *const *words);

/* What the log may call the machine below, and its clock. */
extern const char *const option_machines[], *const option_clocks[];
