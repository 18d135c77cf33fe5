// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop round KVM_RUN, in a thread for each vCPU: what reaches user space is I/O, MMIO,
 * or the end. The first vCPU's thread has the process' signals too, and what follows from
 * them: the clock, input, and interrupts of the PICs, which are wired to that vCPU.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include "acct/exit_reasons.h"
#include "vmm/vmm.h"

/* Bit 31 of the VMX exit-reason field: VM entry failed. */
#define ENTRY_FAILURE	(1ull << 31)

/* From one vCPU's thread to another's: look at what has changed. */
#define CALL_SIGNAL	SIGUSR2

static __thread struct kvm_run *volatile interrupted_run;
static volatile sig_atomic_t stop_signal, from_outside;

/* immediate_exit closes the gap between a signal and the next KVM_RUN. */
static void on_signal(int signal)
{
	if (signal != CALL_SIGNAL)
		from_outside = 1;
	if (signal == SIGINT || signal == SIGTERM)
		stop_signal = signal;
	if (interrupted_run)
		interrupted_run->immediate_exit = 1;
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGALRM, INPUT_SIGNAL, CALL_SIGNAL };
	struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

/* Those who have started, but for the caller. Needs the lock. */
static void call_others(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->started; i++) {
		if (!pthread_equal(vm->vcpus[i].thread, pthread_self()))
			pthread_kill(vm->vcpus[i].thread, CALL_SIGNAL);
	}
}

void vm_interrupt(void *ctx)
{
	struct vm *vm = ctx;

	vm->asking = true;
	if (!pthread_equal(vm->vcpus[0].thread, pthread_self()))
		pthread_kill(vm->vcpus[0].thread, CALL_SIGNAL);
}

/* The guest ends, by @v, or NULL for no single one; only the first end counts. Needs the lock. */
static void end(struct vm *vm, const struct vcpu *v, const char *cause, uint32_t code)
{
	if (vm->stop)
		return;
	vm->end = (struct end) { cause, code, v && vm->cpus > 1 ? v->id : NO_VCPU };
	vm->stop = true;
	pthread_cond_broadcast(&vm->changed);
	call_others(vm);
}

/*
 * Look at the guest every second, or often enough for somebody who types. The
 * run of a guest that is no Linux and that nobody limits is not disturbed.
 */
static void set_clock(bool typing)
{
	const struct timeval period = { .tv_sec = !typing, .tv_usec = typing ? 50000 : 0 };
	const struct itimerval timer = { period, period };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static const char *reason_name(uint64_t reason)
{
	return exit_acct_name(reason & 0xffff);
}

static uint32_t get(const uint8_t *from, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, from, size);
	return value;
}

/* A string instruction may bring many elements at once; each is one access. */
static void access_ports(struct vm *vm, struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	unsigned int size = run->io.size, i;
	uint32_t value;

	for (i = 0; i < run->io.count && !vm->io.ended; i++, data += size) {
		if (run->io.direction == KVM_EXIT_IO_OUT) {
			machine_io_out(&vm->io, run->io.port, size, get(data, size));
		} else {
			value = machine_io_in(&vm->io, run->io.port, size);
			memcpy(data, &value, size);
		}
	}
}

/* Where nobody answers, nobody is locked out. */
static void do_io(struct vcpu *v)
{
	const uint16_t port = v->run->io.port;
	struct vm *vm = v->vm;

	if (machine_io_unbacked(port) && port != MACHINE_RESET_PORT) {
		access_ports(vm, v->run);
		return;
	}
	pthread_mutex_lock(&vm->lock);
	/* Behind its end nothing happens any more, whoever else is on the way. */
	if (!vm->stop)
		access_ports(vm, v->run);
	if (vm->io.ended)
		end(vm, v, vm->io.ended, vm->io.code);
	pthread_mutex_unlock(&vm->lock);
}

