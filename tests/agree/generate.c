// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequences from a seed. Each item has random numbers of its own, so that one that is
 * left out changes no other.
 *
 * Source: Intel SDM volume 2, chapter "Instruction Format".
 */
#include "tests/agree/generate.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

#define OPS	512

static struct ops (*const tables[])(void) = {
	ops_system, ops_memory, ops_event, ops_control, ops_apic, ops_peer,
};

/* What is drawn from, in each mode; an operation is there as often as its weight says. */
static const struct op *drawn[24][OPS * 4];
static u32 drawn_nr[24];
static u32 modes_drawn[24], modes_drawn_nr;
static bool ops_used, ops_xapic, ops_peers;

/* SplitMix64: every seed gives a sequence that looks like no other. */
static u64 mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

u64 draw64(struct gen *g)
{
	g->random += 0x9e3779b97f4a7c15ull;
	return mix(g->random);
}

u32 draw(struct gen *g, u32 n)
{
	return (draw64(g) >> 32) * n >> 32;
}

/* One word of a list: does it name this one, and does it take away? */
static bool named(const char *words, const char *class, const char *name, bool *found)
{
	bool any_positive = false, in = false, out = false;
	size_t class_length = strlen(class), name_length = strlen(name);

	for (const char *p = words; *p; ) {
		bool minus = *p == '-', same;
		size_t n;

		p += minus;
		for (n = 0; p[n] && p[n] != ','; n++)
			;
		same = (n == class_length && !memcmp(p, class, n)) ||
		       (n == name_length && !memcmp(p, name, n));
		*found |= same;
		any_positive |= !minus;
		in |= same && !minus;
		out |= same && minus;
		p += n + (p[n] == ',');
	}
	return (in || !any_positive) && !out;
}

static bool fits(const struct op *op, const struct mode *m)
{
	u32 bits = m->bits == 64 ? BITS64 : m->bits == 32 ? BITS32 : BITS16;
	u32 cpl = m->cpl ? CPL3 : CPL0;

	return (!(op->where & (CPL0 | CPL3)) || op->where & cpl) &&
	       (!(op->where & (BITS64 | BITS32 | BITS16)) || op->where & bits) &&
	       (!(op->where & LEGACY) || !m->long_mode) &&
	       (!(op->where & DESCRIBED) || !(m->real || m->v86));
}

/* Is a class wanted that nothing is drawn of without a word for it? */
static bool is_wanted(const char *words, const char *class)
{
	bool found = false, wanted = named(words, class, "", &found);

	return found && wanted;
}

bool use_ops(const char *words)
{
	bool found = !*words;

	ops_used = true;
	ops_xapic = is_wanted(words, XAPIC);
	ops_peers = is_wanted(words, PEER);
	for (u32 m = 0; m < modes_nr; m++) {
		drawn_nr[m] = 0;
		for (u32 t = 0; t < ARRAY_SIZE(tables); t++) {
			struct ops ops = tables[t]();

			for (u32 i = 0; i < ops.nr; i++) {
				const struct op *op = &ops.op[i];

				if (!named(words, op->class, op->name, &found) ||
				    !fits(op, &modes[m]) ||
				    (!ops_xapic && !strcmp(op->class, XAPIC)) ||
				    (!ops_peers && !strcmp(op->class, PEER)))
					continue;
				for (u32 w = 0; w < op->weight; w++)
					drawn[m][drawn_nr[m]++] = op;
			}
		}
	}
	return found;
}

/* Words of an example have + between them. */
static size_t word_length(const char *p)
{
	size_t n = 0;

	while (p[n] && p[n] != '+' && p[n] != ',')
		n++;
	return n;
}

static bool is_word(const char *p, const char *name, size_t length)
{
	return length == strlen(name) && !memcmp(p, name, length);
}

static const struct mode *find_mode(const char *p, size_t length)
{
	for (u32 m = 0; m < modes_nr; m++) {
		if (is_word(p, modes[m].name, length))
			return &modes[m];
	}
	return NULL;
}

