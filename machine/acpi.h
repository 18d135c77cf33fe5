/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI's tables: RSDP, XSDT, FADT with FACS and an empty DSDT, MADT. They name
 * the processors and local APICs and say what a PC has and this machine has not:
 * there is no I/O APIC, PM timer, keyboard controller or VGA, and no AML.
 *
 * Not "hardware-reduced": an operating system takes that to mean that there are
 * no PICs either. So the PM1 registers exist, at MACHINE_PM1, though no event
 * ever comes of them and they put nothing to sleep.
 *
 * Source: ACPI Specification 5.0, "ACPI System Description Tables", "ACPI
 * Hardware Specification".
 */
#pragma once

#include <stdint.h>
#include "machine/machine.h"

#define MACHINE_ACPI_ALIGN	64u
/* Bytes: what is there once, and what is there for each processor. */
#define MACHINE_ACPI_MAX	(534u + 8 * MACHINE_CPUS_MAX)

/**
 * machine_acpi_build - write the tables, the RSDP first
 * @to: where; MACHINE_ACPI_MAX bytes
 * @address: guest-physical, of the same place; a multiple of MACHINE_ACPI_ALIGN
 * @cpus: how many processors, with APIC ids from 0 on
 */
void machine_acpi_build(void *to, uint32_t address, unsigned int cpus);
