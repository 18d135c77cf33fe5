// SPDX-License-Identifier: GPL-2.0-only
/* The boot report's page: its frame, the first screen, and the charts in it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_page.h"
#include "acct/exit_acct.h"

void page_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text >= ' ')
			fputc(*text, out);
	}
}

/* Of gnuplot's file only what draws: neither its size nor the titles, which pop up. */
static bool embed(FILE *out, const char *file, const char *label)
{
	FILE *f = fopen(file, "r");
	bool begun = false;
	char *line = NULL, *c;
	size_t room = 0;

	if (!f) {
		fprintf(stderr, "boot_report: %s: %s\n", file, strerror(errno));
		return false;
	}
	while (getline(&line, &room, f) > 0) {
		c = strstr(line, "viewBox=");
		if (!begun && c) {
			fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
			      "aria-label=\"", out);
			page_text(out, label);
			fputs("\" ", out);
			c[strcspn(c, "\n")] = '\0';
			fwrite(c, 1, strcspn(c + 9, "\"") + 10, out);
			fputs(">\n", out);
			begun = true;
			/* The rest of the tag is on a line of its own, up to its end. */
			while (!strchr(c, '>') && getline(&line, &room, f) > 0)
				c = line;
			continue;
		}
		c = strstr(line, "<title>");
		if (c && strstr(c, "</title>")) {
			char *rest = strstr(c, "</title>") + strlen("</title>");

			memmove(c, rest, strlen(rest) + 1);
		}
		if (begun)
			fputs(line, out);
	}
	free(line);
	fclose(f);
	if (!begun)
		fprintf(stderr, "boot_report: %s: not an SVG\n", file);
	return begun;
}

bool page_chart(FILE *out, const char *folder, const char *name, const char *label)
{
	static const char *const shapes[] = { "wide", "narrow" };
	char file[4096];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(file, sizeof(file), "%s/%s.%s.svg", folder, name, shapes[i]);
		fprintf(out, "<div class=\"%s\">", shapes[i]);
		if (!embed(out, file, label))
			return false;
		fputs("</div>\n", out);
	}
	return true;
}

static void card(FILE *out, const char *title, const char *hv, const char *kvm, const char *note)
{
	fprintf(out, "<div class=\"card\"><h3>%s</h3><dl><dt>hv</dt><dd>%s</dd><dt>KVM</dt><dd>%s"
		"</dd></dl><p>%s</p></div>\n", title, hv, kvm, note);
}

static void cards(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE], *quiet = r->boots[QUIET];
	char hv[80], kvm[80], title[80], note[400];
	const char *u = boot_unit(r);

	fputs("<div class=\"cards\">\n", out);
	if (b[HV].present) {
		snprintf(note, sizeof(note), "console boot; known to within a sample, %s exits. "
			"Whole life: %s and "
			 "%s.", thousands(b[HV].every), thousands(b[HV].exits.sum.count),
			 thousands(b[KVM].exits.sum.count));
		card(out, "Exits to the shell prompt", thousands(b[HV].span[SHELL].exits_from),
		     thousands(b[KVM].span[SHELL].exits_from), note);
		snprintf(hv, sizeof(hv), "%.0f", b[HV].span[SHELL].from / 1e6);
		snprintf(kvm, sizeof(kvm), "%.0f", b[KVM].span[SHELL].from / 1e6);
		snprintf(title, sizeof(title), "Million %s to the shell", u);
		card(out, title, hv, kvm, "console boot, from the first VM entry, without the "
			"time that the samples took.");
		snprintf(hv, sizeof(hv), "%.1f %%", 100 * boot_outside(&b[HV]));
		snprintf(kvm, sizeof(kvm), "%.1f %%", 100 * boot_outside(&b[KVM]));
		card(out, "Time outside the guest", hv, kvm, "console boot: round trips, from VM "
			"exit to VM entry, of all the guest&rsquo;s time.");
	}
	if (quiet[HV].present) {
		snprintf(hv, sizeof(hv), "%.2f", quiet[HV].exits.sum.handler / 1e6);
		snprintf(kvm, sizeof(kvm), "%.2f", quiet[KVM].exits.sum.handler / 1e6);
		snprintf(title, sizeof(title), "Million %s in handlers", u);
		snprintf(note, sizeof(note), "quiet boot, %s and %s exits; outside the guest %.1f "
			"%% and %.1f "
			 "%%.", thousands(quiet[HV].exits.sum.count),
			 thousands(quiet[KVM].exits.sum.count),
			 100 * boot_outside(&quiet[HV]), 100 * boot_outside(&quiet[KVM]));
		card(out, title, hv, kvm, note);
	}
	fputs("</div>\n", out);
}

