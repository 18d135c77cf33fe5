/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the rest of hv asks of VMX while a guest runs: its registers, what is to be
 * known of an exit, what the next entry brings. The values are those of the current VMCS.
 * An event is one word, EVENT_…, and its error code: AMD's EVENTINJ and EXITINTINFO have
 * vector, type and flags in the same bits. BLOCKING_… are the shadows of STI and MOV SS, and
 * NMIs that are blocked.
 */
#pragma once

#include "acct/exit_detail.h"
#include "hv/cpu/insn.h"
#include "hv/vcpu.h"
#include "hv/vmx/vmcs.h"
#include "hv/vmx/vmx.h"

/* exit_NAME(): what the processor tells of the last exit. */
#define DEFINE_EXIT(name, field, width)					\
static __always_inline u64 exit_##name(const struct vcpu *v)		\
{									\
	return vmcs_read##width(field);					\
}

DEFINE_EXIT(length, VM_EXIT_INSTRUCTION_LEN, 32)	/* of the instruction; not for EPT exits */
DEFINE_EXIT(instruction, VM_EXIT_INSTRUCTION_INFO, 32)	/* its operands: INFO_… */
DEFINE_EXIT(gla, GUEST_LINEAR_ADDRESS, l)
DEFINE_EXIT(event_error, VM_EXIT_INTR_ERROR, 32)
DEFINE_EXIT(interrupted, IDT_VECTORING_INFO, 32)	/* an event, in its delivery */
DEFINE_EXIT(interrupted_error, IDT_VECTORING_ERROR, 32)
DEFINE_EXIT(entry_error, VM_INSTRUCTION_ERROR, 32)	/* why there was no entry, hence no exit */

/* The same of what may be asked for once more, without another VMREAD: exit_detail_count(). */
#define DEFINE_NOTED_EXIT(name, field, width)				\
static __always_inline u64 exit_##name(struct vcpu *v)			\
{									\
	return v->noted.name = vmcs_read##width(field);			\
}

DEFINE_NOTED_EXIT(qualification, EXIT_QUALIFICATION, l)	/* what it means depends on the reason */
DEFINE_NOTED_EXIT(gpa, GUEST_PHYSICAL_ADDRESS, 64)
DEFINE_NOTED_EXIT(event, VM_EXIT_INTR_INFO, 32)		/* that exited: EVENT_… */

/* What an IN, OUT, INS or OUTS does: SDM table "Exit Qualification for I/O Instructions". */
struct exit_io {
	u16 port;
	u8 size;		/* bytes */
	bool in, string, rep;
};

static __always_inline struct exit_io exit_io(struct vcpu *v)
{
	u64 q = exit_qualification(v);

	return (struct exit_io){
		.port = q >> 16, .size = (q & 7) + 1, .in = q >> 3 & 1, .string = q >> 4 & 1,
		.rep = q >> 5 & 1,
	};
}

/* Likewise of a control register: table "Exit Qualification for Control-Register Accesses". */
enum { CR_TO, CR_FROM, CR_CLTS, CR_LMSW };
struct exit_cr {
	u32 cr, reg, access, word;	/* the last is LMSW's */
};

static __always_inline struct exit_cr exit_cr(struct vcpu *v)
{
	u64 q = exit_qualification(v);

	return (struct exit_cr){ q & 0xf, q >> 8 & 0xf, q >> 4 & 3, q >> 16 & 0xf };
}

/* exit_NAME(): one number in it */
#define DEFINE_QUALIFICATION(name, shift, bits)						\
static __always_inline u32 exit_##name(struct vcpu *v)					\
{											\
	return exit_qualification(v) >> (shift) & (bits);				\
}

DEFINE_QUALIFICATION(task_source, 30, 3)	/* what wants to switch: an enum task_source */
DEFINE_QUALIFICATION(task_selector, 0, 0xffff)	/* of the new task's TSS */
DEFINE_QUALIFICATION(unblocked_nmi, 12, 1)	/* by an IRET, whose access violates the EPT */

