// SPDX-License-Identifier: GPL-2.0-only
/* COM1, polled. */
#include "machine/com1.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

enum {
	UART_DATA = MACHINE_COM1, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR,
	LCR_8N1 = 0x03, LCR_DLAB = 0x80, FCR_ENABLE_CLEAR = 0xc7, MCR_DTR_RTS = 0x03,
	LSR_DATA_READY = 0x01, LSR_THRE = 0x20, LSR_TEMT = 0x40, LSR_NOBODY = 0xff,
	DIVISOR_115200 = 1,
	FIFO_BYTES = 16,	/* that fit when THRE is set */
	BYTES_PER_MS = 11,	/* 115200 baud, 10 bits each */
};

u32 console_lines;
static u32 fifo_room;
static struct {
	u8 *bytes;
	u32 size, first, count;
	u64 fifo_cycles, due;	/* TSC at which the FIFO is empty again */
} queue;
static bool line_open;		/* something was printed after the last newline */

/*
 * Of a FIFO nobody is told below a trigger level of 14, for which Bochs waits three
 * characters' time before it says in LSR that there is something: so it brings 14 at once.
 */
void console_init(void)
{
	outb(UART_IER, 0);
	outb(UART_LCR, LCR_DLAB);
	outb(UART_DATA, DIVISOR_115200);
	outb(UART_IER, 0);
	outb(UART_LCR, LCR_8N1);
	outb(UART_FCR, FCR_ENABLE_CLEAR);
	outb(UART_MCR, MCR_DTR_RTS);
}

/* The bound lets a machine without COM1 go on to its end. */
static void wait_for(u8 lsr)
{
	for (u32 tries = 0; tries < 1000000 && !(inb(UART_LSR) & lsr); tries++)
		;
}

/* Ask only once for each FIFO: in a guest on KVM every port access is a trip to userspace. */
static void send(u8 byte)
{
	if (!fifo_room) {
		wait_for(LSR_THRE);
		fifo_room = FIFO_BYTES;
	}
	fifo_room--;
	outb(UART_DATA, byte);
}

static u8 take(void)
{
	u8 byte = queue.bytes[queue.first];

	queue.first = (queue.first + 1) % queue.size;
	queue.count--;
	return byte;
}

void console_put(char c)
{
	line_open = c != '\n';
	console_lines += !line_open;
	if (!queue.size) {
		send(c);
		return;
	}
	if (queue.count == queue.size)
		send(take());
	queue.bytes[(queue.first + queue.count++) % queue.size] = c;
}

void console_queue(u8 *bytes, u32 size, u64 tsc_khz)
{
	queue.bytes = bytes;
	queue.size = size;
	queue.fifo_cycles = tsc_khz * FIFO_BYTES / BYTES_PER_MS;
}

bool console_pump(void)
{
	u64 now;

	if (!queue.count)
		return true;
	now = rdtsc();
	if (now < queue.due || !(inb(UART_LSR) & LSR_THRE))
		return false;
	queue.due = now + queue.fifo_cycles;
	fifo_room = FIFO_BYTES;
	while (queue.count && fifo_room)
		send(take());
	return !queue.count;
}

int console_get(void)
{
	u8 lsr = inb(UART_LSR);

	return lsr & LSR_DATA_READY && lsr != LSR_NOBODY ? inb(UART_DATA) : -1;
}

void console_new_line(void)
{
	if (line_open)
		console_put('\n');
}

void console_drain(void)
{
	while (queue.count)
		send(take());
	wait_for(LSR_TEMT);
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
