// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of two processors: what the peer (peer.h) is asked for while the sequence waits.
 *
 * Source: Intel SDM volume 3, sections "Interrupt Command Register (ICR)", "Determining IPI
 * Destination", "Handling Multiple NMIs"; volume 2, instructions STI, HLT.
 */
#include "tests/agree/generate.h"
#include "machine/x86.h"

#define NMI		0x400
#define INIT		0x500
#define SIPI		0x600
#define LOWEST		0x100
#define LOGICAL		0x800
#define SELF		0x40000
#define SHORTHAND	0xc0000
#define ASSERT		0x4000
#define LEVEL		0x8000
#define OTHER		1		/* which the sequence runs on */

/* How it waits. */
enum wait {
	AS_IT_IS,
	OPEN,		/* STI first */
	SHUT,		/* CLI first, and STI behind it */
	HALTED,		/* STI, HLT */
	DEAF,		/* CLI, HLT: only an NMI or INIT ends it */
};

/* An opcode with a place in the window, by its address alone. */
static void memory_at(struct gen *g, u32 op, u32 reg, u32 at)
{
	opcode(g, op);
	if (g->mode->bits == 16) {
		byte(g, 0x06 | reg << 3);
		bytes(g, at, 2);
		return;
	}
	byte(g, (g->mode->bits == 64 ? 0x04 : 0x05) | reg << 3);
	if (g->mode->bits == 64)
		byte(g, 0x25);
	bytes(g, WINDOW + at, 4);
}

/* The number in memory. */
static void ask(struct gen *g, enum wait how, struct act *a)
{
	/* What waits comes before the peer is asked. */
	if (how == OPEN || how == HALTED) {
		plain(g, 0xfb);
		plain(g, 0x90);
	} else if (how == SHUT || how == DEAF) {
		plain(g, 0xfa);
	}
	a->halted = how == HALTED || how == DEAF;
	a->at_once = how == SHUT;
	begin(g);
	memory_at(g, 0xc6, 0, WINDOW_ASK);
	byte(g, 1 + g->item);
}

/* And the jump to itself. */
static void await(struct gen *g, enum wait how, struct act *a)
{
	if (a->halted)
		plain(g, 0xf4);
	begin(g);
	a->spin = g->s->length;
	bytes(g, PEER_SPIN, 2);
	if (how == SHUT) {
		plain(g, 0xfb);
		plain(g, 0x90);
	}
	if (g->write) {
		g->s->touches |= TOUCHES_PEER | TOUCHES_APIC;
		g->s->acts[g->item] = *a;
	}
}

static void ask_and_await(struct gen *g, enum wait how, struct act *a)
{
	ask(g, how, a);
	await(g, how, a);
}

/* Who clears IF at CPL 3 cannot be sure that it is set again. */
static enum wait draw_wait(struct gen *g)
{
	static const u8 waits[] = { OPEN, OPEN, SHUT, SHUT, HALTED, AS_IT_IS };

	return g->mode->cpl ? AS_IT_IS : DRAW(g, waits);
}

/*
 * None of an exception, a task's gate, or the monitor's own. Of those that stay in service, one
 * of each class: Bochs takes a higher one of the same class as deliverable, and then delivers
 * the spurious one.
 */
static u32 draw_vector(struct gen *g)
{
	static const u8 stay[] = { 0x2a, 0x31 };

	return chance(g, 4) ? DRAW(g, stay) : 0x40 + draw(g, 0x1e);
}

static u32 draw_destination(struct gen *g, u32 *to)
{
	static const u32 shorthands[] = { 0, 0, 0, 0x40000, 0x80000, 0xc0000 };
	static const u32 physical[] = { OTHER, OTHER, 0, 0x77, ~0u };
	static const u32 logical[] = { 2, 2, 1, 3, 0x10002, 0, 0xfffd };
	bool is_logical = chance(g, 3);

	*to = is_logical ? DRAW(g, logical) : DRAW(g, physical);
	return DRAW(g, shorthands) | (is_logical ? LOGICAL : 0);
}

