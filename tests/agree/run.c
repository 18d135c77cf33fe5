// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a sequence: memory and registers as it shall find them, then all that can be
 * seen of it, then everything as it was.
 *
 * Sources: Intel SDM volume 3, sections "Segment Descriptors", "Task-State Segment
 * (TSS)", "TSS Descriptor in 64-bit mode", "IDT Descriptors", "64-Bit Mode IDT", "Hierarchical
 * Paging Structures: an Overview".
 */
#include "tests/agree/agree.h"
#include "tests/agree/apic.h"
#include "machine/machine.h"
#include "machine/text.h"
#include "machine/x86.h"

#define TSS_AVAILABLE	0x890000000000ull
#define GATE_INTERRUPT	0x8e00
#define GATE_CPL3	0x6000
#define GATE_TASK	0xe500
#define PAGE		0x007		/* present, writable, for CPL 3 too */
#define PAGE_READONLY	0x005
#define PAGE_SYSTEM	0x003
#define PAGE_LARGE	0x087
#define PAGE_USER	0x004
#define PAGE_TOO_FAR	(1ull << 51)
#define ALIAS		0x130000	/* the window once more, all of it writable RAM */
#define IO_BITMAP	0x88		/* offset in the TSS, behind 32 bytes for INT in v86 */
#define IO_BITMAP_BYTES	0x80		/* ports up to 0x3ff */

struct watch watch;
struct cpu watch_end;
u64 watch_cr2;
u32 watch_fatal;
static u64 cr4_there;		/* which of the bits that sequences start with */
u64 idt64[2 * VECTORS], idt32[VECTORS];

extern u64 pdpt[], pml4[], low_table[], pae_pdpt[], directories[4][512];
extern u32 directory32[], low_table32[];
extern u8 ist_stacks[], stack32_top[];
extern u16 idt64_pointer[], gdt_pointer[];
extern u64 monitor_cr4;
extern u8 image_end[];

static struct __attribute__((packed, aligned(16))) {
	union {
		struct __attribute__((packed)) {
			u32 reserved;
			u64 rsp[3], reserved2, ist[7], reserved3;
			u16 reserved4, bitmap;
		} long_mode;
		struct __attribute__((packed)) {
			u32 link, esp0, ss0, rest[22];
			u16 trap, bitmap;
		} legacy;
		struct __attribute__((packed)) {
			u16 link, sp0, ss0, rest[4], ip, flags, registers[8], es, cs, ss, ds, ldt;
		} of_16;
	};
	u8 interrupts[32];
	u8 io[IO_BITMAP_BYTES + 1];
} tss64, tss32, tss_task;

#define LOW_RAM		0
#define LOW_RAM_END	0x9f000
#define HIGH_RAM	0x100000ul	/* what real mode reaches of it, below the guest */
#define HIGH_RAM_END	0x110000
#define LOW_ROM		0xc0000ul
#define LOW_ROM_END	0x100000ul
#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_PAM		0x80000058	/* of bus 0, device 0: the first register is next */
#define PAM_READ	0x11		/* of both halves that a register is for */
#define PAM_WRITE	0x22
#define STACK_BYTES 8192

static struct __attribute__((aligned(16))) { u8 bytes[512]; } fpu_start, fpu_end;

static u8 pristine[2 * WINDOW_END] __attribute__((aligned(8)));

/* What a sequence can write, and is looked at. */
static const struct {
	const char *name;
	u32 at, bytes;
} areas[] = {
	{ "bottom", 0, 0x40 },
	{ "stack", WINDOW_SP - 0x100, 0x180 },
	{ "data", WINDOW_DATA, 0x200 },
	{ "edge", WINDOW_ABSENT - 0x40, 0xc0 },
	{ "readonly", WINDOW_READONLY - 0x40, 0xc0 },
	{ "system", WINDOW_SYSTEM - 0x40, 0xc0 },
	{ "reserved", WINDOW_RESERVED - 0x40, 0xc0 },
	{ "after", WINDOW_AFTER, 0x40 },
	{ "before", WINDOW_HOLE_2 - 0x40, 0x40 },
	{ "top", WINDOW_END - 0x40, 0x80 },
};

