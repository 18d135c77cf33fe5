/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM's devices, for one vCPU after the other. */
#pragma once

#include "hv/vcpu.h"

/** devices_init - all devices after reset, wired to the console and to the vCPUs */
void devices_init(struct vm *vm);

/** devices_in - IN by @v of @size bytes from a port that machine_io_unbacked() does not know */
u32 devices_in(struct vcpu *v, u16 port, u32 size);

/** devices_out - OUT by @v to such a port; does not return if it ends the VM */
void devices_out(struct vcpu *v, u16 port, u32 size, u32 value);

/** devices_ack - the PICs' interrupt is delivered to @v: returns its vector */
u32 devices_ack(struct vcpu *v);

/** devices_poll_console - let COM1 receive what a user typed and has room; the rest waits below */
void devices_poll_console(struct vcpu *v);
