/* SPDX-License-Identifier: GPL-2.0-only */
/* Hostile guests, each made from a number. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What memory outside the guest is filled with, and what a guest must never see. */
#define HOSTILE_PATTERN	0xb1d5c3f7a94e6d5bull

enum hostile_mode {
	HOSTILE_REAL, HOSTILE_V86, HOSTILE_PROT16, HOSTILE_PROT32, HOSTILE_COMPAT, HOSTILE_LONG,
	HOSTILE_NR_MODES,
};

/* What is in the slots. */
enum hostile_content {
	HOSTILE_BYTES,		/* any */
	HOSTILE_SYSTEM,		/* instructions that exit or are privileged */
	HOSTILE_MEMORY,		/* instructions with operands in memory, there or not */
	HOSTILE_APIC,		/* local APIC, timer, interrupts among others */
	HOSTILE_NR_CONTENTS,
};

struct hostile_image {
	uint64_t seed;
	enum hostile_mode mode;
	enum hostile_content content;
	unsigned int cpl;	/* 0 or 3 */
	unsigned int paging;	/* 0: none, 2: 32-bit, 3: PAE, 4: IA-32e */
	bool task_gates;	/* exceptions lead to a task */
	unsigned int spoilt;	/* of 256 entries of the tables, so many are random */
	bool tame;		/* few of the instructions that are the end of most kernels */
	uint32_t entry;		/* in 32-bit protected mode, flat */
};

extern const char *const hostile_modes[HOSTILE_NR_MODES];
extern const char *const hostile_contents[HOSTILE_NR_CONTENTS];

/** hostile_fill - fill RAM with what each image begins with */
void hostile_fill(uint8_t *ram);

/** hostile_choose - say what the guest of number @seed is */
void hostile_choose(uint64_t seed, struct hostile_image *im);

/**
 * hostile_make - make a guest
 * @im: which
 * @ram: RAM_SIZE bytes as hostile_fill() leaves them
 * @kernel, @kernel_size: kernel.S, flat
 */
void hostile_make(const struct hostile_image *im, uint8_t *ram, const void *kernel,
		  uint32_t kernel_size);

/** hostile_unprivileged - is it an image whose slots cannot end their VM? */
static inline bool hostile_unprivileged(const struct hostile_image *im)
{
	return im->cpl == 3 && !im->spoilt;
}
