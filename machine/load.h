/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Put a guest's files into its memory, whatever kind of guest it is, and say
 * how its vCPU is entered. Both hosts call machine_load() and nothing below it.
 *
 * Every vCPU is entered alike: 32-bit protected mode, paging off, CR0 and
 * RFLAGS as pvh.h has them, flat segments, interrupts off, general registers 0
 * but for EAX, EBX and ESI. What differs is in struct machine_start.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/image.h"

/* Files in memory, sizes in bytes; no initrd: NULL. */
struct machine_files {
	const void *image;	/* a PVH ELF, a Multiboot image or a bzImage: its content says */
	uint64_t image_size;
	const void *initrd;
	uint64_t initrd_size;
	const char *cmdline;
	const char *name, *initrd_name;	/* a Multiboot guest is told; "": none */
	unsigned int cpus;	/* that the tables for the guest name, 1 to MACHINE_CPUS_MAX */
};

/* In the GDT of a protocol that wants one: flat segments of 4 GiB. */
#define MACHINE_DESCRIPTOR_CODE	0x00cf9b000000ffffull
#define MACHINE_DESCRIPTOR_DATA	0x00cf93000000ffffull

struct machine_start {
	uint32_t eip, eax, ebx, esi;
	uint16_t cs, ds;	/* selectors; SS, ES, FS, GS as DS */
	uint32_t gdt_base;	/* guest-physical */
	uint16_t gdt_limit;
	bool x2apic;		/* the APIC is in x2APIC mode already, as firmware hands it on */
};

/**
 * machine_load - check the files of a guest and load them
 * @ram, @ram_size: cleared guest RAM, as for machine_image_load()
 * @start: receives how to enter
 * @err: receives what is wrong, and in which file
 *
 * Returns true when everything was checked and loaded; otherwise the host ends
 * with MACHINE_CODE_BAD_IMAGE.
 */
bool machine_load(const struct machine_files *files, void *ram, uint64_t ram_size,
		  struct machine_start *start, struct machine_image_error *err);
