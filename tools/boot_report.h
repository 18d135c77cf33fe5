/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot report: what a Linux boot costs in VM exits on hv and on KVM, from the
 * periodic reports of both. docs/boot-report.md says what the figures mean.
 */
#pragma once

#include <stdio.h>

#include "tools/detail.h"
#include "tools/log.h"
#include "tools/table.h"

#define SLOTS		EXIT_ACCT_SLOTS
#define MIB		(1 << 20)
#define MILLION		1e6

enum phase { DECOMPRESSION, EARLY, TIMERS, INITCALLS, INIT, SHELL, NR_PHASES };
extern const struct phase_text {
	const char *name;
	const char *lines;		/* its first ones, in any order, with '|' between them */
} phase_texts[NR_PHASES];

/*
 * Ways of booting: those that are compared with each other; what measures a remedy; and with
 * exits told apart by numbers, whole, and ended where a phase begins, from the second one on.
 */
enum scenario {
	PROFILE, QUIET, CONSOLE, SHADOW, SERIAL, NR_WAYS,
	XAPIC = NR_WAYS, NO_DEADLINE, NO_TSC, PROCESSES, BUILTINS, KVM_CLOCK, NO_TSC_KVM_CLOCK,
	NUMBERS, UNTIL_PHASE, NR_SCENARIOS = UNTIL_PHASE + NR_PHASES - 1
};
extern const struct scenario_text {
	const char *folder, *title;
	const char *what;		/* differs from the plain console boot */
} scenario_texts[NR_SCENARIOS];

/* hv has no paravirtual clock. */
#define ON_KVM_ALONE(scenario)	((scenario) == KVM_CLOCK || (scenario) == NO_TSC_KVM_CLOCK)

/* The boot that ended where @phase begins. */
#define UNTIL(phase)	(UNTIL_PHASE + (phase) - 1)

/* A periodic report, or the beginning or the end of the guest. */
struct sample {
	uint64_t total, count[SLOTS];
	uint64_t tsc, tsc_end;		/* host's TSC; until when it was printed */
	double t;			/* guest time: cycles since the first entry, less reports */
};

/* One line of the guest's console. */
struct mark {
	unsigned int line;
	const char *text;
	size_t bytes;
	uint64_t tsc;
	double t;
};

/* From a phase's start to the next one's. */
struct span {
	bool seen;
	double from, to;		/* guest time */
	double exits_from, exits_to;	/* exits before its start, and its end */
	const char *line;		/* the line that began it */
};

struct boot {
	bool present;
	struct log log;
	uint64_t begin, end;		/* host's TSC */
	uint64_t wall_ms;		/* of the whole machine, as the host's clock had it */
	struct exits exits;		/* over the guest's whole life */
	struct sample *samples;		/* samples_nr of them; the first is the beginning */
	size_t samples_nr;
	struct mark *marks;
	size_t marks_nr;
	uint64_t every;			/* exits between two samples */
	double life;			/* guest time at the end */
	struct span span[NR_PHASES];
	bool until;			/* it was to end where a phase begins */
	struct details details;		/* if its exits were told apart; who: 0 */
};

struct report {
	struct boot boots[NR_SCENARIOS][TARGETS];
	int order[SLOTS];		/* reasons, most frequent on both together first */
	size_t order_nr;
	int series[SLOTS];		/* those of them that have a colour of their own */
	size_t series_nr;
};

/* The intervals between samples, and what is to be said of their rates. */
struct interval {
	double from, to;		/* guest time */
	uint64_t exits;
	double rate;			/* exits per million cycles */
	int reason;			/* of most of its exits */
	bool burst;
};

struct bursts {
	struct interval *intervals;
	size_t nr;
	double mean, highest, lowest;	/* exits per million cycles */
	double burst_exits, burst_time;	/* shares, 0 to 1 */
	double half_time;		/* share of the time that holds half of the exits */
	size_t runs;			/* of intervals that touch */
};

