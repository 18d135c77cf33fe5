// SPDX-License-Identifier: GPL-2.0-only
/*
 * Before a VM entry: what a handler left to be done, and what has come meanwhile.
 *
 * Source: Intel SDM volume 3, chapter "VM Entries", section "Event Injection"; chapter
 * "Virtual Machine Control Structures", section "Controls for VM Entry Event Injection".
 */
#include "hv/boot/console.h"
#include "hv/exit/exit.h"

/* An interrupt of the PICs comes before those of the APIC, whatever the priorities are. */
static bool extint_pending(const struct vcpu *v)
{
	return !v->id && v->vm->io.pic.intr && lapic_takes_extint(&v->lapic);
}

static bool interrupt_pending(const struct vcpu *v)
{
	return extint_pending(v) || lapic_pending(&v->lapic) >= 0;
}

/* Inject one thing, and ask for a window for what is left. */
static void deliver_events(struct vcpu *v)
{
	struct lapic *l = &v->lapic;
	u32 blocking = guest_blocking(v);
	/* Asked once: another vCPU may take the PICs' line back. */
	bool extint = extint_pending(v), pending = extint || lapic_pending(l) >= 0;

	if (!v->event_set && l->nmi_pending && nmi_allowed(blocking)) {
		l->nmi_pending = false;
		inject_event(v, VECTOR_NMI | EVENT_NMI);
	}
	if (pending && !v->event_set && guest_rflags(v) & RFLAGS_IF &&
	    !(blocking & BLOCKING_SHADOWS)) {
		inject_event(v, EVENT_EXTERNAL |
				(extint ? devices_ack(v) : lapic_ack(l)));
		pending = interrupt_pending(v);
	}
	/*
	 * While STI blocks, a CPU may take an NMI window as open, though the NMI cannot be
	 * injected yet: it would exit again and again. Wait for an interrupt window instead.
	 */
	vmx_exit_on(v, ON_NMI_WINDOW, l->nmi_pending && !(blocking & BLOCKING_BY_STI));
	vmx_exit_on(v, ON_INTERRUPT_WINDOW, pending ||
					      (l->nmi_pending && blocking & BLOCKING_BY_STI));
	vmx_set_tpr_threshold(v, lapic_tpr_threshold(l));
}

static void pump_console(struct vcpu *v)
{
	if (!(v->work & WORK_CONSOLE))
		return;
	vm_lock(v);
	if (console_pump())
		v->work &= ~WORK_CONSOLE;
	vm_unlock(v);
}

static void show_line(struct vcpu *v)
{
	vm_lock(v);
	console_flush_guest();
	vm_unlock(v);
	v->work |= WORK_CONSOLE;
	pump_console(v);
}

/* A line that does not go on, such as a prompt, is shown as it is. */
static void show_prompt(struct vcpu *v, u64 now)
{
	u64 last = READ_ONCE(console_last_byte);

	if (v == v->vm->writer && last && now - last >= v->vm->console_cycles)
		show_line(v);
}

/* As KVM: the preemption timer is set anew at each entry while the APIC timer runs. */
static void set_timer(struct vcpu *v)
{
	u64 now = rdtsc(), limit = v->vm->limit, deadline;

	if (lapic_timer_check(&v->lapic, now + v->tsc_offset))
		v->work |= WORK_EVENTS;
	deadline = v->lapic.expiry;
	if (now >= limit)
		vcpu_time_limit(v);
	/* From here on in the host's time. */
	if (deadline != LAPIC_NEVER)
		deadline -= v->tsc_offset;
	/* A deadline where the host's TSC would have wrapped does not come. */
	if (deadline < now || deadline > limit)
		deadline = limit;
	show_prompt(v, now);
	/* Output and input are looked after at exits: have one in time, if the guest makes none. */
	if ((v->work & WORK_CONSOLE || console_last_byte ||
	     machine_uart_listens(&v->vm->io.com1)) && deadline > now + v->vm->console_cycles)
		deadline = now + v->vm->console_cycles;
	if (deadline == NO_LIMIT)
		v->work &= ~WORK_TIMER;
	vmx_set_timer(v, now, deadline);
}

