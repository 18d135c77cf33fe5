// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of guest.h is more than one field.
 *
 * Source: Intel SDM volume 3, chapter "Virtual Machine Control Structures", sections
 * "Guest Register State", "Guest/Host Masks and Read Shadows for CR0 and CR4", "Information for
 * VM Exits Due to Instruction Execution".
 */
#include "hv/vmx/guest.h"

void set_guest_cr0(struct vcpu *v, u64 value)
{
	vmcs_writel(CR0_READ_SHADOW, value);
	/* Caching stays on, whatever the guest says: the EPT's memory type decides. */
	set_guest_real_cr0(v, (value & ~(u64)(CR0_CD | CR0_NW)) | CR0_NE);
}

void set_guest_cr4(struct vcpu *v, u64 value)
{
	vmcs_writel(CR4_READ_SHADOW, value);
	set_guest_real_cr4(v, value | cr4_held);
}

void set_guest_efer(struct vcpu *v, u64 efer)
{
	u32 controls = v->vmx.entry_controls & ~ENTRY_IA32E_GUEST;

	v->efer = efer;
	vmcs_write64(GUEST_IA32_EFER, efer);
	if (efer & EFER_LMA)
		controls |= ENTRY_IA32E_GUEST;
	if (controls != v->vmx.entry_controls)
		vmcs_write32(VM_ENTRY_CONTROLS, v->vmx.entry_controls = controls);
}

void guest_segment(const struct vcpu *v, u32 segment, struct segment *s)
{
	s->base = guest_segment_base(v, segment);
	s->limit = guest_segment_limit(v, segment);
	s->rights = guest_segment_rights(v, segment);
}

void set_guest_segment(struct vcpu *v, u32 segment, const struct segment *s)
{
	set_guest_selector(v, segment, s->selector);
	set_guest_segment_base(v, segment, s->base);
	set_guest_segment_limit(v, segment, s->limit);
	set_guest_segment_rights(v, segment, s->rights);
}

void vmx_exit_on(struct vcpu *v, u32 control, bool on)
{
	u32 controls = on ? v->vmx.proc_controls | control : v->vmx.proc_controls & ~control;

	if (controls != v->vmx.proc_controls)
		vmcs_write32(PROC_BASED_CONTROLS, v->vmx.proc_controls = controls);
}

/* The exit qualification is the displacement; the instruction information names the rest. */
u64 exit_offset(struct vcpu *v, u32 info)
{
	u64 offset = exit_qualification(v);

	if (!(info >> 27 & 1))
		offset += vcpu_reg(v, info >> 23 & 15);
	if (!(info >> 22 & 1))
		offset += vcpu_reg(v, info >> 18 & 15) << (info & 3);
	return offset;
}
