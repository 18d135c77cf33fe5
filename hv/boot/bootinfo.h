/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot loader handed over: options, images, memory. */
#pragma once

#include "acct/exit_leaves.h"
#include "hv/boot/handover.h"
#include "machine/machine.h"

struct hv_options {
	enum exit_acct_map leaves;
	u64 report;			/* exits between reports, 0: never */
	u64 mem;			/* guest RAM, MiB */
	u64 limit;			/* seconds from the first entry on, 0: none */
	u64 cpus;			/* how many vCPUs */
	u64 stamp;			/* machine_last_line */
	u64 detail;			/* tell exits of one reason apart? */
	const char *machine;		/* "bochs", "qemu", "bare" */
	const char *clock;		/* "emulated", "hardware" */
	u64 unhandled;			/* reason to go without a handler, as a test */
	const char *intercept;		/* names of intercept.c, commas between them */
	const char *guest_cmdline;
};

struct bootinfo {
	const struct handover_module *modules;	/* guest image, initrd */
	struct hv_options options;
	/* Of the machine, if there is to be more than one vCPU: */
	u32 nr_processors, apic_ids[MACHINE_CPUS_MAX];
	u64 low_page;			/* below 1 MiB, for us to use, 0: there is none */
};

/**
 * bootinfo_init - understand what the boot loader handed over
 * @magic: EAX at entry, or PVH_START_MAGIC
 * @info: EBX at entry
 * @b: to be filled in
 *
 * Ends the machine if that is wrong or an option cannot be used.
 */
void bootinfo_init(u32 magic, u32 info, struct bootinfo *b);

/**
 * boot_alloc - take memory that nobody uses, cleared
 * @size, @align: bytes, @align a power of two
 *
 * Returns NULL if there is no such block below 4 GiB. Never given back.
 */
void *boot_alloc(u64 size, u64 align);
