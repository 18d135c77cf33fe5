// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modes that sequences run in, and how the processor is set up for them.
 *
 * Source: Intel SDM volume 3, chapters "System Architecture Overview", "8086 Emulation".
 */
#include "tests/agree/agree.h"
#include "machine/x86.h"

const struct mode modes[] = {
	{ .name = "long64.0", .bits = 64, .paging = PAGING_4LEVEL, .long_mode = true },
	{ .name = "long64.3", .bits = 64, .cpl = 3, .paging = PAGING_4LEVEL, .long_mode = true },
	{ .name = "long32.0", .bits = 32, .paging = PAGING_4LEVEL, .long_mode = true },
	{ .name = "long32.3", .bits = 32, .cpl = 3, .paging = PAGING_4LEVEL, .long_mode = true },
	{ .name = "long16.3", .bits = 16, .cpl = 3, .paging = PAGING_4LEVEL, .long_mode = true },
	{ .name = "prot32.0", .bits = 32, .paging = PAGING_32 },
	{ .name = "prot32.3", .bits = 32, .cpl = 3, .paging = PAGING_32 },
	{ .name = "pae32.0", .bits = 32, .paging = PAGING_PAE },
	{ .name = "pae32.3", .bits = 32, .cpl = 3, .paging = PAGING_PAE },
	{ .name = "flat32.0", .bits = 32 },
	{ .name = "flat32.3", .bits = 32, .cpl = 3 },
	{ .name = "prot16.0", .bits = 16 },
	{ .name = "prot16.3", .bits = 16, .cpl = 3, .paging = PAGING_32 },
	{ .name = "real", .bits = 16, .real = true },
	{ .name = "v86", .bits = 16, .cpl = 3, .v86 = true, .paging = PAGING_32,
	  .flags = RFLAGS_VM | RFLAGS_IOPL3 },
	{ .name = "v86.0", .bits = 16, .cpl = 3, .v86 = true, .paging = PAGING_32,
	  .flags = RFLAGS_VM },
	{ .name = "v86.vme", .bits = 16, .cpl = 3, .v86 = true, .paging = PAGING_32,
	  .flags = RFLAGS_VM, .cr4 = CR4_VME },
};

const u32 modes_nr = ARRAY_SIZE(modes);

void start_cpu(struct cpu *c, const struct mode *m)
{
	extern u64 pml4[], pae_pdpt[];
	extern u32 directory32[];
	u64 base = m->bits == 16 ? 0 : WINDOW;

	c->gpr[SP] = c->gpr[BP] = base + WINDOW_SP;
	c->gpr[BX] = c->gpr[SI] = c->gpr[DI] = base + WINDOW_DATA + 0x80;
	c->ip = base + WINDOW_CODE;
	c->flags = RFLAGS_FIXED | m->flags;
	c->ss = c->ds = c->es = c->fs = c->gs =
		m->real || m->v86 ? WINDOW_PARAGRAPH :
		m->bits == 16 ? (m->cpl ? SEL_USER_DATA16 : SEL_DATA16) :
		m->cpl ? SEL_USER_DATA : SEL_DATA;
	c->cs = m->real || m->v86 ? WINDOW_PARAGRAPH :
		m->bits == 64 ? (m->cpl ? SEL_USER64 : SEL_CODE64) :
		m->bits == 32 ? (m->cpl ? SEL_USER32 : SEL_CODE32) :
		m->cpl ? SEL_USER16 : SEL_CODE16;
	c->cr0 = CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP |
		 (m->real ? 0 : CR0_PE) | (m->paging ? CR0_PG : 0);
	c->cr4 = CR4_DE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE | m->cr4 |
		 (m->paging == PAGING_32 ? CR4_PSE : 0) | (m->paging == PAGING_PAE ? CR4_PAE : 0);
	c->cr3 = m->paging == PAGING_32 ? (u64)directory32 :
		 m->paging == PAGING_PAE ? (u64)pae_pdpt : (u64)pml4;
}
