// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory from below: the EPT, and accesses to where there is no RAM.
 *
 * RAM is mapped page by page at its first touch. A page outside RAM gets an
 * entry that is misconfigured on purpose at its first touch: later ones exit
 * with another reason, and need no search. KVM does both, hence so does hv.
 *
 * Source: Intel SDM volume 3, chapter "VMX Support for Address Translation",
 * sections "EPT Translation Mechanism", "EPT Misconfigurations"; table "Exit
 * Qualification for EPT Violations".
 */
#include "machine.h"
#include "hv.h"
#include "insn.h"
#include "vcpu.h"

#define EPT_ACCESS		0x7ull		/* read, write, execute */
#define EPT_WRITE_BACK		(6ull << 3)
#define EPT_IGNORE_PAT		(1ull << 6)	/* the guest's PAT must not make RAM uncached */
#define EPT_MISCONFIGURED	0x6ull		/* writable and not readable */
#define EPT_ADDRESS		0x000ffffffffff000ull
#define EPT_WIDTH		48		/* bits of an address, with four levels */
#define EPTP_WRITE_BACK		6ull
#define EPTP_WALK_4		(3ull << 3)
#define VIOLATION_FINAL		(1ull << 8)	/* of the page, not of a page table */
#define VIOLATION_NMI_UNBLOCKED	(1ull << 12)

/* Tables for MMIO. When they are used up, every access exits with a violation. */
#define MMIO_TABLES		64
#define PAGE_2M			0x200000ull

static struct {
	u8 *start, *next, *end;
} pool;

/*
 * The 4-KByte entry of a guest-physical address; NULL when no table is left, or
 * for an address that is wider than what four levels translate.
 */
