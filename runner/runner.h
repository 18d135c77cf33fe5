/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner: runs a guest image on /dev/kvm, in the machine that hv gives it.
 *
 * Its log is stdout. What goes wrong before the guest runs is said on stderr;
 * what befalls the guest is part of the log.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>
#include "io.h"
#include "machine.h"

struct runner_options {
	const char *image;
	const char *cmdline;
	const char *machine;		/* bochs, qemu or bare */
	const char *clock;		/* emulated or hardware */
	unsigned int mem_mib;
	bool force;			/* go on where this KVM is not VMX */
	bool trace;			/* let the kernel's tracepoint count too */
	bool stamp;			/* note when each of the guest's lines came */
	bool help;
};

/* How a run ended: what the end record says. */
struct runner_end {
	const char *cause;
	uint32_t code;			/* the guest's own, or enum machine_code */
};

struct runner_vm {
	int kvm, vm, vcpu;		/* file descriptors */
	struct kvm_run *run;		/* shared with the kernel */
	uint8_t *ram;
	uint64_t ram_size;		/* bytes */
	struct machine_io io;
};

/* options.c */

/** options_parse - fill in @o; false when an option cannot be used (said on stderr) */
bool options_parse(struct runner_options *o, int argc, char **argv);

/** options_help - print what the runner can do on stdout */
void options_help(void);

/* log.c */

/** log_drain_lines - from here on wait after each line until the UART has sent it */
void log_drain_lines(void);

/** log_stamp_lines - from here on note the TSC at the end of each line of the guest's */
void log_stamp_lines(void);

/** log_stamps - what was noted, as records of the log */
void log_stamps(void);

/** log_guest_byte - a byte that the guest sent; @ctx is not used */
void log_guest_byte(void *ctx, uint8_t byte);

/** log_line - one whole line of the runner's own, newline added */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** log_failed - could something not be written to stdout? */
bool log_failed(void);

/** complain - one line "runner: …" on stderr, newline added */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* host.c */

/** host_accounts - does this kernel's KVM count exits with our patch? */
bool host_accounts(void);

/**
 * host_open_kvm - open /dev/kvm and see whether it is a VMX one
 * @force: only say so, if it is not
 *
 * Returns the file descriptor, or -1 with a complaint.
 */
int host_open_kvm(bool force);

/* vm.c */

/**
 * vm_load - guest memory, with the image and the start info in it
 * @vm: ram and ram_size are filled in
 * @o: options
 * @entry: receives the entry point, guest-physical
 * @info: receives the start info's address, guest-physical
 *
 * Returns 0, or the enum machine_code of what was complained about.
 */
int vm_load(struct runner_vm *vm, const struct runner_options *o, uint32_t *entry,
	    uint32_t *info);

/**
 * vm_create - a VM with one vCPU at the PVH entry point, ready to run
 * @vm: kvm, ram and ram_size are set; the rest is filled in
 * @entry, @info: from vm_load()
 *
 * Returns 0, or the enum machine_code of what was complained about.
 */
int vm_create(struct runner_vm *vm, uint32_t entry, uint32_t info);

/** vm_ioctl - ioctl() that complains, naming @what, and returns -1 when it fails */
int vm_ioctl(int fd, unsigned long request, void *arg, const char *what);

/* run.c */

/** run_guest - run the vCPU until the guest ends or cannot go on */
struct runner_end run_guest(struct runner_vm *vm);

/* dump.c */

/** dump_vcpu - registers and the code at RIP, as "runner:" lines of the log */
void dump_vcpu(const struct runner_vm *vm);

/* stats.c */

/**
 * stats_print - what the host counted for this VM, as records of the log
 * @module: and what our accounting has for all VMs since KVM was loaded
 */
void stats_print(const struct runner_vm *vm, bool module);

/* trace.c */

/** trace_start - count kvm_exit events from here on; false with a complaint */
bool trace_start(void);

/** trace_end - what was counted, as records of the log, and count no more */
void trace_end(void);

/* init.c */

/** init_enter - as process 1: mount what is needed, make COM1 stdout and stderr */
void init_enter(void);

/** init_supervise - run @job in a child, so that whatever befalls it is reported */
struct runner_end init_supervise(struct runner_end (*job)(int argc, char **argv),
				 int argc, char **argv);

/** init_leave - end the machine with @code */
_Noreturn void init_leave(uint32_t code);

#endif /* RUNNER_H */
