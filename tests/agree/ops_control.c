// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations that lead to another segment, privilege level, task or mode, and those that
 * load what such a way goes by. Each leads to a #UD of its own; trap.c goes on behind the
 * operation if that is met in the sequence's own code segment, and ends the sequence if not.
 *
 * Sources: Intel SDM volume 2, instructions IRET, JMP, CALL, RET, LGDT, LLDT, LTR, LAR,
 * SYSCALL, SYSENTER, SWAPGS; volume 3, sections "Privilege Level Checking When Transferring
 * Program Control Between Code Segments", "Task Switching".
 */
#include "tests/agree/generate.h"
#include "machine/text.h"
#include "machine/x86.h"

/* Selectors of everything that the GDT has, but for what would start a task. */
static const u16 selectors[] = {
	0, 3, SEL_CODE64, SEL_DATA, SEL_CODE32, SEL_CODE16, SEL_DATA16, SEL_TSS64, SEL_TSS32,
	SEL_USER64, SEL_USER_DATA, SEL_USER32, SEL_USER16, SEL_USER_DATA16, SEL_SHORT, SEL_READONLY,
	SEL_DOWN, SEL_ABSENT, SEL_EXECUTE, SEL_CONFORMING, SEL_LDT, SEL_ABSENT_CODE, SEL_GATE16,
	SEL_GATE32, SEL_GATE64, SEL_GATE_ABSENT, 0xfff8, 0x04,
};

static bool described(const struct gen *g)
{
	return !g->mode->real && !g->mode->v86;
}

static bool begins_at_window(u32 selector)
{
	static const u16 of[] = { SEL_CODE16, SEL_USER16, SEL_DATA16, SEL_USER_DATA16 };

	for (u32 i = 0; i < ARRAY_SIZE(of); i++) {
		if (!((selector ^ of[i]) & ~3u))
			return true;
	}
	return false;
}

/* Two #UD, which are jumped over: offset in the code of the first. */
static u32 landing(struct gen *g)
{
	u32 at;

	plain(g, 0xeb04);
	at = g->s->length;
	plain(g, 0x0f0b);
	plain(g, 0x0f0b);
	return at;
}

/* Where it goes on behind one of them: at the instruction that is written next. */
static void land(struct gen *g, u32 landing)
{
	begin(g);
	if (g->write) {
		g->s->next[landing] = g->s->length;
		g->s->next[g->s->length] = 0;
	}
}

struct far {
	u32 selector;
	u64 offset;
};

/*
 * The far pointer to a landing: mostly there, or by what is not to be used for it. An offset
 * of 16 bits needs a segment that begins at the window.
 */
static struct far far_to(struct gen *g, u32 landing, u32 width)
{
	struct far to = { g->s->cpu.cs, g->s->cpu.ip + landing };
	u64 linear = to.offset + (g->mode->bits == 16 ? WINDOW : 0);
	u32 other = draw(g, 3), rpl = draw(g, 8), of = draw(g, ARRAY_SIZE(selectors));

	if (!described(g)) {
		if (!other) {
			to.selector += 0x10;
			to.offset -= 0x100;
		}
		return to;
	}
	if (!other)
		to.selector = selectors[of];
	if (!rpl)
		to.selector ^= 3;
	if (width == 2 && !begins_at_window(to.selector))
		to.selector = to.selector & 3 ? SEL_USER16 : SEL_CODE16;
	to.offset = linear - (begins_at_window(to.selector) ? WINDOW : 0);
	return to;
}

/* Push @nr values of @width bytes, of which the first is to lie lowest. By AX. */
static void push_frame(struct gen *g, const u64 *values, u32 nr, u32 width)
{
	u32 unit = g->mode->bits == 64 ? 8 : 4, size = (nr * width + unit - 1) / unit * unit;
	u8 frame[80] = { 0 };

	for (u32 i = 0; i < nr; i++)
		memcpy(frame + i * width, &values[i], width);
	for (u32 at = size; at > 0; at -= unit) {
		u64 value = 0;

		memcpy(&value, frame + at - unit, unit);
		load(g, AX, value);
		begin(g);
		operand(g, unit * 8);
		byte(g, 0x50);
	}
}

/* As wide as the mode has it, or not. */
static u32 draw_width(struct gen *g)
{
	u32 own = g->mode->bits / 8, other = draw(g, 4);

	return other ? own : own == 2 ? 4 : own == 4 ? 2 : chance(g, 2) ? 4 : 2;
}

