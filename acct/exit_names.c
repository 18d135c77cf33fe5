// SPDX-License-Identifier: GPL-2.0-only
/* Names of numbers, and sentences of them. See exit_names.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "exit_leaves.h"
#include "exit_names.h"

#define LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

struct text {
	char *text;
	size_t size, length;	/* of the room; of all that was to be put there */
};

static void __printf(2, 3) put(struct text *t, const char *fmt, ...)
{
	size_t at = t->length < t->size ? t->length : t->size;
	va_list args;

	va_start(args, fmt);
	t->length += vsnprintf(t->size ? t->text + at : NULL, t->size - at, fmt, args);
	va_end(args);
}

/* The @n-th of words with blanks between them, from 0 on; "": there is none. */
static void put_word(struct text *t, const char *words, u32 n)
{
	size_t length;

	for (; n && *words; n--) {
		words += strcspn(words, " ");
		words += strspn(words, " ");
	}
	length = strcspn(words, " ");
	put(t, "%.*s", (int)length, words);
}

/* The name of a number, or of @nr of them, @step apart, from @first on. */
struct row {
	u32 first;
	u16 nr;			/* 0: 1 */
	u16 step;		/* 0: 1 */
	const char *name;
};

static const struct row msrs[] = {
	{ 0x0, .name = "IA32_P5_MC_ADDR" },
	{ 0x1, .name = "IA32_P5_MC_TYPE" },
	{ 0x6, .name = "IA32_MONITOR_FILTER_SIZE" },
	{ 0x10, .name = "IA32_TIME_STAMP_COUNTER" },
	{ 0x11, .name = "MSR_KVM_WALL_CLOCK" },
	{ 0x12, .name = "MSR_KVM_SYSTEM_TIME" },
	{ 0x17, .name = "IA32_PLATFORM_ID" },
	{ 0x1b, .name = "IA32_APIC_BASE" },
	{ 0x2a, .name = "MSR_EBL_CR_POWERON" },
	{ 0x2f, .name = "IA32_BARRIER" },
	{ 0x33, .name = "MSR_MEMORY_CTRL" },
	{ 0x34, .name = "MSR_SMI_COUNT" },
	{ 0x35, .name = "MSR_CORE_THREAD_COUNT" },
	{ 0x3a, .name = "IA32_FEATURE_CONTROL" },
	{ 0x3b, .name = "IA32_TSC_ADJUST" },
	{ 0x48, .name = "IA32_SPEC_CTRL" },
	{ 0x49, .name = "IA32_PRED_CMD" },
	{ 0x4e, .name = "IA32_PPIN_CTL" },
	{ 0x4f, .name = "IA32_PPIN" },
	{ 0x79, .name = "IA32_BIOS_UPDT_TRIG" },
	{ 0x7a, .name = "IA32_FEATURE_ACTIVATION" },
	{ 0x7b, .name = "IA32_MCU_ENUMERATION" },
	{ 0x7c, .name = "IA32_MCU_STATUS" },
	{ 0x87, .name = "IA32_MKTME_KEYID_PARTITIONING" },
	{ 0x8b, .name = "IA32_BIOS_SIGN_ID" },
	{ 0x8c, 4, .name = "IA32_SGXLEPUBKEYHASH#" },
	{ 0x98, .name = "IA32_WBINVDP" },
	{ 0x99, .name = "IA32_WBNOINVDP" },
	{ 0x9a, .name = "IA32_INTR_PENDING" },
	{ 0x9b, .name = "IA32_SMM_MONITOR_CTL" },
	{ 0x9e, .name = "IA32_SMBASE" },
	{ 0xbc, .name = "IA32_MISC_PACKAGE_CTLS" },
	{ 0xbd, .name = "IA32_XAPIC_DISABLE_STATUS" },
	{ 0xc1, 8, .name = "IA32_PMC#" },
	{ 0xcd, .name = "MSR_FSB_FREQ" },
	{ 0xce, .name = "MSR_PLATFORM_INFO" },
	{ 0xcf, .name = "IA32_CORE_CAPABILITIES" },
	{ 0xe1, .name = "IA32_UMWAIT_CONTROL" },
	{ 0xe2, .name = "MSR_PKG_CST_CONFIG_CONTROL" },
	{ 0xe7, .name = "IA32_MPERF" },
	{ 0xe8, .name = "IA32_APERF" },
	{ 0xfe, .name = "IA32_MTRRCAP" },
	{ 0x10a, .name = "IA32_ARCH_CAPABILITIES" },
	{ 0x10b, .name = "IA32_FLUSH_CMD" },
	{ 0x10f, .name = "MSR_TSX_FORCE_ABORT" },
	{ 0x122, .name = "IA32_TSX_CTRL" },
	{ 0x123, .name = "IA32_MCU_OPT_CTRL" },
	{ 0x13c, .name = "MSR_FEATURE_CONFIG" },
	{ 0x140, .name = "MSR_MISC_FEATURES_ENABLES" },
	{ 0x174, .name = "IA32_SYSENTER_CS" },
	{ 0x175, .name = "IA32_SYSENTER_ESP" },
	{ 0x176, .name = "IA32_SYSENTER_EIP" },
	{ 0x179, .name = "IA32_MCG_CAP" },
	{ 0x17a, .name = "IA32_MCG_STATUS" },
	{ 0x17b, .name = "IA32_MCG_CTL" },
	{ 0x186, 8, .name = "IA32_PERFEVTSEL#" },
	{ 0x195, .name = "IA32_OVERCLOCKING_STATUS" },
	{ 0x198, .name = "IA32_PERF_STATUS" },
	{ 0x199, .name = "IA32_PERF_CTL" },
	{ 0x19a, .name = "IA32_CLOCK_MODULATION" },
	{ 0x19b, .name = "IA32_THERM_INTERRUPT" },
	{ 0x19c, .name = "IA32_THERM_STATUS" },
	{ 0x1a0, .name = "IA32_MISC_ENABLE" },
	{ 0x1a2, .name = "MSR_TEMPERATURE_TARGET" },
	{ 0x1a4, .name = "MSR_MISC_FEATURE_CONTROL" },
	{ 0x1a6, 2, .name = "MSR_OFFCORE_RSP_#" },
	{ 0x1aa, .name = "MSR_MISC_PWR_MGMT" },
	{ 0x1ad, .name = "MSR_TURBO_RATIO_LIMIT" },
	{ 0x1b0, .name = "IA32_ENERGY_PERF_BIAS" },
	{ 0x1b1, .name = "IA32_PACKAGE_THERM_STATUS" },
	{ 0x1b2, .name = "IA32_PACKAGE_THERM_INTERRUPT" },
	{ 0x1c4, .name = "IA32_XFD" },
	{ 0x1c5, .name = "IA32_XFD_ERR" },
	{ 0x1c8, .name = "MSR_LBR_SELECT" },
	{ 0x1c9, .name = "MSR_LASTBRANCH_TOS" },
	{ 0x1cc, 4, .name = "IA32_FRED_RSP#" },
	{ 0x1d0, .name = "IA32_FRED_STKLVLS" },
	{ 0x1d1, 3, .name = "IA32_FRED_SSP@" },
	{ 0x1d4, .name = "IA32_FRED_CONFIG" },
	{ 0x1d9, .name = "IA32_DEBUGCTL" },
	{ 0x1dd, .name = "IA32_LER_FROM_IP" },
	{ 0x1de, .name = "IA32_LER_TO_IP" },
	{ 0x1e0, .name = "IA32_LER_INFO" },
	{ 0x1f2, .name = "IA32_SMRR_PHYSBASE" },
	{ 0x1f3, .name = "IA32_SMRR_PHYSMASK" },
	{ 0x1f8, .name = "IA32_PLATFORM_DCA_CAP" },
	{ 0x1f9, .name = "IA32_CPU_DCA_CAP" },
	{ 0x1fa, .name = "IA32_DCA_0_CAP" },
	{ 0x1fc, .name = "MSR_POWER_CTL" },
	{ 0x200, 10, 2, "IA32_MTRR_PHYSBASE#" },
	{ 0x201, 10, 2, "IA32_MTRR_PHYSMASK#" },
	{ 0x250, .name = "IA32_MTRR_FIX64K_00000" },
	{ 0x258, .name = "IA32_MTRR_FIX16K_80000" },
	{ 0x259, .name = "IA32_MTRR_FIX16K_A0000" },
	{ 0x268, .name = "IA32_MTRR_FIX4K_C0000" },
	{ 0x269, .name = "IA32_MTRR_FIX4K_C8000" },
	{ 0x26a, .name = "IA32_MTRR_FIX4K_D0000" },
	{ 0x26b, .name = "IA32_MTRR_FIX4K_D8000" },
	{ 0x26c, .name = "IA32_MTRR_FIX4K_E0000" },
	{ 0x26d, .name = "IA32_MTRR_FIX4K_E8000" },
	{ 0x26e, .name = "IA32_MTRR_FIX4K_F0000" },
	{ 0x26f, .name = "IA32_MTRR_FIX4K_F8000" },
	{ 0x277, .name = "IA32_PAT" },
	{ 0x280, 32, .name = "IA32_MC#_CTL2" },
	{ 0x2ff, .name = "IA32_MTRR_DEF_TYPE" },
	{ 0x309, 3, .name = "IA32_FIXED_CTR#" },
	{ 0x329, .name = "MSR_PERF_METRICS" },
	{ 0x345, .name = "IA32_PERF_CAPABILITIES" },
	{ 0x38d, .name = "IA32_FIXED_CTR_CTRL" },
	{ 0x38e, .name = "IA32_PERF_GLOBAL_STATUS" },
	{ 0x38f, .name = "IA32_PERF_GLOBAL_CTRL" },
	{ 0x390, .name = "IA32_PERF_GLOBAL_STATUS_RESET" },
	{ 0x391, .name = "IA32_PERF_GLOBAL_STATUS_SET" },
	{ 0x392, .name = "IA32_PERF_GLOBAL_INUSE" },
	{ 0x3f1, .name = "IA32_PEBS_ENABLE" },
	{ 0x3f2, .name = "MSR_PEBS_DATA_CFG" },
	{ 0x3f6, .name = "MSR_PEBS_LD_LAT" },
	{ 0x3f7, .name = "MSR_PEBS_FRONTEND" },
	{ 0x400, 32, 4, "IA32_MC#_CTL" },
	{ 0x401, 32, 4, "IA32_MC#_STATUS" },
	{ 0x402, 32, 4, "IA32_MC#_ADDR" },
	{ 0x403, 32, 4, "IA32_MC#_MISC" },
	{ 0x480, .name = "IA32_VMX_BASIC" },
	{ 0x481, .name = "IA32_VMX_PINBASED_CTLS" },
	{ 0x482, .name = "IA32_VMX_PROCBASED_CTLS" },
	{ 0x483, .name = "IA32_VMX_EXIT_CTLS" },
	{ 0x484, .name = "IA32_VMX_ENTRY_CTLS" },
	{ 0x485, .name = "IA32_VMX_MISC" },
	{ 0x486, 2, .name = "IA32_VMX_CR0_FIXED#" },
	{ 0x488, 2, .name = "IA32_VMX_CR4_FIXED#" },
	{ 0x48a, .name = "IA32_VMX_VMCS_ENUM" },
	{ 0x48b, .name = "IA32_VMX_PROCBASED_CTLS2" },
	{ 0x48c, .name = "IA32_VMX_EPT_VPID_CAP" },
	{ 0x48d, .name = "IA32_VMX_TRUE_PINBASED_CTLS" },
	{ 0x48e, .name = "IA32_VMX_TRUE_PROCBASED_CTLS" },
	{ 0x48f, .name = "IA32_VMX_TRUE_EXIT_CTLS" },
	{ 0x490, .name = "IA32_VMX_TRUE_ENTRY_CTLS" },
	{ 0x491, .name = "IA32_VMX_VMFUNC" },
	{ 0x492, .name = "IA32_VMX_PROCBASED_CTLS3" },
	{ 0x493, .name = "IA32_VMX_EXIT_CTLS2" },
	{ 0x4c1, 8, .name = "IA32_A_PMC#" },
	{ 0x4d0, .name = "IA32_MCG_EXT_CTL" },
	{ 0x500, .name = "IA32_SGX_SVN_STATUS" },
	{ 0x560, .name = "IA32_RTIT_OUTPUT_BASE" },
	{ 0x561, .name = "IA32_RTIT_OUTPUT_MASK_PTRS" },
	{ 0x570, .name = "IA32_RTIT_CTL" },
	{ 0x571, .name = "IA32_RTIT_STATUS" },
	{ 0x572, .name = "IA32_RTIT_CR3_MATCH" },
	{ 0x580, 4, 2, "IA32_RTIT_ADDR#_A" },
	{ 0x581, 4, 2, "IA32_RTIT_ADDR#_B" },
	{ 0x600, .name = "IA32_DS_AREA" },
	{ 0x606, .name = "MSR_RAPL_POWER_UNIT" },
	{ 0x610, .name = "MSR_PKG_POWER_LIMIT" },
	{ 0x611, .name = "MSR_PKG_ENERGY_STATUS" },
	{ 0x619, .name = "MSR_DRAM_ENERGY_STATUS" },
	{ 0x639, .name = "MSR_PP0_ENERGY_STATUS" },
	{ 0x641, .name = "MSR_PP1_ENERGY_STATUS" },
	{ 0x64d, .name = "MSR_PLATFORM_ENERGY_COUNTER" },
	{ 0x6a0, .name = "IA32_U_CET" },
	{ 0x6a2, .name = "IA32_S_CET" },
	{ 0x6a4, 4, .name = "IA32_PL#_SSP" },
	{ 0x6a8, .name = "IA32_INTERRUPT_SSP_TABLE_ADDR" },
	{ 0x6e0, .name = "IA32_TSC_DEADLINE" },
	{ 0x6e1, .name = "IA32_PKRS" },
	{ 0x770, .name = "IA32_PM_ENABLE" },
	{ 0x771, .name = "IA32_HWP_CAPABILITIES" },
	{ 0x772, .name = "IA32_HWP_REQUEST_PKG" },
	{ 0x773, .name = "IA32_HWP_INTERRUPT" },
	{ 0x774, .name = "IA32_HWP_REQUEST" },
	{ 0x775, .name = "IA32_PECI_HWP_REQUEST_INFO" },
	{ 0x776, .name = "IA32_HWP_CTL" },
	{ 0x777, .name = "IA32_HWP_STATUS" },
	{ 0x802, .name = "IA32_X2APIC_APICID" },
	{ 0x803, .name = "IA32_X2APIC_VERSION" },
	{ 0x808, .name = "IA32_X2APIC_TPR" },
	{ 0x80a, .name = "IA32_X2APIC_PPR" },
	{ 0x80b, .name = "IA32_X2APIC_EOI" },
	{ 0x80d, .name = "IA32_X2APIC_LDR" },
	{ 0x80f, .name = "IA32_X2APIC_SIVR" },
	{ 0x810, 8, .name = "IA32_X2APIC_ISR#" },
	{ 0x818, 8, .name = "IA32_X2APIC_TMR#" },
	{ 0x820, 8, .name = "IA32_X2APIC_IRR#" },
	{ 0x828, .name = "IA32_X2APIC_ESR" },
	{ 0x82f, .name = "IA32_X2APIC_LVT_CMCI" },
	{ 0x830, .name = "IA32_X2APIC_ICR" },
	{ 0x832, .name = "IA32_X2APIC_LVT_TIMER" },
	{ 0x833, .name = "IA32_X2APIC_LVT_THERMAL" },
	{ 0x834, .name = "IA32_X2APIC_LVT_PMI" },
	{ 0x835, 2, .name = "IA32_X2APIC_LVT_LINT#" },
	{ 0x837, .name = "IA32_X2APIC_LVT_ERROR" },
	{ 0x838, .name = "IA32_X2APIC_INIT_COUNT" },
	{ 0x839, .name = "IA32_X2APIC_CUR_COUNT" },
	{ 0x83e, .name = "IA32_X2APIC_DIV_CONF" },
	{ 0x83f, .name = "IA32_X2APIC_SELF_IPI" },
	{ 0x981, .name = "IA32_TME_CAPABILITY" },
	{ 0x982, .name = "IA32_TME_ACTIVATE" },
	{ 0x983, .name = "IA32_TME_EXCLUDE_MASK" },
	{ 0x984, .name = "IA32_TME_EXCLUDE_BASE" },
	{ 0x985, .name = "IA32_UINTR_RR" },
	{ 0x986, .name = "IA32_UINTR_HANDLER" },
	{ 0x987, .name = "IA32_UINTR_STACKADJUST" },
	{ 0x988, .name = "IA32_UINTR_MISC" },
	{ 0x989, .name = "IA32_UINTR_PD" },
	{ 0x98a, .name = "IA32_UINTR_TT" },
	{ 0x990, .name = "IA32_COPY_STATUS" },
	{ 0x991, .name = "IA32_IWKEYBACKUP_STATUS" },
	{ 0xc80, .name = "IA32_DEBUG_INTERFACE" },
	{ 0xc81, .name = "IA32_L3_QOS_CFG" },
	{ 0xc82, .name = "IA32_L2_QOS_CFG" },
	{ 0xc8d, .name = "IA32_QM_EVTSEL" },
	{ 0xc8e, .name = "IA32_QM_CTR" },
	{ 0xc8f, .name = "IA32_PQR_ASSOC" },
	{ 0xc90, 128, .name = "IA32_L3_MASK_#" },
	{ 0xd10, 64, .name = "IA32_L2_MASK_#" },
	{ 0xd90, .name = "IA32_BNDCFGS" },
	{ 0xd91, .name = "IA32_COPY_LOCAL_TO_PLATFORM" },
	{ 0xd92, .name = "IA32_COPY_PLATFORM_TO_LOCAL" },
	{ 0xd93, .name = "IA32_PASID" },
	{ 0xda0, .name = "IA32_XSS" },
	{ 0xdb0, .name = "IA32_PKG_HDC_CTL" },
	{ 0xdb1, .name = "IA32_PM_CTL1" },
	{ 0xdb2, .name = "IA32_THREAD_STALL" },
	{ 0x1200, 32, .name = "IA32_LBR_#_INFO" },
	{ 0x14ce, .name = "IA32_LBR_CTL" },
	{ 0x14cf, .name = "IA32_LBR_DEPTH" },
	{ 0x1500, 32, .name = "IA32_LBR_#_FROM_IP" },
	{ 0x1600, 32, .name = "IA32_LBR_#_TO_IP" },
	{ 0x17d0, .name = "IA32_HW_FEEDBACK_PTR" },
	{ 0x17d1, .name = "IA32_HW_FEEDBACK_CONFIG" },
	{ 0x17d2, .name = "IA32_THREAD_FEEDBACK_CHAR" },
	{ 0x17d4, .name = "IA32_HW_FEEDBACK_THREAD_CONFIG" },
	{ 0x17da, .name = "IA32_HRESET_ENABLE" },
	{ 0x1b01, .name = "IA32_UARCH_MISC_CTL" },
	{ 0x40000000, .name = "HV_X64_MSR_GUEST_OS_ID" },
	{ 0x40000001, .name = "HV_X64_MSR_HYPERCALL" },
	{ 0x40000002, .name = "HV_X64_MSR_VP_INDEX" },
	{ 0x40000003, .name = "HV_X64_MSR_RESET" },
	{ 0x40000010, .name = "HV_X64_MSR_VP_RUNTIME" },
	{ 0x40000020, .name = "HV_X64_MSR_TIME_REF_COUNT" },
	{ 0x40000021, .name = "HV_X64_MSR_REFERENCE_TSC" },
	{ 0x40000022, .name = "HV_X64_MSR_TSC_FREQUENCY" },
	{ 0x40000023, .name = "HV_X64_MSR_APIC_FREQUENCY" },
	{ 0x40000070, .name = "HV_X64_MSR_EOI" },
	{ 0x40000071, .name = "HV_X64_MSR_ICR" },
	{ 0x40000072, .name = "HV_X64_MSR_TPR" },
	{ 0x40000073, .name = "HV_X64_MSR_VP_ASSIST_PAGE" },
	{ 0x40000080, .name = "HV_X64_MSR_SCONTROL" },
	{ 0x40000081, .name = "HV_X64_MSR_SVERSION" },
	{ 0x40000082, .name = "HV_X64_MSR_SIEFP" },
	{ 0x40000083, .name = "HV_X64_MSR_SIMP" },
	{ 0x40000084, .name = "HV_X64_MSR_EOM" },
	{ 0x40000090, 16, .name = "HV_X64_MSR_SINT#" },
	{ 0x400000b0, 4, 2, "HV_X64_MSR_STIMER#_CONFIG" },
	{ 0x400000b1, 4, 2, "HV_X64_MSR_STIMER#_COUNT" },
	{ 0x40000100, 5, .name = "HV_X64_MSR_CRASH_P#" },
	{ 0x40000105, .name = "HV_X64_MSR_CRASH_CTL" },
	{ 0x4b564d00, .name = "MSR_KVM_WALL_CLOCK_NEW" },
	{ 0x4b564d01, .name = "MSR_KVM_SYSTEM_TIME_NEW" },
	{ 0x4b564d02, .name = "MSR_KVM_ASYNC_PF_EN" },
	{ 0x4b564d03, .name = "MSR_KVM_STEAL_TIME" },
	{ 0x4b564d04, .name = "MSR_KVM_PV_EOI_EN" },
	{ 0x4b564d05, .name = "MSR_KVM_POLL_CONTROL" },
	{ 0x4b564d06, .name = "MSR_KVM_ASYNC_PF_INT" },
	{ 0x4b564d07, .name = "MSR_KVM_ASYNC_PF_ACK" },
	{ 0x4b564d08, .name = "MSR_KVM_MIGRATION_CONTROL" },
	{ 0xc0000080, .name = "IA32_EFER" },
	{ 0xc0000081, .name = "IA32_STAR" },
	{ 0xc0000082, .name = "IA32_LSTAR" },
	{ 0xc0000083, .name = "IA32_CSTAR" },
	{ 0xc0000084, .name = "IA32_FMASK" },
	{ 0xc0000100, .name = "IA32_FS_BASE" },
	{ 0xc0000101, .name = "IA32_GS_BASE" },
	{ 0xc0000102, .name = "IA32_KERNEL_GS_BASE" },
	{ 0xc0000103, .name = "IA32_TSC_AUX" },
};

