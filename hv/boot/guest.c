// SPDX-License-Identifier: GPL-2.0-only
/* hv's guest: what the boot loader brought as the first module. */
#include "hv/boot/console.h"
#include "hv/vm.h"
#include "machine/bzimage.h"
#include "machine/machine.h"

/* More than a kernel says in the time in which it is sent. */
static u8 queue[65536];
#define CONSOLE_MS	40

void guest_load(struct vm *vm, struct machine_start *start)
{
	const struct bootinfo *b = &vm->boot;
	const struct machine_files files = {
		b->modules[0].data, b->modules[0].size, b->modules[1].data, b->modules[1].size,
		b->options.guest_cmdline, b->modules[0].name, b->modules[1].name,
		b->options.cpus,
	};
	struct machine_image_error err;
	const char *name;

	if (b->options.limit && !vm->tsc_khz)
		die(MACHINE_CODE_USAGE, "limit=%lu: nobody says how fast this machine's TSC is",
		    b->options.limit);
	vm->limit = b->options.limit ? b->options.limit * vm->tsc_khz * 1000 : NO_LIMIT;
	if (!files.image)
		die(MACHINE_CODE_BAD_IMAGE, "no guest image: give one as the first module "
		    "(module2 in GRUB, -initrd in QEMU)");
	vm->ram.size = b->options.mem << 20;
	vm->ram.base = boot_alloc(vm->ram.size, PAGE_SIZE);
	if (!vm->ram.base)
		die(MACHINE_CODE_USAGE, "mem=%lu: this machine has no free block of %lu MiB",
		    b->options.mem, b->options.mem);
	/* What the shared guest's rows take is measured, and shall not depend on this. */
	if (machine_is_bzimage(files.image, files.image_size))
		console_queue(queue, sizeof(queue), vm->tsc_khz);
	vm->console_cycles = (vm->tsc_khz ?: UNKNOWN_KHZ) * CONSOLE_MS;
	if (machine_load(&files, vm->ram.base, vm->ram.size, start, &err))
		return;
	name = b->modules[err.initrd].name;
	if (!*name)
		name = err.initrd ? "(second module)" : "(first module)"; /* QEMU names none */
	if (err.index >= 0)
		die(MACHINE_CODE_BAD_IMAGE, "guest image %s: program header %lu: %s %s (0x%lx)",
		    name, err.index, err.field, err.problem, err.value);
	die(MACHINE_CODE_BAD_IMAGE, "guest image %s: %s %s (0x%lx)", name, err.field,
	    err.problem, err.value);
}
