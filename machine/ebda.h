/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables by which a guest finds its processors, local APICs and the rest of
 * the machine, where firmware leaves them: in the extended BIOS data area (EBDA),
 * the last KiB of base memory. A guest comes to it by any of three ways: by the
 * address of the RSDP that its loader passes on, by the pointer in the BIOS data
 * area, or by a search through the EBDA. The BIOS's own range up to 1 MiB, where
 * guests search last, is no memory here.
 *
 * Source: ACPI Specification, "Finding the RSDP on IA-PC Systems".
 */
#pragma once

#include <stdint.h>
#include "machine/machine.h"

/* The address of its segment is in the BIOS data area. */
#define MACHINE_EBDA_POINTER	0x40eu

/* Guest-physical addresses of the MP table's and ACPI's root pointers, where a search looks. */
#define MACHINE_MPTABLE		(MACHINE_EBDA + 0x10u)
#define MACHINE_RSDP		(MACHINE_EBDA + 0x140u)

/**
 * machine_ebda_write - write ACPI's tables, the MP table and the pointer to both
 * @ram: guest RAM from guest-physical 0
 * @cpus: how many processors the tables name, 1 to MACHINE_CPUS_MAX
 */
void machine_ebda_write(void *ram, unsigned int cpus);

/**
 * machine_mptable_write - of these the MP table: see mptable.c
 *
 * A guest without ACPI finds its processors and their local APICs by it.
 */
void machine_mptable_write(void *ram, unsigned int cpus);

/** machine_acpi_write - and ACPI's: see acpi.c */
void machine_acpi_write(void *ram, unsigned int cpus);
