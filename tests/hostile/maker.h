/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts that make a hostile guest share: random numbers, and the guest so far. */
#pragma once

#include "tests/hostile/image.h"
#include "tests/hostile/layout.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Page tables, in TABLES. */
enum {
	PML4 = TABLES, PDPT = TABLES + 0x1000, PD0 = TABLES + 0x2000, PT0 = TABLES + 0x3000,
	PD3 = TABLES + 0x4000, PAE_PDPT = TABLES + 0x5000, PD32 = TABLES + 0x6000,
	PT32 = TABLES + 0x7000, PD1 = TABLES + 0x8000, PT1 = TABLES + 0x9000,
};

struct maker {
	uint64_t state;
	uint8_t *ram;
	const struct hostile_image *im;
	const uint32_t *kernel;		/* its addresses */
	uint8_t *at, *end;		/* of the slot that is written */
	unsigned int bits;		/* of the code in it */
};

static inline uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static inline uint64_t any(struct maker *m)
{
	return mix(m->state += 0x9e3779b97f4a7c15);
}

static inline unsigned int below(struct maker *m, unsigned int n)
{
	return (any(m) >> 32) * n >> 32;
}

/* Is it the one time in @n times? */
static inline bool once(struct maker *m, unsigned int n)
{
	return !below(m, n);
}

#define PICK(m, array) ((array)[below(m, COUNT(array))])

/* Does the guest end up in IA-32e mode? */
static inline bool wide(const struct maker *m)
{
	return m->im->paging == 4;
}

/* What CR3 is. */
static inline uint32_t page_tables(const struct maker *m)
{
	return m->im->paging == 4 ? PML4 : m->im->paging == 3 ? PAE_PDPT : PD32;
}

/** any_value - a value that something hangs on, or any */
uint64_t any_value(struct maker *m);

/** any_data - an address in RAM that a program may have */
uint32_t any_data(struct maker *m);

/** any_address - linear or physical: RAM, its ends, what is no RAM, the APIC, what cannot be */
uint64_t any_address(struct maker *m);

/** any_selector - of what is in the GDT, good or bad */
uint16_t any_selector(struct maker *m);

/** any_flags - RFLAGS; mostly with IF, seldom with what stops a program */
uint64_t any_flags(struct maker *m);

/** make_slot - write the code of a slot */
void make_slot(struct maker *m, unsigned int slot);
