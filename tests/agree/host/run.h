/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of the guest on the judges, as many at a time as there are processors. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { JUDGE_BARE, JUDGE_HV, JUDGE_HV_MORE, JUDGE_KVM, JUDGES };

struct agree_telling;

/* A sequence, and which of its items; of one that is told, whose it is and who gets it. */
struct agree_item {
	uint32_t nr, mask;
	uint64_t seed;
	const char *names;	/* mode and operations that are not drawn, or NULL */
	struct agree_telling *telling;
};

/* What a run is for. */
enum agree_task {
	TASK_BLOCKS,		/* hashes of @n sequences from @first on, by blocks */
	TASK_FIND,		/* the same one by one, for the one that ends the machine */
	TASK_EACH,		/* hashes of each in the blocks of @list */
	TASK_MASKS,		/* hashes of all subsets of items of those in @list */
	TASK_SAY,		/* all that is seen of those in @list */
};

struct agree_job {
	enum agree_task task;
	int judge;
	uint32_t first, n;
	struct agree_item *list;
	size_t list_nr;
	/* When it has run: what the guest said, from its first line on. */
	char *log;
	bool done;		/* the guest came to its end */
	/* agree_run()'s own. */
	struct agree_job *next;
	pid_t pid;
	char dir[512];
};

/* How the guest is run. */
struct agree_how {
	const char *run, *elf, *hv, *out, *intercept, *cpu, *ops, *modes;
	uint64_t seed;
	unsigned int parallel;
	unsigned int ticks;	/* millions, 0: as many as a run may take */
	bool judges[JUDGES];	/* those that are asked */
};

extern const char *const agree_judges[JUDGES];

/** agree_append - to a string in @size bytes */
void agree_append(char *words, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Who has the guest run, and gets to know what it says. */
struct agree_asker {
	void (*skips)(void *of, const struct agree_job *job, char *words, size_t size);
	void (*take)(void *of, struct agree_job *job);
	void *of;
};

/** agree_asks_peer - do the operations that an item names need two processors? */
bool agree_asks_peer(const char *names);

/** agree_queue - have a run done; the job is copied, its list is taken over */
void agree_queue(const struct agree_job *job);

/** agree_queue_list - have a judge do a task for a list, which is copied */
void agree_queue_list(enum agree_task task, int judge, const struct agree_item *items, size_t nr);

/** agree_queue_rest - the items of a run that ended with its item @at, and not at its end */
void agree_queue_rest(const struct agree_job *job, size_t at);

/**
 * agree_run - do what is queued, and what is queued meanwhile
 * @asker: its skips() adds to a command line the sequences that a judge shall leave out, if it
 *	is there; its take() gets each job that has run
 *
 * Returns false, after a line on stderr, if a run cannot be started, or a signal says that
 * it shall end.
 */
bool agree_run(const struct agree_how *how, const struct agree_asker *asker);
