// SPDX-License-Identifier: GPL-2.0-only
/* Hostile guests, each made from a number. */
#include "tests/hostile/maker.h"

const char *const hostile_modes[] = { "real", "v86", "prot16", "prot32", "compat", "long" };
const char *const hostile_contents[] = { "bytes", "system", "memory", "apic" };

/* See kernel.S: the addresses in its second line. */
enum { BUMP32, IRQ32, BUMP64, IRQ64, BUMP16, IRQ16, TASK, ENTER64, ENTER16 };

struct params {
	uint32_t entry, cr0, cr3, cr4, slot, slots, eoi, reserved;
	struct {
		uint16_t limit;
		uint32_t base;
		uint16_t reserved;
	} __attribute__((packed)) gdtr, idtr;
	uint16_t ldtr, tr;
	uint32_t nr_msrs, nr_stores, reserved2;
	struct {
		uint32_t number, low, high;
	} msrs[16];
	struct {
		uint32_t address, value;
	} stores[8];
};

#define AT(member, address) \
	_Static_assert(PARAMS + offsetof(struct params, member) == (address), #member)
AT(entry, P_ENTRY);
AT(cr0, P_CR0);
AT(cr3, P_CR3);
AT(cr4, P_CR4);
AT(slot, P_SLOT);
AT(slots, P_SLOTS);
AT(eoi, P_EOI);
AT(gdtr, P_GDTR);
AT(idtr, P_IDTR);
AT(ldtr, P_LDTR);
AT(tr, P_TR);
AT(nr_msrs, P_NR_MSRS);
AT(nr_stores, P_NR_STORES);
AT(msrs, P_MSRS);
AT(stores, P_STORES);

/* What a slot begins with; the frames are those that IRET takes, and a stack. */
union block {
	struct {
		uint16_t regs[8], es, ds, ip, cs, flags, sp, ss;
	} b16;
	struct {
		uint32_t regs[8], gs, fs, es, ds, eip, cs, eflags, esp, ss, ves, vds, vfs, vgs;
	} b32;
	struct {
		uint64_t regs[15], rip, cs, rflags, rsp, ss;
	} b64;
	uint8_t bytes[BLOCK_SIZE];
};

_Static_assert(offsetof(union block, b32.eip) == B32_FRAME, "kernel.S has it too");
_Static_assert(sizeof(((union block *)0)->b32) == B32_SIZE, "kernel.S has it too");
_Static_assert(offsetof(union block, b16.ip) == B16_FRAME, "kernel.S has it too");
_Static_assert(sizeof(((union block *)0)->b16) == B16_SIZE, "kernel.S has it too");

#define PRESENT		0x1ull
#define WRITABLE	0x2ull
#define USER		0x4ull
#define LARGE		0x80ull
#define NX		(1ull << 63)

static void *at(struct maker *m, uint32_t address)
{
	return m->ram + address;
}

/* Pages that a program may have. */
static bool for_user(uint32_t address)
{
	return (address >= SLOTS && address < SLOTS + NR_SLOTS * SLOT_SIZE) || address >= DATA;
}

/* One of the first 512 pages: data, though seldom, not quite there. */
static uint64_t page_entry(struct maker *m, uint32_t page, bool wide)
{
	uint64_t entry = page | PRESENT | WRITABLE | (for_user(page) ? USER : 0);

	if (page < DATA || !once(m, 24))
		return entry;
	switch (below(m, wide ? 6 : 4)) {
	case 0:
		return entry & ~PRESENT;
	case 1:
		return entry & ~WRITABLE;
	case 2:
		return entry & ~USER;
	case 3:
		page = any_address(m) & 0xfffff000;
		/* What a program may not have it may not have there either. */
		return page | (entry & 0xfff & ~(for_user(page) ? 0 : USER));
	case 4:
		return entry | NX;
	}
	return entry | 1ull << (36 + below(m, 16));
}

static void make_page_tables(struct maker *m)
{
	uint64_t *pml4 = at(m, PML4), *pdpt = at(m, PDPT), *pd0 = at(m, PD0), *pt0 = at(m, PT0);
	uint64_t *pd3 = at(m, PD3), *pae = at(m, PAE_PDPT), *pd1 = at(m, PD1), *pt1 = at(m, PT1);
	uint32_t *pd32 = at(m, PD32), *pt32 = at(m, PT32);
	uint64_t all = PRESENT | WRITABLE | USER;

	memset(at(m, TABLES), 0, TABLES_SIZE);
	pml4[0] = PDPT | all;
	pml4[256] = PML4 | PRESENT | WRITABLE;
	pml4[511] = PDPT | PRESENT | WRITABLE;
	pdpt[0] = PD0 | all;
	pdpt[1] = PD1 | all;
	pdpt[3] = PD3 | all;
	pae[0] = PD0 | PRESENT;
	pae[1] = PD1 | PRESENT;
	pae[3] = PD3 | PRESENT;
	pd0[0] = PT0 | all;
	pd0[1] = RAM_SIZE | LARGE | all;
	pd1[0] = PT1 | all;
	for (uint32_t i = 512; i < 1024; i++)
		pt32[i] = page_entry(m, i << 12, false);
	for (uint32_t i = 0; i < 512; i++) {
		pt0[i] = page_entry(m, i << 12, true);
		pt32[i] = page_entry(m, i << 12, false);
		pt1[i] = (any_address(m) & 0xffffffffff000) | (any(m) & 0xffb) |
			 (m->im->cpl ? 0 : USER);
		pd3[i] = (0xc0000000u + (i << 21)) | PRESENT | WRITABLE | LARGE;
		if (i >= 1 && i < 16)
			pd1[i] = (any_address(m) & 0xfffffffe00000) | LARGE | PRESENT | WRITABLE;
	}
	pd3[128] |= USER;			/* where nothing is: 0xd0000000 */
	pd32[0] = PT32 | all;
	for (uint32_t i = 768; i < 1024; i++)
		pd32[i] = i << 22 | PRESENT | WRITABLE | LARGE | (i == 832 ? USER : 0);
}

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t rights)
{
	uint64_t pages = limit >> 20 ? 1 : 0;

	if (pages)
		limit >>= 12;
	return (limit & 0xffff) | (uint64_t)(limit >> 16 & 15) << 48 |
	       (uint64_t)(base & 0xffffff) << 16 | (uint64_t)(base >> 24) << 56 |
	       (uint64_t)(rights & 0xff) << 40 | (uint64_t)(rights >> 8 & 0xf) << 52 | pages << 55;
}