static void describe(u32 selector, u64 descriptor, const void *address)
{
	u64 base = (u64)address;

	gdt[selector / 8] = descriptor | (base & 0xffffff) << 16 | (base & 0xff000000) << 32;
}

/* The task that sequences switch to, as none has left it. */
static void reset_task(void)
{
	memset(&tss_task, 0, sizeof(tss_task));
	tss_task.legacy.esp0 = (u64)stack32_top;
	tss_task.legacy.ss0 = SEL_DATA;
	tss_task.legacy.bitmap = sizeof(tss_task);
	tss32.legacy.link = 0;
	memset(tss32.legacy.rest, 0, sizeof(tss32.legacy.rest));
	describe(SEL_TSS_TASK, TSS_AVAILABLE | (sizeof(tss_task) - 1), &tss_task);
}

static bool is_task16(const struct sequence *s)
{
	return s->touches & TOUCHES_TASK && !(s->task.type & 8);
}

static void fill_task16(const struct sequence *s)
{
	const struct task *t = &s->task;

	tss_task.of_16.ss0 = SEL_DATA16;
	tss_task.of_16.sp0 = WINDOW_SP_16;
	tss_task.of_16.ip = t->ip;
	tss_task.of_16.flags = t->flags;
	for (u32 i = 0; i < 8; i++)
		tss_task.of_16.registers[i] = i == SP ? t->sp : s->cpu.gpr[i];
	tss_task.of_16.es = tss_task.of_16.ds = t->ds;
	tss_task.of_16.cs = t->cs;
	tss_task.of_16.ss = t->ss;
	tss_task.of_16.ldt = t->ldt;
}

static void fill_task(const struct sequence *s)
{
	const struct task *t = &s->task;
	u32 p[22] = { 0 };

	p[4] = tss32.legacy.rest[4] = s->cpu.cr3;	/* which nothing saves */
	p[5] = t->ip;
	p[6] = t->flags;
	for (u32 i = 0; i < 8; i++)
		p[7 + i] = i == SP ? t->sp : s->cpu.gpr[i];
	p[15] = p[18] = p[19] = p[20] = t->ds;
	p[16] = t->cs;
	p[17] = t->ss;
	p[21] = t->ldt;
	if (is_task16(s)) {
		memset(&tss_task, 0, sizeof(tss_task));
		fill_task16(s);
	} else {
		memcpy(tss_task.legacy.rest, p, sizeof(p));
		tss_task.legacy.trap = t->trap;
	}
	/* What IRET leads back to is busy. */
	describe(SEL_TSS_TASK, (u64)(t->linked ? t->type ^ 2 : t->type) << 40 | t->limit,
		 &tss_task);
	if (t->linked)
		tss32.legacy.link = SEL_TSS_TASK;
}

static void show_task(void)
{
	for (u32 i = 0; i < 26; i++) {
		show_event(4 * i, "tss", ((const u32 *)&tss32)[i]);
		show_event(4 * i, "task", ((const u32 *)&tss_task)[i]);
	}
	show("tss_type", gdt[SEL_TSS32 / 8] >> 40 & 0xff);
	show("task_type", gdt[SEL_TSS_TASK / 8] >> 40 & 0xff);
}

static void show_tables(void)
{
	struct __attribute__((packed)) { u16 limit; u64 base; } table;

	asm volatile("sgdt %0" : "=m"(table));
	show("gdt", table.base);
	show("gdt_limit", table.limit);
	asm volatile("lgdt (%0)" : : "r"(gdt_pointer), "m"(*gdt) : "memory");
	asm volatile("lldt %w0" : : "r"(0));
}