/* How much more than the mean rate makes a burst. */
#define BURST_FACTOR	2

/**
 * boot_read - read the logs of one boot
 * @folder: where hv.log, or kvm.log and kvm.console, is
 * @b: target is set, the rest is filled in; present is false if there is no log
 *
 * Returns false, after one line on stderr that names file and line, if a log is
 * cut short, foreign, or contradicts itself.
 */
bool boot_read(const char *folder, struct boot *b);

/** boot_derive - guest time and phases of a boot that was read */
void boot_derive(struct boot *b);

/** boot_bursts - rates of a boot with samples; lives until the program ends */
struct bursts boot_bursts(const struct boot *b);

/** boot_order - reasons by how frequent they are in the first boot that is there, into r->order */
void boot_order(struct report *r);

/** boot_span_reason - which reason had most exits between two guest times, and its share */
int boot_span_reason(const struct boot *b, double from, double to, double *share);

/** boot_outside - share of the guest's life that it spent outside, 0 to 1; without HLT's sleep */
double boot_outside(const struct boot *b);

/** boot_per_byte - exits for a byte of the serial boot, beside the quiet one; 0: unknown */
double boot_per_byte(const struct report *r, enum target t);

/** report_boot - the first boot that is there on both, hv's */
const struct boot *report_boot(const struct report *r);

/** reason_colour - the same in every chart, "#rrggbb" of Okabe and Ito's; -1: all that have none */
const char *reason_colour(int reason);

/** boot_charts - write what boot/boot-report.gp draws into @folder; false with a complaint */
bool boot_charts(const char *folder, const struct report *r);

/* boot/boot-report.html, the page as it is written, with parts to be put in. */
extern const char page_template[];

/** page_why - its text on a reason, named as there: "why", "hv" or "KVM"; "" if there is none */
const char *page_why(const char *of, int reason);

/** page_what - its text named so: a reason and exit_detail_word(), a remedy; "" if it has none */
const char *page_what(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** boot_page - the page, with the charts from a folder in it; false with a complaint */
bool boot_page(FILE *out, const struct report *r, const char *charts);

/** boot_print - its tables for a terminal */
void boot_print(FILE *out, const struct report *r);

/* In cells: a number in a circle before a text; a colour before one; not for a terminal. */
#define NUMBERED	"<span class=\"nr\">%d</span> %s"
#define KEY		"<span class=\"key\" style=\"background:%s\"></span>%s"
#define PAGE_ONLY	-1

/* boot_html.c: what is written there is HTML, and plain text for a terminal. */

struct page {
	FILE *out;
	const struct report *report;
	bool plain;
};

/** page_text - @text with the characters that HTML keeps for itself written out */
void page_text(FILE *out, const char *text);

/** page_say - a paragraph */
void page_say(const struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** page_table - a table, which it closes; cells are HTML */
void page_table(const struct page *p, const char *class, struct table *t);

/* boot_tables.c: the tables, with what is to be said of them */
void boot_shell(const struct page *p);
void boot_phases(const struct page *p);
void boot_rates(const struct page *p);
void boot_reasons(const struct page *p);
void boot_time(const struct page *p);
void boot_scenarios(const struct page *p);
void boot_bytes(const struct page *p);
void boot_verdicts(const struct page *p);

/** boot_numbers - which ports, MSRs, leaves and pages each phase's exits are of */
void boot_numbers(const struct page *p);

/** boot_remedies - what saves exits, and how many, by the boots with and without */
void boot_remedies(const struct page *p);

/** boot_lines - print for each phase that a boot of NUMBERS has seen in which line it begins */
void boot_lines(FILE *out, const struct boot *b);

/** boot_unit, boot_million - "ticks" or "cycles", and "million" in front of it */
const char *boot_unit(const struct report *r);
const char *boot_million(const struct report *r);

/** thousands - @n with commas between groups of three; four results live at a time */
const char *thousands(double n);

static inline double percent(double part, double all)
{
	return all ? 100 * part / all : 0;
}
