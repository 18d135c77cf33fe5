// SPDX-License-Identifier: GPL-2.0-only
/* Hardware task switches, 16-bit and 32-bit TSSs. */
#include "hv/cpu/task_switch.h"
#include "hv/cpu/cr_rules.h"
#include "hv/cpu/debug.h"
#include "machine/x86.h"

#define DESCRIPTOR_P		(1ull << 47)
#define DESCRIPTOR_ACCESSED	(1ull << 40)		/* of code and data */

/* Access rights: type and S. */
enum {
	TYPE_TSS_BUSY = 2, TYPE_TSS_32 = 8,	/* bits in the type of a TSS */
	RIGHTS_CODE = 0x9b, RIGHTS_DATA = 0x93,
	RIGHTS_DPL = 5,				/* shift */
};

#define DR7_LOCAL		0x155ull		/* L0 to L3, and LE */
#define SELECTOR_INDEX		0xfffcu			/* with TI, as error codes have it */
#define SELECTOR_LDT		0x4u

#define READ			(GMEM_READ | GMEM_IMPLICIT)
#define WRITE			(GMEM_WRITE | GMEM_IMPLICIT)

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
	struct gmem_fault *fault;
	bool external;
};

/* For `return`: there is an exception. */
static bool raise(struct context *c, u32 vector, u32 error)
{
	*c->fault = (struct gmem_fault){ .vector = vector, .error = error | c->external };
	return false;
}

static bool copy(struct context *c, u32 gla, void *data, u64 bytes, u32 access)
{
	struct task_cpu *cpu = c->cpu;

	/* Of the two, #AC has an error code that tells EXT. */
	if (!gmem_copy(c->m, &cpu->paging, gla, data, bytes, access, c->fault))
		return c->fault->vector == VECTOR_AC && raise(c, VECTOR_AC, 0);
	cpu->traps |= debug_hits(cpu->dr7, cpu->dr,
				 access & GMEM_WRITE ? DEBUG_WRITE : DEBUG_READ, gla, bytes);
	return true;
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
	if (!copy(c, gla, &descriptor, sizeof(descriptor), READ))
		return false;
	if (!fits(index, selector, descriptor >> 40, cpl))
		return raise(c, VECTOR_TS, error);
	if (!(descriptor & DESCRIPTOR_P))
		return raise(c, index == SS ? VECTOR_SS : index == LDTR ? VECTOR_TS : VECTOR_NP,
			     error);
	if (index != LDTR && !(descriptor & DESCRIPTOR_ACCESSED)) {
		descriptor |= DESCRIPTOR_ACCESSED;
		if (!copy(c, gla, &descriptor, sizeof(descriptor), WRITE))
			return false;
	}
	segment_decode(s, selector, descriptor);
	return true;
}

/*
 * What the segment registers are until their descriptors are loaded, and stay if one
 * of them cannot be: the new selectors, at CPL 3, so that the exception finds a stack. CS gets
 * that for its RPL too, or else Bochs would not enter the guest.
 */