static void fill_tss(void)
{
	for (u32 i = 0; i < 7; i++)
		tss64.long_mode.ist[i] = (u64)ist_stacks + (i + 1) * STACK_BYTES;
	tss64.long_mode.rsp[0] = (u64)ist_stacks + STACK_BYTES;
	tss64.long_mode.bitmap = tss32.legacy.bitmap = IO_BITMAP;
	tss32.legacy.esp0 = (u64)stack32_top;
	tss32.legacy.ss0 = SEL_DATA;
	memset(tss64.io, 0xff, sizeof(tss64.io));
	/* CPL 3 may use COM1's scratch register, and one byte of ports without owner. */
	tss64.io[0x3ff / 8] = 0x7f;
	tss64.io[0x278 / 8] = 0x0f;
	memcpy(tss32.io, tss64.io, sizeof(tss32.io));
	/* INT 30h to 37h of virtual-8086 mode go by the table there. */
	memset(tss32.interrupts, 0xff, sizeof(tss32.interrupts));
	tss32.interrupts[0x30 / 8] = 0;
	_Static_assert(__builtin_offsetof(__typeof__(tss64), io) == IO_BITMAP,
		       "the bitmap's place");
	describe(SEL_TSS64, TSS_AVAILABLE | (sizeof(tss64) - 1), &tss64);
	describe(SEL_TSS32, TSS_AVAILABLE | (sizeof(tss32) - 1), &tss32);
	reset_task();
}

/* Stacks of their own: one may come on top of another's first instruction. */
static u8 ist_of(u32 vector)
{
	return vector == VECTOR_DB ? 2 : vector == VECTOR_NMI ? 3 : vector == VECTOR_DF ? 4 :
	       vector == VECTOR_MC ? 5 : vector >= 32 ? 6 : 1;
}

static void fill_idts(void)
{
	u32 *ivt = (u32 *)(LOW + LOW_IVT);

	for (u32 i = 0; i < VECTORS; i++) {
		u64 h64 = (u64)stubs64[i], h32 = (u64)stubs32[i];
		u64 gate = GATE_INTERRUPT;

		if (i == VECTOR_BP || i == 4 || (i >= 0x30 && i < 0x38))
			gate |= GATE_CPL3;
		idt64[2 * i] = (h64 & 0xffff) | SEL_CODE64 << 16 | (gate | ist_of(i)) << 32 |
			       (h64 >> 16 & 0xffff) << 48;
		idt64[2 * i + 1] = h64 >> 32;
		idt32[i] = (h32 & 0xffff) | SEL_CODE32 << 16 | gate << 32 |
			   (h32 >> 16 & 0xffff) << 48;
		ivt[i] = LOW_PARAGRAPH << 16 | (stubs16 + 8 * i - low_start);
	}
	idt32[VECTOR_TASK] = SEL_TSS_TASK << 16 | (u64)GATE_TASK << 32;
}

/* The low 2 MiB by small pages, of which the window has one of each kind. */
static u64 low_page(u32 page, u64 reserved)
{
	u64 address = page * 4096ull;

	if (address >= ALIAS && address <= ALIAS + WINDOW_END)
		return (address - ALIAS + WINDOW) | PAGE;
	switch (address - WINDOW) {
	case WINDOW_ABSENT:
		return 0x1000 | (PAGE & ~1);
	case WINDOW_READONLY:
		return address | PAGE_READONLY;
	case WINDOW_SYSTEM:
		return address | PAGE_SYSTEM;
	case WINDOW_RESERVED:
		return reserved ? address | PAGE | reserved : 0;
	case WINDOW_HOLE:
	case WINDOW_HOLE_2:
		return OUTSIDE | PAGE;
	default:
		return address | (address < MONITOR ? PAGE : PAGE_SYSTEM);
	}
}

