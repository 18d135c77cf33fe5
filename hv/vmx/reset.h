/* SPDX-License-Identifier: GPL-2.0-only */
/* INIT and SIPI (reset.c). */
#pragma once

#include "hv/vcpu.h"

/** reset_debug_registers - CR2 and the debug registers, which are not in the VMCS */
void reset_debug_registers(void);

/** vcpu_reset - INIT: @v waits for a SIPI, with the registers that it then has */
void vcpu_reset(struct vcpu *v);

/** vcpu_sipi - SIPI: if @v waits for it, it begins at @vector << 12 in real mode */
void vcpu_sipi(struct vcpu *v, u32 vector);
