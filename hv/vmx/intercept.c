// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a guest exit, and why. The rule behind all of it: exit exactly
 * where KVM (Linux 6.12: EPT, unrestricted guest, in-kernel APIC without APICv)
 * makes the same guest exit, so that a difference in counts is a difference in
 * handling.
 *
 * Source: Intel SDM volume 3, chapter "Virtual Machine Control Structures",
 * sections "VM-Execution Control Fields", "VM-Exit Control Fields", "VM-Entry
 * Control Fields". The names are the SDM's.
 */
#include "hv/boot/console.h"
#include "hv/vmx/vmx.h"
#include "machine/machine.h"
#include "machine/x86.h"

/*
 * X(group, bit, what hv wants, the SDM's name).
 *
 * ON: hv needs it. HAVE: on where the CPU has it, as KVM does. OFF: must be possible to
 * leave off. LATER: off at first, toggled while the guest runs.
 */
#define CONTROLS(X) \
	X(PIN, 0, ON, "external-interrupt exiting")	/* interrupts are hv's */ \
	X(PIN, 3, ON, "NMI exiting")			/* so are NMIs */ \
	X(PIN, 5, ON, "virtual NMIs")			/* the guest's own need blocking */ \
	X(PIN, 6, LATER, "activate VMX-preemption timer") /* while the APIC timer runs */ \
	X(PROC, 2, LATER, "interrupt-window exiting")	/* a vector waits for IF */ \
	X(PROC, 3, ON, "use TSC offsetting")		/* the guest may set its TSC */ \
	X(PROC, 7, ON, "HLT exiting")			/* hv waits in its place */ \
	X(PROC, 9, OFF, "INVLPG exiting")		/* EPT: its tables are its own */ \
	X(PROC, 10, ON, "MWAIT exiting")		/* must not stop the CPU */ \
	X(PROC, 11, ON, "RDPMC exiting")		/* the counters are not its own */ \
	X(PROC, 12, OFF, "RDTSC exiting")		/* offsetting is enough */ \
	X(PROC, 15, OFF, "CR3-load exiting")		/* as INVLPG */ \
	X(PROC, 16, OFF, "CR3-store exiting")		/* as INVLPG */ \
	X(PROC, 19, OFF, "CR8-load exiting")		/* the TPR shadow takes it */ \
	X(PROC, 20, OFF, "CR8-store exiting")		/* likewise */ \
	X(PROC, 21, ON, "use TPR shadow")		/* CR8 without exits */ \
	X(PROC, 22, LATER, "NMI-window exiting")	/* an NMI waits for IRET */ \
	X(PROC, 23, ON, "MOV-DR exiting")		/* lazily: handle_dr_access() */ \
	X(PROC, 24, ON, "unconditional I/O exiting")	/* no port is its own */ \
	X(PROC, 27, OFF, "monitor trap flag")		/* for debuggers */ \
	X(PROC, 28, ON, "use MSR bitmaps")		/* see passed_msrs */ \
	X(PROC, 29, ON, "MONITOR exiting")		/* goes with MWAIT */ \
	X(PROC, 30, OFF, "PAUSE exiting")		/* only loops of it, see below */ \
	X(PROC, 31, ON, "activate secondary controls")	/* for what follows */ \
	X(PROC2, 1, ON, "enable EPT")			/* memory without shadow tables */ \
	X(PROC2, 2, OFF, "descriptor-table exiting")	/* SGDT, SLDT are harmless */ \
	X(PROC2, 3, HAVE, "enable RDTSCP")		/* CPUID announces it then */ \
	X(PROC2, 5, ON, "enable VPID")			/* entries need not flush the TLB */ \
	X(PROC2, 6, HAVE, "WBINVD exiting")		/* costs the host its caches */ \
	X(PROC2, 7, ON, "unrestricted guest")		/* it starts with paging off */ \
	X(PROC2, 10, HAVE, "PAUSE-loop exiting")	/* a spinning guest wastes time */ \
	X(PROC2, 11, OFF, "RDRAND exiting")		/* no secret of the host in it */ \
	X(PROC2, 12, HAVE, "enable INVPCID")		/* as INVLPG */ \
	X(PROC2, 13, OFF, "enable VM functions")	/* none is for a guest */ \
	X(PROC2, 16, OFF, "RDSEED exiting")		/* as RDRAND */ \
	X(PROC2, 20, OFF, "enable XSAVES/XRSTORS")	/* CPUID hides them */ \
	X(EXIT, 2, ON, "save debug controls")		/* DR7 is the guest's */ \
	X(EXIT, 9, ON, "host address-space size")	/* hv is 64-bit code */ \
	X(EXIT, 15, ON, "acknowledge interrupt on exit") /* as KVM; hv needs no IDT entry */ \
	X(EXIT, 19, ON, "load IA32_PAT on VM exit")	/* the guest sets its own */ \
	X(EXIT, 21, ON, "load IA32_EFER on VM exit")	/* likewise */ \
	X(ENTRY, 2, ON, "load debug controls")		/* see above */ \
	X(ENTRY, 9, LATER, "IA-32e mode guest")		/* follows the guest's EFER.LMA */ \
	X(ENTRY, 14, ON, "load IA32_PAT on VM entry")	/* see above */ \
	X(ENTRY, 15, ON, "load IA32_EFER on VM entry")	/* see above */ \
	X(EPT_CAPS, 6, ON, "EPT page-walk length of 4")	/* ept.c's tables have four levels */ \
	X(EPT_CAPS, 14, ON, "write-back EPT paging structures") /* they are ordinary memory */ \
	X(EPT_CAPS, 20, ON, "INVEPT")			/* an entry of the EPT allows less */ \
	X(EPT_CAPS, 26, ON, "all-contexts INVEPT")	/* the only type that hv asks for */ \
	X(VPID_CAPS, 0, ON, "INVVPID")			/* the guest's page tables change */ \
	X(VPID_CAPS, 10, ON, "all-contexts INVVPID")	/* as INVEPT */