/* Page tables of CPL 0's own, as sequences that ask for it find them. */
static void map_for(u32 touches)
{
	static u64 top[512] __attribute__((aligned(4096)));
	static u32 top32[1024] __attribute__((aligned(4096)));
	u64 end = WINDOW + WINDOW_END - 4096;

	for (u32 i = WINDOW / 4096; i <= (WINDOW + WINDOW_SP) / 4096; i++)
		low_table[i] = low_table32[i] =
			i * 4096 | (touches & TOUCHES_SUPERVISOR ? PAGE_SYSTEM : PAGE);
	low_table[0] = low_table32[0] = (touches & TOUCHES_TOP ? end + 4096 : 0) | PAGE;
	top[511] = top32[1023] = end | PAGE;
	if (touches & TOUCHES_TOP) {
		directories[3][511] = (u64)top | PAGE;
		directory32[1023] = (u64)top32 | PAGE;
	} else {
		directories[3][511] = 0xffe00000 | PAGE_LARGE;
		directory32[1023] = 0xffc00000 | PAGE_LARGE;
	}
	write_cr3(read_cr3());
}

static void fill_tables(void)
{
	for (u32 i = 0; i < 512; i++)
		low_table[i] = low_page(i, PAGE_TOO_FAR);
	directories[0][0] = (u64)low_table | PAGE;
	for (u32 i = 0; i < 4; i++)
		pae_pdpt[i] = (u64)directories[i] | 1;
	for (u32 i = 0; i < 1024; i++) {
		low_table32[i] = low_page(i, 0);
		directory32[i] = i << 22 | PAGE_LARGE;
		if (i << 22 < MONITOR_END)
			directory32[i] &= ~(u32)PAGE_USER;
	}
	for (u32 i = MONITOR >> 21; i < MONITOR_END >> 21; i++)
		directories[0][i] &= ~(u64)PAGE_USER;
	directory32[0] = (u64)low_table32 | PAGE;
}

/*
 * What memory holds at first: as a pointer it leads nowhere. Code that runs over the
 * segment's end finds a breakpoint in its last byte, or #UD in its first ones.
 */
static u64 pattern(u32 at)
{
	u64 value = at * 0x9e3779b97f4a7c15ull | 0x8080808080808080ull;

	if (!at)
		return (value & ~0xffffull) | 0x0b0f;
	return at == WINDOW_END - 8 ? (value & ~0ull >> 8) | 0xccull << 56 : value;
}

/* Where machines start otherwise, they go on alike. */
static void same_start(void)
{
	static const u32 zero[] = {
		MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP, MSR_STAR,
		MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
	};
	u32 *ivt = NULL;

	for (u32 i = 0; i < ARRAY_SIZE(zero); i++)
		wrmsr(zero[i], 0);
	wrmsr(MSR_IA32_PAT, 0x0007040600070406);
	asm volatile("lldt %w0" : : "r"(0));
	/* INT in virtual-8086 mode with VME comes here: IRET. */
	asm volatile("" : "+r"(ivt));
	for (u32 i = 0x30; i < 0x38; i++)
		ivt[i] = WINDOW_PARAGRAPH << 16 | WINDOW_IRET;
	*(u8 *)(WINDOW + WINDOW_IRET) = 0xcf;
	*(u16 *)(WINDOW + WINDOW_GATE) = 0x0b0f;
}

static void set_shadow(u8 attributes)
{
	outl(PCI_ADDRESS, PCI_PAM);
	outb(PCI_DATA + 1, attributes & 0xf0);
	outl(PCI_ADDRESS, PCI_PAM + 4);
	outl(PCI_DATA, attributes * 0x01010101u);
}

/*
 * The bare machine has firmware below 1 MiB, where a guest has nothing: cover it with RAM
 * that reads all ones and cannot be written.
 *
 * Source: Intel 440FX data sheet, "PAM - Programmable Attribute Map Registers".
 */
static void hide_firmware(void)
{
	u64 *rom = (u64 *)LOW_ROM;

	if (!~rom[(LOW_ROM_END - LOW_ROM) / 8 - 2])
		return;
	set_shadow(PAM_READ | PAM_WRITE);
	memset(rom, 0xff, LOW_ROM_END - LOW_ROM);
	set_shadow(PAM_READ);
}

