// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leaves that are not the accounting's: the same answer in every mode of the
 * processor, but for SYSCALL, and the same as on the target without the accounting,
 * for which the word `cpuid` prints them.
 */
#include "guest/cpu.h"
#include "guest/rows.h"

/* Subleaves 0 to last_subleaf of each leaf. Their sum is NR_OTHER_LEAVES. */
static const struct range {
	uint32_t first, last, last_subleaf;
} ranges[] = {
	{ 0x00000000, 0x0000000c, 4 },
	{ 0x0000000d, 0x0000000d, 20 },
	{ 0x0000000e, 0x00000020, 3 },
	{ 0x40000000, 0x40000010, 0 },	/* the hypervisor's own */
	{ 0x40000100, 0x40000101, 0 },
	/* Next to the accounting's, on every side of its two ranges. */
	{ 0x4ffffefe, 0x4ffffeff, 1 },
	{ EXIT_ACCT_LEAF_LAST + 1, EXIT_ACCT_LEAF_LAST + 2, 1 },
	{ 0x4fffff80, 0x4fffff80, 1 },
	{ EXIT_ACCT_LEAF_COURSE - 2, EXIT_ACCT_LEAF_COURSE - 1, 1 },
	{ EXIT_ACCT_LEAF_COURSE_LAST + 1, EXIT_ACCT_LEAF_COURSE_LAST + 2, 1 },
	{ 0x7fffffff, 0x7fffffff, 0 },
	{ 0x80000000, 0x8000000a, 1 },
	{ 0x8000001d, 0x80000021, 0 },
	{ 0x8fffffff, 0x8fffffff, 0 },
	{ 0xc0000000, 0xc0000001, 0 },
	{ 0xffffffff, 0xffffffff, 0 },
};

#define LEAF_FEATURES	0x80000001u
#define EDX_SYSCALL	(1ull << 11)

static struct cpuid_request requests[NR_OTHER_LEAVES], mode_requests[NR_OTHER_LEAVES];

/* Returns false if the number in rows.h is not that of the table. */
static bool fill(struct cpuid_request *r)
{
	uint32_t leaf, subleaf, n = 0;
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		/* Counted this way, because one range may end at the last leaf of all. */
		for (leaf = ranges[i].first; leaf - ranges[i].first <=
		     ranges[i].last - ranges[i].first; leaf++) {
			for (subleaf = 0; subleaf <= ranges[i].last_subleaf; subleaf++) {
				if (n < NR_OTHER_LEAVES)
					r[n] = (struct cpuid_request) {
						.leaf = leaf, .subleaf = subleaf };
				n++;
			}
		}
	}
	if (n != NR_OTHER_LEAVES)
		note("NR_OTHER_LEAVES must be %lu", n, 0, 0, 0);
	return n == NR_OTHER_LEAVES;
}

static void ask_all(enum mode mode, struct cpuid_request *r)
{
	uint32_t n;

	for (n = 0; n < NR_OTHER_LEAVES; n += REQUESTS_MAX)
		cpuid_in(mode, r + n, NR_OTHER_LEAVES - n < REQUESTS_MAX ? NR_OTHER_LEAVES - n :
								   REQUESTS_MAX);
}

/* Processors announce SYSCALL in 64-bit mode alone, and so does hv. */
static bool same_answer(const struct cpuid_request *a, const struct cpuid_request *b)
{
	struct cpuid_request other = *b;

	if (a->leaf == LEAF_FEATURES)
		other.rdx ^= (a->rdx ^ b->rdx) & EDX_SYSCALL;
	return !memcmp(a, &other, sizeof(other));
}

enum result op_leaf_other(void)
{
	enum mode mode;
	bool good = fill(requests);
	uint32_t i;

	for (i = 0; good && i < NR_OTHER_LEAVES; i++) {
		struct cpuid_request *r = &requests[i];
		struct exit_acct_regs v = cpuid_get(r->leaf, r->subleaf);

		r->rax = v.eax;
		r->rbx = v.ebx;
		r->rcx = v.ecx;
		r->rdx = v.edx;
	}
	for (mode = 0; good && mode < NR_MODES; mode++) {
		fill(mode_requests);
		ask_all(mode, mode_requests);
		for (i = 0; i < NR_OTHER_LEAVES; i++) {
			if (same_answer(&mode_requests[i], &requests[i]))
				continue;
			note("leaf 0x%lx, ecx 0x%lx: another answer in mode %lu", requests[i].leaf,
			     requests[i].subleaf, mode, 0);
			good = false;
		}
	}
	return ok(good);
}

void leaves_print(void)
{
	uint32_t i;

	fill(requests);
	ask_all(MODE_64, requests);
	for (i = 0; i < NR_OTHER_LEAVES; i++)
		print("cpuid leaf=%u subleaf=%u eax=%lu ebx=%lu ecx=%lu edx=%lu\n",
		      requests[i].leaf, requests[i].subleaf, requests[i].rax, requests[i].rbx,
		      requests[i].rcx, requests[i].rdx);
}
