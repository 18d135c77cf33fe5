// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv says and what the guest says.
 *
 * hv and guest write to one log. A guest's bytes wait here until their line is
 * complete, or nothing more comes.
 */
#include "hv/boot/console.h"
#include "hv/smp/share.h"
#include "machine/line.h"
#include "machine/machine.h"
#include "machine/x86.h"

u64 console_last_byte;

static struct machine_line guest_line;

void console_flush_guest(void)
{
	for (u32 i = 0; i < guest_line.len; i++)
		console_put(guest_line.text[i]);
	guest_line.len = 0;
	console_last_byte = 0;
}

bool console_guest_byte(u8 byte)
{
	console_last_byte = rdtsc();
	if (!machine_line_add(&guest_line, byte, console_lines + 1))
		return false;
	console_flush_guest();
	return true;
}

void vprint_line(const char *fmt, va_list ap)
{
	console_flush_guest();
	console_new_line();
	print("hv: ");
	format(console_put, fmt, ap);
	console_put('\n');
}

void die(u32 code, const char *fmt, ...)
{
	va_list ap;

	vcpus_stop();
	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	hv_end(CAUSE_ERROR, code);
}
