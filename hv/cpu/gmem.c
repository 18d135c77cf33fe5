// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory by guest-physical and guest-linear address. */
#include "hv/cpu/gmem.h"
#include "machine/machine.h"
#include "machine/x86.h"

#define PTE_P		(1ull << 0)
#define PTE_W		(1ull << 1)
#define PTE_U		(1ull << 2)
#define PTE_A		(1ull << 5)
#define PTE_D		(1ull << 6)
#define PTE_PS		(1ull << 7)
#define PTE_NX		(1ull << 63)

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Bits hi..lo. */
static uint64_t bits(unsigned int hi, unsigned int lo)
{
	return hi < lo ? 0 : (~0ull >> (63 - hi)) & (~0ull << lo);
}

void *gmem_ram(const struct gmem *m, uint64_t gpa, uint64_t len)
{
	uint64_t end = gpa < MACHINE_RAM_LOW_END ? min(m->size, MACHINE_RAM_LOW_END) : m->size;

	if ((gpa >= MACHINE_RAM_LOW_END && gpa < MACHINE_RAM_HIGH_START) ||
	    gpa >= end || len > end - gpa)
		return NULL;
	return m->base + gpa;
}

void gmem_copy_phys(const struct gmem *m, uint64_t gpa, void *buf, uint64_t len, uint32_t access)
{
	bool write = access & GMEM_WRITE;
	void *ram = gmem_ram(m, gpa, len);

	if (ram)
		memcpy(write ? ram : buf, write ? buf : ram, len);
	else if (m->outside)
		m->outside(m->ctx, gpa, buf, len, write);
	else if (!write)
		memset(buf, 0xff, len);
}

/* One paging mode: the shape of the walk. */
struct mode {
	uint8_t levels;		/* tables in memory; 2: a linear address has 32 bits */
	uint8_t index_bits;	/* of linear address for each */
	uint8_t entry;		/* bytes */
	uint8_t leaf;		/* highest level (1: page table) that may map a page itself */
	uint64_t frame;		/* where an entry holds an address */
	uint64_t reserved;	/* in every entry */
};

static struct mode paging_mode(const struct gmem_cpu *cpu)
{
	struct mode mode = {
		4, 9, 8, cpu->page1gb ? 3 : 2, .frame = bits(51, 12),
	};

	if (!(cpu->cr4 & CR4_PAE))
		return (struct mode){
			2, 10, 4, cpu->cr4 & CR4_PSE ? 2 : 1, .frame = bits(31, 12),
		};
	mode.reserved = bits(51, cpu->maxphyaddr);
	if (!(cpu->efer & EFER_NXE))
		mode.reserved |= PTE_NX;
	if (!(cpu->efer & EFER_LMA)) {
		mode.levels = 2;
		/* PAE paging knows no ignored bits up there. */
		mode.reserved |= bits(62, 52);
	}
	return mode;
}

static __attribute__((noinline)) uint64_t reserved_bits(const struct gmem_cpu *cpu,
							const struct mode *mode,
							unsigned int level, bool leaf,
							unsigned int shift)
{
	if (!leaf || level == 1)
		return level > 2 ? mode->reserved | PTE_PS : mode->reserved;
	/* PSE-36: bits 20:13 of a 4-MByte page are bits 39:32 of its address. */
	if (mode->entry == 4)
		return bits(21, (unsigned int)min(cpu->maxphyaddr, 40) - 19);
	/* Of another large page, all address bits but PAT (12) below its size. */
	return mode->reserved | bits(shift - 1, 13);
}

static uint64_t leaf_frame(const struct mode *mode, uint64_t pte, unsigned int level,
			   unsigned int shift)
{
	uint64_t frame = pte & mode->frame & ~0ull << shift;

	if (mode->entry == 4 && level == 2)
		frame |= (pte & bits(20, 13)) << 19;
	return frame;
}

/* SDM "Determination of Access Rights": @rights is the AND of the entries, NX the OR. */
static bool allowed(const struct gmem_cpu *cpu, uint32_t access, uint64_t rights, bool nx)
{
	bool user_page = rights & PTE_U, user = access & GMEM_USER;

	if (user && !user_page)
		return false;
	if (access & GMEM_FETCH)
		return !nx && !(user_page && !user && (cpu->cr4 & CR4_SMEP));
	if (user_page && !user && (cpu->cr4 & CR4_SMAP) &&
	    (access & GMEM_IMPLICIT || !(cpu->rflags & RFLAGS_AC)))
		return false;
	if ((access & GMEM_WRITE) && !(rights & PTE_W))
		return !user && !(cpu->cr0 & CR0_WP);
	return true;
}

/* A table is a page: no entry lies across its end. @entry is NULL outside RAM. */
static uint64_t read_entry(const struct gmem *m, const uint8_t *entry, uint64_t gpa,
			   unsigned int size)
{
	uint64_t pte = 0;

	if (!entry)
		gmem_copy_phys(m, gpa, &pte, size, GMEM_READ);
	else if (size == sizeof(pte))
		__builtin_memcpy(&pte, entry, sizeof(pte));
	else
		__builtin_memcpy(&pte, entry, sizeof(uint32_t));
	return pte;
}

