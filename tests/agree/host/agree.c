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

#include "tests/agree/host/agree.h"
#include "tests/agree/host/part.h"
#include "tests/agree/host/run.h"

enum { EXIT_AGREE, EXIT_DIFFER, EXIT_CANNOT };

#define CHUNK		25600		/* in one run: a boot costs as much as 5,000 of them */
#define SAY_EACH	30		/* seconds between two lines that tell how far it is */
#define DEATHS_MAX	40		/* of one judge in a part */
#define LIST_EACH	48		/* what one run is given: its output is slow */
#define LIST_MASKS	48
#define LIST_SAY	64
#define KINDS_SHOWN	2		/* of differences of one kind */
#define KEYS_MAX	64

static const char usage[] =
"usage: agree --run boot/run --elf GUEST --out DIR --known FILE [options]\n"
"\n"
"  --seed S, --n N	which sequences (1, 20000)\n"
"  --part N		sequences that are judged before the next are run (51200)\n"
"  --chunk N		sequences in one run (follows from N, at most 25600)\n"
"  --ops W, --modes W	only these, or without -these: docs/agree.md\n"
"  --judges W		bare,hv,hv+,kvm\n"
"  --intercept W		what hv+ intercepts\n"
"  --ticks N		millions of emulated ticks after which a run hangs (follows from\n"
"			how much it has to do)\n"
"  --hv FILE		another hv than what was built\n"
"  --cpu MODEL		of Bochs\n"
"  --most N		sequences that are looked into (2000)\n"
"  --stale		entries of the list that no longer differ are differences\n"
"  --parallel N		runs at a time\n"
"  --uses FILE		what judges besides: another content, and all begins anew\n"
"\n"
"What is interrupted goes on with the next call: OUT/found has what was found so far, with\n"
"the options and checksums of guest, hv and list.\n"
"\n"
"Exit code: 0 they agree but for the list, 1 some sequence differs or an entry of the\n"
"list does not, 2 they could not be compared.\n";

/* A sequence that is looked into. */
struct suspect {
	uint32_t nr, all;
	bool differs[JUDGES];
	uint32_t hash[JUDGES][AGREE_MASKS];
	uint8_t got[JUDGES][AGREE_MASKS];	/* 1: a hash, 2: the machine ended */
	uint32_t smallest[JUDGES][AGREE_MASKS];
	size_t smallest_nr[JUDGES];
};

/* One of its subsets, told by all. */
struct telling {
	uint32_t nr, mask;
	char *text[JUDGES];
	struct agree_say *say[JUDGES];
};

static struct agree_how how = {
	.seed = 1, .cpu = "corei7_haswell_4770", .intercept = "bp",
	.judges = { true, true, true, true },
};
static struct agree_list known;
static uint32_t part_first, part_n;
static uint64_t *block_hash[JUDGES], *sequence_hash[JUDGES];
static bool *block_there[JUDGES], *sequence_there[JUDGES];
static uint32_t dead[JUDGES][DEATHS_MAX];
static size_t dead_nr[JUDGES];
static struct suspect *suspects;
static size_t suspects_nr;
static struct telling *tellings;
static size_t tellings_nr;
static struct agree_found found;
static FILE *told;		/* gets what is printed of a part */
static uint32_t wanted;		/* sequences in all */
static uint64_t begun, said;	/* when, and when it was said last how far it is */
static uint64_t run_nr, resumed;	/* sequences that judges ran, and that were run before */
static bool cannot;

static void skips(const struct agree_job *job, char *words, size_t size)
{
	bool any = false;

	if (job->task > TASK_EACH)
		return;
	for (size_t i = 0; i < dead_nr[job->judge]; i++) {
		uint32_t nr = dead[job->judge][i];

		if (job->task != TASK_EACH && (nr < job->first || nr >= job->first + job->n))
			continue;
		snprintf(words + strlen(words), size - strlen(words), "%s%u",
			 any ? "," : " skip=", nr);
		any = true;
	}
}