#define SUBLEAVES	1	/* in .step: ECX selects one */

static const struct row leaves[] = {
	{ 0x0, .name = "vendor and highest leaf" },
	{ 0x1, .name = "version and features" },
	{ 0x2, .name = "caches and TLBs" },
	{ 0x3, .name = "processor serial number" },
	{ 0x4, .name = "deterministic cache parameters", .step = SUBLEAVES },
	{ 0x5, .name = "MONITOR/MWAIT" },
	{ 0x6, .name = "thermal and power management" },
	{ 0x7, .name = "structured extended feature flags", .step = SUBLEAVES },
	{ 0x9, .name = "direct cache access" },
	{ 0xa, .name = "architectural performance monitoring" },
	{ 0xb, .name = "extended topology", .step = SUBLEAVES },
	{ 0xd, .name = "processor extended state", .step = SUBLEAVES },
	{ 0xf, .name = "RDT monitoring", .step = SUBLEAVES },
	{ 0x10, .name = "RDT allocation", .step = SUBLEAVES },
	{ 0x12, .name = "SGX", .step = SUBLEAVES },
	{ 0x14, .name = "Processor Trace", .step = SUBLEAVES },
	{ 0x15, .name = "TSC and core crystal clock" },
	{ 0x16, .name = "processor frequency" },
	{ 0x17, .name = "system-on-chip vendor", .step = SUBLEAVES },
	{ 0x18, .name = "deterministic address translation parameters", .step = SUBLEAVES },
	{ 0x19, .name = "Key Locker" },
	{ 0x1a, .name = "native model" },
	{ 0x1b, .name = "PCONFIG", .step = SUBLEAVES },
	{ 0x1c, .name = "last branch records" },
	{ 0x1d, .name = "tiles", .step = SUBLEAVES },
	{ 0x1e, .name = "TMUL", .step = SUBLEAVES },
	{ 0x1f, .name = "extended topology V2", .step = SUBLEAVES },
	{ 0x20, .name = "processor history reset", .step = SUBLEAVES },
	{ 0x23, .name = "architectural performance monitoring extended", .step = SUBLEAVES },
	{ 0x24, .name = "converged vector ISA", .step = SUBLEAVES },
	{ 0x40000000, .name = "hypervisor: signature" },
	{ 0x40000001, .name = "hypervisor: features" },
	{ EXIT_ACCT_LEAF_SIGNATURE, .name = "accounting: signature" },
	{ EXIT_ACCT_LEAF_INFO, .name = "accounting: info" },
	{ EXIT_ACCT_LEAF_TOTAL, .name = "accounting: total" },
	{ EXIT_ACCT_LEAF_TOTAL_MORE, .name = "accounting: round trips of all" },
	{ EXIT_ACCT_LEAF_COUNT, .name = "accounting: exits of a reason" },
	{ EXIT_ACCT_LEAF_TIME, .name = "accounting: round trips of a reason" },
	{ EXIT_ACCT_LEAF_RANGE, .name = "accounting: least and most cycles" },
	{ EXIT_ACCT_LEAF_HIST, .name = "accounting: histogram" },
	{ EXIT_ACCT_LEAF_LOST, .name = "accounting: lost times" },
	{ EXIT_ACCT_LEAF_VCPU, .name = "accounting: one vCPU" },
	{ EXIT_ACCT_LEAF_DETAIL, .name = "accounting: a number" },
	{ EXIT_ACCT_LEAF_DETAIL_COUNT, .name = "accounting: exits of a number" },
	{ EXIT_ACCT_LEAF_COURSE, 4, .name = "accounting: a leaf of the course" },
	{ 0x80000000, .name = "highest extended leaf" },
	{ 0x80000001, .name = "extended signature and features" },
	{ 0x80000002, 3, .name = "processor brand string" },
	{ 0x80000005, .name = "L1 caches and TLBs (AMD)" },
	{ 0x80000006, .name = "L2 cache" },
	{ 0x80000007, .name = "invariant TSC" },
	{ 0x80000008, .name = "address sizes" },
};

