// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX operation: is it there, may it be used, can it do what hv needs.
 *
 * Source: Intel SDM volume 3, chapter "Introduction to Virtual Machine
 * Extensions", sections "Discovering Support for VMX", "Enabling and Entering
 * VMX Operation"; appendix "VMX Capability Reporting Facility".
 */
#include "hv/boot/console.h"
#include "hv/vcpu.h"
#include "hv/vmx/vmx.h"

#define CPUID_1_ECX_VMX		(1u << 5)
#define CPUID_1_ECX_XSAVE	(1u << 26)

#define FEATURE_CONTROL_LOCK	0x1
#define FEATURE_CONTROL_VMX	0x4	/* VMX outside SMX */

#define ALL_CONTEXTS	2ull		/* type of INVEPT and of INVVPID */

struct vmcs_caps vmx_caps;

static void enable_by_firmware(void)
{
	u64 control = rdmsr(MSR_IA32_FEATURE_CONTROL);

	if (!(control & FEATURE_CONTROL_LOCK))
		wrmsr(MSR_IA32_FEATURE_CONTROL,
		      control | FEATURE_CONTROL_VMX | FEATURE_CONTROL_LOCK);
	else if (!(control & FEATURE_CONTROL_VMX))
		die(MACHINE_CODE_NO_VIRT, "VMX is locked off by the firmware "
		    "(IA32_FEATURE_CONTROL=0x%lx): enable virtualization in its setup", control);
}

/* VMXON, VMCLEAR, VMPTRLD of a region; false: it failed. */
#define DEFINE_VMX(instruction)						\
static bool instruction(const void *region)				\
{									\
	bool failed;							\
									\
	asm volatile(#instruction " %1" : "=@ccbe"(failed) : "m"(region) : "memory"); \
	return !failed;							\
}

DEFINE_VMX(vmxon)
DEFINE_VMX(vmclear)
DEFINE_VMX(vmptrld)

void vmx_load_vmcs(struct vcpu *v)
{
	if (!vmclear(v->vmx_pages.vmcs) || !vmptrld(v->vmx_pages.vmcs))
		die(MACHINE_CODE_HOST_FAULT, "VMCLEAR or VMPTRLD failed");
}

/* INVEPT, INVVPID of all contexts, for which the rest of the descriptor is nothing. */
#define DEFINE_FLUSH(name, instruction)					\
void vmx_flush_##name(void)						\
{									\
	static const u64 descriptor[2];					\
	bool failed;							\
									\
	asm volatile(#instruction " %1, %2" : "=@ccbe"(failed)		\
		     : "m"(descriptor), "r"(ALL_CONTEXTS) : "memory");	\
	if (failed)							\
		die(MACHINE_CODE_HOST_FAULT, #instruction " failed");	\
}

DEFINE_FLUSH(ept, invept)
DEFINE_FLUSH(guest, invvpid)

void vmx_init(struct vcpu *v)
{
	struct exit_acct_regs r, width;

	cpuid(1, 0, &r);
	if (!(r.ecx & CPUID_1_ECX_VMX))
		die(MACHINE_CODE_NO_VIRT, "this CPU has no VMX (CPUID.1:ECX.VMX is 0): "
		    "run hv on an Intel CPU with VT-x, or under Bochs");
	/* Negotiate first: it needs no VMX operation, and fails more often. */
	vmcs_caps_read(&vmx_caps, rdmsr);
	cpuid(0x80000008, 0, &width);
	vmx_caps.maxphyaddr = width.eax & 0xff;
	vmx_negotiate(&vmx_caps);
	vmx_enter(v);
}

void vmx_enter(struct vcpu *v)
{
	u32 revision = vmx_caps.basic & 0x7fffffff;
	struct exit_acct_regs r;

	cpuid(1, 0, &r);
	enable_by_firmware();
	/* VMXON and VMPTRLD compare it with their own. */
	memcpy(v->vmx_pages.vmxon, &revision, sizeof(revision));
	memcpy(v->vmx_pages.vmcs, &revision, sizeof(revision));

	if (cr4_held & ~vmx_caps.cr4_fixed1)
		vmx_cannot_intercept("CR4.SMXE");
	write_cr0((read_cr0() | vmx_caps.cr0_fixed0) & vmx_caps.cr0_fixed1);
	/* XSETBV is run for the guest, and needs OSXSAVE here too. */
	write_cr4((read_cr4() | cr4_held | (r.ecx & CPUID_1_ECX_XSAVE ? CR4_OSXSAVE : 0) |
		   vmx_caps.cr4_fixed0) & vmx_caps.cr4_fixed1);
	if (!vmxon(v->vmx_pages.vmxon))
		die(MACHINE_CODE_HOST_FAULT, "VMXON failed");
	vmx_load_vmcs(v);
	vmx_flush_guest();	/* what firmware or another hypervisor left */
}

bool vmcs_try_read(u32 field, u64 *value)
{
	bool failed;

	asm volatile("vmread %2, %1" : "=@ccbe"(failed), "=r"(*value) : "r"((u64)field));
	return !failed;
}

u32 vmx_host_word(u64 address)
{
	/* What hv has not mapped is taken for what is not there. */
	return address >> 32 ? ~0u : *(const u32 *)address;
}
