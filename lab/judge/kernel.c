// SPDX-License-Identifier: GPL-2.0-only
/* What came of building the kernel, how it fared while guests ran, and what the change costs. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "lab/judge/judge.h"

#define COST_EXITS	64

/* What a kernel says when something is wrong with it; and what comes of one that stands still. */
static const char *const complaints[] = {
	"BUG: ", "WARNING: ", "Oops: ", "general protection fault", "Kernel panic",
	"UBSAN: ", "unable to handle", "INFO: task ", "rcu: INFO: ", "Call Trace:",
};
#define STALLS		7	/* from there on */
#define COMPLAINTS	(sizeof(complaints) / sizeof(complaints[0]))

/* The value of KEY= at the begin of a line, or NULL; it goes to the end of the line. */
static const char *value_of(const char *text, const char *key)
{
	const size_t length = strlen(key);

	for (; text && *text; text = strchr(text, '\n'), text += !!text) {
		if (!strncmp(text, key, length) && text[length] == '=')
			return text + length + 1;
	}
	return NULL;
}

/* The value of the last such line: the build with KASAN comes behind the other. */
static const char *last_value_of(const char *text, const char *key)
{
	const char *at, *last = NULL;

	for (at = text; (at = value_of(at, key)); at += strcspn(at, "\n"))
		last = at;
	return last;
}

static bool is_yes(const char *value)
{
	return value && !strncmp(value, "yes", 3);
}

/* A context line was not there, or a blank: it is compiled as if all had been. */
static bool is_fuzz(const char *value)
{
	return value && !strncmp(value, "fuzz", 4);
}

/* Of one that build.txt has in quotes, what is between them. */
static int value_length(const char *text)
{
	return text ? (int)strcspn(text, "\"\n") : 0;
}

void judge_build(struct hand_in *h, const char *build_txt)
{
	const char *why = value_of(build_txt, "why"), *warnings = value_of(build_txt, "warnings");
	const char *applies = value_of(build_txt, "applies");
	const char *left = value_of(build_txt, "left_out"), *made = value_of(build_txt, "made_for");
	const enum criterion both[] = { CRITERION_APPLIES, CRITERION_BUILDS };
	char fuzz[80] = "";
	size_t i;

	why += why && *why == '"';
	if (!build_txt) {
		for (i = 0; i < 2; i++)
			finding_set(h->findings, both[i], STATE_SKIPPED,
				    "not looked at: nothing says how the kernel was built");
		return;
	}
	if (!is_yes(applies) && !is_fuzz(applies)) {
		finding_set(h->findings, CRITERION_APPLIES, STATE_LOST,
			    "the change does not apply: %.*s", value_length(why), why ?: "");
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "nothing could be built, as the change does not apply");
		return;
	}
	left += left && *left == '"';
	if (is_fuzz(applies))
		snprintf(fuzz, sizeof(fuzz), ", with fuzz%s%.*s: see hunks.txt",
			 made ? ", as it was made for Linux " : "", value_length(made), made ?: "");
	if (left)
		finding_set(h->findings, CRITERION_APPLIES, STATE_OK,
			    "the change applies%s; left out, as no files of the kernel's: %.*s",
			    fuzz, value_length(left), left);
	finding_set(h->findings, CRITERION_APPLIES, STATE_OK, "the change applies%s", fuzz);
	if (!is_yes(value_of(build_txt, "builds")))
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST, "it does not build: %.*s",
			    value_length(why), why ?: "");
	else if (warnings && strtoul(warnings, NULL, 10))
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "the compiler warns, %lu times: %.*s", strtoul(warnings, NULL, 10),
			    value_length(why), why ?: "");
	why = last_value_of(build_txt, "why");
	why += why && *why == '"';
	/* Who keeps KASAN out is not asked what it would see. */
	if (value_of(build_txt, "modules"))
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "it does not build as modules: kvm-intel.ko sees of kvm.ko what "
			    "EXPORT_SYMBOL_GPL() names: %.*s", value_length(why), why ?: "");
	if (value_of(build_txt, "kasan"))
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "what KASAN and UBSAN see cannot be looked at: %.*s", value_length(why),
			    why ?: "");
}

