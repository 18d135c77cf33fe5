// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/lapic.c */
/* The local APIC in xAPIC mode: its registers are in a page. */
#include "hv/cpu/lapic.h"
#include "tests/unit/lapic_idle.h"
#include "tests/unit/tap.h"

static uint8_t vtpr;

static struct lapic fresh(void)
{
	struct lapic l;

	lapic_init(&l, 0, &vtpr, 39, 0);
	lapic_write_page(&l, 0xf0, 0x1ff, 0);
	return l;
}

static void test_page(void)
{
	struct lapic l = fresh();

	ok(lapic_has_page(&l, 0xfee00000), "the page's first byte");
	ok(lapic_has_page(&l, 0xfee00fff), "its last");
	ok(!lapic_has_page(&l, 0xfee01000), "the page behind it");
	ok(!lapic_has_page(&l, 0x1fee00000ull), "4 GiB further");
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, l.base | APIC_BASE_X2APIC, 0);
	ok(!lapic_has_page(&l, 0xfee00000), "there is none in x2APIC mode");
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, 0xfee00100, 0);
	ok(!lapic_has_page(&l, 0xfee00000), "nor in a disabled APIC");
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, 0xfee00900, 0);
	ok(lapic_has_page(&l, 0xfee00000), "as Linux comes back by nox2apic");
}

static void test_registers(void)
{
	struct lapic l = fresh();
	unsigned int offset;

	is_u64("version", lapic_read_page(&l, 0x30, 0), 0x1050014);
	is_u64("ID", lapic_read_page(&l, 0x20, 0), 0);
	is_u64("LDR", lapic_read_page(&l, 0xd0, 0), 0);
	is_u64("DFR: flat", lapic_read_page(&l, 0xe0, 0), 0xffffffff);
	is_u64("SVR", lapic_read_page(&l, 0xf0, 0), 0x1ff);
	lapic_write_page(&l, 0x80, 0x20, 0);
	is_u64("TPR", lapic_read_page(&l, 0x80, 0), 0x20);
	is_u64("it is the VTPR", vtpr, 0x20);
	lapic_write_page(&l, 0x80, 0, 0);
	lapic_write_page(&l, 0x320, 0x200ec, 0);
	is_u64("LVT timer", lapic_read_page(&l, 0x320, 0), 0x200ec);
	lapic_write_page(&l, 0x320, 0xec, 0);
	lapic_write_page(&l, 0x3e0, 0xb, 0);
	lapic_write_page(&l, 0x380, 1000, 500);
	is_u64("current count", lapic_read_page(&l, 0x390, 700), 800);
	lapic_write_page(&l, 0x20, ~0u, 0);
	is_u64("the ID can be written", lapic_read_page(&l, 0x20, 0), 0xff000000);
	lapic_write_page(&l, 0xe0, 0x12345678, 0);
	is_u64("of the DFR four bits", lapic_read_page(&l, 0xe0, 0), 0x1fffffff);
	lapic_write_page(&l, 0xd0, ~0u, 0);
	is_u64("of the LDR eight", lapic_read_page(&l, 0xd0, 0), 0xff000000);
	lapic_write_page(&l, 0x310, ~0u, 0);
	is_u64("and of ICR's upper half", lapic_read_page(&l, 0x310, 0), 0xff000000);
	lapic_write_page(&l, 0x300, LAPIC_INIT << 8, 0);
	is_u64("which ICR in x2APIC mode has not", l.icr, LAPIC_INIT << 8);
	is_u64("EOI cannot be read", lapic_read_page(&l, 0xb0, 0), 0);
	is_u64("not aligned", lapic_read_page(&l, 0x31, 0), 0);
	lapic_write_page(&l, 0x3f0, 0x55, 0);
	ok(lapic_idle(&l), "no self IPI register");
	for (offset = 0; offset < 0x1000; offset++) {
		lapic_write_page(&l, offset, ~0u, 0);
		lapic_read_page(&l, offset, 0);
	}
	ok(true, "every offset can be read and written");
}

