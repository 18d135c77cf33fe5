// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM-exit accounting: everything that is off the hot path. See exit_acct.h. One
 * file, although a long one: it is copied into a kernel, as few files as can be.
 */
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stddef.h>
/* hv and the guest are freestanding: no <string.h>, but they have these. */
void *memset(void *dst, int c, size_t n);
void *memcpy(void *dst, const void *src, size_t n);
int strcmp(const char *a, const char *b);
#endif

#include "exit_acct.h"

_Static_assert(sizeof(struct exit_acct_vcpu) + sizeof(struct exit_acct_counters) <= 32 * 1024,
	       "what a vCPU takes");

/* Readers walk the list without a lock; pairs with exit_acct_vcpu_init(). */
#define for_each_vcpu(v, vm) \
	for ((v) = smp_load_acquire(&(vm)->vcpus); (v); (v) = READ_ONCE((v)->next))

static const struct {
	const char *name;
	const char *sdm_name;
} reasons[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = { #name, sdm_name },
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

static const char * const map_names[EXIT_ACCT_NR_MAPS] = {
#define X(id, name) [EXIT_ACCT_MAP_##id] = name,
	EXIT_ACCT_MAPS(X)
#undef X
};

bool exit_acct_defined(u32 reason)
{
	/* The guest chose the number. */
	return reason < VMX_EXIT_REASONS_NR &&
	       reasons[array_index_nospec(reason, VMX_EXIT_REASONS_NR)].name;
}

const char *exit_acct_name(u32 reason)
{
	return exit_acct_defined(reason) ? reasons[reason].name : "OTHER";
}

const char *exit_acct_sdm_name(u32 reason)
{
	return exit_acct_defined(reason) ? reasons[reason].sdm_name : "other";
}

const char *exit_acct_map_name(enum exit_acct_map map)
{
	return map < EXIT_ACCT_NR_MAPS ? map_names[map] : "none";
}

enum exit_acct_map exit_acct_map_parse(const char *name)
{
	enum exit_acct_map map;

	for (map = 0; map < EXIT_ACCT_NR_MAPS; map++)
		if (!strcmp(name, map_names[map]))
			break;
	return map;
}

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
	for_each_vcpu(v, vm)
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

/* One u64 at the same offset in the counters of every vCPU, summed. */
static u64 sum_field(const struct exit_acct_vm *vm, size_t offset)
{
	const struct exit_acct_vcpu *v;
	u64 sum = 0;

	if (vm->retired)
		sum = READ_ONCE(*(const u64 *)((const char *)vm->retired + offset));
	for_each_vcpu(v, vm)
		sum += READ_ONCE(*(const u64 *)((const char *)v->counters + offset));
	return sum;
}

/* The same for a field of every slot: a total over all reasons. */
static u64 sum_slots(const struct exit_acct_vm *vm, size_t offset)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		sum += sum_field(vm, offset + i * sizeof(struct exit_acct_slot));
	return sum;
}

#define SLOT_OFFSET(i, field) \
	(offsetof(struct exit_acct_counters, slot) + (i) * sizeof(struct exit_acct_slot) + \
	 offsetof(struct exit_acct_slot, field))

static u64 sum_count(const struct exit_acct_vm *vm, u32 i)
{
	return sum_field(vm, SLOT_OFFSET(i, count));
}

static u64 sum_handler(const struct exit_acct_vm *vm, u32 i)
{
	return sum_field(vm, SLOT_OFFSET(i, handler));
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
 * Pairs with exits_of().
 */
static void set_batch(struct exit_acct_vcpu *v, u64 batch)
{
	WRITE_ONCE(v->budget, batch);
	smp_wmb();
	WRITE_ONCE(v->goal, v->goal + batch);
}

/* The exits of one vCPU, or fewer. */
static u64 exits_of(const struct exit_acct_vcpu *v)
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

	for_each_vcpu(v, vm)
		total += exits_of(v);
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
	return multiple_is_near(vm, atomic64_read(&vm->total)) &&
	       claim_report(v, exits_of_all(vm));
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
	/* Publish the vCPU only when it is whole; pairs with for_each_vcpu(). */
	smp_store_release(&vm->vcpus, v);
}

void exit_acct_vcpu_remove(struct exit_acct_vcpu *v)
{
	struct exit_acct_vm *vm = v->vm;
	struct exit_acct_vcpu **p;

	for (p = &vm->vcpus; *p; p = &(*p)->next) {
		if (*p == v) {
			WRITE_ONCE(*p, v->next);
			WRITE_ONCE(vm->gone, vm->gone + exits_of(v));
			atomic64_add_return(exits_of(v) - v->added, &vm->total);
			return;
		}
	}
}

/* Clocks */

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
EXPORT_SYMBOL_GPL(exit_acct_add_unusual);

static void count_failed(struct exit_acct_vcpu *v, u16 reason)
{
	u32 i = reason < EXIT_ACCT_OTHER ? reason : EXIT_ACCT_OTHER;

	exit_acct_own_add(&v->counters->failed[i], 1);
}

void exit_acct_failed_entry(struct exit_acct_vcpu *v, u16 reason)
{
	count_failed(v, reason);
	exit_acct_close(v);
}

void exit_acct_vmfail(struct exit_acct_vcpu *v)
{
	exit_acct_close(v);
}

void exit_acct_synthesised(struct exit_acct_vcpu *v, u64 tsc)
{
	exit_acct_own_add(&v->counters->synthesised, 1);
	exit_acct_entry(v, tsc);
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

/* Text */

#define OUT(sink, ...) ((sink)->printf((sink)->ctx, __VA_ARGS__))

/* u64 is unsigned long on some of our builds: %llu wants the cast. */
#define LLU(v) ((unsigned long long)(v))

void exit_acct_report_take(struct exit_acct_vcpu *v, u64 tsc, struct exit_acct_report *r)
{
	u32 i;

	r->total = v->report_due;
	r->tsc = tsc;
	r->skipped = atomic64_xchg(&v->vm->skipped, 0);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		r->count[i] = sum_count(v->vm, i);
	v->report_due = 0;
}

void exit_acct_report_skip(struct exit_acct_vcpu *v)
{
	atomic64_inc(&v->vm->skipped);
	v->report_due = 0;
}

void exit_acct_report_print(const struct exit_acct_report *r, u64 (*now)(void),
			    const struct exit_acct_sink *sink)
{
	u32 i;

	/* A line each time: the kernel's log knows no parts of one. */
	if (r->skipped)
		OUT(sink, "=== VM exits: total=%llu tsc=%llu skipped=%llu ===\n",
		    LLU(r->total), LLU(r->tsc), LLU(r->skipped));
	else
		OUT(sink, "=== VM exits: total=%llu tsc=%llu ===\n", LLU(r->total), LLU(r->tsc));
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (!r->count[i])
			continue;
		if (i == EXIT_ACCT_OTHER)
			OUT(sink, "VM exit other (%s): %llu\n", exit_acct_sdm_name(i),
			    LLU(r->count[i]));
		else
			OUT(sink, "VM exit %u (%s): %llu\n", i, exit_acct_sdm_name(i),
			    LLU(r->count[i]));
	}
	OUT(sink, "=== VM exits: end tsc=%llu ===\n", LLU(now()));
}

void exit_acct_report(struct exit_acct_vcpu *v, u64 (*now)(void),
		      const struct exit_acct_sink *sink)
{
	struct exit_acct_report r;
	u64 begin = now();

	exit_acct_report_take(v, begin, &r);
	exit_acct_report_print(&r, now, sink);
	v->start += now() - begin;
}

static void print_slot(const struct exit_acct_slot *s, u32 i, const char *scope,
		       const struct exit_acct_sink *sink)
{
	const char *comma = "";
	u32 b;

	OUT(sink, "exits scope=%s ", scope);
	if (i == EXIT_ACCT_OTHER)
		OUT(sink, "reason=other");
	else
		OUT(sink, "reason=%u", i);
	OUT(sink, " name=%s count=%llu handler=%llu round_trip=%llu min=%llu max=%llu hist=",
	    exit_acct_name(i), LLU(s->count), LLU(s->handler), LLU(s->round_trip),
	    s->min > s->max ? 0ull : LLU(s->min), LLU(s->max));
	for (b = 0; b < EXIT_ACCT_BUCKETS; b++) {
		if (!s->hist[b])
			continue;
		OUT(sink, "%s%u:%llu", comma, b, LLU(s->hist[b]));
		comma = ",";
	}
	if (s->handler_lost | s->round_trip_lost)
		OUT(sink, " handler_lost=%llu round_trip_lost=%llu", LLU(s->handler_lost),
		    LLU(s->round_trip_lost));
	OUT(sink, "\n");
}

void exit_acct_print(const struct exit_acct_counters *c, const char *scope,
		     const struct exit_acct_sink *sink)
{
	u64 handler = 0, round_trip = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		const struct exit_acct_slot *s = &c->slot[i];

		if (s->count)
			print_slot(s, i, scope, sink);
		handler += s->handler;
		round_trip += s->round_trip;
	}
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (!c->failed[i])
			continue;
		OUT(sink, "exits scope=%s failed_reason=", scope);
		if (i == EXIT_ACCT_OTHER)
			OUT(sink, "other");
		else
			OUT(sink, "%u", i);
		OUT(sink, " name=%s count=%llu\n", exit_acct_name(i), LLU(c->failed[i]));
	}
	if (c->synthesised)
		OUT(sink, "exits scope=%s synthesised=%llu\n", scope, LLU(c->synthesised));
	OUT(sink, "exits scope=%s total=%llu handler=%llu round_trip=%llu\n", scope,
	    LLU(exit_acct_total(c)), LLU(handler), LLU(round_trip));
}

