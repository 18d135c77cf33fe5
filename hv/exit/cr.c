// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control registers, debug registers, XCR0.
 *
 * Source: Intel SDM volume 2, instructions "MOV—Move to/from Control Registers",
 * "LMSW", "XSETBV"; volume 3, section "Control Registers".
 */
#include "hv/cpu/cr_rules.h"
#include "hv/exit/exit.h"

#define CR0_DEFINED	((u64)(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | \
			       CR0_AM | CR0_NW | CR0_CD | CR0_PG))
#define CR3_PCID	0xfffull
#define CR3_KEEP_TLB	(1ull << 63)		/* with CR4.PCIDE, and not stored */

/*
 * With PAE paging the CPU keeps the four PDPTEs in registers: load them as MOV to CR would. With
 * any other there is nothing to do. Returns false for #GP(0).
 */
static bool load_pdptes(struct vcpu *v, u64 cr0, u64 cr3, u64 cr4)
{
	u64 pdpte[4];

	if (!(cr0 & CR0_PG) || !(cr4 & CR4_PAE) || v->efer & EFER_LME)
		return true;
	gmem_copy_phys(&v->ram, cr3 & 0xffffffe0, pdpte, sizeof(pdpte), GMEM_READ);
	if (!pdptes_valid(pdpte, v->maxphyaddr))
		return false;
	for (u32 i = 0; i < 4; i++)
		set_guest_pdpte(v, i, pdpte[i]);
	return true;
}

/* Returns false for #GP(0). */
static bool set_cr0(struct vcpu *v, u64 value)
{
	u64 old = guest_cr0(v), cr4 = guest_cr4(v), efer = v->efer;
	bool paging_changes = (value ^ old) & CR0_PG;

	v->noted.cr.changes = value ^ old;
	if (value >> 32)
		return false;
	value = (value & CR0_DEFINED) | CR0_ET;		/* reserved bits are ignored */
	if ((value & CR0_PG && !(value & CR0_PE)) || (value & CR0_NW && !(value & CR0_CD)))
		return false;
	/* A TSS of 16 bits has no place in IA-32e mode either. */
	if (paging_changes && value & CR0_PG && efer & EFER_LME &&
	    (!(cr4 & CR4_PAE) || guest_segment_rights(v, CS) & SEGMENT_LONG ||
	     SEGMENT_KIND(guest_segment_rights(v, TR)) < KIND_TSS))
		return false;
	if ((value ^ old) & (CR0_PG | CR0_CD | CR0_NW) &&
	    !load_pdptes(v, value, guest_cr3(v), cr4))
		return false;
	if (paging_changes && !(value & CR0_PG) && (guest_in_64bit(v) || cr4 & CR4_PCIDE))
		return false;

	set_guest_cr0(v, value);
	if (paging_changes) {
		/* While EFER.LME is set, EFER.LMA has the value of CR0.PG. */
		if (efer & EFER_LME)
			set_guest_efer(v, value & CR0_PG ? efer | EFER_LMA :
							   efer & ~(u64)EFER_LMA);
		vmx_flush_guest();
	}
	return true;
}

static bool set_cr4(struct vcpu *v, u64 value)
{
	u64 changed = value ^ guest_cr4(v);
	bool lma = v->efer & EFER_LMA;

	v->noted.cr.changes = changed;
	if (value & ~cr4_supported(&v->cpuid.basic[1], &v->cpuid.basic[7]) ||
	    (lma && !(value & CR4_PAE)))
		return false;
	if (changed & value & CR4_PCIDE && (!lma || guest_cr3(v) & CR3_PCID))
		return false;
	if (changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP) &&
	    !load_pdptes(v, guest_cr0(v), guest_cr3(v), value))
		return false;

	set_guest_cr4(v, value);
	if (changed & CR4_OSXSAVE)
		cpuid_update(v);
	if (changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP | CR4_SMAP | CR4_PCIDE))
		vmx_flush_guest();
	return true;
}

static bool set_cr3(struct vcpu *v, u64 value)
{
	u64 cr4 = guest_cr4(v);
	bool keep_tlb = cr4 & CR4_PCIDE && value & CR3_KEEP_TLB;

	if (keep_tlb)
		value &= ~CR3_KEEP_TLB;
	if (value >> v->maxphyaddr || !load_pdptes(v, guest_cr0(v), value, cr4))
		return false;
	set_guest_cr3(v, value);
	if (!keep_tlb)
		vmx_flush_guest();
	return true;
}

static bool set_cr8(struct vcpu *v, u64 value)
{
	if (value >> 4)
		return false;
	*v->lapic.vtpr = value << 4;
	v->work |= WORK_EVENTS;
	return true;
}

static bool (*const set_cr[])(struct vcpu *v, u64 value) = {
	[0] = set_cr0, [3] = set_cr3, [4] = set_cr4, [8] = set_cr8,
};

/* CR3, CR8, CLTS, and LMSW of TS exit only if intercept= says so. */
void handle_cr_access(struct vcpu *v)
{
	const struct exit_cr e = exit_cr(v);
	bool ok = true;

	switch (e.access) {
	case CR_TO:
		ok = set_cr[e.cr](v, guest_in_64bit(v) ? vcpu_reg(v, e.reg) :
						      (u32)vcpu_reg(v, e.reg));
		break;
	case CR_FROM:
		/*
		 * A MOV from CR0 or CR4 reads the shadow and does not exit. Where this bit of CS
		 * means nothing, CR3 has no upper half.
		 */
		vcpu_set_reg(v, e.reg, e.cr == 3 ? guest_cr3(v) : *v->lapic.vtpr >> 4,
			     guest_segment_rights(v, CS) & SEGMENT_LONG ? 8 : 4);
		break;
	case CR_CLTS:
		ok = set_cr0(v, guest_cr0(v) & ~(u64)CR0_TS);
		break;
	case CR_LMSW:
		/* LMSW can set PE, but cannot clear it. */
		ok = set_cr0(v, (guest_cr0(v) & ~0xeull) | e.word);
	}
	vcpu_complete(v, ok);
}

/*
 * The debug registers are the guest's all the time; only the first MOV of a stretch exits,
 * as KVM does to load them lazily. Executed again, with the exit turned off, it raises by
 * itself what it has to: for DR7.GD together with what MOV SS has held back.
 */
void handle_dr_access(struct vcpu *v)
{
	v->debugging = true;
	vmx_exit_on(v, ON_MOV_DR, false);
	v->work |= WORK_DR_OPEN;
	vcpu_again(v);
}

void handle_xsetbv(struct vcpu *v)
{
	u64 value = (u64)(u32)v->regs[RDX] << 32 | (u32)v->regs[RAX];
	bool ok = !guest_cpl(v) && !(u32)v->regs[RCX] && xcr0_valid(value, &v->cpuid.basic[0xd]);

	/* hv uses no extended state, so the guest's XCR0 may stay in the CPU. */
	if (ok) {
		xsetbv(0, value);
		cpuid_update(v);
	}
	vcpu_complete(v, ok);
}
