// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMSR and WRMSR: MSRs that have an effect. What is only a value is in
 * hv/cpu/msr_values.c. Unknown MSRs raise #GP(0), as on KVM.
 *
 * Source: Intel SDM volume 4, "Architectural MSRs".
 */
#include "hv/boot/console.h"
#include "hv/exit/exit.h"

/* MSRs that stay in the CPU while hv runs, since hv has no system calls. */
static bool is_switched_never(u32 msr)
{
	return msr == MSR_STAR || msr == MSR_LSTAR || msr == MSR_CSTAR || msr == MSR_FMASK ||
	       (msr == MSR_TSC_AUX && vmx_has(HAS_RDTSCP));
}

static bool set_efer(struct vcpu *v, u64 value)
{
	u64 old = v->efer;

	if (value & ~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE) ||
	    ((value ^ old) & EFER_LME && guest_real_cr0(v) & CR0_PG))
		return false;
	/* LMA is read-only; writes of it are ignored. */
	set_guest_efer(v, (value & ~(u64)EFER_LMA) | (old & EFER_LMA));
	if ((value ^ old) & EFER_NXE)
		vmx_flush_guest();
	return true;
}

static void add_tsc_offset(struct vcpu *v, u64 delta)
{
	vmx_set_tsc_offset(v, v->tsc_offset + delta);
	v->tsc_adjust += delta;
	lapic_tsc_moved(&v->lapic, delta);
	v->work |= WORK_TIMER;		/* its deadline is in guest time */
}

static bool guest_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
	if (lapic_is_msr(msr))
		return lapic_rdmsr(&v->lapic, msr, guest_tsc(v), value);
	if (is_switched_never(msr))
		*value = rdmsr(msr);
	else if (msr == MSR_EFER)
		*value = v->efer;
	else if (msr == MSR_IA32_PAT)
		*value = guest_pat(v);
	else if (msr == MSR_IA32_TSC_ADJUST)
		*value = v->tsc_adjust;
	else
		return msrs_read(&v->msrs, msr, value);
	return true;
}

static bool guest_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
	if (lapic_is_msr(msr)) {
		v->work |= WORK_EVENTS | WORK_TIMER;
		if (!lapic_wrmsr(&v->lapic, msr, value, guest_tsc(v)))
			return false;
		if (msr == MSR_IA32_APIC_BASE)
			cpuid_update(v);
		return true;
	}
	switch (msr) {
	case MSR_EFER:
		return set_efer(v, value);
	case MSR_IA32_PAT:
		if (!pat_valid(value))
			return false;
		set_guest_pat(v, value);
		return true;
	case MSR_IA32_TSC:
		add_tsc_offset(v, value - guest_tsc(v));
		return true;
	case MSR_IA32_TSC_ADJUST:
		add_tsc_offset(v, value - v->tsc_adjust);
		return true;
	case MSR_LSTAR: case MSR_CSTAR:
		if (!is_canonical(value))
			return false;
		break;
	case MSR_FMASK: case MSR_TSC_AUX:
		if (value >> 32)
			return false;
	}
	/* Checked above: a #GP here would be hv's own. */
	if (is_switched_never(msr)) {
		wrmsr(msr, value);
		return true;
	}
	if (!msrs_write(&v->msrs, msr, value, v->maxphyaddr))
		return false;
	cpuid_set_faulting(v);
	return true;
}

/* Entries only come, so that whoever asks again needs no lock. */
static bool told(const struct vm *vm, u32 msr)
{
	u32 n = READ_ONCE(vm->nr_refused), i = 0;

	while (i < n && vm->refused[i] != msr)
		i++;
	return i < n || n == ARRAY_SIZE(vm->refused);
}

/* A line in the log for each MSR that raised #GP; beyond so many of them hv is silent. */
static void tell(struct vcpu *v, const char *instruction, u32 msr)
{
	struct vm *vm = v->vm;
	u64 begin = rdtsc();

	if (told(vm, msr))
		return;
	vm_lock(v);
	if (!told(vm, msr)) {
		vm->refused[vm->nr_refused] = msr;
		WRITE_ONCE(vm->nr_refused, vm->nr_refused + 1);
		if (v == vm->writer)
			console_flush_guest();
		console_new_line();
		print("hv: %s of MSR 0x%x raises #GP: hv does not know it, or not this value\n",
		      instruction, msr);
		v->work |= WORK_CONSOLE | WORK_TIMER;
	}
	vm_unlock(v);
	/* As a report, this is charged to no exit. */
	v->acct.start += rdtsc() - begin;
}

void handle_rdmsr(struct vcpu *v)
{
	u64 value;
	bool ok = guest_rdmsr(v, v->regs[RCX], &value);

	if (ok) {
		v->regs[RAX] = (u32)value;
		v->regs[RDX] = value >> 32;
	} else {
		tell(v, "RDMSR", v->regs[RCX]);
	}
	vcpu_complete(v, ok);
}

void handle_wrmsr(struct vcpu *v)
{
	u64 value = (u64)(u32)v->regs[RDX] << 32 | (u32)v->regs[RAX];
	bool ok = guest_wrmsr(v, v->regs[RCX], value);

	if (!ok)
		tell(v, "WRMSR", v->regs[RCX]);
	vcpu_complete(v, ok);
}
