// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/check/check.c hv/check/host/dumped.c hv/vmx/caps.c hv/vmx/dump.c hv/vmx/names.c */
/* units: machine/text_nth.c tests/vmcs/breaks.c hv/cpu/msr_values.c tools/record.c tools/tool.c */
/*
 * The rules for VM entries: a VMCS like hv's obeys all of them, and each of the
 * breaks, those that hv has and some that only a program can try, breaks one
 * rule, on the field that was broken, and no other. No rule is left unbroken.
 * What hv prints of such a VMCS, read again, breaks the same rule.
 */
#include "hv/boot/console.h"
#include "hv/check/host/dumped.h"
#include "hv/vcpu.h"
#include "hv/vmx/vmcs.h"
#include "hv/vmx/vmx.h"
#include "tests/vmcs/breaks_table.h"
#include "tests/unit/tap.h"

#include <sys/mman.h>
#include <unistd.h>

#define ALLOWED(must, may)	((u64)(may) << 32 | (must))
#define PAGE			0x5000ull	/* of zeros, where an address is wanted */
#define SCRATCH			0x7000ull
#define REVISION		0x12

/* All controls that there are rules about, and reserved bits as CPUs have them. */
struct vmcs_caps vmx_caps = {
	.basic = REVISION,
	.pin = ALLOWED(0x16, 0xff),
	.proc = ALLOWED(0x04006172, 0xfff9fffe),
	.proc2 = ALLOWED(0, 0x0fffffff),
	.exit = ALLOWED(0x36dfb, 0x03ffffff),
	.entry = ALLOWED(0x11fb, 0x000fffff),
	.misc = 0x401c0,
	.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
	.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x7727ff,
	.ept_vpid = 0xf0106334141, .vmfunc = 1,
	.maxphyaddr = 40,
};

static const struct {
	u32 field;
	u64 value;
} valid[] = {
	{ PIN_BASED_CONTROLS, 0x16 | PIN_EXTERNAL_INTERRUPT | PIN_NMI | PIN_VIRTUAL_NMIS |
			      PIN_PREEMPTION_TIMER },
	{ PROC_BASED_CONTROLS, 0x04006172 | PROC_TPR_SHADOW | PROC_MSR_BITMAPS | PROC_SECONDARY },
	{ SECONDARY_CONTROLS, PROC2_EPT | PROC2_VPID | PROC2_UNRESTRICTED },
	{ VM_EXIT_CONTROLS, 0x36dfb | EXIT_CTL_HOST_64 | EXIT_CTL_ACK_INTERRUPT |
			    EXIT_CTL_LOAD_PAT | EXIT_CTL_LOAD_EFER },
	{ VM_ENTRY_CONTROLS, 0x11fb | ENTRY_LOAD_DEBUG | ENTRY_LOAD_PAT | ENTRY_LOAD_EFER },
	{ MSR_BITMAP, PAGE }, { VIRTUAL_APIC_PAGE_ADDR, PAGE },
	{ EPT_POINTER, PAGE | 3 << 3 | 6 },
	{ VIRTUAL_PROCESSOR_ID, 1 },
	{ HOST_CR0, 0x80000031 }, { HOST_CR3, PAGE }, { HOST_CR4, CR4_VMXE | CR4_PAE },
	{ HOST_IA32_PAT, 0x0007040600070406 },
	{ HOST_IA32_EFER, EFER_LME | EFER_LMA },
	{ HOST_CS_SELECTOR, 8 }, { HOST_SS_SELECTOR, 16 }, { HOST_TR_SELECTOR, 24 },
	{ HOST_RIP, 0x100000 },
	{ GUEST_CR0, 0x31 }, { GUEST_CR4, CR4_VMXE },
	{ GUEST_DR7, 0x400 }, { GUEST_RFLAGS, 2 }, { GUEST_RIP, 0x100000 },
	{ GUEST_IA32_PAT, 0x0007040600070406 },
	{ VMCS_LINK_POINTER, ~0ull },
	{ GUEST_ES_ACCESS_RIGHTS, 0xc093 }, { GUEST_CS_ACCESS_RIGHTS, 0xc09b },
	{ GUEST_SS_ACCESS_RIGHTS, 0xc093 }, { GUEST_DS_ACCESS_RIGHTS, 0xc093 },
	{ GUEST_FS_ACCESS_RIGHTS, 0xc093 }, { GUEST_GS_ACCESS_RIGHTS, 0xc093 },
	{ GUEST_LDTR_ACCESS_RIGHTS, SEGMENT_UNUSABLE },
	{ GUEST_TR_ACCESS_RIGHTS, 0x8b },
	{ GUEST_ES_LIMIT, ~0u }, { GUEST_CS_LIMIT, ~0u }, { GUEST_SS_LIMIT, ~0u },
	{ GUEST_DS_LIMIT, ~0u }, { GUEST_FS_LIMIT, ~0u }, { GUEST_GS_LIMIT, ~0u },
	{ GUEST_TR_LIMIT, 0x67 },
	{ GUEST_GDTR_LIMIT, 0xffff }, { GUEST_IDTR_LIMIT, 0xffff },
};