enum { ON, HAVE, OFF, LATER };
static const struct {
	u8 group, bit, want;
} controls[] = {
#define X(group, bit, want, name) { group, bit, want },
	CONTROLS(X)
#undef X
};
static const char control_names[] =
#define X(group, bit, want, name) name "\0"
	CONTROLS(X)
#undef X
	;

u32 vmx_controls[NR_CONTROL_GROUPS];

u32 exception_bitmap =
	1u << VECTOR_DB |	/* a guest could loop in delivering it for ever */
	1u << VECTOR_AC |	/* likewise */
	1u << VECTOR_UD |	/* KVM emulates some instructions there */
	1u << VECTOR_MC;	/* the machine is hv's */

/* All other bits exit when a MOV would change what the guest reads of them. */
u64 cr4_held =
	CR4_VMXE |		/* VMX needs it */
	CR4_MCE;		/* without it a machine check would not exit but shut down */
u64 cr0_guest_owned =
	CR0_TS |		/* lazy FPU switching, and CLTS, at no cost */
	CR0_WP;			/* EPT: no shadow page tables depend on it */
const u64 cr4_guest_owned =	/* bits of which nothing in hv depends */
	CR4_PVI | CR4_DE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_PGE | CR4_TSD |
	CR4_FSGSBASE;

/*
 * What the table above leaves off and intercept=NAME turns on, so that the exit
 * can be seen, counted and timed. The number is the exit reason; a control that
 * lets the instruction exist at all is named beside the one that makes it exit.
 */
static const struct {
	char name[12];
	struct { u8 group, bit; } on[2];	/* or one: nothing is of group 0, PIN */
} intercepts[] = {
#define BIT(group, mask) { group, __builtin_ctz(mask) }
	{ "bp",		{ { EXCEPTIONS, VECTOR_BP } } },	/* 0 of INT3 */
	{ "pf",		{ { EXCEPTIONS, VECTOR_PF } } },	/* 0, as with shadow paging */
	{ "getsec",	{ BIT(CR4_BITS, CR4_SMXE) } },		/* 11, which is #UD without */
	{ "invlpg",	{ BIT(PROC, PROC_INVLPG) } },		/* 14, and INVPCID's 58 */
	{ "rdtsc",	{ BIT(PROC, PROC_RDTSC) } },		/* 16, and RDTSCP's 51 */
	/* 28 of MOV, CLTS, LMSW */
	{ "cr0",	{ BIT(CR0_BITS, CR0_TS), BIT(CR0_BITS, CR0_WP) } },
	{ "cr3",	{ BIT(PROC, PROC_CR3_LOAD), BIT(PROC, PROC_CR3_STORE) } },	/* 28 */
	{ "cr8",	{ BIT(PROC, PROC_CR8_LOAD), BIT(PROC, PROC_CR8_STORE) } },	/* 28 */
	{ "mtf",	{ BIT(PROC, PROC_MONITOR_TRAP) } },	/* 37, one after each VMCALL */
	{ "pause",	{ BIT(PROC, PROC_PAUSE) } },		/* 40 of every PAUSE */
	{ "descriptor",	{ BIT(PROC2, PROC2_DESCRIPTOR) } },	/* 46, 47 */
	{ "rdtscp",	{ BIT(PROC, PROC_RDTSC), BIT(PROC2, PROC2_RDTSCP) } },		/* 51 */
	{ "rdrand",	{ BIT(PROC2, PROC2_RDRAND) } },		/* 57 */
	{ "invpcid",	{ BIT(PROC, PROC_INVLPG), BIT(PROC2, PROC2_INVPCID) } },	/* 58 */
	{ "vmfunc",	{ BIT(PROC2, PROC2_VMFUNC) } },		/* 59: no function allowed */
	{ "rdseed",	{ BIT(PROC2, PROC2_RDSEED) } },		/* 61 */
	{ "xsaves",	{ BIT(PROC2, PROC2_XSAVES) } },		/* 63, 64 */
#undef BIT
};

