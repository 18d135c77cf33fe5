// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU after a reset or INIT, and where a SIPI makes it begin.
 *
 * Source: Intel SDM volume 3, table "IA-32 and Intel 64 Processor States Following
 * Power-up, Reset, or INIT"; chapter "Multiple-Processor Management", section "MP
 * Initialization Protocol Algorithm".
 */
#include "hv/exit/exit.h"

void vcpu_reset(struct vcpu *v)
{
	static const struct segment data = { 0, 0, 0xffff, SEGMENT_DATA16 },
		code = { 0xf000, 0xffff0000, 0xffff, SEGMENT_CODE16 },
		ldt = { 0, 0, 0xffff, SEGMENT_LDT }, tss = { 0, 0, 0xffff, SEGMENT_TSS_BUSY };

	memset(v->regs, 0, sizeof(v->regs));
	v->regs[RDX] = v->cpuid.basic[1].eax;
	set_guest_efer(v, 0);
	set_guest_cr0(v, CR0_ET | (guest_cr0(v) & (CR0_CD | CR0_NW)));
	set_guest_cr3(v, 0);
	set_guest_cr4(v, 0);
	for (u32 i = ES; i <= GS; i++)
		set_guest_segment(v, i, i == CS ? &code : &data);
	set_guest_segment(v, LDTR, &ldt);
	set_guest_segment(v, TR, &tss);
	for (u32 table = GDTR; table <= IDTR; table++) {
		set_guest_table_base(v, table, 0);
		set_guest_table_limit(v, table, 0xffff);
	}
	set_guest_rsp(v, 0);
	set_guest_rip(v, 0xfff0);
	set_guest_rflags(v, RFLAGS_FIXED);
	set_guest_dr7(v, DR7_RESET);
	set_guest_blocking(v, 0);
	set_guest_pending_debug(v, 0);
	set_guest_event(v, 0);
	v->event_set = v->debugging = false;
	v->debug_hits = 0;
	write_cr2(0);
	write_dr0(0);
	write_dr1(0);
	write_dr2(0);
	write_dr3(0);
	write_dr6(DR6_FIXED);
	lapic_reset(&v->lapic);
	cpuid_update(v);
	vmx_flush_guest();
	v->waits_for_sipi = true;
	v->work |= WORK_HALTED;
}

void vcpu_sipi(struct vcpu *v, u32 vector)
{
	if (!v->waits_for_sipi)
		return;
	set_guest_selector(v, CS, vector << 8);
	set_guest_segment_base(v, CS, vector << 12);
	set_guest_rip(v, 0);
	v->waits_for_sipi = false;
	v->work &= ~WORK_HALTED;
	v->work |= WORK_TIMER;
}
