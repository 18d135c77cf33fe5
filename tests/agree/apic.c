// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC of a sequence: as it finds it, what it leaves there, and a timer that ends
 * HLT if nothing else does.
 *
 * Source: Intel SDM volume 3, sections "Local APIC State After It Has Been Software Disabled",
 * "x2APIC Register Address Space", "Error Status Register", "APIC Timer".
 */
#include "tests/agree/agree.h"
#include "tests/agree/apic.h"
#include "machine/x86.h"

#define APIC_PAGE_OF(msr) (0xfee00000 + ((msr) - 0x800) * 16)
#define ICR_NOWHERE	0xc0040		/* to all but itself */
#define MSR_APIC_BASE	0x1b
#define XAPIC_BASE	0xfee00900
#define APIC_BASE_X2	0xc00
#define WATCHDOG	0x5e		/* its vector */
#define LVT_PERIODIC	(1u << 17)	/* a sequence may halt more than once */
#define MEASURED	100000		/* ticks of the TSC */
#define WATCHDOG_TIMES	30		/* as long: more than a sequence takes */

static u32 watchdog_count;

/* Registers by their MSRs, in whichever mode the APIC is. */
u32 apic_read(u32 msr)
{
	return watch.x2apic ? rdmsr(msr) : *(volatile u32 *)(u64)(APIC_PAGE_OF(msr));
}

void apic_write(u32 msr, u32 value)
{
	if (watch.x2apic)
		wrmsr(msr, value);
	else
		*(volatile u32 *)(u64)(APIC_PAGE_OF(msr)) = value;
}

/* KVM's timer counts nanoseconds, in which it does far less than the others. */
static void measure_timer(void)
{
	u64 begin = rdtsc();

	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_INITIAL, ~0u);
	while (rdtsc() - begin < MEASURED)
		;
	watchdog_count = WATCHDOG_TIMES * (~0u - apic_read(APIC_CURRENT));
	apic_write(APIC_INITIAL, 0);
}

void enable_x2apic(void)
{
	for (u32 i = 0; i < 2; i++)
		wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2);
}

void x2apic_init(void)
{
	enable_x2apic();
	watch.x2apic = 1;
	apic_write(APIC_SPURIOUS, 0x15f);
	apic_write(APIC_DIVIDE, 0xb);
	measure_timer();
}

static const u32 xapic_reset[][2] = {
	{ APIC_SPURIOUS, 0x15f }, { APIC_LDR, 0 }, { APIC_DFR, ~0u }, { APIC_DIVIDE, 0xb },
	{ APIC_LVT_TIMER, LVT_MASKED }, { APIC_LVT_TIMER + 1, LVT_MASKED },
	{ APIC_LVT_TIMER + 2, LVT_MASKED }, { APIC_LVT_TIMER + 3, LVT_MASKED },
	{ APIC_LVT_TIMER + 4, LVT_MASKED }, { APIC_LVT_TIMER + 5, LVT_MASKED },
	{ APIC_INITIAL, 0 }, { APIC_ICR_HIGH, 0 }, { APIC_ICR, ICR_NOWHERE },
};

void reset_xapic(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(xapic_reset); i++)
		apic_write(xapic_reset[i][0], xapic_reset[i][1]);
}

void xapic_init(void)
{
	reset_xapic();
	measure_timer();
}

/* All that x2APIC mode has not, or what only these operations change. */
void show_xapic(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	show("apic_base", base);
	if (base != XAPIC_BASE)
		wrmsr(MSR_APIC_BASE, XAPIC_BASE);
	for (u32 i = 0; i < ARRAY_SIZE(xapic_reset); i++)
		show_event(xapic_reset[i][0], "apic", apic_read(xapic_reset[i][0]));
}

/* A sequence may halt more than once. */
void start_watchdog(void)
{
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | WATCHDOG);
	apic_write(APIC_INITIAL, watchdog_count);
}

void stop_watchdog(void)
{
	apic_write(APIC_INITIAL, 0);
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
}

/* Interrupts that still wait come now, when nobody looks. */
void drain_apic(void)
{
	u32 before;

	apic_write(APIC_TPR, 0);
	/* Those whose handlers another exception cut short are in service still. */
	for (u32 i = 0; i < 8; i++) {
		while (apic_read(APIC_ISR + i))
			apic_write(APIC_EOI, 0);
	}
	do {
		before = watch.late;
		asm volatile("sti; nop; nop; cli" : : : "memory");
	} while (watch.late != before);
}

void show_apic(void)
{
	show("tpr", apic_read(APIC_TPR));
	apic_write(APIC_ESR, 0);
	show("esr", apic_read(APIC_ESR) & ~(peer_there ? ESR_NOT_COMPARED : 0));
	apic_write(APIC_ESR, 0);
	for (u32 i = 0; i < 8; i++) {
		show_event(i, "isr", apic_read(APIC_ISR + i));
		show_event(i, "irr", apic_read(APIC_IRR + i));
	}
}
