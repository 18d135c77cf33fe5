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
/* E(reason, what raises it, KVM's handler, and what else there is to say) */
#define E(name, raised, handler, ...)						\
	[name] = { .raises = raised, .kvm_handler = handler, __VA_ARGS__ },
#define V(name, raised)	\
	E(name, raised ", in VMX non-root operation always", VMX_INSTRUCTION, .kvm = UD)

const struct exit_text exit_texts[VMX_EXIT_REASONS_NR] = {
	E(EXCEPTION_NMI, "an exception whose bit in the exception bitmap is set, or an NMI",
	  "handle_exception_nmi", .kvm = "#DB #UD #AC #MC; #PF with `ept=0`")
	E(EXTERNAL_INTERRUPT, "an interrupt from outside while the guest runs",
	  "handle_external_interrupt", .kvm = "the host's own handler runs")
	E(TRIPLE_FAULT, "a fault while a double fault is delivered", "handle_triple_fault",
	  .kvm = "KVM_EXIT_SHUTDOWN to userspace", .elsewhere = "`do=triple_fault`",
	  .why = "it ends the VM, so no row can be behind it")
	E(INIT_SIGNAL, "an INIT that reaches the logical processor", NULL,
	  .why = "INITs of the host only; a guest's own IPIs stop at its virtual APIC")
	E(SIPI_SIGNAL, "a SIPI while the guest is in the wait-for-SIPI activity state", NULL,
	  .why = "neither target enters a guest in that state")
	E(IO_SMI, "an SMI right behind an I/O instruction", NULL, .why = SMM_TEXT)
	E(OTHER_SMI, "any other SMI", NULL, .why = SMM_TEXT)
	E(INTERRUPT_WINDOW, "the guest can take an interrupt, and the host waits for that",
	  "handle_interrupt_window", .control = "interrupt-window exiting")
	E(NMI_WINDOW, "the guest can take an NMI, and the host waits for that", "handle_nmi_window",
	  .control = "NMI-window exiting")
	E(TASK_SWITCH, "CALL, JMP, INT or IRET through a task gate or to a TSS",
	  "handle_task_switch", .kvm = "carried out")
	E(CPUID, "CPUID, always", "kvm_emulate_cpuid")
	E(GETSEC, "GETSEC with CR4.SMXE set", NULL, .kvm = "it refuses to set CR4.SMXE, so that "
	  "it is #UD: row `getsec`")
	E(HLT, "HLT", "kvm_emulate_halt", .control = "HLT exiting")
	E(INVD, "INVD, always", "kvm_emulate_invd")
	E(INVLPG, "INVLPG", "handle_invlpg", .control = "INVLPG exiting",
	  .kvm = "only with `ept=0`")
	E(RDPMC, "RDPMC", "kvm_emulate_rdpmc", .control = "RDPMC exiting")
	E(RDTSC, "RDTSC", NULL, .control = "RDTSC exiting", .kvm = NEVER)
	E(RSM, "RSM in SMM", NULL, .kvm = "#UD outside SMM is emulated",
	  .why = "SMM of the host only; outside SMM it is #UD: row `rsm`")
	E(VMCALL, "VMCALL, always", "kvm_emulate_hypercall")
	V(VMCLEAR, "VMCLEAR")
	V(VMLAUNCH, "VMLAUNCH")
	V(VMPTRLD, "VMPTRLD")
	V(VMPTRST, "VMPTRST")
	V(VMREAD, "VMREAD without VMCS shadowing")
	V(VMRESUME, "VMRESUME")
	V(VMWRITE, "VMWRITE without VMCS shadowing")
	V(VMOFF, "VMXOFF")
	V(VMON, "VMXON")
	E(CR_ACCESS, "MOV to CR0 or CR4, CLTS, LMSW that change a bit of the host's; MOV CR3 and "
	  "MOV CR8 where turned on", "handle_cr", .kvm = "MOV CR3 only with `ept=0`")
	E(DR_ACCESS, "MOV to or from a debug register", "handle_dr", .control = "MOV-DR exiting",
	  .kvm = "then none until another exit, off the fast path")
	E(IO_INSTRUCTION, "IN, OUT, INS, OUTS", "handle_io", .control = "unconditional I/O exiting")
	E(MSR_READ, "RDMSR of an MSR that the bitmap does not pass", "kvm_emulate_rdmsr")
	E(MSR_WRITE, "WRMSR of an MSR that the bitmap does not pass", "kvm_emulate_wrmsr",
	  .kvm = "TSC deadline and x2APIC ICR on the fast path")
	E(INVALID_STATE, "a VM entry whose guest state breaks a rule", NULL,
	  .kvm = "KVM_EXIT_FAIL_ENTRY to userspace", .why = ENTRY_TEXT)
	E(MSR_LOAD_FAIL, "a VM entry that cannot load an MSR of its list", NULL,
	  .kvm = "KVM_EXIT_FAIL_ENTRY to userspace", .why = ENTRY_TEXT)
	E(MWAIT_INSTRUCTION, "MWAIT", "kvm_emulate_mwait", .control = "MWAIT exiting",
	  .kvm = "a NOP")
	E(MONITOR_TRAP_FLAG, "the end of one instruction of the guest", "handle_monitor_trap",
	  .control = "monitor trap flag", .kvm = "only for nested guests")
	E(MONITOR_INSTRUCTION, "MONITOR", "kvm_emulate_monitor", .control = "MONITOR exiting",
	  .kvm = "a NOP")
	E(PAUSE_INSTRUCTION, "PAUSE, or a loop of it that is longer than its window",
	  "handle_pause", .kvm = "loops only")
	E(MCE_DURING_VMENTRY, "a machine check during VM entry", "handle_machine_check",
	  .kvm = "never called: it is a failed entry", .why = ENTRY_TEXT)
	E(TPR_BELOW_THRESHOLD, "MOV to CR8 that makes the TPR shadow less than the TPR threshold",
	  "handle_tpr_below_threshold", .control = "use TPR shadow")
	E(APIC_ACCESS, "an access to the APIC-access page", "handle_apic_access",
	  .control = "virtualize APIC accesses", .kvm = "only with a virtual xAPIC",
	  .why = "the guest's APIC is an x2APIC: it is reached by MSRs")
	E(EOI_INDUCED, "a virtual EOI that the host asked for", "handle_apic_eoi_induced",
	  .control = "virtual-interrupt delivery", .kvm = "only with APICv", .why = APICV_TEXT)
	E(GDTR_IDTR, "LGDT, LIDT, SGDT, SIDT", "handle_desc", .control = "descriptor-table exiting",
	  .kvm = "only while it emulates CR4.UMIP")
	E(LDTR_TR, "LLDT, LTR, SLDT, STR", "handle_desc", .control = "descriptor-table exiting",
	  .kvm = "only while it emulates CR4.UMIP")
	E(EPT_VIOLATION, "a guest-physical address that EPT does not map, or not for this access",
	  "handle_ept_violation", .control = "enable EPT")
	E(EPT_MISCONFIG, "an EPT entry with a value that is reserved", "handle_ept_misconfig",
	  .control = "enable EPT", .kvm = "marks MMIO that was seen before")
	V(INVEPT, "INVEPT")
	E(RDTSCP, "RDTSCP", NULL, .control = "RDTSC exiting", .kvm = NEVER)
	E(PREEMPTION_TIMER, "the VMX-preemption timer has counted down to 0",
	  "handle_preemption_timer", .control = "activate VMX-preemption timer",
	  .kvm = "on the fast path")
	V(INVVPID, "INVVPID")
	E(WBINVD, "WBINVD, WBNOINVD", "kvm_emulate_wbinvd", .control = "WBINVD exiting")
	E(XSETBV, "XSETBV, always", "kvm_emulate_xsetbv")
	E(APIC_WRITE, "a write to a register of the virtual APIC, behind the write",
	  "handle_apic_write", .control = "APIC-register virtualization", .kvm = "only with APICv",
	  .why = APICV_TEXT)
	E(RDRAND, "RDRAND", "kvm_handle_invalid_op", .control = "RDRAND exiting",
	  .kvm = "#UD, where the guest's CPUID hides it")
	E(INVPCID, "INVPCID, where INVLPG exits", "handle_invpcid", .control = "INVLPG exiting",
	  .kvm = "only with `ept=0`")
	E(VMFUNC, "VMFUNC that is enabled and fails, or asks for a function that is off",
	  VMX_INSTRUCTION, .control = "enable VM functions", .kvm = UD)
	E(ENCLS, "ENCLS whose leaf is in the ENCLS-exiting bitmap", "handle_encls",
	  .control = "enable ENCLS exiting", .why = NO_CPU "hv shows no SGX to its guest")
	E(RDSEED, "RDSEED", "kvm_handle_invalid_op", .control = "RDSEED exiting",
	  .kvm = "#UD, where the guest's CPUID hides it")
	E(PML_FULL, "the log of pages that were written is full", "handle_pml_full",
	  .control = "enable PML", .kvm = "while userspace logs dirty pages", .why = NO_CPU
	  "no guest can ask for it either")
	E(XSAVES, "XSAVES of a component in IA32_XSS and in the XSS-exiting bitmap", NULL,
	  .control = "enable XSAVES/XRSTORS", .kvm = "the bitmap is 0")
	E(XRSTORS, "XRSTORS of a component in IA32_XSS and in the XSS-exiting bitmap", NULL,
	  .control = "enable XSAVES/XRSTORS", .kvm = "the bitmap is 0")
	E(PCONFIG, "PCONFIG whose leaf is in the PCONFIG-exiting bitmap", NULL,
	  .control = "enable PCONFIG", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(SPP_EVENT, "a miss or misconfiguration in the sub-page permission table", NULL,
	  .control = "sub-page write permissions for EPT", .kvm = NEVER, .why = NO_CPU
	  "neither target makes such a table")
	E(UMWAIT, "UMWAIT, where RDTSC exits", NULL, .control = "enable user wait and pause",
	  .kvm = "RDTSC does not exit, so this does not", .why = NO_CPU "#UD on both")
	E(TPAUSE, "TPAUSE, where RDTSC exits", NULL, .control = "enable user wait and pause",
	  .kvm = "RDTSC does not exit, so this does not", .why = NO_CPU "#UD on both")
	E(LOADIWKEY, "LOADIWKEY", NULL, .control = "LOADIWKEY exiting", .kvm = NEVER, .why = NO_CPU
	  "#UD on both")
	E(ENCLV, "ENCLV whose leaf is in the ENCLV-exiting bitmap", NULL,
	  .control = "enable ENCLV exiting", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(ENQCMD_PASID, "ENQCMD whose PASID has no valid translation", NULL,
	  .control = "enable PASID translation", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(ENQCMDS_PASID, "ENQCMDS whose PASID has no valid translation", NULL,
	  .control = "enable PASID translation", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(BUS_LOCK, "a bus lock, behind the instruction", "handle_bus_lock_vmexit",
	  .control = "VMM bus-lock detection", .kvm = "where userspace asks for it", .why = NO_CPU
	  "the runner does not ask for it")
	E(NOTIFY, "no interrupt window for longer than the notify window", "handle_notify",
	  .control = "instruction timeout", .kvm = "where userspace asks for it", .why = NO_CPU
	  "the runner does not ask for it")
	E(SEAMCALL, "SEAMCALL", NULL, .why = NO_CPU "#UD without TDX")
	E(TDCALL, "TDCALL", NULL, .why = NO_CPU "#UD without TDX")
	E(RDMSRLIST, "RDMSRLIST of an MSR that the bitmap does not pass", NULL,
	  .control = "enable MSR-list instructions", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(WRMSRLIST, "WRMSRLIST of an MSR that the bitmap does not pass", NULL,
	  .control = "enable MSR-list instructions", .kvm = NEVER, .why = NO_CPU "#UD on both")
	E(URDMSR, "URDMSR of an MSR that the bitmap does not pass", NULL, .why = NO_CPU
	  "#UD on both")
	E(UWRMSR, "UWRMSR of an MSR that the bitmap does not pass", NULL, .why = NO_CPU
	  "#UD on both")
	E(RDMSR_IMM, "RDMSR with the MSR's number as an immediate, as RDMSR", NULL, .why = NO_CPU
	  "#UD on both")
	E(WRMSRNS_IMM, "WRMSRNS with the MSR's number as an immediate, as WRMSR", NULL,
	  .why = NO_CPU "#UD on both")
};
