// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits told apart by a number, against a list that holds everything: exits of a generated run,
 * more numbers than there are places, times that are lost, and how a guest walks the table.
 */
/* units: acct/exit_detail.c acct/exit_acct.c acct/exit_leaves.c acct/exit_reasons.c */
#include "acct/exit_detail.h"
#include "acct/exit_leaves.h"
#include "tests/unit/tap.h"

#define EXITS	60000
#define NUMBERS	8192

struct known {
	u32 reason;
	u64 number, count, handler;
};

static struct known known[NUMBERS];
static size_t known_nr;
static struct exit_acct_vm vm;
static struct exit_acct_vcpu vcpu[2];
static struct exit_acct_counters counters[2];
static struct exit_detail detail;
static u64 seed = 1, now = 1000;

static bool handled(u16 reason)
{
	return reason < VMX_EXIT_REASONS_NR;
}

static u64 draw(u64 below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

static struct known *find(u32 reason, u64 number)
{
	size_t i;

	for (i = 0; i < known_nr; i++)
		if (known[i].reason == reason && known[i].number == number)
			return &known[i];
	known[known_nr] = (struct known){ reason, number, 0, 0 };
	return &known[known_nr++];
}

/* One exit; @cycles may be negative. */
static void make_exit(u32 reason, u64 number, s64 cycles)
{
	bool violation = reason == 48;
	struct known *k;

	exit_acct_exit(&vcpu[0], reason, now);
	if (exit_detail_kind(reason)) {
		exit_detail_count(&vcpu[0], &detail, reason, violation, number);
		k = find(reason, number);
		k->count++;
		if (cycles >= 0)
			k->handler += cycles;
	}
	now += cycles;
	exit_acct_handled(&vcpu[0], now);
	now += 10;
	exit_acct_entry(&vcpu[0], now);
}

static void make_any_exit(void)
{
	s64 cycles = draw(50) ? (s64)draw(5000) : -5;

	switch (draw(8)) {
	case 0:
		return make_exit(10, draw(2) ? exit_detail_cpuid(draw(40), draw(3)) :
				 exit_detail_cpuid(0x4fffff04, draw(80)), cycles);
	case 1:
		return make_exit(31 + draw(2), draw(3) ? draw(100) : 0xc0000080 + draw(5), cycles);
	case 2:
		return make_exit(30, draw(0x80) << 16 | draw(2) << 3 | draw(3), cycles);
	case 3:
		return make_exit(48, draw(300) << 12 | draw(8), cycles);
	case 4:
		return make_exit(28, draw(2) << 32 | draw(2) * 4, cycles);
	case 5:
		return make_exit(draw(2), draw(40), cycles);
	case 6:
		return make_exit(18, draw(20), cycles);
	default:
		return make_exit(12, 0, cycles);	/* HLT has no number */
	}
}

static u32 reason_at(u32 at)
{
	return exit_detail_reason(&detail, &detail.entry[at]);
}

/* What is known of an entry agrees with it, or it is among the rest of its reason. */
static void check_table(void)
{
	u64 rest[EXIT_ACCT_SLOTS] = { 0 }, rest_time[EXIT_ACCT_SLOTS] = { 0 };
	u64 all[EXIT_ACCT_SLOTS] = { 0 }, time[EXIT_ACCT_SLOTS] = { 0 };
	size_t wrong = 0, absent = 0, present = 0, i;
	u32 at;

	for (i = 0; i < known_nr; i++) {
		const struct known *k = &known[i];
		const struct exit_detail_entry *e = NULL;

		for (at = exit_detail_next(&detail, 0); at < EXIT_DETAIL_REST;
		     at = exit_detail_next(&detail, at + 1))
			if (reason_at(at) == k->reason &&
			    detail.entry[at].number == k->number)
				e = &detail.entry[at];
		if (!e) {
			rest[k->reason] += k->count;
			rest_time[k->reason] += k->handler;
			absent++;
		} else {
			wrong += e->count != k->count || e->handler != k->handler;
			present++;
		}
	}
	ok(!wrong && present > 500, "%zu numbers are in the table, with all their exits and cycles",
	   present);
	ok(absent > 100, "%zu found no place", absent);
	for (i = 0, wrong = 0; i < EXIT_ACCT_SLOTS; i++)
		wrong += detail.entry[EXIT_DETAIL_REST + i].count != rest[i] ||
			 detail.entry[EXIT_DETAIL_REST + i].handler != rest_time[i];
	is_u64("reasons whose rest is not that of what found no place", wrong, 0);
	for (at = exit_detail_next(&detail, 0); at < EXIT_DETAIL_NR;
	     at = exit_detail_next(&detail, at + 1)) {
		all[reason_at(at)] += detail.entry[at].count;
		time[reason_at(at)] += detail.entry[at].handler;
	}
	for (i = 0, wrong = 0; i < EXIT_ACCT_SLOTS; i++)
		wrong += exit_detail_kind(i) && (all[i] != counters[0].slot[i].count ||
						 time[i] != counters[0].slot[i].handler);
	is_u64("reasons that do not add up to what the accounting has", wrong, 0);
}

/* As a guest: each place once, in order, and then no more. */
static void check_walk(void)
{
	struct exit_acct_regs r;
	u64 exits = 0, wrong = 0;
	u32 at, i = 0, places = 0;

	for (at = exit_detail_next(&detail, 0); at < EXIT_DETAIL_NR;
	     at = exit_detail_next(&detail, at + 1), places++) {
		exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL, i, &r);
		wrong += r.edx != at + 1 || r.ecx != reason_at(at) ||
			 ((u64)r.ebx << 32 | r.eax) != detail.entry[at].number;
		i = r.edx;
		exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL_COUNT, at, &r);
		exits += (u64)r.ebx << 32 | r.eax;
		wrong += ((u64)r.edx << 32 | r.ecx) != detail.entry[at].handler;
	}
	is_u64("places that a guest reads otherwise", wrong, 0);
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL, i, &r);
	is_u64("behind the last there is none", r.edx, 0);
	is_u64("exits that a guest found", exits, exit_acct_total(&counters[0]) -
	       counters[0].slot[12].count);
	for (i = EXIT_DETAIL_NR, wrong = 0; i < 0x10000; i++) {
		exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL_COUNT, i, &r);
		wrong += (r.eax | r.ebx | r.ecx | r.edx) != 0;
	}
	is_u64("places beyond the table that answer", wrong, 0);
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL, 1 << 16, &r);
	is_u64("a vCPU without a table answers nothing", r.eax | r.ebx | r.ecx | r.edx, 0);
	exit_acct_cpuid(&vm, EXIT_ACCT_LEAF_DETAIL, 7 << 16, &r);
	is_u64("nor one that is not there", r.eax | r.ebx | r.ecx | r.edx, 0);
}

