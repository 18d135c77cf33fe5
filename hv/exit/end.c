// SPDX-License-Identifier: GPL-2.0-only
/* Reports of a VM that goes on, and how one ends. */
#include "acct/exit_detail.h"
#include "hv/boot/console.h"
#include "hv/exit/exit.h"
#include "machine/line.h"

void vcpu_report(struct vcpu *v)
{
	v->work &= ~WORK_REPORT;
	vm_lock(v);
	console_new_line();
	exit_acct_report(&v->acct, rdtsc, &console_sink);
	vm_unlock(v);
	v->work |= WORK_CONSOLE | WORK_TIMER;
}

void vcpu_time_limit(struct vcpu *v)
{
	vcpus_stop();
	console_flush_guest();
	console_new_line();
	print("hv: time limit: the guest has run for %lu million cycles (limit=), RIP 0x%lx, "
	      "last VM exit %u (%s)\n", (rdtsc() - v->vm->began) / 1000000, guest_rip(v),
	      v->exit_reason, exit_acct_name(v->exit_reason));
	vcpu_end(v, CAUSE_TIME_LIMIT, MACHINE_CODE_TIME_LIMIT);
}

void vcpu_end(struct vcpu *v, const char *cause, u32 code)
{
	static struct exit_acct_counters sum;
	const struct vm *vm = v->vm;
	char scope[] = "vcpu0";
	u64 ended = rdtsc(), tsc;
	u32 line;

	vcpu_account_end(v, ended);
	vcpus_stop();
	console_flush_guest();
	console_new_line();
	/* Reports are printed before a VM entry, and there will be none. */
	for (u32 i = 0; i < vm->nr_vcpus; i++) {
		while (exit_acct_flush(&vm->vcpu[i]->acct))
			vcpu_report(vm->vcpu[i]);
	}
	for (u32 i = 0; vm->nr_vcpus > 1 && i < vm->nr_vcpus; i++, scope[4]++)
		exit_acct_print(&vm->vcpu[i]->counters, scope, &console_sink);
	for (u32 i = 0; vm->boot.options.detail && i < vm->nr_vcpus; i++) {
		scope[4] = '0' + i;
		exit_detail_print(vm->vcpu[i]->acct.detail, scope, &console_sink);
	}
	exit_acct_sum(&vm->acct, &sum);
	exit_acct_print(&sum, "vm", &console_sink);
	for (u32 i = 0; (tsc = machine_stamp_get(i, &line)); i++)
		print("at line=%u tsc=%lu\n", line, tsc);
	print("ran begin=%lu end=%lu\n", vm->began, ended);
	hv_end(cause, code);
}

void vcpu_die(struct vcpu *v, const char *cause, u32 code, const char *fmt, ...)
{
	va_list ap;

	vcpu_account_end(v, rdtsc());	/* printing is not the time of an exit */
	vcpus_stop();
	/* In front: what is said last tells why. */
	if (code == MACHINE_CODE_ENTRY) {
		console_flush_guest();
		console_new_line();
		print("hv: build/tools/vmcs_check LOG names the rule that this VMCS breaks\n");
	}
	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	dump_vcpu(v, code == MACHINE_CODE_ENTRY);
	vcpu_end(v, cause, code);
}

/**
 * vm_entry_vmfail - vmexit.S: VMLAUNCH or VMRESUME did not enter
 * @invalid: there was no current VMCS to hold an error number
 */
void __cold __attribute__((noreturn)) vm_entry_vmfail(struct vcpu *v, u32 invalid)
{
	u32 error = invalid ? 0 : exit_entry_error(v);

	exit_acct_vmfail(&v->acct);
	vcpu_die(v, CAUSE_ENTRY, MACHINE_CODE_ENTRY,
		 "VM entry refused: VM-instruction error %u (%s)", error,
		 vm_instruction_error_name(error));
}
