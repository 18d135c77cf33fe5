// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM exits: count, dispatch, go back. And the ends of a VM.
 *
 * Source: Intel SDM volume 3, chapter "VMX Non-Root Operation", section "Other
 * Causes of VM Exits" and "Instructions That Cause VM Exits".
 */
#include "acct/exit_print.h"
#include "machine/machine.h"
#include "hv/hv.h"
#include "machine/stamp.h"
#include "hv/vcpu.h"

/* KVM's hypercalls that ask for no feature of CPUID, and what it answers them with. */
#define KVM_HC_VAPIC_POLL_IRQ	1	/* is there an interrupt? The exit itself looks */
#define KVM_HC_CLOCK_PAIRING	9	/* the host's clock and the TSC: of such a clock only */
#define KVM_ENOSYS		1000
#define KVM_EPERM		1
#define KVM_EOPNOTSUPP		95

/* CPUID hides VMX, RDPMC's counters and so on: these do not exist for the guest. */
static void handle_ud(struct vcpu *v)
{
	inject_exception(v, VECTOR_UD, 0);
}

static void handle_gp(struct vcpu *v)
{
	inject_exception(v, VECTOR_GP, 0);
}

/* All there was to it has happened. */
static void handle_nothing(struct vcpu *v)
{
	(void)v;
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
	u64 nr = vcpu_in_64bit(v) ? v->regs[RAX] : (u32)v->regs[RAX], result = -KVM_ENOSYS;

	if (vcpu_cpl())
		result = -KVM_EPERM;
	else if (nr == KVM_HC_VAPIC_POLL_IRQ)
		result = 0;
	else if (nr == KVM_HC_CLOCK_PAIRING)
		result = -KVM_EOPNOTSUPP;
	v->regs[RAX] = vcpu_in_64bit(v) ? result : (u32)result;
	vcpu_skip(v);
	if (vmx_controls[PROC] & PROC_MONITOR_TRAP)
		inject_monitor_trap(v);
}

static void handle_triple_fault(struct vcpu *v)
{
	vcpu_die(v, CAUSE_TRIPLE_FAULT, "the guest triple-faulted");
}

/*
 * NULL: fatal for the guest. What a leaf calls "handled" is what is in here.
 * RSM has none, as on KVM: no guest can make it exit.
 */
static void (*handlers[VMX_EXIT_REASONS_NR])(struct vcpu *v) = {
	[EXIT_EXCEPTION_NMI]		= handle_exception_nmi,
	[EXIT_EXTERNAL_INTERRUPT]	= handle_external_interrupt,
	[EXIT_TRIPLE_FAULT]		= handle_triple_fault,
	[EXIT_INTERRUPT_WINDOW]		= handle_window,
	[EXIT_NMI_WINDOW]		= handle_window,
	[EXIT_TASK_SWITCH]		= handle_task_switch,
	[EXIT_CPUID]			= handle_cpuid,
	[EXIT_GETSEC]			= handle_ud,
	[EXIT_HLT]			= handle_hlt,
	[EXIT_INVD]			= handle_nop,
	[EXIT_INVLPG]			= handle_invlpg,
	[EXIT_RDPMC]			= handle_gp,
	[EXIT_RDTSC]			= handle_rdtsc,
	[EXIT_VMCALL]			= handle_vmcall,
	[EXIT_VMCLEAR]			= handle_ud,
	[EXIT_VMLAUNCH]			= handle_ud,
	[EXIT_VMPTRLD]			= handle_ud,
	[EXIT_VMPTRST]			= handle_ud,
	[EXIT_VMREAD]			= handle_ud,
	[EXIT_VMRESUME]			= handle_ud,
	[EXIT_VMWRITE]			= handle_ud,
	[EXIT_VMOFF]			= handle_ud,
	[EXIT_VMON]			= handle_ud,
	[EXIT_CR_ACCESS]		= handle_cr_access,
	[EXIT_DR_ACCESS]		= handle_dr_access,
	[EXIT_IO_INSTRUCTION]		= handle_io,
	[EXIT_MSR_READ]			= handle_rdmsr,
	[EXIT_MSR_WRITE]		= handle_wrmsr,
	[EXIT_MWAIT_INSTRUCTION]	= handle_nop,
	[EXIT_MONITOR_TRAP_FLAG]	= handle_nothing,
	[EXIT_MONITOR_INSTRUCTION]	= handle_nop,
	[EXIT_PAUSE_INSTRUCTION]	= handle_nop,
	[EXIT_TPR_BELOW_THRESHOLD]	= handle_window,
	[EXIT_GDTR_IDTR]		= handle_gdtr_idtr,
	[EXIT_LDTR_TR]			= handle_ldtr_tr,
	[EXIT_EPT_VIOLATION]		= handle_ept_violation,
	[EXIT_EPT_MISCONFIG]		= handle_ept_misconfig,
	[EXIT_INVEPT]			= handle_ud,
	[EXIT_RDTSCP]			= handle_rdtscp,
	[EXIT_PREEMPTION_TIMER]		= handle_preemption_timer,
	[EXIT_INVVPID]			= handle_ud,
	[EXIT_WBINVD]			= handle_nop,
	[EXIT_XSETBV]			= handle_xsetbv,
	[EXIT_RDRAND]			= handle_rdrand,
	[EXIT_INVPCID]			= handle_invpcid,
	[EXIT_VMFUNC]			= handle_ud,
	[EXIT_RDSEED]			= handle_rdrand,
	[EXIT_XSAVES]			= handle_ud,
	[EXIT_XRSTORS]			= handle_ud,
	/* Of CPUs that have them without being asked; CPUID shows none of it. */
	[EXIT_SEAMCALL]			= handle_ud,
	[EXIT_TDCALL]			= handle_ud,
	[EXIT_URDMSR]			= handle_ud,
	[EXIT_UWRMSR]			= handle_ud,
	[EXIT_RDMSR_IMM]		= handle_ud,
	[EXIT_WRMSRNS_IMM]		= handle_ud,
};

