// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that name memory: in RAM, where it faults, and outside RAM.
 *
 * Source: Intel SDM volume 2, appendix "Opcode Map".
 */
#include "tests/agree/generate.h"
#include "machine/x86.h"

enum form_flag {
	BYTES	= 1 << 0,	/* operand of a byte, one more in the opcode for others */
	SIZED	= 1 << 1,	/* operand of any size */
	BOTH	= BYTES | SIZED,
	WIDE	= 1 << 2,	/* 32 bits, or 64 with REX.W */
	IMM8	= 1 << 3,
	IMMZ	= 1 << 4,	/* as wide as the operand, 32 bits at most */
	LOCK	= 1 << 5,	/* may be locked */
	DIGIT	= 1 << 6,	/* ModRM's register field is given */
	FPU	= 1 << 7,
	LINED	= 1 << 8,	/* 16 bytes, aligned */
	NOT_64	= 1 << 9,
	ONLY_64	= 1 << 11,	/* and REX.W is its own */
	HARD	= 1 << 10,	/* outside RAM KVM cannot, and ends */
};

static const struct form {
	const char *name;
	u32 opcode;
	u8 prefix, digit;
	u16 flags;
	u8 weight;
} forms[] = {
	{ "alu_to", 0x00, 0, 0, BOTH | LOCK, 6 },	/* the operation is drawn */
	{ "alu_from", 0x02, 0, 0, BOTH, 6 },
	{ "alu_imm", 0x80, 0, 0, BOTH | IMMZ | LOCK, 4 },
	{ "alu_imm8", 0x83, 0, 0, SIZED | IMM8 | LOCK, 4 },
	{ "mov_to", 0x88, 0, 0, BOTH, 4 },
	{ "mov_from", 0x8a, 0, 0, BOTH, 4 },
	{ "mov_imm", 0xc6, 0, 0, BOTH | IMMZ | DIGIT, 2 },
	{ "test", 0x84, 0, 0, BOTH, 2 },
	{ "test_imm", 0xf6, 0, 0, BOTH | IMMZ | DIGIT, 2 },
	{ "not", 0xf6, 0, 2, BOTH | DIGIT | LOCK, 2 },
	{ "neg", 0xf6, 0, 3, BOTH | DIGIT | LOCK, 2 },
	{ "mul", 0xf6, 0, 4, BOTH | DIGIT, 2 },
	{ "imul1", 0xf6, 0, 5, BOTH | DIGIT, 2 },
	{ "div", 0xf6, 0, 6, BOTH | DIGIT, 2 },
	{ "idiv", 0xf6, 0, 7, BOTH | DIGIT, 2 },
	{ "inc", 0xfe, 0, 0, BOTH | DIGIT | LOCK, 2 },
	{ "dec", 0xfe, 0, 1, BOTH | DIGIT | LOCK, 2 },
	{ "xchg", 0x86, 0, 0, BOTH | LOCK, 3 },
	{ "xadd", 0x0fc0, 0, 0, BOTH | LOCK, 3 },
	{ "cmpxchg", 0x0fb0, 0, 0, BOTH | LOCK, 3 },
	{ "cmpxchg8b", 0x0fc7, 0, 1, DIGIT | LOCK | LINED, 3 },
	{ "cmpxchg16b", 0x0fc7, 0, 1, ONLY_64 | DIGIT | LOCK | LINED | HARD, 2 },
	{ "shift_imm", 0xc0, 0, 0, BOTH | IMM8, 3 },
	{ "shift_1", 0xd0, 0, 0, BOTH, 3 },
	{ "shift_cl", 0xd2, 0, 0, BOTH, 3 },
	{ "shld_imm", 0x0fa4, 0, 0, SIZED | IMM8, 2 },
	{ "shld_cl", 0x0fa5, 0, 0, SIZED, 2 },
	{ "shrd_imm", 0x0fac, 0, 0, SIZED | IMM8, 2 },
	{ "bt", 0x0fba, 0, 4, SIZED | IMM8 | DIGIT, 2 },
	{ "bts", 0x0fba, 0, 5, SIZED | IMM8 | DIGIT | LOCK, 2 },
	{ "btr", 0x0fba, 0, 6, SIZED | IMM8 | DIGIT | LOCK, 2 },
	{ "btc", 0x0fba, 0, 7, SIZED | IMM8 | DIGIT | LOCK, 2 },
	{ "bsf", 0x0fbc, 0, 0, SIZED, 2 },
	{ "bsr", 0x0fbd, 0, 0, SIZED, 2 },
	{ "popcnt", 0x0fb8, 0xf3, 0, SIZED | HARD, 2 },
	{ "cmov", 0x0f44, 0, 0, SIZED, 2 },
	{ "setcc", 0x0f94, 0, 0, DIGIT, 2 },
	{ "movzx8", 0x0fb6, 0, 0, SIZED, 2 },
	{ "movzx16", 0x0fb7, 0, 0, SIZED, 2 },
	{ "movsx8", 0x0fbe, 0, 0, SIZED, 2 },
	{ "movsx16", 0x0fbf, 0, 0, SIZED, 2 },
	{ "imul", 0x0faf, 0, 0, SIZED, 2 },
	{ "imul_imm", 0x69, 0, 0, SIZED | IMMZ, 2 },
	{ "movnti", 0x0fc3, 0, 0, WIDE, 2 },
	{ "movbe_from", 0x0f38f0, 0, 0, SIZED, 2 },
	{ "movbe_to", 0x0f38f1, 0, 0, SIZED, 2 },
	{ "crc32", 0x0f38f1, 0xf2, 0, WIDE | HARD, 1 },
	{ "push", 0xff, 0, 6, DIGIT, 3 },
	{ "pop", 0x8f, 0, 0, DIGIT, 3 },
	{ "mov_from_sreg", 0x8c, 0, 3, DIGIT, 2 },
	{ "movups_from", 0x0f10, 0, 0, FPU, 2 },
	{ "movups_to", 0x0f11, 0, 0, FPU, 2 },
	{ "movaps_from", 0x0f28, 0, 0, FPU | LINED, 2 },
	{ "movaps_to", 0x0f29, 0, 0, FPU | LINED, 2 },
	{ "movdqu_to", 0x0f7f, 0xf3, 0, FPU, 2 },
	{ "movss_from", 0x0f10, 0xf3, 0, FPU | HARD, 1 },
	{ "movsd_to", 0x0f11, 0xf2, 0, FPU | HARD, 1 },
	{ "movq_mmx", 0x0f6f, 0, 0, FPU, 1 },
	{ "movq_mmx_to", 0x0f7f, 0, 0, FPU, 1 },
	{ "movd_to", 0x0f7e, 0x66, 0, FPU | HARD, 1 },
	{ "movnt", 0x0f2b, 0, 0, FPU | LINED, 1 },
	{ "paddd", 0x0ffe, 0x66, 0, FPU | LINED | HARD, 1 },
	{ "ldmxcsr", 0x0fae, 0, 2, FPU | DIGIT | HARD, 1 },
	{ "stmxcsr", 0x0fae, 0, 3, FPU | DIGIT | HARD, 1 },
	{ "fld32", 0xd9, 0, 0, FPU | DIGIT | HARD, 1 },
	{ "fst32", 0xd9, 0, 2, FPU | DIGIT | HARD, 1 },
	{ "fld64", 0xdd, 0, 0, FPU | DIGIT | HARD, 1 },
	{ "fstp64", 0xdd, 0, 3, FPU | DIGIT | HARD, 1 },
	{ "fstp80", 0xdb, 0, 7, FPU | DIGIT | HARD, 1 },
	{ "fild16", 0xdf, 0, 0, FPU | DIGIT | HARD, 1 },
	{ "fnstcw", 0xd9, 0, 7, FPU | DIGIT, 1 },
	{ "fldcw", 0xd9, 0, 5, FPU | DIGIT | HARD, 1 },
	{ "fnstsw", 0xdd, 0, 7, FPU | DIGIT, 1 },
	{ "clflush", 0x0fae, 0, 7, DIGIT, 2 },
	{ "prefetch", 0x0f18, 0, 1, DIGIT, 1 },
	{ "nop_ev", 0x0f1f, 0, 0, SIZED | DIGIT, 1 },
	{ "sgdt", 0x0f01, 0, 0, DIGIT | HARD, 2 },
	{ "sidt", 0x0f01, 0, 1, DIGIT | HARD, 2 },
	{ "sldt", 0x0f00, 0, 0, DIGIT, 1 },
	{ "str", 0x0f00, 0, 1, DIGIT, 1 },
	{ "smsw_m", 0x0f01, 0, 4, DIGIT, 1 },
	{ "lar", 0x0f02, 0, 0, SIZED | HARD, 1 },
	{ "lsl", 0x0f03, 0, 0, SIZED | HARD, 1 },
	{ "verr", 0x0f00, 0, 4, DIGIT | HARD, 1 },
	{ "bound", 0x62, 0, 0, SIZED | NOT_64 | HARD, 1 },
};

