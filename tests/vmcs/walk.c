// SPDX-License-Identifier: GPL-2.0-only
/*
 * The self-test of VM entries, in an image of its own: hv, and between what it prepares
 * and its first entry this. Words of the guest's command line say what to do; they come
 * first, and the guest does not see them:
 *
 *	break=FIELD	break that field of the VMCS: the CPU refuses the entry, and hv
 *			comes to its end as ever
 *	break=all	break it in every way of breaks.h, one after the other, hear which
 *			rule hv says is broken, and enter the guest as if nothing had been
 *
 * An entry that is not refused executes no instruction of the guest: the EPT is
 * still empty, and the preemption timer at 0.
 */
#include "hv/boot/console.h"
#include "hv/vmx/vmx.h"
#include "hv/vmx/guest.h"
#include "machine/machine.h"
#include "tests/vmcs/breaks_table.h"


/* In the first bytes an MSR that no entry may load, and no VMCS. */
static u64 scratch_page[PAGE_SIZE / 8] __attribute__((aligned(4096)));
static u64 saved[NR_VMCS_FIELDS];
static bool exists[NR_VMCS_FIELDS];
static u32 named[4], nr_named;
static u64 walk_rsp asm("walk_rsp") __attribute__((used));

void walk_exit(void);
enum { CAME_BACK, VMFAIL_INVALID, VMFAIL_VALID };

/* VMLAUNCH. A VM exit, or a failed entry, comes back by HOST_RIP: walk_exit. */
static __attribute__((naked, noinline)) u32 launch(void)
{
	asm("pushq %rbx\n\t"
	    "pushq %rbp\n\t"
	    "pushq %r12\n\t"
	    "pushq %r13\n\t"
	    "pushq %r14\n\t"
	    "pushq %r15\n\t"
	    "movq %rsp, walk_rsp\n\t"
	    "vmlaunch\n\t"
	    "movl $1, %eax\n\t"
	    "jc 1f\n\t"
	    "movl $2, %eax\n\t"
	    "jmp 1f\n"
	    "walk_exit:\n\t"
	    "movq walk_rsp, %rsp\n\t"
	    "xorl %eax, %eax\n"
	    "1:\n\t"
	    "popq %r15\n\t"
	    "popq %r14\n\t"
	    "popq %r13\n\t"
	    "popq %r12\n\t"
	    "popq %rbp\n\t"
	    "popq %rbx\n\t"
	    "ret");
}

static void save(void)
{
	for (u32 i = 0; i < NR_VMCS_FIELDS; i++)
		exists[i] = !VMCS_READ_ONLY(vmcs_fields[i]) &&
			    vmcs_try_read(vmcs_fields[i], &saved[i]);
}

/* Clear, as an entry that was not refused has launched it; and as it was saved. */
static void restore(struct vcpu *v)
{
	vmx_load_vmcs(v);
	for (u32 i = 0; i < NR_VMCS_FIELDS; i++) {
		if (exists[i])
			vmcs_write(vmcs_fields[i], saved[i]);
	}
}

static bool possible(const struct vmcs_change *c)
{
	u64 value;

	return vmcs_change_possible(c, &vmx_caps) && vmcs_try_read(c->field, &value);
}

static void change(const struct vmcs_change *c)
{
	vmcs_write(c->field, vmcs_change_apply(c, vmcs_read(c->field), (u64)scratch_page));
}

static u64 read_field(void *ctx, u32 field)
{
	return dump_field(field);
}

static u32 read_word(void *ctx, u64 address)
{
	return vmx_host_word(address);
}

static void take_named(void *ctx, const struct vmcs_broken *b)
{
	if (nr_named < ARRAY_SIZE(named))
		named[nr_named++] = b->field;
	vmcs_print_broken(b, print);
}

static void print_outcome(const char *key, u32 outcome)
{
	print(" %s=%s:%u", key, outcome == VMCS_VMFAIL_CONTROL || outcome == VMCS_VMFAIL_HOST ?
	      "vmfail" : "failed", outcome);
}

/* What came of an entry: counted as vm_exit() would, and printed. */
static void take_outcome(struct vcpu *v, u32 how)
{
	u32 reason = how == CAME_BACK ? exit_reason(v) : 0;
	u16 basic = reason & EXIT_REASON_BASIC;
	u64 tsc = rdtsc();

	if (how != CAME_BACK) {
		exit_acct_vmfail(&v->acct);
		print_outcome("got", how == VMFAIL_VALID ? vmcs_read32(VM_INSTRUCTION_ERROR) : 0);
	} else if (reason & EXIT_REASON_ENTRY_FAILED) {
		exit_acct_failed_entry(&v->acct, basic);
		print_outcome("got", basic);
		print(" qualification=%lu", exit_qualification(v));
	} else {
		if (exit_acct_exit(&v->acct, basic, tsc))
			v->work |= WORK_REPORT;
		exit_acct_handled(&v->acct, rdtsc());
		exit_acct_entry(&v->acct, rdtsc());
		print(" got=entered:%u", basic);
	}
}

