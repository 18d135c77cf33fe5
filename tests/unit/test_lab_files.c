// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the lab reads and writes: logs, findings, rubrics, verdicts. A hand-in's kernel may print
 * anything, and none of it may break a line, a table or a string of what is written about it.
 */
/* units: lab/findings.c lab/verdict/rubric.c lab/verdict/outputs.c lab/judge/blocks.c */
/* units: lab/judge/names.c lab/judge/readings.c lab/judge/truth.c acct/exit_reasons.c */
/* units: tools/emulator.c tools/tool.c */
#include <unistd.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"
#include "lab/verdict/rubric.h"
#include "tests/unit/tap.h"

static FILE *text_file(const char *text)
{
	return fmemopen((void *)text, strlen(text), "r");
}

static char name[] = "/tmp/test_lab_files.XXXXXX";

/* The name of a file with that in it; one at a time. */
static const char *named_file(const char *text)
{
	int fd;

	unlink(name);
	memcpy(name + sizeof(name) - 7, "XXXXXX", 6);
	fd = mkstemp(name);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		perror(name);
	close(fd);
	return name;
}

static char *printed(void (*print)(FILE *out, const void *what), const void *what)
{
	static char *text;
	static size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	print(out, what);
	fclose(out);
	return text;
}

#define EXIT(ticks, cpu, reason, qualification) \
	"00" #ticks "d[CPU" #cpu "  ] VMEXIT reason = " #reason " (x) qualification=0x" \
	#qualification "\n"

static void test_truth(void)
{
	static struct truth t;
	FILE *in = text_file(EXIT(100, 0, 48, 184) EXIT(200, 0, 30, 2f00000) EXIT(300, 0, 10, 0)
			     EXIT(350, 1, 10, 0) EXIT(400, 0, 10, 0) "junk\n"
			     "00450i[BIOS  ] " EXIT(451, 0, 10, 0)
			     "00452i[BIOS  ] [CPU0  ] VMEXIT reason = 10 (x) qualification=0x0\n"
			     "00453i[BIOS  ] VMEXIT reason = x\n"
			     "009p[UNMAP ] >>PANIC<< Shutdown port: shutdown requested\n");

	ok(truth_read(&t, in) && t.ended && t.nr == 5 && t.marks_nr == 1, "exits and a mark");
	is_u64("what another device says is no exit", t.nr, 5);
	is_u64("when it was", t.all[2].ticks, 300);
	is_u64("how many before the last", truth_count(&t, 10, 4), 2);
	is_u64("none of another reason", truth_count(&t, 77, 5), 0);
	is_u64("the first CPUID behind the mark", truth_find(&t, 1, 10, 0), 2);
	is_u64("the second, on that CPU", truth_find(&t, 1, 10, 1), 4);
	is_u64("there is no third", truth_find(&t, 1, 10, 2), t.nr);
	is_u64("nor a mark 2", truth_find(&t, 2, 10, 0), t.nr);
	is_u64("nor a mark 0", truth_find(&t, 0, 10, 0), t.nr);
	truth_free(&t);
	fclose(in);
	in = text_file(EXIT(100, 0, 48, 184)
		       "009i[BIOS  ] >>PANIC<< Shutdown port: shutdown requested\n"
		       "[UNMAP ] >>PANIC<< Shutdown port: shutdown requested\n");
	ok(truth_read(&t, in) && t.nr == 1 && !t.ended, "nor is it the end");
	truth_free(&t);
	fclose(in);
	in = text_file("00100d[CPU0  ] VMEXIT reason = 10\n");
	ok(!truth_read(&t, in), "a processor's that cannot be read is refused");
	truth_free(&t);
	fclose(in);
}

#define LEAVES "4fffffff=1:2:3:4 4ffffffe=0:0:0:0 4ffffffd=0:0:0:0 4ffffffc=0:0:0:0 " \
	       "4ffffffb=0:0:0:ffffffffffffffff"

static bool reads(const char *text, struct readings *r)
{
	FILE *in = text_file(text);
	bool good;

	*r = (struct readings) { 0 };
	good = readings_read(r, in);
	fclose(in);
	return good;
}

