// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of hv itself. None is expected: hv runs with interrupts off and
 * touches nothing unmapped, so every one of them prints what there is to know
 * and ends the machine.
 *
 * Source: Intel SDM volume 3, chapter "Interrupt and Exception Handling",
 * sections "64-Bit Mode IDT", "Interrupt Stack Table".
 */
#include "machine/machine.h"
#include "hv/hv.h"
#include "hv/boot/trap.h"
#include "hv/vcpu.h"

struct gate {
	u16 offset_low, selector, flags, offset_mid;
	u32 offset_high, reserved;
};

#define GATE_INTERRUPT	0x8e00		/* present, DPL 0 */
#define TSS_AVAILABLE	0x89ull
#define IST_FAULT	1		/* for what may come with a broken stack */

#define PIC1_MASK	0x21
#define PIC2_MASK	0xa1

struct tss {
	u32 reserved0;
	u64 rsp[3], reserved1, ist[7], reserved2;
	u16 reserved3, iomap;
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 104, "TSS layout");

extern u64 gdt[];

static struct gate idt[TRAP_VECTORS] __attribute__((aligned(16)));
static struct tss tss;
static u8 fault_stack[8192] __attribute__((aligned(16)));
static bool trapped;

void trap_init(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (u64)idt };
	u64 base = (u64)&tss;

	tss.ist[IST_FAULT - 1] = (u64)(fault_stack + sizeof(fault_stack));
	tss.iomap = sizeof(tss);
	gdt[SELECTOR_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 |
				TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
	gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
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
	asm volatile("lidt %0" : : "m"(pointer));
	/* hv polls; without this the BIOS's timer would make the guest exit. */
	outb(PIC1_MASK, 0xff);
	outb(PIC2_MASK, 0xff);
}

u64 trap_tss_base(void)
{
	return (u64)&tss;
}

/** trap - trap.S: an exception in hv; prints it and ends the machine */
void trap(const struct trap_frame *f)
{
	const u64 *values = (const u64 *)f;

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
	dump_last_exit();
	hv_end(CAUSE_FAULT, MACHINE_CODE_HOST_FAULT);
}
