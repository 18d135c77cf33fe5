/* SPDX-License-Identifier: GPL-2.0-only */
/* All that a sequence shows on each judge. */
#pragma once

#include "tests/agree/host/agree.h"
#include "tests/agree/host/run.h"

/* A sequence, and what judges said of it. */
struct agree_telling {
	struct agree_item item;
	char *text[JUDGES];
	struct agree_say *say[JUDGES];
	struct agree_telling *next;
};

/** agree_take_say - give what a run said to the tellings of its items */
void agree_take_say(struct agree_job *job);

/**
 * agree_refused - did the guest say that it cannot be run so?
 *
 * Its word for it goes to stderr.
 */
bool agree_refused(const struct agree_job *job);

/** agree_forget_tellings - give their memory back */
void agree_forget_tellings(struct agree_telling *tellings);
