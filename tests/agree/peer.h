/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences for two processors. The second one, APIC id 1, runs them as one processor does
 * alone; the first one is its peer, which does what the sequence asks for, and only then.
 *
 * The sequence asks by a number in memory, and waits in a jump to itself. The peer acts, waits
 * until what it has sent must have arrived, and takes the jump away. So whatever arrives finds
 * the sequence at that jump, however long it took, and no answer depends on time.
 */
#pragma once

#define PEER_SPIN	0xfeeb		/* the jump to itself, as a number of 16 bits */
#define PEER_GONE	0x9090		/* what takes its place */

/* Where the stub is that a SIPI starts, and what it notes in the same page. */
#define STUB_DWORDS	0x800
#define STUB_STACK	0xff0

#ifndef __ASSEMBLER__
#include "acct/exit_types.h"

#define PEER_SENDS	3

enum act_kind {
	ACT_SEND,		/* IPIs, or none: it takes what has been sent to it */
	ACT_RESET,		/* IPIs, and then a SIPI by which the sequence ends */
	ACT_HOLD,		/* an NMI, and others while its handler runs */
	ACT_PATCH,		/* other code behind the wait */
	ACT_COUNT,		/* locked additions, while the sequence does some too */
	ACT_MAP,		/* another frame for a page */
	ACT_OWN,		/* a register of its own */
	ACT_CPUID,		/* what its topology is */
};

/* Registers that are not MSRs, by numbers that no MSR has. */
enum own { OWN_CR2 = 0x10000, OWN_DR0, OWN_CR4 };

/* What is counted together, and the page that changes its frame with the next one. */
#define WINDOW_COUNT	(WINDOW_ASK + 8)
#define WINDOW_MAPPED	WINDOW_READONLY

/* What a sequence asks its peer for. */
struct act {
	u8 kind;
	u8 nr;			/* IPIs */
	bool at_once;		/* all of them, because interrupts are masked; or one by one */
	bool halted;		/* the sequence waits in HLT first: the last thing is to end that */
	u16 spin;		/* offset of the jump in its code */
	u8 page;		/* that a SIPI names */
	u16 patch;		/* offset in the code */
	u32 number;		/* of an MSR, of times, of a leaf; enum own */
	u64 value;
	struct {
		u32 icr, to;
	} send[PEER_SENDS];
};

struct sequence;

/** peer_start - start the second processor, and be its peer from here on */
void peer_start(void (*judge)(void)) __attribute__((noreturn));

/** peer_begin - have the peer know what the sequence may ask for */
void peer_begin(const struct sequence *s);

/** peer_end - the sequence has ended: let the peer take what is on its way */
void peer_end(void);

/** peer_show - what the peer has seen, and what a reset has left of the processor */
void peer_show(void);

/** peer_was_reset - has the sequence ended by INIT and SIPI? */
bool peer_was_reset(void);

/** peer_there - are there two processors? */
extern bool peer_there;
#endif /* __ASSEMBLER__ */
