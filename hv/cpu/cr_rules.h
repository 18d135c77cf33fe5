/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest may write into control registers: rules that depend on nothing
 * but its CPUID.
 *
 * Source: Intel SDM volume 3, section "Control Registers" and "CPUID
 * Qualification of Control Register Flags"; section "PAE Paging"; volume 1,
 * section "Enabling the XSAVE Feature Set and XSAVE-Enabled Features".
 */
#pragma once

#include "acct/exit_types.h"

/** cr4_supported - bits of CR4 that may be 1; @one and @seven: CPUID's leaves 1 and 7 */
u64 cr4_supported(const struct exit_acct_regs *one, const struct exit_acct_regs *seven);

/** pdptes_valid - may PAE paging load these? @maxphyaddr: width of a physical address, bits */
bool pdptes_valid(const u64 pdpte[4], u32 maxphyaddr);

/** xcr0_valid - may XSETBV load @value? @leaf: CPUID's leaf 0DH, subleaf 0 */
bool xcr0_valid(u64 value, const struct exit_acct_regs *leaf);

/**
 * xss_supported - bits of IA32_XSS that may be 1
 * @leaf: CPUID's leaf 0DH, subleaf 1
 * @seven: CPUID's leaf 7
 */
u64 xss_supported(const struct exit_acct_regs *leaf, const struct exit_acct_regs *seven);
