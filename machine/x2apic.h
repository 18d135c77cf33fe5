/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a local APIC in x2APIC mode, for who programs one: a guest.
 *
 * Source: Intel SDM volume 3, chapter "Advanced Programmable Interrupt Controller (APIC)",
 * section "x2APIC Register Address Space".
 */
#pragma once

#define MSR_IA32_X2APIC_APICID		0x802
#define MSR_IA32_X2APIC_TPR		0x808
#define MSR_IA32_X2APIC_EOI		0x80b
#define MSR_IA32_X2APIC_SIVR		0x80f
#define MSR_IA32_X2APIC_ISR0		0x810
#define MSR_IA32_X2APIC_IRR0		0x820
#define MSR_IA32_X2APIC_ESR		0x828
#define MSR_IA32_X2APIC_ICR		0x830
#define MSR_IA32_X2APIC_LVT_TIMER	0x832
#define MSR_IA32_X2APIC_INIT_COUNT	0x838
#define MSR_IA32_X2APIC_CUR_COUNT	0x839
#define MSR_IA32_X2APIC_DIV_CONF	0x83e
#define MSR_IA32_X2APIC_SELF_IPI	0x83f
