// SPDX-License-Identifier: GPL-2.0-only
/* Values that are likely to do harm. */
#include "tests/hostile/maker.h"

static uint64_t canonical(uint64_t x)
{
	return (uint64_t)((int64_t)(x << 16) >> 16);
}

uint64_t any_value(struct maker *m)
{
	static const uint64_t some[] = {
		0, 1, 2, 4, 7, 8, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x7fff,
		0x8000, 0xfff8, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
		0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
		0xfffffffffffffff8, 0xffffffff00000000, PARAMS, KERNEL, SLOTS, TABLES, GDT, IDT,
		LDT, TSS, HANDLER_TSS, SPARE_TSS, BLOCKS,
	};

	switch (below(m, 8)) {
	case 0:
		return any(m);
	case 1:
		return any(m) >> below(m, 64);
	case 2:
		return 1ull << below(m, 64);
	case 3:
		return (1ull << below(m, 64)) - 1 - below(m, 16);
	}
	return PICK(m, some);
}

uint32_t any_data(struct maker *m)
{
	return once(m, 2) ? DATA + below(m, MACHINE_RAM_LOW_END - DATA) :
			    MACHINE_RAM_HIGH_START + below(m, RAM_SIZE - MACHINE_RAM_HIGH_START);
}

uint64_t any_address(struct maker *m)
{
	static const uint64_t some[] = {
		0, 0x9fff8, 0x9ffff, 0xa0000, 0xb8000, 0xfffff, 0x100000, RAM_SIZE - 8,
		RAM_SIZE - 1, RAM_SIZE, 0xcffffff8, 0xd0000000, 0xd0001000, 0xfec00000,
		0xfee00000, 0xfee00020,
		0xfee00080, 0xfee000b0, 0xfee00300, 0xfee00310, 0xfee00380, 0xfee00390, 0xfee00ffe,
		0xfffffffc, 0xffffffff, 0x100000000, 0x40000000, 0x40001000, 0x40200ffc,
		0x7ffffffffff8, 0x7fffffffffff, 0x800000000000, 0xffff7fffffffffff,
		0xffff800000000000, 0xfffffffffffffffe, 0x6000000000, 0xffffe80000000000,
	};

	switch (below(m, 8)) {
	case 0:
		return PICK(m, some) + (below(m, 32) - 16);
	case 1:
	case 2:
		return PICK(m, some);
	case 3:
		return any_value(m);
	case 4:
		/* Whose memory is behind the end of the guest's? */
		if (once(m, 2))
			return RAM_SIZE + below(m, 0x100000);
		return canonical((1ull << (30 + below(m, 23))) - below(m, 32));
	}
	return any_data(m);
}

uint16_t any_selector(struct maker *m)
{
	static const uint16_t some[] = {
		0, 3, 4, SEL_CODE32, SEL_DATA32, SEL_CODE64, SEL_CODE16, SEL_DATA16, SEL_TSS,
		SEL_LDT, SEL_USER32, SEL_USER_DATA, SEL_USER64, SEL_HANDLER, SEL_SPARE,
		SEL_SLOTS16, 0xffff,
	};

	return once(m, 2) ? PICK(m, some) : SEL_FREE + below(m, 4096 - SEL_FREE);
}

uint64_t any_flags(struct maker *m)
{
	uint64_t flags = 2 | (any(m) & 0x8d5);

	if (!once(m, 5))
		flags |= RFLAGS_IF;
	if (once(m, 16))
		flags |= RFLAGS_TF;
	if (once(m, 5))
		flags |= 1ull << (10 + below(m, 12));
	return flags;
}
