// SPDX-License-Identifier: GPL-2.0-only
/*
 * COM1, formatted output, the exit port, and the functions of <string.h>
 * that the compiler and exit_acct.c call.
 */
#include <stdarg.h>
#include "cpu.h"
#include "guest.h"
#include "machine.h"

#define UART_DATA	(MACHINE_COM1 + 0)
#define UART_IER	(MACHINE_COM1 + 1)
#define UART_FCR	(MACHINE_COM1 + 2)
#define UART_LCR	(MACHINE_COM1 + 3)
#define UART_MCR	(MACHINE_COM1 + 4)
#define UART_LSR	(MACHINE_COM1 + 5)
#define LSR_THRE	0x20
#define UART_FIFO	16	/* bytes that fit when LSR.THRE is set */

static unsigned int fifo_room;

void console_init(void)
{
	outb(UART_IER, 0);
	outb(UART_LCR, 0x80);	/* DLAB: the next two are the divisor */
	outb(UART_DATA, 1);
	outb(UART_IER, 0);
	outb(UART_LCR, 0x03);	/* 8n1 */
	outb(UART_FCR, 0x07);	/* FIFO on and empty */
	outb(UART_MCR, 0x03);
}

/* Ask only once for each FIFO: on KVM every port access is a trip to userspace. */
static void put(char c)
{
	if (!fifo_room) {
		while (!(inb(UART_LSR) & LSR_THRE))
			;
		fifo_room = UART_FIFO;
	}
	fifo_room--;
	outb(UART_DATA, c);
}

static void put_number(uint64_t value, unsigned int base)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(digits[--n]);
}

static void format(const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		const char *s;
		int longs = 0;

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		while (*++fmt == 'l')
			longs++;
		switch (*fmt) {
		case 's':
			for (s = va_arg(ap, const char *); *s; s++)
				put(*s);
			break;
		case 'c':
			put(va_arg(ap, int));
			break;
		case 'u':
		case 'x':
			put_number(longs ? va_arg(ap, uint64_t) : va_arg(ap, unsigned int),
				   *fmt == 'u' ? 10 : 16);
			break;
		default:
			put(*fmt);
		}
	}
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(fmt, ap);
	va_end(ap);
}

static void sink_printf(void *unused, const char *fmt, ...)
{
	va_list ap;

	(void)unused;
	va_start(ap, fmt);
	format(fmt, ap);
	va_end(ap);
}

const struct exit_acct_sink console_sink = { .printf = sink_printf };

void end_vm(uint32_t code)
{
	outl(MACHINE_EXIT_PORT, code);
	for (;;)
		asm volatile("cli; hlt");
}

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;

	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	void *d = dst;

	asm volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}
