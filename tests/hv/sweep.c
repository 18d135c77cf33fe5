// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words of instr.c's guest that print what a guest can find out about its MSRs,
 * its APIC, its hypercalls, its leaves of CPUID and its state at the start: one
 * line for each fact, which is the same on every run of the same target.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "instr.h"
#include "text.h"

#define NOT_CANONICAL	0x0000800000000000ull
#define MSR_TSC		0x10
#define MSR_APIC_BASE	0x1b
#define MSR_X2APIC	0x800
#define MSR_ICR		0x830
#define MSR_COUNT	0x839		/* runs while it is looked at */
#define BASE_ENABLE	0x800ull
#define BASE_X2APIC	0x400ull
#define APIC_PAGE	0xfee00000ull
#define APIC_ICR	0x300
#define CR4_OSFXSR	0x200ull
#define CR4_OSXSAVE	0x40000ull

struct start_state start_state;

_Static_assert(offsetof(struct start_state, efer) == 68, "instr.S knows the order");
_Static_assert(sizeof(struct start_state) == 100, "and that nothing lies between");

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

/* hv may have something to say between two characters: a line goes out as a whole. */
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

static void __attribute__((__format__(__printf__, 1, 2))) say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(collect, fmt, ap);
	va_end(ap);
}

static bool try_rdmsr(uint32_t msr, u64 *value)
{
	uint32_t low = 0, high = 0;

	seen[0] = ~0ull;
	asm volatile(TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
	*value = (u64)high << 32 | low;
	return seen[0] == ~0ull;
}

static bool try_wrmsr(uint32_t msr, u64 value)
{
	seen[0] = ~0ull;
	asm volatile(TRY("wrmsr") : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr)
		     : "memory");
	return seen[0] == ~0ull;
}

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
		     : "a"(leaf), "c"(subleaf));
}

