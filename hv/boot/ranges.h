/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that nobody uses: what the boot loader says is available, less what is
 * in use. What was taken is never given back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RANGES_AVAILABLE_MAX	128	/* as many as a BIOS can name */
#define RANGES_USED_MAX		16

struct ranges {
	struct range {
		uint64_t start, end;
	} available[RANGES_AVAILABLE_MAX], used[RANGES_USED_MAX];
	uint32_t nr_available, nr_used;
};

/** ranges_available - [@start, @start + @size) is memory; beyond the maximum it is forgotten */
void ranges_available(struct ranges *r, uint64_t start, uint64_t size);

/** ranges_used - [@start, @end) is in use; there must be room for it in the table */
void ranges_used(struct ranges *r, uint64_t start, uint64_t end);

/** ranges_contain - is all of [@start, @end) memory, whether in use or not? */
bool ranges_contain(const struct ranges *r, uint64_t start, uint64_t end);

/**
 * ranges_take - find memory and mark it as used
 * @size, @align: bytes, @align a power of two
 * @limit: it has to end there at the latest
 *
 * Returns its address, 0 if there is none.
 */
uint64_t ranges_take(struct ranges *r, uint64_t size, uint64_t align, uint64_t limit);
