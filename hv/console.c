// SPDX-License-Identifier: GPL-2.0-only
/*
 * COM1, shared by hv and the guest, and the end of the machine.
 *
 * hv and guest write to one log. A guest's bytes wait here until their line is
 * complete, so that a report that comes in the middle of it does not cut it.
 *
 * Source: PC16550D data sheet, "Registers".
 */
#include "hv.h"
#include "machine.h"
#include "x86.h"

enum {
	UART_DATA, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR,
	LCR_8N1 = 0x03, LCR_DLAB = 0x80, FCR_ENABLE_CLEAR = 0x07, MCR_DTR_RTS = 0x03,
	LSR_THRE = 0x20, LSR_TEMT = 0x40,
	DIVISOR_115200 = 1,
};

static char guest_line[1024];
static u32 guest_len;
static bool line_open;		/* something was printed after the last newline */

void console_init(void)
{
	outb(MACHINE_COM1 + UART_IER, 0);
	outb(MACHINE_COM1 + UART_LCR, LCR_DLAB);
	outb(MACHINE_COM1 + UART_DATA, DIVISOR_115200);
	outb(MACHINE_COM1 + UART_IER, 0);
	outb(MACHINE_COM1 + UART_LCR, LCR_8N1);
	outb(MACHINE_COM1 + UART_FCR, FCR_ENABLE_CLEAR);
	outb(MACHINE_COM1 + UART_MCR, MCR_DTR_RTS);
}

/* The bound lets a machine without COM1 go on to its end. */
static void wait_for(u8 lsr)
{
	for (u32 tries = 0; tries < 1000000 && !(inb(MACHINE_COM1 + UART_LSR) & lsr); tries++)
		;
}

static void put(char c)
{
	wait_for(LSR_THRE);
	outb(MACHINE_COM1 + UART_DATA, c);
	line_open = c != '\n';
}

void console_flush_guest(void)
{
	for (u32 i = 0; i < guest_len; i++)
		put(guest_line[i]);
	guest_len = 0;
}

void console_guest_byte(void *ctx, u8 byte)
{
	(void)ctx;
	guest_line[guest_len++] = byte;
	if (byte == '\n' || guest_len == sizeof(guest_line))
		console_flush_guest();
}

void console_new_line(void)
{
	if (line_open)
		put('\n');
}

void vprint_line(const char *fmt, va_list ap)
{
	console_flush_guest();
	console_new_line();
	print("hv: ");
	format(put, fmt, ap);
	put('\n');
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, fmt, ap);
	va_end(ap);
}

static void sink_printf(void *ctx, const char *fmt, ...)
{
	va_list ap;

	(void)ctx;
	va_start(ap, fmt);
	format(put, fmt, ap);
	va_end(ap);
}

const struct exit_acct_sink console_sink = { .printf = sink_printf };

void hv_end(const char *cause, u32 code)
{
	static const char word[] = BOCHS_SHUTDOWN_WORD;

	console_flush_guest();
	console_new_line();
	print("end target=hv cause=%s code=%u\n", cause, code);
	/* What is still in the shift register would be lost with the machine. */
	wait_for(LSR_TEMT);
	outl(MACHINE_EXIT_PORT, code);
	for (u32 i = 0; i < sizeof(word) - 1; i++)
		outb(BOCHS_SHUTDOWN_PORT, word[i]);
	for (;;)
		asm volatile("cli; hlt");
}

void die(u32 code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprint_line(fmt, ap);
	va_end(ap);
	hv_end(CAUSE_ERROR, code);
}
