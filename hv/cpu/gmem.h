/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory as the guest's own instructions see it: the walk from linear to
 * physical address through the guest's page tables, and copies that use it.
 * What is outside guest RAM is asked for where the copy ends up: a device answers,
 * or nobody, and then all ones are read and writes vanish. That holds for page
 * tables there too.
 *
 * Source: Intel SDM volume 3, chapter "Paging", sections "32-Bit Paging", "PAE
 * Paging", "4-Level Paging and 5-Level Paging" (four are all: no CPUID of hv's has LA57),
 * "Access Rights", "Page-Fault Exceptions", "Accessed and Dirty Flags".
 */
#pragma once

#include "acct/exit_types.h"

/* Guest RAM, from guest-physical 0; the PC hole inside it is not RAM (machine.h). */
struct gmem {
	uint8_t *base;
	uint64_t size;		/* bytes */
	/* What answers outside RAM, for bytes of one page; NULL: nobody. */
	void (*outside)(void *ctx, uint64_t gpa, void *buf, uint64_t len, bool write);
	void *ctx;
};

/* What of the guest's state decides on a translation. */
struct gmem_cpu {
	uint64_t cr0, cr3, cr4, efer, rflags;
	uint64_t pdpte[4];	/* PAE paging: the PDPTE registers, not the table at CR3 */
	uint8_t maxphyaddr;	/* bits, 32..52; what the guest's CPUID says */
	bool page1gb;		/* 1-GByte pages in the guest's CPUID */
};

/* Kind of access, and error code of a #PF: the same bits. */
#define GMEM_PRESENT	(1u << 0)	/* error code only */
#define GMEM_WRITE	(1u << 1)
#define GMEM_USER	(1u << 2)	/* CPL 3, and not an implicit supervisor access */
#define GMEM_RSVD	(1u << 3)	/* error code only */
#define GMEM_FETCH	(1u << 4)
#define GMEM_READ	0u
/* Of an access alone: to a table of the processor's own, which EFLAGS.AC does not concern. */
#define GMEM_IMPLICIT	(1u << 30)
/* And: outside 64-bit mode a linear address has 32 bits. */
#define GMEM_LINEAR32	(1u << 31)

/*
 * What to raise: #PF; #AC(0) where the user's access is not aligned and is checked for it;
 * #GP(0), or #SS(0) for a stack, where the address is not canonical.
 */
struct gmem_fault {
	uint64_t address;	/* linear, of the first byte; of a #PF, goes to CR2 */
	uint32_t error, vector;
};

/**
 * gmem_ram - find guest RAM
 * @gpa: guest-physical address
 * @len: bytes
 *
 * Returns a pointer to it, or NULL if not all of [@gpa, @gpa + @len) is RAM.
 */
void *gmem_ram(const struct gmem *m, uint64_t gpa, uint64_t len);

/**
 * gmem_copy_phys - read @len bytes of one page at guest-physical @gpa, wherever that is
 * @access: with GMEM_WRITE write them instead
 */
void gmem_copy_phys(const struct gmem *m, uint64_t gpa, void *buf, uint64_t len, uint32_t access);

/**
 * gmem_walk - translate a guest-linear address
 * @access: GMEM_READ, GMEM_WRITE or GMEM_FETCH, with GMEM_USER, with GMEM_IMPLICIT, or without
 * @gpa: receives the guest-physical address
 * @fault: receives what to raise if the result is false
 *
 * Sets accessed and dirty flags, as the access itself would, and only if it is
 * allowed. Protection keys and CET are unknown here: do not announce them.
 */
bool gmem_walk(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, uint32_t access,
	       uint64_t *gpa, struct gmem_fault *fault);

/* Where bytes that follow each other are, in one page or in two. */
struct gmem_span {
	uint64_t gpa[2];
	uint64_t first, second;		/* bytes in each */
};

/**
 * gmem_translate - find where an access of @len bytes, at most a page, goes
 * @access: as of gmem_walk()
 * @span: receives it
 *
 * A device is asked for nothing, and nothing is written but accessed and dirty flags:
 * what a device loses by a read can be read after this. Returns false if @fault is due.
 */
bool gmem_translate(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, uint64_t len,
		    uint32_t access, struct gmem_span *span, struct gmem_fault *fault);

/** gmem_copy_span - read what gmem_translate() found; or write it, with GMEM_WRITE */
void gmem_copy_span(const struct gmem *m, const struct gmem_span *span, void *buf, uint32_t access);

/**
 * gmem_copy - read @len bytes, at most a page, at guest-linear @gla; or write, with GMEM_WRITE
 *
 * Reads and writes nothing unless it can all of it: then @fault tells the first byte
 * that faulted. Returns false if that is due.
 */
bool gmem_copy(const struct gmem *m, const struct gmem_cpu *cpu, uint64_t gla, void *buf,
	       uint64_t len, uint32_t access, struct gmem_fault *fault);