/** exit_access - what an EPT violation was for: GMEM_WRITE, GMEM_FETCH, or else 0 */
static inline u32 exit_access(struct vcpu *v)
{
	u64 q = exit_qualification(v);

	return (q >> 1 & 1 ? GMEM_WRITE : 0) | (q >> 2 & 1 ? GMEM_FETCH : 0);
}

/* What the handler has asked for or, unless @sure, may have. */
#define NOTED(v, name, sure) \
	((sure) || (v)->noted.name != NOT_NOTED ? (v)->noted.name : exit_##name(v))

/** exit_number - what tells the exit from others of its reason; of a page see exit_page_bits() */
static __always_inline u64 exit_number(struct vcpu *v, enum exit_detail_kind kind, bool sure)
{
	switch (kind) {
	case EXIT_DETAIL_CPUID:
		return exit_detail_cpuid(v->regs[RAX], v->regs[RCX]);
	case EXIT_DETAIL_MSR:
		return (u32)v->regs[RCX];
	case EXIT_DETAIL_MSR_IMM:
		return (u32)exit_qualification(v);
	case EXIT_DETAIL_VMCALL:
		return (u32)v->regs[RAX];
	case EXIT_DETAIL_IO:
		return NOTED(v, qualification, sure) & EXIT_DETAIL_IO_BITS;
	case EXIT_DETAIL_CR:
		return NOTED(v, qualification, sure) & EXIT_DETAIL_CR_BITS;
	case EXIT_DETAIL_DR:
		return exit_qualification(v) & EXIT_DETAIL_DR_BITS;
	case EXIT_DETAIL_VECTOR:
		return NOTED(v, event, sure) & EVENT_VECTOR;
	default:
		return NOTED(v, gpa, sure) & -PAGE_SIZE;
	}
}

/** exit_page_bits - the rest of it, of an EPT violation */
static __always_inline u64 exit_page_bits(struct vcpu *v)
{
	return NOTED(v, qualification, false) & EXIT_DETAIL_PAGE_BITS;
}

/**
 * exit_reason - the whole 32-bit field
 *
 * vm_exit() compares all of it, accounting takes the low 16 bits. The barrier keeps GCC from
 * narrowing it first, which would cost a second comparison; 64 bits spare widening it for the
 * table of handlers.
 */
static __always_inline u64 exit_reason(const struct vcpu *v)
{
	u64 reason = vmcs_read(VM_EXIT_REASON);

	OPTIMIZER_HIDE_VAR(reason);
	return reason;
}

/* guest_NAME() and set_guest_NAME(): a register as the processor has it. */
#define DEFINE_GUEST(name, field, width)				\
static __always_inline u64 guest_##name(const struct vcpu *v)		\
{									\
	return vmcs_read##width(field);					\
}									\
static __always_inline void set_guest_##name(struct vcpu *v, u64 value)	\
{									\
	vmcs_write##width(field, value);				\
}

DEFINE_GUEST(rip, GUEST_RIP, l)
DEFINE_GUEST(rsp, GUEST_RSP, l)
DEFINE_GUEST(rflags, GUEST_RFLAGS, l)
DEFINE_GUEST(real_cr0, GUEST_CR0, l)
DEFINE_GUEST(real_cr4, GUEST_CR4, l)
DEFINE_GUEST(cr3, GUEST_CR3, l)
DEFINE_GUEST(dr7, GUEST_DR7, l)
DEFINE_GUEST(pat, GUEST_IA32_PAT, 64)
DEFINE_GUEST(blocking, GUEST_INTERRUPTIBILITY, 32)	/* BLOCKING_… */
DEFINE_GUEST(pending_debug, GUEST_PENDING_DEBUG, l)	/* traps that are due: bits of DR6 */
DEFINE_GUEST(event, VM_ENTRY_INTR_INFO, 32)		/* what the entry delivers: EVENT_… */
DEFINE_GUEST(event_error, VM_ENTRY_EXCEPTION_ERROR, 32)
DEFINE_GUEST(event_length, VM_ENTRY_INSTRUCTION_LEN, 32)

enum { GDTR, IDTR };

/* The same of one of several: ES … TR, GDTR or IDTR, a PDPTE register 0 … 3. */
#define DEFINE_GUEST_ARRAY(name, field)					\
static inline u64 guest_##name(const struct vcpu *v, u32 i)		\
{									\
	return vmcs_read(field + i * VMCS_SEGMENT_STRIDE);		\
}									\
static inline void set_guest_##name(struct vcpu *v, u32 i, u64 value)	\
{									\
	vmcs_write(field + i * VMCS_SEGMENT_STRIDE, value);		\
}

DEFINE_GUEST_ARRAY(selector, GUEST_ES_SELECTOR)
DEFINE_GUEST_ARRAY(segment_base, GUEST_ES_BASE)
DEFINE_GUEST_ARRAY(segment_limit, GUEST_ES_LIMIT)
DEFINE_GUEST_ARRAY(segment_rights, GUEST_ES_ACCESS_RIGHTS)
DEFINE_GUEST_ARRAY(table_base, GUEST_GDTR_BASE)
DEFINE_GUEST_ARRAY(table_limit, GUEST_GDTR_LIMIT)
DEFINE_GUEST_ARRAY(pdpte, GUEST_PDPTE0)

/* guest_cr0(), guest_cr4(): as the guest reads it, its own bits from the register, the others
 * from the shadow.
 */
#define DEFINE_SHADOWED(name, shadow)					\
static inline u64 guest_##name(const struct vcpu *v)			\
{									\
	return (guest_real_##name(v) & name##_guest_owned) |		\
	       (vmcs_readl(shadow) & ~name##_guest_owned);		\
}

DEFINE_SHADOWED(cr0, CR0_READ_SHADOW)
DEFINE_SHADOWED(cr4, CR4_READ_SHADOW)

/** set_guest_cr0 - what the guest reads from now on, and the processor does as far as it may */
void set_guest_cr0(struct vcpu *v, u64 value);

/** set_guest_cr4 - likewise */
void set_guest_cr4(struct vcpu *v, u64 value);

/** set_guest_efer - IA32_EFER, and with its LMA the mode in which the guest is entered */
void set_guest_efer(struct vcpu *v, u64 efer);

/** guest_segment - all but the selector, which few ask for: nested, each VMREAD is an exit */
void guest_segment(const struct vcpu *v, u32 segment, struct segment *s);

/** set_guest_segment - all of it */
void set_guest_segment(struct vcpu *v, u32 segment, const struct segment *s);

/** guest_cpl - current privilege level */
static inline u32 guest_cpl(const struct vcpu *v)
{
	return SEGMENT_DPL(guest_segment_rights(v, SS));
}

/** nmi_allowed - may an NMI be delivered? @blocking is guest_blocking() */
static inline bool nmi_allowed(u32 blocking)
{
	return !(blocking & (BLOCKING_BY_NMI | BLOCKING_SHADOWS));
}

/** guest_in_64bit - does the guest run 64-bit code? */
static inline bool guest_in_64bit(const struct vcpu *v)
{
	return v->efer & EFER_LMA && guest_segment_rights(v, CS) & SEGMENT_LONG;
}

/** vcpu_reg - a general register */
static inline u64 vcpu_reg(const struct vcpu *v, u32 reg)
{
	return reg == RSP ? guest_rsp(v) : v->regs[reg];
}

/** vcpu_set_reg - write the low @size bytes (2, 4 or 8) of a general register, as MOV would */
static inline void vcpu_set_reg(struct vcpu *v, u32 reg, u64 value, u32 size)
{
	v->regs[reg] = vcpu_reg(v, reg);
	insn_set_low(&v->regs[reg], value, size);
	if (reg == RSP)
		set_guest_rsp(v, v->regs[RSP]);
}

/* Of exit_instruction(), where the tables of the instruction-information field agree. */
#define INFO_REG1(info)		((info) >> 3 & 15)
#define INFO_REG2(info)		((info) >> 28)
enum {
	INFO_IS_REGISTER = 1 << 10,
	INFO_SECOND_TABLE = 1 << 28,	/* IDTR, not GDTR; TR, not LDTR */
	INFO_LOAD = 1 << 29,		/* LGDT, not SGDT; and so on */
};

/** exit_offset - where in its segment the operand in memory is, before INFO_ADDRESS_MASK */
u64 exit_offset(struct vcpu *v, u32 info);

/** INFO_SEGMENT - segment register of the operand, by exit_instruction() */
#define INFO_SEGMENT(info)	((info) >> 15 & 7)

/** INFO_ADDRESS_SIZE - bytes of an address: bits 9:7 are 0 for 16 bits, 1 for 32, 2 for 64 */
#define INFO_ADDRESS_SIZE(info)	(2u << ((info) >> 7 & 3))

/** INFO_ADDRESS_MASK - bits of an address that count */
#define INFO_ADDRESS_MASK(info)	(~0ull >> (64 - 8 * INFO_ADDRESS_SIZE(info)))

/* What hv makes exit for a while. */
enum {
	ON_MOV_DR = PROC_MOV_DR, ON_NMI_WINDOW = PROC_NMI_WINDOW,
	ON_INTERRUPT_WINDOW = PROC_INTERRUPT_WINDOW,
};

/** vmx_adds_mtf - is a VMCALL to be followed by an exit for a pending MTF (intercept=mtf)? */
static inline bool vmx_adds_mtf(void)
{
	return vmx_controls[PROC] & PROC_MONITOR_TRAP;
}

/** vmx_exit_on - make the guest exit @control: ON_…, or not */
void vmx_exit_on(struct vcpu *v, u32 control, bool on);

#define VMX_MISC_TIMER_SHIFT	0x1f	/* IA32_VMX_MISC: the preemption timer counts TSC >> this */

/** vmx_set_timer - make it exit when the host's TSC, @now at present, is at @deadline; or never */
static inline void vmx_set_timer(struct vcpu *v, u64 now, u64 deadline)
{
	const u32 shift = vmx_caps.misc & VMX_MISC_TIMER_SHIFT;
	/* It counts changes of a bit of the TSC: the first one after the deadline. */
	u64 ticks = (deadline >> shift) - (now >> shift) + 1;
	u32 pin = v->vmx.pin_controls & ~PIN_PREEMPTION_TIMER;

	if (deadline != NO_LIMIT) {
		/* A far deadline takes several exits. */
		vmcs_write32(PREEMPTION_TIMER_VALUE, ticks < ~0u ? ticks : ~0u);
		pin |= PIN_PREEMPTION_TIMER;
	}
	if (pin != v->vmx.pin_controls)
		vmcs_write32(PIN_BASED_CONTROLS, v->vmx.pin_controls = pin);
}

/** vmx_set_tpr_threshold - make it exit when it lowers TPR below that */
static inline void vmx_set_tpr_threshold(struct vcpu *v, u32 threshold)
{
	if (threshold != v->vmx.tpr_threshold)
		vmcs_write32(TPR_THRESHOLD, v->vmx.tpr_threshold = threshold);
}

/** vmx_set_tsc_offset - what the guest's TSC is ahead of the host's */
static inline void vmx_set_tsc_offset(struct vcpu *v, u64 offset)
{
	vmcs_write64(TSC_OFFSET, v->tsc_offset = offset);
}

/* reset.c */

/** vcpu_reset - reset or INIT: @v waits for a SIPI, with the registers that it then has */
void vcpu_reset(struct vcpu *v);

/** vcpu_sipi - SIPI: if @v waits for it, it begins at @vector << 12 in real mode */
void vcpu_sipi(struct vcpu *v, u32 vector);

/* vmexit.S */
void vm_exit_stub(void);

/** vm_enter_first - VMLAUNCH; every later entry comes of an exit */
void vm_enter_first(struct vcpu *v) __attribute__((noreturn));
