/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hand-in as a model: it lives through exits that the test makes up, counts them as a kernel
 * with a given fault would, answers leaves and prints reports. What the judge is given is what
 * the emulator, the guest and the kernel would have written of it.
 */
#pragma once

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "guest/modes.h"
#include "lab/judge/judge.h"

#define MODEL_EVERY	10000
#define WAY_TICKS	600	/* of an exit beside its handler */
#define BYTE_TICKS	2170	/* of a byte on the console, with 25 million ticks a second */

/* How a report looks. */
enum shape {
	SHAPE_KVM_EXIT,		/* KVM exit 30 (IO_INSTRUCTION): 12 */
	SHAPE_BLOCK,		/* === KVM Exit Stats === / Exit Type 30 (…): 12 exits */
	SHAPE_PID,		/* kvm [27]: VM exit 30 (I/O instruction): 12 */
	SHAPE_NAME_ONLY,	/* IO_INSTRUCTION: 12 */
	SHAPE_COMMAS,		/* IO_INSTRUCTION = 1,419,909 */
	SHAPE_HEX,		/* reason 0x1e count 0xc */
	SHAPE_COUNT_FIRST,	/* 12 exits of reason 30 */
	SHAPE_CYCLES,		/* reason=30 count=12 cycles=34567 */
	SHAPE_WORDS,		/* total exits = 10000 / reason = 30, count = 12 */
	SHAPE_PREFIX,		/* exit monitor: 30: 12 */
	SHAPES
};

struct model {
	/* how it counts */
	bool own_out, own_now_and_then;		/* a read's own exit */
	bool misses_fast, misses_preemption, io_twice, cpuid_twice, never_vmcall;
	bool total_drifts, total_per_cpu, total_right;
	int shift;				/* of the index */
	bool from_one;				/* counts of each reason begin at 1 */
	/* its clock */
	bool clock_before, clock_half, clock_user, clock_sleep, clock_none, clock_inner, clock_ns;
	bool cycles_32, carried;		/* the run in which the clock jumps is looked at */
	/* its leaves */
	bool swapped, swapped_of;
	bool edx_pointer, ebx_stale, ecx_stale, only_64, not_emulated, no_leaves;
	bool dies_beyond;
	size_t answers_beyond;			/* so many of these numbers do it no harm */
	size_t dies_behind;			/* so many bursts; 0: it does not */
	bool forges_end;			/* and it writes the last lines itself */
	bool undefined_zero, undefined_all, disabled_undefined, reads_past, cut_to_16, upper_half;
	bool others_change, other_more;
	/* its report */
	enum shape shape;
	bool late_by_one, early_by_one, report_first;	/* before the exit is counted */
	bool report_twice, report_missed, with_zeros, names_shifted, sums_old;
	bool no_report, in_trace, trace_unseen, chatty, name_missing;
	bool racing;				/* with several vCPUs: reports twice */
	/* what it is and does */
	uint64_t count[128], cycles[128], total, all_cycles, fast_total;
	uint64_t ticks;
	uint32_t marks;
	struct hand_in *h;
	struct run *run;
	FILE *console;
};

/* One exit: @handler ticks in the kernel, then @after in user space or asleep. */
struct event {
	uint32_t reason, cpu;
	bool fast, mark;
	uint32_t handler, after;
	bool sleeps;
};

