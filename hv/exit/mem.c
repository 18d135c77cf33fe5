// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory as an instruction reaches it that hv carries out in the guest's
 * place: through a segment, the guest's page tables, to RAM or to what is outside.
 * All that stands in the way is raised here, in the processor's order.
 *
 * Source: Intel SDM volume 3, chapter "Protection", sections "Limit Checking", "Type
 * Checking"; chapter "Interrupt and Exception Handling", "Alignment Check Exception
 * (#AC)"; chapter "Debug, Branch Profile, TSC…", "Debug Registers".
 */
#include "hv/exit/inject.h"
#include "hv/exit/mem.h"

void vcpu_paging(struct vcpu *v, struct gmem_cpu *cpu)
{
	*cpu = (struct gmem_cpu){
		.cr0 = guest_real_cr0(v),
		.cr3 = guest_cr3(v),
		.cr4 = guest_real_cr4(v),
		.efer = v->efer,
		.rflags = guest_rflags(v),
		.maxphyaddr = v->maxphyaddr,
		.page1gb = v->page1gb,
	};
	/* Read only where they matter: when hv runs nested, each of these VMREADs is an exit. */
	if (cpu->cr4 & CR4_PAE && !(v->efer & EFER_LMA)) {
		for (u32 i = 0; i < 4; i++)
			cpu->pdpte[i] = guest_pdpte(v, i);
	}
}

void vcpu_hit(struct vcpu *v, enum debug_access access, u64 address, u64 bytes)
{
	u64 dr7 = guest_dr7(v);
	const u64 dr[4] = { read_dr0(), read_dr1(), read_dr2(), read_dr3() };

	if (dr7 & DR7_ENABLED)
		v->debug_hits |= debug_hits(dr7, dr, access, address, bytes);
}

void vcpu_view(struct vcpu *v, struct view *view)
{
	view->v = v;
	view->is64 = guest_in_64bit(v);
	view->access = (guest_cpl(v) == 3 ? GMEM_USER : 0) | (view->is64 ? 0 : GMEM_LINEAR32);
	vcpu_paging(v, &view->cpu);
}

bool view_linear(const struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
		 u64 *gla)
{
	struct segment s;

	if (view->is64) {
		*gla = offset + (segment < FS ? 0 : guest_segment_base(view->v, segment));
		return is_canonical(*gla) && is_canonical(*gla + bytes - 1);
	}
	guest_segment(view->v, segment, &s);
	*gla = (u32)(s.base + offset);
	return segment_allows(&s, offset, bytes, write);
}

bool view_find(struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
	       struct gmem_span *span)
{
	struct vcpu *v = view->v;
	struct gmem_fault fault;
	u64 gla;

	if (!view_linear(view, segment, offset, bytes, write, &gla)) {
		inject_exception(v, segment == SS ? VECTOR_SS : VECTOR_GP, 0);
		return false;
	}
	if (!gmem_translate(&v->ram, &view->cpu, gla, bytes,
			    view->access | (write ? GMEM_WRITE : 0), span, &fault)) {
		inject_fault(v, &fault);
		return false;
	}
	vcpu_watch(v, write ? DEBUG_WRITE : DEBUG_READ, gla, bytes);
	return true;
}

bool view_copy(struct view *view, u32 segment, u64 offset, void *data, u64 bytes,
	       enum insn_access access)
{
	struct gmem_span span;

	if (!view_find(view, segment, offset, bytes, access != INSN_READ, &span))
		return false;
	gmem_copy_span(&view->v->ram, &span, data, access == INSN_WRITE ? GMEM_WRITE : GMEM_READ);
	return true;
}

bool view_table(struct view *view, u64 gla, void *data, u64 bytes, bool write)
{
	struct gmem_fault fault;

	if (!gmem_copy(&view->v->ram, &view->cpu, gla, data, bytes,
		       GMEM_IMPLICIT | (write ? GMEM_WRITE : 0), &fault)) {
		inject_fault(view->v, &fault);
		return false;
	}
	vcpu_watch(view->v, write ? DEBUG_WRITE : DEBUG_READ, gla, bytes);
	return true;
}

u32 view_code(struct view *view, u8 *bytes, u32 size)
{
	struct gmem_fault fault;
	u64 gla = guest_rip(view->v);

	if (!view->is64)
		gla = (u32)(gla + guest_segment_base(view->v, CS));
	/* If the second of two pages faults, what is in the first will do. */
	while (size && !gmem_copy(&view->v->ram, &view->cpu, gla, bytes, size,
				  GMEM_FETCH | view->access, &fault))
		size = fault.address - gla;
	return size;
}
