// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check our counts of VM exits against those of witnesses that know nothing of
 * our accounting: the emulator that took the exits, KVM's own tracepoint, or the KVM
 * that hands hv its exits.
 */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "tools/witness.h"

enum { EXIT_EQUAL, EXIT_DIFFERS, EXIT_CANNOT };

static const char usage[] =
"usage: witness LOG [EXITS|OUTER]\n"
"       witness --lines <EMULATOR-LOG | witness --count >EXITS\n"
"\n"
"Compares, for each exit reason and without tolerance, the counts in a run's log\n"
"(a file with `exits scope=vm' records) with those of the emulator that took the\n"
"exits, and prints a table. For KVM also with its tracepoint's and its statistics.\n"
"On QEMU there is no such log: hv's counts are compared with OUTER, what the KVM\n"
"underneath handed to it, and KVM's with its own tracepoint alone.\n"
"\n"
"  --lines	pass on the VM exits in Bochs's log (debug: cpu0=report), which is much\n"
"		larger, and how it ended\n"
"  --count	count them\n"
"\n"
"Exit code: 0 all are equal, 1 one of them differs, if by one exit, 2 they cannot be\n"
"compared: one line says why. The formats are described in docs/formats.md.\n";

static const char *const headings[COUNTERS] = {
	[BY_VM] = "ours", [BY_MODULE] = "module", [BY_EMULATOR] = "emulator",
	[BY_TRACE] = "kvm_exit",
};

/* The table that is being printed, and what was found so far. */
struct table {
	const struct witness_run *run;
	unsigned int compared, differ;
};

static bool shown(const struct table *t, enum counter by)
{
	switch (by) {
	case BY_MODULE:
		return t->run->kvm;
	case BY_TRACE:
		return t->run->kvm || t->run->outer;
	default:
		return t->run->by[by].there;
	}
}

static const char *heading(const struct table *t, enum counter by)
{
	return by == BY_TRACE && t->run->outer ? "handed" : headings[by];
}

/* The last column: who counted how much more or less than we did. */
static void print_verdict(struct table *t, const uint64_t values[COUNTERS])
{
	const char *comma = "";
	bool differs = false;

	for (enum counter by = 0; by < COUNTERS; by++)
		differs |= shown(t, by) && values[by] != values[BY_VM];
	t->compared++;
	t->differ += differs;
	printf("  %s", differs ? "DIFFERS: " : "equal");
	for (enum counter by = 0; by < COUNTERS; by++) {
		if (!shown(t, by) || values[by] == values[BY_VM])
			continue;
		printf("%s%s %+" PRId64, comma, heading(t, by),
		       (int64_t)(values[by] - values[BY_VM]));
		comma = ", ";
	}
	putchar('\n');
}

static void print_row(struct table *t, const char *number, const char *name,
		      const uint64_t values[COUNTERS])
{
	printf("%6s  %-22s", number, name);
	for (enum counter by = 0; by < COUNTERS; by++)
		if (shown(t, by))
			printf("  %10" PRIu64, values[by]);
	print_verdict(t, values);
}

/* Reasons that nobody counted have no row. */
static void print_reason(struct table *t, size_t i, bool failed)
{
	char number[8], name[48];
	uint64_t values[COUNTERS];
	bool some = false;

	for (enum counter by = 0; by < COUNTERS; by++) {
		const struct tally *from = &t->run->by[by];

		values[by] = failed ? from->failed[i] : from->exits[i];
		some |= values[by];
	}
	if (!some)
		return;
	snprintf(number, sizeof(number), i == EXIT_ACCT_OTHER ? "other" : "%zu", i);
	snprintf(name, sizeof(name), "%s%s", exit_acct_name(i), failed ? " (no entry)" : "");
	print_row(t, number, name, values);
}

