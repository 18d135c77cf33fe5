// SPDX-License-Identifier: GPL-2.0-only
/* Counting: what is off the hot path. See exit_acct.h. */
#include "exit_acct.h"

_Static_assert(sizeof(struct exit_acct_vcpu) + sizeof(struct exit_acct_counters) <= 32 * 1024,
	       "what a vCPU takes");

/* Counters */

static void slot_clear(struct exit_acct_slot *s)
{
	memset(s, 0, sizeof(*s));
	s->min = ~0ull;
}

static void slot_add(struct exit_acct_slot *dst, const struct exit_acct_slot *src)
{
	u64 min = READ_ONCE(src->min), max = READ_ONCE(src->max);
	u32 i;

	dst->count += READ_ONCE(src->count);
	dst->handler += READ_ONCE(src->handler);
	dst->round_trip += READ_ONCE(src->round_trip);
	if (min < dst->min)
		dst->min = min;
	if (max > dst->max)
		dst->max = max;
	dst->handler_lost += READ_ONCE(src->handler_lost);
	dst->round_trip_lost += READ_ONCE(src->round_trip_lost);
	for (i = 0; i < EXIT_ACCT_BUCKETS; i++)
		dst->hist[i] += READ_ONCE(src->hist[i]);
}

void exit_acct_clear(struct exit_acct_counters *c)
{
	u32 i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		slot_clear(&c->slot[i]);
}

void exit_acct_add(struct exit_acct_counters *dst, const struct exit_acct_counters *src)
{
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		slot_add(&dst->slot[i], &src->slot[i]);
		dst->failed[i] += READ_ONCE(src->failed[i]);
	}
	dst->synthesised += READ_ONCE(src->synthesised);
}

void exit_acct_sum(const struct exit_acct_vm *vm, struct exit_acct_counters *dst)
{
	const struct exit_acct_vcpu *v;

	exit_acct_clear(dst);
	if (vm->retired)
		exit_acct_add(dst, vm->retired);
	for_each_exit_acct_vcpu(v, vm)
		exit_acct_add(dst, v->counters);
}

u64 exit_acct_total(const struct exit_acct_counters *c)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		total += READ_ONCE(c->slot[i].count);
	return total;
}

u64 exit_acct_sum_u64(const struct exit_acct_vm *vm, size_t offset)
{
	const struct exit_acct_vcpu *v;
	u64 sum = 0;

	if (vm->retired)
		sum = READ_ONCE(*(const u64 *)((const char *)vm->retired + offset));
	for_each_exit_acct_vcpu(v, vm)
		sum += READ_ONCE(*(const u64 *)((const char *)v->counters + offset));
	return sum;
}

u64 exit_acct_sum_slots(const struct exit_acct_vm *vm, size_t offset)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		sum += exit_acct_sum_u64(vm, offset + i * sizeof(struct exit_acct_slot));
	return sum;
}

/* VMs and vCPUs */

void exit_acct_vm_init(struct exit_acct_vm *vm, enum exit_acct_target target,
		       enum exit_acct_map map, u64 report_every, bool (*handled)(u16 reason))
{
	memset(vm, 0, sizeof(*vm));
	vm->target = target;
	vm->map = map;
	vm->report_every = report_every;
	vm->handled = handled;
	atomic64_set(&vm->next, report_every);
}

/* Reports: see exit_acct.h for how they come about */

/* A vCPU more: how long may batches be, and how far do all unfinished ones reach? */
static void size_batches(struct exit_acct_vm *vm)
{
	/* Not to look at the others more than eight times an exit, very many do it seldom. */
	u32 least = (vm->nr_vcpus + 7) / 8;

	WRITE_ONCE(vm->least, least);
	WRITE_ONCE(vm->batch, least > EXIT_ACCT_BATCH ? least : EXIT_ACCT_BATCH);
	WRITE_ONCE(vm->reach, (u64)vm->batch * vm->nr_vcpus);
}

/*
 * The order of the two: who reads in between finds too few exits, never too many.
 * Pairs with exit_acct_exits_of().
 */
static void set_batch(struct exit_acct_vcpu *v, u64 batch)
{
	WRITE_ONCE(v->budget, batch);
	smp_wmb();
	WRITE_ONCE(v->goal, v->goal + batch);
}

u64 exit_acct_exits_of(const struct exit_acct_vcpu *v)
{
	u64 goal = READ_ONCE(v->goal), budget;

	smp_rmb();
	budget = READ_ONCE(v->budget);
	return goal > budget ? goal - budget : 0;
}

/* The exits of the VM, or fewer. */
static u64 exits_of_all(const struct exit_acct_vm *vm)
{
	u64 total = READ_ONCE(vm->gone);
	const struct exit_acct_vcpu *v;

	for_each_exit_acct_vcpu(v, vm)
		total += exit_acct_exits_of(v);
	return total;
}