static char text[1 << 19];

static void __printf(2, 3) append(void *ctx, const char *fmt, ...)
{
	size_t *at = ctx;
	va_list args;

	va_start(args, fmt);
	*at += vsnprintf(text + *at, sizeof(text) - *at, fmt, args);
	va_end(args);
}

static void check_text(void)
{
	size_t at = 0, lines = 0;
	const struct exit_acct_sink sink = { append, &at };
	char last[40];
	const char *s;

	exit_detail_print(&detail, "vcpu0", &sink);
	for (s = text; (s = strchr(s, '\n')); s++)
		lines++;
	snprintf(last, sizeof(last), "detail scope=vcpu0 lines=%zu\n", lines - 1);
	is_str("the last line tells how many there are", strstr(text, " lines=") ?
	       text + at - strlen(last) : "", last);
	ok(strstr(text, "detail scope=vcpu0 reason=48 name=EPT_VIOLATION number=rest count="),
	   "a rest is named so");
}

int main(void)
{
	int i;

	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_KVM, EXIT_ACCT_MAP_DEFAULT, 0, handled);
	for (i = 0; i < 2; i++)
		exit_acct_vcpu_init(&vcpu[i], &vm, &counters[i]);
	exit_detail_init(&detail, &vcpu[0]);
	make_exit(0, 0, 7);
	exit_detail_settle(&detail);
	exit_detail_settle(&detail);
	is_u64("a number that is 0, of reason 0: cycles", detail.entry[exit_detail_next(&detail, 0)]
	       .handler, 7);
	for (i = 0; i < EXITS; i++)
		make_any_exit();
	exit_detail_settle(&detail);
	check_table();
	check_walk();
	check_text();
	return done();
}
