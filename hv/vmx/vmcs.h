/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The current VMCS: typed access to its fields.
 *
 * Source: Intel SDM volume 3, chapter "VMX Instruction Reference".
 */
#pragma once

#include "hv/vmx/fields.h"
#include "machine/x86.h"

struct vcpu;

/** vmcs_init - fill in the current VMCS and the registers with which the vCPU starts (vmcs.c) */
void vmcs_init(struct vcpu *v);

/* vmx.c */

/** vmcs_try_read - read a field that may not exist; returns false if it does not */
bool vmcs_try_read(u32 field, u64 *value);

void vmcs_wrong_access(void) __attribute__((error("VMCS field of another kind")));

/*
 * Neither tells of a failure: there is a current VMCS, vmx_negotiate() has seen that the CPU has
 * the controls that bring the fields, and no typed writer compiles for one that is read-only.
 */
static __always_inline u64 vmcs_read(u32 field)
{
	u64 value;

	asm volatile("vmread %1, %0" : "=r"(value) : "r"((u64)field) : "cc");
	return value;
}

static __always_inline void vmcs_write(u32 field, u64 value)
{
	asm volatile("vmwrite %1, %0" : : "r"((u64)field), "r"(value) : "cc");
}

/* Readers and writers that a field which they are not for does not compile with. */
#define DEFINE_VMCS_ACCESS(name, type, width)				\
static __always_inline type vmcs_read##name(u32 field)			\
{									\
	if (!__builtin_constant_p(field) || VMCS_WIDTH(field) != (width)) \
		vmcs_wrong_access();					\
	return vmcs_read(field);					\
}									\
static __always_inline void vmcs_write##name(u32 field, type value)	\
{									\
	if (!__builtin_constant_p(field) || VMCS_WIDTH(field) != (width) || \
	    VMCS_READ_ONLY(field))					\
		vmcs_wrong_access();					\
	vmcs_write(field, value);					\
}

DEFINE_VMCS_ACCESS(64, u64, 1)
DEFINE_VMCS_ACCESS(32, u32, 2)
DEFINE_VMCS_ACCESS(l, u64, 3)
#undef DEFINE_VMCS_ACCESS
