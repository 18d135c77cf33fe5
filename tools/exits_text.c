// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source: Intel SDM volume 3, appendix "VMX Basic Exit Reasons"; chapter "VMX
 * Non-Root Operation", sections "Instructions That Cause VM Exits" and "Other
 * Causes of VM Exits"; chapter "Virtual Machine Control Structures". For KVM:
 * arch/x86/kvm/vmx of Linux 6.12, whose table tools/exits_doc.c checks.
 */
#include <stddef.h>
#include "tools/exits_doc.h"

enum {
#define X(number, name, sdm_name, class) name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

#define UD		"raises #UD in the guest"
#define NO_CPU		"needs a newer CPU than the lab's, a Haswell; "
#define NEVER		"never turned on"
#define VMX_INSTRUCTION	"handle_vmx_instruction"
#define SMM_TEXT	"needs the dual-monitor treatment of SMM, which neither target uses"
#define APICV_TEXT	"needs APIC virtualization, which the lab's CPU model has not"
#define ENTRY_TEXT	"a failed entry is the host's mistake: no guest that is entered can make it"
#define VMX_TEXT(name)	{ .raises = name ", in VMX non-root operation always", \
			  .kvm_handler = VMX_INSTRUCTION, .kvm = UD }

const struct exit_text exit_texts[VMX_EXIT_REASONS_NR] = {
	[EXCEPTION_NMI] = {
		.raises = "an exception whose bit in the exception bitmap is set, or an NMI",
		.kvm_handler = "handle_exception_nmi",
		.kvm = "#DB #UD #AC #MC; #PF with `ept=0`" },
	[EXTERNAL_INTERRUPT] = {
		.raises = "an interrupt from outside while the guest runs",
		.kvm_handler = "handle_external_interrupt",
		.kvm = "the host's own handler runs" },
	[TRIPLE_FAULT] = {
		.raises = "a fault while a double fault is delivered",
		.kvm_handler = "handle_triple_fault",
		.kvm = "KVM_EXIT_SHUTDOWN to userspace",
		.elsewhere = "`do=triple_fault`",
		.why = "it ends the VM, so no row can be behind it" },
	[INIT_SIGNAL] = {
		.raises = "an INIT that reaches the logical processor",
		.why = "INITs of the host only; a guest's own IPIs stop at its virtual APIC" },
	[SIPI_SIGNAL] = {
		.raises = "a SIPI while the guest is in the wait-for-SIPI activity state",
		.why = "neither target enters a guest in that state" },
	[IO_SMI] = {
		.raises = "an SMI right behind an I/O instruction", .why = SMM_TEXT },
	[OTHER_SMI] = {
		.raises = "any other SMI", .why = SMM_TEXT },
	[INTERRUPT_WINDOW] = {
		.raises = "the guest can take an interrupt, and the host waits for that",
		.control = "interrupt-window exiting",
		.kvm_handler = "handle_interrupt_window" },
	[NMI_WINDOW] = {
		.raises = "the guest can take an NMI, and the host waits for that",
		.control = "NMI-window exiting",
		.kvm_handler = "handle_nmi_window" },
	[TASK_SWITCH] = {
		.raises = "CALL, JMP, INT or IRET through a task gate or to a TSS",
		.kvm_handler = "handle_task_switch", .kvm = "carried out" },
	[CPUID] = { .raises = "CPUID, always", .kvm_handler = "kvm_emulate_cpuid" },
	[GETSEC] = {
		.raises = "GETSEC with CR4.SMXE set",
		.kvm = "it refuses to set CR4.SMXE, so that it is #UD: row `getsec`" },
	[HLT] = {
		.raises = "HLT", .control = "HLT exiting", .kvm_handler = "kvm_emulate_halt" },
	[INVD] = { .raises = "INVD, always", .kvm_handler = "kvm_emulate_invd" },
	[INVLPG] = {
		.raises = "INVLPG", .control = "INVLPG exiting", .kvm_handler = "handle_invlpg",
		.kvm = "only with `ept=0`" },
	[RDPMC] = {
		.raises = "RDPMC", .control = "RDPMC exiting", .kvm_handler = "kvm_emulate_rdpmc" },
	[RDTSC] = { .raises = "RDTSC", .control = "RDTSC exiting", .kvm = NEVER },
	[RSM] = {
		.raises = "RSM in SMM", .kvm = "#UD outside SMM is emulated",
		.why = "SMM of the host only; outside SMM it is #UD: row `rsm`" },
	[VMCALL] = { .raises = "VMCALL, always", .kvm_handler = "kvm_emulate_hypercall" },
	[VMCLEAR] = VMX_TEXT("VMCLEAR"),
	[VMLAUNCH] = VMX_TEXT("VMLAUNCH"),
	[VMPTRLD] = VMX_TEXT("VMPTRLD"),
	[VMPTRST] = VMX_TEXT("VMPTRST"),
	[VMREAD] = VMX_TEXT("VMREAD without VMCS shadowing"),
	[VMRESUME] = VMX_TEXT("VMRESUME"),
	[VMWRITE] = VMX_TEXT("VMWRITE without VMCS shadowing"),
	[VMOFF] = VMX_TEXT("VMXOFF"),
	[VMON] = VMX_TEXT("VMXON"),
	[CR_ACCESS] = {
		.raises = "MOV to CR0 or CR4, CLTS, LMSW that change a bit of the host's; "
			"MOV CR3 and MOV CR8 where turned on",
		.kvm_handler = "handle_cr", .kvm = "MOV CR3 only with `ept=0`" },
	[DR_ACCESS] = {
		.raises = "MOV to or from a debug register", .control = "MOV-DR exiting",
		.kvm_handler = "handle_dr",
		.kvm = "then none until another exit, off the fast path" },
	[IO_INSTRUCTION] = {
		.raises = "IN, OUT, INS, OUTS", .control = "unconditional I/O exiting",
		.kvm_handler = "handle_io" },
	[MSR_READ] = {
		.raises = "RDMSR of an MSR that the bitmap does not pass",
		.kvm_handler = "kvm_emulate_rdmsr" },
	[MSR_WRITE] = {
		.raises = "WRMSR of an MSR that the bitmap does not pass",
		.kvm_handler = "kvm_emulate_wrmsr",
		.kvm = "TSC deadline and x2APIC ICR on the fast path" },
	[INVALID_STATE] = {
		.raises = "a VM entry whose guest state breaks a rule",
		.kvm = "KVM_EXIT_FAIL_ENTRY to userspace", .why = ENTRY_TEXT },
	[MSR_LOAD_FAIL] = {
		.raises = "a VM entry that cannot load an MSR of its list",
		.kvm = "KVM_EXIT_FAIL_ENTRY to userspace", .why = ENTRY_TEXT },
	[MWAIT_INSTRUCTION] = {
		.raises = "MWAIT", .control = "MWAIT exiting", .kvm_handler = "kvm_emulate_mwait",
		.kvm = "a NOP" },
	[MONITOR_TRAP_FLAG] = {
		.raises = "the end of one instruction of the guest", .control = "monitor trap flag",
		.kvm_handler = "handle_monitor_trap", .kvm = "only for nested guests" },
	[MONITOR_INSTRUCTION] = {
		.raises = "MONITOR", .control = "MONITOR exiting",
		.kvm_handler = "kvm_emulate_monitor", .kvm = "a NOP" },
	[PAUSE_INSTRUCTION] = {
		.raises = "PAUSE, or a loop of it that is longer than its window",
		.kvm_handler = "handle_pause", .kvm = "loops only" },
	[MCE_DURING_VMENTRY] = {
		.raises = "a machine check during VM entry", .kvm_handler = "handle_machine_check",
		.kvm = "never called: it is a failed entry", .why = ENTRY_TEXT },
	[TPR_BELOW_THRESHOLD] = {
		.raises = "MOV to CR8 that makes the TPR shadow less than the TPR threshold",
		.control = "use TPR shadow", .kvm_handler = "handle_tpr_below_threshold" },
	[APIC_ACCESS] = {
		.raises = "an access to the APIC-access page",
		.control = "virtualize APIC accesses", .kvm_handler = "handle_apic_access",
		.kvm = "only with a virtual xAPIC",
		.why = "the guest's APIC is an x2APIC: it is reached by MSRs" },
	[EOI_INDUCED] = {
		.raises = "a virtual EOI that the host asked for",
		.control = "virtual-interrupt delivery", .kvm_handler = "handle_apic_eoi_induced",
		.kvm = "only with APICv", .why = APICV_TEXT },
	[GDTR_IDTR] = {
		.raises = "LGDT, LIDT, SGDT, SIDT", .control = "descriptor-table exiting",
		.kvm_handler = "handle_desc", .kvm = "only while it emulates CR4.UMIP" },
	[LDTR_TR] = {
		.raises = "LLDT, LTR, SLDT, STR", .control = "descriptor-table exiting",
		.kvm_handler = "handle_desc", .kvm = "only while it emulates CR4.UMIP" },
	[EPT_VIOLATION] = {
		.raises = "a guest-physical address that EPT does not map, or not for this access",
		.control = "enable EPT", .kvm_handler = "handle_ept_violation" },
	[EPT_MISCONFIG] = {
		.raises = "an EPT entry with a value that is reserved",
		.control = "enable EPT", .kvm_handler = "handle_ept_misconfig",
		.kvm = "marks MMIO that was seen before" },
	[INVEPT] = VMX_TEXT("INVEPT"),
	[RDTSCP] = { .raises = "RDTSCP", .control = "RDTSC exiting", .kvm = NEVER },
	[PREEMPTION_TIMER] = {
		.raises = "the VMX-preemption timer has counted down to 0",
		.control = "activate VMX-preemption timer",
		.kvm_handler = "handle_preemption_timer", .kvm = "on the fast path" },
	[INVVPID] = VMX_TEXT("INVVPID"),
	[WBINVD] = {
		.raises = "WBINVD, WBNOINVD", .control = "WBINVD exiting",
		.kvm_handler = "kvm_emulate_wbinvd" },
	[XSETBV] = { .raises = "XSETBV, always", .kvm_handler = "kvm_emulate_xsetbv" },
	[APIC_WRITE] = {
		.raises = "a write to a register of the virtual APIC, behind the write",
		.control = "APIC-register virtualization", .kvm_handler = "handle_apic_write",
		.kvm = "only with APICv", .why = APICV_TEXT },
	[RDRAND] = {
		.raises = "RDRAND", .control = "RDRAND exiting",
		.kvm_handler = "kvm_handle_invalid_op",
		.kvm = "#UD, where the guest's CPUID hides it" },
	[INVPCID] = {
		.raises = "INVPCID, where INVLPG exits", .control = "INVLPG exiting",
		.kvm_handler = "handle_invpcid", .kvm = "only with `ept=0`" },
	[VMFUNC] = {
		.raises = "VMFUNC that is enabled and fails, or asks for a function that is off",
		.control = "enable VM functions", .kvm_handler = VMX_INSTRUCTION, .kvm = UD },
	[ENCLS] = {
		.raises = "ENCLS whose leaf is in the ENCLS-exiting bitmap",
		.control = "enable ENCLS exiting", .kvm_handler = "handle_encls",
		.why = NO_CPU "hv shows no SGX to its guest" },
	[RDSEED] = {
		.raises = "RDSEED", .control = "RDSEED exiting",
		.kvm_handler = "kvm_handle_invalid_op",
		.kvm = "#UD, where the guest's CPUID hides it" },
	[PML_FULL] = {
		.raises = "the log of pages that were written is full",
		.control = "enable PML", .kvm_handler = "handle_pml_full",
		.kvm = "while userspace logs dirty pages",
		.why = NO_CPU "no guest can ask for it either" },
	[XSAVES] = {
		.raises = "XSAVES of a component in IA32_XSS and in the XSS-exiting bitmap",
		.control = "enable XSAVES/XRSTORS", .kvm = "the bitmap is 0" },
	[XRSTORS] = {
		.raises = "XRSTORS of a component in IA32_XSS and in the XSS-exiting bitmap",
		.control = "enable XSAVES/XRSTORS", .kvm = "the bitmap is 0" },
	[PCONFIG] = {
		.raises = "PCONFIG whose leaf is in the PCONFIG-exiting bitmap",
		.control = "enable PCONFIG", .kvm = NEVER, .why = NO_CPU "#UD on both" },
	[SPP_EVENT] = {
		.raises = "a miss or misconfiguration in the sub-page permission table",
		.control = "sub-page write permissions for EPT", .kvm = NEVER,
		.why = NO_CPU "neither target makes such a table" },
	[UMWAIT] = {
		.raises = "UMWAIT, where RDTSC exits", .control = "enable user wait and pause",
		.kvm = "RDTSC does not exit, so this does not", .why = NO_CPU "#UD on both" },
	[TPAUSE] = {
		.raises = "TPAUSE, where RDTSC exits", .control = "enable user wait and pause",
		.kvm = "RDTSC does not exit, so this does not", .why = NO_CPU "#UD on both" },
	[LOADIWKEY] = {
		.raises = "LOADIWKEY", .control = "LOADIWKEY exiting", .kvm = NEVER,
		.why = NO_CPU "#UD on both" },
	[ENCLV] = {
		.raises = "ENCLV whose leaf is in the ENCLV-exiting bitmap",
		.control = "enable ENCLV exiting", .kvm = NEVER, .why = NO_CPU "#UD on both" },
	[ENQCMD_PASID] = {
		.raises = "ENQCMD whose PASID has no valid translation",
		.control = "enable PASID translation", .kvm = NEVER, .why = NO_CPU "#UD on both" },
	[ENQCMDS_PASID] = {
		.raises = "ENQCMDS whose PASID has no valid translation",
		.control = "enable PASID translation", .kvm = NEVER, .why = NO_CPU "#UD on both" },
	[BUS_LOCK] = {
		.raises = "a bus lock, behind the instruction", .control = "VMM bus-lock detection",
		.kvm_handler = "handle_bus_lock_vmexit", .kvm = "where userspace asks for it",
		.why = NO_CPU "the runner does not ask for it" },
	[NOTIFY] = {
		.raises = "no interrupt window for longer than the notify window",
		.control = "instruction timeout", .kvm_handler = "handle_notify",
		.kvm = "where userspace asks for it",
		.why = NO_CPU "the runner does not ask for it" },
	[SEAMCALL] = {
		.raises = "SEAMCALL", .why = NO_CPU "#UD without TDX" },
	[TDCALL] = {
		.raises = "TDCALL", .why = NO_CPU "#UD without TDX" },
	[RDMSRLIST] = {
		.raises = "RDMSRLIST of an MSR that the bitmap does not pass",
		.control = "enable MSR-list instructions", .kvm = NEVER,
		.why = NO_CPU "#UD on both" },
	[WRMSRLIST] = {
		.raises = "WRMSRLIST of an MSR that the bitmap does not pass",
		.control = "enable MSR-list instructions", .kvm = NEVER,
		.why = NO_CPU "#UD on both" },
	[URDMSR] = {
		.raises = "URDMSR of an MSR that the bitmap does not pass",
		.why = NO_CPU "#UD on both" },
	[UWRMSR] = {
		.raises = "UWRMSR of an MSR that the bitmap does not pass",
		.why = NO_CPU "#UD on both" },
	[RDMSR_IMM] = {
		.raises = "RDMSR with the MSR's number as an immediate, as RDMSR",
		.why = NO_CPU "#UD on both" },
	[WRMSRNS_IMM] = {
		.raises = "WRMSRNS with the MSR's number as an immediate, as WRMSR",
		.why = NO_CPU "#UD on both" },
};
