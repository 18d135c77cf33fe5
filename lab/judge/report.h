/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the judge of reports and what learns from them. */
#pragma once

#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"

/** report_evidence - show a line, and what it was taken for */
void report_evidence(struct hand_in *h, enum criterion c, const struct block_line *l);

/** report_learn - weights, fast path and what is counted twice, from the last report */
void report_learn(struct hand_in *h, const struct blocks *b);
