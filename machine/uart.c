// SPDX-License-Identifier: GPL-2.0-only
/* COM1: the registers of a 16550A that sends at once. */
#include <stddef.h>
#include "machine/uart.h"

/* Source: PC16550D data sheet, "Registers". */
enum { REG_DATA, REG_IER, REG_IIR_FCR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR };

enum {
	IER_RECEIVED = 0x01, IER_THR_EMPTY = 0x02, IER_LINE_STATUS = 0x04, IER_MODEM = 0x08,
	IER_MASK = 0x0f,
	IIR_MODEM = 0x00, IIR_NONE = 0x01, IIR_THR_EMPTY = 0x02, IIR_RECEIVED = 0x04,
	IIR_LINE_STATUS = 0x06, IIR_TIMEOUT = 0x0c, IIR_FIFOS = 0xc0,
	FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02, FCR_TRIGGER = 6 /* shift */,
	LCR_DLAB = 0x80,		/* of REG_DATA makes DLL, of REG_IER DLM */
	MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_LOOP = 0x10, MCR_MASK = 0x1f,
	MCR_OUT2 = 0x08,		/* on a PC: lets the interrupt output out */
	LSR_RECEIVED = 0x01, LSR_OVERRUN = 0x02,
	LSR_SENT = 0x60,		/* holding register and transmitter are empty */
	MSR_TRAILING_RI = 0x04,		/* of the deltas, RI's tells one edge only */
	MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80,
};

void machine_uart_init(struct machine_uart *u, void (*transmit)(void *ctx, uint8_t byte), void *ctx)
{
	*u = (struct machine_uart) { .transmit = transmit, .ctx = ctx };
}

