// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID as the guest sees it: what the host has, less what hv cannot let a
 * guest use (machine/cpuid.c). All leaves are read once at the start: a CPUID in
 * the exit path would itself exit when hv runs nested, and costs hundreds of
 * cycles anyway.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = …" tables.
 */
#include "acct/exit_leaves.h"
#include "hv/exit/exit.h"

#define LEAF_7_EBX_INVPCID	(1u << 10)
#define LEAF_80000001_EDX_SYSCALL (1u << 11)
#define LEAF_80000001_EDX_PAGE1GB (1u << 26)
#define LEAF_80000001_EDX_RDTSCP (1u << 27)

/* The host's leaf, without the instructions that VMX does not let a guest have. */
static void host_leaf(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	cpuid(leaf, subleaf, r);
	if (leaf == 7 && !vmx_has(HAS_INVPCID))
		r->ebx &= ~LEAF_7_EBX_INVPCID;
	if (leaf == 0x80000001 && !vmx_has(HAS_RDTSCP))
		r->edx &= ~LEAF_80000001_EDX_RDTSCP;
}

void cpuid_init(struct vcpu *v)
{
	const struct exit_acct_regs *tsc = &v->cpuid.basic[MACHINE_CPUID_TSC];
	u32 leaf, subleaf;

	machine_cpuid_init(&v->cpuid, host_leaf, NULL, v->vm->measured_khz);
	for (u32 i = 0; machine_cpuid_row(i, &leaf, &subleaf); i++) {
		if (leaf <= v->cpuid.max_basic)
			machine_cpuid_topology(leaf, subleaf, v->id, v->vm->nr_vcpus,
					       machine_cpuid_get(&v->cpuid, leaf, subleaf));
	}
	if (!v->id)
		v->vm->tsc_khz = v->cpuid.max_basic < MACHINE_CPUID_TSC ?
				 0 : (u64)tsc->ecx * tsc->ebx / 1000;
	/* What each page walk asks for. */
	v->maxphyaddr = v->cpuid.extended[8].eax & 0xff;
	v->page1gb = v->cpuid.extended[1].edx & LEAF_80000001_EDX_PAGE1GB;
	cpuid_set_faulting(v);
}

void cpuid_update(struct vcpu *v)
{
	machine_cpuid_update(&v->cpuid, guest_cr4(v), read_cr4() & CR4_OSXSAVE ? xgetbv(0) : 1,
			     v->lapic.base);
}

void cpuid_set_faulting(struct vcpu *v)
{
	v->cpuid_direct = msrs_cpuid_faults(&v->msrs) ? 0 : v->cpuid.max_basic + 1;
}

static __always_inline void answer(struct vcpu *v, const struct exit_acct_regs *r)
{
	v->regs[RAX] = r->eax;
	v->regs[RBX] = r->ebx;
	v->regs[RCX] = r->ecx;
	v->regs[RDX] = r->edx;
	vcpu_skip(v);
}

static void __attribute__((noinline)) other_leaf(struct vcpu *v)
{
	u32 leaf = v->regs[RAX], subleaf = v->regs[RCX];
	struct exit_acct_regs own;
	const struct exit_acct_regs *r = &own;

	if (msrs_cpuid_faults(&v->msrs) && guest_cpl(v)) {
		inject_exception(v, VECTOR_GP, 0);
		return;
	}
	if (!exit_acct_is_leaf(leaf) || !exit_acct_cpuid(&v->vm->acct, leaf, subleaf, &own))
		r = machine_cpuid_hypervisor(leaf) ?: machine_cpuid_get(&v->cpuid, leaf, subleaf);
	answer(v, r);
	/* Intel's processors have SYSCALL in 64-bit mode only, and announce it only there. */
	if (leaf == 0x80000001 && !guest_in_64bit(v))
		v->regs[RDX] &= ~LEAF_80000001_EDX_SYSCALL;
}

/* The shortest way through hv, and the one whose cost is measured. */
void handle_cpuid(struct vcpu *v)
{
	u32 leaf = v->regs[RAX], subleaf = v->regs[RCX];

	/*
	 * The accounting's leaves have numbers above all basic ones: whoever asks for a basic
	 * leaf need not be compared with them.
	 */
	if (machine_cpuid_is_basic(v->cpuid_direct, leaf, subleaf))
		answer(v, &v->cpuid.basic[leaf]);
	else
		other_leaf(v);
}
