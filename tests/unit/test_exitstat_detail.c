// SPDX-License-Identifier: GPL-2.0-only
/* units: guest/linux/detail.c guest/linux/numbers.c guest/linux/show_detail.c */
/* units: guest/linux/command.c guest/linux/live.c guest/linux/show.c guest/linux/leaves.c */
/* units: acct/exit_acct.c acct/exit_leaves.c acct/exit_detail.c acct/exit_reasons.c */
/* units: acct/exit_names.c tools/record.c tools/tool.c */
/*
 * exitstat --detail: what is shown, character by character, and that its own reads are taken off
 * to 1, of two vCPUs too, and where they find no place.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest/linux/detail.h"
#include "tests/unit/exitstat_fake.h"
#include "tests/unit/tap.h"

#define OUT_COM1	0x03f80000ull
#define IN_LSR		0x03fd0008ull
#define CR0_TS		0x0000000800000000ull
#define DEADLINE	0x6e0

static char text[1 << 18];
static struct exit_acct_vcpu second;
static struct exit_acct_counters second_counters;
static struct exit_detail tables[2];

/* A VM of two vCPUs that tells exits apart. */
static struct leaves start(void)
{
	struct leaves l = { .cpuid = fake_cpuid };

	running = &vcpu;
	power_on(EXIT_ACCT_MAP_DEFAULT);
	exit_acct_vcpu_init(&second, &vm, &second_counters);
	/* What there has been so far is of no table. */
	memset(&counters, 0, sizeof(counters));
	exit_acct_vcpu_init(&vcpu, &vm, &counters);
	exit_acct_vm_init(&vm, EXIT_ACCT_TARGET_KVM, EXIT_ACCT_MAP_DEFAULT, 0, handled);
	exit_acct_vcpu_init(&vcpu, &vm, &counters);
	exit_acct_vcpu_init(&second, &vm, &second_counters);
	exit_detail_init(&tables[0], &vcpu);
	exit_detail_init(&tables[1], &second);
	leaves_find(&l, EXIT_ACCT_NR_MAPS);
	exits_of(30, OUT_COM1, 20);
	exits_of(30, IN_LSR, 3);
	exits_of(28, CR0_TS, 2);
	exits(12, 7);
	running = &second;
	exits_of(30, OUT_COM1, 100);
	exits_of(32, DEADLINE, 50);
	exits(12, 1);
	running = &vcpu;
	return l;
}

static FILE *to_text(void)
{
	memset(text, 0, sizeof(text));
	return fmemopen(text, sizeof(text), "w");
}

static const char *shown(const struct number *at, size_t nr, struct view v,
			 struct detail_options o, bool first)
{
	static const struct leaves l = {
		.extension = true, .target = EXIT_ACCT_TARGET_HV, .vcpus = 2,
		.map = EXIT_ACCT_MAP_DEFAULT,
	};
	struct numbers n = { .seconds = 0.5 };
	FILE *to = to_text();
	size_t i;

	for (i = 0; i < nr; i++)
		numbers_add(&n, &at[i]);
	numbers_sum(&n);
	detail_show(&l, &v, &n, &o, first, to);
	numbers_free(&n);
	fclose(to);
	return text;
}

static const struct number some[] = {
	{ 12, NUMBER_NONE, 0, 30, 300, 0 },
	{ 30, NUMBER, OUT_COM1, 40, 4000, 0 },
	{ 30, NUMBER, IN_LSR, 60, 3000, 0 },
	{ 30, NUMBER_REST, 0, 500, 50000, 0 },
	{ 30, NUMBER, OUT_COM1, 10, 1000, 0 },
	{ 32, NUMBER, DEADLINE, 0, 0, 0 },
	{ EXIT_ACCT_OTHER, NUMBER_NONE, 0, 360, 360, 0 },
};
#define SOME some, sizeof(some) / sizeof(some[0])