static void test_readings(void)
{
	static const char *const bad[] = {
		"leaves mark=1 nr=0 mode=64 4fffffff=1:2:3:4\n",
		"leaves mark=1 nr=0 mode=64 ecx=10 4fffffff=1:2:3\n",
		"leaves mark=x nr=0 mode=64 ecx=10 " LEAVES "\n",
		"burst name=x reps=1 check=ok\n", "lab version=99 cpus=1\n", "cpuid leaf=1\n",
		"vm number=1\n",
	};
	static struct readings r;
	size_t i;

	ok(reads("lab version=1 cpus=2\r\nanything\r\n"
		 "burst name=a reason=10 reps=3 check=ok begin=1 end=2\r\n"
		 "leaves mark=1 nr=0 mode=64 ecx=10 " LEAVES "\r\n"
		 "leaves mark=2 nr=5 mode=v86 ecx=10 " LEAVES "\r\n"
		 "burst name=b reason=10 reps=3 check=ok begin=3 end=4\r\n"
		 "cpuid leaf=0 subleaf=0 eax=1 ebx=2\r\nlab marks=7\r\n", &r), "a log");
	ok(r.cpus == 2 && r.whole && r.marks == 7 && r.nr == 2 && r.others_nr == 1, "all of it");
	ok(r.bursts_nr == 1 && !strcmp(r.bursts[0].name, "a") && r.bursts[0].end == &r.all[1],
	   "a burst whose readings are missing is none");
	ok(r.all[0].leaf[0][ECX] == 3 && r.all[1].at[1] == 6 &&
	   r.all[1].leaf[4][EDX] == ~0ull && !strcmp(r.all[1].mode, "v86"), "its registers");
	readings_free(&r);
	ok(reads("vm number=1 mark=1\nvm number=2 mark=9\nentry\ntrace a 1\ntrace b 2\n", &r) &&
	   r.vms_nr == 2 && r.vms[1] == 9 && r.entry_begun && !r.entry_ended, "VMs, and an entry");
	is_str("the trace's lines", r.trace, "a 1\nb 2\n");
	readings_free(&r);
	ok(reads("lab version=1 cpus=1\nleaves mark=1 nr=0 mo", &r) && !r.nr && !r.whole,
	   "what is cut off is no record");
	readings_free(&r);
	ok(reads("lab marks=12\nlab version=1 cpus=1\nlab marks=12\n", &r) && !r.whole,
	   "nor is an end with more behind it one");
	readings_free(&r);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!reads(bad[i], &r), "refused: %.*s", (int)strcspn(bad[i], "\n"), bad[i]);
		readings_free(&r);
	}
}

static void test_findings(void)
{
	static struct findings f, back;
	static char *text;
	size_t size, i;
	FILE *out;

	finding_set(&f, CRITERION_REPORT, STATE_OK, "good");
	finding_set(&f, CRITERION_REPORT, STATE_LOST, "it says \"%s\"", "a\nb\tc\033[31m");
	finding_set(&f, CRITERION_REPORT, STATE_LOST, "a second reason");
	finding_set(&f, CRITERION_REPORT, STATE_OK, "good again");
	is_str("the first of the worst state stays, on one line", f.of[CRITERION_REPORT].sentence,
	       "it says 'a b c [31m'");
	for (i = 0; i < EVIDENCE_MAX + 3; i++)
		finding_evidence(&f, CRITERION_REPORT, "piece %zu of \"it\"", i);
	finding_set(&f, CRITERION_LIFE, STATE_SKIPPED, "not looked at");
	out = open_memstream(&text, &size);
	findings_write(&f, out);
	fclose(out);
	ok(strstr(text, "evidence=\"and 3 more like these\"\n"), "what finds no room is counted");
	ok(findings_read(&back, named_file(text)), "what is written can be read");
	ok(back.of[CRITERION_REPORT].state == STATE_LOST &&
	   back.of[CRITERION_LIFE].state == STATE_SKIPPED &&
	   back.of[CRITERION_COST].state == STATE_NONE, "with its states");
	is_str("and its sentence", back.of[CRITERION_REPORT].sentence, "it says 'a b c [31m'");
	ok(!findings_read(&back, named_file("id=nonsense state=ok sentence=\"x\"\n")),
	   "an id that is none is refused");
	ok(!findings_read(&back, named_file("evidence=\"x\"\n")), "evidence of nothing, too");
	ok(!findings_read(&back, "/nowhere/at/all"), "and what is not there");
	free(text);
}

