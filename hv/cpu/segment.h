/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment registers as a VMCS has them, and what they allow.
 *
 * Source: Intel SDM volume 3, chapter "Protection", sections "Limit Checking",
 * "Type Checking"; chapter "Virtual Machine Control Structures", table "Format
 * of Access Rights".
 */
#ifndef HV_CPU_SEGMENT_H
#define HV_CPU_SEGMENT_H

#include "hv/vmx/fields.h"

struct segment {
	u16 selector;
	u64 base;
	u32 limit, rights;
};

/* The type of a code or data segment, in its rights. */
#define SEGMENT_CODE		0x8u
#define SEGMENT_EXPAND_DOWN	0x4u	/* of data */
#define SEGMENT_READABLE	0x2u	/* of code */
#define SEGMENT_WRITABLE	0x2u	/* of data */

/** segment_decode - what a descriptor loads; of the base of 64 bits the lower half */
struct segment segment_decode(u16 selector, u64 descriptor);

/**
 * segment_allows - may an instruction outside 64-bit mode access that?
 * @offset: of the first byte, 32 bits
 * @bytes: how many, not 0
 *
 * Of a segment that ends at 4 GiB an access may wrap to its start: the SDM leaves it
 * open, and the emulated processor does it.
 */
bool segment_allows(const struct segment *s, u64 offset, u64 bytes, bool write);

#endif /* HV_CPU_SEGMENT_H */
