// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "lab/judge/blocks.h"
#include "lab/judge/judge.h"

#define NUMBERS_MAX	8
#define GROUP_MAX	4096	/* lines that begin alike and follow each other */

/* A line of the log, taken apart. */
struct line {
	const char *text;
	size_t length;
	uint64_t numbers[NUMBERS_MAX];
	struct {
		const char *text;
		size_t length;
	} before[NUMBERS_MAX];		/* what is in front of each number */
	size_t nr;
	uint32_t named;			/* whose name is in it */
};

/* What the kernel puts in front: "[   12.345678] ", and with printk's caller "[ T1] ". */
static const char *without_stamp(const char *text)
{
	const char *at = text;

	while (*at == '[') {
		const char *end = at + strcspn(at, "]\n");

		if (*end != ']' || !memchr("0123456789. TC", at[1], 14))
			break;
		at = end + 1;
		at += strspn(at, " ");
	}
	return at;
}

/* A number, decimal or hexadecimal, with commas between its thousands or not. */
static bool take_number(const char **at, const char *end, uint64_t *value)
{
	const char *c = *at;
	char *stop;

	if (c + 2 < end && c[0] == '0' && (c[1] | 32) == 'x' && isxdigit((unsigned char)c[2])) {
		*value = strtoull(c, &stop, 16);
		*at = stop;
		return true;
	}
	*value = 0;
	while (c < end && isdigit((unsigned char)*c)) {
		*value = *value * 10 + (*c++ - '0');
		if (c + 3 < end && *c == ',' && isdigit((unsigned char)c[1]) &&
		    isdigit((unsigned char)c[2]) && isdigit((unsigned char)c[3]) &&
		    !(c + 4 < end && isdigit((unsigned char)c[4])))
			c++;
	}
	/* Digits that go on with letters are part of a word. */
	if (c < end && (isalpha((unsigned char)*c) || *c == '_')) {
		while (c < end && (isalnum((unsigned char)*c) || *c == '_'))
			c++;
		*at = c;
		return false;
	}
	*at = c;
	return true;
}

static struct line take_apart(const char *text)
{
	struct line l = { .text = without_stamp(text) };
	const char *at = l.text, *end = at + strcspn(at, "\n"), *from = at;

	l.length = end - at;
	while (at < end && l.nr < NUMBERS_MAX) {
		const char *before = at;

		if (!isdigit((unsigned char)*at)) {
			at++;
			continue;
		}
		if (before > l.text && (isalpha((unsigned char)before[-1]) || before[-1] == '_')) {
			at += strspn(at, "0123456789");
			continue;
		}
		if (!take_number(&at, end, &l.numbers[l.nr]))
			continue;
		l.before[l.nr].text = from;
		l.before[l.nr++].length = before - from;
		from = at;
	}
	l.named = name_reason(l.text, l.length, JUDGE_REASONS);
	return l;
}

/* Do two lines look like rows of one list? All but a name in front of one number is the same. */
static bool alike(const struct line *a, const struct line *b)
{
	size_t differ = 0, i;

	if (!a->nr || a->nr != b->nr)
		return false;
	if (a->nr == 1)
		return a->named < JUDGE_REASONS && b->named < JUDGE_REASONS;
	for (i = 0; i < a->nr; i++)
		differ += a->before[i].length != b->before[i].length ||
			  memcmp(a->before[i].text, b->before[i].text, a->before[i].length);
	return differ <= 1;
}

/* How a line is read: which number is the reason (-1: the name says), and which the count. */
struct reading_of {
	int reason, count;
	bool ascending;			/* is a lower reason than the last the next report's? */
};

static uint32_t reason_of(const struct line *l, const struct reading_of *as)
{
	if (as->reason < 0)
		return l->named;
	return l->numbers[as->reason] < JUDGE_REASONS ? l->numbers[as->reason] : JUDGE_REASONS;
}

/* The next block of lines [*at, nr) read so; false: they cannot be. */
static bool next_block(const struct line *lines, size_t nr, const struct reading_of *as, size_t *at,
		       struct block *to)
{
	bool seen[JUDGE_REASONS] = { false };

	to->nr = 0;
	to->sum = 0;
	for (; *at < nr && to->nr < BLOCK_LINES; ++*at) {
		const struct line *l = &lines[*at];
		uint32_t reason = reason_of(l, as);

		if (reason >= JUDGE_REASONS)
			return false;
		/* The same again is the next report. */
		if (seen[reason] || (as->ascending && to->nr &&
				     reason < to->lines[to->nr - 1].reason))
			break;
		seen[reason] = true;
		to->lines[to->nr++] = (struct block_line) { l->text, l->length, reason,
							    l->numbers[as->count] };
		to->sum += l->numbers[as->count];
	}
	return to->nr;
}