static const u8 alu_without_lock = 7;		/* CMP writes nothing */

/* The form's place in @forms is the operation's value. */
static void emit_form(struct gen *g, const struct op *op)
{
	const struct form *f = &forms[op->value];
	struct address a = address(g, op->flags, f->flags & LINED && !chance(g, 6));
	u32 bits = 0, opcode = f->opcode, reg = f->digit, alu = draw(g, 8);
	bool of_byte = f->flags & BYTES && (!(f->flags & SIZED) || chance(g, 4));
	u8 prefix = f->prefix;
	u32 immediate = 0;
	bool lock = chance(g, 3);

	if (f->flags & SIZED)
		bits = operand_bits(g);
	else if (f->flags & WIDE)
		bits = g->mode->bits == 64 && chance(g, 2) ? 64 : 0;
	else if (f->flags & ONLY_64)
		bits = 64;
	if (of_byte)
		bits = 0;
	else if (f->flags & BYTES)
		opcode++;
	if (opcode < 4)			/* alu_to, alu_from: ADD and seven more */
		opcode += alu << 3;
	if (!(f->flags & DIGIT)) {
		reg = scratch(g);
		if (of_byte && !a.rex && reg >= 8)
			reg = DX;
	}
	/* Groups whose digit is the operation. */
	if ((f->opcode & ~3u) == 0x80 && f->flags & (IMMZ | IMM8))
		reg = alu;
	if ((f->opcode & ~3u) == 0xd0 || f->opcode == 0xc0)
		reg = alu == 6 ? 4 : alu;
	if (f->opcode == 0x0f44 || f->opcode == 0x0f94)
		opcode = (f->opcode & ~0xfu) | draw(g, 16);
	if (f->flags & FPU && !(f->flags & DIGIT))
		reg = draw(g, 8);
	if (f->flags & LOCK && !prefix && lock && !(f->opcode < 0x84 && alu == alu_without_lock &&
						     f->opcode != 0x0fc7))
		prefix = 0xf0;
	if (f->flags & IMM8)
		immediate = 1;
	else if (f->flags & IMMZ)
		immediate = of_byte ? 1 : bits == 16 ? 2 : 4;
	if (f->flags & FPU && g->write)
		g->s->touches |= TOUCHES_FPU;
	with_memory(g, &a, prefix, bits, opcode, reg, draw64(g), immediate);
}

