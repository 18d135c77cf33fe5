// SPDX-License-Identifier: GPL-2.0-only
/* The accounting as text. See exit_print.h. */
#include "exit_print.h"

#define OUT(sink, ...) ((sink)->printf((sink)->ctx, __VA_ARGS__))

/* u64 is unsigned long on some of our builds: %llu wants the cast. */
#define LLU(v) ((unsigned long long)(v))

void exit_acct_report_take(struct exit_acct_vcpu *v, u64 tsc, struct exit_acct_report *r)
{
	u32 i;

	r->total = v->report_due;
	r->tsc = tsc;
	r->skipped = atomic64_xchg(&v->vm->skipped, 0);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		r->count[i] = EXIT_ACCT_SUM(v->vm, slot[i].count);
	v->report_due = 0;
}

void exit_acct_report_print(const struct exit_acct_report *r, u64 (*now)(void),
			    const struct exit_acct_sink *sink)
{
	u32 i;

	/* A line each time: the kernel's log knows no parts of one. */
	if (r->skipped)
		OUT(sink, "=== VM exits: total=%llu tsc=%llu skipped=%llu ===\n",
		    LLU(r->total), LLU(r->tsc), LLU(r->skipped));
	else
		OUT(sink, "=== VM exits: total=%llu tsc=%llu ===\n", LLU(r->total), LLU(r->tsc));
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (!r->count[i])
			continue;
		if (i == EXIT_ACCT_OTHER)
			OUT(sink, "VM exit other (%s): %llu\n", exit_acct_sdm_name(i),
			    LLU(r->count[i]));
		else
			OUT(sink, "VM exit %u (%s): %llu\n", i, exit_acct_sdm_name(i),
			    LLU(r->count[i]));
	}
	OUT(sink, "=== VM exits: end tsc=%llu ===\n", LLU(now()));
}

void exit_acct_report(struct exit_acct_vcpu *v, u64 (*now)(void), const struct exit_acct_sink *sink)
{
	struct exit_acct_report r;
	u64 begin = now();

	exit_acct_report_take(v, begin, &r);
	exit_acct_report_print(&r, now, sink);
	v->start += now() - begin;
}

/* @what, and which reason it is. */
static void print_reason(const struct exit_acct_sink *sink, const char *scope, const char *what,
			 u32 i)
{
	OUT(sink, "exits scope=%s %s=", scope, what);
	if (i == EXIT_ACCT_OTHER)
		OUT(sink, "other");
	else
		OUT(sink, "%u", i);
	OUT(sink, " name=%s", exit_acct_name(i));
}

static void print_slot(const struct exit_acct_slot *s, u32 i, const char *scope,
		       const struct exit_acct_sink *sink)
{
	const char *comma = "";
	u32 b;

	print_reason(sink, scope, "reason", i);
	OUT(sink, " count=%llu handler=%llu round_trip=%llu min=%llu max=%llu hist=",
	    LLU(s->count), LLU(s->handler), LLU(s->round_trip),
	    s->min > s->max ? 0ull : LLU(s->min), LLU(s->max));
	for (b = 0; b < EXIT_ACCT_BUCKETS; b++) {
		if (!s->hist[b])
			continue;
		OUT(sink, "%s%u:%llu", comma, b, LLU(s->hist[b]));
		comma = ",";
	}
	if (s->handler_lost | s->round_trip_lost)
		OUT(sink, " handler_lost=%llu round_trip_lost=%llu", LLU(s->handler_lost),
		    LLU(s->round_trip_lost));
	OUT(sink, "\n");
}

void exit_acct_print(const struct exit_acct_counters *c, const char *scope,
		     const struct exit_acct_sink *sink)
{
	u64 handler = 0, round_trip = 0;
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		const struct exit_acct_slot *s = &c->slot[i];

		if (s->count)
			print_slot(s, i, scope, sink);
		handler += s->handler;
		round_trip += s->round_trip;
	}
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (!c->failed[i])
			continue;
		print_reason(sink, scope, "failed_reason", i);
		OUT(sink, " count=%llu\n", LLU(c->failed[i]));
	}
	if (c->synthesised)
		OUT(sink, "exits scope=%s synthesised=%llu\n", scope, LLU(c->synthesised));
	OUT(sink, "exits scope=%s total=%llu handler=%llu round_trip=%llu\n", scope,
	    LLU(exit_acct_total(c)), LLU(handler), LLU(round_trip));
}