static void do_mmio(struct kvm_run *run)
{
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

static void entry_failure(const struct kvm_run *run)
{
	unsigned long long reason = run->fail_entry.hardware_entry_failure_reason;

	if (reason & ENTRY_FAILURE)
		log_line("runner: VM entry failed: exit reason %llu (%s), raw 0x%llx",
			 reason & 0xffff, reason_name(reason), reason);
	else
		log_line("runner: VM entry refused: VM-instruction error %llu", reason);
}

static void internal_error(const struct kvm_run *run)
{
	static const char *const names[] = {
		[KVM_INTERNAL_ERROR_EMULATION] = "cannot emulate the instruction",
		[KVM_INTERNAL_ERROR_SIMUL_EX] = "exceptions at the same time",
		[KVM_INTERNAL_ERROR_DELIVERY_EV] = "exit while an event was delivered",
		[KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON] = "unexpected exit reason",
	};
	unsigned int error = run->internal.suberror, i;
	const char *name = error < sizeof(names) / sizeof(names[0]) ? names[error] : NULL;

	if (error == KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON && run->internal.ndata)
		log_line("runner: KVM gives up: suberror %u (%s): exit reason %llu (%s)", error,
			 name, run->internal.data[0] & 0xffff,
			 reason_name(run->internal.data[0]));
	else
		log_line("runner: KVM gives up: suberror %u (%s)", error, name ? name : "unknown");
	for (i = 0; i < run->internal.ndata && i < 16; i++)
		log_line("runner: data[%u]=0x%llx", i, run->internal.data[i]);
}

/* Needs the lock. */
static void give_up(const struct vcpu *v)
{
	const struct kvm_run *run = v->run;
	const char *cause = CAUSE_UNHANDLED;
	uint32_t code = MACHINE_CODE_GUEST_DIED;

	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		log_line("runner: triple fault");
		cause = CAUSE_TRIPLE_FAULT;
		break;
	case KVM_EXIT_FAIL_ENTRY:
		entry_failure(run);
		cause = CAUSE_ENTRY;
		code = MACHINE_CODE_ENTRY;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		internal_error(run);
		break;
	case KVM_EXIT_UNKNOWN:
		log_line("runner: KVM does not know exit reason %llu (%s)",
			 run->hw.hardware_exit_reason & 0xffff,
			 reason_name(run->hw.hardware_exit_reason));
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		log_line("runner: system event %u", run->system_event.type);
		break;
	default:
		log_line("runner: KVM_RUN returned exit %u, which this machine does not have",
			 run->exit_reason);
	}
	dump_vcpu(v);
	end(v->vm, v, cause, code);
}

/* KVM_RUN itself failed. Needs the lock. */
static void run_failure(const struct vcpu *v)
{
	log_line("runner: KVM_RUN: %s", strerror(errno));
	dump_vcpu(v);
	end(v->vm, v, CAUSE_ERROR, MACHINE_CODE_HOST_FAULT);
}

/* What @happened to a vCPU, if that is not behind the end that another has made. */
static void tell(const struct vcpu *v, void (*happened)(const struct vcpu *v))
{
	struct vm *vm = v->vm;

	pthread_mutex_lock(&vm->lock);
	if (!vm->stop)
		happened(v);
	pthread_mutex_unlock(&vm->lock);
}

/*
 * What the PICs ask for goes to the first vCPU when it can take it, as an interrupt is
 * acknowledged when it is delivered and not before. Until then, ask for a window.
 */
static void deliver_interrupt(const struct vcpu *v)
{
	struct machine_pic *pic = &v->vm->io.pic;

	if (pic->intr && v->run->ready_for_interrupt_injection) {
		struct kvm_interrupt interrupt = { .irq = machine_pic_ack(pic) };

		if (vm_ioctl(v->fd, KVM_INTERRUPT, &interrupt, "KVM_INTERRUPT") < 0)
			end(v->vm, v, CAUSE_ERROR, MACHINE_CODE_HOST_FAULT);
	}
	v->vm->asking = pic->intr;
	v->run->request_interrupt_window = v->vm->asking;
}

/*
 * Does it wait for a SIPI, or in HLT with interrupts off, and no NMI is on its way? It may
 * not run, nor anybody that could wake it.
 */
static bool sleeps(const struct vcpu *v)
{
	struct kvm_vcpu_events events;
	struct kvm_mp_state state;

	if (vm_ioctl(v->fd, KVM_GET_MP_STATE, &state, "KVM_GET_MP_STATE") < 0)
		return false;
	if (state.mp_state == KVM_MP_STATE_UNINITIALIZED ||
	    state.mp_state == KVM_MP_STATE_INIT_RECEIVED)
		return true;
	return state.mp_state == KVM_MP_STATE_HALTED && !v->run->if_flag &&
	       vm_ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events, "KVM_GET_VCPU_EVENTS") >= 0 &&
	       !events.nmi.pending;
}

/* Stand still while the first vCPU's thread looks at all. */
static void stand_still(struct vm *vm)
{
	unsigned int nr;

	pthread_mutex_lock(&vm->lock);
	nr = vm->holds;
	vm->held++;
	pthread_cond_broadcast(&vm->changed);
	while (vm->hold && vm->holds == nr && !vm->stop)
		pthread_cond_wait(&vm->changed, &vm->lock);
	pthread_mutex_unlock(&vm->lock);
}

/* Can nothing wake any of them? The caller is the first vCPU's thread, and has the lock. */
static bool all_sleep(struct vm *vm)
{
	unsigned int i;

	/* Most often this one does not, and then no other is disturbed. */
	if (!sleeps(&vm->vcpus[0]))
		return false;
	vm->hold = true;
	vm->holds++;
	vm->held = 0;
	call_others(vm);
	while (vm->held < vm->cpus - 1 && !vm->stop)
		pthread_cond_wait(&vm->changed, &vm->lock);
	for (i = 0; i < vm->cpus && !vm->stop && sleeps(&vm->vcpus[i]); i++)
		;
	vm->hold = false;
	pthread_cond_broadcast(&vm->changed);
	return i == vm->cpus;
}

