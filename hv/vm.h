/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual machine: what its vCPUs have in common. On the path of an exit that needs
 * no device they only read it.
 */
#pragma once

#include "acct/exit_acct.h"
#include "hv/boot/bootinfo.h"
#include "hv/cpu/gmem.h"
#include "hv/cpu/lapic.h"
#include "machine/io.h"
#include "machine/load.h"

#define NO_LIMIT	(~0ull)

struct vcpu;

#define UNKNOWN_KHZ	1000000ul	/* taken for the TSC's where nobody could measure it */

/* Memory for an EPT, the root in front. */
struct ept_tables {
	u8 *start, *next, *end;
};

struct vm {
	struct bootinfo boot;
	struct vcpu *vcpu[MACHINE_CPUS_MAX];	/* [0] gets the PICs' interrupts */
	u32 nr_vcpus;
	struct lapic_bus apics;
	struct machine_start start;		/* of vCPU 0 */
	struct gmem ram;			/* outside of it there is nothing */
	struct ept_tables tables;		/* where all vCPUs find the same */
	u64 *ram_entries;			/* in these, one for each page of RAM */
	u32 measured_khz;			/* of the TSC, 0: unknown */
	u64 tsc_khz;				/* as CPUID tells it, 0: unknown */
	u64 console_cycles;	/* TSC cycles that output and input may wait for an exit */
	u64 limit;		/* TSC at which its time is over, or NO_LIMIT */
	u64 began;		/* TSC at the first VM entry */
	struct exit_acct_vm acct;

	/* Devices, and what else is written while the VM runs, mostly under the lock. */
	struct machine_io io __aligned(64);
	struct vcpu *writer;	/* who wrote last to the console: nobody else knows if it goes on */
	struct vcpu *user;	/* the lock: who uses them now. What they ask for is its work */
	struct vcpu *ended_by;	/* the first to end the VM, if it has others */
	atomic64_t posts;	/* events that vCPUs had for each other */
	u32 refused[32], nr_refused;	/* MSRs that hv has said it does not know */
};

/**
 * guest_load - give a VM its memory, in it the guest, and a limit in cycles (guest.c)
 * @start: receives how it is entered
 *
 * Ends the machine if there is none that can be loaded.
 */
void guest_load(struct vm *vm, struct machine_start *start);

/** vm_start - make a VM what it is at its start, whatever it was before, and enter it (main.c) */
void vm_start(struct vm *vm) __attribute__((noreturn));
