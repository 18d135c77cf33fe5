/* SPDX-License-Identifier: GPL-2.0-only */
/* What trap.S pushes and trap.c reads. */
#ifndef HV_BOOT_TRAP_H
#define HV_BOOT_TRAP_H

#include "machine/trap_stubs.h"

#define TRAP_VECTORS		32

#ifndef __ASSEMBLER__
/* A list of strings, in the order of the structure. */
#define TRAP_FRAME_NAMES						\
	"rax\0rcx\0rdx\0rbx\0rbp\0rsi\0rdi\0r8\0r9\0r10\0r11\0r12\0r13\0r14\0r15\0"	\
	"vector\0error\0rip\0cs\0rflags\0rsp\0ss"

void trap(const struct trap_frame *f) __attribute__((noreturn));

/** dump_last_exit - print the vCPU's last exit and RIP, if it ever ran */
void dump_last_exit(void);
#endif

#endif /* HV_BOOT_TRAP_H */
