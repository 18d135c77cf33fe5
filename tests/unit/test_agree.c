// SPDX-License-Identifier: GPL-2.0-only
/* units: tests/agree/host/text.c tests/agree/host/known.c */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/agree/host/agree.h"
#include "tests/unit/tap.h"

static void say(void)
{
	char one[] = "sequence=7 mask=3 mode=real bits=16 ops=cpuid.cpuid,step.tf flags=2 dr7=0 "
		     "code=0fa2\r\nvector.0=6\nax=1\ncx=2\nhash=5\n"
		     "sequence=8 mask=1 mode=v86\nax=3\n";
	char two[] = "sequence=7 mask=3 mode=real\nvector.0=d\nax=1\nextra=2\nhash=6\n";
	struct agree_say a, b, c;
	struct agree_difference d[8];
	char *rest = agree_read_say(&a, one);

	ok(a.complete && a.seen_nr == 3, "what a sequence shows");
	ok(!strcmp(a.mode, "real") && !strcmp(a.ops, "cpuid.cpuid,step.tf") &&
	   !strcmp(a.code, "0fa2"), "its first line");
	ok(rest && !strncmp(rest, "sequence=8", 10), "the next one");
	ok(agree_read_say(&b, rest) && !b.complete && b.seen_nr == 1, "one that did not end");
	ok(!agree_read_say(&c, one + strlen(one)), "no sequence");
	ok(agree_differ(&a, &b, d, 8) == 1 && !strcmp(d[0].key, "death") &&
	   !strcmp(d[0].bare, "lives") && !strcmp(d[0].other, "ends"), "the end of a machine");
	agree_read_say(&c, two);
	ok(agree_differ(&a, &c, d, 8) == 3 && !strcmp(d[0].key, "vector.0") &&
	   !strcmp(d[1].key, "cx") && !strcmp(d[2].key, "extra"), "keys that differ");
	ok(!strcmp(d[0].bare, "6") && !strcmp(d[0].other, "d") && !strcmp(d[1].other, "-") &&
	   !strcmp(d[2].bare, "-"), "and how");
	ok(agree_differ(&a, &a, d, 8) == 0, "or do not");
}

static void smallest(void)
{
	bool differs[AGREE_MASKS] = { false };
	uint32_t masks[AGREE_MASKS];

	differs[5] = differs[7] = differs[2] = differs[6] = true;
	ok(agree_smallest(differs, 7, masks) == 2 && masks[0] == 2 && masks[1] == 5,
	   "two causes of their own");
	differs[0] = true;
	ok(agree_smallest(differs, 7, masks) == 1 && masks[0] == 0, "none is needed");
}

/* Does a list of that line allow a difference of these two keys on hv, in real mode? */
static bool allows(const char *line, struct agree_difference one, struct agree_difference two)
{
	const char *name = "test_agree.known";
	struct agree_difference d[] = { one, two };
	struct agree_list list;
	FILE *f = fopen(name, "w");
	bool is;

	fprintf(f, "%s\n", line);
	fclose(f);
	is = agree_read_known(&list, name, "3") &&
	     agree_is_known(&list, "hv", "real", "msr.wrmsr,step.tf", d, 2);
	agree_forget_known(&list);
	unlink(name);
	return is;
}

#define D(key, bare, other)	((struct agree_difference) { key, bare, other })

static void keys(void)
{
	struct agree_difference cx = D("cx", "1", "2"), v = D("vector.3", "6", "7");
	struct agree_difference rf = D("flags.0", "10002", "2"), cf = D("flags.1", "2", "3");
	struct agree_difference none = D("flags.1", "-", "10002");

	ok(allows("hv real * flags.*^10000,cx 1/2:3:real why", rf, cx), "a bit that may differ");
	ok(!allows("hv real * flags.*^10000,cx 1/2:3:real why", cf, cx), "another bit");
	ok(!allows("hv real * flags.*^10000,cx 1/2:3:real why", none, cx),
	   "what is not there has no bits");
	ok(allows("hv real * vector.*=6:7,vector.*,cx 1/2:3:real why", v, cx),
	   "what the two must have");
	ok(!allows("hv real * vector.*=6:1,vector.*,cx 1/2:3:real why", v, cx),
	   "the other has another");
	ok(!allows("hv real * vector.*=6:7,vector.*,cx 1/2:3:real why", cx, v),
	   "where it is not the first");
	ok(!allows("hv real * vector.*=6:7,vector.* 1/2:3:real why", v, cx),
	   "where not all that differs is allowed");
	ok(allows("hv real @(cr|msr).@(wr|rd)msr cx,vector.* 1/2:3:real why", cx, v),
	   "operations of which one is meant");
	ok(!allows("hv real @(cr|msr).@(rd)msr cx,vector.* 1/2:3:real why", cx, v), "or another");
}

