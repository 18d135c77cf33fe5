// SPDX-License-Identifier: GPL-2.0-only
/* The word of instr.c's guest that prints what it finds out about its APIC. */
#include "tests/hv/sweep.h"
#include "machine/text.h"
#include "machine/x2apic.h"

#define APIC_ESR	0x280
#define APIC_ICR	0x300

/* Interrupts: how many came since they were asked for, and which was the last. */
static unsigned int interrupts;
static u64 last_interrupt;
static void (*end_of_interrupt)(void);

void interrupted(u64 vector);

void interrupted(u64 vector)
{
	interrupts++;
	last_interrupt = vector;
	end_of_interrupt();
}

/* Vectors from 16 on, 16 bytes each; those of exceptions with an error code do not come. */
extern char interrupt_stubs[];
asm("	.balign	16\n"
    "interrupt_stubs:\n"
    "	vector = 16\n"
    "	.rept	240\n"
    "	.balign	16\n"
    "	pushq	$vector\n"
    "	jmp	1f\n"
    "	vector = vector + 1\n"
    "	.endr\n"
    "1:	xchgq	%rdi, (%rsp)\n"
    "	.irp	reg, rax, rcx, rdx, rsi, r8, r9, r10, r11\n"
    "	pushq	%\\reg\n"
    "	.endr\n"
    "	cld\n"
    "	call	interrupted\n"
    "	.irp	reg, r11, r10, r9, r8, rsi, rdx, rcx, rax\n"
    "	popq	%\\reg\n"
    "	.endr\n"
    "	popq	%rdi\n"
    "	iretq\n");

/* The exceptions' gates as they are, and one for each interrupt. */
static void catch_interrupts(void)
{
	static u64 idt[2 * 256];
	struct __attribute__((packed)) { uint16_t limit; u64 base; } pointer;

	asm volatile("sidt %0" : "=m"(pointer));
	memcpy(idt, (void *)pointer.base, 2 * 16 * sizeof(idt[0]));
	for (unsigned int i = 16; i < 256; i++) {
		u64 stub = (u64)interrupt_stubs + 16 * (i - 16);

		idt[2 * i] = (stub & 0xffff) | SEL_CODE << 16 | 0x8e00ull << 32 |
			     (stub & 0xffff0000) << 32;
	}
	pointer.limit = sizeof(idt) - 1;
	pointer.base = (u64)idt;
	asm volatile("lidt %0" : : "m"(pointer));
}

static const struct {
	const char *name;
	u64 destination;		/* as ICR has it in x2APIC mode */
	uint32_t command;
} ipis[] = {
	{ "fixed, self by number", 0, 0x40f0 },
	{ "fixed, no assert", 0, 0xf1 },
	{ "fixed, level, assert", 0, 0xc0f2 },
	{ "fixed, level, no assert", 0, 0x80f3 },
	{ "fixed, to 1", 1, 0x40f4 },
	{ "fixed, to 1, logical", 1, 0x48f5 },
	{ "fixed, to 2, logical", 2, 0x48f6 },
	{ "fixed, to 3, logical", 3, 0x48f7 },
	{ "fixed, to all by number", 0xffffffff, 0x40e8 },
	{ "fixed, to all by number, logical", 0xffffffff, 0x48e9 },
	{ "fixed, to 255", 0xff, 0x40ea },
	{ "fixed, to 0, logical", 0, 0x48eb },
	{ "fixed, other cluster, logical", 0x10001, 0x48ec },
	{ "fixed, number 256", 0x100, 0x40ed },
	{ "fixed, self", 0, 0x440f8 },
	{ "fixed, all", 0, 0x840f9 },
	{ "fixed, others", 0, 0xc40fa },
	{ "lowest priority, self by number", 0, 0x41e0 },
	{ "lowest priority, self", 0, 0x441e1 },
	{ "lowest priority, to 1, logical", 1, 0x49e2 },
	{ "lowest priority, all", 0, 0x841e3 },
	{ "reserved mode 3, self by number", 0, 0x43e4 },
	{ "ExtINT, self by number", 0, 0x47e5 },
	{ "vector 0", 0, 0x4000 },
	{ "vector 15", 0, 0x400f },
	{ "vector 16", 0, 0x4010 },
	{ "vector 15, self", 0, 0x4400f },
	{ "delivery status", 0, 0x50e6 },
	{ "bit 13", 0, 0x60e6 },
	{ "bit 16", 0, 0x140e6 },
	{ "bit 20", 0, 0x1040e6 },
	{ "bit 31", 0, 0x800040e6 },
	{ "NMI, self by number", 0, 0x4400 },
	{ "NMI, all", 0, 0x84400 },
	{ "NMI, self", 0, 0x44400 },
	{ "NMI, to 1", 1, 0x4400 },
	{ "NMI, others", 0, 0xc4400 },
	{ "INIT, to 1", 1, 0x4500 },
	{ "INIT de-assert, all", 0, 0x88500 },
	{ "SIPI, to 1", 1, 0x4610 },
	{ "SIPI, others", 0, 0xc4610 },
};

