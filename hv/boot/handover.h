/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a boot loader hands over to hv, by Multiboot 2 or PVH: command line, modules,
 * memory. A loader may be wrong: nothing is read outside of mapped memory, no list is
 * believed to end, and what is handed on can be used without a further check.
 *
 * Sources: Multiboot2 Specification, "Boot information format"; Xen "x86/HVM
 * direct boot ABI", struct hvm_start_info.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/image.h"
#include "hv/boot/ranges.h"

#define HANDOVER_MULTIBOOT2	0x36d76289u	/* EAX from a Multiboot 2 loader */
#define HANDOVER_CMDLINE_MAX	4096u		/* bytes, with the final NUL */
#define HANDOVER_MODULES	2u		/* guest image, initrd */

struct handover_module {
	const void *data;		/* NULL: none */
	uint64_t size;			/* bytes */
	char name[MACHINE_IMAGE_NAME_MAX]; /* the start of what the loader calls it, or "" */
};

struct handover {
	/* What the caller knows. */
	const uint8_t *memory;		/* physical address 0 */
	uint64_t mapped;		/* bytes of it that can be read */
	uint64_t own_start, own_end;	/* physical: the caller's own image */

	/* What was handed over. Names and command line are copies. */
	char cmdline[HANDOVER_CMDLINE_MAX];
	struct handover_module modules[HANDOVER_MODULES];
	struct ranges ranges;		/* memory below @mapped; used: the modules */
	uint64_t rsdp;			/* where ACPI's root pointer is said to be, 0: nowhere */

	/* What is wrong, printed as "PART INDEX: FIELD PROBLEM (0xVALUE)". */
	const char *part;		/* "PVH: module", "Multiboot 2: tag at byte", … */
	struct machine_image_error err;
};

/**
 * handover_take - understand what a boot loader handed over
 * @h: memory, mapped, own_start and own_end are set, the rest is zero
 * @magic: HANDOVER_MULTIBOOT2 or PVH_START_MAGIC
 * @info: physical address of the information
 *
 * Returns false, with h->part and h->err filled in, if it cannot be used.
 */
bool handover_take(struct handover *h, uint32_t magic, uint64_t info);
