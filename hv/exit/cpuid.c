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
#include "machine/cpuid.h"
#include "hv/hv.h"
#include "hv/cpu/pit.h"
#include "hv/vcpu.h"

#define LEAF_7_EBX_INVPCID	(1u << 10)
#define LEAF_80000001_EDX_SYSCALL (1u << 11)
#define LEAF_80000001_EDX_RDTSCP (1u << 27)

static struct machine_cpuid leaves;

/* The guest's registers that leaves follow, beside XCR0, which stays in the CPU. */
static u64 guest_cr4, guest_apic_base = APIC_BASE_ENABLE;

/* The host's leaf, without the instructions that VMX does not let a guest have. */
static void host_leaf(void *ctx, u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	(void)ctx;
	cpuid(leaf, subleaf, r);
	if (leaf == 7 && !vmx_has(PROC2_INVPCID))
		r->ebx &= ~LEAF_7_EBX_INVPCID;
	if (leaf == 0x80000001 && !vmx_has(PROC2_RDTSCP))
		r->edx &= ~LEAF_80000001_EDX_RDTSCP;
}

void cpuid_init(void)
{
	machine_cpuid_init(&leaves, host_leaf, NULL, pit_measure_tsc());
}

static void update(void)
{
	machine_cpuid_update(&leaves, guest_cr4, read_cr4() & CR4_OSXSAVE ? xgetbv(0) : 1,
			     guest_apic_base);
}

void cpuid_set_cr4(u64 cr4)
{
	guest_cr4 = cr4;
	update();
}

void cpuid_set_apic_base(u64 base)
{
	guest_apic_base = base;
	update();
}

void cpuid_set_xcr0(void)
{
	update();
}

const struct exit_acct_regs *guest_cpuid(u32 leaf, u32 subleaf)
{
	const struct exit_acct_regs *hypervisor = machine_cpuid_hypervisor(leaf);

	return hypervisor ? hypervisor : machine_cpuid_get(&leaves, leaf, subleaf);
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
	struct exit_acct_regs r;

	if (!exit_acct_is_leaf(leaf) || !exit_acct_cpuid(v->acct.vm, leaf, subleaf, &r))
		r = *guest_cpuid(leaf, subleaf);
	/* On Intel's processors it is an instruction of 64-bit mode alone, and announced there. */
	if (leaf == 0x80000001 && !vcpu_in_64bit(v))
		r.edx &= ~LEAF_80000001_EDX_SYSCALL;
	answer(v, &r);
}

/* The shortest way through hv, and the one whose cost is measured. */
void handle_cpuid(struct vcpu *v)
{
	u32 leaf = v->regs[RAX], subleaf = v->regs[RCX];

	/* The accounting's leaves are far beyond the basic ones: one test for both. */
	if (machine_cpuid_is_basic(&leaves, leaf, subleaf))
		answer(v, &leaves.basic[leaf]);
	else
		other_leaf(v);
}

void handle_cpuid_faulting(struct vcpu *v)
{
	if (msrs_cpuid_faults(&v->msrs) && vcpu_cpl())
		inject_exception(v, VECTOR_GP, 0);
	else
		handle_cpuid(v);
}
