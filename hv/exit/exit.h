/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of an exit: vmexit.S -> vm_exit() -> a handler -> before_entry() -> vmexit.S,
 * or the end of the VM.
 */
#pragma once

#include "hv/exit/detail.h"
#include "hv/exit/inject.h"
#include "hv/smp/share.h"

/** vm_exit - vmexit.S calls it for each VM exit, and enters the guest when it returns */
void vm_exit(struct vcpu *v);

/** exit_forget_handler - go on as if hv knew no handler for @reason: for a test, before any exit */
void exit_forget_handler(u16 reason);

/** exit_tell_apart - have each exit counted by its number too: of vCPUs that have a table */
void exit_tell_apart(void);

/** exit_handled - has the table of exit handlers an entry for @reason? */
bool exit_handled(u16 reason);

/* The rows of the table: each does one exit, of the reason that names it. */
typedef void exit_handler(struct vcpu *v);

exit_handler handle_exception_nmi, handle_external_interrupt, handle_window,
	handle_preemption_timer, handle_hlt;	/* event.c */
exit_handler handle_cpuid;	/* cpuid.c */
exit_handler handle_cr_access, handle_dr_access, handle_xsetbv;	/* cr.c */
exit_handler handle_rdtsc, handle_rdtscp, handle_rdrand, handle_invlpg,
	handle_invpcid, handle_gdtr_idtr, handle_ldtr_tr;	/* instr.c */
exit_handler handle_io;	/* io.c */
exit_handler handle_ept_violation, handle_ept_misconfig;	/* mmio.c */
exit_handler handle_rdmsr, handle_wrmsr;	/* msr.c */
exit_handler handle_task_switch;	/* task.c */

/* cpuid.c */

/** cpuid_init - read the leaves of this processor and make a new vCPU's view of them */
void cpuid_init(struct vcpu *v);

/** cpuid_update - the guest's CR4, XCR0 or IA32_APIC_BASE has changed: so do the leaves */
void cpuid_update(struct vcpu *v);

/** cpuid_set_faulting - CPUID faulting may have been turned on or off */
void cpuid_set_faulting(struct vcpu *v);

/* devices.c: the VM's devices, for one vCPU after the other. */

/** devices_init - all devices after reset, wired to the console and to the vCPUs */
void devices_init(struct vm *vm);

/** devices_in - IN by @v of @size bytes from a port that machine_io_unbacked() does not know */
u32 devices_in(struct vcpu *v, u16 port, u32 size);

/** devices_out - OUT by @v to such a port; does not return if it ends the VM */
void devices_out(struct vcpu *v, u16 port, u32 size, u32 value);

/** devices_ack - the PICs' interrupt is delivered to @v: returns its vector */
u32 devices_ack(struct vcpu *v);

/** devices_poll_console - let COM1 receive what a user typed and has room; the rest waits below */
void devices_poll_console(struct vcpu *v);

/* entry.c */

/** before_entry - do what v->work says */
void before_entry(struct vcpu *v);

/* end.c */

/** vcpu_report - print the periodic report that is due */
void vcpu_report(struct vcpu *v) __attribute__((cold));

/** vcpu_time_limit - the guest's time is over: say where it was, then vcpu_end() */
void vcpu_time_limit(struct vcpu *v) __attribute__((noreturn, cold));

/** vcpu_end - print the counters, then end the machine; @cause: CAUSE_… */
void vcpu_end(struct vcpu *v, const char *cause, u32 code) __attribute__((noreturn, cold));

/** vcpu_die - the guest cannot go on: print why, dump the VMCS, then vcpu_end() */
void vcpu_die(struct vcpu *v, const char *cause, u32 code, const char *fmt, ...)
	__attribute__((noreturn, cold)) __printf(4, 5);

/* posted.c: what vCPUs have for each other, IPIs and the end. */

/** posted_deliver - the bus of the APICs: an IPI for the vCPU of @to */
void posted_deliver(struct lapic *to, u32 mode, u32 vector);

/** posted_wait - from here on @v looks for what is posted, and need not be made to exit */
void posted_wait(struct vcpu *v);

/** posted_any - has something come meanwhile? */
static inline bool posted_any(const struct vcpu *v)
{
	return READ_ONCE(v->posted.events) & ~POSTED_WAITING;
}

/** posted_take - do what is posted, and look no longer; does not return if it is the end */
void posted_take(struct vcpu *v);

/** posted_all_hopeless - does every vCPU wait for another, and none has anything for one? */
bool posted_all_hopeless(const struct vm *vm);