/* Each `block=N hash=H' of a log; returns how many. */
static size_t read_blocks(const char *log, uint32_t divide, uint64_t *hash, bool *there)
{
	size_t nr = 0;

	for (const char *p = log; (p = strstr(p, "\nblock=")); p++) {
		uint32_t block;
		uint64_t value;
		char end;

		if (sscanf(p, "\nblock=%u hash=%" SCNx64 "%c", &block, &value, &end) != 3)
			continue;
		nr++;
		block -= part_first;
		if (block >= part_n)
			continue;
		hash[block / divide] = value;
		there[block / divide] = true;
	}
	return nr;
}

/* How far it is, and how long it takes if it goes on so. */
static void say_progress(const struct agree_job *job)
{
	uint64_t judges = 0, all, now = time(NULL);

	for (int j = 0; j < JUDGES; j++)
		judges += how.judges[j];
	run_nr += job->n;
	if (now < said + SAY_EACH)
		return;
	said = now;
	all = resumed * judges + run_nr;
	if (all > wanted * judges)	/* some ran twice, where a machine ended */
		all = wanted * judges;
	fprintf(stderr, "agree: %" PRIu64 " of %u sequences run, %u differ, about %" PRIu64
		" min left\n", all / judges, wanted, found.differ,
		(now - begun) * (wanted * judges - all) / run_nr / 60 + 1);
}

static void take_blocks(struct agree_job *job)
{
	size_t nr = read_blocks(job->log, AGREE_BLOCK, block_hash[job->judge],
				block_there[job->judge]);
	struct agree_job next = { .judge = job->judge };

	if (job->done) {
		say_progress(job);
		return;
	}
	if (!nr && !*job->log) {
		fprintf(stderr, "agree: %s said nothing: see %s\n", agree_judges[job->judge],
			job->dir);
		cannot = true;
		return;
	}
	next.task = TASK_FIND;
	next.first = job->first + nr * AGREE_BLOCK;
	next.n = job->n - nr * AGREE_BLOCK;
	agree_queue(&next);
}

/* The machine ended in one of a block: the first that has no hash. */
static void take_find(struct agree_job *job)
{
	struct agree_job next = { .task = TASK_BLOCKS, .judge = job->judge, .first = job->first,
				  .n = job->n };
	uint32_t nr = job->first;

	for (const char *p = job->log; (p = strstr(p, "\nblock=")); p++) {
		uint32_t at;

		if (sscanf(p, "\nblock=%u hash=%*x", &at) == 1)
			nr = at + 1;
	}
	found.ends++;
	/*
	 * Skipped ones have hashes too. It ended by what sequences before had left: a difference,
	 * of which no more can be said; the others are judged as they run from here.
	 */
	if (job->done) {
		fprintf(stderr, "agree: %s does not end again in what follows %u: see %s\n",
			agree_judges[job->judge], job->first, job->dir);
		found.differ++;
		agree_queue(&next);
		return;
	}
	if (dead_nr[job->judge] == DEATHS_MAX) {
		fprintf(stderr, "agree: %s ended too often; what follows %u is not compared\n",
			agree_judges[job->judge], nr);
		cannot = true;
		return;
	}
	dead[job->judge][dead_nr[job->judge]++] = nr;
	agree_queue(&next);
}

static struct suspect *find_suspect(uint32_t nr)
{
	for (size_t i = 0; i < suspects_nr; i++) {
		if (suspects[i].nr == nr)
			return &suspects[i];
	}
	return NULL;
}

/* What is left of a list when the machine ended at its item @at. */
static void queue_rest(const struct agree_job *job, size_t at)
{
	struct agree_job next = { .task = job->task, .judge = job->judge };

	if (at + 1 >= job->list_nr)
		return;
	next.list_nr = job->list_nr - at - 1;
	next.list = malloc(next.list_nr * sizeof(*next.list));
	memcpy(next.list, job->list + at + 1, next.list_nr * sizeof(*next.list));
	agree_queue(&next);
}

