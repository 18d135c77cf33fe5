// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions, and the one interrupt: the local APIC's TSC-deadline timer.
 *
 * Sources: Intel SDM volume 3, sections "64-Bit Mode IDT", "Extended XAPIC
 * (x2APIC)", "TSC-Deadline Mode".
 */
#include "cpu.h"
#include "guest.h"
#include "selectors.h"

/* In the order in which trap_common pushes, last one first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

struct extable_entry {
	uint64_t fault, resume;
};

extern const struct extable_entry extable_start[], extable_end[];
extern char trap_stubs[];

static struct {
	uint16_t offset_low, selector, flags, offset_mid;
	uint32_t offset_high, reserved;
} idt[TRAP_VECTORS];

#define IDT_INTERRUPT_GATE	0x8e00

static volatile int last_trap = VECTOR_NONE;
static volatile uint64_t ticks;
static bool has_timer;

int trap_take(void)
{
	int vector = last_trap;

	last_trap = VECTOR_NONE;
	return vector;
}

static void __attribute__((noreturn)) die(const struct trap_frame *f)
{
	print("guest: unexpected exception %llu error 0x%llx at rip 0x%llx cr2 0x%llx\n",
	      (unsigned long long)f->vector, (unsigned long long)f->error,
	      (unsigned long long)f->rip, (unsigned long long)read_cr(2));
	print("guest: rax=0x%lx rbx=0x%lx rcx=0x%lx rdx=0x%lx rsi=0x%lx rdi=0x%lx rsp=0x%lx\n",
	      f->rax, f->rbx, f->rcx, f->rdx, f->rsi, f->rdi, f->rsp);
	end_vm(1);
}

void trap_handler(struct trap_frame *f);

void trap_handler(struct trap_frame *f)
{
	const struct extable_entry *e;

	switch (f->vector) {
	case VECTOR_TIMER:
		ticks++;
		wrmsr(MSR_X2APIC_EOI, 0);
		return;
	case VECTOR_SPURIOUS:
		return;
	case VECTOR_DB:
	case VECTOR_BP:
		/* INT1 and INT3 trap: RIP is behind the instruction already. */
		last_trap = f->vector;
		return;
	}
	for (e = extable_start; e < extable_end; e++) {
		if (e->fault == f->rip) {
			last_trap = f->vector;
			f->rip = e->resume;
			return;
		}
	}
	die(f);
}

void trap_init(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} pointer = { sizeof(idt) - 1, (uint64_t)idt };
	unsigned int i;

	for (i = 0; i < TRAP_VECTORS; i++) {
		uint64_t stub = (uint64_t)trap_stubs + i * TRAP_STUB_SIZE;

		idt[i].offset_low = stub;
		idt[i].offset_mid = stub >> 16;
		idt[i].offset_high = stub >> 32;
		idt[i].selector = SEL_CODE64;
		idt[i].flags = IDT_INTERRUPT_GATE;
	}
	asm volatile("lidt %0" : : "m"(pointer));
}

void timer_init(void)
{
	const uint64_t apic_enable = 1 << 11, apic_x2apic = 1 << 10;
	const uint32_t svr_enable = 1 << 8, lvt_tsc_deadline = 2 << 17;
	const uint32_t has_x2apic = 1 << 21, has_tsc_deadline = 1 << 24;
	uint32_t features = cpuid(1, 0).ecx;

	/* Firmware may have left the 8259s with interrupts that look like exceptions. */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);

	if (!(features & has_x2apic) || !(features & has_tsc_deadline))
		return;
	wrmsr(MSR_IA32_APIC_BASE, rdmsr(MSR_IA32_APIC_BASE) | apic_enable | apic_x2apic);
	wrmsr(MSR_X2APIC_SVR, svr_enable | VECTOR_SPURIOUS);
	wrmsr(MSR_X2APIC_LVT_TIMER, lvt_tsc_deadline | VECTOR_TIMER);
	has_timer = trap_take() == VECTOR_NONE;
}

bool timer_present(void)
{
	return has_timer;
}

void timer_arm(uint64_t cycles)
{
	wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc() + cycles);
}

uint64_t timer_ticks(void)
{
	return ticks;
}
