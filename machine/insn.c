// SPDX-License-Identifier: GPL-2.0-only
/* Decoder and executor for the instructions with which a guest accesses MMIO. */
#include "insn.h"
#include "x86.h"

/* Of the registers, those that string instructions imply; RAX is 0. */
enum { COUNT = 1, SOURCE = 6, DESTINATION = 7 };

enum {
	F_MODRM		= 1 << 0,
	F_WIDTH		= 1 << 1,	/* bit 0 of the opcode clear: operands are bytes */
	F_TO_REG	= 1 << 2,	/* the register is the destination */
	F_IMM8		= 1 << 3,	/* one byte, whatever the operand size */
	F_IMM		= 1 << 4,	/* as wide as the operand, at most 4 bytes */
	F_GROUP		= 1 << 5,	/* the reg field is the ALU operation */
	F_REG0		= 1 << 6,	/* the reg field is more opcode, at most reg_max */
	F_OFFSET	= 1 << 7,	/* the address is in the instruction, no ModRM */
	F_EXTEND	= 1 << 8,	/* memory is narrower than the register */
	F_SIGNED	= 1 << 9,
	F_ONLY64	= 1 << 10,
};

#define MAP_0F	0x0f00

struct opcode {
	uint16_t first, last;	/* the second byte with MAP_0F added */
	uint8_t op;
	uint8_t reg_max;	/* for F_REG0 */
	uint16_t flags;
};

/* A row of the opcode map: two stores "r/m, r", two loads "r, r/m". */
#define ALU(op)	\
	{ (op) << 3, (op) << 3 | 1, (op), 0, F_MODRM | F_WIDTH }, \
	{ (op) << 3 | 2, (op) << 3 | 3, (op), 0, F_MODRM | F_WIDTH | F_TO_REG }

static const struct opcode opcodes[] = {
	{ 0x88, 0x89, INSN_MOV, 0, F_MODRM | F_WIDTH },
	{ 0x8a, 0x8b, INSN_MOV, 0, F_MODRM | F_WIDTH | F_TO_REG },
	{ 0xc6, 0xc7, INSN_MOV, 0, F_MODRM | F_WIDTH | F_IMM | F_REG0 },
	{ 0xa0, 0xa1, INSN_MOV, 0, F_OFFSET | F_WIDTH | F_TO_REG },
	{ 0xa2, 0xa3, INSN_MOV, 0, F_OFFSET | F_WIDTH },
	{ MAP_0F | 0xb6, MAP_0F | 0xb7, INSN_MOV, 0, F_MODRM | F_TO_REG | F_EXTEND },
	{ MAP_0F | 0xbe, MAP_0F | 0xbf, INSN_MOV, 0, F_MODRM | F_TO_REG | F_EXTEND | F_SIGNED },
	{ 0x63, 0x63, INSN_MOV, 0, F_MODRM | F_TO_REG | F_EXTEND | F_SIGNED | F_ONLY64 },
	{ 0xa4, 0xa5, INSN_MOVS, 0, F_WIDTH },
	{ 0xaa, 0xab, INSN_STOS, 0, F_WIDTH },
	{ 0xac, 0xad, INSN_LODS, 0, F_WIDTH | F_TO_REG },
	ALU(INSN_ADD), ALU(INSN_OR), ALU(INSN_ADC), ALU(INSN_SBB),
	ALU(INSN_AND), ALU(INSN_SUB), ALU(INSN_XOR), ALU(INSN_CMP),
	{ 0x80, 0x81, 0, 0, F_MODRM | F_WIDTH | F_IMM | F_GROUP },
	{ 0x83, 0x83, 0, 0, F_MODRM | F_IMM8 | F_GROUP },
	{ 0x84, 0x85, INSN_TEST, 0, F_MODRM | F_WIDTH },
	{ 0xf6, 0xf7, INSN_TEST, 1, F_MODRM | F_WIDTH | F_IMM | F_REG0 },
	{ 0x86, 0x87, INSN_XCHG, 0, F_MODRM | F_WIDTH | F_TO_REG },
};

/* The bytes, how far they were taken, and the prefixes that were among them. */
struct cursor {
	const uint8_t *bytes;
	unsigned int n, at;
	bool truncated;
	uint8_t rex;
	bool opsize, addrsize, rep, lock;
};

/* Past the end the answer is 0 and the whole decoding counts for nothing. */
static uint8_t next_byte(struct cursor *c)
{
	if (c->at >= c->n) {
		c->truncated = true;
		return 0;
	}
	return c->bytes[c->at++];
}

static uint64_t next_signed(struct cursor *c, unsigned int size)
{
	uint64_t v = 0;
	unsigned int shift = 64 - 8 * size;

	for (unsigned int i = 0; i < size; i++)
		v |= (uint64_t)next_byte(c) << 8 * i;
	return (uint64_t)((int64_t)(v << shift) >> shift);
}

