// SPDX-License-Identifier: GPL-2.0-only
/* Hardware task switches, 16-bit and 32-bit TSSs. */
#include "hv/cpu/task_switch.h"
#include "hv/cpu/cr_rules.h"
#include "hv/cpu/debug.h"
#include "machine/x86.h"

#define DESCRIPTOR_ACCESSED	(1ull << 40)		/* of code and data */

/* Bits in the type of a TSS. */
enum { TYPE_TSS_BUSY = 2, TYPE_TSS_32 = 8 };

#define DR7_LOCAL		0x155ull		/* L0 to L3, and LE */
#define SELECTOR_INDEX		0xfffcu			/* with TI, as error codes have it */
#define SELECTOR_LDT		0x4u

#define READ			(GMEM_READ | GMEM_IMPLICIT)
#define WRITE			(GMEM_WRITE | GMEM_IMPLICIT)

/* What a TSS of 32 bits holds, in slots of 32 bits. */
enum {
	SLOT_LINK, SLOT_CR3 = 7, SLOT_EIP, SLOT_EFLAGS, SLOT_REGS, SLOT_SELECTORS = SLOT_REGS + 8,
	SLOT_LDT = SLOT_SELECTORS + 6, SLOT_TRAP, SLOTS
};

/*
 * One of 16 bits has EIP, EFLAGS, eight registers, ES, CS, SS, DS and LDT, in this order. It
 * becomes one of 32 bits when it has been read, and what is saved was one before.
 */
union tss {
	u16 half[2 * SLOTS];
	u32 slot[SLOTS];
};

/* Offsets. */
static const struct layout {
	u8 slot;		/* bytes of one */
	u8 first;		/* EIP */
	u8 saved, loaded;	/* ends of the last selector, and of the word with the T flag */
} layouts[] = {
	{ 2, 0x0e, 0x2a, 0x2c },
	{ 4, 0x20, 0x5e, 0x66 },
};

/* All that the steps of one switch share. */
struct context {
	const struct gmem *m;
	struct task_cpu *cpu;
	struct gmem_fault *fault;
	const struct task_request *request;
	u32 invalid;		/* the exception for a descriptor that does not fit */
	bool nested;
};

/* For `return`: there is an exception. */
static bool raise(struct context *c, u32 vector, u32 error)
{
	*c->fault = (struct gmem_fault){ .vector = vector, .error = error | c->request->external };
	return false;
}

static void watch(struct context *c, u32 gla, u32 bytes, u32 access)
{
	struct task_cpu *cpu = c->cpu;

	if (cpu->dr7 & DR7_ENABLED)
		cpu->traps |= debug_hits(cpu->dr7, cpu->dr,
					 access & GMEM_WRITE ? DEBUG_WRITE : DEBUG_READ, gla,
					 bytes);
}

static const struct layout *layout(const struct segment *tss)
{
	return &layouts[!!(tss->rights & TYPE_TSS_32)];
}

/* Does a TSS end before that? A slot is there, or not, as a whole. */
static bool ends_before(const struct segment *tss, u32 end)
{
	return tss->limit < ((end - 1) | (layout(tss)->slot - 1));
}

/* Find what is read or written, and the breakpoints on it. */
static bool find(struct context *c, u32 gla, u32 bytes, u32 access, struct gmem_span *span)
{
	/* Of the two, #AC has an error code that tells EXT. */
	if (!gmem_translate(c->m, &c->cpu->paging, gla, bytes, access, span, c->fault))
		return c->fault->vector == VECTOR_AC && raise(c, VECTOR_AC, 0);
	watch(c, gla, bytes, access);
	return true;
}

/* Read a descriptor, or @bytes of it, and change flags in them if any are given. */
static bool touch(struct context *c, u32 gla, u64 *descriptor, u32 bytes, u32 clear, u32 set)
{
	struct gmem_span span;

	if (!find(c, gla, bytes, clear | set ? WRITE : READ, &span))
		return false;
	gmem_copy_span(c->m, &span, descriptor, GMEM_READ);
	if (clear | set) {
		*descriptor = (*descriptor & ~(u64)clear) | set;
		gmem_copy_span(c->m, &span, descriptor, GMEM_WRITE);
	}
	return true;
}