static void model_line(struct model *m, uint32_t r, uint64_t n)
{
	uint32_t named = m->names_shifted && r > 34 ? r - 1 : r;

	fprintf(m->console, "[%5u.%06u] ", (unsigned int)(m->ticks / 25000000),
		(unsigned int)(m->ticks / 25 % 1000000));
	switch (m->shape) {
	case SHAPE_BLOCK:
		fprintf(m->console, "Exit Type %u (%s): %" PRIu64 " exits\n", r,
			exit_acct_name(named), n);
		break;
	case SHAPE_PID:
		fprintf(m->console, "kvm [27]: VM exit %u (%s): %" PRIu64 "\n", r,
			exit_acct_sdm_name(named), n);
		break;
	case SHAPE_NAME_ONLY:
		fprintf(m->console, "%s: %" PRIu64 "\n", exit_acct_name(named), n);
		break;
	case SHAPE_COMMAS:
		if (n < 1000)
			fprintf(m->console, "EXIT_REASON_%s = %" PRIu64 "\n", exit_acct_name(named),
				n);
		else
			fprintf(m->console, "EXIT_REASON_%s = %" PRIu64 ",%03" PRIu64 "\n",
				exit_acct_name(named), n / 1000, n % 1000);
		break;
	case SHAPE_HEX:
		fprintf(m->console, "reason 0x%x count 0x%" PRIx64 "\n", r, n);
		break;
	case SHAPE_COUNT_FIRST:
		fprintf(m->console, "%" PRIu64 " exits of reason %u\n", n, r);
		break;
	case SHAPE_CYCLES:
		fprintf(m->console, "reason=%u count=%" PRIu64 " cycles=%" PRIu64 "\n", r, n,
			m->cycles[r]);
		break;
	case SHAPE_WORDS:
		fprintf(m->console, "reason = %u, count = %" PRIu64 "\n", r, n);
		break;
	case SHAPE_PREFIX:
		fprintf(m->console, "exit monitor: reason %u (%s): %" PRIu64 "\n", r,
			exit_acct_name(named), n);
		break;
	default:
		fprintf(m->console, "KVM exit %u (%s): %" PRIu64 "\n", r,
			m->name_missing && r == EXIT_REASON_CPUID ? "Unknown exit" :
			exit_acct_name(named), n);
	}
}

static void model_report(struct model *m)
{
	const long begin = ftell(m->console);
	uint32_t r;

	if (m->shape == SHAPE_BLOCK)
		fprintf(m->console, "[    1.000000] === KVM Exit Stats ===\n");
	if (m->shape == SHAPE_PID)
		fprintf(m->console, "[    1.000000] kvm [27]: === VM exits: total=%" PRIu64
			" tsc=%" PRIu64 " ===\n", m->total, m->ticks);
	if (m->shape == SHAPE_WORDS)
		fprintf(m->console, "[    1.000000] total exits = %" PRIu64 "\n",
			m->total + m->report_first);
	for (r = 0; r < 70; r++) {
		uint64_t n = m->count[r];

		if (m->sums_old && r == EXIT_REASON_IO_INSTRUCTION)
			n -= n > 40 ? 40 : n;
		if (m->sums_old && r == EXIT_REASON_CPUID)
			n += 40;
		if (n || (m->with_zeros && exit_acct_defined(r)))
			model_line(m, r, n);
	}
	if (m->shape == SHAPE_BLOCK)
		fprintf(m->console, "[    1.000000] ======\n");
	if (!m->in_trace)
		m->ticks += (ftell(m->console) - begin) * BYTE_TICKS;
}

/* Is it time for a report? */
static bool model_is_multiple(const struct model *m)
{
	const uint64_t rest = m->late_by_one ? 1 : m->early_by_one ? MODEL_EVERY - 1 : 0;

	return m->total % MODEL_EVERY == rest && m->total > 1 &&
	       !(m->report_missed && m->total / MODEL_EVERY == 2);
}

static uint64_t model_clock(const struct model *m, const struct event *e)
{
	uint64_t clock = e->handler;

	if (m->clock_before)
		clock = 20;
	if (m->clock_half)
		clock /= 2;
	if (m->clock_none)
		clock = 0;
	if (m->clock_inner)
		clock -= clock / 20;
	if (m->clock_ns)
		clock *= 40;
	if ((m->clock_user && !e->sleeps) || (m->clock_sleep && e->sleeps))
		clock += e->after;
	return clock;
}

