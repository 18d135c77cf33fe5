/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the numbers mean by which exits of a reason are told apart: an MSR's name, a port's, a
 * leaf's. For programs that show them: neither hv nor KVM nor the shared guest has it.
 */
#ifndef EXIT_NAMES_H
#define EXIT_NAMES_H

#include "exit_detail.h"

/**
 * exit_detail_text - what a number says, for people
 * @reason: the basic exit reason
 * @number: what tells the exit from others of it, as in exit_detail.h
 * @text: gets it, with a NUL: "OUT 8 bit to 0x3f8 COM1 THR", "IA32_TSC_DEADLINE (0x6e0)"
 * @size: of @text; what has no room is cut off
 *
 * Returns the length of the whole text, as snprintf() does. There is no comma, quote, backslash,
 * or sign of HTML in it. What has no name is shown by number, and so are bits that mean nothing.
 *
 * Source: MSRs: SDM volume 4, "IA-32 Architectural MSRs", some of "MSRs in Intel Processors" that
 * systems read, and the names that KVM and Hyper-V give theirs. Leaves: SDM, "Information Returned
 * by CPUID Instruction". Bits: SDM, "Control Registers", and volume 3, "Exit Qualification for
 * Control-Register Accesses", "... for MOV DR", "... for I/O Instructions", "... for EPT
 * Violations". Vectors: SDM, "Protected-Mode Exceptions and Interrupts". Ports: those of a PC/AT,
 * of its chips' data sheets, of QEMU, of Bochs, and of the machine here (docs/machine.md).
 */
size_t exit_detail_text(u32 reason, u64 number, char *text, size_t size);

/**
 * exit_detail_word - the same in one word, for CSV, JSON, and where there is little room
 * @text: gets it: "out8:0x3f8", "IA32_TSC_DEADLINE", "0xd:0x1", "cr0=rax:TS", "0xfee00000:w"
 *
 * Parameters and result as above. Of one reason, different numbers have different words.
 */
size_t exit_detail_word(u32 reason, u64 number, char *text, size_t size);

#endif /* EXIT_NAMES_H */