static const struct row hypercalls[] = {
	{ 1, .name = "KVM_HC_VAPIC_POLL_IRQ" },
	{ 2, .name = "KVM_HC_MMU_OP" },
	{ 3, .name = "KVM_HC_FEATURES" },
	{ 5, .name = "KVM_HC_KICK_CPU" },
	{ 9, .name = "KVM_HC_CLOCK_PAIRING" },
	{ 10, .name = "KVM_HC_SEND_IPI" },
	{ 11, .name = "KVM_HC_SCHED_YIELD" },
	{ 12, .name = "KVM_HC_MAP_GPA_RANGE" },
};

/* In pages of 4 KiB. */
static const struct row pages[] = {
	{ 0xa0, 32, .name = "VGA memory" },
	{ 0xc0, 32, .name = "option ROMs" },
	{ 0xe0, 32, .name = "BIOS" },
	{ 0xfec00, .name = "I/O APIC" },
	{ 0xfed00, .name = "HPET" },
	{ 0xfed40, 5, .name = "TPM" },
	{ 0xfee00, .name = "local APIC" },
};

static const struct row *find(const struct row *rows, size_t nr, u32 number)
{
	for (; nr--; rows++) {
		u32 step = rows->step ? rows->step : 1, n = (number - rows->first) / step;

		if (number >= rows->first && n < (rows->nr ? rows->nr : 1u) &&
		    rows->first + n * step == number)
			return rows;
	}
	return NULL;
}