/* What takes most of hv's handlers' time, where that is too much. */
static void blame(FILE *out, const struct boot *b)
{
	int i, most = 0;

	for (i = 0; i < SLOTS; i++)
		if (b->exits.by[i].handler > b->exits.by[most].handler)
			most = i;
	fprintf(out, "<tr><td colspan=\"3\" class=\"soft\">%.0f %% of hv&rsquo;s time in handlers "
		"there is that of %s.",
		100.0 * b->exits.by[most].handler / b->exits.sum.handler, exit_acct_sdm_name(most));
	if (why_handler(most, HV))
		fprintf(out, " Why: %s", why_handler(most, HV));
	fputs("</td></tr>\n", out);
}

static void verdict(FILE *out, bool yes, double hv, double kvm)
{
	fprintf(out, "<td class=\"nowrap\"><b class=\"%s\">%s</b> %.1f %%</td>", yes ? "yes" : "no",
		yes ? "yes" : "no", 100 * hv / kvm);
}

static void verdicts(FILE *out, const struct report *r)
{
	int s;

	fprintf(out, "<table class=\"verdicts\"><tr><th>hv beside KVM</th><th>no more exits?</th>"
		"<th>at most a fifth of the %s in handlers?</th></tr>\n", boot_unit(r));
	for (s = 0; s < NR_SCENARIOS; s++) {
		const struct boot *b = r->boots[s];

		if (s == PROFILE || !b[HV].present)
			continue;
		fprintf(out, "<tr><td>%s</td>", scenario_texts[s].title);
		verdict(out, verdict_exits(r, s), b[HV].exits.sum.count, b[KVM].exits.sum.count);
		verdict(out, verdict_ticks(r, s), b[HV].exits.sum.handler,
			b[KVM].exits.sum.handler);
		fputs("</tr>\n", out);
		if (!verdict_ticks(r, s))
			blame(out, &b[HV]);
	}
	fputs("</table>\n", out);
}

static void legend(FILE *out, const struct report *r)
{
	size_t i;

	fputs("<ul class=\"legend\">", out);
	for (i = 0; i < r->order_nr; i++)
		if (strcmp(reason_colour(r->order[i]), reason_colour(-1)))
			fprintf(out, "<li><i style=\"background:%s\"></i>%s</li>",
				reason_colour(r->order[i]), exit_acct_sdm_name(r->order[i]));
	fprintf(out, "<li><i style=\"background:%s\"></i>every other reason</li></ul>\n",
		reason_colour(-1));
}

static bool curves(FILE *out, const struct report *r, const char *folder)
{
	fprintf(out, "<h2>Exits over time</h2>\n<p>Every VM exit of the console boot, by reason, "
		"on top of each other. A sample is one periodic report, every %s exits. The "
		"bands are the phases of the boot; their numbers are those of the table below. "
		"Both panels have the same "
		"axes.</p>\n<figure>", thousands(r->boots[PROFILE][HV].every));
	legend(out, r);
	if (!page_chart(out, folder, "exits", "Cumulative VM exits over guest time, stacked by "
		"exit reason, on hv and on KVM, with the phases of the boot"))
		return false;
	fputs("</figure>\n", out);
	page_phases(out, r);
	fprintf(out, "<h2>Rate and bursts</h2>\n<p>Is the rate stable? Each bar is the interval "
		"between two samples; its colour is the reason of most of its exits. The dashed "
		"line is %d times the mean rate of that boot: intervals at or above it are "
		"<em>bursts</em>.</p>\n<figure>", BURST_FACTOR);
	legend(out, r);
	if (!page_chart(out, folder, "rates", "VM exits per time over guest time, on hv and on "
		"KVM, logarithmic, coloured by the most frequent exit reason"))
		return false;
	fputs("</figure>\n", out);
	page_rates(out, r);
	page_reasons(out, r);
	return true;
}

