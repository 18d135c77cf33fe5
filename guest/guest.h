/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shared guest: one table of operations (rows.h), run and measured one row
 * after the other (measure.c), each printed as one line on COM1.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "machine/com1.h"
#include "acct/exit_leaves.h"
#include "machine/pvh.h"
#include "machine/text.h"

/* Worst last: a row is as good as its worst repetition. */
enum result {
	ROW_OK,
	ROW_SKIP,	/* the machine cannot do this */
	ROW_FAIL,	/* the instruction did not do what it should */
};

/* SYNC: the instruction raises the exit, the count is exact. ASYNC: a bound. */
enum kind { SYNC, ASYNC };

struct row {
	const char *name;		/* [a-z0-9_]+ */
	enum result (*op)(void);	/* one repetition */
	enum exit_reason reason;		/* the exits that are counted */
	enum kind kind;
	uint32_t reps;
	uint32_t hv, kvm;		/* exits of that reason for each repetition */
	const char *why;		/* why hv and kvm differ, or NULL */
};

#define ROWS_MAX 160
extern const struct row rows[];
extern const size_t rows_nr;
extern const size_t rows_single_nr;	/* of them; those behind want several processors */

/* In an expected number: one more on a CPU that exits on REP OUTS with RCX = 0. */
#define REP_TAIL	(1u << 31)
/* And times the number of processors. */
#define EACH_CPU	(1u << 30)

/** expected_exits - what one repetition of @row should raise on @target, on this CPU */
uint32_t expected_exits(const struct row *row, enum exit_acct_target target);

/** row_why - why the two targets differ in what is expected of @row, or NULL */
const char *row_why(const struct row *row);

/** intercept_add - the host intercepts what it does not by default; false: no such name */
bool intercept_add(const char *name);

/** shadow_paging - does the host use shadow page tables? As far as intercept= says. */
bool shadow_paging(void);

/* What one row raised; all but tsc are meaningless if nobody counts. */
struct measured {
	enum result result;
	uint64_t exits;			/* of the row's reason */
	uint64_t other;			/* of all other reasons */
	uint64_t handler, round_trip;	/* cycles of exits, sums */
	uint64_t tsc;			/* cycles of the whole loop */
};

/* Who answers the extension leaves. */
struct accounting {
	bool present;
	enum exit_acct_target target;
	enum exit_acct_map map;
	uint32_t abi;
	uint32_t last;			/* the highest extension leaf */
};

extern struct accounting accounting;

/* Does CPUID have MONITOR and MWAIT? Asked once: their rows count every exit. */
extern bool monitor_announced;

/* measure.c */

/** Does measure() write to MACHINE_MARK_PORT before and after? */
extern bool measure_marks;

/** accounting_detect - fill in @accounting from the leaves, calibrate the reads */
void accounting_detect(void);

/** measure - run @row once, then @reps times between two readings of the leaves */
void measure(const struct row *row, uint32_t reps, struct measured *m);

/** accounting_read - all counters of this VM, through the extension leaves */
void accounting_read(struct exit_acct_counters *c);

/* ops_io.c */

/** rows_init - get ready; [@fresh, @fresh_end) is RAM that nobody has touched yet */
void rows_init(uint64_t fresh, uint64_t fresh_end);

/** fresh_page - memory that nobody has touched yet; NULL if there is no more */
void *fresh_page(void);

#define NO_FRESH_PAGE	"no memory left that was never touched"

/* rows.c */

/**
 * note - say why the running repetition fails or is skipped
 * @fmt: as for print(), of 64-bit values only: %lu %lx
 *
 * Kept, not printed: printing now would add exits to what is measured. Only the
 * first note of a row is kept.
 */
void note(const char *fmt, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/** note_pending - has there been a note since the last note_print()? */
bool note_pending(void);

/** note_print - print what was noted about the row @name, if anything was */
void note_print(const char *name);

/* trap.c */

/** trap_init - load the IDT */
void trap_init(void);

/** timer_init - x2APIC on, its timer in TSC-deadline mode, if the CPU has both */
void timer_init(void);

/** apic_init - IDT and x2APIC of another processor than the first, whose CPU is the same */
void apic_init(void);

/** timer_present - did timer_init() find what it needs? */
bool timer_present(void);

/** timer_arm - an interrupt in @cycles of the TSC from now */
void timer_arm(uint64_t cycles);

/** timer_ticks - timer interrupts so far */
uint64_t timer_ticks(void);

/** interrupts - of the timer's vector so far, on that processor */
uint64_t interrupts(uint32_t cpu);

/** nmis - NMIs so far, on that processor */
uint64_t nmis(uint32_t cpu);

/**
 * nmi_take - send an NMI to this CPU, and if @n is 2 another from its handler
 *
 * Returns how many arrived.
 */
uint64_t nmi_take(uint32_t n);

/** trap_return_to_caller - the next fault ends the function that it is in, as RET would */
void trap_return_to_caller(void);

/* leaves.c */

/** leaves_print - a `cpuid` record for each leaf that is not the accounting's */
void leaves_print(void);

/* bad.c */

/**
 * bad_place - do something that a guest should not
 * @name: "triple_fault", "outside", …; NULL: print the names
 *
 * Returns false if there is no such thing, and does not return from most.
 */
bool bad_place(const char *name);

/* total.c */

/**
 * total_make - make exits until one is missing to @wanted for this VM's whole life
 *
 * Returns NULL, and the next exit must be that of end_vm(); or, in one line, why
 * it cannot be.
 */
const char *total_make(uint64_t wanted);

/* end.c */

/** end_vm - leave through the exit port with @code */
void end_vm(uint32_t code) __attribute__((noreturn));
