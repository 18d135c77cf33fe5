// SPDX-License-Identifier: GPL-2.0-only
/* The summary for a terminal. */
#include <inttypes.h>
#include <string.h>

#include "tools/boot_report.h"
#include "acct/exit_acct.h"

static double percent(double part, double all)
{
	return all ? 100 * part / all : 0;
}

static void print_profile(FILE *out, const struct report *r)
{
	const char *u = boot_unit(r);
	int t;

	fprintf(out, "Boot to the shell, console=ttyS0, a report every %s exits:\n\n",
		thousands(r->boots[PROFILE][HV].every));
	fprintf(out, "      exits to the shell (between)   in the whole life   million %s to the "
		"shell   wall s, machine\n", u);
	for (t = 0; t < TARGETS; t++) {
		const struct boot *b = &r->boots[PROFILE][t];
		const struct span *s = &b->span[SHELL];
		/* A boot of fewer exits than that has no sample. */
		uint64_t below = b->every ? s->exits_from / b->every : 0;
		char between[80];

		snprintf(between, sizeof(between), "%s-%s", thousands(below * b->every),
			 thousands((below + 1) * b->every));
		fprintf(out, "%-4s  %9s  %17s   %17s   %23.1f   %15.1f\n", target_titles[t],
			s->seen ? thousands(s->exits_from) : "-",
			s->seen && b->every ? between : "-",
			thousands(b->exits.sum.count), s->from / 1e6, b->wall_ms / 1e3);
	}
}

static void print_phases(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE];
	enum phase p;
	int t;

	fprintf(out, "\nphase            %28s   %28s\n", "hv: exits    M/time   per M",
		"KVM: exits    M/time   per M");
	for (p = 0; p < NR_PHASES; p++) {
		fprintf(out, "%-15s", phase_texts[p].name);
		for (t = 0; t < TARGETS; t++) {
			const struct span *s = &b[t].span[p];
			double exits = s->exits_to - s->exits_from, time = (s->to - s->from) / 1e6;

			if (!s->seen)
				fprintf(out, "  %29s", "not seen");
			else
				fprintf(out, "  %11s %9.1f %7.0f", thousands(exits), time,
					time > 0 ? exits / time : 0);
		}
		fputc('\n', out);
	}
}

static void print_rates(FILE *out, const struct report *r)
{
	int t;

	fprintf(out, "\nRate (a burst: intervals at %d times the mean or more):\n", BURST_FACTOR);
	for (t = 0; t < TARGETS; t++) {
		struct bursts n = boot_bursts(&r->boots[PROFILE][t]);

		fprintf(out, "%-4s  mean %.0f, from %.0f to %.0f exits per million %s; %zu bursts "
			"hold %.0f %% of the exits in %.0f %% of the time; half of all in "
			"%.1f %%\n",
			target_titles[t], n.mean, n.lowest, n.highest, boot_unit(r), n.runs,
			100 * n.burst_exits, 100 * n.burst_time, 100 * n.half_time);
	}
}

static void print_reasons(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE];
	size_t i;
	int t;

	fprintf(out, "\n%-22s  %9s %6s %8s   %9s %6s %8s\n", "exits by reason", "hv", "share",
		"handler", "KVM", "share", "handler");
	for (i = 0; i < r->order_nr; i++) {
		int reason = r->order[i];

		fprintf(out, "%2d %-19s", reason, exit_acct_name(reason));
		for (t = 0; t < TARGETS; t++)
			fprintf(out, "%s%9s %5.1f%% %7.1f%%", t ? "   " : "  ",
				thousands(b[t].exits.by[reason].count),
				percent(b[t].exits.by[reason].count, b[t].exits.sum.count),
				percent(b[t].exits.by[reason].handler, b[t].exits.sum.handler));
		fputc('\n', out);
	}
}

static void print_scenarios(FILE *out, const struct report *r)
{
	int s, t;

	fprintf(out, "\n%-30s       %11s  %12s  %8s  %10s  %8s\n", "boot, whole life", "exits",
		"of them I/O", "handler", "round trip", "outside");
	for (s = 0; s < NR_SCENARIOS; s++) {
		for (t = 0; t < TARGETS; t++) {
			const struct boot *b = &r->boots[s][t];

			if (!b->present)
				continue;
			fprintf(out, "%-30s  %-4s %10s  %12s  %7.1fM  %9.1fM  %6.1f %%\n",
				t ? "" : scenario_texts[s].title, target_titles[t],
				thousands(b->exits.sum.count),
				thousands(b->exits.by[REASON_IO].count),
				b->exits.sum.handler / 1e6, b->exits.sum.round_trip / 1e6,
				100 * boot_outside(b));
		}
	}
}

static void print_byte(FILE *out, const struct report *r)
{
	const struct boot *serial = r->boots[SERIAL], *quiet = r->boots[QUIET];
	int t;

	if (!serial[HV].present || !quiet[HV].present)
		return;
	fputs("\nOne byte through the serial port, of a MiB:", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, " %s %.2f exits%s", target_titles[t], boot_per_byte(r, t),
			t ? "\n" : ",");
}

static void print_verdicts(FILE *out, const struct report *r)
{
	int s;

	fprintf(out, "\nhv beside KVM        no more exits    at most a fifth of the %s in "
		"handlers\n",
		boot_unit(r));
	for (s = 0; s < NR_SCENARIOS; s++) {
		const struct boot *b = r->boots[s];

		if (!b[HV].present)
			continue;
		fprintf(out, "%-30s  %-4s %5.1f %%     %-4s %5.1f %%\n", scenario_texts[s].title,
			verdict_exits(r, s) ? "yes" : "no",
			percent(b[HV].exits.sum.count, b[KVM].exits.sum.count),
			verdict_ticks(r, s) ? "yes" : "no",
			percent(b[HV].exits.sum.handler, b[KVM].exits.sum.handler));
	}
}

void boot_print(FILE *out, const struct report *r)
{
	if (r->boots[PROFILE][HV].present) {
		print_profile(out, r);
		print_phases(out, r);
		print_rates(out, r);
		print_reasons(out, r);
	}
	print_scenarios(out, r);
	print_byte(out, r);
	print_verdicts(out, r);
}
