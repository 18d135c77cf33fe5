// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/uart.c machine/pic.c machine/cmos.c machine/io.c machine/line.c */
/* What is behind the ports besides COM1, and how it is wired. */
#include "machine/io.h"
#include "machine/line.h"
#include "machine/machine.h"
#include "tests/unit/tap.h"

static unsigned int nr_interrupts;

static void transmit(void *ctx, uint8_t byte)
{
	(void)ctx;
	(void)byte;
}

static void count_line(void *ctx, uint8_t byte)
{
	static struct machine_line line;

	(void)ctx;
	machine_line_add(&line, byte, 2);
}

static void interrupt(void *ctx)
{
	(void)ctx;
	nr_interrupts++;
}

static void check_cmos(struct machine_io *io)
{
	static const struct {
		const char *name;
		uint8_t index, value;
	} date[] = {
		{ "seconds", 0, 0x00 }, { "minutes", 2, 0x00 }, { "hours", 4, 0x00 },
		{ "day of the week: Saturday", 6, 7 }, { "day", 7, 0x01 }, { "month", 8, 0x01 },
		{ "year", 9, 0x00 }, { "century", 0x32, 0x20 },
		{ "A: not updating", 10, 0x26 }, { "B: BCD, 24 hours", 11, 0x02 },
		{ "C: no interrupt", 12, 0x00 }, { "D: valid", 13, 0x80 },
		{ "NMI off", 0x80 | 7, 0x01 },
	}, writes[] = {
		{ "memory", 0x7f, 0xa5 }, { "memory", 0x0e, 0x5a }, { "the date", 7, 0x31 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(date) / sizeof(date[0]); i++) {
		machine_io_out(io, 0x70, 1, date[i].index);
		is_u64(date[i].name, machine_io_in(io, 0x71, 1), date[i].value);
	}
	is_u64("the index cannot be read", machine_io_in(io, 0x70, 1), 0xff);
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		/* Index and data by one access, as the bus splits it. */
		machine_io_out(io, 0x70, 2, writes[i].value << 8 | writes[i].index);
		is_u64(writes[i].name, machine_io_in(io, 0x71, 1), writes[i].value);
	}
	machine_io_out(io, 0x70, 2, 0xff0a);
	is_u64("A: its update bit is read only", machine_io_in(io, 0x71, 1), 0x7f);
	machine_io_out(io, 0x70, 2, 0xff0c);
	is_u64("C is read only", machine_io_in(io, 0x71, 1), 0x00);
	machine_io_out(io, 0x70, 2, 0x000d);
	is_u64("D is read only", machine_io_in(io, 0x71, 1), 0x80);
}