static void width_prefix(struct gen *g, u32 width)
{
	operand(g, width * 8);
	if (width == 8)
		byte(g, 0x48);
}

/* A stack that goes with the code segment, or any. */
static struct far stack_for(struct gen *g, u32 cs)
{
	struct far stack = { cs & 3 ? SEL_USER_DATA : SEL_DATA, WINDOW + WINDOW_SP - 0x60 };
	u32 of = draw(g, 5 * ARRAY_SIZE(selectors));

	if (begins_at_window(cs))
		stack.selector = cs & 3 ? SEL_USER_DATA16 : SEL_DATA16;
	if (of < ARRAY_SIZE(selectors))
		stack.selector = selectors[of];
	if (begins_at_window(stack.selector))
		stack.offset -= WINDOW;
	return stack;
}

static void emit_iret(struct gen *g, const struct op *op)
{
	static const u32 bits[] = {
		0, 0, RFLAGS_IF, RFLAGS_NT, RFLAGS_RF, RFLAGS_AC, RFLAGS_IOPL3, RFLAGS_VM,
		RFLAGS_VM | RFLAGS_IOPL3, 1 << 19, 1 << 20, 1 << 21,
	};
	u32 at = landing(g), width = draw_width(g);
	struct far to = far_to(g, at, width), stack = stack_for(g, to.selector);
	u64 flags = RFLAGS_FIXED | DRAW(g, bits) | (draw64(g) & RFLAGS_ARITHMETIC);
	u64 frame[9] = { to.offset, to.selector, flags, stack.offset, stack.selector };

	(void)op;
	if (g->mode->bits == 32 && flags & RFLAGS_VM) {
		frame[0] = g->s->cpu.ip + at - WINDOW;
		frame[3] = WINDOW_SP - 0x60;
		frame[1] = WINDOW_PARAGRAPH;
		for (u32 i = 4; i < 9; i++)
			frame[i] = WINDOW_PARAGRAPH;
	}
	push_frame(g, frame, g->mode->bits == 32 ? 9 : 5, width);
	subject(g);
	width_prefix(g, width);
	byte(g, 0xcf);
	land(g, at);
}

static void emit_ret_far(struct gen *g, const struct op *op)
{
	u32 at = landing(g), width = draw_width(g);
	struct far to = far_to(g, at, width), stack = stack_for(g, to.selector);
	u64 frame[] = { to.offset, to.selector, stack.offset, stack.selector };
	bool more = chance(g, 3);

	(void)op;
	push_frame(g, frame, ARRAY_SIZE(frame), width);
	subject(g);
	width_prefix(g, width);
	byte(g, more ? 0xca : 0xcb);
	if (more)
		bytes(g, 0, 2);
	land(g, at);
}

/* JMP and CALL: the pointer in the instruction, or on the stack. */
static void far_transfer(struct gen *g, struct far to, u32 width, bool call, bool immediate)
{
	u64 frame[] = { to.offset, to.selector };

	if (g->mode->bits != 64 && immediate) {
		subject(g);
		width_prefix(g, width);
		byte(g, call ? 0x9a : 0xea);
		bytes(g, to.offset, width);
		bytes(g, to.selector, 2);
		return;
	}
	push_frame(g, frame, 2, width);
	subject(g);
	if (g->mode->bits == 16)
		byte(g, 0x67);
	width_prefix(g, width);
	byte(g, 0xff);
	byte(g, call ? 0x1c : 0x2c);
	byte(g, 0x24);			/* (ESP) */
}

static void emit_far(struct gen *g, const struct op *op)
{
	u32 at = landing(g), width = draw_width(g);
	struct far to = far_to(g, at, width);

	far_transfer(g, to, width, op->value, chance(g, 2));
	land(g, at);
}

/*
 * A task of the same code segment as a rule, by all ways that lead to one. What is wrong
 * with it is met at CPL 3, where an exception finds a stack. One with a TSS of 16 bits ends
 * the sequence, or goes back at once: the SDM leaves the registers' upper halves open.
 */