#define FIND(rows, number) find(rows, LENGTH(rows), number)

/* # in a name is which of several it is, @ the same from 1 on. */
static void put_name(struct text *t, const struct row *row, u32 number)
{
	u32 n = (number - row->first) / (row->step ? row->step : 1);
	const char *c;

	for (c = row->name; *c; c++) {
		if (*c == '#' || *c == '@')
			put(t, "%u", n + (*c == '@'));
		else
			put(t, "%c", *c);
	}
}

/*
 * A device's ports, and their registers where they have names, of one word each. The first that
 * has a port has it.
 */
struct device {
	u16 first, nr;
	const char *name, *in;
	const char *out;	/* NULL: the same */
};

#define UART(base, name) \
	{ base, 8, name, "RBR IER IIR LCR MCR LSR MSR SCR", "THR IER FCR LCR MCR LSR MSR SCR" }
#define IDE(base, name) { base, 8, name, \
	"data error count LBA0 LBA1 LBA2 drive status", \
	"data features count LBA0 LBA1 LBA2 drive command" }
#define LPT(base, name)	{ base, 3, name, "data status control", NULL }
#define CRTC		"CRTC-index CRTC-data"

static const struct device devices[] = {
	{ 0x0, 8, "DMA1", "address0 count0 address1 count1 address2 count2 address3 count3", NULL },
	{ 0x8, 8, "DMA1", "status request mask mode flip-flop temporary clear-mask all-mask",
	  "command request mask mode flip-flop reset clear-mask all-mask" },
	{ 0x20, 2, "PIC1", "command data", NULL },
	{ 0x2e, 2, "Super I/O", "index data", NULL },
	{ 0x40, 4, "PIT", "counter0 counter1 counter2 mode", NULL },
	{ 0x4e, 2, "Super I/O 2", "index data", NULL },
	{ 0x60, 1, "keyboard", "data", NULL },
	{ 0x61, 1, "system control B", "", NULL },
	{ 0x62, 1, "ACPI EC", "data", NULL },
	{ 0x64, 1, "keyboard", "status", "command" },
	{ 0x66, 1, "ACPI EC", "status", "command" },
	{ 0x70, 2, "CMOS", "index data", NULL },
	{ 0x72, 2, "CMOS extended", "index data", NULL },
	{ 0x80, 1, "POST code", "", NULL },
	{ 0x81, 15, "DMA page", "", NULL },
	{ 0x92, 1, "system control A", "", NULL },
	{ 0xa0, 2, "PIC2", "command data", NULL },
	{ 0xb2, 2, "APM", "control status", NULL },
	{ 0xc0, 32, "DMA2", "", NULL },
	{ 0xe9, 1, "debug console", "", NULL },
	{ 0xed, 1, "delay", "", NULL },
	{ 0xf0, 2, "FPU", "clear-busy reset", NULL },
	{ 0xf4, 1, "exit port", "", NULL },
	IDE(0x170, "IDE2"),
	{ 0x1c0, 6, "ACPI PM1", "status status-high enable enable-high control control-high",
	  NULL },
	{ 0x1ce, 3, "Bochs VBE", "index data data", NULL },
	IDE(0x1f0, "IDE1"),
	{ 0x200, 8, "game port", "", NULL },
	LPT(0x278, "LPT2"),
	UART(0x2e8, "COM4"),
	UART(0x2f8, "COM2"),
	{ 0x376, 1, "IDE2", "alternate-status", "control" },
	LPT(0x378, "LPT1"),
	{ 0x3b4, 2, "VGA mono", CRTC, NULL },
	{ 0x3ba, 1, "VGA mono", "input-status1", "feature-control" },
	LPT(0x3bc, "LPT3"),
	{ 0x3c0, 16, "VGA",
	  "attribute-index attribute-data input-status0 enable sequencer-index sequencer-data "
	  "DAC-mask DAC-state DAC-write-index DAC-data feature-control - misc-output - "
	  "graphics-index graphics-data",
	  "attribute - misc-output enable sequencer-index sequencer-data "
	  "DAC-mask DAC-read-index DAC-write-index DAC-data - - - - "
	  "graphics-index graphics-data" },
	{ 0x3d4, 2, "VGA", CRTC, NULL },
	{ 0x3da, 1, "VGA", "input-status1", "feature-control" },
	UART(0x3e8, "COM3"),
	{ 0x3f6, 1, "IDE1", "alternate-status", "control" },
	UART(0x3f8, "COM1"),
	{ 0x3f0, 8, "floppy", "status-A status-B DOR tape status data - DIR",
	  "- - DOR tape data-rate data - CCR" },
	{ 0x402, 1, "debug console", "", NULL },
	{ 0x4d0, 2, "ELCR", "PIC1 PIC2", NULL },
	{ 0x505, 1, "pvpanic", "", NULL },
	{ 0x510, 2, "fw_cfg", "selector data", NULL },
	{ 0x514, 8, "fw_cfg", "DMA DMA DMA DMA DMA DMA DMA DMA", NULL },
	{ 0x600, 4, "ACPI PM1", "status status-high enable enable-high", NULL },
	{ 0x604, 2, "ACPI PM1", "control control-high", NULL },
	{ 0x608, 4, "ACPI PM timer", "", NULL },
	{ 0xa79, 1, "PnP write data", "", NULL },
	{ 0xcf8, 1, "PCI config", "address", NULL },
	{ 0xcf9, 1, "reset control", "", NULL },
	{ 0xcfa, 2, "PCI config", "address address", NULL },
	{ 0xcfc, 4, "PCI config", "data data data data", NULL },
	{ 0x5658, 1, "VMware backdoor", "", NULL },
	{ 0x8900, 1, "Bochs shutdown", "", NULL },
	{ 0xae00, 24, "ACPI PCI hotplug", "", NULL },
	{ 0xaf00, 32, "ACPI CPU hotplug", "", NULL },
	{ 0xafe0, 4, "ACPI GPE0", "", NULL },
	{ 0xb000, 4, "ACPI PM1", "status status-high enable enable-high", NULL },
	{ 0xb004, 2, "ACPI PM1", "control control-high", NULL },
	{ 0xb008, 4, "ACPI PM timer", "", NULL },
	{ 0xb100, 64, "SMBus", "", NULL },
};