/* Which order the guest takes the masks in: few items first. */
static uint32_t mask_after(uint32_t mask, uint32_t all)
{
	int size = __builtin_popcount(mask);

	for (uint32_t m = mask + 1; m <= all; m++) {
		if (__builtin_popcount(m) == size)
			return m;
	}
	for (uint32_t m = 0; m <= all; m++) {
		if (__builtin_popcount(m) == size + 1)
			return m;
	}
	return ~0u;
}

static void take_masks(struct agree_job *job)
{
	size_t at = 0;
	uint32_t last = 0;
	struct suspect *s = NULL;
	bool any = false;

	for (const char *p = job->log; (p = strchr(p, '\n')); ) {
		uint32_t nr, hash;
		char end;

		p++;
		if (sscanf(p, "masks=%u%c", &nr, &end) == 2) {
			s = find_suspect(nr);
			any = false;
			for (at = 0; at + 1 < job->list_nr && job->list[at].nr != nr; at++)
				;
		} else if (s && sscanf(p, "mask=%x hash=%x%c", &nr, &hash, &end) == 3 &&
			   nr < AGREE_MASKS) {
			last = nr;
			any = true;
			s->hash[job->judge][nr] = hash;
			s->got[job->judge][nr] = 1;
			if (nr > s->all)
				s->all = nr;
		}
	}
	if (job->done)
		return;
	if (s)
		s->got[job->judge][any ? mask_after(last, AGREE_MASKS - 1) % AGREE_MASKS : 0] = 2;
	queue_rest(job, at);
}

static void take_say(struct agree_job *job)
{
	size_t last = 0;
	char *text = strdup(job->log), *p = text;

	while ((p = strstr(p, "\nsequence="))) {
		struct agree_say *say = malloc(sizeof(*say));
		uint32_t nr, mask;

		p++;
		if (sscanf(p, "sequence=%u mask=%x", &nr, &mask) != 2)
			continue;
		for (size_t i = 0; i < job->list_nr; i++) {
			if (job->list[i].nr == nr && job->list[i].mask == mask)
				last = i;
		}
		for (size_t i = 0; i < tellings_nr; i++) {
			char *end = strstr(p, "\nsequence="), *own;

			if (tellings[i].nr != nr || tellings[i].mask != mask)
				continue;
			own = end ? strndup(p, end - p + 1) : strdup(p);
			tellings[i].text[job->judge] = own;
			tellings[i].say[job->judge] = say;
			agree_read_say(say, own);
		}
	}
	free(text);
	if (!job->done)
		queue_rest(job, last);
}

/* What the guest, or this tool, has to say of a command line ends all. */
static bool refused(const struct agree_job *job)
{
	const char *why = strstr(job->log, "\nagree: ");

	if (why && !cannot)
		fprintf(stderr, "%.*s\n", (int)strcspn(why + 1, "\n"), why + 1);
	cannot |= why != NULL;
	return why;
}

static void take(struct agree_job *job)
{
	if (refused(job))
		return;
	switch (job->task) {
	case TASK_BLOCKS:
		take_blocks(job);
		break;
	case TASK_FIND:
		take_find(job);
		break;
	case TASK_EACH:
		read_blocks(job->log, 1, sequence_hash[job->judge], sequence_there[job->judge]);
		break;
	case TASK_MASKS:
		take_masks(job);
		break;
	case TASK_SAY:
		take_say(job);
		break;
	}
}

/* Have all judges do a task for a list, in runs of @each. */
static void queue_lists(enum agree_task task, const struct agree_item *items, size_t nr,
			size_t each)
{
	for (size_t at = 0; at < nr; at += each) {
		size_t n = nr - at < each ? nr - at : each;

		for (int j = 0; j < JUDGES; j++) {
			struct agree_job job = { .task = task, .judge = j, .list_nr = n };

			if (!how.judges[j])
				continue;
			job.list = malloc(n * sizeof(*items));
			memcpy(job.list, items + at, n * sizeof(*items));
			agree_queue(&job);
		}
	}
}