u32 intercepted[NR_INTERCEPTED];

static void intercept(const char *name, size_t length)
{
	for (u32 i = 0; i < ARRAY_SIZE(intercepts); i++) {
		if (strlen(intercepts[i].name) != length ||
		    memcmp(intercepts[i].name, name, length))
			continue;
		for (u32 k = 0; k < ARRAY_SIZE(intercepts[i].on); k++)
			intercepted[intercepts[i].on[k].group] |= 1u << intercepts[i].on[k].bit;
		return;
	}
	print("hv: intercept=: there is no '");
	for (size_t i = 0; i < length; i++)
		console_put(name[i]);
	print("'; the names, with commas between them, are:");
	for (u32 i = 0; i < ARRAY_SIZE(intercepts); i++)
		print(" %s", intercepts[i].name);
	print("\n");
	hv_end(CAUSE_ERROR, MACHINE_CODE_USAGE);
}

void intercept_init(const char *names)
{
	for (size_t n = 0; *names; names += n + (names[n] == ',')) {
		for (n = 0; names[n] && names[n] != ',';)
			n++;
		intercept(names, n);
	}
	intercepted[PIN] = 0;		/* what the rows with one bit have besides */
	exception_bitmap |= intercepted[EXCEPTIONS];
	cr0_guest_owned &= ~(u64)intercepted[CR0_BITS];
	cr4_held |= intercepted[CR4_BITS];
}

void vmx_cannot_intercept(const char *feature)
{
	die(MACHINE_CODE_NO_VIRT, "intercept= asks for \"%s\", and this CPU has none", feature);
}

void vmx_negotiate(const struct vmcs_caps *caps)
{
	u32 nr_missing = 0;

	for (u32 i = 0; i < ARRAY_SIZE(controls); i++) {
		u32 group = controls[i].group, want = controls[i].want;
		u32 bit = 1u << controls[i].bit;
		u64 allowed = vmcs_caps_control(caps, group);
		bool must_be_1 = allowed & bit, may_be_1 = allowed >> 32 & bit;
		bool extra = intercepted[group] & bit;
		const char *name = text_nth(control_names, i);

		vmx_controls[group] |= (u32)allowed;
		if (extra && !may_be_1)
			vmx_cannot_intercept(name);
		/* All that is missing goes on one line. */
		if ((want == ON || want == LATER) && !may_be_1)
			print("%s\"%s\"", nr_missing++ ? ", " :
			      "hv: this CPU cannot run hv, it lacks: ", name);
		if ((want == OFF || want == LATER) && must_be_1)
			die(MACHINE_CODE_NO_VIRT, "this CPU cannot leave \"%s\" off", name);
		if ((extra || want == ON || want == HAVE) && may_be_1)
			vmx_controls[group] |= bit;
	}
	if (nr_missing) {
		print("; use a CPU with EPT and unrestricted guest (Westmere or later)\n");
		hv_end(CAUSE_ERROR, MACHINE_CODE_NO_VIRT);
	}
}

/* MSRs whose guest value is in the VMCS or which hv itself never uses. */
static const u32 passed_msrs[] = {
	MSR_IA32_TSC,		/* the offset applies; writes move it, so they exit */
	MSR_KERNEL_GS_BASE,	/* stays in the CPU: hv runs no SWAPGS */
	MSR_FS_BASE, MSR_GS_BASE,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
};

void msr_bitmap_init(u8 *bitmap)
{
	memset(bitmap, 0xff, PAGE_SIZE);
	for (u32 i = 0; i < ARRAY_SIZE(passed_msrs); i++) {
		u32 msr = passed_msrs[i];
		/* Four KiB-sized parts: reads of low MSRs, of high ones, then writes. */
		u32 byte = (msr >= 0xc0000000 ? 1024 : 0) + (msr & 0x1fff) / 8;
		u8 keep = ~(1u << (msr & 7));

		bitmap[byte] &= keep;
		if (msr != MSR_IA32_TSC)
			bitmap[2048 + byte] &= keep;
	}
}