static void emit_ipi(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_SEND, .nr = 1 + (chance(g, 3) ? draw(g, PEER_SENDS) : 0) };
	enum wait wait = draw_wait(g);

	(void)op;
	for (u32 i = 0; i < a.nr; i++)
		a.send[i].icr = ASSERT | draw_vector(g) | draw_destination(g, &a.send[i].to);
	ask_and_await(g, wait, &a);
}

/* How to wait for what IF does not mask: an emulator may have it wait where IF is clear. */
static enum wait draw_awake(struct gen *g)
{
	static const u8 waits[] = { OPEN, OPEN, HALTED, DEAF };

	if (!g->mode->cpl)
		return DRAW(g, waits);
	/* Where another operation may have cleared IF, STI sets it. */
	if (g->mode->flags & RFLAGS_IOPL3)
		return OPEN;
	if (g->write)
		g->s->cpu.flags |= RFLAGS_IF;
	return AS_IT_IS;
}

static void emit_nmi(struct gen *g, const struct op *op)
{
	struct act a = { .kind = op->value, .nr = 1 };
	enum wait wait = draw_awake(g);

	if (a.kind == ACT_HOLD)
		a.nr = 1 + draw(g, PEER_SENDS);
	for (u32 i = 0; i < a.nr; i++)
		a.send[i].icr = NMI | ASSERT | draw_destination(g, &a.send[i].to);
	/* To itself there is none. */
	for (u32 i = 0; i < a.nr; i++) {
		if ((a.send[i].icr & SHORTHAND) == SELF)
			a.send[i].icr &= ~SELF;
	}
	ask_and_await(g, wait, &a);
}

/* To whom of two: the second bit is the sequence's. */
static void emit_lowest(struct gen *g, const struct op *op)
{
	static const u8 destinations[] = { 1, 2, 3, 3 };
	struct act a = { .kind = ACT_SEND, .nr = 1 };
	enum wait wait = draw_wait(g);

	(void)op;
	a.send[0].icr = LOWEST | LOGICAL | ASSERT | (0x40 + draw(g, 0x1e));
	a.send[0].to = DRAW(g, destinations);
	ask_and_await(g, wait, &a);
}

static void send_and_await(struct gen *g, u32 icr)
{
	struct act a = { .kind = ACT_SEND, .nr = 1, .send = { { .icr = icr, .to = OTHER } } };

	ask_and_await(g, draw_wait(g), &a);
}

/* What a processor that runs does not heed: a SIPI, the end of an INIT. */
static void emit_odd(struct gen *g, const struct op *op)
{
	u32 sipi = SIPI | ASSERT | draw(g, 0x80);

	(void)op;
	send_and_await(g, chance(g, 2) ? sipi : INIT | LEVEL);
}

/* And vectors of exceptions, which no interrupt has. */
static void emit_no_vector(struct gen *g, const struct op *op)
{
	(void)op;
	send_and_await(g, draw(g, 16) | ASSERT);
}

/*
 * INIT, more than one perhaps, and SIPI. No interrupts between them: Bochs notes those that an
 * APIC gets which software has not enabled.
 */
static void emit_reset(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_RESET, .nr = 1 + draw(g, PEER_SENDS), .page = 0x50 };
	enum wait wait = draw_awake(g);

	(void)op;
	a.page += draw(g, 0x40);
	for (u32 i = 0; i < a.nr; i++) {
		a.send[i].icr = INIT | ASSERT;
		a.send[i].to = OTHER;
	}
	if (g->write)
		g->s->touches |= TOUCHES_FPU;
	ask_and_await(g, wait, &a);
}

/* The instruction behind the wait has another operand than it had. */
static void emit_patch(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_PATCH, .value = (u32)draw64(g) };

	(void)op;
	ask_and_await(g, AS_IT_IS, &a);
	load(g, AX, 0x11111111);
	if (g->write)
		g->s->acts[g->item].patch = g->s->length - 4;
}

