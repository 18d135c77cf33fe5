// SPDX-License-Identifier: GPL-2.0-only
/*
 * ACPI's tables: RSDP, XSDT, FADT with FACS and an empty DSDT, MADT. They name
 * the processors and local APICs and say what a PC has and this machine has not:
 * there is no I/O APIC, PM timer, keyboard controller or VGA, and no AML.
 * Structures carry the specification's names; what is not there has none.
 *
 * Not "hardware-reduced": an operating system takes that to mean that there are
 * no PICs either. So the PM1 registers exist, at MACHINE_PM1, though no event
 * ever comes of them and they put nothing to sleep.
 *
 * Source: ACPI Specification 5.0, "ACPI System Description Tables", "ACPI
 * Hardware Specification".
 */
#include <stddef.h>
#include "machine/checksum.h"
#include "machine/cmos.h"
#include "machine/ebda.h"
#include "machine/x86.h"

/* Revisions are those of ACPI 5.0. */
enum {
	RSDP_REVISION = 2, XSDT_REVISION = 1, FADT_REVISION = 5, DSDT_REVISION = 2,
	MADT_REVISION = 3, FACS_VERSION = 2,
};

/* FADT, "Fixed ACPI Description Table Fixed Feature Flags" and "IA-PC Boot Architecture". */
#define WBINVD			(1u << 0)
#define PROC_C1			(1u << 2)
#define PWR_BUTTON		(1u << 4)	/* no power button in PM1 */
#define SLP_BUTTON		(1u << 5)	/* no sleep button there */
#define FIX_RTC			(1u << 6)	/* no alarm of the clock there */
#define RESET_REG_SUP		(1u << 10)
#define LEGACY_DEVICES		(1u << 0)	/* COM1 */
#define NO_VGA			(1u << 2)
#define NO_C2			101		/* a latency that says that there is none */
#define NO_C3			1001

#define PCAT_COMPAT		(1u << 0)	/* MADT: there are two 8259s */
#define LOCAL_APIC_ENABLED	(1u << 0)
#define ALL_PROCESSORS		0xff
enum { LOCAL_APIC = 0, LOCAL_APIC_NMI = 4 };

struct rsdp {
	uint8_t signature[8], checksum, oem[6], revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t extended_checksum, reserved[3];
} __attribute__((packed));

