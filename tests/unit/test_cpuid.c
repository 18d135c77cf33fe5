// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/cpuid.c */
/* What a guest may see of a leaf, and what it is told of its TSC and hypervisor. */
#include "cpuid.h"
#include "tap.h"

static struct exit_acct_regs view(u32 leaf, u32 subleaf, u32 all)
{
	struct exit_acct_regs r = { all, all, all, all };

	machine_cpuid_view(leaf, subleaf, &r);
	return r;
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
	is_regs("leaf 6", view(6, 0, ~0u), 4, 0, 0, 0);
	is_regs("leaf 0xa", view(0xa, 0, ~0u), 0, 0, 0, 0);
	is_regs("leaf 0xb", view(0xb, 0, ~0u), 0, 1, 0x100, 0);
	is_u64("no XSAVES", view(0xd, 1, ~0u).eax & 8, 0);
	is_regs("a leaf without rules", view(2, 0, 0x1234), 0x1234, 0x1234, 0x1234, 0x1234);
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
		machine_cpuid_tsc(0x15, khz[i].measured, &r);
		ok((u64)r.ecx * r.ebx / r.eax / 1000 == khz[i].told, "%u kHz: %u Hz * %u / %u",
		   khz[i].measured, r.ecx, r.ebx, r.eax);
	}
	machine_cpuid_tsc(0x16, 24999, &r);
	is_regs("MHz", r, 25, 25, 0, 0);
	machine_cpuid_tsc(0x15, 0, &r);
	is_regs("unknown", r, 0, 0, 0, 0);
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
	test_tsc();
	test_hypervisor();
	return done();
}