/* Leaves */

/* What a course leaf carries. NONE must be 0: a map names only what it has. */
enum leaf_kind {
	LEAF_NONE,
	LEAF_TOTAL,		/* EAX = total exits */
	LEAF_TOTAL_CYCLES,	/* EBX:ECX = total handler cycles */
	LEAF_TOTAL_BOTH,	/* EAX = total exits, EBX:ECX = total handler cycles */
	LEAF_COUNT,		/* EAX = count[ECX] */
	LEAF_CYCLES,		/* EBX:ECX = cycles[ECX] */
};

#define ARRAY_LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

/* Index: map, then leaf - EXIT_ACCT_LEAF_COURSE (0x4ffffffc first). */
static const u8 course_leaves[EXIT_ACCT_NR_MAPS][4] = {
	[EXIT_ACCT_MAP_DEFAULT] = {
		LEAF_CYCLES, LEAF_COUNT, LEAF_TOTAL_CYCLES, LEAF_TOTAL_BOTH },
	[EXIT_ACCT_MAP_S21] = {
		LEAF_NONE, LEAF_NONE, LEAF_COUNT, LEAF_TOTAL_BOTH },
	[EXIT_ACCT_MAP_F21] = {
		LEAF_CYCLES, LEAF_COUNT, LEAF_TOTAL_CYCLES, LEAF_TOTAL },
	[EXIT_ACCT_MAP_F22] = {
		LEAF_TOTAL, LEAF_TOTAL_CYCLES, LEAF_COUNT, LEAF_CYCLES },
};