/* A total that a counter says itself must be what its counts add up to. */
static void print_totals(struct table *t)
{
	uint64_t values[COUNTERS];

	for (enum counter by = 0; by < COUNTERS; by++)
		values[by] = t->run->by[by].total;
	print_row(t, "", "total", values);
	for (enum counter by = 0; by < COUNTERS; by++) {
		uint64_t sum = 0;

		if (!shown(t, by))
			continue;
		for (size_t i = 0; i < EXIT_ACCT_SLOTS; i++)
			sum += t->run->by[by].exits[i];
		t->compared++;
		if (sum == values[by])
			continue;
		t->differ++;
		printf("%s: the counts add up to %" PRIu64 ", the total says %" PRIu64 "\n",
		       heading(t, by), sum, values[by]);
	}
}

/*
 * KVM's statistic goes up each time it tried to enter the guest: for an exit, a
 * failed entry, an exit that KVM made up, and a VMLAUNCH or VMRESUME that was
 * refused, which nobody else counts and which ends the run.
 */
static void print_stats(struct table *t)
{
	const struct tally *ours = &t->run->by[BY_VM];
	uint64_t failed = 0, refused, sum;

	for (size_t i = 0; i < EXIT_ACCT_SLOTS; i++)
		failed += ours->failed[i];
	refused = !failed && !strcmp(t->run->cause, "entry_failure");
	sum = ours->total + failed + ours->synthesised + refused;
	t->compared++;
	t->differ += sum != t->run->stats;
	printf("KVM's statistic \"exits\": %" PRIu64 "; ours: %" PRIu64 " exits + %" PRIu64
	       " failed entries + %" PRIu64 " synthesised exits + %" PRIu64 " refused entries",
	       t->run->stats, ours->total, failed, ours->synthesised, refused);
	if (sum == t->run->stats)
		printf(": equal\n");
	else
		printf(" = %" PRIu64 ": DIFFERS: %+" PRId64 "\n", sum,
		       (int64_t)(t->run->stats - sum));
}

/* Returns true if nothing differs. */
static bool print_table(const struct witness_run *run)
{
	struct table t = { .run = run };
	size_t i;

	printf("VM exits of %s on %s, by who counted them\n\nreason  %-22s",
	       run->kvm ? "KVM" : "hv", run->machine, "name");
	for (enum counter by = 0; by < COUNTERS; by++)
		if (shown(&t, by))
			printf("  %10s", heading(&t, by));
	printf("  verdict\n");
	for (i = 0; i < EXIT_ACCT_SLOTS; i++)
		print_reason(&t, i, false);
	/* An entry that the KVM underneath refuses itself is not in its trace. */
	for (i = 0; i < EXIT_ACCT_SLOTS && !run->outer; i++)
		print_reason(&t, i, true);
	print_totals(&t);
	if (run->kvm)
		print_stats(&t);
	if (t.differ)
		printf("\n%u of %u comparisons differ\n", t.differ, t.compared);
	else
		printf("\nall %u comparisons are equal\n", t.compared);
	return !t.differ;
}

static int cannot(const char *what, const char *problem)
{
	fprintf(stderr, "witness: %s: %s; --help says more\n", what, problem);
	return EXIT_CANNOT;
}

static bool lines(void)
{
	return witness_lines(STDIN_FILENO, stdout);
}

static bool count(void)
{
	return witness_count(stdin, stdout);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "lines", no_argument, NULL, 'l' },
		{ "count", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	static struct witness_run run;
	bool (*stream)(void) = NULL, good;
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'l':
			stream = lines;
			break;
		case 'c':
			stream = count;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_EQUAL;
		default:
			return cannot(argv[optind - 1], "no such option");
		}
	}
	if (stream ? argc != optind : argc - optind < 1 || argc - optind > 2)
		return cannot("files", stream ? "the emulator's log is read from stdin" :
						"a run's log and who else counted are needed");
	if (stream)
		good = stream();
	else if (witness_read(argv[optind], argv[optind + 1], &run))
		good = print_table(&run);
	else
		return EXIT_CANNOT;
	if (fflush(stdout) || ferror(stdout))
		return cannot("stdout", "cannot write to it");
	if (stream)
		return good ? EXIT_EQUAL : EXIT_CANNOT;
	return good ? EXIT_EQUAL : EXIT_DIFFERS;
}
