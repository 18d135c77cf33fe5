// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lab's other /init, for what no guest can do by itself: VMs one after the other, whose
 * counters live on or do not, and an entry that fails. Where KVM is modules it loads them, asks
 * for every number too, and at the end removes and loads them again: that kernel has KASAN, which
 * sees what becomes of a number that is no index. Its log is read as the lab's guest's is
 * (lab/readings.h), with a few records more.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "acct/exit_reasons.h"
#include "guest/modes.h"
#include "lab/readings.h"
#include "machine/x86.h"
#include "vmm/vmm.h"

#define CODE		0x1000
#define RAM_SIZE	0x10000
#define END_PORT	0x80
#define BEGINNING	50	/* exits that a VM makes before its counters are read */
#define REPORTED	25000	/* and the first one more of them, for a report or two */
#define TRACE		"/sys/kernel/tracing/trace"
#define TRACE_LINES	2000
#define TSC_OF_CPU_0	"/dev/cpu/0/msr"
#define JUMP		(1ull << 30)
#define JUMPS		3	/* of the TSC between two readings: less than 32 bits in all */
#define ROUNDS		16
#define A_WHILE		200	/* exits, before one looks whether all jumps were made */

/* In real mode: a mark, a CPUID whose registers come from outside, and back to there. */
static const uint8_t code[] = {
	0xee,			/* 1: out %al, (%dx) */
	0x0f, 0xa2,		/* cpuid */
	0xe6, END_PORT,		/* out %al, $END_PORT */
	0xeb, 0xf9,		/* jmp 1b */
	/* Or, so often as SI says: */
	0x0f, 0xa2,		/* 2: cpuid */
	0x4e,			/* dec %si */
	0x75, 0xfb,		/* jnz 2b */
	0xe6, END_PORT,		/* out %al, $END_PORT */
	0xeb, 0xf0,		/* jmp 1b */
};

#define CODE_OFTEN	(CODE + 7)

struct small_vm {
	int vm, vcpu, run_size;
	struct kvm_run *run;
	void *ram;
};

/* In the order in which they need each other, and in the initramfs, where they are modules. */
static const char *const modules[] = { "irqbypass", "kvm", "kvm_intel" };
#define MODULES	(sizeof(modules) / sizeof(modules[0]))

static int kvm;
static unsigned int marks;

static int check(int r, const char *what)
{
	if (r < 0) {
		log_line("failed: %s: %s", what, strerror(errno));
		_exit(1);
	}
	return r;
}