static void test_table(void)
{
	struct number many[13];
	u32 i;

	is_str("since the start", shown(SOME,
	       (struct view) { SHOW_SINCE_START, .own = 7, .vcpu = -1 },
	       (struct detail_options) { .reason = DETAIL_ALL }, true),
	"VM exits since the VM started, told apart: hv, 2 vCPUs\n"
	"\n"
	"      exits       % cycles/exit  nr exit reason\n"
	"       1000  100.00          59     total\n"
	"        610   61.00          95  30 IO_INSTRUCTION\n"
	"         60    6.00          50       IN 8 bit from 0x3fd COM1 LSR\n"
	"         50    5.00         100       OUT 8 bit to 0x3f8 COM1 THR\n"
	"        500   50.00         100       the rest: numbers that found no place\n"
	"        360   36.00           1   - OTHER\n"
	"         30    3.00          10  12 HLT\n"
	"CPUID: at most 7 of these are exitstat's own reads\n");
	is_str("one reason, of a command, on one vCPU", shown(SOME,
	       (struct view) { SHOW_COMMAND, .own = 7, .vcpu = 1, .exit_code = 3 },
	       (struct detail_options) { .reason = 30 }, true),
	"VM exits while the command ran on vCPU 1, told apart: hv, 2 vCPUs, 0.500 s\n"
	"\n"
	"      exits       % cycles/exit  nr exit reason\n"
	"       1000  100.00          59     total\n"
	"        610   61.00          95  30 IO_INSTRUCTION\n"
	"         60    6.00          50       IN 8 bit from 0x3fd COM1 LSR\n"
	"         50    5.00         100       OUT 8 bit to 0x3f8 COM1 THR\n"
	"        500   50.00         100       the rest: numbers that found no place\n"
	"CPUID: exitstat's own reads, 7, are taken off\n"
	"exit code of the command: 3\n");
	is_str("nothing: no division by zero", shown(NULL, 0,
	       (struct view) { SHOW_INTERVAL, .vcpu = -1 },
	       (struct detail_options) { .reason = DETAIL_ALL }, true),
	"VM exits in the interval, told apart: hv, 2 vCPUs, 0.500 s\n"
	"\n"
	"      exits       % cycles/exit  nr exit reason\n"
	"          0       -           -     total\n"
	"CPUID: exitstat's own reads, 0, are taken off\n");
	for (i = 0; i < 12; i++)
		many[i] = (struct number) { 48, NUMBER, i << 13, 1 + (i == 11), 10, 0 };
	many[12] = (struct number) { 48, NUMBER_REST, 0, 1, 10, 0 };
	ok(strstr(shown(many, 13, (struct view) { SHOW_INTERVAL, .vcpu = -1 },
		  (struct detail_options) { .reason = DETAIL_ALL }, true),
	"         14  100.00           9  48 EPT_VIOLATION\n"
	"          2   14.29           5       page 0x16000\n"
	"          1    7.14          10       page 0x0\n") &&
	   strstr(text,
	"          1    7.14          10       page 0x10000\n"
	"          2   14.29          10       2 more\n"
	"          1    7.14          10       the rest: numbers that found no place\n"),
	   "of each reason ten, and how many there are more");
	ok(strstr(shown(many, 13, (struct view) { SHOW_INTERVAL, .vcpu = -1 },
		  (struct detail_options) { .reason = 48 }, true),
	"          1    7.14          10       page 0x14000\n"
	"          1    7.14          10       the rest: numbers that found no place\n"),
	   "of one reason all");
}

