// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMCS before the first entry.
 *
 * Source: Intel SDM volume 3, chapter "Virtual Machine Control Structures";
 * Xen "x86/HVM direct boot ABI", "x86 32-bit protected mode" start state.
 */
#include "hv/boot/trap.h"
#include "hv/cpu/cr_rules.h"
#include "hv/vmx/ept.h"
#include "hv/vmx/guest.h"
#include "machine/fpu.h"
#include "machine/pvh.h"

#define PAT_RESET		0x0007040600070406ull
#define NO_LINK			(~0ull)
#define MIN_PERIOD_US		200ul	/* of the APIC timer: KVM's min_timer_period_us */

/* KVM's: a gap of 128 cycles between two PAUSEs is a loop, 4096 of it an exit. */
#define KVM_PLE_GAP		128
#define KVM_PLE_WINDOW		4096

static u8 msr_bitmap[PAGE_SIZE] __attribute__((aligned(4096)));

static const u16 zeros[] = {
	PAGE_FAULT_ERROR_MASK, PAGE_FAULT_ERROR_MATCH, CR3_TARGET_COUNT, VM_EXIT_MSR_STORE_COUNT,
	VM_EXIT_MSR_LOAD_COUNT, VM_ENTRY_MSR_LOAD_COUNT, TPR_THRESHOLD, TSC_OFFSET,
	HOST_FS_SELECTOR, HOST_GS_SELECTOR, HOST_FS_BASE, HOST_GS_BASE,
	HOST_SYSENTER_CS, HOST_SYSENTER_ESP, HOST_SYSENTER_EIP,	/* hv has no user mode */
	GUEST_IA32_DEBUGCTL, GUEST_ACTIVITY_STATE, CR0_READ_SHADOW,
	GUEST_SYSENTER_CS, GUEST_SYSENTER_ESP, GUEST_SYSENTER_EIP,
};

/* What the first vCPU has in place of what a reset leaves. */
static void set_guest_state(struct vcpu *v, const struct machine_start *start)
{
	const struct segment code = { start->cs, 0, ~0u, SEGMENT_CODE32 },
		data = { start->ds, 0, ~0u, SEGMENT_DATA32 };

	vcpu_sipi(v, 0);		/* nobody sends it one */
	v->regs[RAX] = start->eax;
	v->regs[RBX] = start->ebx;
	v->regs[RDX] = 0;
	v->regs[RSI] = start->esi;
	set_guest_cr0(v, PVH_CR0);
	for (u32 i = ES; i <= GS; i++)
		set_guest_segment(v, i, i == CS ? &code : &data);
	set_guest_segment_rights(v, LDTR, SEGMENT_UNUSABLE);
	set_guest_segment_limit(v, TR, 0x67);
	set_guest_table_base(v, GDTR, start->gdt_base);
	set_guest_table_limit(v, GDTR, start->gdt_limit);
	set_guest_table_limit(v, IDTR, 0);	/* PVH says nothing: as the VMM has it */
	set_guest_rip(v, start->eip);
}

/*
 * Registers that are not in the VMCS, and of which hv uses none. On entry to hv
 * they are the firmware's.
 *
 * Source: SDM volume 3, table "IA-32 and Intel 64 Processor States Following
 * Power-up, Reset, or INIT".
 */
static void reset_registers(struct vcpu *v)
{
	static const u32 msrs[] = {
		MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE,
	};
	static struct fpu_area area;		/* made here: most of it is zeros */

	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++)
		wrmsr(msrs[i], 0);
	if (vmx_has(PROC2_RDTSCP))
		wrmsr(MSR_TSC_AUX, 0);
	area = (struct fpu_area)FPU_AREA_RESET;
	if (read_cr4() & CR4_OSXSAVE) {
		xsetbv(0, v->cpuid.basic[0xd].eax);
		asm volatile("xrstor %0" : : "m"(area), "a"(~0), "d"(~0));
		xsetbv(0, 1);
	} else {
		asm volatile("fxrstor %0" : : "m"(area));
	}
}

