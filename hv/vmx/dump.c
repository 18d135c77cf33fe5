// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv prints when a guest or an entry to it is beyond help.
 */
#include "hv/boot/console.h"
#include "hv/vcpu.h"
#include "hv/vmx/vmcs.h"
#include "hv/vmx/vmx.h"

#define MSRS_SHOWN	8	/* of the area that an entry loads: hv's is empty */

u64 dump_field(u32 field)
{
	u64 value;

	return vmcs_try_read(field, &value) ? value : 0;
}

/* Number @i, from 0 on, of the pairs that go two on a line. */
static void print_pair(u32 i, const char *name, u64 value)
{
	print("%s%25s=0x%016lx", i & 1 ? "" : i ? "\nhv:" : "hv:", name, value);
}

static void print_word(u64 address)
{
	/* No rule is on one that is not aligned, such as that behind no link pointer. */
	if (!(address & 3))
		print("hv: memory address=0x%lx value=0x%x\n", address, vmx_host_word(address));
}

/* What else the rules for VM entries are about: hv/check/ reads it from here. */
static void dump_entry(void)
{
	u64 area = dump_field(VM_ENTRY_MSR_LOAD_ADDR);
	u32 i;

	for (i = 0; i < NR_VMX_MSRS; i++)
		print("hv: msr number=0x%x value=0x%lx\n", MSR_VMX_BASIC + i, vmx_caps.msr[i]);
	print("hv: MAXPHYADDR=0x%lx\n", vmx_caps.maxphyaddr);
	print_word(dump_field(VIRTUAL_APIC_PAGE_ADDR) + VTPR_OFFSET);
	print_word(dump_field(VMCS_LINK_POINTER));
	for (i = 0; i < dump_field(VM_ENTRY_MSR_LOAD_COUNT) && i < MSRS_SHOWN; i++) {
		print_word(area + 16 * i);
		print_word(area + 16 * i + 4);
	}
}

void dump_vcpu(const struct vcpu *v, bool entry)
{
	static const char regs[] = "RAX\0RCX\0RDX\0RBX\0(RSP)\0RBP\0RSI\0RDI\0"
				   "R8\0R9\0R10\0R11\0R12\0R13\0R14\0R15";

	if (entry)
		dump_entry();
	for (u32 i = 0; i < NR_REGS; i++)
		print("%s%5s=0x%016lx%s", i % 4 ? "" : "hv:", text_nth(regs, i), v->regs[i],
		      i % 4 == 3 ? "\n" : "");
	for (u32 i = 0, shown = 0; i < NR_VMCS_FIELDS; i++) {
		u64 value;

		/* Not every CPU has every field. */
		if (vmcs_try_read(vmcs_fields[i], &value))
			print_pair(shown++, vmcs_field_name(vmcs_fields[i]), value);
	}
	print("\n");
}