/* Any descriptor; of one that a program may use none that leads to the kernel. */
static uint64_t any_descriptor(struct maker *m)
{
	static const uint16_t targets[] = {
		SEL_CODE32, SEL_CODE64, SEL_CODE16, SEL_TSS, SEL_HANDLER, SEL_SPARE, SEL_SLOTS16, 0,
	};
	uint64_t d, dpl = m->im->cpl ? 0 : below(m, 4);
	unsigned int type = below(m, 16);

	switch (below(m, 4)) {
	case 0:
		d = any(m);
		break;
	case 1:					/* a gate */
		d = (uint64_t)PICK(m, targets) << 16 | (any(m) & 31) << 32 |
		    (SLOTS + below(m, NR_SLOTS) * SLOT_SIZE) |
		    (0x80 | (m->im->cpl ? 0 : dpl << 5) | type) << 40;
		break;
	case 2:
		d = descriptor(any_address(m), any_value(m), 0x90 | type | (any(m) & 0xc00));
		d |= dpl << 45;
		break;
	default:
		d = descriptor(once(m, 2) ? SPARE_TSS : any_address(m), any_value(m), 0x80 | type);
		d |= dpl << 45;
	}
	/* Bochs forgets to clear the L bit of a segment when IRET enters virtual-8086 mode. */
	if ((d >> 43 & 3) == 2)
		d &= ~(1ull << 53);
	/* A system descriptor of DPL 3 would be a way into the kernel, or a task. */
	if (m->im->cpl && !(d >> 44 & 1))
		d &= ~(3ull << 45);
	return d;
}

