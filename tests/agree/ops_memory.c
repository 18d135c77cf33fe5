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

/*
 * Bytes that are read there, or what of a size that is drawn; 0: it does not. A write has 4:
 * at any other Bochs stops.
 */
enum apic_form { READS_1 = 1, READS_2 = 2, READS_4 = 4, READS = 8, STORES = 9 };

static const struct form {
	const char *name;
	u32 opcode;
	u8 prefix, digit;
	u16 flags;
	u8 weight;
	u8 apic;		/* enum apic_form: how it reaches the page of an xAPIC */
} forms[] = {
	{ "alu_to", 0x00, 0, 0, BOTH | LOCK, 6, STORES },	/* the operation is drawn */
	{ "alu_from", 0x02, 0, 0, BOTH, 6, READS },
	{ "alu_imm", 0x80, 0, 0, BOTH | IMMZ | LOCK, 4, STORES },
	{ "alu_imm8", 0x83, 0, 0, SIZED | IMM8 | LOCK, 4, STORES },
	{ "mov_to", 0x88, 0, 0, BOTH, 4, STORES },
	{ "mov_from", 0x8a, 0, 0, BOTH, 4, READS },
	{ "mov_imm", 0xc6, 0, 0, BOTH | IMMZ | DIGIT, 2, STORES },
	{ "test", 0x84, 0, 0, BOTH, 2, READS },
	{ "test_imm", 0xf6, 0, 0, BOTH | IMMZ | DIGIT, 2, READS },
	{ "not", 0xf6, 0, 2, BOTH | DIGIT | LOCK, 2, STORES },
	{ "neg", 0xf6, 0, 3, BOTH | DIGIT | LOCK, 2, STORES },
	{ "mul", 0xf6, 0, 4, BOTH | DIGIT, 2, READS },
	{ "imul1", 0xf6, 0, 5, BOTH | DIGIT, 2, READS },
	{ "div", 0xf6, 0, 6, BOTH | DIGIT, 2, 0 },
	{ "idiv", 0xf6, 0, 7, BOTH | DIGIT, 2, 0 },
	{ "inc", 0xfe, 0, 0, BOTH | DIGIT | LOCK, 2, STORES },
	{ "dec", 0xfe, 0, 1, BOTH | DIGIT | LOCK, 2, STORES },
	{ "xchg", 0x86, 0, 0, BOTH | LOCK, 3, STORES },
	{ "xadd", 0x0fc0, 0, 0, BOTH | LOCK, 3, STORES },
	{ "cmpxchg", 0x0fb0, 0, 0, BOTH | LOCK, 3, STORES },
	{ "cmpxchg8b", 0x0fc7, 0, 1, DIGIT | LOCK | LINED, 3, 0 },
	{ "cmpxchg16b", 0x0fc7, 0, 1, ONLY_64 | DIGIT | LOCK | LINED | HARD, 2, 0 },
	{ "shift_imm", 0xc0, 0, 0, BOTH | IMM8, 3, STORES },
	{ "shift_1", 0xd0, 0, 0, BOTH, 3, STORES },
	{ "shift_cl", 0xd2, 0, 0, BOTH, 3, STORES },
	{ "shld_imm", 0x0fa4, 0, 0, SIZED | IMM8, 2, STORES },
	{ "shld_cl", 0x0fa5, 0, 0, SIZED, 2, STORES },
	{ "shrd_imm", 0x0fac, 0, 0, SIZED | IMM8, 2, STORES },
	{ "bt", 0x0fba, 0, 4, SIZED | IMM8 | DIGIT, 2, READS },
	{ "bts", 0x0fba, 0, 5, SIZED | IMM8 | DIGIT | LOCK, 2, STORES },
	{ "btr", 0x0fba, 0, 6, SIZED | IMM8 | DIGIT | LOCK, 2, STORES },
	{ "btc", 0x0fba, 0, 7, SIZED | IMM8 | DIGIT | LOCK, 2, STORES },
	{ "bsf", 0x0fbc, 0, 0, SIZED, 2, READS },
	{ "bsr", 0x0fbd, 0, 0, SIZED, 2, READS },
	{ "popcnt", 0x0fb8, 0xf3, 0, SIZED | HARD, 2, READS },
	{ "cmov", 0x0f44, 0, 0, SIZED, 2, READS },
	{ "setcc", 0x0f94, 0, 0, DIGIT, 2, 0 },
	{ "movzx8", 0x0fb6, 0, 0, SIZED, 2, READS_1 },
	{ "movzx16", 0x0fb7, 0, 0, SIZED, 2, READS_2 },
	{ "movsx8", 0x0fbe, 0, 0, SIZED, 2, READS_1 },
	{ "movsx16", 0x0fbf, 0, 0, SIZED, 2, READS_2 },
	{ "imul", 0x0faf, 0, 0, SIZED, 2, READS },
	{ "imul_imm", 0x69, 0, 0, SIZED | IMMZ, 2, READS },
	{ "movnti", 0x0fc3, 0, 0, WIDE, 2, STORES },
	{ "movbe_from", 0x0f38f0, 0, 0, SIZED, 2, READS },
	{ "movbe_to", 0x0f38f1, 0, 0, SIZED, 2, STORES },
	{ "crc32", 0x0f38f1, 0xf2, 0, WIDE | HARD, 1, 0 },
	{ "push", 0xff, 0, 6, DIGIT, 3, READS_4 },
	{ "pop", 0x8f, 0, 0, DIGIT, 3, STORES },
	{ "mov_from_sreg", 0x8c, 0, 3, DIGIT, 2, 0 },
	{ "movups_from", 0x0f10, 0, 0, FPU, 2, 0 },
	{ "movups_to", 0x0f11, 0, 0, FPU, 2, 0 },
	{ "movaps_from", 0x0f28, 0, 0, FPU | LINED, 2, 0 },
	{ "movaps_to", 0x0f29, 0, 0, FPU | LINED, 2, 0 },
	{ "movdqu_to", 0x0f7f, 0xf3, 0, FPU, 2, 0 },
	{ "movss_from", 0x0f10, 0xf3, 0, FPU | HARD, 1, READS_4 },
	{ "movsd_to", 0x0f11, 0xf2, 0, FPU | HARD, 1, 0 },
	{ "movq_mmx", 0x0f6f, 0, 0, FPU, 1, 0 },
	{ "movq_mmx_to", 0x0f7f, 0, 0, FPU, 1, 0 },
	{ "movd_to", 0x0f7e, 0x66, 0, FPU | HARD, 1, STORES },
	{ "movnt", 0x0f2b, 0, 0, FPU | LINED, 1, 0 },
	{ "paddd", 0x0ffe, 0x66, 0, FPU | LINED | HARD, 1, 0 },
	{ "ldmxcsr", 0x0fae, 0, 2, FPU | DIGIT | HARD, 1, READS_4 },
	{ "stmxcsr", 0x0fae, 0, 3, FPU | DIGIT | HARD, 1, STORES },
	{ "fld32", 0xd9, 0, 0, FPU | DIGIT | HARD, 1, READS_4 },
	{ "fst32", 0xd9, 0, 2, FPU | DIGIT | HARD, 1, STORES },
	{ "fld64", 0xdd, 0, 0, FPU | DIGIT | HARD, 1, 0 },
	{ "fstp64", 0xdd, 0, 3, FPU | DIGIT | HARD, 1, 0 },
	{ "fstp80", 0xdb, 0, 7, FPU | DIGIT | HARD, 1, 0 },
	{ "fild16", 0xdf, 0, 0, FPU | DIGIT | HARD, 1, READS_2 },
	{ "fnstcw", 0xd9, 0, 7, FPU | DIGIT, 1, 0 },
	{ "fldcw", 0xd9, 0, 5, FPU | DIGIT | HARD, 1, READS_2 },
	{ "fnstsw", 0xdd, 0, 7, FPU | DIGIT, 1, 0 },
	{ "clflush", 0x0fae, 0, 7, DIGIT, 2, 0 },
	{ "prefetch", 0x0f18, 0, 1, DIGIT, 1, READS_1 },
	{ "nop_ev", 0x0f1f, 0, 0, SIZED | DIGIT, 1, 0 },
	{ "sgdt", 0x0f01, 0, 0, DIGIT | HARD, 2, 0 },
	{ "sidt", 0x0f01, 0, 1, DIGIT | HARD, 2, 0 },
	{ "sldt", 0x0f00, 0, 0, DIGIT, 1, 0 },
	{ "str", 0x0f00, 0, 1, DIGIT, 1, 0 },
	{ "smsw_m", 0x0f01, 0, 4, DIGIT, 1, 0 },
	{ "lar", 0x0f02, 0, 0, SIZED | HARD, 1, READS_2 },
	{ "lsl", 0x0f03, 0, 0, SIZED | HARD, 1, READS_2 },
	{ "verr", 0x0f00, 0, 4, DIGIT | HARD, 1, READS_2 },
	{ "bound", 0x62, 0, 0, SIZED | NOT_64 | HARD, 1, 0 },
};