/* CLASS.NAME */
static const struct op *find_op(const char *p, size_t length)
{
	for (u32 t = 0; t < ARRAY_SIZE(tables); t++) {
		struct ops ops = tables[t]();

		for (u32 i = 0; i < ops.nr; i++) {
			const struct op *op = &ops.op[i];
			size_t class = strlen(op->class);

			if (length > class && p[class] == '.' && !memcmp(p, op->class, class) &&
			    is_word(p + class + 1, op->name, length - class - 1))
				return op;
		}
	}
	return NULL;
}

bool name_ops(struct named *named, const char **words)
{
	const char *p = *words;
	size_t n = word_length(p);

	*named = (struct named) { .mode = find_mode(p, n) };
	for (p += n; *p == '+' && named->nr < ITEMS; p += n) {
		n = word_length(++p);
		named->ops[named->nr] = find_op(p, n);
		if (!named->ops[named->nr++])
			return false;
	}
	*words = p;
	return named->mode;
}

bool use_xapic(void)
{
	return ops_xapic;
}

bool use_peer(void)
{
	return ops_peers;
}

bool named_peer(const struct named *named)
{
	for (u32 i = 0; i < named->nr; i++) {
		if (!strcmp(named->ops[i]->class, PEER))
			return true;
	}
	return false;
}

bool use_modes(const char *words)
{
	bool found = !*words;

	modes_drawn_nr = 0;
	for (u32 m = 0; m < modes_nr; m++) {
		if (named(words, "", modes[m].name, &found))
			modes_drawn[modes_drawn_nr++] = m;
	}
	return found && modes_drawn_nr;
}

void op_name(const struct op *op, const char **class, const char **name)
{
	*class = op->class;
	*name = op->name;
}

void begin(struct gen *g)
{
	struct sequence *s = g->s;

	if (!g->write)
		return;
	/* The one before it ends here. */
	for (u32 i = s->length; i-- > 0;) {
		if (s->next[i]) {
			s->next[i] = s->length;
			break;
		}
	}
	s->next[s->length] = CODE_BYTES;	/* until its end is known */
}

void byte(struct gen *g, u8 value)
{
	if (g->write && g->s->length < CODE_BYTES - 16)
		g->s->code[g->s->length++] = value;
}

void bytes(struct gen *g, u64 value, u32 n)
{
	for (; n; n--, value >>= 8)
		byte(g, value);
}

void opcode(struct gen *g, u32 value)
{
	for (u32 shift = 32; shift > 0;) {
		shift -= 8;
		if (value >> shift || !shift)
			byte(g, value >> shift);
	}
}

void plain(struct gen *g, u32 value)
{
	begin(g);
	opcode(g, value);
}

void subject(struct gen *g)
{
	const struct op *shadow = g->shadow;

	if (shadow && g->write) {
		g->shadow = NULL;
		shadow->emit(g, shadow);
	}
	begin(g);
}

void load(struct gen *g, u32 gpr, u64 value)
{
	begin(g);
	if (g->mode->bits == 64 && value >> 32) {
		byte(g, 0x48 | gpr >> 3);
		byte(g, 0xb8 | (gpr & 7));
		bytes(g, value, 8);
		return;
	}
	if (g->mode->bits == 16)
		byte(g, 0x66);
	if (gpr >= 8)
		byte(g, 0x41);
	byte(g, 0xb8 | (gpr & 7));
	bytes(g, value, 4);
}

u32 scratch(struct gen *g)
{
	static const u8 of[] = { AX, CX, DX, 8, 9, 10, 11 };

	return of[draw(g, g->mode->bits == 64 ? ARRAY_SIZE(of) : 3)];
}

u32 operand_bits(struct gen *g)
{
	static const u8 of[] = { 32, 16, 64 };

	return of[draw(g, g->mode->bits == 64 ? 3 : 2)];
}

void operand(struct gen *g, u32 bits)
{
	if (bits && bits != 64 && (bits == 16) != (g->mode->bits == 16))
		byte(g, 0x66);
}

