// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to where there is no RAM. A page there gets an entry of the EPT that is
 * misconfigured on purpose at its first touch: later ones exit with another reason,
 * and need no search. KVM does both, hence so does hv.
 *
 * What the decoder knows (hv/cpu/insn.h) is done here, as in KVM. All else the
 * processor does itself, once, on private pages that read as what is there: any
 * instruction, a breakpoint or single step across it, a delivery through a stack, IDT
 * or page table out there. The exit that ends it is the NMI window's: blocking by
 * MOV SS holds it shut for one instruction, and an injected event comes before it.
 *
 * Source: Intel SDM volume 3, table "Exit Qualification for EPT Violations"; chapter
 * "VMX Non-Root Operation", section "Other Causes of VM Exits", NMI window; chapter
 * "VM Entries", sections "Event Injection", "Interruptibility State".
 */
#include "hv/exit/exit.h"
#include "hv/exit/mem.h"
#include "hv/vmx/ept.h"

#define APIC_STRIDE		16		/* bytes */

static bool touches_apic(struct vcpu *v, u64 gpa)
{
	if (!lapic_has_page(&v->lapic, gpa))
		return false;
	lapic_touch_page(&v->lapic, gpa % PAGE_SIZE);
	v->work |= WORK_EVENTS;
	return true;
}

/* The APIC's page: registers of 32 bits, and all ones between them. */
static void read_apic(struct vcpu *v, u32 offset, u8 *buf, u64 bytes)
{
	u32 value = 0;

	for (u64 i = 0; i < bytes; i++, offset++) {
		if (offset % APIC_STRIDE >= sizeof(value))
			continue;
		if (!i || !(offset % APIC_STRIDE))
			value = lapic_read_page(&v->lapic, offset & ~3u, guest_tsc(v));
		buf[i] = value >> 8 * (offset & 3);
	}
}

static void outside_ram(void *ctx, u64 gpa, void *buf, u64 bytes, bool write)
{
	struct vcpu *v = ctx;
	bool apic = touches_apic(v, gpa);

	if (!write)
		memset(buf, 0xff, bytes);
	if (apic && !write) {
		read_apic(v, gpa % PAGE_SIZE, buf, bytes);
	} else if (apic && bytes == sizeof(u32)) {
		lapic_write_page(&v->lapic, gpa % PAGE_SIZE, *(const u32 *)buf, guest_tsc(v));
		v->work |= WORK_TIMER;
	}
}

void mmio_init(struct vcpu *v)
{
	v->ram = v->vm->ram;
	v->ram.outside = outside_ram;
	v->ram.ctx = v;
}

/* Do the instruction at RIP; returns false if the processor has to. */
static bool emulate(struct vcpu *v)
{
	struct view view;
	struct insn_bus bus = { &view, view_copy, .stack_size = 8 };
	u8 bytes[INSN_MAX_BYTES];
	enum insn_progress progress;
	struct insn insn;
	bool once;

	if (exit_interrupted(v) & EVENT_VALID)
		return false;
	vcpu_view(v, &view);
	if (!view.is64)
		bus.stack_size = guest_segment_rights(v, SS) & SEGMENT_BIG ? 4 : 2;
	if (!insn_decode(&insn, bytes, view_code(&view, bytes, sizeof(bytes)), view_bits(&view))) {
		if (insn.op == INSN_LOAD_SS)
			v->step.behind_rip = guest_rip(v) + 1;
		/* A shift by 0 does not write, but the processor asks as if it did. */
		if (insn.op == INSN_SHIFT &&
		    !((insn.source == INSN_IMM ? insn.imm : v->regs[RCX]) & 31))
			v->step.apic_odd = ~0ull;
		return false;
	}
	v->regs[RSP] = guest_rsp(v);
	bus.next_rip = guest_rip(v) + insn.length;
	once = insn.rep && view_one_by_one(&view);
	/* As KVM: up to 1024 iterations, then let interrupts in. */
	do
		progress = insn_run(&insn, v->regs, &view.cpu.rflags, &bus);
	while (progress == INSN_AGAIN && !once && v->regs[RCX] & 0x3ff);
	set_guest_rsp(v, v->regs[RSP]);
	/* RF is the VMCS's: a fault has set it there. */
	set_guest_rflags(v, (view.cpu.rflags & ~(u64)RFLAGS_RF) | (guest_rflags(v) & RFLAGS_RF));
	if (progress == INSN_DONE)
		vcpu_advance(v, insn.length);
	else if (progress != INSN_FAULT)
		vcpu_settle(v, true);
	return true;
}

