// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations about exceptions, interrupts and single steps: what raises them, what puts
 * them off, what looks at flags.
 *
 * Sources: Intel SDM volume 3, sections "Masking Exceptions and Interrupts When Switching
 * Stacks", "Debug Exceptions", "Breakpoint Field Recognition"; volume 2, instructions
 * STI, MOV, POP, HLT, INT n, POPF.
 */
#include "tests/agree/generate.h"
#include "machine/x86.h"

/* Part of the start: single steps from the first instruction on. */
static void emit_step(struct gen *g, const struct op *op)
{
	(void)op;
	if (g->write)
		g->s->cpu.flags |= RFLAGS_TF;
}

/* Part of the start: alignment is checked, at CPL 3. */
static void emit_align(struct gen *g, const struct op *op)
{
	(void)op;
	if (g->write)
		g->s->cpu.flags |= RFLAGS_AC;
}

static void breakpoint(struct gen *g, u32 kind, u64 address, u32 length)
{
	u32 nr = draw(g, 4);
	u32 enable = 1 + draw(g, 3);

	if (!g->write)
		return;
	g->s->dr[nr] = address;
	g->s->dr7 &= ~(0xfull << (16 + 4 * nr));
	g->s->dr7 |= (u64)enable << 2 * nr | (u64)(kind | length << 2) << (16 + 4 * nr);
}

static u64 linear(const struct gen *g, u64 address)
{
	return address + (g->mode->bits == 16 ? WINDOW : 0);
}

/* A breakpoint on the instruction that comes next. */
static void emit_break_code(struct gen *g, const struct op *op)
{
	(void)op;
	breakpoint(g, 0, linear(g, code_ip(g)), 0);
}

static void emit_break_data(struct gen *g, const struct op *op)
{
	static const u8 lengths[] = { 0, 1, 3, 2 };
	u32 length = lengths[draw(g, g->mode->bits == 64 ? 4 : 3)];
	u32 places[] = { WINDOW_DATA + 0x80 + 8 * draw(g, 8), WINDOW_DATA + 0x100 + 8 * draw(g, 8),
			 WINDOW_SP - 8 - 8 * draw(g, 3) };

	(void)op;
	/* In real mode the handler uses that stack where it cannot take a #DB. */
	breakpoint(g, chance(g, 2) ? 1 : 3, WINDOW + places[draw(g, g->mode->real ? 2 : 3)],
		   length);
}

static void emit_break_io(struct gen *g, const struct op *op)
{
	static const u16 ports[] = { 0x5a0, 0x3ff, 0xa1, 0x278 };
	static const u8 lengths[] = { 0, 1, 3 };

	(void)op;
	breakpoint(g, 2, DRAW(g, ports), DRAW(g, lengths));
}

/* Shadows: emitted when the next operation's own instruction comes. */
static void shadow_mov_ss(struct gen *g, const struct op *op)
{
	(void)op;
	if (g->mode->bits == 64) {
		plain(g, 0x418ed7);	/* of R15, which begins with SS and stays */
	} else {
		plain(g, 0x16);		/* no register is free: PUSH SS, POP SS */
		plain(g, 0x17);
	}
}

static void shadow_sti(struct gen *g, const struct op *op)
{
	(void)op;
	plain(g, 0xfb);
}

static const struct op mov_ss = { .emit = shadow_mov_ss }, sti = { .emit = shadow_sti };

static void emit_mov_ss(struct gen *g, const struct op *op)
{
	(void)op;
	if (g->write)
		g->shadow = &mov_ss;
}

static void emit_sti(struct gen *g, const struct op *op)
{
	(void)op;
	if (chance(g, 2))
		plain(g, 0xfa);
	if (g->write)
		g->shadow = &sti;
}

/* An interrupt or NMI from itself, by x2APIC's ICR or its register for this. */
static void send_itself(struct gen *g, u64 icr)
{
	if (g->write)
		g->s->touches |= TOUCHES_APIC;
	load(g, CX, 0x830);
	load(g, AX, (u32)icr);
	load(g, DX, icr >> 32);
	subject(g);
	opcode(g, 0x0f30);
}

static void emit_ipi(struct gen *g, const struct op *op)
{
	(void)op;
	send_itself(g, 0x40000 | (0x40 + draw(g, 16)));
}

static void emit_nmi(struct gen *g, const struct op *op)
{
	(void)op;
	send_itself(g, 0x400 | (u64)use_peer() << 32);	/* to the APIC id that it has */
}

/*
 * An interrupt ends HLT; if it comes before, a timer does, some time. Neither can while TPR
 * is as high as another operation may have left it.
 */
static void emit_hlt(struct gen *g, const struct op *op)
{
	(void)op;
	/* That is so in x2APIC mode. */
	if (!watch.x2apic)
		return;
	plain(g, 0xfa);
	load(g, CX, 0x808);
	load(g, AX, 0);
	load(g, DX, 0);
	plain(g, 0x0f30);
	send_itself(g, 0x40000 | (0x40 + draw(g, 16)));
	if (g->write)
		g->s->touches |= TOUCHES_HLT;
	plain(g, 0xfb);
	plain(g, 0xf4);
}

