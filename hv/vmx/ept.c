// SPDX-License-Identifier: GPL-2.0-only
/*
 * The EPT: where guest-physical addresses lead. RAM is mapped page by page at its
 * first touch, and stays, for all vCPUs. What a vCPU is to find outside RAM for the time
 * of one instruction is in tables of its own.
 *
 * Source: Intel SDM volume 3, chapter "VMX Support for Address Translation",
 * sections "EPT Translation Mechanism", "EPT Misconfigurations".
 */
#include "hv/boot/console.h"
#include "hv/smp/share.h"
#include "hv/vmx/ept.h"
#include "hv/vmx/vmcs.h"
#include "hv/vmx/vmx.h"

#define EPT_MISCONFIGURED	0x6ull		/* writable and not readable */
#define EPT_WRITE_BACK		(6ull << 3)
#define EPT_IGNORE_PAT		(1ull << 6)	/* the guest's PAT must not make RAM uncached */
#define EPT_ADDRESS		0x000ffffffffff000ull
#define EPTP_WRITE_BACK		6ull
#define EPTP_WALK_4		(3ull << 3)

/*
 * Tables for what is outside RAM: enough for all the pages that one instruction may touch.
 * A page for which there is none left stays a violation, which is found by a search.
 */
#define OUTSIDE_TABLES		192

/*
 * The 4-KByte entry of a guest-physical address, NULL if there are no tables left for it.
 * Others may walk the tables at the same time: one is whole before anything leads to it, and
 * stays where it is. Those of one vCPU begin as the way to those that all share, and what of
 * these lies on the way is copied.
 */
static u64 *find_entry(struct ept_tables *t, u64 gpa)
{
	u64 *table = (u64 *)t->start;

	for (u32 shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[gpa >> shift & 511];
		u8 *to = (u8 *)(*entry & EPT_ADDRESS);

		if (to < t->start || to >= t->end) {
			if (t->next == t->end)
				return NULL;
			if (to)
				memcpy(t->next, to, PAGE_SIZE);
			else
				memset(t->next, 0, PAGE_SIZE);
			to = t->next;
			t->next += PAGE_SIZE;
			WRITE_ONCE(*entry, (u64)to | EPT_READ_WRITE_EXECUTE);
		}
		table = (u64 *)to;
	}
	return &table[gpa >> 12 & 511];
}

static void begin_own(struct vcpu *v)
{
	memcpy(v->own.start, v->vm->tables.start, PAGE_SIZE);
	v->own.next = v->own.start + PAGE_SIZE;
}

/*
 * Let only @v find @value at @gpa; if its tables are used up, they begin anew. A table on the
 * way may have been copied, and a misconfiguration, unlike a violation, leaves what the CPU
 * knows of the old one: SDM "Operations that Invalidate Cached Mappings".
 */
static void set_own(struct vcpu *v, u64 gpa, u64 value)
{
	u64 *entry = find_entry(&v->own, gpa);

	if (!entry) {
		begin_own(v);
		entry = find_entry(&v->own, gpa);
	}
	*entry = value;
	vmx_flush_ept();
}

/* The next entries use these tables. */
static void use(const struct ept_tables *t)
{
	vmcs_write64(EPT_POINTER, (u64)t->start | EPTP_WALK_4 | EPTP_WRITE_BACK);
}

/* Let @n entries at @from lead to tables that follow each other; returns what is behind. */
static u8 *lead_to(u8 *from, u8 *tables, u64 n)
{
	for (u64 i = 0; i < n; i++, tables += PAGE_SIZE)
		((u64 *)from)[i] = (u64)tables | EPT_READ_WRITE_EXECUTE;
	return tables;
}

void ept_init(struct vm *vm)
{
	/* Each level is a row of tables: RAM's pages are an array, and so is what leads to it. */
	u64 leaves = (vm->ram.size / PAGE_SIZE + 511) / 512, directories = (leaves + 511) / 512;
	u64 own = (1 + OUTSIDE_TABLES) * PAGE_SIZE, ram = (2 + directories + leaves) * PAGE_SIZE;
	u64 shared = ram + own;
	u8 *upper, *directory;
	struct ept_tables *t = &vm->tables;

	/* A VM after this one has as much memory. */
	if (!t->start)
		t->start = boot_alloc(shared + vm->nr_vcpus * own, PAGE_SIZE);
	if (!t->start)
		die(MACHINE_CODE_USAGE, "no memory for the EPT: use a smaller mem=");
	t->end = t->start + shared;
	t->next = t->start + ram;
	memset(t->start, 0, ram);
	/* Tables for RAM now, so that nothing else can use them up. */
	upper = t->start + PAGE_SIZE;
	directory = lead_to(t->start, upper, 1);
	vm->ram_entries = (u64 *)lead_to(upper, directory, directories);
	lead_to(directory, (u8 *)vm->ram_entries, leaves);
	for (u32 i = 0; i < vm->nr_vcpus; i++)
		vm->vcpu[i]->own = (struct ept_tables){
			.start = t->end + i * own, .end = t->end + (i + 1) * own,
		};
}

void ept_share(struct vcpu *v)
{
	use(&v->vm->tables);
}

void ept_map(struct vcpu *v, u64 gpa, const void *page)
{
	u64 value = (u64)page | EPT_READ_WRITE_EXECUTE | EPT_WRITE_BACK | EPT_IGNORE_PAT;

	/* Needs no lock: who else maps this page at the same time writes the same. */
	WRITE_ONCE(v->vm->ram_entries[gpa / PAGE_SIZE], value);
	if (v->work & WORK_STEP)
		set_own(v, gpa, value);
}

void ept_misconfigure(struct vcpu *v, u64 gpa)
{
	u64 *entry;

	vm_lock(v);
	entry = find_entry(&v->vm->tables, gpa);
	if (entry)
		WRITE_ONCE(*entry, EPT_MISCONFIGURED);
	vm_unlock(v);
}

void ept_map_own(struct vcpu *v, u64 gpa, const void *page, u64 access)
{
	/* The first of a step: what the others have mapped since the last one is to be found. */
	if (!(v->work & WORK_STEP))
		begin_own(v);
	set_own(v, gpa, (u64)page | access | EPT_WRITE_BACK | EPT_IGNORE_PAT);
	use(&v->own);
}
