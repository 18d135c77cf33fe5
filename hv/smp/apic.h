/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC of the processor that hv runs on, in the mode in which firmware left it.
 *
 * Source: Intel SDM volume 3, chapter "Advanced Programmable Interrupt Controller (APIC)",
 * sections "Issuing Interprocessor Interrupts", "Extended XAPIC (x2APIC)"; chapter
 * "Multiple-Processor Management", "MP Initialization Protocol Algorithm".
 */
#pragma once

#include "acct/exit_types.h"

/* What apic_send() sends: delivery mode, level "assert", and a vector. */
#define IPI_KICK	0x40f2u		/* an interrupt that makes a guest exit */
#define IPI_NMI		0x4400u
#define IPI_INIT	0x4500u
#define IPI_SIPI	0x4600u		/* the vector is the page where to begin */

/** apic_id - this processor's id */
u32 apic_id(void);

/** apic_enable - let it take interrupts, which after INIT it does not */
void apic_enable(void);

/** apic_send - send an IPI to the processor with that id */
void apic_send(u32 id, u32 ipi);

/** apic_eoi - an interrupt has been taken */
void apic_eoi(void);
