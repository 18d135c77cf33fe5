// SPDX-License-Identifier: GPL-2.0-only
/*
 * The peer of a sequence, see peer.h: what runs on the first processor, and what the second
 * one says to it.
 *
 * Source: Intel SDM volume 3, sections "Issuing Interprocessor Interrupts", "MP Initialization
 * Protocol Algorithm for MP Systems", "Local APIC State After It Receives an INIT-Deassert IPI".
 */
#include "tests/agree/agree.h"
#include "tests/agree/apic.h"
#include "machine/text.h"
#include "machine/x86.h"

#define FIRST_PAGE	0x70		/* where the other processor begins at first */
#define RAM_BYTE	0xcc		/* what is there otherwise */
#define ICR_INIT	0x4500
#define ICR_SIPI	0x4600
#define ICR_NMI		0x4400
#define OTHER		1		/* its APIC id */
#define SVR_START	0x15f
#define GATE		0x8e00
#define EVENTS_KEPT	16
#define VALUES_KEPT	(4 * ITEMS)
#define MEASURE_TIMES	8
#define PACE_FACTOR	40
#define STALLED		400		/* times a pace: nobody will ask any more */

/* As peer.S pushes it. */
struct peer_frame {
	u64 vector, error, ip, cs, flags;
};

/* Numbers of what the stub notes. */
enum { NOTED_DX = 2, NOTED_CR0 = 15 };

enum order { ORDER_NONE, ORDER_TAKE };

bool peer_there;
static struct act acts[ITEMS];
static volatile u32 order;		/* of the other processor's monitor */
static volatile u32 runs;		/* sequences that have begun */
static u64 pace;			/* cycles in which an IPI has arrived, and been taken */
static u16 spins[ITEMS];
static u32 spins_nr;
static u64 idt[2 * VECTORS] __attribute__((aligned(16)));

/* What the peer has seen of this sequence. */
static struct {
	u32 seen, vector[EVENTS_KEPT], error[EVENTS_KEPT];
	u32 tpr, esr, isr[8], irr[8];
	u32 page;			/* where the last SIPI led, or 0 */
	u32 resets;			/* of peer_resets, at the beginning */
	u32 values_nr;
	u64 value[VALUES_KEPT];		/* of registers and leaves */
	bool mapped;
} saw;

extern u64 low_table[];
extern u32 low_table32[];
extern u8 peer_stubs[][16], peer_stub[], peer_stub_end[];
extern u64 peer_first;
extern volatile u32 peer_resets;
extern u16 peer_ldtr, peer_tr;
extern bool peer_in_long_mode;

/* How many events the sequence has met, and does it run? The other processor says so. */
static u32 events_now(void)
{
	return *(volatile u32 *)&watch.seen;
}

static bool runs_now(void)
{
	return *(volatile u32 *)&watch.running;
}

static volatile u8 *asked(void)
{
	return (u8 *)(WINDOW + WINDOW_ASK);
}

void peer_trap(struct peer_frame *f);
void peer_trap(struct peer_frame *f)
{
	if (saw.seen < EVENTS_KEPT) {
		saw.vector[saw.seen] = f->vector;
		saw.error[saw.seen] = f->error;
	}
	saw.seen++;
	if (f->vector == VECTOR_GP)
		f->ip += 2;			/* WRMSR */
	else if (f->vector >= 0x40)		/* as trap.c */
		apic_write(APIC_EOI, 0);
}

/*
 * While one waits for the other. Bochs lets no interrupt through to a hypervisor whose guest
 * was entered with interrupts masked, until an instruction of the guest's looks at the mask:
 * KVM's processors would wait for each other for ever.
 */
static void let_through(void)
{
	asm volatile("cli");
}

static u64 passed_since(u64 begin)
{
	let_through();
	return rdtsc() - begin;
}

static void pass(u64 cycles)
{
	u64 begin = rdtsc();

	while (passed_since(begin) < cycles)
		;
}

/* An emulator may let nothing through to a guest that masks interrupts until it exits. */
static void look(void)
{
	apic_write(APIC_TPR, apic_read(APIC_TPR));
}

