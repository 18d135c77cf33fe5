// SPDX-License-Identifier: GPL-2.0-only
/* units: acct/exit_acct.c acct/exit_reasons.c */
/*
 * hv's table of handlers: which exits it has one for, and that instructions which no guest
 * may use raise #UD. No emulator has those of the later numbers.
 *
 * Source: Intel SDM volume 3, chapter "VMX Non-Root Operation", sections "Instructions That
 * Cause VM Exits Unconditionally", "Instructions That Cause VM Exits Conditionally".
 */
/* Handlers are alike, and hv is compiled so. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "hv/exit/exit.c"
#include "tests/unit/tap.h"

static u32 raised;		/* vector and 1, or 0 */

void inject_exception(struct vcpu *v, u32 vector, u32 error)
{
	raised = error ? 0 : vector + 1;
}

/* What else exit.c calls is not to be called here. */
#define STUB(name)	void name(struct vcpu *v) { raised = 0; }
STUB(handle_exception_nmi) STUB(handle_external_interrupt) STUB(handle_window) STUB(handle_hlt)
STUB(handle_preemption_timer) STUB(handle_cpuid) STUB(handle_cr_access) STUB(handle_dr_access)
STUB(handle_xsetbv) STUB(handle_rdtsc) STUB(handle_rdtscp) STUB(handle_rdrand)
STUB(handle_invlpg) STUB(handle_invpcid) STUB(handle_gdtr_idtr) STUB(handle_ldtr_tr)
STUB(handle_io) STUB(handle_ept_violation) STUB(handle_ept_misconfig) STUB(handle_rdmsr)
STUB(handle_wrmsr) STUB(handle_task_switch) STUB(before_entry)

void detail_init(exit_handler **of)
{
}

u32 vmx_controls[NR_CONTROL_GROUPS];

void vcpu_advance(struct vcpu *v, u32 length)
{
}

void inject_event(struct vcpu *v, u32 info)
{
}

void vcpu_die(struct vcpu *v, const char *cause, u32 code, const char *fmt, ...)
{
	abort();
}

/* Instructions for which a CPU exits only if a control is 1 that hv leaves 0; and outside SMM. */
static const u8 never[] = {
	EXIT_REASON_RSM, EXIT_REASON_ENCLS, EXIT_REASON_PCONFIG, EXIT_REASON_UMWAIT,
	EXIT_REASON_TPAUSE, EXIT_REASON_LOADIWKEY, EXIT_REASON_ENCLV, EXIT_REASON_ENQCMD_PASID,
	EXIT_REASON_ENQCMDS_PASID, EXIT_REASON_RDMSRLIST, EXIT_REASON_WRMSRLIST,
};

/* What CPUID does not announce. */
static const u8 undefined[] = {
	EXIT_REASON_GETSEC, EXIT_REASON_VMCLEAR, EXIT_REASON_VMLAUNCH, EXIT_REASON_VMPTRLD,
	EXIT_REASON_VMPTRST, EXIT_REASON_VMREAD, EXIT_REASON_VMRESUME, EXIT_REASON_VMWRITE,
	EXIT_REASON_VMOFF, EXIT_REASON_VMON, EXIT_REASON_MWAIT_INSTRUCTION,
	EXIT_REASON_MONITOR_INSTRUCTION, EXIT_REASON_INVEPT, EXIT_REASON_INVVPID,
	EXIT_REASON_VMFUNC, EXIT_REASON_XSAVES, EXIT_REASON_XRSTORS, EXIT_REASON_SEAMCALL,
	EXIT_REASON_TDCALL, EXIT_REASON_URDMSR, EXIT_REASON_UWRMSR, EXIT_REASON_RDMSR_IMM,
	EXIT_REASON_WRMSRNS_IMM,
};

int main(void)
{
	static const struct {
		u32 number;
		bool instruction;
		const char *name;
	} reasons[] = {
#define INSTRUCTION	true
#define MEMORY		false
#define EVENT		false
#define ENTRY		false
#define X(number, name, sdm, class) { number, class, #name },
		VMX_EXIT_REASONS_LIST(X)
#undef X
	};
	static struct vcpu v;

	for (u32 i = 0; i < ARRAY_SIZE(reasons); i++) {
		u32 number = reasons[i].number;

		if (reasons[i].instruction)
			ok(exit_handled(number) == !memchr(never, number, sizeof(never)),
			   "%s", reasons[i].name);
	}
	for (u32 i = 0; i < sizeof(undefined); i++) {
		raised = 0;
		if (exit_handled(undefined[i]))
			handlers[undefined[i]](&v);
		is_u64(exit_acct_sdm_name(undefined[i]), raised, VECTOR_UD + 1);
	}
	return done();
}