/* Can an interrupt or NMI end the HLT, or the trap of a single step? */
static bool awake(struct vcpu *v)
{
	if (v->waits_for_sipi)
		return false;
	return v->event_set ||
	       (v->lapic.nmi_pending && nmi_allowed(guest_blocking(v))) ||
	       (guest_rflags(v) & RFLAGS_IF && interrupt_pending(v));
}

/* Look at what may end the HLT, but for other vCPUs; returns false if nothing can. */
static bool look_for_events(struct vcpu *v)
{
	/* Only the timer and input, and only while RFLAGS.IF is set. */
	bool input = !v->id && machine_uart_listens(&v->vm->io.com1);
	bool timer = v->lapic.expiry != LAPIC_NEVER;
	bool fired = timer && lapic_timer_check(&v->lapic, guest_tsc(v));

	if (!(guest_rflags(v) & RFLAGS_IF) || (!input && (!timer || (fired && !awake(v)))))
		return false;
	if (input)
		devices_poll_console(v);
	return true;
}

/*
 * HLT, or INIT: wait in the guest's place. The handler's clock has stopped, the round
 * trip's runs.
 */
static void wait_halted(struct vcpu *v)
{
	/* Exits that no batch has told of yet may be those that make a report due. */
	while (exit_acct_flush(&v->acct))
		vcpu_report(v);
	if (v == v->vm->writer)
		show_line(v);
	posted_wait(v);
	for (;;) {
		if (posted_any(v)) {
			posted_take(v);
			posted_wait(v);
		}
		if (!(v->work & WORK_HALTED) || awake(v))
			break;
		if (v->waits_for_sipi) {
			v->hopeless = true;
		} else {
			v->hopeless = !look_for_events(v);
			if (v->hopeless && posted_all_hopeless(v->vm))
				vcpu_die(v, CAUSE_STUCK, MACHINE_CODE_GUEST_DIED,
					 "the guest halted, and nothing can wake it");
			if (rdtsc() >= v->vm->limit)
				vcpu_time_limit(v);
		}
		show_prompt(v, rdtsc());
		pump_console(v);
		asm volatile("pause");
	}
	v->work &= ~WORK_HALTED;
	v->work |= WORK_TIMER;
	posted_take(v);
}

/*
 * KVM lets MOV DR through until the next exit that its fastpath does not handle. That
 * handles a write of the TSC deadline.
 */
static bool closes_dr(const struct vcpu *v)
{
	return v->exit_reason != EXIT_REASON_DR_ACCESS &&
	       !(v->exit_reason == EXIT_REASON_MSR_WRITE &&
		 (u32)v->regs[RCX] == MSR_IA32_TSC_DEADLINE);
}

void before_entry(struct vcpu *v)
{
	bool delivers;

	if (v->work & WORK_STEP)
		step_left(v);
	if (v->work & WORK_REPORT)
		vcpu_report(v);
	/* An emulator may keep from us for long what makes a guest exit that masks interrupts. */
	if (v->work & WORK_POSTED || posted_any(v))
		posted_take(v);
	/* INIT may be what has come last. */
	while (v->work & WORK_HALTED)
		wait_halted(v);
	pump_console(v);
	if (v->work & WORK_DR_OPEN && closes_dr(v)) {
		v->work &= ~WORK_DR_OPEN;
		vmx_exit_on(v, ON_MOV_DR, true);
	}
	if (v->work & WORK_TIMER)
		set_timer(v);
	delivers = v->event_set;
	if (v->work & WORK_EVENTS) {
		v->work &= ~WORK_EVENTS;
		deliver_events(v);
	}
	/* A step (mmio.c) goes on if this entry delivers no more than it had to; else it ends. */
	if (v->work & WORK_STEP) {
		if (v->event_set == delivers)
			step_enter(v, delivers);
		else
			step_end(v, false);
	}
	v->event_set = false;
}
