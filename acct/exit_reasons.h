/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one list of VMX basic exit reasons.
 *
 * Source: Intel SDM volume 3, appendix "VMX Basic Exit Reasons", table "Basic
 * Exit Reasons", as of the editions of 2025 (the first that define 84 and 85).
 * Numbers that the table leaves out or marks reserved (35, 38, 42, 71, 82, 83)
 * have no row here, and are the ones for which a leaf answers "not defined".
 *
 * X(number, NAME, "SDM name", CLASS)
 *
 * NAME is the spelling that KVM uses where KVM has one, so that a name from a
 * kvm_exit trace can be looked up here unchanged, but for 84 and 85, which KVM of Linux
 * 7.2 calls MSR_READ_IMM and MSR_WRITE_IMM. Where the SDM's name is the same, it
 * is "". CLASS is one of
 *   INSTRUCTION	the guest executed the instruction; the exit is synchronous
 *   MEMORY		the guest's access to memory raised it
 *   EVENT		an event from outside the instruction stream, or an exception
 *   ENTRY		a failed VM entry (exit-reason bit 31); never counted as an exit
 */
#ifndef EXIT_REASONS_H
#define EXIT_REASONS_H

#define VMX_EXIT_REASONS_LIST(X)						\
	X(0,  EXCEPTION_NMI,		"Exception or NMI",		EVENT)	\
	X(1,  EXTERNAL_INTERRUPT,	"External interrupt",		EVENT)	\
	X(2,  TRIPLE_FAULT,		"Triple fault",			EVENT)	\
	X(3,  INIT_SIGNAL,		"INIT signal",			EVENT)	\
	X(4,  SIPI_SIGNAL,		"Start-up IPI (SIPI)",		EVENT)	\
	X(5,  IO_SMI,			"I/O SMI",			EVENT)	\
	X(6,  OTHER_SMI,		"Other SMI",			EVENT)	\
	X(7,  INTERRUPT_WINDOW,		"Interrupt window",		EVENT)	\
	X(8,  NMI_WINDOW,		"NMI window",			EVENT)	\
	X(9,  TASK_SWITCH,		"Task switch",			INSTRUCTION) \
	X(10, CPUID,			"",				INSTRUCTION) \
	X(11, GETSEC,			"",				INSTRUCTION) \
	X(12, HLT,			"",				INSTRUCTION) \
	X(13, INVD,			"",				INSTRUCTION) \
	X(14, INVLPG,			"",				INSTRUCTION) \
	X(15, RDPMC,			"",				INSTRUCTION) \
	X(16, RDTSC,			"",				INSTRUCTION) \
	X(17, RSM,			"",				INSTRUCTION) \
	X(18, VMCALL,			"",				INSTRUCTION) \
	X(19, VMCLEAR,			"",				INSTRUCTION) \
	X(20, VMLAUNCH,			"",				INSTRUCTION) \
	X(21, VMPTRLD,			"",				INSTRUCTION) \
	X(22, VMPTRST,			"",				INSTRUCTION) \
	X(23, VMREAD,			"",				INSTRUCTION) \
	X(24, VMRESUME,			"",				INSTRUCTION) \
	X(25, VMWRITE,			"",				INSTRUCTION) \
	X(26, VMOFF,			"VMXOFF",			INSTRUCTION) \
	X(27, VMON,			"VMXON",			INSTRUCTION) \
	X(28, CR_ACCESS,		"Control-register accesses",	INSTRUCTION) \
	X(29, DR_ACCESS,		"MOV DR",			INSTRUCTION) \
	X(30, IO_INSTRUCTION,		"I/O instruction",		INSTRUCTION) \
	X(31, MSR_READ,			"RDMSR",			INSTRUCTION) \
	X(32, MSR_WRITE,		"WRMSR",			INSTRUCTION) \
	X(33, INVALID_STATE,		"VM-entry failure due to invalid guest state", ENTRY) \
	X(34, MSR_LOAD_FAIL,		"VM-entry failure due to MSR loading", ENTRY) \
	X(36, MWAIT_INSTRUCTION,	"MWAIT",			INSTRUCTION) \
	X(37, MONITOR_TRAP_FLAG,	"Monitor trap flag",		EVENT)	\
	X(39, MONITOR_INSTRUCTION,	"MONITOR",			INSTRUCTION) \
	X(40, PAUSE_INSTRUCTION,	"PAUSE",			INSTRUCTION) \
	X(41, MCE_DURING_VMENTRY,	"VM-entry failure due to machine-check event", ENTRY) \
	X(43, TPR_BELOW_THRESHOLD,	"TPR below threshold",		EVENT)	\
	X(44, APIC_ACCESS,		"APIC access",			MEMORY)	\
	X(45, EOI_INDUCED,		"Virtualized EOI",		EVENT)	\
	X(46, GDTR_IDTR,		"Access to GDTR or IDTR",	INSTRUCTION) \
	X(47, LDTR_TR,			"Access to LDTR or TR",		INSTRUCTION) \
	X(48, EPT_VIOLATION,		"EPT violation",		MEMORY)	\
	X(49, EPT_MISCONFIG,		"EPT misconfiguration",		MEMORY)	\
	X(50, INVEPT,			"",				INSTRUCTION) \
	X(51, RDTSCP,			"",				INSTRUCTION) \
	X(52, PREEMPTION_TIMER,		"VMX-preemption timer expired",	EVENT)	\
	X(53, INVVPID,			"",				INSTRUCTION) \
	X(54, WBINVD,			"WBINVD or WBNOINVD",		INSTRUCTION) \
	X(55, XSETBV,			"",				INSTRUCTION) \
	X(56, APIC_WRITE,		"APIC write",			EVENT)	\
	X(57, RDRAND,			"",				INSTRUCTION) \
	X(58, INVPCID,			"",				INSTRUCTION) \
	X(59, VMFUNC,			"",				INSTRUCTION) \
	X(60, ENCLS,			"",				INSTRUCTION) \
	X(61, RDSEED,			"",				INSTRUCTION) \
	X(62, PML_FULL,			"Page-modification log full",	MEMORY)	\
	X(63, XSAVES,			"",				INSTRUCTION) \
	X(64, XRSTORS,			"",				INSTRUCTION) \
	X(65, PCONFIG,			"",				INSTRUCTION) \
	X(66, SPP_EVENT,		"SPP-related event",		MEMORY)	\
	X(67, UMWAIT,			"",				INSTRUCTION) \
	X(68, TPAUSE,			"",				INSTRUCTION) \
	X(69, LOADIWKEY,		"",				INSTRUCTION) \
	X(70, ENCLV,			"",				INSTRUCTION) \
	X(72, ENQCMD_PASID,		"ENQCMD PASID translation failure", INSTRUCTION) \
	X(73, ENQCMDS_PASID,		"ENQCMDS PASID translation failure", INSTRUCTION) \
	X(74, BUS_LOCK,			"Bus lock",			EVENT)	\
	X(75, NOTIFY,			"Instruction timeout",		EVENT)	\
	X(76, SEAMCALL,			"",				INSTRUCTION) \
	X(77, TDCALL,			"",				INSTRUCTION) \
	X(78, RDMSRLIST,		"",				INSTRUCTION) \
	X(79, WRMSRLIST,		"",				INSTRUCTION) \
	X(80, URDMSR,			"",				INSTRUCTION) \
	X(81, UWRMSR,			"",				INSTRUCTION) \
	X(84, RDMSR_IMM,		"RDMSR (immediate)",		INSTRUCTION) \
	X(85, WRMSRNS_IMM,		"WRMSRNS (immediate)",		INSTRUCTION)

/* Numbers 0 .. NR - 1 have a slot of their own; the list must fit. */
#define VMX_EXIT_REASONS_NR	86

#include "exit_types.h"

#ifndef __KERNEL__
/* The kernel has them in its <asm/vmx.h>, under the same names. */
enum exit_reason {
#define X(number, name, sdm_name, class) EXIT_REASON_##name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};
#endif

/** exit_acct_defined - is @reason in the SDM's table of basic exit reasons? */
bool exit_acct_defined(u32 reason);

/** exit_acct_name - short name of a reason ("IO_INSTRUCTION"), "OTHER" if none */
const char *exit_acct_name(u32 reason);

/** exit_acct_sdm_name - the SDM's name of a reason ("I/O instruction") */
const char *exit_acct_sdm_name(u32 reason);

#endif /* EXIT_REASONS_H */
