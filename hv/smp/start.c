// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start the other processors, one after the other, by INIT and SIPI.
 *
 * Source: Intel SDM volume 3, chapter "Multiple-Processor Management", section "MP
 * Initialization Protocol Algorithm".
 */
#include "hv/boot/console.h"
#include "hv/smp/apic.h"
#include "hv/smp/start.h"
#include "hv/vmx/vmx.h"
#include "machine/machine.h"

#define AFTER_INIT_US	10000ul
#define AFTER_SIPI_US	200ul
#define STEP_US		100ul
#define PATIENCE_US	500000ul

extern const u8 trampoline[], trampoline_tables[], trampoline_gdt[], trampoline_end[];

struct cpu *starting;				/* start.S begins with it */
static void (*run_on)(struct vcpu *v);
static u32 turn;		/* who has something to do, by number; 0: it has done it */

/* start.S comes here on a processor that has been started. */
__attribute__((noreturn)) void processor_main(struct cpu *cpu)
{
	struct vcpu *v = &cpu->vcpu;
	u32 id = v->id;

	trap_init(&cpu->trap, v);
	vmx_enter(v);
	apic_enable();
	smp_store_release(&turn, 0);
	while (smp_load_acquire(&turn) != id)
		asm volatile("pause");
	run_on(v);
	__builtin_unreachable();
}

/*
 * Returns false if it is not done in that time, of which counts what this processor runs: a
 * loaded host lets neither it nor the other run for long.
 */
static bool is_done(const struct vm *vm, u64 us)
{
	for (u64 step = 0; step < us / STEP_US; step++) {
		u64 next = rdtsc() + (vm->measured_khz ?: UNKNOWN_KHZ) * STEP_US / 1000;

		while (rdtsc() < next && smp_load_acquire(&turn))
			asm volatile("pause");
	}
	return !smp_load_acquire(&turn);
}

static void wait_for(const struct vcpu *v)
{
	if (!is_done(v->vm, PATIENCE_US))
		die(MACHINE_CODE_USAGE, "cpus=%lu: the processor with APIC id %u does not answer",
		    v->vm->boot.options.cpus, v->apic_id);
}

static void write_trampoline(u8 *page)
{
	u8 *gdt = page + (trampoline_gdt - trampoline);

	memcpy(page, trampoline, trampoline_end - trampoline);
	*(u64 *)(page + (trampoline_tables - trampoline)) = read_cr3();
	asm volatile("sgdt %0" : "=m"(*(struct trap_pointer *)gdt));
}

static void start_one(struct vm *vm, struct cpu *cpu, u32 id, u32 apic_id)
{
	const u32 sipi = IPI_SIPI | vm->boot.low_page / PAGE_SIZE;
	struct vcpu *v = &cpu->vcpu;

	v->vm = vm;
	v->id = id;
	v->apic_id = apic_id;
	vm->vcpu[id] = v;
	vm->nr_vcpus = id + 1;		/* the end of hv looks at all that there are */
	starting = cpu;
	turn = id;
	apic_send(apic_id, IPI_INIT);
	is_done(vm, AFTER_INIT_US);
	apic_send(apic_id, sipi);
	if (!is_done(vm, AFTER_SIPI_US))
		apic_send(apic_id, sipi);
	wait_for(v);
}

void processors_start(struct vm *vm, struct cpu *first)
{
	const struct bootinfo *b = &vm->boot;
	u64 cpus = b->options.cpus;
	u32 next = 1;
	struct cpu *others;

	vm->vcpu[0] = &first->vcpu;
	vm->nr_vcpus = 1;
	if (cpus == 1)
		return;
	if (b->nr_processors < cpus)
		die(MACHINE_CODE_USAGE, "cpus=%lu: the firmware's tables name %u processors", cpus,
		    b->nr_processors);
	others = boot_alloc((cpus - 1) * sizeof(*others), PAGE_SIZE);
	if (!others || !b->low_page)
		die(MACHINE_CODE_USAGE, "cpus=%lu: no memory for so many", cpus);
	first->vcpu.vm = vm;
	first->vcpu.apic_id = apic_id();
	apic_enable();
	write_trampoline((u8 *)b->low_page);
	for (u32 i = 0; i < MACHINE_CPUS_MAX && next < cpus; i++) {
		if (b->apic_ids[i] != first->vcpu.apic_id) {
			start_one(vm, &others[next - 1], next, b->apic_ids[i]);
			next++;
		}
	}
}

void processors_run(struct vm *vm, void (*run)(struct vcpu *v))
{
	run_on = run;
	for (u32 id = 1; id < vm->nr_vcpus; id++) {
		smp_store_release(&turn, id);
		wait_for(vm->vcpu[id]);
	}
}

void processor_ready(struct vcpu *v)
{
	if (v->id)
		smp_store_release(&turn, 0);
}
