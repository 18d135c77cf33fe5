// SPDX-License-Identifier: GPL-2.0-only
/* The end of the VM is that of the machine: hv has no other to go on with. */
#include "hv/boot/trap.h"
#include "hv/vcpu.h"
#include "machine/com1.h"
#include "machine/machine.h"
#include "machine/x86.h"

void hv_end(const char *cause, u32 code)
{
	const struct vm *vm = trap_here()->vcpu->vm;
	static const char word[] = BOCHS_SHUTDOWN_WORD;

	console_new_line();
	print("end target=hv cause=%s ", cause);
	if (vm && vm->ended_by)
		print("vcpu=%u ", vm->ended_by->id);
	print("code=%u\n", code);
	/* What is still in the shift register would be lost with the machine. */
	console_drain();
	outl(MACHINE_EXIT_PORT, code);
	for (u32 i = 0; i < sizeof(word) - 1; i++)
		outb(BOCHS_SHUTDOWN_PORT, word[i]);
	for (;;)
		asm volatile("cli; hlt");
}