static void test_fold(void)
{
	static const struct number pages[] = {
		{ 48, NUMBER, 0x5001, 1, 10, 0 }, { 48, NUMBER, 0x5002, 2, 20, 0 },
		{ 48, NUMBER, 0x6001, 3, 30, 0 }, { 48, NUMBER, 0x7001, 0, 0, 0 },
		{ 48, NUMBER, 0x8001, 5, 50, 0 }, { 48, NUMBER, 0xbf002, 4, 4, 0 },
		{ 48, NUMBER, 0xc0001, 7, 7, 0 }, { 48, NUMBER, 0xfebff001, 8, 8, 0 },
		{ 48, NUMBER, 0xfec00001, 9, 9, 0 },
		{ 49, NUMBER, 0xfec01000, 10, 10, 0 }, { 49, NUMBER, 0xfec02000, 11, 11, 0 },
		{ 49, NUMBER, 0xfec03000, 12, 12, 0 },
		{ 31, NUMBER, 0x1000, 1, 1, 0 }, { 31, NUMBER, 0x1001, 1, 1, 0 },
		{ 10, NUMBER, 2ull << 32, 20, 20, 0 }, { 10, NUMBER, 2ull << 32 | 5, 5, 5, 0 },
		{ 10, NUMBER, 4ull << 32, 2, 2, 0 }, { 10, NUMBER, 4ull << 32 | 1, 3, 3, 0 },
		{ 10, NUMBER_REST, 0, 1, 1, 0 },
	};

	is_str("pages side by side, and leaves that ignore ECX, are one", shown(pages, 19,
	       (struct view) { SHOW_SINCE_START, .own = 7, .vcpu = -1 },
	       (struct detail_options) { .reason = DETAIL_ALL }, true),
	"VM exits since the VM started, told apart: hv, 2 vCPUs\n"
	"\n"
	"      exits       % cycles/exit  nr exit reason\n"
	"        105  100.00           2     total\n"
	"         39   37.14           4  48 EPT_VIOLATION\n"
	"          9    8.57           1       page 0xfec00000 I/O APIC: read\n"
	"          8    7.62           1       page 0xfebff000: read\n"
	"          7    6.67           1       page 0xc0000 option ROMs: read\n"
	"          6    5.71          10       2 pages from 0x5000: read write\n"
	"          5    4.76          10       page 0x8000: read\n"
	"          4    3.81           1       page 0xbf000 VGA memory: write\n"
	"         33   31.43           1  49 EPT_MISCONFIG\n"
	"         33   31.43           1       3 pages from 0xfec01000\n"
	"         31   29.52           1  10 CPUID\n"
	"         25   23.81           1       leaf 0x2: caches and TLBs\n"
	"          3    2.86           1       leaf 0x4 subleaf 0x1: deterministic cache "
	"parameters\n"
	"          2    1.90           1       leaf 0x4 subleaf 0x0: deterministic cache "
	"parameters\n"
	"          1    0.95           1       the rest: numbers that found no place\n"
	"          2    1.90           1  31 MSR_READ\n"
	"          1    0.95           1       MSR 0x1000\n"
	"          1    0.95           1       MSR 0x1001\n"
	"CPUID: at most 7 of these are exitstat's own reads\n");
}

static void test_csv(void)
{
	is_str("CSV", shown(SOME, (struct view) { SHOW_COMMAND, .own = 7, .vcpu = -1 },
	       (struct detail_options) { DETAIL_ALL, SHOW_CSV, false }, true),
	"version,vcpu,kind,seconds,reason,name,number,word,text,count,handler\n"
	"1,,command,0.500000,30,IO_INSTRUCTION,66912264,in8:0x3fd,"
	"IN 8 bit from 0x3fd COM1 LSR,60,3000\n"
	"1,,command,0.500000,30,IO_INSTRUCTION,66584576,out8:0x3f8,"
	"OUT 8 bit to 0x3f8 COM1 THR,50,5000\n"
	"1,,command,0.500000,30,IO_INSTRUCTION,rest,,,500,50000\n"
	"1,,command,0.500000,other,OTHER,,,,360,360\n"
	"1,,command,0.500000,12,HLT,,,,30,300\n"
	"1,,command,0.500000,own,READS,,,,7,\n"
	"1,,command,0.500000,total,TOTAL,,,,1000,58660\n");
	is_str("CSV of a vCPU, no head", shown(NULL, 0,
	       (struct view) { SHOW_SINCE_START, .own = 7, .vcpu = 3 },
	       (struct detail_options) { DETAIL_ALL, SHOW_CSV, false }, false),
	"1,3,since_start,,own,READS,,,,7,\n"
	"1,3,since_start,,total,TOTAL,,,,0,0\n");
}

