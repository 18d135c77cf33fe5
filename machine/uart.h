/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM1 as a guest sees it: a 16550A. What it sends is sent at once, so that the
 * transmitter is always empty; what it receives waits in the FIFO. No time
 * passes in it: a character timeout is due as soon as the FIFO holds less than
 * the trigger level.
 *
 * Source: PC16550D data sheet, "Registers", "FIFO Interrupt Mode Operation".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_UART_FIFO	16u
#define MACHINE_UART_POLL	16u

struct machine_uart {
	uint8_t reg[8];		/* what was written, as far as it has these bits; FCR for IIR */
	uint8_t divisor[2];
	bool thr_emptied;	/* since THR was written or the interrupt was taken note of */
	bool overrun;		/* LSR has to tell */
	bool line;		/* the interrupt output */
	uint8_t modem_deltas;	/* MSR has to tell */
	uint8_t looks;		/* how many times in a row LSR was read, up to MACHINE_UART_POLL */
	bool polled;		/* so often: the guest waits for input */
	uint8_t head, count;	/* of what was received */
	uint8_t fifo[MACHINE_UART_FIFO];
	void (*transmit)(void *ctx, uint8_t byte);
	void *ctx;
	void (*interrupt)(void *ctx, bool level);
	void *interrupt_ctx;
	void (*waiting)(void *ctx);
};

/**
 * machine_uart_init - reset state
 * @transmit: gets each byte sent, and @ctx
 *
 * The interrupt output goes nowhere until u->interrupt is set: it is called
 * with u->interrupt_ctx whenever the output changes. u->waiting, if it is set,
 * is called with @ctx when the guest begins to listen, and whenever it looks for
 * input and there is none: it may bring some.
 */
void machine_uart_init(struct machine_uart *u, void (*transmit)(void *ctx, uint8_t byte),
		       void *ctx);

/** machine_uart_read - value of register @reg (0..7) as IN reads it */
uint8_t machine_uart_read(struct machine_uart *u, unsigned int reg);

/** machine_uart_write - OUT of @value to register @reg (0..7) */
void machine_uart_write(struct machine_uart *u, unsigned int reg, uint8_t value);

/**
 * machine_uart_room - bytes that can be received now without loss
 *
 * 0 as well while nobody listens, as what a user typed ahead would be lost: a
 * driver clears the FIFO before it is ready. One with interrupts is when it has
 * enabled that of received data and raised RTS. One that polls reads LSR
 * MACHINE_UART_POLL times in a row, which nobody does who wants to send, as he can.
 */
unsigned int machine_uart_room(const struct machine_uart *u);

/** machine_uart_listens - has the guest asked for an interrupt when something arrives? */
static inline bool machine_uart_listens(const struct machine_uart *u)
{
	return u->reg[1] & 1;
}

/** machine_uart_receive - @byte arrives; lost, as an overrun, if there is no room in the FIFO */
void machine_uart_receive(struct machine_uart *u, uint8_t byte);
