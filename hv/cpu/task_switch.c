// SPDX-License-Identifier: GPL-2.0-only
/* Hardware task switches, 16-bit and 32-bit TSSs. */
#include "hv/cpu/task_switch.h"
#include "hv/cpu/cr_rules.h"
#include "machine/x86.h"

#define DESCRIPTOR_P		(1ull << 47)
#define DESCRIPTOR_ACCESSED	(1ull << 40)		/* of code and data */

/* Access rights: type and S. */
enum {
	TYPE_TSS_BUSY = 2, TYPE_TSS_32 = 8,	/* bits in the type of a TSS */
	RIGHTS_V86 = 0xf3,			/* data, writable, accessed, DPL 3 */
	RIGHTS_CODE = 0x9b, RIGHTS_DATA = 0x93,
	RIGHTS_DPL = 5,				/* shift */
};

#define DR7_LOCAL		0x155ull		/* L0 to L3, and LE */
#define SELECTOR_INDEX		0xfffcu			/* with TI, as error codes have it */
#define SELECTOR_LDT		0x4u

#define TSS_LINK		0
#define TSS_CR3			0x1c			/* of 32 bits only, as is: */
#define TSS_TRAP		0x64

/* Both kinds of TSS have EIP, EFLAGS, eight registers, selectors and LDTR in this order. */
enum { SLOT_EIP, SLOT_EFLAGS, SLOT_REGS, SLOT_SELECTORS = SLOT_REGS + 8, SLOTS_MAX = 17 };

static const struct layout {
	u8 slot;		/* bytes of one */
	u8 first;		/* offset of EIP */
	u8 selectors;		/* ES CS SS DS, and FS GS */
	u8 size;		/* of the smallest TSS */
} layouts[] = {
	{ 2, 0x0e, 4, 0x2c },
	{ 4, 0x20, 6, 0x68 },
};

/* All that the steps of one switch share. */
struct context {
	const struct gmem *m;
	struct task_cpu *cpu;
	struct task_fault *fault;
	bool external;
};

/* For `return`: there is an exception. */
static bool raise(struct context *c, u32 vector, u32 error)
{
	*c->fault = (struct task_fault){ vector, error | c->external, 0 };
	return false;
}

static bool copy(struct context *c, u64 gla, void *data, u64 bytes, u32 access)
{
	struct gmem_fault fault;

	if (gmem_copy(c->m, &c->cpu->paging, (u32)gla, data, bytes, access, &fault) == GMEM_OK)
		return true;
	*c->fault = (struct task_fault){ VECTOR_PF, fault.error, fault.address };
	return false;
}

/* Linear address of a descriptor; false: it is beyond its table. */
static bool find_descriptor(const struct context *c, u16 selector, u64 *gla)
{
	const struct segment *ldt = &c->cpu->segment[LDTR];
	u32 offset = selector & ~7u, limit = c->cpu->gdt_limit;

	*gla = c->cpu->gdt_base + offset;
	if (selector & SELECTOR_LDT) {
		*gla = ldt->base + offset;
		limit = ldt->rights & SEGMENT_UNUSABLE ? 0 : ldt->limit;
	}
	return offset + 7 <= limit;
}

/* Is that descriptor one for segment register @index of a task that runs at @cpl? */
static bool fits(u32 index, u16 selector, u32 rights, u32 cpl)
{
	u32 type = SEGMENT_KIND(rights), rpl = selector & 3, dpl = SEGMENT_DPL(rights);

	if (index == LDTR)
		return type == KIND_LDT && !(selector & SELECTOR_LDT);
	if (!(type & SEGMENT_NO_SYSTEM))
		return false;
	switch (index) {
	case CS:
		return type & SEGMENT_CODE &&
		       (type & SEGMENT_CONFORMING ? dpl <= cpl : dpl == cpl);
	case SS:
		return !(type & SEGMENT_CODE) && type & SEGMENT_WRITABLE && rpl == cpl &&
		       dpl == cpl;
	}
	if (type & SEGMENT_CODE && !(type & SEGMENT_READABLE))
		return false;
	return (type & SEGMENT_CODE && type & SEGMENT_CONFORMING) || (rpl <= dpl && cpl <= dpl);
}