/* What hv cannot try, or has no room to. */
#define SET(field, value)	{ field, CHANGE_SET, VMCS_WITH, value },
#define OR(field, value)	{ field, CHANGE_OR, VMCS_WITH, value },
#define BREAK(field, value)	{ field, CHANGE_SET, VMCS_FAILED_GUEST, value },
#define VM86_SEGMENT(s)		SET(GUEST_##s##_LIMIT, 0xffff) SET(GUEST_##s##_ACCESS_RIGHTS, 0xf3)
#define VM86 OR(GUEST_RFLAGS, RFLAGS_VM) VM86_SEGMENT(ES) VM86_SEGMENT(CS) VM86_SEGMENT(SS) \
	VM86_SEGMENT(DS) VM86_SEGMENT(FS) VM86_SEGMENT(GS)
static const struct vmcs_change more_changes[] = {
	BREAK(GUEST_DS_BASE, 0x10) VM86
	BREAK(GUEST_FS_LIMIT, 0xfffff) VM86
	BREAK(GUEST_CS_ACCESS_RIGHTS, 0x9b) VM86
	BREAK(GUEST_CR0, 0x30) { SECONDARY_CONTROLS, CHANGE_CLEAR, VMCS_WITH, PROC2_UNRESTRICTED },
	BREAK(VM_ENTRY_INSTRUCTION_LEN, 0)
		SET(VM_ENTRY_INTR_INFO, EVENT_VALID | EVENT_SOFT_INTERRUPT | 32)
	BREAK(GUEST_ACTIVITY_STATE, 2)
		SET(VM_ENTRY_INTR_INFO, EVENT_VALID | 32) OR(GUEST_RFLAGS, RFLAGS_IF)
	BREAK(GUEST_ACTIVITY_STATE, 3)
		SET(VM_ENTRY_INTR_INFO, EVENT_VALID | EVENT_NMI | VECTOR_NMI)
	BREAK(GUEST_CS_ACCESS_RIGHTS, 0xc0fb)
	BREAK(GUEST_CS_ACCESS_RIGHTS, 0xc0fd)
	BREAK(GUEST_CS_ACCESS_RIGHTS, 0xc0f3)
	BREAK(VMWRITE_BITMAP, 0x10) OR(SECONDARY_CONTROLS, PROC2_SHADOWING)
	BREAK(VM_ENTRY_MSR_LOAD_ADDR, SCRATCH + 0x10) SET(VM_ENTRY_MSR_LOAD_COUNT, 1)
	BREAK(VM_ENTRY_MSR_LOAD_ADDR, SCRATCH + 0x20) SET(VM_ENTRY_MSR_LOAD_COUNT, 1)
};

