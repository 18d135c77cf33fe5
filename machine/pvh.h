/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PVH boot protocol: what a loader hands to a guest entered at the address
 * of its PHYS32_ENTRY note. Used by both hosts to write it, by the guest to
 * read it, and by hv when it is started by this protocol itself.
 *
 * The vCPU enters in 32-bit protected mode, paging off, flat segments, with
 * interrupts disabled and EBX holding the physical address of the start info.
 *
 * Source: Xen "x86/HVM direct boot ABI"; Xen public header "elfnote.h".
 */
#pragma once

/* The ELF note with the 32-bit physical entry point, 4 or 8 bytes. */
#define PVH_NOTE_NAME		"Xen"
#define PVH_NOTE_PHYS32_ENTRY	18

#define PVH_START_MAGIC		0x336ec578	/* "xEn3" with bit 7 of the "E" set */
#define PVH_START_VERSION	1		/* the first with a memory map */

/* How the vCPU is entered; everything else is zero. */
#define PVH_CR0			0x11u	/* PE, and ET which is fixed to 1 */
#define PVH_RFLAGS		0x2u	/* the bit that is fixed to 1 */

#ifndef __ASSEMBLER__
#include <stdint.h>

enum pvh_memmap_type { PVH_MEMMAP_RAM = 1, PVH_MEMMAP_RESERVED = 2 };

/* All addresses are guest-physical. */
struct pvh_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist;	/* array of struct pvh_module */
	uint64_t cmdline;	/* NUL-terminated, or 0 */
	uint64_t rsdp;		/* ACPI root pointer, or 0 */
	uint64_t memmap;	/* array of struct pvh_memmap; version 1 */
	uint32_t memmap_entries;
	uint32_t reserved;
};

struct pvh_module {
	uint64_t addr;
	uint64_t size;		/* bytes */
	uint64_t cmdline;	/* NUL-terminated, or 0 */
	uint64_t reserved;
};

struct pvh_memmap {
	uint64_t addr;
	uint64_t size;		/* bytes */
	uint32_t type;		/* enum pvh_memmap_type, and more that we never write */
	uint32_t reserved;
};

_Static_assert(sizeof(struct pvh_start_info) == 56, "start info layout");
_Static_assert(sizeof(struct pvh_module) == 32, "module layout");
_Static_assert(sizeof(struct pvh_memmap) == 24, "memory map layout");
#endif /* __ASSEMBLER__ */