/* Where memory is, from the window's beginning on, or beyond it. */
static u64 place(struct gen *g, u32 targets, bool *absolute)
{
	bool paging = g->mode->paging != NO_PAGING;
	u32 kinds[4], n = 0;
	u64 at;

	*absolute = false;
	if (targets & IN_DATA)
		kinds[n++] = IN_DATA;
	if (targets & AT_FAULT)
		kinds[n++] = AT_FAULT;
	if (targets & IN_HOLE && (g->mode->bits > 16 || paging))
		kinds[n++] = IN_HOLE;
	if (targets & AT_TOP && g->mode->bits > 16 && paging)
		kinds[n++] = AT_TOP;
	if (targets & (IN_APIC | READ_APIC)) {
		*absolute = true;
		return apic_register(g, targets & IN_APIC);
	}
	switch (n ? kinds[draw(g, n)] : IN_DATA) {
	case AT_FAULT:
		switch (draw(g, 6)) {
		case 0:
			return WINDOW_ABSENT + draw(g, 0x40);
		case 1:
			return WINDOW_READONLY + draw(g, 0x40);
		case 2:
			return WINDOW_SYSTEM + draw(g, 0x40);
		case 3:
			return WINDOW_RESERVED + draw(g, 0x40);
		case 4:
			if (g->mode->bits == 16)
				return WINDOW_END - 1 - draw(g, 15);
			if (g->mode->bits == 64) {
				*absolute = true;
				return chance(g, 2) ? draw64(g) | 1ull << 63 | 1ull << 32 :
				       0x800000000000ull - draw(g, 16);
			}
			/* fall through */
		default:
			return WINDOW_ABSENT - 1 - draw(g, 15);
		}
	case AT_TOP:
		*absolute = true;
		if (g->write)
			g->s->touches |= TOUCHES_TOP;
		at = 0xfffffff0 + draw(g, 0x18);
		return g->mode->bits == 64 ? at : (u32)at;
	case IN_HOLE:
		if (paging && (g->mode->bits == 16 || chance(g, 3))) {
			switch (draw(g, 6)) {
			case 0:
				return WINDOW_AFTER - 1 - draw(g, 15);
			case 1:
				return WINDOW_HOLE_2 - 1 - draw(g, 15);
			default:
				return WINDOW_HOLE + draw(g, 0xf00);
			}
		}
		*absolute = true;
		return OUTSIDE + draw(g, 0x1f00);
	default:
		return WINDOW_DATA + 0x40 + draw(g, 0x180);
	}
}

u64 target_address(struct gen *g, u32 targets, bool aligned)
{
	bool absolute;
	u64 at = place(g, targets, &absolute);

	if (aligned && !(targets & AT_FAULT && chance(g, 4)))
		at &= ~15ull;
	return at + (absolute || g->mode->bits == 16 ? 0 : WINDOW);
}

struct address address(struct gen *g, u32 targets, bool aligned)
{
	static const u8 segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	struct address a = { .segment = chance(g, 8) ? DRAW(g, segments) : 0 };
	u64 at = target_address(g, targets, aligned);
	u32 form, base;
	int32_t disp = draw(g, 256) - 128;

	if (g->mode->bits == 16 && !chance(g, 6)) {
		switch (draw(g, 4)) {
		case 0:		/* (BX) */
			load(g, BX, at);
			a.rm[a.length++] = 0x07;
			break;
		case 1:		/* disp8(SI) */
			load(g, SI, (at - disp) & 0xffff);
			a.rm[a.length++] = 0x44;
			a.rm[a.length++] = disp;
			break;
		case 2:		/* disp16(BP, DI) */
			load(g, BP, 0x20);
			load(g, DI, (at - 0x1020) & 0xffff);
			a.rm[a.length++] = 0x83;
			a.rm[a.length++] = 0x00;
			a.rm[a.length++] = 0x10;
			break;
		default:
			a.rm[a.length++] = 0x06;
			a.rm[a.length++] = at;
			a.rm[a.length++] = at >> 8;
		}
		return a;
	}
	a.other_size = g->mode->bits == 16;
	form = draw(g, 5);
	if (form == 4 && at >> 31)	/* no such displacement */
		form = 0;
	/* AX, CX, DX are operands' own: BX, BP, SI, DI, R14. */
	switch (draw(g, g->mode->bits == 64 ? 5 : 4)) {
	case 0: base = BX; break;
	case 1: base = BP; break;
	case 2: base = SI; break;
	case 3: base = DI; break;
	default: base = 14; break;
	}
	if (base == BP && form == 0)
		form = 1;
	if (base >= 8)
		a.rex |= 1;
	switch (form) {
	case 0:
		load(g, base, at);
		a.rm[a.length++] = base & 7;
		break;
	case 1:
	case 2:
		load(g, base, g->mode->bits == 64 ? at - disp : (u32)(at - disp));
		a.rm[a.length++] = 0x40 | (base & 7);
		a.rm[a.length++] = disp;
		break;
	case 3:			/* SIB: base, DI or SI twice, disp8 */
		load(g, base == DI ? SI : DI, 0x18);
		load(g, base, g->mode->bits == 64 ? at - 0x30 - disp : (u32)(at - 0x30 - disp));
		a.rm[a.length++] = 0x44;
		a.rm[a.length++] = 0x40 | (base == DI ? SI : DI) << 3 | (base & 7);
		a.rm[a.length++] = disp;
		break;
	default:		/* SIB without base and index, in every mode the address alone */
		a.rex = 0;
		a.rm[a.length++] = 0x04;
		a.rm[a.length++] = 0x25;
		for (u32 i = 0; i < 4; i++)
			a.rm[a.length++] = at >> 8 * i;
	}
	return a;
}