static u32 low(u64 v)
{
	return (u32)v;
}

static u32 high(u64 v)
{
	return v >> 32;
}

static void put_cycles(struct exit_acct_regs *out, u64 cycles)
{
	out->ebx = high(cycles);
	out->ecx = low(cycles);
}

static void course_leaf(const struct exit_acct_vm *vm, enum leaf_kind kind, u32 reason,
			struct exit_acct_regs *out)
{
	if (kind == LEAF_COUNT || kind == LEAF_CYCLES) {
		if (!exit_acct_defined(reason)) {
			out->edx = ~0u;
			return;
		}
		if (!vm->handled(reason))
			return;
		reason = array_index_nospec(reason, VMX_EXIT_REASONS_NR);
	}
	switch (kind) {
	case LEAF_TOTAL_BOTH:
		put_cycles(out, sum_slots(vm, SLOT_OFFSET(0, handler)));
		out->eax = low(sum_slots(vm, SLOT_OFFSET(0, count)));
		break;
	case LEAF_TOTAL:
		out->eax = low(sum_slots(vm, SLOT_OFFSET(0, count)));
		break;
	case LEAF_TOTAL_CYCLES:
		put_cycles(out, sum_slots(vm, SLOT_OFFSET(0, handler)));
		break;
	case LEAF_COUNT:
		out->eax = low(sum_count(vm, reason));
		break;
	case LEAF_CYCLES:
		put_cycles(out, sum_handler(vm, reason));
		break;
	case LEAF_NONE:
		break;
	}
}

static void put_pairs(struct exit_acct_regs *out, u64 first, u64 second)
{
	out->eax = low(first);
	out->ebx = high(first);
	out->ecx = low(second);
	out->edx = high(second);
}

static void signature_leaf(const struct exit_acct_vm *vm, struct exit_acct_regs *out)
{
	const char *s = vm->target == EXIT_ACCT_TARGET_HV ? "VMExitAcctHV" : "VMExitAcctKV";

	out->eax = EXIT_ACCT_LEAF_LAST;
	memcpy(&out->ebx, s, 4);
	memcpy(&out->ecx, s + 4, 4);
	memcpy(&out->edx, s + 8, 4);
}