static u64 image[0x8000];	/* by encoding */
static const char *broken_rule;
static u64 broken_bits;
static u32 broken_field, nr_broken;

/* What hv asks the processor for, and where it prints. */
static FILE *console;

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(console, fmt, ap);
	va_end(ap);
}

bool vmcs_try_read(u32 field, u64 *value)
{
	*value = image[field];
	return true;
}

static u64 read_image(void *ctx, u32 field)
{
	(void)ctx;
	return image[field];
}

/* Zeros, but for three entries of MSRs that no entry may load. */
u32 vmx_host_word(u64 address)
{
	switch (address) {
	case SCRATCH:
		return MSR_FS_BASE;
	case SCRATCH + 0x10:
		return 0x808;
	case SCRATCH + 0x24:
		return 1;
	}
	return 0;
}

static u32 read_memory(void *ctx, u64 address)
{
	(void)ctx;
	return vmx_host_word(address);
}

static void take_broken(void *ctx, const struct vmcs_broken *b)
{
	(void)ctx;
	if (nr_broken++)
		diag("also %s=0x%llx: %s", vmcs_field_name(b->field), (unsigned long long)b->value,
		     b->rule);
	broken_rule = b->rule;
	broken_field = b->field;
	broken_bits = b->bits;
	if (console)
		vmcs_print_broken(b, print);
	if (b->value != image[b->field])
		nr_broken++;
}

static u32 check(void)
{
	const struct vmcs_checker checker = {
		.caps = &vmx_caps, .read = read_image, .read_phys = read_memory,
		.broken = take_broken,
	};

	nr_broken = 0;
	return vmcs_check(&checker);
}

