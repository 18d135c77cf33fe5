// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/uart.c */
/* What a 16550A receives, and when and why it asks for an interrupt. */
#include "tests/unit/tap.h"
#include "machine/uart.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = IIR };
enum action { IN, OUT, RECEIVE, ROOM, INIT };

#define NO	0x01	/* IIR: nothing is pending; 0xc0 more with FIFOs */

/* One step after the other on one UART; after each the level of its output. */
static const struct {
	const char *name;
	enum action action;
	unsigned int reg, value;	/* OUT, RECEIVE: written; IN, ROOM: expected */
	bool line;
} steps[] = {
	{ "transmitter", INIT, 0, 0, false },
	{ "enable its interrupt", OUT, IER, 0x02, false },
	{ "without OUT2 nothing leaves the UART", IN, IIR, 0x02, false },
	{ "OUT2", OUT, MCR, 0x0b, false },
	{ "IIR was read: the interrupt is over", IN, IIR, NO, false },
	{ "to send brings it back", OUT, DATA, 'a', true },
	{ "IIR names it", IN, IIR, 0x02, false },
	{ "and it is over", IN, IIR, NO, false },
	{ "off and", OUT, IER, 0x00, false },
	{ "on again brings it back, as drivers test", OUT, IER, 0x02, true },
	{ "on while it is on does not, once", IN, IIR, 0x02, false },
	{ "it was told", OUT, IER, 0x02, false },
	{ "sent while it is off", OUT, IER, 0x00, false },
	{ "a byte", OUT, DATA, 'b', false },
	{ "nothing", IN, IIR, NO, false },
	{ "other registers leave it", OUT, IER, 0x02, true },
	{ "LSR", IN, LSR, 0x60, true },
	{ "MSR: OUT2 is no input", IN, MSR, 0xb0, true },
	{ "OUT2 off lowers the output", OUT, MCR, 0x03, false },
	{ "OUT2 on raises it", OUT, MCR, 0x0b, true },
	{ "loopback cuts it off", OUT, MCR, 0x1b, false },

	{ "receiver, no FIFO", INIT, 0, 0, false },
	{ "nobody listens", ROOM, 0, 0, false },
	{ "DTR, RTS, OUT2", OUT, MCR, 0x0b, false },
	{ "without interrupts still nobody", ROOM, 0, 0, false },
	{ "OUT2", OUT, MCR, 0x08, false },
	{ "enable", OUT, IER, 0x01, false },
	{ "without RTS still nobody", ROOM, 0, 0, false },
	{ "DTR, RTS, OUT2", OUT, MCR, 0x0b, false },
	{ "room for one", ROOM, 0, 1, false },
	{ "nothing yet", IN, IIR, NO, false },
	{ "nothing to read", IN, DATA, 0x00, false },
	{ "x arrives", RECEIVE, 0, 'x', true },
	{ "no room", ROOM, 0, 0, true },
	{ "data ready", IN, LSR, 0x61, true },
	{ "received data", IN, IIR, 0x04, true },
	{ "IIR does not end it", IN, IIR, 0x04, true },
	{ "y arrives and overwrites", RECEIVE, 0, 'y', true },
	{ "overrun", IN, LSR, 0x63, true },
	{ "told once", IN, LSR, 0x61, true },
	{ "y", IN, DATA, 'y', false },
	{ "read: no more", IN, LSR, 0x60, false },
	{ "IIR", IN, IIR, NO, false },
	{ "w arrives", RECEIVE, 0, 'w', true },
	{ "to clear a FIFO that stays off clears nothing", OUT, FCR, 0x06, true },
	{ "w", IN, DATA, 'w', false },
	{ "divisor access: DATA is not the receiver", OUT, LCR, 0x80, false },
	{ "z arrives", RECEIVE, 0, 'z', true },
	{ "divisor", IN, DATA, 0x00, true },
	{ "access off", OUT, LCR, 0x03, true },
	{ "z is still there", IN, DATA, 'z', false },

	{ "receiver with FIFO", INIT, 0, 0, false },
	{ "DTR, RTS, OUT2", OUT, MCR, 0x0b, false },
	{ "enable received and line status", OUT, IER, 0x05, false },
	{ "FIFO, trigger level 4", OUT, FCR, 0x41, false },
	{ "room for 16", ROOM, 0, 16, false },
	{ "IIR: FIFOs on", IN, IIR, 0xc0 | NO, false },
	{ "1st", RECEIVE, 0, 1, true },
	{ "below the level: a timeout", IN, IIR, 0xcc, true },
	{ "2nd", RECEIVE, 0, 2, true },
	{ "3rd", RECEIVE, 0, 3, true },
	{ "still", IN, IIR, 0xcc, true },
	{ "4th", RECEIVE, 0, 4, true },
	{ "at the level: received data", IN, IIR, 0xc4, true },
	{ "first in, first out: 1", IN, DATA, 1, true },
	{ "below again", IN, IIR, 0xcc, true },
	{ "2", IN, DATA, 2, true },
	{ "3", IN, DATA, 3, true },
	{ "4", IN, DATA, 4, false },
	{ "empty", IN, IIR, 0xc0 | NO, false },
	{ "trigger level 1", OUT, FCR, 0x01, false },
	{ "5", RECEIVE, 0, 5, true },
	{ "received data", IN, IIR, 0xc4, true },
	{ "trigger level 14", OUT, FCR, 0xc1, true },
	{ "a timeout now", IN, IIR, 0xcc, true },
	{ "a write without bit 0 clears and turns off", OUT, FCR, 0xc0, false },
	{ "IIR without FIFOs", IN, IIR, NO, false },
	{ "room for one", ROOM, 0, 1, false },
	{ "6", RECEIVE, 0, 6, true },
	{ "on: cleared", OUT, FCR, 0x01, false },
	{ "7", RECEIVE, 0, 7, true },
	{ "the same again keeps it", OUT, FCR, 0x81, true },
	{ "8", RECEIVE, 0, 8, true },
	{ "clear the transmitter's: keeps it", OUT, FCR, 0x85, true },
	{ "room for 14", ROOM, 0, 14, true },
	{ "clear the receiver's", OUT, FCR, 0x83, false },
	{ "all gone", IN, LSR, 0x60, false },

	{ "polled", INIT, 0, 0, false },
	{ "FIFO", OUT, FCR, 0x01, false },
	{ "a driver looks", IN, LSR, 0x60, false }, { "2", IN, LSR, 0x60, false },
	{ "3", IN, LSR, 0x60, false }, { "4", IN, LSR, 0x60, false },
	{ "5", IN, LSR, 0x60, false }, { "6", IN, LSR, 0x60, false },
	{ "7", IN, LSR, 0x60, false }, { "8", IN, LSR, 0x60, false },
	{ "9", IN, LSR, 0x60, false }, { "10", IN, LSR, 0x60, false },
	{ "11", IN, LSR, 0x60, false }, { "12", IN, LSR, 0x60, false },
	{ "13", IN, LSR, 0x60, false }, { "14", IN, LSR, 0x60, false },
	{ "15 times in a row", IN, LSR, 0x60, false },
	{ "that may be by the way", ROOM, 0, 0, false },
	{ "16 times is polling", IN, LSR, 0x60, false },
	{ "room without interrupts and RTS", ROOM, 0, 16, false },
	{ "p", RECEIVE, 0, 'p', false },
	{ "is there", IN, LSR, 0x61, false },
	{ "p", IN, DATA, 'p', false },
	{ "it sends", OUT, DATA, 'c', false },
	{ "and goes on polling", ROOM, 0, 16, false },
	{ "in loopback there is no room", OUT, MCR, 0x10, false },
	{ "none", ROOM, 0, 0, false },
	{ "who sets it up again", OUT, MCR, 0x00, false },
	{ "may not be ready", ROOM, 0, 0, false },

	{ "priorities", INIT, 0, 0, false },
	{ "FIFO", OUT, FCR, 0x01, false },
	{ "DTR, RTS, OUT2", OUT, MCR, 0x0b, false },
	{ "a change of DSR", OUT, MCR, 0x1a, false },
	{ "and back", OUT, MCR, 0x0b, false },
	{ "16 bytes", RECEIVE, 0, 0x10, false },
	{ "2", RECEIVE, 0, 0x11, false }, { "3", RECEIVE, 0, 0x12, false },
	{ "4", RECEIVE, 0, 0x13, false }, { "5", RECEIVE, 0, 0x14, false },
	{ "6", RECEIVE, 0, 0x15, false }, { "7", RECEIVE, 0, 0x16, false },
	{ "8", RECEIVE, 0, 0x17, false }, { "9", RECEIVE, 0, 0x18, false },
	{ "10", RECEIVE, 0, 0x19, false }, { "11", RECEIVE, 0, 0x1a, false },
	{ "12", RECEIVE, 0, 0x1b, false }, { "13", RECEIVE, 0, 0x1c, false },
	{ "14", RECEIVE, 0, 0x1d, false }, { "15", RECEIVE, 0, 0x1e, false },
	{ "16", RECEIVE, 0, 0x1f, false },
	{ "no room", ROOM, 0, 0, false },
	{ "the 17th is lost", RECEIVE, 0, 0x20, false },
	{ "disabled: nothing pending", IN, IIR, 0xc0 | NO, false },
	{ "enable all four", OUT, IER, 0x0f, true },
	{ "1. line status", IN, IIR, 0xc6, true },
	{ "IIR does not end it", IN, IIR, 0xc6, true },
	{ "LSR does", IN, LSR, 0x63, true },
	{ "2. received data", IN, IIR, 0xc4, true },
	{ "without it", OUT, IER, 0x0e, true },
	{ "3. transmitter empty", IN, IIR, 0xc2, true },
	{ "4. modem status", IN, IIR, 0xc0, true },
	{ "IIR does not end it", IN, IIR, 0xc0, true },
	{ "MSR does: DSR has changed", IN, MSR, 0xb2, false },
	{ "none", IN, IIR, 0xc0 | NO, false },
	{ "the data is still there", OUT, IER, 0x01, true },
	{ "the first of 16", IN, DATA, 0x10, true },
	{ "room for one", ROOM, 0, 1, true },
	{ "a full round of the FIFO", RECEIVE, 0, 0x21, true },
	{ "the second", IN, DATA, 0x11, true },

	{ "loopback", INIT, 0, 0, false },
	{ "FIFO", OUT, FCR, 0x01, false },
	{ "on, with RTS", OUT, MCR, 0x12, false },
	{ "the line is cut off", RECEIVE, 0, 'l', false },
	{ "no room for the line", ROOM, 0, 0, false },
	{ "nothing came", IN, LSR, 0x60, false },
	{ "send to itself", OUT, DATA, 'q', false },
	{ "received", IN, LSR, 0x61, false },
	{ "q", IN, DATA, 'q', false },
};