static void emit_int(struct gen *g, const struct op *op)
{
	static const u8 vectors[] = { 0x30, 0x33, 0x37, 0x38, 0x03, 0x04, 0x0d, 0x70, 0x30 };

	u8 vector = DRAW(g, vectors);

	(void)op;
	/* In real mode nobody sees that it was no fault. */
	if (g->mode->real && vector == 0x0d)
		vector = 0x33;
	subject(g);
	byte(g, 0xcd);
	byte(g, vector);
}

static void emit_plain(struct gen *g, const struct op *op)
{
	subject(g);
	opcode(g, op->value);
}

/* POPF of flags that a program may want, and PUSHF to see them. */
static void emit_popf(struct gen *g, const struct op *op)
{
	static const u32 bits[] = {
		0, RFLAGS_TF, RFLAGS_IF, RFLAGS_AC, RFLAGS_NT, RFLAGS_RF, RFLAGS_IOPL3, RFLAGS_DF,
		RFLAGS_TF | RFLAGS_IF, RFLAGS_VM, 1 << 21, 1 << 19, 1 << 20, RFLAGS_TF | RFLAGS_RF,
	};

	(void)op;
	load(g, AX, RFLAGS_FIXED | DRAW(g, bits) | (draw64(g) & RFLAGS_ARITHMETIC));
	begin(g);
	if (g->mode->bits == 16)
		byte(g, 0x66);
	byte(g, 0x50);
	subject(g);
	if (g->mode->bits == 16)
		byte(g, 0x66);
	byte(g, 0x9d);
}

static void emit_push_pop(struct gen *g, const struct op *op)
{
	static const u16 of[] = { 0x9c, 0x50, 0x58, 0x51, 0x59, 0x6a11, 0x0fa0, 0x0fa8, 0x0fa1,
				  0x0fa9, 0xc8, 0x1e, 0x06, 0x16, 0x0e };
	u32 value = DRAW(g, of);

	(void)op;
	/* Any segment can be loaded there, and firmware's memory is behind most. */
	if ((g->mode->real || g->mode->v86) && (value == 0x0fa1 || value == 0x0fa9))
		value = 0x58;
	if (value == 0xc8) {
		subject(g);
		byte(g, 0xc8);		/* ENTER 16, 1 to 3 */
		bytes(g, 16, 2);
		byte(g, draw(g, 3));
		return;
	}
	subject(g);
	if (chance(g, 4))
		byte(g, 0x66);
	opcode(g, value);
}

/* Selectors of all kinds into ES, DS, FS, GS, by MOV. */
static void emit_mov_sreg(struct gen *g, const struct op *op)
{
	static const u16 selectors[] = {
		0, 3, SEL_SHORT, SEL_READONLY, SEL_DOWN, SEL_ABSENT, SEL_EXECUTE, SEL_CONFORMING,
		SEL_DATA, SEL_USER_DATA, SEL_LDT, SEL_TSS32, 0xf8, 0xfffb, SEL_CODE64, 0x04,
	};
	static const u8 registers[] = { 0, 4, 5, 1 };	/* ES, FS, GS, and CS, which is #UD */
	u32 sreg = DRAW(g, registers), selector = DRAW(g, selectors);

	(void)op;
	if (g->mode->real || g->mode->v86)
		selector = WINDOW_PARAGRAPH + draw(g, 2);
	load(g, DX, selector);
	subject(g);
	byte(g, 0x8e);
	byte(g, 0xc0 | sreg << 3 | DX);
}

#define EMIT(class, name, where, weight, emit)	{ class, name, where, weight, emit, 0, 0 }
#define PLAIN(class, name, where, weight, value) \
	{ class, name, where, weight, emit_plain, value, 0 }

static const struct op table[] = {
	EMIT("step", "tf", ANY, 14, emit_step),
	EMIT("align", "ac", CPL3, 4, emit_align),
	EMIT("break", "break_code", BITS64 | BITS32, 5, emit_break_code),
	EMIT("break", "break_data", ANY, 6, emit_break_data),
	EMIT("break", "break_io", ANY, 4, emit_break_io),
	EMIT("shadow", "mov_ss", ANY, 8, emit_mov_ss),
	EMIT("shadow", "sti", ANY, 8, emit_sti),
	EMIT("interrupt", "ipi", CPL0, 8, emit_ipi),
	EMIT("interrupt", "nmi", CPL0, 6, emit_nmi),
	EMIT("interrupt", "hlt", CPL0, 3, emit_hlt),
	PLAIN("interrupt", "cli", ANY, 2, 0xfa),
	EMIT("int", "int", ANY, 4, emit_int),
	PLAIN("int", "int3", ANY, 3, 0xcc),
	PLAIN("int", "int1", ANY, 2, 0xf1),
	PLAIN("int", "into", ANY, 2, 0xce),
	PLAIN("int", "ud2", ANY, 3, 0x0f0b),
	EMIT("flags", "popf", ANY, 8, emit_popf),
	EMIT("stack", "push_pop", ANY, 6, emit_push_pop),
	EMIT("segment", "mov_sreg", ANY, 4, emit_mov_sreg),
};

struct ops ops_event(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
