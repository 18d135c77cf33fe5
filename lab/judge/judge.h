/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge of a hand-in. A run leaves three things: the emulator's log of all exits (the
 * truth), what the lab's guest read of the leaves (readings.h), and the kernel's log. The
 * judge's parts each look at them and note what they find, criterion by criterion.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "acct/exit_reasons.h"
#include "lab/findings.h"
#include "lab/readings.h"

/* Reasons that are told apart; whatever is above shares the last slot. */
#define JUDGE_REASONS	256

/* The truth: exits in the order in which they came. */
struct true_exit {
	uint64_t ticks;
	uint32_t reason, cpu;
};

struct truth {
	struct true_exit *all;
	size_t nr, room;
	bool ended;			/* the machine came to its end, and all is there */
	size_t *marks;			/* where they are in @all */
	size_t marks_nr, marks_room;
	size_t *at[JUDGE_REASONS];	/* where the exits of each reason are in @all */
	size_t at_nr[JUDGE_REASONS], at_room[JUDGE_REASONS];
};

/** truth_read - read the emulator's log; false after one line on stderr */
bool truth_read(struct truth *t, FILE *in);

/** truth_add - one exit more; @mark: it is a mark; false without memory */
bool truth_add(struct truth *t, const struct true_exit *e, bool mark);

/** truth_count - exits of @reason in front of the exit @end of the log */
uint64_t truth_count(const struct truth *t, uint32_t reason, size_t end);

/** truth_find - the @nr-th exit of @reason behind mark @mark, on its CPU; or t->nr */
size_t truth_find(const struct truth *t, size_t mark, uint32_t reason, uint32_t nr);

/** truth_free - give back what it has */
void truth_free(struct truth *t);

enum { EAX, EBX, ECX, EDX, REGISTERS };

/* What CPUID answered for one ECX, leaf by leaf from READING_FIRST_LEAF down. */
struct reading {
	const char *mode;
	uint32_t mark, ecx;
	uint64_t leaf[READING_LEAVES][REGISTERS];
	size_t at[READING_LEAVES];	/* the CPUIDs' own exits in the truth */
};

struct burst {
	const char *name;
	uint32_t reason, reps;
	bool done;			/* each repetition did what it should */
	const struct reading *begin, *end;
};

/* A CPUID leaf that is nobody's, as text. */
struct other_leaf {
	uint32_t leaf, subleaf;
	const char *answer;
};

#define READINGS_MAX	1024
#define VMS_MAX		8
#define MODULE_STEPS	3
#define BURSTS_MAX	256
#define OTHER_LEAVES_MAX 512

struct readings {
	char *text;			/* in which the names point */
	struct reading all[READINGS_MAX];
	size_t nr;
	struct burst bursts[BURSTS_MAX];
	size_t bursts_nr;
	struct other_leaf others[OTHER_LEAVES_MAX];
	size_t others_nr;
	uint32_t cpus;
	bool whole;			/* the guest came to its end, once, and that was the last */
	bool beyond;			/* and went on behind it */
	uint32_t marks;			/* how many it says that there are, then */
	/* Of the other /init: each VM's first mark, and how far an entry that fails came. */
	uint32_t vms[VMS_MAX];
	size_t vms_nr;
	bool entry_begun, entry_ended;
	/* KVM's modules loaded, removed, loaded again: what came of it, as far as it went. */
	struct module_step {
		uint32_t error;		/* 0, or Linux' number of it */
		const char *at;		/* the last one that was tried */
	} modules[MODULE_STEPS];
	size_t modules_nr;
	uint32_t carry;			/* the first mark behind which the clock jumps, or 0 */
	char *trace;			/* and the kernel's trace, or NULL */
};

/** readings_read - what the guest printed; false after one line on stderr */
bool readings_read(struct readings *r, FILE *in);

/** readings_tie - find each reading's exits; false after one line on stderr */
bool readings_tie(struct readings *r, const struct truth *t);

/** readings_free - give back what it has */
void readings_free(struct readings *r);

/* What a leaf carries in a semester's map; the parts of one leaf are or-ed. */
enum carries {
	CARRIES_TOTAL = 1,		/* EAX = total exits */
	CARRIES_TOTAL_CYCLES = 2,	/* EBX:ECX = cycles of all exits */
	CARRIES_COUNT = 4,		/* EAX = count[ECX] */
	CARRIES_CYCLES = 8,		/* EBX:ECX = cycles[ECX] */
};

