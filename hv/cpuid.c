// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID as the guest sees it: what the host has, less what hv cannot let a
 * guest use (machine/cpuid.c). All leaves are read once at the start: a CPUID in
 * the exit path would itself exit when hv runs nested, and costs hundreds of
 * cycles anyway.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = …" tables.
 */
#include "cpuid.h"
#include "hv.h"
#include "pit.h"
#include "vcpu.h"

#define BIT(n)			(1u << (n))
#define LEAF_1_ECX_OSXSAVE	BIT(27)
#define LEAF_7_EBX_INVPCID	BIT(10)
#define LEAF_80000001_EDX_RDTSCP BIT(27)
#define EXTENDED_LEAF		0x80000000u
#define MAX_BASIC		MACHINE_CPUID_MAX_BASIC
#define MAX_EXTENDED		MACHINE_CPUID_MAX_EXTENDED
#define MAX_SUBLEAVES		64

struct subleaf {
	u32 leaf, subleaf;
	struct exit_acct_regs regs;
};

static struct exit_acct_regs basic[MAX_BASIC + 1];
static struct exit_acct_regs extended[MAX_EXTENDED - EXTENDED_LEAF + 1];
static struct subleaf subleaves[MAX_SUBLEAVES];
static u32 nr_subleaves;
static u32 max_basic, max_extended;

static const struct exit_acct_regs nothing;

/* Leaves in which ECX selects something; a basic[] entry is subleaf 0 alone. */
static inline bool has_subleaves(u32 leaf)
{
	return leaf < 32 && (BIT(0x4) | BIT(0x7) | BIT(0xb) | BIT(0xd)) & BIT(leaf);
}

static void guest_view(u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	machine_cpuid_view(leaf, subleaf, r);
	if (leaf == 7 && !vmx_has(PROC2_INVPCID))
		r->ebx &= ~LEAF_7_EBX_INVPCID;
	if (leaf == 0x80000001 && !vmx_has(PROC2_RDTSCP))
		r->edx &= ~LEAF_80000001_EDX_RDTSCP;
}

static void add_subleaves(u32 leaf)
{
	/* Of leaf 0xd the components hv lets pass, of the others until one is empty. */
	u32 last = leaf == 0xd ? 7 : leaf == 0x7 || leaf == 0xb ? 1 : 4;

	for (u32 i = 1; i <= last && nr_subleaves < MAX_SUBLEAVES; i++) {
		struct subleaf *s = &subleaves[nr_subleaves++];

		s->leaf = leaf;
		s->subleaf = i;
		cpuid(leaf, i, &s->regs);
		guest_view(leaf, i, &s->regs);
		/* Leaf 0xb: there is no level above the one thread; ECX repeats the input. */
		if (leaf == 0xb)
			s->regs = (struct exit_acct_regs){ .ecx = i };
		if (leaf == 0xd && i > 1 && !(basic[0xd].eax & BIT(i)))
			s->regs = nothing;
		if (leaf == 7)
			s->regs = nothing;
	}
}

void cpuid_init(void)
{
	u32 tsc_khz = pit_measure_tsc();
	struct exit_acct_regs r;

	cpuid(0, 0, &r);
	max_basic = r.eax < MAX_BASIC ? r.eax : MAX_BASIC;
	cpuid(EXTENDED_LEAF, 0, &r);
	max_extended = r.eax < MAX_EXTENDED ? r.eax : MAX_EXTENDED;
	for (u32 i = 0; i <= max_basic; i++) {
		cpuid(i, 0, &basic[i]);
		guest_view(i, 0, &basic[i]);
		if (has_subleaves(i))
			add_subleaves(i);
	}
	for (u32 i = EXTENDED_LEAF; i <= max_extended; i++) {
		cpuid(i, 0, &extended[i - EXTENDED_LEAF]);
		guest_view(i, 0, &extended[i - EXTENDED_LEAF]);
	}
	if (tsc_khz)
		max_basic = MAX_BASIC;
	machine_cpuid_tsc(MACHINE_CPUID_TSC, tsc_khz, &basic[MACHINE_CPUID_TSC]);
	machine_cpuid_tsc(MACHINE_CPUID_TSC + 1, tsc_khz, &basic[MACHINE_CPUID_TSC + 1]);
	basic[0].eax = max_basic;
	extended[0].eax = max_extended;
}

void cpuid_set_cr4(u64 cr4)
{
	basic[1].ecx &= ~LEAF_1_ECX_OSXSAVE;
	if (cr4 & CR4_OSXSAVE)
		basic[1].ecx |= LEAF_1_ECX_OSXSAVE;
}

void cpuid_set_xcr0(void)
{
	struct exit_acct_regs r;

	/* EBX is the size for what XCR0 enables, and XCR0 is the guest's. */
	cpuid(0xd, 0, &r);
	basic[0xd].ebx = r.ebx;
}

static const struct exit_acct_regs *find_subleaf(u32 leaf, u32 subleaf)
{
	for (u32 i = 0; i < nr_subleaves; i++) {
		if (subleaves[i].leaf == leaf && subleaves[i].subleaf == subleaf)
			return &subleaves[i].regs;
	}
	return &nothing;
}

/* Leaves that are an element of basic[]: the ones that a guest asks for in a loop. */
static __always_inline bool is_basic(u32 leaf, u32 subleaf)
{
	return leaf <= max_basic && (!subleaf || !has_subleaves(leaf));
}

const struct exit_acct_regs *guest_cpuid(u32 leaf, u32 subleaf)
{
	if (is_basic(leaf, subleaf))
		return &basic[leaf];
	if (leaf <= max_basic)
		return find_subleaf(leaf, subleaf);
	if (leaf >= EXTENDED_LEAF && leaf <= max_extended)
		return &extended[leaf - EXTENDED_LEAF];
	if (machine_cpuid_hypervisor(leaf))
		return machine_cpuid_hypervisor(leaf);
	/* As Intel CPUs: out of range is the highest basic leaf. */
	return guest_cpuid(max_basic, subleaf);
}

static __always_inline void answer(struct vcpu *v, const struct exit_acct_regs *r)
{
	v->regs[RAX] = r->eax;
	v->regs[RBX] = r->ebx;
	v->regs[RCX] = r->ecx;
	v->regs[RDX] = r->edx;
	vcpu_skip(v);
}

static void __attribute__((noinline)) other_leaf(struct vcpu *v, u32 leaf, u32 subleaf)
{
	struct exit_acct_regs r;

	if (!exit_acct_is_leaf(leaf) || !exit_acct_cpuid(v->acct.vm, leaf, subleaf, &r))
		r = *guest_cpuid(leaf, subleaf);
	answer(v, &r);
}

/* The shortest way through hv, and the one whose cost is measured. */
void handle_cpuid(struct vcpu *v)
{
	u32 leaf = v->regs[RAX], subleaf = v->regs[RCX];

	/* The accounting's leaves are far beyond the basic ones: one test for both. */
	if (is_basic(leaf, subleaf))
		answer(v, &basic[leaf]);
	else
		other_leaf(v, leaf, subleaf);
}

void handle_cpuid_faulting(struct vcpu *v)
{
	if (msrs_cpuid_faults(&v->msrs) && vcpu_cpl())
		inject_exception(v, VECTOR_GP, 0);
	else
		handle_cpuid(v);
}