/* Is that descriptor one for segment register @index of a task that runs at @cpl? */
static bool fits(const struct context *c, u32 index, u16 selector, u32 rights, u32 cpl)
{
	u32 type = SEGMENT_KIND(rights), rpl = selector & 3, dpl = SEGMENT_DPL(rights);

	/* A task is busy while it runs or is to be returned to, and can do only one of them. */
	if (index >= LDTR)
		return index == LDTR ? type == KIND_LDT : (type & ~TYPE_TSS_32) ==
		       (c->request->source == TASK_IRET ? KIND_TSS16 | TYPE_TSS_BUSY : KIND_TSS16);
	if (!(type & SEGMENT_NO_SYSTEM))
		return false;
	if (index == CS)
		return type & SEGMENT_CODE &&
		       (type & SEGMENT_CONFORMING ? dpl <= cpl : dpl == cpl);
	if (index == SS)
		return !(type & SEGMENT_CODE) && type & SEGMENT_WRITABLE && rpl == cpl &&
		       dpl == cpl;
	if (type & SEGMENT_CODE && !(type & SEGMENT_READABLE))
		return false;
	return (type & SEGMENT_CODE && type & SEGMENT_CONFORMING) || (rpl <= dpl && cpl <= dpl);
}

static bool load_segment(struct context *c, u32 index, u16 selector, u32 cpl, struct segment *s)
{
	const struct task_cpu *cpu = c->cpu;
	bool local = selector & SELECTOR_LDT;
	u32 error = selector & SELECTOR_INDEX, limit;
	u64 gla, descriptor, flags;

	if (!error)
		return (index != CS && index != SS && index != TR) || raise(c, c->invalid, 0);
	limit = local ? cpu->segment[LDTR].limit : cpu->gdt_limit;
	gla = (local ? cpu->segment[LDTR].base : cpu->gdt_base) + (selector & ~7u);
	if ((index >= LDTR && local) || (selector | 7u) > limit)
		return raise(c, c->invalid, error);
	if (!touch(c, gla, &descriptor, sizeof(descriptor), 0, 0))
		return false;
	if (!fits(c, index, selector, descriptor >> 40, cpl))
		return raise(c, c->invalid, error);
	if (!(descriptor >> 40 & SEGMENT_PRESENT))
		return raise(c, index == SS ? VECTOR_SS : index == LDTR ? VECTOR_TS : VECTOR_NP,
			     error);
	if (index < LDTR && !(descriptor & DESCRIPTOR_ACCESSED)) {
		if (!touch(c, gla + 5, &flags, 1, 0, DESCRIPTOR_ACCESSED >> 40))
			return false;
		descriptor |= DESCRIPTOR_ACCESSED;
	}
	segment_decode(s, selector, descriptor);
	return true;
}

/*
 * What the segment registers are until their descriptors are loaded, and stay if one
 * of them cannot be: the new selectors, at CPL 3, so that the exception finds a stack. CS gets
 * that for its RPL too, or else Bochs would not enter the guest.
 */
static void reset_segments(struct context *c, const union tss *tss)
{
	struct segment *now = c->cpu->segment;
	bool v86 = c->cpu->paging.rflags & RFLAGS_VM;

	for (u32 i = ES; i <= LDTR; i++) {
		u16 s = tss->slot[SLOT_SELECTORS + i];

		now[i] = (struct segment){ s, v86 ? (u32)s << 4 : 0, 0xffff, SEGMENT_V86 };
		if (i == LDTR || (!v86 && i != CS && i != SS))
			now[i].rights = SEGMENT_UNUSABLE;
	}
	now[LDTR].limit = 0;
	if (!v86) {
		now[CS].selector |= 3;
		now[CS].rights |= SEGMENT_CODE;
	}
}

