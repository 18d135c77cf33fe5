// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exits: count, dispatch, go back.
 *
 * Source: Intel SDM volume 3, chapter "VMX Non-Root Operation", section "Other
 * Causes of VM Exits" and "Instructions That Cause VM Exits".
 */
#include "hv/exit/exit.h"

/* KVM's hypercalls that ask for no feature of CPUID, and what it answers them with. */
#define KVM_HC_VAPIC_POLL_IRQ	1	/* to make it look for interrupts, which each exit does */
#define KVM_HC_CLOCK_PAIRING	9	/* for the clock of KVM alone, which there is not */
enum { KVM_EPERM = 1, KVM_EOPNOTSUPP = 95, KVM_ENOSYS = 1000 };

/* CPUID hides VMX, RDPMC's counters and so on: these do not exist for the guest. */
static void handle_ud(struct vcpu *v)
{
	inject_exception(v, VECTOR_UD, 0);
}

static void handle_gp(struct vcpu *v)
{
	inject_exception(v, VECTOR_GP, 0);
}

/* The exit is all that there is to it. */
static void handle_nothing(struct vcpu *v)
{
}

/* Instructions whose effect the guest cannot miss: caches are coherent, and a
 * MWAIT may end at any time.
 */
static void handle_nop(struct vcpu *v)
{
	vcpu_skip(v);
}

static void handle_vmcall(struct vcpu *v)
{
	u64 nr = guest_in_64bit(v) ? v->regs[RAX] : (u32)v->regs[RAX], result = -KVM_ENOSYS;

	if (guest_cpl(v))
		result = -KVM_EPERM;
	else if (nr == KVM_HC_VAPIC_POLL_IRQ)
		result = 0;
	else if (nr == KVM_HC_CLOCK_PAIRING)
		result = -KVM_EOPNOTSUPP;
	v->regs[RAX] = guest_in_64bit(v) ? result : (u32)result;
	vcpu_skip(v);
	/* intercept=mtf: exit once more, at once. SDM "Injection of Pending MTF VM Exits". */
	if (vmx_adds_mtf() && !v->event_set)
		inject_event(v, EVENT_OTHER);
}

static void handle_triple_fault(struct vcpu *v)
{
	vcpu_die(v, CAUSE_TRIPLE_FAULT, MACHINE_CODE_GUEST_DIED, "the guest triple-faulted");
}

/*
 * NULL: fatal for the guest. What a leaf calls "handled" is what is in here.
 * RSM has none, as on KVM: no guest can make it exit.
 */
static exit_handler *handlers[VMX_EXIT_REASONS_NR] = {
	[EXIT_REASON_EXCEPTION_NMI]		= handle_exception_nmi,
	[EXIT_REASON_EXTERNAL_INTERRUPT]	= handle_external_interrupt,
	[EXIT_REASON_TRIPLE_FAULT]		= handle_triple_fault,
	[EXIT_REASON_INTERRUPT_WINDOW]		= handle_window,
	[EXIT_REASON_NMI_WINDOW]		= handle_window,
	[EXIT_REASON_TASK_SWITCH]		= handle_task_switch,
	[EXIT_REASON_CPUID]			= handle_cpuid,
	[EXIT_REASON_GETSEC]			= handle_ud,
	[EXIT_REASON_HLT]			= handle_hlt,
	[EXIT_REASON_INVD]			= handle_nop,
	[EXIT_REASON_INVLPG]			= handle_invlpg,
	[EXIT_REASON_RDPMC]			= handle_gp,
	[EXIT_REASON_RDTSC]			= handle_rdtsc,
	[EXIT_REASON_VMCALL]			= handle_vmcall,
	[EXIT_REASON_VMCLEAR ... EXIT_REASON_VMON] = handle_ud,
	[EXIT_REASON_CR_ACCESS]			= handle_cr_access,
	[EXIT_REASON_DR_ACCESS]			= handle_dr_access,
	[EXIT_REASON_IO_INSTRUCTION]		= handle_io,
	[EXIT_REASON_MSR_READ]			= handle_rdmsr,
	[EXIT_REASON_MSR_WRITE]			= handle_wrmsr,
	[EXIT_REASON_MWAIT_INSTRUCTION]		= handle_ud,
	[EXIT_REASON_MONITOR_TRAP_FLAG]		= handle_nothing,
	[EXIT_REASON_MONITOR_INSTRUCTION]	= handle_ud,
	[EXIT_REASON_PAUSE_INSTRUCTION]		= handle_nop,
	[EXIT_REASON_TPR_BELOW_THRESHOLD]	= handle_window,
	[EXIT_REASON_GDTR_IDTR]			= handle_gdtr_idtr,
	[EXIT_REASON_LDTR_TR]			= handle_ldtr_tr,
	[EXIT_REASON_EPT_VIOLATION]		= handle_ept_violation,
	[EXIT_REASON_EPT_MISCONFIG]		= handle_ept_misconfig,
	[EXIT_REASON_INVEPT]			= handle_ud,
	[EXIT_REASON_RDTSCP]			= handle_rdtscp,
	[EXIT_REASON_PREEMPTION_TIMER]		= handle_preemption_timer,
	[EXIT_REASON_INVVPID]			= handle_ud,
	[EXIT_REASON_WBINVD]			= handle_nop,
	[EXIT_REASON_XSETBV]			= handle_xsetbv,
	[EXIT_REASON_RDRAND]			= handle_rdrand,
	[EXIT_REASON_INVPCID]			= handle_invpcid,
	[EXIT_REASON_VMFUNC]			= handle_ud,
	[EXIT_REASON_RDSEED]			= handle_rdrand,
	[EXIT_REASON_XSAVES ... EXIT_REASON_XRSTORS] = handle_ud,
	/* A CPU may have these and no control that turns them off. CPUID shows none of them. */
	[EXIT_REASON_SEAMCALL ... EXIT_REASON_TDCALL] = handle_ud,
	[EXIT_REASON_URDMSR ... EXIT_REASON_UWRMSR] = handle_ud,
	[EXIT_REASON_RDMSR_IMM ... EXIT_REASON_WRMSRNS_IMM] = handle_ud,
};

