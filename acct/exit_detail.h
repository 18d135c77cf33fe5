/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which port, which MSR, which leaf: of a reason whose exits one number tells apart, counts and
 * handler cycles for each number.
 *
 * Each vCPU that has a table of them, of a fixed size, writes it alone. A number that is in it
 * stays there, with all its exits from the first on. One that finds no place is never in it, and
 * its exits are counted as its reason's rest: the table and the rest of a reason add up to the
 * reason's count, exactly.
 *
 * Handler cycles are what the reason's clock has gained since, so that the path on which it stops
 * knows nothing of this: they are added at the vCPU's next exit that has such a number, or by
 * exit_detail_settle().
 */
#ifndef EXIT_DETAIL_H
#define EXIT_DETAIL_H

#include "exit_leaves.h"
#include "exit_print.h"

/* What the number of an exit is, by its reason. */
enum exit_detail_kind {
	EXIT_DETAIL_NONE,	/* the reason says it all */
	EXIT_DETAIL_CPUID,	/* exit_detail_cpuid() */
	EXIT_DETAIL_MSR,	/* ECX */
	EXIT_DETAIL_PAGE,	/* guest-physical address of the page | what it was for, in the
				   bits of an EPT violation's qualification */
	EXIT_DETAIL_VECTOR,	/* of the exception, the NMI or the external interrupt */
	EXIT_DETAIL_VMCALL,	/* EAX */
	/* From here on it is bits of the exit qualification: */
	EXIT_DETAIL_IO,		/* port, direction, size */
	EXIT_DETAIL_CR,		/* register, access, general register; in the upper half bits 31:0
				   of CR0 or CR4 that the instruction wanted to change */
	EXIT_DETAIL_DR,		/* register, direction, general register */
	EXIT_DETAIL_MSR_IMM,	/* the MSR of a form with an immediate */
};

/* Bits of the exit qualification that are in a number. */
#define EXIT_DETAIL_IO_BITS	0xffff000full
#define EXIT_DETAIL_CR_BITS	0xffffffff00000f3full	/* the upper half is not of it */
#define EXIT_DETAIL_DR_BITS	0xf17ull
#define EXIT_DETAIL_PAGE_BITS	0x7ull

/*
 * A leaf and its subleaf; 0 as that of the accounting's own leaves: whoever reads all that there
 * is would fill the table with how he reads it.
 */
static __always_inline u64 exit_detail_cpuid(u32 eax, u32 ecx)
{
	return (u64)eax << 32 | (unlikely(exit_acct_is_leaf(eax)) ? 0 : ecx);
}

/* Half of the places are for EPT violations: a guest touches very many pages, once. */
#define EXIT_DETAIL_PLACES_LOG2	10
#define EXIT_DETAIL_PLACES	(1u << EXIT_DETAIL_PLACES_LOG2)
#define EXIT_DETAIL_REST	(2 * EXIT_DETAIL_PLACES)
#define EXIT_DETAIL_ENTRY_LOG2	5
#define EXIT_DETAIL_NR		(EXIT_DETAIL_REST + EXIT_ACCT_SLOTS)

/* One number; as long as its count is 0, none. */
struct exit_detail_entry {
	u64 number;
	const struct exit_acct_slot *slot; /* of its reason, which it stands for */
	u64 count;
	u64 handler;		/* cycles */
};

struct exit_detail {
	struct exit_detail_entry *last;	/* whose cycles are not all there yet */
	u64 before;		/* cycles of handlers in its reason's slot, before it */
	const struct exit_acct_slot *slots; /* of the vCPU */
	u64 gpa;		/* KVM: guest-physical address of the last exit that had one */
	struct exit_detail_entry none; /* where the time goes before the first one */
	struct exit_detail_entry entry[EXIT_DETAIL_NR]; /* from REST on one for each reason */
};

extern const u8 exit_detail_kinds[VMX_EXIT_REASONS_NR];

/** exit_detail_kind - what tells the exits of a reason apart */
static __always_inline enum exit_detail_kind exit_detail_kind(u32 reason)
{
	return reason < VMX_EXIT_REASONS_NR ? exit_detail_kinds[reason] : EXIT_DETAIL_NONE;
}