static void make_valid(void)
{
	memset(image, 0, sizeof(image));
	for (unsigned int i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		image[valid[i].field] = valid[i].value;
}

/* The lines that an image with the rules in it prints. */
static void lines_of_image(char *lines, size_t size)
{
	console = fmemopen(lines, size, "w");
	check();
	fclose(console);
	console = NULL;
	console = NULL;
}

/* The lines of a log live on, for who keeps what is in them. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* A log whose text is this, read as the program does. */
static struct dumped dumped;

static bool read_log(const char *text)
{
	int fd = memfd_create("log", 0);
	size_t length = strlen(text);
	bool good;
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	good = write(fd, text, length) == (ssize_t)length && dumped_read(&dumped, name);
	close(fd);
	return good;
}

/* What hv prints when the entry is refused; @entry: but for what only such a dump has. */
static char *log_of_image(bool entry)
{
	static const struct vcpu v;
	size_t length;
	char *text;

	console = open_memstream(&text, &length);
	print("hv: VM entry failed: 33 (why), exit qualification 0x0\n");
	dump_vcpu(&v, entry);
	print("exits scope=vm total=0\nend target=hv\n");
	fclose(console);
	console = NULL;
	return text;
}

/* And the lines that the program prints, which has only that. */
static void lines_of_log(char *lines, size_t size)
{
	char *text = log_of_image(true);
	bool good = read_log(text);

	console = fmemopen(lines, size, "w");
	if (!good || (dumped_check(&dumped, print), dumped.lacks_word))
		print("not read\n");
	fclose(console);
	console = NULL;
	free(text);
}

static void print_nothing(const char *fmt, ...)
{
	(void)fmt;
}

static bool rule_seen[256];

/* A rule is on a row of fields, hence found by its text and the last field before. */
static void see_rule(void)
{
	unsigned int best = nr_vmcs_rules;

	for (unsigned int i = 0; i < nr_vmcs_rules; i++) {
		if (vmcs_rule_text(i) == broken_rule && vmcs_rule_field(i) <= broken_field &&
		    broken_field <= vmcs_rule_field(i) + 14 &&
		    (best == nr_vmcs_rules || vmcs_rule_field(i) > vmcs_rule_field(best)))
			best = i;
	}
	if (best < nr_vmcs_rules)
		rule_seen[best] = true;
}

static void apply(const struct vmcs_change *c)
{
	image[c->field] = vmcs_change_apply(c, image[c->field], SCRATCH);
}

static void try_breaks(const struct vmcs_change *changes, unsigned int n)
{
	for (unsigned int i = 0, next; i < n; i = next) {
		const char *name = vmcs_field_name(changes[i].field);
		char in_image[512], in_log[512];
		bool possible = true;
		u32 found;

		make_valid();
		for (next = i + 1; next < n && changes[next].outcome == VMCS_WITH; next++) {
			apply(&changes[next]);
			possible &= vmcs_change_possible(&changes[next], &vmx_caps);
		}
		possible &= vmcs_change_possible(&changes[i], &vmx_caps);
		apply(&changes[i]);
		found = check();
		ok(possible && found == 1 && nr_broken == 1 && broken_field == changes[i].field,
		   "%s=0x%llx: %s (0x%llx)", name, (unsigned long long)image[changes[i].field],
		   found ? broken_rule : "not noticed", (unsigned long long)broken_bits);
		see_rule();
		lines_of_image(in_image, sizeof(in_image));
		lines_of_log(in_log, sizeof(in_log));
		is_str("the same from the dump", in_log, in_image);
	}
}

/* An exception with an error code, or without: later CPUs only ask for protected mode. */
static void test_error_codes(void)
{
	static const struct {
		u32 event;
		bool real_mode, broken;
	} rows[] = {
		{ EVENT_HARD_EXCEPTION | VECTOR_UD | EVENT_ERROR_CODE, false, false },
		{ EVENT_HARD_EXCEPTION | VECTOR_GP, false, false },
		{ EVENT_HARD_EXCEPTION | VECTOR_GP | EVENT_ERROR_CODE, false, false },
		{ EVENT_HARD_EXCEPTION | VECTOR_GP, true, false },
		{ EVENT_HARD_EXCEPTION | VECTOR_GP | EVENT_ERROR_CODE, true, true },
		{ EVENT_NMI | VECTOR_NMI | EVENT_ERROR_CODE, false, true },
	};

	vmx_caps.basic |= VMX_BASIC_ANY_ERROR_CODE;
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_valid();
		image[VM_ENTRY_INTR_INFO] = EVENT_VALID | rows[i].event;
		if (rows[i].real_mode)
			image[GUEST_CR0] &= ~(u64)CR0_PE;
		ok(check() == rows[i].broken, "a later CPU, event 0x%x in %s mode: %s",
		   rows[i].event, rows[i].real_mode ? "real" : "protected",
		   rows[i].broken ? "broken" : "valid");
	}
	vmx_caps.basic = REVISION;
}

static u64 fake_msr[0x20];
static unsigned int nr_undefined;

/* RDMSR of one that does not exist is a fault. */
static u64 fake_rdmsr(u32 msr)
{
	if (!fake_msr[msr & 0x1f])
		nr_undefined++;
	return fake_msr[msr & 0x1f];
}

