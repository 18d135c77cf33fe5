// SPDX-License-Identifier: GPL-2.0-only
/* hv: from the boot loader to the first VM entry. */
#include "acct/exit_leaves.h"
#include "machine/load.h"
#include "machine/machine.h"
#include "hv/hv.h"
#include "hv/boot/trap.h"
#include "hv/vcpu.h"

/* hv runs on the stack that ends where the vCPU begins: see entry.S. */
static struct {
	u8 stack[16384];
	struct vcpu vcpu;
} cpu0 __attribute__((aligned(4096)));

static struct bootinfo bootinfo;
static struct exit_acct_vm acct_vm;
static struct exit_acct_counters counters;

_Static_assert(START_CODE_NO_VIRT == MACHINE_CODE_NO_VIRT, "start.S says it too");
_Static_assert(offsetof(typeof(cpu0), vcpu) % 16 == 0, "calls need an aligned stack");

void dump_last_exit(void)
{
	const struct vcpu *v = &cpu0.vcpu;

	if (!v->acct.counters || !exit_acct_total(v->acct.counters))
		print("hv:   no guest has run\n");
	else
		print("hv:   last VM exit %u (%s), guest RIP 0x%lx\n", v->exit_reason,
		      exit_acct_name(v->exit_reason), vmcs_readl(GUEST_RIP));
}

static void log_line(const struct hv_options *o)
{
	print("log version=%d target=hv machine=%s clock=%s accounting=yes\n",
	      MACHINE_LOG_VERSION, o->machine, o->clock);
	print("hv: mem=%luMiB leaves=%s report=%lu\n", o->mem, exit_acct_map_name(o->leaves),
	      o->report);
	if (*o->intercept)
		print("hv: intercept=%s\n", o->intercept);
}

static u64 limit_cycles(u64 seconds)
{
	if (!guest_tsc_khz())
		die(MACHINE_CODE_USAGE, "limit=%lu: nobody says how fast this machine's TSC is",
		    seconds);
	return seconds * guest_tsc_khz() * 1000;
}

void vm_start(struct vcpu *v, u64 limit)
{
	struct machine_start start;

	memset(v, 0, sizeof(*v));
	guest_load(v, &bootinfo, &start);
	machine_io_init(&v->io, console_guest_byte, vcpu_interrupt, v);
	v->io.com1.waiting = vcpu_waits_for_input;
	exit_acct_vm_init(&acct_vm, EXIT_ACCT_TARGET_HV, bootinfo.options.leaves,
			  bootinfo.options.report, exit_handled);
	exit_acct_vcpu_init(&v->acct, &acct_vm, &counters);
	mmio_init(v);
	vmcs_init(v, &start);		/* last: everything above is in it */
	v->began = rdtsc();
	v->limit = limit == NO_LIMIT ? NO_LIMIT : v->began + limit;
	v->work |= WORK_TIMER;
	before_entry(v);		/* a guest may never exit: its time runs from the start */
	vm_enter_first(v);		/* never returns: exits come to vm_exit() */
}

/** hv_main - start.S comes here; @magic and @info are the boot loader's EAX and EBX */
void hv_main(u32 magic, u32 info)
{
	console_init();			/* nothing else can complain */
	trap_init();			/* from here on a fault is printed */
	bootinfo_init(magic, info, &bootinfo);
	log_line(&bootinfo.options);	/* the log's first record */

	exit_set_handler(bootinfo.options.unhandled, NULL); /* none, but in a test */
	intercept_init(bootinfo.options.intercept); /* what vmx_init() shall ask for besides */
	vmx_init();			/* says what is missing, before any work on the guest */
	cpuid_init();			/* needs to know which instructions VMX lets through */
	vm_start(&cpu0.vcpu, bootinfo.options.limit ? limit_cycles(bootinfo.options.limit) :
						      NO_LIMIT);
}
