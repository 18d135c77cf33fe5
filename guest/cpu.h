/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions as the rows want them, beside those of machine/x86.h. Those that a
 * host may refuse are wrapped in TRY(): what they raise is caught, and trap_take()
 * tells.
 *
 * Source: Intel SDM volume 2, one section for each instruction.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/x86.h"

#define VECTOR_NONE	(-1)

/*
 * One instruction that may fault: the trap handler finds its address in the
 * table and goes on behind it. Costs nothing if there is no fault, so that it
 * may be used inside what is measured.
 */
#define TRY(insn)					\
	"1: " insn "\n"					\
	"2:\n"						\
	".pushsection .extable, \"a\"\n"		\
	".quad 1b, 2b\n"				\
	".popsection\n"

/**
 * trap_take - the exception raised since the last call
 *
 * Returns its vector, or VECTOR_NONE.
 */
int trap_take(void);

/** trap_error - error code of the last exception */
uint64_t trap_error(void);

static inline struct exit_acct_regs cpuid_get(uint32_t leaf, uint32_t subleaf)
{
	struct exit_acct_regs r = { .eax = leaf, .ecx = subleaf };

	asm volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static inline uint64_t rdtsc_fenced(void)
{
	uint32_t low, high;

	/* Fences keep the loop that is timed between its two reads. */
	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t try_rdmsr(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	asm volatile(TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void try_wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile(TRY("wrmsr") : : "c"(msr), "a"((uint32_t)value),
		     "d"((uint32_t)(value >> 32)) : "memory");
}

#define read_cr(n)						\
({								\
	uint64_t _value;					\
	asm volatile("mov %%cr" #n ", %0" : "=r"(_value));	\
	_value;							\
})

#define write_cr(n, value) \
	asm volatile("mov %0, %%cr" #n : : "r"((uint64_t)(value)) : "memory")

/* Memory that is no memory: exactly one access of 32 bits, by a plain MOV. */
static inline uint32_t mmio_read32(uint64_t address)
{
	uint32_t value;

	asm volatile("movl (%1), %0" : "=r"(value) : "r"(address) : "memory");
	return value;
}

static inline void mmio_write32(uint64_t address, uint32_t value)
{
	asm volatile("movl %0, (%1)" : : "r"(value), "r"(address) : "memory");
}
