/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A processor for the tests of exitstat: the accounting itself, which gets an exit
 * for every CPUID, of a time that never changes.
 */
#pragma once

#include <string.h>

#include "acct/exit_detail.h"
#include "guest/linux/exitstat.h"

#define HANDLER_CYCLES		50
#define ROUND_TRIP_CYCLES	60

static struct exit_acct_vm vm;
static struct exit_acct_vcpu vcpu, *running = &vcpu;
static struct exit_acct_counters counters;
static u64 tsc, calls;

/* How the processor behaves. */
static struct {
	bool absent;		/* no leaf of ours at all */
	bool bare;		/* no hypervisor either */
	bool no_extension;
	u32 abi;		/* another version, 0: as it is */
	u32 noise;		/* one more exit in so many CPUIDs, 0: never */
	u32 lie;		/* this leaf's EAX is one too low, 0: none */
} fake;

static void vm_exit(u16 reason, u64 number)
{
	tsc += 100;
	exit_acct_exit(running, reason, tsc);
	if (running->detail && exit_detail_kind(reason))
		exit_detail_count_other(running, reason, number);
}

static void vm_entry(void)
{
	exit_acct_handled(running, tsc + HANDLER_CYCLES);
	exit_acct_entry(running, tsc + ROUND_TRIP_CYCLES);
}

static void exits_of(u16 reason, u64 number, unsigned int n)
{
	while (n--) {
		vm_exit(reason, number);
		vm_entry();
	}
}

static void exits(u16 reason, unsigned int n)
{
	exits_of(reason, 0, n);
}

static bool hidden(u32 leaf)
{
	return fake.absent || (fake.no_extension && leaf <= EXIT_ACCT_LEAF_LAST);
}

static void fake_cpuid(u32 leaf, u32 subleaf, struct exit_acct_regs *out)
{
	calls++;
	if (fake.noise && !(calls % fake.noise))
		exits(32, 1);
	vm_exit(EXIT_REASON_CPUID, exit_detail_cpuid(leaf, subleaf));
	if (leaf == 1) {
		*out = (struct exit_acct_regs) { .ecx = fake.bare ? 0 : 1u << 31 };
	} else if (leaf == 0x40000000) {
		memcpy(out, "\1\0\0\100Fake\1ypevisor", sizeof(*out));
	} else if (hidden(leaf) || !exit_acct_cpuid(&vm, leaf, subleaf, out)) {
		/* As Intel's: the highest basic leaf, whatever that says. */
		*out = (struct exit_acct_regs) { 0x76036301, 0x00f0b2ff, 0, 0x00ca0000 };
	} else if (leaf == EXIT_ACCT_LEAF_INFO && fake.abi) {
		out->eax = fake.abi;
	} else if (leaf == fake.lie) {
		out->eax--;
	}
	vm_entry();
}

static inline bool handled(u16 reason)
{
	return reason < 60;
}

static inline void power_on(enum exit_acct_map map)
{
	memset(&fake, 0, sizeof(fake));
	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_KVM, map, 0, handled);
	exit_acct_vcpu_init(&vcpu, &vm, &counters);
	exits(30, 20);
	exits(48, 3);
}
