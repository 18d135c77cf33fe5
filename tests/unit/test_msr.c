// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/msr_values.c */
/* MSRs that are only a value: which there are, and what a write does. */
#include "hv/cpu/msr_values.h"
#include "tests/unit/tap.h"

static uint64_t rd(const struct msrs *m, uint32_t msr)
{
	uint64_t v;

	return msrs_read(m, msr, &v) ? v : 0xbadull << 32;
}

/* Written to a fresh set: is it taken, and what is read then? */
static void test_writes(void)
{
	static const struct {
		uint32_t msr;
		uint64_t value, reads;
		bool taken;
	} writes[] = {
		{ 0x0, 0, 0, false },
		{ 0x8b, ~0ull, 1ull << 32, true },
		{ 0xc1, ~0ull, 0, true },
		{ 0xce, 1u << 31, 1u << 31, false },
		{ 0x140, 1, 1, true },
		{ 0x140, 2, 0, false },
		{ 0x179, 0x20, 0x20, false },
		{ 0x17a, ~0ull, ~0ull, true },
		{ 0x1a0, 0x1800, 0x1800, true },
		{ 0x1a0, 0x1880, 0x1800, true },
		{ 0x1a0, 0x0800, 0x1800, false },
		{ 0x1a0, ~0x80ull, ~0x80ull, true },
		{ 0x1d9, 3, 0, true },
		{ 0x1d9, 4, 0, false },
		{ 0x1fc, 5, 5, true },
		{ 0x400, ~0ull, ~0ull, true },
		{ 0x400, ~0x401ull, ~0x401ull, true },
		{ 0x400, 1, 0, false },
		{ 0x401, 1, 0, false },
		{ 0x401, 0, 0, true },
		{ 0x402, 7, 7, true },
		{ 0x47f, 7, 7, true },
		{ 0x480, 0, 0xbadull << 32, false },
		{ 0x606, 0, 0, false },
	};
	struct msrs m;
	bool taken;

	for (unsigned int i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		msrs_init(&m);
		taken = msrs_write(&m, writes[i].msr, writes[i].value, 39);
		ok(taken == writes[i].taken && rd(&m, writes[i].msr) == writes[i].reads,
		   "%x = %llx: %s, reads %llx", writes[i].msr, (unsigned long long)writes[i].value,
		   taken ? "taken" : "#GP", (unsigned long long)rd(&m, writes[i].msr));
	}
}

static void test_effects(void)
{
	struct msrs m;
	uint64_t v = 5;

	msrs_init(&m);
	ok(msrs_write(&m, 0x79, ~0ull, 39) && !msrs_read(&m, 0x79, &v) && v == 5,
	   "the microcode update can only be written");
	ok(msrs_write(&m, 0x3a, 0, 39) && rd(&m, 0x3a) == 0, "feature control: open");
	ok(!msrs_write(&m, 0x3a, 5, 39), "there is nothing to enable");
	ok(msrs_write(&m, 0x3a, 1, 39) && rd(&m, 0x3a) == 1, "it can be locked");
	ok(!msrs_write(&m, 0x3a, 1, 39) && !msrs_write(&m, 0x3a, 0, 39), "once");
	ok(!msrs_cpuid_faults(&m), "CPUID does not fault");
	msrs_write(&m, 0x140, 1, 39);
	ok(msrs_cpuid_faults(&m), "it does now");
	msrs_write(&m, 0x403, 3, 39);
	ok(rd(&m, 0x403) == 3 && !rd(&m, 0x402) && !rd(&m, 0x404), "banks are apart");
	ok(!msrs_read(&m, 0x2, &v) && !msrs_read(&m, 0x480, &v) && !msrs_read(&m, 0xc0010015, &v),
	   "there are no others");
}

int main(void)
{
	test_writes();
	test_effects();
	return done();
}
