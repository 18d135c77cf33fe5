/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID as one of several processors finds it.
 *
 * Source: Intel SDM volume 2, instruction CPUID, "INPUT EAX = 01H", "INPUT EAX = 04H",
 * "INPUT EAX = 0BH"; volume 3, "Detecting Hardware Multi-Threading Support and Topology".
 */
#pragma once

#include "acct/exit_types.h"

/**
 * machine_cpuid_topology - change a leaf of machine_cpuid_get() (cpuid.h) to that of one of several
 * @id: its APIC id, from 0 on
 * @cpus: how many processors there are; with 1 the leaf stays as it is
 *
 * They are cores of one thread each, in one package.
 */
void machine_cpuid_topology(u32 leaf, u32 subleaf, u32 id, u32 cpus, struct exit_acct_regs *r);
