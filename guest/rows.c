// SPDX-License-Identifier: GPL-2.0-only
/* The rows as data, what is expected of them, and what they have to say. */
#include "guest/cpus.h"
#include "guest/rows.h"

const struct row rows[] = {
#define X(name, reason, kind, reps, hv, kvm, why) \
	{ #name, op_##name, EXIT_REASON_##reason, kind, reps, hv, kvm, why },
	ROWS(X)
	ROWS_SEVERAL(X)
#undef X
};

#define X(name, reason, kind, reps, hv, kvm, why) + 1
const size_t rows_nr = sizeof(rows) / sizeof(rows[0]);
const size_t rows_single_nr = 0 ROWS(X);
#undef X
_Static_assert(sizeof(rows) / sizeof(rows[0]) <= ROWS_MAX, "raise ROWS_MAX");

enum intercept {
#define X(name) INTERCEPT_##name,
	INTERCEPTS(X)
#undef X
	NR_INTERCEPTS
};

static const char * const intercept_names[NR_INTERCEPTS] = {
#define X(name) #name,
	INTERCEPTS(X)
#undef X
};

static const struct {
	enum result (*op)(void);
	enum intercept intercept;
	enum exit_acct_target target;
	uint32_t exits;
} row_intercepts[] = {
#define X(name, intercept, target, exits) \
	{ op_##name, INTERCEPT_##intercept, EXIT_ACCT_TARGET_##target, exits },
	ROW_INTERCEPTS(X)
#undef X
};

static bool intercepted[NR_INTERCEPTS];

static struct note {
	const char *fmt;
	uint64_t a, b, c, d;
} kept_note;

void note(const char *fmt, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	if (!kept_note.fmt)
		kept_note = (struct note) { fmt, a, b, c, d };
}

void note_print(const char *name)
{
	const struct note n = kept_note;

	kept_note.fmt = NULL;
	if (!n.fmt)
		return;
	print("guest: %s: ", name);
	print(n.fmt, n.a, n.b, n.c, n.d);
	print("\n");
}

bool note_pending(void)
{
	return kept_note.fmt;
}

bool intercept_add(const char *name)
{
	size_t i;

	for (i = 0; i < NR_INTERCEPTS; i++) {
		if (!strcmp(intercept_names[i], name)) {
			intercepted[i] = true;
			return true;
		}
	}
	return false;
}

bool shadow_paging(void)
{
	return accounting.target == EXIT_ACCT_TARGET_KVM && intercepted[INTERCEPT_shadow];
}

/* What the table says, or what the intercepts in force make of it. */
static uint32_t table_exits(const struct row *row, enum exit_acct_target target)
{
	size_t i;

	for (i = 0; i < sizeof(row_intercepts) / sizeof(row_intercepts[0]); i++) {
		if (row_intercepts[i].op == row->op && row_intercepts[i].target == target &&
		    intercepted[row_intercepts[i].intercept])
			return row_intercepts[i].exits;
	}
	return target == EXIT_ACCT_TARGET_HV ? row->hv : row->kvm;
}

const char *row_why(const struct row *row)
{
	if (row->why || table_exits(row, EXIT_ACCT_TARGET_HV) ==
			table_exits(row, EXIT_ACCT_TARGET_KVM))
		return row->why;
	if (intercepted[INTERCEPT_linux61] && (row->op == op_vmfunc || row->op == op_vmfunc_exit))
		return "Linux 6.1 turns VM functions on and allows none: KVM raises the #UD itself";
	return "one of the two was told to intercept what the other does not";
}

uint32_t expected_exits(const struct row *row, enum exit_acct_target target)
{
	static const struct row nothing = {
		.op = op_rep_outsb_none, .reason = EXIT_REASON_IO_INSTRUCTION,
	};
	uint32_t expected = table_exits(row, target);
	struct measured m;

	if (expected & EACH_CPU)
		return (expected & ~EACH_CPU) * cpus_nr();
	if (!(expected & REP_TAIL))
		return expected;
	expected &= ~REP_TAIL;
	if (!accounting.present)
		return expected;
	measure(&nothing, 1, &m);
	/* One exit at most: a host that raises more must not raise what is expected. */
	return expected + !!m.exits;
}
