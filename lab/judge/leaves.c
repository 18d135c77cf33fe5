// SPDX-License-Identifier: GPL-2.0-only
/*
 * The leaves, register by register: what must be zero, what is asked of reasons that are not
 * defined or do not occur, and that no other leaf has changed. How much is in a register is
 * for counts.c and cycles.c.
 */
#include <inttypes.h>
#include <string.h>
#include "guest/modes.h"
#include "lab/judge/judge.h"

static const char *const register_names[REGISTERS] = { "EAX", "EBX", "ECX", "EDX" };

static uint32_t leaf_number(int leaf)
{
	return READING_FIRST_LEAF - leaf;
}

static bool is_native(const struct reading *r)
{
	return !strcmp(r->mode, "64");
}

/*
 * Registers that a hand-in leaves as they are, by leaf: that is found where there is a reason,
 * and must not be found a second time where there is none.
 */
static bool stale[READING_LEAVES][REGISTERS];

/* Are they 0, with that in EDX? */
static bool are(const struct reading *r, int leaf, uint64_t edx)
{
	const uint64_t want[REGISTERS] = { [EDX] = edx };
	int reg;

	for (reg = 0; reg < REGISTERS; reg++) {
		/* Upper halves are looked at by themselves. */
		if ((uint32_t)r->leaf[leaf][reg] != want[reg] && !stale[leaf][reg])
			return false;
	}
	return true;
}

/* An undefined reason, as the course has it. */
static bool says_undefined(const struct reading *r, int leaf)
{
	return are(r, leaf, 0xffffffff);
}

static bool all_zero(const struct reading *r, int leaf)
{
	return are(r, leaf, 0);
}

/* Does the leaf answer what any unknown one does? */
static bool as_unknown(const struct reading *r, int leaf)
{
	return !memcmp(r->leaf[leaf], r->leaf[READING_LEAVES - 1], sizeof(r->leaf[leaf]));
}

static bool by_reason(uint8_t carries)
{
	return carries & (CARRIES_COUNT | CARRIES_CYCLES);
}

/* Which of the map's leaves does the hand-in answer at all? In 64-bit mode, by somebody. */
static void find_answered(struct hand_in *h)
{
	const struct readings *all = &h->one.readings;
	bool some = false;
	size_t i;
	int leaf;

	for (leaf = 0; leaf < READING_LEAVES; leaf++) {
		if (!h->map->leaf[leaf])
			continue;
		for (i = 0; i < all->nr && !h->answered[leaf]; i++)
			h->answered[leaf] = !as_unknown(&all->all[i], leaf);
		some |= h->answered[leaf];
	}
	/* Of one that is missing, what it should answer is charged where that is asked for. */
	if (!some)
		finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_LOST,
			    "none of the leaves is answered: they read as any unknown leaf does");
}

/* Registers in which the leaf carries something. */
static bool carries_in(uint8_t carries, int reg)
{
	if (reg == EAX)
		return carries & (CARRIES_TOTAL | CARRIES_COUNT);
	if (reg == EBX || reg == ECX)
		return carries & (CARRIES_TOTAL_CYCLES | CARRIES_CYCLES);
	return false;
}

static const char *what_is_it(const struct reading *r, int leaf, int reg)
{
	const uint64_t value = r->leaf[leaf][reg];

	if ((uint32_t)value == POISON)
		return "it is what the guest had there before: the register is never written";
	if (reg == ECX && (uint32_t)value == r->ecx)
		return "it is ECX as it was on input: the register is never written";
	if ((value & 0xffff0000) == 0xffff0000)
		return "it looks like half of a kernel address: a variable of the host that was "
		       "never set reaches the guest";
	return "nothing is to be there in this semester's map";
}

/* Registers that the map does not use, and upper halves. */
static void check_unused(struct hand_in *h, const struct reading *r, int leaf)
{
	const uint8_t carries = h->map->leaf[leaf];
	const uint64_t *v = r->leaf[leaf];
	bool defined = !by_reason(carries) || exit_acct_defined(r->ecx);
	int reg;

	for (reg = 0; reg < REGISTERS; reg++) {
		if (v[reg] >> 32)
			finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_LOST,
				    "leaf 0x%x: the upper half of R%s is not clear (mode %s)",
				    leaf_number(leaf), register_names[reg] + 1, r->mode);
		/* What an undefined reason answers is another criterion. */
		if (!defined || carries_in(carries, reg) || !v[reg] ||
		    (by_reason(carries) && says_undefined(r, leaf)))
			continue;
		stale[leaf][reg] = true;
		finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_LOST,
			    "leaf 0x%x: %s is 0x%" PRIx64 " and should be 0; %s",
			    leaf_number(leaf), register_names[reg], v[reg],
			    what_is_it(r, leaf, reg));
		finding_evidence(h->findings, CRITERION_LEAF_REGISTERS,
				 "mode %s, leaf 0x%x, ECX %u: %s is 0x%" PRIx64, r->mode,
				 leaf_number(leaf), r->ecx, register_names[reg], v[reg]);
	}
}

