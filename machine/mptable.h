/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The MP table, by which a guest without ACPI finds its processors and their
 * local APICs. There is no I/O APIC: interrupts of the ISA devices come through
 * the PICs and the first processor's LINT0.
 *
 * Source: Intel "MultiProcessor Specification" version 1.4, chapter "MP
 * Configuration Table".
 */
#pragma once

#include <stdint.h>
#include "machine/machine.h"

#define MACHINE_MPTABLE_ALIGN	16u
/* Bytes: what is there once, and what is there for each processor. */
#define MACHINE_MPTABLE_MAX	(16u + 44 + 20 * MACHINE_CPUS_MAX + 8 + 3 * 8)

/**
 * machine_mptable_build - write the floating pointer and the table behind it
 * @to: where; MACHINE_MPTABLE_MAX bytes
 * @address: guest-physical, of the same place
 * @cpus: how many processors, with APIC ids from 0 on
 */
void machine_mptable_build(void *to, uint32_t address, unsigned int cpus);
