/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's local APIC: registers by MSR in x2APIC mode and by a page in xAPIC
 * mode, the three modes of the APIC timer, IPIs.
 *
 * No VMX here: hv core asks what to inject and when to wake up, and tells what
 * it injected. All state of one vCPU's APIC is in its struct lapic.
 *
 * Source: Intel SDM volume 3, chapter "Advanced Programmable Interrupt
 * Controller (APIC)", sections "Extended XAPIC (x2APIC)", "Local Vector
 * Table", "APIC Timer", "Error Handling", "Issuing Interprocessor Interrupts",
 * "Interrupt, Task, and Processor Priority". Where the SDM leaves it open, this
 * one does as KVM's: version, IDs that can be written, state that survives a
 * switch to disabled and back. What differs from KVM's is listed in docs/differences.md.
 *
 * Counts of one-shot and periodic mode are of the crystal clock of CPUID leaf 0x15, before
 * division: the guest's TSC's, or half of it. (KVM: nanoseconds. The SDM leaves it open.)
 *
 * What an APIC sends to itself is done at once; all else, and INIT, is handed to the bus.
 * SIPI to itself goes nowhere, and so does SMI. Of LINT0 only ExtINT is known.
 */
#pragma once

#include "machine/machine.h"
#include "machine/x86.h"

#define LAPIC_NEVER		0u		/* what disarms IA32_TSC_DEADLINE, too */

struct lapic;

/* How an APIC reaches the others of its machine. */
struct lapic_bus {
	unsigned int nr;
	struct lapic *lapic[MACHINE_CPUS_MAX];
	/* Whoever runs the vCPU of @to hears of it: LAPIC_FIXED, … */
	void (*deliver)(struct lapic *to, uint32_t mode, uint32_t vector);
};

enum { LAPIC_FIXED = 0, LAPIC_LOWEST = 1, LAPIC_NMI = 4, LAPIC_INIT = 5, LAPIC_SIPI = 6 };

struct lapic {
	int highest_irr;	/* highest vector in irr, -1: none */
	bool nmi_pending;	/* an NMI was sent; the injector clears it */
	uint64_t expiry;	/* guest TSC at which the timer fires, or LAPIC_NEVER */
	volatile uint8_t *vtpr;	/* TPR, changed by the guest's CR8 without an exit */
	uint64_t base;		/* IA32_APIC_BASE */
	uint64_t base_reserved;	/* bits of IA32_APIC_BASE that raise #GP */
	uint64_t min_period;	/* of the periodic timer, in cycles of the guest's TSC */
	uint32_t tsc_shift;	/* log2 of the cycles of it in a count, not divided */
	uint64_t icr;		/* in xAPIC mode the lower half */
	const struct lapic_bus *bus;	/* NULL: there is no other */
	uint32_t id;		/* x2APIC ID; an xAPIC ID begins as this one */
	uint32_t errors;	/* since the last write of ESR, which shows them */
	uint32_t reg[64];	/* the others, by number of the MSR - 0x800 */
};

/**
 * lapic_init - the state of a vCPU's APIC after reset
 * @l: to be filled in
 * @id: x2APIC ID; ID 0 is the bootstrap processor
 * @vtpr: byte at offset 0x80 (VTPR) of the vCPU's virtual-APIC page; set to 0
 * @maxphyaddr: width of the guest's physical addresses, bits, at most 52
 * @min_period: cycles of the guest's TSC below which the periodic timer's period
 *	does not go, so that a guest cannot have an exit for each instruction
 *
 * xAPIC mode, software disabled, as hardware starts: SDM "Local APIC State
 * After Power-Up or Reset".
 */
void lapic_init(struct lapic *l, uint32_t id, volatile uint8_t *vtpr, unsigned int maxphyaddr,
		uint64_t min_period);

/** lapic_reset - what INIT does: as lapic_init(), but the mode and the ID stay */
void lapic_reset(struct lapic *l);

