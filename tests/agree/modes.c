// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modes that sequences run in.
 *
 * Source: Intel SDM volume 3, chapters "System Architecture Overview", "8086 Emulation".
 */
#include "agree.h"
#include "x86.h"

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