/* MOVS, CMPS, STOS, LODS, SCAS. */
static void emit_string(struct gen *g, const struct op *op)
{
	static const u8 segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	bool of_byte = chance(g, 3), rep = chance(g, 2), down = chance(g, 4);
	u32 bits = operand_bits(g), segment = chance(g, 4) ? DRAW(g, segments) : 0;
	bool source_there = chance(g, 2);
	u64 source = target_address(g, source_there ? op->flags : IN_DATA, chance(g, 2));
	u64 target = target_address(g, source_there ? IN_DATA : op->flags, chance(g, 2));

	if (op->value == 0xaa || op->value == 0xae)
		target = target_address(g, op->flags, chance(g, 2));
	else if (op->value == 0xac)
		source = target_address(g, op->flags, chance(g, 2));
	load(g, SI, source);
	load(g, DI, target);
	load(g, CX, draw(g, 5));
	plain(g, down ? 0xfd : 0xfc);
	subject(g);
	if (segment)
		byte(g, segment);
	if (!of_byte)
		operand(g, bits);
	if (rep)
		byte(g, chance(g, 2) ? 0xf3 : 0xf2);
	if (!of_byte && bits == 64)
		byte(g, 0x48);
	byte(g, op->value | !of_byte);
}

static const struct op strings[] = {
	{ "string", "movs", ANY, 4, emit_string, 0xa4, IN_DATA | AT_FAULT },
	{ "string", "cmps", ANY, 3, emit_string, 0xa6, IN_DATA | AT_FAULT },
	{ "string", "stos", ANY, 3, emit_string, 0xaa, IN_DATA | AT_FAULT },
	{ "string", "lods", ANY, 3, emit_string, 0xac, IN_DATA | AT_FAULT },
	{ "string", "scas", ANY, 3, emit_string, 0xae, IN_DATA | AT_FAULT },
	{ "top", "movs", BITS64 | BITS32, 2, emit_string, 0xa4, AT_TOP },
	{ "top", "cmps", BITS64 | BITS32, 2, emit_string, 0xa6, AT_TOP },
	{ "top", "stos", BITS64 | BITS32, 2, emit_string, 0xaa, AT_TOP },
	{ "top", "lods", BITS64 | BITS32, 2, emit_string, 0xac, AT_TOP },
	{ "top", "scas", BITS64 | BITS32, 2, emit_string, 0xae, AT_TOP },
	{ "string_hole", "movs", ANY, 4, emit_string, 0xa4, IN_HOLE },
	{ "string_hole", "cmps", ANY, 3, emit_string, 0xa6, IN_HOLE },
	{ "string_hole", "stos", ANY, 3, emit_string, 0xaa, IN_HOLE },
	{ "string_hole", "lods", ANY, 3, emit_string, 0xac, IN_HOLE },
	{ "string_hole", "scas", ANY, 3, emit_string, 0xae, IN_HOLE },
};

static struct op table[ARRAY_SIZE(strings) + 3 * ARRAY_SIZE(forms)];

struct ops ops_memory(void)
{
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(strings); i++)
		table[n++] = strings[i];
	for (u32 i = 0; i < ARRAY_SIZE(forms); i++) {
		u32 where = forms[i].flags & NOT_64 ? BITS32 | BITS16 :
			    forms[i].flags & ONLY_64 ? BITS64 : ANY;
		const char *outside = forms[i].flags & HARD ? "hard" : "hole";

		table[n++] = (struct op) { "memory", forms[i].name, where, forms[i].weight,
					   emit_form, i, IN_DATA | AT_FAULT };
		table[n++] = (struct op) { outside, forms[i].name, where, forms[i].weight,
					   emit_form, i, IN_HOLE };
		/* What the end of 4 GiB is to one, it is to all: a few of each. */
		where = (where ? where : BITS64 | BITS32) & ~BITS16;
		table[n++] = (struct op) { "top", forms[i].name, where, 1, emit_form, i, AT_TOP };
	}
	return (struct ops) { table, n };
}