struct map {
	const char *name;
	uint8_t leaf[READING_LEAVES];	/* from READING_FIRST_LEAF down */
};

/** map_find - the map of that name, or NULL */
const struct map *map_find(const char *name);

/** map_leaf - index of the leaf with which @map carries that, or -1 */
int map_leaf(const struct map *map, enum carries what);

/* One run of a kernel. */
struct run {
	bool there;
	struct truth truth;
	struct readings readings;
	char *console;			/* the kernel's log, without carriage returns */
	/* What the counting part found out, for the others: how often an exit is counted. */
	struct weight {
		bool known;
		int least, most;	/* 0: not at all, 1: right, 2: twice; between: it depends */
	} weight[JUDGE_REASONS];
	/* Does the total leave its exits out (-1), or count them twice (1), by itself? */
	int total[JUDGE_REASONS];
};

/** run_read - what is in folder @dir; a folder that is not there is no run */
bool run_read(struct run *run, const char *dir);

/** run_free - give back what it has */
void run_free(struct run *run);

/**
 * run_missing - what a run has not come to, in words; NULL if it is whole
 * @like: NULL, or the same guest's run on the unchanged kernel
 */
const char *run_missing(const struct run *run, const struct run *like);

/* What is judged. */
struct hand_in {
	const struct map *map;		/* NULL: it has no leaves, only a report */
	uint64_t every;			/* a report every so many exits */
	struct run one, two, four;	/* with so many vCPUs */
	struct run vms;			/* VMs one after the other, and an entry that fails */
	struct run kasan;		/* the same, and all numbers, with KASAN and modules */
	struct run unpatched;		/* the same guest on the kernel without the change */
	bool answered[READING_LEAVES];	/* by judge_leaves(): is there such a leaf at all? */
	bool swapped[READING_LEAVES];	/* and: EBX and ECX are the wrong way round */
	int shift;			/* and: leaves answer of the reason so far above */
	bool traces;			/* the change prints into the trace */
	bool own_varies;		/* by judge_counts(): a read's own exit, now in, now out */
	const struct run *reported;	/* by judge_report(): the run whose reports are judged */
	struct findings *findings;
};

/**
 * run_died_asking - did the kernel die when the guest asked for numbers that are no reasons?
 *
 * The guest asks for some at a time and then prints them: all bursts are there then, and behind
 * them numbers up to one that did no harm, maybe far beyond the last reason.
 */
bool run_died_asking(const struct hand_in *h, const struct run *run);

/** source_traces - does a change print by trace_printk() or the like? */
bool source_traces(const char *patch);

/* Criteria, in the order in which they need each other. */
void judge_build(struct hand_in *h, const char *build_txt);
void judge_kernel(struct hand_in *h);
void judge_source(struct hand_in *h, const char *patch); /* without comments */
void judge_leaves(struct hand_in *h);
void judge_counts(struct hand_in *h);
void judge_cycles(struct hand_in *h);
void judge_report(struct hand_in *h);
void judge_vcpus(struct hand_in *h);
void judge_cost(struct hand_in *h);
void judge_life(struct hand_in *h);
void judge_whole(struct hand_in *h);

/** weight_learn - an exit of @reason was seen to be counted @weight times */
void weight_learn(struct hand_in *h, uint32_t reason, int weight);

/**
 * weigh - what the weights make of the exits from @from to @to
 * @least, @most: receive how many more than in truth a total has then (below 0: fewer), if it
 *		  is right itself, or the sum of the counts, or something between
 */
void weigh(const struct hand_in *h, const struct truth *t, size_t from, size_t to, int64_t *least,
	   int64_t *most);

/** value_cycles - EBX:ECX of a leaf, the right way round if they are the wrong way */
uint64_t value_cycles(const struct hand_in *h, const struct reading *r, int leaf);

/** counts_shift - of which reason do the leaves answer, if not of the one that is asked for? */
int counts_shift(const struct hand_in *h);

/**
 * reason_has_fast_path - can KVM handle it in vmx_exit_handlers_fastpath(), and be back in the
 * guest without vmx_handle_exit()?
 */
bool reason_has_fast_path(const struct hand_in *h, uint32_t reason);

/** reason_text - "30 (IO_INSTRUCTION)", in one of a few static buffers */
const char *reason_text(uint32_t reason);
