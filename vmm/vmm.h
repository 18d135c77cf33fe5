/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The runner: runs a guest image on /dev/kvm, in the machine that hv gives it.
 *
 * Its log is stdout. What goes wrong before the guest runs is said on stderr;
 * what befalls the guest is part of the log.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <linux/kvm.h>
#include "machine/io.h"
#include "machine/bzimage.h"
#include "machine/load.h"
#include "machine/machine.h"

struct options {
	const char *image;
	const char *initrd;		/* for a bzImage or Multiboot image, or NULL */
	const char *image_name, *initrd_name; /* what the user calls them; "": no initrd */
	const char *cmdline;
	const char *machine;		/* bochs, qemu or bare */
	const char *clock;		/* emulated or hardware */
	unsigned int mem_mib;
	unsigned int cpus;		/* vCPUs of the guest */
	unsigned int limit;		/* seconds that the guest may take, 0: for ever */
	bool force;			/* go on where this KVM is not VMX */
	bool trace;			/* let the kernel's tracepoint count too */
	bool input;			/* stdin is a PVH guest's COM1 too */
	bool no_leaves;			/* the guest shall not see the accounting's leaves */
	bool kvm_clock;			/* but KVM's paravirtual clock */
	unsigned int stamp;		/* machine_last_line */
	bool help;
};

/* How a run ended: what the end record says. */
struct end {
	const char *cause;
	uint32_t code;			/* the guest's own, or MACHINE_CODE_… */
	unsigned int vcpu;		/* which of several ended it, or NO_VCPU */
};

#define NO_VCPU	~0u

struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int id;		/* and its APIC id */
	int fd;
	struct kvm_run *run;		/* shared with the kernel */
	pthread_t thread;
	pid_t tid;			/* as the kernel calls it */
};

/* The first vCPU's thread is the process' first: what comes from outside comes to it. */
struct vm {
	int kvm, vm;			/* file descriptors */
	uint8_t *ram;
	uint64_t ram_size;		/* bytes */
	bool is_linux;			/* entered by the Linux boot protocol */
	bool no_leaves;			/* KVM shall not answer the accounting's leaves */
	bool kvm_clock;			/* CPUID offers kvm-clock */
	unsigned int cpus;
	struct vcpu vcpus[MACHINE_CPUS_MAX];
	time_t began;			/* when it ran first, and for how many seconds it may */
	unsigned int limit;
	bool typing;			/* somebody types at it */

	/* Of all vCPUs: devices, log and end by the lock, which no other exit takes. */
	pthread_mutex_t lock;
	struct machine_io io;
	struct end end;
	atomic_bool stop;		/* it has ended */
	bool dump;			/* at its end all vCPUs shall be shown */
	atomic_bool asking;		/* the PICs want the first vCPU's thread to look at them */
	unsigned int started;		/* vCPUs that can be called */
	/* For a look at all while none runs; `changed' tells of these and of stop. */
	pthread_cond_t changed;
	atomic_bool hold;
	unsigned int holds, held;	/* how many there were; who stands still for this one */
};

/* options.c */

/** options_parse - fill in @o; false when an option cannot be used (said on stderr) */
bool options_parse(struct options *o, int argc, char **argv);

/** options_help - print what the runner can do on stdout */
void options_help(void);

/* log.c */

/** log_drain_lines - from here on wait after each line until the UART has sent it */
void log_drain_lines(void);

/** log_stamps - when the guest's lines came (machine_stamp_get()), as records of the log */
void log_stamps(void);

/** log_guest_byte - a byte that the guest sent; @ctx is not used */
void log_guest_byte(void *ctx, uint8_t byte);

/** log_flush_guest - write what the guest has sent of an unfinished line */
void log_flush_guest(void);

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

/* files.c */

/**
 * load_guest - guest memory, with all in it that the guest needs
 * @vm: ram, ram_size and is_linux are filled in
 * @o: options
 * @start: receives how the vCPU is entered
 *
 * Returns 0, or the MACHINE_CODE_… of what was complained about.
 */
int load_guest(struct vm *vm, const struct options *o,
	       struct machine_start *start);

/* vcpu.c */

/** vcpu_init - CPUID and registers of a new vCPU; false with a complaint */
bool vcpu_init(const struct vcpu *v, const struct machine_start *start);

/* vm.c */

/**
 * vm_create - a VM with its first vCPU at the guest's entry point, ready to run
 * @vm: kvm, ram, ram_size and cpus are set; the rest is filled in
 * @start: from load_guest()
 *
 * Returns 0, or the MACHINE_CODE_… of what was complained about.
 */
int vm_create(struct vm *vm, const struct machine_start *start);

/** vm_ioctl - ioctl() that complains, naming @what, and returns -1 when it fails */
int vm_ioctl(int fd, unsigned long request, void *arg, const char *what);

/* run.c */

/** vm_interrupt - the devices of @vm, a struct vm, ask for an interrupt: their vCPU shall look */
void vm_interrupt(void *vm);

/**
 * run_guest - run the vCPUs until the guest ends, or cannot go on for @limit seconds or at all
 * @input: stdin goes to its COM1
 *
 * Then no vCPU runs any more.
 */
struct end run_guest(struct vm *vm, unsigned int limit, bool input);

/* input.c */

#define INPUT_SIGNAL	SIGUSR1		/* calls the first vCPU's thread out of KVM_RUN */

/** input_start - from here on stdin is read for the guest; false with a complaint */
bool input_start(void);

/** input_waits - is there something that COM1 has not received? */
bool input_waits(void);

/**
 * input_feed - let COM1 receive what there is and has room; for who has the devices' lock
 *
 * Returns true if it received something.
 */
bool input_feed(struct machine_uart *com1);

/** input_end - leave the terminal as it was found */
void input_end(void);

/* dump.c */

/** dump_vcpu - registers and the code at RIP, as "runner:" lines of the log */
void dump_vcpu(const struct vcpu *v);

/* stats.c */

/**
 * stats_print - what the host counted for this VM, as records of the log
 * @module: and what our accounting has for all VMs since KVM was loaded
 */
void stats_print(const struct vm *vm, bool module);

/* trace.c */

/** trace_start - let tracepoints count from here on; false with a complaint */
bool trace_start(void);

/** trace_end - what was counted, as records of the log, and count no more */
void trace_end(const struct vm *vm);

/* init.c */

/** init_enter - as process 1: mount what is needed, make COM1 stdin, stdout and stderr */
void init_enter(void);

/**
 * init_arguments - append the lines of /arguments, one each, to the command line
 *
 * The kernel's own has no room for a guest's. No such file: nothing is changed.
 */
void init_arguments(int *argc, char ***argv);

/** init_supervise - run @job in a child, so that whatever befalls it is reported */
struct end init_supervise(struct end (*job)(int argc, char **argv),
				 int argc, char **argv);

/** init_leave - end the machine with @code */
_Noreturn void init_leave(uint32_t code);
