/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID as hv's guest finds it: what is left of the host's leaves, and what a
 * guest is told that the host may not say.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = …" tables.
 */
#ifndef MACHINE_CPUID_H
#define MACHINE_CPUID_H

#include "exit_acct.h"

#define MACHINE_CPUID_MAX_BASIC		0x16u
#define MACHINE_CPUID_MAX_EXTENDED	0x80000008u
#define MACHINE_CPUID_TSC		0x15u	/* and behind it the frequency in MHz */

/**
 * machine_cpuid_view - make of a host's leaf what the guest sees
 * @r: the host's registers; changed
 */
void machine_cpuid_view(u32 leaf, u32 subleaf, struct exit_acct_regs *r);

/**
 * machine_cpuid_tsc - leaves 0x15 and 0x16, by which a guest knows its TSC's frequency
 * @measured: kHz of the TSC, which are rounded to four digits
 * @r: receives the registers
 *
 * The APIC timer of this machine counts the crystal clock of leaf 0x15, as the
 * SDM has it in "APIC Timer": the TSC's own clock, below 4 GHz.
 */
void machine_cpuid_tsc(u32 leaf, u32 measured, struct exit_acct_regs *r);

/**
 * machine_cpuid_hypervisor - leaves from 0x40000000 to 0x400001ff
 *
 * At 0x40000000 the hypervisor's own signature. At 0x40000100 KVM's, with no
 * feature: Linux turns x2APIC mode on only where it knows the hypervisor, and the
 * same kernel shall take the same paths on both targets. No paravirtual device
 * goes with it. Returns NULL if hv has no such leaf.
 */
const struct exit_acct_regs *machine_cpuid_hypervisor(u32 leaf);

#endif /* MACHINE_CPUID_H */