/* A leaf that is answered, but not for everybody who asks. */
static bool check_mode(struct hand_in *h, const struct reading *r, int leaf)
{
	bool emulated = !strcmp(r->mode, READING_EMULATED);

	if (is_native(r) || !as_unknown(r, leaf))
		return true;
	finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_LOST, emulated ?
		    "leaf 0x%x is not answered where KVM's instruction emulator executes CPUID: "
		    "it calls kvm_cpuid(), and never kvm_emulate_cpuid() (mode %s)" :
		    "leaf 0x%x is answered for callers in 64-bit mode, but not in mode %s: CPUID "
		    "looks the same in every mode", leaf_number(leaf), r->mode);
	return false;
}

/* Is there a value in a register, where there is none to be? */
static bool answers(const struct reading *r, int leaf)
{
	int reg;

	for (reg = EAX; reg <= ECX; reg++) {
		if ((uint32_t)r->leaf[leaf][reg] && !stale[leaf][reg])
			return true;
	}
	return false;
}

/* Does another number that is not defined, but could be a reason, have the same answer? */
static bool is_usual(const struct hand_in *h, const struct reading *r, int leaf)
{
	const struct readings *all = &h->one.readings;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		const struct reading *other = &all->all[i];

		if (other->ecx < READING_BEYOND && !exit_acct_defined(other->ecx) &&
		    !memcmp(other->leaf[leaf], r->leaf[leaf], sizeof(r->leaf[leaf])))
			return true;
	}
	return false;
}

static void lose_undefined(struct hand_in *h, const struct reading *r, int leaf)
{
	const uint64_t *v = r->leaf[leaf];
	/* A count, cycles or an address where there is no reason: it was read past the array. */
	enum criterion c = r->ecx >= READING_BEYOND && answers(r, leaf) && !is_usual(h, r, leaf) ?
			   CRITERION_BOUNDS : CRITERION_LEAF_UNDEFINED;

	if (c == CRITERION_BOUNDS)
		finding_set(h->findings, c, STATE_LOST,
			    "leaf 0x%x answers for ECX = 0x%x, where there is no reason: the "
			    "number that the guest chose goes into an array unchecked, or is cut "
			    "to fewer bits before it is checked", leaf_number(leaf), r->ecx);
	else
		finding_set(h->findings, c, STATE_LOST, all_zero(r, leaf) ?
			    "leaf 0x%x: EDX is 0 and not 0xffffffff for reason %u, which the SDM "
			    "does not define" :
			    "leaf 0x%x: for reason %u, which the SDM does not define, EAX, EBX "
			    "and ECX are not 0 with EDX 0xffffffff", leaf_number(leaf), r->ecx);
	finding_evidence(h->findings, c, "leaf 0x%x, ECX 0x%x: EAX 0x%" PRIx64 " EBX 0x%" PRIx64
			 " ECX 0x%" PRIx64 " EDX 0x%" PRIx64, leaf_number(leaf), r->ecx, v[EAX],
			 v[EBX], v[ECX], v[EDX]);
}

static void lose_disabled(struct hand_in *h, const struct reading *r, int leaf)
{
	const uint64_t *v = r->leaf[leaf];

	finding_set(h->findings, CRITERION_LEAF_DISABLED, STATE_LOST, says_undefined(r, leaf) ?
		    "leaf 0x%x says of reason %s that the SDM does not define it; it does, and "
		    "where KVM does not enable it all four registers are 0" :
		    "leaf 0x%x: not all registers are 0 for reason %s, which does not occur",
		    leaf_number(leaf), reason_text(r->ecx));
	finding_evidence(h->findings, CRITERION_LEAF_DISABLED, "leaf 0x%x, reason %s: EAX 0x%"
			 PRIx64 " EBX 0x%" PRIx64 " ECX 0x%" PRIx64 " EDX 0x%" PRIx64,
			 leaf_number(leaf), reason_text(r->ecx), v[EAX], v[EBX], v[ECX], v[EDX]);
}

/* Of a leaf that is asked for a reason: is it one that can have an answer? */
static void check_reason(struct hand_in *h, const struct reading *r, int leaf)
{
	const uint64_t *v = r->leaf[leaf];
	bool occurred;

	if (!by_reason(h->map->leaf[leaf]))
		return;
	if (!exit_acct_defined(r->ecx)) {
		/* Past the array the kernel dies of it in the end: that is charged there. */
		if (!says_undefined(r, leaf) &&
		    (r->ecx < VMX_EXIT_REASONS_NR || !run_died_asking(h, &h->one)))
			lose_undefined(h, r, leaf);
		return;
	}
	occurred = truth_count(&h->one.truth, r->ecx, h->one.truth.nr);
	if (occurred && says_undefined(r, leaf) && !all_zero(r, leaf))
		finding_set(h->findings, CRITERION_COUNT_REASON, STATE_LOST,
			    "leaf 0x%x says that the SDM does not define reason %s: it does, and "
			    "it occurs", leaf_number(leaf), reason_text(r->ecx));
	/* A count where nothing is to be counted is for counts.c. */
	if (!occurred && !h->shift && !all_zero(r, leaf) && (says_undefined(r, leaf) || !v[EAX]))
		lose_disabled(h, r, leaf);
}

