/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that C has no words for. Those that a host may refuse are
 * wrapped in TRY(): what they raise is caught, and trap_take() tells.
 *
 * Source: Intel SDM volume 2, one section for each instruction.
 */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "acct/exit_types.h"
#include "machine/port.h"

/* Exception vectors: SDM volume 3, table "Protected-Mode Exceptions and Interrupts". */
enum {
	VECTOR_DB = 1, VECTOR_NMI = 2, VECTOR_BP = 3, VECTOR_UD = 6, VECTOR_GP = 13,
	VECTOR_PF = 14,
	VECTOR_NONE = -1
};

#define CR0_MP	(1ull << 1)
#define CR0_TS	(1ull << 3)
#define CR0_WP	(1ull << 16)
#define CR0_AM	(1ull << 18)
#define CR4_DE	(1ull << 3)
#define CR4_MCE	(1ull << 6)
#define CR4_PGE	(1ull << 7)
#define CR4_OSXSAVE (1ull << 18)

#define RFLAGS_TF	(1 << 8)

#define MSR_IA32_APIC_BASE	0x1b
#define MSR_IA32_BIOS_SIGN_ID	0x8b
#define MSR_IA32_TSC_DEADLINE	0x6e0
#define MSR_X2APIC_ID		0x802
#define MSR_X2APIC_EOI		0x80b
#define MSR_X2APIC_SVR		0x80f
#define MSR_X2APIC_ICR		0x830
#define MSR_X2APIC_LVT_TIMER	0x832
#define MSR_X2APIC_SELF_IPI	0x83f

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

static inline struct exit_acct_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct exit_acct_regs r = { .eax = leaf, .ecx = subleaf };

	asm volatile("cpuid" : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
	return r;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	/* Fences keep the loop that is timed between its two reads. */
	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low = 0, high = 0;

	asm volatile(TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
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

#endif /* GUEST_CPU_H */
