// SPDX-License-Identifier: GPL-2.0-only
/* The CPUID leaves of the accounting. See exit_leaves.h. */
#include "exit_detail.h"
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

/* What a course leaf carries, and whether over all reasons or of that in ECX. 0: no leaf. */
enum {
	EXITS = 1,		/* in EAX */
	CYCLES = 2,		/* of handlers, in EBX:ECX */
	TOTAL = 4,
};

#define ARRAY_LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

/* Index: map, then leaf - EXIT_ACCT_LEAF_COURSE (0x4ffffffc first). */
static const u8 course_leaves[EXIT_ACCT_NR_MAPS][4] = {
	[EXIT_ACCT_MAP_DEFAULT] = { CYCLES, EXITS, TOTAL | CYCLES, TOTAL | EXITS | CYCLES },
	[EXIT_ACCT_MAP_S21] = { 0, 0, EXITS, TOTAL | EXITS | CYCLES },
	[EXIT_ACCT_MAP_F21] = { CYCLES, EXITS, TOTAL | CYCLES, TOTAL | EXITS },
	[EXIT_ACCT_MAP_F22] = { TOTAL | EXITS, TOTAL | CYCLES, EXITS, CYCLES },
};

static void course_leaf(const struct exit_acct_vm *vm, u8 what, u32 reason,
			struct exit_acct_regs *out)
{
	u64 cycles;

	if (!(what & TOTAL)) {
		if (!exit_acct_defined(reason)) {
			out->edx = ~0u;
			return;
		}
		if (!vm->handled(reason))
			return;
		reason = array_index_nospec(reason, VMX_EXIT_REASONS_NR);
	}
	if (what & EXITS)
		out->eax = (u32)(what & TOTAL ? EXIT_ACCT_SUM_SLOTS(vm, count) :
						EXIT_ACCT_SUM(vm, slot[reason].count));
	if (what & CYCLES) {
		cycles = what & TOTAL ? EXIT_ACCT_SUM_SLOTS(vm, handler) :
					EXIT_ACCT_SUM(vm, slot[reason].handler);
		out->ebx = cycles >> 32;
		out->ecx = (u32)cycles;
	}
}

static void put_pairs(struct exit_acct_regs *out, u64 first, u64 second)
{
	out->eax = (u32)first;
	out->ebx = first >> 32;
	out->ecx = (u32)second;
	out->edx = second >> 32;
}

#define AT(member) offsetof(struct exit_acct_counters, member)

/* Two of the counters, by where they are in the structure. */
static void put_sums(struct exit_acct_regs *out, const struct exit_acct_vm *vm, size_t first,
		     size_t second)
{
	put_pairs(out, exit_acct_sum_u64(vm, first), exit_acct_sum_u64(vm, second));
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

/* One vCPU, by its number; NULL if it is not there. The list begins with the one made last. */
static const struct exit_acct_vcpu *find_vcpu(const struct exit_acct_vm *vm, u32 nr)
{
	u32 left = READ_ONCE(vm->nr_vcpus);
	const struct exit_acct_vcpu *v;

	for_each_exit_acct_vcpu(v, vm)
		if (--left == nr)
			return v;
	return NULL;
}

static void detail_leaf(const struct exit_acct_vcpu *v, u32 leaf, u32 i, struct exit_acct_regs *out)
{
	const struct exit_detail *d = v ? smp_load_acquire(&v->detail) : NULL;

	if (!d || i >= EXIT_DETAIL_NR)
		return;
	i = array_index_nospec(i, EXIT_DETAIL_NR);
	if (leaf == EXIT_ACCT_LEAF_DETAIL_COUNT) {
		put_pairs(out, READ_ONCE(d->entry[i].count), READ_ONCE(d->entry[i].handler));
		return;
	}
	i = exit_detail_next(d, i);
	if (i < EXIT_DETAIL_NR) {
		put_pairs(out, d->entry[i].number, exit_detail_reason(d, &d->entry[i]));
		out->edx = i + 1;
	}
}

static void extension_leaf(const struct exit_acct_vm *vm, u32 leaf, u32 subleaf,
			   struct exit_acct_regs *out)
{
	const struct exit_acct_vcpu *v;
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
		put_pairs(out, EXIT_ACCT_SUM_SLOTS(vm, count), EXIT_ACCT_SUM_SLOTS(vm, handler));
		return;
	case EXIT_ACCT_LEAF_TOTAL_MORE:
		put_pairs(out, EXIT_ACCT_SUM_SLOTS(vm, round_trip), EXIT_ACCT_SUM(vm, synthesised));
		return;
	case EXIT_ACCT_LEAF_DETAIL:
	case EXIT_ACCT_LEAF_DETAIL_COUNT:
		detail_leaf(find_vcpu(vm, bucket), leaf, i, out);
		return;
	}

	if (i == EXIT_ACCT_LEAF_OTHER)
		i = EXIT_ACCT_OTHER;
	else if (!exit_acct_defined(i))
		return;
	if (leaf == EXIT_ACCT_LEAF_VCPU) {
		v = find_vcpu(vm, bucket);
		i = array_index_nospec(i, EXIT_ACCT_SLOTS);
		if (v)
			put_pairs(out, READ_ONCE(v->counters->slot[i].count),
				  READ_ONCE(v->counters->slot[i].handler));
		return;
	}
	if (bucket && (leaf != EXIT_ACCT_LEAF_HIST || bucket >= EXIT_ACCT_BUCKETS))
		return;
	i = array_index_nospec(i, EXIT_ACCT_SLOTS);
	bucket = array_index_nospec(bucket, EXIT_ACCT_BUCKETS);

	switch (leaf) {
	case EXIT_ACCT_LEAF_COUNT:
		put_sums(out, vm, AT(slot[i].count), AT(slot[i].handler));
		break;
	case EXIT_ACCT_LEAF_TIME:
		put_sums(out, vm, AT(slot[i].round_trip), AT(failed[i]));
		break;
	case EXIT_ACCT_LEAF_RANGE:
		range_leaf(vm, i, out);
		break;
	case EXIT_ACCT_LEAF_LOST:
		put_sums(out, vm, AT(slot[i].handler_lost), AT(slot[i].round_trip_lost));
		break;
	case EXIT_ACCT_LEAF_HIST:
		put_sums(out, vm, AT(slot[i].hist[bucket]), AT(slot[i].hist[bucket + 1]));
		if (bucket + 1 == EXIT_ACCT_BUCKETS)
			out->ecx = out->edx = 0;
		break;
	}
}

bool exit_acct_cpuid(const struct exit_acct_vm *vm, u32 leaf, u32 subleaf,
		     struct exit_acct_regs *out)
{
	const struct exit_acct_regs zero = { 0 };
	u32 i;
	u8 what;

	if (leaf >= EXIT_ACCT_LEAF_SIGNATURE && leaf <= EXIT_ACCT_LEAF_LAST) {
		*out = zero;
		extension_leaf(vm, leaf, subleaf, out);
		return true;
	}
	if (leaf < EXIT_ACCT_LEAF_COURSE || leaf > EXIT_ACCT_LEAF_COURSE_LAST)
		return false;
	i = array_index_nospec(leaf - EXIT_ACCT_LEAF_COURSE, ARRAY_LENGTH(course_leaves[0]));
	what = course_leaves[vm->map][i];
	if (!what)
		return false;
	*out = zero;
	course_leaf(vm, what, subleaf, out);
	return true;
}
