// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU before its first instruction: what CPUID says, and its registers. */
#include <asm/kvm_para.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "machine/cpuid.h"
#include "machine/fpu.h"
#include "machine/pvh.h"
#include "vmm/crystal.h"
#include "vmm/vmm.h"
#include "machine/x86.h"

#define CPUID_ENTRIES	256
#define LEAF_KVM	0x40000000u	/* and behind it the features */
#define LEAF_BRAND	0x80000002u	/* three of them */
#define KVM_CLOCK	(1u << KVM_FEATURE_CLOCKSOURCE | 1u << KVM_FEATURE_CLOCKSOURCE2 | \
			 1u << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)

/* What KVM can do of a leaf; @ctx: what it said of all. */
static void supported(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	const struct kvm_cpuid2 *c = ctx;
	unsigned int i;

	*r = (struct exit_acct_regs) { 0 };
	/* KVM leaves the processor's name to user space. */
	if (leaf - LEAF_BRAND < 3) {
		cpuid(leaf, subleaf, r);
		return;
	}
	for (i = 0; i < c->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &c->entries[i];

		if (e->function == leaf && e->index == subleaf)
			*r = (struct exit_acct_regs) { e->eax, e->ebx, e->ecx, e->edx };
	}
}

static void add_entry(struct kvm_cpuid2 *c, u32 leaf, u32 subleaf, const struct exit_acct_regs *r)
{
	c->entries[c->nent++] = (struct kvm_cpuid_entry2) {
		.function = leaf, .index = subleaf,
		.flags = leaf < 32 && MACHINE_CPUID_SUBLEAVES & 1u << leaf ?
			 KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
		.eax = r->eax, .ebx = r->ebx, .ecx = r->ecx, .edx = r->edx,
	};
}

/*
 * As hv shows it, by the same function: the two boot the same guest. KVM keeps its
 * signature, but offers nothing that hv has not, unless kvm-clock was asked for.
 */
static bool set_cpuid(const struct vcpu *v)
{
	int khz = ioctl(v->fd, KVM_GET_TSC_KHZ, NULL);
	struct machine_cpuid leaves;
	struct kvm_cpuid2 *from, *to;
	struct exit_acct_regs r;
	u32 leaf, subleaf;
	bool good = false;

	from = calloc(1, sizeof(*from) + CPUID_ENTRIES * sizeof(from->entries[0]));
	to = calloc(1, sizeof(*to) + CPUID_ENTRIES * sizeof(to->entries[0]));
	if (!from || !to) {
		complain("no memory for CPUID");
		goto out;
	}
	from->nent = CPUID_ENTRIES;
	if (vm_ioctl(v->vm->kvm, KVM_GET_SUPPORTED_CPUID, from, "KVM_GET_SUPPORTED_CPUID") < 0)
		goto out;
	machine_cpuid_init(&leaves, supported, from, khz > 0 ? khz : 0);
	crystal_set(&leaves.basic[MACHINE_CPUID_TSC]);
	for (u32 i = 0; machine_cpuid_row(i, &leaf, &subleaf); i++) {
		if (leaf > leaves.max_basic &&
		    (leaf < MACHINE_CPUID_EXTENDED || leaf > leaves.max_extended))
			continue;
		r = *machine_cpuid_get(&leaves, leaf, subleaf);
		machine_cpuid_topology(leaf, subleaf, v->id, v->vm->cpus, &r);
		add_entry(to, leaf, subleaf, &r);
	}
	supported(from, LEAF_KVM, 0, &r);
	add_entry(to, LEAF_KVM, 0, &r);
	supported(from, LEAF_KVM + 1, 0, &r);
	r = (struct exit_acct_regs) { .eax = v->vm->kvm_clock ? r.eax & KVM_CLOCK : 0 };
	add_entry(to, LEAF_KVM + 1, 0, &r);
	good = vm_ioctl(v->fd, KVM_SET_CPUID2, to, "KVM_SET_CPUID2") >= 0;
out:
	free(from);
	free(to);
	return good;
}

static bool set_fpu(const struct vcpu *v)
{
	static const struct fpu_area area = FPU_AREA_RESET;
	struct kvm_xsave xsave = { 0 };

	memcpy(&xsave, &area, sizeof(area));
	return vm_ioctl(v->fd, KVM_SET_XSAVE, &xsave, "KVM_SET_XSAVE") >= 0;
}

/* Source: Xen "x86/HVM direct boot ABI", the state at entry; see also load.h. */
static bool set_registers(const struct vcpu *v, const struct machine_start *start)
{
	const struct kvm_segment data = {
		.limit = 0xffffffff, .selector = start->ds, .type = 0x3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_regs regs = {
		.rip = start->eip, .rax = start->eax, .rbx = start->ebx, .rsi = start->esi,
		.rflags = PVH_RFLAGS,
	};
	struct kvm_sregs s;

	if (vm_ioctl(v->fd, KVM_GET_SREGS, &s, "KVM_GET_SREGS") < 0)
		return false;
	s.cs = s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cs.selector = start->cs;
	s.cs.type = 0xb;
	s.tr = (struct kvm_segment) { .limit = 0x67, .type = 0xb, .present = 1 };
	s.ldt = (struct kvm_segment) { .type = 0x2, .unusable = 1 };
	s.gdt = (struct kvm_dtable) { .base = start->gdt_base, .limit = start->gdt_limit };
	s.idt = (struct kvm_dtable) { .limit = 0 };
	s.cr0 = PVH_CR0;
	s.cr3 = s.cr4 = s.efer = 0;
	if (start->x2apic)
		s.apic_base |= APIC_BASE_X2APIC;
	return vm_ioctl(v->fd, KVM_SET_SREGS, &s, "KVM_SET_SREGS") >= 0 &&
	       vm_ioctl(v->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS") >= 0;
}

/* Without this, KVM's paravirtual MSRs and calls are there whatever CPUID says. */
static bool enforce_cpuid(const struct vcpu *v)
{
	struct kvm_enable_cap enforce = {
		.cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args = { 1 },
	};

	return vm_ioctl(v->fd, KVM_ENABLE_CAP, &enforce,
			"KVM_ENABLE_CAP(ENFORCE_PV_FEATURE_CPUID)") >= 0;
}

/* All but the first wait for a SIPI, in the state that KVM gives them. */
bool vcpu_init(const struct vcpu *v, const struct machine_start *start)
{
	return enforce_cpuid(v) && set_cpuid(v) && set_fpu(v) &&
	       (v->id || set_registers(v, start));
}
