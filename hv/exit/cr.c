// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control registers, debug registers, XCR0.
 *
 * Source: Intel SDM volume 2, instructions "MOV—Move to/from Control Registers",
 * "LMSW", "XSETBV"; volume 3, section "Control Registers" and, for the exits,
 * table "Exit Qualification for Control-Register Accesses".
 */
#include "hv/cpu/cr_rules.h"
#include "hv/hv.h"
#include "hv/vcpu.h"

#define CR0_DEFINED	((u64)(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | \
			       CR0_AM | CR0_NW | CR0_CD | CR0_PG))
#define CR3_PCID	0xfffull
#define CR3_KEEP_TLB	(1ull << 63)		/* with CR4.PCIDE, and not stored */

enum { ACCESS_TO, ACCESS_FROM, ACCESS_CLTS, ACCESS_LMSW };

/* What the guest reads: bits that it owns are in the register, others in the shadow. */
static u64 guest_cr0(void)
{
	return (vmcs_readl(GUEST_CR0) & cr0_guest_owned) |
	       (vmcs_readl(CR0_READ_SHADOW) & ~cr0_guest_owned);
}

static u64 guest_cr4(void)
{
	return (vmcs_readl(GUEST_CR4) & cr4_guest_owned) |
	       (vmcs_readl(CR4_READ_SHADOW) & ~cr4_guest_owned);
}

/* PAE paging keeps four entries in the CPU; a MOV that begins it loads them. */
static bool load_pdptes(struct vcpu *v, u64 cr3)
{
	u64 pdpte[4];

	gmem_read_phys(&v->ram, cr3 & 0xffffffe0, pdpte, sizeof(pdpte));
	if (!pdptes_valid(pdpte, guest_maxphyaddr()))
		return false;
	vmcs_set_pdptes(pdpte);
	return true;
}

/* EFER.LMA follows CR0.PG while LME is set, and VM entry wants to be told. */
static void set_long_mode(struct vcpu *v, bool on)
{
	u32 tr = vmcs_read32(GUEST_TR_ACCESS_RIGHTS);

	v->efer = on ? v->efer | EFER_LMA : v->efer & ~(u64)EFER_LMA;
	vmcs_write64(GUEST_IA32_EFER, v->efer);
	v->entry_controls &= ~ENTRY_IA32E_GUEST;
	if (on)
		v->entry_controls |= ENTRY_IA32E_GUEST;
	vmcs_write32(VM_ENTRY_CONTROLS, v->entry_controls);
	/* VM entry allows no 16-bit TSS in IA-32e mode, though MOV CR0 does. */
	if (on && (tr & 0xf) != (SEGMENT_TSS_BUSY & 0xf))
		vmcs_write32(GUEST_TR_ACCESS_RIGHTS, (tr & ~0xfu) | (SEGMENT_TSS_BUSY & 0xf));
}

/* Returns false for #GP(0). */
static bool set_cr0(struct vcpu *v, u64 value)
{
	u64 old = guest_cr0(), cr4 = guest_cr4(), efer = v->efer;
	bool paging_changes = (value ^ old) & CR0_PG;

	if (value >> 32)
		return false;
	value = (value & CR0_DEFINED) | CR0_ET;		/* reserved bits are ignored */
	if ((value & CR0_PG && !(value & CR0_PE)) || (value & CR0_NW && !(value & CR0_CD)))
		return false;
	if (paging_changes && value & CR0_PG && efer & EFER_LME) {
		if (!(cr4 & CR4_PAE) || vmcs_read32(GUEST_CS_ACCESS_RIGHTS) & SEGMENT_LONG)
			return false;
	} else if (value & CR0_PG && cr4 & CR4_PAE && !(efer & EFER_LME) &&
		   (value ^ old) & (CR0_PG | CR0_CD | CR0_NW) &&
		   !load_pdptes(v, vmcs_readl(GUEST_CR3))) {
		return false;
	}
	if (paging_changes && !(value & CR0_PG) && (vcpu_in_64bit(v) || cr4 & CR4_PCIDE))
		return false;

	vmcs_writel(CR0_READ_SHADOW, value);
	/* Caching stays on, whatever the guest says: the EPT's memory type decides. */
	vmcs_writel(GUEST_CR0, (value & ~(u64)(CR0_CD | CR0_NW)) | CR0_NE);
	if (paging_changes) {
		if (efer & EFER_LME)
			set_long_mode(v, value & CR0_PG);
		vmx_flush_guest();
	}
	return true;
}

