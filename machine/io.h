/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The port space of the machine: COM1, PICs, CMOS, ACPI's registers, the ways to
 * end or reset the machine, and all ones elsewhere. Both hosts call it for one access at a time
 * and act on what it returns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "machine/cmos.h"
#include "machine/machine.h"
#include "machine/pic.h"
#include "machine/uart.h"

struct machine_io {
	struct machine_uart com1;
	struct machine_pic pic;
	struct machine_cmos cmos;
	uint8_t pm1_enable[2];	/* ACPI: which events would raise its interrupt */
	const char *ended;	/* CAUSE_… once the guest has ended the VM, else NULL */
	uint32_t code;		/* with which: what it wrote to the exit port, or its own code */
};

/**
 * machine_io_init - all devices after reset, with their interrupts wired
 * @transmit: gets each byte that COM1 sends
 * @interrupt: called whenever the PICs begin to ask for an interrupt, see
 *	       pic.intr; NULL for a host that looks by itself
 * @ctx: goes to both
 */
void machine_io_init(struct machine_io *io, void (*transmit)(void *ctx, uint8_t byte),
		     void (*interrupt)(void *ctx), void *ctx);

/**
 * machine_io_in - IN from @port
 * @size: 1, 2 or 4 bytes; a wide access is split into bytes as the ISA bus does
 *
 * Returns the value, all ones in bytes that nobody answers.
 */
uint32_t machine_io_in(struct machine_io *io, uint16_t port, unsigned int size);

/**
 * machine_io_unbacked - does every IN from @port read all ones, and no OUT to it do anything?
 *
 * Quick, and for that it says no for all ports up to COM1. Whoever asks first need not
 * come near the devices, which others may be using.
 */
static inline bool machine_io_unbacked(uint16_t port)
{
	return port >= MACHINE_COM1 + MACHINE_COM1_PORTS && port != MACHINE_RESET_PORT;
}

/**
 * machine_io_out - OUT of @value to @port
 * @size: 1, 2 or 4 bytes
 *
 * A write that ends the VM sets io->ended and io->code; for the exit port that is
 * what was written, whole.
 */
void machine_io_out(struct machine_io *io, uint16_t port, unsigned int size, uint32_t value);
