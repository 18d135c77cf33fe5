// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do the bare processor, hv, hv with every intercept, and KVM agree? Runs the guest of
 * tests/agree/ on each, finds the sequences of which they tell otherwise, leaves out
 * what a difference does not need, and prints the rest with the answers.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/agree/host/example.h"
#include "tests/agree/host/judge.h"

enum { EXIT_AGREE, EXIT_DIFFER, EXIT_CANNOT };

#define CHUNK		25600		/* in one run: a boot costs as much as 5,000 of them */

static const char usage[] =
"usage: agree --run boot/run --elf GUEST --out DIR --known FILE [options]\n"
"\n"
"  --seed S, --n N	which sequences, and how many (1, 20000)\n"
"  --first N		the first of them (0)\n"
"  --part N		sequences that are judged before the next are run (51200)\n"
"  --chunk N		sequences in one run (follows from N, at most 25600)\n"
"  --ops W, --modes W	only these, or without -these: docs/agree.md; with the word `peer'\n"
"			the machine has two processors\n"
"  --judges W		bare,hv,hv+,kvm\n"
"  --intercept W		what hv+ intercepts\n"
"  --ticks N		millions of emulated ticks after which a run hangs (follows from\n"
"			how much it has to do)\n"
"  --hv FILE		another hv than what was built\n"
"  --cpu MODEL		of Bochs\n"
"  --bochs N		which of the list's lines hold, those of Bochs 2.7, 2.8 or 3 (2.7)\n"
"  --most N		sequences that are looked into (2000)\n"
"  --examples		run the examples of the list, and no other sequences\n"
"  --renew		look for others where they show nothing, and put them into the list\n"
"  --parallel N		runs at a time\n"
"  --uses FILE		what judges besides: another content, and all begins anew\n"
"\n"
"What is interrupted goes on with the next call: OUT/found has what was found so far, with\n"
"the options and checksums of guest, hv and list.\n"
"\n"
"Exit code: 0 they agree but for the list, 1 some sequence differs or an example of\n"
"the list does not, 2 they could not be compared.\n";

static struct agree_how how = {
	.seed = 1, .cpu = "corei7_haswell_4770", .intercept = "bp",
	.judges = { true, true, true, true },
};
static struct agree_list known;
static struct agree_found found;
static struct agree_work work = {
	.how = &how, .known = &known, .found = &found,
	.wanted = 20000, .most = 2000,
};

/* Print what a part has shown, and keep it. */
static bool tell_part(const char *file, const char *of, char *text)
{
	size_t before = found.text ? strlen(found.text) : 0;

	fputs(text, stdout);
	fflush(stdout);
	found.text = realloc(found.text, before + strlen(text) + 1);
	strcpy(found.text + before, text);
	free(text);
	return agree_put_found(file, of, &found, &known);
}

/* All parts that are not judged yet. */
static bool run_parts(const char *file, const char *of, uint32_t part)
{
	if (agree_get_found(file, of, &found, &known)) {
		fprintf(stderr, "agree: goes on with sequence %u\n", found.next);
		fputs(found.text ? found.text : "", stdout);
	}
	work.begun = work.said = time(NULL);
	work.resumed = found.next;
	while (found.next < work.wanted) {
		uint32_t left = work.wanted - found.next, n = left < part ? left : part;
		char *text;
		size_t size;
		bool ok;

		work.told = open_memstream(&text, &size);
		ok = agree_judge_part(&work, found.next, n);
		fclose(work.told);
		if (!ok) {
			fputs(text, stdout);
			free(text);
			return false;
		}
		found.next += n;
		if (!tell_part(file, of, text))
			return false;
	}
	unlink(file);
	return true;
}

static void print_kinds(void)
{
	bool any = false;

	for (const struct agree_kind *k = found.kinds; k; k = k->next) {
		if (!any)
			printf("\nkinds of differences, and how many of each:\n");
		any = true;
		printf("%6u  %s\n", k->count, k->name);
	}
}

static bool use_judges(const char *words)
{
	bool any = false;

	for (int j = 0; j < JUDGES; j++) {
		size_t n = strlen(agree_judges[j]);

		how.judges[j] = j == JUDGE_BARE;
		for (const char *p = words; *p; p += strcspn(p, ","), p += *p == ',') {
			if (strcspn(p, ",") == n && !strncmp(p, agree_judges[j], n))
				how.judges[j] = any = true;
		}
	}
	return any;
}

/* As many runs as can be at a time, and none so long that the others wait for it. */
static uint32_t usual_chunk(uint32_t n)
{
	return n / 2 < CHUNK ? n / 2 + 1 : CHUNK;
}

/* A line that says what is judged, and by what. */
static void say_what(char *of, size_t size, const char *known_file,
		     const char *const *uses, size_t nr)
{
	char sum[20];

	snprintf(of, size, "seed=%" PRIu64 " first=%u ops=%s modes=%s cpu=%s intercept=%s "
		 "most=%zu judges=", how.seed, found.next, how.ops ? how.ops : "",
		 how.modes ? how.modes : "", how.cpu, how.intercept, work.most);
	for (int j = 0; j < JUDGES; j++) {
		if (how.judges[j])
			agree_append(of, size, "%s,", agree_judges[j]);
	}
	agree_sum(how.elf, sum, sizeof(sum));
	agree_append(of, size, " guest=%s", sum);
	agree_sum(how.hv, sum, sizeof(sum));
	agree_append(of, size, " hv=%s", sum);
	agree_sum(known_file, sum, sizeof(sum));
	agree_append(of, size, " list=%s", sum);
	for (size_t i = 0; i < nr; i++) {
		agree_sum(uses[i], sum, sizeof(sum));
		agree_append(of, size, " uses=%s", sum);
	}
}

