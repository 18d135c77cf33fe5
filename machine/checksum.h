/* SPDX-License-Identifier: GPL-2.0-only */
/* The checksum of firmware's tables: ACPI's and those of the MP specification. */
#pragma once

#include <stdint.h>

/** checksum - the byte that makes the sum of all bytes 0, where it is 0 now */
static inline uint8_t checksum(const void *data, uint32_t size)
{
	const uint8_t *byte = data;
	uint8_t sum = 0;

	while (size--)
		sum -= *byte++;
	return sum;
}
