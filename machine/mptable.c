// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MP table. There is no I/O APIC: interrupts of the ISA devices come through the PICs
 * and the first processor's LINT0.
 *
 * Source: Intel "MultiProcessor Specification" version 1.4, chapter "MP
 * Configuration Table".
 */
#include "machine/checksum.h"
#include "machine/ebda.h"
#include "machine/x86.h"

enum {
	ENTRY_PROCESSOR = 0, ENTRY_BUS = 1, ENTRY_IO_INTERRUPT = 3, ENTRY_LOCAL_INTERRUPT = 4,
};
enum { CPU_ENABLED = 1, CPU_BOOTSTRAP = 2 };
enum { INTERRUPT_NMI = 1, INTERRUPT_EXTINT = 3 };

#define SPEC_1_4		4
#define LOCAL_APIC_VERSION	0x14
#define ALL_APICS		0xff

/* Not packed: every field is where its size aligns it. */
struct floating_pointer {
	uint8_t signature[4];
	uint32_t table;
	uint8_t length;			/* in units of 16 bytes */
	uint8_t spec, checksum;
	uint8_t features[5];		/* all 0: there is a table, PICs in virtual wire mode */
};

struct interrupt {
	uint8_t type, kind;
	uint16_t flags;			/* 0: as the bus has it */
	uint8_t bus, irq, apic, input;
};

struct processor {
	uint8_t type, apic_id, apic_version, flags;
	uint32_t signature, features, unused[2];
};

struct bus {
	uint8_t type, id, name[6];
};

struct header {
	uint8_t signature[4];
	uint16_t length;
	uint8_t spec, checksum;
	uint8_t oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_size, entries;
	uint32_t local_apic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
};

/* The entries are in the order of their types. */
struct mptable {
	struct floating_pointer pointer;
	struct header header;
	struct processor processors[];
};

struct behind_processors {
	struct bus bus;
	struct interrupt pic, extint, nmi;
};

_Static_assert(MACHINE_MPTABLE + sizeof(struct mptable) + sizeof(struct behind_processors) +
	       MACHINE_CPUS_MAX * sizeof(struct processor) <= MACHINE_RSDP, "room for the table");
_Static_assert(sizeof(struct mptable) == 16 + 44 && sizeof(struct behind_processors) == 8 + 3 * 8 &&
	       sizeof(struct processor) == 20, "MP table layout");

void machine_mptable_write(void *ram, unsigned int cpus)
{
	struct mptable *at = (void *)((uint8_t *)ram + MACHINE_MPTABLE);
	struct behind_processors *behind = (void *)&at->processors[cpus];
	const uint32_t length = (uint8_t *)(behind + 1) - (uint8_t *)&at->header;

	at->pointer = (struct floating_pointer) {
		.signature = { '_', 'M', 'P', '_' },
		.table = MACHINE_MPTABLE + sizeof(at->pointer),
		.length = sizeof(at->pointer) / 16,
		.spec = SPEC_1_4,
	};
	at->header = (struct header) {
		.signature = { 'P', 'C', 'M', 'P' },
		.length = length,
		.spec = SPEC_1_4,
		.oem = { 'V', 'M', 'E', 'X', 'I', 'T', 'S', ' ' },
		.product = { 'L', 'A', 'B', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' },
		.entries = cpus + 4,
		.local_apic = APIC_BASE_ADDRESS,
	};
	for (unsigned int i = 0; i < cpus; i++) {
		at->processors[i] = (struct processor) {
			.type = ENTRY_PROCESSOR, .apic_id = i, .apic_version = LOCAL_APIC_VERSION,
			.flags = CPU_ENABLED | (i ? 0 : CPU_BOOTSTRAP),
		};
	}
	*behind = (struct behind_processors) {
		.bus = { .type = ENTRY_BUS, .name = { 'I', 'S', 'A', ' ', ' ', ' ' } },
		/* Linux takes tables without any entry of this type for broken ones. */
		.pic = { .type = ENTRY_IO_INTERRUPT, .kind = INTERRUPT_EXTINT, .apic = ALL_APICS },
		.extint = { .type = ENTRY_LOCAL_INTERRUPT, .kind = INTERRUPT_EXTINT },
		.nmi = {
			.type = ENTRY_LOCAL_INTERRUPT, .kind = INTERRUPT_NMI,
			.apic = ALL_APICS, .input = 1,
		},
	};
	at->pointer.checksum = checksum(&at->pointer, sizeof(at->pointer));
	at->header.checksum = checksum(&at->header, length);
}