void exit_set_handler(u16 reason, void (*handler)(struct vcpu *v))
{
	if (reason < VMX_EXIT_REASONS_NR)
		handlers[reason] = handler;
}

bool exit_handled(u16 reason)
{
	return reason < VMX_EXIT_REASONS_NR && handlers[reason];
}

static void __cold __attribute__((noreturn)) __printf(2, 3)
entry_refused(struct vcpu *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	explain_entry_failure();
	dump_vcpu(v);
	vcpu_end(v, CAUSE_ENTRY, MACHINE_CODE_ENTRY);
}

static void __cold __attribute__((noreturn)) entry_failed(struct vcpu *v, u16 basic)
{
	exit_acct_failed_entry(&v->acct, basic);
	entry_refused(v, "VM entry failed: %u (%s), exit qualification 0x%lx", basic,
		      exit_acct_sdm_name(basic), vmcs_readl(EXIT_QUALIFICATION));
}

/** vm_entry_vmfail - entry.S: VMLAUNCH or VMRESUME did not enter
 * @invalid: there was no current VMCS to hold an error number
 */
void __cold __attribute__((noreturn)) vm_entry_vmfail(struct vcpu *v, u32 invalid)
{
	u32 error = invalid ? 0 : vmcs_read32(VM_INSTRUCTION_ERROR);

	exit_acct_vmfail(&v->acct);
	entry_refused(v, "VM entry refused: VM-instruction error %u (%s)", error,
		      vm_instruction_error_name(error));
}

/* Bit 31 of the reason, a reason out of the table, or one without a handler. */
static void __cold __attribute__((noreturn, noinline)) no_handler(struct vcpu *v, u64 tsc)
{
	u16 basic = v->exit_reason & EXIT_REASON_BASIC;

	if (v->exit_reason & EXIT_REASON_ENTRY_FAILED)
		entry_failed(v, basic);
	if (exit_acct_exit(&v->acct, basic, tsc))
		v->work |= WORK_REPORT;		/* vcpu_end() prints it */
	vcpu_die(v, CAUSE_UNHANDLED, "unhandled VM exit %u (%s), exit qualification 0x%lx", basic,
		 exit_acct_sdm_name(basic), vmcs_readl(EXIT_QUALIFICATION));
}

/** vm_exit - entry.S: a VM exit; on return the guest is entered again */
void vm_exit(struct vcpu *v)
{
	u64 tsc = rdtsc();
	u32 reason = vmcs_read32(VM_EXIT_REASON);

	/* Or else GCC forgets, when it narrows the reason, that it was compared. */
	OPTIMIZER_HIDE_VAR(reason);
	v->exit_reason = reason;
	if (unlikely(reason >= VMX_EXIT_REASONS_NR))
		no_handler(v, tsc);
	if (unlikely(!handlers[reason]))
		no_handler(v, tsc);
	if (unlikely(exit_acct_exit(&v->acct, reason, tsc)))
		v->work |= WORK_REPORT;
	/* To load it again is cheaper than to save a register that keeps it. */
	handlers[READ_ONCE(v->exit_reason)](v);
	exit_acct_handled(&v->acct, rdtsc());

	if (unlikely(v->work))
		before_entry(v);
	exit_acct_entry(&v->acct, rdtsc());
}

