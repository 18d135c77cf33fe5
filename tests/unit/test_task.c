// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/task_switch.c hv/cpu/segment.c hv/cpu/cr_rules.c hv/cpu/gmem.c machine/text.c */
/* units: hv/cpu/debug.c */
/* Task switches: what happens to two tasks, and what may be wrong with the new one. */
#include "tests/unit/tap.h"
#include "hv/cpu/task_switch.h"
#include "machine/x86.h"

#define RAM		0x100000
#define GDT		0x1000u
#define OLD		0x2000u		/* TSSs */
#define NEW		0x3000u
#define LDT		0x4000u
#define DIRECTORY	0x8000u		/* 32-bit paging: the first 4 MiB, and twice */
#define OTHER_DIRECTORY	0x9000u
#define PAGES		0xa000u

/* Selectors. */
enum {
	CODE = 0x08, DATA = 0x10, USER_CODE = 0x18 | 3, USER_DATA = 0x20 | 3, TSS_OLD = 0x28,
	TSS_NEW = 0x30, LDT_SEL = 0x38, ABSENT = 0x40, IN_LDT = 0x0c, BEYOND = 0x48,
	CONFORMING = 0x50,
};

static uint8_t ram[RAM];
static const struct gmem m = { .base = ram, .size = RAM };
static uint64_t regs[16];
static struct task_cpu cpu;
static struct gmem_fault fault;

static void put(uint32_t at, uint64_t value, unsigned int bytes)
{
	memcpy(ram + at, &value, bytes);
}

static uint32_t get(uint32_t at, unsigned int bytes)
{
	uint32_t value = 0;

	memcpy(&value, ram + at, bytes);
	return value;
}

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t rights)
{
	return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)rights << 40 |
	       (uint64_t)(limit >> 16 & 0xf) << 48 | (uint64_t)(base >> 24) << 56;
}

static void gdt(uint16_t selector, uint64_t d)
{
	put(GDT + (selector & ~7u), d, 8);
}

/* Two 32-bit tasks, the old one running, the new one with a number in each field. */
static void setup(void)
{
	memset(ram, 0, sizeof(ram));
	gdt(CODE, descriptor(0, 0xfffff, 0xc09a));
	gdt(DATA, descriptor(0, 0xfffff, 0xc092));
	gdt(USER_CODE, descriptor(0, 0xfffff, 0xc0fb));
	gdt(USER_DATA, descriptor(0, 0xfffff, 0xc0f3));
	gdt(TSS_OLD, descriptor(OLD, 0x67, 0x8b));
	gdt(TSS_NEW, descriptor(NEW, 0x67, 0x89));
	gdt(LDT_SEL, descriptor(LDT, 0xf, 0x82));
	gdt(ABSENT, descriptor(0, 0xfffff, 0xc012));
	gdt(CONFORMING, descriptor(0, 0xfffff, 0xc09e));
	put(LDT + 8, descriptor(0x12345000, 0xff, 0x4093), 8);
	put(NEW + 0x1c, OTHER_DIRECTORY, 4);
	put(NEW + 0x20, 0x5000, 4);
	put(NEW + 0x24, 0x202, 4);
	for (unsigned int i = 0; i < 8; i++)
		put(NEW + 0x28 + 4 * i, 0x600 + i, 4);
	put(NEW + 0x48, DATA, 4);
	put(NEW + 0x4c, CODE, 4);
	put(NEW + 0x50, DATA, 4);
	put(NEW + 0x54, IN_LDT, 4);
	put(NEW + 0x60, LDT_SEL, 4);

	for (unsigned int i = 0; i < 16; i++)
		regs[i] = 0x700 + i;
	cpu = (struct task_cpu){
		.regs = regs, .rip = 0x100, .dr7 = 0x7ff, .gdt_base = GDT, .gdt_limit = 0x57,
		.paging = { .cr0 = CR0_PE, .cr3 = 0x1234, .rflags = 0x46, .maxphyaddr = 36 },
		.segment = {
			[ES] = { DATA, 0, ~0u, 0xc093 }, [CS] = { CODE, 0, ~0u, 0xc09b },
			[SS] = { DATA, 0, ~0u, 0xc093 }, [DS] = { DATA, 0, ~0u, 0xc093 },
			[FS] = { 0, 0, 0, SEGMENT_UNUSABLE }, [GS] = { 1, 0, 0, SEGMENT_UNUSABLE },
			[LDTR] = { 0, 0, 0, SEGMENT_UNUSABLE }, [TR] = { TSS_OLD, OLD, 0x67, 0x8b },
		},
	};
}