/* From COM1 over the PICs to the host. */
static void check_wiring(struct machine_io *io)
{
	static const struct {
		uint16_t port;
		uint8_t value;
	} setup[] = {
		{ 0x20, 0x11 }, { 0x21, 0x30 }, { 0x21, 0x04 }, { 0x21, 0x01 }, { 0x21, 0xef },
		{ MACHINE_COM1 + 4, 0x0b }, { MACHINE_COM1 + 1, 0x01 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(setup) / sizeof(setup[0]); i++)
		machine_io_out(io, setup[i].port, 1, setup[i].value);
	is_u64("the master's mask", machine_io_in(io, 0x21, 1), 0xef);
	is_u64("the slave's", machine_io_in(io, 0xa1, 1), 0xff);
	is_u64("16 bits at once: IRR and mask", machine_io_in(io, 0x20, 2), 0xef00);
	ok(!io->pic.intr && !nr_interrupts, "quiet");
	machine_uart_receive(&io->com1, 'k');
	ok(io->pic.intr, "a byte received asks for an interrupt");
	is_u64("the host is told", nr_interrupts, 1);
	is_u64("it is IRQ 4", machine_io_in(io, 0x20, 1), 0x10);
	is_u64("and its vector", machine_pic_ack(&io->pic), 0x34);
	is_u64("the byte", machine_io_in(io, MACHINE_COM1, 1), 'k');
	machine_io_out(io, 0x20, 1, 0x64);
	machine_uart_receive(&io->com1, 'l');
	is_u64("the next one is a new interrupt", nr_interrupts, 2);
	is_u64("read before it was taken", machine_io_in(io, MACHINE_COM1, 1), 'l');
	ok(!io->pic.intr, "it is withdrawn");
}

static void check_resets(struct machine_io *io)
{
	static const struct {
		const char *name;
		uint16_t port;
		unsigned int size;
		uint32_t value;
		bool resets;
	} writes[] = {
		{ "another command of the keyboard controller", 0x64, 1, 0xd1, false },
		{ "a byte for the keyboard", 0x60, 1, 0xfe, false },
		{ "the command that pulses the reset line", 0x64, 1, 0xfe, true },
		{ "the same by a wide access", 0x63, 2, 0xfe00, true },
		{ "the reset port, no reset", 0xcf9, 1, 0xfb, false },
		{ "the reset port, hard reset", 0xcf9, 1, 0x06, true },
		{ "the reset port, full reset", 0xcf9, 1, 0x0e, true },
		{ "PCI's configuration address", 0xcf8, 4, 0xffffffff, false },
		{ "a word over the reset port", 0xcf9, 2, 0xffff, false },
	};
	unsigned int i;

	is_u64("the keyboard controller takes commands", machine_io_in(io, 0x64, 1) & 2, 0);
	is_u64("and has always a byte, until drivers give up", machine_io_in(io, 0x64, 1) & 1, 1);
	is_u64("that byte", machine_io_in(io, 0x60, 1), 0xff);
	is_u64("the reset port cannot be read", machine_io_in(io, 0xcf9, 1), 0xff);
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		io->ended = NULL;
		io->code = 0;
		machine_io_out(io, writes[i].port, writes[i].size, writes[i].value);
		ok(!!io->ended == writes[i].resets, "%s: %s", writes[i].name,
		   writes[i].resets ? "resets" : "nothing");
		if (io->ended) {
			is_str("cause", io->ended, "reset");
			is_u64("code", io->code, 73);
		}
	}
}

/* Source: ACPI Specification, "PM1 Event Grouping", "PM1 Control Grouping". */
static void check_pm1(struct machine_io *io)
{
	is_u64("ACPI mode is on", machine_io_in(io, MACHINE_PM1 + 4, 2), 1);
	is_u64("no event, none enabled", machine_io_in(io, MACHINE_PM1, 4), 0);
	machine_io_out(io, MACHINE_PM1, 4, 0x0521ffff);
	is_u64("status stays 0, enable is kept", machine_io_in(io, MACHINE_PM1, 4), 0x05210000);
	machine_io_out(io, MACHINE_PM1 + 4, 2, 0x3c00);
	is_u64("ACPI mode cannot be left", machine_io_in(io, MACHINE_PM1 + 4, 2), 1);
	ok(!io->ended, "nothing can be put to sleep");
	is_u64("nothing is behind", machine_io_in(io, MACHINE_PM1 + 6, 1), 0xff);
	is_u64("nor before", machine_io_in(io, MACHINE_PM1 - 1, 1), 0xff);
}

/* The line's end is what ends the guest, and not the byte before or another port. */
static void check_last_line(void)
{
	struct machine_io io;

	machine_io_init(&io, count_line, interrupt, NULL);
	machine_last_line = 2;
	machine_io_out(&io, MACHINE_COM1, 1, 'a');
	machine_io_out(&io, MACHINE_COM1 + 7, 1, '\n');
	ok(!io.ended, "the last line has begun");
	machine_io_out(&io, MACHINE_COM1, 1, '\n');
	is_str("its end ends the guest", io.ended, "line");
	is_u64("as well as can be", io.code, 0);
}

int main(void)
{
	struct machine_io io, before;
	unsigned int port;

	machine_io_init(&io, transmit, interrupt, NULL);
	check_cmos(&io);
	check_wiring(&io);
	check_pm1(&io);
	check_resets(&io);
	/* All that machine_io_unbacked() promises. */
	before = io;
	for (port = 0; port <= 0xffff; port++) {
		if (!machine_io_unbacked(port))
			continue;
		machine_io_out(&io, port, 1, 0xff);
		if (machine_io_in(&io, port, 1) != 0xff || memcmp(&io, &before, sizeof(io)))
			break;
	}
	is_u64("an unbacked port reads all ones and takes nothing", port, 0x10000);
	ok(!machine_io_unbacked(MACHINE_COM1 + 7), "COM1's last port is backed");
	ok(machine_io_unbacked(MACHINE_COM1 + 8), "and nothing behind it");
	check_last_line();
	return done();
}
