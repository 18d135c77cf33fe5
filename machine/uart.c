// SPDX-License-Identifier: GPL-2.0-only
/* COM1: the registers of a 16550A that sends at once and never receives. */
#include "uart.h"

/* Source: PC16550D data sheet, "Registers". */
enum {
	REG_DATA = 0,		/* RBR and THR; DLL when DLAB is set */
	REG_IER = 1,		/* DLM when DLAB is set */
	REG_IIR_FCR = 2,
	REG_LCR = 3,
	REG_MCR = 4,
	REG_LSR = 5,
	REG_MSR = 6,
	REG_SCR = 7,
};

#define IER_THR_EMPTY	0x02
#define IER_MASK	0x0f
#define IIR_NONE	0x01
#define IIR_THR_EMPTY	0x02
#define IIR_FIFOS	0xc0
#define FCR_ENABLE	0x01
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT1	0x04
#define MCR_OUT2	0x08
#define MCR_LOOP	0x10
#define MCR_MASK	0x1f
#define LSR_SENT	0x60	/* holding register and transmitter are empty */
#define MSR_CTS		0x10
#define MSR_DSR		0x20
#define MSR_RI		0x40
#define MSR_DCD		0x80

void machine_uart_init(struct machine_uart *u, void (*transmit)(void *ctx, uint8_t byte), void *ctx)
{
	*u = (struct machine_uart) { .transmit = transmit, .ctx = ctx };
}

/* Drivers find out by loopback whether there is a UART at all. */
static uint8_t modem_status(const struct machine_uart *u)
{
	if (!(u->mcr & MCR_LOOP))
		return MSR_DCD | MSR_DSR | MSR_CTS;
	return (u->mcr & MCR_RTS ? MSR_CTS : 0) | (u->mcr & MCR_DTR ? MSR_DSR : 0) |
	       (u->mcr & MCR_OUT1 ? MSR_RI : 0) | (u->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

/* No line carries it, but a driver that polls this register waits for it. */
static uint8_t interrupt_id(const struct machine_uart *u)
{
	return (u->ier & IER_THR_EMPTY ? IIR_THR_EMPTY : IIR_NONE) |
	       (u->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
}

uint8_t machine_uart_read(struct machine_uart *u, unsigned int reg)
{
	switch (reg) {
	case REG_DATA:
		return u->lcr & LCR_DLAB ? u->dll : 0;
	case REG_IER:
		return u->lcr & LCR_DLAB ? u->dlm : u->ier;
	case REG_IIR_FCR:
		return interrupt_id(u);
	case REG_LCR:
		return u->lcr;
	case REG_MCR:
		return u->mcr;
	case REG_LSR:
		return LSR_SENT;
	case REG_MSR:
		return modem_status(u);
	case REG_SCR:
		return u->scr;
	}
	return 0xff;
}

void machine_uart_write(struct machine_uart *u, unsigned int reg, uint8_t value)
{
	switch (reg) {
	case REG_DATA:
		if (u->lcr & LCR_DLAB)
			u->dll = value;
		else if (!(u->mcr & MCR_LOOP))
			u->transmit(u->ctx, value);
		break;
	case REG_IER:
		if (u->lcr & LCR_DLAB)
			u->dlm = value;
		else
			u->ier = value & IER_MASK;
		break;
	case REG_IIR_FCR:
		u->fcr = value;
		break;
	case REG_LCR:
		u->lcr = value;
		break;
	case REG_MCR:
		u->mcr = value & MCR_MASK;
		break;
	case REG_SCR:
		u->scr = value;
		break;
	}
}
