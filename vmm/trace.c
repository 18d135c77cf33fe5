// SPDX-License-Identifier: GPL-2.0-only
/*
 * A second count of the exits, made by the kernel's tracepoint kvm_exit: a
 * histogram over vCPU and exit-reason field.
 *
 * Source: Linux "Event Histograms".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vmm/vmm.h"

#define EVENT	"/sys/kernel/tracing/events/kvm/kvm_exit/"
#define TRIGGER	"hist:keys=vcpu_id,exit_reason:sort=vcpu_id,exit_reason"

/* It counts the exits of every VM on this host. */
static bool set_trigger(const char *trigger)
{
	FILE *f = fopen(EVENT "trigger", "w");
	bool good;

	/* Unbuffered, or what the kernel thinks of it shows in fclose() only. */
	good = f && !setvbuf(f, NULL, _IONBF, 0) && fputs(trigger, f) >= 0;
	if (!good)
		complain("--trace: %strigger: %s", EVENT, strerror(errno));
	if (f)
		fclose(f);
	return good;
}

static void print_histogram(void)
{
	unsigned long long vcpu, reason, count, total = 0, dropped = 0;
	FILE *f = fopen(EVENT "hist", "r");
	char *line = NULL;
	size_t size = 0;

	if (!f) {
		log_line("runner: cannot read %shist: %m", EVENT);
		return;
	}
	while (getline(&line, &size, f) > 0) {
		if (sscanf(line, "{ vcpu_id: %llu, exit_reason: %llu } hitcount: %llu", &vcpu,
			   &reason, &count) == 3)
			log_line("trace event=kvm_exit reason=%llu count=%llu scope=vcpu%llu",
				 reason, count, vcpu);
		sscanf(line, " Hits: %llu", &total);
		sscanf(line, " Dropped: %llu", &dropped);
	}
	log_line("trace event=kvm_exit total=%llu dropped=%llu", total, dropped);
	free(line);
	fclose(f);
}

bool trace_start(void)
{
	return set_trigger(TRIGGER);
}

void trace_end(void)
{
	print_histogram();
	set_trigger("!" TRIGGER);
}