/* What a hand-in does with an exit. */
static void model_exit(struct model *m, const struct event *e)
{
	const struct true_exit exit = { m->ticks, e->reason, e->cpu };
	bool missed = (m->misses_fast && e->fast) ||
		      (m->misses_preemption && e->reason == EXIT_REASON_PREEMPTION_TIMER) ||
		      (m->never_vmcall && e->reason == EXIT_REASON_VMCALL);
	unsigned int n = missed ? 0 : 1;
	uint64_t clock = model_clock(m, e);

	truth_add(&m->run->truth, &exit, e->mark);
	m->ticks += WAY_TICKS + e->handler + e->after;
	if ((m->io_twice && e->reason == EXIT_REASON_IO_INSTRUCTION) ||
	    (m->cpuid_twice && e->reason == EXIT_REASON_CPUID))
		n = 2;
	if (!n) {
		m->total += m->total_right;
		return;
	}
	if (m->report_first && !m->no_report && (m->total + 1) % MODEL_EVERY == 0)
		model_report(m);
	for (; n; n--) {
		m->count[e->reason]++;
		if (m->total_right && n > 1)
			continue;
		if (!(m->total_drifts && e->reason == EXIT_REASON_MSR_READ) &&
		    !(m->total_per_cpu && e->cpu))
			m->total++;
		if (m->no_report)
			continue;
		if (!m->report_first && model_is_multiple(m)) {
			model_report(m);
			if (m->report_twice || (m->racing && e->cpu))
				model_report(m);
		}
	}
	m->cycles[e->reason] += clock;
	m->all_cycles += clock;
	if (m->cycles_32) {
		m->all_cycles = (uint32_t)m->all_cycles;
		m->cycles[e->reason] = (uint32_t)m->cycles[e->reason];
	}
}

static uint32_t model_mark(struct model *m)
{
	const struct event mark = { .reason = EXIT_REASON_IO_INSTRUCTION, .mark = true,
				    .handler = 500, .after = 2000 };

	model_exit(m, &mark);
	return ++m->marks;
}

static void model_unknown(uint64_t leaf[REGISTERS])
{
	leaf[EAX] = leaf[EBX] = 0x19;
	leaf[ECX] = leaf[EDX] = 0;
}

static void model_reason(const struct model *m, uint8_t carries, uint32_t ecx,
			 uint64_t leaf[REGISTERS])
{
	uint32_t r = ecx;

	if (m->cut_to_16)
		r = (uint16_t)r;
	/* Whatever lies behind the array, until it is too far away. */
	if (m->dies_beyond && r >= VMX_EXIT_REASONS_NR)
		return;
	if (!exit_acct_defined(r)) {
		leaf[EDX] = m->undefined_zero ? 0 : 0xffffffff;
		if (m->undefined_all)
			leaf[EAX] = leaf[EBX] = leaf[ECX] = 0xffffffff;
		if (m->reads_past && ecx >= 100)
			leaf[carries & CARRIES_COUNT ? EAX : ECX] = 0x1234;
		return;
	}
	r = r + m->shift < 128 ? r + m->shift : r;
	if (m->disabled_undefined && (r == EXIT_REASON_GETSEC || r == EXIT_REASON_RSM)) {
		leaf[EDX] = 0xffffffff;
		return;
	}
	if (carries & CARRIES_COUNT)
		leaf[EAX] = (uint32_t)m->count[r];
	if (carries & CARRIES_CYCLES) {
		leaf[m->swapped || m->swapped_of ? ECX : EBX] = m->cycles[r] >> 32;
		leaf[m->swapped || m->swapped_of ? EBX : ECX] = (uint32_t)m->cycles[r];
	}
}

static void model_answer(const struct model *m, int i, uint32_t ecx, const char *mode,
			 uint64_t leaf[REGISTERS])
{
	const uint8_t carries = m->h->map->leaf[i];

	memset(leaf, 0, REGISTERS * sizeof(leaf[0]));
	if (!carries || m->no_leaves || (m->only_64 && strncmp(mode, "64", 2)) ||
	    (m->not_emulated && !strcmp(mode, READING_EMULATED))) {
		model_unknown(leaf);
		return;
	}
	if (carries & (CARRIES_COUNT | CARRIES_CYCLES)) {
		model_reason(m, carries, ecx, leaf);
	} else {
		if (carries & CARRIES_TOTAL)
			leaf[EAX] = (uint32_t)m->total;
		if (carries & CARRIES_TOTAL_CYCLES) {
			leaf[m->swapped ? ECX : EBX] = m->all_cycles >> 32;
			leaf[m->swapped ? EBX : ECX] = (uint32_t)m->all_cycles;
		}
	}
	if (m->edx_pointer && !leaf[EDX])
		leaf[EDX] = 0xffff8881;
	if (m->ebx_stale && !(carries & (CARRIES_CYCLES | CARRIES_TOTAL_CYCLES)))
		leaf[EBX] = POISON;
	if (m->ecx_stale && !(carries & (CARRIES_CYCLES | CARRIES_TOTAL_CYCLES)))
		leaf[ECX] = ecx;
	if (m->upper_half)
		leaf[EBX] |= (uint64_t)POISON << 32;
}