static time_t clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* A signal from outside ended the first vCPU's KVM_RUN. Needs the lock. */
static void look_at_clock(const struct vcpu *v)
{
	struct vm *vm = v->vm;

	log_flush_guest();
	if (stop_signal) {
		vm->dump = true;
		log_line("runner: stopped by signal %d (%s)", stop_signal, strsignal(stop_signal));
		end(vm, NULL, CAUSE_ERROR, MACHINE_CODE_HOST_FAULT);
	} else if (vm->limit && clock_seconds() - vm->began >= vm->limit) {
		vm->dump = true;
		log_line("runner: time limit: the guest has run for %u seconds (--limit)",
			 vm->limit);
		end(vm, NULL, CAUSE_TIME_LIMIT, MACHINE_CODE_TIME_LIMIT);
	} else if (all_sleep(vm)) {
		log_line("runner: the guest halted, and nothing can wake it");
		end(vm, NULL, CAUSE_STUCK, MACHINE_CODE_GUEST_DIED);
	}
}

/* A signal ended KVM_RUN; what it says is still to be seen when another one comes behind it. */
static void interrupted(const struct vcpu *v)
{
	v->run->immediate_exit = 0;
	if (v->id || !from_outside)
		return;
	from_outside = 0;
	tell(v, look_at_clock);
}

/* COM1 may take what was typed, and the PICs may ask for the first vCPU. */
static void serve_devices(const struct vcpu *v)
{
	struct vm *vm = v->vm;

	if (!input_waits() && (v->id || !vm->asking))
		return;
	pthread_mutex_lock(&vm->lock);
	if (!vm->stop && input_feed(&vm->io.com1) && !vm->typing) {
		vm->typing = true;
		set_clock(true);
	}
	if (!v->id)
		deliver_interrupt(v);
	pthread_mutex_unlock(&vm->lock);
}

static void run_once(struct vcpu *v)
{
	if (ioctl(v->fd, KVM_RUN, NULL) < 0) {
		if (errno == EINTR)
			interrupted(v);
		else if (errno != EAGAIN)	/* a vCPU that wants to be run again */
			tell(v, run_failure);
		return;
	}
	switch (v->run->exit_reason) {
	case KVM_EXIT_IO:
		do_io(v);
		break;
	case KVM_EXIT_MMIO:
		do_mmio(v->run);
		break;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	default:
		tell(v, give_up);
	}
}

/* Who has a processor of its own stays on it: the @nr-th that the runner may use. */
static void keep_on_cpu(unsigned int nr)
{
	cpu_set_t all, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &all) && !nr--)
			break;
	}
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static void *run_vcpu(void *ctx)
{
	struct vcpu *v = ctx;
	struct vm *vm = v->vm;

	interrupted_run = v->run;
	v->tid = gettid();
	if (vm->cpus > 1)
		keep_on_cpu(v->id);
	while (!vm->stop) {
		if (vm->hold && v->id)
			stand_still(vm);
		serve_devices(v);
		if (!vm->stop)
			run_once(v);
	}
	return NULL;
}

/* All but the first, in threads that take no signal but a call. */
static bool start_others(struct vm *vm)
{
	sigset_t outside, old;
	int error = 0;

	sigfillset(&outside);
	sigdelset(&outside, CALL_SIGNAL);
	pthread_sigmask(SIG_SETMASK, &outside, &old);
	pthread_mutex_lock(&vm->lock);
	vm->vcpus[0].thread = pthread_self();
	for (vm->started = 1; vm->started < vm->cpus && !error; vm->started += !error) {
		struct vcpu *v = &vm->vcpus[vm->started];

		error = pthread_create(&v->thread, NULL, run_vcpu, v);
	}
	pthread_mutex_unlock(&vm->lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		complain("no thread for vCPU %u: %s", vm->started, strerror(error));
	return !error;
}

struct end run_guest(struct vm *vm, unsigned int limit, bool input)
{
	unsigned int i;

	catch_signals();
	interrupted_run = vm->vcpus[0].run;
	vm->began = clock_seconds();
	vm->limit = limit;
	if (limit || input)
		set_clock(false);
	if ((input && !input_start()) || !start_others(vm)) {
		pthread_mutex_lock(&vm->lock);
		end(vm, NULL, CAUSE_ERROR, MACHINE_CODE_HOST_FAULT);
		pthread_mutex_unlock(&vm->lock);
	}
	run_vcpu(&vm->vcpus[0]);
	for (i = 1; i < vm->started; i++)
		pthread_join(vm->vcpus[i].thread, NULL);
	for (i = 0; i < vm->started && vm->dump; i++)
		dump_vcpu(&vm->vcpus[i]);
	input_end();
	return vm->end;
}