/* Other vCPUs may change the entry at the same time: set flags, never store it whole. */
static void set_flags(uint8_t *entry, uint64_t flags)
{
	/* All flags are in the lowest byte, whatever the size of the entry. */
	if (entry && (*entry & flags) != flags)
		__atomic_fetch_or(entry, (uint8_t)flags, __ATOMIC_RELAXED);
}

/* For `return`: there is no translation. */
static bool page_fault(const struct gmem_cpu *cpu, struct gmem_fault *fault, uint64_t gla,
		       uint32_t access, uint32_t why)
{
	fault->address = gla;
	fault->error = why | (access & (GMEM_WRITE | GMEM_USER));
	fault->vector = VECTOR_PF;
	/* The I bit is there only where the CPU can tell fetches apart. */
	if ((access & GMEM_FETCH) && ((cpu->cr4 & CR4_SMEP) ||
				      ((cpu->cr4 & CR4_PAE) && (cpu->efer & EFER_NXE))))
		fault->error |= GMEM_FETCH;
	return false;
}

/* Finds the table that the walk in memory starts with. */
static bool root(const struct gmem_cpu *cpu, const struct mode *mode, uint64_t gla,
		 uint32_t access, uint64_t *table, struct gmem_fault *fault)
{
	uint64_t pdpte;

	if (mode->levels != 2 || mode->entry == 4) {
		*table = cpu->cr3 & mode->frame;
		return true;
	}
	/* Loading CR3 has checked the reserved bits of PDPTEs. */
	pdpte = cpu->pdpte[gla >> 30 & 3];
	*table = pdpte & mode->frame;
	return pdpte & PTE_P || page_fault(cpu, fault, gla, access, 0);
}

bool gmem_walk(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, uint32_t access,
	       uint64_t *gpa, struct gmem_fault *fault)
{
	struct mode mode = paging_mode(cpu);
	uint64_t table, at, pte, rights = PTE_W | PTE_U;
	unsigned int level, shift;
	uint8_t *entry[4];
	bool nx = false, leaf;

	if (!(cpu->cr0 & CR0_PG)) {
		*gpa = (uint32_t)gla;
		return true;
	}
	if (mode.levels == 2 || access & GMEM_LINEAR32) {
		gla = (uint32_t)gla;
	} else if (!is_canonical(gla)) {
		*fault = (struct gmem_fault){ .address = gla, .vector = VECTOR_GP };
		return false;
	}
	if (!root(cpu, &mode, gla, access, &table, fault))
		return false;

	shift = 12 + mode.levels * mode.index_bits;
	for (level = mode.levels;; level--) {
		shift -= mode.index_bits;
		at = table + (gla >> shift & ((1u << mode.index_bits) - 1)) * mode.entry;
		entry[level - 1] = gmem_ram(m, at, mode.entry);
		pte = read_entry(m, entry[level - 1], at, mode.entry);
		if (!(pte & PTE_P))
			return page_fault(cpu, fault, gla, access, 0);
		leaf = level == 1 || ((pte & PTE_PS) && level <= mode.leaf);
		if (pte & reserved_bits(cpu, &mode, level, leaf, shift))
			return page_fault(cpu, fault, gla, access, GMEM_PRESENT | GMEM_RSVD);
		rights &= pte;
		nx |= mode.entry == 8 && (pte & PTE_NX);
		if (leaf)
			break;
		table = pte & mode.frame;
	}
	if (!allowed(cpu, access, rights, nx))
		return page_fault(cpu, fault, gla, access, GMEM_PRESENT);

	for (unsigned int i = mode.levels; i > level; i--)
		set_flags(entry[i - 1], PTE_A);
	set_flags(entry[level - 1], access & GMEM_WRITE ? PTE_A | PTE_D : PTE_A);
	*gpa = leaf_frame(&mode, pte, level, shift) | (gla & bits(shift - 1, 0));
	return true;
}

bool gmem_translate(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, uint64_t len,
		    uint32_t access, struct gmem_span *span, struct gmem_fault *fault)
{
	/* Alignment is checked for operands of 2, 4 and 8 bytes. */
	if ((access & (GMEM_USER | GMEM_FETCH)) == GMEM_USER && cpu->cr0 & CR0_AM &&
	    cpu->rflags & RFLAGS_AC && len <= 8 && gla & (len - 1)) {
		*fault = (struct gmem_fault){ .address = gla, .vector = VECTOR_AC };
		return false;
	}
	span->first = min(len, MACHINE_PAGE_SIZE - gla % MACHINE_PAGE_SIZE);
	span->second = len - span->first;
	return gmem_walk(m, cpu, gla, access, &span->gpa[0], fault) &&
	       (!span->second ||
		gmem_walk(m, cpu, gla + span->first, access, &span->gpa[1], fault));
}

void gmem_copy_span(const struct gmem *m, const struct gmem_span *span, void *buf, uint32_t access)
{
	gmem_copy_phys(m, span->gpa[0], buf, span->first, access);
	if (span->second)
		gmem_copy_phys(m, span->gpa[1], (uint8_t *)buf + span->first, span->second, access);
}

bool gmem_copy(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, void *buf,
	       uint64_t len, uint32_t access, struct gmem_fault *fault)
{
	struct gmem_span span;

	if (!gmem_translate(m, cpu, gla, len, access, &span, fault))
		return false;
	gmem_copy_span(m, &span, buf, access);
	return true;
}
