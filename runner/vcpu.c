// SPDX-License-Identifier: GPL-2.0-only
/* The vCPU before its first instruction: what CPUID says, and its registers. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "cpuid.h"
#include "fpu.h"
#include "lapic.h"
#include "pvh.h"
#include "runner.h"
#include "x86.h"

#define CPUID_ENTRIES	256
#define LEAF_KVM_FEATURES	0x40000001u
#define LEAF_BRAND	0x80000002u	/* three of them */

/*
 * As hv shows it, by the same table: the two boot the same guest. KVM keeps its
 * signature, but offers nothing that hv has not.
 */
static void fix_leaf(struct kvm_cpuid_entry2 *e)
{
	struct exit_acct_regs r = { e->eax, e->ebx, e->ecx, e->edx };

	if (e->function == LEAF_KVM_FEATURES)
		r = (struct exit_acct_regs) { 0 };
	/* KVM leaves the processor's name to user space. */
	if (e->function - LEAF_BRAND < 3)
		cpuid(e->function, 0, &r);
	machine_cpuid_view(e->function, e->index, &r);
	e->eax = r.eax;
	e->ebx = r.ebx;
	e->ecx = r.ecx;
	e->edx = r.edx;
}

/* KVM says nothing of the TSC's frequency in CPUID, but leaves room for it. */
static void add_tsc(struct kvm_cpuid2 *c, uint32_t khz)
{
	uint32_t leaf;
	unsigned int i;

	for (leaf = MACHINE_CPUID_TSC; leaf <= MACHINE_CPUID_TSC + 1; leaf++) {
		struct exit_acct_regs r;

		for (i = 0; i < c->nent && c->entries[i].function != leaf; i++)
			;
		if (i == c->nent)
			c->nent++;
		machine_cpuid_tsc(leaf, khz, &r);
		c->entries[i] = (struct kvm_cpuid_entry2) {
			.function = leaf, .eax = r.eax, .ebx = r.ebx, .ecx = r.ecx, .edx = r.edx,
		};
	}
	for (i = 0; i < c->nent; i++) {
		if (c->entries[i].function == 0)
			c->entries[i].eax = MACHINE_CPUID_MAX_BASIC;
	}
}

static bool set_cpuid(const struct runner_vm *vm)
{
	int khz = ioctl(vm->vcpu, KVM_GET_TSC_KHZ, NULL);
	struct kvm_cpuid2 *c;
	unsigned int i;
	bool good;

	/* Room for the leaves that add_tsc() may add. */
	c = calloc(1, sizeof(*c) + (CPUID_ENTRIES + 2) * sizeof(c->entries[0]));
	if (!c) {
		complain("no memory for CPUID");
		return false;
	}
	c->nent = CPUID_ENTRIES;
	good = vm_ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, c, "KVM_GET_SUPPORTED_CPUID") >= 0;
	for (i = 0; good && i < c->nent; i++)
		fix_leaf(&c->entries[i]);
	if (good && khz > 0)
		add_tsc(c, khz);
	good = good && vm_ioctl(vm->vcpu, KVM_SET_CPUID2, c, "KVM_SET_CPUID2") >= 0;
	free(c);
	return good;
}

static bool set_fpu(const struct runner_vm *vm)
{
	static const struct fpu_area area = FPU_AREA_RESET;
	struct kvm_xsave xsave = { 0 };

	memcpy(&xsave, &area, sizeof(area));
	return vm_ioctl(vm->vcpu, KVM_SET_XSAVE, &xsave, "KVM_SET_XSAVE") >= 0;
}

/* Source: Xen "x86/HVM direct boot ABI", the state at entry; see also load.h. */
static bool set_registers(const struct runner_vm *vm, const struct machine_start *start)
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

	if (vm_ioctl(vm->vcpu, KVM_GET_SREGS, &s, "KVM_GET_SREGS") < 0)
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
	return vm_ioctl(vm->vcpu, KVM_SET_SREGS, &s, "KVM_SET_SREGS") >= 0 &&
	       vm_ioctl(vm->vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS") >= 0;
}

/* Without this, KVM's paravirtual MSRs and calls are there whatever CPUID says. */
static bool enforce_cpuid(const struct runner_vm *vm)
{
	struct kvm_enable_cap enforce = {
		.cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args = { 1 },
	};

	return vm_ioctl(vm->vcpu, KVM_ENABLE_CAP, &enforce,
			"KVM_ENABLE_CAP(ENFORCE_PV_FEATURE_CPUID)") >= 0;
}

bool vcpu_init(const struct runner_vm *vm, const struct machine_start *start)
{
	return enforce_cpuid(vm) && set_cpuid(vm) && set_fpu(vm) &&
	       set_registers(vm, start);
}
