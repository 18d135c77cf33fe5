// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/pic.c */
/* Two 8259As, as the guest programs them and as the host acknowledges them. */
#include "machine/machine.h"
#include "machine/pic.h"
#include "tests/unit/tap.h"

#define M_CMD	MACHINE_PIC_MASTER
#define M_DATA	(MACHINE_PIC_MASTER + 1)
#define S_CMD	MACHINE_PIC_SLAVE
#define S_DATA	(MACHINE_PIC_SLAVE + 1)

enum action { INIT, SETUP, IN, OUT, UP, DOWN, PULSE, ACK };

/* One step after the other; after each the state of INTR. */
static const struct {
	const char *name;
	enum action action;
	unsigned int at, value;		/* port or input; written, or expected */
	bool intr;
} steps[] = {
	{ "power-up", INIT, 0, 0, false },
	{ "all masked", IN, M_DATA, 0xff, false },
	{ "the slave too", IN, S_DATA, 0xff, false },
	{ "nothing requested", IN, M_CMD, 0x00, false },
	{ "masked: no interrupt", UP, 4, 0, false },
	{ "but a request", IN, M_CMD, 0x10, false },
	{ "it goes with the line", DOWN, 4, 0, false },
	{ "gone", IN, M_CMD, 0x00, false },

	{ "as Linux looks for one", INIT, 0, 0, false },
	{ "mask the slave", OUT, S_DATA, 0xff, false },
	{ "mask all but the cascade", OUT, M_DATA, 0xfb, false },
	{ "the mask reads back", IN, M_DATA, 0xfb, false },

	{ "initialisation clears the mask", SETUP, 0, 0, false },
	{ "master", IN, M_DATA, 0x00, false },
	{ "slave", IN, S_DATA, 0x00, false },
	{ "an edge", UP, 4, 0, true },
	{ "requested", IN, M_CMD, 0x10, true },
	{ "its vector", ACK, 0, 0x34, false },
	{ "no longer requested", IN, M_CMD, 0x00, false },
	{ "read ISR", OUT, M_CMD, 0x0b, false },
	{ "in service", IN, M_CMD, 0x10, false },
	{ "the level is no second edge", UP, 4, 0, false },
	{ "less urgent ones wait", UP, 7, 0, false },
	{ "more urgent ones do not", UP, 3, 0, true },
	{ "3", ACK, 0, 0x33, false },
	{ "3 and 4 in service", IN, M_CMD, 0x18, false },
	{ "non-specific EOI: the most urgent", OUT, M_CMD, 0x20, false },
	{ "4 is left", IN, M_CMD, 0x10, false },
	{ "specific EOI", OUT, M_CMD, 0x64, true },
	{ "none is left, 7 may come", IN, M_CMD, 0x00, true },
	{ "7", ACK, 0, 0x37, false },
	{ "another's EOI", OUT, M_CMD, 0x60, false },
	{ "changes nothing", IN, M_CMD, 0x80, false },
	{ "7's", OUT, M_CMD, 0x67, false },
	{ "nothing in service", IN, M_CMD, 0x00, false },
	{ "EOI of nothing", OUT, M_CMD, 0x20, false },
	{ "still nothing", IN, M_CMD, 0x00, false },
	{ "OCW3 without a read command keeps it", OUT, M_CMD, 0x08, false },
	{ "4 falls", DOWN, 4, 0, false },
	{ "and rises: an edge again", UP, 4, 0, true },
	{ "ISR, not IRR", IN, M_CMD, 0x00, true },
	{ "masked", OUT, M_DATA, 0x10, false },
	{ "the request stays", OUT, M_CMD, 0x0a, false },
	{ "in IRR", IN, M_CMD, 0x10, false },
	{ "unmasked", OUT, M_DATA, 0x00, true },
	{ "withdrawn", DOWN, 4, 0, false },
	{ "acknowledged all the same: input 7's vector", ACK, 0, 0x37, false },
	{ "read ISR", OUT, M_CMD, 0x0b, false },
	{ "and nothing in service", IN, M_CMD, 0x00, false },

	{ "the slave", SETUP, 0, 0, false },
	{ "its input 0", UP, 8, 0, true },
	{ "the master sees its input 2", IN, M_CMD, 0x04, true },
	{ "the slave its own", IN, S_CMD, 0x01, true },
	{ "the slave's vector", ACK, 0, 0x38, false },
	{ "read the master's ISR", OUT, M_CMD, 0x0b, false },
	{ "2", IN, M_CMD, 0x04, false },
	{ "read the slave's ISR", OUT, S_CMD, 0x0b, false },
	{ "0", IN, S_CMD, 0x01, false },
	{ "12 waits for 8", UP, 12, 0, false },
	{ "4 waits for the slave", UP, 4, 0, false },
	{ "1 does not", UP, 1, 0, true },
	{ "1", ACK, 0, 0x31, false },
	{ "EOI of 1", OUT, M_CMD, 0x61, false },
	{ "EOI at the slave: 12 is next, but behind the master's 2", OUT, S_CMD, 0x60, false },
	{ "EOI at the master: 12 before 4", OUT, M_CMD, 0x62, true },
	{ "12", ACK, 0, 0x3c, false },
	{ "EOI at the slave", OUT, S_CMD, 0x64, false },
	{ "EOI at the master: 4", OUT, M_CMD, 0x62, true },
	{ "4", ACK, 0, 0x34, false },
	{ "EOI", OUT, M_CMD, 0x64, false },
	{ "15", PULSE, 15, 0, false },
	{ "a pulse that nobody took is gone", IN, M_CMD, 0x00, false },
	{ "10", UP, 10, 0, true },
	{ "masked at the slave", OUT, S_DATA, 0x04, false },
	{ "and not", OUT, S_DATA, 0x00, true },
	{ "all of the slave masked at the master", OUT, M_DATA, 0x04, false },
	{ "and not", OUT, M_DATA, 0x00, true },
	{ "10", ACK, 0, 0x3a, false },

	{ "automatic EOI", INIT, 0, 0, false },
	{ "ICW1", OUT, M_CMD, 0x11, false },
	{ "ICW2: low bits are the input's", OUT, M_DATA, 0x2f, false },
	{ "ICW3", OUT, M_DATA, 0x04, false },
	{ "ICW4", OUT, M_DATA, 0x03, false },
	{ "OCW1 is next", OUT, M_DATA, 0xee, false },
	{ "mask", IN, M_DATA, 0xee, false },
	{ "4", UP, 4, 0, true },
	{ "4", ACK, 0, 0x2c, false },
	{ "0 and 4 need no EOI", UP, 0, 0, true },
	{ "0", ACK, 0, 0x28, false },
	{ "read ISR", OUT, M_CMD, 0x0b, false },
	{ "never in service", IN, M_CMD, 0x00, false },
	{ "4 falls", DOWN, 4, 0, false },
	{ "4 rises", UP, 4, 0, true },
	{ "a new ICW1 forgets the edge", OUT, M_CMD, 0x10, false },
	{ "ICW2", OUT, M_DATA, 0x40, false },
	{ "ICW3, and no ICW4", OUT, M_DATA, 0x04, false },
	{ "OCW1", OUT, M_DATA, 0x01, false },
	{ "mask", IN, M_DATA, 0x01, false },
	{ "the level is no edge", UP, 4, 0, false },
	{ "IRR is what is read", IN, M_CMD, 0x00, false },
	{ "5", UP, 5, 0, true },
	{ "new vector", ACK, 0, 0x45, false },
	{ "normal EOI again", UP, 6, 0, false },
};