static bool set_cr4(struct vcpu *v, u64 value)
{
	u64 old = guest_cr4(), cr0 = guest_cr0(), changed = value ^ old;
	bool lma = v->efer & EFER_LMA;

	if (value & ~cr4_supported(guest_cpuid(1, 0), guest_cpuid(7, 0)))
		return false;
	if (lma && !(value & CR4_PAE))
		return false;
	if (changed & value & CR4_PCIDE && (!lma || vmcs_readl(GUEST_CR3) & CR3_PCID))
		return false;
	if (!lma && cr0 & CR0_PG && value & CR4_PAE &&
	    changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP) &&
	    !load_pdptes(v, vmcs_readl(GUEST_CR3)))
		return false;

	vmcs_writel(CR4_READ_SHADOW, value);
	vmcs_writel(GUEST_CR4, value | cr4_held);
	if (changed & CR4_OSXSAVE)
		cpuid_set_cr4(value);
	if (changed & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP | CR4_SMAP | CR4_PCIDE))
		vmx_flush_guest();
	return true;
}

static bool set_cr3(struct vcpu *v, u64 value)
{
	u64 cr0 = guest_cr0(), cr4 = guest_cr4();
	bool keep_tlb = cr4 & CR4_PCIDE && value & CR3_KEEP_TLB;

	if (keep_tlb)
		value &= ~CR3_KEEP_TLB;
	if (value >> guest_maxphyaddr())
		return false;
	if (cr0 & CR0_PG && cr4 & CR4_PAE && !(v->efer & EFER_LMA) &&
	    !load_pdptes(v, value))
		return false;
	vmcs_writel(GUEST_CR3, value);
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

static bool set_cr(struct vcpu *v, u32 cr, u64 value)
{
	switch (cr) {
	case 0:
		return set_cr0(v, value);
	case 3:
		return set_cr3(v, value);
	case 4:
		return set_cr4(v, value);
	}
	return set_cr8(v, value);
}

/* CR3, CR8, CLTS, and LMSW of TS exit only if intercept= says so. */
void handle_cr_access(struct vcpu *v)
{
	u64 qualification = vmcs_readl(EXIT_QUALIFICATION);
	u32 cr = qualification & 0xf, reg = qualification >> 8 & 0xf;
	bool ok = true;

	switch (qualification >> 4 & 3) {
	case ACCESS_TO:
		ok = set_cr(v, cr, vcpu_in_64bit(v) ? vcpu_reg(v, reg) : (u32)vcpu_reg(v, reg));
		break;
	case ACCESS_FROM:
		/* CR0 and CR4 are never read here: there are shadows of them. */
		vcpu_set_reg(v, reg, cr == 3 ? vmcs_readl(GUEST_CR3) : *v->lapic.vtpr >> 4, 8);
		break;
	case ACCESS_CLTS:
		ok = set_cr0(v, guest_cr0() & ~(u64)CR0_TS);
		break;
	case ACCESS_LMSW:
		/* It can set PE, but not clear it. */
		ok = set_cr0(v, (guest_cr0() & ~0xeull) | (qualification >> 16 & 0xf));
	}
	if (ok)
		vcpu_skip(v);
	else
		inject_exception(v, VECTOR_GP, 0);
}

/* Is there nothing else about a MOV DR that the CPU would raise, and in front of GD? */
static bool may_access_dr(void)
{
	u64 reg = vmcs_readl(EXIT_QUALIFICATION) & 7;

	return !vcpu_cpl() && !((reg == 4 || reg == 5) && guest_cr4() & CR4_DE);
}

/* The debug registers are the guest's all the time; only the first MOV of a
 * stretch exits, as KVM does to load them lazily.
 */
void handle_dr_access(struct vcpu *v)
{
	/* GD's part is hv's, all else the CPU raises when the MOV is executed again. */
	v->debugging = true;
	if (vmcs_readl(GUEST_DR7) & DR7_GD && may_access_dr()) {
		inject_db(v, DR6_BD);
	} else {
		vcpu_set_proc_control(v, PROC_MOV_DR, false);
		v->work |= WORK_DR_OPEN;
		vcpu_again();
	}
}

void handle_xsetbv(struct vcpu *v)
{
	u64 value = (u64)(u32)v->regs[RDX] << 32 | (u32)v->regs[RAX];

	/* hv uses no extended state, so the guest's XCR0 may stay in the CPU. */
	if (vcpu_cpl() || (u32)v->regs[RCX] || !xcr0_valid(value, guest_cpuid(0xd, 0))) {
		inject_exception(v, VECTOR_GP, 0);
		return;
	}
	xsetbv(0, value);
	cpuid_set_xcr0();
	vcpu_skip(v);
}
