/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of rows, and what the operations are made with. To add a row,
 * write op_NAME() in one of the files ops_*.c: it does one repetition and returns
 * whether the instruction did what it should. Then add one line to the table. An
 * operation must not print: it calls note().
 *
 * What the expected counts rest on: hv/vmx/intercept.c for hv; for KVM
 * arch/x86/kvm of Linux 6.12, which intercepts nothing that this guest owns.
 */
#pragma once

#include "guest/guest.h"
#include "guest/modes.h"

/* leaves.c: leaves that are not the accounting's, each subleaf counted. */
#define NR_OTHER_LEAVES	231

#define OUTS_ELEMENTS	16
/* KVM reads ahead 1024 bytes of a string input: the row needs two such chunks. */
#define INS_BYTES	2048

/* Enough for many windows of PAUSE-loop exiting, and so many of them at most. */
#define PAUSES			20000
#define PAUSE_LOOP_EXITS	64
/* So many ticks of the host's clock come at most while a row waits for some. */
#define HOST_TICKS		64

/* ops_cpus.c: exits of each processor at the same time. */
#define AT_ONCE_EXITS		1000
#define REPORT_EXITS		6000

/* leafmap.c, leaves.c: how many CPUIDs their operations execute. */
#define LEAF_MAP_CPUIDS		(4 * (128 + 3) * 3)
#define LEAF_EXTENSION_CPUIDS	(5 + EXIT_ACCT_BUCKETS / 2)
#define LEAF_OTHER_CPUIDS	(NR_OTHER_LEAVES * (1 + NR_MODES))

/*
 * KVM's emulator ends a repeated string instruction one execution late: RIP
 * moves on only when the guest has come back with RCX = 0. That costs an exit
 * more on a CPU that exits on REP with nothing to do.
 */
#define REP_WHY	"KVM returns to the guest with RCX = 0 before RIP moves on, hv moves on at once"

#define RANDOM_WHY "KVM makes it exit where it hides from the guest that the CPU has it"

/*
 * X(name, reason, kind, repetitions, exits of one on hv, on KVM, why they differ)
 * They run in this order.
 */
