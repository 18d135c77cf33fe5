// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that executes what hv may be told to intercept, in all forms, and
 * prints what came of it: with an intercept and without, the same. String I/O,
 * which always exits, is compared with what the SDM says.
 */
#include <stdarg.h>
#include "tests/hv/instr.h"
#include "machine/machine.h"
#include "machine/pvh.h"
#include "machine/text.h"
#include "machine/trap_stubs.h"

extern u64 gdt[], pml4[], directories[];

u64 seen[3], resume;
u64 table[512] __attribute__((aligned(4096)));
uint8_t pages[4 * 4096] __attribute__((aligned(4096)));

static u64 idt[2 * 33];

static void put(char c)
{
	asm volatile("outb %0, %1" : : "a"(c), "Nd"((uint16_t)MACHINE_COM1));
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, fmt, ap);
	va_end(ap);
}

void raised(const char *name)
{
	if (seen[0] == ~0ull)
		print("%s: no exception\n", name);
	else
		print("%s: exception %lu error %lx cr2 %lx\n", name, seen[0], seen[1],
		      seen[0] == 14 ? seen[2] : 0);
	seen[0] = ~0ull;
	resume = 0;
}

void show(const char *name, const uint8_t *at)
{
	print("%s:", name);
	for (int i = -1; i < 17; i++)
		print(" %02x", at[i]);
	print("\n");
}

void fill(void)
{
	memset(pages, 0x11, sizeof(pages));
}

#define STORE(name, insn, at, ...)						\
do {										\
	fill();									\
	asm volatile(TRY(insn) : : __VA_ARGS__ : "rbx", "r8", "r15", "memory");	\
	show(name, at);								\
	raised(name);								\
} while (0)

static uint8_t fixed[32] __attribute__((aligned(32)));

static void descriptor_tables(void)
{
	struct __attribute__((packed)) { uint16_t limit; u64 base; } old, new, bad;
	u64 p = (u64)pages, not_canonical = 1ull << 63;

	STORE("sgdt (reg)", "sgdt (%0)", pages + 1, "r"(p + 1));
	STORE("sgdt disp8(reg,reg,8)", "sgdt 8(%0,%1,8)", pages + 32, "r"(p), "r"(3ull));
	STORE("sgdt -disp32(reg)", "sgdt -0x1000(%0)", pages + 32, "r"(p + 0x1020));
	STORE("sgdt (reg,reg,2)", "sgdt (%0,%1,2)", pages + 32, "r"(p + 64), "r"(-16ull));
	STORE("sgdt addr32", "sgdt (%k0)", pages + 32, "r"((p + 32) | 0xabcull << 32));
	memset(fixed, 0x22, sizeof(fixed));
	STORE("sgdt (rip)", "sgdt fixed+1(%%rip)", fixed + 1, "r"(0ull));
	memset(fixed, 0x22, sizeof(fixed));
	STORE("sidt absolute", "sidt fixed+2", fixed + 2, "r"(0ull));
	STORE("sidt (rsp)", "mov %%rsp, %%rbx\nmov %0, %%rsp\nsidt 16(%%rsp)\nmov %%rbx, %%rsp",
	      pages + 80, "r"(p + 64));
	STORE("sidt r8, r15", "mov %0, %%r8\nmov %1, %%r15\nsidt 1(%%r8,%%r15,4)", pages + 41,
	      "r"(p), "r"(10ull));
	asm volatile("wrmsr" : : "c"(0xc0000100), "a"((uint32_t)p + 16), "d"(0));
	STORE("sgdt fs:", "sgdt %%fs:16(%0)", pages + 48, "r"(16ull));
	STORE("sgdt ds: has no base", "sgdt %%ds:16(%0)", pages + 48, "r"(p + 32));
	STORE("sgdt across pages", "sgdt (%0)", pages + 4092, "r"(p + 4092));
	STORE("sgdt into nothing", "sgdt (%0)", pages, "r"(WINDOW + 0x1000));
	STORE("sgdt half into nothing", "sgdt (%0)", pages + 16, "r"(WINDOW + 0xffc));
	STORE("sgdt not canonical", "sgdt (%0)", pages + 16, "r"(not_canonical));

	asm volatile("sidt %0" : "=m"(old));
	new = old;
	new.limit--;
	asm volatile(TRY("lidt %0") : : "m"(new));
	raised("lidt");
	asm volatile("sidt %0; lidt %1" : "=m"(new) : "m"(old));
	print("lidt: limit %x same base %u\n", new.limit, new.base == old.base);
	bad = old;
	bad.base = not_canonical;
	asm volatile(TRY("lidt %0") : : "m"(bad));
	raised("lidt not canonical");
	asm volatile(TRY("lgdt (%0)") : : "r"(WINDOW + 0xffe));
	raised("lgdt half from nothing");
	asm volatile("sidt %0" : "=m"(new));
	print("lidt: unchanged %u\n", !memcmp(&new, &old, sizeof(old)));
}