static void emit_task(struct gen *g, const struct op *op)
{
	static const u16 bad_code[] = { 3, SEL_DATA | 3, SEL_ABSENT_CODE, 0xfffb, SEL_CODE32 | 3 };
	u32 at = landing(g), how = op->value ? op->value : draw(g, 4), wrong = draw(g, 20);
	bool v86 = chance(g, 6), returns = chance(g, 2), trap = chance(g, 8), gate = chance(g, 3);
	bool ring3 = !g->mode->cpl == chance(g, 4), at_window = g->mode->bits == 16;
	u64 flags = RFLAGS_FIXED | (chance(g, 4) ? RFLAGS_NT : 0) | (chance(g, 4) ? RFLAGS_IF : 0) |
		    (draw64(g) & RFLAGS_ARITHMETIC);
	struct task t = {
		.flags = flags, .type = 0x89, .limit = 0x67, .trap = trap, .linked = how == 3,
		.cs = at_window ? (ring3 ? SEL_USER16 : SEL_CODE16) :
		      ring3 ? SEL_USER32 : SEL_CODE32,
		.ss = at_window ? (ring3 ? SEL_USER_DATA16 : SEL_DATA16) :
		      ring3 ? SEL_USER_DATA : SEL_DATA,
	};
	u64 frame[] = { g->s->cpu.ip + at + 2, g->s->cpu.cs, RFLAGS_FIXED };
	u32 bad = DRAW(g, bad_code), width = g->mode->bits / 8;
	struct far to = { gate ? SEL_GATE_TASK : SEL_TSS_TASK, 0 };
	bool of_16 = op->flags, back = chance(g, 2);

	if (of_16) {
		ring3 = !g->mode->cpl;
		v86 = false;
		at_window = true;
		t.type = 0x81;
		t.limit = 0x2b;
		t.cs = ring3 ? SEL_USER16 : SEL_CODE16;
		t.ss = ring3 ? SEL_USER_DATA16 : SEL_DATA16;
	}
	t.ds = t.ss;
	if (v86) {
		t.flags |= RFLAGS_VM;
		t.cs = t.ss = t.ds = WINDOW_PARAGRAPH;
		at_window = true;
	} else if (ring3 && wrong == 0) {
		t.cs = bad;
	} else if (ring3 && wrong == 1) {
		t.ss = SEL_READONLY;
	} else if (ring3 && wrong == 2) {
		t.ldt = SEL_DATA;
	}
	if (wrong == 3)
		t.ds = SEL_ABSENT;
	else if (wrong == 4)
		t.type &= ~0x80;
	else if (wrong == 5)
		t.limit--;
	else if (wrong == 6)
		t.type |= 2;
	t.ip = g->s->cpu.ip + at + (g->mode->bits == 16 ? WINDOW : 0) - (at_window ? WINDOW : 0);
	t.sp = of_16 ? WINDOW_SP_16 : WINDOW_SP - 0x80 + (at_window ? 0 : WINDOW);
	if (g->write) {
		if (of_16 && back)
			g->s->code[at] = 0xcf;
		g->s->task = t;
		g->s->touches |= TOUCHES_TASK;
	}
	push_frame(g, frame, 3, width);
	if (how == 2) {
		subject(g);
		byte(g, 0xcd);
		byte(g, VECTOR_TASK);
	} else if (how == 3) {
		load(g, AX, RFLAGS_FIXED | RFLAGS_NT);
		begin(g);
		operand(g, 32);
		byte(g, 0x50);
		begin(g);
		operand(g, 32);
		byte(g, 0x9d);
		plain(g, 0xcf);
	} else {
		far_transfer(g, to, width, how == 1, returns || chance(g, 2));
	}
	land(g, at);
	/* Back, and on by the frame. */
	if (returns && (how == 1 || how == 2))
		plain(g, 0xcf);
	land(g, at + 2);
}

/* GDTR and IDTR: what they hold, with another limit at most, or what cannot be read. */
static void emit_table(struct gen *g, const struct op *op)
{
	extern u64 idt64[], idt32[];
	bool idt = op->value == 3, fault = chance(g, 4), limit = chance(g, 3);
	u64 base = !idt ? (u64)gdt : g->mode->long_mode ? (u64)idt64 :
		   g->mode->real ? LOW + LOW_IVT : (u64)idt32;
	u32 gate = g->mode->long_mode ? 16 : g->mode->real ? 4 : 8;
	u32 end = (idt ? VECTORS * gate : sizeof(gdt)) - 1;
	u64 frame[] = { limit ? 0xffff : end, base & 0xffff, base >> 16, 0, 0 };
	u32 bits = g->mode->bits == 64 ? 0 : operand_bits(g);

	if (g->write)
		g->s->touches |= TOUCHES_TABLES;
	if (fault && (g->mode->paging || g->mode->cpl)) {
		load(g, BX, g->mode->bits == 64 && chance(g, 2) ? 1ull << 63 :
		     WINDOW_ABSENT + (g->mode->bits == 16 ? 0 : WINDOW));
		subject(g);
		operand(g, bits);
		opcode(g, 0x0f01);
		byte(g, op->value << 3 | (g->mode->bits == 16 ? 7 : 3));	/* (BX), (EBX) */
		return;
	}
	push_frame(g, frame, ARRAY_SIZE(frame), 2);
	subject(g);
	if (g->mode->bits == 16)
		byte(g, 0x67);
	operand(g, bits);
	opcode(g, 0x0f01);
	byte(g, op->value << 3 | 4);
	byte(g, 0x24);			/* (ESP) */
}