/* One reading behind a mark, of all leaves. */
static struct reading *model_read(struct model *m, uint32_t mark, uint32_t nr, const char *mode,
				  uint32_t ecx)
{
	const bool emulated = !strcmp(mode, READING_EMULATED);
	struct reading *r = &m->run->readings.all[m->run->readings.nr++];
	int i;

	*r = (struct reading) { .mode = mode, .mark = mark, .ecx = ecx };
	for (i = 0; i < READING_LEAVES; i++) {
		const struct event read = {
			.reason = emulated ? EXIT_REASON_EXCEPTION_NMI : EXIT_REASON_CPUID,
			.handler = emulated ? 3000 : 400,
		};
		bool out = m->own_out || (m->own_now_and_then && (m->run->truth.nr & 2));

		r->at[i] = nr + i;
		if (m->chatty)
			fprintf(m->console, "[    7.5] kvm: somebody reads leaf %d\n", i);
		if (out)
			model_answer(m, i, ecx, mode, r->leaf[i]);
		model_exit(m, &read);
		if (!out)
			model_answer(m, i, ecx, mode, r->leaf[i]);
	}
	return r;
}

static void model_burst(struct model *m, const char *name, uint32_t reason, uint32_t reps,
			const struct event *events, size_t nr)
{
	struct readings *all = &m->run->readings;
	struct burst *b = &all->bursts[all->bursts_nr];
	size_t i;

	if (m->dies_behind && all->bursts_nr == m->dies_behind)
		return;
	all->bursts_nr++;
	*b = (struct burst) { .name = name, .reason = reason, .reps = reps, .done = true };
	b->begin = model_read(m, model_mark(m), 0, "64", reason);
	for (; reps; reps--) {
		for (i = 0; i < nr; i++)
			model_exit(m, &events[i]);
	}
	b->end = model_read(m, model_mark(m), 0, "64", reason);
}

static void model_simple(struct model *m, const char *name, uint32_t reason, uint32_t handler)
{
	const struct event e = { .reason = reason, .handler = handler };

	model_burst(m, name, reason, 8, &e, 1);
}

/* An MSR that is read, and one that is written: an IPI to oneself. */
static void model_mixed(struct model *m)
{
	const struct event icr[] = {
		{ .reason = EXIT_REASON_MSR_READ, .handler = 520 },
		{ .reason = EXIT_REASON_MSR_WRITE, .handler = 300, .fast = true },
		{ .reason = EXIT_REASON_MSR_WRITE, .handler = 700 },
	};

	model_burst(m, "icr", EXIT_REASON_MSR_WRITE, 8, icr, 3);
}

/* The timer's way: armed by an MSR, expired by the preemption timer, ended by another MSR. */
static void model_timers(struct model *m)
{
	const struct event armed = { .reason = EXIT_REASON_MSR_WRITE, .fast = true,
				     .handler = 300 };
	const struct event expired = { .reason = EXIT_REASON_PREEMPTION_TIMER, .fast = true,
				       .handler = 250 };
	const struct event eoi = { .reason = EXIT_REASON_MSR_WRITE, .handler = 700 };
	const struct event halt = { .reason = EXIT_REASON_HLT, .handler = 500, .after = 90000,
				    .sleeps = true };
	const struct event running[] = { armed, expired, eoi }, halted[] = { armed, halt, eoi };

	model_burst(m, "wrmsr", EXIT_REASON_MSR_WRITE, 8, &eoi, 1);
	model_burst(m, "wrmsr_tsc_deadline", EXIT_REASON_MSR_WRITE, 8, &armed, 1);
	model_burst(m, "running_timer", EXIT_REASON_PREEMPTION_TIMER, 8, running, 3);
	model_burst(m, "hlt", EXIT_REASON_HLT, 8, halted, 3);
}

