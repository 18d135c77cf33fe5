// SPDX-License-Identifier: GPL-2.0-only
/* The word of instr.c's guest that prints what it finds out about its MSRs. */
#include <stdarg.h>
#include "tests/hv/sweep.h"
#include "machine/text.h"
#include "machine/x2apic.h"

#define NOT_CANONICAL	0x0000800000000000ull

static struct {
	char text[512];
	unsigned int length;
} line;

static void collect(char c)
{
	if (line.length < sizeof(line.text) - 1)
		line.text[line.length++] = c;
	if (c != '\n')
		return;
	line.text[line.length] = 0;
	print("%s", line.text);
	line.length = 0;
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(collect, fmt, ap);
	va_end(ap);
}

bool try_rdmsr(uint32_t msr, u64 *value)
{
	uint32_t low = 0, high = 0;

	seen[0] = ~0ull;
	asm volatile(TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	*value = (u64)high << 32 | low;
	return seen[0] == ~0ull;
}

bool try_wrmsr(uint32_t msr, u64 value)
{
	seen[0] = ~0ull;
	asm volatile(TRY("wrmsr") : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr)
		     : "memory");
	return seen[0] == ~0ull;
}

/* x2APIC mode ends in a disabled APIC only. */
void restore_msr(uint32_t msr, u64 value)
{
	u64 now;

	if (try_wrmsr(msr, value) || msr != MSR_IA32_APIC_BASE)
		return;
	try_rdmsr(msr, &now);
	try_wrmsr(msr, now & ~(APIC_BASE_ENABLE | APIC_BASE_X2APIC));
	try_wrmsr(msr, value & ~APIC_BASE_X2APIC);
	try_wrmsr(msr, value);
}

/* What came of a write: #GP, and else whether it reads as written, as before, or how. */
static void one_write(uint32_t msr, bool reads, u64 old, u64 value)
{
	u64 got;

	if (!try_wrmsr(msr, value))
		say(" #");
	else if (!reads || !try_rdmsr(msr, &got))
		say(" taken");
	else if (got == value)
		say(" =");
	else if (got == old)
		say(" .");
	else
		say(" %lx", got);
	restore_msr(msr, old);
}

/* The bits that can be changed alone: taken without #GP, and found changed then. */
static void bits(uint32_t msr, u64 old)
{
	u64 taken = 0, kept = 0, others = 0, got;

	for (unsigned int i = 0; i < 64; i++) {
		u64 bit = 1ull << i;

		if (!try_wrmsr(msr, old ^ bit))
			continue;
		taken |= bit;
		if (try_rdmsr(msr, &got)) {
			kept |= (got ^ old) & bit;
			others |= (got ^ old) & ~bit;
		}
		restore_msr(msr, old);
	}
	say(" taken %lx kept %lx", taken, kept);
	if (others)
		say(" others %lx", others);
}

/* One line for each MSR that is there, or that takes one of three values. */
static void sweep_msr(uint32_t msr)
{
	static const u64 values[] = {
		0, 1, 2, 5, 6, 7, ~0ull, ~1ull, 0xffffffff, NOT_CANONICAL, ~(NOT_CANONICAL - 1),
		~(NOT_CANONICAL * 2 - 1), 0x0007040600070406, 0x0606060606060606,
	};
	u64 old, got;
	bool reads = try_rdmsr(msr, &old);

	if (!reads && !try_wrmsr(msr, 0) && !try_wrmsr(msr, 1) && !try_wrmsr(msr, ~0ull))
		return;
	say("msr %x reads ", msr);
	if (reads)
		say("%lx", msr == MSR_IA32_X2APIC_CUR_COUNT /* runs */ ? !!old : old);
	else
		say("#");
	bits(msr, old);
	say(" values");
	for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		one_write(msr, reads, old, values[i]);
	if (reads && (!try_rdmsr(msr, &got) || got != old))
		say(" left %lx", got);
	say("\n");
}

void sweep_range(uint32_t first, uint32_t last)
{
	for (uint32_t msr = first; msr <= last; msr++) {
		/* The time, and what may send INIT to ourselves. */
		if (msr != MSR_IA32_TSC && msr != MSR_IA32_X2APIC_ICR)
			sweep_msr(msr);
	}
}

/* Which of the two follows a write of the other, and by how much, within a second. */
static void tsc(void)
{
	u64 before, after, adjust;

	try_rdmsr(0x3b, &adjust);
	say("tsc: adjust %lx at first\n", adjust);
	for (unsigned int i = 0; i < 2; i++) {
		try_rdmsr(MSR_IA32_TSC, &before);
		if (i)
			say("tsc: adjust written %u\n", try_wrmsr(0x3b, 1ull << 50));
		else
			say("tsc: written %u\n", try_wrmsr(MSR_IA32_TSC, before + (1ull << 45)));
		try_rdmsr(MSR_IA32_TSC, &after);
		try_rdmsr(0x3b, &adjust);
		say("tsc: moved by %lx, adjust %lx\n", (after - before) >> 40,
		      adjust >> 40);
	}
	try_wrmsr(0x3b, 0);
}

/* Bit 0 of MSR_MISC_FEATURES_ENABLES makes CPUID raise #GP outside CPL 0. */
static void cpuid_faulting(void)
{
	allow_user();
	for (unsigned int i = 0; i < 3; i++) {
		bool on = try_wrmsr(0x140, i & 1);
		bool leaf = user_insn(false, 0);

		say("cpuid faulting %u: taken %u, at CPL 3 exception %lx, a leaf %u\n", i & 1, on,
		    seen[0], leaf);
	}
}

/* In the state in which the guest starts, which is xAPIC mode. */
void sweep_msrs(void)
{
	sweep_range(0, MSR_X2APIC_FIRST - 1);
	sweep_range(MSR_X2APIC_FIRST + 0x100, 0x1fff);
	sweep_range(0x40000000, 0x400001ff);
	sweep_range(0x4b564d00, 0x4b564dff);
	sweep_range(0xc0000000, 0xc0001fff);
	sweep_range(0xc0010000, 0xc0011fff);
	sweep_range(0xfffffff0, 0xfffffffe);
	tsc();
	cpuid_faulting();
}
