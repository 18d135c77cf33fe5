// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions, and the one interrupt: the local APIC's TSC-deadline timer.
 *
 * Sources: Intel SDM volume 3, sections "64-Bit Mode IDT", "Extended XAPIC
 * (x2APIC)", "TSC-Deadline Mode".
 */
#include "guest/cpu.h"
#include "guest/cpus.h"
#include "guest/guest.h"
#include "guest/selectors.h"
#include "machine/trap_stubs.h"
#include "machine/x2apic.h"

struct extable_entry {
	uint64_t fault, resume;
};

extern const struct extable_entry extable_start[], extable_end[];
extern const uint8_t mode_back[];

static struct {
	uint16_t offset_low, selector, flags, offset_mid;
	uint32_t offset_high, reserved;
} idt[TRAP_VECTORS + 1];

#define IDT_INTERRUPT_GATE	0x8e00
#define IDT_CPL3_MAY		0x6000

static volatile int last_trap = VECTOR_NONE;
static volatile uint64_t last_error;
static volatile uint64_t ticks[CPUS_MAX], nmis_taken[CPUS_MAX];
static volatile bool nmi_again, returns_to_caller;
static bool has_timer;
static uint64_t apic_id;

uint64_t trap_error(void)
{
	return last_error;
}

int trap_take(void)
{
	int vector = last_trap;

	last_trap = VECTOR_NONE;
	return vector;
}

static void nmi_send(void);

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
		try_wrmsr(MSR_IA32_X2APIC_EOI, 0);
		/* Who sees it on another processor knows that all its exits are over. */
		ticks[cpu_this()]++;
		return;
	case VECTOR_SPURIOUS:
		return;
	case VECTOR_NMI:
		nmis_taken[cpu_this()]++;
		/* NMIs are blocked until the IRET: the host must wait for it with this one. */
		if (nmi_again) {
			nmi_again = false;
			nmi_send();
		}
		return;
	case VECTOR_DB:
		f->rflags &= ~(uint64_t)RFLAGS_TF;
		last_trap = f->vector;
		return;
	case VECTOR_BP:
		/* As with INT1 and a single step, RIP is behind the instruction already. */
		last_trap = f->vector;
		return;
	}
	if (returns_to_caller) {
		returns_to_caller = false;
		last_trap = f->vector;
		f->rip = *(const uint64_t *)f->rsp;
		f->rsp += sizeof(f->rip);
		return;
	}
	for (e = extable_start; e < extable_end; e++) {
		if (e->fault == f->rip) {
			last_trap = f->vector;
			last_error = f->error;
			f->rip = e->resume;
			return;
		}
	}
	die(f);
}

static void set_gate(unsigned int vector, const uint8_t *handler, uint16_t flags)
{
	uint64_t address = (uint64_t)handler;

	idt[vector].offset_low = address;
	idt[vector].offset_mid = address >> 16;
	idt[vector].offset_high = address >> 32;
	idt[vector].selector = SEL_CODE64;
	idt[vector].flags = flags;
}

static void load_idt(void)
{
	const struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} pointer = { sizeof(idt) - 1, (uint64_t)idt };

	asm volatile("lidt %0" : : "m"(pointer));
}

void trap_init(void)
{
	unsigned int i;

	for (i = 0; i < TRAP_VECTORS; i++)
		set_gate(i, trap_stubs[i], IDT_INTERRUPT_GATE);
	set_gate(VECTOR_BACK, mode_back, IDT_INTERRUPT_GATE | IDT_CPL3_MAY);
	load_idt();
}

static void apic_on(void)
{
	const uint64_t apic_enable = 1 << 11, apic_x2apic = 1 << 10;
	const uint32_t svr_enable = 1 << 8, lvt_tsc_deadline = 2 << 17;

	try_wrmsr(MSR_IA32_APIC_BASE, try_rdmsr(MSR_IA32_APIC_BASE) | apic_enable | apic_x2apic);
	try_wrmsr(MSR_IA32_X2APIC_SIVR, svr_enable | VECTOR_SPURIOUS);
	try_wrmsr(MSR_IA32_X2APIC_LVT_TIMER, lvt_tsc_deadline | VECTOR_TIMER);
}

void apic_init(void)
{
	load_idt();
	apic_on();
}

void timer_init(void)
{
	const uint32_t has_x2apic = 1 << 21, has_tsc_deadline = 1 << 24;
	uint32_t features = cpuid_get(1, 0).ecx;

	/* Firmware may have left the 8259s with interrupts that look like exceptions. */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);

	if (!(features & has_x2apic) || !(features & has_tsc_deadline))
		return;
	apic_on();
	apic_id = try_rdmsr(MSR_IA32_X2APIC_APICID);
	has_timer = trap_take() == VECTOR_NONE;
}

bool timer_present(void)
{
	return has_timer;
}

void timer_arm(uint64_t cycles)
{
	try_wrmsr(MSR_IA32_TSC_DEADLINE, rdtsc_fenced() + cycles);
}

uint64_t interrupts(uint32_t cpu)
{
	return ticks[cpu];
}

uint64_t nmis(uint32_t cpu)
{
	return nmis_taken[cpu];
}

uint64_t timer_ticks(void)
{
	return interrupts(0);
}

/* By number, as to any CPU: the shorthand for "self" takes no NMI. */
static void nmi_send(void)
{
	const uint64_t deliver_nmi = 4 << 8;

	try_wrmsr(MSR_IA32_X2APIC_ICR, apic_id << 32 | deliver_nmi);
}

uint64_t nmi_take(uint32_t n)
{
	uint64_t before = nmis(0);

	nmi_again = n > 1;
	nmi_send();
	return nmis(0) - before;
}

void trap_return_to_caller(void)
{
	returns_to_caller = true;
}
