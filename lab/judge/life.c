// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no guest can do by itself: VMs one after the other, whose counters begin at 0 or go on,
 * and an entry that fails, whose exit reason is no index. And what KASAN and UBSAN saw.
 */
#include <inttypes.h>
#include <string.h>
#include "lab/judge/judge.h"

#define BEGIN	"Run /init"	/* what the kernel said before is not of KVM */

/* What the kernel says of memory that is not its own. */
static const char *const complaints[] = {
	"BUG: KASAN", "UBSAN: ", "BUG: unable to handle", "BUG: kernel NULL", "Oops: ",
	"general protection fault", "Kernel panic", NULL
};

/* And of sleeping where none may: that is no access. */
static const char *const sleeps[] = {
	"BUG: sleeping function", "BUG: scheduling while atomic", NULL
};

static const char *find_complaint(const char *console, const char *const *what)
{
	const char *begin = console ? strstr(console, BEGIN) : NULL, *at;

	for (; begin && *what; what++) {
		at = strstr(begin, *what);
		if (at)
			return at;
	}
	return NULL;
}

/* The first exit of the VM whose first mark that is: what comes behind the last VM's port. */
static size_t vm_begin(const struct truth *t, uint32_t mark)
{
	size_t i = mark && mark <= t->marks_nr ? t->marks[mark - 1] : 0;

	while (i && t->all[i - 1].reason != EXIT_REASON_IO_INSTRUCTION)
		i--;
	return i;
}

/* Is that the total of the exits from @begin on? A failed entry may be in it or not. */
static bool is_total(const struct hand_in *h, const struct reading *r, int leaf, size_t begin)
{
	const struct truth *t = &h->vms.truth;
	const size_t end = r->at[leaf];
	const int64_t more = (int64_t)r->leaf[leaf][EAX] - (int64_t)(end - begin);
	const int64_t failed = truth_count(t, EXIT_REASON_INVALID_STATE, end) -
			       truth_count(t, EXIT_REASON_INVALID_STATE, begin);
	int64_t least, most;

	weigh(h, t, begin, end, &least, &most);
	return more >= least - failed && more <= most + 1;
}

static void judge_vms(struct hand_in *h)
{
	const int leaf = map_leaf(h->map, CARRIES_TOTAL);
	const struct readings *all = &h->vms.readings;
	bool on = true, anew = true;
	size_t i, vm = 0;

	if (leaf < 0 || !h->answered[leaf]) {
		finding_set(h->findings, CRITERION_LIFE, STATE_SKIPPED,
			    "not looked at: no leaf answers with a total");
		return;
	}
	for (i = 0; i < all->nr; i++) {
		const struct reading *r = &all->all[i];
		bool goes_on, begins;

		while (vm < all->vms_nr && all->vms[vm] <= r->mark)
			vm++;
		if (!vm)
			continue;
		goes_on = is_total(h, r, leaf, 0);
		begins = is_total(h, r, leaf, vm_begin(&h->vms.truth, all->vms[vm - 1]));
		on &= goes_on;
		anew &= begins;
		if (!goes_on && !begins)
			finding_evidence(h->findings, CRITERION_LIFE, "VM %zu reads a total of %"
					 PRIu64 "; it has made %zu exits, and all VMs so far "
					 "%zu", vm,
					 r->leaf[leaf][EAX], r->at[leaf] -
					 vm_begin(&h->vms.truth, all->vms[vm - 1]), r->at[leaf]);
	}
	if (!on && !anew)
		finding_set(h->findings, CRITERION_LIFE, STATE_LOST,
			    "in a second and a third VM the total is neither always their own "
			    "nor always that of all VMs since KVM was loaded");
	else
		finding_set(h->findings, CRITERION_LIFE, STATE_OK,
			    "a second VM's counters %s, and a third's beside it; not looked at: "
			    "the module loaded again",
			    on ? "go on from the first's" : "begin at 0");
}

static int line_length(const char *text)
{
	return (int)strcspn(text, "\n");
}

static void judge_failed_entry(struct hand_in *h)
{
	const struct readings *r = &h->vms.readings;
	const char *complaint = find_complaint(h->vms.console, complaints);

	if (complaint || !r->entry_ended)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "the kernel does not survive a VM entry that fails: the exit-reason "
			    "field has bit 31 set there, and only bits 15:0 are an index%s%.*s",
			    complaint ? ": " : "", complaint ? line_length(complaint) : 0,
			    complaint ?: "");
	else if (!r->whole)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "behind a VM entry that failed, another VM does not run any more");
}

static bool judge_sanitizers(struct hand_in *h, const struct run *run)
{
	const char *complaint = find_complaint(run->console, complaints);
	const char *sleep = find_complaint(run->console, sleeps);

	if (run->there && sleep)
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "the kernel complains while a guest runs (with KASAN): %.*s",
			    line_length(sleep), sleep);
	if (run->there && complaint)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "with KASAN and UBSAN the kernel says: %.*s", line_length(complaint),
			    complaint);
	else if (run->there && !run->readings.whole)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "with KASAN and UBSAN the guest does not come to its end");
	return run->there;
}

void judge_life(struct hand_in *h)
{
	bool sanitized, entry = h->vms.there && h->vms.readings.entry_begun;

	if (!h->vms.there)
		finding_set(h->findings, CRITERION_LIFE, STATE_SKIPPED,
			    "not looked at: a second VM, a VM that ends, the module loaded again");
	else if (!entry)
		finding_set(h->findings, CRITERION_LIFE, STATE_LOST,
			    "three VMs, one after the other and beside each other, do not run");
	else
		judge_vms(h);
	if (entry)
		judge_failed_entry(h);
	sanitized = judge_sanitizers(h, &h->kasan);
	sanitized |= judge_sanitizers(h, &h->kasan_vms);
	finding_set(h->findings, CRITERION_BOUNDS, STATE_OK,
		    "no number in ECX reads past the counters%s%s",
		    entry ? ", and an entry that fails harms nothing" :
		    "; a failed entry was not looked at",
		    sanitized ? "; KASAN and UBSAN saw nothing" : "; KASAN was not asked");
}
