/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoder for the instructions with which a guest accesses MMIO. Whoever carries
 * one out finds its operands in memory by segment and effective address.
 *
 *	insn_decode()	bytes at RIP -> struct insn
 *	insn_address()	registers -> effective address
 *	insn_execute()	registers, flags and the data that memory gave ->
 *			registers, flags and the data that memory gets
 *	insn_step()	one iteration of a string instruction
 *	insn_run()	all of it, with the accesses to memory
 *
 * Source: Intel SDM volume 2, chapter "Instruction Format" and appendix
 * "Opcode Map".
 */
#pragma once

#include "acct/exit_types.h"

#define INSN_MAX_BYTES	15

/* Those of a group are in the order of its reg fields: the first eight are ALU rows' too. */
enum insn_op {
	INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR, INSN_CMP,
	INSN_TEST,
	INSN_INC, INSN_DEC, INSN_NOT, INSN_NEG,
	INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC,
	INSN_XADD,
	INSN_CMPXCHG,
	INSN_XCHG,
	INSN_MOV,		/* MOVZX, MOVSX and MOVSXD too: see sign_extend */
	INSN_PUSH, INSN_POP,	/* of memory: the stack is a second operand */
	INSN_MOVS,		/* string instructions from here on */
	INSN_STOS,
	INSN_LODS,
	INSN_CMPS,
	INSN_SCAS,
	/* Known, but the processor's to do: MOV or POP SS; shifts and rotations by imm8 or CL. */
	INSN_LOAD_SS, INSN_SHIFT,
};

/* In place of the number of a register. */
#define INSN_RIP	16
#define INSN_NO_REG	0xff

enum insn_source { INSN_REG, INSN_IMM };

/* What is at the other end of the memory operand, and how wide it is. */
struct insn {
	uint8_t length;		/* bytes, prefixes included */
	uint8_t op;		/* enum insn_op */
	uint8_t size;		/* bytes that are accessed in memory: 1, 2, 4 or 8 */
	uint8_t reg_size;	/* bytes of the register operand; > size when extending */
	uint8_t reg;		/* 0..15 in the order of the SDM: RAX RCX RDX RBX RSP … */
	bool high_byte;		/* bits 15:8 of the register: AH, CH, DH, BH */
	bool sign_extend;	/* a load that extends does so by sign */
	bool reads, writes;	/* memory; MOVS, PUSH and POP read one operand and write another */
	uint8_t source;		/* enum insn_source: the operand that is not memory */
	uint64_t imm;		/* sign-extended to 64 bits */
	bool to_reg;		/* the register is the first operand; written but by CMP */
	bool rep;		/* string instruction repeated by RCX */
	bool repne;		/* CMPS and SCAS: until ZF is set, not until it is clear */
	uint8_t base, index;	/* of the effective address, INSN_NO_REG: none */
	uint8_t scale;		/* bits by which the index is shifted */
	uint64_t disp;		/* sign-extended to 64 bits */
	uint8_t addr_size;	/* bytes of an address, and of RSI, RDI, RCX in strings */
	uint8_t segment;	/* override prefix byte (0x2e … 0x65), 0: none */
};

/**
 * insn_decode - decode one instruction
 * @i: receives the result; of a failure op, if it is one that is known, and of INSN_SHIFT
 *     source and imm
 * @bytes, @n: what is at RIP; never read beyond, nor beyond INSN_MAX_BYTES
 * @bits: default operand size: 16 or 32 (CS.D) or 64 (CS.L)
 *
 * Returns false of one that goes on beyond these bytes, is none, is not known here, or
 * accesses no memory.
 */
bool insn_decode(struct insn *i, const uint8_t *bytes, unsigned int n, unsigned int bits);

/** insn_operand_size - bytes of an operand of any instruction, by its prefixes: 2, 4 or 8 */
unsigned int insn_operand_size(const uint8_t *bytes, unsigned int n, unsigned int bits);

/** insn_segment - segment register of the operand in memory: ES CS SS DS FS GS are 0 to 5 */
unsigned int insn_segment(const struct insn *i);

/**
 * insn_address - effective address of the operand in memory, in its segment
 * @next_rip: address of the next instruction
 *
 * Not for string instructions. Of BT and its like that of the bit in the register.
 */
uint64_t insn_address(const struct insn *i, const uint64_t regs[16], uint64_t next_rip);

/**
 * insn_execute - do an instruction once the data in memory are known
 * @i: the instruction
 * @regs: the 16 general registers in the order of the SDM; changed
 * @rflags: changed by arithmetic
 * @mem: what memory gave, if i->reads; of CMPS what ES:RDI gave, and DS:RSI is i->imm
 *
 * Returns what memory gets, if i->writes; of i->size bytes. Of PUSH
 * and POP it is @mem, the stack is the caller's. Of a string instruction this is
 * one iteration, without the step of insn_step().
 */
uint64_t insn_execute(const struct insn *i, uint64_t regs[16], uint64_t *rflags, uint64_t mem);

/**
 * insn_step - after one iteration of a string instruction, step RSI, RDI, RCX
 *
 * Returns true if the instruction is finished and RIP moves on. Of an
 * instruction that is no string instruction nothing changes.
 */
bool insn_step(const struct insn *i, uint64_t regs[16], uint64_t rflags);

/**
 * insn_set_low - write the low @size bytes (1, 2, 4 or 8) of a general register
 *
 * As MOV does: four bytes clear the upper half, fewer keep the rest.
 */
void insn_set_low(uint64_t *reg, uint64_t v, unsigned int size);

struct view;

/* What is read may have to be what is written next. */
enum insn_access { INSN_READ, INSN_READ_TO_WRITE, INSN_WRITE };

/* How insn_run() reaches memory: an offset in a segment, numbered as insn_segment() does. */
struct insn_bus {
	struct view *context;
	/* Returns false if there is an exception. */
	bool (*copy)(struct view *context, uint32_t segment, uint64_t offset, void *data,
		     uint64_t bytes, enum insn_access access);
	uint64_t next_rip;
	unsigned int stack_size;	/* bytes of RSP that PUSH and POP use: 2, 4 or 8 */
};

enum insn_progress {
	INSN_DONE,		/* RIP moves on */
	INSN_AGAIN,		/* a string that goes on; RIP stays */
	INSN_FAULT,		/* an exception; only what was finished of a string has changed */
};

/** insn_run - do an instruction, of a repeated string at most one iteration */
enum insn_progress insn_run(struct insn *i, uint64_t regs[16], uint64_t *rflags,
			    const struct insn_bus *bus);
