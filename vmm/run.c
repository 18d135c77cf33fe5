// SPDX-License-Identifier: GPL-2.0-only
/* The loop round KVM_RUN: what reaches user space is I/O, MMIO, or the end. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include "acct/exit_reasons.h"
#include "vmm/vmm.h"

/* Bit 31 of the VMX exit-reason field: VM entry failed. */
#define ENTRY_FAILURE	(1ull << 31)

static struct kvm_run *volatile interrupted_run;
static volatile sig_atomic_t stop_signal;

/* immediate_exit closes the gap between a signal and the next KVM_RUN. */
static void on_signal(int signal)
{
	if (signal != SIGALRM && signal != INPUT_SIGNAL)
		stop_signal = signal;
	interrupted_run->immediate_exit = 1;
}

static void catch_signals(struct kvm_run *run)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGALRM, INPUT_SIGNAL };
	struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;

	interrupted_run = run;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
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
static void do_io(struct vm *vm)
{
	struct kvm_run *run = vm->run;
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

static void do_mmio(struct kvm_run *run)
{
	if (!run->mmio.is_write)
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

static struct end entry_failure(const struct kvm_run *run)
{
	unsigned long long reason = run->fail_entry.hardware_entry_failure_reason;

	if (reason & ENTRY_FAILURE)
		log_line("runner: VM entry failed: exit reason %llu (%s), raw 0x%llx",
			 reason & 0xffff, reason_name(reason), reason);
	else
		log_line("runner: VM entry refused: VM-instruction error %llu", reason);
	return (struct end) { CAUSE_ENTRY, MACHINE_CODE_ENTRY };
}

static struct end internal_error(const struct kvm_run *run)
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
	return (struct end) { CAUSE_UNHANDLED, MACHINE_CODE_GUEST_DIED };
}

static struct end give_up(const struct vm *vm)
{
	const struct kvm_run *run = vm->run;
	struct end end = { CAUSE_UNHANDLED, MACHINE_CODE_GUEST_DIED };

	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		log_line("runner: triple fault");
		end.cause = CAUSE_TRIPLE_FAULT;
		break;
	case KVM_EXIT_FAIL_ENTRY:
		end = entry_failure(run);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		end = internal_error(run);
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
	dump_vcpu(vm);
	return end;
}

/* KVM_RUN itself failed. */
static struct end run_failure(const struct vm *vm)
{
	if (stop_signal)
		log_line("runner: stopped by signal %d (%s)", stop_signal, strsignal(stop_signal));
	else
		log_line("runner: KVM_RUN: %s", strerror(errno));
	dump_vcpu(vm);
	return (struct end) { CAUSE_ERROR, MACHINE_CODE_HOST_FAULT };
}

/*
 * What the PICs ask for goes to the vCPU when it can take it, as an interrupt is
 * acknowledged when it is delivered and not before. Until then, ask for a window.
 */
static bool deliver_interrupt(struct vm *vm)
{
	struct machine_pic *pic = &vm->io.pic;

	if (machine_pic_pending(pic) && vm->run->ready_for_interrupt_injection) {
		struct kvm_interrupt interrupt = { .irq = machine_pic_ack(pic) };

		if (vm_ioctl(vm->vcpu, KVM_INTERRUPT, &interrupt, "KVM_INTERRUPT") < 0)
			return false;
	}
	vm->run->request_interrupt_window = machine_pic_pending(pic);
	return true;
}

/* Is it in HLT with interrupts off? No NMI comes in this machine. */
static bool halted_for_ever(const struct vm *vm)
{
	struct kvm_mp_state state;

	return !vm->run->if_flag &&
	       vm_ioctl(vm->vcpu, KVM_GET_MP_STATE, &state, "KVM_GET_MP_STATE") >= 0 &&
	       state.mp_state == KVM_MP_STATE_HALTED;
}

static time_t clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* A signal ended KVM_RUN: NULL cause if the guest, which began at @began, can go on. */
static struct end interrupted(struct vm *vm, time_t began, unsigned int limit)
{
	vm->run->immediate_exit = 0;
	log_flush_guest();
	if (stop_signal)
		return run_failure(vm);
	if (limit && clock_seconds() - began >= limit) {
		log_line("runner: time limit: the guest has run for %u seconds (--limit)", limit);
		dump_vcpu(vm);
		return (struct end) { CAUSE_TIME_LIMIT, MACHINE_CODE_TIME_LIMIT };
	}
	if (halted_for_ever(vm)) {
		log_line("runner: the guest halted, and nothing can wake it");
		return (struct end) { CAUSE_STUCK, MACHINE_CODE_GUEST_DIED };
	}
	return (struct end) { NULL, 0 };
}

static struct end run(struct vm *vm, unsigned int limit)
{
	const time_t began = clock_seconds();
	struct end end;
	bool typing = false;

	while (!vm->io.ended) {
		if (input_feed(&vm->io.com1) && !typing) {
			typing = true;
			set_clock(typing);
		}
		if (!deliver_interrupt(vm))
			return (struct end) { CAUSE_ERROR, MACHINE_CODE_HOST_FAULT };
		if (ioctl(vm->vcpu, KVM_RUN, NULL) < 0) {
			/* EAGAIN: a vCPU that wants to be run again. */
			if (errno == EAGAIN)
				continue;
			if (errno != EINTR)
				return run_failure(vm);
			end = interrupted(vm, began, limit);
			if (end.cause)
				return end;
			continue;
		}
		switch (vm->run->exit_reason) {
		case KVM_EXIT_IO:
			do_io(vm);
			break;
		case KVM_EXIT_MMIO:
			do_mmio(vm->run);
			break;
		case KVM_EXIT_IRQ_WINDOW_OPEN:
			break;
		default:
			return give_up(vm);
		}
	}
	return (struct end) { vm->io.ended, vm->io.code };
}

struct end run_guest(struct vm *vm, unsigned int limit, bool input)
{
	struct end end;

	catch_signals(vm->run);
	if (limit || input)
		set_clock(false);
	if (input && !input_start())
		return (struct end) { CAUSE_ERROR, MACHINE_CODE_HOST_FAULT };
	end = run(vm, limit);
	input_end();
	return end;
}
