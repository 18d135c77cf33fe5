// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that exit only when intercept= says so: done in the guest's
 * place, so that it does not notice. Faults by privilege level come before
 * these exits and need no check here, but for INVPCID's.
 *
 * Source: Intel SDM volume 2, one section for each instruction.
 */
#include "hv/exit/exit.h"
#include "hv/exit/mem.h"

enum { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL, INVPCID_NOT_GLOBAL };

void handle_rdtsc(struct vcpu *v)
{
	u64 tsc = guest_tsc(v);

	v->regs[RAX] = (u32)tsc;
	v->regs[RDX] = tsc >> 32;
	vcpu_skip(v);
}

void handle_rdtscp(struct vcpu *v)
{
	v->regs[RCX] = (u32)rdmsr(MSR_TSC_AUX);
	handle_rdtsc(v);
}

void handle_invlpg(struct vcpu *v)
{
	/* A processor may flush more than it is told to: all, and the address does not matter. */
	vmx_flush_guest();
	vcpu_skip(v);
}

/* Read or write, as INFO_LOAD says, @bytes of the operand in memory, from @at on. */
static bool operand(struct view *view, u32 info, u64 at, void *data, u64 bytes)
{
	u64 offset = (exit_offset(view->v, info) + at) & INFO_ADDRESS_MASK(info);

	return view_copy(view, INFO_SEGMENT(info), offset, data, bytes,
			 info & INFO_LOAD ? INSN_READ : INSN_WRITE);
}

/*
 * Bytes of a register operand, by the prefixes: for SLDT and STR the
 * instruction-information field does not say it, and for RDRAND Bochs says 32
 * bits where there are 16. Returns 0 if the guest has changed its page tables and not
 * told the TLB: it executes the instruction again, and meets the fault itself.
 */
static u32 operand_size(struct view *view)
{
	u8 bytes[16];
	u32 length = exit_length(view->v) & 15;

	if (view_code(view, bytes, length) == length)
		return insn_operand_size(bytes, length, view_bits(view));
	vmx_flush_guest();
	return 0;
}

/* And RDSEED. The guest gets the CPU's number: hv needs none of them to be secret. */
void handle_rdrand(struct vcpu *v)
{
	u32 info = exit_instruction(v), size;
	struct view view;
	u64 value;
	bool ok;

	vcpu_view(v, &view);
	size = operand_size(&view);
	if (!size)
		return;
	if (v->exit_reason == EXIT_REASON_RDRAND)
		asm volatile("rdrand %0" : "=r"(value), "=@ccc"(ok));
	else
		asm volatile("rdseed %0" : "=r"(value), "=@ccc"(ok));
	vcpu_set_reg(v, INFO_REG1(info), ok ? value : 0, size);
	set_guest_rflags(v, (guest_rflags(v) & ~(u64)RFLAGS_ARITHMETIC) | (ok ? RFLAGS_CF : 0));
	vcpu_skip(v);
}

void handle_invpcid(struct vcpu *v)
{
	u32 info = exit_instruction(v);
	u64 type = vcpu_reg(v, INFO_REG2(info));
	struct view view;
	struct {
		u64 pcid, address;
	} d;

	if (guest_cpl(v)) {
		inject_exception(v, VECTOR_GP, 0);
		return;
	}
	vcpu_view(v, &view);
	if (!view.is64)
		type = (u32)type;
	if (!operand(&view, info | INFO_LOAD, 0, &d, sizeof(d)))
		return;
	vmx_flush_guest();
	vcpu_complete(v, type <= INVPCID_NOT_GLOBAL && !(d.pcid >> 12) &&
			 (type > INVPCID_CONTEXT || !d.pcid || guest_real_cr4(v) & CR4_PCIDE) &&
			 (type != INVPCID_ADDRESS || is_canonical(d.address)));
}

