/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables by which a guest without ACPI finds its processor and local APIC.
 * There is no I/O APIC: interrupts of the ISA devices come through the PICs
 * and LINT0.
 *
 * Source: Intel "MultiProcessor Specification" version 1.4, chapter "MP
 * Configuration Table".
 */
#ifndef MACHINE_MPTABLE_H
#define MACHINE_MPTABLE_H

#include <stdint.h>

/* The extended BIOS data area: the last KiB of base memory, where guests search. */
#define MACHINE_EBDA		0x9fc00u
#define MACHINE_EBDA_SIZE	0x400u

/** machine_mptable_write - write the tables for one processor into the EBDA of @ram */
void machine_mptable_write(void *ram);

#endif /* MACHINE_MPTABLE_H */