static void set_up(struct small_vm *v)
{
	struct kvm_userspace_memory_region region = { .memory_size = RAM_SIZE };
	struct kvm_regs regs = { .rip = CODE, .rflags = 2 };
	struct kvm_sregs sregs;

	v->vm = check(ioctl(kvm, KVM_CREATE_VM, 0ul), "KVM_CREATE_VM");
	v->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (uintptr_t)v->ram;
	memcpy((uint8_t *)v->ram + CODE, code, sizeof(code));
	check(ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
	v->vcpu = check(ioctl(v->vm, KVM_CREATE_VCPU, 0ul), "KVM_CREATE_VCPU");
	v->run_size = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL), "KVM_GET_VCPU_MMAP_SIZE");
	v->run = mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	if (v->run == MAP_FAILED)
		check(-1, "mmap of the vCPU");
	check(ioctl(v->vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	check(ioctl(v->vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	check(ioctl(v->vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void tear_down(struct small_vm *v)
{
	munmap(v->run, v->run_size);
	close(v->vcpu);
	close(v->vm);
	munmap(v->ram, RAM_SIZE);
}

/* To the next write to a port, with these four registers. */
static struct kvm_regs step(const struct small_vm *v, uint64_t rax, uint64_t rbx, uint64_t rcx,
			    uint64_t rdx)
{
	struct kvm_regs regs;

	check(ioctl(v->vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	regs.rax = rax;
	regs.rbx = rbx;
	regs.rcx = rcx;
	regs.rdx = rdx;
	check(ioctl(v->vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	check(ioctl(v->vcpu, KVM_RUN, NULL), "KVM_RUN");
	if (v->run->exit_reason != KVM_EXIT_IO) {
		errno = EPROTO;
		check(-1, "KVM_RUN did not end with a port");
	}
	check(ioctl(v->vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	return regs;
}

static struct kvm_regs cpuid_once(const struct small_vm *v, uint32_t leaf, uint32_t ecx)
{
	step(v, 0, 0, 0, MACHINE_MARK_PORT);
	marks++;
	return step(v, leaf, POISON, ecx, POISON);
}

static void read_leaves(const struct small_vm *v, uint32_t ecx)
{
	char text[512];
	unsigned int mark = marks + 1, i;
	size_t length;

	length = snprintf(text, sizeof(text), "leaves mark=%u nr=0 mode=real ecx=%u", mark, ecx);
	for (i = 0; i < READING_LEAVES; i++) {
		struct kvm_regs r = cpuid_once(v, READING_FIRST_LEAF - i, ecx);

		length += snprintf(text + length, sizeof(text) - length,
				   " %x=%llx:%llx:%llx:%llx", READING_FIRST_LEAF - i, r.rax, r.rbx,
				   r.rcx, r.rdx);
	}
	log_line("%s", text);
}

static void begin(struct small_vm *v, unsigned int number)
{
	unsigned int i;

	log_line("vm number=%u mark=%u", number, marks + 1);
	set_up(v);
	for (i = 0; i < BEGINNING; i++)
		cpuid_once(v, 0, 0);
}

/* As many CPUIDs without a step to user space. */
static void cpuid_often(const struct small_vm *v, uint16_t n)
{
	struct kvm_regs regs;

	/* The write to the port is over when the vCPU runs again: let it end where it is. */
	step(v, 0, 0, 0, 0);
	check(ioctl(v->vcpu, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	regs.rip = CODE_OFTEN;
	regs.rsi = n;
	check(ioctl(v->vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	step(v, 0, 0, 0, 0);
}

static void many_exits(const struct small_vm *v)
{
	step(v, 0, 0, 0, MACHINE_MARK_PORT);
	marks++;
	cpuid_often(v, REPORTED);
}

/* On a CPU, that of the VMs is 0. */
static void stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static atomic_bool jumped;

/* From another CPU: it interrupts what CPU 0 does, with luck the handler of an exit. */
static void *jump(void *arg)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const int fd = *(const int *)arg;
	uint64_t tsc;
	int i;

	stay_on(1);
	for (i = 0; i < JUMPS; i++) {
		nanosleep(&pause, NULL);
		if (pread(fd, &tsc, sizeof(tsc), MSR_IA32_TSC) != sizeof(tsc))
			break;
		tsc += JUMP;
		if (pwrite(fd, &tsc, sizeof(tsc), MSR_IA32_TSC) != sizeof(tsc))
			break;
	}
	jumped = true;
	return NULL;
}

/*
 * A sum of cycles above 32 bits takes longer than a run. So let the clock of the computer go on
 * by many cycles at once while exits are handled, and read what becomes of the sum.
 */
static void carry(unsigned int number)
{
	int fd = open(TSC_OF_CPU_0, O_RDWR | O_CLOEXEC), i;
	struct small_vm v;
	pthread_t other;

	if (fd < 0)
		return;
	begin(&v, number);
	log_line("carry mark=%u", marks + 1);
	read_leaves(&v, EXIT_REASON_CPUID);
	for (i = 0; i < ROUNDS; i++) {
		jumped = false;
		if (pthread_create(&other, NULL, jump, &fd))
			break;
		while (!jumped)
			cpuid_often(&v, A_WHILE);
		pthread_join(other, NULL);
		read_leaves(&v, EXIT_REASON_CPUID);
	}
	tear_down(&v);
	close(fd);
}

/* "task-27 [000] .... 5.123456: function: text": the text, as trace_printk() was given it. */
static void print_trace(void)
{
	FILE *f = fopen(TRACE, "re");
	unsigned int lines = 0;
	char *line = NULL, *text;
	size_t size = 0;

	while (f && lines < TRACE_LINES && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		text = line[0] == '#' ? NULL : strstr(line, ": ");
		text = text ? strstr(text + 2, ": ") : NULL;
		if (!text)
			continue;
		log_line("trace %s", text + 2);
		lines++;
	}
	free(line);
	if (f)
		fclose(f);
}

/*
 * With a TR that is none. KVM leaves it to the processor where it has "unrestricted guest", and
 * that refuses the entry. SDM volume 3, "Checks on Guest Segment Registers".
 */
static void fail_entry(void)
{
	struct kvm_sregs sregs;
	struct small_vm v;

	set_up(&v);
	check(ioctl(v.vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.tr.type = 1;
	sregs.tr.present = 0;
	check(ioctl(v.vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	check(ioctl(v.vcpu, KVM_RUN, NULL), "KVM_RUN");
	log_line("entry exit=%u reason=0x%llx", v.run->exit_reason,
		 (unsigned long long)v.run->fail_entry.hardware_entry_failure_reason);
	tear_down(&v);
}

/* A module's words of the kernel's command line, which modprobe would give it. */
static void parameters(const char *module, char *to, size_t size)
{
	FILE *f = fopen("/proc/cmdline", "re");
	char line[4096] = "", *word, *rest = line;
	size_t length = strlen(module), used = 0;

	*to = '\0';
	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	while ((word = strsep(&rest, " \n"))) {
		if (!strncmp(word, module, length) && word[length] == '.' && used < size)
			used += snprintf(to + used, size - used, "%s ", word + length + 1);
	}
}

/* 0, or what errno says. */
static int load_module(const char *module)
{
	char path[32], words[512], *c;
	int fd, error;

	snprintf(path, sizeof(path), "/%s.ko", module);
	/* The file of kvm_intel is kvm-intel.ko. */
	for (c = path; *c; c++)
		*c = *c == '_' ? '-' : *c;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	parameters(module, words, sizeof(words));
	error = syscall(SYS_finit_module, fd, words, 0) ? errno : 0;
	close(fd);
	return error;
}

static void load_modules(void)
{
	int error = 0;
	size_t i;

	for (i = 0; i < MODULES && !error; i++)
		error = load_module(modules[i]);
	log_line("modules do=load errno=%d at=%s", error, modules[i - 1]);
}

/* Without KVM there is nothing more to see. */
static bool remove_modules(void)
{
	int error = 0;
	size_t i;

	for (i = MODULES; i && !error; i--)
		error = syscall(SYS_delete_module, modules[i - 1], O_NONBLOCK) ? errno : 0;
	log_line("modules do=removal errno=%d at=%s", error, modules[i]);
	return !error;
}

static void open_kvm(void)
{
	kvm = host_open_kvm(false);
	if (kvm < 0)
		check(-1, "/dev/kvm");
}

/* What stands in the log must not go on when KVM begins anew. */
static void again(void)
{
	struct small_vm fourth;

	close(kvm);
	if (!remove_modules())
		return;
	load_modules();
	open_kvm();
	begin(&fourth, 4);
	read_leaves(&fourth, EXIT_REASON_CPUID);
	tear_down(&fourth);
}

static struct end job(int argc, char **argv)
{
	const bool are_modules = !access("/kvm.ko", F_OK);
	struct small_vm first, second, third;
	uint32_t i;

	(void)argc;
	(void)argv;
	log_line("lab version=%d cpus=1", READINGS_VERSION);
	stay_on(0);
	if (are_modules)
		load_modules();
	open_kvm();
	begin(&first, 1);
	many_exits(&first);
	read_leaves(&first, EXIT_REASON_CPUID);
	for (i = 0; are_modules && i < READING_NUMBERS; i++)
		read_leaves(&first, reading_number(i));
	tear_down(&first);
	/* One that begins when another has gone, and one while another is there. */
	begin(&second, 2);
	read_leaves(&second, EXIT_REASON_CPUID);
	begin(&third, 3);
	read_leaves(&third, EXIT_REASON_CPUID);
	log_line("entry");
	fail_entry();
	read_leaves(&third, EXIT_REASON_CPUID);
	tear_down(&third);
	tear_down(&second);
	if (!are_modules)
		carry(4);
	print_trace();
	if (are_modules)
		again();
	log_line("lab marks=%u", marks);
	return (struct end) { CAUSE_EXIT_PORT, 0, NO_VCPU };
}

int main(int argc, char **argv)
{
	struct end end;

	init_enter();
	end = init_supervise(job, argc, argv);
	log_line("end target=kvm cause=%s code=%u", end.cause, end.code);
	init_leave(end.code);
}
