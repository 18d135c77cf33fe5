/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM's devices, for one vCPU after the other. */
#ifndef HV_EXIT_DEVICES_H
#define HV_EXIT_DEVICES_H

#include "hv/vcpu.h"

/** devices_init - all devices after reset, wired to the console and to the vCPUs */
void devices_init(struct vm *vm);

/** vcpu_devices - the devices, for @v to use: an interrupt that they raise becomes work of @v */
static inline struct machine_io *vcpu_devices(struct vcpu *v)
{
	struct vm *vm = v->vm;

	vm->user = v;
	return &vm->io;
}

/** devices_poll_console - let COM1 receive what a user typed and has room; the rest waits below */
void devices_poll_console(struct vcpu *v);

#endif /* HV_EXIT_DEVICES_H */