/* Bits of CR4 that not every processor has. */
static u64 find_cr4(void)
{
	u32 eax = 7, ebx, ecx = 0, edx;
	u64 bits = 0;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	bits |= ebx >> 7 & 1 ? CR4_SMEP : 0;
	bits |= ebx >> 20 & 1 ? CR4_SMAP : 0;
	bits |= ecx >> 2 & 1 ? CR4_UMIP : 0;
	eax = 1;
	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return bits | (ecx >> 17 & 1 ? CR4_PCIDE : 0);
}

/*
 * Handlers, stacks and tables are in memory that hv gives when it is first used. Used first by the
 * delivery of an event it would set RF in Bochs 3.0, which no processor does (docs/bochs.md).
 */
static void touch_monitor(void)
{
	u64 at;

	for (at = MONITOR; at < (u64)image_end; at += 4096)
		*(volatile u8 *)at;
}

void run_init(void)
{
	hide_firmware();
	touch_monitor();
	/* Where firmware or a boot loader was, code that is lost meets a breakpoint. */
	memset((void *)(u64)LOW_RAM, 0xcc, LOW_RAM_END - LOW_RAM);
	memset((void *)HIGH_RAM, 0xcc, HIGH_RAM_END - HIGH_RAM);
	/* What no sequence shall write may be read, and is alike everywhere. */
	for (u32 at = 0; at < 2 * WINDOW_END; at += 8)
		*(u64 *)(u64)(WINDOW + at) = *(u64 *)(pristine + at) = pattern(at);
	same_start();
	fill_tables();
	fill_tss();
	memcpy((void *)LOW, low_start, low_end - low_start);
	fill_idts();
	monitor_cr4 = CR4_PAE | CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE;
	write_cr4(monitor_cr4);
	cr4_there = find_cr4();
	write_cr3(read_cr3());
	asm volatile("lidt (%0)" : : "r"(idt64_pointer), "m"(*idt64) : "memory");
	asm volatile("ltr %w0" : : "r"(SEL_TSS64));
	asm volatile("fninit; fxsave %0" : "=m"(fpu_start));
	memset(fpu_start.bytes + 32, 0, sizeof(fpu_start) - 32);
	for (u32 i = 160; i < 416; i++)
		fpu_start.bytes[i] = i * 7;
}

/* The code; all else is as show_memory() leaves it. */
static void fill_memory(const struct sequence *s)
{
	memcpy((void *)(WINDOW + WINDOW_CODE), s->code, s->length);
	*(u16 *)(u64)(WINDOW + WINDOW_CODE + s->length) = 0x0b0f;
}

static void set_dr(u32 nr, u64 value)
{
	switch (nr) {
	case 0: asm volatile("mov %0, %%dr0" : : "r"(value)); break;
	case 1: asm volatile("mov %0, %%dr1" : : "r"(value)); break;
	case 2: asm volatile("mov %0, %%dr2" : : "r"(value)); break;
	case 3: asm volatile("mov %0, %%dr3" : : "r"(value)); break;
	case 6: asm volatile("mov %0, %%dr6" : : "r"(value)); break;
	case 7: asm volatile("mov %0, %%dr7" : : "r"(value)); break;
	}
}

static u64 get_dr(u32 nr)
{
	u64 value = 0;

	switch (nr) {
	case 0: asm volatile("mov %%dr0, %0" : "=r"(value)); break;
	case 1: asm volatile("mov %%dr1, %0" : "=r"(value)); break;
	case 2: asm volatile("mov %%dr2, %0" : "=r"(value)); break;
	case 3: asm volatile("mov %%dr3, %0" : "=r"(value)); break;
	case 6: asm volatile("mov %%dr6, %0" : "=r"(value)); break;
	case 7: asm volatile("mov %%dr7, %0" : "=r"(value)); break;
	}
	return value;
}