/* An instruction with a selector in DX. */
static void emit_selector(struct gen *g, const struct op *op)
{
	u32 selector = DRAW(g, selectors) ^ (chance(g, 4) ? 3 : 0);
	u32 bits = op->flags ? operand_bits(g) : 0;

	if (op->value == 0x0f00da && !g->mode->long_mode && chance(g, 3))
		selector = SEL_TSS_TASK;
	if (g->write && (op->value & ~15u) == 0x0f00d0)
		g->s->touches |= TOUCHES_TABLES;
	load(g, DX, selector | (chance(g, 2) ? 0xabcd0000 : 0));
	subject(g);
	operand(g, bits);
	if (bits == 64)
		byte(g, 0x48);
	opcode(g, op->value);
}

/* SS by what mostly cannot be a stack. */
static void emit_load_ss(struct gen *g, const struct op *op)
{
	static const u16 of[] = { 0, 3, SEL_READONLY, SEL_ABSENT, SEL_EXECUTE, SEL_CODE64, SEL_LDT,
				  0xfffb, SEL_SHORT, SEL_DOWN, SEL_GATE32 };
	u32 selector = DRAW(g, of);

	(void)op;
	load(g, AX, selector);
	if (chance(g, 2)) {
		subject(g);
		opcode(g, 0x8ed0);
	} else if (g->mode->bits != 64) {
		plain(g, 0x50);
		subject(g);
		byte(g, 0x17);
	}
}

/* RDFSBASE and its like, if CR4.FSGSBASE says so. */
static void emit_fsgsbase(struct gen *g, const struct op *op)
{
	u32 digit = draw(g, 4), wide = chance(g, 2), on = chance(g, 2);

	(void)op;
	note_msr(g, MSR_FS_BASE);
	note_msr(g, MSR_GS_BASE);
	if (on && !g->mode->cpl) {
		plain(g, 0x0f20e0);
		plain(g, 0x480fbae8);
		byte(g, 16);			/* bts $16, %rax */
		plain(g, 0x0f22e0);
	}
	load(g, DX, chance(g, 3) ? draw64(g) : draw64(g) & 0xffffffff);
	subject(g);
	byte(g, 0xf3);
	if (wide)
		byte(g, 0x48);
	opcode(g, 0x0fae);
	byte(g, 0xc0 | digit << 3 | DX);
}

static void emit_swapgs(struct gen *g, const struct op *op)
{
	note_msr(g, MSR_GS_BASE);
	note_msr(g, MSR_KERNEL_GS_BASE);
	subject(g);
	opcode(g, op->value);
}

/* SYSCALL, SYSENTER, and back: MSRs lead to the #UD, registers too. */
static void emit_syscall(struct gen *g, const struct op *op)
{
	u32 at = landing(g);

	if (g->write) {
		g->s->entry = g->s->cpu.ip + at + (g->mode->bits == 16 ? WINDOW : 0);
		g->s->touches |= TOUCHES_SYSCALL;
	}
	load(g, CX, op->flags ? WINDOW + WINDOW_SP - 0x80 : g->s->cpu.ip + at);
	load(g, DX, g->s->cpu.ip + at);
	load(g, g->mode->bits == 64 ? 11 : AX, RFLAGS_FIXED | (chance(g, 2) ? RFLAGS_IF : 0));
	subject(g);
	if (g->mode->bits == 64 && chance(g, 2))
		byte(g, 0x48);
	opcode(g, op->value);
	land(g, at);
}