static void emit_count(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_COUNT, .number = 50 + draw(g, 100) };
	u32 start;

	(void)op;
	load(g, CX, 50 + draw(g, 100));
	ask(g, AS_IT_IS, &a);
	begin(g);
	start = g->s->length;
	byte(g, 0xf0);
	memory_at(g, 0xff, 0, WINDOW_COUNT);		/* INC */
	begin(g);
	byte(g, 0xe2);					/* LOOP */
	byte(g, start - (g->s->length + 1));
	plain(g, 0x31c0);	/* the flags are of whichever sum was its last */
	await(g, AS_IT_IS, &a);
	begin(g);
	memory_at(g, 0x8b, AX, WINDOW_COUNT);
}

/* INVLPG, and what is there now is read and written. */
static void emit_map(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_MAP };
	u32 at = WINDOW_MAPPED + 4 * draw(g, 16);

	(void)op;
	begin(g);
	memory_at(g, 0x8b, AX, at);
	ask_and_await(g, AS_IT_IS, &a);
	subject(g);
	memory_at(g, 0x0f01, 7, at);
	begin(g);
	memory_at(g, 0x8b, DX, at);
	begin(g);
	memory_at(g, 0x89, CX, at);
}

static void emit_own(struct gen *g, const struct op *op)
{
	static const u32 of[] = {
		OWN_CR2, OWN_DR0, OWN_CR4, MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_EIP, MSR_STAR,
		MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE, MSR_TSC_AUX, MSR_IA32_PAT,
	};
	struct act a = { .kind = ACT_OWN, .number = DRAW(g, of), .value = draw(g, 0x7fffffff) };

	(void)op;
	if (a.number == MSR_IA32_PAT)
		a.value = 0x0007040600070400;
	else if (a.number < OWN_CR2 || a.number > OWN_CR4)
		note_msr(g, a.number);
	ask_and_await(g, AS_IT_IS, &a);
}

static void emit_cpuid(struct gen *g, const struct op *op)
{
	static const u8 leaves[] = { 1, 4, 0xb, 0xb };
	struct act a = { .kind = ACT_CPUID, .number = DRAW(g, leaves), .value = draw(g, 3) };

	(void)op;
	ask_and_await(g, AS_IT_IS, &a);
}

/* From the sequence to its peer, which masks interrupts until it is asked. */
static void emit_send(struct gen *g, const struct op *op)
{
	struct act a = { .kind = ACT_SEND };
	u32 to, mode = op->value, icr = ASSERT | mode | draw_destination(g, &to);

	/* Of the lowest priority only by logical addresses; an NMI not to itself. */
	if (mode == NMI)
		to = 0, icr &= ~(SHORTHAND | LOGICAL);
	else if (mode)
		to = 1 + draw(g, 3), icr &= ~SHORTHAND;
	if (mode != NMI)
		icr |= 0x40 + draw(g, 0x1e);
	load(g, CX, 0x830);
	load(g, AX, icr);
	load(g, DX, to);
	subject(g);
	opcode(g, 0x0f30);
	ask_and_await(g, AS_IT_IS, &a);
}

#define EMIT(name, where, weight, emit)	{ PEER, name, where, weight, emit, 0, 0 }
#define NMIS(name, weight, kind)	{ PEER, name, ANY, weight, emit_nmi, kind, 0 }
#define SENDS(name, weight, mode)	{ PEER, name, CPL0, weight, emit_send, mode, 0 }

static const struct op table[] = {
	EMIT("ipi", ANY, 10, emit_ipi),
	EMIT("lowest", ANY, 4, emit_lowest),
	NMIS("nmi", 6, ACT_SEND),
	NMIS("nmi_in_nmi", 4, ACT_HOLD),
	EMIT("odd", ANY, 3, emit_odd),
	EMIT("no_vector", ANY, 2, emit_no_vector),
	EMIT("reset", ANY, 4, emit_reset),
	SENDS("send", 3, 0),
	SENDS("send_lowest", 2, LOWEST | LOGICAL),
	SENDS("send_nmi", 2, NMI),
	EMIT("patch", ANY, 3, emit_patch),
	EMIT("count", ANY, 3, emit_count),
	EMIT("map", CPL0, 3, emit_map),
	EMIT("own", ANY, 3, emit_own),
	EMIT("cpuid", ANY, 3, emit_cpuid),
};

struct ops ops_peer(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
