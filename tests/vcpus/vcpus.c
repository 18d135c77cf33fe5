// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest of several vCPUs that only has to do with being several. Words on its command
 * line are cases; each prints "case name=N check=ok" or what was wrong, and the guest ends
 * with code 0, or 1 if one was wrong.
 */
#include "acct/exit_leaves.h"
#include "machine/com1.h"
#include "machine/machine.h"
#include "machine/pvh.h"
#include "machine/text.h"
#include "machine/x86.h"
#include "tests/vcpus/vcpus.h"

#define TRAMPOLINE	0x70000u
#define VECTOR		0x41u		/* that counts */
#define PATIENCE	50000000ul	/* cycles of the TSC */
#define PAGES		256u
#define TOUCHED		0x2000000u
#define FAR		0x2800000u
#define FAR_REGIONS	8u

/* ICR */
#define FIXED		0x4000u
#define LOWEST		0x4100u
#define NMI		0x4400u
#define INIT		0x4500u
#define SIPI		0x4600u
#define LOGICAL		0x800u
#define SELF		0x40000u
#define ALL		0x80000u
#define OTHERS		0xc0000u

struct frame;

static struct cpu {
	struct cpu *self;
	u32 id;
	volatile u32 hits[256];
	volatile u32 done;
} cpus[MAX_CPUS];

static struct gate {
	u16 offset_low, selector, flags, offset_mid;
	u32 offset_high, reserved;
} idt[256];

static u32 nr;				/* vCPUs */
static bool xapic;
static bool brief;			/* print what is wrong, and nothing else */
static volatile u32 order, order_to;	/* a number goes up: do that, who is in the mask */
static void (*volatile job)(struct cpu *me);
static volatile u64 shared;
static bool wrong;
static u32 each = 100000;		/* exits that a vCPU raises, or what the word each=N says */

extern u8 trampoline[], trampoline_end[];
extern volatile u32 arrivals;

static struct cpu *me(void)
{
	struct cpu *self;

	asm volatile("mov %%gs:0, %0" : "=r"(self));
	return self;
}

static volatile u32 *apic_page(u32 reg)
{
	return (volatile u32 *)(u64)(APIC_BASE_ADDRESS + reg * 16);
}

static void write_apic(u32 reg, u32 value)
{
	if (xapic)
		*apic_page(reg) = value;
	else
		wrmsr(MSR_X2APIC_FIRST + reg, value);
}

static void send(u32 to, u32 icr)
{
	if (!xapic) {
		wrmsr(0x830, (u64)to << 32 | icr);
		return;
	}
	*apic_page(0x31) = to << 24;
	*apic_page(0x30) = icr;
}

static __attribute__((interrupt)) void on_vector(struct frame *f)
{
	me()->hits[VECTOR]++;
	write_apic(0x0b, 0);
}

static __attribute__((interrupt)) void on_nmi(struct frame *f)
{
	me()->hits[VECTOR_NMI]++;
}

static __attribute__((interrupt)) void on_fault(struct frame *f)
{
	outl(MACHINE_EXIT_PORT, 99);
}

static void set_gate(u32 vector, void *handler)
{
	u64 at = (u64)handler;

	idt[vector] = (struct gate){ at, 8, 0x8e00, at >> 16, at >> 32, 0 };
}

static void set_up(u32 id)
{
	struct __attribute__((packed)) { u16 limit; u64 base; } idtr = {
		sizeof(idt) - 1, (u64)idt,
	};
	struct cpu *c = &cpus[id];

	asm volatile("lidt %0" : : "m"(idtr));
	c->self = c;
	c->id = id;
	wrmsr(MSR_GS_BASE, (u64)c);
	if (!xapic)
		wrmsr(MSR_IA32_APIC_BASE, rdmsr(MSR_IA32_APIC_BASE) | APIC_BASE_X2APIC);
	write_apic(0x0f, 0x1ff);
	if (xapic)
		write_apic(0x0d, 1u << (24 + id));
}

static bool eventually(const volatile u32 *what, u32 value)
{
	u64 until = rdtsc() + PATIENCE;

	while (*what < value) {
		if (rdtsc() > until)
			return false;
		asm volatile("pause");
	}
	return true;
}

static void pass(u64 cycles)
{
	u64 until = rdtsc() + cycles;

	while (rdtsc() < until)
		;
}

