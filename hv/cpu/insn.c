// SPDX-License-Identifier: GPL-2.0-only
/* Decoder for the instructions with which a guest accesses MMIO. */
#include "hv/cpu/insn.h"

enum {
	F_MODRM		= 1 << 0,
	F_WIDTH		= 1 << 1,	/* bit 0 of the opcode clear: operands are bytes */
	F_TO_REG	= 1 << 2,	/* the register is the destination */
	F_IMM8		= 1 << 3,	/* one byte, whatever the operand size */
	F_IMM		= 1 << 4,	/* as wide as the operand, at most 4 bytes */
	F_STACK		= 1 << 5,	/* 64 bits wide in 64-bit mode */
	F_OFFSET	= 1 << 6,	/* the address is in the instruction, no ModRM */
	F_EXTEND	= 1 << 7,	/* memory is narrower than the register */
	F_SIGNED	= 1 << 8,
	F_ONLY64	= 1 << 9,
	F_0F		= 1 << 10,	/* the opcode is the byte behind 0F */
	F_NOT64		= 1 << 11,
};

struct opcode {
	uint8_t first, last;
	uint8_t op;		/* of the first reg field; that of the next ones follows it */
	uint8_t regs;		/* ANY, or REGS() */
	uint16_t flags;
};

/* A row of the opcode map: two stores "r/m, r", two loads "r, r/m". */
#define ALU(op)	\
	{ (op) << 3, (op) << 3 | 1, (op), ANY, F_MODRM | F_WIDTH }, \
	{ (op) << 3 | 2, (op) << 3 | 3, (op), ANY, F_MODRM | F_WIDTH | F_TO_REG }

/* Of an opcode that the reg field of the ModRM byte goes on with: SDM "Opcode Extensions". */
#define REGS(from, n)	((n) << 4 | (from))
#define ANY		0

static const struct opcode opcodes[] = {
	{ 0x88, 0x89, INSN_MOV, ANY, F_MODRM | F_WIDTH },
	{ 0x8a, 0x8b, INSN_MOV, ANY, F_MODRM | F_WIDTH | F_TO_REG },
	{ 0xc6, 0xc7, INSN_MOV, REGS(0, 1), F_MODRM | F_WIDTH | F_IMM },
	{ 0xa0, 0xa1, INSN_MOV, ANY, F_OFFSET | F_WIDTH | F_TO_REG },
	{ 0xa2, 0xa3, INSN_MOV, ANY, F_OFFSET | F_WIDTH },
	{ 0xb6, 0xb7, INSN_MOV, ANY, F_0F | F_MODRM | F_TO_REG | F_EXTEND },
	{ 0xbe, 0xbf, INSN_MOV, ANY, F_0F | F_MODRM | F_TO_REG | F_EXTEND | F_SIGNED },
	{ 0x63, 0x63, INSN_MOV, ANY, F_MODRM | F_TO_REG | F_EXTEND | F_SIGNED | F_ONLY64 },
	{ 0xa4, 0xa5, INSN_MOVS, ANY, F_WIDTH },
	{ 0xa6, 0xa7, INSN_CMPS, ANY, F_WIDTH },
	{ 0xaa, 0xab, INSN_STOS, ANY, F_WIDTH },
	{ 0xac, 0xad, INSN_LODS, ANY, F_WIDTH | F_TO_REG },
	{ 0xae, 0xaf, INSN_SCAS, ANY, F_WIDTH | F_TO_REG },
	ALU(INSN_ADD), ALU(INSN_OR), ALU(INSN_ADC), ALU(INSN_SBB),
	ALU(INSN_AND), ALU(INSN_SUB), ALU(INSN_XOR), ALU(INSN_CMP),
	{ 0x80, 0x81, INSN_ADD, REGS(0, 8), F_MODRM | F_WIDTH | F_IMM },
	{ 0x82, 0x82, INSN_ADD, REGS(0, 8), F_MODRM | F_WIDTH | F_IMM | F_NOT64 },
	{ 0x83, 0x83, INSN_ADD, REGS(0, 8), F_MODRM | F_IMM8 },
	{ 0x84, 0x85, INSN_TEST, ANY, F_MODRM | F_WIDTH },
	{ 0xf6, 0xf7, INSN_TEST, REGS(0, 1), F_MODRM | F_WIDTH | F_IMM },
	{ 0xf6, 0xf7, INSN_TEST, REGS(1, 1), F_MODRM | F_WIDTH | F_IMM },
	{ 0xf6, 0xf7, INSN_NOT, REGS(2, 2), F_MODRM | F_WIDTH },
	{ 0x86, 0x87, INSN_XCHG, ANY, F_MODRM | F_WIDTH | F_TO_REG },
	{ 0x8f, 0x8f, INSN_POP, REGS(0, 1), F_MODRM | F_STACK },
	{ 0xa3, 0xa3, INSN_BT, ANY, F_0F | F_MODRM },
	{ 0xab, 0xab, INSN_BTS, ANY, F_0F | F_MODRM },
	{ 0xb3, 0xb3, INSN_BTR, ANY, F_0F | F_MODRM },
	{ 0xbb, 0xbb, INSN_BTC, ANY, F_0F | F_MODRM },
	{ 0xba, 0xba, INSN_BT, REGS(4, 4), F_0F | F_MODRM | F_IMM8 },
	{ 0xb0, 0xb1, INSN_CMPXCHG, ANY, F_0F | F_MODRM | F_WIDTH },
	{ 0xc0, 0xc1, INSN_XADD, ANY, F_0F | F_MODRM | F_WIDTH },
	{ 0xfe, 0xff, INSN_INC, REGS(0, 2), F_MODRM | F_WIDTH },
	{ 0xff, 0xff, INSN_PUSH, REGS(6, 1), F_MODRM | F_STACK },
	{ 0x17, 0x17, INSN_LOAD_SS, ANY, F_NOT64 },
	{ 0x8e, 0x8e, INSN_LOAD_SS, REGS(2, 1), F_MODRM },
	{ 0xc0, 0xc1, INSN_SHIFT, ANY, F_MODRM | F_IMM8 },
	{ 0xd2, 0xd3, INSN_SHIFT, ANY, F_MODRM },
	{ 0xa4, 0xa4, INSN_SHIFT, ANY, F_0F | F_MODRM | F_IMM8 },
	{ 0xa5, 0xa5, INSN_SHIFT, ANY, F_0F | F_MODRM },
	{ 0xac, 0xac, INSN_SHIFT, ANY, F_0F | F_MODRM | F_IMM8 },
	{ 0xad, 0xad, INSN_SHIFT, ANY, F_0F | F_MODRM },
};