static void put_port(struct text *t, u16 port, bool in)
{
	const struct device *d;
	const char *words;

	for (d = devices; d < devices + LENGTH(devices); d++) {
		if (port < d->first || port - d->first >= d->nr)
			continue;
		words = in || !d->out ? d->in : d->out;
		put(t, " %s", d->name);
		if (*words) {
			put(t, " ");
			put_word(t, words, port - d->first);
		}
		return;
	}
}

static const char registers[] = "RAX RCX RDX RBX RSP RBP RSI RDI R8 R9 R10 R11 R12 R13 R14 R15";
static const char small_registers[] =
	"rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15";

/* By bit; "-": it has no name. */
static const char cr0_bits[] =
	"PE MP EM TS ET NE - - - - - - - - - - WP - AM - - - - - - - - - - NW CD PG";
static const char cr4_bits[] =
	"VME PVI TSD DE PSE PAE MCE PGE PCE OSFXSR OSXMMEXCPT UMIP LA57 VMXE SMXE - FSGSBASE "
	"PCIDE OSXSAVE KL SMEP SMAP PKE CET PKS UINTR - LASS LAM_SUP - - -";

static void put_bits(struct text *t, u32 cr, u32 bits, const char *between)
{
	const char *words = cr == 4 ? cr4_bits : cr0_bits;
	bool first = true;
	u32 i;

	for (i = 0; i < 32; i++) {
		char name[16];
		struct text n = { name, sizeof(name), 0 };

		if (!(bits >> i & 1))
			continue;
		put_word(&n, words, i);
		put(t, "%s", first ? "" : between);
		if ((cr && cr != 4) || *name == '-')
			put(t, "bit%u", i);
		else
			put(t, "%s", name);
		first = false;
	}
}

