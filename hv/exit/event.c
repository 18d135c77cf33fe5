// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions, interrupts, NMIs, the APIC timer: what enters the guest, and the
 * exits that bring it about.
 *
 * Source: Intel SDM volume 3, chapter "VM Entries", section "Event Injection";
 * chapter "VM Exits", section "Information for VM Exits That Occur During Event
 * Delivery"; chapter "Virtual Machine Control Structures", section "Controls for
 * VM Entry Event Injection".
 */
#include "hv/hv.h"
#include "hv/vcpu.h"

#define VMX_MISC_TIMER_SHIFT	0x1f	/* IA32_VMX_MISC: the preemption timer counts TSC >> this */
#define MSR_X2APIC_EOI		0x80b
#define LOCAL_APIC_EOI		0xfee000b0ul

static void set_event(struct vcpu *v, u32 info)
{
	vmcs_write32(VM_ENTRY_INTR_INFO, info | EVENT_VALID);
	v->event_set = true;
	v->work |= WORK_EVENTS;
}

/* An exception at the instruction at RIP, which is not done then. */
static void set_exception(struct vcpu *v, u32 info, u32 error)
{
	u32 blocking = vmcs_read32(GUEST_INTERRUPTIBILITY);

	/* Real mode knows no error codes. */
	info &= ~EVENT_ERROR_CODE;
	if (HAS_ERROR_CODE(info & EVENT_VECTOR) && vmcs_readl(GUEST_CR0) & CR0_PE) {
		vmcs_write32(VM_ENTRY_EXCEPTION_ERROR, error);
		info |= EVENT_ERROR_CODE;
	}
	/* The delivery ends shadows, and VM entry has rules for them that this spares. */
	if (blocking & BLOCKING_SHADOWS)
		vmcs_write32(GUEST_INTERRUPTIBILITY, blocking & ~BLOCKING_SHADOWS);
	v->debug_hits = 0;
	set_event(v, info);
}

/* The flags that a fault pushes have RF set: what it returns to has met its breakpoint. */
static void set_rf(void)
{
	u64 rflags = vmcs_readl(GUEST_RFLAGS);

	if (!(rflags & RFLAGS_RF))
		vmcs_writel(GUEST_RFLAGS, rflags | RFLAGS_RF);
}

void inject_exception(struct vcpu *v, u32 vector, u32 error)
{
	if (IS_FAULT(vector))
		set_rf();
	set_exception(v, vector | EVENT_HARD_EXCEPTION, error);
}

void inject_db(struct vcpu *v, u64 dr6)
{
	/* Of its causes this one alone is a fault that no breakpoint made. */
	if (dr6 & DR6_BD)
		set_rf();
	/* Delivery does neither when an event is injected; RTM's bit is active low. */
	write_dr6(((read_dr6() & ~(u64)DR6_TRAPS) | DR6_RTM | dr6) ^ (dr6 & DR6_RTM));
	vmcs_writel(GUEST_DR7, vmcs_readl(GUEST_DR7) & ~(u64)DR7_GD);
	set_exception(v, VECTOR_DB | EVENT_HARD_EXCEPTION, 0);
}

void inject_monitor_trap(struct vcpu *v)
{
	if (!v->event_set)
		set_event(v, EVENT_OTHER);
}

void inject_fault(struct vcpu *v, enum gmem_result result, const struct gmem_fault *fault)
{
	if (result == GMEM_PF)
		write_cr2(fault->address);
	inject_exception(v, result == GMEM_PF ? VECTOR_PF : VECTOR_GP, fault->error);
}