static bool is_dead(int judge, uint32_t nr)
{
	for (size_t i = 0; i < dead_nr[judge]; i++) {
		if (dead[judge][i] == nr)
			return true;
	}
	return false;
}

static bool run_blocks(uint32_t chunk)
{
	for (uint32_t at = 0; at < part_n; at += chunk) {
		for (int j = 0; j < JUDGES; j++) {
			struct agree_job job = {
				.task = TASK_BLOCKS, .judge = j, .first = part_first + at,
				.n = part_n - at < chunk ? part_n - at : chunk,
			};

			if (how.judges[j])
				agree_queue(&job);
		}
	}
	return agree_run(&how, skips, take);
}

/* Blocks whose hashes differ, then each sequence in them. */
static bool find_suspects(size_t most)
{
	uint32_t blocks = (part_n + AGREE_BLOCK - 1) / AGREE_BLOCK;
	struct agree_item *items = calloc(blocks, sizeof(*items));
	size_t nr = 0;
	bool ok;

	for (uint32_t b = 0; b < blocks; b++) {
		bool differs = false;

		for (int j = 1; j < JUDGES; j++)
			differs |= how.judges[j] && block_there[j][b] && block_there[0][b] &&
				   block_hash[j][b] != block_hash[0][b];
		if (differs)
			items[nr++].nr = part_first + b * AGREE_BLOCK;
	}
	/* Those that are not looked into would make no less of a difference. */
	if (nr > most) {
		found.not_looked_at += nr - most;
		nr = most;
	}
	queue_lists(TASK_EACH, items, nr, LIST_EACH);
	free(items);
	ok = agree_run(&how, skips, take);

	for (uint32_t i = 0; i < part_n; i++) {
		struct suspect s = { .nr = part_first + i };
		bool any = false;

		for (int j = 1; j < JUDGES; j++) {
			if (!how.judges[j])
				continue;
			s.differs[j] = is_dead(j, s.nr) != is_dead(0, s.nr) ||
				       (sequence_there[j][i] && sequence_there[0][i] &&
					!is_dead(j, s.nr) && !is_dead(0, s.nr) &&
					sequence_hash[j][i] != sequence_hash[0][i]);
			any |= s.differs[j];
		}
		if (!any)
			continue;
		if (suspects_nr >= most) {
			found.not_looked_at++;
			continue;
		}
		suspects = realloc(suspects, (suspects_nr + 1) * sizeof(s));
		suspects[suspects_nr++] = s;
	}
	return ok;
}

static bool find_smallest(void)
{
	struct agree_item *items = calloc(suspects_nr + 1, sizeof(*items));
	bool ok;

	for (size_t i = 0; i < suspects_nr; i++)
		items[i].nr = suspects[i].nr;
	queue_lists(TASK_MASKS, items, suspects_nr, LIST_MASKS);
	free(items);
	ok = agree_run(&how, skips, take);
	for (size_t i = 0; i < suspects_nr; i++) {
		struct suspect *s = &suspects[i];

		for (int j = 1; j < JUDGES; j++) {
			bool differs[AGREE_MASKS] = { false };

			for (uint32_t m = 0; m <= s->all; m++)
				differs[m] = (s->got[j][m] && s->got[0][m]) &&
					     (s->got[j][m] != s->got[0][m] ||
					      s->hash[j][m] != s->hash[0][m]);
			s->smallest_nr[j] = agree_smallest(differs, s->all, s->smallest[j]);
		}
	}
	return ok;
}

static void tell(uint32_t nr, uint32_t mask)
{
	for (size_t i = 0; i < tellings_nr; i++) {
		if (tellings[i].nr == nr && tellings[i].mask == mask)
			return;
	}
	tellings = realloc(tellings, (tellings_nr + 1) * sizeof(*tellings));
	tellings[tellings_nr++] = (struct telling) { .nr = nr, .mask = mask };
}

