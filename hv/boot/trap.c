// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of hv itself. None is expected: hv runs with interrupts off and
 * touches nothing unmapped, so every one of them prints what there is to know
 * and ends the machine.
 *
 * Source: Intel SDM volume 3, chapter "Interrupt and Exception Handling",
 * sections "64-Bit Mode IDT", "Interrupt Stack Table".
 */
#include "hv/boot/console.h"
#include "hv/boot/trap.h"
#include "hv/smp/share.h"
#include "hv/vmx/guest.h"
#include "machine/machine.h"

struct gate {
	u16 offset_low, selector, flags, offset_mid;
	u32 offset_high, reserved;
};

#define GATE_INTERRUPT	0x8e00		/* present, DPL 0 */
#define TSS_AVAILABLE	0x89ull
#define IST_FAULT	1		/* for what may come with a broken stack */

_Static_assert(sizeof(struct tss) == 104, "TSS layout");

static struct gate idt[TRAP_VECTORS] __attribute__((aligned(16)));
static bool trapped;

_Static_assert(offsetof(struct trap_cpu, gdt) == 0, "GDTR leads to it");

void trap_init(struct trap_cpu *t, struct vcpu *v)
{
	struct trap_pointer idtr = { sizeof(idt) - 1, (u64)idt };
	struct trap_pointer gdtr = { sizeof(t->gdt) - 1, (u64)t->gdt };
	u64 base = (u64)&t->tss;

	t->vcpu = v;
	t->idt = (u64)idt;
	t->tss.ist[IST_FAULT - 1] = (u64)(t->stack + sizeof(t->stack));
	t->tss.iomap = sizeof(t->tss);
	memcpy(t->gdt, trap_here(), SELECTOR_TSS);	/* what start.S loaded */
	t->gdt[SELECTOR_TSS / 8] = (sizeof(t->tss) - 1) | (base & 0xffffff) << 16 |
				   TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
	t->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
	asm volatile("lgdt %0" : : "m"(gdtr), "m"(t->gdt));
	asm volatile("ltr %w0" : : "r"(SELECTOR_TSS));

	for (u32 i = 0; i < TRAP_VECTORS; i++) {
		u64 stub = (u64)trap_stubs[i];
		bool own_stack = i == VECTOR_DF || i == VECTOR_NMI || i == VECTOR_MC;

		idt[i] = (struct gate){
			.offset_low = stub,
			.offset_mid = stub >> 16,
			.offset_high = stub >> 32,
			.selector = SELECTOR_CODE,
			.flags = GATE_INTERRUPT | (own_stack ? IST_FAULT : 0),
		};
	}
	asm volatile("lidt %0" : : "m"(idtr));
	/* hv polls; without this the BIOS's timer would make the guest exit. */
	outb(MACHINE_PIC_MASTER + 1, 0xff);
	outb(MACHINE_PIC_SLAVE + 1, 0xff);
}

static void print_last_exit(const struct vcpu *v)
{
	if (v->vm && v->vm->nr_vcpus > 1)
		print("hv:   on processor %u\n", v->id);
	if (!v->acct.counters || !exit_acct_total(v->acct.counters))
		print("hv:   no guest has run\n");
	else
		print("hv:   last VM exit %u (%s), guest RIP 0x%lx\n", v->exit_reason,
		      exit_acct_name(v->exit_reason), guest_rip(v));
}

/** trap - trap.S: an exception in hv; prints it and ends the machine, but for an expected NMI */
void trap(const struct trap_frame *f)
{
	const u64 *values = (const u64 *)f;
	struct vcpu *v = trap_here()->vcpu;

	/* Another ends the VM: this one has an exit to complete, and hears of it then. */
	if (f->vector == VECTOR_NMI && v->vm && v->vm->ended_by && v->vm->ended_by != v) {
		v->work |= WORK_POSTED;
		return;
	}
	vcpus_stop();
	/* A fault while printing must not print itself for ever. */
	if (trapped)
		hv_end(CAUSE_FAULT, MACHINE_CODE_HOST_FAULT);
	trapped = true;
	console_flush_guest();
	console_new_line();
	print("hv: fault in hv: vector %lu, error code 0x%lx, at 0x%lx\n",
	      f->vector, f->error, f->rip);
	for (u32 i = 0; i < sizeof(*f) / sizeof(*values); i++)
		print("%s%7s=0x%016lx%s", i % 3 ? "" : "hv:", text_nth(TRAP_FRAME_NAMES, i),
		      values[i], i % 3 == 2 ? "\n" : "");
	print("\nhv:    cr2=0x%016lx\n", read_cr2());
	print_last_exit(v);
	hv_end(CAUSE_FAULT, MACHINE_CODE_HOST_FAULT);
}
