// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/cpuid.c machine/topology.c */
/* What a guest may see of a leaf, and what it is told of its TSC and hypervisor. */
#include <string.h>
#include "machine/cpuid.h"
#include "tests/unit/tap.h"

#define APIC_ENABLE	0x800
#define CR4_OSXSAVE	0x40000

/* A host with everything, or with nothing, in all leaves up to a highest one. */
struct host {
	u32 all, max_basic, max_extended;
};

/* Components of Bochs' model tigerlake: size, offset, alignment. */
static const struct {
	u32 size, offset, flags;
} components[] = {
	[2] = { 256, 576, 0 }, [3] = { 64, 960, 0 }, [4] = { 64, 1024, 0 }, [5] = { 64, 1088, 0 },
	[6] = { 512, 1152, 0 }, [7] = { 1024, 1664, 0 },
};

static void host_leaf(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	const struct host *h = ctx;

	*r = (struct exit_acct_regs){ h->all, h->all, h->all, h->all };
	if (leaf == 0)
		r->eax = h->max_basic;
	if (leaf == 0x80000000)
		r->eax = h->max_extended;
	if (leaf == 0xd && subleaf > 1 && subleaf < 8)
		*r = (struct exit_acct_regs){ components[subleaf].size, components[subleaf].offset,
					      components[subleaf].flags, 0 };
}

static struct machine_cpuid leaves;

static void made_of(u32 all, u32 max_basic, u32 max_extended, u32 tsc_khz)
{
	struct host h = { all, max_basic, max_extended };

	machine_cpuid_init(&leaves, host_leaf, &h, tsc_khz);
}

static struct exit_acct_regs view(u32 leaf, u32 subleaf, u32 all)
{
	made_of(all, 0x20, 0x80000020, 0);
	return *machine_cpuid_get(&leaves, leaf, subleaf);
}

static void is_regs(const char *name, struct exit_acct_regs r, u32 a, u32 b, u32 c, u32 d)
{
	ok(r.eax == a && r.ebx == b && r.ecx == c && r.edx == d, "%s: %08x %08x %08x %08x", name,
	   r.eax, r.ebx, r.ecx, r.edx);
}

static void test_views(void)
{
	struct exit_acct_regs r = view(1, 0, ~0u);

	ok(!(r.ecx & 1u << 5), "no VMX");
	ok(!(r.ecx & 1u << 3), "no MONITOR");
	ok(r.ecx >> 31, "a hypervisor");
	r = view(1, 0, 0);
	ok(r.ecx & 1u << 21 && r.ecx & 1u << 24, "x2APIC and TSC-deadline timer in any case");
	is_u64("one logical processor", r.ebx >> 16 & 0xff, 1);
	is_regs("leaf 7 of a host that has nothing", view(7, 0, 0), 0, 2, 0, 0);
	is_regs("leaf 6", view(6, 0, ~0u), 4, 0, 0, 0);
	is_regs("leaf 0xa", view(0xa, 0, ~0u), 0, 0, 0, 0);
	is_regs("leaf 0xb", view(0xb, 0, ~0u), 0, 1, 0x100, 0);
	is_regs("and above it nothing", view(0xb, 1, ~0u), 0, 0, 1, 0);
	is_regs("nor at any level", view(0xb, 0x1234, ~0u), 0, 0, 0x34, 0);
	is_u64("no XSAVES", view(0xd, 1, ~0u).eax & 8, 0);
	is_regs("no component that does not pass", view(0xd, 9, ~0u), 0, 0, 0, 0);
	is_regs("a leaf without rules", view(2, 0, 0x1234), 0x1234, 0x1234, 0x1234, 0x1234);
	is_regs("of any subleaf", view(2, 7, 0x1234), 0x1234, 0x1234, 0x1234, 0x1234);
	is_regs("no further subleaf", view(7, 1, ~0u), 0, 0, 0, 0);
}

static struct exit_acct_regs of_several(u32 leaf, u32 subleaf, u32 all, u32 id, u32 cpus)
{
	struct exit_acct_regs r = view(leaf, subleaf, all);

	machine_cpuid_topology(leaf, subleaf, id, cpus, &r);
	return r;
}

