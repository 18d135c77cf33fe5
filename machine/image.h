/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest images: ELF32 or ELF64 for x86 with a PVH note, loaded into guest
 * memory, and the PVH start info beside it.
 *
 * Source: Xen "x86/HVM direct boot ABI" (docs/misc/pvh.pandoc), struct
 * hvm_start_info; Xen public header "elfnote.h".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/pvh.h"

/*
 * Why an image was refused: the field and its value. Both hosts print it as
 * "FILE: [program header INDEX: ]FIELD PROBLEM (0xVALUE)".
 */
struct machine_image_error {
	bool initrd;		/* FILE is the initrd, and not the image */
	const char *field;	/* "e_ident[EI_CLASS]", "PT_LOAD p_paddr", … */
	const char *problem;	/* "is beyond the end of the file", … */
	int64_t index;		/* program header number, or -1 */
	uint64_t value;
};

/** image_refuse - fill in @err, but for initrd and index, which say where one is; returns false */
bool image_refuse(struct machine_image_error *err, const char *field, const char *problem,
		  uint64_t value) __attribute__((noinline));

/** image_check - is a file as it must be? If it is not @ok, image_refuse() */
static inline bool image_check(struct machine_image_error *err, bool ok, const char *field,
			       const char *problem, uint64_t value)
{
	if (!ok)
		image_refuse(err, field, problem, value);
	return ok;
}

/**
 * image_place - check that a part of an image goes to guest RAM
 * @err: as for image_refuse()
 * @field, @size_field: what the image calls @addr and @size
 * @addr, @size: guest-physical, bytes
 * @low: it may not be below; at the latest where RAM ends
 * @ram_size: as for machine_load()
 */
bool image_place(struct machine_image_error *err, const char *field, const char *size_field,
		 uint64_t addr, uint64_t size, uint64_t low, uint64_t ram_size);

/** machine_image_has_entry - is the file an ELF with a PVH note, right or wrong? */
bool machine_image_has_entry(const void *file, uint64_t size);

/* Bytes, with the final NUL, that are kept of an image's name. */
#define MACHINE_IMAGE_NAME_MAX	256u

/*
 * Guest-physical: PVH start info, its memory map and the command line live here, below all
 * segments of an image.
 */
#define MACHINE_START_INFO	0x6000u
#define MACHINE_IMAGE_LOW	0x8000u
#define MACHINE_CMDLINE_MAX	2048u	/* bytes, with the final NUL */

#define MACHINE_MEMORY_RANGES	3u

/**
 * machine_memory_map - what memory there is, as every guest is told
 * @map: to be filled in; the other protocols have the same numbers for types
 * @ram_size: bytes, as for machine_load()
 */
void machine_memory_map(struct pvh_memmap map[MACHINE_MEMORY_RANGES], uint64_t ram_size);
