// SPDX-License-Identifier: GPL-2.0-only
/* The boot report: from logs to the charts' data, the page and the summary. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/boot_report.h"

#define EXIT_CANNOT	2

static const char usage[] =
"usage: boot_report --data CHARTS BOOTS\n"
"       boot_report [--page FILE --charts CHARTS] BOOTS\n"
"\n"
"BOOTS has a folder for each kind of boot (profile, quiet, console, shadow, serial), and\n"
"in it hv.log, kvm.log and kvm.console as boot/run leaves them. Prints the summary.\n"
"\n"
"  --data CHARTS		write what boot/boot-report.gp draws; print nothing\n"
"  --page FILE		write the page\n"
"  --charts CHARTS	where gnuplot left the charts\n"
"\n"
"Exit code: 2 if a log is cut short or foreign, or an option cannot be used.\n";

const char *boot_unit(const struct report *r)
{
	int s;

	for (s = 0; s < NR_SCENARIOS; s++)
		if (r->boots[s][HV].present && !strcmp(r->boots[s][HV].clock, "emulated"))
			return "ticks";
	return "cycles";
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

			b->target = t;
			if (!boot_read(path, b))
				return false;
			if (!b->present)
				continue;
			if (clock && strcmp(clock, b->clock)) {
				fprintf(stderr, "boot_report: %s: clock=%s, but the boots before "
					"have clock=%s\n", b->file, b->clock, clock);
				return false;
			}
			clock = b->clock;
			boot_derive(b);
		}
		if (r->boots[s][HV].present != r->boots[s][KVM].present) {
			fprintf(stderr, "boot_report: %s: a log of one target only\n", path);
			return false;
		}
	}
	if (!clock)
		fprintf(stderr, "boot_report: %s: no boot's logs in it\n", folder);
	boot_order(r);
	return clock;
}

static bool write_page(const struct report *r, const char *name, const char *charts)
{
	FILE *f = fopen(name, "w");
	bool good = f && boot_page(f, r, charts);

	if (!f || ferror(f) || fclose(f)) {
		fprintf(stderr, "boot_report: %s: %s\n", name, strerror(errno));
		return false;
	}
	return good;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "page", required_argument, NULL, 'p' },
		{ "charts", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *data = NULL, *page = NULL, *charts = NULL;
	static struct report report;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'd': data = optarg; break;
		case 'p': page = optarg; break;
		case 'c': charts = optarg; break;
		case 'h': fputs(usage, stdout); return 0;
		default: return EXIT_CANNOT;
		}
	}
	if (optind + 1 != argc || !page != !charts) {
		fputs(usage, stderr);
		return EXIT_CANNOT;
	}
	if (!read_boots(&report, argv[optind]))
		return EXIT_CANNOT;
	if (data)
		return boot_charts(data, &report) ? 0 : EXIT_CANNOT;
	boot_print(stdout, &report);
	return !page || write_page(&report, page, charts) ? 0 : EXIT_CANNOT;
}
