// SPDX-License-Identifier: GPL-2.0-only
/* IPIs between vCPUs: the sender posts, the receiver takes. See smp/share.h. */
#include "hv/exit/exit.h"

void posted_deliver(struct lapic *to, u32 mode, u32 vector)
{
	struct vcpu *v = (struct vcpu *)((u8 *)to - offsetof(struct vcpu, lapic));

	if (mode == LAPIC_NMI) {
		vcpu_post(v, 0, POSTED_NMI);
	} else if (mode == LAPIC_SIPI) {
		vcpu_post(v, POSTED_VECTOR, POSTED_SIPI | vector);
	} else if (mode == LAPIC_INIT && v->id) {
		/* Of the first it would be a reset, and there is no firmware to begin with. */
		vcpu_post(v, POSTED_SIPI | POSTED_NMI, POSTED_INIT);
	} else if (mode <= LAPIC_LOWEST) {
		__atomic_fetch_or(&v->posted.irr[vector / 32], 1u << vector % 32, __ATOMIC_SEQ_CST);
		vcpu_post(v, 0, POSTED_FIXED);
	}
}

void posted_wait(struct vcpu *v)
{
	__atomic_fetch_or(&v->posted.events, POSTED_WAITING, __ATOMIC_SEQ_CST);
}

static void take_fixed(struct vcpu *v)
{
	for (u32 i = 0; i < ARRAY_SIZE(v->posted.irr); i++) {
		u32 bits = __atomic_exchange_n(&v->posted.irr[i], 0, __ATOMIC_SEQ_CST);

		for (; bits; bits &= bits - 1)
			lapic_raise(&v->lapic, i * 32 + __builtin_ctz(bits));
	}
}

void posted_take(struct vcpu *v)
{
	u32 events;

	/* Before it is taken: see posted_all_hopeless(). */
	__atomic_store_n(&v->hopeless, false, __ATOMIC_SEQ_CST);
	events = __atomic_exchange_n(&v->posted.events, 0, __ATOMIC_SEQ_CST);
	v->work &= ~WORK_POSTED;
	if (events & POSTED_END)
		vcpu_park(v);
	if (events & POSTED_INIT) {
		if (v->work & WORK_STEP)
			step_end(v, false);
		vcpu_reset(v);
	}
	if (events & POSTED_SIPI)
		vcpu_sipi(v, events & POSTED_VECTOR);
	if (events & POSTED_NMI)
		v->lapic.nmi_pending = true;
	if (events & POSTED_FIXED)
		take_fixed(v);
	v->work |= WORK_EVENTS;
}

/* Whatever is posted is in posts before it is there, and gone when nobody is hopeless. */
bool posted_all_hopeless(const struct vm *vm)
{
	s64 posts = atomic64_read(&vm->posts);

	for (u32 i = 0; i < vm->nr_vcpus; i++) {
		const struct vcpu *v = vm->vcpu[i];

		if (posted_any(v) || !READ_ONCE(v->hopeless))
			return false;
	}
	return atomic64_read(&vm->posts) == posts;
}