/* Deliver what an exit interrupted, or took the place of: @info and @error are its fields. */
static void deliver_again(struct vcpu *v, u32 info, u32 error)
{
	u32 vector = info & EVENT_VECTOR;

	info &= EVENT_REINJECT;
	switch (info & EVENT_TYPE) {
	case EVENT_HARD_EXCEPTION:
		if (IS_FAULT(vector))
			set_rf();
		set_exception(v, info, error);
		return;
	/* Software events are delivered as if from the end of their instruction. */
	case EVENT_SOFT_INTERRUPT:
	case EVENT_PRIV_SOFT:
	case EVENT_SOFT_EXCEPTION:
		vmcs_write32(VM_ENTRY_INSTRUCTION_LEN, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
		break;
	case EVENT_NMI:
		/* The aborted delivery set blocking already, and injecting wants it clear. */
		vmcs_write32(GUEST_INTERRUPTIBILITY,
			     vmcs_read32(GUEST_INTERRUPTIBILITY) & ~BLOCKING_BY_NMI);
	}
	set_event(v, info);
}

bool reinject_event(struct vcpu *v)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO);

	if (!(info & EVENT_VALID))
		return false;
	/* In virtual-8086 mode INT n may go the 8086's way: RIP is still at it. */
	if ((info & EVENT_TYPE) != EVENT_SOFT_INTERRUPT ||
	    !(vmcs_readl(GUEST_RFLAGS) & RFLAGS_VM))
		deliver_again(v, info, vmcs_read32(IDT_VECTORING_ERROR));
	return true;
}

void vcpu_set_proc_control(struct vcpu *v, u32 bit, bool on)
{
	u32 controls = on ? v->proc_controls | bit : v->proc_controls & ~bit;

	if (controls != v->proc_controls)
		vmcs_write32(PROC_BASED_CONTROLS, v->proc_controls = controls);
}

void vcpu_interrupt(void *ctx)
{
	struct vcpu *v = ctx;

	v->work |= WORK_EVENTS;
}

/* The PICs' vectors count in front of the APIC's own, whatever their priority. */
static bool extint_pending(const struct vcpu *v)
{
	return machine_pic_pending(&v->io.pic) && lapic_takes_extint(&v->lapic);
}

static bool interrupt_pending(const struct vcpu *v)
{
	return extint_pending(v) || lapic_pending(&v->lapic) >= 0;
}

/* What a user typed, as far as the guest has room for it; the rest waits in COM1 and below. */
static void poll_console(struct vcpu *v)
{
	int byte;

	while (machine_uart_room(&v->io.com1) && (byte = console_get()) >= 0)
		machine_uart_receive(&v->io.com1, byte);
}

void vcpu_waits_for_input(void *ctx)
{
	struct vcpu *v = ctx;

	/* A prompt has no line end. */
	console_flush_guest();
	v->work |= WORK_CONSOLE | WORK_TIMER;
	poll_console(v);
}

static bool interrupts_allowed(u32 blocking)
{
	return vmcs_readl(GUEST_RFLAGS) & RFLAGS_IF && !(blocking & BLOCKING_SHADOWS);
}

/* Inject one thing, and ask for a window for what is left. */
static void deliver_events(struct vcpu *v)
{
	struct lapic *l = &v->lapic;
	u32 blocking = vmcs_read32(GUEST_INTERRUPTIBILITY);
	u32 vector;

	if (!v->event_set && l->nmi_pending && nmi_allowed(blocking)) {
		l->nmi_pending = false;
		set_event(v, VECTOR_NMI | EVENT_NMI);
	}
	if (!v->event_set && interrupt_pending(v) && interrupts_allowed(blocking)) {
		if (extint_pending(v)) {
			vector = machine_pic_ack(&v->io.pic);
			/* It may be for a byte, behind which there are more. */
			poll_console(v);
		} else {
			vector = lapic_pending(l);
			lapic_ack(l, vector);
		}
		set_event(v, vector | EVENT_EXTERNAL);
	}
	/* An NMI window may open while STI still blocks, and then again and again. */
	vcpu_set_proc_control(v, PROC_NMI_WINDOW,
			      l->nmi_pending && !(blocking & BLOCKING_BY_STI));
	vcpu_set_proc_control(v, PROC_INTERRUPT_WINDOW,
			      interrupt_pending(v) ||
			      (l->nmi_pending && blocking & BLOCKING_BY_STI));
	if (lapic_tpr_threshold(l) != v->tpr_threshold) {
		v->tpr_threshold = lapic_tpr_threshold(l);
		vmcs_write32(TPR_THRESHOLD, v->tpr_threshold);
	}
}

