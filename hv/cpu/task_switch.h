/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A task switch, which VMX leaves to the hypervisor: what CALL, JMP, IRET or an
 * event through a task gate do with the state of two tasks, in memory and in
 * the registers.
 *
 * Source: Intel SDM volume 3, chapter "Task Management", sections "Task
 * Switching", "Task-State Segment (TSS)", "16-Bit Task-State Segment (TSS)"; for
 * what is left to do after the exit, chapter "VMX Non-Root Operation", section
 * "Treatment of Task Switches".
 */
#pragma once

#include "hv/cpu/gmem.h"
#include "hv/cpu/segment.h"

/* The registers that a task switch reads and writes. */
struct task_cpu {
	u64 *regs;			/* the general ones in the order of the SDM; 8 are used */
	struct gmem_cpu paging;		/* CR0, CR3, RFLAGS, PDPTEs; all but the last are written */
	u64 rip, dr7, dr[4];
	u64 traps;			/* bits of DR6: the #DB that follows; 0 at first */
	bool switched;			/* it is the new task that runs; false at first */
	struct segment segment[TR + 1];	/* ES … TR; before, all of TR, and selectors up to GS */
	u64 gdt_base;
	u32 gdt_limit;
};

/* What wants to switch; the numbers of the exit qualification. */
enum task_source { TASK_CALL, TASK_IRET, TASK_JMP, TASK_GATE };

struct task_request {
	enum task_source source;
	u16 selector;			/* of the new task's TSS */
	u64 next_rip;			/* where the old task goes on */
	bool external;			/* an event that no instruction asked for */
	bool has_error;			/* it has an error code to be pushed */
	u32 error;
};

/**
 * task_switch - carry out a task switch in protected mode
 * @m: guest memory
 * @cpu: registers; if the result is false they are those of the task in whose context
 *	 @fault is raised: the old one, with RIP unmoved, or the new one
 *
 * Descriptors and privileges that the CPU checks before it exits are not checked
 * again, but for the type of the TSS.
 */
bool task_switch(const struct gmem *m, struct task_cpu *cpu, const struct task_request *request,
		 struct gmem_fault *fault);