enum { TO_CR, FROM_CR, CLTS, LMSW };

static void cr_text(struct text *t, u64 number)
{
	u32 cr = number & 15, access = number >> 4 & 3, changes = number >> 32;

	if (access == CLTS || access == LMSW) {
		put(t, "%s", access == CLTS ? "CLTS" : "LMSW");
	} else {
		put(t, access == TO_CR ? "MOV to CR%u from " : "MOV from CR%u to ", cr);
		put_word(t, registers, number >> 8 & 15);
	}
	if (changes) {
		put(t, ": ");
		put_bits(t, access >= CLTS ? 0 : cr, changes, " ");
		put(t, " change%s", changes & (changes - 1) ? "" : "s");
	} else if (access >= CLTS || (access == TO_CR && (!cr || cr == 4))) {
		put(t, ": none of bits 31:0 changes");
	}
}

static void cr_word(struct text *t, u64 number)
{
	u32 cr = number & 15, access = number >> 4 & 3, changes = number >> 32;

	if (access == CLTS || access == LMSW)
		put(t, "%s", access == CLTS ? "clts" : "lmsw");
	if (access == TO_CR)
		put(t, "cr%u=", cr);
	if (access <= FROM_CR)
		put_word(t, small_registers, number >> 8 & 15);
	if (access == FROM_CR)
		put(t, "=cr%u", cr);
	if (changes) {
		put(t, ":");
		put_bits(t, access >= CLTS ? 0 : cr, changes, "+");
	}
}

