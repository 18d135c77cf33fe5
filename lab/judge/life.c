// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no guest can do by itself: VMs one after the other, whose counters begin at 0 or go on,
 * KVM's modules loaded again, and an entry that fails, whose exit reason is no index. And what
 * KASAN and UBSAN saw.
 */
#include <inttypes.h>
#include <string.h>
#include "lab/judge/judge.h"
#include "lab/judge/patch.h"

#define BEGIN	"Run /init"	/* what the kernel said before is not of KVM */

/* What the kernel says of memory that is not its own. */
static const char *const complaints[] = {
	"BUG: KASAN", "UBSAN: ", "BUG: unable to handle", "BUG: kernel NULL", "Oops: ",
	"general protection fault", "Kernel panic", NULL
};

/* And of all else, such as sleeping where none may: that is no access. */
static const char *const others[] = {
	"BUG: sleeping function", "BUG: scheduling while atomic", "WARNING: ", "INFO: task ",
	"rcu: INFO: ", NULL
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
static bool is_total(const struct hand_in *h, const struct truth *t, const struct reading *r,
		     int leaf, size_t begin)
{
	const size_t end = r->at[leaf];
	const int64_t more = (int64_t)r->leaf[leaf][EAX] - (int64_t)(end - begin);
	const int64_t failed = truth_count(t, EXIT_REASON_INVALID_STATE, end) -
			       truth_count(t, EXIT_REASON_INVALID_STATE, begin);
	int64_t least, most;

	weigh(h, t, begin, end, &least, &most);
	return more >= least - failed && more <= most + 1;
}

/*
 * What became of a module that was not loaded or removed. The kernel's log names a symbol that none
 * of those has which are loaded before it; the error is "no such file" then.
 */
static void judge_module_error(struct hand_in *h, enum criterion c, const char *words,
			       const struct module_step *step)
{
	static const char unknown[] = "Unknown symbol ";
	const char *symbol = h->kasan.console ? strstr(h->kasan.console, unknown) : NULL;

	if (!symbol) {
		finding_set(h->findings, c, STATE_LOST, "%s: %s, %s", words, step->at,
			    strerror(step->error));
		return;
	}
	symbol += strlen(unknown);
	finding_set(h->findings, c, STATE_LOST, "%s: %s asks for %.*s, which no module has that "
		    "is loaded before it: kvm-intel may use what kvm exports, and not the other "
		    "way round", words, step->at, (int)strcspn(symbol, " \n"), symbol);
}

/*
 * KVM's modules, removed and loaded again: nothing of them is left, so that the counters begin
 * anew. Returns whether that was looked at.
 */
static bool judge_modules(struct hand_in *h, int leaf)
{
	static const char *const words[MODULE_STEPS] = {
		"KVM's modules do not load",
		"KVM's modules cannot be removed when all VMs are gone",
		"KVM's modules do not load again, after they were removed",
	};
	const struct readings *all = &h->kasan.readings;
	const size_t last = all->modules_nr - 1;
	const struct reading *r = all->nr ? &all->all[all->nr - 1] : NULL;
	size_t begin;

	if (!all->modules_nr)
		return false;
	if (all->modules[last].error) {
		judge_module_error(h, last ? CRITERION_LIFE : CRITERION_BUILDS, words[last],
				   &all->modules[last]);
		return last;
	}
	if (!all->whole || all->modules_nr < MODULE_STEPS || !all->vms_nr || leaf < 0 ||
	    r->mark < all->vms[all->vms_nr - 1])
		return false;
	begin = vm_begin(&h->kasan.truth, all->vms[all->vms_nr - 1]);
	if (is_total(h, &h->kasan.truth, r, leaf, begin))
		return true;
	finding_set(h->findings, CRITERION_LIFE, STATE_LOST,
		    "after KVM's modules were removed and loaded again the total is %" PRIu64
		    ", and %zu exits were made since", r->leaf[leaf][EAX], r->at[leaf] - begin);
	return true;
}

static void judge_vms(struct hand_in *h, int leaf, bool again)
{
	const struct readings *all = &h->vms.readings;
	bool on = true, anew = true;
	size_t i, vm = 0;

	if (leaf < 0) {
		finding_set(h->findings, CRITERION_LIFE, STATE_SKIPPED,
			    "not looked at: no leaf answers with a total");
		return;
	}
	for (i = 0; i < all->nr; i++) {
		const struct reading *r = &all->all[i];
		size_t begin;
		bool goes_on, begins;

		while (vm < all->vms_nr && all->vms[vm] <= r->mark)
			vm++;
		if (!vm)
			continue;
		begin = vm_begin(&h->vms.truth, all->vms[vm - 1]);
		goes_on = is_total(h, &h->vms.truth, r, leaf, 0);
		begins = is_total(h, &h->vms.truth, r, leaf, begin);
		on &= goes_on;
		anew &= begins;
		if (!goes_on && !begins)
			finding_evidence(h->findings, CRITERION_LIFE, "VM %zu reads a total of %"
					 PRIu64 "; it has made %zu exits, and all VMs so far "
					 "%zu", vm,
					 r->leaf[leaf][EAX], r->at[leaf] - begin, r->at[leaf]);
	}
	if (!on && !anew)
		finding_set(h->findings, CRITERION_LIFE, STATE_LOST,
			    "in a second and a third VM the total is neither always their own "
			    "nor always that of all VMs since KVM was loaded");
	else
		finding_set(h->findings, CRITERION_LIFE, STATE_OK,
			    "a second VM's counters %s, and a third's beside it; %s",
			    on ? "go on from the first's" : "begin at 0", again ?
			    "KVM's modules were removed and loaded again, and counters begin anew" :
			    "not looked at: the module loaded again");
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

/* Of modules that cannot be loaded it is told elsewhere that nothing came behind. */
static void judge_sanitizers(struct hand_in *h)
{
	const struct readings *r = &h->kasan.readings;
	const char *complaint = find_complaint(h->kasan.console, complaints);

	if (!h->kasan.there)
		return;
	if (complaint)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "with KASAN and UBSAN the kernel says: %.*s", line_length(complaint),
			    complaint);
	else if (!r->whole && !(r->modules_nr && r->modules[r->modules_nr - 1].error))
		finding_set(h->findings, CRITERION_BOUNDS, STATE_LOST,
			    "with KASAN and UBSAN the guest does not come to its end");
}

static void judge_others(struct hand_in *h, const struct run *run, const char *who)
{
	const char *complaint = find_complaint(run->console, others);

	/* Where no entry has failed yet, a kernel that dies does not die of that. */
	if (!complaint && run == &h->vms && !run->readings.entry_begun)
		complaint = find_complaint(run->console, complaints);
	if (complaint)
		finding_set(h->findings, CRITERION_BUILDS, STATE_LOST,
			    "the kernel complains while a guest runs (%s): %.*s", who,
			    line_length(complaint), complaint);
}

void judge_life(struct hand_in *h)
{
	const bool entry = h->vms.there && h->vms.readings.entry_begun;
	int leaf = map_leaf(h->map, CARRIES_TOTAL);
	/* Of modules that were not loaded nobody saw anything. */
	const struct readings *kasan = &h->kasan.readings;
	const bool sanitized = h->kasan.there && !(kasan->modules_nr && kasan->modules[0].error);
	bool again;

	if (leaf >= 0 && !h->answered[leaf])
		leaf = -1;
	again = judge_modules(h, leaf);
	if (!h->vms.there)
		finding_set(h->findings, CRITERION_LIFE, STATE_SKIPPED,
			    "not looked at: a second VM, a VM that ends, the module loaded again");
	else if (!entry)
		finding_set(h->findings, CRITERION_LIFE, STATE_LOST,
			    "three VMs, one after the other and beside each other, do not run");
	else
		judge_vms(h, leaf, again);
	if (entry)
		judge_failed_entry(h);
	judge_others(h, &h->vms, "several VMs");
	judge_others(h, &h->kasan, "with KASAN");
	judge_sanitizers(h);
	if (!sanitized)
		finding_set(h->findings, CRITERION_BOUNDS, STATE_SKIPPED,
			    "not looked at: KASAN and UBSAN, which see what no answer shows; of "
			    "what was, no number in ECX reads past the counters%s",
			    entry ? ", and an entry that fails harms nothing" : "");
	finding_set(h->findings, CRITERION_BOUNDS, STATE_OK,
		    "no number in ECX reads past the counters%s; KASAN and UBSAN saw nothing",
		    entry ? ", and an entry that fails harms nothing" :
		    "; a failed entry was not looked at");
}
