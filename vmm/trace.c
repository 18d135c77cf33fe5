// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second count of the exits, made by the kernel's tracepoint kvm_exit: a
 * histogram over vCPU and exit-reason field. Where KVM tells the exits of one reason apart, other
 * tracepoints do so too, of MSRs, CPUID and VMCALL.
 *
 * Source: Linux "Event Histograms".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "acct/exit_acct.h"
#include "vmm/vmm.h"

#define EVENTS	"/sys/kernel/tracing/events/kvm/"
#define DETAIL	"/sys/module/kvm/parameters/detail"

enum {
#define X(number, name, sdm_name, class) REASON_##name = number,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

/* What has no field for the vCPU is of a thread. Sorted, the same run leaves the same log. */
static const struct event {
	const char *name, *keys;
	unsigned int size;		/* places for different keys, a power of two */
	unsigned int reason;		/* if it is about one: the last two keys make its number */
} events[] = {
	{ "kvm_exit", "vcpu_id,exit_reason:sort=vcpu_id,exit_reason", 2048, 0 },
	{ "kvm_msr", "common_pid,write,ecx:sort=write,ecx", 2048, REASON_MSR_READ },
	/* Who walks the leaves of the accounting asks for each subleaf once. */
	{ "kvm_cpuid", "common_pid,function,index:sort=function,index", 32768, REASON_CPUID },
	{ "kvm_hypercall", "common_pid,nr:sort=common_pid,nr", 2048, REASON_VMCALL },
};

#define EVENTS_NR	(sizeof(events) / sizeof(events[0]))

/* How many of them are wanted: the first one always. */
static size_t events_nr = 1;

/* It counts the exits of every VM on this host. */
static bool set_trigger(const struct event *event, const char *not)
{
	char path[80];
	bool good;
	int fd;

	snprintf(path, sizeof(path), EVENTS "%s/trigger", event->name);
	fd = open(path, O_WRONLY | O_TRUNC);
	good = fd >= 0 && dprintf(fd, "%shist:keys=%s:size=%u", not, event->keys, event->size) >= 0;
	if (!good)
		complain("--trace: %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* The values of a line's keys, and the last its count; how many there were. */
static unsigned int read_values(const char *line, unsigned long long values[4])
{
	const char *c = *line == '{' ? line : "";
	unsigned int nr = 0;
	char *end;

	while (nr < 4 && (c = strchr(c, ':'))) {
		values[nr++] = strtoull(c + 1, &end, 10);
		c = end;
	}
	return nr;
}

static void print_counts(const struct vm *vm, const struct event *event,
			 const unsigned long long *v)
{
	unsigned long long number = v[1];
	unsigned int reason = event->reason, i;

	if (!reason) {
		log_line("trace event=%s reason=%llu count=%llu scope=vcpu%llu", event->name,
			 v[1], v[2], v[0]);
		return;
	}
	if (reason == REASON_MSR_READ) {
		reason = v[1] ? REASON_MSR_WRITE : REASON_MSR_READ;
		number = v[2];
	} else if (reason == REASON_CPUID) {
		number = v[1] << 32 | v[2];
	}
	for (i = 0; i < vm->cpus; i++)
		if ((unsigned long long)vm->vcpus[i].tid == v[0])
			log_line("trace event=%s reason=%u number=%llu count=%llu scope=vcpu%u",
				 event->name, reason, number,
				 v[event->reason == REASON_VMCALL ? 2 : 3], i);
}

static void print_histogram(const struct vm *vm, const struct event *event)
{
	unsigned long long values[4], total = 0, dropped = 0;
	char *line = NULL, path[80];
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), EVENTS "%s/hist", event->name);
	f = fopen(path, "r");
	if (!f) {
		log_line("runner: cannot read %s: %m", path);
		return;
	}
	while (getline(&line, &size, f) > 0) {
		if (read_values(line, values) > 2)
			print_counts(vm, event, values);
		sscanf(line, " Hits: %llu", &total);
		sscanf(line, " Dropped: %llu", &dropped);
	}
	log_line("trace event=%s total=%llu dropped=%llu", event->name, total, dropped);
	free(line);
	fclose(f);
}

static bool tells_apart(void)
{
	FILE *f = fopen(DETAIL, "r");
	bool yes = f && fgetc(f) == 'Y';

	if (f)
		fclose(f);
	return yes;
}

bool trace_start(void)
{
	if (tells_apart())
		events_nr = EVENTS_NR;
	for (size_t i = 0; i < events_nr; i++) {
		if (set_trigger(&events[i], ""))
			continue;
		/* Nobody else would take back those that are set. */
		while (i--)
			set_trigger(&events[i], "!");
		return false;
	}
	return true;
}

void trace_end(const struct vm *vm)
{
	for (size_t i = 0; i < events_nr; i++) {
		print_histogram(vm, &events[i]);
		set_trigger(&events[i], "!");
	}
}
