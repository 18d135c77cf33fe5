/* SPDX-License-Identifier: GPL-2.0-only */
/* What trap.S pushes and trap.c reads. */
#ifndef HV_BOOT_TRAP_H
#define HV_BOOT_TRAP_H

#include "machine/trap_stubs.h"

#define TRAP_VECTORS		32

#ifndef __ASSEMBLER__
/* In the order of the structure. */
#define TRAP_FRAME_NAMES						\
	"rax", "rcx", "rdx", "rbx", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", \
	"r13", "r14", "r15", "vector", "error", "rip", "cs", "rflags", "rsp", "ss"

void trap(const struct trap_frame *f) __attribute__((noreturn));

/** dump_last_exit - print the vCPU's last exit and RIP, if it ever ran */
void dump_last_exit(void);
#endif

#endif /* HV_BOOT_TRAP_H */
