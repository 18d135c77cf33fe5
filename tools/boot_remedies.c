// SPDX-License-Identifier: GPL-2.0-only
/* What saves exits, and how many: nothing but the difference of two boots. */
#include <math.h>
#include <stdlib.h>

#include "tools/boot_report.h"

#define MOST_SHOWN	3	/* reasons of a saving */
#define LEAST_SHOWN	0.05	/* of all that differs */

static const struct remedy {
	enum scenario without, with;
	const char *title;
} remedies[] = {
	{ CONSOLE, QUIET, "quiet on the command line" },
	{ XAPIC, QUIET, "x2APIC" },
	{ NO_DEADLINE, QUIET, "TSC-deadline timer" },
	{ NO_TSC, QUIET, "the TSC as clock" },
	{ QUIET, KVM_CLOCK, "kvm-clock, the TSC trusted" },
	{ NO_TSC, NO_TSC_KVM_CLOCK, "kvm-clock, the TSC not trusted" },
	{ PROCESSES, BUILTINS, "no new programs for what the shell can do" },
};

/* What the boots without and with it differ in, most first. */
static void add_reasons(FILE *t, const struct boot *without, const struct boot *with)
{
	double saved[SLOTS], all = 0;
	int i, n, most;

	for (i = 0; i < SLOTS; i++) {
		saved[i] = (double)without->exits.by[i].count - with->exits.by[i].count;
		all += fabs(saved[i]);
	}
	fprintf(t, " Fewer on %s:", target_titles[with->log.target]);
	for (n = 0; n < MOST_SHOWN; n++) {
		for (most = 0, i = 0; i < SLOTS; i++)
			if (fabs(saved[i]) > fabs(saved[most]))
				most = i;
		if (!saved[most] || fabs(saved[most]) < LEAST_SHOWN * all)
			break;
		fprintf(t, "%s %s %s%s", n ? "," : "", exit_acct_sdm_name(most),
			saved[most] < 0 ? "&minus;" : "", thousands(fabs(saved[most])));
		saved[most] = 0;
	}
	fputs(n ? "." : " none.", t);
}

void boot_remedies(const struct page *p)
{
	static const struct column columns[] = {
		{ "", "what to do", -1, 0 },
#define HALF(target)									\
		{ target, "without", 0, 2 }, { NULL, "saves", 0, 2 },				\
		{ NULL, "of handlers", 0, 2 }
		HALF("hv"), HALF("KVM"),
#undef HALF
		{ "", "why", -1, PAGE_ONLY },
	};
	const struct remedy *m, *end = remedies + sizeof(remedies) / sizeof(remedies[0]);
	struct table t;
	int i, rows = 0;

	TABLE(&t, columns);
	for (m = remedies; m < end; m++) {
		const struct boot *without = p->report->boots[m->without];
		const struct boot *with = p->report->boots[m->with];

		if (!without[KVM].present || !with[KVM].present)
			continue;
		rows++;
		fputs(m->title, t.rows);
		for (i = 0; i < TARGETS; i++) {
			double before = without[i].exits.sum.count;
			double time = without[i].exits.sum.handler;
			double saves = before - with[i].exits.sum.count;

			fprintf(t.rows, !with[i].present ? "\t-\t-\t-" :
				"\t%s\t<strong>%s</strong>, %.1f&nbsp;%%\t%.0f&nbsp;%%",
				thousands(before), thousands(saves), percent(saves, before),
				percent(time - with[i].exits.sum.handler, time));
		}
		fprintf(t.rows, "\t%s", page_what("what %s", m->title));
		for (i = with[HV].present ? HV : KVM; i < TARGETS; i++)
			add_reasons(t.rows, &without[i], &with[i]);
		fputc('\n', t.rows);
	}
	if (rows)
		page_table(p, "tall two remedies", &t);
}
