// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words of instr.c's guest that print what a guest can find out about its MSRs,
 * hypercalls, leaves of CPUID and its state at the start.
 */
#include <stdarg.h>
#include <stddef.h>
#include "sweep.h"
#include "text.h"

#define NOT_CANONICAL	0x0000800000000000ull
#define MSR_COUNT	0x839		/* runs while it is looked at */
#define CR4_OSFXSR	0x200ull
#define CR4_OSXSAVE	0x40000ull

struct start_state start_state;

_Static_assert(offsetof(struct start_state, efer) == 68, "instr.S knows the order");
_Static_assert(sizeof(struct start_state) == 100, "and that nothing lies between");

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

static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
		     : "a"(leaf), "c"(subleaf));
}

/* x2APIC mode ends in a disabled APIC only. */
void restore_msr(uint32_t msr, u64 value)
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

void sweep_range(uint32_t first, uint32_t last)
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

/* Give CPL 3 its segments, all of memory, and SYSCALL as its way back. */
static void allow_user(void)
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
}

/* CPUID at CPL 3, or a VMCALL; returns what RAX is then. */
static u64 user_insn(bool vmcall, u64 rax)
{
	seen[0] = ~0ull;
	asm volatile("movq	%%rsp, %%r12\n"
		     "pushq	%1\n"
		     "pushq	%%r12\n"
		     "pushq	$2\n"
		     "pushq	%2\n"
		     "pushq	$1f\n"
		     "iretq\n"
		     "1:	testl	%3, %3\n"
		     "jnz	1f\n"
		     TRY("cpuid")
		     "syscall\n"
		     "1:" TRY("vmcall")
		     "syscall\n"
		     "user_end:"
		     : "+a"(rax)
		     : "i"(SEL_USER_DATA | 3), "i"(SEL_USER_CODE | 3), "r"((uint32_t)vmcall)
		     : "rbx", "rcx", "rdx", "r11", "r12", "memory");
	return rax;
}

/* Bit 0 of MSR_MISC_FEATURES_ENABLES makes CPUID raise #GP outside CPL 0. */
static void cpuid_faulting(void)
{
	allow_user();
	for (unsigned int i = 0; i < 3; i++) {
		bool on = try_wrmsr(0x140, i & 1);
		bool leaf = user_insn(false, 0);

		say("cpuid faulting %u: taken %d, at CPL 3 exception %lx, a leaf %d\n", i & 1, on,
		    seen[0], leaf);
	}
}

/* In the state in which the guest starts, which is xAPIC mode. */
void sweep_msrs(void)
{
	sweep_range(0, MSR_X2APIC - 1);
	sweep_range(MSR_X2APIC + 0x100, 0x1fff);
	sweep_range(0x40000000, 0x400001ff);
	sweep_range(0x4b564d00, 0x4b564dff);
	sweep_range(0xc0000000, 0xc0001fff);
	sweep_range(0xc0010000, 0xc0011fff);
	sweep_range(0xfffffff0, 0xfffffffe);
	tsc();
	cpuid_faulting();
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

/* VMCALL in 32-bit code: only the lower halves of registers count. */
static u64 vmcall32(u64 rax)
{
	extern u64 gdt[];

	gdt[SEL_ABSENT / 8] = 0x00cf9b000000ffff;
	asm volatile("pushq	%1\n"
		     "pushq	$1f\n"
		     "lretq\n"
		     ".code32\n"
		     "1:	vmcall\n"
		     "ljmp	%2, $1f\n"
		     ".code64\n"
		     "1:"
		     : "+a"(rax) : "i"(SEL_ABSENT), "i"(SEL_CODE) : "memory");
	return rax;
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
	for (u64 nr = 0; nr < 4; nr++)
		say("vmcall %lx in 32-bit code: %lx\n", nr, vmcall32(nr));
	say("vmcall 100000001 in 32-bit code: %lx\n", vmcall32(0x100000001));
	allow_user();
	for (u64 nr = 0; nr < 12; nr++)
		say("vmcall %lx at CPL 3: %lx\n", nr, user_insn(true, nr));
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
