/* SPDX-License-Identifier: GPL-2.0-only */
/* What trap.S pushes and trap.c reads. */
#pragma once

#include "machine/trap_stubs.h"

#define TRAP_VECTORS		32

#ifndef __ASSEMBLER__
/* A list of strings, in the order of the structure. */
#define TRAP_FRAME_NAMES						\
	"rax\0rcx\0rdx\0rbx\0rbp\0rsi\0rdi\0r8\0r9\0r10\0r11\0r12\0r13\0r14\0r15\0"	\
	"vector\0error\0rip\0cs\0rflags\0rsp\0ss"

struct vcpu;

struct tss {
	u32 reserved0;
	u64 rsp[3], reserved1, ist[7], reserved2;
	u16 reserved3, iomap;
} __attribute__((packed));

/* What each processor needs of its own to take faults. */
struct trap_cpu {
	u64 gdt[5];			/* first: trap_here() finds all of it by GDTR */
	u64 idt;			/* address of what all share */
	struct tss tss;
	struct vcpu *vcpu;		/* the one that it runs */
	u8 stack[8192] __attribute__((aligned(16)));
};

/** trap_init - GDT, TSS and IDT: any fault in hv prints registers and ends the machine */
void trap_init(struct trap_cpu *t, struct vcpu *v);

struct trap_pointer {
	u16 limit;
	u64 base;
} __attribute__((packed));

/** trap_here - what trap_init() was given on this processor */
static inline struct trap_cpu *trap_here(void)
{
	struct trap_pointer gdtr;

	asm volatile("sgdt %0" : "=m"(gdtr));
	return (struct trap_cpu *)gdtr.base;
}
#endif
