// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a sequence, exception by exception: noted, and then on behind the
 * instruction that raised it. Compiled for 64-bit code as trap64() and for 32-bit code
 * as trap32(), to be called from start.S and legacy.S.
 *
 * Sources: Intel SDM volume 3, sections "Exception Classifications", "Debug Status
 * Register (DR6)", "Instruction-Breakpoint Exception Condition".
 */
#include "tests/agree/agree.h"
#include "machine/x86.h"

typedef unsigned long word;

#ifdef __x86_64__
#define TRAP		trap64
#define FRAME_GPRS	16
#else
#define TRAP		trap32
#define FRAME_GPRS	8
asm(".code32");		/* the object is one for 64 bits, to be linked with those */
#endif

/* As the stubs push it. Registers have their numbers from the end on. */
struct frame {
	word ss_now, gs, fs, es, ds;
	word gpr[FRAME_GPRS];
	word vector, error;
	word ip, cs, flags, sp, ss;
	word v86_es, v86_ds, v86_fs, v86_gs;
};

/* What begins in the middle of 16-bit code is another frame: see legacy.S. */
struct real_frame {
	u16 ss, gs, fs, es, ds;
	u32 gpr[8];
	u16 vector, ip, cs, flags;
} __attribute__((packed));

#define VECTOR_OF	4
#define VECTOR_SPURIOUS	0x5f

static bool is_fault(word vector)
{
	return vector < 32 && vector != VECTOR_DB && vector != VECTOR_NMI &&
	       vector != VECTOR_BP && vector != VECTOR_OF;
}

/* In 32-bit code the CPU pushes a stack pointer only where it changes stacks. */
static bool pushed_sp(const struct frame *f)
{
	return sizeof(word) == 8 || f->flags & RFLAGS_VM || f->cs & 3;
}

/* That may come in a handler, on its first instruction. */
static bool from_outside(word vector)
{
	return vector == VECTOR_NMI || vector >= 0x40;
}

static void end_of_interrupt(word vector)
{
	/*
	 * Vectors of INT n are below, those that the local APIC raises are here. Others can only
	 * be a peer's IPIs, and stay in service while the sequence runs.
	 */
	if (vector < (watch.running ? 0x40 : 0x20) || vector == VECTOR_SPURIOUS)
		return;
	if (watch.x2apic)
		wrmsr(0x80b, 0);
	else
		*(volatile u32 *)(word)((rdmsr(MSR_IA32_APIC_BASE) & 0xfffff000) + 0xb0) = 0;
}

/* The peer sends an NMI more, which has to wait for IRET. The write is an exit: see peer.c. */
static void hold(void)
{
	volatile u32 *tpr;

	watch.ask = watch.hold;
	watch.hold = 0;
	while (watch.ask)
		;
	if (watch.x2apic) {
		wrmsr(0x808, rdmsr(0x808));
	} else {
		tpr = (u32 *)(word)((rdmsr(MSR_IA32_APIC_BASE) & 0xfffff000) + 0x80);
		*tpr = *tpr;
	}
}

static bool finish(const struct frame *f, word sp)
{
	bool v86 = sizeof(word) == 4 && f->flags & RFLAGS_VM;

	for (u32 i = 0; i < FRAME_GPRS; i++)
		watch_end.gpr[i] = f->gpr[FRAME_GPRS - 1 - i];
	watch_end.gpr[SP] = sp;
	watch_end.ip = f->ip;
	watch_end.flags = f->flags;
	watch_end.cs = f->cs;
	watch_end.ss = pushed_sp(f) ? f->ss : f->ss_now;
	watch_end.ds = v86 ? f->v86_ds : f->ds;
	watch_end.es = v86 ? f->v86_es : f->es;
	watch_end.fs = v86 ? f->v86_fs : f->fs;
	watch_end.gs = v86 ? f->v86_gs : f->gs;
	watch.running = 0;
	return true;
}

/* Note it, and say where to go on. True: the sequence ends here. */
static bool take(struct frame *f, word sp)
{
	word offset = f->ip - (word)watch.code_ip;
	struct event *e;
	word more = 0;

	if (f->vector == VECTOR_DB) {
		asm volatile("mov %%dr6, %0" : "=r"(more));
		asm volatile("mov %0, %%dr6" : : "r"((word)DR6_FIXED));
	} else if (f->vector == VECTOR_PF) {
		asm volatile("mov %%cr2, %0" : "=r"(more));
	}
	end_of_interrupt(f->vector);
	if (!watch.running) {
		watch.late++;
		if (is_fault(f->vector))
			watch_fatal = 1 + f->vector, watch_end.ip = f->ip, watch_cr2 = more;
		return watch_fatal;
	}
	e = &watch.events[watch.seen++];
	e->vector = f->vector;
	e->error = f->error;
	e->ip = f->ip;
	e->cs = f->cs;
	e->flags = f->flags;
	e->sp = sp;
	e->more = more;
	if (f->vector == VECTOR_NMI && watch.hold)
		hold();
	if (watch.seen == EVENTS || (f->cs != watch.cs && !from_outside(f->vector)))
		return finish(f, sp);
	if (!is_fault(f->vector)) {
		/* Or else a breakpoint on the instruction would come again and again. */
		if (f->vector == VECTOR_DB && more & DR6_TRAPS)
			f->flags |= RFLAGS_RF;
		return false;
	}
	if (offset >= watch.length || !watch.next[offset] || f->vector == VECTOR_DF)
		return finish(f, sp);
	f->ip = (word)watch.code_ip + watch.next[offset];
	f->flags &= ~(word)RFLAGS_RF;
	return false;
}

/**
 * TRAP - an exception or an interrupt
 * @f: its frame; where to go on, and with which flags, may be changed there
 *
 * Returns true if the sequence ends here.
 */
bool TRAP(struct frame *f);
bool TRAP(struct frame *f)
{
	return take(f, pushed_sp(f) ? f->sp : (word)&f->sp);
}

#ifndef __x86_64__
/** trap_real - the same in real mode, which has a frame of its own */
bool trap_real(struct real_frame *r);
bool trap_real(struct real_frame *r)
{
	struct frame f = {
		.ss_now = r->ss, .gs = r->gs, .fs = r->fs, .es = r->es, .ds = r->ds,
		.vector = r->vector, .ip = r->ip, .cs = r->cs & ~3u, .flags = r->flags,
	};
	u32 sp = (u16)((u32)(r + 1) - ((u32)r->ss << 4));
	bool ends;

	for (u32 i = 0; i < 8; i++)
		f.gpr[i] = r->gpr[i];
	ends = take(&f, (r->gpr[7 - SP] & 0xffff0000) | sp);
	r->ip = f.ip;
	r->flags = f.flags;
	return ends;
}
#endif
