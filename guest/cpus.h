/* SPDX-License-Identifier: GPL-2.0-only */
/* The other processors of the machine, where there are some. They are numbered from 1 on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/machine.h"

#define CPUS_MAX		MACHINE_CPUS_MAX
#define CPU_STACK_BYTES		4096
#define CPU_HALTS_CYCLES	20000	/* so long after it says so it does halt */

/* How cpus_send() sends: "Interrupt Command Register (ICR) in x2APIC Mode". */
#define ICR_FIXED		0x00000
#define ICR_LOWEST		0x00100	/* to one of those that are named */
#define ICR_NMI			0x00400
#define ICR_INIT		0x00500
#define ICR_SIPI		0x00600
#define ICR_LOGICAL		0x00800	/* they are named by a cluster, and a bit each in it */
#define ICR_ALL			0x80000	/* whoever is named */
#define ICR_ALL_OTHERS		0xc0000

/* Of all but the boot processor, the first of them first. */
extern uint8_t cpu_stacks[CPUS_MAX - 1][CPU_STACK_BYTES];

/** cpu_this - on which processor are we? No exit tells: the stack does. */
static inline uint32_t cpu_this(void)
{
	uint64_t offset = (uint64_t)__builtin_frame_address(0) - (uint64_t)cpu_stacks;

	return offset < sizeof(cpu_stacks) ? offset / CPU_STACK_BYTES + 1 : 0;
}

/**
 * cpu_pass_time - a step of a loop that waits for another processor, without an exit of its own
 *
 * Interrupts are on for it: Bochs keeps the host's waiting while the guest's are off, and the
 * host of the other one may have to wait for ours.
 */
static inline void cpu_pass_time(void)
{
	asm volatile("sti; nop; nop; cli" : : : "memory");
}

/** cpus_find - look for other processors in the MADT, to which the RSDP leads */
void cpus_find(uint64_t rsdp);

/** cpus_nr - how many there are, the boot processor with them */
uint32_t cpus_nr(void);

/** cpus_ready - all that have not been started are; false with a note */
bool cpus_ready(void);

/** cpus_start - by INIT and SIPI, in whatever state it is; false with a note */
bool cpus_start(uint32_t i);

/** cpus_send - an IPI with the lower half @how of the ICR */
void cpus_send(uint32_t i, uint32_t how);

/** cpus_send_logical - the same to all from @first to @last that are in @first's cluster */
void cpus_send_logical(uint32_t first, uint32_t last, uint32_t how);

/** cpus_work - wake one that halts, by an IPI, to do @work, or to halt again if NULL */
void cpus_work(uint32_t i, void (*work)(void));

/** cpus_wait - until it has done its work and halts; false with a note */
bool cpus_wait(uint32_t i);

/** cpus_all_work - all do @work, this one too; false with a note if one does not end */
bool cpus_all_work(void (*work)(void));