static u64 *ept_entry(struct vcpu *v, u64 gpa)
{
	u64 *table = v->ept_root;

	if (gpa >> EPT_WIDTH)
		return NULL;
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

u64 ept_init(struct vcpu *v)
{
	/* The root, three levels down to any address, a table for each 2 MiB. */
	u64 tables = 1 + 3 + 1 + v->ram.size / PAGE_2M + MMIO_TABLES;

	/* A VM after this one has as much memory. */
	if (!pool.start)
		pool.start = boot_alloc(tables * PAGE_SIZE, PAGE_SIZE);
	if (!pool.start)
		die(MACHINE_CODE_USAGE, "no memory for the EPT: use a smaller mem=");
	pool.next = memset(pool.start, 0, tables * PAGE_SIZE);
	pool.end = pool.start + tables * PAGE_SIZE;
	v->ept_root = (u64 *)pool.next;
	pool.next += PAGE_SIZE;
	/* Tables for RAM now, so that MMIO cannot use them up. */
	for (u64 gpa = 0; gpa < v->ram.size; gpa += PAGE_2M)
		ept_entry(v, gpa);
	return (u64)v->ept_root | EPTP_WALK_4 | EPTP_WRITE_BACK;
}

void vcpu_paging(const struct vcpu *v, struct gmem_cpu *cpu)
{
	*cpu = (struct gmem_cpu){
		.cr0 = vmcs_readl(GUEST_CR0),
		.cr3 = vmcs_readl(GUEST_CR3),
		.cr4 = vmcs_readl(GUEST_CR4),
		.efer = v->efer,
		.rflags = vmcs_readl(GUEST_RFLAGS),
		.maxphyaddr = guest_maxphyaddr(),
		.page1gb = guest_cpuid(0x80000001, 0)->edx >> 26 & 1,
	};
	/* Nobody else looks at them, and they are no shadow fields: each is an exit, nested. */
	if (cpu->cr4 & CR4_PAE && !(v->efer & EFER_LMA)) {
		cpu->pdpte[0] = vmcs_read64(GUEST_PDPTE0);
		cpu->pdpte[1] = vmcs_read64(GUEST_PDPTE1);
		cpu->pdpte[2] = vmcs_read64(GUEST_PDPTE2);
		cpu->pdpte[3] = vmcs_read64(GUEST_PDPTE3);
	}
}

bool vcpu_read(struct vcpu *v, u64 gla, void *data, u64 bytes, u32 access)
{
	struct gmem_fault fault;
	enum gmem_result result;
	struct gmem_cpu cpu;

	vcpu_paging(v, &cpu);
	result = gmem_copy_from(&v->ram, &cpu, gla, data, bytes, access, &fault);
	if (result != GMEM_OK)
		inject_fault(v, result, &fault);
	return result == GMEM_OK;
}

bool vcpu_write(struct vcpu *v, u64 gla, const void *data, u64 bytes, u32 access)
{
	struct gmem_fault fault;
	enum gmem_result result;
	struct gmem_cpu cpu;

	vcpu_paging(v, &cpu);
	result = gmem_copy_to(&v->ram, &cpu, gla, data, bytes, access, &fault);
	if (result != GMEM_OK)
		inject_fault(v, result, &fault);
	return result == GMEM_OK;
}

/* Fetch and decode the instruction at RIP; false if an exception was raised. */
static bool fetch(struct vcpu *v, struct insn *insn)
{
	bool is64 = vcpu_in_64bit(v);
	u32 bits = is64 ? 64 : vmcs_read32(GUEST_CS_ACCESS_RIGHTS) & SEGMENT_BIG ? 32 : 16;
	u64 rip = vmcs_readl(GUEST_RIP);
	u64 gla = vcpu_linear(v, CS, rip);
	u8 bytes[INSN_MAX_BYTES] = { 0 };
	u32 n = sizeof(bytes);
	enum insn_result decoded;
	enum gmem_result result;
	struct gmem_fault fault;
	struct gmem_cpu cpu;

	vcpu_paging(v, &cpu);
	result = gmem_copy_from(&v->ram, &cpu, gla, bytes, n, GMEM_FETCH | vcpu_access(), &fault);
	if (result != GMEM_OK)
		n = fault.address - gla;
	decoded = insn_decode(insn, bytes, n, bits);
	if (decoded == INSN_OK)
		return true;
	if (decoded == INSN_TRUNCATED && result != GMEM_OK) {
		inject_fault(v, result, &fault);
		return false;
	}
	/* As KVM: what it cannot emulate is #UD for a program, and the kernel's end. */
	if (decoded == INSN_INVALID || vcpu_cpl() == 3) {
		inject_exception(v, VECTOR_UD);
		return false;
	}
	vcpu_die(v, CAUSE_UNHANDLED, "access to 0x%lx, outside RAM, by an instruction that hv "
		 "does not know: %02x %02x %02x %02x %02x %02x %02x %02x at 0x%lx",
		 vmcs_read64(GUEST_PHYSICAL_ADDRESS), bytes[0], bytes[1], bytes[2], bytes[3],
		 bytes[4], bytes[5], bytes[6], bytes[7], rip);
}

u64 vcpu_linear(const struct vcpu *v, u32 segment, u64 offset)
{
	bool is64 = vcpu_in_64bit(v);

	/* FS and GS only have a base in 64-bit mode. */
	if (is64 && segment < FS)
		return offset;
	offset += vmcs_read(GUEST_ES_BASE + segment * VMCS_SEGMENT_STRIDE);
	return is64 ? offset : (u32)offset;
}

/* Outside RAM there is the APIC's page, and else nothing: all ones, writes are ignored. */
static u64 mmio_read(struct vcpu *v, u64 gpa, u32 size)
{
	if (size == 4 && lapic_has_page(&v->lapic, gpa))
		return lapic_read_page(&v->lapic, gpa & (PAGE_SIZE - 1), guest_tsc(v));
	return ~0ull;
}

static void mmio_write(struct vcpu *v, u64 gpa, u32 size, u64 value)
{
	if (size != 4 || !lapic_has_page(&v->lapic, gpa))
		return;
	lapic_write_page(&v->lapic, gpa & (PAGE_SIZE - 1), value, guest_tsc(v));
	v->work |= WORK_EVENTS | WORK_TIMER;
}

/* The access that exited. */
struct access {
	struct vcpu *v;
	u64 gpa;
	bool only;	/* the instruction has no other operand in memory */
};

/* As KVM, do not walk for what can only be the access that exited. */
static bool is_known(const struct access *a, u64 gla, u64 bytes)
{
	return a->only && !((gla ^ a->gpa) % PAGE_SIZE) && gla % PAGE_SIZE + bytes <= PAGE_SIZE;
}

static bool bus_read(void *context, u32 segment, u64 offset, u64 *data, u32 bytes, bool to_write)
{
	const struct access *a = context;
	u64 gla = vcpu_linear(a->v, segment, offset);

	if (!is_known(a, gla, bytes))
		return vcpu_read(a->v, gla, data, bytes,
				 vcpu_access() | (to_write ? GMEM_WRITE : 0));
	*data = mmio_read(a->v, a->gpa, bytes);
	return true;
}

static bool bus_write(void *context, u32 segment, u64 offset, u64 data, u32 bytes)
{
	const struct access *a = context;
	u64 gla = vcpu_linear(a->v, segment, offset);

	if (!is_known(a, gla, bytes))
		return vcpu_write(a->v, gla, &data, bytes, vcpu_access());
	mmio_write(a->v, a->gpa, bytes, data);
	return true;
}

/* Do the instruction that touched something outside RAM. */
static void emulate(struct vcpu *v, bool final)
{
	u64 rflags = vmcs_readl(GUEST_RFLAGS);
	struct access access = { v, vmcs_read64(GUEST_PHYSICAL_ADDRESS), final };
	struct insn_bus bus = { &access, bus_read, bus_write, .stack_size = 8 };
	enum insn_progress progress;
	struct insn insn;

	if (vmcs_read32(IDT_VECTORING_INFO) & EVENT_VALID)
		vcpu_die(v, CAUSE_STUCK, "the delivery of event 0x%x uses 0x%lx, outside RAM",
			 vmcs_read32(IDT_VECTORING_INFO), access.gpa);
	if (!fetch(v, &insn))
		return;
	vcpu_sync_rsp(v);
	access.only &= insn.op < INSN_PUSH;
	bus.next_rip = vmcs_readl(GUEST_RIP) + insn.length;
	if (!vcpu_in_64bit(v))
		bus.stack_size = vmcs_read32(GUEST_SS_ACCESS_RIGHTS) & SEGMENT_BIG ? 4 : 2;
	progress = insn_run(&insn, v->regs, &rflags, &bus);
	vmcs_writel(GUEST_RSP, v->regs[RSP]);
	vmcs_writel(GUEST_RFLAGS, rflags);
	if (progress == INSN_DONE)
		vcpu_advance(v, insn.length);
}

void handle_ept_violation(struct vcpu *v)
{
	u64 gpa = vmcs_read64(GUEST_PHYSICAL_ADDRESS) & EPT_ADDRESS;
	void *page = gmem_ram(&v->ram, gpa, PAGE_SIZE);
	u64 *entry = ept_entry(v, gpa);

	if (!page) {
		if (entry)
			*entry = EPT_MISCONFIGURED;
		/* Or it is the CPU that reads a page table there, not the instruction. */
		emulate(v, vmcs_readl(EXIT_QUALIFICATION) & VIOLATION_FINAL);
		return;
	}
	*entry = (u64)page | EPT_ACCESS | EPT_WRITE_BACK | EPT_IGNORE_PAT;
	/* An IRET that faulted here must find NMIs blocked when it is run again. */
	if (!reinject_event(v) && vmcs_readl(EXIT_QUALIFICATION) & VIOLATION_NMI_UNBLOCKED)
		vmcs_write32(GUEST_INTERRUPTIBILITY,
			     vmcs_read32(GUEST_INTERRUPTIBILITY) | BLOCKING_BY_NMI);
}

void handle_ept_misconfig(struct vcpu *v)
{
	emulate(v, true);
}
