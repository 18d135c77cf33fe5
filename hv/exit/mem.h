/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory as an instruction of the guest's reaches it (mem.c). */
#pragma once

#include "hv/cpu/debug.h"
#include "hv/vmx/guest.h"

/** vcpu_paging - what a translation of a guest-linear address depends on */
void vcpu_paging(struct vcpu *v, struct gmem_cpu *cpu);

/** vcpu_hit - vcpu_watch() where there may be breakpoints */
void vcpu_hit(struct vcpu *v, enum debug_access access, u64 address, u64 bytes)
	__attribute__((cold));

/** vcpu_watch - an access of the instruction has succeeded: it may have met breakpoints */
static inline void vcpu_watch(struct vcpu *v, enum debug_access access, u64 address, u64 bytes)
{
	/* Most guests never use one: spare them a VMREAD, which is an exit when hv runs nested. */
	if (unlikely(v->debugging))
		vcpu_hit(v, access, address, bytes);
}

/* What of a vCPU decides where the accesses of one instruction go. */
struct view {
	struct vcpu *v;
	struct gmem_cpu cpu;
	u32 access;		/* GMEM_USER, GMEM_LINEAR32 */
	bool is64;
};

/** vcpu_view - read it from the VMCS, once for an instruction */
void vcpu_view(struct vcpu *v, struct view *view);

/**
 * view_one_by_one - a single step or a breakpoint may come behind each iteration of a string
 * instruction, or an interrupt behind the first, which a shadow has held back until then
 */
static inline bool view_one_by_one(const struct view *view)
{
	return view->cpu.rflags & RFLAGS_TF || guest_blocking(view->v) & BLOCKING_SHADOWS ||
	       (view->v->debugging && guest_dr7(view->v) & DR7_ENABLED);
}

/** view_bits - of the code: 16, 32 or 64 */
static inline u32 view_bits(const struct view *view)
{
	return view->is64 ? 64 : guest_segment_rights(view->v, CS) & SEGMENT_BIG ? 32 : 16;
}

/**
 * view_linear - the segment's part of an access: @gla receives its linear address
 *
 * Returns false where the segment, or the canonical form, forbids it. Nothing is raised.
 */
bool view_linear(const struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
		 u64 *gla);

/**
 * view_find - find where an access goes, and that it may be made
 * @segment: ES … GS
 * @bytes: at most a page
 * @span: receives it
 *
 * Returns false if an exception was raised instead: #GP, #SS, #AC or #PF.
 */
bool view_find(struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
	       struct gmem_span *span);

/** view_copy - read or write likewise, RAM or what is outside */
bool view_copy(struct view *view, u32 segment, u64 offset, void *data, u64 bytes,
	       enum insn_access access);

/** view_table - read or write a descriptor, as the CPU does at any privilege level */
bool view_table(struct view *view, u64 gla, void *data, u64 bytes, bool write);

/** view_code - copy what is at RIP; returns how many bytes of @size can be fetched */
u32 view_code(struct view *view, u8 *bytes, u32 size);
