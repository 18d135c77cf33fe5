// SPDX-License-Identifier: GPL-2.0-only
/* MP tables for one processor, without I/O APIC. */
#include "lapic.h"
#include "mptable.h"

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

struct table {
	uint8_t signature[4];
	uint16_t length;
	uint8_t spec, checksum;
	uint8_t oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_size, entries;
	uint32_t local_apic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
	struct {
		uint8_t type, apic_id, apic_version, flags;
		uint32_t signature, features, unused[2];
	} processor;
	struct {
		uint8_t type, id, name[6];
	} bus;
	struct interrupt pic, extint, nmi;
};

_Static_assert(sizeof(struct floating_pointer) == 16, "MP floating pointer layout");
_Static_assert(sizeof(struct table) == 44 + 20 + 8 + 3 * 8, "MP configuration table layout");

/* The byte that makes the sum of all bytes 0. */
static uint8_t checksum(const void *data, uint32_t size)
{
	const uint8_t *byte = data;
	uint8_t sum = 0;

	while (size--)
		sum -= *byte++;
	return sum;
}

void machine_mptable_write(void *ram)
{
	struct {
		struct floating_pointer pointer;
		struct table table;
	} *at = (void *)((uint8_t *)ram + MACHINE_EBDA);

	_Static_assert(sizeof(*at) <= MACHINE_EBDA_SIZE, "the tables fit");
	at->pointer = (struct floating_pointer) {
		.signature = { '_', 'M', 'P', '_' },
		.table = MACHINE_EBDA + sizeof(at->pointer),
		.length = sizeof(at->pointer) / 16,
		.spec = SPEC_1_4,
	};
	at->table = (struct table) {
		.signature = { 'P', 'C', 'M', 'P' },
		.length = sizeof(at->table),
		.spec = SPEC_1_4,
		.oem = { 'V', 'M', 'E', 'X', 'I', 'T', 'S', ' ' },
		.product = { 'L', 'A', 'B', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' },
		.entries = 5,
		.local_apic = APIC_BASE_ADDRESS,
		.processor = {
			.type = ENTRY_PROCESSOR, .apic_version = LOCAL_APIC_VERSION,
			.flags = CPU_ENABLED | CPU_BOOTSTRAP,
		},
		.bus = { .type = ENTRY_BUS, .name = { 'I', 'S', 'A', ' ', ' ', ' ' } },
		/* Linux takes tables without any entry of this type for broken ones. */
		.pic = {
			.type = ENTRY_IO_INTERRUPT, .kind = INTERRUPT_EXTINT, .apic = ALL_APICS,
		},
		.extint = {
			.type = ENTRY_LOCAL_INTERRUPT, .kind = INTERRUPT_EXTINT,
		},
		.nmi = {
			.type = ENTRY_LOCAL_INTERRUPT, .kind = INTERRUPT_NMI,
			.apic = ALL_APICS, .input = 1,
		},
	};
	at->pointer.checksum = checksum(&at->pointer, sizeof(at->pointer));
	at->table.checksum = checksum(&at->table, sizeof(at->table));
}