/* Bits of an APIC id tell processors apart: as many as the largest needs. */
static void test_topology(void)
{
	static const struct {
		u32 cpus, shift;
	} machines[] = { { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 2 }, { 8, 3 } };
	u32 i, leaf, subleaf, changed = 0;

	for (i = 0; machine_cpuid_row(i, &leaf, &subleaf); i++) {
		struct exit_acct_regs r = of_several(leaf, subleaf, ~0u, 0, 1);

		changed += memcmp(&r, machine_cpuid_get(&leaves, leaf, subleaf), sizeof(r)) != 0;
	}
	is_u64("one alone finds every leaf as it is", changed, 0);
	for (i = 1; i < sizeof(machines) / sizeof(machines[0]); i++) {
		u32 cpus = machines[i].cpus, id = cpus - 1, shift = machines[i].shift;
		u32 cores = (1u << shift) - 1;
		struct exit_acct_regs r = of_several(1, 0, 0x2345678, id, cpus);

		is_u64("its id and their number", r.ebx, id << 24 | cpus << 16 | 0x5678);
		is_u64("it is one of several", r.edx >> 28, 1);
		is_regs("threads", of_several(0xb, 0, 0, id, cpus), 0, 1, 0x100, id);
		is_regs("cores", of_several(0xb, 1, 0, id, cpus), shift, cpus, 0x201, id);
		/* 0x1678: level 3, and what passes of the host's. */
		is_u64("a cache of all", of_several(4, 3, 0x12345678, id, cpus).eax,
		       cores << 26 | cores << 14 | 0x1678);
	}
	is_u64("a cache of each", of_several(4, 0, 0x21, 1, 2).eax, 1u << 26 | 0x21);
	is_regs("no cache", of_several(4, 0, 0, 1, 2), 0, 0, 0, 0);
}

static void test_limits(void)
{
	made_of(~0u, 0x20, 0x80000020, 0);
	is_u64("the highest leaf", machine_cpuid_get(&leaves, 0, 0)->eax, 0x16);
	is_u64("the highest extended leaf", machine_cpuid_get(&leaves, 0x80000000, 0)->eax,
	       0x80000008);
	made_of(~0u, 0xd, 0x80000004, 0);
	is_u64("of a smaller host", machine_cpuid_get(&leaves, 0, 0)->eax, 0xd);
	is_u64("likewise", machine_cpuid_get(&leaves, 0x80000000, 0)->eax, 0x80000004);
	is_regs("out of range is the highest", *machine_cpuid_get(&leaves, 0x80000005, 2),
		256, 576, 0, 0);
	made_of(~0u, 0xd, 0x80000008, 25000);
	is_u64("leaves for the TSC are added", machine_cpuid_get(&leaves, 0, 0)->eax, 0x16);
	is_u64("with its frequency", machine_cpuid_get(&leaves, 0x15, 0)->ecx, 25000000);
}

static void test_registers(void)
{
	static const struct {
		u32 xcr0, standard, compacted;
	} sizes[] = {
		{ 0x1, 576, 576 }, { 0x3, 576, 576 }, { 0x7, 832, 832 }, { 0xe7, 2688, 2432 },
	};
	u32 i;

	made_of(~0u, 0x20, 0x80000020, 0);
	ok(!(leaves.basic[1].ecx & 1u << 27) && leaves.basic[1].edx & 1u << 9,
	   "after reset: no OSXSAVE, an APIC");
	is_u64("XCR0 is 1", leaves.basic[0xd].ebx, 576);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		machine_cpuid_update(&leaves, CR4_OSXSAVE, sizes[i].xcr0, APIC_ENABLE);
		ok(machine_cpuid_get(&leaves, 0xd, 0)->ebx == sizes[i].standard &&
		   machine_cpuid_get(&leaves, 0xd, 1)->ebx == sizes[i].compacted,
		   "XCR0 %x: %u bytes, %u compacted", sizes[i].xcr0,
		   machine_cpuid_get(&leaves, 0xd, 0)->ebx,
		   machine_cpuid_get(&leaves, 0xd, 1)->ebx);
		is_u64("at most", machine_cpuid_get(&leaves, 0xd, 0)->ecx, 2688);
	}
	ok(leaves.basic[1].ecx & 1u << 27, "OSXSAVE");
	machine_cpuid_update(&leaves, 0, 1, 0);
	ok(!(leaves.basic[1].ecx & 1u << 27) && !(leaves.basic[1].edx & 1u << 9),
	   "neither, with the APIC off");
	made_of(0, 0x20, 0x80000020, 0);
	is_regs("without XSAVE", *machine_cpuid_get(&leaves, 0xd, 0), 0, 0, 0, 0);
}

