// SPDX-License-Identifier: GPL-2.0-only
/*
 * The EPT: where guest-physical addresses lead. RAM is mapped page by page at its
 * first touch, and stays. What is outside RAM has entries that come and go.
 *
 * Source: Intel SDM volume 3, chapter "VMX Support for Address Translation",
 * sections "EPT Translation Mechanism", "EPT Misconfigurations".
 */
#include "hv/boot/console.h"
#include "hv/vmx/ept.h"
#include "hv/vmx/vmx.h"
#include "machine/machine.h"

#define EPT_MISCONFIGURED	0x6ull		/* writable and not readable */
#define EPT_WRITE_BACK		(6ull << 3)
#define EPT_IGNORE_PAT		(1ull << 6)	/* the guest's PAT must not make RAM uncached */
#define EPT_ADDRESS		0x000ffffffffff000ull
#define EPTP_WRITE_BACK		6ull
#define EPTP_WALK_4		(3ull << 3)

/*
 * Tables for what is outside RAM: when they are used up, all of them are taken back.
 * Enough for all the pages that one instruction may touch.
 */
#define OUTSIDE_TABLES		192
#define PAGE_2M			0x200000ull

/* Tables for RAM were taken first, and only they lead to others. */
static void take_back(struct vm *vm)
{
	for (u64 *entry = (u64 *)vm->tables.start; entry < (u64 *)vm->tables.outside; entry++) {
		u64 address = *entry & EPT_ADDRESS;

		if (address >= (u64)vm->tables.outside && address < (u64)vm->tables.end)
			*entry = 0;
	}
	memset(vm->tables.outside, 0, vm->tables.end - vm->tables.outside);
	vm->tables.next = vm->tables.outside;
	vmx_flush_ept();
}

/* The 4-KByte entry of a guest-physical address, which is lost when no table is left. */
static u64 *find_entry(struct vm *vm, u64 gpa)
{
	u64 *table = (u64 *)vm->tables.start;

	for (u32 shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[gpa >> shift & 511];

		if (!*entry) {
			if (vm->tables.next == vm->tables.end) {
				take_back(vm);
				return find_entry(vm, gpa);
			}
			*entry = (u64)vm->tables.next | EPT_READ_WRITE_EXECUTE;
			vm->tables.next += PAGE_SIZE;
		}
		table = (u64 *)(*entry & EPT_ADDRESS);
	}
	return &table[gpa >> 12 & 511];
}

u64 ept_init(struct vm *vm)
{
	/* The root, three levels down to any address, a table for each 2 MiB. */
	u64 tables = 1 + 3 + 1 + vm->ram.size / PAGE_2M + OUTSIDE_TABLES;

	/* A VM after this one has as much memory. */
	if (!vm->tables.start)
		vm->tables.start = boot_alloc(tables * PAGE_SIZE, PAGE_SIZE);
	if (!vm->tables.start)
		die(MACHINE_CODE_USAGE, "no memory for the EPT: use a smaller mem=");
	vm->tables.next = memset(vm->tables.start, 0, tables * PAGE_SIZE);
	vm->tables.end = vm->tables.start + tables * PAGE_SIZE;
		vm->tables.next += PAGE_SIZE;
	/* Tables for RAM now, so that nothing else can use them up. */
	for (u64 gpa = 0; gpa < vm->ram.size; gpa += PAGE_2M)
		find_entry(vm, gpa);
	vm->tables.outside = vm->tables.next;
	return (u64)vm->tables.start | EPTP_WALK_4 | EPTP_WRITE_BACK;
}

void ept_map(struct vm *vm, u64 gpa, const void *page, u64 access)
{
	*find_entry(vm, gpa) = (u64)page | access | EPT_WRITE_BACK | EPT_IGNORE_PAT;
}

void ept_misconfigure(struct vm *vm, u64 gpa)
{
	*find_entry(vm, gpa) = EPT_MISCONFIGURED;
}
