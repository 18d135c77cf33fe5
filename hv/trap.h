/* SPDX-License-Identifier: GPL-2.0-only */
/* What trap.S pushes and trap.c reads. */
#ifndef HV_TRAP_H
#define HV_TRAP_H

#define TRAP_VECTORS		32
#define TRAP_STUB_BYTES		16
#define TRAP_FRAME_BYTES	(22 * 8)

#ifndef __ASSEMBLER__
#include "exit_acct.h"

struct trap_frame {
	u64 rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

/* In the order of the structure. */
#define TRAP_FRAME_NAMES						\
	"rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", \
	"r13", "r14", "r15", "vector", "error", "rip", "cs", "rflags", "rsp", "ss"

void trap(const struct trap_frame *f) __attribute__((noreturn));

/** dump_last_exit - print the vCPU's last exit and RIP, if it ever ran */
void dump_last_exit(void);
#endif

#endif /* HV_TRAP_H */
