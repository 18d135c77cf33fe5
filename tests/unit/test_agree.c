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
	const char *keys[8];
	char *rest = agree_read_say(&a, one);

	ok(a.complete && a.seen_nr == 3, "what a sequence shows");
	ok(!strcmp(a.mode, "real") && !strcmp(a.ops, "cpuid.cpuid,step.tf") &&
	   !strcmp(a.code, "0fa2"), "its first line");
	ok(rest && !strncmp(rest, "sequence=8", 10), "the next one");
	ok(agree_read_say(&b, rest) && !b.complete && b.seen_nr == 1, "one that did not end");
	ok(!agree_read_say(&c, one + strlen(one)), "no sequence");
	ok(agree_differ(&a, &b, keys, 8) == 1 && !strcmp(keys[0], "death"), "the end of a machine");
	agree_read_say(&c, two);
	ok(agree_differ(&a, &c, keys, 8) == 3 && !strcmp(keys[0], "vector.0") &&
	   !strcmp(keys[1], "cx") && !strcmp(keys[2], "extra"), "keys that differ");
	ok(agree_differ(&a, &a, keys, 8) == 0, "or do not");
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

static void known(void)
{
	const char *name = "test_agree.known", *keys[] = { "msr.277", "ax" };
	struct agree_list list;
	FILE *f = fopen(name, "w");

	fputs("# a comment\n\nkvm,hv* real msr.*,step.tf msr.*,ax two words\n", f);
	fclose(f);
	ok(agree_read_known(&list, name) && list.nr == 1 && list.known[0].line == 3 &&
	   !strcmp(list.known[0].why, "two words"), "a list");
	ok(agree_is_known(&list, "hv+", "real", "msr.wrmsr,step.tf", keys, 2, "1") == list.known &&
	   list.known[0].hits == 1, "a difference on it");
	ok(!agree_is_known(&list, "bare", "real", "msr.wrmsr,step.tf", keys, 2, "1"),
	   "another judge");
	ok(!agree_is_known(&list, "hv", "v86", "msr.wrmsr,step.tf", keys, 2, "1"), "another mode");
	ok(!agree_is_known(&list, "hv", "real", "msr.wrmsr", keys, 2, "1"),
	   "an operation is missing");
	keys[1] = "cx";
	ok(!agree_is_known(&list, "hv", "real", "msr.wrmsr,step.tf", keys, 2, "1"), "another key");
	ok(list.known[0].hits == 1, "none of these counts");
	agree_forget_known(&list);
	f = fopen(name, "w");
	fputs("hv real * vector.*=1,vector.*=5?,vector.*,ax why\n", f);
	fclose(f);
	keys[0] = "vector.3";
	keys[1] = "ax";
	agree_read_known(&list, name);
	ok(agree_is_known(&list, "hv", "real", "cr.clts", keys, 2, "5e") == list.known,
	   "a value that the bare processor has");
	ok(!agree_is_known(&list, "hv", "real", "cr.clts", keys, 2, "11"), "another value");
	keys[0] = "ax";
	keys[1] = "vector.3";
	ok(!agree_is_known(&list, "hv", "real", "cr.clts", keys, 2, "1"),
	   "a difference that begins with another key");
	agree_forget_known(&list);
	f = fopen(name, "w");
	fputs("kvm real msr.* msr.*\n", f);
	fclose(f);
	ok(!agree_read_known(&list, name), "a reason is needed");
	unlink(name);
}

int main(void)
{
	say();
	smallest();
	known();
	return done();
}
