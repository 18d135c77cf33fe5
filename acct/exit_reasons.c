// SPDX-License-Identifier: GPL-2.0-only
/* The exit reasons' names. */
#include "exit_reasons.h"

static const struct {
	const char *name;
	const char *sdm_name;
} reasons[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = { #name, sdm_name },
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

bool exit_acct_defined(u32 reason)
{
	/* The guest chose the number. */
	return reason < VMX_EXIT_REASONS_NR &&
	       reasons[array_index_nospec(reason, VMX_EXIT_REASONS_NR)].name;
}

const char *exit_acct_name(u32 reason)
{
	return exit_acct_defined(reason) ? reasons[reason].name : "OTHER";
}

const char *exit_acct_sdm_name(u32 reason)
{
	return exit_acct_defined(reason) ? reasons[reason].sdm_name : "other";
}