static const u8 alu_without_lock = 7;		/* CMP writes nothing */

/* Where in the register what is read begins: it must end with it. */
static u32 apic_part(struct gen *g, const struct form *f, u32 bytes)
{
	u32 at = draw(g, 4);

	if (f->apic < READS)
		bytes = f->apic;
	return f->apic == STORES || at + bytes > 4 ? 0 : at;
}

/* The form's place in @forms is the operation's value. */
static void emit_form(struct gen *g, const struct op *op)
{
	const struct form *f = &forms[op->value];
	bool apic = op->flags & (IN_APIC | READ_APIC);
	struct address a = apic ? (struct address){ 0 } :
			   address(g, op->flags, f->flags & LINED && !chance(g, 6));
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
	if (apic) {
		if (f->apic == STORES)
			of_byte = false;
		if (bits && (bits == 64 || f->apic == STORES))
			bits = 32;
	}
	if (of_byte)
		bits = 0;
	else if (f->flags & BYTES)
		opcode++;
	/* How wide the access is decides on where it may be. */
	if (apic) {
		g->apic += apic_part(g, f, of_byte ? 1 : bits / 8);
		a = address(g, op->flags, false);
		g->apic &= ~0xfffull;
	}
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
	bool source_there = chance(g, 2), one = op->flags & (IN_APIC | READ_APIC);
	u64 source = target_address(g, source_there ? op->flags : IN_DATA, chance(g, 2));
	u64 target = target_address(g, source_there ? IN_DATA : op->flags, chance(g, 2));

	if (op->value == 0xaa || op->value == 0xae)
		target = target_address(g, op->flags, chance(g, 2));
	else if (op->value == 0xac)
		source = target_address(g, op->flags, chance(g, 2));
	load(g, SI, source);
	load(g, DI, target);
	/* Of the APIC's registers one, which has 4 bytes. */
	if (one) {
		of_byte = false;
		bits = 32;
	}
	load(g, CX, draw(g, one ? 2 : 5));
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
	{ XAPIC, "movs", BITS64 | BITS32, 2, emit_string, 0xa4, IN_APIC },
	{ XAPIC, "cmps", BITS64 | BITS32, 2, emit_string, 0xa6, IN_APIC },
	{ XAPIC, "stos", BITS64 | BITS32, 2, emit_string, 0xaa, IN_APIC },
	{ XAPIC, "lods", BITS64 | BITS32, 2, emit_string, 0xac, READ_APIC },
	{ XAPIC, "scas", BITS64 | BITS32, 2, emit_string, 0xae, READ_APIC },
	{ "string_hole", "movs", ANY, 4, emit_string, 0xa4, IN_HOLE },
	{ "string_hole", "cmps", ANY, 3, emit_string, 0xa6, IN_HOLE },
	{ "string_hole", "stos", ANY, 3, emit_string, 0xaa, IN_HOLE },
	{ "string_hole", "lods", ANY, 3, emit_string, 0xac, IN_HOLE },
	{ "string_hole", "scas", ANY, 3, emit_string, 0xae, IN_HOLE },
};

static struct op table[ARRAY_SIZE(strings) + 4 * ARRAY_SIZE(forms)];

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
		/* PUSH and POP have 8 bytes in 64-bit mode. */
		if (forms[i].opcode == 0x8f || (forms[i].opcode == 0xff && forms[i].digit == 6))
			where = BITS32;
		if (forms[i].apic)
			table[n++] = (struct op) { XAPIC, forms[i].name, where, 1, emit_form, i,
						   forms[i].apic < STORES ? READ_APIC : IN_APIC };
	}
	return (struct ops) { table, n };
}
