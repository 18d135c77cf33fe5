// SPDX-License-Identifier: GPL-2.0-only
/* The exit reasons' names. */
#include "exit_reasons.h"

/* All of them, one behind the other: pointers to them would take as much again. */
static const struct names {
	char other[sizeof("OTHER\0other")];
#define X(number, name, sdm_name, class) char reason_##number[sizeof(#name "\0" sdm_name)];
	VMX_EXIT_REASONS_LIST(X)
#undef X
} names = {
	"OTHER\0other",
#define X(number, name, sdm_name, class) #name "\0" sdm_name,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

/* Where they are; of a number that is not defined 0. */
static const u16 offsets[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = offsetof(struct names, reason_##number),
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

static u32 offset(u32 reason)
{
	/* The guest chose the number. */
	return reason < VMX_EXIT_REASONS_NR ?
	       offsets[array_index_nospec(reason, VMX_EXIT_REASONS_NR)] : 0;
}

bool exit_acct_defined(u32 reason)
{
	return offset(reason);
}

const char *exit_acct_name(u32 reason)
{
	return (const char *)&names + offset(reason);
}

const char *exit_acct_sdm_name(u32 reason)
{
	const char *name = exit_acct_name(reason);

	return name + strlen(name) + 1;
}