static u64 descriptor(u64 base, u64 limit, u64 rights)
{
	return (limit & 0xffff) | (base & 0xffffff) << 16 | rights << 40 |
	       (limit & 0xf0000) << 32 | (base & 0xff000000) << 32;
}

static void lldt(const char *name, uint16_t selector)
{
	u64 ldtr = ~0ull;

	asm volatile(TRY("lldt %0") : : "m"(selector));
	raised(name);
	asm volatile("sldt %0" : "=r"(ldtr));
	print("%s: ldtr %lx\n", name, ldtr);
}

static void selectors(void)
{
	u64 a = 0x1122334455667788, b = a, c = a, d = a, tr;
	uint16_t memory[2] = { 0x1111, 0x1111 };

	gdt[SEL_LDT / 8] = descriptor((u64)pages, 0x17, 0x82);
	gdt[SEL_TSS / 8] = descriptor((u64)pages, 0x67, 0x89);
	gdt[SEL_ABSENT / 8] = descriptor((u64)pages, 0x17, 0x02);
	lldt("lldt", SEL_LDT);
	lldt("lldt null", 3);
	lldt("lldt again", SEL_LDT);
	lldt("lldt of data", SEL_DATA);
	lldt("lldt of a TSS", SEL_TSS);
	lldt("lldt not present", SEL_ABSENT);
	lldt("lldt beyond the table", 0x1000);
	lldt("lldt half beyond the table", 0x40);
	lldt("lldt in the LDT", 4);
	/* What is loaded is used: the LDT's second entry is a data segment, its third is none. */
	((u64 *)pages)[1] = descriptor(0, 0xfffff, 0xc093);
	asm volatile(TRY("mov %0, %%fs") : : "r"(8 | 4));
	raised("a segment of the LDT");
	asm volatile(TRY("mov %0, %%fs") : : "r"(24 | 4));
	raised("beyond the LDT's limit");
	asm volatile("mov %0, %%fs" : : "r"(0));

	asm volatile(TRY("ltr %w0") : : "r"(SEL_TSS));
	raised("ltr");
	print("ltr: type %lx\n", gdt[SEL_TSS / 8] >> 40 & 0xff);
	asm volatile(TRY("ltr %w0") : : "r"(SEL_TSS));
	raised("ltr of a busy TSS");
	asm volatile(TRY("ltr %w0") : : "r"(0));
	raised("ltr null");
	asm volatile(TRY("ltr %w0") : : "r"(SEL_LDT));
	raised("ltr of an LDT");

	asm volatile("str %w0; str %k1; str %q2" : "+r"(a), "+r"(b), "+r"(c));
	asm volatile("mov %0, %%r12; .byte 0x66; str %%r12; mov %%r12, %0" : "+r"(d) : : "r12");
	print("str r16 %lx r32 %lx r64 %lx with both prefixes %lx\n", a, b, c, d);
	asm volatile("sldt %0" : "=m"(memory[0]));
	print("sldt to memory %x %x\n", memory[0], memory[1]);
	asm volatile("mov %%rsp, %%rbx; str %%rsp; mov %%rsp, %0; mov %%rbx, %%rsp"
		     : "=r"(tr) : : "rbx");
	print("str rsp %lx\n", tr);
	asm volatile("lldt %w0" : : "r"(0));
}

