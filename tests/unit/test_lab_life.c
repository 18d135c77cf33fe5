// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge of what no guest can do by itself, on logs that are made up: VMs whose counters begin
 * anew or go on, KVM's modules loaded again, and what the kernel says of it.
 */
/* units: lab/judge/life.c lab/judge/map.c lab/judge/readings.c lab/judge/truth.c */
/* units: lab/judge/weights.c lab/judge/kernel.c lab/judge/whole.c lab/judge/patch.c */
/* units: lab/findings.c acct/exit_reasons.c tools/emulator.c tools/tool.c */
#include "lab/judge/judge.h"
#include "tests/unit/tap.h"

#define VM_EXITS	50

/* How the counters of a hand-in live, and what becomes of KVM's modules. */
struct life {
	bool for_all, mixed;		/* of all VMs so far; now so, now so */
	bool survives;			/* the modules' end, too */
	int load, removal, again;	/* errors */
	bool no_kasan, dies;
	bool dies_early;		/* of the first VM's end */
	const char *console;		/* what the kernel says with KASAN */
	const char *lost, *says;	/* the criterion; words of its sentence, or of life's */
};

/* A run that is being written: the emulator's log, and /init's. */
struct writer {
	struct run *run;
	FILE *text;
	unsigned int marks, vms;
	size_t all_from, vm_from;	/* since KVM, and this VM, were there */
};

static void exit_is(struct writer *w, uint32_t reason, bool mark)
{
	const struct true_exit e = { 1000 * w->run->truth.nr, reason, 0 };

	truth_add(&w->run->truth, &e, mark);
	w->marks += mark;
}

/* As lab/vms/main.c asks: a mark, a CPUID, and back. */
static void ask(struct writer *w)
{
	exit_is(w, EXIT_REASON_IO_INSTRUCTION, true);
	exit_is(w, EXIT_REASON_CPUID, false);
	exit_is(w, EXIT_REASON_IO_INSTRUCTION, false);
}

static void begin_vm(struct writer *w)
{
	unsigned int i;

	w->vm_from = w->run->truth.nr;
	fprintf(w->text, "vm number=%u mark=%u\n", ++w->vms, w->marks + 1);
	for (i = 0; i < VM_EXITS; i++)
		ask(w);
}

static void read_total(struct writer *w, size_t from)
{
	const int leaf = map_leaf(map_find("f22"), CARRIES_TOTAL);
	int i;

	fprintf(w->text, "leaves mark=%u nr=0 mode=real ecx=10", w->marks + 1);
	for (i = 0; i < READING_LEAVES; i++) {
		exit_is(w, EXIT_REASON_IO_INSTRUCTION, true);
		fprintf(w->text, " %x=%zx:0:0:0", READING_FIRST_LEAF - i,
			i == leaf ? w->run->truth.nr - from : 0);
		exit_is(w, EXIT_REASON_CPUID, false);
		exit_is(w, EXIT_REASON_IO_INSTRUCTION, false);
	}
	fprintf(w->text, "\n");
}

static void write_vms(struct writer *w, const struct life *life)
{
	unsigned int i;

	for (i = 0; i < (life->dies_early ? 1 : 3); i++) {
		begin_vm(w);
		read_total(w, life->for_all || (life->mixed && i == 2) ? w->all_from : w->vm_from);
	}
	if (!life->dies_early)
		fprintf(w->text, "entry\nentry exit=9 reason=0x80000021\n");
}

static void do_modules(struct writer *w, const char *what, int error)
{
	fprintf(w->text, "modules do=%s errno=%d at=kvm-intel\n", what, error);
}

/* Returns whether /init comes to its end. */
static bool write_modules(struct writer *w, const struct life *life)
{
	do_modules(w, "load", life->load);
	if (life->load)
		return false;
	write_vms(w, life);
	do_modules(w, "removal", life->removal);
	if (life->removal)
		return true;
	do_modules(w, "load", life->again);
	if (life->again || life->dies)
		return false;
	if (!life->survives)
		w->all_from = w->run->truth.nr;
	begin_vm(w);
	read_total(w, life->survives ? 0 : w->all_from);
	return true;
}