static void check_others(struct hand_in *h)
{
	const struct readings *with = &h->one.readings, *without = &h->unpatched.readings;
	size_t i;

	if (!without->others_nr) {
		finding_set(h->findings, CRITERION_LEAF_OTHERS, STATE_SKIPPED,
			    "not looked at: there is no run of the unchanged kernel to compare "
			    "with");
		return;
	}
	if (with->others_nr != without->others_nr) {
		finding_set(h->findings, CRITERION_LEAF_OTHERS, STATE_LOST,
			    "%zu answers of other leaves are printed, and %zu without the change",
			    with->others_nr, without->others_nr);
		return;
	}
	for (i = 0; i < with->others_nr; i++) {
		if (!strcmp(with->others[i].answer, without->others[i].answer))
			continue;
		finding_set(h->findings, CRITERION_LEAF_OTHERS, STATE_LOST,
			    "leaf 0x%x, which is not the assignment's, answers something else "
			    "than without the change", with->others[i].leaf);
		finding_evidence(h->findings, CRITERION_LEAF_OTHERS,
				 "leaf 0x%x subleaf %u: %s; without the change %s",
				 with->others[i].leaf, with->others[i].subleaf,
				 with->others[i].answer, without->others[i].answer);
	}
	finding_set(h->findings, CRITERION_LEAF_OTHERS, STATE_OK,
		    "%zu other leaves answer as without the change", with->others_nr);
}

/*
 * Are EBX and ECX of a leaf the wrong way round? Then the number is far more than the time that
 * there was, and the other way it is not.
 */
static void find_swapped(struct hand_in *h, int leaf)
{
	const struct readings *all = &h->one.readings;
	const struct truth *t = &h->one.truth;
	size_t wrong = 0, good = 0, i;

	if (!h->answered[leaf] || !carries_in(h->map->leaf[leaf], ECX))
		return;
	for (i = 0; i < all->nr; i++) {
		const struct reading *r = &all->all[i];
		const uint64_t *v = r->leaf[leaf];
		uint64_t time = t->all[r->at[leaf]].ticks - t->all[0].ticks;

		if (!is_native(r))
			continue;
		wrong += v[EBX] && (v[EBX] << 32 | v[ECX]) > time &&
			 (v[ECX] << 32 | v[EBX]) <= time;
		good += v[EBX] ? (v[EBX] << 32 | v[ECX]) <= time : !!v[ECX];
	}
	h->swapped[leaf] = wrong && !good;
	if (h->swapped[leaf])
		finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_LOST,
			    "leaf 0x%x: EBX and ECX are the wrong way round: EBX has to be the "
			    "upper 32 bits of the cycles, and ECX the lower", leaf_number(leaf));
}

static void for_each_answer(struct hand_in *h,
			    void (*check)(struct hand_in *h, const struct reading *r, int leaf))
{
	const struct readings *all = &h->one.readings;
	size_t i;
	int leaf;

	for (i = 0; i < all->nr; i++) {
		for (leaf = 0; leaf < READING_LEAVES; leaf++) {
			if (h->answered[leaf] && check_mode(h, &all->all[i], leaf))
				check(h, &all->all[i], leaf);
		}
	}
}

void judge_leaves(struct hand_in *h)
{
	const struct readings *all = &h->one.readings;
	static const char missing[] = "no leaf answers for a reason";
	bool emulated = false, reasons = false;
	size_t i;
	int leaf;

	check_others(h);
	if (!h->map)
		return;
	find_answered(h);
	for (leaf = 0; leaf < READING_LEAVES; leaf++)
		find_swapped(h, leaf);
	h->shift = counts_shift(h);
	memset(stale, 0, sizeof(stale));
	for_each_answer(h, check_unused);
	for_each_answer(h, check_reason);
	for (leaf = 0; leaf < READING_LEAVES; leaf++)
		reasons |= h->answered[leaf] && by_reason(h->map->leaf[leaf]);
	for (i = 0; i < all->nr; i++)
		emulated |= !strcmp(all->all[i].mode, READING_EMULATED);
	finding_set(h->findings, CRITERION_LEAF_REGISTERS, STATE_OK,
		    "every register is as the map says, in all modes%s", emulated ?
		    " and where KVM's emulator executes CPUID" : "");
	if (!reasons) {
		finding_set(h->findings, CRITERION_LEAF_UNDEFINED, STATE_LOST, "%s", missing);
		finding_set(h->findings, CRITERION_LEAF_DISABLED, STATE_LOST, "%s", missing);
		finding_set(h->findings, CRITERION_BOUNDS, STATE_SKIPPED, "%s", missing);
		return;
	}
	finding_set(h->findings, CRITERION_LEAF_UNDEFINED, STATE_OK,
		    "reasons that the SDM does not define answer so");
	finding_set(h->findings, CRITERION_LEAF_DISABLED, STATE_OK,
		    "reasons that do not occur are 0 in all registers");
}
