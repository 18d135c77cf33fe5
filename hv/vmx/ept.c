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
#include "machine/machine.h"

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
#define PAGE_2M			0x200000ull

/* A vCPU's own tables begin as the way to those that all share. */
static void begin_own(struct vcpu *v)
{
	memcpy(v->own.start, v->vm->tables.start, PAGE_SIZE);
	v->own.next = v->own.start + PAGE_SIZE;
}

/*
 * The 4-KByte entry of a guest-physical address, NULL if there are no tables left for it.
 * Of one vCPU's, @own: tables on the way that all share are copied. Others may walk those at
 * the same time: a table is whole before anything leads to it, and stays where it is.
 */
static u64 *find_entry(struct ept_tables *t, u64 gpa, bool own)
{
	u64 *table = (u64 *)t->start;

	for (u32 shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[gpa >> shift & 511];
		u8 *to = (u8 *)(*entry & EPT_ADDRESS);

		if (!to || (own && (to < t->start || to >= t->end))) {
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

/* Likewise of those that only @v has; when they are used up, they begin anew. */
static u64 *find_own(struct vcpu *v, u64 gpa)
{
	u64 *entry = find_entry(&v->own, gpa, true);

	if (entry)
		return entry;
	begin_own(v);
	vmx_flush_ept();
	return find_entry(&v->own, gpa, true);
}

static void set_shared(struct vcpu *v, u64 gpa, u64 value)
{
	u64 *entry;

	vm_lock(v);
	entry = find_entry(&v->vm->tables, gpa, false);
	if (entry)
		WRITE_ONCE(*entry, value);
	vm_unlock(v);
}

/* The next entries use these tables. */
static void use(const struct ept_tables *t)
{
	vmcs_write64(EPT_POINTER, (u64)t->start | EPTP_WALK_4 | EPTP_WRITE_BACK);
}

void ept_init(struct vm *vm)
{
	/* The root, three levels down to any address, a table for each 2 MiB. */
	u64 shared = (1 + 3 + 1 + vm->ram.size / PAGE_2M + OUTSIDE_TABLES) * PAGE_SIZE;
	u64 own = (1 + OUTSIDE_TABLES) * PAGE_SIZE;
	struct ept_tables *t = &vm->tables;

	/* A VM after this one has as much memory. */
	if (!t->start)
		t->start = boot_alloc(shared + vm->nr_vcpus * own, PAGE_SIZE);
	if (!t->start)
		die(MACHINE_CODE_USAGE, "no memory for the EPT: use a smaller mem=");
	t->end = t->start + shared;
	memset(t->start, 0, PAGE_SIZE);
	t->next = t->start + PAGE_SIZE;
	/* Tables for RAM now, so that nothing else can use them up. */
	for (u64 gpa = 0; gpa < vm->ram.size; gpa += PAGE_2M)
		find_entry(t, gpa, false);
	/* And then those that begin with what all share. */
	for (u32 i = 0; i < vm->nr_vcpus; i++) {
		u8 *start = t->end + i * own;

		vm->vcpu[i]->own = (struct ept_tables){ start, NULL, start + own };
		begin_own(vm->vcpu[i]);
	}
}

void ept_share(struct vcpu *v)
{
	use(&v->vm->tables);
}

void ept_map(struct vcpu *v, u64 gpa, const void *page)
{
	u64 value = (u64)page | EPT_READ_WRITE_EXECUTE | EPT_WRITE_BACK | EPT_IGNORE_PAT;

	set_shared(v, gpa, value);
	/* The way to RAM has been there from the start. */
	if (v->work & WORK_STEP)
		*find_entry(&v->own, gpa, false) = value;
}

void ept_misconfigure(struct vcpu *v, u64 gpa)
{
	set_shared(v, gpa, EPT_MISCONFIGURED);
}

void ept_map_own(struct vcpu *v, u64 gpa, const void *page, u64 access)
{
	*find_own(v, gpa) = (u64)page | access | EPT_WRITE_BACK | EPT_IGNORE_PAT;
	use(&v->own);
}

void ept_unmap_own(struct vcpu *v, u64 gpa)
{
	*find_own(v, gpa) = EPT_MISCONFIGURED;
}
