/* SPDX-License-Identifier: GPL-2.0-only */
/* A processor, and how the others are started. */
#pragma once

#define CPU_STACK_BYTES	16384		/* for start.S too */

#ifndef __ASSEMBLER__
#include "hv/boot/trap.h"
#include "hv/vcpu.h"

/* hv runs on the stack that ends where the vCPU begins, see vmexit.S. */
struct cpu {
	u8 stack[CPU_STACK_BYTES];
	struct vcpu vcpu;
	struct trap_cpu trap;
} __attribute__((aligned(4096)));

_Static_assert(offsetof(struct cpu, vcpu) == CPU_STACK_BYTES, "start.S knows it");
_Static_assert(offsetof(struct cpu, vcpu) % 16 == 0, "calls need an aligned stack");

/**
 * processors_start - start a processor for each vCPU of @vm but the first
 * @first: the processor that this runs on
 *
 * When they are in VMX operation they wait for processors_run(). Ends the machine if there
 * are too few, or one does not answer.
 */
void processors_start(struct vm *vm, struct cpu *first);

/** processors_run - let each in turn call @run, until it has called processor_ready(); likewise */
void processors_run(struct vm *vm, void (*run)(struct vcpu *v));

/** processor_ready - @v is whole: the next one can be made */
void processor_ready(struct vcpu *v);

#endif /* __ASSEMBLER__ */
