// SPDX-License-Identifier: GPL-2.0-only
/* Lists of numbers with their exits. */
#include <stdlib.h>
#include <string.h>
#include "guest/linux/detail.h"

void numbers_add(struct numbers *n, const struct number *one)
{
	if (n->nr == n->room) {
		n->room = n->room ? 2 * n->room : 64;
		n->at = realloc(n->at, n->room * sizeof(*n->at));
		if (!n->at)
			abort();
	}
	n->at[n->nr++] = *one;
}

void numbers_add_all(struct numbers *n, const struct numbers *other)
{
	size_t i;

	for (i = 0; i < other->nr; i++)
		numbers_add(n, &other->at[i]);
}

static int compare(const void *a, const void *b)
{
	const struct number *x = a, *y = b;

	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void numbers_sum(struct numbers *n)
{
	struct number *to = n->at;
	size_t i;

	if (!n->nr)
		return;
	qsort(n->at, n->nr, sizeof(*n->at), compare);
	for (i = 1; i < n->nr; i++) {
		if (compare(to, &n->at[i])) {
			*++to = n->at[i];
			continue;
		}
		to->count += n->at[i].count;
		to->handler += n->at[i].handler;
	}
	n->nr = to + 1 - n->at;
}

void numbers_subtract(struct numbers *n, const struct numbers *before)
{
	const struct number *b = before->at, *end = before->at + before->nr;
	size_t i;

	for (i = 0; i < n->nr; i++) {
		struct number *a = &n->at[i];

		while (b < end && compare(b, a) < 0)
			b++;
		if (b == end || compare(b, a))
			continue;
		a->count -= b->count < a->count ? b->count : a->count;
		a->handler -= b->handler < a->handler ? b->handler : a->handler;
	}
	n->seconds -= before->seconds;
}

void numbers_free(struct numbers *n)
{
	free(n->at);
	*n = (struct numbers) { 0 };
}
