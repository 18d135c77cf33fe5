// SPDX-License-Identifier: GPL-2.0-only
/* The exit reasons' names. */
#include "exit_reasons.h"

/* Two of each, one behind the other: pointers to them would take as much again. */
static const char names[] = "OTHER\0other\0"
#define X(number, name, sdm_name, class) #name "\0" sdm_name "\0"
	VMX_EXIT_REASONS_LIST(X)
#undef X
	;

/* Which two; of a number that is not defined the first. */
enum row {
	ROW_OTHER,
#define X(number, name, sdm_name, class) ROW_##name,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};
static const u8 rows[VMX_EXIT_REASONS_NR] = {
#define X(number, name, sdm_name, class) [number] = ROW_##name,
	VMX_EXIT_REASONS_LIST(X)
#undef X
};

static u32 row(u32 reason)
{
	/* The guest chose the number. */
	return reason < VMX_EXIT_REASONS_NR ?
	       rows[array_index_nospec(reason, VMX_EXIT_REASONS_NR)] : ROW_OTHER;
}

bool exit_acct_defined(u32 reason)
{
	return row(reason);
}

const char *exit_acct_name(u32 reason)
{
	const char *name = names;
	u32 before;

	for (before = 2 * row(reason); before; before--)
		name += strlen(name) + 1;
	return name;
}

const char *exit_acct_sdm_name(u32 reason)
{
	const char *name = exit_acct_name(reason), *sdm_name = name + strlen(name) + 1;

	return *sdm_name ? sdm_name : name;
}