static void test_json(void)
{
	is_str("JSON", shown(SOME, (struct view) { SHOW_INTERVAL, .own = 7, .vcpu = -1 },
	       (struct detail_options) { DETAIL_ALL, SHOW_JSON, false }, true),
	"{\"version\":1,\"vcpu\":null,\"kind\":\"interval\",\"target\":\"hv\","
	"\"map\":\"default\",\"extension\":true,\"vcpus\":2,\"seconds\":0.500000,"
	"\"exit_code\":null,\"own_reads\":7,\"own_reads_taken_off\":true,\"rows\":["
	"{\"reason\":30,\"name\":\"IO_INSTRUCTION\",\"count\":610,\"handler\":58000,"
	"\"numbers\":[{\"number\":\"66912264\",\"word\":\"in8:0x3fd\","
	"\"text\":\"IN 8 bit from 0x3fd COM1 LSR\",\"count\":60,\"handler\":3000},"
	"{\"number\":\"66584576\",\"word\":\"out8:0x3f8\","
	"\"text\":\"OUT 8 bit to 0x3f8 COM1 THR\",\"count\":50,\"handler\":5000}],"
	"\"rest\":{\"count\":500,\"handler\":50000}},"
	"{\"reason\":null,\"name\":\"OTHER\",\"count\":360,\"handler\":360,\"numbers\":[],"
	"\"rest\":{\"count\":0,\"handler\":0}},"
	"{\"reason\":12,\"name\":\"HLT\",\"count\":30,\"handler\":300,\"numbers\":[],"
	"\"rest\":{\"count\":0,\"handler\":0}}],"
	"\"total\":{\"count\":1000,\"handler\":58660}}\n");
}

/* The sum of a column of CSV over lines that begin so. */
static u64 sum(const char *begin)
{
	const char *line, *end;
	u64 all = 0;

	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		if (strncmp(line, begin, strlen(begin)))
			continue;
		/* count is the last but one */
		while (*--end != ',')
			;
		while (*--end != ',')
			;
		all += strtoull(end + 1, NULL, 10);
		end = strchr(line, '\n');
	}
	return all;
}

static void test_since_start(void)
{
	struct detail_options o = { DETAIL_ALL, SHOW_CSV, false };
	struct leaves l = start();
	FILE *to;

	ok(detail_find(&l), "exits are told apart");
	to = to_text();
	detail_show_all(&l, &o, to);
	fclose(to);
	ok(strstr(text, ",30,IO_INSTRUCTION,66584576,out8:0x3f8,"
		  "OUT 8 bit to 0x3f8 COM1 THR,120,6000\n") &&
	   strstr(text, ",30,IO_INSTRUCTION,66912264,in8:0x3fd,"
		  "IN 8 bit from 0x3fd COM1 LSR,3,150\n") &&
	   strstr(text, ",28,CR_ACCESS,34359738368,cr0=rax:TS,"
		  "MOV to CR0 from RAX: TS changes,2,100\n") &&
	   strstr(text, ",12,HLT,,,,8,400\n"), "of both vCPUs together");
	is_u64("all exits", sum("1,,since_start,,total"),
	       exit_acct_total(&counters) + exit_acct_total(&second_counters));
	is_u64("own reads are CPUID's", sum("1,,since_start,,10,"), sum("1,,since_start,,own,"));
	to = to_text();
	o.vcpu = true;
	detail_show_all(&l, &o, to);
	fclose(to);
	is_u64("one vCPU by itself", sum("1,0,since_start,,30,"), 23);
	is_u64("the other one", sum("1,1,since_start,,30,"), 100);
	is_u64("and its HLT", sum("1,1,since_start,,12,"), 1);
}