static char sent[8];
static unsigned int nr_sent, nr_changes;
static bool line;

static void transmit(void *ctx, uint8_t byte)
{
	(void)ctx;
	sent[nr_sent++ % sizeof(sent)] = byte;
}

static void interrupt(void *ctx, bool level)
{
	nr_changes += level != line;
	ok(level != line && ctx == &line, "the output is told of changes only");
	line = level;
}

/*
 * To write THR resets this interrupt as well as to read IIR does, and the byte is
 * sent at once: a driver that never reads IIR needs an edge for each byte.
 */
static void check_edges(void)
{
	struct machine_uart u;
	unsigned int i, reg;

	machine_uart_init(&u, transmit, NULL);
	u.interrupt = interrupt;
	u.interrupt_ctx = &line;
	line = false;
	machine_uart_write(&u, MCR, 0x08);
	machine_uart_write(&u, IER, 0x03);
	nr_changes = 0;
	for (i = 1; i <= 3; i++) {
		machine_uart_write(&u, DATA, 'e');
		is_u64("a byte sent: the output falls and rises", nr_changes, 2 * i);
	}
	/* What else is pending holds the output, which is but one wire. */
	machine_uart_receive(&u, 'r');
	machine_uart_write(&u, DATA, 'e');
	is_u64("not while something else is pending", nr_changes, 6);
	machine_uart_read(&u, DATA);
	/* Nothing but THR and IIR resets it. */
	for (reg = IER; reg <= SCR; reg++)
		if (reg != IIR)
			machine_uart_read(&u, reg);
	machine_uart_write(&u, LCR, 0x83);
	machine_uart_write(&u, DATA, 1);
	machine_uart_write(&u, IER, 0);
	machine_uart_write(&u, LCR, 0x03);
	machine_uart_write(&u, FCR, 0x07);
	machine_uart_write(&u, SCR, 0x55);
	machine_uart_write(&u, IER, 0x02);
	is_u64("other registers leave it alone", nr_changes, 6);
	ok(line, "it is still pending");
	is_u64("IIR names it", machine_uart_read(&u, IIR), 0xc2);
	ok(!line && nr_changes == 7, "and resets it");
}

