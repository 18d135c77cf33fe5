// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "machine/machine.h"
#include "tools/detail.h"
#include "tools/tool.h"

#define CR_ACCESS	28

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
	new = malloc(sizeof(*new));
	if (!new || !tsearch(memcpy(new, key, sizeof(*new)), &all->tree, order)) {
		tool_refuse("out of memory");
		exit(TOOL_CANNOT);
	}
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

bool details_take(struct details *all, const struct record *r, int who)
{
	struct detail key = { 0 }, *d;
	uint64_t lines, count, handler;
	const char *number;

	if (!details_vcpu(r, &key.vcpu))
		return false;
	if (all->there[key.vcpu][who])
		return record_refuse(r, "a second `%s' table of vCPU %" PRIu64, r->word, key.vcpu);
	if (record_find(r, "lines")) {
		if (!record_number(r, "lines", &lines))
			return false;
		all->there[key.vcpu][who] = true;
		return lines == all->lines[key.vcpu][who] ||
		       record_refuse(r, "lines are missing: lines=%" PRIu64 ", but there are %"
				     PRIu64 " before it", lines, all->lines[key.vcpu][who]);
	}
	all->lines[key.vcpu][who]++;
	if (!record_number(r, "reason", &key.reason) || !record_text(r, "number", &number) ||
	    !record_number(r, "count", &count) || !record_number(r, "handler", &handler))
		return false;
	key.rest = !strcmp(number, "rest");
	if (!key.rest && !record_parse(number, &key.number))
		return record_refuse(r, "number=%s is not a number", number);
	if (all->lower && key.reason == CR_ACCESS)
		key.number = (uint32_t)key.number;
	if (all->together)
		key.vcpu = 0;
	d = details_at(all, &key);
	/* None has two places; but where what tells two apart is left out they are one. */
	if (d->count[who] && !all->together && !(all->lower && key.reason == CR_ACCESS))
		return record_refuse(r, "a second number=%s of reason %" PRIu64, number,
				     key.reason);
	d->count[who] += count;
	d->handler[who] += handler;
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
	all->sorted = calloc(all->nr + 1, sizeof(all->sorted[0]));
	if (!all->sorted) {
		tool_refuse("out of memory");
		exit(TOOL_CANNOT);
	}
	all->nr = 0;
	twalk_r(all->tree, add_sorted, all);
}
