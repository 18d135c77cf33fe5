// SPDX-License-Identifier: GPL-2.0-only
/* Memory that nobody uses. */
#include "hv/boot/ranges.h"

void ranges_available(struct ranges *r, uint64_t start, uint64_t size)
{
	if (r->nr_available < RANGES_AVAILABLE_MAX)
		r->available[r->nr_available++] = (struct range) { start, start + size };
}

void ranges_used(struct ranges *r, uint64_t start, uint64_t end)
{
	r->used[r->nr_used++] = (struct range) { start, end };
}

/* Ranges that touch may hold it together; each can serve once. */
bool ranges_contain(const struct ranges *r, uint64_t start, uint64_t end)
{
	uint32_t i = 0;

	while (start < end && i < r->nr_available) {
		const struct range *a = &r->available[i++];

		if (a->start <= start && start < a->end) {
			start = a->end;
			i = 0;
		}
	}
	return start >= end;
}

/* The first address from @start on where @size bytes are free of used ranges. */
static uint64_t skip_used(const struct ranges *r, uint64_t start, uint64_t size, uint64_t align)
{
	uint32_t i;

	do {
		start = (start + align - 1) & -align;
		for (i = 0; i < r->nr_used; i++) {
			if (start < r->used[i].end && r->used[i].start < start + size) {
				start = r->used[i].end;
				break;
			}
		}
	} while (i < r->nr_used);
	return start;
}

uint64_t ranges_take(struct ranges *r, uint64_t size, uint64_t align, uint64_t limit)
{
	for (uint32_t i = 0; i < r->nr_available && r->nr_used < RANGES_USED_MAX; i++) {
		uint64_t end = r->available[i].end < limit ? r->available[i].end : limit;
		uint64_t start = skip_used(r, r->available[i].start, size, align);

		if (start < end && size <= end - start) {
			ranges_used(r, start, start + size);
			return start;
		}
	}
	return 0;
}