static void make_segments(struct maker *m)
{
	uint64_t *gdt = at(m, GDT), *ldt = at(m, LDT);
	uint32_t tss_type = 0x89;

	for (uint32_t i = 0; i < 512; i++) {
		gdt[i] = any_descriptor(m);
		ldt[i] = any_descriptor(m);
	}
	gdt[0] = 0;
	gdt[SEL_CODE32 / 8] = descriptor(0, 0xffffffff, 0x49b);
	gdt[SEL_DATA32 / 8] = descriptor(0, 0xffffffff, 0x493);
	gdt[SEL_CODE64 / 8] = descriptor(0, 0xffffffff, 0x29b);
	gdt[SEL_CODE16 / 8] = descriptor(0, 0xffff, 0x09b);
	gdt[SEL_DATA16 / 8] = descriptor(0, 0xffff, 0x093);
	gdt[SEL_TSS / 8] = descriptor(TSS, TSS_SIZE - 1, tss_type);
	gdt[SEL_TSS / 8 + 1] = 0;
	gdt[SEL_LDT / 8] = descriptor(LDT, 0xfff, 0x82);
	gdt[SEL_LDT / 8 + 1] = 0;
	gdt[SEL_USER32 / 8] = descriptor(0, 0xffffffff, 0x4fb);
	gdt[SEL_USER_DATA / 8] = descriptor(0, 0xffffffff, 0x4f3);
	gdt[SEL_USER64 / 8] = descriptor(0, 0xffffffff, 0x2fb);
	gdt[SEL_HANDLER / 8] = descriptor(HANDLER_TSS, 103, 0x89);
	gdt[SEL_SPARE / 8] = descriptor(SPARE_TSS, 103, 0x89);
	gdt[SEL_SLOTS16 / 8] = descriptor(SLOTS, 0xffff, m->im->cpl ? 0x0fb : 0x09b);
}

static void set_gate(struct maker *m, unsigned int vector, uint32_t offset, unsigned int dpl)
{
	uint32_t selector = wide(m) ? SEL_CODE64 : SEL_CODE32, type = 0x8e | dpl << 5, *gate;

	if (m->im->mode == HOSTILE_REAL) {
		gate = at(m, vector * 4);
		*gate = offset;
		return;
	}
	gate = at(m, IDT + vector * (wide(m) ? 16 : 8));
	if (m->im->task_gates && vector < 32) {
		gate[0] = SEL_HANDLER << 16;
		gate[1] = (0x85u | dpl << 5) << 8;
		return;
	}
	gate[0] = selector << 16 | (offset & 0xffff);
	gate[1] = (offset & 0xffff0000) | type << 8 | (wide(m) ? 1 : 0);
	if (wide(m))
		gate[2] = gate[3] = 0;
}

static void make_gates(struct maker *m)
{
	static const uint8_t entries[] = { BUMP32, BUMP64, BUMP16 };
	unsigned int kind = m->im->mode == HOSTILE_REAL ? 2 : wide(m);

	for (unsigned int i = 0; i < 256; i++) {
		/* The entry for interrupts is behind that for exceptions. */
		set_gate(m, i, m->kernel[entries[kind] + (i >= 32)],
			 i == 3 || i == 4 || once(m, 4) ? 3 : 0);
	}
}

/* Ports that end the VM are not for programs; of the others some. */
static void make_iomap(struct maker *m)
{
	static const uint16_t closed[] = {
		MACHINE_EXIT_PORT, MACHINE_RESET_PORT, MACHINE_KBC_COMMAND,
	};
	uint8_t *map = at(m, TSS + TSS_IOMAP);
	uint64_t *words = at(m, TSS + TSS_IOMAP);

	for (unsigned int i = 0; i < 0x400; i++)
		words[i] = once(m, 2) ? ~0ull : any(m) & any(m);
	map[0x2000] = 0xff;
	for (unsigned int i = 0; i < COUNT(closed); i++)
		map[closed[i] / 8] |= 1u << (closed[i] & 7);
}

static void make_task(struct maker *m, uint32_t tss, uint32_t eip, uint32_t esp, uint32_t cr3)
{
	uint32_t *t = at(m, tss);

	memset(t, 0, 104);
	t[1] = KERNEL_STACK;
	t[2] = SEL_DATA32;
	t[7] = cr3;
	t[8] = eip;
	t[9] = 2;
	t[14] = esp;
	for (unsigned int i = 18; i < 24; i++)
		t[i] = SEL_DATA32;
	t[19] = SEL_CODE32;
	t[25] = 104u << 16;
}