/* noinline: or else vcpu_advance() saves registers for it. */
void __attribute__((noinline)) vcpu_settle(struct vcpu *v, bool iteration)
{
	u64 rflags = vmcs_readl(GUEST_RFLAGS), rf = iteration ? RFLAGS_RF : 0, dr6 = v->debug_hits;
	u32 blocking = vmcs_read32(GUEST_INTERRUPTIBILITY);

	v->debug_hits = 0;
	if (blocking & BLOCKING_BY_MOV_SS)
		dr6 |= vmcs_readl(GUEST_PENDING_DEBUG) & (DR6_TRAPS | DR6_BS);
	if (blocking & BLOCKING_SHADOWS)
		vmcs_write32(GUEST_INTERRUPTIBILITY, blocking & ~BLOCKING_SHADOWS);
	/* Between two iterations a code breakpoint has been met already. */
	if ((rflags & RFLAGS_RF) != rf)
		vmcs_writel(GUEST_RFLAGS, rflags ^ RFLAGS_RF);
	if (rflags & RFLAGS_TF)
		dr6 |= DR6_BS;
	if (dr6)
		inject_db(v, dr6);
}

void vcpu_advance(struct vcpu *v, u32 length)
{
	u64 old = vmcs_readl(GUEST_RIP), rip = old + length;

	/* EIP wraps; to ask for the mode is only worth it when bit 31 was carried out. */
	if (unlikely((rip ^ old) >> 31) && !vcpu_in_64bit(v))
		rip = (u32)rip;
	vmcs_writel(GUEST_RIP, rip);
	if (unlikely((vmcs_readl(GUEST_RFLAGS) & (RFLAGS_TF | RFLAGS_RF)) | v->debug_hits |
		     (vmcs_read32(GUEST_INTERRUPTIBILITY) & BLOCKING_SHADOWS)))
		vcpu_settle(v, false);
}

void vcpu_again(void)
{
	if (vmcs_readl(GUEST_RFLAGS) & RFLAGS_TF &&
	    !(vmcs_read32(GUEST_INTERRUPTIBILITY) & BLOCKING_BY_MOV_SS))
		vmcs_writel(GUEST_PENDING_DEBUG, 0);
}

void vcpu_report(struct vcpu *v)
{
	v->work &= ~WORK_REPORT;
	console_new_line();
	exit_acct_report(&v->acct, rdtsc, &console_sink);
	v->work |= WORK_CONSOLE | WORK_TIMER;
}

void vcpu_time_limit(struct vcpu *v)
{
	console_flush_guest();
	console_new_line();
	print("hv: time limit: the guest has run for %lu million cycles (limit=), RIP 0x%lx, "
	      "last VM exit %u (%s)\n", (rdtsc() - v->began) / 1000000, vmcs_readl(GUEST_RIP),
	      v->exit_reason, exit_acct_name(v->exit_reason));
	vcpu_end(v, CAUSE_TIME_LIMIT, MACHINE_CODE_TIME_LIMIT);
}

void vcpu_end(struct vcpu *v, const char *cause, u32 code)
{
	static struct exit_acct_counters sum;
	u64 ended = rdtsc(), tsc;
	u32 line;

	exit_acct_end(&v->acct, ended);
	console_flush_guest();
	console_new_line();
	/* No VM entry follows at which they would be printed. */
	while (exit_acct_flush(&v->acct))
		vcpu_report(v);
	exit_acct_sum(v->acct.vm, &sum);
	exit_acct_print(&sum, "vm", &console_sink);
	for (u32 i = 0; machine_stamp_get(i, &line, &tsc); i++)
		print("at line=%u tsc=%lu\n", line, tsc);
	print("ran begin=%lu end=%lu\n", v->began, ended);
	hv_end(cause, code);
}

void vcpu_die(struct vcpu *v, const char *cause, const char *fmt, ...)
{
	va_list ap;

	exit_acct_end(&v->acct, rdtsc());	/* what follows is no exit's time */
	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	dump_vcpu(v);
	vcpu_end(v, cause, MACHINE_CODE_GUEST_DIED);
}