/* Reads and writes of registers that there are not are errors, told once. */
static void test_illegal(void)
{
	static const unsigned int legal[] = { 0x20, 0x30, 0x90, 0xb0, 0xc0, 0xe0, 0x310, 0x3e0 };
	static const unsigned int illegal[] = { 0, 0x70, 0x290, 0x2f0, 0x3a0, 0x3f0, 0x400, 0xff0 };
	struct lapic l = fresh();
	unsigned int i;

	lapic_write_page(&l, 0x370, 0x33, 0);
	for (i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		lapic_touch_page(&l, legal[i]);
	lapic_write_page(&l, 0x280, 0, 0);
	is_u64("registers: no error", lapic_read_page(&l, 0x280, 0), 0);
	ok(lapic_idle(&l), "and no interrupt");
	for (i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
		lapic_touch_page(&l, illegal[i]);
		is_u64("before ESR is written", lapic_read_page(&l, 0x280, 0), 0);
		is_u64("an interrupt", (uint64_t)lapic_pending(&l), 0x33);
		lapic_ack(&l);
		lapic_touch_page(&l, illegal[i]);
		ok(lapic_idle(&l), "one is enough");
		lapic_write_page(&l, 0xb0, 0, 0);
		lapic_write_page(&l, 0x280, 0, 0);
		is_u64("illegal register", lapic_read_page(&l, 0x280, 0), 0x80);
		lapic_write_page(&l, 0x280, 0, 0);
	}
}

/* ICR: destination, then command. Which of them come back as an interrupt? */
static void test_ipi(void)
{
	static const struct {
		const char *name;
		uint32_t ldr, dfr, high, low;
		int vector;
	} ipis[] = {
		{ "to number 0", 0, ~0u, 0, 0x40f0, 0xf0 },
		{ "to number 1", 0, ~0u, 1u << 24, 0x40f0, -1 },
		{ "to all by number", 0, ~0u, 0xffu << 24, 0x40f0, 0xf0 },
		{ "to itself by shorthand", 0, ~0u, 0, 0x440f0, 0xf0 },
		{ "to the others", 0, ~0u, 0, 0xc40f0, -1 },
		{ "logical, while there is no address", 0, ~0u, 1u << 24, 0x48f0, -1 },
		{ "logical, to all", 0, ~0u, 0xffu << 24, 0x48f0, 0xf0 },
		{ "flat, to its bit", 6u << 24, ~0u, 3u << 24, 0x48f0, 0xf0 },
		{ "flat, to another bit", 6u << 24, ~0u, 9u << 24, 0x48f0, -1 },
		{ "cluster, to its bit", 0x16u << 24, 0, 0x12u << 24, 0x48f0, 0xf0 },
		{ "cluster, to another bit", 0x16u << 24, 0, 0x18u << 24, 0x48f0, -1 },
		{ "cluster, to another one", 0x16u << 24, 0, 0x22u << 24, 0x48f0, -1 },
		{ "neither flat nor cluster", 0x16u << 24, 5u << 28, 0x16u << 24, 0x48f0, -1 },
		{ "with reserved bits", 0, ~0u, 0, 0xfff360f0, 0xf0 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(ipis) / sizeof(ipis[0]); i++) {
		struct lapic l = fresh();

		lapic_write_page(&l, 0xd0, ipis[i].ldr, 0);
		lapic_write_page(&l, 0xe0, ipis[i].dfr, 0);
		lapic_write_page(&l, 0x310, ipis[i].high, 0);
		lapic_write_page(&l, 0x300, ipis[i].low, 0);
		is_u64(ipis[i].name, (uint64_t)lapic_pending(&l), (uint64_t)ipis[i].vector);
		is_u64("ICR reads back", lapic_read_page(&l, 0x300, 0), ipis[i].low);
	}
}

/* The IDs of a mode are those of a reset, whatever was written before. */
static void test_modes(void)
{
	struct lapic l = fresh();
	uint64_t value;

	lapic_write_page(&l, 0x20, 5u << 24, 0);
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, l.base | APIC_BASE_X2APIC, 0);
	ok(lapic_rdmsr(&l, 0x802, 0, &value) && value == 0, "x2APIC mode: the ID of before");
	ok(lapic_rdmsr(&l, 0x80d, 0, &value) && value == 1, "and the LDR that goes with it");
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, 0xfee00100, 0);
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, 0xfee00900, 0);
	is_u64("xAPIC mode again", lapic_read_page(&l, 0x20, 0), 0);
}

int main(void)
{
	test_page();
	test_registers();
	test_illegal();
	test_ipi();
	test_modes();
	return done();
}
