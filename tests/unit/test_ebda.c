// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/ebda.c machine/acpi.c machine/mptable.c */
/*
 * The tables that firmware leaves, found and read as a guest does it, for every number
 * of processors. With a folder as its argument ACPI's tables are written into it
 * instead, as files for other tools.
 */
#include "machine/ebda.h"
#include "hv/cpu/lapic.h"
#include "tests/unit/tap.h"

static uint8_t ram[MACHINE_RAM_LOW_END];

/* Offsets; source: ACPI Specification 5.0, "ACPI System Description Tables". */
enum {
	RSDP_CHECKED = 20, RSDP_REVISION = 15, RSDP_RSDT = 16, RSDP_LENGTH = 20, RSDP_XSDT = 24,
	T_LENGTH = 4, T_REVISION = 8, T_OEM = 10, T_ENTRIES = 36,
	F_FACS = 36, F_DSDT = 40, F_SCI = 46, F_SMI = 48, F_EVT = 56, F_CNT = 64, F_TMR = 76,
	F_GPE0 = 80, F_EVT_LEN = 88, F_CNT_LEN = 89, F_TMR_LEN = 91, F_C2 = 96, F_C3 = 98,
	F_CENTURY = 108, F_BOOT_ARCH = 109, F_FLAGS = 112, F_RESET = 116, F_RESET_VALUE = 128,
	F_X_FACS = 132, F_X_DSDT = 140, F_X_EVT = 148, F_X_CNT = 172, F_END = 268,
	M_LOCAL_APIC = 36, M_FLAGS = 40, M_ENTRIES = 44,
};

