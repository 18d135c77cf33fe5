/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM-exit accounting, shared by hv and KVM.
 *
 * The same files are compiled into hv.elf, into KVM's arch/x86/kvm, into the guest
 * (which prints what it read from the leaves with the same code) and into host unit
 * tests: this one counts, exit_leaves.h is what a guest reads, exit_print.h what is
 * printed, exit_reasons.h the list of reasons.
 *
 * One VM exit, seen from the hypervisor that uses it:
 *
 *	VM exit   -> exit_acct_exit()     counts; starts both clocks
 *	  handler
 *	          -> exit_acct_handled()  stops the handler clock
 *	  (userspace, sleep, a periodic report)
 *	VM entry  <- exit_acct_entry()    stops the round-trip clock
 *
 * Counters are written only by the vCPU that owns them and summed when read.
 * Nothing on that path locks, allocates or prints.
 *
 * All times are TSC cycles of the host. A vCPU may wake on a CPU whose TSC is
 * behind, or on a host whose TSC began anew while it slept. A time that would be
 * negative is then unknown: it is in no sum, extreme or histogram, and its exit is
 * counted as one whose time is lost. So the exits that are done with are always
 * those in the histogram and those with a lost handler time. (A TSC that is ahead
 * cannot be told from a longer time.)
 *
 * Periodic reports. A vCPU adds its exits to the VM's running total in batches of
 * 64, or fewer when a multiple of the interval is near: what is left up to it is
 * divided among the vCPUs. The running total lags by what is in unfinished
 * batches; once these could make the difference, whoever finishes one looks at
 * those of all. Whoever finds that the multiple is met claims it with one atomic
 * operation, so none is claimed twice, and never too early. A vCPU alone meets
 * each multiple exactly; with several, the exits that others make meanwhile go
 * unnoticed until one of them finishes its batch. Hence exit_acct_flush(): a vCPU
 * that calls it after its last exit, before it sleeps or stops, leaves nothing
 * unnoticed: when all have, there were as many reports as multiples.
 */
#ifndef EXIT_ACCT_H
#define EXIT_ACCT_H

#include "exit_reasons.h"
#include "exit_types.h"

/* One slot per reason number, and one for every reason beyond the table. */
#define EXIT_ACCT_OTHER		VMX_EXIT_REASONS_NR
#define EXIT_ACCT_SLOTS		(EXIT_ACCT_OTHER + 1)
#define EXIT_ACCT_BUCKETS	32

/* A vCPU touches the VM's running total once in so many exits, if no multiple is near. */
#define EXIT_ACCT_BATCH		64

#define EXIT_ACCT_REPORT_DEFAULT 10000

/* What is known of one exit reason: a cache line, and the histogram. The index of
 * a bucket is the floor of log2 of the handler time in cycles; 0 and 1 share
 * bucket 0, and the last one has all longer times too: it begins at half a second
 * or more, and with all that there can be, a vCPU would need 22 KiB more.
 */
struct exit_acct_slot {
	u64 count;		/* exits */
	u64 handler;		/* cycles, sum */
	u64 round_trip;		/* cycles, sum */
	u64 min;		/* cycles, smallest handler time, ~0 when none */
	u64 max;		/* cycles, largest handler time; never negative */
	u64 usual;		/* times above it want a second look: max, or what is too long */
	u64 handler_lost;	/* exits whose handler time is unknown: the TSC went back */
	u64 round_trip_lost;	/* the same for the round trip */
	u64 hist[EXIT_ACCT_BUCKETS];
};

/* The counters of one vCPU, or a sum over several. Aligned, so that two vCPUs
 * never write to the same cache line.
 */
struct exit_acct_counters {
	struct exit_acct_slot slot[EXIT_ACCT_SLOTS] __aligned(64);
	u64 failed[EXIT_ACCT_SLOTS];	/* failed entries, by basic reason */
	u64 synthesised;		/* exits made up with no entry before */
};

struct exit_acct_vm;
struct exit_detail;

/* What the hot path of one vCPU needs, and nothing else: embed it beside the
 * vCPU's other hot state.
 */
struct exit_acct_vcpu {
	u64 start __aligned(64);	/* TSC at the last exit */
	struct exit_acct_slot *current_slot; /* slot of the last exit */
	u64 budget;			/* exits left in this batch */
	u64 goal;			/* exits made when this batch will be done */
	u64 added;			/* exits that are in the VM's running total */
	u64 report_due;			/* multiple to be reported, 0: none */
	struct exit_acct_counters *counters;
	struct exit_acct_vm *vm;
	struct exit_acct_vcpu *next;	/* in the VM's list */
	struct exit_detail *detail;	/* exits told apart by a number; NULL: they are not */
	struct exit_acct_slot scratch;	/* where times without an exit go */
};

enum exit_acct_target { EXIT_ACCT_TARGET_HV = 1, EXIT_ACCT_TARGET_KVM = 2 };

/* Which CPUID leaf carries what; named after the courses that used them. */
#define EXIT_ACCT_MAPS(X) \
	X(DEFAULT, "default") X(S21, "s21") X(F21, "f21") X(F22, "f22")
