// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens on KVM alone: vCPUs that go before their VM, exits without an entry, reports
 * that nobody prints. hv does without this file.
 */
#include "exit_print.h"

void exit_acct_vcpu_remove(struct exit_acct_vcpu *v)
{
	struct exit_acct_vm *vm = v->vm;
	struct exit_acct_vcpu **p;

	for (p = &vm->vcpus; *p; p = &(*p)->next) {
		if (*p == v) {
			WRITE_ONCE(*p, v->next);
			WRITE_ONCE(vm->gone, vm->gone + exit_acct_exits_of(v));
			atomic64_add_return(exit_acct_exits_of(v) - v->added, &vm->total);
			return;
		}
	}
}

void exit_acct_synthesised(struct exit_acct_vcpu *v, u64 tsc)
{
	exit_acct_own_add(&v->counters->synthesised, 1);
	exit_acct_entry(v, tsc);
	exit_acct_close(v);
}

void exit_acct_report_skip(struct exit_acct_vcpu *v)
{
	atomic64_inc(&v->vm->skipped);
	v->report_due = 0;
}