/* What came of an IPI: interrupts, each of which is accepted and ended, and an NMI. */
static void requested(const char *mode, const char *name)
{
	say("apic %s %s:", mode, name);
	asm volatile("sti; nop; nop; cli" : : : "memory");
	if (interrupts)
		say(" vector %lx, %u of them", last_interrupt, interrupts);
	if (seen[0] != ~0ull)
		say(" exception %lu", seen[0]);
	say("\n");
	seen[0] = ~0ull;
	interrupts = 0;
}

static uint32_t apic_read(uint32_t offset)
{
	return *(volatile uint32_t *)((u64)APIC_BASE_ADDRESS + offset);
}

static void apic_write(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)((u64)APIC_BASE_ADDRESS + offset) = value;
}

static void x2apic_eoi(void)
{
	asm volatile("wrmsr" : : "a"(0), "d"(0), "c"(MSR_X2APIC_FIRST + 0xb));
}

static void xapic_eoi(void)
{
	apic_write(0xb0, 0);
}

/* A count that runs is not the matter of a write to the TSC, forth or back. */
static void count_and_tsc(void)
{
	u64 now, left;

	try_wrmsr(MSR_X2APIC_FIRST + 0x3e, 0xa);		/* divide by 128 */
	for (unsigned int i = 0; i < 2; i++) {
		try_wrmsr(MSR_X2APIC_FIRST + 0x38, 0xffffffff);
		try_rdmsr(MSR_IA32_TSC, &now);
		try_wrmsr(MSR_IA32_TSC, i ? now - (1ull << 50) : now + (1ull << 50));
		try_rdmsr(MSR_X2APIC_FIRST + 0x39, &left);
		say("apic x2 count: goes on when the TSC is written %u\n", left >= 0x80000000);
	}
	try_wrmsr(MSR_X2APIC_FIRST + 0x38, 0);
	try_wrmsr(0x3b, 0);
}

/* A periodic timer of the shortest period, masked: what it costs is seen in the exits. */
void sweep_period(void)
{
	u64 base;

	try_rdmsr(MSR_IA32_APIC_BASE, &base);
	try_wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_X2APIC);
	try_wrmsr(MSR_X2APIC_FIRST + 0x32, 0x30020);
	try_wrmsr(MSR_X2APIC_FIRST + 0x3e, 0xb);
	try_wrmsr(MSR_X2APIC_FIRST + 0x38, 1);
	for (volatile unsigned int i = 0; i < 100000; i++)
		;
	try_wrmsr(MSR_X2APIC_FIRST + 0x38, 0);
	say("apic: it ran\n");
}

static void x2apic(void)
{
	u64 base, icr, esr;

	try_rdmsr(MSR_IA32_APIC_BASE, &base);
	say("x2apic on: %u\n", try_wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_X2APIC));
	say("x2apic to xapic: %u\n", try_wrmsr(MSR_IA32_APIC_BASE, base));
	end_of_interrupt = x2apic_eoi;
	sweep_range(MSR_X2APIC_FIRST, MSR_X2APIC_FIRST + 0xff);
	say("software enabled: %u\n", try_wrmsr(MSR_X2APIC_FIRST + 0xf, 0x1ff));
	for (unsigned int i = 0; i < sizeof(ipis) / sizeof(ipis[0]); i++) {
		bool ok = try_wrmsr(MSR_IA32_X2APIC_ICR,
				    ipis[i].destination << 32 | ipis[i].command);

		requested("x2", ipis[i].name);
		try_rdmsr(MSR_IA32_X2APIC_ICR, &icr);
		say("apic x2 icr: taken %u reads %lx\n", ok, icr);
		try_wrmsr(MSR_IA32_X2APIC_ESR, 0);
		try_rdmsr(MSR_IA32_X2APIC_ESR, &esr);
		say("apic x2 %s: esr %lx\n", ipis[i].name, esr);
	}
	for (uint32_t vector = 14; vector < 18; vector++) {
		try_wrmsr(MSR_X2APIC_FIRST + 0x3f, vector);
		requested("x2", "self IPI register");
	}
	/* A priority of its own class or below holds it back. */
	try_wrmsr(MSR_X2APIC_FIRST + 8, 0xf0);
	try_wrmsr(MSR_X2APIC_FIRST + 0x3f, 0xf1);
	requested("x2", "held back by TPR");
	sweep_range(MSR_X2APIC_FIRST, MSR_X2APIC_FIRST + 0x27);
	try_wrmsr(MSR_X2APIC_FIRST + 8, 0);
	requested("x2", "no more");
	sweep_range(MSR_X2APIC_FIRST + 0x28, MSR_X2APIC_FIRST + 0x3e);
	count_and_tsc();
	try_wrmsr(MSR_IA32_APIC_BASE, base & ~APIC_BASE_ENABLE);
	say("x2apic from disabled: %u\n", try_wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_X2APIC));
	restore_msr(MSR_IA32_APIC_BASE, base);
}

