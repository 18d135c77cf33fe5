// SPDX-License-Identifier: GPL-2.0-only
/* From what the logs say to guest time, phases, rates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_report.h"

const struct scenario_text scenario_texts[NR_SCENARIOS] = {
	[PROFILE] = { "profile", "console, sampled", "console=ttyS0, with the periodic reports "
		      "that the curves are made of" },
	[QUIET] = { "quiet", "quiet", "the kernel prints nothing but errors" },
	[CONSOLE] = { "console", "console=ttyS0", "every kernel message on the serial console" },
	[SHADOW] = { "shadow", "console, ept=0", "KVM with shadow page tables, hv with the "
		     "intercepts that they need" },
	[SERIAL] = { "serial", "quiet, 1 MiB to the serial port", "after a quiet boot, 1 MiB "
		     "written to the console's tty" },
	[XAPIC] = { "xapic", "quiet, nox2apic", "" },
	[NO_DEADLINE] = { "no-deadline", "quiet, lapic=notscdeadline", "" },
	[NO_TSC] = { "no-tsc", "quiet, notsc", "" },
	[PROCESSES] = { "processes", "quiet, then 20 programs", "" },
	[BUILTINS] = { "builtins", "quiet, then the same in the shell", "" },
	[KVM_CLOCK] = { "kvm-clock", "quiet, kvm-clock", "" },
	[NO_TSC_KVM_CLOCK] = { "no-tsc-kvm-clock", "quiet, notsc, kvm-clock", "" },
	[NUMBERS] = { "numbers", "console, exits told apart", "" },
	[UNTIL(EARLY)] = { "until-2", "", "" }, [UNTIL(TIMERS)] = { "until-3", "", "" },
	[UNTIL(INITCALLS)] = { "until-4", "", "" }, [UNTIL(INIT)] = { "until-5", "", "" },
	[UNTIL(SHELL)] = { "until-6", "", "" },
};

const struct phase_text phase_texts[NR_PHASES] = {
	[DECOMPRESSION] = { "decompression", "" },
	[EARLY] = { "early console", "Linux version " },
	[TIMERS] = { "timers", "APIC: Switch to |Calibrating delay loop" },
	[INITCALLS] = { "initcalls", "devtmpfs: initialized|NET: Registered " },
	[INIT] = { "init", "Run /init as init process|lab: init" },
	[SHELL] = { "shell", "lab: shell" },
};

/*
 * The guest's clock: the host's TSC since the first VM entry, less the time that
 * printing reports took, in which the guest stood still.
 */
static double guest_time(const struct boot *b, uint64_t tsc)
{
	double t = (double)tsc - b->begin;
	size_t i;

	for (i = 1; i < b->samples_nr && b->samples[i].tsc < tsc; i++) {
		uint64_t end = b->samples[i].tsc_end < tsc ? b->samples[i].tsc_end : tsc;

		t -= end - b->samples[i].tsc;
	}
	return t > 0 ? t : 0;
}

static bool contains_one(const char *text, const char *alternatives)
{
	char *words = strdupa(alternatives), *word;

	while ((word = strsep(&words, "|")))
		if (*word && strstr(text, word))
			return true;
	return false;
}

/* Which part of an interval's console output had come by @t, 0 to 1; @time if there is none. */
static double printed_by(const struct boot *b, const struct sample *s, double t, double time)
{
	size_t all = 0, some = 0, i;

	for (i = 0; i < b->marks_nr; i++) {
		const struct mark *m = &b->marks[i];

		if (!m->tsc || m->t <= s[0].t || m->t > s[1].t)
			continue;
		all += m->bytes;
		if (m->t <= t)
			some += m->bytes;
	}
	return all ? (double)some / all : time;
}

/* I/O goes with the bytes that the guest prints, everything else with time. */
static double exits_at(const struct boot *b, double t)
{
	const struct sample *s = b->samples;
	double time, io, other;

	while (s + 2 < b->samples + b->samples_nr && s[1].t < t)
		s++;
	if (t <= s[0].t || s[1].t <= s[0].t)
		return s[0].total;
	if (t >= s[1].t)
		return s[1].total;
	time = (t - s[0].t) / (s[1].t - s[0].t);
	io = s[1].count[EXIT_REASON_IO_INSTRUCTION] - s[0].count[EXIT_REASON_IO_INSTRUCTION];
	other = s[1].total - s[0].total - io;
	return s[0].total + other * time + io * printed_by(b, s, t, time);
}

/* A phase begins when its first line is complete, and ends where the next one begins. */
static void find_phases(struct boot *b)
{
	enum phase p, next = EARLY;
	struct span *open;
	size_t i;

	open = &b->span[DECOMPRESSION];
	open->seen = true;
	for (i = 0; i < b->marks_nr; i++) {
		const struct mark *m = &b->marks[i];

		for (p = next; m->tsc && p < NR_PHASES; p++) {
			if (!contains_one(m->text, phase_texts[p].lines))
				continue;
			open->to = m->t;
			open = &b->span[p];
			*open = (struct span){ .seen = true, .from = m->t, .line = m->text };
			next = p + 1;
			break;
		}
	}
	open->to = b->life;
	for (p = 0; p < NR_PHASES; p++) {
		b->span[p].exits_from = exits_at(b, b->span[p].from);
		b->span[p].exits_to = exits_at(b, b->span[p].to);
	}
}

