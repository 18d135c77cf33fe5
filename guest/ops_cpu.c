// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of the processor itself: instructions that exit, registers, and
 * exceptions that the guest raises and handles.
 */
#include "guest/cpu.h"
#include "guest/rows.h"

#define UNKNOWN_MSR	0xffff
#define UNKNOWN_CALL	0x7fffffff
#define HYPERCALL_ENOSYS (-1000l)	/* as KVM answers: linux/kvm_para.h */

/* Something to point to. */
static uint8_t scratch[16];

/* Nothing at all: what is left of the reads must be 0. */

enum result op_empty(void)
{
	return ROW_OK;
}

/* Instructions that always exit */

enum result op_cpuid(void)
{
	return ok(cpuid_get(0, 0).eax >= 1);
}

enum result op_vmcall(void)
{
	int64_t rax = UNKNOWN_CALL;

	asm volatile(TRY("vmcall") : "+a"(rax) : : "memory");
	return ok_if_virtual(trap_take() == VECTOR_NONE && rax == HYPERCALL_ENOSYS);
}

enum result op_invd(void)
{
	/* Every hypervisor skips it; on hardware it would lose what we wrote. */
	asm volatile(TRY("invd") : : : "memory");
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_wbinvd(void)
{
	asm volatile(TRY("wbinvd") : : : "memory");
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_xsetbv(void)
{
	uint32_t low, high;

	if (!(read_cr(4) & CR4_OSXSAVE))
		return skip("no XSAVE");
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	asm volatile(TRY("xsetbv") : : "a"(low), "d"(high), "c"(0) : "memory");
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_rdpmc(void)
{
	uint32_t low, high;

	/* A counter that does not exist: #GP with a PMU and without. */
	asm volatile(TRY("rdpmc") : "=a"(low), "=d"(high) : "c"(0x3fffffff));
	return ok_if_virtual(trap_take() == VECTOR_GP);
}

bool monitor_announced;

/* KVM's own default, hence QEMU's, is a NOP even where CPUID has neither: these rows fail then. */
static enum result as_announced(int vector)
{
	return ok(vector == (monitor_announced ? VECTOR_NONE : VECTOR_UD));
}

/* Where nobody traps it, MWAIT may stop the CPU for good. */
enum result op_mwait(void)
{
	if (!accounting.present)
		return skip("could stop this machine");
	asm volatile(TRY("mwait") : : "a"(0), "c"(0));
	return as_announced(trap_take());
}

enum result op_monitor(void)
{
	asm volatile(TRY("monitor") : : "a"(scratch), "c"(0), "d"(0));
	return as_announced(trap_take());
}

/* MSRs */

enum result op_rdmsr(void)
{
	try_rdmsr(MSR_IA32_BIOS_SIGN_ID);
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_wrmsr(void)
{
	try_wrmsr(MSR_IA32_BIOS_SIGN_ID, 0);
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_wrmsr_tsc_deadline(void)
{
	if (!timer_present())
		return skip("no x2APIC with TSC-deadline timer");
	try_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	return ok(trap_take() == VECTOR_NONE);
}

enum result op_rdmsr_unknown(void)
{
	try_rdmsr(UNKNOWN_MSR);
	return ok_if_virtual(trap_take() == VECTOR_GP);
}

enum result op_wrmsr_unknown(void)
{
	try_wrmsr(UNKNOWN_MSR, 0);
	return ok_if_virtual(trap_take() == VECTOR_GP);
}

/* Control registers: each row puts back what it found */

#define CR_TOGGLE_OP(name, cr, bit)						\
enum result name(void)								\
{										\
	uint64_t old = read_cr(cr), seen;					\
										\
	write_cr(cr, old ^ (bit));						\
	seen = read_cr(cr);							\
	write_cr(cr, old);							\
	return ok(seen == (old ^ (bit)) && read_cr(cr) == old);			\
}

CR_TOGGLE_OP(op_cr0_am, 0, CR0_AM)
CR_TOGGLE_OP(op_cr0_ts, 0, CR0_TS)
CR_TOGGLE_OP(op_cr0_wp, 0, CR0_WP)
CR_TOGGLE_OP(op_cr4_mce, 4, CR4_MCE)
CR_TOGGLE_OP(op_cr4_de, 4, CR4_DE)
CR_TOGGLE_OP(op_cr4_pge, 4, CR4_PGE)

enum result op_cr0_read(void)
{
	const uint64_t pe_pg = 0x80000001;

	return ok((read_cr(0) & pe_pg) == pe_pg);
}

enum result op_cr3_read(void)
{
	return ok(read_cr(3) != 0);
}

enum result op_cr3_write(void)
{
	write_cr(3, read_cr(3));
	return ROW_OK;
}

enum result op_cr8_read(void)
{
	return ok(read_cr(8) == 0);
}

enum result op_cr8_write(void)
{
	uint64_t seen;

	write_cr(8, 5);
	seen = read_cr(8);
	write_cr(8, 0);
	return ok(seen == 5);
}

enum result op_clts(void)
{
	write_cr(0, read_cr(0) | CR0_TS);
	asm volatile("clts" : : : "memory");
	return ok(!(read_cr(0) & CR0_TS));
}

/* LMSW sets and clears MP, EM and TS, and cannot clear PE. */
#define LMSW_OP(name, bit)							\
enum result name(void)								\
{										\
	uint64_t old = read_cr(0), seen;					\
										\
	asm volatile("lmsw %w0" : : "r"(old ^ (bit)) : "memory");		\
	seen = read_cr(0);							\
	asm volatile("lmsw %w0" : : "r"(old) : "memory");			\
	return ok(seen == (old ^ (bit)) && read_cr(0) == old);			\
}

LMSW_OP(op_lmsw_mp, CR0_MP)
LMSW_OP(op_lmsw_ts, CR0_TS)

/*
 * Debug registers. Both targets stop intercepting MOV DR at the first one, and
 * start again at the next exit: the CPUID makes the rows repeatable.
 */
enum result op_mov_dr(void)
{
	cpuid_get(0, 0);
	asm volatile("mov %0, %%db0" : : "r"(0ull));
	return ROW_OK;
}

enum result op_mov_from_dr(void)
{
	const uint64_t always_one = 1 << 10;
	uint64_t seen;

	cpuid_get(0, 0);
	asm volatile("mov %%db7, %0" : "=r"(seen));
	return ok(seen & always_one);
}

enum result op_mov_dr_twice(void)
{
	const uint64_t value = 0x12345678;
	uint64_t seen;

	cpuid_get(0, 0);
	asm volatile("mov %1, %%db0; mov %%db0, %0" : "=r"(seen) : "r"(value));
	return ok(seen == value);
}

/* Exceptions that the guest raises and handles itself */

enum result op_ud2(void)
{
	asm volatile(TRY("ud2"));
	return ok(trap_take() == VECTOR_UD);
}

enum result op_int3(void)
{
	asm volatile("int3");
	return ok(trap_take() == VECTOR_BP);
}

enum result op_int1(void)
{
	asm volatile(TRY(".byte 0xf1"));
	return ok_if_virtual(trap_take() == VECTOR_DB);
}

/* POPF sets TF, and the trap comes behind the NOP; its handler clears TF. */
enum result op_single_step(void)
{
	asm volatile("pushfq; orl %0, (%%rsp); popfq; nop" : : "i"(RFLAGS_TF) : "cc", "memory");
	return ok(trap_take() == VECTOR_DB);
}

enum result op_page_fault(void)
{
	const uint64_t unmapped = 1ull << 40;

	asm volatile(TRY("movb (%0), %%al") : : "r"(unmapped) : "rax", "memory");
	return ok(trap_take() == VECTOR_PF);
}

/* Instructions of VMX and SMX in a guest that may not use them: all #UD */

#define UD_OP(name, insn)							\
enum result name(void)								\
{										\
	uint64_t operand[2] = { (uint64_t)scratch };				\
	uint64_t rax = 0, rcx = 0;						\
										\
	asm volatile(TRY(insn) : "+m"(operand), "+a"(rax), "+c"(rcx) : : "memory"); \
	return ok(trap_take() == VECTOR_UD);					\
}

UD_OP(op_vmxon, "vmxon %0")
UD_OP(op_vmxoff, "vmxoff")
UD_OP(op_vmclear, "vmclear %0")
UD_OP(op_vmptrld, "vmptrld %0")
UD_OP(op_vmptrst, "vmptrst %0")
UD_OP(op_vmread, "vmread %%rax, %%rcx")
UD_OP(op_vmwrite, "vmwrite %%rcx, %%rax")
UD_OP(op_vmlaunch, "vmlaunch")
UD_OP(op_vmresume, "vmresume")
UD_OP(op_invept, "invept %0, %%rax")
UD_OP(op_invvpid, "invvpid %0, %%rax")
UD_OP(op_vmfunc, "vmfunc")
UD_OP(op_getsec, "getsec")
UD_OP(op_rsm, "rsm")

/* With intercept= they exit for a reason of their own before the #UD comes. */
enum result op_vmfunc_exit(void)
{
	return op_vmfunc();
}

enum result op_getsec_exit(void)
{
	return op_getsec();
}
