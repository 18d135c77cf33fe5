// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv prints when a guest or an entry to it is beyond help.
 *
 * Source: Intel SDM volume 3, chapter "VM Entries", section "Checks on the Guest
 * State Area".
 */
#include "hv.h"
#include "vcpu.h"

#define MSR_VMX_CR0_FIXED0	0x486
#define MSR_VMX_CR4_FIXED0	0x488

void dump_vcpu(const struct vcpu *v)
{
	static const char *const regs[NR_REGS] = {
		"RAX", "RCX", "RDX", "RBX", "(RSP)", "RBP", "RSI", "RDI",
		"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
	};
	const struct vmcs_field_name *fields = vmcs_field_names;

	for (u32 i = 0; i < NR_REGS; i++)
		print("%s%5s=0x%016lx%s", i % 4 ? "" : "hv:", regs[i], v->regs[i],
		      i % 4 == 3 ? "\n" : "");
	for (u32 i = 0; i < nr_vmcs_fields; i++)
		print("%s%25s=0x%016lx%s", i % 2 ? "" : "hv:", fields[i].name,
		      vmcs_read(fields[i].field),
		      i % 2 || i == nr_vmcs_fields - 1 ? "\n" : "");
}

/* Rules that a guest can break through what hv lets it do, or hv by a mistake. */
void explain_entry_failure(void)
{
	u64 cr0 = vmcs_readl(GUEST_CR0), cr4 = vmcs_readl(GUEST_CR4);
	u64 efer = vmcs_read64(GUEST_IA32_EFER), rflags = vmcs_readl(GUEST_RFLAGS);
	u64 rip = vmcs_readl(GUEST_RIP), cr3 = vmcs_readl(GUEST_CR3);
	u32 cs = vmcs_read32(GUEST_CS_ACCESS_RIGHTS), tr = vmcs_read32(GUEST_TR_ACCESS_RIGHTS);
	u32 blocking = vmcs_read32(GUEST_INTERRUPTIBILITY);
	u32 event = vmcs_read32(VM_ENTRY_INTR_INFO);
	bool ia32e = vmcs_read32(VM_ENTRY_CONTROLS) & ENTRY_IA32E_GUEST;
	/* Unrestricted guest: PE and PG are free. */
	u64 cr0_fixed = rdmsr(MSR_VMX_CR0_FIXED0) & ~(u64)(CR0_PE | CR0_PG);
	bool external = event & EVENT_VALID && !(event & EVENT_TYPE);
	const struct {
		bool broken;
		const char *field;
		u64 value;
		const char *rule;
	} rules[] = {
		{ ~cr0 & cr0_fixed, "GUEST_CR0", cr0, "a bit that VMX fixes to 1 is 0" },
		{ cr0 & CR0_PG && !(cr0 & CR0_PE), "GUEST_CR0", cr0, "PG without PE" },
		{ ~cr4 & rdmsr(MSR_VMX_CR4_FIXED0), "GUEST_CR4", cr4,
		  "a bit that VMX fixes to 1 is 0" },
		{ ia32e && !(cr0 & CR0_PG && cr4 & CR4_PAE), "GUEST_CR0", cr0,
		  "IA-32e mode guest without paging and PAE" },
		{ !ia32e && cr4 & CR4_PCIDE, "GUEST_CR4", cr4, "PCIDE outside IA-32e mode" },
		{ ia32e != !!(efer & EFER_LMA), "GUEST_IA32_EFER", efer,
		  "LMA differs from \"IA-32e mode guest\"" },
		{ cr0 & CR0_PG && !(efer & EFER_LMA) != !(efer & EFER_LME), "GUEST_IA32_EFER",
		  efer, "LMA differs from LME with paging on" },
		{ cr3 >> guest_maxphyaddr(), "GUEST_CR3", cr3,
		  "bits beyond the physical-address width" },
		{ !(rflags & RFLAGS_FIXED) || rflags & ~0x3f7fd7ull, "GUEST_RFLAGS", rflags,
		  "a reserved bit has the wrong value" },
		{ external && !(rflags & RFLAGS_IF), "GUEST_RFLAGS", rflags,
		  "IF is 0 and an external interrupt is injected" },
		{ !(ia32e && cs & SEGMENT_LONG) && rip >> 32, "GUEST_RIP", rip,
		  "bits 63:32 outside 64-bit mode" },
		{ (ia32e && cs & SEGMENT_LONG) && !is_canonical(rip), "GUEST_RIP", rip,
		  "not canonical" },
		{ cs & SEGMENT_LONG && cs & SEGMENT_BIG, "GUEST_CS_ACCESS_RIGHTS", cs,
		  "L and D/B are both 1" },
		{ (tr & 0xf) != 0xb && (ia32e || (tr & 0xf) != 3), "GUEST_TR_ACCESS_RIGHTS", tr,
		  "not a busy TSS" },
		{ (blocking & 3) == 3, "GUEST_INTERRUPTIBILITY", blocking,
		  "blocking by STI and by MOV SS" },
		{ blocking & BLOCKING_BY_STI && !(rflags & RFLAGS_IF), "GUEST_INTERRUPTIBILITY",
		  blocking, "blocking by STI while IF is 0" },
		{ external && blocking & 3, "GUEST_INTERRUPTIBILITY", blocking,
		  "blocking, and an external interrupt is injected" },
		{ vmcs_read64(VMCS_LINK_POINTER) != ~0ull, "VMCS_LINK_POINTER",
		  vmcs_read64(VMCS_LINK_POINTER), "not all ones" },
	};
	u32 found = 0;

	for (u32 i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!rules[i].broken)
			continue;
		print("hv: broken rule: %s=0x%lx: %s\n", rules[i].field, rules[i].value,
		      rules[i].rule);
		found++;
	}
	if (!found)
		print("hv: none of the rules that hv knows is broken: see the VMCS below\n");
}
