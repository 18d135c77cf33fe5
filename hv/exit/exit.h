/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of an exit: vmexit.S -> vm_exit() -> a handler -> before_entry() -> vmexit.S,
 * or the end of the VM.
 */
#pragma once

#include "hv/exit/inject.h"

/** vm_exit - vmexit.S calls it for each VM exit, and enters the guest when it returns */
void vm_exit(struct vcpu *v);

/** exit_forget_handler - go on as if hv knew no handler for @reason: for a test, before any exit */
void exit_forget_handler(u16 reason);

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
