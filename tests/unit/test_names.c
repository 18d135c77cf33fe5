// SPDX-License-Identifier: GPL-2.0-only
/*
 * What numbers of exits are called: written by hand from the SDM's tables, bits of the exit
 * qualification included. Then what holds of every number.
 */
/* units: acct/exit_names.c acct/exit_detail.c acct/exit_reasons.c */
#include "acct/exit_names.h"
#include "tests/unit/tap.h"

static const struct {
	u32 reason;
	u64 number;
	const char *text, *word;
} known[] = {
	/* MSR_READ, MSR_WRITE: ECX */
	{ 32, 0x6e0, "IA32_TSC_DEADLINE (0x6e0)", "IA32_TSC_DEADLINE" },
	{ 31, 0x10, "IA32_TIME_STAMP_COUNTER (0x10)", "IA32_TIME_STAMP_COUNTER" },
	{ 31, 0x1b, "IA32_APIC_BASE (0x1b)", "IA32_APIC_BASE" },
	{ 32, 0x48, "IA32_SPEC_CTRL (0x48)", "IA32_SPEC_CTRL" },
	{ 32, 0x3b, "IA32_TSC_ADJUST (0x3b)", "IA32_TSC_ADJUST" },
	{ 32, 0x8b, "IA32_BIOS_SIGN_ID (0x8b)", "IA32_BIOS_SIGN_ID" },
	{ 31, 0xc8, "IA32_PMC7 (0xc8)", "IA32_PMC7" },
	{ 31, 0xc9, "MSR 0xc9", "0xc9" },
	{ 31, 0x200, "IA32_MTRR_PHYSBASE0 (0x200)", "IA32_MTRR_PHYSBASE0" },
	{ 31, 0x20f, "IA32_MTRR_PHYSMASK7 (0x20f)", "IA32_MTRR_PHYSMASK7" },
	{ 31, 0x213, "IA32_MTRR_PHYSMASK9 (0x213)", "IA32_MTRR_PHYSMASK9" },
	{ 31, 0x214, "MSR 0x214", "0x214" },
	{ 31, 0x26d, "IA32_MTRR_FIX4K_E8000 (0x26d)", "IA32_MTRR_FIX4K_E8000" },
	{ 31, 0x285, "IA32_MC5_CTL2 (0x285)", "IA32_MC5_CTL2" },
	{ 31, 0x400, "IA32_MC0_CTL (0x400)", "IA32_MC0_CTL" },
	{ 31, 0x40d, "IA32_MC3_STATUS (0x40d)", "IA32_MC3_STATUS" },
	{ 31, 0x40f, "IA32_MC3_MISC (0x40f)", "IA32_MC3_MISC" },
	{ 31, 0x47e, "IA32_MC31_ADDR (0x47e)", "IA32_MC31_ADDR" },
	{ 31, 0x480, "IA32_VMX_BASIC (0x480)", "IA32_VMX_BASIC" },
	{ 31, 0x489, "IA32_VMX_CR4_FIXED1 (0x489)", "IA32_VMX_CR4_FIXED1" },
	{ 31, 0x586, "IA32_RTIT_ADDR3_A (0x586)", "IA32_RTIT_ADDR3_A" },
	{ 31, 0x6a7, "IA32_PL3_SSP (0x6a7)", "IA32_PL3_SSP" },
	{ 32, 0x80b, "IA32_X2APIC_EOI (0x80b)", "IA32_X2APIC_EOI" },
	{ 31, 0x817, "IA32_X2APIC_ISR7 (0x817)", "IA32_X2APIC_ISR7" },
	{ 32, 0x830, "IA32_X2APIC_ICR (0x830)", "IA32_X2APIC_ICR" },
	{ 32, 0x836, "IA32_X2APIC_LVT_LINT1 (0x836)", "IA32_X2APIC_LVT_LINT1" },
	{ 32, 0x831, "MSR 0x831", "0x831" },
	{ 32, 0xda0, "IA32_XSS (0xda0)", "IA32_XSS" },
	{ 32, 0x1d1, "IA32_FRED_SSP1 (0x1d1)", "IA32_FRED_SSP1" },
	{ 32, 0xc0000080, "IA32_EFER (0xc0000080)", "IA32_EFER" },
	{ 32, 0xc0000102, "IA32_KERNEL_GS_BASE (0xc0000102)", "IA32_KERNEL_GS_BASE" },
	{ 32, 0x4b564d03, "MSR_KVM_STEAL_TIME (0x4b564d03)", "MSR_KVM_STEAL_TIME" },
	{ 32, 0x400000b7, "HV_X64_MSR_STIMER3_COUNT (0x400000b7)", "HV_X64_MSR_STIMER3_COUNT" },
	{ 84, 0x17, "IA32_PLATFORM_ID (0x17)", "IA32_PLATFORM_ID" },
	{ 85, 0xffffffff, "MSR 0xffffffff", "0xffffffff" },
	/* IO_INSTRUCTION: bits 31:16 port, 3 direction (1 = IN), 2:0 bytes - 1 */
	{ 30, 0x03f80000, "OUT 8 bit to 0x3f8 COM1 THR", "out8:0x3f8" },
	{ 30, 0x03f80008, "IN 8 bit from 0x3f8 COM1 RBR", "in8:0x3f8" },
	{ 30, 0x03fd0008, "IN 8 bit from 0x3fd COM1 LSR", "in8:0x3fd" },
	{ 30, 0x02fa0000, "OUT 8 bit to 0x2fa COM2 FCR", "out8:0x2fa" },
	{ 30, 0x03ef0000, "OUT 8 bit to 0x3ef COM3 SCR", "out8:0x3ef" },
	{ 30, 0x02ea0008, "IN 8 bit from 0x2ea COM4 IIR", "in8:0x2ea" },
	{ 30, 0x01f00009, "IN 16 bit from 0x1f0 IDE1 data", "in16:0x1f0" },
	{ 30, 0x01770000, "OUT 8 bit to 0x177 IDE2 command", "out8:0x177" },
	{ 30, 0x0cf80003, "OUT 32 bit to 0xcf8 PCI config address", "out32:0xcf8" },
	{ 30, 0x0cfe0009, "IN 16 bit from 0xcfe PCI config data", "in16:0xcfe" },
	{ 30, 0x0cf90000, "OUT 8 bit to 0xcf9 reset control", "out8:0xcf9" },
	{ 30, 0x00800000, "OUT 8 bit to 0x80 POST code", "out8:0x80" },
	{ 30, 0x00210000, "OUT 8 bit to 0x21 PIC1 data", "out8:0x21" },
	{ 30, 0x00430000, "OUT 8 bit to 0x43 PIT mode", "out8:0x43" },
	{ 30, 0x00640008, "IN 8 bit from 0x64 keyboard status", "in8:0x64" },
	{ 30, 0x00710008, "IN 8 bit from 0x71 CMOS data", "in8:0x71" },
	{ 30, 0x03d40001, "OUT 16 bit to 0x3d4 VGA CRTC-index", "out16:0x3d4" },
	{ 30, 0x03c80000, "OUT 8 bit to 0x3c8 VGA DAC-write-index", "out8:0x3c8" },
	{ 30, 0x03f60000, "OUT 8 bit to 0x3f6 IDE1 control", "out8:0x3f6" },
	{ 30, 0x03f50008, "IN 8 bit from 0x3f5 floppy data", "in8:0x3f5" },
	{ 30, 0x00f40000, "OUT 8 bit to 0xf4 exit port", "out8:0xf4" },
	{ 30, 0x01c40009, "IN 16 bit from 0x1c4 ACPI PM1 control", "in16:0x1c4" },
	{ 30, 0x05100001, "OUT 16 bit to 0x510 fw_cfg selector", "out16:0x510" },
	{ 30, 0x12340000, "OUT 8 bit to 0x1234", "out8:0x1234" },
	{ 30, 0xffff000b, "IN 32 bit from 0xffff", "in32:0xffff" },
	{ 30, 0x00000002, "OUT 24 bit to 0x0 DMA1 address0", "out24:0x0" },
	/* of a string instruction, were its bits not left out: 4 string, 5 REP */
	{ 30, 0x01f00039, "IN 16 bit from 0x1f0 IDE1 data (and bits 0x30)", "in16:0x1f0|0x30" },
	/* CPUID: EAX, ECX */
	{ 10, 0x0000000400000001, "leaf 0x4 subleaf 0x1: deterministic cache parameters",
	  "0x4:0x1" },
	{ 10, 0x0000000100000000, "leaf 0x1: version and features", "0x1:0x0" },
	{ 10, 0x0000000100000007, "leaf 0x1 (ECX 0x7): version and features", "0x1:0x7" },
	{ 10, 0x0000000000000000, "leaf 0x0: vendor and highest leaf", "0x0:0x0" },
	{ 10, 0x0000000d00000001, "leaf 0xd subleaf 0x1: processor extended state", "0xd:0x1" },
	{ 10, 0x0000002200000000, "leaf 0x22", "0x22:0x0" },
	{ 10, 0x4000000000000000, "leaf 0x40000000: hypervisor: signature", "0x40000000:0x0" },
	{ 10, 0x4000010000000000, "leaf 0x40000100: hypervisor", "0x40000100:0x0" },
	{ 10, 0x4fffff0400000000, "leaf 0x4fffff04: accounting: exits of a reason",
	  "0x4fffff04:0x0" },
	{ 10, 0x4fffffff00000000, "leaf 0x4fffffff: accounting: a leaf of the course",
	  "0x4fffffff:0x0" },
	{ 10, 0x8000000400000000, "leaf 0x80000004: processor brand string", "0x80000004:0x0" },
	{ 10, 0x8000000500000000, "leaf 0x80000005: L1 caches and TLBs (AMD)", "0x80000005:0x0" },
	/* CR_ACCESS: bits 3:0 register, 5:4 access, 11:8 general register; 63:32 changes */
	{ 28, 0x0000000800000000, "MOV to CR0 from RAX: TS changes", "cr0=rax:TS" },
	{ 28, 0x0000000000000000, "MOV to CR0 from RAX: none of bits 31:0 changes", "cr0=rax" },
	{ 28, 0x8001000100000200, "MOV to CR0 from RDX: PE WP PG change", "cr0=rdx:PE+WP+PG" },
	{ 28, 0x6000001000000f00, "MOV to CR0 from R15: ET NW CD change", "cr0=r15:ET+NW+CD" },
	{ 28, 0x0000008000000304, "MOV to CR4 from RBX: PGE changes", "cr4=rbx:PGE" },
	{ 28, 0x0074270000000004, "MOV to CR4 from RAX: PCE OSFXSR OSXMMEXCPT VMXE OSXSAVE SMEP "
	  "SMAP PKE change", "cr4=rax:PCE+OSFXSR+OSXMMEXCPT+VMXE+OSXSAVE+SMEP+SMAP+PKE" },
	{ 28, 0x1000000000000004, "MOV to CR4 from RAX: LAM_SUP changes", "cr4=rax:LAM_SUP" },
	{ 28, 0x0000804000000000, "MOV to CR0 from RAX: bit6 bit15 change", "cr0=rax:bit6+bit15" },
	{ 28, 0x0000000000000703, "MOV to CR3 from RDI", "cr3=rdi" },
	{ 28, 0x0000000000000018, "MOV from CR8 to RAX", "rax=cr8" },
	{ 28, 0x0000000800000020, "CLTS: TS changes", "clts:TS" },
	{ 28, 0x0000000000000020, "CLTS: none of bits 31:0 changes", "clts" },
	{ 28, 0x0000000a00000030, "LMSW: MP TS change", "lmsw:MP+TS" },
	/* bits 27:16, LMSW's operand, and 6 are left out of a number */
	{ 28, 0x0000000800010070, "LMSW: TS changes (and bits 0x10040)", "lmsw:TS|0x10040" },
	/* DR_ACCESS: bits 2:0 register, 4 direction (1 = from), 11:8 general register */
	{ 29, 0x007, "MOV to DR7 from RAX", "dr7=rax" },
	{ 29, 0x316, "MOV from DR6 to RBX", "rbx=dr6" },
	{ 29, 0xf00, "MOV to DR0 from R15", "dr0=r15" },
	/* EXCEPTION_NMI, EXTERNAL_INTERRUPT: the vector */
	{ 0, 6, "#UD invalid opcode", "#UD" },
	{ 0, 14, "#PF page fault", "#PF" },
	{ 0, 0, "#DE divide error", "#DE" },
	{ 0, 2, "NMI", "NMI" },
	{ 0, 21, "#CP control protection", "#CP" },
	{ 0, 9, "vector 9 (0x9)", "9" },
	{ 0, 22, "vector 22 (0x16)", "22" },
	{ 1, 6, "vector 6 (0x6)", "6" },
	{ 1, 236, "vector 236 (0xec)", "236" },
	/* EPT_VIOLATION: bits 2:0 read, write, fetch; EPT_MISCONFIG has none */
	{ 48, 0xfee00002, "page 0xfee00000 local APIC: write", "0xfee00000:w" },
	{ 48, 0xb8001, "page 0xb8000 VGA memory: read", "0xb8000:r" },
	{ 48, 0xbf003, "page 0xbf000 VGA memory: read write", "0xbf000:rw" },
	{ 48, 0x7fff004, "page 0x7fff000: fetch", "0x7fff000:x" },
	{ 48, 0x1000fec00007, "page 0x1000fec00000: read write fetch", "0x1000fec00000:rwx" },
	{ 48, 0x5000, "page 0x5000", "0x5000" },
	{ 48, 0x508a, "page 0x5000: write (and bits 0x88)", "0x5000:w|0x88" },
	{ 49, 0xfec00000, "page 0xfec00000 I/O APIC", "0xfec00000" },
	{ 49, 0xfec00001, "page 0xfec00000 I/O APIC (and bits 0x1)", "0xfec00000|0x1" },
	/* VMCALL: EAX */
	{ 18, 10, "KVM_HC_SEND_IPI (0xa)", "KVM_HC_SEND_IPI" },
	{ 18, 4, "EAX 0x4", "0x4" },
	/* HLT has no number. */
	{ 12, 5, "number 0x5", "0x5" },
	{ 1000, 5, "number 0x5", "0x5" },
};

