// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge of hand-ins: a right one in many variants loses nothing, and each planted fault loses
 * its own criterion and no other, with a sentence that names the cause.
 */
/* units: lab/judge/blocks.c lab/judge/counts.c lab/judge/cycles.c lab/findings.c */
/* units: lab/judge/kernel.c lab/judge/leaves.c lab/judge/map.c lab/judge/names.c */
/* units: lab/judge/patch.c lab/judge/readings.c lab/judge/report.c lab/judge/truth.c */
/* units: lab/judge/learn.c lab/judge/source.c lab/judge/weights.c lab/judge/whole.c */
/* units: acct/exit_reasons.c tools/emulator.c tools/tool.c */
#include "lab/judge/patch.h"
#include "tests/unit/lab_model.h"
#include "tests/unit/tap.h"

void run_free(struct run *run)
{
	truth_free(&run->truth);
	free(run->readings.trace);
	free(run->console);
	run->console = NULL;
	memset(&run->readings, 0, sizeof(run->readings));
}

static const struct fault {
	const char *name, *map;
	struct model model;
	enum criterion lost;
	const char *says;
} faults[] = {
#define FAULT(name, map, criterion, says, ...) \
	{ name, map, { __VA_ARGS__ }, CRITERION_##criterion, says }
	FAULT("hook in vmx_handle_exit: no fast path", "f22", FASTPATH, "fast path",
	      .misses_fast = true),
	FAULT("the preemption timer alone is missed", "f21", FASTPATH, "PREEMPTION_TIMER",
	      .misses_preemption = true),
	FAULT("I/O is counted twice", "f22", NO_DOUBLE, "IO_INSTRUCTION", .io_twice = true),
	FAULT("CPUID is counted twice", "s21", NO_DOUBLE, "CPUID", .cpuid_twice = true),
	FAULT("I/O is counted twice, but in the total", "f22", NO_DOUBLE, "IO_INSTRUCTION",
	      .io_twice = true, .total_right = true),
	FAULT("CPUID is counted twice, but in the total", "f21", NO_DOUBLE, "CPUID",
	      .cpuid_twice = true, .total_right = true),
	FAULT("a reason is never counted, but in the total", "f22", COUNT_REASON, "18 (VMCALL)",
	      .never_vmcall = true, .total_right = true),
	FAULT("a reason is never counted", "f22", COUNT_REASON, "18 (VMCALL)",
	      .never_vmcall = true),
	FAULT("the array's index is one off", "f22", COUNT_REASON, "indexed by one",
	      .shift = 1),
	FAULT("the total is kept apart and drifts", "f21", COUNT_TOTAL, "kept apart",
	      .total_drifts = true),
	FAULT("the own exit sometimes in, sometimes out", "f22", COUNT_TOTAL, "sometimes",
	      .own_now_and_then = true),
	FAULT("the clock is read before the handler runs", "f22", CYCLES, "before the handler",
	      .clock_before = true),
	FAULT("the clock runs for half of the handler", "f22", CYCLES, "a part is missing",
	      .clock_half = true),
	FAULT("user space is charged to the handler", "f22", CYCLES, "user space",
	      .clock_user = true),
	FAULT("the sleep in HLT is charged to the handler", "f21", CYCLES, "sleeps in HLT",
	      .clock_sleep = true),
	FAULT("no cycles at all", "f22", CYCLES, "stays 0", .clock_none = true),
	FAULT("nanoseconds and no cycles", "f22", CYCLES, "nanoseconds", .clock_ns = true),
	FAULT("cycles of 32 bits", "f22", CYCLES, "should pass 2^32", .cycles_32 = true,
	      .carried = true),
	FAULT("cycles of 32 bits, s21", "s21", CYCLES, "should pass 2^32", .cycles_32 = true,
	      .carried = true),
	FAULT("EBX and ECX are swapped", "f22", LEAF_REGISTERS, "wrong way round",
	      .swapped = true),
	FAULT("they are so for a reason alone", "f21", LEAF_REGISTERS, "wrong way round",
	      .swapped_of = true),
	FAULT("a kernel pointer in EDX", "f22", LEAF_REGISTERS, "kernel address",
	      .edx_pointer = true),
	FAULT("EBX is left as it was", "f21", LEAF_REGISTERS, "never written",
	      .ebx_stale = true),
	FAULT("ECX is left as it was", "f21", LEAF_REGISTERS, "ECX as it was on input",
	      .ecx_stale = true),
	FAULT("upper halves are not cleared", "f22", LEAF_REGISTERS, "upper half",
	      .upper_half = true),
	FAULT("only 64-bit callers have an answer", "f22", LEAF_REGISTERS, "but not in mode",
	      .only_64 = true),
	FAULT("kvm_emulate_cpuid alone answers", "f22", LEAF_REGISTERS, "instruction emulator",
	      .not_emulated = true),
	FAULT("undefined reasons have EDX = 0", "f22", LEAF_UNDEFINED, "EDX is 0",
	      .undefined_zero = true),
	FAULT("undefined reasons are all ones", "f22", LEAF_UNDEFINED, "are not 0",
	      .undefined_all = true),
	FAULT("disabled reasons answer as undefined", "f22", LEAF_DISABLED, "does not define",
	      .disabled_undefined = true),
	FAULT("ECX goes into the array unchecked", "f22", BOUNDS, "unchecked",
	      .reads_past = true),
	FAULT("ECX is cut to 16 bits", "f22", BOUNDS, "fewer bits", .cut_to_16 = true),
	FAULT("another leaf has changed", "f22", LEAF_OTHERS, "something else",
	      .others_change = true),
	FAULT("a record of another leaf that no guest asked for", "f22", LEAF_OTHERS,
	      "2 answers of other leaves", .other_more = true),
	FAULT("off by one at the multiple", "f22", REPORT, "one exit late",
	      .late_by_one = true),
	FAULT("off by one to the other side", "f22", REPORT, "one exit early",
	      .early_by_one = true),
	FAULT("the same, own exit not in", "s21", REPORT, "one exit early",
	      .early_by_one = true, .own_out = true),
	FAULT("and with a total that says so", "f21", REPORT, "one exit early",
	      .early_by_one = true, .shape = SHAPE_WORDS),
	FAULT("each report twice", "f22", REPORT, "printed 2 times", .report_twice = true),
	FAULT("a report is missed", "f22", REPORT, "no report at 20000",
	      .report_missed = true),
	FAULT("zero counts are printed", "f22", REPORT, "with 0", .with_zeros = true),
	FAULT("names are shifted after 34", "f22", REPORT, "shifted", .names_shifted = true),
	FAULT("they are so behind words of each line", "f22", REPORT, "shifted",
	      .names_shifted = true, .shape = SHAPE_PREFIX),
	FAULT("a reason without a name", "f22", REPORT, "10 (CPUID) is shown as unknown",
	      .name_missing = true),
	FAULT("sums are not those of the moment", "f22", REPORT, "at that moment",
	      .sums_old = true),
	FAULT("off by one, in the trace", "f22", REPORT, "one exit late", .in_trace = true,
	      .late_by_one = true),
	FAULT("no report", "f22", REPORT, "no report was found", .no_report = true),
	FAULT("a line for each read of a leaf", "f22", REPORT, "at each read", .chatty = true),
	FAULT("a counter per processor, not summed", "f22", VCPUS, "one processor alone",
	      .total_per_cpu = true),
	FAULT("two vCPUs report the same multiple", "f22", VCPUS, "two steps", .racing = true),
};

static const struct variant {
	const char *name, *map;
	struct model model;
} variants[] = {
#define VARIANT(name, map, ...) { name, map, { __VA_ARGS__ } }
	VARIANT("f22 as it is", "f22", 0),
	VARIANT("f21 as it is", "f21", 0),
	VARIANT("s21 as it is", "s21", 0),
	VARIANT("the own exit is not in", "f22", .own_out = true),
	VARIANT("the own exit is not in, s21", "s21", .own_out = true),
	VARIANT("a clock round the inner handler", "f22", .clock_inner = true),
	VARIANT("the same, s21", "s21", .clock_inner = true),
	VARIANT("the same, own exit not in", "f21", .clock_inner = true, .own_out = true),
	VARIANT("sums above 32 bits", "f22", .carried = true),
	VARIANT("a report with header and footer", "f22", .shape = SHAPE_BLOCK),
	VARIANT("a report by pr_info of kvm", "f22", .shape = SHAPE_PID),
	VARIANT("a report with names alone", "f22", .shape = SHAPE_NAME_ONLY),
	VARIANT("a report with commas", "f22", .shape = SHAPE_COMMAS),
	VARIANT("a report in hexadecimal", "f22", .shape = SHAPE_HEX),
	VARIANT("a report with the count first", "f22", .shape = SHAPE_COUNT_FIRST),
	VARIANT("a report with cycles too", "f22", .shape = SHAPE_CYCLES),
	VARIANT("a report with a total", "f22", .shape = SHAPE_WORDS),
	VARIANT("each line begins with a word that is a name", "f22", .shape = SHAPE_PREFIX),
	VARIANT("header and footer, s21", "s21", .shape = SHAPE_BLOCK),
	VARIANT("names alone, own exit not in", "f21", .shape = SHAPE_NAME_ONLY, .own_out = true),
	VARIANT("hexadecimal, inner clock", "s21", .shape = SHAPE_HEX, .clock_inner = true),
	VARIANT("the exit of the multiple is not yet in its report", "f22", .report_first = true),
	VARIANT("nor is it, in a report with a total", "f21", .report_first = true,
		.shape = SHAPE_WORDS),
	VARIANT("a report in the trace", "f22", .in_trace = true),
	VARIANT("count first, own exit not in", "f21", .shape = SHAPE_COUNT_FIRST,
		.own_out = true),
};

/* Criteria that are lost, but for @but; shown. */
static unsigned int others_lost(const struct findings *f, enum criterion but)
{
	unsigned int n = 0;
	enum criterion c;

	for (c = 0; c < CRITERIA_NR; c++) {
		if (f->of[c].state != STATE_LOST || c == but)
			continue;
		n++;
		diag("%s: %s", criterion_id(c), f->of[c].sentence);
		if (f->of[c].evidence_nr)
			diag("  %s", f->of[c].evidence[0]);
	}
	return n;
}

/* What only its own text tells. */
static void test_source(void)
{
	static const struct {
		const char *name, *patch;
		enum criterion lost;	/* CRITERIA_NR: none */
	} changes[] = {
		{ "a plain counter", "+++ b/x.c\n+static u64 exits;\n+\texits++;\n",
		  CRITERION_VCPUS },
		{ "a plain array", "+unsigned long n[70] = { 0 };\n+\tn[r.basic] += 1;\n",
		  CRITERION_VCPUS },
		{ "counted first", "+int exits = 0;\n+\tif (++exits % 10 == 0)\n",
		  CRITERION_VCPUS },
		{ "a second one", "+static u64 none[70], exits = 0, more;\n+\tmore++;\n",
		  CRITERION_VCPUS },
		{ "one counted by a function", "+static u64 exits, count(int n);\n+\tn++;\n",
		  CRITERIA_NR },
		{ "a multiple asked for behind", "+\tif (atomic_read(&n) % 10000 == 0)\n",
		  CRITERION_VCPUS },
		{ "a structure's member",
		  "+static struct stat stats[70];\n+\tstats[r.basic].n++;\n", CRITERION_VCPUS },
		{ "a structure with atomic ones",
		  "+static struct stat stats[70];\n+\tatomic64_inc(&stats[r].n);\n", CRITERIA_NR },
		{ "a structure that is only named", "+struct stat;\n+\tstat++;\n+struct s {\n",
		  CRITERIA_NR },
		{ "a function's static one", "+\tstatic u64 exits;\n+\n+\texits++;\n",
		  CRITERION_VCPUS },
		{ "a lock that is tried", "+static u64 n;\n+\tif (spin_trylock(&l))\n+\t\tn++;\n",
		  CRITERIA_NR },
		{ "a multiple asked for of what was read",
		  "+\tatomic64_inc(&n);\n+\tnow = atomic64_read(&n);\n+\tif (now % 10000 == 0)\n",
		  CRITERION_VCPUS },
		{ "a multiple of what was counted", "+\tnow = atomic64_inc_return(&n);\n"
		  "+\tcount = atomic64_read(&x);\n+\tif (!(now % 10000))\n", CRITERIA_NR },
		{ "one of what another function reads", "+\tnow = atomic64_read(&n);\n+}\n+\n"
		  "+\tif (now % 10000 == 0)\n", CRITERIA_NR },
		{ "a multiple in one step", "+\tif (atomic_inc_return(&n) % 10000 == 0)\n",
		  CRITERIA_NR },
		{ "a format", "+\tpr_info(\"%d\", atomic_read(&n));\n"
		  "+\tx(atomic_read(&n), \"%d\");\n", CRITERIA_NR },
		{ "memory where all pass",
		  " int vmx_handle_exit(int x)\n+\tp = kmalloc(8, f);\n",
		  CRITERION_COST },
		{ "memory by others", "+static void grow(void)\n+\tkvzalloc(8);\n"
		  "@@ -1 +1 @@ static int __vmx_handle_exit(int x)\n+\tgrow();\n",
		  CRITERION_COST },
		{ "memory of a VM", " int kvm_arch_init_vm(int x)\n+\tp = kzalloc(8, f);\n",
		  CRITERIA_NR },
		{ "an atomic one", "+static atomic64_t exits;\n+\tatomic64_inc(&exits);\n",
		  CRITERIA_NR },
		{ "one per CPU", "+static DEFINE_PER_CPU(u64, n);\n+\tthis_cpu_inc(n);\n",
		  CRITERIA_NR },
		{ "of the vCPU", "+\tu64 exits;\n+\tvcpu->exits++;\n", CRITERIA_NR },
		{ "with a lock", "+static u64 n;\n+\tspin_lock(&l);\n+\tn++;\n", CRITERIA_NR },
		{ "another's name", "+static u64 n;\n+\tin++;\n+\tn_all += 2;\n", CRITERIA_NR },
		{ "a function's own", "+\tint i;\n+\tfor (i = 0; i < 3; i++)\n", CRITERIA_NR },
		{ "what was there before", " static u64 n;\n+\tn++;\n", CRITERIA_NR },
		{ "32 bits of cycles",
		  "+\tatomic_t cycles[70];\n+\tatomic_add(t, &v->cycles[i]);\n",
		  CRITERION_CYCLES },
		{ "a second time of 32 bits",
		  "+\tu32 n, cycles;\n+\tv->cycles += t;\n", CRITERION_CYCLES },
		{ "64 bits of them", "+u64 all_cycles; /* int */\n+\tv->all_cycles += t;\n",
		  CRITERIA_NR },
		{ "a time that is no sum", "+\tu32 time_high = tsc >> 32;\n", CRITERIA_NR },
		{ "64 bits of a type in three words",
		  "+unsigned long long int cycles[86];\n+\tcycles[r] += n;\n",
		  CRITERION_VCPUS },
		{ "a count of times",
		  "+\tint times;\n+\tfor (times = 0; times < 3; times++)\n", CRITERIA_NR },
		{ "one lock's begin", "+static u64 n;\n+\tspin_lock_init(&l);\n+\tn++;\n",
		  CRITERION_VCPUS },
		{ "prints behind a lock's begin",
		  " int init(int x)\n+\traw_spin_lock_init(&l);\n+\tpr_info(\"x\");\n",
		  CRITERIA_NR },
		{ "a guard", "+static u64 n;\n+\tguard(spinlock)(&l);\n+\tn++;\n",
		  CRITERIA_NR },
		{ "a lock with interrupts off",
		  "+static u64 n;\n+\traw_spin_lock_irqsave(&l, f);\n+\tn++;\n", CRITERIA_NR },
		{ "an element for each processor",
		  "+static u64 n[NR_CPUS];\n+\tn[smp_processor_id()]++;\n", CRITERIA_NR },
		{ "prints with interrupts off",
		  "@@ -1 +1 @@ fastpath_t vmx_vcpu_run(struct kvm_vcpu *vcpu)\n+\tprintk(\"x\");\n",
		  CRITERION_REPORT },
		{ "prints where diff cut the function's name",
		  "@@ -1 +1 @@ static fastpath_t vmx_exit_handlers_fast\n+\tprintk(\"x\");\n",
		  CRITERION_REPORT },
		{ "prints in a place that has no name", "@@ -1 +1 @@\n+\tprintk(\"x\");\n",
		  CRITERIA_NR },
		{ "by others that print",
		  "+static void show(void)\n+{\n+\tpr_info(\"x\");\n+}\n+static void count(void)\n"
		  "+{\n+\tshow();\n+}\n fastpath_t vmx_vcpu_run(struct kvm_vcpu *vcpu)\n {\n"
		  "+\tcount();\n", CRITERION_REPORT },
		{ "a comment that names who prints",
		  " int vmx_handle_exit(int x)\n+\tpr_info(\"x\");\n"
		  "@@ -1 +1 @@ fastpath_t vmx_vcpu_run(struct kvm_vcpu *vcpu)\n"
		  "+\t/* ended in vmx_handle_exit */\n+\t * which calls printk()\n"
		  "+\tx = 1; /* see vmx_handle_exit() */\n", CRITERIA_NR },
		{ "under a lock",
		  " int handle(int x)\n+\tmutex_lock(&m);\n+\tspin_lock(&l);\n+\tprintk(\"x\");\n",
		  CRITERION_REPORT },
		{ "behind it",
		  " int handle(int x)\n+\tspin_lock(&l);\n+\tspin_unlock(&l);\n+\tprintk(\"x\");\n",
		  CRITERIA_NR },
		{ "where it may", " int vmx_handle_exit(int x)\n+\tprintk(\"x\");\n", CRITERIA_NR },
		{ "nothing", "", CRITERIA_NR },
	};
	static struct findings findings;
	struct hand_in h = { .findings = &findings };
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memset(&findings, 0, sizeof(findings));
		judge_source(&h, changes[i].patch);
		ok((changes[i].lost == CRITERIA_NR ||
		    findings.of[changes[i].lost].state == STATE_LOST) &&
		   !others_lost(&findings, changes[i].lost), "%s is %s", changes[i].name,
		   changes[i].lost == CRITERIA_NR ? "no fault" : criterion_id(changes[i].lost));
	}
	judge_source(&h, NULL);
}

