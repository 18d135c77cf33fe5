/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX operation of a processor, and what makes a guest exit. */
#pragma once

#include "hv/vmx/caps.h"

struct vcpu;

/** vmx_init - find out what the CPU can do, and vmx_enter(); or end the machine */
void vmx_init(struct vcpu *v);

/** vmx_enter - enter VMX operation, with @v's VMCS current and clear, or end the machine */
void vmx_enter(struct vcpu *v);

/** What the CPU can do; vmx_init() reads it. */
extern struct vmcs_caps vmx_caps;

/** What was negotiated: values of the control fields. */
extern u32 vmx_controls[NR_CONTROL_GROUPS];

/* Instructions that not every CPU lets a guest execute. */
enum { HAS_RDTSCP = PROC2_RDTSCP, HAS_INVPCID = PROC2_INVPCID };

/** vmx_has - was a secondary control negotiated that not every CPU has? */
static inline bool vmx_has(u32 control)
{
	return vmx_controls[PROC2] & control;
}

/** vmx_load_vmcs - make the VMCS of @v clear and current; its fields stay as they are */
void vmx_load_vmcs(struct vcpu *v);

/** vmx_flush_ept - drop what the TLB knows of the EPT: an entry of it allows less now */
void vmx_flush_ept(void);

/** vmx_flush_guest - drop what the TLB knows of the guest's own page tables */
void vmx_flush_guest(void);

/** vmx_host_word - 32 bits of the host's memory, all ones where there is none */
u32 vmx_host_word(u64 address);

/* dump.c */

/**
 * dump_vcpu - print general registers and every VMCS field that hv knows
 * @entry: an entry was refused: and in front what else hv/check/ wants to name the rule
 */
void dump_vcpu(const struct vcpu *v, bool entry);

/** dump_field - the value of a field, 0 if the CPU has none */
u64 dump_field(u32 field);

/* intercept.c */

/** vmx_cannot_intercept - end the machine: what intercept= needs is a feature that the CPU lacks */
void vmx_cannot_intercept(const char *feature) __attribute__((noreturn));

/** vmx_negotiate - find a value for every control field, or name all that is missing, and end */
void vmx_negotiate(const struct vmcs_caps *caps);

extern u32 exception_bitmap;
extern u64 cr4_held;		/* at 1 in the real CR4, whatever the guest writes and reads */
extern u64 cr0_guest_owned;
extern const u64 cr4_guest_owned;

/* Bits that intercept= turns on beside those that are always on: of controls, by group, and
 * of what else makes a guest exit.
 */
enum { EXCEPTIONS = NR_CONTROL_GROUPS, CR0_BITS, CR4_BITS, NR_INTERCEPTED };
extern u32 intercepted[NR_INTERCEPTED];

/**
 * intercept_init - take the option intercept=
 * @names: separated by commas; ends the machine if there is one that is unknown
 */
void intercept_init(const char *names);

/** msr_bitmap_init - fill in the page that says which MSRs do not exit */
void msr_bitmap_init(u8 *bitmap);
