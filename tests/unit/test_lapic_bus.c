// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/lapic.c */
/* IPIs among several local APICs: who hears what. */
#include "hv/cpu/lapic.h"
#include "tests/unit/tap.h"

#define NR	4u

static struct lapic apic[NR];
static uint8_t vtpr[NR];
static uint32_t heard[8], vectors;	/* by delivery mode a bit for each that was told */

static void deliver(struct lapic *to, uint32_t mode, uint32_t vector)
{
	heard[mode] |= 1u << (to - apic);
	vectors |= vector;
}

static const struct lapic_bus bus = {
	.nr = NR, .lapic = { apic, apic + 1, apic + 2, apic + 3 }, .deliver = deliver,
};

static void reset(bool x2apic)
{
	for (uint32_t i = 0; i < NR; i++) {
		lapic_init(&apic[i], i, &vtpr[i], 39, 0);
		apic[i].bus = &bus;
		if (x2apic) {
			lapic_wrmsr(&apic[i], MSR_IA32_APIC_BASE,
				    apic[i].base | APIC_BASE_X2APIC, 0);
			lapic_wrmsr(&apic[i], 0x80f, 0x1ff, 0);
		} else {
			lapic_write_page(&apic[i], 0xd0, 1u << (24 + i), 0);
			lapic_write_page(&apic[i], 0xf0, 0x1ff, 0);
		}
	}
	memset(heard, 0, sizeof(heard));
	vectors = 0;
}

/* The first sends. Who hears of it in that mode, itself included? */
static uint32_t sent(uint64_t icr)
{
	uint32_t mode = icr >> 8 & 7;

	if (apic[0].base & APIC_BASE_X2APIC) {
		lapic_wrmsr(&apic[0], 0x830, icr, 0);
	} else {
		lapic_write_page(&apic[0], 0x310, icr >> 32, 0);
		lapic_write_page(&apic[0], 0x300, icr, 0);
	}
	return heard[mode] | (apic[0].highest_irr >= 0 || apic[0].nmi_pending);
}

static const struct row {
	uint64_t icr;
	uint32_t to;
	const char *name;
} x2apic_rows[] = {
	{ 0x200004041, 4, "physical" },
	{ 0x000004041, 1, "physical, itself" },
	{ 0x900004041, 0, "physical, nobody" },
	{ 0x000044041, 1, "self" },
	{ 0x000084041, 15, "all" },
	{ 0x0000c4041, 14, "all but self" },
	{ 0xffffffff00004041, 15, "broadcast" },
	{ 0x600004841, 6, "logical, two of the cluster" },
	{ 0x1000600004841, 0, "logical, another cluster" },
	{ 0xf00004941, 1, "lowest priority of equals: the first" },
	{ 0x300004400, 8, "NMI" },
	{ 0x0000c4400, 14, "NMI, all but self" },
	{ 0x100004500, 2, "INIT" },
	{ 0x0000c4500, 14, "INIT, all but self" },
	{ 0x100008500, 0, "INIT, the end of a level" },
	{ 0x10000c500, 2, "INIT, a level" },
	{ 0x100004608, 2, "SIPI" },
	{ 0x000004500, 1, "INIT to itself" },
	{ 0x000004608, 0, "SIPI to itself" },
}, xapic_rows[] = {
	{ 0x200000000004041, 4, "xAPIC, physical" },
	{ 0xff00000000004041, 15, "xAPIC, broadcast" },
	{ 0x600000000004841, 6, "xAPIC, logical, flat" },
	{ 0x0c4041, 14, "xAPIC, all but self" },
	{ 0x100000000004608, 2, "xAPIC, SIPI" },
};

static void test_rows(const struct row *rows, unsigned int nr, bool x2apic)
{
	for (unsigned int i = 0; i < nr; i++) {
		reset(x2apic);
		is_u64(rows[i].name, sent(rows[i].icr), rows[i].to);
	}
}

static void test_states(void)
{
	reset(true);
	vtpr[0] = vtpr[1] = vtpr[3] = 0x20;
	vtpr[2] = 0x10;
	is_u64("lowest priority", sent(0xf00004941), 4);
	reset(true);
	vtpr[0] = vtpr[1] = 0x20;
	vtpr[3] = 0x10;
	lapic_wrmsr(&apic[2], 0x80f, 0xff, 0);
	is_u64("lowest priority: one that is disabled by software does not compete",
	       sent(0xf00004941), 8);
	lapic_wrmsr(&apic[1], 0x80f, 0xff, 0);
	heard[1] = 0;
	is_u64("nor alone", sent(0x600004941), 0);
	reset(true);
	apic[1].base &= ~(uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	is_u64("one that is turned off hears nothing", sent(0x84041), 13);
	reset(true);
	sent(0x1000046a5);
	is_u64("the vector of a SIPI", vectors, 0xa5);
	/* One in xAPIC mode understands its own ID. */
	reset(false);
	lapic_wrmsr(&apic[0], MSR_IA32_APIC_BASE, apic[0].base | APIC_BASE_X2APIC, 0);
	lapic_wrmsr(&apic[0], 0x80f, 0x1ff, 0);
	is_u64("from x2APIC to xAPIC mode", sent(0x300004041), 8);
}

static void test_reset(void)
{
	uint64_t value = 0;

	reset(true);
	lapic_raise(&apic[3], 0x41);
	apic[3].nmi_pending = true;
	lapic_wrmsr(&apic[3], 0x808, 0x30, 0);
	lapic_reset(&apic[3]);
	ok(lapic_pending(&apic[3]) < 0 && !apic[3].nmi_pending && !vtpr[3],
	   "INIT: nothing pending");
	lapic_rdmsr(&apic[3], 0x802, 0, &value);
	is_u64("it stays in x2APIC mode, with its ID", value, 3);
	lapic_rdmsr(&apic[3], 0x80d, 0, &value);
	is_u64("and its logical one", value, 8);
	reset(false);
	lapic_write_page(&apic[2], 0x20, 0x77000000, 0);
	lapic_reset(&apic[2]);
	is_u64("an ID that was written stays", lapic_read_page(&apic[2], 0x20, 0), 0x77000000);
	is_u64("a logical one does not", lapic_read_page(&apic[2], 0xd0, 0), 0);
	reset(true);
	lapic_reset(&apic[3]);
	lapic_raise(&apic[3], 0x41);
	ok(apic[3].highest_irr < 0, "and is disabled by software");
	ok(!lapic_takes_extint(&apic[3]), "it has no PIC");
}

int main(void)
{
	plan(37);
	test_rows(x2apic_rows, sizeof(x2apic_rows) / sizeof(x2apic_rows[0]), true);
	test_rows(xapic_rows, sizeof(xapic_rows) / sizeof(xapic_rows[0]), false);
	test_states();
	test_reset();
	return done();
}