static bool go(enum task_source source, uint16_t selector)
{
	const struct task_request r = { .source = source, .selector = selector, .next_rip = 0x107 };

	fault = (struct gmem_fault){ 0 };
	return task_switch(&m, &cpu, &r, &fault);
}

static bool busy(uint16_t selector)
{
	return ram[GDT + selector + 5] & 2;
}

static void test_jmp(void)
{
	bool all = true;

	setup();
	put(OLD + 0x48, 0xabcdabcd, 4);
	ok(go(TASK_JMP, TSS_NEW), "JMP");
	is_u64("saved EIP is behind the instruction", get(OLD + 0x20, 4), 0x107);
	is_u64("saved EFLAGS", get(OLD + 0x24, 4), 0x46);
	for (unsigned int i = 0; i < 8; i++)
		all &= get(OLD + 0x28 + 4 * i, 4) == 0x700 + i && regs[i] == 0x600 + i;
	ok(all && regs[8] == 0x708, "registers are saved, and the new ones loaded");
	ok(get(OLD + 0x4c, 4) == CODE && get(OLD + 0x48, 4) == (0xabcd0000 | DATA) &&
	   get(OLD + 0x5c, 4) == 1, "selectors are saved, and have half of their slot");
	ok(!get(OLD + 0x1c, 4) && !get(OLD + 0x60, 4), "CR3 and LDTR are not");
	is_u64("EIP", cpu.rip, 0x5000);
	is_u64("EFLAGS", cpu.paging.rflags, 0x202);
	ok(cpu.segment[TR].selector == TSS_NEW && cpu.segment[TR].base == NEW &&
	   cpu.segment[TR].rights == 0x8b, "TR");
	ok(cpu.segment[CS].rights == 0xc09b && cpu.segment[CS].limit == ~0u, "CS");
	ok(cpu.segment[DS].base == 0x12345000 && cpu.segment[DS].limit == 0xff, "DS from the LDT");
	ok(cpu.segment[FS].rights & SEGMENT_UNUSABLE && !cpu.segment[FS].selector, "FS is null");
	ok(ram[GDT + CODE + 5] & 1, "accessed flags are set");
	ok(!busy(TSS_OLD) && busy(TSS_NEW), "the new task is busy, the old one is not");
	is_u64("no link", get(NEW, 4), 0);
	ok(cpu.paging.cr0 & CR0_TS, "CR0.TS");
	is_u64("DR7 keeps what is global", cpu.dr7, 0x6aa);
	is_u64("no paging: CR3 stays", cpu.paging.cr3, 0x1234);
}

static void test_nested(void)
{
	setup();
	ok(go(TASK_CALL, TSS_NEW), "CALL");
	ok(busy(TSS_OLD) && busy(TSS_NEW), "both are busy");
	is_u64("link", get(NEW, 2), TSS_OLD);
	is_u64("NT", cpu.paging.rflags, 0x202 | RFLAGS_NT);
	cpu.rip = 0x5010;
	regs[3] = 0xbbbb;
	ok(go(TASK_IRET, TSS_OLD), "IRET");
	ok(busy(TSS_OLD) && !busy(TSS_NEW), "the returning task is no longer busy");
	is_u64("it has no NT", get(NEW + 0x24, 4), 0x202);
	is_u64("its EBX", get(NEW + 0x34, 4), 0xbbbb);
	is_u64("EBX of the caller", regs[3], 0x703);
	is_u64("EIP of the caller", cpu.rip, 0x107);
	is_u64("EFLAGS of the caller", cpu.paging.rflags, 0x46);
}