/* SGDT, SIDT, LGDT, LIDT: two accesses, the limit's and the base's. */
void handle_gdtr_idtr(struct vcpu *v)
{
	u32 info = exit_instruction(v);
	u32 table = info & INFO_SECOND_TABLE ? IDTR : GDTR;
	u64 base = info & INFO_LOAD ? 0 : guest_table_base(v, table);
	u16 limit = guest_table_limit(v, table);
	struct view view;
	u32 size;

	vcpu_view(v, &view);
	if (!operand(&view, info, 0, &limit, sizeof(limit)) ||
	    !operand(&view, info, sizeof(limit), &base, view.is64 ? 8 : 4))
		return;
	if (!(info & INFO_LOAD) || !is_canonical(base)) {
		vcpu_complete(v, !(info & INFO_LOAD));
		return;
	}
	/*
	 * Operands of 16 bits have bases of 24, as the 80286 had, but only when loaded. Bochs
	 * does not have the operand's size in what it says of the instruction.
	 */
	size = operand_size(&view);
	if (!size)
		return;
	if (!view.is64 && size == 2)
		base &= 0xffffff;
	set_guest_table_limit(v, table, limit);
	set_guest_table_base(v, table, base);
	vcpu_skip(v);
}

/* LLDT or LTR: false if something stood in the way, raised in the order of the SDM's operation. */
static bool load_system_segment(struct view *view, u16 selector, bool tr)
{
	struct vcpu *v = view->v;
	bool ia32e = v->efer & EFER_LMA;
	u64 gla = guest_table_base(v, GDTR) + (selector & ~7u), d[2] = { 0 };
	/* Code of 32 bits reads eight bytes in IA-32e mode too, as it does for a segment. */
	u32 bytes = view->is64 ? 16 : 8, error = selector & 0xfffc, type;
	struct segment s;

	if (!error && !tr) {
		s = (struct segment){ selector, .rights = SEGMENT_UNUSABLE };
		set_guest_segment(v, LDTR, &s);
		return true;
	}
	if (!error || selector & 4 || (selector & ~7u) + bytes - 1 > guest_table_limit(v, GDTR))
		goto protection;
	/* The CPU's own access to a table is the supervisor's at any privilege level. */
	if (!view_table(view, gla, d, bytes, false))
		return false;
	segment_decode(&s, selector, d[0]);
	s.base |= d[1] << 32;
	type = SEGMENT_KIND(s.rights);
	if (tr ? type != KIND_TSS && (ia32e || type != KIND_TSS16) : type != KIND_LDT)
		goto protection;
	if (SEGMENT_KIND(d[1] >> 40) || !is_canonical(s.base))
		goto protection;
	if (!(s.rights & SEGMENT_PRESENT)) {
		inject_exception(v, VECTOR_NP, error);
		return false;
	}
	if (tr) {
		d[0] |= DESCRIPTOR_BUSY;
		s.rights |= DESCRIPTOR_BUSY >> 40;
		/* The half that has the flag, because a breakpoint may be on the other one. */
		if (!view_table(view, gla + 4, (u8 *)d + 4, 4, true))
			return false;
	}
	set_guest_segment(v, tr ? TR : LDTR, &s);
	return true;
protection:
	inject_exception(v, VECTOR_GP, error);
	return false;
}

/* SLDT, STR, LLDT, LTR */
void handle_ldtr_tr(struct vcpu *v)
{
	u32 info = exit_instruction(v), reg = INFO_REG1(info), size;
	bool tr = info & INFO_SECOND_TABLE;
	u16 selector = info & INFO_LOAD ? vcpu_reg(v, reg) : guest_selector(v, tr ? TR : LDTR);
	struct view view;

	vcpu_view(v, &view);
	if (!(info & INFO_IS_REGISTER)) {
		if (!operand(&view, info, 0, &selector, sizeof(selector)))
			return;
	} else if (!(info & INFO_LOAD)) {
		size = operand_size(&view);
		if (!size)
			return;
		vcpu_set_reg(v, reg, selector, size);
	}
	if (!(info & INFO_LOAD) || load_system_segment(&view, selector, tr))
		vcpu_skip(v);
}