/* Back to @value, whatever lies between: x2APIC mode ends in a disabled APIC only. */
static void restore(uint32_t msr, u64 value)
{
	u64 now;

	if (try_wrmsr(msr, value) || msr != MSR_APIC_BASE)
		return;
	try_rdmsr(msr, &now);
	try_wrmsr(msr, now & ~(BASE_ENABLE | BASE_X2APIC));
	try_wrmsr(msr, value & ~BASE_X2APIC);
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
	restore(msr, old);
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
		restore(msr, old);
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
		say("%lx", msr == MSR_COUNT ? !!old : old);
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

static void sweep(uint32_t first, uint32_t last)
{
	for (uint32_t msr = first; msr <= last; msr++) {
		/* The time, and what may send INIT to ourselves. */
		if (msr != MSR_TSC && msr != MSR_ICR)
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
		try_rdmsr(MSR_TSC, &before);
		if (i)
			say("tsc: adjust written %d\n", try_wrmsr(0x3b, 1ull << 50));
		else
			say("tsc: written %d\n", try_wrmsr(MSR_TSC, before + (1ull << 45)));
		try_rdmsr(MSR_TSC, &after);
		try_rdmsr(0x3b, &adjust);
		say("tsc: moved by %lx, adjust %lx\n", (after - before) >> 40,
		      adjust >> 40);
	}
	try_wrmsr(0x3b, 0);
}

/* CPUID at CPL 3, from where SYSCALL leads back. */
static uint32_t user_cpuid(void)
{
	uint32_t eax = 0;

	asm volatile("movq	%%rsp, %%r12\n"
		     "pushq	%1\n"
		     "pushq	%%r12\n"
		     "pushq	$2\n"
		     "pushq	%2\n"
		     "pushq	$1f\n"
		     "iretq\n"
		     "1:" TRY("cpuid")
		     "syscall\n"
		     "user_end:"
		     : "+a"(eax) : "i"(SEL_USER_DATA | 3), "i"(SEL_USER_CODE | 3)
		     : "rbx", "rcx", "rdx", "r11", "r12", "memory");
	return eax;
}

/* Bit 0 of MSR_MISC_FEATURES_ENABLES makes CPUID raise #GP outside CPL 0. */
static void cpuid_faulting(void)
{
	extern u64 gdt[], pml4[], pdpt[], directories[];
	extern char user_end[];
	static uint8_t tss[104], stack[4096] __attribute__((aligned(16)));
	u64 efer;

	for (unsigned int i = 0; i < 512; i++)
		directories[i] |= PTE_USER;
	pdpt[0] |= PTE_USER;
	pml4[0] |= PTE_USER;
	asm volatile("mov %0, %%cr3" : : "r"(pml4) : "memory");
	gdt[SEL_USER_DATA / 8] = 0x00cff3000000ffff;
	gdt[SEL_USER_CODE / 8] = 0x00affb000000ffff;
	gdt[SEL_TSS / 8] = 0x0000890000000067 | (u64)tss << 16;
	*(u64 *)(tss + 4) = (u64)stack + sizeof(stack);
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	try_rdmsr(0xc0000080, &efer);
	try_wrmsr(0xc0000080, efer | 1);
	try_wrmsr(0xc0000081, (u64)SEL_CODE << 32);
	try_wrmsr(0xc0000082, (u64)user_end);
	for (unsigned int i = 0; i < 3; i++) {
		bool on = try_wrmsr(0x140, i & 1);
		bool leaf = user_cpuid();

		say("cpuid faulting %u: taken %d, at CPL 3 exception %lx, a leaf %d\n", i & 1, on,
		    seen[0], leaf);
	}
}

/* In the state in which the guest starts, which is xAPIC mode. */
void sweep_msrs(void)
{
	sweep(0, MSR_X2APIC - 1);
	sweep(MSR_X2APIC + 0x100, 0x1fff);
	sweep(0x40000000, 0x400001ff);
	sweep(0x4b564d00, 0x4b564dff);
	sweep(0xc0000000, 0xc0001fff);
	sweep(0xc0010000, 0xc0011fff);
	sweep(0xfffffff0, 0xfffffffe);
	tsc();
	cpuid_faulting();
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

/* What is requested; and takes it back, by accepting each and ending it. */
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
	return *(volatile uint32_t *)(APIC_PAGE + offset);
}

static void apic_write(uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(APIC_PAGE + offset) = value;
}

static void x2apic_eoi(void)
{
	asm volatile("wrmsr" : : "a"(0), "d"(0), "c"(MSR_X2APIC + 0xb));
}

static void xapic_eoi(void)
{
	apic_write(0xb0, 0);
}

static void x2apic(void)
{
	u64 base, icr;

	try_rdmsr(MSR_APIC_BASE, &base);
	say("x2apic on: %d\n", try_wrmsr(MSR_APIC_BASE, base | BASE_X2APIC));
	say("x2apic to xapic: %d\n", try_wrmsr(MSR_APIC_BASE, base));
	end_of_interrupt = x2apic_eoi;
	sweep(MSR_X2APIC, MSR_X2APIC + 0xff);
	say("software enabled: %d\n", try_wrmsr(MSR_X2APIC + 0xf, 0x1ff));
	for (unsigned int i = 0; i < sizeof(ipis) / sizeof(ipis[0]); i++) {
		bool ok = try_wrmsr(MSR_ICR, ipis[i].destination << 32 | ipis[i].command);

		requested("x2", ipis[i].name);
		try_rdmsr(MSR_ICR, &icr);
		say("apic x2 icr: taken %d reads %lx\n", ok, icr);
	}
	for (uint32_t vector = 14; vector < 18; vector++) {
		try_wrmsr(MSR_X2APIC + 0x3f, vector);
		requested("x2", "self IPI register");
	}
	/* A priority of its own class or below holds it back. */
	try_wrmsr(MSR_X2APIC + 8, 0xf0);
	try_wrmsr(MSR_X2APIC + 0x3f, 0xf1);
	requested("x2", "held back by TPR");
	sweep(MSR_X2APIC, MSR_X2APIC + 0x27);
	try_wrmsr(MSR_X2APIC + 8, 0);
	requested("x2", "no more");
	sweep(MSR_X2APIC + 0x28, MSR_X2APIC + 0x3e);
	try_wrmsr(MSR_APIC_BASE, base & ~BASE_ENABLE);
	say("x2apic from disabled: %d\n", try_wrmsr(MSR_APIC_BASE, base | BASE_X2APIC));
	restore(MSR_APIC_BASE, base);
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
static void page_forms(uint32_t offset)
{
	volatile uint8_t *at = (volatile uint8_t *)(APIC_PAGE + offset);

	say("apic page %x: bytes %x %x %x %x words %x %x %x\n", offset, at[0], at[1], at[2],
	      at[3], *(volatile uint16_t *)at, *(volatile uint16_t *)(at + 1),
	      *(volatile uint16_t *)(at + 2));
}

static void page_writes(void)
{
	volatile uint8_t *tpr = (volatile uint8_t *)(APIC_PAGE + 0x80);

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
	page_forms(0x30);
	page_forms(0xf0);
	page_forms(0x350);
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
	try_rdmsr(MSR_APIC_BASE, &base);
	try_wrmsr(MSR_APIC_BASE, base & ~BASE_ENABLE);
	say("apic disabled: page %x", apic_read(0x30));
	apic_write(0x80, 0x33);
	try_wrmsr(MSR_APIC_BASE, base);
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

static void hypercall(const char *name, bool vmmcall, u64 nr, u64 a0)
{
	register u64 r8 asm("r8") = 8, r9 asm("r9") = 9;
	u64 rax = nr, rbx = a0, rcx = 2, rdx = 3, rsi = 4, rdi = 5;

	if (vmmcall)
		asm volatile(TRY(".byte 0x0f, 0x01, 0xd9") : "+a"(rax), "+b"(rbx), "+c"(rcx),
			     "+d"(rdx), "+S"(rsi), "+D"(rdi), "+r"(r8), "+r"(r9) : : "memory");
	else
		asm volatile(TRY("vmcall") : "+a"(rax), "+b"(rbx), "+c"(rcx), "+d"(rdx),
			     "+S"(rsi), "+D"(rdi), "+r"(r8), "+r"(r9) : : "memory");
	say("%s %lx(%lx): %lx%s", name, nr, a0, rax, rbx == a0 && rcx == 2 && rdx == 3 &&
	      rsi == 4 && rdi == 5 && r8 == 8 && r9 == 9 ? "" : " others changed");
	if (seen[0] != ~0ull)
		say(" exception %lu", seen[0]);
	say("\n");
	seen[0] = ~0ull;
}

void sweep_calls(void)
{
	for (u64 nr = 0; nr < 32; nr++)
		hypercall("vmcall", false, nr, 0x1234567);
	hypercall("vmcall", false, 12, 0);
	hypercall("vmcall", false, ~0ull, 0);
	hypercall("vmcall", false, 1ull << 32 | 1, 0);
	hypercall("vmcall", false, 0x4fffffff, 0);
	for (u64 nr = 0; nr < 4; nr++)
		hypercall("vmmcall", true, nr, 0);
}

static void leaf(uint32_t leaf, uint32_t subleaf)
{
	uint32_t r[4];

	cpuid(leaf, subleaf, r);
	say("cpuid %x %x: %x %x %x %x\n", leaf, subleaf, r[0], r[1], r[2], r[3]);
}

/* The subleaves that are not as the one before. */
static void leaf_and_subleaves(uint32_t number)
{
	uint32_t last[4], r[4];

	leaf(number, 0);
	cpuid(number, 0, last);
	for (uint32_t j = 1; j < 67; j++) {
		/* The last one is far away. */
		uint32_t subleaf = j < 66 ? j : ~0u;

		cpuid(number, subleaf, r);
		if (memcmp(r, last, sizeof(r)))
			leaf(number, subleaf);
		memcpy(last, r, sizeof(r));
	}
}

/* XSETBV; false if it faults. */
static bool set_xcr0(uint32_t value)
{
	seen[0] = ~0ull;
	asm volatile(TRY("xsetbv") : : "a"(value), "d"(0), "c"(0));
	return seen[0] == ~0ull;
}

static void set_cr4(u64 bit, bool on)
{
	u64 cr4;

	asm volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = on ? cr4 | bit : cr4 & ~bit;
	asm volatile(TRY("mov %0, %%cr4") : : "r"(cr4) : "memory");
	seen[0] = ~0ull;
}

void sweep_leaves(void)
{
	static const uint32_t masks[] = { 1, 3, 7, 0xe7, 3 };
	/* The first two: so far behind the last extended leaf. */
	static const uint32_t beyond[] = { 0, 1, 0x17, 0x7fffffff, 0x8fffffff, 0xc0000000, ~0u };
	uint32_t r[4], highest[4], basic, extended;
	u64 base;

	cpuid(0, 0, r);
	basic = r[0];
	cpuid(0x80000000, 0, r);
	extended = r[0];
	/* Leaves 0x15 and 0x16 say how fast the TSC is, which each host measures. */
	for (uint32_t i = 0; i < 0x15; i++)
		leaf_and_subleaves(i);
	for (uint32_t i = 0x80000000; i <= extended; i++)
		leaf_and_subleaves(i);
	cpuid(basic, 0, highest);
	for (unsigned int i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		cpuid(beyond[i] < 2 ? extended + beyond[i] + 1 : beyond[i], 0, r);
		say("cpuid %x: as the highest basic leaf %d\n", beyond[i],
		    !memcmp(r, highest, sizeof(r)));
	}

	try_rdmsr(MSR_APIC_BASE, &base);
	try_wrmsr(MSR_APIC_BASE, base & ~BASE_ENABLE);
	say("with the APIC off: ");
	leaf(1, 0);
	try_wrmsr(MSR_APIC_BASE, base);
	say("and on: ");
	leaf(1, 0);
	set_cr4(CR4_OSXSAVE, true);
	say("with CR4.OSXSAVE: ");
	leaf(1, 0);
	leaf(7, 0);
	for (unsigned int i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		say("with XCR0 %x, %d: ", masks[i], set_xcr0(masks[i]));
		leaf(0xd, 0);
		leaf(0xd, 1);
	}
	set_cr4(CR4_OSXSAVE, false);
	say("without: ");
	leaf(1, 0);
}

static uint8_t area[16384] __attribute__((aligned(64)));

static void floating_point(void)
{
	uint32_t r[4], low, high;
	uint16_t fpu[14];

	asm volatile("fnstenv %0" : "=m"(fpu));
	say("start x87: fcw %x fsw %x ftw %x\n", fpu[0], fpu[2], fpu[4]);
	asm volatile("fldenv %0" : : "m"(fpu));
	set_cr4(CR4_OSFXSR, true);
	asm volatile("fxsave %0" : "=m"(area));
	say("start mxcsr: %x\n", *(uint32_t *)(area + 24));
	say("start fxsave:");
	for (unsigned int i = 0; i < 416; i++) {
		if (area[i] && i != 28 && i != 29 && i != 30 && i != 31)
			say(" %x=%x", i, area[i]);
	}
	say("\n");
	cpuid(1, 0, r);
	if (!(r[2] & 1u << 26))
		return;
	set_cr4(CR4_OSXSAVE, true);
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	say("start xcr0: %x %x\n", high, low);
	cpuid(0xd, 0, r);
	say("xcr0 of all: %d\n", set_xcr0(r[0]));
	memset(area, 0, sizeof(area));
	asm volatile("xsave %0" : "=m"(area) : "a"(~0u), "d"(~0u));
	say("start xsave:");
	/* Behind the legacy region and the header, which says what is in use. */
	for (unsigned int i = 576; i < sizeof(area); i++) {
		if (area[i])
			say(" %x=%x", i, area[i]);
	}
	say("\n");
	set_cr4(CR4_OSXSAVE, false);
}

void sweep_start(void)
{
	static const uint32_t msrs[] = {
		0x174, 0x175, 0x176, 0x1d9, 0x277, 0xda0, 0xd90, 0x3b, 0x1b, 0x1a0, 0x6e0, 0x2ff,
		0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101,
		0xc0000102, 0xc0000103,
	};
	const struct start_state *s = &start_state;
	u64 value;

	say("start eax %x ecx %x edx %x esp %x ebp %x edi %x eflags %x\n", s->eax, s->ecx,
	      s->edx, s->esp, s->ebp, s->edi, s->eflags);
	say("start cr0 %x cr2 %x cr3 %x cr4 %x efer %x\n", s->cr0, s->cr2, s->cr3, s->cr4,
	      s->efer);
	say("start dr0 %x dr1 %x dr2 %x dr3 %x dr6 %x dr7 %x\n", s->dr[0], s->dr[1], s->dr[2],
	      s->dr[3], s->dr6, s->dr7);
	say("start ldtr %x tr %x gdtr %x %x idtr %x %x\n", s->ldtr, s->tr, s->gdtr_limit,
	      s->gdtr_base, s->idtr_limit, s->idtr_base);
	say("start cs %x ss %x ds %x es %x fs %x gs %x\n", s->cs, s->ss, s->ds, s->es, s->fs,
	      s->gs);
	for (unsigned int i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
		if (try_rdmsr(msrs[i], &value))
			say("start msr %x %lx\n", msrs[i], value);
	}
	seen[0] = ~0ull;
	floating_point();
}
