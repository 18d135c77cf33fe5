/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences, for people. */
#pragma once

#include <stdio.h>

#include "tests/agree/host/tell.h"

/** agree_show - what is left of a sequence as assembly, and what every judge says of it */
void agree_show(FILE *told, const struct agree_how *how, const struct agree_telling *t, int judge,
		const struct agree_difference *differences, size_t nr);

/** agree_kind_of - a name for differences that are much alike: judge, operations, keys */
char *agree_kind_of(const char *judge, const struct agree_say *say,
		    const struct agree_difference *differences, size_t nr);