static void write_run(struct run *run, const struct life *life, bool modules)
{
	struct writer w = { .run = run };
	bool ends = true;
	char *text;
	size_t size;
	FILE *in;

	run->there = true;
	w.text = open_memstream(&text, &size);
	if (modules)
		ends = write_modules(&w, life);
	else
		write_vms(&w, life);
	ends &= !life->dies_early;
	if (ends)
		fprintf(w.text, "lab marks=%u\n", w.marks);
	fclose(w.text);
	run->truth.ended = ends;
	in = fmemopen(text, size, "r");
	if (!readings_read(&run->readings, in) || !readings_tie(&run->readings, &run->truth))
		diag("its log cannot be read");
	fclose(in);
	free(text);
	modules |= life->dies_early;
	run->console = strdup(modules && life->console ? life->console : "Run /init as init\n");
}

void run_free(struct run *run)
{
	truth_free(&run->truth);
	readings_free(&run->readings);
	free(run->console);
}

static const struct {
	const char *name;
	struct life life;
} lives[] = {
	{ "counters of each VM", { .says = "begin at 0, and a third's beside it; KVM's modules "
				   "were removed and loaded again" } },
	{ "counters of all VMs", { .for_all = true, .says = "go on from the first's" } },
	{ "no KASAN", { .no_kasan = true, .says = "not looked at: the module loaded again" } },
	{ "now so, now so", { .mixed = true, .lost = "life", .says = "neither always their own" } },
	{ "counters that outlive KVM", { .for_all = true, .survives = true, .lost = "life",
					 .says = "removed and loaded again the total is" } },
	{ "modules that do not load", { .load = 2, .lost = "builds",
					.says = "do not load: kvm-intel, No such file" } },
	{ "a module that needs one behind it",
	  { .load = 2, .lost = "builds", .says = "kvm-intel asks for exits_of, which no module",
	    .console = "Run /init\nkvm: Unknown symbol exits_of (err -2)\n" } },
	{ "modules that stay", { .removal = 16, .lost = "life",
				 .says = "cannot be removed when all VMs are gone: kvm-intel" } },
	{ "modules that come once", { .again = 17, .lost = "life",
				      .says = "do not load again" } },
	{ "a kernel that dies of the second load", { .dies = true, .lost = "bounds",
						     .says = "does not come to its end" } },
	{ "a write out of bounds", { .console = "Run /init\nBUG: KASAN: global-out-of-bounds\n",
				     .lost = "bounds", .says = "BUG: KASAN: global" } },
	{ "a file that was there already",
	  { .console = "Run /init\nWARNING: CPU: 0 PID: 1\n", .lost = "builds",
	    .says = "(with KASAN): WARNING: CPU: 0" } },
	{ "what the kernel says before", { .console = "WARNING: CPU: 0\nRun /init\n",
					   .says = "loaded again" } },
};

/* Where KVM never ran with KASAN, points are neither given nor taken for it. */
static void test_bounds(const char *name, const struct life *life, const struct finding *f)
{
	const bool unseen = life->no_kasan || life->load;
	const bool lost = life->lost && !strcmp(life->lost, "bounds");

	ok(f->state == (lost ? STATE_LOST : unseen ? STATE_SKIPPED : STATE_OK) &&
	   (!unseen || strstr(f->sentence, "not looked at: KASAN and UBSAN")),
	   "%s: bounds is %s", name, state_name(f->state));
}

/* An oops is the kernel's, whichever run shows it; that no VM came behind is life's own. */
static void test_early_death(void)
{
	static const struct life life = {
		.dies_early = true, .console = "Run /init\nOops: 0002 [#1]\n",
	};
	static struct findings findings;
	static struct hand_in h;

	h = (struct hand_in) { .findings = &findings, .map = map_find("f22") };
	write_run(&h.vms, &life, false);
	judge_life(&h);
	ok(findings.of[CRITERION_BUILDS].state == STATE_LOST &&
	   strstr(findings.of[CRITERION_BUILDS].sentence, "(several VMs): Oops: 0002"),
	   "a kernel that dies of a VM's end complains");
	ok(findings.of[CRITERION_LIFE].state == STATE_LOST &&
	   findings.of[CRITERION_BOUNDS].state == STATE_SKIPPED,
	   "and has no second VM, and no number that does harm");
	run_free(&h.vms);
}

static void test_life(const char *name, const struct life *life)
{
	static struct findings findings;
	static struct hand_in h;
	enum criterion c, lost = life->lost ? criterion_find(life->lost) : CRITERION_LIFE;
	unsigned int others = 0;

	memset(&findings, 0, sizeof(findings));
	h = (struct hand_in) { .findings = &findings, .map = map_find("f22") };
	h.answered[map_leaf(h.map, CARRIES_TOTAL)] = true;
	write_run(&h.vms, life, false);
	if (!life->no_kasan)
		write_run(&h.kasan, life, true);
	judge_life(&h);
	for (c = 0; c < CRITERIA_NR; c++)
		others += findings.of[c].state == STATE_LOST && (!life->lost || c != lost);
	is_u64(name, others, 0);
	if (!ok((findings.of[lost].state == STATE_LOST) == !!life->lost &&
		strstr(findings.of[lost].sentence, life->says), "%s: %s", name, life->says))
		diag("%s", findings.of[lost].sentence);
	test_bounds(name, life, &findings.of[CRITERION_BOUNDS]);
	run_free(&h.vms);
	run_free(&h.kasan);
}