/* The bytes, how far they were taken, and the prefixes that were among them. */
struct cursor {
	const uint8_t *bytes;
	unsigned int n, at;
	bool truncated;
	uint8_t rex;
	bool opsize, addrsize, rep, repne, lock;
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

/*
 * Returns the first byte that is neither a legacy prefix nor REX. A call, or else GCC has
 * no registers left for what comes after it.
 */
static __attribute__((noinline)) uint8_t take_prefixes(struct cursor *c, struct insn *i,
							unsigned int bits)
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
			c->repne = b == 0xf2;
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

/* @reg: the field of the ModRM byte that may follow. NULL: there is none, or none known here. */
static const struct opcode *find_opcode(uint8_t opcode, bool is_0f, unsigned int reg,
					unsigned int bits)
{
	for (unsigned int k = 0; k < sizeof(opcodes) / sizeof(opcodes[0]); k++) {
		const struct opcode *o = &opcodes[k];

		if (opcode >= o->first && opcode <= o->last && !(o->flags & F_0F) == !is_0f &&
		    !(o->flags & (bits == 64 ? F_NOT64 : F_ONLY64)) &&
		    (o->regs == ANY || reg - (o->regs & 7) < o->regs >> 4))
			return o;
	}
	return NULL;
}

static unsigned int operand_size(const struct cursor *c, unsigned int bits)
{
	return c->rex & 8 ? 8 : c->opsize != (bits == 16) ? 2 : 4;
}

static void take_registers16(struct insn *i, unsigned int mod, unsigned int rm)
{
	enum { BX = 3, BP = 5, SI = 6, DI = 7 };
	static const uint8_t bases[8] = { BX, BX, BP, BP, SI, DI, BP, BX };
	static const uint8_t indices[4] = { SI, DI, SI, DI };

	i->base = mod == 0 && rm == 6 ? INSN_NO_REG : bases[rm];
	if (rm < 4)
		i->index = indices[rm];
}

static void take_address(struct cursor *c, struct insn *i, uint8_t modrm, unsigned int bits)
{
	unsigned int mod = modrm >> 6, rm = modrm & 7;
	/* With mod 0 it is a displacement in place of a base. */
	const unsigned int no_base = i->addr_size == 2 ? 6 : 5;

	i->base = i->index = INSN_NO_REG;
	if (i->addr_size == 2) {
		take_registers16(i, mod, rm);
	} else if (rm == 4) {
		/* A SIB byte brings its own base. */
		uint8_t sib = next_byte(c);

		rm = sib & 7;
		i->scale = sib >> 6;
		i->index = (sib >> 3 & 7) | (c->rex & 2) << 2;
		if (i->index == 4)
			i->index = INSN_NO_REG;
		i->base = mod == 0 && rm == 5 ? INSN_NO_REG : rm | (c->rex & 1) << 3;
	} else {
		i->base = rm | (c->rex & 1) << 3;
		if (mod == 0 && rm == 5)
			i->base = bits == 64 ? INSN_RIP : INSN_NO_REG;
	}
	if (mod == 1)
		i->disp = next_signed(c, 1);
	else if (mod == 2 || (mod == 0 && rm == no_base))
		i->disp = next_signed(c, i->addr_size == 2 ? 2 : 4);
}

static bool is_one(const struct insn *i, uint32_t ops)
{
	return ops >> i->op & 1;
}

static void set_direction(struct insn *i)
{
	const uint32_t compares = 1u << INSN_CMP | 1u << INSN_TEST | 1u << INSN_BT |
				  1u << INSN_CMPS | 1u << INSN_SCAS;
	const uint32_t moves = 1u << INSN_MOV | 1u << INSN_STOS | 1u << INSN_LODS;
	const uint32_t both = 1u << INSN_XCHG | 1u << INSN_MOVS;

	i->reads = i->to_reg || !is_one(i, moves);
	i->writes = !is_one(i, compares) && (!i->to_reg || is_one(i, both));
}

bool insn_decode(struct insn *i, const uint8_t *bytes, unsigned int n, unsigned int bits)
{
	struct cursor c = {
		.bytes = bytes, .n = n < INSN_MAX_BYTES ? n : INSN_MAX_BYTES,
	};
	const struct opcode *o;
	unsigned int opsize;
	uint8_t opcode, modrm;
	bool is_0f;

	*i = (struct insn){ 0 };
	opcode = take_prefixes(&c, i, bits);
	is_0f = opcode == 0x0f;
	if (is_0f)
		opcode = next_byte(&c);
	modrm = c.at < c.n ? bytes[c.at] : 0;
	o = find_opcode(opcode, is_0f, modrm >> 3 & 7, bits);
	if (!o || c.truncated)
		return false;

	opsize = operand_size(&c, bits);
	if (o->flags & F_STACK && bits == 64 && opsize == 4)
		opsize = 8;
	i->addr_size = bits == 64 ? (c.addrsize ? 4 : 8) : (c.addrsize != (bits == 16) ? 2 : 4);
	i->op = o->op + (o->regs == ANY ? 0 : (modrm >> 3 & 7) - (o->regs & 7));
	i->to_reg = o->flags & F_TO_REG;
	i->sign_extend = o->flags & F_SIGNED;
	i->reg_size = (uint8_t)((o->flags & F_WIDTH) && !(opcode & 1) ? 1 : opsize);
	i->size = i->reg_size;
	if (o->flags & F_EXTEND) {
		if (is_0f)
			i->size = opcode & 1 ? 2 : 1;
		else if (opsize == 8)
			i->size = 4;
	}

	if (o->flags & F_MODRM) {
		/* Of two registers no memory is accessed. */
		if (next_byte(&c) >> 6 == 3)
			return false;
		take_address(&c, i, modrm, bits);
	} else if (o->flags & F_OFFSET) {
		i->base = i->index = INSN_NO_REG;
		i->disp = next_signed(&c, i->addr_size);
	}

	if (o->flags & (F_IMM8 | F_IMM)) {
		i->source = INSN_IMM;
		i->imm = next_signed(&c, o->flags & F_IMM8 ? 1 : i->size < 4 ? i->size : 4);
	} else if (o->flags & F_MODRM) {
		i->reg = (modrm >> 3 & 7) | (c.rex & 4) << 1;
		/* Without any REX, byte registers 4 to 7 are AH, CH, DH, BH. */
		if (i->reg_size == 1 && !c.rex && i->reg >= 4) {
			i->reg -= 4;
			i->high_byte = true;
		}
	}

	set_direction(i);
	i->rep = c.rep && i->op >= INSN_MOVS;
	i->repne = i->rep && c.repne && (i->op == INSN_CMPS || i->op == INSN_SCAS);
	i->length = (uint8_t)c.at;
	/* LOCK is for what reads and then writes one operand. */
	return !c.truncated && i->op < INSN_LOAD_SS &&
	       (!c.lock || (i->reads && i->writes && i->op <= INSN_XCHG));
}

unsigned int insn_operand_size(const uint8_t *bytes, unsigned int n, unsigned int bits)
{
	struct cursor c = { .bytes = bytes, .n = n };
	struct insn i;

	take_prefixes(&c, &i, bits);
	return operand_size(&c, bits);
}
