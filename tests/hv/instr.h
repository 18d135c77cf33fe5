/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the guest of intercept.t share. */
#pragma once

/* Selectors of instr.S's GDT. */
#define SEL_CODE	0x08
#define SEL_DATA	0x10
#define SEL_LDT		0x18
#define SEL_TSS		0x28
#define SEL_ABSENT	0x38
/* In the place of the LDT. */
#define SEL_USER_DATA	0x18
#define SEL_USER_CODE	0x20

#ifndef __ASSEMBLER__
#include <stdint.h>

typedef uint64_t u64;

/* The first pages of 2 MiB that are mapped by 4-KByte entries: those of table[]. */
#define WINDOW	0x40000000ull
#define PTE		3ull
#define PTE_USER	4ull
extern u64 table[512];
extern uint8_t pages[4 * 4096];

/** TRY - after an exception in @insn go on behind it */
#define TRY(insn) "movq $2f, resume\n" insn "\n2:\n"

/* Of the last exception: vector, error code, CR2. */
extern u64 seen[3], resume;

void print(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/** raised - print the exception since the last call, if there was one */
void raised(const char *name);

/** show - print the byte before @at and 17 more */
void show(const char *name, const uint8_t *at);

/** fill - make all of pages[] 0x11 */
void fill(void);

/** strings - the part in string.c */
void strings(void);

/* sweep.c: words that print what a guest finds, see there. */
void sweep_msrs(void);
void sweep_apic(void);
void sweep_calls(void);
void sweep_leaves(void);
void sweep_start(void);
void sweep_period(void);

/* The registers with which the guest was entered; instr.S fills it in, in this order. */
struct start_state {
	uint32_t eax, ecx, edx, esp, ebp, edi, eflags, cr0, cr2, cr3, cr4, dr[4], dr6, dr7, efer;
	uint16_t ldtr, tr, cs, ss, ds, es, fs, gs, gdtr_limit;
	uint32_t gdtr_base __attribute__((packed));
	uint16_t idtr_limit;
	uint32_t idtr_base __attribute__((packed));
};
extern struct start_state start_state;
#endif