static unsigned int waits;

static void waiting(void *ctx)
{
	machine_uart_receive(ctx, 'w');
	waits++;
}

/* Whoever has input is told when it is wanted, and only then. */
static void check_waiting(void)
{
	struct machine_uart u;
	unsigned int i;

	machine_uart_init(&u, transmit, &u);
	u.waiting = waiting;
	machine_uart_write(&u, FCR, 0x01);
	machine_uart_write(&u, MCR, 0x0b);
	is_u64("no interrupts yet", waits, 0);
	machine_uart_write(&u, IER, 0x01);
	is_u64("a driver begins to listen", waits, 1);
	machine_uart_write(&u, IER, 0x03);
	machine_uart_read(&u, DATA);
	machine_uart_read(&u, LSR);
	is_u64("after that its interrupts tell it", waits, 1);
	machine_uart_write(&u, MCR, 0x09);
	machine_uart_write(&u, MCR, 0x0b);
	is_u64("it did not want any, and does again", waits, 2);
	machine_uart_read(&u, DATA);
	machine_uart_write(&u, IER, 0x00);
	for (i = 1; i < MACHINE_UART_POLL; i++)
		machine_uart_read(&u, LSR);
	is_u64("it stopped listening", waits, 2);
	is_u64("it polls, and is given a byte", machine_uart_read(&u, LSR), 0x61);
	is_u64("for which somebody was asked", waits, 3);
	is_u64("there it is", machine_uart_read(&u, LSR), 0x61);
	is_u64("nobody is asked while there is one", waits, 3);
	is_u64("it is taken", machine_uart_read(&u, DATA), 'w');
	is_u64("the next", machine_uart_read(&u, LSR), 0x61);
	is_u64("is asked for", waits, 4);
}