static void test_gate(void)
{
	struct task_request r = { TASK_GATE, TSS_NEW, 0x100, true, true, 0xe7 };

	setup();
	ok(task_switch(&m, &cpu, &r, &fault), "an exception with an error code");
	is_u64("ESP", regs[4], 0x600);
	is_u64("the code is on the new stack", get(0x600, 4), 0xe7);
	is_u64("EIP of the old task is that of the instruction", get(OLD + 0x20, 4), 0x100);

	setup();
	gdt(TSS_NEW, descriptor(NEW, 0x66, 0x89));
	ok(!task_switch(&m, &cpu, &r, &fault) && fault.vector == VECTOR_TS &&
	   fault.error == (TSS_NEW | 1), "what goes wrong has EXT in its error code");

	setup();
	put(NEW + 0x64, 1, 2);
	ok(go(TASK_JMP, TSS_NEW) && cpu.traps == DR6_BT, "the T flag");
}

static void test_16bit(void)
{
	setup();
	gdt(TSS_NEW, descriptor(NEW, 0x2b, 0x81));
	memset(ram + NEW, 0, 0x100);
	put(NEW + 0x0e, 0x5000, 2);
	put(NEW + 0x18, 0xb0b0, 2);
	put(NEW + 0x24, CODE, 2);
	put(NEW + 0x26, DATA, 2);
	ok(go(TASK_CALL, TSS_NEW), "CALL of a 16-bit task");
	ok(cpu.rip == 0x5000 && cpu.segment[CS].selector == CODE &&
	   cpu.segment[SS].selector == DATA, "its registers");
	for (unsigned int i = 0; i < 8; i++)
		is_u64("whole", regs[i], i == 3 ? 0xffffb0b0 : 0xffff0000);
	is_u64("type of TR", cpu.segment[TR].rights, 0x83);
	ok(go(TASK_IRET, TSS_OLD) && cpu.rip == 0x107, "and back");
	ok(get(NEW + 0x0e, 2) == 0x107 && get(NEW + 0x24, 2) == CODE && !get(NEW + 0x2c, 4),
	   "what was saved is of 16 bits");
}

/* The error code of an exception is pushed by the rules of the new task. */
static void test_error(void)
{
	static const struct {
		const char *name;
		uint32_t esp, flags, ss, limit, kind, vector;
	} rows[] = {
		{ "at the limit", 0x1000, 2, USER_DATA, 0xfff, 0x40f2, 0 },
		{ "beyond the limit", 0x1002, 2, USER_DATA, 0xfff, 0x40f2, VECTOR_SS },
		{ "before the start", 2, 2, USER_DATA, 0xfff, 0x40f2, VECTOR_SS },
		{ "around 64 KiB", 2, 2, USER_DATA, 0xffff, 0x00f2, VECTOR_SS },
		{ "in what grows down", 0x1008, 2, USER_DATA, 0xfff, 0x40f6, 0 },
		{ "below it", 0x1002, 2, USER_DATA, 0xfff, 0x40f6, VECTOR_SS },
		{ "not aligned", 0x602, 2, USER_DATA, 0xfff, 0x40f2, 0 },
		{ "not aligned, with AC", 0x602, 2 | RFLAGS_AC, USER_DATA, 0xfff, 0x40f2,
		  VECTOR_AC },
	};
	struct task_request r = { TASK_GATE, TSS_NEW, 0x100, true, true, 0xe7 };

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool done;

		setup();
		cpu.paging.cr0 |= CR0_AM;
		put(NEW + 0x24, rows[i].flags, 4);
		put(NEW + 0x38, rows[i].esp, 4);
		put(NEW + 0x48, 0, 4);
		put(NEW + 0x4c, USER_CODE, 4);
		put(NEW + 0x50, rows[i].ss, 4);
		put(NEW + 0x54, 0, 4);
		gdt(rows[i].ss, descriptor(0, rows[i].limit, rows[i].kind));
		done = task_switch(&m, &cpu, &r, &fault);
		ok(done ? !rows[i].vector && regs[4] == rows[i].esp - 4 :
			  fault.vector == rows[i].vector && fault.error == 1 &&
			  regs[4] == rows[i].esp, "%s", rows[i].name);
	}
	setup();
	put(NEW + 0x4c, DATA, 4);
	ok(!task_switch(&m, &cpu, &r, &fault) && fault.error == (DATA | 1),
	   "EXT in the new task's exceptions, too");
	setup();
	gdt(CODE, descriptor(0, 0x4fff, 0x409a));
	ok(!go(TASK_JMP, TSS_NEW) && fault.vector == VECTOR_GP && cpu.rip == 0x5000,
	   "EIP beyond the limit");
}

