// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control registers, debug registers, XCR0.
 *
 * Source: Intel SDM volume 2, instructions "MOV—Move to/from Control Registers",
 * "LMSW", "XSETBV"; volume 3, section "Control Registers" and, for the exits,
 * table "Exit Qualification for Control-Register Accesses".
 */
#include "hv.h"
#include "vcpu.h"

#define CR0_DEFINED	((u64)(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | \
			       CR0_AM | CR0_NW | CR0_CD | CR0_PG))
#define CR3_PCID	0xfffull
#define CR3_KEEP_TLB	(1ull << 63)		/* with CR4.PCIDE, and not stored */
#define XCR0_X87	0x1ull
#define XCR0_SSE	0x2ull
#define XCR0_AVX	0x4ull
#define XCR0_AVX512	0xe0ull

/* The 4 PDPTEs' bits that must be 0, physical address bits left out. */
#define PDPTE_PRESENT	0x1ull
#define PDPTE_RESERVED	0x1e6ull

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
	u64 reserved = PDPTE_RESERVED | -1ull << guest_maxphyaddr();
	u64 pdpte[4];

	gmem_read_phys(&v->ram, cr3 & 0xffffffe0, pdpte, sizeof(pdpte));
	for (u32 i = 0; i < 4; i++) {
		if (pdpte[i] & PDPTE_PRESENT && pdpte[i] & reserved)
			return false;
	}
	vmcs_write64(GUEST_PDPTE0, pdpte[0]);
	vmcs_write64(GUEST_PDPTE1, pdpte[1]);
	vmcs_write64(GUEST_PDPTE2, pdpte[2]);
	vmcs_write64(GUEST_PDPTE3, pdpte[3]);
	return true;
}

/* EFER.LMA follows CR0.PG while LME is set, and VM entry wants to be told. */
static void set_long_mode(struct vcpu *v, bool on)
{
	u64 efer = vmcs_read64(GUEST_IA32_EFER) & ~(u64)EFER_LMA;
	u32 tr = vmcs_read32(GUEST_TR_ACCESS_RIGHTS);

	vmcs_write64(GUEST_IA32_EFER, on ? efer | EFER_LMA : efer);
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
	u64 old = guest_cr0(), cr4 = guest_cr4(), efer = vmcs_read64(GUEST_IA32_EFER);
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
	if (paging_changes && !(value & CR0_PG) && (vcpu_in_64bit() || cr4 & CR4_PCIDE))
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

/* Bits of CR4 that a guest may set, by the CPUID bit that announces them. */
static u64 cr4_allowed(void)
{
	static const struct {
		u32 bit, leaf1_edx, leaf1_ecx, leaf7_ebx, leaf7_ecx;
	} features[] = {
		{ CR4_VME | CR4_PVI,	.leaf1_edx = 1u << 1 },
		{ CR4_DE,		.leaf1_edx = 1u << 2 },
		{ CR4_PSE,		.leaf1_edx = 1u << 3 },
		{ CR4_TSD,		.leaf1_edx = 1u << 4 },
		{ CR4_PAE,		.leaf1_edx = 1u << 6 },
		{ CR4_PGE,		.leaf1_edx = 1u << 13 },
		{ CR4_OSFXSR,		.leaf1_edx = 1u << 24 },
		{ CR4_OSXMMEXCPT,	.leaf1_edx = 1u << 25 },
		{ CR4_PCIDE,		.leaf1_ecx = 1u << 17 },
		{ CR4_OSXSAVE,		.leaf1_ecx = 1u << 26 },
		{ CR4_FSGSBASE,		.leaf7_ebx = 1u << 0 },
		{ CR4_SMEP,		.leaf7_ebx = 1u << 7 },
		{ CR4_SMAP,		.leaf7_ebx = 1u << 20 },
		{ CR4_UMIP,		.leaf7_ecx = 1u << 2 },
	};
	const struct exit_acct_regs *one = guest_cpuid(1, 0), *seven = guest_cpuid(7, 0);
	u64 allowed = CR4_MCE | CR4_PCE;

	for (u32 i = 0; i < ARRAY_SIZE(features); i++) {
		if (one->edx & features[i].leaf1_edx || one->ecx & features[i].leaf1_ecx ||
		    seven->ebx & features[i].leaf7_ebx || seven->ecx & features[i].leaf7_ecx)
			allowed |= features[i].bit;
	}
	return allowed;
}

static bool set_cr4(struct vcpu *v, u64 value)
{
	u64 old = guest_cr4(), cr0 = guest_cr0(), changed = value ^ old;
	bool lma = vmcs_read64(GUEST_IA32_EFER) & EFER_LMA;

	if (value & ~cr4_allowed())
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
	vmcs_writel(GUEST_CR4, value | CR4_HELD);
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
	if (cr0 & CR0_PG && cr4 & CR4_PAE && !(vmcs_read64(GUEST_IA32_EFER) & EFER_LMA) &&
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
		vcpu_sync_rsp(v);
		ok = set_cr(v, cr, vcpu_in_64bit() ? v->regs[reg] : (u32)v->regs[reg]);
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
		inject_exception_error(v, VECTOR_GP, 0);
}

/* The debug registers are the guest's all the time; only the first MOV of a
 * stretch exits, as KVM does to load them lazily.
 */
void handle_dr_access(struct vcpu *v)
{
	/* Faults by register number and privilege come before the exit, GD after it. */
	if (vmcs_readl(GUEST_DR7) & DR7_GD) {
		inject_db(v, DR6_BD);
	} else {
		vcpu_set_proc_control(v, PROC_MOV_DR, false);
		v->work |= WORK_DR_OPEN;
	}
}

static bool xcr0_valid(u64 value)
{
	const struct exit_acct_regs *leaf = guest_cpuid(0xd, 0);

	return value & XCR0_X87 && !(value & ~((u64)leaf->edx << 32 | leaf->eax)) &&
	       (!(value & XCR0_AVX) || value & XCR0_SSE) &&
	       (!(value & XCR0_AVX512) ||
		(value & XCR0_AVX && (value & XCR0_AVX512) == XCR0_AVX512));
}

void handle_xsetbv(struct vcpu *v)
{
	u64 value = (u64)(u32)v->regs[RDX] << 32 | (u32)v->regs[RAX];

	/* hv uses no extended state, so the guest's XCR0 may stay in the CPU. */
	if (vcpu_cpl() || (u32)v->regs[RCX] || !xcr0_valid(value)) {
		inject_exception_error(v, VECTOR_GP, 0);
		return;
	}
	xsetbv(0, value);
	cpuid_set_xcr0();
	vcpu_skip(v);
}
