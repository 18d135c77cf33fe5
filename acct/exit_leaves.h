/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest reads of the accounting: the CPUID leaves, and their maps. */
#ifndef EXIT_LEAVES_H
#define EXIT_LEAVES_H

#include "exit_acct.h"

/*
 * The extension leaves. Beside the course's four leaves, which carry 32 bits of
 * a count, these carry everything, under every map. Pairs are low:high.
 *
 * SIGNATURE	EAX = highest leaf of this range, EBX ECX EDX = "VMExitAcct" and
 *		"HV" or "KV", 12 characters
 * INFO		EAX = EXIT_ACCT_ABI, EBX = target, ECX = map, EDX = vCPUs
 * TOTAL	EAX:EBX = exits, ECX:EDX = handler cycles
 * TOTAL_MORE	EAX:EBX = round-trip cycles, ECX:EDX = synthesised exits
 * COUNT[r]	EAX:EBX = exits, ECX:EDX = handler cycles
 * TIME[r]	EAX:EBX = round-trip cycles, ECX:EDX = failed entries
 * RANGE[r]	EAX:EBX = min, ECX:EDX = max handler cycles (0 and 0 when none)
 * HIST[r|b<<16] EAX:EBX = bucket b, ECX:EDX = bucket b + 1, of EXIT_ACCT_BUCKETS; the last
 *		has all longer times too
 * LOST[r]	EAX:EBX = lost handler times, ECX:EDX = lost round trips
 * VCPU[r|v<<16] EAX:EBX = exits, ECX:EDX = handler cycles, of the v-th vCPU alone, in the order
 *		in which they were made
 *
 * DETAIL[i|v<<16] of that vCPU the first number (exit_detail.h) whose place is i or behind: EAX:EBX
 *		= number, ECX = reason, EDX = its place + 1; EDX = 0: there is none. From place
 *		EXIT_DETAIL_REST on the rest of a reason. Of the vCPU that asks there
 *		is none at i = 0 only where exits are not told apart: this CPUID is one of them
 * DETAIL_COUNT[i|v<<16] EAX:EBX = exits, ECX:EDX = handler cycles, of the number in place i
 *
 * [r] is ECX on input: a reason, or EXIT_ACCT_LEAF_OTHER for the slot of
 * reasons out of the table. A reason without a slot, or a bucket out of range,
 * answers all zero. New leaves come at the end: where the highest is lower than
 * LOST, VCPU or DETAIL, there is none.
 */
#define EXIT_ACCT_ABI		1
#define EXIT_ACCT_LEAF_OTHER	0xffffu
enum exit_acct_leaf {
	EXIT_ACCT_LEAF_SIGNATURE = 0x4fffff00,
	EXIT_ACCT_LEAF_INFO,
	EXIT_ACCT_LEAF_TOTAL,
	EXIT_ACCT_LEAF_TOTAL_MORE,
	EXIT_ACCT_LEAF_COUNT,
	EXIT_ACCT_LEAF_TIME,
	EXIT_ACCT_LEAF_RANGE,
	EXIT_ACCT_LEAF_HIST,
	EXIT_ACCT_LEAF_LOST,
	EXIT_ACCT_LEAF_VCPU,
	EXIT_ACCT_LEAF_DETAIL,
	EXIT_ACCT_LEAF_DETAIL_COUNT,
	EXIT_ACCT_LEAF_LAST = EXIT_ACCT_LEAF_DETAIL_COUNT,
	/* the course's leaves, 0x4ffffffc .. 0x4fffffff */
	EXIT_ACCT_LEAF_COURSE = 0x4ffffffc,
	EXIT_ACCT_LEAF_COURSE_LAST = 0x4fffffff,
};

/*
 * KVM answers the leaves unless its userspace says no: KVM_ENABLE_CAP of the VM,
 * before its first vCPU, with this capability ("ACCT"), and args[0] 0 or LEAVES.
 * KVM_CHECK_EXTENSION says which bits there are; 0: there is no accounting.
 */
#define EXIT_ACCT_KVM_CAP		0x41434354
#define EXIT_ACCT_KVM_CAP_LEAVES	1

/**
 * exit_acct_cpuid - answer an accounting leaf
 * @vm: the VM whose guest asks
 * @leaf: EAX on input
 * @subleaf: ECX on input
 * @out: filled in, all four registers, when it is a leaf of ours
 *
 * Returns false if the leaf is not one of ours under the VM's map.
 */
bool exit_acct_cpuid(const struct exit_acct_vm *vm, u32 leaf, u32 subleaf,
		     struct exit_acct_regs *out);

/**
 * exit_acct_is_leaf - cheap test for "may exit_acct_cpuid() know this leaf?"
 * @leaf: EAX on input
 */
static inline bool exit_acct_is_leaf(u32 leaf)
{
	return leaf >= EXIT_ACCT_LEAF_SIGNATURE && leaf <= EXIT_ACCT_LEAF_COURSE_LAST;
}

/** exit_acct_map_name - "default", "s21", "f21" or "f22" */
const char *exit_acct_map_name(enum exit_acct_map map);

/** exit_acct_map_parse - the map of that name, or EXIT_ACCT_NR_MAPS */
enum exit_acct_map exit_acct_map_parse(const char *name);

#endif /* EXIT_LEAVES_H */
