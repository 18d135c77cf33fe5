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
 * machine_loader - check the files of a guest and load them
 * @ram, @ram_size: cleared guest RAM from guest-physical 0, bytes; the PC hole inside it is
 *                  not RAM (machine.h); at least MACHINE_MEM_MIN_MIB
 * @start: receives how to enter
 * @err: receives what is wrong, and in which file
 *
 * Returns true when everything was checked and loaded; otherwise nothing was written to
 * guest RAM, and the host ends with MACHINE_CODE_BAD_IMAGE.
 */
typedef bool machine_loader(const struct machine_files *files, void *ram, uint64_t ram_size,
			    struct machine_start *start, struct machine_image_error *err);

/** machine_load - of a guest of any kind, with firmware's tables */
machine_loader machine_load;

/** machine_pvh_load - of an ELF with a PVH note and at most 64 program headers (image.c) */
machine_loader machine_pvh_load;
