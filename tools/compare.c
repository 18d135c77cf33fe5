// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare the logs of one guest's runs on two hypervisors: counts against
 * expectations, times side by side.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/compare.h"
#include "tools/tool.h"

enum { EXIT_EQUAL, EXIT_DIFFERS };

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

/* Is no name in it twice? */
static bool unique(const struct log *log)
{
	size_t i, j;

	for (i = 0; i < log->rows_nr; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(log->rows[i].name, log->rows[j].name))
				return tool_refuse("%s:%u: row %s was there before, on line %u",
						   log->rec.file, log->rows[i].line,
						   log->rows[i].name, log->rows[j].line);
	return true;
}

static bool comparable(const struct comparison *c)
{
	const struct log *hv = &c->log[HV], *kvm = &c->log[KVM];
	const char *hv_file = hv->rec.file, *kvm_file = kvm->rec.file;
	size_t i;

	if (strcmp(hv->clock, kvm->clock))
		return tool_refuse("%s has clock=%s and %s has clock=%s: emulated time is never "
				   "put beside hardware's", hv_file, hv->clock, kvm_file,
				   kvm->clock);
	for (i = 0; i < hv->rows_nr && i < kvm->rows_nr; i++)
		if (!same_row(&hv->rows[i], &kvm->rows[i]))
			return tool_refuse("%s:%u: row %s is not the row %s of %s:%u: not the same "
					   "guest", kvm_file, kvm->rows[i].line, kvm->rows[i].name,
					   hv->rows[i].name, hv_file, hv->rows[i].line);
	if (hv->rows_nr != kvm->rows_nr) {
		const struct log *longer = hv->rows_nr > kvm->rows_nr ? hv : kvm;

		return tool_refuse("%s:%u: row %s is missing from %s: not the same guest",
				   longer->rec.file, longer->rows[i].line, longer->rows[i].name,
				   longer == hv ? kvm_file : hv_file);
	}
	return hv->rows_nr || tool_refuse("%s, %s: there is no row to compare", hv_file, kvm_file);
}

int main(int argc, char **argv)
{
	const char *csv = NULL, *json = NULL, *when = "auto", *no_color = getenv("NO_COLOR");
	const struct tool_option options[] = {
		{ "csv", &csv, NULL }, { "json", &json, NULL }, { "color", &when, NULL }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	struct comparison c = { 0 };
	enum target t;
	size_t i;

	if (argc - first != TARGETS || (strcmp(when, "auto") && strcmp(when, "always") &&
					strcmp(when, "never"))) {
		tool_refuse("two logs are needed, hv's and KVM's; --help says more");
		return TOOL_CANNOT;
	}
	for (t = 0; t < TARGETS; t++) {
		c.log[t] = (struct log){
			.rec.file = argv[first + t], .target = t, .counted = true
		};
		if (!log_read_rows(&c.log[t]) || !unique(&c.log[t]))
			return TOOL_CANNOT;
	}
	if (!comparable(&c))
		return TOOL_CANNOT;
	c.verdicts = calloc(c.log[HV].rows_nr, sizeof(*c.verdicts));
	for (i = 0; c.verdicts && i < c.log[HV].rows_nr; i++) {
		c.verdicts[i] = judge(&c.log[HV].rows[i], &c.log[KVM].rows[i]);
		c.tally[c.verdicts[i]]++;
	}
	if (!c.verdicts || !tool_write(csv, print_csv, &c) || !tool_write(json, print_json, &c))
		return TOOL_CANNOT;
	print_table(stdout, &c, !strcmp(when, "always") || (!strcmp(when, "auto") &&
		    isatty(STDOUT_FILENO) && !(no_color && *no_color)));
	return tool_leave(c.tally[VERDICT_DIFFERS] ? EXIT_DIFFERS : EXIT_EQUAL);
}