static void test_old_limit(void)
{
	setup();
	cpu.segment[TR].limit = 0x5f;
	ok(go(TASK_JMP, TSS_NEW), "an old TSS that has room for the selectors");
	setup();
	cpu.segment[TR].limit = 0x5e;
	ok(!go(TASK_JMP, TSS_NEW) && fault.vector == VECTOR_TS && fault.error == TSS_OLD &&
	   cpu.segment[TR].selector == TSS_OLD && !get(OLD + 0x20, 4), "and one that has not");
	setup();
	cpu.segment[TR].rights = 0x83;
	cpu.segment[TR].limit = 0x29;
	ok(go(TASK_JMP, TSS_NEW), "of 16 bits");
	setup();
	cpu.segment[TR].rights = 0x83;
	cpu.segment[TR].limit = 0x28;
	ok(!go(TASK_JMP, TSS_NEW) && fault.vector == VECTOR_TS, "and one that has not");
}

/* DR0 on one byte. */
static void test_breakpoints(void)
{
	static const struct {
		const char *name;
		uint32_t at, dr7;
		bool hit;
	} rows[] = {
		{ "the new busy flag", GDT + TSS_NEW + 5, 0x10002, true },
		{ "the old busy flag", GDT + TSS_OLD + 5, 0x10001, true },
		{ "what is saved", OLD + 0x20, 0x10001, true },
		{ "what is loaded", NEW + 0x20, 0x30001, true },
		{ "what is loaded, but for writes", NEW + 0x20, 0x10001, false },
		{ "what is not loaded", NEW + 4, 0x30001, false },
		{ "nor without paging", NEW + 0x1c, 0x30001, false },
		{ "the map of ports", NEW + 0x66, 0x30001, false },
		{ "the T flag", NEW + 0x64, 0x30001, true },
		{ "the TSS's descriptor, which the CPU has read", GDT + TSS_NEW, 0x30001, false },
		{ "a segment's descriptor", GDT + LDT_SEL, 0x30002, true },
		{ "when local breakpoints are no more", GDT + LDT_SEL, 0x30001, false },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup();
		cpu.dr7 = rows[i].dr7;
		cpu.dr[0] = rows[i].at;
		ok(go(TASK_JMP, TSS_NEW) && cpu.traps == rows[i].hit, "a breakpoint: %s",
		   rows[i].name);
	}
}

static void test_v86(void)
{
	setup();
	put(NEW + 0x24, 0x202 | RFLAGS_VM, 4);
	put(NEW + 0x4c, 0xf000, 4);
	put(NEW + 0x60, 0, 4);
	ok(go(TASK_JMP, TSS_NEW), "JMP to a virtual-8086 task");
	ok(cpu.segment[CS].base == 0xf0000 && cpu.segment[CS].limit == 0xffff &&
	   cpu.segment[CS].rights == 0xf3, "its segments");

	/* From there by a task gate, to a task whose code is data. */
	put(OLD + 0x4c, DATA | 3, 4);
	ok(!go(TASK_IRET, TSS_OLD), "not busy");
	gdt(TSS_OLD, descriptor(OLD, 0x67, 0x89));
	ok(!go(TASK_GATE, TSS_OLD) && fault.vector == VECTOR_TS &&
	   fault.error == DATA, "from virtual-8086 mode to a task without code");
	ok(!(cpu.paging.rflags & RFLAGS_VM) && cpu.segment[CS].rights == 0xfb &&
	   cpu.segment[SS].rights == 0xf3, "CS and SS are such as protected mode has");
}