enum exit_acct_map {
#define X(id, name) EXIT_ACCT_MAP_##id,
	EXIT_ACCT_MAPS(X)
#undef X
	EXIT_ACCT_NR_MAPS
};

/* One VM. What changes while its vCPUs run has a cache line of its own. */
struct exit_acct_vm {
	enum exit_acct_target target;
	enum exit_acct_map map;
	u64 report_every;		/* exits, 0: never */
	bool (*handled)(u16 reason);	/* does the target's table handle it? */
	struct exit_acct_vcpu *vcpus;
	const struct exit_acct_counters *retired; /* vCPUs that are gone, or NULL */
	u32 nr_vcpus;			/* that there have ever been */
	u32 batch, least;		/* exits in a batch far from a multiple, and near it */
	u64 reach;			/* exits in all unfinished batches, at most */
	u64 gone;			/* exits of those that are gone */
	/* Of the reports alone: exits in finished batches, next multiple, skipped ones. */
	atomic64_t total __aligned(64);
	atomic64_t next;
	atomic64_t skipped;
};

/* The hot path. */

/*
 * Others read these while their owner changes them: one instruction each, so that
 * there is no half-way, and no more than that, as with the kernel's local_t.
 */
static __always_inline void exit_acct_own_add(u64 *counter, u64 n)
{
	__asm__("addq %1, %0" : "+m"(*counter) : "er"(n) : "cc");
}

/* Returns true if it is 0 now. */
static __always_inline bool exit_acct_own_dec(u64 *counter)
{
	bool zero;

	__asm__("decq %0" : "+m"(*counter), "=@cce"(zero));
	return zero;
}

/* Charge the scratch slot from here on: the last exit is closed. */
static __always_inline void exit_acct_close(struct exit_acct_vcpu *v)
{
	v->current_slot = &v->scratch;
}

/**
 * exit_acct_count - exit_acct_exit() without its rare half
 * @v: the vCPU
 * @reason: basic exit reason, bits 15:0 of the exit-reason field
 * @tsc: TSC now, cycles
 *
 * Returns true when exit_acct_batch_done() must be called.
 */
static __always_inline bool exit_acct_count(struct exit_acct_vcpu *v, u16 reason, u64 tsc)
{
	u32 i = likely(reason < EXIT_ACCT_OTHER) ? reason : EXIT_ACCT_OTHER;
	struct exit_acct_slot *s = &v->counters->slot[i];

	v->start = tsc;
	v->current_slot = s;
	exit_acct_own_add(&s->count, 1);
	return unlikely(exit_acct_own_dec(&v->budget));
}

/**
 * exit_acct_batch_done - the budget is used up: update the VM's running total
 * @v: the vCPU
 *
 * Returns true when a periodic report is due, as exit_acct_exit() does. Of several
 * multiples that are due at once the others follow, one an exit or a flush.
 */
bool exit_acct_batch_done(struct exit_acct_vcpu *v) __cold;

/**
 * exit_acct_exit - count a VM exit and start both clocks
 * @v: the vCPU
 * @reason: basic exit reason, bits 15:0 of the exit-reason field; bit 31 of the
 *          field must have been found clear (else: exit_acct_failed_entry)
 * @tsc: TSC now, cycles
 *
 * Returns true when a periodic report is due: v->report_due says for which
 * multiple. The caller prints it where it may, before the next VM entry, with
 * exit_acct_report().
 */
static __always_inline bool exit_acct_exit(struct exit_acct_vcpu *v, u16 reason, u64 tsc)
{
	return exit_acct_count(v, reason, tsc) && exit_acct_batch_done(v);
}

/* Floor of log2. BSR leaves its destination alone when there is no bit to find (what
 * Linux's fls64() relies on too), so it is 0 for 0.
 */
static __always_inline u64 exit_acct_log2(u64 n)
{
	__asm__("bsrq %0, %0" : "+r"(n) : : "cc");
	return n;
}

/* Add a handler time, in the histogram as if it were @as. */
static __always_inline void exit_acct_add_time(struct exit_acct_slot *s, u64 cycles, u64 as)
{
	if (unlikely(cycles < s->min))
		WRITE_ONCE(s->min, cycles);
	exit_acct_own_add(&s->handler, cycles);
	exit_acct_own_add(&s->hist[exit_acct_log2(as)], 1);
}

/* The rare half of exit_acct_handled(): a time that is longer than all before, too long
 * for any bucket but the last, or negative.
 */
void exit_acct_add_unusual(struct exit_acct_slot *s, u64 cycles) __cold;

/**
 * exit_acct_handled - the handler of the last exit has returned
 * @v: the vCPU
 * @tsc: TSC now, cycles
 */
static __always_inline void exit_acct_handled(struct exit_acct_vcpu *v, u64 tsc)
{
	struct exit_acct_slot *s = v->current_slot;
	u64 cycles = tsc - v->start;

	/* One test for three cases: a negative time is larger than any that is known. */
	if (unlikely(cycles > s->usual))
		exit_acct_add_unusual(s, cycles);
	else
		exit_acct_add_time(s, cycles, cycles);
}

