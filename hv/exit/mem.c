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
#include "hv/cpu/debug.h"
#include "hv/hv.h"
#include "hv/cpu/segment.h"
#include "hv/vcpu.h"

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

void vcpu_view(struct vcpu *v, struct view *view)
{
	view->v = v;
	view->is64 = vcpu_in_64bit(v);
	view->access = vcpu_access() | (view->is64 ? 0 : GMEM_LINEAR32);
	vcpu_paging(v, &view->cpu);
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

/* The segment's part of an access; returns false where it forbids it. */
static bool through_segment(const struct view *view, u32 segment, u64 offset, u64 bytes,
			    bool write, u64 *gla)
{
	u32 field = segment * VMCS_SEGMENT_STRIDE;
	struct segment s;

	if (view->is64) {
		*gla = offset + (segment < FS ? 0 : vmcs_read(GUEST_ES_BASE + field));
		return is_canonical(*gla) && is_canonical(*gla + bytes - 1);
	}
	s = (struct segment){
		.base = vmcs_read(GUEST_ES_BASE + field),
		.limit = vmcs_read(GUEST_ES_LIMIT + field),
		.rights = vmcs_read(GUEST_ES_ACCESS_RIGHTS + field),
	};
	*gla = (u32)(s.base + offset);
	return segment_allows(&s, offset, bytes, write);
}

bool view_allows(const struct view *view, u32 segment, u64 offset, u64 bytes)
{
	u64 gla;

	return through_segment(view, segment, offset, bytes, true, &gla);
}

bool view_find(struct view *view, u32 segment, u64 offset, u64 bytes, bool write,
	       struct gmem_span *span)
{
	struct vcpu *v = view->v;
	enum gmem_result result;
	struct gmem_fault fault;
	u64 gla;

	if (!through_segment(view, segment, offset, bytes, write, &gla)) {
		inject_exception(v, segment == SS ? VECTOR_SS : VECTOR_GP, 0);
		return false;
	}
	/* What is not 2, 4 or 8 bytes long has no alignment. */
	if (view->access & GMEM_USER && view->cpu.cr0 & CR0_AM && view->cpu.rflags & RFLAGS_AC &&
	    bytes <= 8 && gla & (bytes - 1)) {
		inject_exception(v, VECTOR_AC, 0);
		return false;
	}
	result = gmem_translate(&v->ram, &view->cpu, gla, bytes,
				view->access | (write ? GMEM_WRITE : 0), span, &fault);
	if (result != GMEM_OK) {
		inject_fault(v, result, &fault);
		return false;
	}
	vcpu_watch(v, write ? DEBUG_WRITE : DEBUG_READ, gla, bytes);
	return true;
}

bool view_read(struct view *view, u32 segment, u64 offset, void *data, u64 bytes)
{
	struct gmem_span span;

	if (!view_find(view, segment, offset, bytes, false, &span))
		return false;
	gmem_read_span(&view->v->ram, &span, data);
	return true;
}

bool view_write(struct view *view, u32 segment, u64 offset, const void *data, u64 bytes)
{
	struct gmem_span span;

	if (!view_find(view, segment, offset, bytes, true, &span))
		return false;
	gmem_write_span(&view->v->ram, &span, data);
	return true;
}

bool view_table(struct view *view, u64 gla, void *data, u64 bytes, bool write)
{
	struct gmem_fault fault;
	enum gmem_result result;
	struct gmem_span span;

	result = gmem_translate(&view->v->ram, &view->cpu, gla, bytes, write ? GMEM_WRITE : 0,
				&span, &fault);
	if (result != GMEM_OK) {
		inject_fault(view->v, result, &fault);
		return false;
	}
	if (write)
		gmem_write_span(&view->v->ram, &span, data);
	else
		gmem_read_span(&view->v->ram, &span, data);
	return true;
}

u32 view_code(struct view *view, u8 *bytes, u32 size)
{
	struct gmem_fault fault;
	u64 gla = vcpu_linear(view->v, CS, vmcs_readl(GUEST_RIP));

	if (gmem_copy_from(&view->v->ram, &view->cpu, gla, bytes, size,
			   GMEM_FETCH | view->access, &fault) == GMEM_OK)
		return size;
	return fault.address - gla;
}