static void dr_text(struct text *t, u64 number)
{
	put(t, number & 16 ? "MOV from DR%u to " : "MOV to DR%u from ", (u32)number & 7);
	put_word(t, registers, number >> 8 & 15);
}

static void dr_word(struct text *t, u64 number)
{
	bool from = number & 16;

	if (!from)
		put(t, "dr%u=", (u32)number & 7);
	put_word(t, small_registers, number >> 8 & 15);
	if (from)
		put(t, "=dr%u", (u32)number & 7);
}

static const struct {
	const char *word, *text;
} vectors[] = {
	{ "#DE", "divide error" }, { "#DB", "debug" }, { "NMI", "" }, { "#BP", "breakpoint" },
	{ "#OF", "overflow" }, { "#BR", "BOUND range exceeded" }, { "#UD", "invalid opcode" },
	{ "#NM", "device not available" }, { "#DF", "double fault" }, { NULL, NULL },
	{ "#TS", "invalid TSS" }, { "#NP", "segment not present" },
	{ "#SS", "stack-segment fault" }, { "#GP", "general protection" },
	{ "#PF", "page fault" }, { NULL, NULL }, { "#MF", "x87 floating-point error" },
	{ "#AC", "alignment check" }, { "#MC", "machine check" },
	{ "#XM", "SIMD floating-point" }, { "#VE", "virtualization" },
	{ "#CP", "control protection" },
};

