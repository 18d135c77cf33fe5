// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lab's guest: bursts of each kind of exit that a guest can raise, and before and behind
 * each what the course's leaves answer. It does not know what is right, and does not count:
 * the emulator's log has every exit. A mark, an exit of a port that nobody answers, says where
 * in that log we are; the n-th CPUID behind it is the n-th that is printed with it.
 *
 * What it prints is described in lab/readings.h, which is its one reader.
 */
#include "guest/cpu.h"
#include "guest/cpus.h"
#include "guest/modes.h"
#include "guest/rows.h"
#include "guest/selectors.h"
#include "lab/readings.h"
#include "machine/machine.h"
#include "machine/x2apic.h"

#define REPS_MAX	16	/* of a burst: so many show what is counted how often */
#define EXITS_AT_ONCE	4000	/* of each processor, in which they meet the same multiple */

extern char image_end[];

static uint32_t marks;

/* Where nobody answers: the exit itself is the message. */
static uint32_t mark(void)
{
	outb(MACHINE_MARK_PORT, 0);
	return ++marks;
}

/* All leaves for one ECX, in the order in which they are asked. */
struct reading {
	uint32_t mark, nr, ecx;
	struct cpuid_request leaf[READING_LEAVES];
};

static void fill(struct reading *r, uint32_t ecx)
{
	uint32_t i;

	r->ecx = ecx;
	for (i = 0; i < READING_LEAVES; i++)
		r->leaf[i] = (struct cpuid_request) { READING_FIRST_LEAF - i, ecx, 0, 0, 0, 0 };
}

_Static_assert(READINGS_AT_ONCE * READING_LEAVES <= REQUESTS_MAX, "cpuid_in() takes so many");

/* @n of them behind one mark, at most READINGS_AT_ONCE. */
static void ask(enum mode mode, struct reading *r, uint32_t n)
{
	static struct cpuid_request all[REQUESTS_MAX];
	uint32_t at, i;

	for (i = 0; i < n; i++)
		memcpy(all + i * READING_LEAVES, r[i].leaf, sizeof(r[i].leaf));
	at = mark();
	cpuid_in(mode, all, n * READING_LEAVES);
	for (i = 0; i < n; i++) {
		memcpy(r[i].leaf, all + i * READING_LEAVES, sizeof(r[i].leaf));
		r[i].mark = at;
		r[i].nr = i * READING_LEAVES;
	}
}

static const char *const mode_names[NR_MODES] = {
	[MODE_64] = "64", [MODE_64_CPL3] = "64_cpl3", [MODE_32] = "32",
	[MODE_32_CPL3] = "32_cpl3", [MODE_16] = "16", [MODE_16_CPL3] = "16_cpl3",
	[MODE_PROTECTED] = "protected", [MODE_REAL] = "real", [MODE_V86] = "v86",
};

static void print_reading(const struct reading *r, const char *mode)
{
	uint32_t i;

	print("leaves mark=%u nr=%u mode=%s ecx=%u", r->mark, r->nr, mode, r->ecx);
	for (i = 0; i < READING_LEAVES; i++)
		print(" %x=%lx:%lx:%lx:%lx", READING_FIRST_LEAF - i, r->leaf[i].rax,
		      r->leaf[i].rbx, r->leaf[i].rcx, r->leaf[i].rdx);
	print("\n");
}

/* Bursts */

static void print_burst(const char *name, uint32_t reason, uint32_t reps, const char *result,
			const struct reading r[2])
{
	print("burst name=%s reason=%u reps=%u check=%s begin=%u end=%u\n", name, reason, reps,
	      result, r[0].mark, r[1].mark);
	print_reading(&r[0], mode_names[MODE_64]);
	print_reading(&r[1], mode_names[MODE_64]);
	/* What was noted is for people. */
	note_print(name);
}

static void burst(const char *name, uint32_t reason, uint32_t reps, enum result (*op)(void))
{
	static const char *const results[] = { "ok", "skip", "fail" };
	enum result worst = ROW_OK, result;
	struct reading r[2];
	uint32_t i;

	fill(&r[0], reason);
	fill(&r[1], reason);
	trap_take();
	ask(MODE_64, &r[0], 1);
	for (i = 0; i < reps && worst != ROW_SKIP; i++) {
		result = op();
		if (trap_take() != VECTOR_NONE)
			result = ROW_FAIL;
		if (result > worst)
			worst = result;
	}
	ask(MODE_64, &r[1], 1);
	print_burst(name, reason, reps, results[worst], r);
}

/* To this processor, by the ICR, as an operating system sends one. */
static enum result op_icr(void)
{
	uint64_t before = timer_ticks(), id;

	if (!timer_present())
		return skip("no x2APIC");
	id = try_rdmsr(MSR_IA32_X2APIC_APICID);
	try_wrmsr(MSR_IA32_X2APIC_ICR, id << 32 | VECTOR_TIMER);
	asm volatile("sti; nop; nop; cli" : : : "memory");
	return ok(timer_ticks() == before + 1);
}

/* A host that has to bring a line to somebody is long in user space for its last byte. */
static enum result op_user_space(void)
{
	print("user_space\n");
	return ROW_OK;
}

/* Nothing between two readings but what they are made of. */
static enum result op_nothing(void)
{
	return ROW_OK;
}