static bool load_segment(struct context *c, u32 index, u16 selector, u32 cpl, struct segment *s)
{
	u32 error = selector & SELECTOR_INDEX;
	u64 gla, descriptor;

	*s = (struct segment){ .selector = selector, .rights = SEGMENT_UNUSABLE };
	if (!error)
		return (index != CS && index != SS) || raise(c, VECTOR_TS, 0);
	if (!find_descriptor(c, selector, &gla))
		return raise(c, VECTOR_TS, error);
	if (!copy(c, gla, &descriptor, sizeof(descriptor), GMEM_READ))
		return false;
	if (!fits(index, selector, descriptor >> 40, cpl))
		return raise(c, VECTOR_TS, error);
	if (!(descriptor & DESCRIPTOR_P))
		return raise(c, index == SS ? VECTOR_SS : index == LDTR ? VECTOR_TS : VECTOR_NP,
			     error);
	if (index != LDTR && !(descriptor & DESCRIPTOR_ACCESSED)) {
		descriptor |= DESCRIPTOR_ACCESSED;
		if (!copy(c, gla, &descriptor, sizeof(descriptor), GMEM_WRITE))
			return false;
	}
	segment_decode(s, selector, descriptor);
	return true;
}

/*
 * What the segment registers are until their descriptors are loaded, and stay if one
 * of them cannot be: the new selectors, at CPL 3, so that the exception finds a stack.
 */
static void reset_segments(struct context *c, const u32 *selector, u32 nr)
{
	struct segment *now = c->cpu->segment;
	bool v86 = c->cpu->paging.rflags & RFLAGS_VM;

	for (u32 i = ES; i <= GS; i++) {
		u16 s = i < nr ? selector[i] : 0;

		if (v86)
			now[i] = (struct segment){ s, (u32)s << 4, 0xffff, RIGHTS_V86 };
		else if (i != CS && i != SS)
			now[i] = (struct segment){ .selector = s, .rights = SEGMENT_UNUSABLE };
		else
			now[i] = (struct segment){
				s, 0, 0xffff, (i == CS ? RIGHTS_CODE : RIGHTS_DATA) |
					      3 << RIGHTS_DPL,
			};
	}
}

/* Descriptors of the new task; an exception here is raised in it. */
static bool load_segments(struct context *c, const u32 *selector, u32 nr, u16 ldt)
{
	struct segment *now = c->cpu->segment, cs, ss;
	bool v86 = c->cpu->paging.rflags & RFLAGS_VM;
	u32 cpl = selector[CS] & 3;

	if (!load_segment(c, LDTR, ldt, cpl, &now[LDTR]))
		return false;
	if (v86)
		return true;
	/* CS and SS together, because their privilege level is one. */
	if (!load_segment(c, CS, selector[CS], cpl, &cs) ||
	    !load_segment(c, SS, selector[SS], cpl, &ss))
		return false;
	now[CS] = cs;
	now[SS] = ss;
	for (u32 i = ES; i < nr; i++) {
		if (i != CS && i != SS && !load_segment(c, i, selector[i], cpl, &now[i]))
			return false;
	}
	return true;
}

static bool load_cr3(struct context *c, u32 cr3)
{
	struct gmem_cpu *p = &c->cpu->paging;

	if (!(p->cr0 & CR0_PG))
		return true;
	if (p->cr4 & CR4_PAE) {
		u64 pdpte[4];

		gmem_read_phys(c->m, cr3 & ~0x1fu, pdpte, sizeof(pdpte));
		if (!pdptes_valid(pdpte, p->maxphyaddr))
			return raise(c, VECTOR_GP, 0);
		__builtin_memcpy(p->pdpte, pdpte, sizeof(pdpte));
	}
	p->cr3 = cr3;
	return true;
}

static bool push_error(struct context *c, u32 error, u32 bytes)
{
	const struct segment *ss = &c->cpu->segment[SS];
	u32 mask = ss->rights & SEGMENT_BIG ? ~0u : 0xffff;
	u64 *sp = &c->cpu->regs[4];
	u32 new_sp = (u32)*sp - bytes;

	if (!copy(c, ss->base + (new_sp & mask), &error, bytes,
		  GMEM_WRITE | (SEGMENT_DPL(ss->rights) == 3 ? GMEM_USER : 0)))
		return false;
	*sp = (*sp & ~(u64)mask) | (new_sp & mask);
	return true;
}

/* Save the old task, as it will go on. */
static bool save(struct context *c, const struct task_request *r)
{
	const struct task_cpu *cpu = c->cpu;
	const struct segment *tr = &cpu->segment[TR];
	const struct layout *l = &layouts[!!(tr->rights & TYPE_TSS_32)];
	u32 value[SLOTS_MAX] = { r->next_rip, cpu->paging.rflags }, nr = SLOT_SELECTORS;
	u8 bytes[sizeof(value)];

	if (r->source == TASK_IRET)
		value[SLOT_EFLAGS] &= ~RFLAGS_NT;
	for (u32 i = 0; i < 8; i++)
		value[SLOT_REGS + i] = cpu->regs[i];
	for (u32 i = 0; i < l->selectors; i++)
		value[nr++] = cpu->segment[i].selector;
	for (u32 i = 0; i < nr; i++)
		__builtin_memcpy(bytes + i * l->slot, &value[i], l->slot);
	return copy(c, tr->base + l->first, bytes, nr * l->slot, GMEM_WRITE);
}

