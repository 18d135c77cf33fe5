// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words of instr.c's guest that print what it finds out about hypercalls, leaves of
 * CPUID and its state at the start.
 */
#include <stddef.h>
#include "tests/hv/sweep.h"
#include "machine/text.h"


struct start_state start_state;

_Static_assert(offsetof(struct start_state, efer) == 68, "instr.S knows the order");
_Static_assert(sizeof(struct start_state) == 100, "and that nothing lies between");

static void cpuid_words(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	asm volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
		     : "a"(leaf), "c"(subleaf));
}

void allow_user(void)
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
	try_rdmsr(MSR_EFER, &efer);
	try_wrmsr(MSR_EFER, efer | EFER_SCE);
	try_wrmsr(MSR_STAR, (u64)SEL_CODE << 32);
	try_wrmsr(MSR_LSTAR, (u64)user_end);
}

u64 user_insn(bool vmcall, u64 rax)
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

	cpuid_words(leaf, subleaf, r);
	say("cpuid %x %x: %x %x %x %x\n", leaf, subleaf, r[0], r[1], r[2], r[3]);
}

/* The subleaves that are not as the one before. */
static void leaf_and_subleaves(uint32_t number)
{
	uint32_t last[4], r[4];

	leaf(number, 0);
	cpuid_words(number, 0, last);
	for (uint32_t j = 1; j < 67; j++) {
		/* The last one is far away. */
		uint32_t subleaf = j < 66 ? j : ~0u;

		cpuid_words(number, subleaf, r);
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

	cpuid_words(0, 0, r);
	basic = r[0];
	cpuid_words(0x80000000, 0, r);
	extended = r[0];
	/* Leaves 0x15 and 0x16 say how fast the TSC is, which each host measures. */
	for (uint32_t i = 0; i < 0x15; i++)
		leaf_and_subleaves(i);
	for (uint32_t i = 0x80000000; i <= extended; i++)
		leaf_and_subleaves(i);
	cpuid_words(basic, 0, highest);
	for (unsigned int i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		cpuid_words(beyond[i] < 2 ? extended + beyond[i] + 1 : beyond[i], 0, r);
		say("cpuid %x: as the highest basic leaf %u\n", beyond[i],
		    !memcmp(r, highest, sizeof(r)));
	}

	try_rdmsr(MSR_IA32_APIC_BASE, &base);
	try_wrmsr(MSR_IA32_APIC_BASE, base & ~APIC_BASE_ENABLE);
	say("with the APIC off: ");
	leaf(1, 0);
	try_wrmsr(MSR_IA32_APIC_BASE, base);
	say("and on: ");
	leaf(1, 0);
	set_cr4(CR4_OSXSAVE, true);
	say("with CR4.OSXSAVE: ");
	leaf(1, 0);
	leaf(7, 0);
	for (unsigned int i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		say("with XCR0 %x, %u: ", masks[i], set_xcr0(masks[i]));
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
	cpuid_words(1, 0, r);
	if (!(r[2] & 1u << 26))
		return;
	set_cr4(CR4_OSXSAVE, true);
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	say("start xcr0: %x %x\n", high, low);
	cpuid_words(0xd, 0, r);
	say("xcr0 of all: %u\n", set_xcr0(r[0]));
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
