// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID in other modes: descriptors, and which way leads where. See modes_entry.S.
 *
 * Source: Intel SDM volume 3, sections "Segment Descriptors", "TSS Descriptor in
 * 64-bit mode", "Task Management in 64-bit Mode", "Task-State Segment (TSS)", "IDT
 * Descriptors".
 */
#include "guest/guest.h"
#include "guest/modes.h"
#include "guest/selectors.h"

#define CODE16		0x00009b000000ffffull
#define CODE16_CPL3	0x0000fb000000ffffull
#define TSS_AVAILABLE	0x0000890000000000ull
#define INTERRUPT_GATE_CPL3 0x0000ee0000000000ull

extern uint64_t gdt[];
extern char mode_64[], mode_64_cpl3[], mode_32[], mode_32_cpl3[], mode_16[], mode_16_cpl3[];
extern char mode_protected[], mode_real[], mode_v86[], v86_back[];
extern char code16_start[], real_start[], real_end[];

/* Only the stack for what comes from CPL 3 is used. */
static struct __attribute__((packed)) {
	uint32_t reserved;
	uint64_t rsp0, other[11];
	uint32_t iomap;
} tss;

static uint8_t stack[4096] __attribute__((aligned(16)));

/* A descriptor's base is in two pieces: bits 23:0 and 31:24. */
static uint64_t with_base(uint64_t descriptor, const void *address)
{
	uint64_t base = (uint64_t)address;

	return descriptor | (base & 0xffffff) << 16 | (base & 0xff000000) << 32;
}

void modes_init(void)
{
	gdt[SEL_CODE16 / 8] = with_base(CODE16, code16_start);
	gdt[SEL_USER16 / 8] = with_base(CODE16_CPL3, code16_start);
	gdt[SEL_TSS64 / 8] = with_base(TSS_AVAILABLE | (sizeof(tss) - 1), &tss);
	tss.rsp0 = (uint64_t)(stack + sizeof(stack));
	tss.iomap = sizeof(tss) << 16;
	asm volatile("ltr %w0" : : "r"(SEL_TSS64));
}

/* Real and virtual-8086 mode reach neither the code nor the requests where they are. */
static void in_low_memory(const char *way, struct cpuid_request *requests, uint32_t n)
{
	struct cpuid_request *low = (struct cpuid_request *)LOW_DATA;
	size_t size = n * sizeof(*low);

	memcpy((void *)LOW_CODE, real_start, real_end - real_start);
	memcpy(low, requests, size);
	mode_enter(low, n, SEL_CODE32, (uint64_t)way);
	memcpy(requests, low, size);
}

/*
 * The way out is an interrupt through an IDT of 32-bit mode, and takes its stack from
 * a TSS of 32-bit mode: there SS0 is what is the upper half of RSP0 in 64-bit mode.
 */
static void in_v86_mode(struct cpuid_request *requests, uint32_t n)
{
	static uint64_t idt32[VECTOR_BACK + 1];
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idtr, idtr32 = { sizeof(idt32) - 1, (uint64_t)idt32 };
	uint64_t rsp0 = tss.rsp0, back = (uint64_t)v86_back;

	idt32[VECTOR_BACK] = INTERRUPT_GATE_CPL3 | (back & 0xffff) | SEL_CODE32 << 16 |
			     (back & 0xffff0000) << 32;
	tss.rsp0 = rsp0 | (uint64_t)SEL_DATA << 32;
	asm volatile("sidt %0; lidt %1" : "=m"(idtr) : "m"(idtr32), "m"(idt32) : "memory");
	in_low_memory(mode_v86, requests, n);
	asm volatile("lidt %0" : : "m"(idtr) : "memory");
	tss.rsp0 = rsp0;
}

void cpuid_in(enum mode mode, struct cpuid_request *requests, uint32_t n)
{
	static const struct {
		uint16_t cs;
		const char *entry, *base;
	} ways[NR_MODES] = {
		[MODE_64]	= { SEL_CODE64, mode_64, NULL },
		[MODE_64_CPL3]	= { SEL_USER64, mode_64_cpl3, NULL },
		[MODE_32]	= { SEL_CODE32, mode_32, NULL },
		[MODE_32_CPL3]	= { SEL_USER32, mode_32_cpl3, NULL },
		[MODE_16]	= { SEL_CODE16, mode_16, code16_start },
		[MODE_16_CPL3]	= { SEL_USER16, mode_16_cpl3, code16_start },
		[MODE_PROTECTED] = { SEL_CODE32, mode_protected, NULL },
	};

	if (mode == MODE_REAL)
		in_low_memory(mode_real, requests, n);
	else if (mode == MODE_V86)
		in_v86_mode(requests, n);
	else
		mode_enter(requests, n, ways[mode].cs,
			   (uint64_t)ways[mode].entry - (uint64_t)ways[mode].base);
}
