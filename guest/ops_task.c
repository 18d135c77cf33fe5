// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task switches by hardware. 64-bit mode has none: modes_entry.S goes to 32-bit
 * protected mode, to the other task and back, and back to 64-bit mode.
 *
 * Source: Intel SDM volume 3, sections "Task-State Segment (TSS)", "Task
 * Switching", "Task Linking", "Task-Gate Descriptor".
 */
#include "guest/cpu.h"
#include "guest/modes.h"
#include "guest/rows.h"
#include "guest/selectors.h"

#define TSS_AVAILABLE	(0x89ull << 40)
#define TSS_BUSY	(1ull << 41)
#define TASK_GATE	(0x85ull << 40)

extern uint64_t gdt[];
extern char mode_task[], task_by_jmp[], task_by_call[], task_by_gate[];
extern char task_jumps_back[], task_returns[];
/* What EBX was in the new task and in the old one behind it, and EFLAGS in the new one. */
extern uint32_t task_loaded, task_kept, task_eflags;

/* A 32-bit TSS. */
struct tss {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldt, trap_iomap;
};

static struct tss tss_old, tss_new;
static uint8_t stack[64] __attribute__((aligned(16)));

static uint64_t tss_descriptor(const struct tss *t)
{
	uint64_t base = (uint64_t)t;

	return TSS_AVAILABLE | (sizeof(*t) - 1) | (base & 0xffffff) << 16 |
	       (base & 0xff000000) << 32;
}

/* There by @way, to a task that begins at @entry and leaves again. */
static enum result there_and_back(const char *way, const char *entry, bool nested)
{
	/* Paging is off then, and still KVM loads CR3 from the TSS. */
	tss_old.cr3 = read_cr(3);
	tss_new = (struct tss){
		.cr3 = tss_old.cr3, .eip = (uint64_t)entry, .eflags = 2, .ebx = TASK_NEW_EBX,
		.esp = (uint64_t)(stack + sizeof(stack)),
		.cs = SEL_CODE32, .ss = SEL_DATA, .ds = SEL_DATA, .es = SEL_DATA,
	};
	gdt[SEL_TSS_OLD / 8] = tss_descriptor(&tss_old);
	gdt[SEL_TSS_NEW / 8] = tss_descriptor(&tss_new);
	task_loaded = task_kept = task_eflags = 0;
	mode_enter(NULL, (uint64_t)way, SEL_CODE32, (uint64_t)mode_task);
	gdt[SEL_TSS64 / 8] &= ~TSS_BUSY;
	asm volatile("ltr %w0" : : "r"(SEL_TSS64) : "memory");

	if (task_loaded != TASK_NEW_EBX || task_kept != TASK_OLD_EBX)
		note("EBX of the new task 0x%lx, of the old one 0x%lx", task_loaded, task_kept,
		     0, 0);
	if (tss_new.link != (nested ? SEL_TSS_OLD : 0) || !(task_eflags & RFLAGS_NT) == nested)
		note("link 0x%lx, EFLAGS 0x%lx", tss_new.link, task_eflags, 0, 0);
	/* The new task stopped, with NT clear; its registers and its place are in its TSS. */
	if (tss_new.eflags & RFLAGS_NT || tss_new.ebx || tss_new.eip <= (uint64_t)entry)
		note("TSS: EFLAGS 0x%lx EBX 0x%lx EIP 0x%lx", tss_new.eflags, tss_new.ebx,
		     tss_new.eip, 0);
	if (!(gdt[SEL_TSS_OLD / 8] & TSS_BUSY) || gdt[SEL_TSS_NEW / 8] & TSS_BUSY)
		note("descriptors 0x%lx 0x%lx", gdt[SEL_TSS_OLD / 8], gdt[SEL_TSS_NEW / 8], 0, 0);
	return ok(!note_pending());
}

enum result op_task_jmp(void)
{
	return there_and_back(task_by_jmp, task_jumps_back, false);
}

enum result op_task_call(void)
{
	return there_and_back(task_by_call, task_returns, true);
}

/* An IDT of 32-bit mode, with nothing in it but the one gate. */
enum result op_task_gate(void)
{
	static uint64_t idt32[VECTOR_TASK + 1] = {
		[VECTOR_TASK] = TASK_GATE | SEL_TSS_NEW << 16,
	};
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idtr, idtr32 = { sizeof(idt32) - 1, (uint64_t)idt32 };
	enum result result;

	asm volatile("sidt %0; lidt %1" : "=m"(idtr) : "m"(idtr32));
	result = there_and_back(task_by_gate, task_returns, true);
	asm volatile("lidt %0" : : "m"(idtr));
	return result;
}
