// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that must hold exactly (acct/exit_acct.h): a read has its own exit in its
 * answer, so two in a row differ by 1, and a total is the sum of its parts. A
 * timer of the guest, or another vCPU, may raise exits in between: then there
 * are more, but never fewer.
 */
#include "guest/linux/exitstat.h"

#define ROUNDS	20

struct tally {
	unsigned int exact, more, wrong;
};

static void judge(struct tally *t, int64_t more)
{
	if (!more)
		t->exact++;
	else if (more > 0)
		t->more++;
	else
		t->wrong++;
}

static bool report(FILE *to, const char *rule, const struct tally *t, bool good)
{
	fprintf(to, "%s: %s: exact=%u more=%u wrong=%u\n", good ? "ok" : "BROKEN", rule,
		t->exact, t->more, t->wrong);
	return good;
}

/* How many exits more than @want lie between two counts, which may have 32 bits. */
static int64_t excess(const struct leaves *l, u64 a, u64 b, u64 want)
{
	u64 d = b - a - want;

	return l->extension ? (int64_t)d : (int32_t)d;
}

/*
 * A reading takes so long that there are often exits in between. But the sum is
 * read between two totals, and no count ever falls: it must lie between them.
 */
static void check_sum(struct leaves *l, struct snapshot *s, struct tally *t)
{
	u64 before = total_read(l), reads = l->reads, sum, after;
	int64_t above, below;

	snapshot_take(l, s, false);
	sum = snapshot_total(s).count;
	after = total_read(l);
	above = excess(l, before, sum, s->own.count - reads);
	below = excess(l, sum, after, l->reads - s->own.count);
	judge(t, above < 0 || below < 0 ? -1 : above + below);
}

bool leaves_check(struct leaves *l, FILE *to)
{
	struct tally total = { 0 }, cpuid = { 0 }, sum = { 0 };
	struct snapshot s, last = { 0 };
	u64 before;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		before = total_read(l);
		judge(&total, excess(l, before, total_read(l), 1));
		check_sum(l, &s, &sum);
		if (i)
			judge(&cpuid, excess(l, last.row[EXIT_REASON_CPUID].count,
					     s.row[EXIT_REASON_CPUID].count,
					     s.own.count - last.own.count));
		last = s;
	}
	/* No short cut: whoever asks wants to see all that is wrong. */
	return report(to, "two reads of the total differ by 1", &total,
		      total.exact && !total.wrong) &
	       report(to, "CPUID's count grows by the reads", &cpuid,
		      cpuid.exact && !cpuid.wrong) &
	       report(to, "the total is the sum over all reasons", &sum, !sum.wrong);
}