static void halt_once(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

/* All but the first wait for an order, interrupts on. */
static void work(struct cpu *c)
{
	u32 seen = order;

	asm volatile("sti");
	c->done = seen;
	for (;;) {
		while (order == seen)
			asm volatile("pause");
		seen = order;
		if (order_to >> c->id & 1 && job)
			job(c);
		c->done = seen;
	}
}

void __attribute__((noreturn)) other_main(u32 nth)
{
	u32 id;
	struct exit_acct_regs r;

	cpuid(0xb, 0, &r);
	id = r.edx;
	set_up(id);
	cpus[id].hits[0]++;		/* it has come up so often */
	work(&cpus[id]);
	__builtin_unreachable();
}

static void all_do(void (*what)(struct cpu *c), u32 mask)
{
	job = what;
	order_to = mask;
	order++;
}

static bool all_done(u32 mask)
{
	bool good = true;

	for (u32 i = 1; i < nr; i++)
		good &= !(mask >> i & 1) || eventually(&cpus[i].done, order);
	return good;
}

static void result(const char *name, bool good)
{
	wrong |= !good;
	if (good && brief)
		return;
	print("case name=%s check=%s\n", name, good ? "ok" : "fail");
}

static bool bring_up(u32 id, u32 sipis)
{
	u32 before = cpus[id].hits[0];

	send(id, INIT);
	while (sipis--)
		send(id, SIPI | TRAMPOLINE >> 12);
	return eventually(&cpus[id].hits[0], before + 1) && eventually(&cpus[id].done, order);
}

static u32 others(void)
{
	return ((1u << nr) - 1) & ~1u;
}

/* Do all of @mask, and nobody else, count one more of it? */
static bool counts(u32 vector, u32 mask, u32 to, u32 icr)
{
	u32 before[MAX_CPUS];
	bool good = true;

	for (u32 i = 0; i < nr; i++)
		before[i] = cpus[i].hits[vector];
	asm volatile("sti");
	send(to, icr | (vector == VECTOR_NMI ? 0 : vector));
	for (u32 i = 0; i < nr; i++) {
		if (mask >> i & 1)
			good &= eventually(&cpus[i].hits[vector], before[i] + 1);
	}
	pass(20000);
	asm volatile("cli");
	for (u32 i = 0; i < nr; i++)
		good &= cpus[i].hits[vector] == before[i] + (mask >> i & 1);
	return good;
}

static void halts(struct cpu *c)
{
	halt_once();
	asm volatile("sti");
}

static void init_itself(struct cpu *c)
{
	send(c->id, INIT);
}

static void ipis(void)
{
	u32 last = nr - 1, all = (1u << nr) - 1, before;

	result("physical", counts(VECTOR, 1u << last, last, FIXED));
	result("to_itself", counts(VECTOR, 1, 0, FIXED));
	result("self", counts(VECTOR, 1, 0, FIXED | SELF));
	result("all", counts(VECTOR, all, 0, FIXED | ALL));
	result("others", counts(VECTOR, others(), 0, FIXED | OTHERS));
	result("broadcast", counts(VECTOR, all, xapic ? 0xff : ~0u, FIXED));
	result("logical", counts(VECTOR, 3u, 3, FIXED | LOGICAL));
	result("nobody", counts(VECTOR, 0, 0x77, FIXED));
	result("lowest", counts(VECTOR, 2u, 2, LOWEST | LOGICAL));
	result("nmi", counts(VECTOR_NMI, 1u << last, last, NMI));
	result("nmi_others", counts(VECTOR_NMI, others(), 0, NMI | OTHERS));
	all_do(halts, others());
	pass(100000);
	result("halted", counts(VECTOR, others(), 0, FIXED | OTHERS) && all_done(others()));
	all_do(halts, others());
	pass(100000);
	result("halted_nmi", counts(VECTOR_NMI, others(), 0, NMI | OTHERS) && all_done(others()));
	result("again", bring_up(last, 2));
	result("one_sipi", bring_up(1, 1));
	result("sipi_alone", !cpus[last].hits[3] && counts(VECTOR, 1u << last, last, FIXED));
	send(last, SIPI | TRAMPOLINE >> 12);	/* it runs: it does not begin again */
	result("sipi_running", counts(VECTOR, 1u << last, last, FIXED));
	before = cpus[1].hits[0];
	all_do(init_itself, 2);
	pass(100000);
	send(1, SIPI | TRAMPOLINE >> 12);
	result("init_itself", eventually(&cpus[1].hits[0], before + 1) && all_done(2));
	send(0, INIT);			/* no firmware to begin with: ignored */
	result("init_self", counts(VECTOR, 1u << last, last, FIXED));
}

static u64 total(void)
{
	struct exit_acct_regs r;

	cpuid(EXIT_ACCT_LEAF_TOTAL, 0, &r);
	return (u64)r.ebx << 32 | r.eax;
}

static void raise_exits(struct cpu *c)
{
	struct exit_acct_regs r;

	for (u32 i = 0; i < each; i++)
		cpuid(0, 0, &r);
}

static void exits(void)
{
	u64 before = total(), after;

	all_do(raise_exits, others());
	raise_exits(&cpus[0]);
	result("exits_done", all_done(others()));
	after = total();
	if (!brief)
		print("guest: exits=%lu of %lu\n", after - before, (u64)each * nr);
	result("exits_sum", after - before >= (u64)each * nr);
}

/* Exits that need no device, one kind for each function: who traces them knows it by its name. */

static __attribute__((noinline)) void op_cpuid(void)
{
	struct exit_acct_regs r;

	cpuid(0, 0, &r);
}

static __attribute__((noinline)) void op_vmcall(void)
{
	u64 nr = ~0ull;

	asm volatile("vmcall" : "+a"(nr) : : "memory");
}

static __attribute__((noinline)) void op_rdmsr(void)
{
	rdmsr(MSR_IA32_APIC_BASE);
}

static __attribute__((noinline)) void op_wrmsr(void)
{
	wrmsr(MSR_EFER, EFER_LME | EFER_LMA);
}

static __attribute__((noinline)) void op_dr(void)
{
	asm volatile("mov %0, %%dr3" : : "r"(0ull));
}

static __attribute__((noinline)) void op_wbinvd(void)
{
	asm volatile("wbinvd");
}

static void be_quiet(struct cpu *c)
{
	asm volatile("cli");
	for (u32 i = 0; i < 40; i++) {
		op_cpuid();
		op_vmcall();
		op_rdmsr();
		op_wrmsr();
		op_dr();
		op_wbinvd();
	}
	asm volatile("sti");
}

static void quiet(void)
{
	all_do(be_quiet, others());
	be_quiet(&cpus[0]);
	result("quiet", all_done(others()));
}

/* Does what one reads never go back while others exit? */
static void reads(void)
{
	u64 last = 0, now;
	bool good = true;

	all_do(raise_exits, others());
	for (u32 i = 0; i < 2000; i++) {
		now = total();
		good &= now > last;
		last = now;
	}
	result("reads", all_done(others()) && good);
}

static u64 count_of(u32 vcpu, u32 reason)
{
	struct exit_acct_regs r;

	cpuid(EXIT_ACCT_LEAF_VCPU, reason | vcpu << 16, &r);
	return (u64)r.ebx << 32 | r.eax;
}

static void raise_some(struct cpu *c)
{
	struct exit_acct_regs r;

	for (u32 i = 0; i < 1000; i++)
		cpuid(0, 0, &r);
}

/* Is the n-th vCPU of the leaves the one with that id? */
static void which(void)
{
	u64 before[MAX_CPUS];
	bool good = true;

	for (u32 i = 0; i < nr; i++)
		before[i] = count_of(i, EXIT_REASON_CPUID);
	all_do(raise_some, 1u << (nr - 1));
	good &= all_done(others());
	for (u32 i = 0; i < nr; i++)
		good &= (count_of(i, EXIT_REASON_CPUID) - before[i] >= 1000) == (i == nr - 1);
	result("which", good);
}

static void touch_all(struct cpu *c)
{
	while (shared != order)
		;
	for (u32 i = 0; i < PAGES; i++)
		__atomic_fetch_add((u32 *)(u64)(TOUCHED + i * 4096), 1, __ATOMIC_SEQ_CST);
}

static void touch(void)
{
	bool good;

	all_do(touch_all, others());
	shared = order;
	touch_all(&cpus[0]);
	good = all_done(others());
	for (u32 i = 0; i < PAGES; i++)
		good &= *(u32 *)(u64)(TOUCHED + i * 4096) == nr;
	result("touch", good);
}

/* Outside RAM, by an instruction that only the processor can do: nobody disturbs another. */
static void outside_all(struct cpu *c)
{
	u64 value;

	for (u32 i = 0; i < 200; i++) {
		asm volatile("movq (%1), %%mm0; movq %%mm0, %0; emms"
			     : "=m"(value) : "r"(MACHINE_MMIO_HOLE + i % 3 * 4096) : "memory");
		if (value != ~0ull)
			outl(MACHINE_EXIT_PORT, 98);
	}
}

static void outside(void)
{
	all_do(outside_all, others());
	outside_all(&cpus[0]);
	result("outside", all_done(others()));
}

/* What the processor does outside RAM finds RAM as all do: it need not be touched again. */
static void outside_ram(void)
{
	static const u8 code[] = {	/* movq (%rdi), %mm0; emms; ret */
		0x0f, 0x6f, 0x07, 0x0f, 0x77, 0xc3,
	};
	u64 violations;

	outside_all(&cpus[0]);
	violations = count_of(0, EXIT_REASON_EPT_VIOLATION);
	for (u32 i = 0; i < FAR_REGIONS; i++) {
		u8 *to = (u8 *)(FAR + i * 0x200000ul);

		memcpy(to, code, sizeof(code));
		((void (*)(u64))to)(MACHINE_MMIO_HOLE);
	}
	violations = count_of(0, EXIT_REASON_EPT_VIOLATION) - violations;
	result("outside_ram", violations == FAR_REGIONS);
}

static void send_nmi(struct cpu *c)
{
	send(0, NMI);
}

/* It comes with the next exit that has anything to do, though interrupts are masked. */
static void nmi_masked(void)
{
	u32 before = cpus[0].hits[VECTOR_NMI];
	bool good;

	all_do(send_nmi, 2);		/* in Bochs even a CLI would let an exit through */
	good = all_done(2);
	outside_all(&cpus[0]);
	result("nmi_masked", good && cpus[0].hits[VECTOR_NMI] == before + 1);
}

static void halt_and_init(struct cpu *c)
{
	if (c->id == 1) {
		halts(c);
		return;
	}
	while ((u32)shared != order)
		;
	for (u32 n = 0; n < shared >> 32; n++)
		asm volatile("nop");
	send(1, INIT);
}

static u64 outside_exits(u32 vcpu)
{
	return count_of(vcpu, EXIT_REASON_EPT_VIOLATION) +
	       count_of(vcpu, EXIT_REASON_EPT_MISCONFIG);
}

/* INIT just when an interrupt ends HLT: nothing runs before the SIPI. */
static void init_awake(void)
{
	bool good = true;

	for (u64 i = 0; i < 40; i++) {
		u64 before = outside_exits(1);

		all_do(halt_and_init, 6);
		pass(5000);
		shared = i * 8 << 32 | order;
		send(1, FIXED | VECTOR);
		pass(10000);
		good &= outside_exits(1) == before;
		good &= bring_up(1, 2);
	}
	result("init_awake", good);
}

static void raise_task_priority(struct cpu *c)
{
	asm volatile("mov %0, %%cr8" : : "r"(1ul));
}

/* An APIC that is not enabled does not compete for an interrupt of lowest priority. */
static void lowest_waits(void)
{
	all_do(raise_task_priority, others());
	all_done(others());
	raise_task_priority(&cpus[0]);
	send(1, INIT);
	pass(100000);
	result("lowest_waits", counts(VECTOR, 1, 3, LOWEST | LOGICAL));
	asm volatile("mov %0, %%cr8" : : "r"(0ul));
	result("lowest_back", bring_up(1, 2));
}

static void storm_all(struct cpu *c)
{
	asm volatile("sti");
	for (u32 i = 0; i < 2000; i++)
		send(0, FIXED | OTHERS | VECTOR);
}

static void storm(void)
{
	all_do(storm_all, others());
	storm_all(&cpus[0]);
	result("storm", all_done(others()));
	asm volatile("cli");
}

static void odd_sipis(void)
{
	static const u8 vectors[] = { 0xa0, 0xbf, 0xf0, 0xff };
	bool good = true;

	for (u32 i = 0; i < sizeof(vectors); i++) {
		send(1, INIT);
		send(1, SIPI | vectors[i]);
	}
	send(1, INIT);
	/* A vector that a PC has no RAM at cannot be helped, but hv and the others go on. */
	good &= bring_up(1, 2);
	result("odd_sipis", good && counts(VECTOR, 2, 1, FIXED));
}

static void end_all(struct cpu *c)
{
	outl(MACHINE_EXIT_PORT, 5);
}

/* A test has spoilt hv so that it faults then. */
static void ask_dead(struct cpu *c)
{
	struct exit_acct_regs r;

	cpuid(0xdead, 0, &r);
}

static void triple_fault(struct cpu *c)
{
	struct __attribute__((packed)) { u16 limit; u64 base; } none = { 0, 0 };

	asm volatile("cli; lidt %0; ud2" : : "m"(none));
}

static void stop_all(struct cpu *c)
{
	asm volatile("cli; hlt");
}

static void unmasked_loop(struct cpu *c)
{
	for (;;)
		asm volatile("pause");
}

static bool is(const char *word, const char *name)
{
	while (*name && *word == *name)
		word++, name++;
	return !*name && (!*word || *word == ' ');
}

static void set_each(const char *digits)
{
	for (each = 0; *digits >= '0' && *digits <= '9'; digits++)
		each = each * 10 + *digits - '0';
}

static void run(const char *word)
{
	u32 last = 1u << (nr - 1);

	if (!memcmp(word, "each=", 5))
		set_each(word + 5);
	else if (is(word, "ipis"))
		ipis();
	else if (is(word, "exits"))
		exits();
	else if (is(word, "quiet"))
		quiet();
	else if (is(word, "reads"))
		reads();
	else if (is(word, "which"))
		which();
	else if (is(word, "touch"))
		touch();
	else if (is(word, "outside"))
		outside();
	else if (is(word, "outside_ram"))
		outside_ram();
	else if (is(word, "nmi_masked"))
		nmi_masked();
	else if (is(word, "init_awake"))
		init_awake();
	else if (is(word, "lowest_waits"))
		lowest_waits();
	else if (is(word, "storm"))
		storm();
	else if (is(word, "odd_sipis"))
		odd_sipis();
	else if (is(word, "other_faults"))
		all_do(ask_dead, last), unmasked_loop(&cpus[0]);
	else if (is(word, "other_ends"))
		all_do(end_all, last), raise_exits(&cpus[0]), unmasked_loop(&cpus[0]);
	else if (is(word, "first_ends"))
		all_do(unmasked_loop, others()), end_all(&cpus[0]);
	else if (is(word, "all_end"))
		all_do(end_all, others()), end_all(&cpus[0]);
	else if (is(word, "triple_fault"))
		all_do(triple_fault, last), unmasked_loop(&cpus[0]);
	else if (is(word, "all_halt"))
		all_do(stop_all, others()), stop_all(&cpus[0]);
	else if (is(word, "loop"))
		all_do(unmasked_loop, others()), unmasked_loop(&cpus[0]);
}

void __attribute__((noreturn)) first_main(const struct pvh_start_info *info)
{
	const char *words = (const char *)info->cmdline;
	struct exit_acct_regs r;
	bool up = true;

	xapic = is(words, "xapic");
	brief = is(words, "brief");
	console_init();
	for (u32 i = 0; i < 32; i++)
		set_gate(i, on_fault);
	set_gate(VECTOR_NMI, on_nmi);
	set_gate(VECTOR, on_vector);
	cpuid(1, 0, &r);
	nr = r.ebx >> 16 & 0xff;
	set_up(0);
	if (is(words, "alone"))		/* the others wait for what only it could send */
		stop_all(&cpus[0]);
	memcpy((void *)TRAMPOLINE, trampoline, trampoline_end - trampoline);
	for (u32 i = 1; i < nr; i++)
		up &= bring_up(i, 2);
	if (!brief)
		print("guest: cpus=%u arrivals=%u\n", nr, arrivals);
	result("up", up);
	for (const char *w = words; *w;) {
		if (up)
			run(w);
		while (*w && *w != ' ')
			w++;
		while (*w == ' ')
			w++;
	}
	outl(MACHINE_EXIT_PORT, wrong);
	for (;;)
		asm volatile("hlt");
}