static void known(void)
{
	const char *name = "test_agree.known";
	struct agree_difference d[] = { D("msr.277", "1", "2"), D("ax", "3", "4") };
	struct agree_list list;
	const struct agree_example *e;
	FILE *f = fopen(name, "w");

	fputs("# a comment\n\nkvm,hv* real msr.*,step.tf msr.*,ax "
	      "7/19:1f:real+msr.wrmsr+step.tf two words\n", f);
	fclose(f);
	ok(agree_read_known(&list, name, "3") && list.nr == 1 && list.known[0].line == 3 &&
	   !strcmp(list.known[0].why, "two words"), "a list");
	e = &list.known[0].example;
	ok(e->seed == 7 && e->nr == 19 && e->mask == 0x1f &&
	   !strcmp(e->names, "real+msr.wrmsr+step.tf"), "an example");
	ok(agree_is_known(&list, "hv+", "real", "msr.wrmsr,step.tf", d, 2) == list.known &&
	   list.known[0].hits == 1, "a difference on it");
	ok(!agree_is_known(&list, "bare", "real", "msr.wrmsr,step.tf", d, 2), "another judge");
	ok(!agree_is_known(&list, "hv", "v86", "msr.wrmsr,step.tf", d, 2), "another mode");
	ok(!agree_is_known(&list, "hv", "real", "msr.wrmsr", d, 2), "an operation is missing");
	d[1].key = "cx";
	ok(!agree_is_known(&list, "hv", "real", "msr.wrmsr,step.tf", d, 2), "another key");
	ok(!agree_is_known(&list, "hv", "real", "msr.wrmsr,step.tf", d, 0), "no difference");
	ok(list.known[0].hits == 1, "none of these counts");
	agree_forget_known(&list);
	f = fopen(name, "w");
	fputs("hv real * vector.*=1,vector.*=5?,vector.*,ax 1/0:0:real why\n", f);
	fclose(f);
	d[0] = D("vector.3", "5e", "1");
	d[1] = D("ax", "1", "2");
	agree_read_known(&list, name, "3");
	ok(agree_is_known(&list, "hv", "real", "cr.clts", d, 2) == list.known,
	   "a value that the bare processor has");
	d[0].bare = "11";
	ok(!agree_is_known(&list, "hv", "real", "cr.clts", d, 2), "another value");
	agree_forget_known(&list);
	f = fopen(name, "w");
	fputs("kvm real msr.* msr.* 1/0:0:real\n", f);
	fclose(f);
	ok(!agree_read_known(&list, name, "3"), "a reason is needed");
	f = fopen(name, "w");
	fputs("kvm real msr.* msr.* because of this\n", f);
	fclose(f);
	ok(!agree_read_known(&list, name, "3"), "and an example");
	f = fopen(name, "w");
	fputs("@2 hv real * * 1/0:0:real why\n@3 hv real * * 1/0:0:real then\n"
	      "@2.7 hv real * * 1/0:0:real first\n", f);
	fclose(f);
	ok(agree_read_known(&list, name, "3") && list.nr == 1 && list.known[0].line == 2 &&
	   !strcmp(list.known[0].why, "then") && !strcmp(list.known[0].judge, "hv"),
	   "of what two versions of Bochs differ in, one's");
	agree_forget_known(&list);
	ok(agree_read_known(&list, name, "2.8") && list.nr == 1 && list.known[0].line == 1,
	   "of what holds with all 2.x");
	agree_forget_known(&list);
	ok(agree_read_known(&list, name, "2.7") && list.nr == 2, "and with that alone");
	agree_forget_known(&list);
	f = fopen(name, "w");
	fputs("@2.6 hv real * * 1/0:0:real why\n", f);
	fclose(f);
	ok(!agree_read_known(&list, name, "2.7"), "a version that nobody knows");
	ok(agree_knows_bochs("2.8") && !agree_knows_bochs("2") && !agree_knows_bochs(""),
	   "nor is one the first part of it");
	unlink(name);
}

int main(void)
{
	say();
	smallest();
	keys();
	known();
	return done();
}