void with_memory(struct gen *g, const struct address *a, u8 prefix, u32 bits, u32 op, u32 reg,
		 u64 immediate, u32 n)
{
	u8 rex = a->rex | (bits == 64) << 3 | (reg >= 8) << 2;

	subject(g);
	if (a->segment)
		byte(g, a->segment);
	if (a->other_size)
		byte(g, 0x67);
	operand(g, bits);
	if (prefix)
		byte(g, prefix);
	if (rex)
		byte(g, 0x40 | rex);
	opcode(g, op);
	byte(g, a->rm[0] | (reg & 7) << 3);
	for (u32 i = 1; i < a->length; i++)
		byte(g, a->rm[i]);
	bytes(g, immediate, n);
}

u64 code_ip(const struct gen *g)
{
	return g->s->cpu.ip + g->s->length;
}

static void start_registers(struct gen *g)
{
	struct cpu *c = &g->s->cpu;
	const struct mode *m = g->mode;

	memset(c, 0, sizeof(*c));
	for (u32 i = 0; i < GPRS; i++)
		c->gpr[i] = m->bits == 64 ? draw64(g) : (u32)draw64(g);
	start_cpu(c, m);
	c->gpr[DI] += 0x80;
	c->gpr[CX] = draw(g, 4);
	c->flags |= (draw64(g) & RFLAGS_ARITHMETIC) | (chance(g, 2) ? RFLAGS_IF : 0) |
		    (chance(g, 8) ? RFLAGS_DF : 0);
}

void generate(struct sequence *s, u64 seed, u32 nr, u32 mask, const struct named *named)
{
	struct gen g = { .s = s, .random = mix(seed ^ mix(nr + 1)), .apic = 0xfee00000 };
	u32 m, next = 0;
	u64 own;

	if (!modes_drawn_nr)
		use_modes("");
	if (!ops_used)
		use_ops("");
	m = modes_drawn[draw(&g, modes_drawn_nr)];
	if (named)
		m = named->mode - modes;
	g.mode = s->mode = &modes[m];
	memset(s->next, 0, sizeof(s->next));
	memset(s->dr, 0, sizeof(s->dr));
	memset(s->acts, 0, sizeof(s->acts));
	s->length = s->msrs_nr = s->touches = 0;
	s->dr7 = s->cr4 = 0;
	s->items = drawn_nr[m] ? 1 + draw(&g, ITEMS) : 0;
	s->mask = mask & ((1u << s->items) - 1);
	start_registers(&g);
	own = g.random;
	for (u32 i = 0; i < s->items; i++) {
		g.random = mix(own + i);
		g.write = s->mask >> i & 1;
		g.item = i;
		s->ops[i] = drawn[m][draw(&g, drawn_nr[m])];
		if (named && g.write && next < named->nr)
			s->ops[i] = named->ops[next++];
		s->ops[i]->emit(&g, s->ops[i]);
	}
	/* What the #UD behind them ends is complete. */
	g.write = true;
	subject(&g);
	s->next[s->length] = 0;
}