static void set_host_state(struct vcpu *v)
{
	const struct trap_cpu *t = trap_here();

	vmcs_write(HOST_CS_SELECTOR, SELECTOR_CODE);
	vmcs_write(HOST_SS_SELECTOR, SELECTOR_DATA);
	vmcs_write(HOST_DS_SELECTOR, SELECTOR_DATA);
	vmcs_write(HOST_ES_SELECTOR, SELECTOR_DATA);
	vmcs_write(HOST_TR_SELECTOR, SELECTOR_TSS);
	vmcs_writel(HOST_GDTR_BASE, (u64)t->gdt);
	vmcs_writel(HOST_IDTR_BASE, t->idt);
	vmcs_writel(HOST_TR_BASE, (u64)&t->tss);
	vmcs_writel(HOST_CR0, read_cr0());
	vmcs_writel(HOST_CR3, read_cr3());
	vmcs_writel(HOST_CR4, read_cr4());
	vmcs_write64(HOST_IA32_PAT, rdmsr(MSR_IA32_PAT));
	vmcs_write64(HOST_IA32_EFER, rdmsr(MSR_EFER));
	vmcs_writel(HOST_RSP, (u64)v);	/* vmexit.S: what is below is the stack */
	vmcs_writel(HOST_RIP, (u64)vm_exit_stub);
}

/* XSAVES exits for a component that is asked for, in IA32_XSS, and in the bitmap. */
static void make_xsaves_exit(void)
{
	struct exit_acct_regs leaf, seven;

	cpuid(0xd, 1, &leaf);
	cpuid(7, 0, &seven);
	if (!xss_supported(&leaf, &seven))
		vmx_cannot_intercept("supervisor state component of IA32_XSS");
	wrmsr(MSR_IA32_XSS, xss_supported(&leaf, &seven));
	vmcs_write64(XSS_EXITING_BITMAP, ~0ull);
}

static void set_controls(struct vcpu *v)
{
	v->vmx.pin_controls = vmx_controls[PIN];
	/* The traps of intercept=mtf are injected, one for each VMCALL. */
	v->vmx.proc_controls = vmx_controls[PROC] & ~PROC_MONITOR_TRAP;
	v->vmx.entry_controls = vmx_controls[ENTRY];
	vmcs_write32(PIN_BASED_CONTROLS, v->vmx.pin_controls);
	vmcs_write32(PROC_BASED_CONTROLS, v->vmx.proc_controls);
	vmcs_write32(SECONDARY_CONTROLS, vmx_controls[PROC2]);
	vmcs_write32(VM_EXIT_CONTROLS, vmx_controls[EXIT]);
	vmcs_write32(VM_ENTRY_CONTROLS, v->vmx.entry_controls);
	vmcs_write32(EXCEPTION_BITMAP, exception_bitmap);
	vmcs_writel(CR0_GUEST_HOST_MASK, ~cr0_guest_owned);
	vmcs_writel(CR4_GUEST_HOST_MASK, ~cr4_guest_owned);
	if (vmx_has(PROC2_PAUSE_LOOP)) {
		vmcs_write32(PLE_GAP, KVM_PLE_GAP);
		vmcs_write32(PLE_WINDOW, KVM_PLE_WINDOW);
	}
	if (vmx_has(PROC2_VMFUNC))
		vmcs_write64(VM_FUNCTION_CONTROLS, 0);
	if (vmx_has(PROC2_XSAVES))
		make_xsaves_exit();
	vmcs_write64(MSR_BITMAP, (u64)msr_bitmap);
	vmcs_write64(VIRTUAL_APIC_PAGE_ADDR, (u64)v->virtual_apic);
	vmcs_write(VIRTUAL_PROCESSOR_ID, v->id + 1);
	ept_share(v);
}

void vmcs_init(struct vcpu *v)
{
	const struct machine_start *start = &v->vm->start;

	msrs_init(&v->msrs);
	lapic_init(&v->lapic, v->id, &v->virtual_apic[VTPR_OFFSET], v->maxphyaddr,
		   (v->vm->tsc_khz ?: UNKNOWN_KHZ) * MIN_PERIOD_US / 1000);
	v->lapic.tsc_shift = v->cpuid.basic[MACHINE_CPUID_TSC].ebx == 2;
	v->lapic.bus = &v->vm->apics;
	if (start->x2apic)
		lapic_wrmsr(&v->lapic, MSR_IA32_APIC_BASE, v->lapic.base | APIC_BASE_X2APIC, 0);
	msr_bitmap_init(msr_bitmap);
	reset_registers(v);

	for (u32 i = 0; i < ARRAY_SIZE(zeros); i++)
		vmcs_write(zeros[i], 0);
	vmcs_write64(VMCS_LINK_POINTER, NO_LINK);
	vmcs_write64(GUEST_IA32_PAT, PAT_RESET);
	set_host_state(v);
	set_controls(v);
	vcpu_reset(v);
	if (!v->id)
		set_guest_state(v, start);
}