/* With LOCK, which is #UD for all of these, or with as many prefixes as it takes. */
static void emit_prefixed(struct gen *g, const struct op *op)
{
	static const u32 of[] = {
		0x0fa2, 0x0f32, 0x0f30, 0xec, 0xee, 0x0f20c0, 0x0f22c0, 0x0f21c0, 0x0f31, 0x0f06,
		0xcc, 0xcf, 0xf4, 0x6c, 0x6e, 0xa4, 0x0f01d0, 0x0f08, 0x0f09, 0x8b07, 0x8907,
		0x90, 0x0f0b, 0x0fa0, 0x9c, 0xfb, 0xfa,
	};
	static const u8 prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66 };
	u32 value = DRAW(g, of), length = 1 + (value > 0xff) + (value > 0xffff);
	u32 total = op->flags ? 13 + draw(g, 4) : 1 + length;

	/* IRET and HLT have operations of their own, WRMSR and MOV to CR0 their values. */
	if (op->flags && (value == 0xcf || value == 0xf4 || value == 0x0f30 || value == 0x0f22c0 ||
			  value == 0x0f31))
		value = 0x0fa2, length = 2;
	if (value == 0x0fa2)
		load(g, AX, 0x80000001);
	load(g, DX, 0x5a0);
	load(g, CX, MSR_STAR);
	load(g, SI, WINDOW_DATA + 0x80 + (g->mode->bits == 16 ? 0 : WINDOW));
	load(g, DI, WINDOW_DATA + 0x80 + (g->mode->bits == 16 ? 0 : WINDOW));
	subject(g);
	if (!op->flags)
		byte(g, 0xf0);
	for (u32 i = op->flags ? 0 : 1; i + length < total; i++)
		byte(g, DRAW(g, prefixes));
	opcode(g, value);
	if (value == 0x0fa2) {
		for (u32 r = AX; r <= BX; r++)
			load(g, r, 0);
	}
}

/* An instruction whose last byte is the code segment's, or would be the one behind. */
static void emit_edge(struct gen *g, const struct op *op)
{
	static const u32 of[] = {
		0x0fa2, 0x0f32, 0xec, 0xee, 0x0f20c0, 0x0f06, 0xcc, 0xf1, 0x6c, 0x0f01d0, 0x0f09,
		0x90, 0x0f0b, 0xf390, 0xfb,
	};
	u32 value = DRAW(g, of), length = 1 + (value > 0xff) + (value > 0xffff);
	u32 at = WINDOW_END - length + (length > 1 && chance(g, 4));

	(void)op;
	for (u32 i = 0; i < length && at + i < WINDOW_END; i++) {
		begin(g);
		opcode(g, 0xc606);
		bytes(g, at + i, 2);
		byte(g, value >> 8 * (length - 1 - i));
	}
	load(g, DI, WINDOW_DATA + 0x80);
	load(g, DX, 0x5a0);
	load(g, CX, MSR_STAR);
	load(g, BX, at);
	load(g, AX, 0x80000002);
	plain(g, 0xffe3);
}

/* The same at the end of 4 GiB: behind it comes 0, but for 64-bit mode. */
static void emit_edge_top(struct gen *g, const struct op *op)
{
	static const u32 of[] = {
		0x0fa2, 0x0f32, 0xec, 0xee, 0x0f20c0, 0x0f06, 0xcc, 0xf1, 0x6c, 0x0f01d0, 0x0f09,
		0x90, 0x0f0b, 0xf390, 0xfb, 0xcd30, 0x0f21f8,
	};
	u32 value = DRAW(g, of), length = 1 + (value > 0xff) + (value > 0xffff);
	u32 at = -length + (length > 1 && chance(g, 3)), n = length + 2;
	u64 code = 0;

	(void)op;
	if (g->mode->paging == NO_PAGING)
		return;
	if (g->write)
		g->s->touches |= TOUCHES_TOP;
	for (u32 i = 0; i < length; i++)
		code |= (u64)(value >> 8 * (length - 1 - i) & 0xff) << 8 * i;
	code |= 0x0b0full << 8 * length;
	for (u32 i = 0; i < n; i++) {
		load(g, DI, at + i);
		begin(g);
		opcode(g, 0xc607);
		byte(g, code >> 8 * i);
	}
	load(g, DI, WINDOW + WINDOW_DATA + 0x80);
	load(g, DX, 0x5a0);
	load(g, CX, MSR_STAR);
	load(g, BX, at);
	load(g, AX, 0x80000002);
	subject(g);
	opcode(g, 0xffe3);
}

