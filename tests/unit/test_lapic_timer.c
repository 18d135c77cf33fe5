// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/lapic.c */
/* The local APIC's timer: TSC-deadline, one-shot and periodic mode. */
#include "hv/cpu/lapic.h"
#include "tests/unit/lapic_idle.h"
#include "tests/unit/tap.h"

static uint8_t vtpr;

static bool wr(struct lapic *l, uint32_t msr, uint64_t v)
{
	return lapic_wrmsr(l, msr, v, 0);
}

static uint64_t rd(const struct lapic *l, uint32_t msr, uint64_t now)
{
	uint64_t v;

	return lapic_rdmsr(l, msr, now, &v) ? v : 0xbadull << 32;
}

/* An APIC in x2APIC mode, enabled by software. */
static struct lapic fresh(void)
{
	struct lapic l;

	lapic_init(&l, 0, &vtpr, 39, 0);
	wr(&l, MSR_IA32_APIC_BASE, l.base | APIC_BASE_X2APIC);
	wr(&l, 0x80f, 0x1ff);
	return l;
}

static void test_deadline(void)
{
	struct lapic l = fresh();

	wr(&l, 0x6e0, 1000);
	ok(l.expiry == LAPIC_NEVER && rd(&l, 0x6e0, 0) == 0,
	   "deadline ignored in one-shot mode");
	wr(&l, 0x832, 0x40031);
	wr(&l, 0x6e0, 1000);
	ok(l.expiry == 1000 && rd(&l, 0x6e0, 0) == 1000, "deadline armed");
	ok(!lapic_timer_check(&l, 999) && lapic_idle(&l), "not yet");
	is_u64("current count reads 0 in deadline mode", rd(&l, 0x839, 5), 0);
	ok(wr(&l, 0x838, 77) && rd(&l, 0x838, 0) == 0 && l.expiry == 1000,
	   "initial count ignored in deadline mode");
	ok(lapic_timer_check(&l, 1000) && lapic_pending(&l) == 0x31, "fires at the deadline");
	ok(l.expiry == LAPIC_NEVER && rd(&l, 0x6e0, 0) == 0, "and is disarmed");
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	ok(!lapic_timer_check(&l, UINT64_MAX), "fires once, even at the end of time");
	wr(&l, 0x6e0, 5);
	ok(lapic_timer_check(&l, 2000) && lapic_pending(&l) == 0x31, "a past deadline fires");
	lapic_ack(&l);
	wr(&l, 0x6e0, 3000);
	wr(&l, 0x6e0, 0);
	ok(l.expiry == LAPIC_NEVER, "0 disarms");
	wr(&l, 0x6e0, UINT64_MAX);
	ok(rd(&l, 0x6e0, 0) == UINT64_MAX && !lapic_timer_check(&l, 1ull << 62),
	   "the last deadline is one");
	wr(&l, 0x6e0, 3000);
	wr(&l, 0x832, 0x50031);
	ok(lapic_timer_check(&l, 3000) && lapic_idle(&l), "masked: fires to nobody");
	wr(&l, 0x832, 0x40031);
	wr(&l, 0x6e0, 4000);
	wr(&l, 0x832, 0x00031);
	ok(l.expiry == LAPIC_NEVER, "leaving deadline mode disarms");
	wr(&l, 0x832, 0x40031);
	is_u64("and does not come back", rd(&l, 0x6e0, 0), 0);
	wr(&l, 0x6e0, 4000);
	wr(&l, 0x80f, 0xff);
	is_u64("disabling by SVR masks the LVT", rd(&l, 0x832, 0), 0x50031);
	wr(&l, 0x832, 0x40031);
	is_u64("and keeps it masked", rd(&l, 0x832, 0), 0x50031);
	ok(lapic_timer_check(&l, 4000) && lapic_idle(&l), "disabled: fires to nobody");
	lapic_init(&l, 0, &vtpr, 39, 0);
	ok(wr(&l, 0x6e0, 9) && rd(&l, 0x6e0, 0) == 0, "xAPIC mode: deadline MSR raises no #GP");
	l = fresh();
	wr(&l, 0x832, 0x40031);
	wr(&l, 0x1b, APIC_BASE_ADDRESS);
	ok(wr(&l, 0x6e0, 9) && rd(&l, 0x6e0, 0) == 0 && l.expiry == LAPIC_NEVER,
	   "disabled by IA32_APIC_BASE: deadline ignored");
}

/* Where leaf 0x15 has a crystal of half the TSC's frequency, its counts take two cycles. */
static void test_half_clock(void)
{
	struct lapic l = fresh();

	l.tsc_shift = 1;
	wr(&l, 0x83e, 0xb);
	lapic_wrmsr(&l, 0x838, 100, 7);
	ok(l.expiry == 207 && rd(&l, 0x839, 57) == 75, "half the clock: a count is two cycles");
	lapic_reset(&l);
	wr(&l, 0x80f, 0x1ff);
	lapic_wrmsr(&l, 0x838, 100, 7);
	is_u64("after INIT as well, divided by 2", l.expiry, 407);
	wr(&l, 0x832, 0x40031);
	wr(&l, 0x6e0, 1000);
	is_u64("a deadline is one of the TSC", l.expiry, 1000);
}

