/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits of one reason told apart by a number: acct/exit_detail.h. */
#pragma once

#include "acct/exit_detail.h"
#include "hv/vcpu.h"

/** detail_init - give each of @handlers the work to count in its vCPU's table too */
void detail_init(void (**handlers)(struct vcpu *v));

/** vcpu_account_end - @v runs no more: its last exit is counted whole; @tsc: TSC now */
void vcpu_account_end(struct vcpu *v, u64 tsc);