/* As a driver counts how deep the FIFO is: send 256 bytes to itself. */
static void check_depth(void)
{
	struct machine_uart u;
	unsigned int i, n;

	machine_uart_init(&u, transmit, NULL);
	machine_uart_write(&u, FCR, 0x07);
	machine_uart_write(&u, MCR, 0x10);
	for (i = 0; i < 256; i++)
		machine_uart_write(&u, DATA, i);
	for (n = 0; machine_uart_read(&u, LSR) & 1; n++)
		is_u64("in order", machine_uart_read(&u, DATA), n);
	is_u64("the FIFO is 16 bytes deep", n, 16);
}

int main(void)
{
	struct machine_uart u;
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		switch (steps[i].action) {
		case INIT:
			machine_uart_init(&u, transmit, NULL);
			u.interrupt = interrupt;
			u.interrupt_ctx = &line;
			line = false;
			break;
		case IN:
			is_u64(steps[i].name, machine_uart_read(&u, steps[i].reg), steps[i].value);
			break;
		case OUT:
			machine_uart_write(&u, steps[i].reg, steps[i].value);
			break;
		case RECEIVE:
			machine_uart_receive(&u, steps[i].value);
			break;
		case ROOM:
			is_u64(steps[i].name, machine_uart_room(&u), steps[i].value);
			break;
		}
		if (!ok(line == steps[i].line && u.line == line, "%s: output", steps[i].name))
			diag("step %u", i);
	}
	ok(nr_changes, "it changed at all");
	sent[nr_sent] = 0;
	is_str("what was sent", sent, "abc");
	check_edges();
	check_waiting();
	check_depth();
	return done();
}
