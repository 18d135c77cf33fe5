/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits of one reason told apart by a number, and those who know nothing of our numbers. */
#pragma once

#include "tools/detail.h"
#include "tools/emulator.h"
#include "tools/log.h"

enum apart_by { APART_OURS, APART_EMULATOR, APART_TRACE };

/** apart_of - what our number of this exit should be; false if the emulator does not tell */
bool apart_of(const struct emulator_exit *exit, uint64_t *number);

/** apart_event - is that a tracepoint that tells exits apart? as a bit, 0: it is not */
unsigned int apart_event(const char *name);

/** apart_missing - a tracepoint that is not among those bits, or NULL */
const char *apart_missing(unsigned int events);

/** apart_take - read a witness' record with number=; false, after one line, if that cannot be */
bool apart_take(struct details *all, const struct record *r, enum apart_by by);

/**
 * apart_compare - print what we have counted beside what others have
 * @all: as it was read; it gets sorted, and what nobody else tells apart added up
 * @exits: ours, by reason alone
 * @vcpu: the vCPU to which all is limited, or MACHINE_CPUS_MAX
 * @has: is there such a witness?
 *
 * Returns true if nothing differs.
 */
bool apart_compare(struct details *all, const struct exits *exits, uint64_t vcpu,
		     const bool has[DETAIL_WHO]);
