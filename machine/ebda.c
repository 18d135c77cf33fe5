// SPDX-License-Identifier: GPL-2.0-only
/* The extended BIOS data area: its size, the MP table, ACPI's tables. */
#include "machine/acpi.h"
#include "machine/ebda.h"
#include "machine/mptable.h"

#define POINTER		0x40eu		/* in the BIOS data area: its segment */
#define MPTABLE		(MACHINE_EBDA + 16)

_Static_assert(MPTABLE % MACHINE_MPTABLE_ALIGN == 0, "a search finds the MP table");
_Static_assert(MPTABLE + MACHINE_MPTABLE_MAX <= MACHINE_RSDP, "room for the MP table");
_Static_assert(MACHINE_RSDP % MACHINE_ACPI_ALIGN == 0, "a search finds the RSDP");
_Static_assert(MACHINE_RSDP + MACHINE_ACPI_MAX <= MACHINE_EBDA + MACHINE_EBDA_SIZE,
	       "room for ACPI's tables");

void machine_ebda_write(void *ram, unsigned int cpus)
{
	const uint16_t segment = MACHINE_EBDA >> 4;
	uint8_t *to = ram;

	__builtin_memcpy(to + POINTER, &segment, sizeof(segment));
	to[MACHINE_EBDA] = MACHINE_EBDA_SIZE / 1024;
	machine_mptable_build(to + MPTABLE, MPTABLE, cpus);
	machine_acpi_build(to + MACHINE_RSDP, MACHINE_RSDP, cpus);
}
