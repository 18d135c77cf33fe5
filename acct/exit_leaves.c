// SPDX-License-Identifier: GPL-2.0-only
/* The CPUID leaves of the accounting. See exit_leaves.h. */
#include "exit_leaves.h"

static const char * const map_names[EXIT_ACCT_NR_MAPS] = {
#define X(id, name) [EXIT_ACCT_MAP_##id] = name,
	EXIT_ACCT_MAPS(X)
#undef X
};

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

/* The sum of a field of every slot: a total over all reasons. */
static u64 sum_slots(const struct exit_acct_vm *vm, size_t offset)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		sum += exit_acct_sum_u64(vm, offset + i * sizeof(struct exit_acct_slot));
	return sum;
}

static u64 sum_count(const struct exit_acct_vm *vm, u32 i)
{
	return exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, count));
}

static u64 sum_handler(const struct exit_acct_vm *vm, u32 i)
{
	return exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, handler));
}

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
		put_cycles(out, sum_slots(vm, EXIT_ACCT_OFFSET(0, handler)));
		out->eax = low(sum_slots(vm, EXIT_ACCT_OFFSET(0, count)));
		break;
	case LEAF_TOTAL:
		out->eax = low(sum_slots(vm, EXIT_ACCT_OFFSET(0, count)));
		break;
	case LEAF_TOTAL_CYCLES:
		put_cycles(out, sum_slots(vm, EXIT_ACCT_OFFSET(0, handler)));
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
	for_each_exit_acct_vcpu(v, vm)
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
	for_each_exit_acct_vcpu(v, vm) {
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
		put_pairs(out, sum_slots(vm, EXIT_ACCT_OFFSET(0, count)),
			  sum_slots(vm, EXIT_ACCT_OFFSET(0, handler)));
		return;
	case EXIT_ACCT_LEAF_TOTAL_MORE:
		put_pairs(out, sum_slots(vm, EXIT_ACCT_OFFSET(0, round_trip)),
			  exit_acct_sum_u64(vm, offsetof(struct exit_acct_counters, synthesised)));
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
		put_pairs(out, exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, round_trip)),
			  exit_acct_sum_u64(vm, offsetof(struct exit_acct_counters, failed) +
				    i * sizeof(u64)));
		break;
	case EXIT_ACCT_LEAF_RANGE:
		range_leaf(vm, i, out);
		break;
	case EXIT_ACCT_LEAF_LOST:
		put_pairs(out, exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, handler_lost)),
			  exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, round_trip_lost)));
		break;
	case EXIT_ACCT_LEAF_HIST:
		put_pairs(out, exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, hist) + bucket * sizeof(u64)),
			  bucket + 1 < EXIT_ACCT_BUCKETS ?
			  exit_acct_sum_u64(vm, EXIT_ACCT_OFFSET(i, hist) + (bucket + 1) * sizeof(u64)) : 0);
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