/* As KVM: the preemption timer is set anew at each entry while the APIC timer runs. */
static void set_preemption_timer(struct vcpu *v)
{
	const u32 shift = vmx_caps.misc & VMX_MISC_TIMER_SHIFT;
	u64 host = rdtsc(), now = host + v->tsc_offset, deadline, ticks;
	u32 pin = v->pin_controls & ~PIN_PREEMPTION_TIMER;

	if (lapic_timer_check(&v->lapic, now))
		v->work |= WORK_EVENTS;
	deadline = lapic_next_deadline(&v->lapic);
	if (host >= v->limit)
		vcpu_time_limit(v);
	/* From here on in the host's time, and with the limit. */
	if (deadline != LAPIC_NEVER)
		deadline -= v->tsc_offset;
	/* Beyond the end of the host's TSC, where it wraps, is as good as never. */
	if (deadline < host || deadline > v->limit)
		deadline = v->limit;
	if (console_line_began && host - console_line_began >= v->console_cycles) {
		console_flush_guest();
		v->work |= WORK_CONSOLE;
	}
	/* A guest that never exits keeps the console, and input, waiting no longer than that. */
	if ((v->work & WORK_CONSOLE || console_line_began || machine_uart_listens(&v->io.com1)) &&
	    deadline > host + v->console_cycles)
		deadline = host + v->console_cycles;
	if (deadline == NO_LIMIT) {
		v->work &= ~WORK_TIMER;
	} else {
		/* It counts changes of a bit of the TSC: the first one after the deadline. */
		ticks = (deadline >> shift) - (host >> shift) + 1;
		/* A far deadline takes several exits. */
		vmcs_write32(PREEMPTION_TIMER_VALUE, ticks < ~0u ? ticks : ~0u);
		pin |= PIN_PREEMPTION_TIMER;
	}
	if (pin != v->pin_controls)
		vmcs_write32(PIN_BASED_CONTROLS, v->pin_controls = pin);
}

/* Can an interrupt or NMI end the HLT, or the trap of a single step? */
static bool awake(struct vcpu *v)
{
	return v->event_set ||
	       (v->lapic.nmi_pending && nmi_allowed(vmcs_read32(GUEST_INTERRUPTIBILITY))) ||
	       (vmcs_readl(GUEST_RFLAGS) & RFLAGS_IF && interrupt_pending(v));
}

static void pump_console(struct vcpu *v)
{
	if (v->work & WORK_CONSOLE && console_pump())
		v->work &= ~WORK_CONSOLE;
}

/* HLT: wait in the guest's place. The handler is over: this is in the round trip. */
static void wait_halted(struct vcpu *v)
{
	console_flush_guest();
	v->work |= WORK_CONSOLE;
	while (!awake(v)) {
		/* Only timer and input can change anything, and neither of them RFLAGS.IF. */
		bool input = machine_uart_listens(&v->io.com1);
		bool timer = lapic_next_deadline(&v->lapic) != LAPIC_NEVER;
		bool fired = timer && lapic_timer_check(&v->lapic, guest_tsc(v));

		if (!(vmcs_readl(GUEST_RFLAGS) & RFLAGS_IF) ||
		    (!input && (!timer || (fired && !awake(v)))))
			vcpu_die(v, CAUSE_STUCK, "the guest halted, and nothing can wake it");
		if (input)
			poll_console(v);
		pump_console(v);
		if (rdtsc() >= v->limit)
			vcpu_time_limit(v);
		asm volatile("pause");
	}
	v->work &= ~WORK_HALTED;
	v->work |= WORK_EVENTS | WORK_TIMER;
}

/*
 * KVM lets MOV DR through until the next exit that leaves its inner loop. From
 * its fastpath for the TSC deadline it goes straight back into the guest.
 */
static bool closes_dr(const struct vcpu *v)
{
	return v->exit_reason != EXIT_DR_ACCESS &&
	       !(v->exit_reason == EXIT_MSR_WRITE && (u32)v->regs[RCX] == MSR_IA32_TSC_DEADLINE);
}