/* Drivers find out by loopback whether there is a UART at all. */
static uint8_t modem_status(const struct machine_uart *u)
{
	const uint8_t mcr = u->reg[REG_MCR];

	if (!(mcr & MCR_LOOP))
		return MSR_DCD | MSR_DSR | MSR_CTS;
	return (mcr & MCR_RTS ? MSR_CTS : 0) | (mcr & MCR_DTR ? MSR_DSR : 0) |
	       (mcr & MCR_OUT1 ? MSR_RI : 0) | (mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static unsigned int trigger_level(const struct machine_uart *u)
{
	static const uint8_t levels[] = { 1, 4, 8, 14 };

	return u->reg[REG_IIR_FCR] & FCR_ENABLE ? levels[u->reg[REG_IIR_FCR] >> FCR_TRIGGER] : 1;
}

/* The most urgent one of what is pending and enabled: table "Interrupt Control Functions". */
static uint8_t interrupt_id(const struct machine_uart *u)
{
	if (u->reg[REG_IER] & IER_LINE_STATUS && u->overrun)
		return IIR_LINE_STATUS;
	if (u->reg[REG_IER] & IER_RECEIVED && u->count)
		return u->count >= trigger_level(u) ? IIR_RECEIVED : IIR_TIMEOUT;
	if (u->reg[REG_IER] & IER_THR_EMPTY && u->thr_emptied)
		return IIR_THR_EMPTY;
	if (u->reg[REG_IER] & IER_MODEM && u->modem_deltas)
		return IIR_MODEM;
	return IIR_NONE;
}

static void update_line(struct machine_uart *u)
{
	bool line = interrupt_id(u) != IIR_NONE &&
		    (u->reg[REG_MCR] & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;

	if (line == u->line)
		return;
	u->line = line;
	if (u->interrupt)
		u->interrupt(u->interrupt_ctx, line);
}

static unsigned int fifo_size(const struct machine_uart *u)
{
	return u->reg[REG_IIR_FCR] & FCR_ENABLE ? MACHINE_UART_FIFO : 1;
}

static void put_received(struct machine_uart *u, uint8_t byte)
{
	if (u->count < fifo_size(u))
		u->fifo[(u->head + u->count++) % MACHINE_UART_FIFO] = byte;
	else
		u->overrun = true;
	/* Without FIFO the new byte takes the place of the old one. */
	if (!(u->reg[REG_IIR_FCR] & FCR_ENABLE))
		u->fifo[u->head] = byte;
}

static uint8_t get_received(struct machine_uart *u)
{
	uint8_t byte = 0;

	if (u->count) {
		byte = u->fifo[u->head];
		u->head = (u->head + 1) % MACHINE_UART_FIFO;
		u->count--;
	}
	return byte;
}

unsigned int machine_uart_room(const struct machine_uart *u)
{
	bool listens = machine_uart_listens(u) ? u->reg[REG_MCR] & MCR_RTS : u->polled;

	return listens && !(u->reg[REG_MCR] & MCR_LOOP) ? fifo_size(u) - u->count : 0;
}

static void tell_waiting(struct machine_uart *u)
{
	if (u->waiting && machine_uart_room(u))
		u->waiting(u->ctx);
}

void machine_uart_receive(struct machine_uart *u, uint8_t byte)
{
	/* In loopback the receiver is not connected to the line. */
	if (!(u->reg[REG_MCR] & MCR_LOOP))
		put_received(u, byte);
	update_line(u);
}

static uint8_t read_iir(struct machine_uart *u)
{
	uint8_t id = interrupt_id(u);

	/* To be told of the empty register is enough to reset this one. */
	if (id == IIR_THR_EMPTY)
		u->thr_emptied = false;
	return id | (u->reg[REG_IIR_FCR] & FCR_ENABLE ? IIR_FIFOS : 0);
}

static uint8_t read_lsr(struct machine_uart *u)
{
	uint8_t lsr;

	if (u->looks < MACHINE_UART_POLL)
		u->looks++;
	u->polled |= u->looks == MACHINE_UART_POLL;
	/* Who has interrupts is told by them. */
	if (!u->count && !machine_uart_listens(u))
		tell_waiting(u);
	lsr = LSR_SENT | (u->count ? LSR_RECEIVED : 0) | (u->overrun ? LSR_OVERRUN : 0);
	u->overrun = false;
	return lsr;
}

static uint8_t read_msr(struct machine_uart *u)
{
	uint8_t msr = modem_status(u) | u->modem_deltas;

	u->modem_deltas = 0;
	return msr;
}

/* Where a divisor latch is in the place of a register, or NULL. */
static uint8_t *divisor(struct machine_uart *u, unsigned int reg)
{
	return reg <= REG_IER && u->reg[REG_LCR] & LCR_DLAB ? &u->divisor[reg] : NULL;
}

static uint8_t read_register(struct machine_uart *u, unsigned int reg)
{
	if (divisor(u, reg))
		return *divisor(u, reg);
	switch (reg) {
	case REG_DATA:
		return get_received(u);
	case REG_IIR_FCR:
		return read_iir(u);
	case REG_LSR:
		return read_lsr(u);
	case REG_MSR:
		return read_msr(u);
	}
	return reg < sizeof(u->reg) ? u->reg[reg] : 0xff;
}

uint8_t machine_uart_read(struct machine_uart *u, unsigned int reg)
{
	uint8_t value = read_register(u, reg);

	if (reg != REG_LSR)
		u->looks = 0;
	update_line(u);
	return value;
}

static void write_thr(struct machine_uart *u, uint8_t value)
{
	/* Full and empty again: who waits for edges is to see one for each byte. */
	u->thr_emptied = false;
	update_line(u);
	if (u->reg[REG_MCR] & MCR_LOOP)
		put_received(u, value);
	else
		u->transmit(u->ctx, value);
	u->thr_emptied = true;
}

static void write_ier(struct machine_uart *u, uint8_t value)
{
	/* To enable this interrupt asks for it: the register is empty now. */
	if (value & ~u->reg[REG_IER] & IER_THR_EMPTY)
		u->thr_emptied = true;
	u->reg[REG_IER] = value & IER_MASK;
}

static void write_fcr(struct machine_uart *u, uint8_t value)
{
	/* The other bits are taken together with this one only. */
	if (!(value & FCR_ENABLE))
		value = 0;
	if ((u->reg[REG_IIR_FCR] ^ value) & FCR_ENABLE || value & FCR_CLEAR_RX)
		u->head = u->count = 0;
	u->reg[REG_IIR_FCR] = value;
}

static void write_mcr(struct machine_uart *u, uint8_t value)
{
	uint8_t old = modem_status(u), now;

	u->reg[REG_MCR] = value & MCR_MASK;
	now = modem_status(u);
	u->modem_deltas |= ((old ^ now) & (MSR_DCD | MSR_DSR | MSR_CTS)) >> 4;
	if (old & ~now & MSR_RI)
		u->modem_deltas |= MSR_TRAILING_RI;
}

void machine_uart_write(struct machine_uart *u, unsigned int reg, uint8_t value)
{
	bool ready = machine_uart_listens(u) && machine_uart_room(u);

	u->looks = 0;
	/* Who sets it up anew may clear the FIFO. */
	if (reg != REG_DATA)
		u->polled = false;
	if (divisor(u, reg))
		*divisor(u, reg) = value;
	else if (reg == REG_DATA)
		write_thr(u, value);
	else if (reg == REG_IER)
		write_ier(u, value);
	else if (reg == REG_IIR_FCR)
		write_fcr(u, value);
	else if (reg == REG_MCR)
		write_mcr(u, value);
	else if (reg < sizeof(u->reg))
		u->reg[reg] = value;		/* nobody reads what it has for LSR and MSR */
	update_line(u);
	if (!ready && machine_uart_listens(u))
		tell_waiting(u);
}