static unsigned int raised;

static void on_raised(void *ctx)
{
	raised += ctx == &raised;
}

/* As Linux does it: vectors 0x30 and 0x38. */
static void setup(struct machine_pic *p)
{
	machine_pic_init(p, on_raised, &raised);
	machine_pic_write(p, M_CMD, 0x11);
	machine_pic_write(p, M_DATA, 0x30);
	machine_pic_write(p, M_DATA, 0x04);
	machine_pic_write(p, M_DATA, 0x01);
	machine_pic_write(p, S_CMD, 0x11);
	machine_pic_write(p, S_DATA, 0x38);
	machine_pic_write(p, S_DATA, 0x02);
	machine_pic_write(p, S_DATA, 0x01);
}

static void step(struct machine_pic *p, unsigned int i)
{
	const unsigned int at = steps[i].at, value = steps[i].value;

	switch (steps[i].action) {
	case INIT:
		machine_pic_init(p, on_raised, &raised);
		break;
	case SETUP:
		setup(p);
		break;
	case IN:
		is_u64(steps[i].name, machine_pic_read(p, at), value);
		break;
	case OUT:
		machine_pic_write(p, at, value);
		break;
	case UP:
		machine_pic_set(p, at, true);
		break;
	case DOWN:
		machine_pic_set(p, at, false);
		break;
	case PULSE:
		machine_pic_set(p, at, true);
		machine_pic_set(p, at, false);
		break;
	case ACK:
		is_u64(steps[i].name, machine_pic_ack(p), value);
		break;
	}
}

int main(void)
{
	struct machine_pic p;
	unsigned int i;

	machine_pic_init(&p, NULL, NULL);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool was = p.intr;

		raised = 0;
		step(&p, i);
		ok(p.intr == steps[i].intr, "%s: INTR", steps[i].name);
		if (steps[i].action < PULSE)
			is_u64("the host is told when it rises", raised, !was && steps[i].intr);
	}
	return done();
}