/* In the midst of a command: the first CPUID after it has made this file. */
static char mark[] = "/tmp/exitstat-XXXXXX";
static unsigned int during;

static void cpuid_after(u32 leaf, u32 subleaf, struct exit_acct_regs *out)
{
	if (during && !access(mark, F_OK)) {
		exits_of(30, OUT_COM1, during);
		exits_of(10, 0xdull << 32, 1);
		exits_of(10, 0x4fffff04ull << 32, 2);
		exits_of(32, 0x10, 4);
		exits(12, 5);
		during = 0;
	}
	fake_cpuid(leaf, subleaf, out);
}

static void run_command(struct leaves *l, const char *name)
{
	const struct detail_options o = { DETAIL_ALL, SHOW_CSV, false };
	char *touch[] = { "touch", mark, NULL };
	FILE *to = to_text();

	unlink(mark);
	during = 9;
	l->cpuid = cpuid_after;
	is_u64(name, detail_command(l, &o, touch, to), 0);
	fclose(to);
	unlink(mark);
	ok(strstr(text, ",30,IO_INSTRUCTION,66584576,out8:0x3f8,"
		  "OUT 8 bit to 0x3f8 COM1 THR,9,450\n"), "its OUTs");
	ok(strstr(text, ",12,HLT,,,,5,250\n"), "its HLTs");
	if (!ok(strstr(text, ",TOTAL,,,,21,1050\n"), "and nothing of ours"))
		diag("%s", text);
}

static void test_command(void)
{
	struct leaves l = start();
	u32 i;

	if (mkstemp(mark) < 0)
		skip_all("no file can be made in /tmp");
	run_command(&l, "a command");
	ok(strstr(text, ",0x4fffff04:0x0,"), "somebody else's reads");
	running = &second;
	run_command(&l, "a command, on the other vCPU, where nobody read before");
	running = &vcpu;
	run_command(&l, "a command, where both have read");

	l = start();
	for (i = 0; i < 4000; i++)
		exits_of(10, (u64)i << 32, 1);
	run_command(&l, "a command, and our reads have no place");
	ok(strstr(text, ",10,CPUID,rest,,,"), "what else had none is the rest");
	running = &second;
	run_command(&l, "the same, and they have one on the other vCPU");
	running = &vcpu;
	run_command(&l, "and back");
}

static void test_live(void)
{
	const struct detail_options o = { DETAIL_ALL, SHOW_CSV, false };
	struct leaves l = start();
	FILE *to = to_text();
	unsigned int n = 0;
	char *line;

	detail_live(&l, &o, 0.01, 3, to);
	fclose(to);
	for (line = text; (line = strstr(line, ",total,TOTAL,,,,0,0\n")); line++)
		n++;
	is_u64("three intervals of nothing", n, 3);
	ok(!strncmp(text, "version,", 8) && !strstr(text + 8, "version,"),
	   "the names of the columns come once");
}

static void test_absence(void)
{
	struct leaves l = { .cpuid = fake_cpuid };

	running = &vcpu;
	power_on(EXIT_ACCT_MAP_DEFAULT);
	leaves_find(&l, EXIT_ACCT_NR_MAPS);
	ok(!detail_find(&l), "off");
	is_str("how to have it", l.why, "--detail: exits of one reason are not told apart here: "
	       "that takes kvm.ko with detail=Y before the VM starts");
	l.target = EXIT_ACCT_TARGET_HV;
	detail_find(&l);
	is_str("how to have it of hv", l.why, "--detail: exits of one reason are not told apart "
	       "here: that takes hv with detail=1 before the VM starts");
	l = start();
	l.last = EXIT_ACCT_LEAF_DETAIL;
	ok(!detail_find(&l), "an earlier version");
	is_str("why", l.why, "--detail: this hypervisor has no leaves that tell exits of one "
	       "reason apart");
}

