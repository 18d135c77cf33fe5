/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot loader with hv in it that hands over what it should not, if it is told so by
 * the definitions below.
 * Itself it is started by PVH, and puts hv where its own loader would.
 *
 * HV: hv's bytes, HV_ENTRY: hv's entry point.
 *
 * Source: Multiboot2 Specification, "Boot information format"; Xen "x86/HVM direct
 * boot ABI".
 */
#include "machine/pvh.h"

#ifndef TAG_SIZE
#define TAG_SIZE	9
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE	24
#endif
#if ENTRY_SIZE > 24
#define PADDING		(ENTRY_SIZE - 24)
#else
#define PADDING		0
#endif
#ifndef MAP_SIZE
#define MAP_SIZE	(map_end - map)
#endif
#ifndef MODULE
#define MODULE		module
#endif
#ifndef MODULE_END
#define MODULE_END	module_end
#endif
#ifndef END_TAG
#define END_TAG		0
#endif
#ifndef NR_MODULES
#define NR_MODULES	1
#endif
#ifndef HIGH
#define HIGH		0
#endif
#ifndef MODLIST_HIGH
#define MODLIST_HIGH	0
#endif

	.section .note.pvh, "a", @note
	.long	4, 4, PVH_NOTE_PHYS32_ENTRY
	.asciz	PVH_NOTE_NAME
	.long	loader

	.text
	.code32
	.globl	loader
loader:
	cld
	/* What hv keeps clear to be zero is behind its bytes. */
	movl	$hv_end, %edi
	movl	$0x100000, %ecx
	xorl	%eax, %eax
	rep stosb
#ifdef PVH
	/* hv's PVH entry sets EAX itself; this is where it goes on. */
	movl	$PVH_START_MAGIC, %eax
	movl	$start_info, %ebx
#else
	movl	$0x36d76289, %eax
	movl	$information, %ebx
#endif
	movl	$HV_ENTRY, %edx
	jmp	*%edx

	.data
	.balign	8
information:
	.long	information_end - information, 0
	.long	1, cmdline_end - cmdline + 8	/* command line */
cmdline:
	.asciz	"report=0"
cmdline_end:
	.balign	8
	.long	2, TAG_SIZE			/* name of the boot loader */
	.byte	0
	.balign	8
	.long	3, 17				/* module */
	.long	MODULE, MODULE_END
	.byte	0
	.balign	8
map:
	.long	6, MAP_SIZE, ENTRY_SIZE, 0
	.quad	0x100000, 0x3f00000
	.long	1, 0
	.fill	PADDING, 1, 0
	.quad	0x7f00000, 0x100000
	.long	1, 0
	.fill	PADDING, 1, 0
map_end:
	.long	END_TAG, 8
information_end:

	.balign	8
start_info:
	.long	PVH_START_MAGIC, PVH_START_VERSION, 0, NR_MODULES
	.long	modlist, MODLIST_HIGH, 0, 0, 0, 0, memmap, 0
	.long	1, 0
modlist:
	.long	MODULE, HIGH, 16, 0, 0, 0, 0, 0
memmap:
	.quad	0x100000, 0x7f00000
	.long	1, 0

	.section .module, "aw"
	.balign	4096
module:
	.skip	16
module_end:

	.section .hv, "aw"
	.incbin	HV
hv_end:
	.section .note.GNU-stack, "", @progbits
