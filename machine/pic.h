/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two 8259A interrupt controllers of a PC. The host asks for the state of
 * INTR and acknowledges when it injects; a local APIC passes it on where LINT0
 * is in ExtINT mode (virtual wire mode).
 *
 * All inputs are edge triggered, priorities are fixed. There is no rotation, no
 * special mask mode, no poll command and no mode for the 8080: the bits that
 * would choose them are ignored.
 *
 * Source: Intel 8259A data sheet, "Interrupt Sequence", "Initialization Command
 * Words", "Operation Command Words".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct machine_pic_chip {
	uint8_t irr, isr, imr;
	uint8_t lines;		/* level of the inputs */
	uint8_t vector;		/* ICW2: of input 0 */
	uint8_t icw;		/* the next write of the data port is this ICW, 0: the mask */
	bool wants_icw4, auto_eoi, read_isr;
};

struct machine_pic {
	struct machine_pic_chip master, slave;
	bool intr;		/* output of the master: is there something to acknowledge? */
	void (*raised)(void *ctx);
	void *ctx;
};

/**
 * machine_pic_init - state after power-up, all inputs masked
 * @raised: called with @ctx whenever INTR rises; may be NULL
 */
void machine_pic_init(struct machine_pic *p, void (*raised)(void *ctx), void *ctx);

/** machine_pic_set - input @irq (0..15, not 2) goes to @level */
void machine_pic_set(struct machine_pic *p, unsigned int irq, bool level);

/**
 * machine_pic_ack - INTA cycles: an interrupt is being delivered
 *
 * Returns its vector; that of a controller's input 7 if there was none after all.
 */
uint8_t machine_pic_ack(struct machine_pic *p);

/** machine_pic_read - IN from @port: 0x20, 0x21, 0xa0 or 0xa1 */
uint8_t machine_pic_read(struct machine_pic *p, uint16_t port);

/** machine_pic_write - OUT to one of the same */
void machine_pic_write(struct machine_pic *p, uint16_t port, uint8_t value);