static void test_counts(void)
{
	static const struct { uint32_t code, divisor; } divide[] = {
		{ 0, 2 }, { 1, 4 }, { 2, 8 }, { 3, 16 }, { 8, 32 }, { 9, 64 }, { 10, 128 },
		{ 11, 1 },
	};
	struct lapic l;

	for (unsigned int i = 0; i < 8; i++) {
		l = fresh();
		wr(&l, 0x83e, divide[i].code);
		lapic_wrmsr(&l, 0x838, 100, 7);
		ok(l.expiry == 7 + 100 * divide[i].divisor &&
		   rd(&l, 0x839, 7 + 25 * divide[i].divisor) == 75, "divide by %u",
		   divide[i].divisor);
	}
	l = fresh();
	wr(&l, 0x832, 0x20);
	wr(&l, 0x83e, 0xb);
	lapic_wrmsr(&l, 0x838, 100, 1000);
	ok(lapic_timer_check(&l, 1100) && lapic_pending(&l) == 0x20, "one-shot fires");
	ok(rd(&l, 0x839, 1101) == 0 && rd(&l, 0x838, 0) == 100 &&
	   l.expiry == LAPIC_NEVER, "one-shot: once, then the count stays 0");
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	wr(&l, 0x832, 0x20020);
	lapic_wrmsr(&l, 0x838, 100, 2000);
	ok(lapic_timer_check(&l, 2110) && l.expiry == 2200, "periodic goes on");
	ok(lapic_timer_check(&l, 2555) && l.expiry == 2600,
	   "late: periods are lost");
	is_u64("current count within a period", rd(&l, 0x839, 2560), 40);
	lapic_wrmsr(&l, 0x83e, 0, 2560);
	ok(l.expiry == 2640 && rd(&l, 0x839, 2560) == 40,
	   "a new divisor takes over what is left");
	lapic_wrmsr(&l, 0x838, 0, 2600);
	ok(l.expiry == LAPIC_NEVER && rd(&l, 0x839, 2600) == 0, "count 0 stops");
	lapic_wrmsr(&l, 0x838, UINT32_MAX, 0);
	is_u64("largest count", l.expiry, 2ull * UINT32_MAX);
	wr(&l, 0x832, 0x40020);
	ok(l.expiry == LAPIC_NEVER && rd(&l, 0x838, 0) == 0,
	   "entering deadline mode stops the count");
}

/* A period below the smallest is made that; a single count is what it is. */
static void test_smallest_period(void)
{
	struct lapic l;

	lapic_init(&l, 0, &vtpr, 39, 5000);
	wr(&l, MSR_IA32_APIC_BASE, l.base | APIC_BASE_X2APIC);
	wr(&l, 0x80f, 0x1ff);
	wr(&l, 0x83e, 0xb);
	lapic_wrmsr(&l, 0x838, 1, 100);
	is_u64("one-shot", l.expiry, 101);
	wr(&l, 0x832, 0x30020);
	lapic_wrmsr(&l, 0x838, 1, 100);
	is_u64("periodic, masked", l.expiry, 5100);
	ok(lapic_timer_check(&l, 5100), "it fires");
	is_u64("and again", l.expiry, 10100);
	is_u64("the count is as written", rd(&l, 0x838, 5100), 1);
	lapic_wrmsr(&l, 0x838, 5001, 0);
	is_u64("a longer period is what it is", l.expiry, 5001);
	wr(&l, 0x832, 0x20);
	lapic_wrmsr(&l, 0x838, 7, 0);
	wr(&l, 0x832, 0x20020);
	ok(lapic_timer_check(&l, 7) && l.expiry == 5007,
	   "one that becomes periodic while it runs");
}

/* What happens to a timer when the guest writes its TSC. */
static void test_tsc_moved(void)
{
	struct lapic l = fresh();

	wr(&l, 0x83e, 0xb);
	lapic_wrmsr(&l, 0x838, 1000, 100);
	lapic_tsc_moved(&l, 1ull << 40);
	ok(!lapic_timer_check(&l, (1ull << 40) + 1099) && rd(&l, 0x839, (1ull << 40) + 600) == 500,
	   "a count goes on where it was");
	ok(lapic_timer_check(&l, (1ull << 40) + 1100), "and ends when it would have");
	lapic_wrmsr(&l, 0x838, 1000, 5000);
	lapic_tsc_moved(&l, -4000ull);
	is_u64("likewise back", l.expiry, 2000);
	lapic_tsc_moved(&l, -2500ull);
	ok(!lapic_timer_check(&l, -501ull) && lapic_timer_check(&l, -500ull),
	   "and to before the TSC wraps");
	lapic_wrmsr(&l, 0x838, 1000, -300ull);
	ok(!lapic_timer_check(&l, -1ull) && !lapic_timer_check(&l, 0) && rd(&l, 0x839, 0) == 700,
	   "a count over the wrap");
	ok(lapic_timer_check(&l, 700) && l.expiry == LAPIC_NEVER, "ends behind it");
	lapic_tsc_moved(&l, 5);
	ok(l.expiry == LAPIC_NEVER, "what does not run stays so");
	wr(&l, 0x832, 0x40020);
	wr(&l, 0x6e0, 9000);
	lapic_tsc_moved(&l, 8000);
	is_u64("a deadline is a value of the TSC", l.expiry, 9000);
}

int main(void)
{
	test_deadline();
	test_half_clock();
	test_counts();
	test_smallest_period();
	test_tsc_moved();
	return done();
}