static void lead(FILE *out, const struct report *r)
{
	const struct boot *b = r->boots[PROFILE];
	const char *machine = "", *clock = "";
	int s;

	for (s = 0; s < NR_SCENARIOS; s++) {
		if (r->boots[s][HV].present) {
			machine = r->boots[s][HV].log.machine;
			clock = r->boots[s][HV].log.clock;
		}
	}
	fputs("<p class=\"lead\">The same Linux, byte for byte, booted on two hypervisors that "
	      "count their VM exits with the same code: <strong>hv</strong>, a small VMX "
	      "hypervisor, and <strong>KVM</strong> of Linux 6.12.", out);
	if (b[HV].present)
		fprintf(out, " To the shell prompt hv takes about %s exits, KVM about %s; hv "
			"spends %.1f %% of the guest&rsquo;s time outside the guest, KVM %.1f "
			"%%.",
			thousands(b[HV].span[SHELL].exits_from),
			thousands(b[KVM].span[SHELL].exits_from),
			100 * boot_outside(&b[HV]), 100 * boot_outside(&b[KVM]));
	fputs("</p>\n<p class=\"soft\">Machine: ", out);
	page_text(out, machine);
	fputs(". Clock: ", out);
	page_text(out, clock);
	fprintf(out, ". %s</p>\n", strcmp(clock, "emulated") ? "Times are TSC "
		"cycles of this processor." : "One tick is one instruction of the emulated "
		"processor, whatever it does: times compare the software&rsquo;s path, and are "
		"not those of hardware. Two runs give the same figures.");
}

/* The sampled boot is the console boot once more. */
static bool figures(FILE *out, const struct report *r, const char *folder)
{
	bool chart = false;
	int s;

	fputs("<h2>Why published figures range from 49 thousand to 28.5 million</h2>\n"
	      "<p>Five systems have counted the exits of &ldquo;one boot&rdquo;, and no two agree. "
	      "The boots below are one and the same Linux; all that changes is where it prints, "
	      "how much, and whether the processor&rsquo;s second page tables (EPT) are used. "
	      "What others have published is marked by numbers, those of the table "
	      "below.</p>\n", out);
	for (s = 0; s < NR_SCENARIOS; s++)
		chart |= s != PROFILE && r->boots[s][HV].present;
	if (chart) {
		fputs("<figure>", out);
		if (!page_chart(out, folder, "figures", "VM exits of each boot on hv and on KVM, "
				"beside the figures that others have published, logarithmic"))
			return false;
		fputs("</figure>\n", out);
	}
	page_scenarios(out, r);
	page_published(out, r);
	return true;
}

bool boot_page(FILE *out, const struct report *r, const char *folder)
{
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<title>What a Linux boot costs in VM exits</title>\n<style>\n%s</style>\n</head>\n"
		"<body>\n<h1>What a Linux boot costs in VM exits</h1>\n", page_style);
	lead(out, r);
	cards(out, r);
	verdicts(out, r);
	if (r->boots[PROFILE][HV].present && !curves(out, r, folder))
		return false;
	page_time(out, r);
	if (!figures(out, r, folder))
		return false;
	fputs("<h2>What these figures are not</h2>\n"
	      "<p>They are of one small kernel with few devices; a distribution&rsquo;s boot "
	      "touches more memory, more devices and more processes. Where a phase begins is "
	      "known to the line of the console that names it. The reports themselves take time, "
	      "which is taken off; but the guest&rsquo;s clock goes on meanwhile, so that a "
	      "sampled boot has a few timer ticks more than one without samples (compare the two "
	      "console boots). Reasons why counts differ are from the sources of hv and of KVM, "
	      "the same for every run; figures are from this run&rsquo;s "
	      "logs.</p>\n</body>\n</html>\n", out);
	return true;
}
