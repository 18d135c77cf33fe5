// SPDX-License-Identifier: GPL-2.0-only
/* hv: from the boot loader to the first VM entry. */
#include "hv/boot/console.h"
#include "hv/boot/trap.h"
#include "hv/cpu/pit.h"
#include "hv/exit/cpuid.h"
#include "hv/exit/devices.h"
#include "hv/exit/exit.h"

/* A processor: hv runs on the stack that ends where the vCPU begins, see vmexit.S. */
static struct {
	u8 stack[16384];
	struct vcpu vcpu;
	struct trap_cpu trap;
} cpu0 __attribute__((aligned(4096)));

static struct vm vm;

_Static_assert(START_CODE_NO_VIRT == MACHINE_CODE_NO_VIRT, "start.S says it too");
_Static_assert(offsetof(typeof(cpu0), vcpu) % 16 == 0, "calls need an aligned stack");

static void log_line(const struct hv_options *o)
{
	print("log version=%d target=hv machine=%s clock=%s accounting=yes\n",
	      MACHINE_LOG_VERSION, o->machine, o->clock);
	print("hv: mem=%luMiB leaves=%s report=%lu\n", o->mem, exit_acct_map_name(o->leaves),
	      o->report);
	if (*o->intercept)
		print("hv: intercept=%s\n", o->intercept);
}

void vm_start(struct vm *vm)
{
	const struct hv_options *o = &vm->boot.options;
	struct vcpu *v = vm->vcpu[0];
	struct machine_start start;

	memset(v, 0, offsetof(struct vcpu, virtual_apic));
	v->vm = vm;
	cpuid_init(v);			/* needs to know which instructions VMX lets through */
	guest_load(vm, &start);
	devices_init(vm);
	vm->nr_refused = 0;
	exit_acct_vm_init(&vm->acct, EXIT_ACCT_TARGET_HV, o->leaves, o->report, exit_handled);
	exit_acct_vcpu_init(&v->acct, &vm->acct, &v->counters);
	mmio_init(v);
	vmcs_init(v, &start);		/* last: everything above is in it */
	vm->began = rdtsc();
	if (vm->limit != NO_LIMIT)
		vm->limit += vm->began;
	v->work |= WORK_TIMER;
	before_entry(v);		/* a guest may never exit: its time runs from the start */
	vm_enter_first(v);		/* never returns: exits come to vm_exit() */
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
	vm.vcpu[0] = &cpu0.vcpu;
	vm.measured_khz = pit_measure_tsc();
	vm_start(&vm);
}
