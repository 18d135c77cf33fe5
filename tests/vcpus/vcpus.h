/* SPDX-License-Identifier: GPL-2.0-only */
/* What C and assembler of that guest share. */
#pragma once

#define MAX_CPUS	8
#define STACK_BYTES	8192
