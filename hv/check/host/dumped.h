/* SPDX-License-Identifier: GPL-2.0-only */
/* A VMCS that was refused, out of the log of hv that has its dump: docs/formats.md. */
#pragma once

#include "hv/check/check.h"

#define DUMPED_WORDS_MAX	32

struct dumped {
	struct vmcs_caps caps;
	u64 field[1 << 15];	/* by encoding; 0 of what the CPU does not have */
	struct {
		u64 address, value;
	} words[DUMPED_WORDS_MAX];
	u32 nr_words, nr_msrs;
	bool begun, ended;
	/* dumped_check()'s: where lines go; it wanted a word that is not in there */
	void (*print)(const char *fmt, ...);
	bool lacks_word;
};

/**
 * dumped_read - read the dump of a log, the last one if there are more
 *
 * Returns false, after one line on stderr, if there is none of a refused entry, or no whole one.
 */
bool dumped_read(struct dumped *d, const char *file);

/** dumped_check - print a line for each rule that is broken; returns how many there are */
u32 dumped_check(struct dumped *d, void (*print)(const char *fmt, ...));
