// SPDX-License-Identifier: GPL-2.0-only
/* Lock, events and end of several vCPUs: see share.h. */
#include "hv/boot/trap.h"
#include "hv/exit/detail.h"
#include "hv/smp/apic.h"
#include "hv/smp/share.h"

#define PATIENCE_MS	1000u		/* for all together, that this processor runs */

void vcpu_post(struct vcpu *v, u32 drop, u32 events)
{
	u32 old = READ_ONCE(v->posted.events);

	atomic64_inc(&v->vm->posts);
	while (!__atomic_compare_exchange_n(&v->posted.events, &old, (old & ~drop) | events, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	/* Whoever posted first has made it exit. */
	if (!old)
		apic_send(v->apic_id, IPI_KICK);
}

void vcpu_park(struct vcpu *v)
{
	vcpu_account_end(v, rdtsc());
	smp_store_release(&v->parked, true);
	for (;;)
		asm volatile("cli; hlt");
}

void vm_lock(struct vcpu *v)
{
	struct vcpu *nobody = NULL;

	while (!__atomic_compare_exchange_n(&v->vm->user, &nobody, v, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		if (READ_ONCE(v->vm->ended_by) && v->vm->ended_by != v)
			vcpu_park(v);
		asm volatile("pause");
		nobody = NULL;
	}
}

/* Have all but the one that ends the VM heard of it? Those that have not may get an NMI. */
static bool all_parked(const struct vm *vm, bool nmi)
{
	bool all = true;

	for (u32 i = 0; i < vm->nr_vcpus; i++) {
		if (vm->vcpu[i] == vm->ended_by || smp_load_acquire(&vm->vcpu[i]->parked))
			continue;
		all = false;
		if (nmi)
			apic_send(vm->vcpu[i]->apic_id, IPI_NMI);
	}
	return all;
}

void vcpus_stop(void)
{
	struct vcpu *v = trap_here()->vcpu, *other = NULL;
	struct vm *vm = v->vm;

	if (!vm || vm->nr_vcpus < 2)
		return;
	if (!__atomic_compare_exchange_n(&vm->ended_by, &other, v, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		if (other != v)
			vcpu_park(v);
		return;
	}
	for (u32 i = 0; i < vm->nr_vcpus; i++) {
		if (vm->vcpu[i] != v)
			vcpu_post(vm->vcpu[i], 0, POSTED_END);
	}
	for (u32 ms = 0; ms < PATIENCE_MS && !all_parked(vm, ms); ms++) {
		u64 next = rdtsc() + (vm->measured_khz ?: UNKNOWN_KHZ);

		while (rdtsc() < next && !all_parked(vm, false))
			asm volatile("pause");
	}
	vm_unlock(v);
}
