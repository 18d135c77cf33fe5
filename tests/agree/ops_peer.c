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
#define LOGICAL		0x800
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

static void ask(struct gen *g, enum wait wait, struct act *a)
{
	if (wait == OPEN || wait == HALTED)
		plain(g, 0xfb);
	else if (wait == SHUT || wait == DEAF)
		plain(g, 0xfa);
	a->halted = wait == HALTED || wait == DEAF;
	begin(g);
	opcode(g, g->mode->bits == 64 ? 0xc60425 : g->mode->bits == 32 ? 0xc605 : 0xc606);
	bytes(g, WINDOW_ASK + (g->mode->bits == 16 ? 0 : WINDOW), g->mode->bits == 16 ? 2 : 4);
	byte(g, 1 + g->item);
	if (a->halted)
		plain(g, 0xf4);
	begin(g);
	a->spin = g->s->length;
	bytes(g, PEER_SPIN, 2);
	if (wait == SHUT) {
		plain(g, 0xfb);
		plain(g, 0x90);
	}
	if (g->write) {
		g->s->touches |= TOUCHES_PEER | TOUCHES_APIC;
		g->s->acts[g->item] = *a;
	}
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
	a.at_once = wait == SHUT;
	for (u32 i = 0; i < a.nr; i++)
		a.send[i].icr = ASSERT | draw_vector(g) | draw_destination(g, &a.send[i].to);
	ask(g, wait, &a);
}

#define EMIT(name, where, weight, emit)	{ PEER, name, where, weight, emit, 0, 0 }

static const struct op table[] = {
	EMIT("ipi", ANY, 10, emit_ipi),
};

struct ops ops_peer(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
