// SPDX-License-Identifier: GPL-2.0-only
/* The boot report's page: every boot's figure, and those that others have published. */
#include <inttypes.h>

#include "tools/boot_page.h"

void page_scenarios(FILE *out, const struct report *r)
{
	int s, t;

	fputs("<div class=\"scroll\"><table class=\"tall two\"><thead><tr><th rowspan=\"2\">boot, "
	      "whole life</th>", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<th class=\"group first\" colspan=\"5\">%s</th>", target_titles[t]);
	fputs("</tr><tr>", out);
	for (t = 0; t < TARGETS; t++)
		fprintf(out, "<th class=\"n first\">exits</th><th class=\"n\">beside quiet</th>"
			"<th class=\"n\">of them I/O</th><th class=\"n\">million %s</th><th "
			"class=\"n\">outside</th>", boot_unit(r));
	fputs("</tr></thead>\n", out);
	for (s = 0; s < NR_SCENARIOS; s++) {
		if (!r->boots[s][HV].present)
			continue;
		fprintf(out, "<tr><td><strong>%s</strong><br><span class=\"soft\">%s</span></td>",
			scenario_texts[s].title, scenario_texts[s].what);
		for (t = 0; t < TARGETS; t++) {
			const struct boot *b = &r->boots[s][t], *quiet = &r->boots[QUIET][t];
			char ratio[32] = "-";

			if (quiet->present)
				snprintf(ratio, sizeof(ratio), "&times; %.2f",
					 (double)b->exits.sum.count / quiet->exits.sum.count);
			fprintf(out, "<td class=\"n first %s\" data-of=\"%s exits\">"
				"<strong>%s</strong></td>"
				"<td class=\"n %s\" data-of=\"beside quiet\">%s</td>"
				"<td class=\"n %s\" data-of=\"I/O\">%s</td>"
				"<td class=\"n %s\" data-of=\"million\">%s</td>"
				"<td class=\"n %s\" data-of=\"outside\">%.1f %%</td>", halves[t],
				target_titles[t], thousands(b->exits.sum.count), halves[t], ratio,
				halves[t], thousands(b->exits.by[REASON_IO].count), halves[t],
				thousands(b->life / 1e6), halves[t], 100 * boot_outside(b));
		}
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void published_row(FILE *out, const struct report *r, int i, double per_byte)
{
	const struct boot *console = &r->boots[CONSOLE][KVM];
	const struct published *p = &published[i];

	fprintf(out, "<tr><td class=\"name\"><span class=\"nr\">%d</span>%s</td><td>%s</td><td "
		"class=\"n\" data-of=\"beside KVM&rsquo;s console boot\">", i + 1, p->figure,
		p->counted);
	if (!console->present)
		fputs("-", out);
	else if (p->from < p->to)
		fprintf(out, "&times; %.1f to %.1f", p->from / console->exits.sum.count,
			p->to / console->exits.sum.count);
	else
		fprintf(out, "&times; %.1f", p->from / console->exits.sum.count);
	fprintf(out, "</td><td class=\"why\">%s", p->reading);
	if (p->io && per_byte > 0)
		fprintf(out, " At %.2f exits a byte, its I/O is that of %.1f MiB through a serial "
			"port.",
			per_byte, p->io / per_byte / MIB);
	fputs("</td></tr>\n", out);
}

void page_published(FILE *out, const struct report *r)
{
	const struct boot *serial = r->boots[SERIAL], *quiet = r->boots[QUIET];
	double per_byte[TARGETS] = { 0, 0 };
	int i, t;

	if (serial[HV].present && quiet[HV].present) {
		for (t = 0; t < TARGETS; t++)
			per_byte[t] = boot_per_byte(r, t);
		fprintf(out, "<p>One byte through the serial port costs <strong>%.2f exits on hv, "
			"%.2f on KVM</strong> (the last boot, less the quiet one, for each of "
			"1,048,576 bytes). Whoever counts the exits of a boot counts, first of "
			"all, what went through emulated ports.</p>\n", per_byte[HV],
			per_byte[KVM]);
	}
	fputs("<div class=\"scroll\"><table class=\"tall\"><thead><tr><th>published for one "
	      "boot</th><th>counted</th><th class=\"n\">beside KVM&rsquo;s console boot</th>"
	      "<th>what the numbers say</th></tr></thead>\n", out);
	for (i = 0; i < NR_PUBLISHED; i++)
		published_row(out, r, i, per_byte[KVM]);
	fputs("</table></div>\n", out);
}
