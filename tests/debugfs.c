// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lab's /init of tests/debugfs.t and of a part of tests/report.t: VMs one after
 * the other, of two vCPUs each, and what is in KVM's debugfs files at every stage. The
 * log has "file STAGE NAME" before each file, whose lines follow as they are, and
 * "view NAME" before each line of what exitstat shows of them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>
#include "vmm/vmm.h"

#define DEBUGFS		"/sys/kernel/debug/kvm/"
#define VCPUS		2
#define CODE		0x1000

/* In real mode, SI times: CPUID. Then, without an end, one write to a port. */
static const uint8_t code[] = {
	0x0f, 0xa2,		/* 1: cpuid */
	0x4e,			/* dec %si */
	0x75, 0xfb,		/* jnz 1b */
	0xe6, 0x80,		/* 2: out %al, $0x80 */
	0xeb, 0xfc,		/* jmp 2b */
	0xf4,			/* hlt */
};

#define CODE_HLT	(CODE + sizeof(code) - 1)

struct made_vm {
	int vm, vcpu[VCPUS], run_size;
	struct kvm_run *run[VCPUS];
	void *ram;
};

static int kvm;

static int check(int r, const char *what)
{
	if (r < 0) {
		log_line("failed: %s: %s", what, strerror(errno));
		init_leave(1);
	}
	return r;
}

static void print_open(const char *stage, const char *name, FILE *f)
{
	char *line = NULL;
	size_t size = 0;

	log_line("file %s %s", stage, name);
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		log_line("%s", line);
	}
	free(line);
	fclose(f);
}

static FILE *open_file(const struct made_vm *v, const char *name)
{
	char path[96];

	if (!v)
		return fopen(DEBUGFS "exit_acct_all", "r");
	snprintf(path, sizeof(path), DEBUGFS "%d-%d/%s%sexit_acct", getpid(), v->vm, name,
		 *name ? "/" : "");
	return fopen(path, "r");
}

/* The file @name of @v; of all VMs, if that is NULL. */
static void print_file(const char *stage, const char *name, const struct made_vm *v)
{
	FILE *f = open_file(v, strcmp(name, "vm") ? name : "");

	if (f)
		print_open(stage, name, f);
	else
		log_line("missing %s %s", stage, name);
}

/* As kvm_stat: the name of each file in KVM's directory is that of a number in a VM's. */
static void read_numbers(const struct made_vm *v)
{
	DIR *dir = opendir(DEBUGFS);
	struct dirent *entry;
	unsigned int read = 0;
	char path[300];
	long long number;
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), DEBUGFS "%d-%d/%s", getpid(), v->vm, entry->d_name);
		f = entry->d_type == DT_REG ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		if (fscanf(f, "%lld", &number) == 1)
			read++;
		else
			log_line("no number in %s", entry->d_name);
		fclose(f);
	}
	log_line("numbers %u", read);
	if (dir)
		closedir(dir);
}

static void print_all(const char *stage, const struct made_vm *v)
{
	print_file(stage, "vcpu0", v);
	print_file(stage, "vcpu1", v);
	print_file(stage, "vm", v);
	print_file(stage, "module", NULL);
}

static void create(struct made_vm *v)
{
	struct kvm_userspace_memory_region region = { .memory_size = 2 * CODE };

	v->vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	v->ram = mmap(NULL, region.memory_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(v->ram + CODE, code, sizeof(code));
	region.userspace_addr = (uintptr_t)v->ram;
	check(ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &region), "memory");
}

