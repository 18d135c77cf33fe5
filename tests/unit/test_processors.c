// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/smp/processors.c machine/ebda.c machine/acpi.c machine/mptable.c */
/*
 * The processors that firmware names: in tables that are right, that are half wrong, and
 * in any bytes. Memory is a heap block of exactly its size, so that AddressSanitizer sees a
 * read past its end.
 */
#include "hv/smp/processors.h"
#include "machine/checksum.h"
#include "machine/ebda.h"
#include "tests/unit/tap.h"

#define SIZE		0x100000u
#define FUZZ		20000

static uint8_t *ram;
static uint32_t ids[MACHINE_CPUS_MAX];

static uint32_t found(uint64_t rsdp)
{
	memset(ids, 0xee, sizeof(ids));
	return processors_find(ram, SIZE, rsdp, ids, MACHINE_CPUS_MAX);
}

static void write_tables(unsigned int cpus)
{
	memset(ram, 0, SIZE);
	machine_ebda_write(ram, cpus);
}

static uint8_t *find(const char *signature)
{
	return memmem(ram, SIZE, signature, strlen(signature));
}

/* The table's checksum, after a change; where it is differs. */
static void repair(uint8_t *table, uint32_t size, uint32_t at)
{
	table[at] = 0;
	table[at] = checksum(table, size);
}

static void repair_sdt(uint8_t *table)
{
	uint32_t size;

	memcpy(&size, table + 4, 4);
	repair(table, size, 9);
}

static bool in_order(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (ids[i] != i)
			return false;
	}
	return true;
}

static void test_right(void)
{
	for (unsigned int cpus = 1; cpus <= MACHINE_CPUS_MAX; cpus++) {
		write_tables(cpus);
		ok(found(MACHINE_RSDP) == cpus && in_order(cpus), "MADT: %u", cpus);
		ok(found(0) == cpus && in_order(cpus), "found by a search: %u", cpus);
		memset(find("RSD PTR "), 0, 8);
		ok(found(0) == cpus && in_order(cpus), "MP table: %u", cpus);
		memset(find("_MP_"), 0, 4);
		is_u64("neither", found(0), 0);
	}
	write_tables(8);
	is_u64("more than there is room for are counted",
	       processors_find(ram, SIZE, MACHINE_RSDP, ids, 3), 8);
	write_tables(4);
	/* Where a BIOS has them. */
	memmove(ram + 0xf0010, ram + MACHINE_RSDP, 36);
	memset(ram + MACHINE_RSDP, 0, 36);
	is_u64("an RSDP in the BIOS's range", found(0), 4);
	is_u64("the loader's is wrong: search", found(0xfffff), 4);
	is_u64("the loader's is not mapped: search", found(0xfffffffffff), 4);
}

static void test_entries(void)
{
	static const uint8_t x2apic[16] = { 9, 16, 0, 0, 0x34, 0x12, 0, 0, 1 };
	uint8_t *madt, *mp, *rsdp;

	write_tables(4);
	madt = find("APIC");
	madt[44 + 6 + 8 + 4] = 0;		/* behind an NMI entry of six bytes */
	repair_sdt(madt);
	is_u64("one of four is not enabled", found(0), 3);
	is_u64("the next has its place", ids[1], 2);
	madt[44 + 6 + 8 + 3] = 0;
	madt[44 + 6 + 8 + 4] = 1;
	repair_sdt(madt);
	is_u64("one is named twice", found(0), 3);
	is_u64("it is one", ids[1], 2);
	memcpy(madt + 44, x2apic, sizeof(x2apic));
	memset(madt + 60, 0, 44 + 6 + 32 - 60);
	repair_sdt(madt);
	is_u64("an entry of 32 bits; one without length ends the list", found(0), 1);
	is_u64("its id", ids[0], 0x1234);
	madt[9]++;
	is_u64("a wrong checksum: the MP table", found(0), 4);
	mp = find("PCMP");
	mp[44 + 3] = 0;
	repair(mp, mp[4] | mp[5] << 8, 7);
	is_u64("there too one may be disabled", found(0), 3);
	mp[7]++;
	is_u64("and a checksum wrong", found(0), 0);

	/* ACPI 1.0 has an RSDT, of 32-bit addresses. */
	write_tables(2);
	rsdp = find("RSD PTR ");
	rsdp[15] = 0;
	memcpy(rsdp + 16, rsdp + 24, 4);
	repair(rsdp, 20, 8);
	memcpy(find("XSDT"), "RSDT", 4);
	memset(find("PCMP"), 0, 4);
	is_u64("addresses of 64 bits do not count as two", found(0), 0);
	madt = find("RSDT");
	memcpy(madt + 40, madt + 44, 4);
	repair_sdt(madt);
	is_u64("RSDT", found(0), 2);
}

static uint32_t draw(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 33;
}

static void test_any(void)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < FUZZ; i++) {
		uint32_t n = 1 + draw() % 6, got;

		write_tables(1 + draw() % MACHINE_CPUS_MAX);
		while (n--)
			ram[MACHINE_EBDA + draw() % 0x400] = draw();
		if (find("APIC") && draw() % 2) {
			uint8_t *madt = find("APIC");

			madt[4 + draw() % 2] = draw();
			if (madt + (madt[4] | madt[5] << 8) <= ram + SIZE)
				repair(madt, madt[4] | madt[5] << 8, 9);
		}
		if (draw() % 2)
			memcpy(ram + SIZE - 16, find("_MP_") ?: ram, 16);
		got = found(draw() % 2 ? MACHINE_RSDP : 0);
		most = got > most ? got : most;
	}
	ok(most >= MACHINE_CPUS_MAX, "any bytes: nothing is read outside, at most %u found", most);
	memset(ram, 0xff, SIZE);
	is_u64("memory of ones", found(0), 0);
}

int main(void)
{
	plan(49);
	ram = malloc(SIZE);
	if (!ram)
		return 1;
	test_right();
	test_entries();
	test_any();
	free(ram);
	return done();
}