static void reset_segments(struct context *c, const u32 *selector, u32 nr)
{
	struct segment *now = c->cpu->segment;
	bool v86 = c->cpu->paging.rflags & RFLAGS_VM;

	for (u32 i = ES; i <= GS; i++) {
		u16 s = i < nr ? selector[i] : 0;

		if (v86)
			now[i] = (struct segment){ s, (u32)s << 4, 0xffff, SEGMENT_V86 };
		else if (i != CS && i != SS)
			now[i] = (struct segment){ .selector = s, .rights = SEGMENT_UNUSABLE };
		else if (i == CS)
			now[i] = (struct segment){
				s | 3, 0, 0xffff, RIGHTS_CODE | 3 << RIGHTS_DPL,
			};
		else
			now[i] = (struct segment){
				s, 0, 0xffff, RIGHTS_DATA | 3 << RIGHTS_DPL,
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

/* The last steps, as the new task's own: an error code of @bytes on its stack, and where it is. */
static bool begin(struct context *c, const struct task_request *r, u32 bytes)
{
	struct task_cpu *cpu = c->cpu;
	const struct segment *ss = &cpu->segment[SS];
	u32 mask = ss->rights & SEGMENT_BIG ? ~0u : 0xffff, error = r->error;
	u32 access = GMEM_WRITE | (SEGMENT_DPL(ss->rights) == 3 ? GMEM_USER : 0);
	u64 sp = cpu->regs[4];

	if (r->has_error) {
		u32 offset = (sp - bytes) & mask;

		if (!segment_allows(ss, offset, bytes, true))
			return raise(c, VECTOR_SS, 0);
		if (!copy(c, ss->base + offset, &error, bytes, access))
			return false;
		sp = (sp & ~(u64)mask) | offset;
	}
	if (cpu->rip > cpu->segment[CS].limit)
		return raise(c, VECTOR_GP, 0);
	cpu->regs[4] = sp;
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
	if (tr->limit < l->first + nr * l->slot - 1)
		return raise(c, VECTOR_TS, tr->selector & SELECTOR_INDEX);
	return copy(c, tr->base + l->first, bytes, nr * l->slot, WRITE);
}

/* Set or clear the busy flag of the TSS @selector, whose descriptor is in the GDT. */
static bool set_busy(struct context *c, u16 selector, bool busy)
{
	u64 gla = c->cpu->gdt_base + (selector & ~7u) + 4;
	u32 high, flag = DESCRIPTOR_BUSY >> 32;

	if (!copy(c, gla, &high, sizeof(high), READ))
		return false;
	high = busy ? high | flag : high & ~flag;
	return copy(c, gla, &high, sizeof(high), WRITE);
}

/* The new TSS as bytes; all that may be wrong with it is the old task's exception. */
static bool open_tss(struct context *c, const struct task_request *r, struct segment *tss,
		     u8 *bytes)
{
	u32 error = r->selector & SELECTOR_INDEX, invalid = VECTOR_GP, type;
	const struct layout *l;
	u64 gla, descriptor;

	if (r->source == TASK_IRET)
		invalid = VECTOR_TS;
	if (!error || r->selector & SELECTOR_LDT || !find_descriptor(c, r->selector, &gla))
		return raise(c, invalid, error);
	if (!copy(c, gla, &descriptor, sizeof(descriptor), READ))
		return false;
	segment_decode(tss, r->selector, descriptor);
	type = SEGMENT_KIND(tss->rights);
	/* A task is busy while it runs or is to be returned to, and can do only one of them. */
	if ((type & ~(TYPE_TSS_BUSY | TYPE_TSS_32)) != KIND_TSS16 ||
	    !!(type & TYPE_TSS_BUSY) != (r->source == TASK_IRET))
		return raise(c, invalid, error);
	if (!(tss->rights & SEGMENT_PRESENT))
		return raise(c, VECTOR_NP, error);
	l = &layouts[!!(type & TYPE_TSS_32)];
	if (tss->limit < l->size - 1u)
		return raise(c, VECTOR_TS, error);
	if (!copy(c, tss->base, bytes, l->size, READ))
		return false;
	/* Breakpoints until here are the CPU's, and one may be on what is for no register. */
	c->cpu->traps = 0;
	return copy(c, tss->base + l->first, bytes + l->first, l->size - l->first, READ);
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
	/* With 16 bits come ones in the upper half of a general register. */
	for (u32 i = 0; i < 8; i++)
		cpu->regs[i] = value[SLOT_REGS + i] | (l->slot == 2 ? 0xffff0000 : 0);
	cpu->paging.cr0 |= CR0_TS;
	cpu->dr7 &= ~DR7_LOCAL;
	reset_segments(c, &value[SLOT_SELECTORS], l->selectors);
	__builtin_memcpy(&cr3, bytes + TSS_CR3, sizeof(cr3));
	return (l->slot == 2 || load_cr3(c, cr3)) &&
	       load_segments(c, &value[SLOT_SELECTORS], l->selectors, value[ldt]) &&
	       begin(c, r, l->slot);
}

bool task_switch(const struct gmem *m, struct task_cpu *cpu, const struct task_request *r,
		 struct gmem_fault *fault)
{
	bool nested = r->source == TASK_CALL || r->source == TASK_GATE;
	struct context c = { m, cpu, fault, r->external };
	u16 old = cpu->segment[TR].selector;
	const struct layout *l;
	struct segment tss;
	u8 bytes[0x68];

	if (!open_tss(&c, r, &tss, bytes) || !save(&c, r) ||
	    !(nested ? copy(&c, tss.base + TSS_LINK, &old, sizeof(old), WRITE) :
		       set_busy(&c, old, false)) ||
	    (r->source != TASK_IRET && !set_busy(&c, r->selector, true)))
		return false;

	/* From here on it is the new task that runs. */
	l = &layouts[!!(tss.rights & TYPE_TSS_32)];
	tss.rights |= TYPE_TSS_BUSY;
	cpu->segment[TR] = tss;
	if (!load(&c, r, l, bytes))
		return false;
	if (l->slot == 4 && bytes[TSS_TRAP] & 1)
		cpu->traps |= DR6_BT;
	return true;
}