/* Until it must have arrived: the other one has got it, or cannot. */
static void wait_for(u32 seen)
{
	u64 begin = rdtsc();

	while (events_now() == seen && passed_since(begin) < pace)
		;
}

static void send(u32 icr, u32 to)
{
	if (watch.x2apic) {
		wrmsr(APIC_ICR, (u64)to << 32 | icr);
		return;
	}
	apic_write(APIC_ICR_HIGH, to << 24);
	apic_write(APIC_ICR, icr);
}

/* The code goes on. */
static void release(u16 spin)
{
	*(volatile u16 *)(u64)(WINDOW + WINDOW_CODE + spin) = PEER_GONE;
}

static void put_stub(u32 page)
{
	memcpy((void *)(u64)(page << 12), peer_stub, peer_stub_end - peer_stub);
	saw.page = page;
}

static void start_again(const struct act *a)
{
	u32 resets = peer_resets;
	u64 begin;

	put_stub(a->page);
	pass(pace);
	send(ICR_SIPI | a->page, OTHER);
	for (begin = rdtsc(); peer_resets == resets && passed_since(begin) < STALLED * pace; )
		;
	/* It has not heard of it: that is seen in the answer. */
	if (peer_resets == resets)
		release(a->spin);
}

static void note_value(u64 value)
{
	if (saw.values_nr < VALUES_KEPT)
		saw.value[saw.values_nr++] = value;
}

/* Two pages change their frames, and do so again. */
static void swap_pages(void)
{
	u32 i = (WINDOW + WINDOW_MAPPED) >> 12;
	u64 entry = low_table[i];
	u32 entry32 = low_table32[i];

	low_table[i] = low_table[i + 1];
	low_table[i + 1] = entry;
	low_table32[i] = low_table32[i + 1];
	low_table32[i + 1] = entry32;
	saw.mapped = !saw.mapped;
}

/* A register of this processor: written, read, and as it was. */
static void use_own(u32 number, u64 value)
{
	u64 was = 0;

	switch (number) {
	case OWN_CR2:
		write_cr2(value);
		note_value(read_cr2());
		break;
	case OWN_DR0:
		asm volatile("mov %0, %%dr0" : : "r"(value));
		asm volatile("mov %%dr0, %0" : "=r"(was));
		note_value(was);
		break;
	case OWN_CR4:
		was = read_cr4();
		write_cr4(was ^ CR4_DE);
		note_value(read_cr4() & CR4_DE);
		write_cr4(was);
		break;
	default:
		was = rdmsr(number);
		wrmsr(number, value);
		note_value(rdmsr(number));
		wrmsr(number, was);
	}
}

/* What names the processor, and its caches; not how many share what, which hv says itself. */
static void look_at_leaf(u32 leaf, u32 subleaf)
{
	u32 eax = leaf, ebx, ecx = subleaf, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	note_value(leaf == 1 ? ebx >> 24 : leaf == 0xb ? edx : (u64)ebx << 32 | (eax & 0x3fff));
	if (leaf == 4)
		note_value((u64)edx << 32 | ecx);
}

/* What is not an IPI. */
static void do_other(const struct act *a)
{
	u16 at = a->patch;

	switch (a->kind) {
	case ACT_HOLD:
		watch.hold = a - acts + 1;
		break;
	case ACT_PATCH:
		*(volatile u32 *)(u64)(WINDOW + WINDOW_CODE + at) = a->value;
		break;
	case ACT_COUNT:
		for (u32 i = 0; i < a->number; i++)
			asm volatile("lock incl %0" : "+m"(*(u32 *)(WINDOW + WINDOW_COUNT)));
		break;
	case ACT_MAP:
		swap_pages();
		break;
	case ACT_OWN:
		use_own(a->number, a->value);
		break;
	case ACT_CPUID:
		look_at_leaf(a->number, a->value);
		break;
	}
}

/* What the handler of an NMI has asked for. */
static void do_held(const struct act *a)
{
	for (u32 i = 1; i < a->nr; i++)
		send(a->send[i].icr, a->send[i].to);
	pass(pace);
}