static uint64_t get(const uint8_t *from, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static uint8_t sum(const uint8_t *from, unsigned int size)
{
	uint8_t sum = 0;

	while (size--)
		sum += *from++;
	return sum;
}

/* From the pointer in the BIOS data area on, in steps of 16 bytes. */
static const uint8_t *search(const char *signature, unsigned int length)
{
	const uint8_t *ebda = ram + (get(ram + 0x40e, 2) << 4);
	unsigned int i;

	for (i = 0; i < ebda[0] * 1024u; i += 16) {
		if (!memcmp(ebda + i, signature, length))
			return ebda + i;
	}
	return NULL;
}

static bool in_ebda(uint64_t address, uint64_t size)
{
	return address >= MACHINE_EBDA && address + size <= MACHINE_EBDA + MACHINE_EBDA_SIZE;
}

/* The table that @xsdt names there, if it is whole; NULL says what a guest would. */
static const uint8_t *table(uint64_t address, const char *signature)
{
	const uint8_t *t = ram + address;

	if (!in_ebda(address, 36) || memcmp(t, signature, 4) ||
	    !in_ebda(address, get(t + T_LENGTH, 4)) || sum(t, get(t + T_LENGTH, 4)))
		return NULL;
	return t;
}

static void write_tables(unsigned int cpus)
{
	memset(ram, 0x55, sizeof(ram));
	machine_ebda_write(ram, cpus);
}

static const uint8_t *xsdt(void)
{
	return table(get(ram + MACHINE_RSDP + RSDP_XSDT, 8), "XSDT");
}

static const uint8_t *listed(const char *signature)
{
	const uint8_t *x = xsdt();
	unsigned int at;

	for (at = T_ENTRIES; x && at < get(x + T_LENGTH, 4); at += 8) {
		const uint8_t *t = table(get(x + at, 8), signature);

		if (t)
			return t;
	}
	return NULL;
}

static void test_places(void)
{
	const uint8_t *rsdp;
	unsigned int i, touched = 0;

	write_tables(MACHINE_CPUS_MAX);
	for (i = 0; i < MACHINE_EBDA; i++)
		touched += i != 0x40e && i != 0x40f && ram[i] != 0x55;
	is_u64("below the EBDA only its pointer is written", touched, 0);
	is_u64("which names it", get(ram + 0x40e, 2) << 4, MACHINE_EBDA);
	is_u64("its first byte is its size in KiB", ram[MACHINE_EBDA], 1);
	rsdp = search("RSD PTR ", 8);
	ok(rsdp == ram + MACHINE_RSDP, "a search finds the RSDP where loaders say that it is");
	is_u64("its revision", rsdp[RSDP_REVISION], 2);
	is_u64("its length", get(rsdp + RSDP_LENGTH, 4), 36);
	is_u64("the sum of what ACPI 1.0 knew of it", sum(rsdp, RSDP_CHECKED), 0);
	is_u64("the sum of all", sum(rsdp, 36), 0);
	is_u64("no RSDT", get(rsdp + RSDP_RSDT, 4), 0);
	ok(!memcmp(rsdp + 9, xsdt() + T_OEM, 6), "one maker");
	is_u64("XSDT: revision", xsdt()[T_REVISION], 1);
	is_u64("XSDT: two tables", get(xsdt() + T_LENGTH, 4), 36 + 2 * 8);
}

static void is_register(const char *name, const uint8_t *gas, uint64_t port, unsigned int bits)
{
	is_u64(name, get(gas + 4, 8), port);
	ok(gas[0] == 1 && gas[1] == bits && gas[2] == 0 && gas[3] == bits / 8 / (bits > 16 ? 2 : 1),
	   "%s: %u bits of I/O space", name, bits);
}

static void test_fadt(void)
{
	static const struct {
		const char *name;
		unsigned int at, size;
		uint64_t value;
	} fields[] = {
		{ "length", T_LENGTH, 4, F_END },
		{ "revision", T_REVISION, 1, 5 },
		{ "SCI", F_SCI, 2, 9 },
		{ "no SMI command: ACPI mode is on", F_SMI, 4, 0 },
		{ "PM1 events", F_EVT, 4, MACHINE_PM1 },
		{ "their length", F_EVT_LEN, 1, 4 },
		{ "PM1 control", F_CNT, 4, MACHINE_PM1 + 4 },
		{ "its length", F_CNT_LEN, 1, 2 },
		{ "no PM timer", F_TMR, 4, 0 },
		{ "of no length", F_TMR_LEN, 1, 0 },
		{ "no GPE", F_GPE0, 4, 0 },
		{ "no C2", F_C2, 2, 101 },
		{ "no C3", F_C3, 2, 1001 },
		{ "the century", F_CENTURY, 1, 0x32 },
		/* Devices of the ISA bus; a clock; no 8042, no VGA. */
		{ "boot architecture", F_BOOT_ARCH, 2, 0x5 },
		/* WBINVD, C1, no buttons, no alarm, a reset register; not hardware-reduced. */
		{ "flags", F_FLAGS, 4, 0x475 },
		{ "what resets", F_RESET_VALUE, 1, 0x04 },
		{ "one address of the FACS", F_X_FACS, 8, 0 },
	};
	const uint8_t *fadt, *facs, *dsdt;
	unsigned int i;

	write_tables(1);
	fadt = listed("FACP");
	if (!ok(fadt, "the FADT is listed and whole"))
		return;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		is_u64(fields[i].name, get(fadt + fields[i].at, fields[i].size), fields[i].value);
	is_register("reset register", fadt + F_RESET, 0xcf9, 8);
	is_register("PM1 events, extended", fadt + F_X_EVT, MACHINE_PM1, 32);
	is_register("PM1 control, extended", fadt + F_X_CNT, MACHINE_PM1 + 4, 16);
	facs = ram + get(fadt + F_FACS, 4);
	is_u64("the FACS is aligned", (facs - ram) % 64, 0);
	ok(in_ebda(facs - ram, 64) && !memcmp(facs, "FACS", 4), "and there");
	is_u64("its length", get(facs + T_LENGTH, 4), 64);
	is_u64("its version", facs[32], 2);
	dsdt = table(get(fadt + F_DSDT, 4), "DSDT");
	ok(dsdt, "the DSDT is whole");
	is_u64("and empty", dsdt ? get(dsdt + T_LENGTH, 4) : 0, 36);
	is_u64("both its addresses are one", get(fadt + F_X_DSDT, 8), get(fadt + F_DSDT, 4));
}

static void test_madt(unsigned int cpus)
{
	unsigned int at, found = 0, nmi = 0, other = 0;
	const uint8_t *madt;

	write_tables(cpus);
	madt = listed("APIC");
	if (!ok(madt, "%u CPUs: the MADT is listed and whole", cpus))
		return;
	is_u64("revision", madt[T_REVISION], 3);
	is_u64("local APICs", get(madt + M_LOCAL_APIC, 4), APIC_BASE_ADDRESS);
	is_u64("there are 8259s", get(madt + M_FLAGS, 4), 1);
	for (at = M_ENTRIES; at < get(madt + T_LENGTH, 4); at += madt[at + 1]) {
		const uint8_t *e = madt + at;

		if (!ok(e[1] && at + e[1] <= get(madt + T_LENGTH, 4), "an entry within"))
			return;
		if (e[0] == 0) {	/* processor, APIC id, enabled */
			other += e[1] != 8 || e[2] != found || e[3] != found || get(e + 4, 4) != 1;
			found++;
		} else if (e[0] == 4) {	/* NMI at LINT1 of all */
			other += e[1] != 6 || e[2] != 0xff || get(e + 3, 2) || e[5] != 1;
			nmi++;
		} else {
			other++;
		}
	}
	is_u64("processors", found, cpus);
	is_u64("entries for NMIs", nmi, 1);
	is_u64("entries that are wrong", other, 0);
}

/* Source: "MultiProcessor Specification", "MP Configuration Table". */
static void test_mptable(unsigned int cpus)
{
	const uint8_t *pointer, *mp, *e;
	unsigned int i, wrong = 0, cpu = 0;

	write_tables(cpus);
	pointer = search("_MP_", 4);
	if (!ok(pointer && pointer[8] == 1 && !sum(pointer, 16), "%u CPUs: a search finds the MP "
		"floating pointer", cpus))
		return;
	mp = ram + get(pointer + 4, 4);
	ok(in_ebda(mp - ram, get(mp + 4, 2)) && mp + get(mp + 4, 2) <= ram + MACHINE_RSDP &&
	   !memcmp(mp, "PCMP", 4) && !sum(mp, get(mp + 4, 2)), "the MP table is whole");
	is_u64("local APICs", get(mp + 36, 4), APIC_BASE_ADDRESS);
	for (i = 0, e = mp + 44; i < get(mp + 34, 2); i++, e += e[0] ? 8 : 20) {
		if (e[0] != 0)
			continue;
		/* Enabled, and the first one boots. */
		wrong += e[1] != cpu || e[2] != 0x14 || e[3] != (cpu ? 1 : 3);
		cpu++;
	}
	is_u64("processors", cpu, cpus);
	is_u64("entries that are wrong", wrong, 0);
	ok(e == mp + get(mp + 4, 2), "as many entries as it says");
}

static bool save(const char *folder, const char *name, const uint8_t *t, unsigned int size)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	return f && fwrite(t, 1, size, f) == size && !fclose(f);
}

static int save_all(const char *folder)
{
	const uint8_t *fadt, *madt, *dsdt;

	write_tables(MACHINE_CPUS_MAX);
	fadt = listed("FACP");
	madt = listed("APIC");
	dsdt = table(get(fadt + F_DSDT, 4), "DSDT");
	return !(save(folder, "facp", fadt, get(fadt + T_LENGTH, 4)) &&
		 save(folder, "apic", madt, get(madt + T_LENGTH, 4)) &&
		 save(folder, "dsdt", dsdt, get(dsdt + T_LENGTH, 4)) &&
		 save(folder, "xsdt", xsdt(), get(xsdt() + T_LENGTH, 4)) &&
		 save(folder, "facs", ram + get(fadt + F_FACS, 4), 64));
}

int main(int argc, char **argv)
{
	unsigned int cpus;

	if (argc == 2)
		return save_all(argv[1]);
	test_places();
	test_fadt();
	for (cpus = 1; cpus <= MACHINE_CPUS_MAX; cpus++) {
		test_madt(cpus);
		test_mptable(cpus);
	}
	return done();
}