/* Returns the first byte that is neither a legacy prefix nor REX. */
static uint8_t take_prefixes(struct cursor *c, struct insn *i, unsigned int bits)
{
	for (;;) {
		uint8_t b = next_byte(c);

		if (bits == 64 && (b & 0xf0) == 0x40) {
			c->rex = b;
			continue;
		}
		switch (b) {
		case 0x66:
			c->opsize = true;
			break;
		case 0x67:
			c->addrsize = true;
			break;
		case 0xf0:
			c->lock = true;
			break;
		case 0xf2:
		case 0xf3:
			c->rep = true;
			break;
		case 0x26: case 0x2e: case 0x36: case 0x3e:
			/* Bases other than those of FS and GS do not count in 64-bit mode. */
			if (bits != 64)
				i->segment = b;
			break;
		case 0x64: case 0x65:
			i->segment = b;
			break;
		default:
			return b;
		}
		/* REX works only directly in front of the opcode. */
		c->rex = 0;
	}
}

static const struct opcode *find_opcode(uint16_t opcode, unsigned int bits)
{
	for (unsigned int k = 0; k < sizeof(opcodes) / sizeof(opcodes[0]); k++) {
		const struct opcode *o = &opcodes[k];

		if (opcode >= o->first && opcode <= o->last &&
		    (bits == 64 || !(o->flags & F_ONLY64)))
			return o;
	}
	return 0;
}

static void skip_address(struct cursor *c, uint8_t modrm, unsigned int addr_size)
{
	unsigned int mod = modrm >> 6, rm = modrm & 7;
	unsigned int wide = addr_size == 2 ? 2 : 4;
	unsigned int no_base = addr_size == 2 ? 6 : 5;

	/* A SIB byte brings its own base. */
	if (addr_size != 2 && rm == 4)
		rm = next_byte(c) & 7;
	if (mod == 1)
		next_signed(c, 1);
	else if (mod == 2 || (mod == 0 && rm == no_base))
		next_signed(c, wide);
}

static void set_direction(struct insn *i)
{
	switch (i->op) {
	case INSN_CMP:
	case INSN_TEST:
		i->reads = true;
		break;
	case INSN_XCHG:
	case INSN_MOVS:
		i->reads = i->writes = true;
		break;
	case INSN_MOV:
	case INSN_STOS:
	case INSN_LODS:
		i->reads = i->to_reg;
		i->writes = !i->to_reg;
		break;
	default:
		i->reads = true;
		i->writes = !i->to_reg;
	}
}

static bool lock_allowed(const struct insn *i)
{
	return i->writes && i->op <= INSN_XCHG;
}

enum insn_result insn_decode(struct insn *i, const uint8_t *bytes, unsigned int n,
			     unsigned int bits)
{
	struct cursor c = {
		.bytes = bytes, .n = n < INSN_MAX_BYTES ? n : INSN_MAX_BYTES,
	};
	const struct opcode *o;
	unsigned int opsize;
	uint16_t opcode;
	uint8_t modrm = 0;

	*i = (struct insn){ 0 };
	opcode = take_prefixes(&c, i, bits);
	if (opcode == 0x0f)
		opcode = MAP_0F | next_byte(&c);
	if (c.truncated)
		goto truncated;
	i->stopped_at = (uint8_t)(c.at - 1);
	o = find_opcode(opcode, bits);
	if (!o)
		return INSN_UNKNOWN;

	if (c.rex & 8)
		opsize = 8;
	else
		opsize = c.opsize != (bits == 16) ? 2 : 4;
	i->addr_size = bits == 64 ? (c.addrsize ? 4 : 8) : (c.addrsize != (bits == 16) ? 2 : 4);
	i->op = o->op;
	i->to_reg = o->flags & F_TO_REG;
	i->sign_extend = o->flags & F_SIGNED;
	i->reg_size = (uint8_t)((o->flags & F_WIDTH) && !(opcode & 1) ? 1 : opsize);
	i->size = i->reg_size;
	if (o->flags & F_EXTEND) {
		if (opcode & MAP_0F)
			i->size = opcode & 1 ? 2 : 1;
		else if (opsize == 8)
			i->size = 4;
	}

	if (o->flags & F_MODRM) {
		modrm = next_byte(&c);
		if (c.truncated)
			goto truncated;
		i->stopped_at = (uint8_t)(c.at - 1);
		if ((o->flags & F_REG0) && (modrm >> 3 & 7) > o->reg_max)
			return INSN_UNKNOWN;
		if (modrm >> 6 == 3)
			return INSN_NO_MEMORY;
		skip_address(&c, modrm, i->addr_size);
	} else if (o->flags & F_OFFSET) {
		next_signed(&c, i->addr_size);
	}

	if (o->flags & F_GROUP)
		i->op = modrm >> 3 & 7;
	if (o->flags & (F_IMM8 | F_IMM)) {
		i->source = INSN_IMM;
		i->imm = next_signed(&c, o->flags & F_IMM8 ? 1 : i->size < 4 ? i->size : 4);
	} else {
		i->reg = (modrm >> 3 & 7) | (c.rex & 4) << 1;
		/* Without any REX, byte registers 4 to 7 are AH, CH, DH, BH. */
		if (i->reg_size == 1 && !c.rex && i->reg >= 4) {
			i->reg -= 4;
			i->high_byte = true;
		}
	}
	if (c.truncated)
		goto truncated;

	set_direction(i);
	i->rep = c.rep && i->op >= INSN_MOVS;
	i->length = (uint8_t)c.at;
	if (c.lock && !lock_allowed(i))
		return INSN_INVALID;
	return INSN_OK;

truncated:
	i->stopped_at = (uint8_t)c.at;
	return c.at == INSN_MAX_BYTES ? INSN_INVALID : INSN_TRUNCATED;
}

