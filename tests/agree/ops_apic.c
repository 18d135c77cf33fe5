// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations on the page of an xAPIC: its registers by name. What reaches them by every form
 * of instruction is in ops_memory.c.
 *
 * Not drawn, because the SDM leaves it open or the emulated processor cannot: writes of what is
 * not 4 bytes at a register (it stops), but for those that fault before; reads that reach beyond
 * the four bytes of one (it answers with what its own memory holds); APR, RRD and the LVT entry
 * for CMCI; a write of ID; bit 12 of SVR; delivery status bits; the trigger mode of an IPI; an
 * APIC that is disabled, from where there is no way back. And CLFLUSH, which the EPT does not
 * tell from a read.
 *
 * Source: Intel SDM volume 3, sections "Local APIC Register Address Map", "Issuing
 * Interprocessor Interrupts", "Local Vector Table", "Error Handling", "Local APIC Status and
 * Location".
 */
#include "tests/agree/generate.h"
#include "machine/x86.h"

#define MSR_APIC_BASE	0x1b
#define ENABLED_BSP	0x900
#define MOVED_TO	(OUTSIDE + 0x10000)	/* where nothing else is drawn */

enum {
	ID = 0x20, TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0,
	ISR = 0x100, TMR = 0x180, IRR = 0x200, ESR = 0x280, ICR = 0x300, ICR_HIGH = 0x310,
	LVT_TIMER = 0x320, LVT_THERMAL = 0x330, LVT_PMC = 0x340, LVT_LINT0 = 0x350,
	LVT_LINT1 = 0x360, LVT_ERROR = 0x370, INITIAL = 0x380, CURRENT = 0x390, DIVIDE = 0x3e0,
};

#define LVT_MASKED	(1u << 16)
#define LVT_STATUS	(1u << 12 | 1u << 14)

u64 apic_register(struct gen *g, bool writes)
{
	static const u16 any[] = {
		TPR, TPR, TPR, EOI, LDR, DFR, ESR, ESR, ICR_HIGH, DIVIDE, PPR, ISR + 0x20, TMR,
		IRR + 0x20, CURRENT, 0, 0x10, 0x40, 0x3f0, 0x400, 0xff0,
	};
	static const u16 read[] = {
		ID, SVR, ICR, LVT_TIMER, LVT_THERMAL, LVT_PMC, LVT_LINT0, LVT_LINT1, LVT_ERROR,
		ICR_HIGH, ISR + 0x20, IRR + 0x20, TPR, PPR, 0x40,
	};
	u32 offset = writes ? DRAW(g, any) : DRAW(g, read);

	/* The count is time. */
	if (offset == CURRENT && !writes)
		offset = TPR;
	if (g->write)
		g->s->touches |= TOUCHES_APIC | TOUCHES_XAPIC;
	return g->apic + offset;
}

/* MOV of @value to a register, by one of some ways; AX and DI are used. */
static void put(struct gen *g, u32 offset, u32 value, bool as_subject)
{
	u32 way = draw(g, 4);

	if (g->write)
		g->s->touches |= TOUCHES_APIC | TOUCHES_XAPIC;
	load(g, DI, g->apic + offset);
	load(g, AX, value);
	if (as_subject)
		subject(g);
	else
		begin(g);
	switch (way) {
	case 0:
		byte(g, 0xab);			/* STOSD */
		break;
	case 1:
		opcode(g, 0x8707);		/* XCHG */
		break;
	case 2:
		opcode(g, 0xc707);		/* MOV immediate */
		bytes(g, value, 4);
		break;
	default:
		opcode(g, 0x8907);		/* MOV */
	}
}

static void get(struct gen *g, u32 offset, u32 gpr)
{
	load(g, SI, g->apic + offset);
	begin(g);
	byte(g, 0x8b);
	byte(g, 0x06 | gpr << 3);
}

/*
 * An IPI that may reach itself. One that reaches nobody sets a bit of ESR in Bochs that only
 * the P6 family has, hence what ESR says of it is not looked at.
 */
static void emit_ipi(struct gen *g, const struct op *op)
{
	static const u32 destinations[] = { 0, 0, 0xff, 0x01, 0x10, 0x11, 0x80, 0xf1 };
	static const u32 shorthands[] = { 0, 0, 0, 0x40000, 0x40000, 0x80000, 0xc0000 };
	u32 shorthand = DRAW(g, shorthands), to = DRAW(g, destinations);
	u32 icr = 0x40 + draw(g, 16), logical = chance(g, 2) ? 0x800 : 0;
	bool nmi = chance(g, 5), assert = chance(g, 2), lowest = chance(g, 3), model = chance(g, 2);
	u32 ldr = DRAW(g, destinations);

	(void)op;
	/* Bochs has no broadcast by the flat model, and "self" is always fixed there. */
	if (to == 0xff)
		logical = 0;
	if (nmi && !shorthand)
		icr = 0x400;
	else if (lowest && logical && !shorthand)
		icr |= 0x100;
	icr |= shorthand | logical | (assert ? 0x4000 : 0);
	if (logical) {
		put(g, LDR, ldr << 24, false);
		put(g, DFR, model ? ~0u : 0x0fffffff, false);
	}
	put(g, ICR_HIGH, to << 24, false);
	put(g, ICR, icr, true);
	for (u32 i = 0; i < 2; i++) {
		load(g, DI, g->apic + ESR);
		plain(g, 0xc707);
		bytes(g, 0, 4);
	}
}

