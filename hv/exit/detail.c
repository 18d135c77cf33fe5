// SPDX-License-Identifier: GPL-2.0-only
/*
 * detail=1: exits of one reason told apart by a number (acct/exit_detail.h).
 *
 * Each row of the table of handlers is another one then, which counts and has the first one do the
 * work: without detail=1 the way of an exit knows nothing of it. What only the VMCS tells is
 * counted behind the handler, which has read it.
 */
#include "hv/exit/exit.h"

static exit_handler *plain[VMX_EXIT_REASONS_NR];

/*
 * One function for all: what it takes for a call is less than what all of them would take. What
 * it is given is in the registers where the one that it may call wants it.
 */
static void __attribute__((noinline)) count(struct vcpu *v, u64 reason, u64 number)
{
	exit_detail_count(&v->acct, v->acct.detail, reason, false, number);
}

/* What the handler may change, or does not read. */
#define DEFINE_COUNT_BEFORE(name, reason, number)			\
static void count_##name(struct vcpu *v)				\
{									\
	count(v, reason, number);					\
	plain[reason](v);						\
}

DEFINE_COUNT_BEFORE(cpuid, EXIT_REASON_CPUID, exit_number(v, EXIT_DETAIL_CPUID, false))
DEFINE_COUNT_BEFORE(msr, v->exit_reason, exit_number(v, EXIT_DETAIL_MSR, false))
DEFINE_COUNT_BEFORE(msr_imm, v->exit_reason, exit_number(v, EXIT_DETAIL_MSR_IMM, false))
DEFINE_COUNT_BEFORE(vmcall, EXIT_REASON_VMCALL, exit_number(v, EXIT_DETAIL_VMCALL, false))
DEFINE_COUNT_BEFORE(dr, EXIT_REASON_DR_ACCESS, exit_number(v, EXIT_DETAIL_DR, false))
DEFINE_COUNT_BEFORE(interrupt, EXIT_REASON_EXTERNAL_INTERRUPT, exit_event(v) & EVENT_VECTOR)

/* What the handler has always read; and it may be the VM's end. */
#define DEFINE_COUNT_BEHIND(name, reason, kind)				\
static void count_##name(struct vcpu *v)				\
{									\
	v->noted.wanted = true;						\
	plain[reason](v);						\
	v->noted.wanted = false;					\
	count(v, reason, exit_number(v, kind, true));			\
}

DEFINE_COUNT_BEHIND(io, EXIT_REASON_IO_INSTRUCTION, EXIT_DETAIL_IO)
DEFINE_COUNT_BEHIND(cr, EXIT_REASON_CR_ACCESS, EXIT_DETAIL_CR)
DEFINE_COUNT_BEHIND(exception, EXIT_REASON_EXCEPTION_NMI, EXIT_DETAIL_VECTOR)
DEFINE_COUNT_BEHIND(misconfig, EXIT_REASON_EPT_MISCONFIG, EXIT_DETAIL_PAGE)

static void count_violation(struct vcpu *v)
{
	v->noted.qualification = NOT_NOTED;
	v->noted.wanted = true;
	plain[EXIT_REASON_EPT_VIOLATION](v);
	v->noted.wanted = false;
	exit_detail_count(&v->acct, v->acct.detail, EXIT_REASON_EPT_VIOLATION, true,
			  exit_number(v, EXIT_DETAIL_PAGE, true) | exit_page_bits(v));
}

static const struct {
	u8 reason;
	exit_handler *count;
} counts[] = {
	{ EXIT_REASON_EXCEPTION_NMI, count_exception },
	{ EXIT_REASON_EXTERNAL_INTERRUPT, count_interrupt },
	{ EXIT_REASON_CPUID, count_cpuid },
	{ EXIT_REASON_VMCALL, count_vmcall },
	{ EXIT_REASON_CR_ACCESS, count_cr },
	{ EXIT_REASON_DR_ACCESS, count_dr },
	{ EXIT_REASON_IO_INSTRUCTION, count_io },
	{ EXIT_REASON_MSR_READ, count_msr },
	{ EXIT_REASON_MSR_WRITE, count_msr },
	{ EXIT_REASON_RDMSR_IMM, count_msr_imm },
	{ EXIT_REASON_WRMSRNS_IMM, count_msr_imm },
	{ EXIT_REASON_EPT_VIOLATION, count_violation },
	{ EXIT_REASON_EPT_MISCONFIG, count_misconfig },
};

void detail_init(exit_handler **handlers)
{
	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		u32 reason = counts[i].reason;

		plain[reason] = handlers[reason];
		if (plain[reason])
			handlers[reason] = counts[i].count;
	}
}

void vcpu_account_end(struct vcpu *v, u64 tsc)
{
	enum exit_detail_kind kind = exit_detail_kind(v->exit_reason);
	u64 nr = exit_number(v, kind, false);

	if (v->exit_reason == EXIT_REASON_EPT_VIOLATION)
		nr |= exit_page_bits(v);
	if (v->acct.detail && v->noted.wanted && kind)
		exit_detail_count_other(&v->acct, v->exit_reason, nr);
	v->noted.wanted = false;
	exit_acct_end(&v->acct, tsc);
	if (v->acct.detail)
		exit_detail_settle(v->acct.detail);
}