static uint64_t low(uint64_t v, unsigned int size)
{
	return size == 8 ? v : v & ((1ull << 8 * size) - 1);
}

static void set_low(uint64_t *reg, uint64_t v, unsigned int size)
{
	/* A 32-bit result clears the upper half, narrower ones keep the rest. */
	if (size >= 4)
		*reg = low(v, size);
	else
		*reg = (*reg & ~low(~0ull, size)) | low(v, size);
}

static uint64_t get_reg(const struct insn *i, const uint64_t regs[16])
{
	return low(regs[i->reg] >> (i->high_byte ? 8 : 0), i->reg_size);
}

static void set_reg(const struct insn *i, uint64_t regs[16], uint64_t v)
{
	if (i->high_byte)
		regs[i->reg] = (regs[i->reg] & ~0xff00ull) | low(v, 1) << 8;
	else
		set_low(&regs[i->reg], v, i->reg_size);
}

static uint64_t alu(unsigned int op, uint64_t a, uint64_t b, unsigned int size, uint64_t *rflags)
{
	uint64_t carry_in = (op == INSN_ADC || op == INSN_SBB) && (*rflags & RFLAGS_CF);
	uint64_t top = 1ull << (8 * size - 1);
	uint64_t r, carry = 0, overflow = 0, f = 0;

	switch (op) {
	case INSN_ADD:
	case INSN_ADC:
		r = a + b + carry_in;
		carry = (a & b) | ((a | b) & ~r);
		overflow = (a ^ r) & (b ^ r);
		break;
	case INSN_SUB:
	case INSN_SBB:
	case INSN_CMP:
		r = a - b - carry_in;
		carry = (~a & b) | ((~a | b) & r);
		overflow = (a ^ b) & (a ^ r);
		break;
	case INSN_OR:
		r = a | b;
		break;
	case INSN_XOR:
		r = a ^ b;
		break;
	default:
		r = a & b;
	}
	f |= carry & top ? RFLAGS_CF : 0;
	f |= overflow & top ? RFLAGS_OF : 0;
	f |= r & top ? RFLAGS_SF : 0;
	f |= low(r, size) ? 0 : RFLAGS_ZF;
	f |= __builtin_parity(r & 0xff) ? 0 : RFLAGS_PF;
	/* After logic AF is undefined; hardware clears it. */
	if (op != INSN_OR && op != INSN_AND && op != INSN_XOR && op != INSN_TEST)
		f |= (a ^ b ^ r) & RFLAGS_AF;
	*rflags = (*rflags & ~(uint64_t)RFLAGS_ARITHMETIC) | f;
	return low(r, size);
}

uint64_t insn_execute(const struct insn *i, uint64_t regs[16], uint64_t *rflags, uint64_t mem)
{
	uint64_t other = i->source == INSN_IMM ? low(i->imm, i->size) : get_reg(i, regs);
	uint64_t r;

	mem = low(mem, i->size);
	switch (i->op) {
	case INSN_MOVS:
		return mem;
	case INSN_MOV:
	case INSN_STOS:
	case INSN_LODS:
	case INSN_XCHG:
		if (i->sign_extend && (mem & 1ull << (8 * i->size - 1)))
			mem |= ~low(~0ull, i->size);
		if (i->to_reg)
			set_reg(i, regs, mem);
		return other;
	}
	if (!i->to_reg)
		return alu(i->op, mem, other, i->size, rflags);
	r = alu(i->op, other, mem, i->size, rflags);
	if (i->op != INSN_CMP)
		set_reg(i, regs, r);
	return r;
}

bool insn_step(const struct insn *i, uint64_t regs[16], uint64_t rflags)
{
	uint64_t delta = rflags & RFLAGS_DF ? -(uint64_t)i->size : i->size;

	if (i->op < INSN_MOVS)
		return true;
	if (i->reads)
		set_low(&regs[SOURCE], regs[SOURCE] + delta, i->addr_size);
	if (i->writes)
		set_low(&regs[DESTINATION], regs[DESTINATION] + delta, i->addr_size);
	if (!i->rep)
		return true;
	set_low(&regs[COUNT], regs[COUNT] - 1, i->addr_size);
	return low(regs[COUNT], i->addr_size) == 0;
}