static void make_tasks(struct maker *m, uint32_t cr3)
{
	uint32_t *tss = at(m, TSS);

	make_task(m, TSS, 0, KERNEL_STACK, cr3);
	make_task(m, HANDLER_TSS, m->kernel[TASK], HANDLER_STACK, cr3);
	make_task(m, SPARE_TSS, SLOTS, any_data(m), cr3);
	for (unsigned int i = 32; i < TSS_IOMAP / 4; i++)
		tss[i] = any(m);
	tss[25] = TSS_IOMAP << 16;
	make_iomap(m);
	if (!wide(m))
		return;
	tss[1] = KERNEL_STACK;			/* RSP0 */
	tss[2] = 0;
	tss[9] = KERNEL_STACK;			/* IST1 */
	tss[10] = 0;
}

/* Some entries of a table become something else. */
static void spoil(struct maker *m, uint32_t table, uint32_t bytes, bool pages)
{
	static const uint32_t targets[] = { PML4, PDPT, PD0, PT0, PD1, PT1, PD32, PT32 };
	uint64_t *entries = at(m, table);

	for (uint32_t i = 0; i < bytes / 8; i++) {
		if (below(m, 256) >= m->im->spoilt)
			continue;
		if (!pages)
			entries[i] = once(m, 2) ? any_descriptor(m) : any(m);
		else if (once(m, 3))
			entries[i] = PICK(m, targets) | (any(m) & 0xfff) | PRESENT;
		else if (once(m, 2))
			entries[i] = (any_address(m) & ~0xfffull) | (any(m) & 0xfff) | PRESENT;
		else
			entries[i] = any(m);
	}
}

static void make_block(struct maker *m, unsigned int slot)
{
	union block *b = at(m, BLOCKS + slot * BLOCK_SIZE);
	bool outer = m->im->cpl == 3;
	/* The timer gets a program out of any loop. */
	uint32_t wanted = outer && !once(m, 32) ? RFLAGS_IF : 0;
	/* Privileges; and virtual-8086 mode has images of its own. */
	uint32_t closed = outer ? RFLAGS_IOPL3 | RFLAGS_VM : 0;
	uint32_t data = outer ? SEL_USER_DATA : SEL_DATA32, ip = slot * SLOT_SIZE;

	memset(b, 0, sizeof(*b));
	if (m->im->mode == HOSTILE_REAL) {
		for (unsigned int i = 0; i < COUNT(b->b16.regs); i++)
			b->b16.regs[i] = once(m, 2) ? any_address(m) : any_value(m);
		b->b16.ip = ip;
		b->b16.cs = SLOTS >> 4;
		b->b16.flags = any_flags(m);
		b->b16.ss = once(m, 8) ? any(m) : 0x9000;
		b->b16.sp = once(m, 8) ? any_value(m) : 0x8000 + below(m, 0x7000);
		b->b16.ds = once(m, 3) ? any(m) : DATA >> 4;
		b->b16.es = once(m, 3) ? 0xffff : DATA >> 4;
	} else if (wide(m)) {
		for (unsigned int i = 0; i < COUNT(b->b64.regs); i++)
			b->b64.regs[i] = once(m, 2) ? any_address(m) : any_value(m);
		b->b64.rip = SLOTS + ip;
		if (m->im->mode == HOSTILE_LONG)
			b->b64.cs = outer ? SEL_USER64 : SEL_CODE64;
		else
			b->b64.cs = outer ? SEL_USER32 : SEL_CODE32;
		b->b64.rflags = (any_flags(m) & ~(uint64_t)closed) | wanted;
		b->b64.rsp = once(m, 4) ? any_address(m) : any_data(m) & ~7u;
		b->b64.ss = data;
	} else {
		for (unsigned int i = 0; i < COUNT(b->b32.regs); i++)
			b->b32.regs[i] = once(m, 2) ? any_address(m) : any_value(m);
		b->b32.ds = b->b32.es = b->b32.fs = b->b32.gs = data;
		/* See any_descriptor(). */
		if (m->im->mode != HOSTILE_V86) {
			b->b32.es = once(m, 8) ? any_selector(m) : data;
			b->b32.fs = once(m, 8) ? any_selector(m) : data;
		}
		b->b32.eip = SLOTS + ip;
		b->b32.cs = outer ? SEL_USER32 : SEL_CODE32;
		b->b32.eflags = (any_flags(m) & ~(uint64_t)closed) | wanted;
		/* In the kernel's own ring exceptions are delivered on this stack. */
		b->b32.esp = outer && once(m, 4) ? any_address(m) :
						   DATA + below(m, 0x1fff) * 16 + 64;
		b->b32.ss = data;
		if (m->im->mode == HOSTILE_PROT16) {
			b->b32.cs = SEL_SLOTS16 | m->im->cpl;
			b->b32.eip = ip;
		}
		if (m->im->mode == HOSTILE_V86) {
			b->b32.cs = SLOTS >> 4;
			b->b32.eip = ip;
			b->b32.eflags |= RFLAGS_VM | (once(m, 2) ? RFLAGS_IOPL3 : 0);
			b->b32.ss = 0x9000;
			b->b32.esp = once(m, 8) ? any_value(m) : below(m, 0x10000);
			b->b32.vds = once(m, 3) ? any(m) & 0xffff : DATA >> 4;
			b->b32.ves = once(m, 3) ? 0xffff : DATA >> 4;
		}
	}
}