/* A component that is aligned, and XSAVE without XSAVEC. */
static void odd_host(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	host_leaf(ctx, leaf, subleaf, r);
	if (leaf == 0xd && subleaf == 2)
		r->eax = 250;
	if (leaf == 0xd && subleaf == 5)
		r->ecx = 2;
	if (leaf == 0xd && subleaf == 1)
		r->eax = *(u32 *)ctx == 1 ? 1 : ~0u;
}

static void test_alignment(void)
{
	struct host h = { ~0u, 0x20, 0x80000020 };

	machine_cpuid_init(&leaves, odd_host, &h, 0);
	machine_cpuid_update(&leaves, 0, 0xe7, APIC_ENABLE);
	is_u64("a component at a multiple of 64", machine_cpuid_get(&leaves, 0xd, 1)->ebx, 2432);
	machine_cpuid_update(&leaves, 0, 0xc7, APIC_ENABLE);
	is_u64("others right behind", machine_cpuid_get(&leaves, 0xd, 1)->ebx, 2362);
	h.all = 1;
	machine_cpuid_init(&leaves, odd_host, &h, 0);
	is_u64("without XSAVEC no compacted format", machine_cpuid_get(&leaves, 0xd, 1)->ebx, 0);
}

static void test_rows(void)
{
	u32 leaf, subleaf, n = 0, missing = 0, subs = 0;

	made_of(~0u, 0x20, 0x80000020, 25000);
	while (machine_cpuid_row(n, &leaf, &subleaf)) {
		missing += machine_cpuid_get(&leaves, leaf, subleaf) == &leaves.none;
		subs += subleaf > 0;
		n++;
	}
	ok(n > 20 && n < 100, "there are rows, and an end of them (%u)", n);
	is_u64("each has a place", missing, 0);
	ok(subs <= MACHINE_CPUID_MAX_SUBLEAVES, "and there is room for the subleaves (%u)", subs);
}

static void test_tsc(void)
{
	static const struct {
		u32 measured, told;
	} khz[] = {
		{ 9999, 9999 }, { 24994, 24990 }, { 24995, 25000 }, { 24998, 25000 },
		{ 25004, 25000 }, { 2400123, 2400000 }, { 4294967, 4295000 }, { 5700000, 5700000 },
	};
	struct exit_acct_regs r;
	u32 i;

	for (i = 0; i < sizeof(khz) / sizeof(khz[0]); i++) {
		made_of(~0u, 0x20, 0x80000020, khz[i].measured);
		r = *machine_cpuid_get(&leaves, 0x15, 0);
		ok((u64)r.ecx * r.ebx / r.eax / 1000 == khz[i].told, "%u kHz: %u Hz * %u / %u",
		   khz[i].measured, r.ecx, r.ebx, r.eax);
	}
	made_of(~0u, 0x20, 0x80000020, 24999);
	is_regs("MHz", *machine_cpuid_get(&leaves, 0x16, 0), 25, 25, 0, 0);
	is_regs("unknown", view(0x15, 0, ~0u), 0, 0, 0, 0);
}

static void test_hypervisor(void)
{
	const struct exit_acct_regs *r = machine_cpuid_hypervisor(0x40000000);
	char name[13] = "";

	is_u64("our own range", r->eax, 0x40000000);
	memcpy(name, &r->ebx, 12);
	is_str("our own signature", name, "VMExitLab hv");
	r = machine_cpuid_hypervisor(0x40000100);
	memcpy(name, &r->ebx, 12);
	is_str("KVM's signature", name, "KVMKVMKVM");
	is_u64("its range", r->eax, 0x40000101);
	is_regs("no feature of it", *machine_cpuid_hypervisor(0x40000101), 0, 0, 0, 0);
	ok(!machine_cpuid_hypervisor(0x40000001), "no more of ours");
	ok(!machine_cpuid_hypervisor(0x40000102), "no more of KVM's");
}

int main(void)
{
	test_views();
	test_topology();
	test_limits();
	test_registers();
	test_alignment();
	test_rows();
	test_tsc();
	test_hypervisor();
	return done();
}