/* What goes to user space, quickly and not. */
static void model_io(struct model *m)
{
	const struct event out = { .reason = EXIT_REASON_IO_INSTRUCTION, .handler = 480,
				   .after = 2000 };
	const struct event line[] = { out, out, out, { .reason = EXIT_REASON_IO_INSTRUCTION,
						       .handler = 480, .after = 800000 } };

	model_burst(m, "out8", EXIT_REASON_IO_INSTRUCTION, 16, &out, 1);
	model_burst(m, "user_space", EXIT_REASON_IO_INSTRUCTION, 2, line, 4);
}

static void model_leaves(struct model *m)
{
	static const char *const modes[] = { "64", "64_cpl3", "32", "16_cpl3", "real", "v86" };
	static const uint32_t beyond[] = { 127, 0xffff, 0x1000a, 0x80000000, 0xffffffff };
	uint32_t i, k, mark;

	if (m->dies_behind)
		return;
	for (i = 0; i < 100; i++)
		model_read(m, model_mark(m), 0, "64", i);
	for (i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		if (m->dies_beyond && i == m->answers_beyond) {
			fprintf(m->console, "[    9.0] BUG: unable to handle page fault\n");
			return;
		}
		model_read(m, model_mark(m), 0, "64", beyond[i]);
	}
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		mark = model_mark(m);
		for (k = 0; k < 4; k++)
			model_read(m, mark, k * READING_LEAVES, modes[i], 30 + k * 4);
	}
	model_read(m, model_mark(m), 0, READING_EMULATED, EXIT_REASON_CPUID);
}

static void model_open(struct model *m, struct run *run, size_t *size)
{
	size_t r;

	memset(m->count, 0, sizeof(m->count));
	memset(m->cycles, 0, sizeof(m->cycles));
	for (r = 0; m->from_one && r < 128; r++)
		m->count[r] = 1;
	m->total = m->all_cycles = m->marks = 0;
	m->ticks = 400000000;
	m->run = run;
	run->there = true;
	m->console = open_memstream(&run->console, size);
	fprintf(m->console, "[    0.000000] WARNING: the lab's own\n[    5.0] Run /init as init\n");
}

static void model_close(struct model *m)
{
	const bool dies = (m->dies_beyond || m->dies_behind) && m->run == &m->h->one;

	fclose(m->console);
	m->run->truth.ended = m->run->readings.whole = !dies || m->forges_end;
	m->run->readings.marks = m->marks;
	readings_tie(&m->run->readings, &m->run->truth);
}

/* A boot with one vCPU: bursts, leaves, and exits up to more than three reports. */
static void model_one(struct model *m)
{
	static const struct event at_first = { .reason = EXIT_REASON_EPT_VIOLATION,
					       .handler = 5000 };
	const struct event out = { .reason = EXIT_REASON_IO_INSTRUCTION, .handler = 480,
				   .after = 2000 };
	struct other_leaf *other = m->run->readings.others;
	size_t i;

	for (i = 0; i < 30; i++)
		model_exit(m, &at_first);
	for (i = 0; i < 3; i++)
		model_burst(m, "nothing", EXIT_REASON_CPUID, 1, NULL, 0);
	model_simple(m, "cpuid", EXIT_REASON_CPUID, 400);
	model_simple(m, "vmcall", EXIT_REASON_VMCALL, 380);
	model_simple(m, "rdmsr", EXIT_REASON_MSR_READ, 520);
	model_simple(m, "mov_dr", EXIT_REASON_DR_ACCESS, 600);
	model_simple(m, "ud2", EXIT_REASON_EXCEPTION_NMI, 1655);
	model_simple(m, "task_jmp", EXIT_REASON_TASK_SWITCH, 4000);
	model_mixed(m);
	model_simple(m, "ept_first_touch", EXIT_REASON_EPT_VIOLATION, 5000);
	model_simple(m, "wbinvd", EXIT_REASON_WBINVD, 390);
	model_timers(m);
	model_io(m);
	model_leaves(m);
	while (m->run->truth.nr < 3 * MODEL_EVERY + 5000)
		model_exit(m, &out);
	other[0] = (struct other_leaf) { 0, 0, m->others_change ? " eax=12" : " eax=13" };
	other[1] = (struct other_leaf) { 1, 0, " eax=1" };
	m->run->readings.others_nr = m->dies_beyond || m->dies_behind ? 0 : 1 + m->other_more;
}