/* Can the next multiple have been met, with so many exits in finished batches? */
static bool multiple_is_near(const struct exit_acct_vm *vm, u64 finished)
{
	return finished + READ_ONCE(vm->reach) >= (u64)atomic64_read(&vm->next);
}

/* Each multiple is claimed by one vCPU: who loses finds the next one in its place. */
static bool claim_report(struct exit_acct_vcpu *v, u64 total)
{
	struct exit_acct_vm *vm = v->vm;
	s64 next = atomic64_read(&vm->next);

	while (total >= (u64)next) {
		if (atomic64_try_cmpxchg(&vm->next, &next, next + vm->report_every)) {
			v->report_due = next;
			return true;
		}
	}
	return false;
}

/* What is left up to the next multiple is divided among the vCPUs. */
static u64 batch_near(const struct exit_acct_vm *vm, u64 total)
{
	u64 next = atomic64_read(&vm->next), batch = 0;

	if (next > total)
		batch = (next - total) / READ_ONCE(vm->nr_vcpus);
	if (batch > EXIT_ACCT_BATCH)
		batch = EXIT_ACCT_BATCH;
	return batch < READ_ONCE(vm->least) ? READ_ONCE(vm->least) : batch;
}

bool exit_acct_batch_done(struct exit_acct_vcpu *v)
{
	struct exit_acct_vm *vm = v->vm;
	u64 total;
	bool due;

	if (!vm->report_every) {
		set_batch(v, ~0ull);
		return false;
	}
	/* A full barrier: of two vCPUs that come here, the later sees the other's exits. */
	total = atomic64_add_return(v->goal - v->added, &vm->total);
	v->added = v->goal;
	if (likely(!multiple_is_near(vm, total))) {
		set_batch(v, READ_ONCE(vm->batch));
		return false;
	}
	total = exits_of_all(vm);
	due = claim_report(v, total);
	set_batch(v, batch_near(vm, total));
	return due;
}

bool exit_acct_flush(struct exit_acct_vcpu *v)
{
	struct exit_acct_vm *vm = v->vm;

	if (v->report_due)
		return true;
	/* A vCPU that is alone ends a batch at each multiple. */
	if (!vm->report_every || READ_ONCE(vm->nr_vcpus) < 2)
		return false;
	/* Of two vCPUs that come here, the later sees the other's exits. */
	smp_mb();
	return multiple_is_near(vm, atomic64_read(&vm->total)) && claim_report(v, exits_of_all(vm));
}

void exit_acct_vcpu_init(struct exit_acct_vcpu *v, struct exit_acct_vm *vm,
			 struct exit_acct_counters *counters)
{
	memset(v, 0, sizeof(*v));
	slot_clear(&v->scratch);
	exit_acct_clear(counters);
	v->vm = vm;
	v->counters = counters;
	exit_acct_close(v);
	WRITE_ONCE(vm->nr_vcpus, vm->nr_vcpus + 1);
	size_batches(vm);
	set_batch(v, vm->report_every ? batch_near(vm, atomic64_read(&vm->total)) : ~0ull);
	v->next = vm->vcpus;
	/* Publish the vCPU only when it is whole; pairs with for_each_exit_acct_vcpu(). */
	smp_store_release(&vm->vcpus, v);
}

/* What is rare on the way from VM exit to VM entry */

void exit_acct_add_unusual(struct exit_acct_slot *s, u64 cycles)
{
	/* Beyond it the histogram has no bucket, and what is longer is counted like it. */
	const u64 longest = (1ull << EXIT_ACCT_BUCKETS) - 1;

	if ((s64)cycles < 0) {
		exit_acct_own_add(&s->handler_lost, 1);
		return;
	}
	if (cycles > s->max)
		WRITE_ONCE(s->max, cycles);
	s->usual = s->max < longest ? s->max : longest;
	exit_acct_add_time(s, cycles, cycles < longest ? cycles : longest);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(exit_acct_add_unusual);

void exit_acct_failed_entry(struct exit_acct_vcpu *v, u16 reason)
{
	u32 i = reason < EXIT_ACCT_OTHER ? reason : EXIT_ACCT_OTHER;

	exit_acct_own_add(&v->counters->failed[i], 1);
	exit_acct_close(v);
}

void exit_acct_vmfail(struct exit_acct_vcpu *v)
{
	exit_acct_close(v);
}

void exit_acct_end(struct exit_acct_vcpu *v, u64 tsc)
{
	const struct exit_acct_slot *s = v->current_slot;
	u64 timed = s->handler_lost;
	u32 b;

	for (b = 0; b < EXIT_ACCT_BUCKETS; b++)
		timed += s->hist[b];
	/* An exit without its time is the last one, which is still being handled. */
	if (timed < s->count)
		exit_acct_handled(v, tsc);
	exit_acct_close(v);
}
