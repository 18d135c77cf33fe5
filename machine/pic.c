// SPDX-License-Identifier: GPL-2.0-only
/* A master 8259A and a slave at its input 2. */
#include "machine/machine.h"
#include "machine/pic.h"

#define CASCADE		2u	/* input of the master */
#define DEFAULT_INPUT	7u	/* reported when the request has gone away */

/* Command port; source: "Initialization Command Words", "Operation Command Words". */
enum {
	ICW1 = 0x10, ICW1_ICW4 = 0x01, ICW4_AUTO_EOI = 0x02,
	OCW3 = 0x08, OCW3_READ = 0x02, OCW3_READ_ISR = 0x01,
	OCW2_EOI = 0x20, OCW2_SPECIFIC = 0x40, OCW2_LEVEL = 0x07,
};

/* The input that the chip requests an interrupt for, or -1. */
static int requested(const struct machine_pic_chip *c)
{
	uint8_t ready = c->irr & ~c->imr;

	if (!ready)
		return -1;
	/* A lower number is more urgent: what is in service must have a higher one. */
	if (c->isr && __builtin_ctz(c->isr) <= __builtin_ctz(ready))
		return -1;
	return __builtin_ctz(ready);
}

static void set_input(struct machine_pic_chip *c, unsigned int input, bool level)
{
	uint8_t bit = 1u << input;

	/* A request has to stay until it is acknowledged. */
	if (!level)
		c->irr &= ~bit;
	else if (!(c->lines & bit))
		c->irr |= bit;
	c->lines = level ? c->lines | bit : c->lines & ~bit;
}

static void update(struct machine_pic *p)
{
	bool intr;

	set_input(&p->master, CASCADE, requested(&p->slave) >= 0);
	intr = requested(&p->master) >= 0;
	if (intr == p->intr)
		return;
	p->intr = intr;
	if (intr && p->raised)
		p->raised(p->ctx);
}

void machine_pic_init(struct machine_pic *p, void (*raised)(void *ctx), void *ctx)
{
	*p = (struct machine_pic) {
		.master.imr = 0xff, .slave.imr = 0xff, .raised = raised, .ctx = ctx,
	};
}

void machine_pic_set(struct machine_pic *p, unsigned int irq, bool level)
{
	set_input(irq < 8 ? &p->master : &p->slave, irq % 8, level);
	update(p);
}

static unsigned int acknowledge(struct machine_pic_chip *c)
{
	int input = requested(c);

	if (input < 0)
		return DEFAULT_INPUT;
	c->irr &= ~(1u << input);
	if (!c->auto_eoi)
		c->isr |= 1u << input;
	return input;
}

uint8_t machine_pic_ack(struct machine_pic *p)
{
	struct machine_pic_chip *c = &p->master;
	unsigned int input = acknowledge(c);

	if (input == CASCADE) {
		c = &p->slave;
		input = acknowledge(c);
		/* The slave's output drops for the next of its requests to be an edge. */
		set_input(&p->master, CASCADE, false);
	}
	update(p);
	return c->vector | input;
}

static void write_command(struct machine_pic_chip *c, uint8_t value)
{
	if (value & ICW1) {
		*c = (struct machine_pic_chip) {
			.lines = c->lines, .vector = c->vector,
			.icw = 2, .wants_icw4 = value & ICW1_ICW4,
		};
	} else if (value & OCW3) {
		if (value & OCW3_READ)
			c->read_isr = value & OCW3_READ_ISR;
	} else if (value & OCW2_EOI) {
		/* Or else it is the lowest number. */
		c->isr &= value & OCW2_SPECIFIC ? ~(1u << (value & OCW2_LEVEL)) : c->isr - 1u;
	}
}

static void write_data(struct machine_pic_chip *c, uint8_t value)
{
	switch (c->icw) {
	case 2:
		c->vector = value & 0xf8;
		c->icw = 3;
		break;
	case 3:
		/* Which input has the slave is wired. */
		c->icw = c->wants_icw4 ? 4 : 0;
		break;
	case 4:
		c->auto_eoi = value & ICW4_AUTO_EOI;
		c->icw = 0;
		break;
	default:
		c->imr = value;
	}
}

static struct machine_pic_chip *chip(struct machine_pic *p, uint16_t port)
{
	return port < MACHINE_PIC_SLAVE ? &p->master : &p->slave;
}

uint8_t machine_pic_read(struct machine_pic *p, uint16_t port)
{
	const struct machine_pic_chip *c = chip(p, port);

	if (port & 1)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

void machine_pic_write(struct machine_pic *p, uint16_t port, uint8_t value)
{
	if (port & 1)
		write_data(chip(p, port), value);
	else
		write_command(chip(p, port), value);
	update(p);
}