/* Make @page read as @gpa does. The instruction may write to it without any effect. */
static void fill_private(struct vcpu *v, u64 gpa, u32 *page)
{
	memset(page, 0xff, PAGE_SIZE);
	if (!lapic_has_page(&v->lapic, gpa))
		return;
	read_apic(v, 0, (u8 *)page, PAGE_SIZE);
	for (u32 i = 0; i < APIC_REGISTERS; i++)
		v->step.apic[i] = page[i * APIC_STRIDE / sizeof(u32)];
}

/* The APIC's page has the first one; pages for which there are too few share the last. */
static void *private_page(struct vcpu *v, u32 index)
{
	return v->private[lapic_has_page(&v->lapic, v->step.gpa[index]) ? 0 :
			  index + 1 < PRIVATE_PAGES ? index + 1 : PRIVATE_PAGES - 1];
}

/* Let the processor find something at @gpa. */
static void step_page(struct vcpu *v, u64 gpa)
{
	u64 access = EPT_READ_WRITE_EXECUTE;
	struct step *s = &v->step;
	u32 i;

	for (i = 0; i < s->pages && s->gpa[i] >> 12 != gpa >> 12; i++)
		;
	if (i == STEP_PAGES) {
		step_end(v, false);
		i = 0;
	}
	if (i == s->pages) {
		s->gpa[s->pages++] = gpa;
		fill_private(v, gpa, private_page(v, i));
	}
	/* To write a register has effects even if its value stays: let the first write exit. */
	if (touches_apic(v, gpa)) {
		if (v->exit_reason == EXIT_REASON_EPT_VIOLATION && exit_access(v) & GMEM_WRITE) {
			if (gpa % PAGE_SIZE < APIC_REGISTERS * APIC_STRIDE)
				*(gpa % APIC_STRIDE ? &s->apic_odd : &s->apic_written) |=
					1ull << gpa % PAGE_SIZE / APIC_STRIDE;
		} else {
			access = EPT_READ_EXECUTE;
		}
	}
	ept_map_own(v, gpa, private_page(v, i), access);
	v->work |= WORK_STEP;
}

/*
 * What the instruction has written to the APIC's page: registers, but for those that it has
 * not met at their first byte, or gone beyond.
 */
static void take_apic_writes(struct vcpu *v, u64 gpa, u32 *page)
{
	for (u32 i = 0; i < APIC_REGISTERS; i++) {
		u32 *at = page + i * APIC_STRIDE / sizeof(u32);

		if ((v->step.apic_written >> i & 1 || *at != v->step.apic[i]) &&
		    !(v->step.apic_odd >> i & 1) && !~(at[1] & at[2]))
			outside_ram(v, (gpa & -PAGE_SIZE) + i * APIC_STRIDE, at, sizeof(*at), true);
	}
}

void step_end(struct vcpu *v, bool done)
{
	struct step *s = &v->step;

	for (u32 i = 0; i < s->pages; i++) {
		if (done && lapic_has_page(&v->lapic, s->gpa[i]))
			take_apic_writes(v, s->gpa[i], private_page(v, i));
	}
	ept_share(v);
	vmx_flush_ept();
	memset(s, 0, sizeof(*s));
	v->work &= ~WORK_STEP;
}