static void do_act(const struct act *a)
{
	u32 seen = events_now(), nr = a->kind == ACT_HOLD ? 1 : a->nr;

	if (a->halted)
		pass(pace);
	do_other(a);
	for (u32 i = 0; i < nr; i++) {
		u32 before = events_now();

		send(a->send[i].icr, a->send[i].to);
		if (!a->at_once)
			wait_for(before);
	}
	look();
	if (a->kind == ACT_RESET) {
		start_again(a);
		return;
	}
	if (a->at_once)
		pass(pace);
	if (a->halted && events_now() == seen) {
		send(ICR_NMI, OTHER);
		wait_for(seen);
	}
	release(a->spin);
}

/* What is on its way comes now; then everything is as before the first sequence. */
static void take_all(void)
{
	u64 begin = rdtsc();
	u32 taken;

	look();
	/* pass() would hold off what comes late. */
	asm volatile("sti");
	while (rdtsc() - begin < pace / 4)
		;
	asm volatile("cli");
	taken = saw.seen;
	saw.tpr = apic_read(APIC_TPR);
	apic_write(APIC_ESR, 0);
	saw.esr = apic_read(APIC_ESR) & ~ESR_NOT_COMPARED;
	apic_write(APIC_ESR, 0);
	for (u32 i = 0; i < 8; i++) {
		saw.isr[i] = apic_read(APIC_ISR + i);
		saw.irr[i] = apic_read(APIC_IRR + i);
	}
	apic_write(APIC_TPR, 0);
	/* Those of lower priority come when those in service have ended. */
	for (u32 i = 0; i < 8; ) {
		asm volatile("sti; nop; nop; cli" : : : "memory");
		if (apic_read(APIC_ISR + i))
			apic_write(APIC_EOI, 0), i = 0;
		else
			i++;
	}
	saw.seen = taken;
	if (saw.mapped)
		swap_pages();
}

/* A sequence that waits, and has not asked, because what should have done so faulted. */
static void end_wait(void)
{
	for (u32 i = 0; i < spins_nr; i++)
		release(spins[i]);
	send(ICR_NMI, OTHER);
}

static void __attribute__((noreturn)) serve(void)
{
	u64 begin = rdtsc();
	u32 run = 0;

	for (;;) {
		u32 nr = *asked();

		let_through();
		if (nr) {
			*asked() = 0;
			do_act(&acts[nr - 1]);
			begin = rdtsc();
		} else if (watch.ask) {
			do_held(&acts[watch.ask - 1]);
			watch.ask = 0;
			begin = rdtsc();
		} else if (order == ORDER_TAKE) {
			take_all();
			order = ORDER_NONE;
		} else if (run != runs || !runs_now()) {
			run = runs;
			begin = rdtsc();
		} else if (rdtsc() - begin > STALLED * pace) {
			end_wait();
			begin = rdtsc();
		}
	}
}

static void measure_pace(void)
{
	u64 begin, longest = 0;

	for (u32 i = 0; i < MEASURE_TIMES; i++) {
		u64 took;

		begin = rdtsc();
		send(0x40000 | 0x40, 0);
		asm volatile("sti; nop; cli" : : : "memory");
		took = rdtsc() - begin;
		/* In the first one a hypervisor may have mapped what it needs. */
		if (i && took > longest)
			longest = took;
	}
	pace = PACE_FACTOR * longest;
}

void peer_start(void (*judge)(void))
{
	struct __attribute__((packed)) { u16 limit; u64 base; } idtr = {
		sizeof(idt) - 1, (u64)idt,
	};

	for (u32 i = 0; i < VECTORS; i++) {
		u64 at = (u64)peer_stubs[i];

		idt[2 * i] = (at & 0xffff) | SEL_CODE64 << 16 | (u64)GATE << 32 |
			     (at >> 16 & 0xffff) << 48;
		idt[2 * i + 1] = at >> 32;
	}
	asm volatile("lidt %0" : : "m"(idtr));
	if (watch.x2apic)
		enable_x2apic();
	apic_write(APIC_SPURIOUS, SVR_START);
	measure_pace();
	peer_there = true;
	peer_first = (u64)judge;
	put_stub(FIRST_PAGE);
	send(ICR_INIT, OTHER);
	pass(pace);
	send(ICR_SIPI | FIRST_PAGE, OTHER);
	serve();
}

static void give(enum order what)
{
	order = what;
	while (order)
		let_through();
}

