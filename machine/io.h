/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The port space of the machine: COM1, the exit port, and all ones elsewhere.
 * Both hosts call it for one access at a time and act on what it returns.
 */
#ifndef MACHINE_IO_H
#define MACHINE_IO_H

#include <stdbool.h>
#include <stdint.h>
#include "uart.h"

struct machine_io {
	struct machine_uart com1;
	bool ended;		/* the guest wrote the exit port */
	uint32_t code;		/* what it wrote */
};

/**
 * machine_io_in - IN from @port
 * @size: 1, 2 or 4 bytes; a wide access is split into bytes as the ISA bus does
 *
 * Returns the value, all ones in bytes that nobody answers.
 */
uint32_t machine_io_in(struct machine_io *io, uint16_t port, unsigned int size);

/** machine_io_unbacked - does an IN of @size bytes from @port always read all ones? */
bool machine_io_unbacked(uint16_t port, unsigned int size);

/**
 * machine_io_out - OUT of @value to @port
 * @size: 1, 2 or 4 bytes
 *
 * A write of the exit port sets io->ended and io->code, which is what was written, whole.
 */
void machine_io_out(struct machine_io *io, uint16_t port, unsigned int size, uint32_t value);

#endif /* MACHINE_IO_H */
