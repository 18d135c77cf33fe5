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

/* Guest-physical address of ACPI's root pointer. */
#define MACHINE_RSDP		(MACHINE_EBDA + 0x140u)

/**
 * machine_ebda_write - write ACPI's tables, the MP table and the pointer to both
 * @ram: guest RAM from guest-physical 0
 * @cpus: how many processors the tables name, 1 to MACHINE_CPUS_MAX
 */
void machine_ebda_write(void *ram, unsigned int cpus);