/* Any value but what would start something: the timer, or the error interrupt, which Bochs
 * does not raise.
 */
static void emit_lvt(struct gen *g, const struct op *op)
{
	u32 offset = LVT_TIMER + 0x10 * draw(g, 6);
	u32 value = draw64(g) & ~LVT_STATUS;

	(void)op;
	if (offset == LVT_TIMER || offset == LVT_ERROR)
		value |= LVT_MASKED;
	put(g, offset, value, true);
	get(g, offset, DX);
}

/* Software disables it, by which all LVT entries are masked, and enables it. */
static void emit_svr(struct gen *g, const struct op *op)
{
	u32 focus = chance(g, 2) ? 0x200 : 0;

	(void)op;
	put(g, LVT_THERMAL, 0x41, false);
	put(g, SVR, 0x5f | focus, true);
	put(g, LVT_PMC, 0x42, false);
	get(g, SVR, CX);
	put(g, SVR, 0x15f | focus, false);
	get(g, LVT_THERMAL, DX);
}

/* The count cannot be seen, the rest of the timer can. */
static void emit_timer(struct gen *g, const struct op *op)
{
	u32 mode = draw(g, 2) << 17, divide = draw64(g), vector = 0x40 + draw(g, 16);

	(void)op;
	put(g, DIVIDE, divide, false);
	put(g, LVT_TIMER, LVT_MASKED | mode | vector, false);
	put(g, INITIAL, 0x10000000 + draw(g, 1 << 20), true);
	get(g, CURRENT, CX);
	load(g, CX, 0);
	get(g, INITIAL, DX);
	put(g, INITIAL, 0, false);
	get(g, CURRENT, CX);
}

/* IA32_APIC_BASE: another page outside RAM, or what cannot be. */
static void emit_move(struct gen *g, const struct op *op)
{
	static const u64 wrong[] = {
		ENABLED_BSP | 0x200, ENABLED_BSP | 1, 0x400, 1ull << 52 | ENABLED_BSP,
	};
	bool bad = chance(g, 3);
	u64 value = g->apic == MOVED_TO ? 0xfee00000 : MOVED_TO;
	u64 bits = DRAW(g, wrong);

	(void)op;
	if (g->write) {
		g->s->touches |= TOUCHES_APIC | TOUCHES_XAPIC;
		if (!bad)
			g->apic = value;
	}
	value |= bad ? bits : ENABLED_BSP;
	load(g, CX, MSR_APIC_BASE);
	load(g, AX, (u32)value);
	load(g, DX, value >> 32);
	subject(g);
	opcode(g, 0x0f30);
}

/* What is not aligned, and checked before: #AC, and the APIC is left alone. */
static void emit_odd(struct gen *g, const struct op *op)
{
	static const u16 opcodes[] = { 0x8907, 0x8b07, 0x8707, 0x0107, 0xff07 };
	u32 bits = operand_bits(g), offset = TPR + 16 * draw(g, 2) + 1 + 2 * draw(g, 2);
	u32 what = DRAW(g, opcodes);

	(void)op;
	if (g->write)
		g->s->touches |= TOUCHES_APIC | TOUCHES_XAPIC;
	load(g, DI, g->apic + offset);
	plain(g, 0x9c);			/* PUSHF; OR of AC to what it pushed; POPF */
	plain(g, 0x810c24);
	bytes(g, RFLAGS_AC, 4);
	plain(g, 0x9d);
	subject(g);
	operand(g, bits);
	if (bits == 64)
		byte(g, 0x48);
	opcode(g, what);
}

#define WHERE	(BITS64 | BITS32)

static const struct op table[] = {
	{ XAPIC, "send", WHERE, 12, emit_ipi, 0, 0 },
	{ XAPIC, "lvt", WHERE, 8, emit_lvt, 0, 0 },
	{ XAPIC, "svr", WHERE, 4, emit_svr, 0, 0 },
	{ XAPIC, "timer", WHERE, 4, emit_timer, 0, 0 },
	{ XAPIC, "odd", CPL3 | BITS64 | BITS32, 4, emit_odd, 0, 0 },
	{ XAPIC, "move", CPL0 | BITS64 | BITS32, 6, emit_move, 0, 0 },
};

struct ops ops_apic(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