static bool run_tellings(void)
{
	struct agree_item *items;
	bool ok;

	for (size_t i = 0; i < suspects_nr; i++) {
		for (int j = 1; j < JUDGES; j++) {
			for (size_t k = 0; k < suspects[i].smallest_nr[j]; k++)
				tell(suspects[i].nr, suspects[i].smallest[j][k]);
		}
	}
	items = calloc(tellings_nr + 1, sizeof(*items));
	for (size_t i = 0; i < tellings_nr; i++)
		items[i] = (struct agree_item) { tellings[i].nr, tellings[i].mask };
	queue_lists(TASK_SAY, items, tellings_nr, LIST_SAY);
	free(items);
	ok = agree_run(&how, skips, take);
	return ok;
}

static void disassemble(const struct agree_say *say)
{
	char name[600], command[900];
	const char *machine = !strcmp(say->bits, "64") ? "i386:x86-64" :
			      !strcmp(say->bits, "32") ? "i386" : "i8086";
	bool any = false;
	FILE *f;
	int c;

	snprintf(name, sizeof(name), "%s/code.bin", how.out);
	f = fopen(name, "w");
	if (!f)
		return;
	for (const char *p = say->code; p[0] && p[1]; p += 2) {
		unsigned int value = 0;

		sscanf(p, "%2x", &value);
		fputc(value, f);
	}
	fclose(f);
	snprintf(command, sizeof(command),
		 "objdump -D -b binary -m %s '%s' 2>/dev/null | sed '1,/<.data>/d; s/^/  /'",
		 machine, name);
	f = popen(command, "r");
	while (f && (c = getc(f)) != EOF) {
		putc(c, told);
		any = true;
	}
	if (f)
		pclose(f);
	if (!any)
		fprintf(told, "  code %s\n", say->code);
}

/* Digits out of a key, so that two of a kind are of one kind. */
static char *kind_of(const char *judge, const struct agree_say *say, const char *const *keys,
		     size_t nr)
{
	char name[2000];
	size_t used = snprintf(name, sizeof(name), "%s %s:", judge, say->ops);

	for (size_t i = 0; i < nr && used < sizeof(name) - 40; i++) {
		size_t n = strcspn(keys[i], ".");

		if (i && n == strcspn(keys[i - 1], ".") && !strncmp(keys[i], keys[i - 1], n))
			continue;
		used += snprintf(name + used, sizeof(name) - used, " %.*s", (int)n, keys[i]);
	}
	return strdup(name);
}

static const char *answer(const struct telling *t, int judge, const char *key)
{
	const char *value;

	if (!how.judges[judge])
		return "";
	if (!t->say[judge])
		return "?";
	if (!strcmp(key, "death"))
		return t->say[judge]->complete ? "lives" : "ends";
	value = agree_find(t->say[judge], key);
	return value ? value : "-";
}

static void print_difference(const struct telling *t, int judge, const char *const *keys,
			     size_t nr)
{
	const struct agree_say *say = t->say[0];

	fprintf(told, "\ndifference judge=%s sequence=%u mask=%x mode=%s ops=%s flags=%s dr7=%s\n",
		agree_judges[judge], t->nr, t->mask, say->mode, say->ops, say->flags, say->dr7);
	disassemble(say);
	fprintf(told, "  %-12s", "");
	for (int j = 0; j < JUDGES; j++) {
		if (how.judges[j])
			fprintf(told, " %16s", agree_judges[j]);
	}
	putc('\n', told);
	for (size_t i = 0; i < nr; i++) {
		fprintf(told, "  %-12s", keys[i]);
		for (int j = 0; j < JUDGES; j++) {
			if (how.judges[j])
				fprintf(told, " %16s", answer(t, j, keys[i]));
		}
		putc('\n', told);
	}
}

