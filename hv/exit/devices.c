// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's devices as its vCPUs share them: one uses them at a time, and what they ask
 * for meanwhile is its work. Nobody else comes here but to read them.
 */
#include "hv/boot/console.h"
#include "hv/exit/exit.h"

static void poll_console(struct machine_uart *com1)
{
	int byte;

	while (machine_uart_room(com1) && (byte = console_get()) >= 0)
		machine_uart_receive(com1, byte);
}

static void transmit(void *ctx, u8 byte)
{
	struct vm *vm = ctx;

	vm->writer = vm->user;
	vm->user->work |= WORK_TIMER | (console_guest_byte(byte) ? WORK_CONSOLE : 0);
}

static void interrupt(void *ctx)
{
	struct vm *vm = ctx;

	if (vm->user == vm->vcpu[0])
		vm->user->work |= WORK_EVENTS;
	else
		vcpu_post(vm->vcpu[0], 0, POSTED_LOOK);
}

/* The guest has room for what a user types. */
static void waits_for_input(void *ctx)
{
	struct vm *vm = ctx;

	/* Whoever asks for input has printed a prompt, which does not end its line. */
	console_flush_guest();
	vm->user->work |= WORK_CONSOLE | WORK_TIMER;
	poll_console(&vm->io.com1);
}

void devices_init(struct vm *vm)
{
	machine_io_init(&vm->io, transmit, interrupt, vm);
	vm->io.com1.waiting = waits_for_input;
}

void devices_poll_console(struct vcpu *v)
{
	vm_lock(v);
	poll_console(&v->vm->io.com1);
	vm_unlock(v);
}

u32 devices_ack(struct vcpu *v)
{
	u32 vector;

	vm_lock(v);
	vector = machine_pic_ack(&v->vm->io.pic);
	/* If it tells of a byte that was typed, more may wait behind it. */
	poll_console(&v->vm->io.com1);
	vm_unlock(v);
	return vector;
}

u32 devices_in(struct vcpu *v, u16 port, u32 size)
{
	u32 value;

	vm_lock(v);
	value = machine_io_in(&v->vm->io, port, size);
	vm_unlock(v);
	return value;
}

void devices_out(struct vcpu *v, u16 port, u32 size, u32 value)
{
	struct machine_io *io = &v->vm->io;
	const char *ended;
	u32 code;

	vm_lock(v);
	ended = io->ended;
	machine_io_out(io, port, size, value);
	/* Whoever ended the VM before has done so with a code of its own. */
	ended = ended ? NULL : io->ended;
	code = io->code;
	vm_unlock(v);
	if (ended)
		vcpu_end(v, ended, code);
}