static void info_leaf(const struct exit_acct_vm *vm, struct exit_acct_regs *out)
{
	const struct exit_acct_vcpu *v;

	out->eax = EXIT_ACCT_ABI;
	out->ebx = vm->target;
	out->ecx = vm->map;
	for_each_vcpu(v, vm)
		out->edx++;
}

/* Smallest and largest handler time over the vCPUs; both 0 when there is none. */
static void range_leaf(const struct exit_acct_vm *vm, u32 i, struct exit_acct_regs *out)
{
	const struct exit_acct_vcpu *v;
	u64 min = ~0ull, max = 0;

	if (vm->retired) {
		min = vm->retired->slot[i].min;
		max = vm->retired->slot[i].max;
	}
	for_each_vcpu(v, vm) {
		const struct exit_acct_slot *s = &v->counters->slot[i];

		if (READ_ONCE(s->min) < min)
			min = READ_ONCE(s->min);
		if (READ_ONCE(s->max) > max)
			max = READ_ONCE(s->max);
	}
	put_pairs(out, min > max ? 0 : min, max);
}

static void extension_leaf(const struct exit_acct_vm *vm, u32 leaf, u32 subleaf,
			   struct exit_acct_regs *out)
{
	u32 i = subleaf & 0xffff;
	u32 bucket = subleaf >> 16;

	switch (leaf) {
	case EXIT_ACCT_LEAF_SIGNATURE:
		signature_leaf(vm, out);
		return;
	case EXIT_ACCT_LEAF_INFO:
		info_leaf(vm, out);
		return;
	case EXIT_ACCT_LEAF_TOTAL:
		put_pairs(out, sum_slots(vm, SLOT_OFFSET(0, count)),
			  sum_slots(vm, SLOT_OFFSET(0, handler)));
		return;
	case EXIT_ACCT_LEAF_TOTAL_MORE:
		put_pairs(out, sum_slots(vm, SLOT_OFFSET(0, round_trip)),
			  sum_field(vm, offsetof(struct exit_acct_counters, synthesised)));
		return;
	}

	if (i == EXIT_ACCT_LEAF_OTHER)
		i = EXIT_ACCT_OTHER;
	else if (!exit_acct_defined(i))
		return;
	if (bucket && (leaf != EXIT_ACCT_LEAF_HIST || bucket >= EXIT_ACCT_BUCKETS))
		return;
	i = array_index_nospec(i, EXIT_ACCT_SLOTS);
	bucket = array_index_nospec(bucket, EXIT_ACCT_BUCKETS);

	switch (leaf) {
	case EXIT_ACCT_LEAF_COUNT:
		put_pairs(out, sum_count(vm, i), sum_handler(vm, i));
		break;
	case EXIT_ACCT_LEAF_TIME:
		put_pairs(out, sum_field(vm, SLOT_OFFSET(i, round_trip)),
			  sum_field(vm, offsetof(struct exit_acct_counters, failed) +
				    i * sizeof(u64)));
		break;
	case EXIT_ACCT_LEAF_RANGE:
		range_leaf(vm, i, out);
		break;
	case EXIT_ACCT_LEAF_LOST:
		put_pairs(out, sum_field(vm, SLOT_OFFSET(i, handler_lost)),
			  sum_field(vm, SLOT_OFFSET(i, round_trip_lost)));
		break;
	case EXIT_ACCT_LEAF_HIST:
		put_pairs(out, sum_field(vm, SLOT_OFFSET(i, hist) + bucket * sizeof(u64)),
			  bucket + 1 < EXIT_ACCT_BUCKETS ?
			  sum_field(vm, SLOT_OFFSET(i, hist) + (bucket + 1) * sizeof(u64)) : 0);
		break;
	}
}

bool exit_acct_cpuid(const struct exit_acct_vm *vm, u32 leaf, u32 subleaf,
		     struct exit_acct_regs *out)
{
	const struct exit_acct_regs zero = { 0 };
	enum leaf_kind kind;
	u32 i;

	if (leaf >= EXIT_ACCT_LEAF_SIGNATURE && leaf <= EXIT_ACCT_LEAF_LAST) {
		*out = zero;
		extension_leaf(vm, leaf, subleaf, out);
		return true;
	}
	if (leaf < EXIT_ACCT_LEAF_COURSE || leaf > EXIT_ACCT_LEAF_COURSE_LAST)
		return false;
	i = array_index_nospec(leaf - EXIT_ACCT_LEAF_COURSE, ARRAY_LENGTH(course_leaves[0]));
	kind = course_leaves[vm->map][i];
	if (kind == LEAF_NONE)
		return false;
	*out = zero;
	course_leaf(vm, kind, subleaf, out);
	return true;
}