/**
 * exit_acct_entry - VM entry follows: close the round trip of the last exit
 * @v: the vCPU
 * @tsc: TSC now, cycles
 */
static __always_inline void exit_acct_entry(struct exit_acct_vcpu *v, u64 tsc)
{
	u64 cycles = tsc - v->start;

	if (unlikely((s64)cycles < 0))
		exit_acct_own_add(&v->current_slot->round_trip_lost, 1);
	else
		exit_acct_own_add(&v->current_slot->round_trip, cycles);
}

/* Off the hot path. */

/**
 * exit_acct_vm_init - start accounting for a VM that has no vCPU yet
 * @vm: to be filled in
 * @target: who counts
 * @map: leaf map
 * @report_every: exits between two reports, 0: never
 * @handled: tells whether the target's handler table has an entry for a reason
 */
void exit_acct_vm_init(struct exit_acct_vm *vm, enum exit_acct_target target,
		       enum exit_acct_map map, u64 report_every, bool (*handled)(u16 reason));

/**
 * exit_acct_vcpu_init - start accounting for a vCPU and add it to its VM
 * @v: to be filled in
 * @vm: its VM
 * @counters: memory for its counters, used by no one else
 *
 * Callers serialise this with itself and with exit_acct_vcpu_remove() per VM.
 */
void exit_acct_vcpu_init(struct exit_acct_vcpu *v, struct exit_acct_vm *vm,
			 struct exit_acct_counters *counters);

/** exit_acct_exits_of - the exits of one vCPU, or fewer while it runs */
u64 exit_acct_exits_of(const struct exit_acct_vcpu *v);

/**
 * exit_acct_vcpu_remove - take a vCPU that runs no more out of its VM
 * @v: the vCPU; what it counted stays in v->counters
 */
void exit_acct_vcpu_remove(struct exit_acct_vcpu *v);

/**
 * exit_acct_failed_entry - count a VM entry that failed (exit reason bit 31)
 * @v: the vCPU
 * @reason: basic exit reason (33, 34, 41)
 */
void exit_acct_failed_entry(struct exit_acct_vcpu *v, u16 reason) __cold;

/**
 * exit_acct_vmfail - VMLAUNCH or VMRESUME did not enter: nothing is counted
 * @v: the vCPU
 */
void exit_acct_vmfail(struct exit_acct_vcpu *v) __cold;

/**
 * exit_acct_synthesised - an exit was made up although no entry took place
 * @v: the vCPU
 * @tsc: TSC now, cycles
 *
 * Closes the round trip of the exit before, which no entry will.
 */
void exit_acct_synthesised(struct exit_acct_vcpu *v, u64 tsc) __cold;

/**
 * exit_acct_end - the vCPU does not enter the guest again
 * @v: the vCPU
 * @tsc: TSC now, cycles
 *
 * Stops the handler's clock, if it still runs for the last exit. The round trip
 * of that exit has no end, for it would be the next VM entry: it is not added.
 */
void exit_acct_end(struct exit_acct_vcpu *v, u64 tsc);

/**
 * exit_acct_flush - the vCPU is about to sleep or to stop
 * @v: the vCPU
 *
 * Returns true as long as a report is due that this vCPU has to print: call it
 * again after each.
 */
bool exit_acct_flush(struct exit_acct_vcpu *v);

/* Readers walk the list without a lock; pairs with exit_acct_vcpu_init(). */
#define for_each_exit_acct_vcpu(v, vm) \
	for ((v) = smp_load_acquire(&(vm)->vcpus); (v); (v) = READ_ONCE((v)->next))

/** exit_acct_clear - counters of nothing (min is ~0, all else 0) */
void exit_acct_clear(struct exit_acct_counters *c);

/** exit_acct_add - add @src to @dst, slot by slot */
void exit_acct_add(struct exit_acct_counters *dst, const struct exit_acct_counters *src);

/** exit_acct_sum - @dst becomes the sum over the VM's vCPUs, past and present */
void exit_acct_sum(const struct exit_acct_vm *vm, struct exit_acct_counters *dst);

/** exit_acct_total - exits, summed over all reasons */
u64 exit_acct_total(const struct exit_acct_counters *c);

/**
 * exit_acct_sum_u64 - one u64 of the counters, summed as exit_acct_sum() does
 * @vm: the VM
 * @offset: where it is in struct exit_acct_counters
 */
u64 exit_acct_sum_u64(const struct exit_acct_vm *vm, size_t offset);

#define EXIT_ACCT_SUM(vm, member) \
	exit_acct_sum_u64(vm, offsetof(struct exit_acct_counters, member))

/** exit_acct_sum_slots - a total over all reasons; @offset: of the first slot's u64, likewise */
u64 exit_acct_sum_slots(const struct exit_acct_vm *vm, size_t offset);

#define EXIT_ACCT_SUM_SLOTS(vm, field) \
	exit_acct_sum_slots(vm, offsetof(struct exit_acct_counters, slot[0].field))

#endif /* EXIT_ACCT_H */
