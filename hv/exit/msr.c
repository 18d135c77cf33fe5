// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMSR and WRMSR: MSRs that have an effect. What is only a value is in
 * hv/cpu/msr_values.c. Unknown MSRs raise #GP(0), as on KVM.
 *
 * Source: Intel SDM volume 4, "Architectural MSRs".
 */
#include "hv/hv.h"
#include "hv/vcpu.h"

/* MSRs that stay in the CPU while hv runs, since hv has no system calls. */
static bool is_switched_never(u32 msr)
{
	return msr == MSR_STAR || msr == MSR_LSTAR || msr == MSR_CSTAR || msr == MSR_FMASK ||
	       (msr == MSR_TSC_AUX && vmx_has(PROC2_RDTSCP));
}

static bool set_efer(struct vcpu *v, u64 value)
{
	u64 old = v->efer;

	if (value & ~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE))
		return false;
	if ((value ^ old) & EFER_LME && vmcs_readl(GUEST_CR0) & CR0_PG)
		return false;
	/* LMA is read-only; writes of it are ignored. */
	v->efer = (value & ~(u64)EFER_LMA) | (old & EFER_LMA);
	vmcs_write64(GUEST_IA32_EFER, v->efer);
	if ((value ^ old) & EFER_NXE)
		vmx_flush_guest();
	return true;
}

static void add_tsc_offset(struct vcpu *v, u64 delta)
{
	v->tsc_offset += delta;
	v->tsc_adjust += delta;
	vmcs_write64(TSC_OFFSET, v->tsc_offset);
	lapic_tsc_moved(&v->lapic, delta);
	v->work |= WORK_TIMER;		/* its deadline is in guest time */
}

/* CPUID below CPL 0 raises #GP if the guest wants that: nothing to ask for on the usual path. */
static void set_cpuid_faulting(const struct vcpu *v)
{
	exit_set_handler(EXIT_CPUID, msrs_cpuid_faults(&v->msrs) ? handle_cpuid_faulting :
								   handle_cpuid);
}

static bool guest_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
	if (lapic_is_msr(msr))
		return lapic_rdmsr(&v->lapic, msr, guest_tsc(v), value);
	if (mtrr_is_msr(msr)) {
		*value = mtrr_rdmsr(&v->mtrr, msr);
		return true;
	}
	if (is_switched_never(msr)) {
		*value = rdmsr(msr);
		return true;
	}
	switch (msr) {
	case MSR_EFER:
		*value = v->efer;
		return true;
	case MSR_IA32_PAT:
		*value = vmcs_read64(GUEST_IA32_PAT);
		return true;
	case MSR_IA32_TSC_ADJUST:
		*value = v->tsc_adjust;
		return true;
	}
	return msrs_read(&v->msrs, msr, value);
}

static bool guest_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
	if (lapic_is_msr(msr)) {
		v->work |= WORK_EVENTS | WORK_TIMER;
		if (!lapic_wrmsr(&v->lapic, msr, value, guest_tsc(v)))
			return false;
		if (msr == MSR_IA32_APIC_BASE)
			cpuid_set_apic_base(value);
		return true;
	}
	if (mtrr_is_msr(msr))
		return mtrr_wrmsr(&v->mtrr, msr, value, guest_maxphyaddr());
	switch (msr) {
	case MSR_EFER:
		return set_efer(v, value);
	case MSR_IA32_PAT:
		if (!pat_valid(value))
			return false;
		vmcs_write64(GUEST_IA32_PAT, value);
		return true;
	case MSR_IA32_TSC:
		add_tsc_offset(v, value - guest_tsc(v));
		return true;
	case MSR_IA32_TSC_ADJUST:
		add_tsc_offset(v, value - v->tsc_adjust);
		return true;
	case MSR_LSTAR:
	case MSR_CSTAR:
		if (!is_canonical(value))
			return false;
		break;
	case MSR_FMASK:
	case MSR_TSC_AUX:
		if (value >> 32)
			return false;
		break;
	}
	/* Checked above: a #GP here would be hv's own. */
	if (is_switched_never(msr)) {
		wrmsr(msr, value);
		return true;
	}
	if (!msrs_write(&v->msrs, msr, value))
		return false;
	set_cpuid_faulting(v);
	return true;
}

/* #GP, and a line in the log for each such MSR; beyond so many of them hv is silent. */
static void refuse(struct vcpu *v)
{
	u32 msr = v->regs[RCX], i;

	inject_exception(v, VECTOR_GP, 0);
	for (i = 0; i < v->nr_refused && v->refused[i] != msr; i++)
		;
	if (i < v->nr_refused || v->nr_refused == ARRAY_SIZE(v->refused))
		return;
	v->refused[v->nr_refused++] = msr;
	v->work |= WORK_MSR;
}

void msr_report(struct vcpu *v)
{
	u64 begin = rdtsc();

	v->work &= ~WORK_MSR;
	console_flush_guest();
	console_new_line();
	print("hv: %s of MSR 0x%x raises #GP: hv does not know it, or not this value\n",
	      v->exit_reason == EXIT_MSR_READ ? "RDMSR" : "WRMSR", (u32)v->regs[RCX]);
	v->work |= WORK_CONSOLE | WORK_TIMER;
	/* As a report, this is charged to no exit. */
	v->acct.start += rdtsc() - begin;
}

void handle_rdmsr(struct vcpu *v)
{
	u64 value;

	if (!guest_rdmsr(v, v->regs[RCX], &value)) {
		refuse(v);
		return;
	}
	v->regs[RAX] = (u32)value;
	v->regs[RDX] = value >> 32;
	vcpu_skip(v);
}

void handle_wrmsr(struct vcpu *v)
{
	u64 value = (u64)(u32)v->regs[RDX] << 32 | (u32)v->regs[RAX];

	if (guest_wrmsr(v, v->regs[RCX], value))
		vcpu_skip(v);
	else
		refuse(v);
}
