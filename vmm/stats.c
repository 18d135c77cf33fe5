// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host counted: our accounting through debugfs, where the kernel is
 * patched, and KVM's own statistics, which every kernel since 5.14 has.
 *
 * Source: Linux "The Definitive KVM (Kernel-based Virtual Machine) API
 * Documentation", KVM_GET_STATS_FD.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "vmm/vmm.h"

#define DEBUGFS_VM	"/sys/kernel/debug/kvm/%d-%d"
#define DEBUGFS_MODULE	"/sys/kernel/debug/kvm/exit_acct_all"

/* The lines of one scope from a debugfs file, as they are. */
static void print_accounting(const char *path, const char *wanted)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	f = fopen(path, "r");
	if (!f) {
		if (host_accounts())
			log_line("runner: cannot read %s: %m", path);
		return;
	}
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, wanted, strlen(wanted)))
			log_line("%s", line);
	}
	free(line);
	fclose(f);
}

/* Histograms are left out: they depend on how long the host slept. */
static bool is_single(const struct kvm_stats_desc *d)
{
	unsigned int type = d->flags & KVM_STATS_TYPE_MASK;

	return d->size == 1 && type != KVM_STATS_TYPE_LINEAR_HIST &&
	       type != KVM_STATS_TYPE_LOG_HIST;
}

static void print_stats(int fd, const char *scope)
{
	struct kvm_stats_header h;
	size_t desc_size, i;
	uint8_t *descs;

	if (pread(fd, &h, sizeof(h), 0) != sizeof(h))
		return;
	desc_size = sizeof(struct kvm_stats_desc) + h.name_size;
	descs = malloc(h.num_desc * desc_size);
	if (!descs)
		return;
	if (pread(fd, descs, h.num_desc * desc_size, h.desc_offset) !=
	    (ssize_t)(h.num_desc * desc_size))
		goto out;
	for (i = 0; i < h.num_desc; i++) {
		const struct kvm_stats_desc *d = (void *)(descs + i * desc_size);
		uint64_t value;

		if (is_single(d) &&
		    pread(fd, &value, sizeof(value), h.data_offset + d->offset) == sizeof(value) &&
		    value)
			log_line("stats scope=%s name=%.*s value=%llu", scope, (int)h.name_size,
				 d->name, (unsigned long long)value);
	}
out:
	free(descs);
}

static void print_stats_of(int of, const char *scope)
{
	int fd = ioctl(of, KVM_GET_STATS_FD, NULL);

	if (fd < 0) {
		log_line("runner: this kernel has no KVM statistics (%s): %m", scope);
		return;
	}
	print_stats(fd, scope);
	close(fd);
}

/* The VM's counts, and if it has several vCPUs, of what they are the sums. */
static void print_vm(const struct vm *vm)
{
	char path[80], wanted[32];
	unsigned int i;

	for (i = 0; vm->cpus > 1 && i < vm->cpus; i++) {
		snprintf(path, sizeof(path), DEBUGFS_VM "/vcpu%u/exit_acct", getpid(), vm->vm, i);
		snprintf(wanted, sizeof(wanted), "exits scope=vcpu%u ", i);
		print_accounting(path, wanted);
	}
	/* Only there where exits of one reason are told apart. */
	for (i = 0; i < vm->cpus; i++) {
		snprintf(path, sizeof(path), DEBUGFS_VM "/vcpu%u/exit_detail", getpid(), vm->vm, i);
		if (!access(path, F_OK))
			print_accounting(path, "detail scope=");
	}
	snprintf(path, sizeof(path), DEBUGFS_VM "/exit_acct", getpid(), vm->vm);
	print_accounting(path, "exits scope=vm ");
}

void stats_print(const struct vm *vm, bool module)
{
	char scope[16];
	unsigned int i;

	print_vm(vm);
	if (module)
		print_accounting(DEBUGFS_MODULE, "exits scope=module ");
	print_stats_of(vm->vm, "vm");
	for (i = 0; i < vm->cpus; i++) {
		snprintf(scope, sizeof(scope), "vcpu%u", i);
		print_stats_of(vm->vcpus[i].fd, scope);
	}
}
