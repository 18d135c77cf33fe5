// SPDX-License-Identifier: GPL-2.0-only
/* The way out of the machine. */
#include "guest/cpu.h"
#include "guest/guest.h"
#include "machine/machine.h"

void end_vm(uint32_t code)
{
	outl(MACHINE_EXIT_PORT, code);
	for (;;)
		asm volatile("cli; hlt");
}