static void add_msr(struct params *p, uint32_t number, uint64_t v)
{
	p->msrs[p->nr_msrs].number = number;
	p->msrs[p->nr_msrs].low = v;
	p->msrs[p->nr_msrs++].high = v >> 32;
}

static void add_store(struct params *p, uint32_t address, uint32_t v)
{
	p->stores[p->nr_stores].address = address;
	p->stores[p->nr_stores++].value = v;
}

/* Periodic interrupts, so that no slot is the last. */
static void make_timer(struct maker *m, struct params *p)
{
	uint32_t period = 2000 + below(m, 30000);

	if (once(m, 2)) {
		p->eoi = EOI_MSR;
		add_msr(p, 0x1b, 0xfee00d00);
		add_msr(p, 0x80f, 0x1ff);
		add_msr(p, 0x832, 0x20040);
		add_msr(p, 0x83e, 0xb);
		add_msr(p, 0x838, period);
	} else {
		p->eoi = m->im->mode == HOSTILE_REAL ? EOI_NONE : EOI_PAGE;
		add_store(p, 0xfee000f0, 0x1ff);
		add_store(p, 0xfee00320, 0x20040);
		add_store(p, 0xfee003e0, 0xb);
		add_store(p, 0xfee00380, period);
	}
}

static void make_params(struct maker *m)
{
	static const uint32_t cr4s[] = {
		CR4_PVI, CR4_TSD, CR4_DE, CR4_PGE, CR4_PCE, CR4_OSFXSR, CR4_OSXMMEXCPT,
		CR4_FSGSBASE, CR4_SMEP, CR4_OSXSAVE, CR4_VME,
	};
	struct params *p = at(m, PARAMS);
	bool real = m->im->mode == HOSTILE_REAL;

	memset(p, 0, 4096);
	p->cr0 = CR0_PE | CR0_ET | (m->im->paging ? CR0_PG : 0);
	if (once(m, 2))
		p->cr0 |= CR0_WP;
	if (once(m, 3))
		p->cr0 |= CR0_AM;
	if (once(m, 4))
		p->cr0 |= CR0_TS;
	if (once(m, 2))
		p->cr0 |= CR0_NE;
	p->cr3 = page_tables(m);
	p->cr4 = m->im->paging >= 3 ? CR4_PAE : m->im->paging == 2 ? CR4_PSE : 0;
	for (unsigned int i = 0; i < COUNT(cr4s); i++)
		p->cr4 |= once(m, 2) ? cr4s[i] : 0;
	if (!wide(m) || once(m, 2))
		p->cr4 |= CR4_OSFXSR;
	p->slots = 4000;
	p->gdtr.base = GDT;
	p->gdtr.limit = 0xfff;
	p->idtr.base = real ? 0 : IDT;
	p->idtr.limit = real ? 0x3ff : 0xfff;
	p->ldtr = once(m, 8) ? 0 : SEL_LDT;
	p->tr = real ? 0 : SEL_TSS;
	if (wide(m) || once(m, 4))
		add_msr(p, MSR_EFER, (wide(m) ? EFER_LME : 0) | (any(m) & (EFER_SCE | EFER_NXE)));
	add_msr(p, MSR_IA32_SYSENTER_CS, wide(m) ? SEL_CODE64 : SEL_CODE32);
	add_msr(p, MSR_IA32_SYSENTER_ESP, KERNEL_STACK);
	add_msr(p, MSR_IA32_SYSENTER_EIP, m->kernel[wide(m) ? BUMP64 : BUMP32]);
	add_msr(p, MSR_STAR, (uint64_t)SEL_CODE64 << 32 | (uint64_t)(SEL_USER32 - 0) << 48);
	add_msr(p, MSR_LSTAR, m->kernel[BUMP64]);
	add_msr(p, MSR_CSTAR, m->kernel[BUMP64]);
	add_msr(p, MSR_FMASK, RFLAGS_IF | RFLAGS_TF);
	if (m->im->cpl || !once(m, 4))
		make_timer(m, p);
	p->entry = m->kernel[real ? ENTER16 : wide(m) ? ENTER64 : BUMP32];
}

