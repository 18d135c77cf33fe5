/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU, and what exit handlers do to it.
 *
 * One VM exit: vm_exit_stub (entry.S) -> vm_exit() (exit.c) -> a handler from
 * the table there -> before_entry(), if the handler left work -> VM entry.
 */
#ifndef HV_VCPU_H
#define HV_VCPU_H

/* entry.S takes the registers off the stack if an entry fails: 16 of 8 bytes. */
#define VCPU_REGS_BYTES	128

#ifndef __ASSEMBLER__
#include <stddef.h>
#include "hv/vmx/check.h"
#include "hv/cpu/debug.h"
#include "acct/exit_acct.h"
#include "hv/cpu/gmem.h"
#include "hv/cpu/insn.h"
#include "machine/io.h"
#include "hv/cpu/lapic.h"
#include "hv/cpu/msr_values.h"
#include "hv/cpu/mtrr.h"
#include "hv/vmx/vmcs.h"

/* General registers in the order of the SDM. */
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, NR_REGS = 16 };

/* What before_entry() has to do; 0 on the hot path. */
#define WORK_EVENTS	(1u << 0)	/* something may have become deliverable */
#define WORK_TIMER	(1u << 1)	/* the APIC timer runs: set the preemption timer */
#define WORK_DR_OPEN	(1u << 2)	/* MOV DR does not exit: make it exit again */
#define WORK_STEP	(1u << 3)	/* the processor does one instruction or delivery: mmio.c */
#define WORK_REPORT	(1u << 4)	/* a periodic report is due */
#define WORK_HALTED	(1u << 5)	/* HLT: wait for an event */
#define WORK_MSR	(1u << 6)	/* an MSR that hv does not know: say so */
#define WORK_CONSOLE	(1u << 7)	/* something may be queued for the console */

enum exit_reason {
#define X(number, name, sdm_name, class) EXIT_##name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

#define NO_LIMIT	(~0ull)

#define STEP_PAGES	64	/* that one instruction may touch */
#define APIC_REGISTERS	64

/* What the processor is doing for hv, see mmio.c; WORK_STEP says that it is. */
struct step {
	bool armed;		/* entered, and not yet left */
	bool delivers, nmi;	/* an event and no instruction; it is an NMI */
	bool unblocks;		/* an IRET, which unblocks NMIs */
	u32 blocking;		/* GUEST_INTERRUPTIBILITY of the guest */
	u32 pages;
	u64 gpa[STEP_PAGES];
	u64 apic_written;	/* a bit for each register of the APIC's page */
	u32 apic[APIC_REGISTERS];	/* as they were */
};

struct vcpu {
	u64 regs[NR_REGS];	/* first: entry.S; [RSP] is only valid after vcpu_sync_rsp() */
	u32 exit_reason;	/* of the last exit */
	u32 work;
	struct exit_acct_vcpu acct;
	u64 began;		/* TSC at the first VM entry */
	u64 console_cycles;	/* TSC cycles that what is queued may wait for an exit */
	u64 limit;		/* TSC at which the guest's time is over, or NO_LIMIT */

	bool debugging;		/* the guest has used a debug register, maybe a breakpoint */
	u64 debug_hits;		/* breakpoints that the instruction has met: bits of DR6 */

	/* Copies of VMCS fields, so that a change costs a VMWRITE and a look nothing. */
	u32 pin_controls, proc_controls, entry_controls, tpr_threshold;
	u64 tsc_offset, efer;
	bool event_set;		/* VM_ENTRY_INTR_INFO is taken for the next entry */

	struct gmem ram;
	struct machine_io io;
	struct lapic lapic;
	u64 *ept_root;
	struct step step;

	u32 refused[32], nr_refused;	/* MSRs that hv has said it does not know */