/** lapic_is_msr - does lapic_rdmsr()/lapic_wrmsr() answer for this MSR? */
static inline bool lapic_is_msr(uint32_t msr)
{
	return (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST) ||
	       msr == MSR_IA32_APIC_BASE || msr == MSR_IA32_TSC_DEADLINE;
}

/**
 * lapic_rdmsr - RDMSR of one of the APIC's MSRs
 * @now: guest TSC, cycles (for the timer's current count)
 * @value: receives EDX:EAX; unchanged on #GP
 *
 * Returns false if the access must raise #GP(0): SDM "x2APIC Register Address
 * Space" and "Reserved Bit Checking".
 */
bool lapic_rdmsr(const struct lapic *l, uint32_t msr, uint64_t now, uint64_t *value);

/**
 * lapic_wrmsr - WRMSR of one of the APIC's MSRs
 * @value: EDX:EAX
 * @now: guest TSC, cycles (the timer counts from here)
 *
 * May make an interrupt or NMI pending and move @expiry. A
 * deadline that has passed already fires in the next lapic_timer_check().
 * Returns false if the access must raise #GP(0); nothing has changed then.
 */
bool lapic_wrmsr(struct lapic *l, uint32_t msr, uint64_t value, uint64_t now);

/** lapic_has_page - are the APIC's registers in the page of @gpa? Only in xAPIC mode */
static inline bool lapic_has_page(const struct lapic *l, uint64_t gpa)
{
	return (l->base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) == APIC_BASE_ENABLE &&
	       gpa >> 12 == (l->base & ~0xfffull) >> 12;
}

/**
 * lapic_touch_page - an access in that page: ESR shows it if there is no such register
 *
 * May make an interrupt pending. It comes with a read or write, which say nothing of it.
 */
void lapic_touch_page(struct lapic *l, uint32_t offset);

/**
 * lapic_read_page - a read of 32 bits in that page
 * @offset: in the page, bytes
 * @now: guest TSC, cycles
 *
 * Returns the register; 0 where there is none that can be read.
 */
uint32_t lapic_read_page(const struct lapic *l, uint32_t offset, uint64_t now);

/** lapic_write_page - a write of 32 bits likewise, ignored where nothing can be written */
void lapic_write_page(struct lapic *l, uint32_t offset, uint32_t value, uint64_t now);

/**
 * lapic_pending - the vector to inject as soon as RFLAGS.IF and blocking allow
 *
 * Returns the highest vector in IRR if its priority class is above that of the
 * processor priority (TPR and interrupts in service), else -1.
 */
int lapic_pending(const struct lapic *l);

/**
 * lapic_tpr_threshold - value of the VMCS field TPR threshold
 *
 * Returns the priority class below which TPR must drop to make the highest
 * vector in IRR deliverable, or 0 if TPR is not what holds it back.
 */
uint32_t lapic_tpr_threshold(const struct lapic *l);

/**
 * lapic_takes_extint - does LINT0 pass on the interrupts of a PIC?
 *
 * It does while it is in ExtINT mode and not masked, whatever the processor
 * priority, and while the APIC is disabled, when it is the CPU's INTR pin.
 */
bool lapic_takes_extint(const struct lapic *l);

/** lapic_ack - what lapic_pending() says is delivered, and in service: returns its vector */
uint32_t lapic_ack(struct lapic *l);

/**
 * lapic_raise - a fixed interrupt arrives, edge triggered
 * @vector: 16..255; lower ones are illegal, which ESR shows
 *
 * Dropped as well while the APIC is disabled, by IA32_APIC_BASE or by the
 * spurious-interrupt vector register.
 */
void lapic_raise(struct lapic *l, uint32_t vector);

/**
 * lapic_tsc_moved - the guest's TSC was written, and went forward by @delta, or back
 *
 * A count that runs is not the TSC's matter; a deadline is.
 */
void lapic_tsc_moved(struct lapic *l, uint64_t delta);

/**
 * lapic_timer_check - fire the timer if its time has come
 * @now: guest TSC, cycles
 *
 * Returns true if it fired (masked or not); the deadline has moved then.
 */
bool lapic_timer_check(struct lapic *l, uint64_t now);
