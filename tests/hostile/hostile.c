// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv under hostile guests: one VM after the other, in the place of hv's guest.c,
 * end.c and the console. Whatever the guest does, hv must neither fault nor
 * hang, end the VM for none but the reasons that a VM may end for, and show it
 * nothing of the memory that is not its own, nor let it be changed.
 *
 * Words behind " -- " on the command line: seed=N, the first image, n=N, how many
 * numbers from there on, and of these only images with modes=, contents=, cpl= or
 * spoilt=0; all=1 shows all that hv said of a bad one. A line for each image, and
 * `end' with code 1 if one of them was bad.
 */
#include "tests/hostile/console.h"
#include "hv/boot/console.h"
#include "tests/hostile/image.h"
#include "tests/hostile/layout.h"
#include "machine/load.h"
#include "machine/machine.h"
#include "hv/vmx/guest.h"
#include "hv/vmx/vmx.h"

#define LIMIT		1000000		/* cycles of an image */
#define NEAR		0x100000	/* bytes around the guest's RAM, looked at each time */
#define MAX_BLOCKS	256
#define BLOCK		0x100000ull
#define HLT		0xf4
#define STACK		0x2000		/* of hv's, below the vCPU, at least so much */

extern const u8 _binary_kernel_start[], _binary_kernel_end[];	/* kernel.S */
extern u8 hv_start[], hv_end_of_code[];

static struct {
	struct vcpu *vcpu;
	u8 *ram, *fresh;		/* the guest's, and what it is filled with */
	const char *words;
	u64 seed, last, bad, images;
	u64 sum;			/* of hv's code and constants */
	u8 *blocks[MAX_BLOCKS];		/* all other memory, with the pattern in it */
	u32 nr_blocks;
	struct hostile_image im;
} run;

/* What follows @name on the command line; NULL: it is not there. */
static const char *option(const char *name)
{
	size_t n = strlen(name);

	for (const char *s = run.words; *s; s++) {
		if ((s == run.words || s[-1] == ' ') && !memcmp(s, name, n))
			return s + n;
	}
	return NULL;
}

static u64 number(const char *name, u64 otherwise)
{
	const char *s = option(name);
	u64 value = 0;

	if (!s)
		return otherwise;
	for (; *s >= '0' && *s <= '9'; s++)
		value = value * 10 + *s - '0';
	return value;
}

/* Is @word among those, with commas between them, that follow @name? */
static bool listed(const char *name, const char *word)
{
	const char *s = option(name);
	size_t n = strlen(word);

	if (!s)
		return true;
	for (; *s && *s != ' '; s++) {
		if (!memcmp(s, word, n) && (s[n] == ',' || s[n] == ' ' || !s[n]))
			return true;
	}
	return false;
}

static bool wanted(const struct hostile_image *im)
{
	return listed("modes=", hostile_modes[im->mode]) &&
	       listed("contents=", hostile_contents[im->content]) &&
	       number("cpl=", im->cpl) == im->cpl && (!im->spoilt || number("spoilt=", 1));
}

static void fill(u8 *start, u64 bytes)
{
	u64 n = bytes / 8;

	asm volatile("rep stosq" : "+D"(start), "+c"(n) : "a"(HOSTILE_PATTERN) : "memory");
}

/* Is there something else than the pattern? */
static bool is_changed(const u8 *start, u64 bytes)
{
	u64 n = bytes / 8;
	bool differs;

	asm volatile("repe scasq" : "=@ccne"(differs), "+D"(start), "+c"(n)
		     : "a"(HOSTILE_PATTERN) : "memory");
	return differs;
}

/* Is a half of the pattern in it? */
static bool has_half(const u8 *start, u64 bytes, u32 half)
{
	u64 n = bytes / 4;
	bool found;

	asm volatile("repne scasl" : "=@cce"(found), "+D"(start), "+c"(n) : "a"(half) : "memory");
	return found;
}

static bool has_pattern(const u8 *start, u64 bytes)
{
	return has_half(start, bytes, (u32)HOSTILE_PATTERN) ||
	       has_half(start, bytes, HOSTILE_PATTERN >> 32);
}

static bool is_pattern(u64 value)
{
	for (u32 shift = 0; shift < 64; shift += 8) {
		u64 turned = HOSTILE_PATTERN >> shift | HOSTILE_PATTERN << (-shift & 63);

		if ((u32)value == (u32)turned || value >> 32 == (u32)turned)
			return true;
	}
	return false;
}

static u64 sum_of_code(void)
{
	u64 sum = 0;

	for (const u64 *p = (const u64 *)hv_start; p < (const u64 *)hv_end_of_code; p++)
		sum = (sum << 1 | sum >> 63) ^ *p;
	return sum;
}

/* What hv does not set on its stack shall not be what a guest gets to see. */
static void fill_stack(void)
{
	u8 *end = (u8 *)__builtin_frame_address(0) - 1024, *start = (u8 *)run.vcpu - STACK;

	if (start < end && end < (u8 *)run.vcpu)
		fill(start, (end - start) & ~7ul);
}

static void take_memory(const struct bootinfo *b)
{
	u8 *around = boot_alloc(RAM_SIZE + 2 * NEAR, PAGE_SIZE);

	run.fresh = boot_alloc(RAM_SIZE, PAGE_SIZE);
	if (!around || !run.fresh)
		die(MACHINE_CODE_USAGE, "no memory");
	fill(around, NEAR);
	fill(around + NEAR + RAM_SIZE, NEAR);
	run.ram = around + NEAR;
	hostile_fill(run.fresh);
	run.words = b->options.guest_cmdline;
	run.seed = number("seed=", 1) - 1;
	run.last = run.seed + number("n=", 1);
	run.sum = sum_of_code();
}

/* The EPT has its own by now. */
static void fill_rest(void)
{
	while (run.nr_blocks < MAX_BLOCKS &&
	       (run.blocks[run.nr_blocks] = boot_alloc(BLOCK, PAGE_SIZE)))
		fill(run.blocks[run.nr_blocks++], BLOCK);
}

void guest_load(struct vm *vm, struct machine_start *start)
{
	*start = (struct machine_start){ .cs = 0x8, .ds = 0x10, .eip = KERNEL };
	run.vcpu = vm->vcpu[0];
	if (!run.ram)
		take_memory(&vm->boot);
	vm->ram.base = run.ram;
	vm->ram.size = RAM_SIZE;
	vm->limit = run.images ? LIMIT : NO_LIMIT;
	/* The first guest halts; for the others hv_end() has made what there is. */
	if (!run.images)
		run.ram[KERNEL] = HLT;
}

/*
 * An entry that is refused for a state that Bochs made, and no processor would: a
 * segment's L bit stays set when IRET to virtual-8086 mode loads the segment.
 */
static bool by_bochs(const struct vcpu *v)
{
	bool has_long = false;

	if (!(guest_rflags(v) & RFLAGS_VM))
		return false;
	for (u32 i = ES; i <= GS; i++) {
		u32 rights = guest_segment_rights(v, i);

		if ((rights & ~SEGMENT_LONG) != SEGMENT_V86)
			return false;
		has_long |= rights != SEGMENT_V86;
	}
	return has_long;
}

/* NULL, or what is wrong with how the VM ended, or with what it saw. */
static const char *judge(const char *cause, u32 code)
{
	struct vcpu *v = run.vcpu;

	if (!strcmp(cause, CAUSE_ENTRY) && by_bochs(v))
		return NULL;
	if (strcmp(cause, CAUSE_EXIT_PORT) && strcmp(cause, CAUSE_RESET) &&
	    strcmp(cause, CAUSE_TRIPLE_FAULT) && strcmp(cause, CAUSE_STUCK) &&
	    strcmp(cause, CAUSE_TIME_LIMIT))
		return "cause";
	if (!strcmp(cause, CAUSE_STUCK) && !console_kept("the guest halted"))
		return "stuck";
	if (hostile_unprivileged(&run.im) && strcmp(cause, CAUSE_TIME_LIMIT) &&
	    (strcmp(cause, CAUSE_EXIT_PORT) || code != END_CODE))
		return "unprivileged";
	for (u32 i = 0; i < NR_REGS; i++) {
		if (i != RSP && is_pattern(v->regs[i]))
			return "leak_register";
	}
	for (u32 i = 0; i < NR_VMCS_FIELDS; i++) {
		u64 value;

		if (vmcs_try_read(vmcs_fields[i], &value) && is_pattern(value))
			return "leak_vmcs";
	}
	if (has_pattern(run.ram, RAM_SIZE))
		return "leak_memory";
	if (is_changed(run.ram - NEAR, NEAR) || is_changed(run.ram + RAM_SIZE, NEAR))
		return "wrote_outside";
	if (sum_of_code() != run.sum)
		return "wrote_code";
	return NULL;
}

static void __attribute__((noreturn)) leave(const char *cause, u32 code)
{
	static const char word[] = BOCHS_SHUTDOWN_WORD;

	say("end target=hv cause=%s code=%u\n", cause, code);
	console_drain();
	for (u32 i = 0; i < sizeof(word) - 1; i++)
		outb(BOCHS_SHUTDOWN_PORT, word[i]);
	for (;;)
		asm volatile("cli; hlt");
}

/* Most often it is the slot that was begun last that did it. */
static void show_slot(void)
{
	u32 slot = (*(u32 *)(run.ram + P_SLOT) - 1) % NR_SLOTS;

	say("hv: slot %u at 0x%x:", slot, SLOTS + slot * SLOT_SIZE);
	for (u32 i = 0; i < SLOT_SIZE; i++)
		say(" %02x", run.ram[SLOTS + slot * SLOT_SIZE + i]);
	say("\n");
}

/* All other memory, once: one of the images did it. */
static void check_rest(void)
{
	for (u32 i = 0; i < run.nr_blocks; i++) {
		if (!is_changed(run.blocks[i], BLOCK))
			continue;
		say("hostile seed=%lu block=0x%lx bad=wrote_far\n", run.seed, (u64)run.blocks[i]);
		run.bad++;
	}
}

/* The next one that is wanted, in the guest's memory; false: there is none. */
static bool next_image(void)
{
	while (run.seed < run.last) {
		hostile_choose(++run.seed, &run.im);
		if (!wanted(&run.im))
			continue;
		memcpy(run.ram, run.fresh, RAM_SIZE);
		hostile_make(&run.im, run.ram, _binary_kernel_start,
			     _binary_kernel_end - _binary_kernel_start);
		return true;
	}
	return false;
}

void hv_end(const char *cause, u32 code)
{
	const char *bad;

	if (!run.ram || (!run.images && strcmp(cause, CAUSE_STUCK))) {
		console_show(true);
		leave(cause, code);
	}
	if (run.images) {
		bad = judge(cause, code);
		say("cause=%s code=0x%x exits=%lu slots=%u bad=%s\n", cause, code,
		    exit_acct_total(run.vcpu->acct.counters), *(u32 *)(run.ram + P_SLOT),
		    bad ? bad : "no");
		if (bad) {
			run.bad++;
			console_show(number("all=", 0));
			show_slot();
		}
		/* After that hv is not what it was. */
		if (!strcmp(cause, CAUSE_FAULT) || !strcmp(cause, CAUSE_ERROR) ||
		    (bad && !memcmp(bad, "wrote", 5)))
			leave(CAUSE_FAULT, MACHINE_CODE_HOST_FAULT);
	} else {
		fill_rest();
	}
	if (!next_image()) {
		check_rest();
		say("hostile images=%lu bad=%lu\n", run.images, run.bad);
		leave(CAUSE_EXIT_PORT, run.bad ? 1 : 0);
	}
	run.images++;
	fill_stack();
	/* Begun now, so that one that hangs has a name. */
	say("hostile seed=%lu mode=%s content=%s cpl=%u paging=%u task_gates=%u spoilt=%u ",
	    run.im.seed, hostile_modes[run.im.mode], hostile_contents[run.im.content], run.im.cpl,
	    run.im.paging, run.im.task_gates, run.im.spoilt);
	console_forget();
	vmx_load_vmcs(run.vcpu);
	vmx_flush_ept();
	vmx_flush_guest();
	/* For an image to be the same whatever came before. */
	wrmsr(MSR_IA32_TSC, 0);
	vm_start(run.vcpu->vm);
}