static void check_known(void)
{
	char text[200], name[60];
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		snprintf(name, sizeof(name), "reason %u, 0x%" PRIx64, known[i].reason,
			 known[i].number);
		exit_detail_text(known[i].reason, known[i].number, text, sizeof(text));
		is_str(name, text, known[i].text);
		exit_detail_word(known[i].reason, known[i].number, text, sizeof(text));
		is_str(name, text, known[i].word);
	}
}

/* Whatever room there is: the length is that of the whole, and nothing is behind the room. */
static void check_room(void)
{
	static const char whole[] = "MOV to CR0 from RAX: TS changes";
	char text[sizeof(whole) + 8];
	size_t size, wrong = 0;

	for (size = 0; size <= sizeof(whole); size++) {
		memset(text, '*', sizeof(text));
		wrong += exit_detail_text(28, 8ull << 32, text, size) != strlen(whole);
		wrong += text[size] != '*';
		wrong += size && (strlen(text) != size - 1 || strncmp(text, whole, size - 1));
	}
	is_u64("sizes of the room that go wrong", wrong, 0);
	is_u64("without any, the length", exit_detail_text(28, 8ull << 32, NULL, 0),
	       strlen(whole));
}

static u64 seed = 1;

static u64 draw(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed ^ seed >> 29;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

#define MANY	0x4000

/* No two numbers of @reason have one word; none has a sign that a format needs. */
static void check_words(u32 reason, u64 (*number)(u32 i), const char *what)
{
	static char words[MANY][80];
	u32 i, same = 0, signs = 0, too_long = 0;
	char text[400];

	for (i = 0; i < MANY; i++) {
		size_t length = exit_detail_word(reason, number(i), words[i], sizeof(words[0]));

		too_long += length >= sizeof(words[0]);
		signs += strcspn(words[i], ",\"\\<>& ;'") != strlen(words[i]);
		too_long += exit_detail_text(reason, number(i), text, sizeof(text)) >= sizeof(text);
		signs += strcspn(text, ",\"\\<>&;'") != strlen(text);
	}
	qsort(words, MANY, sizeof(words[0]), by_text);
	for (i = 1; i < MANY; i++)
		same += !strcmp(words[i - 1], words[i]);
	ok(!same && !signs && !too_long, "%s, reason %u: each of %u has a word of its own", what,
	   reason, MANY);
	if (same | signs | too_long)
		diag("%u not, %u with a sign that is not to be there, %u too long", same, signs,
		     too_long);
}

static u64 low(u32 i) { return i; }
static u64 kvm(u32 i) { return 0x4b564d00 + i; }
static u64 hyperv(u32 i) { return 0x40000000 + i; }
static u64 amd(u32 i) { return 0xc0000000 + i; }
static u64 port(u32 i) { return (u64)(i / 16) << 16 | i % 16; }
static u64 leaf(u32 i) { return (u64)(i / 16) << 32 | i % 16; }
static u64 page(u32 i) { return (u64)(0xff000 + i / 8) << 12 | i % 8; }
static u64 of_cr(u32 i) { return (u64)(i >> 12) << 34 | (i & 0xfff); }
static u64 any(u32 i) { seed = i; return draw(); }

int main(void)
{
	u32 reason;

	check_known();
	check_room();
	check_words(31, low, "MSRs from 0");
	check_words(32, kvm, "KVM's MSRs");
	check_words(32, hyperv, "Hyper-V's MSRs");
	check_words(32, amd, "MSRs from 0xc0000000");
	check_words(30, port, "ports");
	check_words(10, leaf, "leaves");
	check_words(48, page, "pages");
	check_words(28, of_cr, "control registers");
	check_words(18, low, "hypercalls");
	for (reason = 0; reason < VMX_EXIT_REASONS_NR; reason++) {
		if (exit_detail_kind(reason) && exit_detail_kind(reason) != EXIT_DETAIL_CR)
			check_words(reason, any, "any number");
	}
	return done();
}