/* Descriptors of the new task; an exception here is raised in it. */
static bool load_segments(struct context *c, const union tss *tss)
{
	const u32 *selector = &tss->slot[SLOT_SELECTORS];
	struct segment *now = c->cpu->segment, cs, ss;
	u32 cpl = selector[CS] & 3;

	if (!load_segment(c, LDTR, selector[LDTR], cpl, &now[LDTR]))
		return false;
	if (c->cpu->paging.rflags & RFLAGS_VM)
		return true;
	/* CS and SS together, because their privilege level is one. */
	if (!load_segment(c, CS, selector[CS], cpl, &cs) ||
	    !load_segment(c, SS, selector[SS], cpl, &ss))
		return false;
	now[CS] = cs;
	now[SS] = ss;
	for (u32 i = ES; i <= GS; i++) {
		if (i != CS && i != SS && !load_segment(c, i, selector[i], cpl, &now[i]))
			return false;
	}
	return true;
}

static bool load_cr3(struct context *c, u32 cr3)
{
	struct gmem_cpu *p = &c->cpu->paging;

	/* PDPTEs are loaded by a change alone. */
	if (!(p->cr0 & CR0_PG) || cr3 == p->cr3)
		return true;
	p->cr3 = cr3;
	if (!(p->cr4 & CR4_PAE))
		return true;
	gmem_copy_phys(c->m, cr3 & ~0x1fu, p->pdpte, sizeof(p->pdpte), GMEM_READ);
	if (pdptes_valid(p->pdpte, p->maxphyaddr))
		return true;
	__builtin_memset(p->pdpte, 0, sizeof(p->pdpte));
	return raise(c, VECTOR_TS, 0);
}

/* The last steps, as the new task's own: an error code of @bytes on its stack, and where it is. */
static bool begin(struct context *c, const struct task_request *r, u32 bytes)
{
	struct task_cpu *cpu = c->cpu;
	const struct segment *ss = &cpu->segment[SS];
	u32 mask = ss->rights & SEGMENT_BIG ? ~0u : 0xffff;
	u32 access = GMEM_WRITE | (SEGMENT_DPL(ss->rights) == 3 ? GMEM_USER : 0);
	u64 sp = cpu->regs[4];
	struct gmem_span span;

	if (r->has_error) {
		u32 offset = (sp - bytes) & mask, error = r->error;

		if (!segment_allows(ss, offset, bytes, true))
			return raise(c, VECTOR_SS, 0);
		if (!find(c, ss->base + offset, bytes, access, &span))
			return false;
		gmem_copy_span(c->m, &span, &error, GMEM_WRITE);
		sp = (sp & ~(u64)mask) | offset;
	}
	if (cpu->rip > cpu->segment[CS].limit)
		return raise(c, VECTOR_GP, 0);
	cpu->regs[4] = sp;
	return true;
}

/* Save the old task, as it will go on. */
static bool save(struct context *c)
{
	const struct task_request *r = c->request;
	const struct task_cpu *cpu = c->cpu;
	const struct segment *tr = &cpu->segment[TR];
	const struct layout *l = layout(tr);
	struct gmem_span span;
	union tss tss;

	if (ends_before(tr, l->saved))
		return raise(c, VECTOR_TS, tr->selector & SELECTOR_INDEX);
	if (!find(c, tr->base + l->first, l->saved - l->first, WRITE, &span))
		return false;
	/* Of a selector's slot the other half stays. */
	gmem_copy_span(c->m, &span, &tss.slot[SLOT_EIP], GMEM_READ);
	tss.slot[SLOT_EIP] = r->next_rip;
	tss.slot[SLOT_EFLAGS] = cpu->paging.rflags & ~(r->source == TASK_IRET ? RFLAGS_NT : 0u);
	for (u32 i = 0; i < 8; i++)
		tss.slot[SLOT_REGS + i] = cpu->regs[i];
	for (u32 i = ES; i <= GS; i++)
		tss.half[2 * (SLOT_SELECTORS + i)] = cpu->segment[i].selector;
	for (u32 i = SLOT_EIP; l->slot == 2 && i < SLOT_LDT; i++)
		tss.half[SLOT_EIP + i] = tss.slot[i];
	gmem_copy_span(c->m, &span, &tss.slot[SLOT_EIP], GMEM_WRITE);
	return true;
}