void exit_forget_handler(u16 reason)
{
	if (reason < VMX_EXIT_REASONS_NR)
		handlers[reason] = NULL;
}

void exit_tell_apart(void)
{
	detail_init(handlers);
}

bool exit_handled(u16 reason)
{
	return reason < VMX_EXIT_REASONS_NR && handlers[reason];
}

/*
 * An instruction of 32-bit code that crosses the end of 4 GiB leaves a carry in bit 32 of RIP
 * in Bochs, which then refuses the RIP that it has saved itself. No processor has one.
 */
static bool take_carry(struct vcpu *v)
{
	u64 rip = guest_rip(v);

	if (rip >> 32 != 1 || guest_in_64bit(v))
		return false;
	set_guest_rip(v, (u32)rip);
	return true;
}

/* Bit 31 of the reason, a reason out of the table, or one without a handler. */
static void __cold __attribute__((noinline)) no_handler(struct vcpu *v, u64 tsc)
{
	u16 basic = v->exit_reason & EXIT_REASON_BASIC;

	if (v->exit_reason & EXIT_REASON_ENTRY_FAILED) {
		exit_acct_failed_entry(&v->acct, basic);
		if (take_carry(v))
			return;
		vcpu_die(v, CAUSE_ENTRY, MACHINE_CODE_ENTRY,
			 "VM entry failed: %u (%s), exit qualification 0x%lx", basic,
			 exit_acct_sdm_name(basic), exit_qualification(v));
	}
	exit_acct_exit(&v->acct, basic, tsc);	/* vcpu_end() prints a report that is due */
	v->noted = NOTHING_NOTED;
	vcpu_die(v, CAUSE_UNHANDLED, MACHINE_CODE_GUEST_DIED,
		 "unhandled VM exit %u (%s), exit qualification 0x%lx", basic,
		 exit_acct_sdm_name(basic), exit_qualification(v));
}

/**
 * vm_exit - vmexit.S calls it for each VM exit, and enters the guest when it returns
 *
 * Count the exit, which starts both clocks; let the handler do it; stop the handler's
 * clock; do what it left to be done; stop the clock of the round trip.
 */
void vm_exit(struct vcpu *v)
{
	u64 tsc = rdtsc();
	u64 reason = exit_reason(v);

	v->exit_reason = reason;

	if (unlikely(reason >= VMX_EXIT_REASONS_NR || !handlers[reason]))
		return no_handler(v, tsc);
	if (unlikely(exit_acct_exit(&v->acct, reason, tsc)))
		v->work |= WORK_REPORT;
	handlers[RELOAD(v->exit_reason)](v);
	exit_acct_handled(&v->acct, rdtsc());

	if (unlikely(v->work))
		before_entry(v);
	exit_acct_entry(&v->acct, rdtsc());
}
