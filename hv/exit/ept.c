// SPDX-License-Identifier: GPL-2.0-only
/*
 * The EPT: where guest-physical addresses lead. RAM is mapped page by page at its
 * first touch, and stays. What is outside RAM has entries that come and go.
 *
 * Source: Intel SDM volume 3, chapter "VMX Support for Address Translation",
 * sections "EPT Translation Mechanism", "EPT Misconfigurations".
 */
#include "machine/machine.h"
#include "hv/hv.h"
#include "hv/vcpu.h"

#define EPT_ACCESS		0x7ull		/* read, write, execute */
#define EPT_ADDRESS		0x000ffffffffff000ull
#define EPTP_WRITE_BACK		6ull
#define EPTP_WALK_4		(3ull << 3)

/*
 * Tables for what is outside RAM: when they are used up, all of them are taken back.
 * Enough for all the pages that one instruction may touch.
 */
#define OUTSIDE_TABLES		192
#define PAGE_2M			0x200000ull

static struct {
	u8 *start, *next, *outside, *end;
} pool;

/* The 4-KByte entry of a guest-physical address; NULL when no table is left. */
static u64 *find_entry(struct vcpu *v, u64 gpa)
{
	u64 *table = v->ept_root;

	for (u32 shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[gpa >> shift & 511];

		if (!*entry) {
			if (pool.next == pool.end)
				return NULL;
			*entry = (u64)pool.next | EPT_ACCESS;
			pool.next += PAGE_SIZE;
		}
		table = (u64 *)(*entry & EPT_ADDRESS);
	}
	return &table[gpa >> 12 & 511];
}

/* Tables for RAM were taken first, and only they lead to others. */
static void take_back(struct vcpu *v)
{
	for (u64 *entry = v->ept_root; entry < (u64 *)pool.outside; entry++) {
		u64 address = *entry & EPT_ADDRESS;

		if (address >= (u64)pool.outside && address < (u64)pool.end)
			*entry = 0;
	}
	memset(pool.outside, 0, pool.end - pool.outside);
	pool.next = pool.outside;
	vmx_flush_ept();
}

u64 ept_init(struct vcpu *v)
{
	/* The root, three levels down to any address, a table for each 2 MiB. */
	u64 tables = 1 + 3 + 1 + v->ram.size / PAGE_2M + OUTSIDE_TABLES;

	/* A VM after this one has as much memory. */
	if (!pool.start)
		pool.start = boot_alloc(tables * PAGE_SIZE, PAGE_SIZE);
	if (!pool.start)
		die(MACHINE_CODE_USAGE, "no memory for the EPT: use a smaller mem=");
	pool.next = memset(pool.start, 0, tables * PAGE_SIZE);
	pool.end = pool.start + tables * PAGE_SIZE;
	v->ept_root = (u64 *)pool.next;
	pool.next += PAGE_SIZE;
	/* Tables for RAM now, so that nothing else can use them up. */
	for (u64 gpa = 0; gpa < v->ram.size; gpa += PAGE_2M)
		find_entry(v, gpa);
	pool.outside = pool.next;
	return (u64)v->ept_root | EPTP_WALK_4 | EPTP_WRITE_BACK;
}

u64 *ept_entry(struct vcpu *v, u64 gpa)
{
	u64 *entry = find_entry(v, gpa);

	if (entry)
		return entry;
	take_back(v);
	return find_entry(v, gpa);
}