#define ROWS(X)										\
	X(empty, CPUID, SYNC, 16, 0, 0, NULL)						\
	X(cpuid, CPUID, SYNC, 64, 1, 1, NULL)						\
	X(vmcall, VMCALL, SYNC, 16, 1, 1, NULL)						\
	X(rdmsr, MSR_READ, SYNC, 16, 1, 1, NULL)					\
	X(wrmsr, MSR_WRITE, SYNC, 16, 1, 1, NULL)					\
	X(wrmsr_tsc_deadline, MSR_WRITE, SYNC, 16, 1, 1, NULL)				\
	X(rdmsr_unknown, MSR_READ, SYNC, 4, 1, 1, NULL)					\
	X(wrmsr_unknown, MSR_WRITE, SYNC, 4, 1, 1, NULL)				\
	X(in8, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(in16, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(in32, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(out8, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(out16, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(out32, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(outsb, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(insb, IO_INSTRUCTION, SYNC, 16, 1, 1, NULL)					\
	X(rep_outsb_none, IO_INSTRUCTION, ASYNC, 4, 1, 1, NULL)				\
	X(rep_outsb, IO_INSTRUCTION, SYNC, 4, OUTS_ELEMENTS, OUTS_ELEMENTS | REP_TAIL, REP_WHY) \
	X(rep_outsw, IO_INSTRUCTION, SYNC, 4, OUTS_ELEMENTS, OUTS_ELEMENTS | REP_TAIL, REP_WHY) \
	X(rep_outsd, IO_INSTRUCTION, SYNC, 4, OUTS_ELEMENTS, OUTS_ELEMENTS | REP_TAIL, REP_WHY) \
	X(rep_insb, IO_INSTRUCTION, SYNC, 4, 2, 2 | REP_TAIL, REP_WHY)			\
	X(rep_insw, IO_INSTRUCTION, SYNC, 4, 2, 2 | REP_TAIL, REP_WHY)			\
	X(rep_insd, IO_INSTRUCTION, SYNC, 4, 2, 2 | REP_TAIL, REP_WHY)			\
	X(cr0_read, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr0_am, CR_ACCESS, SYNC, 16, 2, 2, NULL)					\
	X(cr0_ts, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr0_wp, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr3_read, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr3_write, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr4_mce, CR_ACCESS, SYNC, 16, 2, 2, NULL)					\
	X(cr4_de, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr4_pge, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr8_read, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(cr8_write, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(clts, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(lmsw_mp, CR_ACCESS, SYNC, 16, 2, 2, NULL)					\
	X(lmsw_ts, CR_ACCESS, SYNC, 16, 0, 0, NULL)					\
	X(mov_dr, DR_ACCESS, SYNC, 16, 1, 1, NULL)					\
	X(mov_from_dr, DR_ACCESS, SYNC, 16, 1, 1, NULL)					\
	X(mov_dr_twice, DR_ACCESS, SYNC, 16, 1, 1, NULL)				\
	X(rdtsc, RDTSC, SYNC, 16, 0, 0, NULL)						\
	X(rdtscp, RDTSCP, SYNC, 16, 0, 0, NULL)						\
	X(rdpmc, RDPMC, SYNC, 16, 1, 1, NULL)						\
	/* Few of them: PAUSE-loop exiting is for loops longer than its window. */	\
	X(pause, PAUSE_INSTRUCTION, SYNC, 16, 0, 0, NULL)				\
	X(pause_loop, PAUSE_INSTRUCTION, ASYNC, 4, PAUSE_LOOP_EXITS, PAUSE_LOOP_EXITS, NULL) \
	X(invlpg, INVLPG, SYNC, 16, 0, 0, NULL)						\
	X(invd, INVD, SYNC, 16, 1, 1, NULL)						\
	X(wbinvd, WBINVD, SYNC, 16, 1, 1, NULL)						\
	X(xsetbv, XSETBV, SYNC, 16, 1, 1, NULL)						\
	X(monitor, MONITOR_INSTRUCTION, SYNC, 4, 1, 1, NULL)				\
	X(mwait, MWAIT_INSTRUCTION, SYNC, 4, 1, 1, NULL)				\
	X(invpcid, INVPCID, SYNC, 4, 0, 0, NULL)					\
	X(sgdt, GDTR_IDTR, SYNC, 16, 0, 0, NULL)					\
	X(lgdt, GDTR_IDTR, SYNC, 16, 0, 0, NULL)					\
	X(lidt, GDTR_IDTR, SYNC, 16, 0, 0, NULL)					\
	X(sldt, LDTR_TR, SYNC, 16, 0, 0, NULL)						\
	X(lldt, LDTR_TR, SYNC, 16, 0, 0, NULL)						\
	X(ltr, LDTR_TR, SYNC, 16, 0, 0, NULL)						\
	/* Not for sure: what the KVM host's own kernel leaves alone, its guests miss. */	\
	X(rdrand, RDRAND, ASYNC, 4, 0, 1, RANDOM_WHY)					\
	X(rdseed, RDSEED, ASYNC, 4, 0, 1, RANDOM_WHY)					\
	X(xsaves, XSAVES, SYNC, 4, 0, 0, NULL)						\
	X(xrstors, XRSTORS, SYNC, 4, 0, 0, NULL)					\
	X(monitor_trap, MONITOR_TRAP_FLAG, SYNC, 4, 0, 0, NULL)				\
	X(ud2, EXCEPTION_NMI, SYNC, 16, 1, 1, NULL)					\
	X(int3, EXCEPTION_NMI, SYNC, 16, 0, 0, NULL)					\
	X(int1, EXCEPTION_NMI, SYNC, 16, 1, 1, NULL)					\
	X(single_step, EXCEPTION_NMI, SYNC, 16, 1, 1, NULL)				\
	X(page_fault, EXCEPTION_NMI, SYNC, 16, 0, 0, NULL)				\
	X(vmxon, VMON, SYNC, 4, 1, 1, NULL)						\
	X(vmxoff, VMOFF, SYNC, 4, 1, 1, NULL)						\
	X(vmclear, VMCLEAR, SYNC, 4, 1, 1, NULL)					\
	X(vmptrld, VMPTRLD, SYNC, 4, 1, 1, NULL)					\
	X(vmptrst, VMPTRST, SYNC, 4, 1, 1, NULL)					\
	X(vmread, VMREAD, SYNC, 4, 1, 1, NULL)						\
	X(vmwrite, VMWRITE, SYNC, 4, 1, 1, NULL)					\
	X(vmlaunch, VMLAUNCH, SYNC, 4, 1, 1, NULL)					\
	X(vmresume, VMRESUME, SYNC, 4, 1, 1, NULL)					\
	X(invept, INVEPT, SYNC, 4, 1, 1, NULL)						\
	X(invvpid, INVVPID, SYNC, 4, 1, 1, NULL)					\
	/* #UD before any exit of their own, so that the #UD is what exits. */		\
	X(vmfunc, EXCEPTION_NMI, SYNC, 4, 1, 1, NULL)					\
	X(getsec, EXCEPTION_NMI, SYNC, 4, 1, 1, NULL)					\
	X(vmfunc_exit, VMFUNC, SYNC, 4, 0, 0, NULL)					\
	X(getsec_exit, GETSEC, SYNC, 4, 0, 0, NULL)					\
	X(rsm, EXCEPTION_NMI, SYNC, 4, 1, 1, NULL)					\
	X(task_jmp, TASK_SWITCH, SYNC, 4, 2, 2, NULL)					\
	X(task_call, TASK_SWITCH, SYNC, 4, 2, 2, NULL)					\
	X(task_gate, TASK_SWITCH, SYNC, 4, 2, 2, NULL)					\
	X(hlt, HLT, SYNC, 8, 1, 1, NULL)						\
	/* What the timer costs: arming and EOI, and its expiry while HLT waits or not. */ \
	X(hlt_wrmsr, MSR_WRITE, ASYNC, 8, 2, 2, NULL)					\
	X(hlt_timer, PREEMPTION_TIMER, ASYNC, 8, 1, 1, NULL)				\
	X(running_timer, PREEMPTION_TIMER, ASYNC, 8, 1, 1, NULL)			\
	/* The IPI, its EOI, and the window between. */					\
	X(self_ipi, MSR_WRITE, SYNC, 8, 2, 2, NULL)					\
	X(interrupt_window, INTERRUPT_WINDOW, ASYNC, 8, 1, 1, NULL)			\
	X(tpr_threshold, TPR_BELOW_THRESHOLD, SYNC, 8, 1, 1, NULL)			\
	X(nmi, MSR_WRITE, SYNC, 8, 1, 1, NULL)						\
	X(nmi_window, NMI_WINDOW, ASYNC, 8, 1, 1, NULL)					\
	X(external_interrupt, EXTERNAL_INTERRUPT, ASYNC, 4, 0, HOST_TICKS,		\
	  "hv has no interrupts of its own, Linux has its clock's")			\
	X(ept_first_touch, EPT_VIOLATION, ASYNC, 64, 1, 1, NULL)			\
	X(ept_first_read, EPT_VIOLATION, ASYNC, 16, 1, 1, NULL)				\
	X(ept_first_fetch, EPT_VIOLATION, ASYNC, 16, 1, 1, NULL)			\
	X(mmio_first_touch, EPT_VIOLATION, ASYNC, 8, 1, 1, NULL)			\
	X(mmio_read, EPT_MISCONFIG, SYNC, 16, 1, 1, NULL)				\
	X(mmio_write, EPT_MISCONFIG, SYNC, 16, 1, 1, NULL)				\
	X(leaf_map, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)		\
	X(leaf_map_cpl3, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)	\
	X(leaf_map_32, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)		\
	X(leaf_map_32_cpl3, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)	\
	X(leaf_map_16, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)		\
	X(leaf_map_16_cpl3, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)	\
	X(leaf_map_protected, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)	\
	X(leaf_map_real, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)	\
	X(leaf_map_v86, CPUID, SYNC, 1, LEAF_MAP_CPUIDS, LEAF_MAP_CPUIDS, NULL)		\
	X(leaf_other, CPUID, SYNC, 1, LEAF_OTHER_CPUIDS, LEAF_OTHER_CPUIDS, NULL)	\
	X(leaf_extension, CPUID, SYNC, 1, LEAF_EXTENSION_CPUIDS, LEAF_EXTENSION_CPUIDS, NULL)

/*
 * The same, for machines with several processors alone, of which the first does all that
 * is above while the others wait for their SIPI. To wake one for its work takes two writes of
 * MSRs more: the IPI, and its EOI.
 */
#define ROWS_SEVERAL(X)									\
	X(ipi_halted, MSR_WRITE, SYNC, 8, 2, 2, NULL)					\
	X(ipi_hlt, HLT, ASYNC, 8, 2, 2, NULL)						\
	X(ipi_running, MSR_WRITE, SYNC, 8, 4, 4, NULL)					\
	/* A host's interrupt makes the one that runs look at the guest's. */		\
	X(ipi_kick, EXTERNAL_INTERRUPT, ASYNC, 8, HOST_TICKS, HOST_TICKS, NULL)		\
	X(nmi_halted, MSR_WRITE, SYNC, 8, 1, 1, NULL)					\
	X(nmi_running, MSR_WRITE, SYNC, 8, 3, 3, NULL)					\
	X(ipi_broadcast, MSR_WRITE, SYNC, 8, 1 | EACH_CPU, 1 | EACH_CPU, NULL)		\
	X(ipi_logical, MSR_WRITE, SYNC, 8, 2, 2, NULL)					\
	X(ipi_lowest, MSR_WRITE, SYNC, 8, 2, 2, NULL)					\
	/* INIT and two SIPIs; it sets EFER, IA32_APIC_BASE and the APIC's SVR and timer. */ \
	X(init_sipi, MSR_WRITE, SYNC, 4, 7, 7, NULL)					\
	X(at_once, CPUID, SYNC, 2, AT_ONCE_EXITS | EACH_CPU, AT_ONCE_EXITS | EACH_CPU, NULL) \
	X(read_leaves, CPUID, SYNC, 2, AT_ONCE_EXITS | EACH_CPU, AT_ONCE_EXITS | EACH_CPU, NULL) \
	X(same_page, EPT_VIOLATION, ASYNC, 16, 1 | EACH_CPU, 1 | EACH_CPU, NULL)	\
	X(report, CPUID, SYNC, 1, REPORT_EXITS | EACH_CPU, REPORT_EXITS | EACH_CPU, NULL)

/*
 * What the word intercept= may name: hv's names (hv/vmx/intercept.c), and for KVM
 * `shadow`, its shadow page tables (kvm_intel.ept=0), and `linux61`, what it has turned
 * on in Linux 6.1 and no more in 6.12: VM functions, of which it allows none.
 */
#define INTERCEPTS(X)									\
	X(bp) X(pf) X(invlpg) X(rdtsc) X(cr0) X(cr3) X(cr8) X(mtf) X(pause) X(descriptor) \
	X(rdtscp) X(rdrand) X(invpcid) X(vmfunc) X(rdseed) X(xsaves) X(getsec) X(shadow) \
	X(linux61)

/* X(row, intercept, target, exits): what is expected there in place of the table's. */
#define ROW_INTERCEPTS(X)								\
	X(int3, bp, HV, 1)								\
	X(page_fault, pf, HV, 1)							\
	X(invlpg, invlpg, HV, 1)							\
	X(invlpg, invpcid, HV, 1)							\
	X(invpcid, invlpg, HV, 1)							\
	X(invpcid, invpcid, HV, 1)							\
	X(rdtsc, rdtsc, HV, 2)								\
	X(rdtsc, rdtscp, HV, 2)								\
	X(rdtscp, rdtsc, HV, 1)								\
	X(rdtscp, rdtscp, HV, 1)							\
	X(cr0_ts, cr0, HV, 2)								\
	X(cr0_wp, cr0, HV, 2)								\
	X(clts, cr0, HV, 2)								\
	X(lmsw_ts, cr0, HV, 2)								\
	X(cr3_read, cr3, HV, 1)								\
	X(cr3_write, cr3, HV, 2)							\
	X(cr8_read, cr8, HV, 1)								\
	X(cr8_write, cr8, HV, 3)							\
	/* Every write of CR8 exits by itself then. */					\
	X(tpr_threshold, cr8, HV, 0)							\
	X(monitor_trap, mtf, HV, 1)							\
	X(pause, pause, HV, 1)								\
	X(pause_loop, pause, HV, PAUSES)						\
	X(sgdt, descriptor, HV, 2)							\
	X(lgdt, descriptor, HV, 2)							\
	X(lidt, descriptor, HV, 2)							\
	X(sldt, descriptor, HV, 2)							\
	X(lldt, descriptor, HV, 1)							\
	X(ltr, descriptor, HV, 1)							\
	X(rdrand, rdrand, HV, 1)							\
	X(rdseed, rdseed, HV, 1)							\
	X(getsec, getsec, HV, 0)							\
	X(getsec_exit, getsec, HV, 1)							\
	X(vmfunc, vmfunc, HV, 0)							\
	X(vmfunc_exit, vmfunc, HV, 1)							\
	X(xsaves, xsaves, HV, 1)							\
	X(xrstors, xsaves, HV, 1)							\
	X(vmfunc, linux61, KVM, 0)							\
	X(vmfunc_exit, linux61, KVM, 1)							\
	X(page_fault, shadow, KVM, 1)							\
	X(invlpg, shadow, KVM, 1)							\
	X(invpcid, shadow, KVM, 1)							\
	X(cr0_wp, shadow, KVM, 2)							\
	X(cr3_read, shadow, KVM, 1)							\
	X(cr3_write, shadow, KVM, 2)							\
	X(cr4_pge, shadow, KVM, 2)							\
	X(mmio_read, shadow, KVM, 0)							\
	X(mmio_write, shadow, KVM, 0)							\
	/* Real mode is emulated then: its CPUIDs are none of the CPU's. */		\
	X(leaf_map_real, shadow, KVM, 0)						\
	X(leaf_other, shadow, KVM, LEAF_OTHER_CPUIDS - NR_OTHER_LEAVES)

#define X(name, reason, kind, reps, hv, kvm, why) enum result op_##name(void);
ROWS(X)
ROWS_SEVERAL(X)
#undef X

static inline enum result ok(bool good)
{
	return good ? ROW_OK : ROW_FAIL;
}

static inline enum result skip(const char *missing)
{
	note(missing, 0, 0, 0, 0);
	return ROW_SKIP;
}

/*
 * Behaviour that only hv and KVM promise. Without accounting the machine may be
 * any emulator, and there the row can only say that it is different.
 */
static inline enum result ok_if_virtual(bool good)
{
	if (!good && !accounting.present)
		return skip("this machine does something else");
	return ok(good);
}
