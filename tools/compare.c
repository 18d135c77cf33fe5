// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare the logs of one guest's runs on two hypervisors: counts against
 * expectations, times side by side.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/compare.h"
#include "acct/exit_reasons.h"

enum { EXIT_EQUAL, EXIT_DIFFERS, EXIT_CANNOT };

const char * const verdict_names[VERDICTS] = {
	[VERDICT_EQUAL] = "equal", [VERDICT_EXPLAINED] = "explained",
	[VERDICT_BOUNDED] = "bounded", [VERDICT_SKIPPED] = "skipped",
	[VERDICT_DIFFERS] = "differs",
};

static const char usage[] =
"usage: compare [--csv FILE] [--json FILE] [--color=auto|always|never] HV.LOG KVM.LOG\n"
"\n"
"Compares two logs of the shared guest, row by row, and prints a table.\n"
"\n"
"  --csv FILE	write the rows as CSV too\n"
"  --json FILE	write everything as JSON too\n"
"  --color=WHEN	auto (default): on a terminal, and if NO_COLOR is not set\n"
"\n"
"Exit code: 0 every row is as expected on both, 1 some row differs, 2 the logs\n"
"cannot be compared (one line says why) or an option cannot be used.\n"
"The formats are described in docs/formats.md.\n";

const char *reason_name(uint64_t reason)
{
	static const char * const names[] = {
#define X(number, name, sdm_name, class) [number] = #name,
		VMX_EXIT_REASONS_LIST(X)
#undef X
	};

	if (reason >= sizeof(names) / sizeof(names[0]) || !names[reason])
		return "OTHER";
	return names[reason];
}

bool row_met(const struct row *row, enum target target)
{
	uint64_t expected = row->expect[target] * row->reps;

	if (row->check != CHECK_OK)
		return false;
	return row->sync ? row->exits == expected : row->exits <= expected;
}

static enum verdict judge(const struct row *hv, const struct row *kvm)
{
	if (hv->check == CHECK_SKIP && kvm->check == CHECK_SKIP)
		return VERDICT_SKIPPED;
	if (!row_met(hv, HV) || !row_met(kvm, KVM))
		return VERDICT_DIFFERS;
	if (!hv->sync)
		return VERDICT_BOUNDED;
	return hv->expect[HV] == hv->expect[KVM] ? VERDICT_EQUAL : VERDICT_EXPLAINED;
}

/* Are these two rows of one guest? All that its source fixes must agree. */
static bool same_row(const struct row *a, const struct row *b)
{
	return !strcmp(a->name, b->name) && a->reason == b->reason && a->sync == b->sync &&
	       a->reps == b->reps && a->expect[HV] == b->expect[HV] &&
	       a->expect[KVM] == b->expect[KVM];
}

static bool comparable(const struct comparison *c)
{
	const struct log *hv = &c->log[HV], *kvm = &c->log[KVM];
	size_t i;

	if (strcmp(hv->clock, kvm->clock)) {
		fprintf(stderr, "compare: %s has clock=%s and %s has clock=%s: "
			"emulated time is never put beside hardware's\n",
			hv->file, hv->clock, kvm->file, kvm->clock);
		return false;
	}
	for (i = 0; i < hv->rows_nr && i < kvm->rows_nr; i++) {
		if (same_row(&hv->rows[i], &kvm->rows[i]))
			continue;
		fprintf(stderr, "compare: %s:%u: row %s is not the row %s of %s:%u: "
			"not the same guest\n", kvm->file, kvm->rows[i].line, kvm->rows[i].name,
			hv->rows[i].name, hv->file, hv->rows[i].line);
		return false;
	}
	if (hv->rows_nr != kvm->rows_nr) {
		const struct log *longer = hv->rows_nr > kvm->rows_nr ? hv : kvm;

		fprintf(stderr, "compare: %s:%u: row %s is missing from %s: not the same guest\n",
			longer->file, longer->rows[i].line, longer->rows[i].name,
			longer == hv ? kvm->file : hv->file);
		return false;
	}
	if (!hv->rows_nr) {
		fprintf(stderr, "compare: %s, %s: there is no row to compare\n", hv->file,
			kvm->file);
		return false;
	}
	return true;
}

static bool write_file(const char *name, void (*print)(FILE *out, const struct comparison *c),
		       const struct comparison *c)
{
	FILE *f = fopen(name, "w");
	bool ok = f;

	if (f) {
		print(f, c);
		ok = !ferror(f);
		ok &= !fclose(f);
	}
	if (!ok)
		fprintf(stderr, "compare: %s: %s\n", name, strerror(errno));
	return ok;
}

static int cannot(const char *what, const char *problem)
{
	fprintf(stderr, "compare: %s: %s; --help says more\n", what, problem);
	return EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "csv", required_argument, NULL, 'c' },
		{ "json", required_argument, NULL, 'j' },
		{ "color", required_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	const char *csv = NULL, *json = NULL, *no_color = getenv("NO_COLOR");
	bool colour = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	struct comparison c = { 0 };
	size_t i;
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			csv = optarg;
			break;
		case 'j':
			json = optarg;
			break;
		case 'C':
			if (!strcmp(optarg, "always"))
				colour = true;
			else if (!strcmp(optarg, "never"))
				colour = false;
			else if (strcmp(optarg, "auto"))
				return cannot(optarg, "not a value of --color");
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_EQUAL;
		case ':':
			return cannot(argv[optind - 1], "a value must follow");
		default:
			return cannot(argv[optind - 1], "no such option");
		}
	}
	if (argc - optind != TARGETS)
		return cannot("two logs are needed", "hv's and KVM's");
	if (!log_read(argv[optind], HV, &c.log[HV]) ||
	    !log_read(argv[optind + 1], KVM, &c.log[KVM]) || !comparable(&c))
		return EXIT_CANNOT;
	c.verdicts = calloc(c.log[HV].rows_nr, sizeof(*c.verdicts));
	if (!c.verdicts)
		return cannot("memory", "there is none left");
	for (i = 0; i < c.log[HV].rows_nr; i++) {
		c.verdicts[i] = judge(&c.log[HV].rows[i], &c.log[KVM].rows[i]);
		c.tally[c.verdicts[i]]++;
	}
	if ((csv && !write_file(csv, print_csv, &c)) || (json && !write_file(json, print_json, &c)))
		return EXIT_CANNOT;
	print_table(stdout, &c, colour);
	if (fflush(stdout) || ferror(stdout))
		return cannot("stdout", "cannot write the table");
	return c.tally[VERDICT_DIFFERS] ? EXIT_DIFFERS : EXIT_EQUAL;
}
