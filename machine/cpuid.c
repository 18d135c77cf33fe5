// SPDX-License-Identifier: GPL-2.0-only
/* CPUID as a guest finds it: the tables. */
#include <stddef.h>
#include "machine/cpuid.h"
#include "machine/x86.h"

#define BIT(n)		(1u << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define HYPERVISOR_LEAF	0x40000000u
#define KVM_LEAF	0x40000100u

#define LEAF_1_ECX_OSXSAVE	BIT(27)
#define LEAF_1_EDX_APIC		BIT(9)
#define LEAF_D_1_EAX_COMPACTED	(BIT(1) | BIT(3))	/* XSAVEC, XSAVES */
#define LEAF_D_ECX_ALIGNED	BIT(1)
#define XSAVE_LEGACY		576u			/* bytes, with the header */
#define XSAVE_LAST		7u			/* component that passes */

#define ALL	{ ~0u, ~0u, ~0u, ~0u }
#define NONE	{ 0, 0, 0, 0 }
#define CACHE	{ 0x00003fff, ~0u, ~0u, ~0u }	/* without who shares it */

/*
 * The leaves that there are, and what passes of the host's registers. Left out of
 * the features: DTES64, MONITOR, DS-CPL, VMX, SMX, EIST, TM2, xTPR, PDCM, DCA, DS,
 * ACPI, HTT, TM, PBE; of leaf 7 protection keys, CET, WAITPKG, SGX, MPX, RDPID,
 * LA57 and all that needs an MSR which the guest may not touch; XSAVES. Leaves
 * that would tell what is not the guest's are not here: counters, SGX, PT.
 */
static const struct row {
	u8 leaf, subleaf;	/* of the leaf bits 31 and 6:0 */
	struct exit_acct_regs keep;
} rows[] = {
	{ 0x0, 0, ALL },
	{ 0x1, 0, { ~0u, 0x0000ffff, 0x76da3203, 0x0f8bfbff } },
	{ 0x2, 0, ALL },
	{ 0x4, 0, CACHE }, { 0x4, 1, CACHE }, { 0x4, 2, CACHE }, { 0x4, 3, CACHE },
	{ 0x6, 0, NONE },
	{ 0x7, 0, { 0, 0xfdbf0fbb, 0x00005f46, 0x0000011c } },
	{ 0xb, 0, NONE }, { 0xb, 1, NONE },
	/* EBX and ECX are sizes: see xsave_size(). */
	{ 0xd, 0, { 0xe7, 0, 0, 0 } },
	{ 0xd, 1, { 0x7, 0, 0, 0 } },
	{ 0xd, 2, ALL }, { 0xd, 5, ALL }, { 0xd, 6, ALL }, { 0xd, XSAVE_LAST, ALL },
	{ MACHINE_CPUID_TSC, 0, NONE },		/* set_tsc() */
	{ MACHINE_CPUID_TSC + 1, 0, NONE },
	{ 0x80, 0, ALL }, { 0x81, 0, ALL }, { 0x82, 0, ALL }, { 0x83, 0, ALL },
	{ 0x84, 0, ALL }, { 0x85, 0, ALL }, { 0x86, 0, ALL }, { 0x87, 0, ALL },
	{ 0x88, 0, { 0xffff, 0, 0, 0 } },
};

static u32 leaf_of(const struct row *row)
{
	return (row->leaf & 0x80u) << 24 | (row->leaf & 0x7f);
}

/* Where in sub[] that subleaf is; MACHINE_CPUID_MAX_SUBLEAVES if there is none. */
static u32 sub_index(u32 leaf, u32 subleaf)
{
	u32 index = 0;

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].subleaf)
			continue;
		if (leaf_of(&rows[i]) == leaf && rows[i].subleaf == subleaf)
			return index;
		index++;
	}
	return MACHINE_CPUID_MAX_SUBLEAVES;
}

/* What is said in spite of the host, in leaves that may be beyond the highest. */
static void set_own(struct machine_cpuid *c)
{
	/* One thread; x2APIC, TSC-deadline timer, and "runs on a hypervisor". */
	c->basic[1].ebx |= BIT(16);
	c->basic[1].ecx |= BIT(21) | BIT(24) | BIT(31);
	c->basic[6].eax = BIT(2);		/* the APIC timer always runs */
	/* IA32_TSC_ADJUST is there whether the host has it or not, as on KVM. */
	c->basic[7].ebx |= BIT(1);
	c->basic[0xb].ebx = 1;			/* one thread */
	c->basic[0xb].ecx = BIT(8);
	c->sub[sub_index(0xb, 1)].ecx = 1;	/* and no level above it */
}

/* Bytes of an XSAVE area with @components, in the standard or the compacted format. */
static u32 xsave_size(const struct machine_cpuid *c, u64 components, bool compacted)
{
	u32 size = XSAVE_LEGACY;

	for (u32 i = 2; i <= XSAVE_LAST; i++) {
		const struct exit_acct_regs *r = &c->sub[sub_index(0xd, i)];
		u32 offset;

		if (!(components & BIT(i)))
			continue;
		offset = !compacted ? r->ebx :
			 r->ecx & LEAF_D_ECX_ALIGNED ? (size + 63) & ~63u : size;
		if (offset + r->eax > size)
			size = offset + r->eax;
	}
	return size;
}