bool block_at_multiple(const struct block *b, uint64_t every)
{
	uint64_t rest = every ? b->sum % every : 1;

	return b->sum + 1 >= every && every && (rest <= 1 || rest == every - 1);
}

/* How well do lines read so make reports? Below 0: not at all. */
static int score(const struct line *lines, size_t nr, const struct reading_of *as, uint64_t every)
{
	int blocks = 0, fit = 0, defined = 0, varies = 0;
	struct block b;
	size_t at = 0, i;

	while (at < nr) {
		if (!next_block(lines, nr, as, &at, &b))
			return -1;
		blocks++;
		fit += block_at_multiple(&b, every);
		for (i = 0; i < b.nr; i++)
			defined += exit_acct_defined(b.lines[i].reason);
	}
	/* A column that is the same in each line makes each of them a block. */
	if (blocks * 2 > (int)nr && nr > 1)
		return -1;
	/* What is the same in each line is no count: a process, a CPU. */
	for (i = 1; i < nr; i++)
		varies |= lines[i].numbers[as->count] != lines[0].numbers[as->count];
	return fit * 1000 / blocks + defined * 100 / (int)nr + varies * 50;
}

static bool best_reading(const struct line *lines, size_t nr, uint64_t every,
			 struct reading_of *best)
{
	struct reading_of as;
	int most = -1, this, way;

	for (as.reason = lines[0].named < JUDGE_REASONS ? -1 : 0;
	     as.reason < (int)lines[0].nr; as.reason++) {
		for (way = 0; way < 2 * (int)lines[0].nr; way++) {
			as.count = way / 2;
			as.ascending = !(way % 2);
			if (as.count == as.reason)
				continue;
			this = score(lines, nr, &as, every);
			/* By number, if that is as good as by name; the count behind it. */
			if (this > most || (this == most && this >= 0 && best->reason < 0)) {
				most = this;
				*best = as;
			}
		}
	}
	return most >= 0;
}

/* "total" in a line, and the number behind it, or the only one. */
static bool names_total(const char *text, uint64_t *total)
{
	const struct line l = take_apart(text);
	const char *end = l.text + l.length, *at;

	if (l.named < JUDGE_REASONS || !l.nr)
		return false;
	for (at = l.text; at + 5 <= end; at++) {
		if (strncasecmp(at, "total", 5))
			continue;
		for (; at < end && !isdigit((unsigned char)*at); at++)
			;
		*total = l.numbers[l.nr - 1];
		return at == end || take_number(&at, end, total);
	}
	return false;
}

static bool add_block(struct blocks *b, const struct block *block)
{
	struct block *bigger;

	if (b->nr == BLOCKS_MAX)
		return true;
	bigger = realloc(b->all, (b->nr + 1) * sizeof(*b->all));
	if (!bigger)
		return false;
	b->all = bigger;
	b->all[b->nr++] = *block;
	return true;
}

/* Lines that begin alike: are they reports? */
static bool take_group(struct blocks *b, const struct line *lines, size_t nr, const char *before,
		       const char *behind, uint64_t every)
{
	struct reading_of as = { 0 };
	struct block block;
	size_t at = 0;

	if (!nr || !best_reading(lines, nr, every, &as))
		return true;
	while (at < nr && next_block(lines, nr, &as, &at, &block)) {
		block.has_total = (before && names_total(before, &block.total)) ||
				  (at == nr && behind && names_total(behind, &block.total));
		before = NULL;
		/* One line is no report, and of two it is one if they add up. */
		if (block.nr > 1 && (block.nr > 2 || block_at_multiple(&block, every)) &&
		    !add_block(b, &block))
			return false;
	}
	return true;
}

bool blocks_find(struct blocks *b, const char *log, uint64_t every)
{
	static struct line lines[GROUP_MAX];
	const char *before = NULL, *last = NULL, *at;
	bool good = true;
	size_t nr = 0;

	*b = (struct blocks) { 0 };
	for (at = log; good && at && *at; ) {
		const struct line l = take_apart(at);

		if (nr && (nr == GROUP_MAX || !alike(&lines[nr - 1], &l))) {
			good = take_group(b, lines, nr, before, at, every);
			nr = 0;
		}
		if (!nr)
			before = last;
		if (l.nr)
			lines[nr++] = l;
		last = at;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return good && take_group(b, lines, nr, before, NULL, every);
}

void blocks_free(struct blocks *b)
{
	free(b->all);
	*b = (struct blocks) { 0 };
}