static void control_registers(void)
{
	u64 cr3 = 0, old, value, rsp;

	asm volatile("mov %%cr3, %0" : "=r"(cr3));
	print("cr3 is the page table: %u\n", cr3 == (u64)pml4);
	asm volatile("mov %%rsp, %%rbx; mov %%cr3, %%rsp; mov %%rsp, %0; mov %%rsp, %%cr3;"
		     "mov %%rbx, %%rsp" : "=r"(rsp) : : "rbx", "memory");
	print("cr3 through rsp: %u\n", rsp == cr3);
	asm volatile(TRY("mov %0, %%cr3") : : "r"(cr3 | 1ull << 51) : "memory");
	raised("cr3 with a reserved bit");
	asm volatile(TRY("mov %0, %%cr3") : : "r"(cr3 | 1ull << 63) : "memory");
	raised("cr3 with bit 63");
	asm volatile("mov %1, %%cr3; mov %%cr3, %0; mov %2, %%cr3" : "=&r"(value)
		     : "r"(cr3 | 0x18), "r"(cr3) : "memory");
	print("cr3 with PWT and PCD: %lx\n", value - cr3);

	asm volatile("mov %1, %%cr8; mov %%cr8, %0" : "=r"(value) : "r"(15ull));
	print("cr8 %lx\n", value);
	asm volatile(TRY("mov %0, %%cr8") : : "r"(16ull));
	raised("cr8 with a reserved bit");
	asm volatile("mov %0, %%cr8" : : "r"(0ull));

	asm volatile("mov %%cr0, %0" : "=r"(old));
	asm volatile("mov %0, %%cr0" : : "r"(old | 8));
	asm volatile("mov %%cr0, %0" : "=r"(value));
	print("cr0 with TS %lx\n", value ^ old);
	asm volatile("clts; mov %%cr0, %0" : "=r"(value));
	print("clts %lx\n", value ^ old);
	asm volatile("clts; lmsw %w1; smsw %0" : "=r"(value) : "r"(0x9));
	print("lmsw of TS %lx\n", value & 0xffff);
	asm volatile("lmsw %w0; mov %1, %%cr0" : : "r"(0), "r"(old));
	/* A read-only page, with WP and without. */
	table[0] = ((u64)pages) | 1;
	asm volatile("invlpg (%0)" : : "r"(WINDOW));
	asm volatile(TRY("movb $1, (%0)") : : "r"(WINDOW) : "memory");
	raised("write to a read-only page");
	asm volatile("mov %0, %%cr0" : : "r"(old & ~0x10000ull));
	asm volatile(TRY("movb $1, (%0)") : : "r"(WINDOW) : "memory");
	raised("without WP");
	asm volatile("mov %0, %%cr0" : : "r"(old));
}

/* Map WINDOW to the page that says @n, and see that it does when @flush is done. */
static void map(unsigned int n)
{
	table[0] = (u64)(pages + 4096 * n) | PTE;
}

#define SEES(name, insn, ...)							\
do {										\
	volatile uint8_t *window = (void *)WINDOW;				\
	uint8_t before;								\
	map(1);									\
	asm volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory"); \
	before = *window;							\
	map(2);									\
	asm volatile(TRY(insn) : : __VA_ARGS__ : "rax", "memory");		\
	print("%s: %u then %u\n", name, before, *window);			\
	raised(name);								\
} while (0)

static void tlb(void)
{
	u64 d[2] = { 0, WINDOW }, pcid[2] = { 1, 0 }, reserved[2] = { 1 << 12, 0 };
	u64 bad[2] = { 0, 1ull << 63 };

	for (unsigned int i = 0; i < 4; i++)
		memset(pages + 4096 * i, i, 4096);
	SEES("mov cr3", "mov %%cr3, %%rax; mov %%rax, %%cr3", "r"(0ull));
	SEES("invlpg", "invlpg (%0)", "r"(WINDOW + 5));
	SEES("invpcid 0", "invpcid %0, %1", "m"(d), "r"(0ull));
	SEES("invpcid 1", "invpcid %0, %1", "m"(d), "r"(1ull));
	SEES("invpcid 2", "invpcid %0, %1", "m"(d), "r"(2ull));
	SEES("invpcid 3", "invpcid %0, %1", "m"(d), "r"(3ull));
	asm volatile(TRY("invlpg (%0)") : : "r"(1ull << 63));
	raised("invlpg not canonical");
	asm volatile(TRY("invpcid %0, %1") : : "m"(d), "r"(4ull));
	raised("invpcid 4");
	asm volatile(TRY("invpcid %0, %1") : : "m"(pcid), "r"(1ull));
	raised("invpcid of a PCID without PCIDE");
	asm volatile(TRY("invpcid %0, %1") : : "m"(pcid), "r"(2ull));
	raised("invpcid 2 of a PCID");
	asm volatile(TRY("invpcid %0, %1") : : "m"(reserved), "r"(2ull));
	raised("invpcid with a reserved bit");
	asm volatile(TRY("invpcid %0, %1") : : "m"(bad), "r"(0ull));
	raised("invpcid 0 not canonical");
	asm volatile(TRY("invpcid %0, %1") : : "m"(bad), "r"(1ull));
	raised("invpcid 1 not canonical");
	asm volatile(TRY("invpcid (%0), %1") : : "r"(WINDOW + 0x1ff8), "r"(1ull));
	raised("invpcid from nothing");
}

static void clock(void)
{
	u64 a, d, c, first;

	asm volatile("rdtsc" : "=a"(a), "=d"(d) : "a"(~0ull), "d"(~0ull));
	print("rdtsc: upper halves %lx %lx\n", a >> 32, d >> 32);
	first = d << 32 | a;
	asm volatile("wrmsr" : : "c"(0xc0000103), "a"(0x1234567), "d"(0));
	asm volatile("rdtscp" : "=a"(a), "=d"(d), "=c"(c) : "a"(~0ull), "d"(~0ull), "c"(~0ull));
	print("rdtscp: upper halves %lx %lx later %u aux %lx\n", a >> 32, d >> 32,
	      (d << 32 | a) > first, c);
	asm volatile("pause; pause");
}

#define RANDOM(insn, reg, bits)							\
do {										\
	u64 value = 0x1122334455667788, flags, many = 0;			\
	for (int i = 0; i < 8; i++) {						\
		value = 0x1122334455667788;					\
		asm volatile("mov $0x8d4, %%eax; push %%rax; popf\n" TRY(insn " " reg) \
			     "pushf; pop %1" : "+r"(value), "=r"(flags) : : "rax", "cc"); \
		many |= value ^ 0x1122334455667788;				\
	}									\
	print(insn " of %u bits: flags %lx, upper bits %lx, changes %u\n", bits, flags & 0x8d5, \
	      bits == 64 ? 0 : value >> (bits & 63), !!(many & 0xffff));	\
	raised(insn);								\
} while (0)

static void random(void)
{
	uint32_t a = 7, b, c = 0, d;

	RANDOM("rdrand", "%w0", 16);
	RANDOM("rdrand", "%k0", 32);
	RANDOM("rdrand", "%q0", 64);
	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(b >> 18 & 1))
		return;
	RANDOM("rdseed", "%w0", 16);
	RANDOM("rdseed", "%k0", 32);
	RANDOM("rdseed", "%q0", 64);
}