static void test_paging(void)
{
	setup();
	/* Two directories with one page table; the other lacks the old task's page. */
	for (unsigned int i = 0; i < 256; i++)
		put(PAGES + 4 * i, i << 12 | 3, 4);
	put(DIRECTORY, PAGES | 3, 4);
	put(OTHER_DIRECTORY, PAGES | 3, 4);
	cpu.paging.cr0 |= CR0_PG | CR0_WP;
	cpu.paging.cr3 = DIRECTORY;
	ok(go(TASK_JMP, TSS_NEW), "with paging");
	is_u64("CR3", cpu.paging.cr3, OTHER_DIRECTORY);

	cpu.paging.cr3 = DIRECTORY;
	put(PAGES + 4 * (OLD >> 12), 0, 4);
	ok(!go(TASK_JMP, TSS_OLD) && fault.vector == VECTOR_PF &&
	   fault.address == OLD && fault.error == 0, "a TSS that is not present");
	ok(cpu.rip == 0x5000 && cpu.segment[TR].selector == TSS_NEW, "the old task goes on");

	setup();
	cpu.paging.cr0 |= CR0_PG;
	cpu.paging.cr3 = 0x20;
	cpu.paging.cr4 = CR4_PAE;
	for (unsigned int i = 0; i < 4; i++)
		cpu.paging.pdpte[i] = 0xb001;
	put(0xb000, 0x83, 8);		/* 2 MiB, one to one */
	put(NEW + 0x1c, 0xc000, 4);
	put(0xc000, 0x1e7, 8);
	ok(!go(TASK_JMP, TSS_NEW) && fault.vector == VECTOR_TS && !fault.error &&
	   cpu.paging.cr3 == 0xc000 && !cpu.paging.pdpte[0], "PDPTEs with reserved bits");
	ok(cpu.segment[TR].selector == TSS_NEW, "are the new task's exception");
	put(NEW + 0x24, 0x202 | RFLAGS_VM, 4);
	put(GDT + TSS_NEW + 5, 0x89, 1);
	cpu.segment[TR] = (struct segment){ TSS_OLD, OLD, 0x67, 0x8b };
	cpu.paging.cr3 = 0x20;
	cpu.paging.pdpte[0] = 0xb001;
	ok(!go(TASK_JMP, TSS_NEW) && cpu.paging.rflags & RFLAGS_VM &&
	   cpu.segment[CS].rights == 0xf3, "one in virtual-8086 mode has segments that fit");
	put(NEW + 0x24, 0x202, 4);
	put(GDT + TSS_NEW + 5, 0x89, 1);
	cpu.segment[TR] = (struct segment){ TSS_OLD, OLD, 0x67, 0x8b };
	cpu.paging.cr3 = 0xc000;
	cpu.paging.pdpte[0] = 0xb001;
	ok(go(TASK_JMP, TSS_NEW) && cpu.paging.pdpte[0] == 0xb001,
	   "PDPTEs are loaded only if CR3 changes");
}

