// SPDX-License-Identifier: GPL-2.0-only
/* The port space of the machine. */
#include <stddef.h>
#include "machine/io.h"
#include "machine/line.h"

/*
 * The keyboard controller's status: nothing can be written that it would not
 * take, and it always has a byte to read. A driver that empties it gives up and
 * finds no controller; one that wants to reset the machine may go on at once.
 */
#define KBC_STATUS		0xfd
#define KBC_PULSE_RESET		0xfe

/*
 * ACPI's PM1 registers: status, enable and control, two bytes each. No event ever
 * comes and nothing can be put to sleep, so all that is seen of them is what was
 * enabled, and that the machine is in ACPI mode.
 */
#define PM1_ENABLE		(MACHINE_PM1 + 2)
#define PM1_CONTROL		(MACHINE_PM1 + MACHINE_PM1_CONTROL)
_Static_assert(MACHINE_PM1_PORTS == MACHINE_PM1_CONTROL + 2, "all of them are here");
#define SCI_EN			0x01

static void com1_interrupt(void *ctx, bool level)
{
	machine_pic_set(ctx, MACHINE_COM1_IRQ, level);
}

void machine_io_init(struct machine_io *io, void (*transmit)(void *ctx, uint8_t byte),
		     void (*interrupt)(void *ctx), void *ctx)
{
	*io = (struct machine_io) { .ended = NULL };
	machine_uart_init(&io->com1, transmit, ctx);
	io->com1.interrupt = com1_interrupt;
	io->com1.interrupt_ctx = &io->pic;
	machine_pic_init(&io->pic, interrupt, ctx);
	machine_cmos_init(&io->cmos);
}

static void end(struct machine_io *io, const char *cause, uint32_t code)
{
	io->ended = cause;
	io->code = code;
}

static uint8_t read_port(struct machine_io *io, unsigned int port)
{
	switch (port) {
	case MACHINE_COM1 ... MACHINE_COM1 + MACHINE_COM1_PORTS - 1:
		return machine_uart_read(&io->com1, port - MACHINE_COM1);
	case MACHINE_PIC_MASTER ... MACHINE_PIC_MASTER + 1:
	case MACHINE_PIC_SLAVE ... MACHINE_PIC_SLAVE + 1:
		return machine_pic_read(&io->pic, port);
	case MACHINE_CMOS ... MACHINE_CMOS + 1:
		return machine_cmos_read(&io->cmos, port - MACHINE_CMOS);
	case MACHINE_KBC_COMMAND:
		return KBC_STATUS;
	case PM1_ENABLE ... PM1_ENABLE + 1:
		return io->pm1_enable[port - PM1_ENABLE];
	case PM1_CONTROL:
		return SCI_EN;
	case MACHINE_PM1 ... PM1_ENABLE - 1:
	case PM1_CONTROL + 1:
		return 0;
	}
	return 0xff;
}

static void write_port(struct machine_io *io, unsigned int port, uint8_t value)
{
	switch (port) {
	case MACHINE_COM1 ... MACHINE_COM1 + MACHINE_COM1_PORTS - 1:
		machine_uart_write(&io->com1, port - MACHINE_COM1, value);
		if (machine_last_line_sent)
			end(io, CAUSE_LINE, 0);
		break;
	case MACHINE_PIC_MASTER ... MACHINE_PIC_MASTER + 1:
	case MACHINE_PIC_SLAVE ... MACHINE_PIC_SLAVE + 1:
		machine_pic_write(&io->pic, port, value);
		break;
	case MACHINE_CMOS ... MACHINE_CMOS + 1:
		machine_cmos_write(&io->cmos, port - MACHINE_CMOS, value);
		break;
	case PM1_ENABLE ... PM1_ENABLE + 1:
		io->pm1_enable[port - PM1_ENABLE] = value;
		break;
	case MACHINE_KBC_COMMAND:
		if (value == KBC_PULSE_RESET)
			end(io, CAUSE_RESET, MACHINE_CODE_RESET);
		break;
	}
}

uint32_t machine_io_in(struct machine_io *io, uint16_t port, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)read_port(io, port + i) << 8 * i;
	return value;
}

void machine_io_out(struct machine_io *io, uint16_t port, unsigned int size, uint32_t value)
{
	/* A byte and nothing else: PCI's configuration register covers this port. */
	if (port == MACHINE_RESET_PORT && size == 1 && value & MACHINE_RESET_CPU)
		end(io, CAUSE_RESET, MACHINE_CODE_RESET);
	/* The code is taken whole: QEMU's isa-debug-exit does not split it either. */
	if (port == MACHINE_EXIT_PORT) {
		end(io, CAUSE_EXIT_PORT, size < 4 ? value & ((1u << 8 * size) - 1) : value);
		return;
	}
	for (unsigned int i = 0; i < size; i++)
		write_port(io, port + i, value >> 8 * i);
}