static void add_vcpu(struct made_vm *v, int id)
{
	struct kvm_sregs sregs;

	v->run_size = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
	v->vcpu[id] = check(ioctl(v->vm, KVM_CREATE_VCPU, id), "KVM_CREATE_VCPU");
	v->run[id] = mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu[id], 0);
	check(ioctl(v->vcpu[id], KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	check(ioctl(v->vcpu[id], KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
}

/* @cpuids CPUIDs, at least one, and an OUT. */
static void run(struct made_vm *v, int id, unsigned int cpuids)
{
	const struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rsi = cpuids };

	/* What an OUT before has left to be done must not change the new registers. */
	v->run[id]->immediate_exit = 1;
	ioctl(v->vcpu[id], KVM_RUN, 0);
	v->run[id]->immediate_exit = 0;
	check(ioctl(v->vcpu[id], KVM_SET_REGS, &regs), "KVM_SET_REGS");
	check(ioctl(v->vcpu[id], KVM_RUN, 0), "KVM_RUN");
	if (v->run[id]->exit_reason != KVM_EXIT_IO)
		log_line("failed: KVM_RUN ended with %u", v->run[id]->exit_reason);
}

static void destroy(struct made_vm *v)
{
	int id;

	for (id = 0; id < VCPUS; id++) {
		munmap(v->run[id], v->run_size);
		close(v->vcpu[id]);
	}
	close(v->vm);
	munmap(v->ram, 2 * CODE);
}

static void scenario(void)
{
	struct made_vm one, two;
	FILE *held;

	print_file("start", "module", NULL);

	create(&one);
	print_file("empty", "vm", &one);
	add_vcpu(&one, 0);
	add_vcpu(&one, 1);
	run(&one, 0, 300);
	print_all("first", &one);
	read_numbers(&one);
	run(&one, 1, 20);
	print_all("both", &one);
	destroy(&one);
	print_file("gone", "vm", &one);
	print_file("gone", "module", NULL);

	create(&two);
	add_vcpu(&two, 0);
	add_vcpu(&two, 1);
	run(&two, 1, 7);
	run(&two, 0, 1000);
	run(&two, 1, 50);
	print_all("second", &two);
	/* An open file keeps a VM that nobody runs any more. */
	held = open_file(&two, "");
	destroy(&two);
	print_file("held", "module", NULL);
	print_open("held", "vm", held);
	print_file("end", "module", NULL);
}

/* Two vCPUs in turn: each leaves unfinished what the other may have to report. */
static void reports(void)
{
	struct made_vm v;
	int turn;

	create(&v);
	add_vcpu(&v, 0);
	add_vcpu(&v, 1);
	run(&v, 0, 62);
	run(&v, 1, 62);
	print_file("pair", "vm", &v);
	destroy(&v);

	create(&v);
	add_vcpu(&v, 0);
	add_vcpu(&v, 1);
	for (turn = 0; turn < 60; turn++)
		run(&v, turn % 2, 1 + turn % 17);
	print_file("turns", "vm", &v);
	destroy(&v);
}

static void wake(int signal)
{
	(void)signal;
}

/* A vCPU halts in the kernel, until a signal comes a second later. */
static void halts(void)
{
	const struct kvm_regs regs = { .rip = CODE_HLT, .rflags = 2 };
	const struct itimerval second = { .it_value = { .tv_sec = 1 } };
	const struct sigaction action = { .sa_handler = wake };
	unsigned long long from;
	struct made_vm v;

	create(&v);
	check(ioctl(v.vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	add_vcpu(&v, 0);
	add_vcpu(&v, 1);
	check(ioctl(v.vcpu[0], KVM_SET_REGS, &regs), "KVM_SET_REGS");
	check(sigaction(SIGALRM, &action, NULL), "sigaction");
	from = __rdtsc();
	check(setitimer(ITIMER_REAL, &second, NULL), "setitimer");
	if (!ioctl(v.vcpu[0], KVM_RUN, 0) || errno != EINTR)
		log_line("failed: KVM_RUN ended with %u", v.run[0]->exit_reason);
	log_line("halted from=%llu to=%llu", from, __rdtsc());
	print_file("halts", "vm", &v);
	destroy(&v);
}

/* exitstat, which is where a guest would be, with these words; each line is handed to @take. */
static void view(const char *name, char *const words[], void (*take)(struct made_vm *v),
		 struct made_vm *v)
{
	int out[2], status = -1;
	char *line = NULL;
	size_t size = 0;
	pid_t child;
	FILE *in;

	check(pipe(out), "pipe");
	child = check(fork(), "fork");
	if (!child) {
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		execv("/guest.elf", words);
		_exit(127);
	}
	close(out[1]);
	in = fdopen(out[0], "r");
	while (getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = 0;
		log_line("view %s %s", name, line);
		if (take && strstr(line, ",total,")) {
			take(v);
			take = NULL;
		}
	}
	free(line);
	fclose(in);
	waitpid(child, &status, 0);
	log_line("viewed %s code=%d", name, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void run_more(struct made_vm *v)
{
	run(v, 0, 500);
	run(v, 1, 40);
}

#define VIEW(name, take, v, ...) \
	view(name, (char *const []) { "exitstat", "--vm", __VA_ARGS__, NULL }, take, v)

/* Of vCPUs from now on. */
static void tell_apart(void)
{
	int f = check(open("/sys/module/kvm/parameters/detail", O_WRONLY), "detail");

	check(write(f, "Y", 1), "detail");
	close(f);
}

/* What exitstat shows on this host: without a VM, of two at once, and while one runs. */
static void views(void)
{
	struct made_vm one, two;

	VIEW("none", NULL, NULL, "all");
	create(&one);
	add_vcpu(&one, 0);
	VIEW("untold", NULL, NULL, "all", "--detail");
	destroy(&one);
	tell_apart();
	create(&one);
	add_vcpu(&one, 0);
	add_vcpu(&one, 1);
	create(&two);
	add_vcpu(&two, 0);
	add_vcpu(&two, 1);
	run(&one, 0, 300);
	run(&one, 1, 20);
	run(&two, 1, 1000);
	print_file("one", "vm", &one);
	print_file("two", "vm", &two);
	VIEW("csv", NULL, NULL, "all", "--csv");
	VIEW("vcpus", NULL, NULL, "1", "--vcpu", "--csv");
	VIEW("table", NULL, NULL, "1");
	VIEW("detail", NULL, NULL, "all", "--detail", "--csv");
	VIEW("vcpudetail", NULL, NULL, "1", "--detail", "cpuid", "--vcpu", "--csv");
	VIEW("nobody", NULL, NULL, "2");
	VIEW("live", run_more, &two, "all", "--live", "--csv", "--vcpu", "--interval", "0.5",
	     "--times", "4");
	VIEW("livedetail", run_more, &two, "all", "--detail", "--live", "--csv", "--interval",
	     "0.5", "--times", "4");
	destroy(&one);
	destroy(&two);
}

/* Is it one of the words that boot/run gives the runner? */
static bool told(char **argv, const char *word)
{
	while (*argv && strcmp(*argv, word))
		argv++;
	return *argv;
}

int main(int argc, char **argv)
{
	init_enter();
	init_arguments(&argc, &argv);
	log_line("log version=%d target=kvm machine=bochs clock=emulated accounting=%s",
		 MACHINE_LOG_VERSION, host_accounts() ? "yes" : "no");
	kvm = check(open("/dev/kvm", O_RDWR), "/dev/kvm");
	if (told(argv, "reports"))
		reports();
	else if (told(argv, "halts"))
		halts();
	else if (told(argv, "views"))
		views();
	else
		scenario();
	log_line("end target=kvm cause=exit_port code=0");
	init_leave(0);
}
