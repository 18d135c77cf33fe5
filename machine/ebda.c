// SPDX-License-Identifier: GPL-2.0-only
/* The extended BIOS data area: its size, the MP table, ACPI's tables. */
#include "machine/ebda.h"

_Static_assert(!(MACHINE_MPTABLE % 16 || MACHINE_RSDP % 16), "a search finds both");

void machine_ebda_write(void *ram, unsigned int cpus)
{
	const uint16_t segment = MACHINE_EBDA >> 4;
	uint8_t *to = ram;

	__builtin_memcpy(to + MACHINE_EBDA_POINTER, &segment, sizeof(segment));
	to[MACHINE_EBDA] = MACHINE_EBDA_SIZE / 1024;
	machine_mptable_write(ram, cpus);
	machine_acpi_write(ram, cpus);
}
