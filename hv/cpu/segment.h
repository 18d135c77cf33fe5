/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segment registers as a VMCS has them, and what they allow.
 *
 * Source: Intel SDM volume 3, chapter "Protection", sections "Limit Checking",
 * "Type Checking"; chapter "Virtual Machine Control Structures", table "Format
 * of Access Rights".
 */
#pragma once

#include "acct/exit_acct.h"		/* u8 … u64 */

/* Segment registers, in the order in which instructions have them. */
enum { ES, CS, SS, DS, FS, GS, LDTR, TR };

struct segment {
	u16 selector;
	u64 base;
	u32 limit, rights;
};

/* Rights: the upper half of a descriptor without base and limit, and a bit of VMX's. */
enum {
	SEGMENT_TYPE = 0xf,
	SEGMENT_NO_SYSTEM = 1u << 4,		/* code or data */
	SEGMENT_PRESENT = 1u << 7, SEGMENT_LONG = 1u << 13, SEGMENT_BIG = 1u << 14,
	SEGMENT_PAGES = 1u << 15,		/* the limit counts pages */
	SEGMENT_UNUSABLE = 1u << 16,
	SEGMENT_CODE32 = 0xc09b, SEGMENT_DATA32 = 0xc093, SEGMENT_TSS_BUSY = 0x8b,
	SEGMENT_CODE16 = 0x9b, SEGMENT_DATA16 = 0x93, SEGMENT_LDT = 0x82,
	SEGMENT_V86 = 0xf3,			/* of each in virtual-8086 mode */
	/* The type of a code or data segment: */
	SEGMENT_CODE = 8,
	SEGMENT_CONFORMING = 4, SEGMENT_READABLE = 2,	/* of code */
	SEGMENT_EXPAND_DOWN = 4, SEGMENT_WRITABLE = 2,	/* of data */
};
#define SEGMENT_DPL(rights)	((rights) >> 5 & 3)

/* With the S bit, of system segments. */
#define SEGMENT_KIND(rights)	((rights) & (SEGMENT_TYPE | SEGMENT_NO_SYSTEM))
enum { KIND_TSS16 = 1, KIND_LDT = 2, KIND_TSS = 9 };
#define DESCRIPTOR_BUSY		(1ull << 41)		/* of a TSS, in memory */

/** segment_decode - what a descriptor loads; of the base of 64 bits the lower half */
void segment_decode(struct segment *s, u16 selector, u64 descriptor);

/**
 * segment_allows - may an instruction outside 64-bit mode access that?
 * @offset: of the first byte, 32 bits
 * @bytes: how many, not 0
 *
 * Of a segment that ends at 4 GiB an access may wrap to its start: the SDM leaves it
 * open, and the emulated processor does it.
 */
bool segment_allows(const struct segment *s, u64 offset, u64 bytes, bool write);
