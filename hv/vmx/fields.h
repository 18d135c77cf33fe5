/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of a VMCS, the bits in them, and what they are called. Data only:
 * for hv, and for programs on a host that know a VMCS as numbers.
 *
 * Source: Intel SDM volume 3, appendix "Field Encoding in VMCS"; chapter
 * "Virtual Machine Control Structures".
 */
#pragma once

#include "acct/exit_types.h"		/* u8 … u64 */
#include "hv/cpu/segment.h"		/* of access rights a VMCS has the format there */

/* A field for each segment register; they are apart by VMCS_SEGMENT_STRIDE. */
#define VMCS_SEGMENTS(X, part, first)					\
	X(GUEST_ES_##part, first) X(GUEST_CS_##part, first + 2)		\
	X(GUEST_SS_##part, first + 4) X(GUEST_DS_##part, first + 6)	\
	X(GUEST_FS_##part, first + 8) X(GUEST_GS_##part, first + 10)	\
	X(GUEST_LDTR_##part, first + 12) X(GUEST_TR_##part, first + 14)

/*
 * X(NAME, encoding): every field that hv knows, and with it the VMCS dump, by encoding, which says
 * how wide a field is. Some go with controls that not every CPU has, or that hv leaves off: who
 * writes one asks vmx_has() first, for a VMWRITE of a field that is not there does nothing, and
 * nobody hears of it.
 */
#define VMCS_FIELDS(X)									\
	X(VIRTUAL_PROCESSOR_ID, 0x0000)		X(POSTED_INTR_VECTOR, 0x0002)		\
	VMCS_SEGMENTS(X, SELECTOR, 0x0800)						\
	X(HOST_ES_SELECTOR, 0x0c00)		X(HOST_CS_SELECTOR, 0x0c02)		\
	X(HOST_SS_SELECTOR, 0x0c04)		X(HOST_DS_SELECTOR, 0x0c06)		\
	X(HOST_FS_SELECTOR, 0x0c08)		X(HOST_GS_SELECTOR, 0x0c0a)		\
	X(HOST_TR_SELECTOR, 0x0c0c)		X(IO_BITMAP_A, 0x2000)			\
	X(IO_BITMAP_B, 0x2002)			X(MSR_BITMAP, 0x2004)			\
	X(VM_EXIT_MSR_STORE_ADDR, 0x2006)	X(VM_EXIT_MSR_LOAD_ADDR, 0x2008)	\
	X(VM_ENTRY_MSR_LOAD_ADDR, 0x200a)	X(PML_ADDRESS, 0x200e)			\
	X(TSC_OFFSET, 0x2010)			X(VIRTUAL_APIC_PAGE_ADDR, 0x2012)	\
	X(APIC_ACCESS_ADDR, 0x2014)		X(POSTED_INTR_DESC_ADDR, 0x2016)	\
	X(VM_FUNCTION_CONTROLS, 0x2018)		X(EPT_POINTER, 0x201a)			\
	X(EPTP_LIST_ADDRESS, 0x2024)		X(VMREAD_BITMAP, 0x2026)		\
	X(VMWRITE_BITMAP, 0x2028)		X(XSS_EXITING_BITMAP, 0x202c)		\
	X(GUEST_PHYSICAL_ADDRESS, 0x2400)	X(VMCS_LINK_POINTER, 0x2800)		\
	X(GUEST_IA32_DEBUGCTL, 0x2802)		X(GUEST_IA32_PAT, 0x2804)		\
	X(GUEST_IA32_EFER, 0x2806)		X(GUEST_PDPTE0, 0x280a)			\
	X(GUEST_PDPTE1, 0x280c)			X(GUEST_PDPTE2, 0x280e)			\
	X(GUEST_PDPTE3, 0x2810)			X(HOST_IA32_PAT, 0x2c00)		\
	X(HOST_IA32_EFER, 0x2c02)		X(PIN_BASED_CONTROLS, 0x4000)		\
	X(PROC_BASED_CONTROLS, 0x4002)		X(EXCEPTION_BITMAP, 0x4004)		\
	X(PAGE_FAULT_ERROR_MASK, 0x4006)	X(PAGE_FAULT_ERROR_MATCH, 0x4008)	\
	X(CR3_TARGET_COUNT, 0x400a)		X(VM_EXIT_CONTROLS, 0x400c)		\
	X(VM_EXIT_MSR_STORE_COUNT, 0x400e)	X(VM_EXIT_MSR_LOAD_COUNT, 0x4010)	\
	X(VM_ENTRY_CONTROLS, 0x4012)		X(VM_ENTRY_MSR_LOAD_COUNT, 0x4014)	\
	X(VM_ENTRY_INTR_INFO, 0x4016)		X(VM_ENTRY_EXCEPTION_ERROR, 0x4018)	\
	X(VM_ENTRY_INSTRUCTION_LEN, 0x401a)	X(TPR_THRESHOLD, 0x401c)		\
	X(SECONDARY_CONTROLS, 0x401e)		X(PLE_GAP, 0x4020)			\
	X(PLE_WINDOW, 0x4022)			X(VM_INSTRUCTION_ERROR, 0x4400)		\
	X(VM_EXIT_REASON, 0x4402)		X(VM_EXIT_INTR_INFO, 0x4404)		\
	X(VM_EXIT_INTR_ERROR, 0x4406)		X(IDT_VECTORING_INFO, 0x4408)		\
	X(IDT_VECTORING_ERROR, 0x440a)		X(VM_EXIT_INSTRUCTION_LEN, 0x440c)	\
	X(VM_EXIT_INSTRUCTION_INFO, 0x440e)						\
	VMCS_SEGMENTS(X, LIMIT, 0x4800)							\
	X(GUEST_GDTR_LIMIT, 0x4810)		X(GUEST_IDTR_LIMIT, 0x4812)		\
	VMCS_SEGMENTS(X, ACCESS_RIGHTS, 0x4814)						\
	X(GUEST_INTERRUPTIBILITY, 0x4824)	X(GUEST_ACTIVITY_STATE, 0x4826)		\
	X(GUEST_SYSENTER_CS, 0x482a)		X(PREEMPTION_TIMER_VALUE, 0x482e)	\
	X(HOST_SYSENTER_CS, 0x4c00)		X(CR0_GUEST_HOST_MASK, 0x6000)		\
	X(CR4_GUEST_HOST_MASK, 0x6002)		X(CR0_READ_SHADOW, 0x6004)		\
	X(CR4_READ_SHADOW, 0x6006)		X(EXIT_QUALIFICATION, 0x6400)		\
	X(GUEST_LINEAR_ADDRESS, 0x640a)		X(GUEST_CR0, 0x6800)			\
	X(GUEST_CR3, 0x6802)			X(GUEST_CR4, 0x6804)			\
	VMCS_SEGMENTS(X, BASE, 0x6806)							\
	X(GUEST_GDTR_BASE, 0x6816)		X(GUEST_IDTR_BASE, 0x6818)		\
	X(GUEST_DR7, 0x681a)			X(GUEST_RSP, 0x681c)			\
	X(GUEST_RIP, 0x681e)			X(GUEST_RFLAGS, 0x6820)			\
	X(GUEST_PENDING_DEBUG, 0x6822)		X(GUEST_SYSENTER_ESP, 0x6824)		\
	X(GUEST_SYSENTER_EIP, 0x6826)		X(HOST_CR0, 0x6c00)			\
	X(HOST_CR3, 0x6c02)			X(HOST_CR4, 0x6c04)			\
	X(HOST_FS_BASE, 0x6c06)			X(HOST_GS_BASE, 0x6c08)			\
	X(HOST_TR_BASE, 0x6c0a)			X(HOST_GDTR_BASE, 0x6c0c)		\
	X(HOST_IDTR_BASE, 0x6c0e)		X(HOST_SYSENTER_ESP, 0x6c10)		\
	X(HOST_SYSENTER_EIP, 0x6c12)		X(HOST_RSP, 0x6c14)			\
	X(HOST_RIP, 0x6c16)

enum vmcs_field {
#define X(name, encoding) name = encoding,
	VMCS_FIELDS(X)
#undef X
};

/* What is between the fields of two segment registers. */
#define VMCS_SEGMENT_STRIDE	2

/* VM_EXIT_REASON */
#define EXIT_REASON_BASIC	0x0000ffffu
#define EXIT_REASON_ENTRY_FAILED 0x80000000u

/* The control fields that a capability MSR goes with; and what EPT and VPID can, told likewise. */
enum control_group { PIN, PROC, PROC2, EXIT, ENTRY, EPT_CAPS, VPID_CAPS, NR_CONTROL_GROUPS };

/* Bits of the control fields that hv asks for by name; hv/check/bits.h has more of them. */
enum {
	PIN_PREEMPTION_TIMER = 1u << 6,
	PROC_INTERRUPT_WINDOW = 1u << 2, PROC_INVLPG = 1u << 9, PROC_RDTSC = 1u << 12,
	PROC_CR3_LOAD = 1u << 15, PROC_CR3_STORE = 1u << 16, PROC_CR8_LOAD = 1u << 19,
	PROC_CR8_STORE = 1u << 20, PROC_NMI_WINDOW = 1u << 22, PROC_MOV_DR = 1u << 23,
	PROC_MONITOR_TRAP = 1u << 27, PROC_PAUSE = 1u << 30, PROC_SECONDARY = 1u << 31,
	PROC2_EPT = 1u << 1, PROC2_DESCRIPTOR = 1u << 2, PROC2_RDTSCP = 1u << 3,
	PROC2_VPID = 1u << 5, PROC2_PAUSE_LOOP = 1u << 10, PROC2_RDRAND = 1u << 11,
	PROC2_INVPCID = 1u << 12, PROC2_VMFUNC = 1u << 13, PROC2_RDSEED = 1u << 16,
	PROC2_XSAVES = 1u << 20,
	ENTRY_IA32E_GUEST = 1u << 9,
};

#define VTPR_OFFSET	0x80		/* of the virtual TPR in the virtual-APIC page */

/* GUEST_INTERRUPTIBILITY */
enum {
	BLOCKING_BY_STI = 1, BLOCKING_BY_MOV_SS = 2, BLOCKING_BY_NMI = 8,
	BLOCKING_SHADOWS = BLOCKING_BY_STI | BLOCKING_BY_MOV_SS,
};

/* VM_EXIT_INTR_INFO, IDT_VECTORING_INFO and VM_ENTRY_INTR_INFO have one format. */
enum {
	EVENT_VECTOR = 0xff, EVENT_TYPE = 7u << 8,
	EVENT_EXTERNAL = 0u << 8, EVENT_NMI = 2u << 8, EVENT_HARD_EXCEPTION = 3u << 8,
	EVENT_SOFT_INTERRUPT = 4u << 8, EVENT_PRIV_SOFT = 5u << 8,
	EVENT_SOFT_EXCEPTION = 6u << 8,
	EVENT_OTHER = 7u << 8,			/* with vector 0: a pending MTF VM exit */
	EVENT_ERROR_CODE = 1u << 11, EVENT_VALID = 1u << 31,
	EVENT_REINJECT = EVENT_VALID | EVENT_ERROR_CODE | EVENT_TYPE | EVENT_VECTOR,
};

/* Bits 14:13 of an encoding: 0 is 16 bits wide, 1 is 64, 2 is 32, 3 is natural. */
#define VMCS_WIDTH(field)	((field) >> 13 & 3)
#define VMCS_READ_ONLY(field)	(((field) >> 10 & 3) == 1)

/* names.c */

#define X(name, encoding) + 1
enum { NR_VMCS_FIELDS = VMCS_FIELDS(X) };
#undef X

/** vmcs_fields - the list above, in its order */
extern const u16 vmcs_fields[NR_VMCS_FIELDS];

/** vmcs_field_name - the name of a field, "?" if it is not in the list */
const char *vmcs_field_name(u32 field);

/** vm_instruction_error_name - the SDM's words for an error of VMWRITE or of a VM entry */
const char *vm_instruction_error_name(u32 error);