/* Set or clear the busy flag of the TSS @selector, whose descriptor is in the GDT. */
static bool set_busy(struct context *c, u16 selector, bool busy)
{
	u64 gla = c->cpu->gdt_base + (selector & ~7u), descriptor;

	if (!copy(c, gla, &descriptor, sizeof(descriptor), GMEM_READ))
		return false;
	descriptor = busy ? descriptor | DESCRIPTOR_BUSY : descriptor & ~DESCRIPTOR_BUSY;
	return copy(c, gla, &descriptor, sizeof(descriptor), GMEM_WRITE);
}

/* The new TSS as bytes; all that may be wrong with it is the old task's exception. */
static bool open_tss(struct context *c, const struct task_request *r, struct segment *tss,
		     u8 *bytes)
{
	u32 error = r->selector & SELECTOR_INDEX, invalid = VECTOR_GP, type;
	u64 gla, descriptor;

	if (r->source == TASK_IRET)
		invalid = VECTOR_TS;
	if (!error || r->selector & SELECTOR_LDT || !find_descriptor(c, r->selector, &gla))
		return raise(c, invalid, error);
	if (!copy(c, gla, &descriptor, sizeof(descriptor), GMEM_READ))
		return false;
	segment_decode(tss, r->selector, descriptor);
	type = SEGMENT_KIND(tss->rights);
	/* A task is busy while it runs or is to be returned to, and can do only one of them. */
	if ((type & ~(TYPE_TSS_BUSY | TYPE_TSS_32)) != KIND_TSS16 ||
	    !!(type & TYPE_TSS_BUSY) != (r->source == TASK_IRET))
		return raise(c, invalid, error);
	if (!(tss->rights & SEGMENT_PRESENT))
		return raise(c, VECTOR_NP, error);
	if (tss->limit < layouts[!!(type & TYPE_TSS_32)].size - 1u)
		return raise(c, VECTOR_TS, error);
	return copy(c, tss->base, bytes, layouts[!!(type & TYPE_TSS_32)].size, GMEM_READ);
}

static bool load(struct context *c, const struct task_request *r, const struct layout *l,
		 const u8 *bytes)
{
	struct task_cpu *cpu = c->cpu;
	u32 value[SLOTS_MAX] = { 0 }, cr3;
	u32 ldt = SLOT_SELECTORS + l->selectors;

	for (u32 i = 0; i <= ldt; i++)
		__builtin_memcpy(&value[i], bytes + l->first + i * l->slot, l->slot);
	cpu->rip = value[SLOT_EIP];
	cpu->paging.rflags = (value[SLOT_EFLAGS] & RFLAGS_DEFINED) | RFLAGS_FIXED;
	if (r->source == TASK_CALL || r->source == TASK_GATE)
		cpu->paging.rflags |= RFLAGS_NT;
	for (u32 i = 0; i < 8; i++)
		cpu->regs[i] = value[SLOT_REGS + i];
	cpu->paging.cr0 |= CR0_TS;
	cpu->dr7 &= ~DR7_LOCAL;
	reset_segments(c, &value[SLOT_SELECTORS], l->selectors);
	__builtin_memcpy(&cr3, bytes + TSS_CR3, sizeof(cr3));
	return (l->slot == 2 || load_cr3(c, cr3)) &&
	       load_segments(c, &value[SLOT_SELECTORS], l->selectors, value[ldt]) &&
	       (!r->has_error || push_error(c, r->error, l->slot));
}

enum task_result task_switch(const struct gmem *m, struct task_cpu *cpu,
			     const struct task_request *r, struct task_fault *fault)
{
	struct context c = { m, cpu, fault, r->external };
	u16 old = cpu->segment[TR].selector;
	const struct layout *l;
	struct segment tss;
	u8 bytes[0x68];

	if (!open_tss(&c, r, &tss, bytes) || !save(&c, r))
		return TASK_FAULT;
	if (r->source == TASK_CALL || r->source == TASK_GATE) {
		if (!copy(&c, tss.base + TSS_LINK, &old, sizeof(old), GMEM_WRITE))
			return TASK_FAULT;
	} else if (!set_busy(&c, old, false)) {
		return TASK_FAULT;
	}
	if (r->source != TASK_IRET && !set_busy(&c, r->selector, true))
		return TASK_FAULT;

	/* From here on it is the new task that runs. */
	l = &layouts[!!(tss.rights & TYPE_TSS_32)];
	tss.rights |= TYPE_TSS_BUSY;
	cpu->segment[TR] = tss;
	c.external = false;
	if (!load(&c, r, l, bytes))
		return TASK_FAULT;
	return l->slot == 4 && bytes[TSS_TRAP] & 1 ? TASK_TRAPS : TASK_DONE;
}