static void widen(union tss *tss)
{
	/* Ones come with a general register, and zeros of what there is not. */
	tss->slot[SLOT_LDT] = tss->half[SLOT_LDT - 3];
	tss->slot[SLOT_SELECTORS + FS] = tss->slot[SLOT_SELECTORS + GS] = 0;
	tss->slot[SLOT_TRAP] = 0;
	for (u32 i = SLOT_SELECTORS + FS; i-- > SLOT_EIP;)
		tss->slot[i] = tss->half[i - 1] |
			       (i >= SLOT_REGS && i < SLOT_SELECTORS ? 0xffff0000 : 0);
}

/* The new TSS; all that may be wrong with it is the old task's exception. */
static bool open_tss(struct context *c, struct segment *s, union tss *tss)
{
	const struct layout *l;
	struct gmem_span span;
	u32 first;

	if (!load_segment(c, TR, c->request->selector, 0, s))
		return false;
	l = layout(s);
	if (ends_before(s, l->loaded))
		return raise(c, VECTOR_TS, s->selector & SELECTOR_INDEX);
	if (!find(c, s->base, l->loaded + l->slot - 2, READ, &span))
		return false;
	gmem_copy_span(c->m, &span, tss, GMEM_READ);
	/* Breakpoints until here are the CPU's, or maybe on what is not loaded. */
	c->cpu->traps = 0;
	first = l->slot == 4 && c->cpu->paging.cr0 & CR0_PG ? SLOT_CR3 * 4 : l->first;
	watch(c, s->base + first, l->loaded - first, READ);
	if (l->slot == 2)
		widen(tss);
	return true;
}

static bool load(struct context *c, const struct task_request *r, const union tss *tss)
{
	struct task_cpu *cpu = c->cpu;
	u32 bytes = layout(&cpu->segment[TR])->slot;

	cpu->rip = tss->slot[SLOT_EIP];
	cpu->paging.rflags = (tss->slot[SLOT_EFLAGS] & RFLAGS_DEFINED) | RFLAGS_FIXED |
			     (c->nested ? RFLAGS_NT : 0);
	for (u32 i = 0; i < 8; i++)
		cpu->regs[i] = tss->slot[SLOT_REGS + i];
	cpu->paging.cr0 |= CR0_TS;
	cpu->dr7 &= ~DR7_LOCAL;
	reset_segments(c, tss);
	if ((bytes == 4 && !load_cr3(c, tss->slot[SLOT_CR3])) || !load_segments(c, tss) ||
	    !begin(c, r, bytes))
		return false;
	if (tss->slot[SLOT_TRAP] & 1)
		cpu->traps |= DR6_BT;
	return true;
}

bool task_switch(const struct gmem *m, struct task_cpu *cpu, const struct task_request *r,
		 struct gmem_fault *fault)
{
	struct context c = {
		m, cpu, fault, r, r->source == TASK_IRET ? VECTOR_TS : VECTOR_GP,
		r->source == TASK_CALL || r->source == TASK_GATE,
	};
	u16 old = cpu->segment[TR].selector;
	u64 busy = cpu->gdt_base + 4, unused;
	struct gmem_span link;
	struct segment s;
	union tss tss;

	if (!open_tss(&c, &s, &tss) ||
	    (c.nested && !find(&c, s.base, sizeof(old), WRITE, &link)) || !save(&c))
		return false;
	if (c.nested)
		gmem_copy_span(m, &link, &old, GMEM_WRITE);
	if ((!c.nested &&
	     !touch(&c, busy + (old & ~7u), &unused, 4, DESCRIPTOR_BUSY >> 32, 0)) ||
	    (r->source != TASK_IRET &&
	     !touch(&c, busy + (r->selector & ~7u), &unused, 4, 0, DESCRIPTOR_BUSY >> 32)))
		return false;

	/* From here on it is the new task that runs. */
	cpu->switched = true;
	c.invalid = VECTOR_TS;
	s.rights |= TYPE_TSS_BUSY;
	cpu->segment[TR] = s;
	return load(&c, r, &tss);
}