static void judge_tellings(void)
{
	for (size_t i = 0; i < suspects_nr; i++) {
		const struct suspect *s = &suspects[i];

		found.looked_at++;
		for (int j = 1; j < JUDGES; j++) {
			if (!how.judges[j] || !s->differs[j])
				continue;
			if (!s->smallest_nr[j]) {
				fprintf(told, "\ndifference judge=%s sequence=%u: not seen "
					"again\n", agree_judges[j], s->nr);
				found.differ++;
			}
			for (size_t k = 0; k < s->smallest_nr[j]; k++) {
				const char *keys[KEYS_MAX];
				const struct telling *t = NULL;
				char *kind;
				size_t nr;

				for (size_t x = 0; x < tellings_nr; x++) {
					if (tellings[x].nr == s->nr &&
					    tellings[x].mask == s->smallest[j][k])
						t = &tellings[x];
				}
				if (!t || !t->say[0] || !t->say[j]) {
					fprintf(told, "\ndifference judge=%s sequence=%u "
						"mask=%x: not told\n", agree_judges[j], s->nr,
						s->smallest[j][k]);
					found.differ++;
					continue;
				}
				nr = agree_differ(t->say[0], t->say[j], keys, KEYS_MAX);
				if (agree_is_known(&known, agree_judges[j], t->say[0]->mode,
						   t->say[0]->ops, keys, nr,
						   nr ? answer(t, 0, keys[0]) : "")) {
					found.known++;
					continue;
				}
				found.differ++;
				kind = kind_of(agree_judges[j], t->say[0], keys, nr);
				if (agree_count_kind(&found, kind) <= KINDS_SHOWN)
					print_difference(t, j, keys, nr);
			}
		}
	}
}

static void forget_part(void)
{
	for (int j = 0; j < JUDGES; j++) {
		free(block_hash[j]);
		free(block_there[j]);
		free(sequence_hash[j]);
		free(sequence_there[j]);
		dead_nr[j] = 0;
	}
	for (size_t i = 0; i < tellings_nr; i++) {
		for (int j = 0; j < JUDGES; j++) {
			free(tellings[i].text[j]);
			free(tellings[i].say[j]);
		}
	}
	suspects_nr = tellings_nr = 0;
}