/** exit_detail_init - an empty table; @v gets it */
void exit_detail_init(struct exit_detail *d, struct exit_acct_vcpu *v);

/* Where the places for a reason's numbers begin, in bytes. */
static __always_inline size_t exit_detail_half(bool violation)
{
	return violation ? EXIT_DETAIL_PLACES * sizeof(struct exit_detail_entry) : 0;
}

/* The reason of an entry that has a count. */
static inline u32 exit_detail_reason(const struct exit_detail *d, const struct exit_detail_entry *e)
{
	return e->slot - d->slots;
}

/*
 * Where a number is looked for first, in bytes from there on: what takes fewest instructions.
 * Multiplicative hashing: what is shifted down depends on all of the number. The multiplier is
 * one of Steele's and Vigna's; of those that are known it gives the shared guest's numbers,
 * the busiest foremost, a place of their own most often.
 */
static __always_inline size_t exit_detail_first(u64 reason, u64 number)
{
	u64 hash = (number + reason) * 0xd1342543de82ef95ull;

	return hash >> (64 - EXIT_DETAIL_PLACES_LOG2 - EXIT_DETAIL_ENTRY_LOG2) &
	       -sizeof(struct exit_detail_entry);
}

/* From here on the cycles of @slot's reason are those of @e. */
static __always_inline void exit_detail_charge(struct exit_detail *d, struct exit_detail_entry *e,
					       const struct exit_acct_slot *slot)
{
	struct exit_detail_entry *last = d->last;

	exit_acct_own_add(&last->handler, last->slot->handler - d->before);
	d->last = e;
	d->before = slot->handler;
}

/* Whoever sees that it has a count sees its number too. Pairs with exit_detail_next(). */
static __always_inline void exit_detail_enter(struct exit_detail_entry *e, u64 number,
					      const struct exit_acct_slot *slot)
{
	WRITE_ONCE(e->number, number);
	WRITE_ONCE(e->slot, slot);
	smp_wmb();
}

/**
 * exit_detail_settle - add what is still to be added to the cycles of the last exit
 * @d: the table of the vCPU that runs, or of one that does not run
 */
static __always_inline void exit_detail_settle(struct exit_detail *d)
{
	exit_detail_charge(d, d->last, d->last->slot);
}

/** exit_detail_count_other - as exit_detail_count(), wherever the number may be */
void exit_detail_count_other(struct exit_acct_vcpu *v, u32 reason, u64 number) __cold;

/**
 * exit_detail_count - count the exit that the accounting has counted last
 * @v: the vCPU; the handler's clock still runs
 * @d: its table
 * @reason: the basic exit reason, in the table of reasons
 * @violation: is the reason EPT violation? Whoever calls it mostly knows
 * @number: its number
 */
static __always_inline void exit_detail_count(struct exit_acct_vcpu *v, struct exit_detail *d,
					      u64 reason, bool violation, u64 number)
{
	const struct exit_acct_slot *slot = v->current_slot;
	struct exit_detail_entry *e = (void *)((char *)d->entry + exit_detail_half(violation) +
					       exit_detail_first(reason, number));

	if (unlikely(e->number != number || e->slot != slot)) {
		if (e->count)
			return exit_detail_count_other(v, reason, number);
		exit_detail_enter(e, number, slot);
	}
	exit_acct_own_add(&e->count, 1);
	exit_detail_charge(d, e, slot);
}

/**
 * exit_detail_next - the first number in a table, or a reason's rest, from some place on
 * @i: the place; EXIT_DETAIL_NR if there is none any more
 */
u32 exit_detail_next(const struct exit_detail *d, u32 i);

/**
 * exit_detail_print - a table as `detail' lines
 * @d: the table
 * @scope: whose, one word: "vcpu0"
 * @sink: where to
 */
void exit_detail_print(const struct exit_detail *d, const char *scope,
		       const struct exit_acct_sink *sink);

#endif /* EXIT_DETAIL_H */