void step_enter(struct vcpu *v, bool delivers)
{
	u32 blocking = guest_blocking(v), info = guest_event(v);

	v->step.blocking = blocking;
	v->step.delivers = delivers;
	blocking &= ~(BLOCKING_SHADOWS | BLOCKING_BY_NMI);
	if (delivers) {
		/* An NMI would block NMIs, and with them the window; an exception does not. */
		if ((info & EVENT_TYPE) == EVENT_NMI) {
			set_guest_event(v, (info & ~EVENT_TYPE) | EVENT_HARD_EXCEPTION);
			v->step.nmi = true;
		}
	} else {
		blocking |= BLOCKING_BY_MOV_SS;
		/* VM entry wants it so. One #DB tells of both steps. */
		if (guest_rflags(v) & RFLAGS_TF)
			set_guest_pending_debug(v, guest_pending_debug(v) | DR6_BS);
	}
	set_guest_blocking(v, blocking);
	vmx_exit_on(v, ON_NMI_WINDOW, true);
	v->step.armed = true;
}

/* Behind the step's own shadow it made none: that is for the first load of SS in a row. */
bool step_loaded_ss(const struct vcpu *v)
{
	return v->step.behind_rip && !(v->step.blocking & BLOCKING_BY_MOV_SS) &&
	       guest_rip(v) - v->step.behind_rip < INSN_MAX_BYTES;
}

void step_left(struct vcpu *v)
{
	u32 blocking = guest_blocking(v);
	bool again = v->exit_reason == EXIT_REASON_EPT_VIOLATION ||
		     v->exit_reason == EXIT_REASON_EPT_MISCONFIG;
	bool untouched = !v->step.delivers && blocking & BLOCKING_BY_MOV_SS;

	/* The exit that began it is none that came of it. */
	if (!v->step.armed)
		return;
	v->step.armed = false;
	if (untouched) {
		blocking &= ~BLOCKING_SHADOWS;
		blocking |= v->step.blocking;
		/* The step's own, see step_enter(). */
		if (!(v->step.blocking & BLOCKING_BY_MOV_SS))
			set_guest_pending_debug(v, 0);
	} else if (!v->step.unblocks) {
		blocking |= v->step.blocking & BLOCKING_BY_NMI;
	}
	if (!again && v->step.nmi)
		blocking |= BLOCKING_BY_NMI;
	if (step_loaded_ss(v))
		blocking |= BLOCKING_BY_MOV_SS;
	set_guest_blocking(v, blocking);
	if (!again)
		step_end(v, !untouched);
	/* Windows are as deliver_events() says. */
	v->work |= WORK_EVENTS;
}

/*
 * An event whose delivery this exit interrupted is still due, or else what an IRET undid:
 * NMIs must be blocked when it is run again. A misconfiguration does not tell, but with an
 * NMI pending that nothing blocks, no other instruction would have come this far.
 */
static void take_up_again(struct vcpu *v)
{
	vcpu_again(v);
	if (!reinject_event(v) && (v->exit_reason == EXIT_REASON_EPT_VIOLATION ?
				   exit_unblocked_nmi(v) :
				   v->lapic.nmi_pending && nmi_allowed(guest_blocking(v)))) {
		set_guest_blocking(v, guest_blocking(v) | BLOCKING_BY_NMI);
		v->step.unblocks = v->work & WORK_STEP;
	}
}

void handle_ept_misconfig(struct vcpu *v)
{
	u64 gpa = exit_gpa(v);

	/* Wider than what the guest's CPUID allows; a CPU that has more bits does not see it. */
	if (gpa >> EPT_WIDTH) {
		inject_second(v, exit_interrupted(v), VECTOR_PF,
			      GMEM_PRESENT | GMEM_RSVD | exit_access(v) |
			      (guest_cpl(v) == 3 ? GMEM_USER : 0), exit_gla(v));
		return;
	}
	if (!(v->work & WORK_STEP)) {
		ept_misconfigure(v, gpa);
		if (emulate(v))
			return;
	}
	step_page(v, gpa);
	take_up_again(v);
}

void handle_ept_violation(struct vcpu *v)
{
	u64 gpa = exit_gpa(v);
	void *page = gmem_ram(&v->ram, gpa & -PAGE_SIZE, PAGE_SIZE);

	if (!page)
		return handle_ept_misconfig(v);
	ept_map(v, gpa, page);
	take_up_again(v);
}