/* What is said in comments, nobody does: they are blanks before the change is looked at. */
static void test_comments(void)
{
	static const char *const changes[][2] = {
		{ "@@ -1 +1 @@ vmx_vcpu_run(\n+\t/* printk(\"x\") */ n;\n+\t// printk\n",
		  "@@ -1 +1 @@ vmx_vcpu_run(\n+\t                  n;\n+\t         \n" },
		{ "@@ -1 +1 @@\n+/*\n- * printk */\n+\t* printk\n+ */ more\n",
		  "@@ -1 +1 @@\n+  \n- * printk */\n+\t        \n+    more\n" },
		{ "@@ -1 +1 @@\n  * of before\n+ */ n;\n@@ -9 +9 @@\n+\tn * m;\n+\t/* x */\n",
		  "@@ -1 +1 @@\n             \n+    n;\n@@ -9 +9 @@\n+\tn * m;\n+\t       \n" },
		{ "+++ b//x\n+\tprintk(\"// \\\" /*\"); c = '\"'; // \"\n",
		  "+++ b//x\n+\tprintk(\"// \\\" /*\"); c = '\"';     \n" },
		{ "+\t/* the end", "+\t          " },
	};
	char patch[128];
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		snprintf(patch, sizeof(patch), "%s", changes[i][0]);
		patch_blank_comments(patch);
		ok(!strcmp(patch, changes[i][1]), "comments are blanks: %zu", i);
	}
}

