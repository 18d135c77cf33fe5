// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv prints when a guest or an entry to it is beyond help.
 */
#include "hv/boot/console.h"
#include "hv/vmx/dump.h"
#include "hv/vcpu.h"
#include "hv/vmx/vmcs.h"
#include "hv/vmx/vmx.h"

static u64 read_field(void *ctx, u32 field)
{
	u64 value;

	return vmcs_try_read(field, &value) ? value : 0;
}

/* What hv has not mapped reads all ones, as what is not there. */
static u32 read_phys(void *ctx, u64 address)
{
	return address >> 32 ? ~0u : *(const u32 *)address;
}

static void print_broken(void *ctx, const struct vmcs_broken *b)
{
	print("hv: vmcs field=%s value=0x%lx rule=\"", vmcs_field_name(b->field), b->value);
	print(b->rule, b->bits);
	print("\"\n");
}

const struct vmcs_checker entry_checker = {
	.caps = &vmx_caps,
	.read = read_field,
	.read_phys = read_phys,
	.broken = print_broken,
};

void dump_vcpu(const struct vcpu *v, bool explain)
{
	static const char regs[] = "RAX\0RCX\0RDX\0RBX\0(RSP)\0RBP\0RSI\0RDI\0"
				   "R8\0R9\0R10\0R11\0R12\0R13\0R14\0R15";

	if (explain && !vmcs_check(&entry_checker))
		print("hv: vmcs: none of the rules that hv knows is broken\n");
	for (u32 i = 0; i < NR_REGS; i++)
		print("%s%5s=0x%016lx%s", i % 4 ? "" : "hv:", text_nth(regs, i), v->regs[i],
		      i % 4 == 3 ? "\n" : "");
	for (u32 i = 0, column = 0; i < NR_VMCS_FIELDS; i++) {
		u64 value;

		/* Not every CPU has every field. */
		if (!vmcs_try_read(vmcs_fields[i], &value))
			continue;
		print("%s%25s=0x%016lx", column & 1 ? "" : column ? "\nhv:" : "hv:",
		      vmcs_field_name(vmcs_fields[i]), value);
		column++;
	}
	print("\n");
}
