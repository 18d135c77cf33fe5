/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files with operations use to write their instructions. */
#pragma once

#include "tests/agree/agree.h"

/* Random numbers, and the sequence that is being made. */
struct gen {
	u64 random;
	struct sequence *s;
	const struct mode *mode;
	bool write;		/* the item is not masked out */
	u32 item;		/* its number */
	const struct op *shadow;	/* to come before the next item's instruction */
	u64 apic;		/* where the page of an xAPIC is */
};

/* Modes in which an operation is drawn. */
enum where {
	CPL0	= 1 << 0,
	CPL3	= 1 << 1,
	BITS64	= 1 << 2,
	BITS32	= 1 << 3,
	BITS16	= 1 << 4,
	LEGACY	= 1 << 5,	/* not in long mode */
	DESCRIBED = 1 << 6,	/* segments have descriptors */
	ANY	= 0,		/* of a kind, if none of the kind is named */
};

/* One operation: an instruction with what it needs, or a part of the sequence's start. */
struct op {
	const char *class, *name;
	u32 where;
	u32 weight;
	void (*emit)(struct gen *g, const struct op *op);
	u32 value, flags;	/* for @emit */
};

/* Each file with operations has a table of them. */
struct ops {
	const struct op *op;
	u32 nr;
};

struct ops ops_system(void);
struct ops ops_memory(void);
struct ops ops_event(void);
struct ops ops_control(void);
struct ops ops_apic(void);
struct ops ops_peer(void);

/* The class of what uses the page of an xAPIC. */
#define XAPIC	"xapic"
/* And of what asks the other processor. */
#define PEER	"peer"

u64 draw64(struct gen *g);
/** draw - 0 to @n - 1 */
u32 draw(struct gen *g, u32 n);
static inline bool chance(struct gen *g, u32 of) { return !draw(g, of); }

#define DRAW(g, array)	((array)[draw(g, ARRAY_SIZE(array))])

/* Bytes of the instruction that is being written; begin() starts one. */
void begin(struct gen *g);
void byte(struct gen *g, u8 value);
void bytes(struct gen *g, u64 value, u32 n);

/**
 * subject - start the instruction that the item is about
 *
 * A shadow that is due goes in front of it, and nothing between them.
 */
void subject(struct gen *g);

/** load - MOV of @value to a register, 32 bits or in 64-bit mode as many as it has */
void load(struct gen *g, u32 gpr, u64 value);

/** opcode - its bytes, of which it has as many as @value needs: 0x0fa2 has two */
void opcode(struct gen *g, u32 value);

/** plain - begin(), and an instruction that is bytes alone */
void plain(struct gen *g, u32 value);

/** scratch - a register that nothing depends on: AX, CX, DX, or R8 to R11 */
u32 scratch(struct gen *g);

/** operand - the prefix that makes @bits the operand's size; REX.W is not one */
void operand(struct gen *g, u32 bits);

/* Where memory is that an instruction shall name. */
enum target {
	IN_DATA		= 1 << 0,	/* RAM */
	AT_FAULT	= 1 << 1,	/* half or all of it where it cannot be */
	IN_HOLE		= 1 << 2,	/* outside RAM */
	IN_APIC		= 1 << 3,	/* a register that may be written with any value */
	READ_APIC	= 1 << 5,	/* or read */
	AT_TOP		= 1 << 4,	/* about 4 GiB, where there is RAM in all modes that page */
};

/* A memory operand: what comes before the opcode, and what after. */
struct address {
	u8 segment;		/* prefix, or 0 */
	bool other_size;	/* prefix 67 */
	u8 rex;			/* B and X */
	u8 rm[7];		/* ModRM, SIB, displacement; the register is put in */
	u32 length;
};

/** address - draw one, and load the registers that it takes: not between begin()s */
struct address address(struct gen *g, u32 targets, bool aligned);

/** apic_register - the address of one that may be read, or written with any value as well */
u64 apic_register(struct gen *g, bool writes);

/** target_address - the number alone, as the mode's segments want it */
u64 target_address(struct gen *g, u32 targets, bool aligned);

/**
 * with_memory - an instruction with a memory operand
 * @prefix: mandatory prefix, LOCK or REP, or 0
 * @bits: 16, 32, 64: of the operand; 0: no prefix for it
 * @op: opcode
 * @reg: register, or digit of the opcode
 * @immediate, @n: bytes behind it
 */
void with_memory(struct gen *g, const struct address *a, u8 prefix, u32 bits, u32 op, u32 reg,
		 u64 immediate, u32 n);

/** operand_bits - draw a size: 16, 32, or 64 where there is one */
u32 operand_bits(struct gen *g);

/** note_msr - have an MSR looked at afterwards, and put back */
void note_msr(struct gen *g, u32 msr);

/** code_ip - where the next instruction will begin */
u64 code_ip(const struct gen *g);