/* Only the read's own exit may be in or out; the reports have one more then, too. */
static void test_begin(struct hand_in *h)
{
	static struct model m = { .from_one = true };
	const struct finding *f;

	model_judge(&m, h, "f22");
	f = &h->findings->of[CRITERION_COUNT_REASON];
	ok(f->state == STATE_LOST && strstr(f->sentence, "is 3, and in truth 1"),
	   "counts that begin at 1 are wrong");
	model_free(h);
}

/* A sum above 32 bits is called right if there was one, and only then. */
static void test_carry(struct hand_in *h)
{
	static struct model m;
	int carried;

	for (carried = 0; carried < 2; carried++) {
		m = (struct model) { .carried = carried };
		model_judge(&m, h, "f21");
		ok(strstr(h->findings->of[CRITERION_CYCLES].sentence, carried ?
			  "sums above 32 bits are carried" : "carried was not looked at"),
		   "sums above 32 bits are %slooked at", carried ? "" : "not ");
		model_free(h);
	}
}

/* A report in a trace that nobody has a copy of is none that is missing. */
static void test_trace(struct hand_in *h)
{
	static struct model m = { .trace_unseen = true };
	const struct finding *f;

	ok(source_traces("+\tif (n)\n+\t\ttrace_printk(\"x\");\n") &&
	   !source_traces(" \ttrace_printk(\"x\");\n+\tmy_trace_puts(\"x\");\n"),
	   "a change that prints into the trace is known");
	model_judge(&m, h, "f22");
	f = &h->findings->of[CRITERION_REPORT];
	ok(f->state == STATE_SKIPPED && strstr(f->sentence, "not looked at"),
	   "its report is not looked at where the trace is not");
	model_free(h);
}