/* Rows that are not bursts of one kind: leaves, long loops, and what waits for the host. */
static bool is_burst(const struct row *row)
{
	static const char *const others[] = {
		"pause_loop", "external_interrupt", "rep_outsb_none", "hlt_wrmsr", "hlt_timer",
		"interrupt_window", "empty",
	};
	uint32_t i;

	if (!memcmp(row->name, "leaf_", 5))
		return false;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!strcmp(row->name, others[i]))
			return false;
	}
	return row->kvm || row->hv;
}

static void bursts(void)
{
	size_t i;

	for (i = 0; i < 4; i++)
		burst("nothing", EXIT_REASON_CPUID, 1, op_nothing);
	for (i = 0; i < rows_single_nr; i++) {
		const struct row *row = &rows[i];

		if (is_burst(row))
			burst(row->name, row->reason,
			      row->reps < REPS_MAX ? row->reps : REPS_MAX, row->op);
	}
	burst("icr", EXIT_REASON_MSR_WRITE, 8, op_icr);
	burst("user_space", EXIT_REASON_IO_INSTRUCTION, 2, op_user_space);
}

/* Leaves */

static void all_reasons(void)
{
	static struct reading r[READINGS_AT_ONCE];
	uint32_t i, n;

	for (i = 0; i < READING_NUMBERS; i += n) {
		for (n = 0; n < READINGS_AT_ONCE && i + n < READING_NUMBERS; n++)
			fill(&r[n], reading_number(i + n));
		ask(MODE_64, r, n);
		for (n = 0; n < READINGS_AT_ONCE && i + n < READING_NUMBERS; n++)
			print_reading(&r[n], mode_names[MODE_64]);
	}
}

static const uint32_t samples[] = {
	EXIT_REASON_EXCEPTION_NMI, EXIT_REASON_CPUID, EXIT_REASON_IO_INSTRUCTION, 35, 42,
	EXIT_REASON_GETSEC, EXIT_REASON_RSM, 0xffffffff,
};
#define SAMPLES	(sizeof(samples) / sizeof(samples[0]))

static void all_modes(void)
{
	struct reading r[SAMPLES];
	enum mode mode;
	uint32_t i;

	for (mode = 0; mode < NR_MODES; mode++) {
		for (i = 0; i < SAMPLES; i++)
			fill(&r[i], samples[i]);
		ask(mode, r, SAMPLES);
		for (i = 0; i < SAMPLES; i++)
			print_reading(&r[i], mode_names[mode]);
	}
}

/* A CPUID that KVM's instruction emulator executes, if it was told to (force_emulation_prefix). */
static bool emulated_cpuid(struct cpuid_request *c)
{
	c->rax = c->leaf;
	c->rcx = c->subleaf;
	c->rbx = c->rdx = (uint64_t)POISON << 32 | POISON;
	asm volatile(TRY("ud2; .byte 'k', 'v', 'm'; cpuid")
		     : "+a"(c->rax), "+b"(c->rbx), "+c"(c->rcx), "+d"(c->rdx));
	return trap_take() == VECTOR_NONE;
}

static void emulated(void)
{
	struct reading r[SAMPLES];
	bool good = true;
	uint32_t i, k;

	for (i = 0; i < SAMPLES; i++) {
		fill(&r[i], samples[i]);
		r[i].mark = mark();
		r[i].nr = 0;
		for (k = 0; k < READING_LEAVES; k++)
			good = good && emulated_cpuid(&r[i].leaf[k]);
	}
	for (i = 0; good && i < SAMPLES; i++)
		print_reading(&r[i], READING_EMULATED);
}

/* Several processors */

static void exits_at_once(void)
{
	uint32_t i;

	for (i = 0; i < EXITS_AT_ONCE; i++)
		cpuid_get(0, 0);
}

static void several(void)
{
	struct reading r[2];
	bool good;

	if (!cpus_ready()) {
		note_print("cpus_ready");
		return;
	}
	fill(&r[0], EXIT_REASON_CPUID);
	fill(&r[1], EXIT_REASON_CPUID);
	ask(MODE_64, &r[0], 1);
	good = cpus_all_work(exits_at_once);
	ask(MODE_64, &r[1], 1);
	print_burst("at_once", EXIT_REASON_CPUID, EXITS_AT_ONCE, good ? "ok" : "fail", r);
}

static void init(const struct pvh_start_info *start)
{
	const uint64_t align = 0x200000;
	uint64_t fresh = ((uint64_t)image_end + align - 1) & ~(align - 1);
	struct exit_acct_regs features;

	console_init();
	trap_init();
	modes_init();
	timer_init();
	features = cpuid_get(1, 0);
	if (features.ecx & 1 << 26)
		write_cr(4, read_cr(4) | CR4_OSXSAVE);
	monitor_announced = features.ecx & 1 << 3;
	cpus_find(start->rsdp);
	/* Operations look whether somebody is there who virtualises. */
	accounting.present = true;
	accounting.target = EXIT_ACCT_TARGET_KVM;
	rows_init(fresh, MACHINE_MEM_DEFAULT_MIB << 20);
}

void guest_main(const struct pvh_start_info *start);

void guest_main(const struct pvh_start_info *start)
{
	const char *what = (const char *)start->cmdline;

	init(start);
	print("lab version=%u cpus=%u\n", READINGS_VERSION, cpus_nr());
	if (!what || strcmp(what, "vcpus")) {
		bursts();
		all_reasons();
		all_modes();
		emulated();
		leaves_print();
	}
	if (cpus_nr() > 1) {
		several();
		all_reasons();
	}
	print("lab marks=%u\n", marks);
	end_vm(0);
}
