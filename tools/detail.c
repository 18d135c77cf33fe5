// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_detail.h"
#include "tools/detail.h"
#include "tools/tool.h"

static int order(const void *a, const void *b)
{
	const struct detail *x = a, *y = b;

	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	if (x->vcpu != y->vcpu)
		return x->vcpu < y->vcpu ? -1 : 1;
	if (x->rest != y->rest)
		return x->rest ? 1 : -1;
	return x->number < y->number ? -1 : x->number > y->number;
}

struct detail *details_at(struct details *all, const struct detail *key)
{
	struct detail **found = tfind(key, &all->tree, order), *new;

	if (found)
		return *found;
	new = memcpy(tool_memory(malloc(sizeof(*new))), key, sizeof(*new));
	tool_memory(tsearch(new, &all->tree, order));
	memset(new->count, 0, sizeof(new->count));
	memset(new->handler, 0, sizeof(new->handler));
	all->nr++;
	return new;
}

bool details_vcpu(const struct record *r, uint64_t *vcpu)
{
	const char *scope;

	if (!record_text(r, "scope", &scope))
		return false;
	return (!strncmp(scope, "vcpu", 4) && record_parse(scope + 4, vcpu) &&
		*vcpu < MACHINE_CPUS_MAX) || record_refuse(r, "scope=%s is not a vCPU", scope);
}

bool details_read(const struct record *r, int who, struct detail *d)
{
	const char *number;

	if (!record_number(r, "reason", &d->reason) || !record_text(r, "number", &number) ||
	    !record_number(r, "count", &d->count[who]) ||
	    !record_number(r, "handler", &d->handler[who]))
		return false;
	if (d->reason > UINT32_MAX || !exit_detail_kind(d->reason))
		return record_refuse(r, "reason=%" PRIu64 ": no number tells its exits apart",
				     d->reason);
	d->rest = !strcmp(number, "rest");
	return d->rest || record_number(r, "number", &d->number);
}

bool details_take(struct details *all, const struct record *r, int who)
{
	struct detail one = { 0 }, *d;
	uint64_t lines;

	if (!details_vcpu(r, &one.vcpu))
		return false;
	if (all->there[one.vcpu][who])
		return record_refuse(r, "a second `%s' table of vCPU %" PRIu64, r->word, one.vcpu);
	if (record_find(r, "lines")) {
		all->there[one.vcpu][who] = true;
		return record_number(r, "lines", &lines) &&
		       (lines == all->lines[one.vcpu][who] ||
			record_refuse(r, "lines are missing: lines=%" PRIu64 ", but there are %"
				      PRIu64 " before it", lines, all->lines[one.vcpu][who]));
	}
	all->lines[one.vcpu][who]++;
	if (!details_read(r, who, &one))
		return false;
	d = details_at(all, &one);
	if (d->count[who])
		return record_refuse(r, "a second number=%s of reason %" PRIu64,
				     record_find(r, "number"), one.reason);
	d->count[who] = one.count[who];
	d->handler[who] = one.handler[who];
	return true;
}

bool details_whole(const struct details *all, const struct record *r, int who)
{
	bool some = false;

	for (unsigned int vcpu = 0; vcpu < MACHINE_CPUS_MAX; vcpu++) {
		if (all->lines[vcpu][who] && !all->there[vcpu][who])
			return record_refuse(r, "no `detail' record with lines= of vCPU %u: cut "
					     "short", vcpu);
		some |= all->there[vcpu][who];
	}
	return some || record_refuse(r, "no `detail' records: run it with --detail");
}

static void add_sorted(const void *node, VISIT visit, void *ctx)
{
	struct details *all = ctx;

	if (visit == postorder || visit == leaf)
		all->sorted[all->nr++] = *(struct detail *const *)node;
}

void details_sort(struct details *all)
{
	all->sorted = tool_memory(calloc(all->nr + 1, sizeof(all->sorted[0])));
	all->nr = 0;
	twalk_r(all->tree, add_sorted, all);
}

struct details details_sum(struct details *all, void (*fold)(struct detail *d))
{
	struct details sums = { 0 };

	details_sort(all);
	for (size_t i = 0; i < all->nr; i++) {
		struct detail one = *all->sorted[i], *sum;

		fold(&one);
		sum = details_at(&sums, &one);
		for (int who = 0; who < DETAIL_WHO; who++) {
			sum->count[who] += one.count[who];
			sum->handler[who] += one.handler[who];
		}
	}
	details_sort(&sums);
	return sums;
}