/* What a guest did not come to has no points. */
static void test_cut(struct hand_in *h)
{
	static const struct {
		const char *name;
		struct model model;
		bool bursts;		/* what is in the bursts was looked at */
	} cuts[] = {
		{ "dies behind 5 bursts", { .dies_behind = 5 }, false },
		{ "the same, and forges the ends",
		  { .dies_behind = 5, .forges_end = true }, false },
		{ "dies of a number in ECX", { .dies_beyond = true }, true },
		{ "dies of a larger one", { .dies_beyond = true, .answers_beyond = 3 }, true },
		{ "dies of one, and forges the ends",
		  { .dies_beyond = true, .forges_end = true }, false },
	};
	static const enum criterion counts[] = {
		CRITERION_BUILDS, CRITERION_COUNT_TOTAL, CRITERION_COUNT_REASON,
		CRITERION_FASTPATH, CRITERION_NO_DOUBLE, CRITERION_CYCLES,
		CRITERION_LEAF_UNDEFINED, CRITERION_LEAF_DISABLED, CRITERION_REPORT,
	};
	static struct model m;
	size_t i, k;

	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		const struct finding *of;
		size_t lost = 0;

		m = cuts[i].model;
		model_judge(&m, h, "f22");
		of = h->findings->of;
		for (k = 0; k < sizeof(counts) / sizeof(counts[0]); k++)
			lost += of[counts[k]].state == STATE_LOST;
		is_u64(cuts[i].name, lost, cuts[i].bursts ? 0 : sizeof(counts) / sizeof(counts[0]));
		ok(of[CRITERION_LEAF_REGISTERS].state == STATE_LOST &&
		   of[CRITERION_LEAF_OTHERS].state == STATE_LOST,
		   "and what comes behind is lost");
		ok(!cuts[i].bursts || (of[CRITERION_BOUNDS].state == STATE_LOST &&
				       strstr(of[CRITERION_BOUNDS].sentence, "kernel dies")),
		   "and it is said why");
		model_free(h);
	}
}