/* The next complaint like @what, or NULL. It is none as the end of a word: `DEBUG: '. */
static const char *next_complaint(const char *text, const char *what)
{
	const char *at = text;

	while (at && (at = strstr(at, what)) && at > text && isalpha((unsigned char)at[-1]))
		at += strlen(what);
	return at;
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = next_complaint(text, what)); text += strlen(what))
		n++;
	return n;
}

/* That is for `bounds', and for nothing else; false if it is not so. */
static bool judge_asking(struct hand_in *h, const struct run *run)
{
	const char *at = run->console, *found = NULL;
	size_t i;

	if (!run_died_asking(h, run))
		return false;
	for (i = 0; at && !found && i < COMPLAINTS; i++) {
		if (!count_of(h->unpatched.console, complaints[i]))
			found = next_complaint(at, complaints[i]);
	}
	finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
		    "the kernel dies when a guest asks a leaf for a number above %u: what the "
		    "guest puts into ECX is an index, unchecked%s%.*s",
		    run->readings.all[run->readings.nr - 1].ecx, found ? ": " : "",
		    found ? (int)strcspn(found, "\n") : 0, found ?: "");
	return true;
}

/* What the unchanged kernel says as well is not the hand-in's. */
static void judge_console(struct hand_in *h, const struct run *run, const char *who, size_t from,
			  size_t to)
{
	size_t i;

	for (i = from; i < to; i++) {
		const char *at = run->console;
		size_t known = count_of(h->unpatched.console, complaints[i]);

		if (count_of(at, complaints[i]) <= known)
			continue;
		for (; (at = next_complaint(at, complaints[i])) && known; known--)
			at += strlen(complaints[i]);
		if (!at)
			continue;
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "the kernel complains while a guest runs (%s): %.*s", who,
			    value_length(at), at);
	}
}

void judge_kernel(struct hand_in *h)
{
	const struct {
		const struct run *run;
		const char *who;
	} runs[] = { { &h->one, "1 vCPU" }, { &h->two, "2 vCPUs" }, { &h->four, "4 vCPUs" } };
	size_t i;

	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		if (!runs[i].run->there || judge_asking(h, runs[i].run))
			continue;
		judge_console(h, runs[i].run, runs[i].who, 0, STALLS);
		if (!runs[i].run->truth.ended)
			finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
				    "the kernel did not come to its end with %s: it hangs, loops "
				    "or prints without end", runs[i].who);
		judge_console(h, runs[i].run, runs[i].who, STALLS, COMPLAINTS);
	}
	if (h->one.there)
		finding_set(h->findings, CRITERION_BUILDS, STATE_OK,
			    "it builds without a warning, and the kernel has nothing to complain "
			    "of");
}

static int by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The usual ticks from a CPUID exit to the next one, in the burst of CPUIDs of a leaf of all. */
static uint64_t cpuid_ticks(const struct run *run)
{
	const struct truth *t = &run->truth;
	uint64_t ticks[COST_EXITS];
	size_t n = 0, i, k;

	for (k = 0; k < run->readings.bursts_nr; k++) {
		const struct burst *b = &run->readings.bursts[k];

		if (strcmp(b->name, "cpuid"))
			continue;
		/* From the last read before it to the mark behind it. */
		for (i = b->begin->at[READING_LEAVES - 1] + 1;
		     i + 1 < b->end->at[0] && n < COST_EXITS; i++) {
			if (t->all[i].reason == EXIT_REASON_CPUID &&
			    t->all[i + 1].reason == EXIT_REASON_CPUID)
				ticks[n++] = t->all[i + 1].ticks - t->all[i].ticks;
		}
	}
	qsort(ticks, n, sizeof(*ticks), by_size);
	return n ? ticks[n / 2] : 0;
}

void judge_cost(struct hand_in *h)
{
	const uint64_t with = cpuid_ticks(&h->one);
	const uint64_t without = cpuid_ticks(&h->unpatched);

	if (!with || !without)
		finding_set(h->findings, CRITERION_COST, STATE_SKIPPED,
			    "not looked at: there is no run of the unchanged kernel to compare "
			    "with");
	else
		finding_set(h->findings, CRITERION_COST, STATE_OK,
			    "a CPUID exit takes %" PRIu64 " emulated ticks from one to the next, "
			    "and %" PRIu64 " without the change", with, without);
}