void peer_begin(const struct sequence *s)
{
	memset(&saw, 0, sizeof(saw));
	memcpy(acts, s->acts, sizeof(acts));
	spins_nr = 0;
	for (u32 i = 0; i < ITEMS; i++) {
		if (acts[i].spin)
			spins[spins_nr++] = acts[i].spin;
	}
	*asked() = 0;
	*(u32 *)(WINDOW + WINDOW_COUNT) = 0;
	watch.hold = 0;
	saw.resets = peer_resets;
	peer_in_long_mode = s->mode->long_mode;
	runs++;
}

static const u32 *stub_notes(void)
{
	return (u32 *)(u64)((saw.page << 12) + STUB_DWORDS);
}

/*
 * INIT leaves CD and NW as they were, EDX with the processor's signature, and x2APIC mode on.
 * Bochs 2.7 sets the two, clears EDX and leaves the mode: these are not compared.
 */
static u32 noted_cr0(void)
{
	return stub_notes()[NOTED_CR0] & ~(CR0_CD | CR0_NW);
}

static void show_reset(void)
{
	const u32 *noted = stub_notes();
	static const char *const names[] = {
		"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "cs", "ss", "ds", "es", "fs", "gs",
		"flags", "cr0", "cr2", "cr3", "cr4", "dr0", "dr1", "dr2", "dr3", "dr6", "dr7",
		"efer", "gdt", "gdt_base", "idt", "idt_base",
	};
	static const u16 registers[] = {
		APIC_TPR, APIC_LDR, APIC_SPURIOUS, APIC_LVT_TIMER, APIC_LVT_TIMER + 1,
		APIC_LVT_TIMER + 2, APIC_LVT_TIMER + 3, APIC_LVT_TIMER + 4, APIC_LVT_TIMER + 5,
		APIC_INITIAL, APIC_DIVIDE,
	};

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		if (i != NOTED_DX)
			show_event(i, names[i], i == NOTED_CR0 ? noted_cr0() : noted[i]);
	}
	show("reset_ldtr", peer_ldtr);
	show("reset_tr", peer_tr);
	show("reset_base", rdmsr(MSR_IA32_APIC_BASE) & ~(u64)APIC_BASE_X2APIC);
	if (watch.x2apic)
		enable_x2apic();
	for (u32 i = 0; i < ARRAY_SIZE(registers); i++)
		show_event(registers[i], "reset_apic", apic_read(registers[i]));
	/* As it was before. INIT leaves MSRs alone, and Bochs does not. */
	wrmsr(MSR_FMASK, 0);
	apic_write(APIC_SPURIOUS, SVR_START);
	apic_write(APIC_DIVIDE, 0xb);
}

void peer_end(void)
{
	const u32 *noted;

	give(ORDER_TAKE);
	write_cr3(read_cr3());
	noted = stub_notes();
	if (peer_resets == saw.resets)
		return;
	watch_end.cr0 = noted_cr0();
	watch_cr2 = noted[16];
	watch_end.cr3 = noted[17];
	watch_end.cr4 = noted[18];
	watch_end.ss = noted[9];
	watch_end.ds = noted[10];
	watch_end.es = noted[11];
	watch_end.fs = noted[12];
	watch_end.gs = noted[13];
}

bool peer_was_reset(void)
{
	return peer_there && peer_resets != saw.resets;
}

void peer_show(void)
{
	if (peer_was_reset())
		show_reset();
	if (saw.page)
		memset((void *)(u64)(saw.page << 12), RAM_BYTE, 4096);
	for (u32 i = 0; i < saw.seen && i < EVENTS_KEPT; i++) {
		show_event(i, "peer_vector", saw.vector[i]);
		show_event(i, "peer_error", saw.error[i]);
	}
	for (u32 i = 0; i < saw.values_nr; i++)
		show_event(i, "peer_value", saw.value[i]);
	show("peer_seen", saw.seen);
	show("peer_tpr", saw.tpr);
	show("peer_esr", saw.esr);
	for (u32 i = 0; i < 8; i++) {
		show_event(i, "peer_isr", saw.isr[i]);
		show_event(i, "peer_irr", saw.irr[i]);
	}
}