void hostile_choose(uint64_t seed, struct hostile_image *im)
{
	struct maker maker = { .state = mix(seed) }, *m = &maker;

	memset(im, 0, sizeof(*im));
	im->seed = seed;
	im->mode = below(m, HOSTILE_NR_MODES);
	im->content = below(m, HOSTILE_NR_CONTENTS);
	im->cpl = im->mode == HOSTILE_V86 || (im->mode != HOSTILE_REAL && once(m, 2)) ? 3 : 0;
	if (im->content == HOSTILE_APIC && im->mode != HOSTILE_V86)
		im->cpl = 0;
	if (im->mode >= HOSTILE_COMPAT)
		im->paging = 4;
	else if (im->cpl || (im->mode != HOSTILE_REAL && once(m, 2)))
		im->paging = 2 + below(m, 2);
	im->task_gates = !im->cpl && im->paging != 4 && im->mode != HOSTILE_REAL && once(m, 2);
	im->spoilt = once(m, 3) ? 1 + below(m, once(m, 2) ? 8 : 256) : 0;
	im->entry = KERNEL;
	im->tame = !once(m, 3);
}

void hostile_fill(uint8_t *ram)
{
	struct maker m = { 0 };
	uint32_t *words = (uint32_t *)ram;

	for (uint32_t i = 0; i < RAM_SIZE / 4; i++) {
		do {
			words[i] = any(&m);
		} while (words[i] == (uint32_t)HOSTILE_PATTERN ||
			 words[i] == HOSTILE_PATTERN >> 32);
	}
}

void hostile_make(const struct hostile_image *im, uint8_t *ram, const void *kernel,
		  uint32_t kernel_size)
{
	struct maker m = {
		.state = ~mix(im->seed), .ram = ram, .im = im,
		.bits = im->mode == HOSTILE_LONG ? 64 : im->mode >= HOSTILE_PROT32 ? 32 : 16,
	};
	struct params *p = at(&m, PARAMS);

	memcpy(at(&m, KERNEL), kernel, kernel_size);
	m.kernel = (const uint32_t *)((const uint8_t *)kernel + 8);
	make_page_tables(&m);
	make_segments(&m);
	make_gates(&m);
	make_params(&m);
	make_tasks(&m, p->cr3);
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		make_slot(&m, i);
		make_block(&m, i);
	}
	if (!im->spoilt)
		return;
	/* Not all of the tables: one that is whole makes the others' faults last. */
	if (once(&m, 2))
		spoil(&m, TABLES, TABLES_SIZE, true);
	if (once(&m, 2))
		spoil(&m, GDT, 0x1000, false);
	if (once(&m, 2))
		spoil(&m, IDT, 0x1000, false);
	if (once(&m, 2))
		spoil(&m, TSS, 0x80, false);
	if (once(&m, 2))
		spoil(&m, HANDLER_TSS, 0x70, false);
	if (once(&m, 16))
		p->gdtr.base = any_address(&m);
	if (once(&m, 16))
		p->idtr.base = any_address(&m);
	if (once(&m, 16))
		p->cr3 = any_address(&m);
}
