// SPDX-License-Identifier: GPL-2.0-only
/* What a segment is, and what it allows. */
#include "hv/cpu/segment.h"

void segment_decode(struct segment *s, u16 selector, u64 descriptor)
{
	s->selector = selector;
	s->base = (descriptor >> 16 & 0xffffff) | (descriptor >> 32 & 0xff000000);
	s->limit = (descriptor & 0xffff) | (descriptor >> 32 & 0xf0000);
	s->rights = descriptor >> 40 & 0xf0ff;
	if (s->rights & SEGMENT_PAGES)
		s->limit = s->limit << 12 | 0xfff;
}

bool segment_allows(const struct segment *s, u64 offset, u64 bytes, bool write)
{
	u64 last = offset + bytes - 1;
	bool code = s->rights & SEGMENT_CODE;

	/* Code is never written, and data is always read: one bit allows the other access. */
	if (s->rights & SEGMENT_UNUSABLE || (write && code) ||
	    (write != code && !(s->rights & SEGMENT_WRITABLE)))
		return false;
	if (!code && s->rights & SEGMENT_EXPAND_DOWN)
		return offset > s->limit &&
		       last <= (s->rights & SEGMENT_BIG ? 0xffffffff : 0xffff);
	return last <= s->limit || s->limit == 0xffffffff;
}