/* Pushes, pops and calls there, where no exception finds its own stack. */
static void emit_stack_top(struct gen *g, const struct op *op)
{
	static const u16 of[] = { 0x50, 0x58, 0x9c, 0x6a11, 0xe800, 0x60, 0x61, 0xc9 };
	u32 value = DRAW(g, of), at = draw(g, 0x18) - 0xc;

	(void)op;
	if (g->mode->paging == NO_PAGING)
		return;
	if (g->write)
		g->s->touches |= TOUCHES_TOP;
	load(g, SP, at);
	load(g, BP, at);
	subject(g);
	opcode(g, value);
	if (value == 0xe800)
		bytes(g, 0, 3);
	load(g, SP, g->s->cpu.gpr[SP]);
}

/* PUSHA, POPA, LEAVE. */
static void emit_stack_all(struct gen *g, const struct op *op)
{
	load(g, BP, WINDOW_SP - 0x40 + (g->mode->bits == 16 ? 0 : WINDOW));
	subject(g);
	if (chance(g, 4))
		byte(g, 0x66);
	opcode(g, op->value);
}

static const struct op table[] = {
	{ "far", "iret", ANY, 5, emit_iret, 0, 0 },
	{ "far", "ret_far", ANY, 4, emit_ret_far, 0, 0 },
	{ "far", "jmp_far", ANY, 4, emit_far, 0, 0 },
	{ "far", "call_far", ANY, 4, emit_far, 1, 0 },
	{ "task", "task", LEGACY | BITS32, 8, emit_task, 0, 0 },
	{ "task", "task", LEGACY | DESCRIBED | BITS16, 8, emit_task, 0, 0 },
	{ "task", "task_int", LEGACY | CPL3 | BITS16, 4, emit_task, 2, 0 },
	{ "task", "task16", LEGACY | BITS32, 6, emit_task, 0, 1 },
	{ "task", "task16", LEGACY | DESCRIBED | BITS16, 6, emit_task, 0, 1 },
	{ "table", "lgdt", ANY, 2, emit_table, 2, 0 },
	{ "table", "lidt", ANY, 2, emit_table, 3, 0 },
	{ "table", "lldt", ANY, 3, emit_selector, 0x0f00d2, 0 },
	{ "table", "ltr", ANY, 3, emit_selector, 0x0f00da, 0 },
	{ "table", "sldt_r", ANY, 1, emit_selector, 0x0f00c2, 1 },
	{ "table", "str_r", ANY, 1, emit_selector, 0x0f00ca, 1 },
	{ "segment", "lar_r", ANY, 2, emit_selector, 0x0f02c2, 1 },
	{ "segment", "lsl_r", ANY, 2, emit_selector, 0x0f03c2, 1 },
	{ "segment", "verr_r", ANY, 1, emit_selector, 0x0f00e2, 0 },
	{ "segment", "verw_r", ANY, 1, emit_selector, 0x0f00ea, 0 },
	{ "segment", "arpl", BITS32 | BITS16, 1, emit_selector, 0x63d0, 0 },
	{ "segment", "load_ss", DESCRIBED, 3, emit_load_ss, 0, 0 },
	{ "base", "fsgsbase", BITS64, 3, emit_fsgsbase, 0, 0 },
	{ "base", "swapgs", ANY, 2, emit_swapgs, 0x0f01f8, 0 },
	{ "syscall", "syscall", ANY, 2, emit_syscall, 0x0f05, 0 },
	{ "syscall", "sysret", ANY, 2, emit_syscall, 0x0f07, 0 },
	{ "syscall", "sysenter", ANY, 2, emit_syscall, 0x0f34, 0 },
	{ "syscall", "sysexit", ANY, 2, emit_syscall, 0x0f35, 1 },
	{ "prefix", "lock", ANY, 4, emit_prefixed, 0, 0 },
	{ "prefix", "long", ANY, 4, emit_prefixed, 0, 1 },
	{ "edge", "edge", BITS16, 3, emit_edge, 0, 0 },
	{ "top", "edge_top", BITS64 | BITS32, 8, emit_edge_top, 0, 0 },
	{ "top", "stack_top", CPL3 | BITS64 | BITS32, 8, emit_stack_top, 0, 0 },
	{ "stack", "pusha", BITS32 | BITS16, 1, emit_stack_all, 0x60, 0 },
	{ "stack", "popa", BITS32 | BITS16, 1, emit_stack_all, 0x61, 0 },
	{ "stack", "leave", ANY, 1, emit_stack_all, 0xc9, 0 },
};

struct ops ops_control(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