void boot_derive(struct boot *b)
{
	size_t i;

	if (!b->present)
		return;
	for (i = 0; i < b->samples_nr; i++)
		b->samples[i].t = guest_time(b, b->samples[i].tsc);
	for (i = 0; i < b->marks_nr; i++)
		if (b->marks[i].tsc)
			b->marks[i].t = guest_time(b, b->marks[i].tsc);
	b->life = guest_time(b, b->end);
	find_phases(b);
}

/* The last sample at @t or before it. */
static const struct sample *sample_at(const struct boot *b, double t)
{
	const struct sample *s = b->samples;

	while (s + 1 < b->samples + b->samples_nr && s[1].t <= t)
		s++;
	return s;
}

int boot_span_reason(const struct boot *b, double from, double to, double *share)
{
	const struct sample *begin = sample_at(b, from), *end = sample_at(b, to);
	uint64_t most = 0, all = 0;
	int i, reason = EXIT_REASON_IO_INSTRUCTION;

	for (i = 0; i < SLOTS; i++) {
		uint64_t exits = end->count[i] - begin->count[i];

		all += exits;
		if (exits > most) {
			most = exits;
			reason = i;
		}
	}
	*share = all ? (double)most / all : 0;
	return reason;
}

static int by_rate(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->rate < y->rate) - (x->rate > y->rate);
}

/* The fewest intervals that hold half of the exits, the last one taken in part. */
static double half_time(const struct bursts *r, double exits, double life)
{
	size_t size = r->nr * sizeof(*r->intervals);
	struct interval *order = memcpy(malloc(size), r->intervals, size), *n;
	double left = exits / 2, time = 0;

	qsort(order, r->nr, sizeof(*order), by_rate);
	for (n = order; n < order + r->nr && left > 0; n++) {
		time += (n->to - n->from) * (n->exits < left ? 1 : left / n->exits);
		left -= n->exits;
	}
	free(order);
	return time / life;
}

struct bursts boot_bursts(const struct boot *b)
{
	struct bursts r = { .mean = b->exits.sum.count * MILLION / b->life, .lowest = INFINITY };
	double share;
	size_t i;

	r.intervals = calloc(b->samples_nr, sizeof(*r.intervals));
	if (!r.intervals)
		return r;
	for (i = 0; i + 1 < b->samples_nr; i++) {
		const struct sample *s = &b->samples[i];
		struct interval *n = &r.intervals[r.nr];

		if (s[1].t <= s[0].t)
			continue;
		n->from = s[0].t;
		n->to = s[1].t;
		n->exits = s[1].total - s[0].total;
		n->rate = n->exits * MILLION / (n->to - n->from);
		n->reason = boot_span_reason(b, n->from, n->to, &share);
		n->burst = n->rate >= BURST_FACTOR * r.mean;
		r.highest = fmax(r.highest, n->rate);
		r.lowest = fmin(r.lowest, n->rate);
		if (n->burst) {
			r.burst_exits += (double)n->exits / b->exits.sum.count;
			r.burst_time += (n->to - n->from) / b->life;
			r.runs += !r.nr || !n[-1].burst;
		}
		r.nr++;
	}
	r.half_time = half_time(&r, b->exits.sum.count, b->life);
	return r;
}

const char *reason_colour(int reason)
{
	static const char *const colours[SLOTS] = {
		[1] = "#cc79a7", [7] = "#f0e442", [10] = "#56b4e9", [30] = "#0072b2",
		[32] = "#e69f00", [48] = "#d55e00", [52] = "#009e73",
	};

	return reason >= 0 && colours[reason] ? colours[reason] : "#999999";
}

const struct boot *report_boot(const struct report *r)
{
	int s = 0;

	while (s < NR_SCENARIOS - 1 && !r->boots[s][HV].present)
		s++;
	return r->boots[s];
}

void boot_order(struct report *r)
{
	const struct boot *base = report_boot(r);
	uint64_t exits[SLOTS];
	int i, j;

	for (i = 0; i < SLOTS; i++) {
		exits[i] = base[HV].exits.by[i].count + base[KVM].exits.by[i].count;
		if (!exits[i])
			continue;
		for (j = r->order_nr++; j && exits[r->order[j - 1]] < exits[i]; j--)
			r->order[j] = r->order[j - 1];
		r->order[j] = i;
	}
	for (i = 0; i < (int)r->order_nr; i++)
		if (strcmp(reason_colour(r->order[i]), reason_colour(-1)))
			r->series[r->series_nr++] = r->order[i];
}

double boot_outside(const struct boot *b)
{
	double sleep = b->exits.by[EXIT_REASON_HLT].round_trip;

	return (b->exits.sum.round_trip - sleep) / (b->life - sleep);
}

double boot_per_byte(const struct report *r, enum target t)
{
	const struct boot *serial = &r->boots[SERIAL][t], *quiet = &r->boots[QUIET][t];

	if (!serial->present || !quiet->present)
		return 0;
	return ((double)serial->exits.sum.count - quiet->exits.sum.count) / MIB;
}
