// SPDX-License-Identifier: GPL-2.0-only
/* What a segment allows. */
#include "hv/cpu/segment.h"

bool segment_allows(const struct segment *s, u64 offset, u64 bytes, bool write)
{
	u64 last = offset + bytes - 1;

	if (s->rights & SEGMENT_UNUSABLE)
		return false;
	if (s->rights & SEGMENT_CODE) {
		if (write || !(s->rights & SEGMENT_READABLE))
			return false;
	} else {
		if (write && !(s->rights & SEGMENT_WRITABLE))
			return false;
		if (s->rights & SEGMENT_EXPAND_DOWN)
			return offset > s->limit &&
			       last <= (s->rights & SEGMENT_BIG ? 0xffffffff : 0xffff);
	}
	return last <= s->limit || s->limit == 0xffffffff;
}
