/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bits and values of VMCS fields that rules are about, and which hv itself never names: its
 * own are in hv/vmx/fields.h. Each enumeration is named by what its names begin with.
 */
#pragma once

enum {	/* IA32_DEBUGCTL */
	DEBUGCTL_BTF = 1u << 1,
};
enum {	/* PIN_BASED_CONTROLS */
	PIN_EXTERNAL_INTERRUPT = 1u << 0, PIN_NMI = 1u << 3, PIN_VIRTUAL_NMIS = 1u << 5,
	PIN_POSTED_INTERRUPTS = 1u << 7,
};
enum {	/* PROC_BASED_CONTROLS */
	PROC_TPR_SHADOW = 1u << 21, PROC_IO_BITMAPS = 1u << 25, PROC_MSR_BITMAPS = 1u << 28,
};
enum {	/* SECONDARY_CONTROLS */
	PROC2_APIC_ACCESSES = 1u << 0, PROC2_X2APIC = 1u << 4, PROC2_UNRESTRICTED = 1u << 7,
	PROC2_APIC_REGISTERS = 1u << 8, PROC2_VIRTUAL_INTERRUPTS = 1u << 9,
	PROC2_SHADOWING = 1u << 14, PROC2_PML = 1u << 17, PROC2_MODE_BASED = 1u << 22,
	PROC2_SUB_PAGE = 1u << 23,
};
enum {	/* VM_EXIT_CONTROLS */
	EXIT_CTL_HOST_64 = 1u << 9, EXIT_CTL_ACK_INTERRUPT = 1u << 15,
	EXIT_CTL_LOAD_PAT = 1u << 19, EXIT_CTL_LOAD_EFER = 1u << 21,
	EXIT_CTL_SAVE_TIMER = 1u << 22,
};
enum {	/* VM_ENTRY_CONTROLS */
	ENTRY_LOAD_DEBUG = 1u << 2, ENTRY_TO_SMM = 1u << 10, ENTRY_NO_DUAL_MONITOR = 1u << 11,
	ENTRY_LOAD_PAT = 1u << 14, ENTRY_LOAD_EFER = 1u << 15,
};
enum {	/* GUEST_ACTIVITY_STATE */
	ACTIVITY_ACTIVE, ACTIVITY_HLT, ACTIVITY_SHUTDOWN, ACTIVITY_WAIT_FOR_SIPI,
};
enum { BLOCKING_BY_SMI = 4 };	/* GUEST_INTERRUPTIBILITY */