static int check_examples(void)
{
	unsigned int stale;

	if (!agree_check_examples(&how, &known, &stale))
		return EXIT_CANNOT;
	printf("agree examples=%zu stale=%u\n", known.nr, stale);
	return stale ? EXIT_DIFFER : EXIT_AGREE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", 1, NULL, 'r' }, { "elf", 1, NULL, 'e' }, { "out", 1, NULL, 'o' },
		{ "known", 1, NULL, 'k' }, { "seed", 1, NULL, 's' }, { "n", 1, NULL, 'n' },
		{ "first", 1, NULL, 'F' },
		{ "chunk", 1, NULL, 'c' }, { "part", 1, NULL, 'P' },
		{ "ops", 1, NULL, 'O' }, { "modes", 1, NULL, 'M' },
		{ "judges", 1, NULL, 'j' }, { "intercept", 1, NULL, 'i' },
		{ "cpu", 1, NULL, 'C' }, { "hv", 1, NULL, 'H' },
		{ "ticks", 1, NULL, 't' }, { "most", 1, NULL, 'm' }, { "examples", 0, NULL, 'E' },
		{ "renew", 0, NULL, 'R' }, { "bochs", 1, NULL, 'b' },
		{ "parallel", 1, NULL, 'p' }, { "uses", 1, NULL, 'u' },
		{ "help", 0, NULL, 'h' }, { 0 },
	};
	const char *known_file = NULL;
	const char *uses[8];
	size_t uses_nr = 0;
	char of[2000], file[600];
	uint32_t part = 51200, first;
	const char *bochs = "2.7";
	bool examples = false, renew = false;
	int c;

	how.parallel = sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'r': how.run = optarg; break;
		case 'e': how.elf = optarg; break;
		case 'o': how.out = optarg; break;
		case 'k': known_file = optarg; break;
		case 's': how.seed = strtoull(optarg, NULL, 10); break;
		case 'F': found.next = strtoul(optarg, NULL, 10); break;
		case 'n': work.wanted = strtoul(optarg, NULL, 10); break;
		case 'P': part = strtoul(optarg, NULL, 10); break;
		case 'c': work.chunk = strtoul(optarg, NULL, 10); break;
		case 'O': how.ops = *optarg ? optarg : NULL; break;
		case 'M': how.modes = *optarg ? optarg : NULL; break;
		case 'j':
			if (!use_judges(optarg))
				return EXIT_CANNOT;
			break;
		case 'i': how.intercept = optarg; break;
		case 't': how.ticks = strtoul(optarg, NULL, 10); break;
		case 'H': how.hv = optarg; break;
		case 'C': how.cpu = optarg; break;
		case 'm': work.most = strtoul(optarg, NULL, 10); break;
		case 'E': examples = true; break;
		case 'R': renew = true; break;
		case 'b': bochs = optarg; break;
		case 'p': how.parallel = strtoul(optarg, NULL, 10); break;
		case 'u':
			if (uses_nr < sizeof(uses) / sizeof(*uses))
				uses[uses_nr++] = optarg;
			break;
		case 'h': fputs(usage, stdout); return EXIT_AGREE;
		default: fputs(usage, stderr); return EXIT_CANNOT;
		}
	}
	if (!how.run || !how.elf || !how.out || !known_file || !how.parallel || !part) {
		fputs(usage, stderr);
		return EXIT_CANNOT;
	}
	if (!agree_knows_bochs(bochs)) {
		fprintf(stderr, "agree: --bochs: %s is none of 2.7, 2.8, 3\n", bochs);
		return EXIT_CANNOT;
	}
	if (!agree_read_known(&known, known_file, bochs))
		return EXIT_CANNOT;
	if (examples || renew) {
		c = check_examples();
		if (examples || c == EXIT_CANNOT)
			return c;
	}
	if (!work.chunk)
		work.chunk = usual_chunk(work.wanted);
	first = found.next -= found.next % AGREE_BLOCK;
	work.wanted += first;
	work.chunk = (work.chunk + AGREE_BLOCK - 1) / AGREE_BLOCK * AGREE_BLOCK;
	say_what(of, sizeof(of), known_file, uses, uses_nr);
	snprintf(file, sizeof(file), "%s/found", how.out);
	/* What was found before has no examples. */
	if (renew)
		unlink(file);
	if (!run_parts(file, of, part))
		return EXIT_CANNOT;
	print_kinds();
	for (size_t i = 0; i < known.nr; i++)
		printf("known line=%u hits=%u\n", known.known[i].line, known.known[i].hits);
	if (renew && agree_renew_examples(&how, &known, known_file) < 0)
		return EXIT_CANNOT;
	printf("agree seed=%" PRIu64 " sequences=%u differing=%u known=%u looked_at=%u "
	       "not_looked_at=%u ends=%u\n", how.seed, work.wanted - first, found.differ,
	       found.known, found.looked_at, found.not_looked_at, found.ends);
	return found.differ || found.not_looked_at ? EXIT_DIFFER : EXIT_AGREE;
}