struct header {
	uint8_t signature[4];
	uint32_t length;
	uint8_t revision, checksum, oem[6], oem_table[8];
	uint32_t oem_revision;
	uint8_t creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

enum { SYSTEM_IO = 1, BYTE_ACCESS = 1, WORD_ACCESS = 2 };

struct gas {				/* "Generic Address Structure" */
	uint8_t space, bits, offset, access;
	uint64_t address;
} __attribute__((packed));

struct fadt {
	struct header header;
	uint32_t firmware_ctrl, dsdt;
	uint16_t reserved0, sci_int;
	uint32_t smi_cmd, none0;		/* to switch to ACPI mode; values to write there */
	uint32_t pm1a_evt_blk, none1, pm1a_cnt_blk, none2[5];
	uint8_t pm1_evt_len, pm1_cnt_len, none3[6];
	uint16_t p_lvl2_lat, p_lvl3_lat, none4[2];
	uint8_t none5[4], century;
	uint16_t iapc_boot_arch;
	uint8_t reserved1;
	uint32_t flags;
	struct gas reset_reg;
	uint8_t reset_value, reserved2[3];
	uint64_t x_firmware_ctrl, x_dsdt;
	struct gas x_pm1a_evt_blk, none6, x_pm1a_cnt_blk, none7[7];
} __attribute__((packed));

struct facs {
	uint8_t signature[4];
	uint32_t length, none0[6];
	uint8_t version, none1[31];
};

struct xsdt {
	struct header header;
	uint64_t fadt, madt;
} __attribute__((packed));

struct local_apic {
	uint8_t type, length, processor, apic_id;
	uint32_t flags;
};

struct local_apic_nmi {
	uint8_t type, length, processor;
	uint16_t flags;			/* 0: as the bus has it */
	uint8_t lint;
} __attribute__((packed));

struct madt {
	struct header header;
	uint32_t local_apic, flags;
	struct local_apic_nmi nmi;
	struct local_apic processors[];
} __attribute__((packed));

#define FACS_ALIGN		64u

/* One block, so that all are built with one address. */
struct tables {
	struct rsdp rsdp;
	uint8_t pad0[FACS_ALIGN - sizeof(struct rsdp)];
	struct facs facs;
	struct xsdt xsdt;
	struct fadt fadt;
	struct header dsdt;		/* and no AML */
	struct madt madt;
} __attribute__((packed));

#define ADDRESS(table)	(MACHINE_RSDP + offsetof(struct tables, table))

_Static_assert(sizeof(struct rsdp) == 36 && sizeof(struct header) == 36, "ACPI layout");
_Static_assert(sizeof(struct fadt) == 268 && offsetof(struct fadt, flags) == 112, "FADT layout");
_Static_assert(sizeof(struct facs) == 64, "FACS layout");
_Static_assert(ADDRESS(facs) % FACS_ALIGN == 0, "FACS alignment");
_Static_assert(MACHINE_RSDP + sizeof(struct tables) + MACHINE_CPUS_MAX * sizeof(struct local_apic)
	       <= MACHINE_EBDA + MACHINE_EBDA_SIZE, "room for ACPI's tables");

/* What every table but RSDP and FACS begins with; comes last, for the checksum. */
static void finish(struct header *at, const char *signature, uint32_t length, uint8_t revision)
{
	static const struct header header = {
		.oem = { 'V', 'M', 'E', 'X', 'I', 'T' },
		.oem_table = { 'L', 'A', 'B', ' ', ' ', ' ', ' ', ' ' },
		.oem_revision = 1, .creator = { 'L', 'A', 'B', ' ' }, .creator_revision = 1,
	};

	*at = header;
	__builtin_memcpy(at->signature, signature, sizeof(at->signature));
	at->length = length;
	at->revision = revision;
	at->checksum = checksum(at, length);
}

static struct gas io_register(uint32_t port, uint8_t bytes, uint8_t access)
{
	return (struct gas) {
		.space = SYSTEM_IO, .bits = 8 * bytes, .access = access, .address = port,
	};
}

static void build_fadt(struct fadt *at)
{
	*at = (struct fadt) {
		.firmware_ctrl = ADDRESS(facs),
		.dsdt = ADDRESS(dsdt), .x_dsdt = ADDRESS(dsdt),
		.sci_int = MACHINE_SCI_IRQ,
		/* smi_cmd is 0: the machine is in ACPI mode from the start. */
		.pm1a_evt_blk = MACHINE_PM1, .pm1_evt_len = MACHINE_PM1_CONTROL,
		.pm1a_cnt_blk = MACHINE_PM1 + MACHINE_PM1_CONTROL,
		.pm1_cnt_len = MACHINE_PM1_PORTS - MACHINE_PM1_CONTROL,
		.p_lvl2_lat = NO_C2, .p_lvl3_lat = NO_C3,
		.century = MACHINE_CMOS_CENTURY,
		.iapc_boot_arch = LEGACY_DEVICES | NO_VGA,
		.flags = WBINVD | PROC_C1 | PWR_BUTTON | SLP_BUTTON | FIX_RTC | RESET_REG_SUP,
		.reset_reg = io_register(MACHINE_RESET_PORT, 1, BYTE_ACCESS),
		.reset_value = MACHINE_RESET_CPU,
	};
	at->x_pm1a_evt_blk = io_register(at->pm1a_evt_blk, at->pm1_evt_len, WORD_ACCESS);
	at->x_pm1a_cnt_blk = io_register(at->pm1a_cnt_blk, at->pm1_cnt_len, WORD_ACCESS);
	finish(&at->header, "FACP", sizeof(*at), FADT_REVISION);
}

static void build_madt(struct madt *at, unsigned int cpus)
{
	*at = (struct madt) {
		.local_apic = APIC_BASE_ADDRESS,
		.flags = PCAT_COMPAT,
		.nmi = {
			.type = LOCAL_APIC_NMI, .length = sizeof(at->nmi),
			.processor = ALL_PROCESSORS, .lint = 1,
		},
	};
	for (unsigned int i = 0; i < cpus; i++) {
		at->processors[i] = (struct local_apic) {
			.type = LOCAL_APIC, .length = sizeof(at->processors[i]),
			.processor = i, .apic_id = i, .flags = LOCAL_APIC_ENABLED,
		};
	}
	finish(&at->header, "APIC", sizeof(*at) + cpus * sizeof(at->processors[0]), MADT_REVISION);
}

void machine_acpi_write(void *ram, unsigned int cpus)
{
	struct tables *at = (void *)((uint8_t *)ram + MACHINE_RSDP);

	at->facs = (struct facs) {
		{ 'F', 'A', 'C', 'S' }, .length = sizeof(at->facs), .version = FACS_VERSION,
	};
	finish(&at->dsdt, "DSDT", sizeof(at->dsdt), DSDT_REVISION);
	build_fadt(&at->fadt);
	build_madt(&at->madt, cpus);
	at->xsdt.fadt = ADDRESS(fadt);
	at->xsdt.madt = ADDRESS(madt);
	finish(&at->xsdt.header, "XSDT", sizeof(at->xsdt), XSDT_REVISION);
	at->rsdp = (struct rsdp) {
		.signature = { 'R', 'S', 'D', ' ', 'P', 'T', 'R', ' ' },
		.oem = { 'V', 'M', 'E', 'X', 'I', 'T' }, .revision = RSDP_REVISION,
		.length = sizeof(at->rsdp), .xsdt = ADDRESS(xsdt),
	};
	/* The first checksum is that of the 20 bytes that ACPI 1.0 knew. */
	at->rsdp.checksum = checksum(&at->rsdp, offsetof(struct rsdp, length));
	at->rsdp.extended_checksum = checksum(&at->rsdp, sizeof(at->rsdp));
}