static void test_verdict(void)
{
	static struct findings f;
	static struct rubric r;
	struct verdict v;
	char *text;

	ok(rubric_read(&r, named_file("# points\nleaves f21\nreport 40 A report | each\n"
				      "bounds 5 Bounds\nlife 0 Life\r\n")), "a rubric");
	ok(r.graded[CRITERION_REPORT] && r.points[CRITERION_REPORT] == 40 &&
	   !r.graded[CRITERION_COST] && !strcmp(r.leaves, "f21"), "its points and its map");
	finding_set(&f, CRITERION_REPORT, STATE_LOST, "a|b `c` \\ \"d\" \xff <script>");
	finding_evidence(&f, CRITERION_REPORT, "%s", "[ 1.0] exits | 12");
	finding_set(&f, CRITERION_BOUNDS, STATE_SKIPPED, "not looked at");
	finding_set(&f, CRITERION_LIFE, STATE_OK, "fine");
	v = verdict_make(&r, &f, "smith");
	ok(v.lost && !v.points && v.of == 40 && v.skipped == 5, "points of what was looked at");
	text = printed(verdict_json, &v);
	ok(strstr(text, "a|b `c` \\\\ 'd' \\u00ff <script>") && !strchr(text, '\xff'),
	   "JSON has no byte that it must not have");
	text = printed(verdict_markdown, &v);
	ok(strstr(text, "a\\|b \\`c\\` \\\\ 'd' \xff \\<script>"), "a table keeps its cells");
	ok(strstr(text, "| bounds | - of 5 |"), "what was not looked at has no points");
	text = printed(verdict_gradescope, &v);
	ok(strstr(text, "\"score\": 0, \"max_score\": 40, \"status\": \"failed\"") &&
	   !strstr(text, "Bounds"), "Gradescope's form has what was looked at");
	text = printed(verdict_text, &v);
	ok(strstr(text, "points           0 of  40  (5 more are for what was not looked at)\n"),
	   "the terminal's last line");
	f.of[CRITERION_REPORT].state = STATE_OK;
	v = verdict_make(&r, &f, "smith");
	ok(!v.lost && v.points == 40, "and all points");
	ok(!rubric_read(&r, named_file("report many\n")), "points are a number");
	ok(!rubric_read(&r, named_file("report 5 a\nreport 6 b\n")), "once for each criterion");
	ok(!rubric_read(&r, named_file("reports 5 a\n")), "of a criterion that there is");
	ok(!rubric_read(&r, named_file("report -5 a\n")), "and not below 0");
}

static size_t found(const char *log, struct blocks *b)
{
	blocks_free(b);
	return blocks_find(b, log, 100) ? b->nr : 999;
}

static void test_blocks(void)
{
	static struct blocks b;
	char *hostile;
	size_t i;

	is_u64("no log", found("", &b), 0);
	is_u64("lines of something else", found("[ 1.0] a 1 2\n[ 1.0] b 3\nx 77 88 99\n", &b), 0);
	is_u64("two reports behind each other", found(
	       "[    1.0] exit 10 (CPUID): 60\n[    1.0] exit 30 (IO_INSTRUCTION): 40\n"
	       "[    1.0] exit 0 (EXCEPTION_NMI): 1\n[    1.0] exit 10 (CPUID): 99\n"
	       "[    1.0] exit 30 (IO_INSTRUCTION): 100\n", &b), 2);
	ok(b.all[0].nr == 2 && b.all[0].sum == 100 && b.all[1].nr == 3 && b.all[1].sum == 200,
	   "one begins where the reasons begin anew");
	is_u64("sorted by their counts", found(
	       "count 60 reason 30\ncount 30 reason 48\ncount 10 reason 1\n", &b), 1);
	ok(b.all[0].lines[0].reason == 30 && b.all[0].lines[0].count == 60, "count first");
	is_u64("by name, with commas", found(
	       "HLT: 1,000\nCPUID: 2,000\nWBINVD: 97,000\n", &b), 1);
	ok(b.all[0].sum == 100000 && b.all[0].lines[2].reason == EXIT_REASON_WBINVD, "all read");
	is_u64("a process in front, and others that go on counting", found(
	       "kvm [45]: exit 1 (EXTERNAL_INTERRUPT): 16\nkvm [45]: exit 10 (CPUID): 80\n"
	       "kvm [45]: exit 30 (IO_INSTRUCTION): 9\n", &b), 1);
	is_u64("their sum", b.all[0].sum, 105);
	is_u64("WBINVD is not INVD", name_reason("WBINVD", 6, 0), EXIT_REASON_WBINVD);
	is_u64("a handler's name", name_reason("handle_external_interrupt", 25, 0),
	       EXIT_REASON_EXTERNAL_INTERRUPT);
	is_u64("no name", name_reason("foo bar", 7, 0), JUDGE_REASONS);
	/* Numbers without an end, lines without a limit, bytes that are no text. */
	hostile = calloc(1, 1 << 20);
	for (i = 0; i < (1 << 20) - 1; i++)
		hostile[i] = "0123456789 \xff%s(x,\n"[i * 7919 % 18];
	ok(found(hostile, &b) < 999, "a log of anything");
	memset(hostile, '9', (1 << 20) - 1);
	ok(found(hostile, &b) == 0, "one number of a million digits");
	blocks_free(&b);
	free(hostile);
}

int main(void)
{
	plan(63);
	/* What is refused says so on stderr. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	test_truth();
	test_readings();
	test_findings();
	test_verdict();
	test_blocks();
	unlink(name);
	return done();
}
