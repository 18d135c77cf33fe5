/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM1 as a guest sees it: a 16550A whose transmitter is always ready and
 * which never receives. Polled; its interrupt line is not wired.
 *
 * Source: PC16550D data sheet, "Registers".
 */
#ifndef MACHINE_UART_H
#define MACHINE_UART_H

#include <stdint.h>

struct machine_uart {
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	void (*transmit)(void *ctx, uint8_t byte);
	void *ctx;
};

/** machine_uart_init - reset state; @transmit gets each byte sent */
void machine_uart_init(struct machine_uart *u, void (*transmit)(void *ctx, uint8_t byte),
		       void *ctx);

/** machine_uart_read - value of register @reg (0..7) as IN reads it */
uint8_t machine_uart_read(struct machine_uart *u, unsigned int reg);

/** machine_uart_write - OUT of @value to register @reg (0..7) */
void machine_uart_write(struct machine_uart *u, unsigned int reg, uint8_t value);

#endif /* MACHINE_UART_H */
