// SPDX-License-Identifier: GPL-2.0-only
/* The boot report: from logs to the charts' data, the page and the summary. */
#include <errno.h>
#include <string.h>

#include "tools/boot_report.h"
#include "tools/tool.h"

static const char usage[] =
"usage: boot_report --data CHARTS BOOTS\n"
"       boot_report --lines BOOTS\n"
"       boot_report [--page FILE --charts CHARTS] BOOTS\n"
"\n"
"BOOTS has a folder for each kind of boot (profile, quiet, console, shadow, serial), and\n"
"in it hv.log, kvm.log and kvm.console as boot/run leaves them. Prints the summary.\n"
"\n"
"  --data CHARTS		write what boot/boot-report.gp draws; print nothing\n"
"  --lines		print, for each phase of the boot `numbers' of each target, the boot that\n"
"			is to end where it begins, the target, and the line of the log\n"
"  --page FILE		write the page\n"
"  --charts CHARTS	where gnuplot left the charts\n"
"\n"
"Exit code: 2 if a log is cut short or foreign, or an option cannot be used.\n";

const char *boot_million(const struct report *r)
{
	return strcmp(report_boot(r)->log.clock, "emulated") ? "million cycles" : "million ticks";
}

const char *boot_unit(const struct report *r)
{
	return boot_million(r) + strlen("million ");
}

const char *thousands(double n)
{
	static char texts[4][32];
	static unsigned int next;
	char digits[32], *to = texts[next++ % 4], *c = to;
	size_t length, i;

	/* What no boot has: a log may say anything. */
	if (!(n > -1e15 && n < 1e15)) {
		snprintf(to, sizeof(texts[0]), "%.3g", n);
		return to;
	}
	length = snprintf(digits, sizeof(digits), "%.0f", n);
	for (i = 0; i < length; i++) {
		*c++ = digits[i];
		if ((length - i) % 3 == 1 && i + 1 < length && digits[i] != '-')
			*c++ = ',';
	}
	*c = '\0';
	return to;
}

/* Every boot that is there, in pairs, all with the same clock. */
static bool read_boots(struct report *r, const char *folder)
{
	const char *clock = NULL;
	char path[4096];
	int s, t;

	for (s = 0; s < NR_SCENARIOS; s++) {
		snprintf(path, sizeof(path), "%s/%s", folder, scenario_texts[s].folder);
		for (t = 0; t < TARGETS; t++) {
			struct boot *b = &r->boots[s][t];

			b->log.target = t;
			b->until = s >= UNTIL_PHASE;
			if (!boot_read(path, b))
				return false;
			if (!b->present)
				continue;
			if (clock && strcmp(clock, b->log.clock))
				return tool_refuse("%s: clock=%s, but the boots before have "
						   "clock=%s", b->log.rec.file, b->log.clock,
						   clock);
			clock = b->log.clock;
			boot_derive(b);
		}
		if (r->boots[s][HV].present != (r->boots[s][KVM].present && !ON_KVM_ALONE(s)))
			return tool_refuse("%s: a log of one target only", path);
	}
	if (!report_boot(r)->present)
		return tool_refuse("%s: no boot's logs in it, of both targets", folder);
	boot_order(r);
	return true;
}

static bool write_page(const struct report *r, const char *file, const char *charts)
{
	FILE *f = fopen(file, "w");
	bool good = f && boot_page(f, r, charts);

	if (f && !ferror(f) && !fclose(f))
		return good;
	return tool_refuse("%s: %s", file, strerror(errno));
}

int main(int argc, char **argv)
{
	const char *data = NULL, *page = NULL, *charts = NULL;
	bool lines = false;
	const struct tool_option options[] = {
		{ "data", &data, NULL }, { "page", &page, NULL }, { "charts", &charts, NULL },
		{ "lines", NULL, &lines }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	static struct report report;

	if (first + 1 != argc || !page != !charts) {
		fputs(usage, stderr);
		return TOOL_CANNOT;
	}
	if (!read_boots(&report, argv[first]))
		return TOOL_CANNOT;
	if (lines) {
		boot_lines(stdout, &report.boots[NUMBERS][HV]);
		boot_lines(stdout, &report.boots[NUMBERS][KVM]);
		return tool_leave(0);
	}
	if (data)
		return boot_charts(data, &report) ? 0 : TOOL_CANNOT;
	boot_print(stdout, &report);
	return !page || write_page(&report, page, charts) ? tool_leave(0) : TOOL_CANNOT;
}