static void exceptions(void)
{
	asm volatile("int3");
	raised("int3");
	asm volatile(TRY("movb (%0), %%al") : : "r"(WINDOW + 0x1234) : "rax");
	raised("a read");
	asm volatile(TRY("movw %%ax, (%0)") : : "r"(WINDOW + 0xfff) : "memory");
	raised("a write across pages");
	asm volatile(TRY("jmp *%0") : : "r"(WINDOW + 0x5678));
	raised("a fetch");
	asm volatile(TRY("pushfq; orq $0x100, (%%rsp); popfq; hlt")
		     "pushfq; andq $~0x100, (%%rsp); popfq" : : : "cc", "memory");
	raised("hlt in a single step");
	asm volatile("vmcall" : : "a"(1) : "memory");
	asm volatile("nop");
	raised("vmcall");
}

static void wrmsr(uint32_t msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* A deadline that lies, by the host's clock, beyond the end of all time. */
static void wait_for_ever(void)
{
	wrmsr(0x1b, 0xfee00d00);	/* x2APIC mode */
	wrmsr(0x80f, 0x1ff);		/* APIC on */
	wrmsr(0x832, 0x40020);		/* timer in TSC-deadline mode */
	wrmsr(0x10, 0);
	wrmsr(0x6e0, ~1ull);
	for (;;)
		asm volatile("");
}

/* A line that has no end, and then neither an end nor a halt, but some exits. */
static void half_line(void)
{
	print("half a line");
	for (u64 i = 0; i < 1000; i++)
		asm volatile("vmcall" : : "a"(100) : "memory");
	for (;;)
		asm volatile("");
}

static const struct {
	const char *word;
	void (*sweep)(void);
} sweeps[] = {
	{ "msrs", sweep_msrs }, { "apic", sweep_apic }, { "calls", sweep_calls },
	{ "leaves", sweep_leaves }, { "start", sweep_start }, { "period", sweep_period },
	{ "half", half_line },
};

static void end(void)
{
	asm volatile("outl %0, %1" : : "a"(0), "Nd"((uint16_t)MACHINE_EXIT_PORT));
}

void test(const struct pvh_start_info *info);

void test(const struct pvh_start_info *info)
{
	struct __attribute__((packed)) { uint16_t limit; u64 base; } pointer = {
		sizeof(idt) - 1, (u64)idt,
	};
	const char *words = info->cmdline ? (const char *)info->cmdline : "";

	for (unsigned int i = 0; i < 33; i++) {
		u64 stub = (u64)trap_stubs[i];

		idt[2 * i] = (stub & 0xffff) | SEL_CODE << 16 | 0x8e00ull << 32 |
			     (stub & 0xffff0000) << 32;
	}
	asm volatile("lidt %0" : : "m"(pointer));
	seen[0] = ~0ull;
	directories[512] = (u64)table | PTE;
	map(0);
	asm volatile("mov %0, %%cr3" : : "r"(pml4) : "memory");
	if (!strcmp(words, "triple")) {
		/* #UD, whose delivery is a #PF, whose delivery is one, … */
		pointer.base = WINDOW + 0x1000;
		asm volatile("lidt %0; ud2" : : "m"(pointer));
	}
	if (!strcmp(words, "wait"))
		wait_for_ever();
	for (unsigned int i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		if (!strcmp(words, sweeps[i].word)) {
			sweeps[i].sweep();
			end();
		}
	}
	descriptor_tables();
	selectors();
	control_registers();
	tlb();
	clock();
	random();
	exceptions();
	strings();
	end();
}
