// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that run in the guest without an exit, as long as nobody asks for
 * one: intercept= of hv, or shadow paging of KVM.
 */
#include "guest/cpu.h"
#include "guest/rows.h"
#include "guest/selectors.h"

#define BUSY		(1ull << 41)	/* of a TSS descriptor */

extern uint64_t gdt[];

/* Something to point to: an XSAVE area is the largest. */
static uint8_t scratch[4096] __attribute__((aligned(64)));

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

enum result op_rdtsc(void)
{
	uint64_t first = rdtsc_fenced();

	return ok(rdtsc_fenced() > first);
}

enum result op_rdtscp(void)
{
	uint32_t low, high, aux;

	asm volatile(TRY("rdtscp") : "=a"(low), "=d"(high), "=c"(aux));
	if (trap_take() == VECTOR_UD)
		return skip("no RDTSCP");
	return ROW_OK;
}

enum result op_pause(void)
{
	asm volatile("pause");
	return ROW_OK;
}

enum result op_invlpg(void)
{
	asm volatile("invlpg (%0)" : : "r"(scratch) : "memory");
	return ROW_OK;
}

enum result op_invpcid(void)
{
	const uint64_t descriptor[2] = { 0 }, all_contexts = 2;

	asm volatile(TRY("invpcid %0, %1") : : "m"(descriptor), "r"(all_contexts) : "memory");
	if (trap_take() == VECTOR_UD)
		return skip("no INVPCID");
	return ROW_OK;
}

enum result op_sgdt(void)
{
	struct table gdtr = { 0 }, idtr = { 0 };

	asm volatile("sgdt %0; sidt %1" : "=m"(gdtr), "=m"(idtr));
	return ok(gdtr.base && idtr.base);
}

enum result op_sldt(void)
{
	uint16_t ldtr = 1, tr;

	asm volatile("sldt %0; str %1" : "=m"(ldtr), "=m"(tr));
	return ok(ldtr == 0 && tr == SEL_TSS64);
}

enum result op_lgdt(void)
{
	struct table t;

	asm volatile("sgdt %0; lgdt %0" : "=m"(t));
	return ok(t.base == (uint64_t)gdt);
}

enum result op_lidt(void)
{
	struct table t;

	asm volatile("sidt %0; lidt %0" : "=m"(t));
	return ROW_OK;
}

enum result op_lldt(void)
{
	asm volatile("lldt %w0" : : "r"(0));
	return ROW_OK;
}

enum result op_ltr(void)
{
	/* LTR takes only a TSS that is not busy, and makes it so. */
	gdt[SEL_TSS64 / 8] &= ~BUSY;
	asm volatile("ltr %w0" : : "r"(SEL_TSS64) : "memory");
	return ok(gdt[SEL_TSS64 / 8] & BUSY);
}

/* Long enough for PAUSE-loop exiting, where the CPU has it and it is on. */
enum result op_pause_loop(void)
{
	uint32_t i;

	for (i = 0; i < PAUSES; i++)
		asm volatile("pause");
	return ROW_OK;
}

/*
 * With intercept=mtf hv has each VMCALL followed by an exit for the monitor trap
 * flag. It injects a pending MTF VM exit, which comes before any instruction of
 * the guest; the flag itself would let one be done first. The reason, and what
 * is counted, are the same.
 */
enum result op_monitor_trap(void)
{
	return op_vmcall();
}

/* #UD where the CPU has no such instruction, or the host hides that it has. */
static enum result ok_or_none(void)
{
	int vector = trap_take();

	return ok(vector == VECTOR_NONE || vector == VECTOR_UD);
}

/* What comes out is never looked at: two runs would differ. */
#define RANDOM_OP(name, insn)							\
enum result name(void)								\
{										\
	uint64_t value;								\
										\
	asm volatile(TRY(insn " %0") : "=r"(value) : : "cc");			\
	return ok_or_none();							\
}

RANDOM_OP(op_rdrand, "rdrand")
RANDOM_OP(op_rdseed, "rdseed")

/*
 * Of all state components. They exit only for those that the host has put into
 * IA32_XSS and the XSS-exiting bitmap, which KVM never does.
 */
enum result op_xsaves(void)
{
	asm volatile(TRY("xsaves64 (%0)") : : "r"(scratch), "a"(~0), "d"(~0) : "memory");
	return ok_or_none();
}

enum result op_xrstors(void)
{
	const uint32_t xcomp_bv = 512 + 8;

	memset(scratch, 0, sizeof(scratch));
	scratch[xcomp_bv + 7] = 0x80;	/* the compacted format, the only one it takes */
	asm volatile(TRY("xrstors64 (%0)") : : "r"(scratch), "a"(~0), "d"(~0) : "memory");
	return ok_or_none();
}
