/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID in other modes of the processor than the one that the guest runs in. */
#pragma once

/* Offsets in a struct cpuid_request, for modes_entry.S. */
#define REQUEST_LEAF	0
#define REQUEST_SUBLEAF	4
#define REQUEST_RAX	8
#define REQUEST_RBX	16
#define REQUEST_RCX	24
#define REQUEST_RDX	32
#define REQUEST_SIZE	40

/* What is in a register before a CPUID that must not be there after it. */
#define POISON		0x5aa5c33c

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* One CPUID; the halves above 32 bits stay 0 outside 64-bit mode. */
struct cpuid_request {
	uint32_t leaf, subleaf;
	uint64_t rax, rbx, rcx, rdx;
};

_Static_assert(offsetof(struct cpuid_request, leaf) == REQUEST_LEAF &&
	       offsetof(struct cpuid_request, subleaf) == REQUEST_SUBLEAF &&
	       offsetof(struct cpuid_request, rax) == REQUEST_RAX &&
	       offsetof(struct cpuid_request, rbx) == REQUEST_RBX &&
	       offsetof(struct cpuid_request, rcx) == REQUEST_RCX &&
	       offsetof(struct cpuid_request, rdx) == REQUEST_RDX &&
	       sizeof(struct cpuid_request) == REQUEST_SIZE, "modes_entry.S knows the layout");

enum mode {
	MODE_64,	/* 64-bit mode, CPL 0: the guest's own */
	MODE_64_CPL3,
	MODE_32,	/* compatibility mode, 32-bit code, CPL 0 */
	MODE_32_CPL3,
	MODE_16,	/* compatibility mode, 16-bit code, CPL 0 */
	MODE_16_CPL3,
	MODE_PROTECTED,	/* protected mode, 32-bit code, paging off */
	MODE_REAL,	/* real-address mode */
	MODE_V86,	/* virtual-8086 mode */
	NR_MODES
};

#define REQUESTS_MAX	64	/* at a time: what fits where real mode reads */

/**
 * mode_enter - run code of another mode, which ends at mode_back
 * @requests, @n: in EDI and ESI there
 * @cs, @offset: where it is
 *
 * By IRET, with interrupts off and the stack that the caller has.
 */
void mode_enter(struct cpuid_request *requests, uint32_t n, uint64_t cs, uint64_t offset);

/** modes_init - descriptors and the TSS that the other modes need */
void modes_init(void);

/**
 * cpuid_in - execute CPUIDs in @mode, one right after the other
 * @requests: @n of them, at most REQUESTS_MAX; EAX and ECX on input, all four on output
 *
 * All registers of the CPUID are poisoned before it, their upper halves in
 * 64-bit mode as well. No VM exit of another kind lies between two of them.
 */
void cpuid_in(enum mode mode, struct cpuid_request *requests, uint32_t n);

#endif /* __ASSEMBLER__ */
