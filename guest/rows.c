// SPDX-License-Identifier: GPL-2.0-only
/* The rows as data, what is expected of them, and what they have to say. */
#include "rows.h"

const struct row rows[] = {
#define X(name, reason, kind, reps, hv, kvm, why) \
	{ #name, op_##name, REASON_##reason, kind, reps, hv, kvm, why },
	ROWS(X)
#undef X
};

const size_t rows_nr = sizeof(rows) / sizeof(rows[0]);
_Static_assert(sizeof(rows) / sizeof(rows[0]) <= ROWS_MAX, "raise ROWS_MAX");

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

uint32_t expected_exits(const struct row *row, enum exit_acct_target target)
{
	static const struct row nothing = {
		.op = op_rep_outsb_none, .reason = REASON_IO_INSTRUCTION,
	};
	uint32_t expected = target == EXIT_ACCT_TARGET_HV ? row->hv : row->kvm;
	struct measured m;

	if (!(expected & REP_TAIL))
		return expected;
	expected &= ~REP_TAIL;
	if (!accounting.present)
		return expected;
	measure(&nothing, 1, &m);
	return expected + m.exits;
}
