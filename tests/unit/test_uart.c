// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/uart.c machine/pic.c machine/cmos.c machine/io.c machine/line.c */
/* COM1 and the port space, as a guest sees them through IN and OUT. */
#include "machine/io.h"
#include "machine/machine.h"
#include "tests/unit/tap.h"

static char sent[64];
static unsigned int nr_sent;

static void transmit(void *ctx, uint8_t byte)
{
	(void)ctx;
	sent[nr_sent++ % sizeof(sent)] = byte;
}

enum { IN = 0, OUT = 1 };
#define UART MACHINE_COM1
#define EXIT MACHINE_EXIT_PORT

/* One access after the other on one machine: the state carries over. */
static const struct {
	const char *name;
	int dir;
	uint16_t port;
	unsigned int size;
	uint32_t value;		/* written, or expected */
} steps[] = {
	{ "reset: nothing received", IN, UART + 0, 1, 0x00 },
	{ "reset: interrupts off", IN, UART + 1, 1, 0x00 },
	{ "reset: no interrupt, no FIFO", IN, UART + 2, 1, 0x01 },
	{ "reset: LCR", IN, UART + 3, 1, 0x00 },
	{ "reset: MCR", IN, UART + 4, 1, 0x00 },
	{ "line status: always ready", IN, UART + 5, 1, 0x60 },
	{ "modem status: connected", IN, UART + 6, 1, 0xb0 },
	{ "reset: scratch", IN, UART + 7, 1, 0x00 },
	{ "scratch is written", OUT, UART + 7, 1, 0xa5 },
	{ "scratch is kept", IN, UART + 7, 1, 0xa5 },
	{ "status registers ignore writes", OUT, UART + 5, 1, 0x00 },
	{ "line status is as before", IN, UART + 5, 1, 0x60 },
	{ "modem status ignores writes", OUT, UART + 6, 1, 0x00 },
	{ "modem status is as before", IN, UART + 6, 1, 0xb0 },
	{ "FIFOs on", OUT, UART + 2, 1, 0x07 },
	{ "interrupt id: FIFOs on", IN, UART + 2, 1, 0xc1 },
	{ "interrupt enable, all bits", OUT, UART + 1, 1, 0xff },
	{ "interrupt enable has four bits", IN, UART + 1, 1, 0x0f },
	{ "interrupt id: transmitter empty", IN, UART + 2, 1, 0xc2 },
	{ "interrupts off", OUT, UART + 1, 1, 0x00 },
	{ "divisor access on", OUT, UART + 3, 1, 0x83 },
	{ "divisor low", OUT, UART + 0, 1, 0x01 },
	{ "divisor high", OUT, UART + 1, 1, 0x02 },
	{ "divisor low is kept", IN, UART + 0, 1, 0x01 },
	{ "divisor high is kept", IN, UART + 1, 1, 0x02 },
	{ "divisor, 16 bits at once", IN, UART + 0, 2, 0x0201 },
	{ "divisor access off", OUT, UART + 3, 1, 0x03 },
	{ "LCR is kept", IN, UART + 3, 1, 0x03 },
	{ "the divisor is not the data register", IN, UART + 0, 1, 0x00 },
	{ "the divisor is not interrupt enable", IN, UART + 1, 1, 0x00 },
	{ "send A", OUT, UART + 0, 1, 'A' },
	{ "send B, upper bits ignored", OUT, UART + 0, 1, 0xffffff00 | 'B' },
	{ "send C, 16 bits: the second is IER", OUT, UART + 0, 2, 0x0500 | 'C' },
	{ "IER by a 16 bit write", IN, UART + 1, 1, 0x05 },
	{ "loopback with RTS and OUT2", OUT, UART + 4, 1, 0xfa },
	{ "MCR has five bits", IN, UART + 4, 1, 0x1a },
	{ "modem status in loopback: CTS, DCD; DSR has gone", IN, UART + 6, 1, 0x92 },
	{ "modem status: the change is told once", IN, UART + 6, 1, 0x90 },
	{ "nothing is sent in loopback", OUT, UART + 0, 1, 'X' },
	{ "it is received instead", IN, UART + 5, 1, 0x61 },
	{ "as it was", IN, UART + 0, 1, 'X' },
	{ "and that was all", IN, UART + 5, 1, 0x60 },
	{ "loopback with DTR and OUT1", OUT, UART + 4, 1, 0x15 },
	{ "modem status in loopback: DSR, RI", IN, UART + 6, 1, 0x6b },
	{ "loopback off", OUT, UART + 4, 1, 0x03 },
	{ "send D", OUT, UART + 0, 1, 'D' },
	{ "32 bits: MCR, LSR, MSR, scratch", IN, UART + 4, 4, 0xa5bd6003 },
	{ "16 bits over the last register", IN, UART + 7, 2, 0xffa5 },
	{ "16 bits below the first register", IN, UART - 1, 2, 0x00ff },
	{ "16 bits below: the second byte is sent", OUT, UART - 1, 2, 'E' << 8 | 'Y' },
	{ "unbacked, 8 bits", IN, 0x80, 1, 0xff },
	{ "unbacked, 16 bits", IN, 0x80, 2, 0xffff },
	{ "unbacked, 32 bits", IN, 0x80, 4, 0xffffffff },
	{ "unbacked writes are ignored", OUT, 0x80, 4, 0 },
	{ "last port, 32 bits", IN, 0xffff, 4, 0xffffffff },
	{ "last port, write", OUT, 0xffff, 4, 0xffffffff },
	{ "the exit port reads all ones", IN, EXIT, 4, 0xffffffff },
	{ "beside the exit port nothing ends", OUT, EXIT + 1, 1, 9 },
	{ "below the exit port nothing ends", OUT, EXIT - 1, 1, 9 },
};

static const struct {
	unsigned int size;
	uint32_t value, code;
} exits[] = {
	{ 1, 0, 0 },
	{ 1, 0xffffff2a, 0x2a },
	{ 2, 0xffff1234, 0x1234 },
	{ 4, 42, 42 },
	{ 4, 0xffffffff, 0xffffffff },
};

int main(void)
{
	struct machine_io io;
	unsigned int i, reg;
	uint32_t got;

	machine_io_init(&io, transmit, NULL, NULL);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].dir == OUT) {
			machine_io_out(&io, steps[i].port, steps[i].size, steps[i].value);
			continue;
		}
		got = machine_io_in(&io, steps[i].port, steps[i].size);
		is_u64(steps[i].name, got, steps[i].value);
	}
	sent[nr_sent] = 0;
	is_str("what was sent", sent, "ABCDE");
	ok(!io.ended, "nothing has ended the VM yet");

	for (i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		io.ended = NULL;
		machine_io_out(&io, EXIT, exits[i].size, exits[i].value);
		is_str("a write to the exit port ends the VM", io.ended, "exit_port");
		is_u64("with this code", io.code, exits[i].code);
	}

	for (reg = 8; reg < 16; reg++) {
		machine_uart_write(&io.com1, reg, 0);
		is_u64("a register that does not exist", machine_uart_read(&io.com1, reg), 0xff);
	}
	return done();
}