static void vector(struct text *t, u32 reason, u32 number, bool word)
{
	if (reason == EXIT_REASON_EXCEPTION_NMI && number < LENGTH(vectors) &&
	    vectors[number].word)
		put(t, !word && *vectors[number].text ? "%s %s" : "%s", vectors[number].word,
		    vectors[number].text);
	else if (word)
		put(t, "%u", number);
	else
		put(t, "vector %u (0x%x)", number, number);
}

static void cpuid_text(struct text *t, u64 number)
{
	u32 leaf = number >> 32, subleaf = (u32)number;
	const struct row *row = FIND(leaves, leaf);

	put(t, "leaf 0x%x", leaf);
	if (row && row->step == SUBLEAVES)
		put(t, " subleaf 0x%x", subleaf);
	else if (subleaf)
		put(t, " (ECX 0x%x)", subleaf);
	if (row)
		put(t, ": %s", row->name);
	else if (leaf >> 28 == 4)
		put(t, ": hypervisor");
}

static void page_text(struct text *t, u64 number)
{
	static const char *const what[] = { "read", "write", "fetch" };
	const u64 page = number >> 12;
	const struct row *row = page >> 32 ? NULL : FIND(pages, page);
	const char *before = ": ";
	u32 i;

	put(t, "page 0x%llx", (unsigned long long)(page << 12));
	if (row)
		put(t, " %s", row->name);
	for (i = 0; i < LENGTH(what); i++) {
		if (number >> i & 1) {
			put(t, "%s%s", before, what[i]);
			before = " ";
		}
	}
}

static void page_word(struct text *t, u64 number)
{
	u32 i;

	put(t, "0x%llx", (unsigned long long)(number >> 12 << 12));
	for (i = 0; i < 3; i++) {
		if (number >> i & 1)
			put(t, "%s%c", number & ((1u << i) - 1) ? "" : ":", "rwx"[i]);
	}
}

/* A number that a table may have a name for. */
static void named(struct text *t, const struct row *row, u32 number, const char *unnamed, bool word)
{
	if (row) {
		put_name(t, row, number);
		if (!word)
			put(t, " (0x%x)", number);
	} else {
		put(t, "%s0x%x", word ? "" : unnamed, number);
	}
}

/* Bits of a number that mean something. */
static u64 meaning(u32 reason, u64 number)
{
	switch (exit_detail_kind(reason)) {
	case EXIT_DETAIL_MSR:
	case EXIT_DETAIL_MSR_IMM:
	case EXIT_DETAIL_VMCALL:
		return (u32)~0;
	case EXIT_DETAIL_IO:
		return EXIT_DETAIL_IO_BITS;
	case EXIT_DETAIL_CR:
		return ~0ull << 32 | ((number >> 4 & 3) < CLTS ? EXIT_DETAIL_CR_BITS : 0x30);
	case EXIT_DETAIL_DR:
		return EXIT_DETAIL_DR_BITS;
	case EXIT_DETAIL_VECTOR:
		return 0xff;
	case EXIT_DETAIL_PAGE:
		return ~0xfffull |
		       (reason == EXIT_REASON_EPT_VIOLATION ? EXIT_DETAIL_PAGE_BITS : 0);
	default:
		return ~0ull;
	}
}

static size_t say(u32 reason, u64 all, char *text, size_t size, bool word)
{
	const u64 number = all & meaning(reason, all), odd = all & ~meaning(reason, all);
	struct text t = { text, size, 0 };
	const u32 bits = 8 * ((number & 7) + 1);
	const bool in = number & 8;
	const u16 port = number >> 16;

	if (size)
		*text = '\0';
	switch (exit_detail_kind(reason)) {
	case EXIT_DETAIL_CPUID:
		if (word)
			put(&t, "0x%x:0x%x", (u32)(number >> 32), (u32)number);
		else
			cpuid_text(&t, number);
		break;
	case EXIT_DETAIL_MSR:
	case EXIT_DETAIL_MSR_IMM:
		named(&t, FIND(msrs, number), number, "MSR ", word);
		break;
	case EXIT_DETAIL_VMCALL:
		named(&t, FIND(hypercalls, number), number, "EAX ", word);
		break;
	case EXIT_DETAIL_IO:
		if (word) {
			put(&t, "%s%u:0x%x", in ? "in" : "out", bits, port);
			break;
		}
		put(&t, "%s %u bit %s 0x%x", in ? "IN" : "OUT", bits, in ? "from" : "to", port);
		put_port(&t, port, in);
		break;
	case EXIT_DETAIL_CR:
		(word ? cr_word : cr_text)(&t, number);
		break;
	case EXIT_DETAIL_DR:
		(word ? dr_word : dr_text)(&t, number);
		break;
	case EXIT_DETAIL_VECTOR:
		vector(&t, reason, number, word);
		break;
	case EXIT_DETAIL_PAGE:
		(word ? page_word : page_text)(&t, number);
		break;
	case EXIT_DETAIL_NONE:
		put(&t, word ? "0x%llx" : "number 0x%llx", (unsigned long long)number);
	}
	if (odd)
		put(&t, word ? "|0x%llx" : " (and bits 0x%llx)", (unsigned long long)odd);
	return t.length;
}

size_t exit_detail_text(u32 reason, u64 number, char *text, size_t size)
{
	return say(reason, number, text, size, false);
}

size_t exit_detail_word(u32 reason, u64 number, char *text, size_t size)
{
	return say(reason, number, text, size, true);
}