	/* Registers that exist only here. */
	u64 tsc_adjust;
	struct mtrr mtrr;
	struct msrs msrs;
};

_Static_assert(offsetof(struct vcpu, regs) == 0, "entry.S pushes the registers first");
_Static_assert(sizeof(((struct vcpu *)0)->regs) == VCPU_REGS_BYTES, "entry.S knows the size");

static inline u64 guest_tsc(const struct vcpu *v)
{
	return rdtsc() + v->tsc_offset;
}

/* entry.S */
void vm_exit_stub(void);
void vm_enter_first(struct vcpu *v) __attribute__((noreturn));

/* main.c */

/**
 * vm_start - make a VM of a vCPU, whatever it was before, and enter it
 * @limit: TSC cycles until its time is over, or NO_LIMIT
 */
void vm_start(struct vcpu *v, u64 limit) __attribute__((noreturn));

/* guest.c */

struct bootinfo;
struct machine_start;

/**
 * guest_load - give a vCPU its memory, and in it the guest
 * @start: receives how it is entered
 *
 * Ends the machine if there is none that can be loaded.
 */
void guest_load(struct vcpu *v, const struct bootinfo *b, struct machine_start *start);

/* vmx.c */

/** vmx_init - enter VMX operation with a current, clear VMCS; ends the machine if it cannot */
void vmx_init(void);

/** What the CPU can do; vmx_init() reads it. */
extern struct vmcs_caps vmx_caps;

/** What was negotiated: values of the control fields. */
extern u32 vmx_controls[NR_CONTROL_GROUPS];

/** vmx_has - was a secondary control negotiated that not every CPU has? */
static inline bool vmx_has(u32 control)
{
	return vmx_controls[PROC2] & control;
}

/** vmx_load_vmcs - make hv's VMCS clear and current; its fields stay as they are */
void vmx_load_vmcs(void);

/** vmx_flush_ept - drop what the TLB knows of the EPT: an entry of it allows less now */
void vmx_flush_ept(void);

/** vmx_flush_guest - drop what the TLB knows of the guest's own page tables */
void vmx_flush_guest(void);

/* intercept.c */
struct control {
	u8 group, bit;
	enum { CONTROL_ON, CONTROL_IF_THERE, CONTROL_OFF, CONTROL_LATER } want;
	const char *name;
};

/** What a guest's instructions and events raise: see there. */
extern const struct control controls[];
extern const unsigned int nr_controls;
extern u32 exception_bitmap;
extern u64 cr4_held;		/* at 1 in the real CR4, whatever the guest writes and reads */
extern u64 cr0_guest_owned;
extern const u64 cr4_guest_owned;

/** Controls that intercept= turns on, by group, beside those that are always on. */
extern u32 intercepted[NR_CONTROL_GROUPS];

/**
 * intercept_init - take the option intercept=
 * @names: separated by commas; ends the machine if there is one that is unknown
 */
void intercept_init(const char *names);

/** msr_bitmap_init - fill in the page that says which MSRs do not exit */
void msr_bitmap_init(u8 *bitmap);

/* vmcs.c */

/** vmcs_set_segment - fill in all of a segment register (ES … TR) of the guest */
void vmcs_set_segment(u32 segment, u16 selector, u64 base, u32 limit, u32 access_rights);

/** vmcs_set_pdptes - the four PDPTE registers of the guest's PAE paging */
static inline void vmcs_set_pdptes(const u64 pdpte[4])
{
	for (u32 i = 0; i < 4; i++)
		vmcs_write(GUEST_PDPTE0 + 2 * i, pdpte[i]);
}

/** vmcs_init - fill in the current VMCS and the registers with which the guest starts */
void vmcs_init(struct vcpu *v, const struct machine_start *start);

/* msr.c */

/** msr_report - say which MSR raised #GP for the first time */
void msr_report(struct vcpu *v) __attribute__((cold));

/* exit.c */

/** exit_set_handler - let @handler have the exits of @reason; NULL: as if hv knew none */
void exit_set_handler(u16 reason, void (*handler)(struct vcpu *v));

/** exit_handled - has the table of exit handlers an entry for @reason? */
bool exit_handled(u16 reason);

/** vcpu_advance - an instruction of @length bytes is done: RIP behind it, then vcpu_settle() */
void vcpu_advance(struct vcpu *v, u32 length);

/**
 * vcpu_settle - the end of an instruction: shadows and RF end, TF and breakpoints trap
 * @iteration: or of one iteration of it, which is repeated
 */
void vcpu_settle(struct vcpu *v, bool iteration);

/** vcpu_skip - the exiting instruction is done; not for EPT exits, which have no length */
static inline void vcpu_skip(struct vcpu *v)
{
	vcpu_advance(v, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
}

/**
 * vcpu_again - the exiting instruction is to be executed again, by the processor
 *
 * Nothing of its single step is pending then. Bochs says that its trap is, and would
 * deliver it twice.
 */
void vcpu_again(void);

/** vcpu_report - print the periodic report that is due */
void vcpu_report(struct vcpu *v) __attribute__((cold));

/** vcpu_time_limit - the guest's time is over: say where it was, then vcpu_end() */
void vcpu_time_limit(struct vcpu *v) __attribute__((noreturn, cold));

/** vcpu_end - print the counters, then end the machine */
void vcpu_end(struct vcpu *v, const char *cause, u32 code) __attribute__((noreturn, cold));

/** vcpu_die - the guest cannot go on: print why, dump the VMCS, then vcpu_end() */
void vcpu_die(struct vcpu *v, const char *cause, const char *fmt, ...)
	__attribute__((noreturn, cold)) __printf(3, 4);

/* event.c */

/** vcpu_interrupt - @ctx is a struct vcpu: the PICs have an interrupt for it */
void vcpu_interrupt(void *ctx);

/** vcpu_waits_for_input - @ctx is a struct vcpu: its guest has room for what a user types */
void vcpu_waits_for_input(void *ctx);

/**
 * inject_exception - raise an exception at the next entry, and not #DB
 * @error: error code, for those that have one where the guest is in protected mode
 */
void inject_exception(struct vcpu *v, u32 vector, u32 error);

/** inject_db - raise #DB, with @dr6 for what DR6 has to say */
void inject_db(struct vcpu *v, u64 dr6);

/** inject_monitor_trap - exit again at once: SDM "Injection of Pending MTF VM Exits" */
void inject_monitor_trap(struct vcpu *v);

/** inject_fault - raise what a gmem function returned */
void inject_fault(struct vcpu *v, enum gmem_result result, const struct gmem_fault *fault);

/**
 * inject_second - raise an exception in the delivery of another event, or of none
 * @first: IDT_VECTORING_INFO
 * @address: of a #PF
 */
void inject_second(struct vcpu *v, u32 first, u32 vector, u32 error, u64 address);

/**
 * reinject_event - an exit interrupted the delivery of an event: deliver it again
 *
 * Returns true if there was one. INT n in virtual-8086 mode needs nothing: the guest
 * executes the instruction again, and the CPU chooses the way of its delivery.
 */
bool reinject_event(struct vcpu *v);

/** nmi_allowed - may an NMI be delivered? @blocking is GUEST_INTERRUPTIBILITY */
static inline bool nmi_allowed(u32 blocking)
{
	return !(blocking & (BLOCKING_BY_NMI | BLOCKING_SHADOWS));
}

/** vcpu_set_proc_control - turn a primary processor-based control on or off */
void vcpu_set_proc_control(struct vcpu *v, u32 bit, bool on);

/** before_entry - do what v->work says; see vm_exit() */
void before_entry(struct vcpu *v);

void handle_exception_nmi(struct vcpu *v);
void handle_external_interrupt(struct vcpu *v);
void handle_window(struct vcpu *v);
void handle_preemption_timer(struct vcpu *v);
void handle_hlt(struct vcpu *v);

/* ept.c */

/** ept_init - an empty EPT for guest RAM of v->ram; returns the EPT pointer */
u64 ept_init(struct vcpu *v);

/**
 * ept_entry - the EPT's entry for the page of @gpa, an address of at most 48 bits
 *
 * Entries of what is outside RAM are forgotten when their tables are used up: hold on to
 * none of them.
 */
u64 *ept_entry(struct vcpu *v, u64 gpa);

/* mem.c */

/** vcpu_reg - a general register */
static inline u64 vcpu_reg(const struct vcpu *v, u32 reg)
{
	return reg == RSP ? vmcs_readl(GUEST_RSP) : v->regs[reg];
}

/** vcpu_set_reg - write the low @size bytes (2, 4 or 8) of a general register, as MOV would */
static inline void vcpu_set_reg(struct vcpu *v, u32 reg, u64 value, u32 size)
{
	v->regs[reg] = vcpu_reg(v, reg);
	insn_set_low(&v->regs[reg], value, size);
	if (reg == RSP)
		vmcs_writel(GUEST_RSP, v->regs[RSP]);
}

/** vcpu_sync_rsp - make v->regs[RSP] the guest's RSP, for who takes registers as an array */
static inline void vcpu_sync_rsp(struct vcpu *v)
{
	v->regs[RSP] = vcpu_reg(v, RSP);
}

/** vcpu_cpl - current privilege level */
static inline u32 vcpu_cpl(void)
{
	return SEGMENT_DPL(vmcs_read32(GUEST_SS_ACCESS_RIGHTS));
}

/** vcpu_access - what the privilege level adds to an access of the guest: GMEM_USER or 0 */
static inline u32 vcpu_access(void)
{
	return vcpu_cpl() == 3 ? GMEM_USER : 0;
}

/** INFO_SEGMENT - segment register of the operand, by the instruction-information field */
#define INFO_SEGMENT(info)	((info) >> 15 & 7)

/** INFO_ADDRESS_SIZE - bytes of an address: bits 9:7 are 0 for 16 bits, 1 for 32, 2 for 64 */
#define INFO_ADDRESS_SIZE(info)	(2u << ((info) >> 7 & 3))

/** vcpu_address_mask - bits of an offset that count, by the instruction-information field */
static inline u64 vcpu_address_mask(u32 info)
{
	return ~0ull >> (64 - 8 * INFO_ADDRESS_SIZE(info));
}

/** vcpu_paging - what a translation of a guest-linear address depends on */
void vcpu_paging(const struct vcpu *v, struct gmem_cpu *cpu);

/** vcpu_linear - guest-linear address of @offset in @segment (ES … GS); nothing is checked */
u64 vcpu_linear(const struct vcpu *v, u32 segment, u64 offset);

/** vcpu_watch - an access of the instruction has succeeded: it may have met breakpoints */
static inline void vcpu_watch(struct vcpu *v, enum debug_access access, u64 address, u64 bytes)
{
	u64 dr7;

	/* Until the guest has used one there is nothing to look at, which costs when nested. */
	if (likely(!v->debugging))
		return;
	dr7 = vmcs_readl(GUEST_DR7);
	if (dr7 & DR7_ENABLED) {
		const u64 dr[4] = { read_dr0(), read_dr1(), read_dr2(), read_dr3() };

		v->debug_hits |= debug_hits(dr7, dr, access, address, bytes);
	}
}

/* What of a vCPU decides where the accesses of one instruction go. */
struct view {
	struct vcpu *v;
	struct gmem_cpu cpu;
	u32 access;		/* GMEM_USER, GMEM_LINEAR32 */
	bool is64;
};

/** vcpu_view - read it from the VMCS, once for an instruction */
void vcpu_view(struct vcpu *v, struct view *view);

/** view_allows - does the segment, or the canonical form, allow a write? Nothing is raised */
bool view_allows(const struct view *view, u32 segment, u64 offset, u64 bytes);

/**
 * view_find - find where an access goes, and that it may be made
 * @segment: ES … GS
 * @bytes: at most a page
 * @span: receives it
 *
 * Returns false if an exception was raised instead: #GP, #SS, #AC or #PF.
 */
bool view_find(struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
	       struct gmem_span *span);

/** view_read - read likewise, RAM or what is outside */
bool view_read(struct view *view, u32 segment, u64 offset, void *data, u64 bytes);

/** view_write - write likewise */
bool view_write(struct view *view, u32 segment, u64 offset, const void *data, u64 bytes);

/** view_table - read or write a descriptor, as the CPU does at any privilege level */
bool view_table(struct view *view, u64 gla, void *data, u64 bytes, bool write);

/** view_code - copy what is at RIP; returns how many bytes of @size can be fetched */
u32 view_code(struct view *view, u8 *bytes, u32 size);

/** vcpu_in_64bit - does the guest run 64-bit code? */
static inline bool vcpu_in_64bit(const struct vcpu *v)
{
	return v->efer & EFER_LMA && vmcs_read32(GUEST_CS_ACCESS_RIGHTS) & SEGMENT_LONG;
}

/* mmio.c */

/** mmio_init - what is outside RAM, for who reaches guest memory from hv */
void mmio_init(struct vcpu *v);

/** step_left - an exit while the processor does one thing for hv: was that its end? */
void step_left(struct vcpu *v) __attribute__((cold));

/**
 * step_enter - make the next exit come after one instruction or one delivery
 * @delivers: an event is to be delivered again, and no instruction to be executed
 */
void step_enter(struct vcpu *v, bool delivers) __attribute__((cold));

/** step_end - it is @done, or else something comes first: the instruction will exit again */
void step_end(struct vcpu *v, bool done) __attribute__((cold));

void handle_ept_violation(struct vcpu *v);
void handle_ept_misconfig(struct vcpu *v);

/* cpuid.c */

/** cpuid_init - read the host's leaves and make the guest's view of them */
void cpuid_init(void);

/** cpuid_set_cr4 - the guest's CR4 has changed, and OSXSAVE with it */
void cpuid_set_cr4(u64 cr4);

/** cpuid_set_xcr0 - XCR0 has changed, and the size of the XSAVE area with it */
void cpuid_set_xcr0(void);

/** cpuid_set_apic_base - IA32_APIC_BASE has changed: there is an APIC, or there is none */
void cpuid_set_apic_base(u64 base);

/** guest_cpuid - a leaf as the guest sees it, until the next call; zeros if it has none */
const struct exit_acct_regs *guest_cpuid(u32 leaf, u32 subleaf);

/** guest_maxphyaddr - width of the guest's physical addresses, bits */
static inline u32 guest_maxphyaddr(void)
{
	return guest_cpuid(0x80000008, 0)->eax & 0xff;
}

/** guest_tsc_khz - frequency of the TSC as the guest's CPUID tells it, 0: unknown */
static inline u64 guest_tsc_khz(void)
{
	const struct exit_acct_regs *r = guest_cpuid(0x15, 0);

	return guest_cpuid(0, 0)->eax < 0x15 ? 0 : (u64)r->ecx * r->ebx / 1000;
}

void handle_cpuid(struct vcpu *v);

/** handle_cpuid_faulting - likewise, while CPUID faulting is on */
void handle_cpuid_faulting(struct vcpu *v);

/* Areas: cr.c instr.c io.c msr.c task.c */
void handle_task_switch(struct vcpu *v);
void handle_cr_access(struct vcpu *v);
void handle_dr_access(struct vcpu *v);
void handle_xsetbv(struct vcpu *v);
void handle_rdtsc(struct vcpu *v);
void handle_rdtscp(struct vcpu *v);
void handle_rdrand(struct vcpu *v);
void handle_invlpg(struct vcpu *v);
void handle_invpcid(struct vcpu *v);
void handle_gdtr_idtr(struct vcpu *v);
void handle_ldtr_tr(struct vcpu *v);
void handle_io(struct vcpu *v);
void handle_rdmsr(struct vcpu *v);
void handle_wrmsr(struct vcpu *v);

/* dump.c */

/** dump_vcpu - print general registers and every VMCS field that hv knows */
void dump_vcpu(const struct vcpu *v);

/** entry_checker - checks the current VMCS, and prints the rules that it breaks */
extern const struct vmcs_checker entry_checker;

/** explain_entry_failure - print each field of the current VMCS that breaks a rule, and the rule */
void explain_entry_failure(void);
#endif /* __ASSEMBLER__ */

#endif /* HV_VCPU_H */