/* Break number @nr, @n changes; without any, the entry that must not be refused. */
static void try_break(struct vcpu *v, u32 nr, const struct vmcs_change *c, u32 n)
{
	static const struct vmcs_checker checker = {
		.caps = &vmx_caps, .read = read_field, .read_phys = read_word,
		.broken = take_named,
	};
	u64 value = 0;
	u32 how;

	restore(v);
	vmcs_writel(HOST_RIP, (u64)walk_exit);
	vmcs_write32(PIN_BASED_CONTROLS, vmcs_read32(PIN_BASED_CONTROLS) | PIN_PREEMPTION_TIMER);
	vmcs_write32(PREEMPTION_TIMER_VALUE, 0);
	for (u32 i = 0; i < n; i++) {
		if (!possible(&c[i])) {
			print("break nr=%u field=%s", nr, vmcs_field_name(c->field));
			print_outcome("expect", c->outcome);
			print(" got=lacking why=this CPU lacks %s, a bit of it, or the rule\n",
			      vmcs_field_name(c[i].field));
			return;
		}
	}
	for (u32 i = 0; i < n; i++)
		change(&c[i]);
	if (n)
		value = vmcs_read(c->field);	/* an exit may save another one */
	nr_named = 0;
	vmcs_check(&checker);
	how = launch();

	if (n) {
		print("break nr=%u field=%s value=0x%lx", nr, vmcs_field_name(c->field), value);
		print_outcome("expect", c->outcome);
	} else {
		print("break nr=0 field=none expect=entered:%u", EXIT_REASON_PREEMPTION_TIMER);
	}
	take_outcome(v, how);
	print(" named=");
	for (u32 i = 0; i < nr_named; i++)
		print("%s%s", i ? "," : "", vmcs_field_name(named[i]));
	print("%s\n", nr_named ? "" : "none");
}

static void walk(struct vcpu *v)
{
	u32 nr = 0;

	save();
	try_break(v, 0, NULL, 0);
	for (u32 i = 0, n; i < nr_vmcs_changes; i += n) {
		for (n = 1; i + n < nr_vmcs_changes && !vmcs_changes[i + n].outcome;)
			n++;
		try_break(v, ++nr, &vmcs_changes[i], n);
	}
	restore(v);
}

static void vmcs_break(struct vcpu *v, const char *what)
{
	u32 i, field = vmcs_field_find(what);

	if (!*what)
		return;
	scratch_page[0] = MSR_FS_BASE;
	if (!strcmp(what, "all")) {
		walk(v);
		return;
	}
	for (i = 0; i < nr_vmcs_changes; i++) {
		if (vmcs_changes[i].field == field && vmcs_changes[i].outcome)
			break;
	}
	if (i == nr_vmcs_changes || !possible(&vmcs_changes[i]))
		die(MACHINE_CODE_USAGE, "break=%s: not \"all\", and no field that can be broken "
		    "on this CPU", what);
	/* The first break of that field; the guest's first entry then finds it. */
	do {
		change(&vmcs_changes[i++]);
	} while (i < nr_vmcs_changes && !vmcs_changes[i].outcome);
}

/* The linker has hv call these two for its own of that name, and hv's own __real_…. */
void __real_guest_load(struct vm *vm, struct machine_start *start);
void __real_vm_enter_first(struct vcpu *v) __attribute__((noreturn));
void __wrap_guest_load(struct vm *vm, struct machine_start *start);
void __wrap_vm_enter_first(struct vcpu *v) __attribute__((noreturn));

static char broken[64];

void __wrap_guest_load(struct vm *vm, struct machine_start *start)
{
	static const char option[] = "break=";
	const char *s = vm->boot.options.guest_cmdline;
	u32 n = 0;

	if (!memcmp(s, option, sizeof(option) - 1)) {
		for (s += sizeof(option) - 1; *s && *s != ' ' && n < sizeof(broken) - 1; s++)
			broken[n++] = *s;
		vm->boot.options.guest_cmdline = s;
	}
	__real_guest_load(vm, start);
}

void __wrap_vm_enter_first(struct vcpu *v)
{
	vmcs_break(v, broken);
	__real_vm_enter_first(v);
}