/* Which exits can be handled without vmx_handle_exit depends on the version of Linux. */
static void test_versions(struct hand_in *h)
{
	static const struct {
		char *console;
		bool hlt, invd;
	} kernels[] = {
		{ "[    0.000000] Linux version 6.1.192 (lab@lab) (gcc\n", false, false },
		{ "[    0.000000] Linux version 6.12.117 (lab@lab) (gcc\n", true, false },
		{ "[    0.000000] Linux version 7.2.13 (lab@lab) (gcc\n", true, true },
		{ NULL, true, false },
	};
	size_t i;

	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		h->unpatched.console = kernels[i].console;
		ok(reason_has_fast_path(h, EXIT_REASON_HLT) == kernels[i].hlt &&
		   reason_has_fast_path(h, EXIT_REASON_INVD) == kernels[i].invd &&
		   reason_has_fast_path(h, EXIT_REASON_MSR_WRITE),
		   "HLT has %s fast path, INVD %s: %.32s", kernels[i].hlt ? "a" : "no",
		   kernels[i].invd ? "one too" : "none", kernels[i].console ?: "no log");
	}
	h->unpatched.console = NULL;
}

int main(void)
{
	static struct hand_in h;
	static struct model m;
	size_t i;

	plan(200);
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		m = variants[i].model;
		model_judge(&m, &h, variants[i].map);
		ok(!others_lost(h.findings, CRITERIA_NR), "harmless: %s", variants[i].name);
		model_free(&h);
	}
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct finding *f;

		m = faults[i].model;
		model_judge(&m, &h, faults[i].map);
		f = &h.findings->of[faults[i].lost];
		if (!ok(f->state == STATE_LOST && strstr(f->sentence, faults[i].says),
			"%s: %s says \"%s\"", faults[i].name, criterion_id(faults[i].lost),
			faults[i].says))
			diag("%s", f->sentence);
		ok(!others_lost(h.findings, faults[i].lost), "%s: nothing else is lost",
		   faults[i].name);
		model_free(&h);
	}
	test_begin(&h);
	test_carry(&h);
	test_trace(&h);
	test_cut(&h);
	test_source();
	test_comments();
	test_versions(&h);
	return done();
}
