// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hv says and what the guest says.
 *
 * hv and guest write to one log. A guest's bytes wait here until their line is
 * complete, so that a report that comes in the middle of it does not cut it.
 */
#include "hv/hv.h"
#include "machine/machine.h"
#include "machine/stamp.h"
#include "hv/vcpu.h"

u64 console_line_began;

static char guest_line[1024];
static u32 guest_len;

void console_flush_guest(void)
{
	for (u32 i = 0; i < guest_len; i++)
		console_put(guest_line[i]);
	guest_len = 0;
	console_line_began = 0;
}

void console_guest_byte(void *ctx, u8 byte)
{
	struct vcpu *v = ctx;

	if (!guest_len)
		console_line_began = rdtsc();
	v->work |= WORK_TIMER;
	guest_line[guest_len++] = byte;
	if (byte == '\n')
		machine_stamp(console_lines + 1);
	if (byte == '\n' || guest_len == sizeof(guest_line)) {
		console_flush_guest();
		v->work |= WORK_CONSOLE;
	}
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

	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	hv_end(CAUSE_ERROR, code);
}
