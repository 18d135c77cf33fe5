/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's processors, as firmware names them: in ACPI's MADT, or else in an MP
 * table. Firmware may be wrong: nothing is read outside of mapped memory, and no table
 * is taken whose checksum is not right.
 *
 * Source: ACPI Specification, "Finding the RSDP on IA-PC Systems", "Multiple APIC
 * Description Table (MADT)"; Intel MultiProcessor Specification, "MP Configuration Table".
 */
#pragma once

#include <stdint.h>

/**
 * processors_find - the APIC ids of all processors that can be used
 * @memory: physical address 0
 * @mapped: bytes of it that can be read
 * @rsdp: physical address of ACPI's root pointer, 0 to search for it
 * @ids: receives the first @max ids
 *
 * Returns how many there are, 0 where no table tells.
 */
uint32_t processors_find(const uint8_t *memory, uint64_t mapped, uint64_t rsdp,
			 uint32_t *ids, uint32_t max);
