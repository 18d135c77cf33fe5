// SPDX-License-Identifier: GPL-2.0-only
/* The judge's command line, and the runs that it reads. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lab/judge/judge.h"
#include "lab/judge/patch.h"
#include "tools/tool.h"

#define EVERY	10000	/* exits from one report to the next, as the assignment has it */

static const char usage[] =
"usage: judge [--leaves s21|f21|f22|none] [--unpatched DIR] OUT\n"
"\n"
"OUT: a folder with what is known of a hand-in: build.txt, and in run/NAME of each run (1, 2,\n"
"4: with so many vCPUs; vms; kasan) kvm.log (the guest), kvm.console (the kernel's log) and\n"
"exits (the emulator's log). Writes OUT/findings, a line for each criterion.\n"
"\n"
"  --leaves MAP	the semester's map of leaves, or none if only a report is asked for\n"
"		(default f22)\n"
"  --unpatched DIR	the same three files of the guest on the kernel without the change\n"
"\n"
"Exit code: 2 if something cannot be read.\n";

static FILE *open_in(const char *dir, const char *name)
{
	char *path;
	FILE *f;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return NULL;
	f = fopen(path, "r");
	free(path);
	return f;
}

/* A text file without its carriage returns and NULs; NULL if it is not there. */
static char *read_text(const char *dir, const char *name)
{
	FILE *in = open_in(dir, name), *out;
	char *text = NULL;
	size_t size;
	int c;

	if (!in)
		return NULL;
	out = open_memstream(&text, &size);
	while (out && (c = getc(in)) != EOF) {
		if (c && c != '\r')
			putc(c, out);
	}
	fclose(in);
	return out && !fclose(out) ? text : NULL;
}

/* Where the guest came to its end, so must the emulator's log: nobody is judged by a part of it. */
static bool is_whole(const struct run *run)
{
	return !run->readings.whole ||
	       (run->truth.ended && run->truth.marks_nr == run->readings.marks) ||
	       tool_refuse("the emulator's log has %zu marks of %u, and %s: it is not whole",
			   run->truth.marks_nr, run->readings.marks, run->truth.ended ?
			   "its end" : "no end");
}

bool run_read(struct run *run, const char *dir)
{
	FILE *exits = open_in(dir, "exits"), *log = open_in(dir, "kvm.log");
	bool good = true;

	/* A run that was begun is there, even if its guest never said a word. */
	run->there = exits;
	if (exits && log)
		good = truth_read(&run->truth, exits) && readings_read(&run->readings, log) &&
		       is_whole(run) && readings_tie(&run->readings, &run->truth);
	if (exits)
		fclose(exits);
	if (log)
		fclose(log);
	run->console = read_text(dir, "kvm.console");
	return good;
}

void run_free(struct run *run)
{
	truth_free(&run->truth);
	readings_free(&run->readings);
	free(run->console);
	run->console = NULL;
}

static bool read_all(struct hand_in *h, const char *out, const char *unpatched)
{
	struct {
		struct run *run;
		const char *name;
	} const runs[] = {
		{ &h->one, "1" }, { &h->two, "2" }, { &h->four, "4" }, { &h->vms, "vms" },
		{ &h->kasan, "kasan" },
	};
	bool good = true;
	size_t i;

	for (i = 0; good && i < sizeof(runs) / sizeof(runs[0]); i++) {
		char *dir;

		if (asprintf(&dir, "%s/run/%s", out, runs[i].name) < 0)
			return tool_refuse("no memory");
		good = run_read(runs[i].run, dir) || tool_refuse("%s cannot be used", dir);
		free(dir);
	}
	return good && (!unpatched || run_read(&h->unpatched, unpatched));
}

static void judge(struct hand_in *h, const char *build_txt, const char *patch)
{
	h->traces = patch && source_traces(patch);
	judge_build(h, build_txt);
	judge_kernel(h);
	if (!h->one.there || !h->one.readings.nr)
		return;
	judge_leaves(h);
	judge_counts(h);
	judge_cycles(h);
	judge_report(h);
	judge_source(h, patch);
	judge_vcpus(h);
	judge_cost(h);
	judge_life(h);
	judge_whole(h);
}

/* Who does not come as far as that has not met what is left. */
static void finish(struct hand_in *h)
{
	enum criterion c;

	for (c = 0; c < CRITERIA_NR; c++) {
		if (h->findings->of[c].state != STATE_NONE)
			continue;
		finding_set(h->findings, c, h->one.readings.nr ? STATE_SKIPPED : STATE_LOST,
			    h->one.readings.nr ? "not asked for" :
			    "it could not be looked at, as no guest ran");
	}
}

int main(int argc, char **argv)
{
	const char *leaves = "f22", *unpatched = NULL;
	const struct tool_option options[] = {
		{ "leaves", .value = &leaves }, { "unpatched", .value = &unpatched }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	static struct findings findings;
	static struct hand_in h;
	char *build, *patch, *file;
	bool good;
	FILE *out;

	h = (struct hand_in) { .every = EVERY, .findings = &findings };
	if (argc - first != 1 || (strcmp(leaves, "none") && !(h.map = map_find(leaves)))) {
		tool_refuse("one folder and a map that is known are needed; --help says more");
		return TOOL_CANNOT;
	}
	if (!read_all(&h, argv[first], unpatched))
		return TOOL_CANNOT;
	build = read_text(argv[first], "build.txt");
	patch = read_text(argv[first], "change.patch");
	if (patch)
		patch_blank_comments(patch);
	judge(&h, build, patch);
	finish(&h);
	free(patch);
	free(build);
	if (asprintf(&file, "%s/findings", argv[first]) < 0)
		return TOOL_CANNOT;
	out = fopen(file, "w");
	good = out;
	if (out)
		findings_write(&findings, out);
	good = good && !fclose(out);
	if (!good)
		tool_refuse("%s: %s", file, strerror(errno));
	free(file);
	return tool_leave(good ? 0 : TOOL_CANNOT);
}
