/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "hv/cpu/lapic.h"

/** lapic_idle - is nothing requested, and no NMI pending? */
static inline bool lapic_idle(const struct lapic *l)
{
	return l->highest_irr < 0 && !l->nmi_pending;
}
