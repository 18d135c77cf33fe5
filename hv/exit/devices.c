// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's devices as its vCPUs share them: one uses them at a time, and what they ask
 * for meanwhile is its work.
 */
#include "hv/boot/console.h"
#include "hv/exit/devices.h"

static void transmit(void *ctx, u8 byte)
{
	struct vm *vm = ctx;

	vm->user->work |= WORK_TIMER | (console_guest_byte(byte) ? WORK_CONSOLE : 0);
}

static void interrupt(void *ctx)
{
	struct vm *vm = ctx;

	vm->vcpu[0]->work |= WORK_EVENTS;
}

/* The guest has room for what a user types. */
static void waits_for_input(void *ctx)
{
	struct vm *vm = ctx;

	/* Whoever asks for input has printed a prompt, which does not end its line. */
	console_flush_guest();
	vm->user->work |= WORK_CONSOLE | WORK_TIMER;
	devices_poll_console(vm->user);
}

void devices_init(struct vm *vm)
{
	machine_io_init(&vm->io, transmit, interrupt, vm);
	vm->io.com1.waiting = waits_for_input;
}

void devices_poll_console(struct vcpu *v)
{
	struct machine_uart *com1 = &vcpu_devices(v)->com1;
	int byte;

	while (machine_uart_room(com1) && (byte = console_get()) >= 0)
		machine_uart_receive(com1, byte);
}