static u64 get_cr8(void)
{
	u64 value;

	asm volatile("mov %%cr8, %0" : "=r"(value));
	return value;
}

static void show_events(void)
{
	for (u32 i = 0; i < watch.seen; i++) {
		const struct event *e = &watch.events[i];

		show_event(i, "vector", e->vector);
		show_event(i, "error", e->error);
		show_event(i, "ip", e->ip - watch.code_ip);
		show_event(i, "cs", e->cs);
		show_event(i, "flags", e->flags);
		show_event(i, "sp", e->sp);
		show_event(i, "more", e->more);
	}
}

static void show_registers(void)
{
	static const char *const names[GPRS] = {
		"ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	};

	for (u32 i = 0; i < GPRS; i++)
		show(names[i], watch_end.gpr[i]);
	show("ss", watch_end.ss);
	show("ds", watch_end.ds);
	show("es", watch_end.es);
	show("fs", watch_end.fs);
	show("gs", watch_end.gs);
	show("cr0", watch_end.cr0);
	show("cr2", watch_cr2);
	show("cr3", watch_end.cr3);
	show("cr4", watch_end.cr4);
}

/* What is not as it was, and it is again. */
static void show_memory(void)
{
	for (u32 a = 0; a < ARRAY_SIZE(areas); a++) {
		u64 *p = (u64 *)(u64)(ALIAS + areas[a].at);
		const u64 *was = (const u64 *)(pristine + areas[a].at);

		for (u32 i = 0; i < areas[a].bytes / 8; i++) {
			if (p[i] == was[i])
				continue;
			show_event(areas[a].at + 8 * i, areas[a].name, p[i]);
			p[i] = was[i];
		}
	}
}

static void show_debug_registers(void)
{
	static const char *const names[8] = {
		"dr0", "dr1", "dr2", "dr3", "", "", "dr6", "dr7"
	};
	u64 dr7 = get_dr(7);

	show(names[7], dr7);
	if (dr7 != DR7_RESET)
		set_dr(7, DR7_RESET);
	for (u32 i = 0; i < 7; i++) {
		if (*names[i])
			show(names[i], get_dr(i));
	}
	set_dr(6, DR6_FIXED);
	for (u32 i = 0; i < 4; i++)
		set_dr(i, 0);
}

static void show_fpu(void)
{
	asm volatile("fxsave %0" : "=m"(fpu_end));
	/* The last instruction's and operand's addresses are not looked at. */
	show("fcw", *(u16 *)fpu_end.bytes);
	show("fsw", *(u16 *)(fpu_end.bytes + 2));
	show("ftw", fpu_end.bytes[4]);
	show("mxcsr", *(u32 *)(fpu_end.bytes + 24));
	for (u32 i = 32; i < 416; i += 8) {
		if (*(u64 *)(fpu_end.bytes + i) != *(u64 *)(fpu_start.bytes + i))
			show_event(i, "fpu", *(u64 *)(fpu_end.bytes + i));
	}
}

/* Where SYSCALL and SYSENTER lead, and to which segments SYSRET. */
static void fill_syscall(u64 ip)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)(SEL_USER64 - 16) << 48 | (u64)SEL_CODE64 << 32);
	wrmsr(MSR_LSTAR, ip);
	wrmsr(MSR_CSTAR, ip);
	wrmsr(MSR_IA32_SYSENTER_CS, SEL_CODE64);
	wrmsr(MSR_IA32_SYSENTER_EIP, ip);
	wrmsr(MSR_IA32_SYSENTER_ESP, WINDOW + WINDOW_SP - 0x80);
}