void before_entry(struct vcpu *v)
{
	bool delivers;

	if (v->work & WORK_STEP)
		step_left(v);
	if (v->work & WORK_REPORT)
		vcpu_report(v);
	if (v->work & WORK_MSR)
		msr_report(v);
	if (v->work & WORK_HALTED)
		wait_halted(v);
	pump_console(v);
	if (v->work & WORK_DR_OPEN && closes_dr(v)) {
		v->work &= ~WORK_DR_OPEN;
		vcpu_set_proc_control(v, PROC_MOV_DR, true);
	}
	if (v->work & WORK_TIMER)
		set_preemption_timer(v);
	delivers = v->event_set;
	if (v->work & WORK_EVENTS) {
		v->work &= ~WORK_EVENTS;
		deliver_events(v);
	}
	if (v->work & WORK_STEP) {
		if (v->event_set == delivers)
			step_enter(v, delivers);
		else
			step_end(v, false);
	}
	v->event_set = false;
}

/* Exits */

static bool contributory(u32 vector)
{
	return !vector || (vector >= VECTOR_TS && vector <= VECTOR_GP);
}

/*
 * An exception in the delivery of @first: what becomes of the two. SDM table
 * "Conditions for Generating a Double Fault". Returns false if the second is to
 * be delivered as it is.
 */
static bool double_fault(struct vcpu *v, u32 first, u32 second)
{
	u32 vector = first & EVENT_VECTOR;

	if (!(first & EVENT_VALID) || (first & EVENT_TYPE) != EVENT_HARD_EXCEPTION)
		return false;
	if (vector == VECTOR_DF)
		vcpu_die(v, CAUSE_TRIPLE_FAULT, "the guest triple-faulted");
	if (!(contributory(second) && contributory(vector)) &&
	    !(vector == VECTOR_PF && (contributory(second) || second == VECTOR_PF)))
		return false;
	inject_exception(v, VECTOR_DF, 0);
	return true;
}

void inject_second(struct vcpu *v, u32 first, u32 vector, u32 error, u64 address)
{
	if (vector == VECTOR_PF)
		write_cr2(address);
	if (!double_fault(v, first, vector))
		inject_exception(v, vector, error);
}

void handle_exception_nmi(struct vcpu *v)
{
	u32 info = vmcs_read32(VM_EXIT_INTR_INFO), vector = info & EVENT_VECTOR;
	u64 qualification = vmcs_readl(EXIT_QUALIFICATION);

	/* The host's NMI: hv has no source of NMIs, and the guest no part in them. */
	if ((info & EVENT_TYPE) == EVENT_NMI) {
		reinject_event(v);
		return;
	}
	if (vector == VECTOR_MC)
		vcpu_die(v, CAUSE_UNHANDLED, "machine check");
	if ((info & EVENT_TYPE) != EVENT_HARD_EXCEPTION)
		deliver_again(v, info, 0);
	else if (vector == VECTOR_DB)
		inject_db(v, qualification);
	else	/* An interrupt or NMI whose delivery it ended is lost: it was acknowledged. */
		inject_second(v, vmcs_read32(IDT_VECTORING_INFO), vector,
			      vmcs_read32(VM_EXIT_INTR_ERROR), qualification);
}

void handle_external_interrupt(struct vcpu *v)
{
	(void)v;
	/* Nothing in hv waits for one: acknowledge a leftover of the firmware. */
	if (rdmsr(MSR_IA32_APIC_BASE) & APIC_BASE_X2APIC)
		wrmsr(MSR_X2APIC_EOI, 0);
	else
		*(volatile u32 *)LOCAL_APIC_EOI = 0;
}

/* deliver_events() sees that the guest is ready now, and closes the window. TPR below
 * threshold is a window that priorities opened.
 */
void handle_window(struct vcpu *v)
{
	v->work |= WORK_EVENTS;
}

void handle_preemption_timer(struct vcpu *v)
{
	/* A guest that does not halt is asked for input at the pace of its clock. */
	if (machine_uart_listens(&v->io.com1))
		poll_console(v);
	v->work |= WORK_TIMER;
}

void handle_hlt(struct vcpu *v)
{
	vcpu_skip(v);
	v->work |= WORK_HALTED;
}
