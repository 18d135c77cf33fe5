// SPDX-License-Identifier: GPL-2.0-only
/*
 * In the place of machine/com1.c: what hv and guest say is kept until somebody
 * wants it, because most of it is the dumps of guests that died as they may.
 */
#include "machine/com1.h"
#include "tests/hostile/console.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

enum { UART_FCR = MACHINE_COM1 + 2, UART_LCR, UART_MCR, UART_LSR };

u32 console_lines;

static char kept[16384];
static u32 nr_kept;
#define SHOWN	512

void console_init(void)
{
	outb(UART_LCR, 0x80);
	outb(MACHINE_COM1, 1);
	outb(MACHINE_COM1 + 1, 0);
	outb(UART_LCR, 3);
	outb(UART_FCR, 7);
	outb(UART_MCR, 3);
}

static void send(char c)
{
	while (!(inb(UART_LSR) & 0x20))
		;
	outb(MACHINE_COM1, c);
}

/* Where @text is in what was printed; nr_kept: nowhere. */
static u32 find(const char *text)
{
	u32 n = strlen(text), i;

	for (i = 0; i + n <= nr_kept; i++) {
		if (!memcmp(kept + i, text, n))
			return i;
	}
	return nr_kept;
}

void console_put(char c)
{
	u32 noise;

	if (nr_kept < sizeof(kept))
		kept[nr_kept++] = c;
	/* Of the MSRs that hv does not know, one by one, nobody wants to hear. */
	if (c != '\n')
		return;
	noise = find(" of MSR 0x");
	if (noise < nr_kept) {
		while (noise && kept[noise - 1] != '\n')
			noise--;
		nr_kept = noise;
	}
}

void console_forget(void)
{
	nr_kept = 0;
}

bool console_kept(const char *text)
{
	return find(text) < nr_kept;
}

static void show(u32 first, u32 end)
{
	for (u32 i = first; i < end; i++)
		send(kept[i]);
	if (first < end && kept[end - 1] != '\n')
		send('\n');
}

/* What comes first says why, and a fault of hv comes last; of a dump the rest is no loss. */
void console_show(bool all)
{
	u32 fault = all ? nr_kept : find("hv: fault in hv");

	show(0, all || fault < SHOWN ? fault : SHOWN);
	show(fault, nr_kept);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(send, fmt, ap);
	va_end(ap);
}

void console_queue(u8 *bytes, u32 size, u64 tsc_khz)
{
	(void)bytes;
	(void)size;
	(void)tsc_khz;
}

bool console_pump(void)
{
	return true;
}

int console_get(void)
{
	return -1;
}

void console_new_line(void)
{
	if (nr_kept && kept[nr_kept - 1] != '\n')
		console_put('\n');
}

void console_drain(void)
{
	while (!(inb(UART_LSR) & 0x40))
		;
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(console_put, fmt, ap);
	va_end(ap);
}

static void sink_printf(void *ctx, const char *fmt, ...)
{
	va_list ap;

	(void)ctx;
	va_start(ap, fmt);
	format(console_put, fmt, ap);
	va_end(ap);
}

const struct exit_acct_sink console_sink = { .printf = sink_printf };
