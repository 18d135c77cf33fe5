/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor outside VMX: bits of control registers, MSRs, and the
 * instructions that C has no words for.
 *
 * Source: Intel SDM volume 3, chapter "System Architecture Overview", section
 * "Control Registers"; volume 4, "Model-Specific Registers".
 */
#pragma once

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_EM		0x00000004
#define CR0_TS		0x00000008
#define CR0_ET		0x00000010
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_AM		0x00040000
#define CR0_NW		0x20000000
#define CR0_CD		0x40000000
#define CR0_PG		0x80000000

#define CR4_VME		0x00000001
#define CR4_PVI		0x00000002
#define CR4_TSD		0x00000004
#define CR4_DE		0x00000008
#define CR4_PSE		0x00000010
#define CR4_PAE		0x00000020
#define CR4_MCE		0x00000040
#define CR4_PGE		0x00000080
#define CR4_PCE		0x00000100
#define CR4_OSFXSR	0x00000200
#define CR4_OSXMMEXCPT	0x00000400
#define CR4_UMIP	0x00000800
#define CR4_VMXE	0x00002000
#define CR4_SMXE	0x00004000
#define CR4_FSGSBASE	0x00010000
#define CR4_PCIDE	0x00020000
#define CR4_OSXSAVE	0x00040000
#define CR4_SMEP	0x00100000
#define CR4_SMAP	0x00200000

#define RFLAGS_CF	0x00000001
#define RFLAGS_FIXED	0x00000002
#define RFLAGS_PF	0x00000004
#define RFLAGS_AF	0x00000010
#define RFLAGS_ZF	0x00000040
#define RFLAGS_SF	0x00000080
#define RFLAGS_TF	0x00000100
#define RFLAGS_IF	0x00000200
#define RFLAGS_DF	0x00000400
#define RFLAGS_OF	0x00000800
#define RFLAGS_IOPL3	0x00003000
#define RFLAGS_NT	0x00004000
#define RFLAGS_RF	0x00010000
#define RFLAGS_VM	0x00020000
#define RFLAGS_AC	0x00040000
#define RFLAGS_DEFINED	0x003f7fd7
#define RFLAGS_ARITHMETIC (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

#define DR6_FIXED	0xffff0ff0
#define DR6_TRAPS	0x0000000f
#define DR6_BD		0x00002000
#define DR6_BS		0x00004000
#define DR6_BT		0x00008000
#define DR6_RTM		0x00010000
#define DR7_GD		0x00002000
#define DR7_RESET	0x00000400

#define EFER_SCE	0x001
#define EFER_LME	0x100
#define EFER_LMA	0x400
#define EFER_NXE	0x800

#define APIC_BASE_BSP		0x100
#define APIC_BASE_X2APIC	0x400
#define APIC_BASE_ENABLE	0x800
#define APIC_BASE_ADDRESS	0xfee00000u

#define VECTOR_DB	1
#define VECTOR_NMI	2
#define VECTOR_BP	3
#define VECTOR_UD	6
#define VECTOR_DF	8
#define VECTOR_TS	10
#define VECTOR_NP	11
#define VECTOR_SS	12
#define VECTOR_GP	13
#define VECTOR_PF	14
#define VECTOR_AC	17
#define VECTOR_MC	18

/* Does the CPU push an error code with that exception? */
#define HAS_ERROR_CODE(vector) ((0x60227d00 >> (vector)) & 1)

/*
 * Exceptions that are faults: the instruction is to be executed again. #DB may be one
 * and decides for itself; NMI, #BP, #OF, #DF and #MC are none.
 */
#define IS_FAULT(vector) ((0x7ffbfee1 >> (vector)) & 1)

/* Exceptions of which two make a double fault: #DE, #TS, #NP, #SS, #GP. */
#define IS_CONTRIBUTORY(vector) ((0x00003c01 >> (vector)) & 1)

#define MSR_IA32_TSC			0x10
#define MSR_IA32_APIC_BASE		0x1b
#define MSR_IA32_FEATURE_CONTROL	0x3a
#define MSR_IA32_TSC_ADJUST		0x3b
#define MSR_IA32_BIOS_SIGN_ID		0x8b
#define MSR_IA32_MTRRCAP		0xfe
#define MSR_IA32_SYSENTER_CS		0x174
#define MSR_IA32_SYSENTER_ESP		0x175
#define MSR_IA32_SYSENTER_EIP		0x176
#define MSR_IA32_PAT			0x277
#define MSR_IA32_TSC_DEADLINE		0x6e0
#define MSR_X2APIC_FIRST		0x800
#define MSR_X2APIC_LAST			0x8ff
#define MSR_IA32_XSS			0xda0
#define MSR_EFER			0xc0000080
#define MSR_STAR			0xc0000081
#define MSR_LSTAR			0xc0000082
#define MSR_CSTAR			0xc0000083
#define MSR_FMASK			0xc0000084
#define MSR_FS_BASE			0xc0000100
#define MSR_GS_BASE			0xc0000101
#define MSR_KERNEL_GS_BASE		0xc0000102
#define MSR_TSC_AUX			0xc0000103

#ifndef __ASSEMBLER__
#include "acct/exit_types.h"		/* u8 … u64, unlikely() */

static inline u8 inb(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void outb(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static __always_inline u64 rdtsc(void)
{
	u64 lo, hi;	/* the CPU clears the upper halves: nothing to extend */

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return hi << 32 | lo;
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline void cpuid(u32 leaf, u32 subleaf, struct exit_acct_regs *r)
{
	asm volatile("cpuid" : "=a"(r->eax), "=b"(r->ebx), "=c"(r->ecx), "=d"(r->edx)
		     : "a"(leaf), "c"(subleaf));
}

static inline void xsetbv(u32 index, u64 value)
{
	asm volatile("xsetbv" : : "c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

static inline u64 xgetbv(u32 index)
{
	u32 lo, hi;

	asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(index));
	return (u64)hi << 32 | lo;
}

#define DEFINE_REGISTER(reg)						\
static inline u64 read_##reg(void)					\
{									\
	u64 value;							\
									\
	asm volatile("mov %%" #reg ", %0" : "=r"(value));		\
	return value;							\
}									\
static inline void write_##reg(u64 value)				\
{									\
	asm volatile("mov %0, %%" #reg : : "r"(value) : "memory");	\
}

DEFINE_REGISTER(cr0)
DEFINE_REGISTER(cr2)
DEFINE_REGISTER(cr3)
DEFINE_REGISTER(cr4)
DEFINE_REGISTER(dr0)
DEFINE_REGISTER(dr1)
DEFINE_REGISTER(dr2)
DEFINE_REGISTER(dr3)
DEFINE_REGISTER(dr6)
#undef DEFINE_REGISTER

static inline bool is_canonical(u64 address)
{
	return (u64)((int64_t)(address << 16) >> 16) == address;
}
#endif /* __ASSEMBLER__ */