void run(const struct sequence *s)
{
	static u64 msr_before[MSRS];
	struct cpu cpu = s->cpu;
	u64 value;

	fill_memory(s);
	cpu.cr4 |= s->cr4 & cr4_there & (s->mode->long_mode ? ~0ull : ~(u64)CR4_PCIDE);
	for (u32 i = 0; i < s->msrs_nr; i++)
		msr_before[i] = rdmsr(s->msrs[i]);
	for (u32 i = 0; i < 4; i++) {
		if (s->dr[i])
			set_dr(i, s->dr[i]);
	}
	if (s->touches & TOUCHES_FPU)
		asm volatile("fxrstor %0" : : "m"(fpu_start));
	watch.code_ip = s->cpu.ip;
	watch.length = s->length;
	watch.cs = s->cpu.cs;
	memcpy(watch.next, s->next, sizeof(u16) * s->length);
	/* A breakpoint on the handler's stack may end it before the event there is noted whole. */
	memset(watch.events, 0, watch.seen * sizeof(*watch.events));
	watch.seen = 0;
	watch.late = 0;
	memset(watch_end.gpr, 0, sizeof(watch_end.gpr));
	write_cr2(0);
	if (s->touches & TOUCHES_HLT)
		start_watchdog();
	if (s->touches & TOUCHES_TASK)
		fill_task(s);
	if (s->touches & TOUCHES_SYSCALL)
		fill_syscall(s->entry);
	if (s->mode->real)
		memcpy((void *)(LOW + LOW_CPU), &cpu, sizeof(cpu));
	if (s->touches & (TOUCHES_SUPERVISOR | TOUCHES_TOP))
		map_for(s->touches);
	set_dr(7, s->dr7 | DR7_RESET);
	if (s->touches & TOUCHES_PEER)
		peer_begin(s);
	watch.running = 1;
	if (s->mode->long_mode) {
		if (s->cr4)
			write_cr4(monitor_cr4 | cpu.cr4);
		enter_long(&cpu);
	} else {
		enter_legacy(&cpu);
	}
	watch.running = 0;
	if (s->touches & TOUCHES_PEER)
		peer_end();
	if (s->touches & (TOUCHES_SUPERVISOR | TOUCHES_TOP))
		map_for(0);

	show_debug_registers();
	if (s->touches & TOUCHES_HLT)
		stop_watchdog();
	show_events();
	show_registers();
	if (s->touches & TOUCHES_TASK)
		show_task();
	if (s->touches & TOUCHES_TABLES)
		show_tables();
	if (s->touches & (TOUCHES_TASK | TOUCHES_TABLES))
		reset_task();
	if (s->touches & TOUCHES_SYSCALL) {
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~EFER_SCE);
		same_start();
	}
	show_memory();
	value = get_cr8();
	show("cr8", value);
	if (s->touches & TOUCHES_XAPIC)
		show_xapic();
	if (s->touches & TOUCHES_PEER)
		peer_show();
	if (s->touches & TOUCHES_APIC) {
		show_apic();
		if (s->touches & TOUCHES_XAPIC)
			reset_xapic();
		drain_apic();
	} else if (value) {
		asm volatile("mov %0, %%cr8" : : "r"(0ull));
	}
	show("late", watch.late);
	value = xgetbv(0);
	show("xcr0", value);
	if (value != 1)
		xsetbv(0, 1);
	if (s->touches & TOUCHES_FPU)
		show_fpu();
	for (u32 i = 0; i < s->msrs_nr; i++) {
		value = rdmsr(s->msrs[i]);
		/* INIT leaves MSRs alone, and Bochs does not. */
		if (!peer_was_reset())
			show_event(s->msrs[i], "msr", value);
		if (value != msr_before[i])
			wrmsr(s->msrs[i], msr_before[i]);
	}
	if (s->touches & TOUCHES_PIC) {
		show("pic", inb(0xa1));
		outb(0xa1, 0xff);
		outb(0x21, 0xff);
		show("scratch", inb(0x3ff));
		outb(0x3ff, 0);
	}
}

bool run_empty(const struct sequence *s)
{
	const struct event *e = watch.events;

	run(s);
	return watch.seen == 1 && e->vector == VECTOR_UD && e->ip == s->cpu.ip &&
	       e->cs == s->cpu.cs;
}