static void test_reason(void)
{
	is_u64("a number", detail_reason("30"), 30);
	is_u64("0", detail_reason("0"), 0);
	is_u64("a name", detail_reason("EPT_VIOLATION"), 48);
	is_u64("a name in small letters", detail_reason("cpuid"), 10);
	is_u64("nothing tells its exits apart", detail_reason("HLT"), DETAIL_ALL);
	is_u64("by number", detail_reason("12"), DETAIL_ALL);
	is_u64("no reason", detail_reason("35"), DETAIL_ALL);
	is_u64("no number", detail_reason(""), DETAIL_ALL);
	is_u64("no name", detail_reason("OTHER"), DETAIL_ALL);
	is_u64("far too much", detail_reason("4294967306"), DETAIL_ALL);
}

static void test_numbers(void)
{
	struct numbers a = { .seconds = 3 }, b = { .seconds = 1 };

	numbers_sum(&a);
	numbers_subtract(&a, &b);
	is_u64("nothing from nothing", a.nr, 0);
	a.seconds = 3;
	numbers_add(&a, &(struct number) { 30, NUMBER, 5, 10, 100, 0 });
	numbers_add(&a, &(struct number) { 30, NUMBER, 4, 1, 1, 0 });
	numbers_add(&b, &(struct number) { 30, NUMBER, 5, 11, 40, 0 });
	numbers_add(&b, &(struct number) { 29, NUMBER, 5, 1, 1, 0 });
	numbers_sum(&a);
	numbers_sum(&b);
	numbers_subtract(&a, &b);
	is_u64("never below 0", a.at[1].count, 0);
	is_u64("cycles", a.at[1].handler, 60);
	is_u64("what was not there before", a.at[0].count, 1);
	is_u64("seconds", a.seconds, 2);
	numbers_free(&a);
	numbers_free(&b);
}

/* The second vCPU is of a time when exits were not told apart. */
static void test_untold(void)
{
	struct detail_options o = { DETAIL_ALL, SHOW_TABLE, false };
	struct leaves l = start();
	char *nothing[] = { "true", NULL };
	FILE *to = to_text();

	detail_show_all(&l, &o, to);
	fclose(to);
	ok(!strstr(text, "left out"), "all tell their exits apart: nothing is said");
	second.detail = NULL;
	ok(detail_find(&l), "one of two vCPUs tells its exits apart");
	to = to_text();
	detail_show_all(&l, &o, to);
	fclose(to);
	ok(strstr(text, "\nexits not told apart, and left out: vCPU 1\nCPUID: "),
	   "the other one is named");
	to = to_text();
	o.format = SHOW_CSV;
	detail_show_all(&l, &o, to);
	fclose(to);
	ok(strstr(text, "\n1,,since_start,,untold,VCPUS,,,1,,\n"), "in CSV");
	is_u64("nothing of it is in the total", sum("1,,since_start,,total"),
	       exit_acct_total(&counters));
	to = to_text();
	o.vcpu = true;
	detail_show_all(&l, &o, to);
	fclose(to);
	ok(!strstr(text, "\n1,0,since_start,,untold") &&
	   strstr(text, "\n1,1,since_start,,untold,VCPUS,,,1,,\n"), "each by itself");
	to = to_text();
	o.format = SHOW_JSON;
	o.vcpu = false;
	is_u64("of a command", detail_command(&l, &o, nothing, to), 0);
	fclose(to);
	ok(strstr(text, "],\"untold\":[1],\"total\":{"), "in JSON");
	memset(&second_counters, 0, sizeof(second_counters));
	to = to_text();
	o.format = SHOW_TABLE;
	detail_show_all(&l, &o, to);
	fclose(to);
	ok(!strstr(text, "left out"), "a vCPU that has not run yet is not missed");
}

int main(void)
{
	test_table();
	test_fold();
	test_csv();
	test_json();
	test_since_start();
	test_command();
	test_live();
	test_absence();
	test_untold();
	test_reason();
	test_numbers();
	return done();
}
