/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the words of instr.c's guest share that print what a guest finds: one line
 * for each fact, which is the same on every run of the same target.
 */
#pragma once

#include <stdbool.h>
#include "machine/x86.h"
#include "tests/hv/instr.h"

/** say - print, a whole line at once: hv may have something to say between two characters */
void say(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/** try_rdmsr - RDMSR; false if it faults, and @value is 0 then */
bool try_rdmsr(uint32_t msr, u64 *value);

/** try_wrmsr - WRMSR; false if it faults */
bool try_wrmsr(uint32_t msr, u64 value);

/** restore_msr - back to @value, whatever lies between */
void restore_msr(uint32_t msr, u64 value);

/** sweep_range - print what MSRs from @first to @last read, and what they take */
void sweep_range(uint32_t first, uint32_t last);

/** allow_user - give CPL 3 its segments, all of memory, and SYSCALL as its way back */
void allow_user(void);

/** user_insn - CPUID at CPL 3, or a VMCALL; returns what RAX is then */
u64 user_insn(bool vmcall, u64 rax);
