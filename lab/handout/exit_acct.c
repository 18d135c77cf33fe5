// SPDX-License-Identifier: GPL-2.0-only
/*
 * Your file. As it is it compiles, and counts nothing: exit_acct.h says what each function must
 * do. What is given below is what hv needs in order to run.
 */
#include "exit_acct.h"

/* Counters */

void exit_acct_clear(struct exit_acct_counters *c)
{
	memset(c, 0, sizeof(*c));
}

void exit_acct_add(struct exit_acct_counters *dst, const struct exit_acct_counters *src)
{
}

void exit_acct_sum(const struct exit_acct_vm *vm, struct exit_acct_counters *dst)
{
	exit_acct_clear(dst);
}

u64 exit_acct_total(const struct exit_acct_counters *c)
{
	return 0;
}

u64 exit_acct_sum_u64(const struct exit_acct_vm *vm, size_t offset)
{
	return 0;
}

u64 exit_acct_sum_slots(const struct exit_acct_vm *vm, size_t offset)
{
	return 0;
}

/* VMs and vCPUs */

void exit_acct_vm_init(struct exit_acct_vm *vm, enum exit_acct_target target,
		       enum exit_acct_map map, u64 report_every, bool (*handled)(u16 reason))
{
	memset(vm, 0, sizeof(*vm));
	vm->target = target;
	vm->map = map;
	vm->report_every = report_every;
	vm->handled = handled;
}

void exit_acct_vcpu_init(struct exit_acct_vcpu *v, struct exit_acct_vm *vm,
			 struct exit_acct_counters *counters)
{
	memset(v, 0, sizeof(*v));
	exit_acct_clear(counters);
	v->vm = vm;
	v->counters = counters;
	exit_acct_close(v);
}

/* Reports */

u64 exit_acct_exits_of(const struct exit_acct_vcpu *v)
{
	return 0;
}

bool exit_acct_batch_done(struct exit_acct_vcpu *v)
{
	return false;
}

bool exit_acct_flush(struct exit_acct_vcpu *v)
{
	return false;
}

/* What is rare on the way from VM exit to VM entry */

void exit_acct_add_unusual(struct exit_acct_slot *s, u64 cycles)
{
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(exit_acct_add_unusual);

void exit_acct_failed_entry(struct exit_acct_vcpu *v, u16 reason)
{
	exit_acct_close(v);
}

void exit_acct_vmfail(struct exit_acct_vcpu *v)
{
	exit_acct_close(v);
}

void exit_acct_end(struct exit_acct_vcpu *v, u64 tsc)
{
	exit_acct_close(v);
}