/* One thing wrong with each. */
static const struct {
	const char *name;
	enum task_source source;
	uint16_t selector;
	uint32_t at, value, bytes;	/* changed in memory first */
	uint32_t vector, error;
	bool new_task;			/* in whose context it is raised */
} wrong[] = {
	{ "busy", TASK_CALL, TSS_NEW, GDT + TSS_NEW + 5, 0x8b, 1, VECTOR_GP, TSS_NEW, false },
	{ "not busy", TASK_IRET, TSS_NEW, 0, 0, 0, VECTOR_TS, TSS_NEW, false },
	{ "not present", TASK_JMP, TSS_NEW, GDT + TSS_NEW + 5, 0x09, 1, VECTOR_NP, TSS_NEW, false },
	{ "too short", TASK_JMP, TSS_NEW, GDT + TSS_NEW, 0x66, 2, VECTOR_TS, TSS_NEW, false },
	{ "no TSS", TASK_JMP, DATA, 0, 0, 0, VECTOR_GP, DATA, false },
	{ "null", TASK_IRET, 0, 0, 0, 0, VECTOR_TS, 0, false },
	{ "in the LDT", TASK_JMP, TSS_NEW | 4, 0, 0, 0, VECTOR_GP, TSS_NEW | 4, false },
	{ "beyond the GDT", TASK_JMP, 0x58, 0, 0, 0, VECTOR_GP, 0x58, false },
	{ "LDT: no LDT", TASK_JMP, TSS_NEW, NEW + 0x60, DATA, 4, VECTOR_TS, DATA, true },
	{ "LDT: not present", TASK_JMP, TSS_NEW, GDT + LDT_SEL + 5, 0x02, 1, VECTOR_TS, LDT_SEL,
	  true },
	{ "CS: null", TASK_JMP, TSS_NEW, NEW + 0x4c, 0, 4, VECTOR_TS, 0, true },
	{ "CS: data", TASK_JMP, TSS_NEW, NEW + 0x4c, DATA, 4, VECTOR_TS, DATA, true },
	{ "CS: RPL", TASK_JMP, TSS_NEW, NEW + 0x4c, CODE | 1, 4, VECTOR_TS, CODE, true },
	{ "CS: not present", TASK_JMP, TSS_NEW, GDT + CODE + 5, 0x1a, 1, VECTOR_NP, CODE, true },
	{ "SS: null", TASK_JMP, TSS_NEW, NEW + 0x50, 3, 4, VECTOR_TS, 0, true },
	{ "SS: code", TASK_JMP, TSS_NEW, NEW + 0x50, CODE, 4, VECTOR_TS, CODE, true },
	{ "SS: read-only", TASK_JMP, TSS_NEW, GDT + DATA + 5, 0x90, 1, VECTOR_TS, DATA, true },
	{ "SS: user", TASK_JMP, TSS_NEW, NEW + 0x50, USER_DATA, 4, VECTOR_TS, USER_DATA & ~3,
	  true },
	{ "SS: not present", TASK_JMP, TSS_NEW, NEW + 0x50, ABSENT, 4, VECTOR_SS, ABSENT, true },
	{ "ES: not present", TASK_JMP, TSS_NEW, NEW + 0x48, ABSENT, 4, VECTOR_NP, ABSENT, true },
	{ "FS: a TSS", TASK_JMP, TSS_NEW, NEW + 0x58, TSS_OLD, 4, VECTOR_TS, TSS_OLD, true },
	{ "GS: beyond the LDT", TASK_JMP, TSS_NEW, NEW + 0x5c, 0x14, 4, VECTOR_TS, 0x14, true },
	{ "DS: RPL 3 of DPL 0", TASK_JMP, TSS_NEW, NEW + 0x54, DATA | 3, 4, VECTOR_TS, DATA, true },
};

static void test_wrong(void)
{
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		bool context;

		setup();
		put(wrong[i].at, wrong[i].value, wrong[i].bytes);
		ok(!go(wrong[i].source, wrong[i].selector) &&
		   fault.vector == wrong[i].vector && fault.error == wrong[i].error,
		   "%s: vector %u error %#x", wrong[i].name, fault.vector, fault.error);
		context = cpu.segment[TR].selector == TSS_NEW && cpu.rip == 0x5000;
		ok(context == wrong[i].new_task && (context || cpu.rip == 0x100),
		   "%s: raised in the %s task", wrong[i].name, context ? "new" : "old");
		/* What a VM entry would refuse. */
		ok(SEGMENT_DPL(cpu.segment[CS].rights) == SEGMENT_DPL(cpu.segment[SS].rights),
		   "%s: CS and SS agree", wrong[i].name);
	}
	setup();
	put(NEW + 0x4c, CONFORMING, 4);
	put(NEW + 0x54, CONFORMING | 3, 4);
	ok(go(TASK_JMP, TSS_NEW), "conforming code has no such rules");
	setup();
	put(NEW + 0x4c, USER_CODE, 4);
	put(NEW + 0x50, USER_DATA, 4);
	put(NEW + 0x48, USER_DATA, 4);
	put(NEW + 0x54, 0, 4);
	ok(go(TASK_JMP, TSS_NEW) && SEGMENT_DPL(cpu.segment[SS].rights) == 3,
	   "to a task of CPL 3");
}

int main(void)
{
	test_jmp();
	test_nested();
	test_gate();
	test_16bit();
	test_error();
	test_old_limit();
	test_breakpoints();
	test_v86();
	test_paging();
	test_wrong();
	return done();
}
