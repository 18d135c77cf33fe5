// SPDX-License-Identifier: GPL-2.0-only
/* From the options to the end record. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>
#include "vmm/vmm.h"
#include "machine/line.h"

/* Are we /init? The child that then does the work inherits the answer. */
static bool is_init;

static struct end error(uint32_t code)
{
	return (struct end) { CAUSE_ERROR, code, NO_VCPU };
}

static void print_begin(const struct options *o)
{
	bool accounts = host_accounts();

	log_line("log version=%d target=kvm machine=%s clock=%s accounting=%s",
		 MACHINE_LOG_VERSION, o->machine, o->clock, accounts ? "yes" : "no");
	log_line("runner: KVM patched=%s", accounts ? "yes" : "no");
}

/* A VM with the guest in it, ready to run; returns 0 or the MACHINE_CODE_…. */
static int prepare(struct vm *vm, const struct options *o)
{
	struct machine_start start;
	int code = load_guest(vm, o, &start);

	if (code)
		return code;
	vm->kvm = host_open_kvm(o->force);
	if (vm->kvm < 0)
		return MACHINE_CODE_NO_VIRT;
	return vm_create(vm, &start);
}

static struct end run(const struct options *o)
{
	struct vm vm = {
		.no_leaves = o->no_leaves, .kvm_clock = o->kvm_clock, .cpus = o->cpus,
		.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
	};
	unsigned long long began, ended;
	struct end end;
	int code;

	print_begin(o);
	code = prepare(&vm, o);
	if (code)
		return error(code);
	machine_last_line = o->stamp;
	if (o->trace && !trace_start())
		return error(MACHINE_CODE_HOST_FAULT);
	began = __rdtsc();
	end = run_guest(&vm, o->limit, vm.is_linux || o->input);
	ended = __rdtsc();
	/* The counters go when the VM does, which is when this process ends. */
	stats_print(&vm, o->trace);
	log_stamps();
	log_line("ran begin=%llu end=%llu", began, ended);
	if (o->trace)
		trace_end(&vm);
	return end;
}

static struct end job(int argc, char **argv)
{
	struct options o = {
		.image = is_init ? "/guest.elf" : NULL,
		.cmdline = "",
		.machine = "bare",
		.clock = "hardware",
		.mem_mib = MACHINE_MEM_DEFAULT_MIB,
		.cpus = 1,
	};

	if (!options_parse(&o, argc, argv))
		return error(MACHINE_CODE_USAGE);
	if (o.help) {
		options_help();
		/* The machine has to end, with a record like any other. */
		return is_init ? error(MACHINE_CODE_USAGE) : (struct end) { 0 };
	}
	return run(&o);
}

static void print_end(const struct end *end)
{
	char by[32] = "";

	if (end->vcpu != NO_VCPU)
		snprintf(by, sizeof(by), " vcpu=%u", end->vcpu);
	log_line("end target=kvm cause=%s%s code=%u", end->cause, by, end->code);
}

int main(int argc, char **argv)
{
	struct end end;

	/* In a container anything may be process 1, but is not called so. */
	is_init = getpid() == 1 && !strcmp(basename(argv[0]), "init");
	if (is_init) {
		init_enter();
		init_arguments(&argc, &argv);
		end = init_supervise(job, argc, argv);
	} else {
		end = job(argc, argv);
	}
	if (end.cause)
		print_end(&end);
	if (is_init)
		init_leave(end.code);
	if (log_failed())
		return MACHINE_CODE_HOST_FAULT;
	return end.code > 255 ? 255 : end.code;
}