void machine_cpuid_update(struct machine_cpuid *c, u64 cr4, u64 xcr0, u64 apic_base)
{
	struct exit_acct_regs *one = &c->basic[1], *d = &c->basic[0xd];
	struct exit_acct_regs *d1 = &c->sub[sub_index(0xd, 1)];

	one->ecx = (one->ecx & ~LEAF_1_ECX_OSXSAVE) | (cr4 & CR4_OSXSAVE ? LEAF_1_ECX_OSXSAVE : 0);
	one->edx = (one->edx & ~LEAF_1_EDX_APIC) |
		   (apic_base & APIC_BASE_ENABLE ? LEAF_1_EDX_APIC : 0);
	if (!d->eax)
		return;			/* no XSAVE */
	d->ebx = xsave_size(c, xcr0, false);
	d1->ebx = d1->eax & LEAF_D_1_EAX_COMPACTED ? xsave_size(c, xcr0, true) : 0;
}

/* Four digits: a measurement is no better, and two runs shall say the same. */
static u32 rounded(u32 khz)
{
	u32 step = 1;

	while (khz / step >= 10000)
		step *= 10;
	return (khz + step / 2) / step * step;
}

/* The leaves by which a guest knows its TSC's frequency. */
static void set_tsc(struct machine_cpuid *c, u32 measured)
{
	u32 khz = rounded(measured), mhz = (khz + 500) / 1000;	/* base and highest */
	/* The crystal's frequency has 32 bits, in Hz; what is above takes a ratio. */
	u32 ratio = khz <= ~0u / 1000 ? 1 : 2;

	c->basic[MACHINE_CPUID_TSC] = (struct exit_acct_regs){ 1, ratio, 1000 / ratio * khz, 0 };
	c->basic[MACHINE_CPUID_TSC + 1] = (struct exit_acct_regs){ mhz, mhz, 0, 0 };
}

void machine_cpuid_init(struct machine_cpuid *c,
			void (*host)(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r),
			void *ctx, u32 tsc_khz)
{
	struct exit_acct_regs r;

	*c = (struct machine_cpuid){ 0 };
	host(ctx, 0, 0, &r);
	c->max_basic = tsc_khz || r.eax > MACHINE_CPUID_MAX_BASIC ? MACHINE_CPUID_MAX_BASIC : r.eax;
	host(ctx, MACHINE_CPUID_EXTENDED, 0, &r);
	c->max_extended = r.eax < MACHINE_CPUID_MAX_EXTENDED ? r.eax : MACHINE_CPUID_MAX_EXTENDED;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct exit_acct_regs *keep = &rows[i].keep;
		u32 leaf = leaf_of(&rows[i]), subleaf = rows[i].subleaf;
		struct exit_acct_regs *to = machine_cpuid_get(c, leaf, subleaf);

		/* Of XSAVE's components those that the guest may turn on. */
		if (leaf > (leaf < MACHINE_CPUID_EXTENDED ? c->max_basic : c->max_extended) ||
		    (leaf == 0xd && subleaf > 1 && !(c->basic[0xd].eax & BIT(subleaf))))
			continue;
		host(ctx, leaf, subleaf, &r);
		to->eax = r.eax & keep->eax;
		to->ebx = r.ebx & keep->ebx;
		to->ecx = r.ecx & keep->ecx;
		to->edx = r.edx & keep->edx;
	}
	set_own(c);
	c->basic[0].eax = c->max_basic;
	c->extended[0].eax = c->max_extended;
	c->basic[0xd].ecx = c->basic[0xd].eax ? xsave_size(c, c->basic[0xd].eax, false) : 0;
	if (tsc_khz)
		set_tsc(c, tsc_khz);
	machine_cpuid_update(c, 0, 1, APIC_BASE_ENABLE);
}

bool machine_cpuid_row(u32 i, u32 *leaf, u32 *subleaf)
{
	if (i >= ARRAY_SIZE(rows))
		return false;
	*leaf = leaf_of(&rows[i]);
	*subleaf = rows[i].subleaf;
	return true;
}

struct exit_acct_regs *machine_cpuid_get(struct machine_cpuid *c, u32 leaf, u32 subleaf)
{
	u32 sub;

	if (leaf >= MACHINE_CPUID_EXTENDED && leaf <= c->max_extended)
		return &c->extended[leaf - MACHINE_CPUID_EXTENDED];
	/* As Intel CPUs: out of range is the highest basic leaf. */
	if (leaf > c->max_basic)
		leaf = c->max_basic;
	if (machine_cpuid_is_basic(c->max_basic + 1, leaf, subleaf))
		return &c->basic[leaf];
	sub = sub_index(leaf, subleaf);
	if (sub < MACHINE_CPUID_MAX_SUBLEAVES)
		return &c->sub[sub];
	/* Of a level of processors that there is not, the number in CL and the id come back. */
	c->none.ecx = leaf == 0xb ? subleaf & 0xff : 0;
	c->none.edx = leaf == 0xb ? c->basic[0xb].edx : 0;
	return &c->none;
}

const struct exit_acct_regs *machine_cpuid_hypervisor(u32 leaf)
{
	/* EAX is the highest leaf of the range. */
	static const struct exit_acct_regs own = {
		HYPERVISOR_LEAF, 0x78454d56, 0x614c7469, 0x76682062,	/* "VMExitLab hv" */
	}, kvm[2] = {
		{ KVM_LEAF + 1, 0x4b4d564b, 0x564b4d56, 0x0000004d },	/* "KVMKVMKVM" */
	};	/* and no features */

	if (leaf == HYPERVISOR_LEAF)
		return &own;
	return leaf - KVM_LEAF < ARRAY_SIZE(kvm) ? &kvm[leaf - KVM_LEAF] : NULL;
}
