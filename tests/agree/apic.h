/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC, in whichever mode it is: registers by the numbers of their MSRs. */
#pragma once

#include "acct/exit_types.h"

#define APIC_TPR	0x808
#define APIC_SPURIOUS	0x80f
#define APIC_EOI	0x80b
#define APIC_ISR	0x810
#define APIC_IRR	0x820
#define APIC_ESR	0x828
#define APIC_LVT_TIMER	0x832
#define APIC_INITIAL	0x838
#define APIC_CURRENT	0x839
#define APIC_DIVIDE	0x83e
#define APIC_LDR	0x80d
#define APIC_DFR	0x80e
#define APIC_ICR	0x830
#define APIC_ICR_HIGH	0x831
/* Errors of IPIs that Bochs has for the P6 family alone, or not at all. */
#define ESR_NOT_COMPARED 0x2c
#define LVT_MASKED	(1u << 16)

u32 apic_read(u32 msr);
void apic_write(u32 msr, u32 value);

/**
 * x2apic_init, xapic_init - the local APIC as sequences use it
 *
 * A processor may know no way back: a machine has the one or the other until its end.
 */
void x2apic_init(void);
void xapic_init(void);

/** enable_x2apic - twice: before the second time Bochs has no LDR */
void enable_x2apic(void);

/** reset_xapic - what only sequences with its page change */
void reset_xapic(void);

/** start_watchdog, stop_watchdog - a timer ends HLT if nothing else does */
void start_watchdog(void);
void stop_watchdog(void);

/** show_apic, show_xapic - what is left of it: in every mode, or in the page alone */
void show_apic(void);
void show_xapic(void);

/** drain_apic - interrupts that still wait come now, when nobody looks */
void drain_apic(void);
