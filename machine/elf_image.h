/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF executables for x86: read, checked against guest memory, loaded by physical
 * address. Who enters them and how is for the users to know: image.h, multiboot.h.
 *
 * Source: System V ABI, "ELF Header", "Program Header".
 */
#pragma once

#include "machine/image.h"

/* What is kept of a file while it is checked. */
struct elf {
	const uint8_t *file;
	uint64_t size;		/* bytes */
	bool is64;
	uint64_t entry;		/* a virtual address */
	uint64_t phoff;
	unsigned int phnum;
	uint64_t end;		/* of all segments, guest-physical: elf_check() finds it */
	struct machine_image_error *err;
};

enum { ELF_PT_LOAD = 1, ELF_PT_NOTE = 4 };

/* The first words of a program header; one of 32 bits has its flags elsewhere. */
struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz;
};

/** elf_within - is [@start, @start + @len) inside [0, @bound)? No sum is made. */
static inline bool elf_within(uint64_t start, uint64_t len, uint64_t bound)
{
	return start <= bound && len <= bound - start;
}

/**
 * elf_open - check the headers of a file, and that its segments and notes are in it
 * @e: file, size and err are set; the rest is filled in
 */
bool elf_open(struct elf *e);

/** elf_get - program header @i, below @e->phnum */
struct elf_segment elf_get(const struct elf *e, unsigned int i);

/**
 * elf_check - check that all segments go to guest RAM, and none over another
 * @low: guest-physical, none may be below
 * @ram_size: as for machine_load()
 */
bool elf_check(struct elf *e, uint64_t low, uint64_t ram_size);

/**
 * elf_code_at - is there something of the file at that address?
 * @addr: guest-physical, or else virtual; receives the guest-physical one
 *
 * Code comes from the file, never from the zeroes behind a segment's contents.
 */
bool elf_code_at(const struct elf *e, bool is_virtual, uint64_t *addr);

/** elf_load - copy the segments, which elf_check() has seen, into guest RAM */
void elf_load(const struct elf *e, void *ram);
