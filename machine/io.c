// SPDX-License-Identifier: GPL-2.0-only
/* The port space of the machine. */
#include "io.h"
#include "machine.h"

static bool is_com1(unsigned int port)
{
	return port >= MACHINE_COM1 && port < MACHINE_COM1 + MACHINE_COM1_PORTS;
}

bool machine_io_unbacked(uint16_t port, unsigned int size)
{
	return port + size <= MACHINE_COM1 || port >= MACHINE_COM1 + MACHINE_COM1_PORTS;
}

uint32_t machine_io_in(struct machine_io *io, uint16_t port, unsigned int size)
{
	uint32_t value = 0;
	unsigned int i;

	if (machine_io_unbacked(port, size))
		return ~0u >> (32 - 8 * size);
	for (i = 0; i < size; i++) {
		uint32_t byte = 0xff;

		if (is_com1(port + i))
			byte = machine_uart_read(&io->com1, port + i - MACHINE_COM1);
		value |= byte << 8 * i;
	}
	return value;
}

void machine_io_out(struct machine_io *io, uint16_t port, unsigned int size, uint32_t value)
{
	unsigned int i;

	/* The code is taken whole: QEMU's isa-debug-exit does not split it either. */
	if (port == MACHINE_EXIT_PORT) {
		io->ended = true;
		io->code = size < 4 ? value & ((1u << 8 * size) - 1) : value;
		return;
	}
	for (i = 0; i < size; i++) {
		if (is_com1(port + i))
			machine_uart_write(&io->com1, port + i - MACHINE_COM1, value >> 8 * i);
	}
}
