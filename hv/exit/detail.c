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

#define NOTED(v, name) ((v)->noted.name != NOT_NOTED ? (v)->noted.name : exit_##name(v))

static __always_inline u64 number(struct vcpu *v, enum exit_detail_kind kind)
{
	switch (kind) {
	case EXIT_DETAIL_CPUID:
		return v->regs[RAX] << 32 | (u32)v->regs[RCX];
	case EXIT_DETAIL_MSR:
		return (u32)v->regs[RCX];
	case EXIT_DETAIL_VMCALL:
		return (u32)v->regs[RAX];
	case EXIT_DETAIL_IO:
		return v->noted.qualification & EXIT_DETAIL_IO_BITS;
	case EXIT_DETAIL_CR:
		return (v->noted.qualification & EXIT_DETAIL_CR_BITS) | v->noted.changes << 32;
	case EXIT_DETAIL_DR:
		return NOTED(v, qualification) & EXIT_DETAIL_DR_BITS;
	case EXIT_DETAIL_VECTOR:
		return NOTED(v, event) & EVENT_VECTOR;
	default:
		return (NOTED(v, gpa) & -PAGE_SIZE) |
		       (v->exit_reason == EXIT_REASON_EPT_VIOLATION ?
			NOTED(v, qualification) & EXIT_DETAIL_PAGE_BITS : 0);
	}
}

static __always_inline bool count(struct vcpu *v, enum exit_detail_kind kind)
{
	return exit_detail_count(&v->acct, v->exit_reason, kind == EXIT_DETAIL_PAGE,
				 number(v, kind));
}

static __cold void count_rarely(struct vcpu *v)
{
	exit_detail_count_other(&v->acct, v->exit_reason,
				number(v, exit_detail_kind(v->exit_reason)));
}

static __cold __attribute__((noinline)) void count_rarely_before(struct vcpu *v)
{
	count_rarely(v);
	plain[v->exit_reason](v);
}

/* What registers tell, the handler may change. */
#define DEFINE_COUNT_BEFORE(name, kind)					\
static void count_##name(struct vcpu *v)				\
{									\
	if (unlikely(!count(v, kind)))					\
		return count_rarely_before(v);				\
	plain[v->exit_reason](v);					\
}

DEFINE_COUNT_BEFORE(cpuid, EXIT_DETAIL_CPUID)
DEFINE_COUNT_BEFORE(msr, EXIT_DETAIL_MSR)

/* The handler has always asked for the qualification. */
static void count_io(struct vcpu *v)
{
	v->noted.wanted = true;
	plain[EXIT_REASON_IO_INSTRUCTION](v);
	v->noted.wanted = false;
	if (unlikely(!count(v, EXIT_DETAIL_IO)))
		count_rarely(v);
}

static void count_other(struct vcpu *v)
{
	v->noted = NOTHING_NOTED;
	plain[v->exit_reason](v);
	v->noted.wanted = false;
	count_rarely(v);
}

static exit_handler *const counts[] = {
	[EXIT_DETAIL_CPUID] = count_cpuid, [EXIT_DETAIL_MSR] = count_msr,
	[EXIT_DETAIL_VMCALL] = count_rarely_before, [EXIT_DETAIL_IO] = count_io,
	[EXIT_DETAIL_CR] = count_other, [EXIT_DETAIL_DR] = count_other,
	[EXIT_DETAIL_VECTOR] = count_other, [EXIT_DETAIL_PAGE] = count_other,
};

void detail_init(exit_handler **handlers)
{
	for (u32 reason = 0; reason < VMX_EXIT_REASONS_NR; reason++) {
		exit_handler *count = counts[exit_detail_kind(reason)];

		plain[reason] = handlers[reason];
		if (handlers[reason] && count)
			handlers[reason] = count;
	}
}

void vcpu_account_end(struct vcpu *v, u64 tsc)
{
	enum exit_detail_kind kind = exit_detail_kind(v->exit_reason);

	if (v->acct.detail && v->noted.wanted && kind)
		count_rarely(v);
	v->noted.wanted = false;
	exit_acct_end(&v->acct, tsc);
	if (v->acct.detail)
		exit_detail_settle(v->acct.detail);
}
