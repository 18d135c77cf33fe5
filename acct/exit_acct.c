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

/* Readers walk the list without a lock; pairs with exit_acct_vcpu_init(). */
#define for_each_vcpu(v, vm) \
	for ((v) = smp_load_acquire(&(vm)->vcpus); (v); (v) = (v)->next)

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
	atomic64_set(&vm->total, 0);
}

/*
 * Size the next batch so that it ends at the next multiple at the latest. Alone,
 * a vCPU then always meets the multiple exactly; beside others, one of them
 * crosses it within its batch.
 */
static void next_batch(struct exit_acct_vcpu *v, u64 total)
{
	u64 every = v->vm->report_every;
	u64 batch = ~0ull;

	if (every) {
		batch = every - total % every;
		if (batch > EXIT_ACCT_BATCH)
			batch = EXIT_ACCT_BATCH;
	}
	v->batch = batch;
	v->budget = batch;
}

void exit_acct_vcpu_init(struct exit_acct_vcpu *v, struct exit_acct_vm *vm,
			 struct exit_acct_counters *counters)
{
	u32 i;

	memset(v, 0, sizeof(*v));
	slot_clear(&v->scratch);
	exit_acct_clear(counters);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		v->slot[i] = &counters->slot[i];
	v->vm = vm;
	v->counters = counters;
	exit_acct_close(v);
	next_batch(v, 0);
	v->next = vm->vcpus;
	/* Publish the vCPU only when it is whole; pairs with for_each_vcpu(). */
	smp_store_release(&vm->vcpus, v);
}

void exit_acct_vcpu_remove(struct exit_acct_vcpu *v)
{
	struct exit_acct_vcpu **p;

	for (p = &v->vm->vcpus; *p; p = &(*p)->next) {
		if (*p == v) {
			*p = v->next;
			return;
		}
	}
}

/*
 * A batch is never longer than the interval, so it crosses one multiple at most,
 * and each multiple is crossed by exactly one addition: none missed, none twice.
 */
bool exit_acct_batch_done(struct exit_acct_vcpu *v)
{
	struct exit_acct_vm *vm = v->vm;
	u64 every = vm->report_every;
	u64 total = atomic64_add_return(v->batch, &vm->total);
	bool due = false;

	if (every && total / every != (total - v->batch) / every) {
		v->report_due = total - total % every;
		due = true;
	}
	next_batch(v, total);
	return due;
}

static void count_failed(struct exit_acct_vcpu *v, u16 reason)
{
	v->counters->failed[reason < EXIT_ACCT_OTHER ? reason : EXIT_ACCT_OTHER]++;
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
	v->counters->synthesised++;
	exit_acct_entry(v, tsc);
	exit_acct_close(v);
}

/* Text */

#define OUT(sink, ...) ((sink)->printf((sink)->ctx, __VA_ARGS__))

/* u64 is unsigned long on some of our builds: %llu wants the cast. */
#define LLU(v) ((unsigned long long)(v))

void exit_acct_report(struct exit_acct_vcpu *v, u64 (*now)(void),
		      const struct exit_acct_sink *sink)
{
	const struct exit_acct_vm *vm = v->vm;
	u64 begin = now();
	u32 i;

	OUT(sink, "=== VM exits: total=%llu tsc=%llu ===\n", LLU(v->report_due), LLU(begin));
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		u64 count = sum_count(vm, i);

		if (!count)
			continue;
		if (i == EXIT_ACCT_OTHER)
			OUT(sink, "VM exit other (%s): %llu\n", exit_acct_sdm_name(i), LLU(count));
		else
			OUT(sink, "VM exit %u (%s): %llu\n", i, exit_acct_sdm_name(i), LLU(count));
	}
	OUT(sink, "=== VM exits: end tsc=%llu ===\n", LLU(now()));
	v->report_due = 0;
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

	if (leaf >= EXIT_ACCT_LEAF_SIGNATURE && leaf <= EXIT_ACCT_LEAF_LAST) {
		*out = zero;
		extension_leaf(vm, leaf, subleaf, out);
		return true;
	}
	if (leaf < EXIT_ACCT_LEAF_COURSE || leaf > EXIT_ACCT_LEAF_COURSE_LAST)
		return false;
	kind = course_leaves[vm->map][leaf - EXIT_ACCT_LEAF_COURSE];
	if (kind == LEAF_NONE)
		return false;
	*out = zero;
	course_leaf(vm, kind, subleaf, out);
	return true;
}