static void test_caps(void)
{
	struct vmcs_caps caps;

	/* The first CPUs with VMX: no true controls, no secondary ones. */
	for (unsigned int i = 0; i <= 10; i++)
		fake_msr[i] = ALLOWED(i, 0x7fffffff);
	fake_msr[0] = REVISION;
	vmcs_caps_read(&caps, fake_rdmsr);
	is_u64("no MSR is read that an old CPU lacks", nr_undefined, 0);
	is_u64("its entry controls", vmcs_caps_control(&caps, ENTRY), ALLOWED(4, 0x7fffffff));
	is_u64("its secondary controls", vmcs_caps_control(&caps, PROC2), 0);
	fake_msr[0] |= 1ull << 55;
	fake_msr[2] = ALLOWED(2, 0xffffffff);
	for (unsigned int i = 0xb; i <= 0x11; i++)
		fake_msr[i] = ALLOWED(i, 0xffffffff);
	vmcs_caps_read(&caps, fake_rdmsr);
	is_u64("nor a new one", nr_undefined, 0);
	is_u64("true controls", vmcs_caps_control(&caps, ENTRY), ALLOWED(0x10, 0xffffffff));
	is_u64("secondary controls", vmcs_caps_control(&caps, PROC2), ALLOWED(0xb, 0xffffffff));
	is_u64("VM functions", caps.vmfunc, ALLOWED(0x11, 0xffffffff));
	/* Of whoever lacks EPT or VPID, or both, nothing more is asked. */
	for (unsigned int has = 0; has < 4; has++) {
		u64 ept = has & 1, vpid = has >> 1;

		caps.proc2 = (ept ? PROC2_EPT : 0ull) << 32 | (vpid ? PROC2_VPID : 0ull) << 32;
		caps.ept_vpid = (vpid ? 0xabcull << 32 : 0) | (ept ? 0x123 : 0);
		is_u64("what EPT can", vmcs_caps_control(&caps, EPT_CAPS),
		       ALLOWED(0, ept ? 0x123 : 0xffffffff));
		is_u64("what VPID can", vmcs_caps_control(&caps, VPID_CAPS),
		       ALLOWED(0, vpid ? 0xabc : 0xffffffff));
	}
}

/* Logs that do not say which rule is broken. */
static void test_logs(void)
{
	char *whole, *end, *cut;

	make_valid();
	image[GUEST_RFLAGS] = 0;
	cut = log_of_image(false);
	ok(!read_log(cut), "a dump that does not say what the CPU can do is refused");
	free(cut);
	whole = log_of_image(true);
	ok(read_log(whole), "a whole one is read");
	end = strstr(whole, "end ");
	*end = '\0';
	ok(!read_log(whole), "cut short, before its end record");
	strstr(whole, "GUEST_RFLAGS=")[strlen("GUEST_RFLAGS=")] = '1';
	*end = 'e';
	ok(!read_log(whole), "a value that is no hexadecimal number");
	*strstr(whole, "VM entry") = 'v';
	ok(!read_log(whole), "a dump of a guest that was beyond help");
	free(whole);
	ok(!read_log(""), "an empty log");

	image[VM_ENTRY_MSR_LOAD_COUNT] = 100;
	image[VM_ENTRY_MSR_LOAD_ADDR] = PAGE;
	whole = log_of_image(true);
	ok(read_log(whole) && dumped_check(&dumped, print_nothing) == 2 && dumped.lacks_word,
	   "more words of memory than it shows: said, and taken for all ones");
	free(whole);
}

int main(void)
{
	unsigned int missing = 0;

	make_valid();
	is_u64("a valid VMCS breaks no rule", check(), 0);
	try_breaks(vmcs_changes, nr_vmcs_changes);
	try_breaks(more_changes, sizeof(more_changes) / sizeof(more_changes[0]));
	for (unsigned int i = 0; i < nr_vmcs_rules; i++) {
		if (rule_seen[i])
			continue;
		diag("never broken: %s: %s", vmcs_field_name(vmcs_rule_field(i)),
		     vmcs_rule_text(i));
		missing++;
	}
	is_u64("every rule was broken once", missing, 0);
	test_error_codes();
	test_caps();
	test_logs();
	is_str("a field's name", vmcs_field_name(GUEST_RIP), "GUEST_RIP");
	is_u64("a field by its name", vmcs_field_find("VMWRITE_BITMAP"), VMWRITE_BITMAP);
	is_u64("a name of none", vmcs_field_find("GUEST_RI"), VMCS_NO_FIELD);
	is_str("a field without a name", vmcs_field_name(0x7ffe), "?");
	return done();
}
