// SPDX-License-Identifier: GPL-2.0-only
/* Exits by number: what is off the path of most. See exit_detail.h. */
#include "exit_detail.h"

/*
 * So many places are looked at, from the first on, before a number goes to the rest. Fewer for
 * pages: most are touched once, and a guest soon has more of them than there are places.
 */
#define PROBES		16
#define PAGE_PROBES	4

_Static_assert(sizeof(struct exit_detail_entry) == 1 << EXIT_DETAIL_ENTRY_LOG2, "the hash");

/* The kernel's names of them are not all those of this list. */
enum {
#define X(number, name, sdm_name, class) REASON_##name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

const u8 exit_detail_kinds[VMX_EXIT_REASONS_NR] = {
	[REASON_EXCEPTION_NMI] = EXIT_DETAIL_VECTOR,
	[REASON_EXTERNAL_INTERRUPT] = EXIT_DETAIL_VECTOR,
	[REASON_CPUID] = EXIT_DETAIL_CPUID,
	[REASON_VMCALL] = EXIT_DETAIL_VMCALL,
	[REASON_CR_ACCESS] = EXIT_DETAIL_CR,
	[REASON_DR_ACCESS] = EXIT_DETAIL_DR,
	[REASON_IO_INSTRUCTION] = EXIT_DETAIL_IO,
	[REASON_MSR_READ] = EXIT_DETAIL_MSR,
	[REASON_MSR_WRITE] = EXIT_DETAIL_MSR,
	[REASON_EPT_VIOLATION] = EXIT_DETAIL_PAGE,
	[REASON_EPT_MISCONFIG] = EXIT_DETAIL_PAGE,
	[REASON_RDMSR_IMM] = EXIT_DETAIL_MSR_IMM,
	[REASON_WRMSRNS_IMM] = EXIT_DETAIL_MSR_IMM,
};
EXPORT_SYMBOL_FOR_KVM_INTERNAL(exit_detail_kinds);

void exit_detail_init(struct exit_detail *d, struct exit_acct_vcpu *v)
{
	memset(d, 0, sizeof(*d));
	d->slots = v->counters->slot;
	d->none.slot = &v->scratch;
	d->last = &d->none;
	/* Pairs with those who read it through the leaves. */
	smp_store_release(&v->detail, d);
}

/* The number may be a new one; if there is no place for it, it is in its reason's rest. */
void exit_detail_count_other(struct exit_acct_vcpu *v, u32 reason, u64 number)
{
	const bool violation = reason == REASON_EPT_VIOLATION;
	const size_t end = (violation ? PAGE_PROBES : PROBES) * sizeof(struct exit_detail_entry);
	const size_t first = exit_detail_first(reason, number);
	const struct exit_acct_slot *slot = v->current_slot;
	struct exit_detail *d = v->detail;
	struct exit_detail_entry *e;
	size_t i;

	for (i = 0; i < end; i += sizeof(*e)) {
		e = (void *)((char *)d->entry + exit_detail_half(violation) + (first ^ i));
		if (!e->count || (e->number == number && e->slot == slot))
			break;
	}
	if (i == end) {
		e = &d->entry[EXIT_DETAIL_REST + reason];
		number = 0;
	}
	exit_detail_enter(e, number, slot);
	exit_acct_own_add(&e->count, 1);
	exit_detail_charge(d, e, slot);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(exit_detail_count_other);

u32 exit_detail_next(const struct exit_detail *d, u32 i)
{
	while (i < EXIT_DETAIL_NR && !READ_ONCE(d->entry[i].count))
		i++;
	smp_rmb();
	return i;
}

#define LLU(v) ((unsigned long long)(v))

void exit_detail_print(const struct exit_detail *d, const char *scope,
		       const struct exit_acct_sink *sink)
{
	u32 i = 0, nr = 0;

	for (; (i = exit_detail_next(d, i)) < EXIT_DETAIL_NR; i++, nr++) {
		const struct exit_detail_entry *e = &d->entry[i];
		u32 reason = exit_detail_reason(d, e);

		sink->printf(sink->ctx, "detail scope=%s reason=%u name=%s number=", scope, reason,
			     exit_acct_name(reason));
		if (i < EXIT_DETAIL_REST)
			sink->printf(sink->ctx, "%llu", LLU(e->number));
		else
			sink->printf(sink->ctx, "rest");
		sink->printf(sink->ctx, " count=%llu handler=%llu\n", LLU(READ_ONCE(e->count)),
			     LLU(READ_ONCE(e->handler)));
	}
	sink->printf(sink->ctx, "detail scope=%s lines=%u\n", scope, nr);
}
