// SPDX-License-Identifier: GPL-2.0-only
/* CPUID as hv's guest finds it: the tables. */
#include <stddef.h>
#include "cpuid.h"

#define BIT(n)		(1u << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define HYPERVISOR_LEAF	0x40000000u
#define KVM_LEAF	0x40000100u

/*
 * What passes of the registers of a leaf that describes features. Left out:
 * DTES64, MONITOR, DS-CPL, VMX, SMX, EIST, TM2, xTPR, PDCM, DCA, DS, ACPI, HTT,
 * TM, PBE; of leaf 7 protection keys, CET, WAITPKG, SGX, MPX, RDPID, LA57 and
 * all that needs an MSR which the guest may not touch; XSAVES.
 */
static const struct {
	u32 leaf, subleaf;
	struct exit_acct_regs keep, set;
} views[] = {
	{ 0x1, 0, { ~0u, 0x0000ffff, 0x76da3203, 0x0f8bfbff },
	  /* One thread; x2APIC, TSC-deadline timer, and "runs on a hypervisor". */
	  { .ebx = BIT(16), .ecx = BIT(21) | BIT(24) | BIT(31) } },
	{ 0x4, 0, { 0x00003fff, ~0u, ~0u, ~0u }, { 0 } },
	{ 0x4, 1, { 0x00003fff, ~0u, ~0u, ~0u }, { 0 } },
	{ 0x4, 2, { 0x00003fff, ~0u, ~0u, ~0u }, { 0 } },
	{ 0x4, 3, { 0x00003fff, ~0u, ~0u, ~0u }, { 0 } },
	{ 0x6, 0, { 0 }, { .eax = BIT(2) } },		/* the APIC timer always runs */
	{ 0x7, 0, { 0, 0xfdbf0fbb, 0x00005f46, 0x0000011c }, { 0 } },
	{ 0xb, 0, { 0, 0, 0, 0 }, { .ebx = 1, .ecx = BIT(8) } },	/* one thread */
	{ 0xd, 0, { 0xe7, ~0u, ~0u, 0 }, { 0 } },
	{ 0xd, 1, { 0x7, 0, 0, 0 }, { 0 } },
	{ 0x80000008, 0, { 0xffff, 0, 0, 0 }, { 0 } },
};

/* Leaves that would tell what is not the guest's: MONITOR, counters, SGX, PT. */
static const u8 hidden[] = { 0x3, 0x5, 0x8, 0x9, 0xa, 0xc, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13,
			     0x14 };

void machine_cpuid_view(u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	for (u32 i = 0; i < ARRAY_SIZE(views); i++) {
		const struct exit_acct_regs *keep = &views[i].keep, *set = &views[i].set;

		if (views[i].leaf != leaf || views[i].subleaf != subleaf)
			continue;
		r->eax = (r->eax & keep->eax) | set->eax;
		r->ebx = (r->ebx & keep->ebx) | set->ebx;
		r->ecx = (r->ecx & keep->ecx) | set->ecx;
		r->edx = (r->edx & keep->edx) | set->edx;
	}
	for (u32 i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (hidden[i] == leaf)
			*r = (struct exit_acct_regs){ 0 };
	}
}

/* Four digits: a measurement is no better, and two runs shall say the same. */
static u32 rounded(u32 khz)
{
	u32 step = 1;

	while (khz / step >= 10000)
		step *= 10;
	return (khz + step / 2) / step * step;
}

void machine_cpuid_tsc(u32 leaf, u32 measured, struct exit_acct_regs *r)
{
	u32 khz = rounded(measured);
	/* The crystal's frequency has 32 bits, in Hz; what is above takes a ratio. */
	u32 ratio = khz <= ~0u / 1000 ? 1 : 2;

	*r = (struct exit_acct_regs){ 0 };
	if (!khz)
		return;
	if (leaf == MACHINE_CPUID_TSC)
		*r = (struct exit_acct_regs){ 1, ratio, 1000 / ratio * khz, 0 };
	else
		r->eax = r->ebx = (khz + 500) / 1000;	/* base and highest, MHz */
}

const struct exit_acct_regs *machine_cpuid_hypervisor(u32 leaf)
{
	/* EAX is the highest leaf of the range. */
	static const struct exit_acct_regs own = {
		HYPERVISOR_LEAF, 0x78454d56, 0x614c7469, 0x76682062,	/* "VMExitLab hv" */
	}, kvm = {
		KVM_LEAF + 1, 0x4b4d564b, 0x564b4d56, 0x0000004d,	/* "KVMKVMKVM" */
	}, no_features;

	switch (leaf) {
	case HYPERVISOR_LEAF:
		return &own;
	case KVM_LEAF:
		return &kvm;
	case KVM_LEAF + 1:
		return &no_features;
	}
	return NULL;
}