/* What only a build as modules shows. */
static void test_build(void)
{
	static struct findings findings;
	struct hand_in h = { .findings = &findings };

	judge_build(&h, "applies=yes\nbuilds=yes\nwarnings=0\nmodules=no\n"
		    "why=\"ERROR: modpost: 'exits' [arch/x86/kvm/kvm-intel.ko] undefined!\"\n");
	ok(findings.of[CRITERION_BUILDS].state == STATE_LOST &&
	   strstr(findings.of[CRITERION_BUILDS].sentence, "'exits' [arch") &&
	   findings.of[CRITERION_BOUNDS].state == STATE_NONE,
	   "who forgets EXPORT_SYMBOL loses builds alone");
	memset(&findings, 0, sizeof(findings));
	judge_build(&h, "applies=yes\nbuilds=yes\nwarnings=1\nwhy=\"x.c: a warning\"\n"
		    "kasan=no\nwhy=\"does not build with KASAN\"\n");
	ok(strstr(findings.of[CRITERION_BUILDS].sentence, "1 times: x.c: a warning") &&
	   strstr(findings.of[CRITERION_BOUNDS].sentence, "at: does not build with KASAN"),
	   "what the compiler warns of is not why KASAN cannot be looked at");
	memset(&findings, 0, sizeof(findings));
	judge_build(&h, "applies=fuzz\nbuilds=yes\nwarnings=0\n");
	ok(findings.of[CRITERION_APPLIES].state == STATE_OK &&
	   strstr(findings.of[CRITERION_APPLIES].sentence, "with fuzz: see hunks.txt") &&
	   findings.of[CRITERION_BUILDS].state == STATE_NONE,
	   "what applies with fuzz loses nothing");
	memset(&findings, 0, sizeof(findings));
	judge_build(&h, "made_for=6.12\napplies=fuzz\nbuilds=yes\nwarnings=0\n");
	is_str("and if that is as it was made for another Linux, it is told",
	       findings.of[CRITERION_APPLIES].sentence,
	       "the change applies, with fuzz, as it was made for Linux 6.12: see hunks.txt");
	memset(&findings, 0, sizeof(findings));
	judge_build(&h, "form=files\nleft_out=\"Makefile, test.c\"\napplies=yes\nbuilds=yes\n"
		    "warnings=0\n");
	is_str("nor does what has no part in the kernel, and is named",
	       findings.of[CRITERION_APPLIES].sentence,
	       "the change applies; left out, as no files of the kernel's: Makefile, test.c");
}

/* A loop in the kernel is told as what it is, and not as the stall that comes of it. */
static void test_endless(void)
{
	static const struct {
		char console[80];
		const char *says;
	} kernels[] = {
		{ "rcu: INFO: rcu_sched self-detected stall\n",
		  "did not come to its end with 1 vCPU" },
		{ "BUG: kernel NULL pointer\nrcu: INFO: stall\n", "(1 vCPU): BUG: kernel NULL" },
		{ "DEBUG: 1\nBUG: kernel NULL pointer\n", "(1 vCPU): BUG: kernel NULL" },
		{ "DEBUG: kernel NULL pointer\n", "did not come to its end with 1 vCPU" },
	};
	static struct findings findings;
	static struct hand_in h;
	size_t i;

	for (i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		memset(&findings, 0, sizeof(findings));
		h = (struct hand_in) { .findings = &findings };
		h.one.there = true;
		h.one.console = (char *)kernels[i].console;
		judge_kernel(&h);
		ok(findings.of[CRITERION_BUILDS].state == STATE_LOST &&
		   strstr(findings.of[CRITERION_BUILDS].sentence, kernels[i].says),
		   "a kernel %s", kernels[i].says);
	}
}

int main(void)
{
	size_t i;

	plan(50);
	for (i = 0; i < sizeof(lives) / sizeof(lives[0]); i++)
		test_life(lives[i].name, &lives[i].life);
	test_early_death();
	test_build();
	test_endless();
	return done();
}