/* Registers that can be read: of others the SDM says nothing. */
static bool page_has(uint32_t offset)
{
	return offset == 0x20 || offset == 0x30 || (offset >= 0x80 && offset <= 0xa0) ||
	       (offset >= 0xd0 && offset <= 0x280) || offset == 0x300 || offset == 0x310 ||
	       (offset >= 0x320 && offset <= 0x380) || offset == 0x3e0;
}

static void page_register(uint32_t offset)
{
	static const uint32_t values[] = { 0, ~0u, 0x55555555, 0xaaaaaaaa, 1u << 24, 0x1ff };
	uint32_t old = apic_read(offset), got;

	say("apic page %x: reads %x", offset, old);
	if (offset != APIC_ICR && offset != 0x380) {
		for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			apic_write(offset, values[i]);
			got = apic_read(offset);
			say(" %x:%x", values[i], got);
			apic_write(offset, old);
		}
	}
	say("\n");
}

static void page_registers(void)
{
	for (uint32_t offset = 0; offset < 0x400; offset += 16) {
		if (page_has(offset))
			page_register(offset);
	}
}

/* Parts of a register; of what reaches beyond one the SDM says nothing. */
static void page_parts(uint32_t offset)
{
	volatile uint8_t *at = (volatile uint8_t *)((u64)APIC_BASE_ADDRESS + offset);

	say("apic page %x: bytes %x %x %x %x words %x %x %x\n", offset, at[0], at[1], at[2],
	    at[3], *(volatile uint16_t *)at, *(volatile uint16_t *)(at + 1),
	    *(volatile uint16_t *)(at + 2));
}

static void page_writes(void)
{
	volatile uint8_t *tpr = (volatile uint8_t *)(APIC_BASE_ADDRESS + 0x80);

	apic_write(0x80, 0);
	*tpr = 0x11;
	say("apic write: byte %x", apic_read(0x80));
	*(volatile uint16_t *)tpr = 0x22;
	say(" word %x", apic_read(0x80));
	*(volatile uint32_t *)(tpr + 1) = 0x3333;
	say(" odd %x", apic_read(0x80));
	*(volatile uint32_t *)(tpr + 4) = 0x44;
	say(" beside %x", apic_read(0x80));
	*(volatile u64 *)tpr = 0x55;
	say(" eight %x\n", apic_read(0x80));
	apic_write(0x80, 0);
}

static void xapic_ipis(const char *mode)
{
	for (unsigned int i = 0; i < sizeof(ipis) / sizeof(ipis[0]); i++) {
		apic_write(APIC_ICR + 0x10, (uint32_t)ipis[i].destination << 24);
		apic_write(APIC_ICR, ipis[i].command);
		requested(mode, ipis[i].name);
		say("apic %s icr: %x %x\n", mode, apic_read(APIC_ICR + 0x10),
		    apic_read(APIC_ICR));
		apic_write(APIC_ESR, 0);
		say("apic %s %s: esr %x\n", mode, ipis[i].name, apic_read(APIC_ESR));
	}
}

static void xapic(void)
{
	u64 base;

	end_of_interrupt = xapic_eoi;
	page_registers();
	apic_write(0xf0, 0x1ff);
	say("apic on:\n");
	page_registers();
	page_parts(0x30);
	page_parts(0xf0);
	page_parts(0x350);
	page_writes();
	xapic_ipis("flat");
	apic_write(0xd0, 0x06000000);
	xapic_ipis("flat-6");
	apic_write(0xe0, 0x0fffffff);
	apic_write(0xd0, 0x03000000);
	xapic_ipis("cluster-0");
	apic_write(0xd0, 0x12000000);
	xapic_ipis("cluster-1");
	apic_write(0xe0, 0xffffffff);
	apic_write(0xd0, 0);
	apic_write(0x20, 0x05000000);
	xapic_ipis("number-5");
	apic_write(0x20, 0);
	apic_write(0xf0, 0xff);
	xapic_ipis("off");
	try_rdmsr(MSR_IA32_APIC_BASE, &base);
	try_wrmsr(MSR_IA32_APIC_BASE, base & ~APIC_BASE_ENABLE);
	say("apic disabled: page %x", apic_read(0x30));
	apic_write(0x80, 0x33);
	try_wrmsr(MSR_IA32_APIC_BASE, base);
	say(" then %x tpr %x svr %x\n", apic_read(0x30), apic_read(0x80), apic_read(0xf0));
	apic_write(0x80, 0);
}

void sweep_apic(void)
{
	catch_interrupts();
	xapic();
	x2apic();
	say("apic again:\n");
	page_registers();
}
