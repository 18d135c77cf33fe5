/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits of one reason told apart by a number: `detail' records, and who else counted so. */
#pragma once

#include "machine/machine.h"
#include "tools/record.h"

#define DETAIL_WHO	3		/* so many count the same */

/* The exits of a vCPU with one number, or those of a reason that have none: its rest. */
struct detail {
	uint64_t reason, vcpu;
	bool rest;
	uint64_t number;
	uint64_t count[DETAIL_WHO], handler[DETAIL_WHO];
};

/* All that there are. */
struct details {
	void *tree;			/* by tsearch() */
	struct detail **sorted;
	size_t nr;
	uint64_t lines[MACHINE_CPUS_MAX][DETAIL_WHO]; /* records of each vCPU */
	bool there[MACHINE_CPUS_MAX][DETAIL_WHO];	/* they are all read */
};

/** details_at - the one that is like @key but for its counts, which may be new */
struct detail *details_at(struct details *all, const struct detail *key);

/** details_take - read a `detail' record of @who; false, after one line, if that cannot be */
bool details_take(struct details *all, const struct record *r, int who);

/** details_read - what such a record says, but for its vCPU, into @d; false likewise */
bool details_read(const struct record *r, int who, struct detail *d);

/** details_whole - are there records of @who, and all that should be? @r: the last of the log */
bool details_whole(const struct details *all, const struct record *r, int who);

/** details_sort - from here on they are in `sorted', by reason, vCPU and number, the rest last */
void details_sort(struct details *all);

/** details_sum - sorted, those that @fold makes one added up; @all gets sorted too */
struct details details_sum(struct details *all, void (*fold)(struct detail *d));

/** details_vcpu - the vCPU of a record's scope=vcpuN; false, after one line, if it is none */
bool details_vcpu(const struct record *r, uint64_t *vcpu);