/* Two vCPUs that make exits at the same time. */
static void model_two(struct model *m)
{
	struct burst *b = &m->run->readings.bursts[0];
	uint32_t i;

	*b = (struct burst) { "at_once", EXIT_REASON_CPUID, 1, true, NULL, NULL };
	m->run->readings.bursts_nr = 1;
	b->begin = model_read(m, model_mark(m), 0, "64", EXIT_REASON_CPUID);
	for (i = 0; i < 2 * MODEL_EVERY + 1000; i++) {
		const struct event e = { .reason = EXIT_REASON_CPUID, .handler = 400,
					 .cpu = i & 1 };

		model_exit(m, &e);
	}
	b->end = model_read(m, model_mark(m), 0, "64", EXIT_REASON_CPUID);
	model_read(m, model_mark(m), 0, "64", READING_LAST);
}

/* The run of VMs one after the other, as far as the trace goes: the first VM's many exits. */
static void model_trace(struct model *m, size_t *size)
{
	const struct event e = { .reason = EXIT_REASON_CPUID, .handler = 400 };
	uint32_t i;

	model_open(m, &m->h->vms, size);
	m->no_report = false;
	model_mark(m);
	for (i = 0; i < 2 * MODEL_EVERY + 100; i++)
		model_exit(m, &e);
	model_close(m);
	m->run->readings.trace = m->run->console;
	m->run->console = NULL;
}

/* The same run, as far as the clock goes: it jumps in handlers. */
static void model_carry(struct model *m, size_t *size)
{
	const struct event e = { .reason = EXIT_REASON_CPUID, .handler = 1 << 30 };
	uint32_t i;

	model_open(m, &m->h->vms, size);
	m->run->readings.carry = 1;
	for (i = 0; i < 8; i++) {
		model_read(m, model_mark(m), 0, "real", EXIT_REASON_CPUID);
		model_exit(m, &e);
	}
	model_close(m);
}

/* The guest on the unchanged kernel does as much as in the first model, which is whole. */
static void model_unpatched(struct run *to, const struct run *one)
{
	static struct readings seen;
	size_t i;

	if (!seen.whole)
		seen = (struct readings) { .whole = true, .marks = one->readings.marks,
					   .nr = one->readings.nr,
					   .bursts_nr = one->readings.bursts_nr, .others_nr = 1 };
	to->readings = seen;
	to->readings.others[0] = (struct other_leaf) { 0, 0, " eax=13" };
	for (i = 0; i < seen.bursts_nr; i++)
		to->readings.bursts[i].name = "of another";
}

/** model_judge - let the judge look at a hand-in that has the faults of @m */
static void model_judge(struct model *m, struct hand_in *h, const char *map)
{
	static char unpatched[] = "[    0.000000] WARNING: the lab's own\n";
	static struct findings findings;
	static size_t size;

	memset(&findings, 0, sizeof(findings));
	*h = (struct hand_in) { .every = MODEL_EVERY, .findings = &findings, .map = map_find(map) };
	h->unpatched.console = unpatched;
	m->h = h;
	m->no_report |= m->in_trace || m->trace_unseen;
	h->traces = m->in_trace || m->trace_unseen;
	model_open(m, &h->one, &size);
	model_one(m);
	model_close(m);
	model_unpatched(&h->unpatched, &h->one);
	model_open(m, &h->two, &size);
	model_two(m);
	model_close(m);
	if (m->in_trace)
		model_trace(m, &size);
	if (m->carried)
		model_carry(m, &size);
	judge_build(h, "applies=yes\nbuilds=yes\nwarnings=0\n");
	judge_kernel(h);
	judge_leaves(h);
	judge_counts(h);
	judge_cycles(h);
	judge_report(h);
	judge_vcpus(h);
	judge_cost(h);
	judge_whole(h);
}

static void model_free(struct hand_in *h)
{
	run_free(&h->one);
	run_free(&h->two);
	run_free(&h->vms);
}