static bool run_part(uint32_t first, uint32_t n, uint32_t chunk, size_t most)
{
	bool ok;

	part_first = first;
	part_n = n;
	for (int j = 0; j < JUDGES; j++) {
		block_hash[j] = calloc(n, sizeof(uint64_t));
		block_there[j] = calloc(n, sizeof(bool));
		sequence_hash[j] = calloc(n, sizeof(uint64_t));
		sequence_there[j] = calloc(n, sizeof(bool));
	}
	ok = run_blocks(chunk) && find_suspects(most) && find_smallest() && run_tellings();
	if (ok)
		judge_tellings();
	forget_part();
	return ok;
}

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
static bool run_parts(const char *file, const char *of, uint32_t part, uint32_t chunk,
		      size_t most)
{
	if (agree_get_found(file, of, &found, &known)) {
		fprintf(stderr, "agree: goes on with sequence %u\n", found.next);
		fputs(found.text ? found.text : "", stdout);
	}
	begun = said = time(NULL);
	resumed = found.next;
	while (found.next < wanted && !cannot) {
		uint32_t n = wanted - found.next < part ? wanted - found.next : part;
		char *text;
		size_t size;
		bool ok;

		told = open_memstream(&text, &size);
		ok = run_part(found.next, n, chunk, most);
		fclose(told);
		if (!ok || cannot) {
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

static unsigned int print_stale(void)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < known.nr; i++) {
		if (known.known[i].hits)
			continue;
		printf("the list's line %u no longer differs: %s %s %s\n", known.known[i].line,
		       known.known[i].judge, known.known[i].mode, known.known[i].ops);
		nr++;
	}
	return nr;
}

static bool use_judges(const char *words)
{
	bool found = false;

	for (int j = 0; j < JUDGES; j++) {
		size_t n = strlen(agree_judges[j]);

		how.judges[j] = j == JUDGE_BARE;
		for (const char *p = words; *p; p += strcspn(p, ","), p += *p == ',') {
			if (strcspn(p, ",") == n && !strncmp(p, agree_judges[j], n))
				how.judges[j] = found = true;
		}
	}
	return found;
}

/* As many runs as can be at a time, and none so long that the others wait for it. */
static uint32_t usual_chunk(uint32_t n)
{
	return n / 2 < CHUNK ? n / 2 + 1 : CHUNK;
}

/* A line that says what is judged, and by what. */
static void say_what(char *of, size_t size, const char *known_file, size_t most,
		     const char *const *uses, size_t nr)
{
	char sum[20];

	snprintf(of, size, "seed=%" PRIu64 " ops=%s modes=%s cpu=%s intercept=%s most=%zu judges=",
		 how.seed, how.ops ? how.ops : "", how.modes ? how.modes : "", how.cpu,
		 how.intercept, most);
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

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "run", 1, NULL, 'r' }, { "elf", 1, NULL, 'e' }, { "out", 1, NULL, 'o' },
		{ "known", 1, NULL, 'k' }, { "seed", 1, NULL, 's' }, { "n", 1, NULL, 'n' },
		{ "chunk", 1, NULL, 'c' }, { "part", 1, NULL, 'P' },
		{ "ops", 1, NULL, 'O' }, { "modes", 1, NULL, 'M' },
		{ "judges", 1, NULL, 'j' }, { "intercept", 1, NULL, 'i' },
		{ "cpu", 1, NULL, 'C' }, { "hv", 1, NULL, 'H' },
		{ "ticks", 1, NULL, 't' }, { "most", 1, NULL, 'm' }, { "stale", 0, NULL, 'S' },
		{ "parallel", 1, NULL, 'p' }, { "uses", 1, NULL, 'u' },
		{ "help", 0, NULL, 'h' }, { 0 },
	};
	const char *known_file = NULL;
	const char *uses[8];
	size_t uses_nr = 0;
	char of[2000], file[600];
	uint32_t n = 20000, part = 51200, chunk = 0;
	size_t most = 2000;
	unsigned int stale_nr = 0;
	bool stale = false;
	int c;

	how.parallel = sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'r': how.run = optarg; break;
		case 'e': how.elf = optarg; break;
		case 'o': how.out = optarg; break;
		case 'k': known_file = optarg; break;
		case 's': how.seed = strtoull(optarg, NULL, 10); break;
		case 'n': n = strtoul(optarg, NULL, 10); break;
		case 'P': part = strtoul(optarg, NULL, 10); break;
		case 'c': chunk = strtoul(optarg, NULL, 10); break;
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
		case 'm': most = strtoul(optarg, NULL, 10); break;
		case 'S': stale = true; break;
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
	if (!chunk)
		chunk = usual_chunk(n);
	chunk = (chunk + AGREE_BLOCK - 1) / AGREE_BLOCK * AGREE_BLOCK;
	if (!agree_read_known(&known, known_file))
		return EXIT_CANNOT;
	say_what(of, sizeof(of), known_file, most, uses, uses_nr);
	snprintf(file, sizeof(file), "%s/found", how.out);
	wanted = n;
	if (!run_parts(file, of, part, chunk, most))
		return EXIT_CANNOT;
	print_kinds();
	for (size_t i = 0; i < known.nr; i++)
		printf("known line=%u hits=%u\n", known.known[i].line, known.known[i].hits);
	if (stale)
		stale_nr = print_stale();
	printf("agree seed=%" PRIu64 " sequences=%u differing=%u known=%u looked_at=%u "
	       "not_looked_at=%u ends=%u stale=%u\n", how.seed, n, found.differ, found.known,
	       found.looked_at, found.not_looked_at, found.ends, stale_nr);
	return found.differ || found.not_looked_at || stale_nr ? EXIT_DIFFER : EXIT_AGREE;
}
