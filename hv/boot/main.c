// SPDX-License-Identifier: GPL-2.0-only
/* hv: from the boot loader to the first VM entry. */
#include "hv/boot/console.h"
#include "hv/cpu/pit.h"
#include "hv/exit/exit.h"
#include "hv/smp/start.h"
#include "hv/vmx/ept.h"

static struct cpu cpu0;			/* that we are started on */
static struct vm vm;

static void log_line(const struct hv_options *o)
{
	print("log version=%u target=hv machine=%s clock=%s accounting=yes\n",
	      MACHINE_LOG_VERSION, o->machine, o->clock);
	print("hv: mem=%luMiB leaves=%s report=%lu\n", o->mem, exit_acct_map_name(o->leaves),
	      o->report);
	if (o->cpus > 1)
		print("hv: cpus=%lu\n", o->cpus);
	if (*o->intercept)
		print("hv: intercept=%s\n", o->intercept);
}

/* What a vCPU is before it belongs to a VM that has a guest. */
static void vcpu_clear(struct vm *vm, u32 id)
{
	struct vcpu *v = vm->vcpu[id];

	memset(v, 0, offsetof(struct vcpu, virtual_apic));
	v->vm = vm;
	v->id = id;
	vm->apics.lapic[id] = &v->lapic;
}

/* On the processor of @v: the rest, and then the guest. */
static void vcpu_run(struct vcpu *v)
{
	struct vm *vm = v->vm;

	if (v->id)
		cpuid_init(v);
	mmio_init(v);
	vmcs_init(v);			/* last: everything above is in it */
	if (!v->id) {
		vm->began = rdtsc();
		if (vm->limit != NO_LIMIT)
			vm->limit += vm->began;
		v->work |= WORK_TIMER;	/* a guest may never exit: its time runs from the start */
	}
	processor_ready(v);
	before_entry(v);		/* all but the first wait here, for INIT and SIPI */
	vm_enter_first(v);		/* never returns: exits come to vm_exit() */
}

void vm_start(struct vm *vm)
{
	const struct hv_options *o = &vm->boot.options;

	vm->nr_refused = 0;
	vm->apics.nr = vm->nr_vcpus;
	vm->apics.deliver = posted_deliver;
	for (u32 i = 0; i < vm->nr_vcpus; i++)
		vcpu_clear(vm, i);
	cpuid_init(vm->vcpu[0]);	/* needs to know which instructions VMX lets through */
	guest_load(vm, &vm->start);
	devices_init(vm);
	ept_init(vm);
	exit_acct_vm_init(&vm->acct, EXIT_ACCT_TARGET_HV, o->leaves, o->report, exit_handled);
	for (u32 i = 0; i < vm->nr_vcpus; i++)	/* in order: so a guest knows them */
		exit_acct_vcpu_init(&vm->vcpu[i]->acct, &vm->acct, &vm->vcpu[i]->counters);
	for (u32 i = 0; o->detail && i < vm->nr_vcpus; i++)
		exit_detail_init(boot_alloc(sizeof(struct exit_detail), 64), &vm->vcpu[i]->acct);
	if (o->detail)
		exit_tell_apart();
	processors_run(vm, vcpu_run);
	vcpu_run(vm->vcpu[0]);
	__builtin_unreachable();
}

/** hv_main - start.S comes here; @magic and @info are the boot loader's EAX and EBX */
void hv_main(u32 magic, u32 info)
{
	console_init();			/* nothing else can complain */
	trap_init(&cpu0.trap, &cpu0.vcpu); /* from here on a fault is printed */
	bootinfo_init(magic, info, &vm.boot);
	log_line(&vm.boot.options);	/* the log's first record */

	exit_forget_handler(vm.boot.options.unhandled); /* none, but in a test */
	intercept_init(vm.boot.options.intercept); /* what vmx_init() shall ask for besides */
	vmx_init(&cpu0.vcpu);		/* says what is missing, before any work on the guest */
	vm.measured_khz = pit_measure_tsc();
	processors_start(&vm, &cpu0);	/* they wait until there is a VM to run */
	vm_start(&vm);
}
