// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of exits as a table for people, and as CSV and JSON (docs/exitstat.md). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "acct/exit_names.h"
#include "guest/linux/detail.h"
#include "guest/linux/host.h"

/* Of each reason, in a table of all. */
#define TOP	10

#define TEXT	200

/* A reason, and where its numbers are, those with most exits first. */
struct group {
	u32 reason;
	u64 count, handler;
	const struct number **at;
	size_t nr;
};

struct groups {
	struct group by[EXIT_ACCT_SLOTS];
	size_t nr;
	const struct number **at;
	u64 count, handler;	/* of all, also of those that are not shown */
};

/* The rest is last, whatever is in it. */
static int number_by_count(const void *a, const void *b)
{
	const struct number *x = *(const struct number *const *)a;
	const struct number *y = *(const struct number *const *)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int group_by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->reason < y->reason ? -1 : 1;
}

static struct groups group(const struct numbers *n, u32 wanted)
{
	struct groups g = { .at = calloc(n->nr + 1, sizeof(*g.at)) };
	struct group *by = NULL;
	size_t i;

	if (!g.at)
		abort();
	for (i = 0; i < n->nr; i++) {
		const struct number *one = &n->at[i];

		g.count += one->count;
		g.handler += one->handler;
		if (!one->count || (wanted != DETAIL_ALL && one->reason != wanted))
			continue;
		if (!by || by->reason != one->reason) {
			by = &g.by[g.nr++];
			by->reason = one->reason;
			by->at = g.at + i;
		}
		by->at[by->nr++] = one;
		by->count += one->count;
		by->handler += one->handler;
	}
	for (i = 0; i < g.nr; i++)
		qsort(g.by[i].at, g.by[i].nr, sizeof(*g.by[i].at), number_by_count);
	qsort(g.by, g.nr, sizeof(g.by[0]), group_by_count);
	return g;
}

/* What follows the address in a page's text. */
static const char *page_name(u64 number, char text[TEXT])
{
	exit_detail_text(EXIT_REASON_EPT_MISCONFIG, number >> 12 << 12, text, TEXT);
	return text + strlen("page ") + strcspn(text + strlen("page "), " ");
}

static bool same_or_next(const struct number *a, const struct number *b)
{
	const u64 last = (a->number >> 12) + a->more, page = b->number >> 12;
	char x[TEXT], y[TEXT];

	if (a->reason != b->reason || a->kind != NUMBER || b->kind != NUMBER)
		return false;
	if (exit_detail_kind(a->reason) != EXIT_DETAIL_PAGE)
		return a->number == b->number;
	return page - last <= 1 && !strcmp(page_name(a->number, x), page_name(b->number, y));
}

/* A leaf that ignores ECX is one leaf. */
static u64 without_ecx(const struct number *one)
{
	char text[TEXT];

	exit_detail_text(one->reason, one->number, text, TEXT);
	return one->kind == NUMBER && exit_detail_kind(one->reason) == EXIT_DETAIL_CPUID &&
	       strstr(text, " (ECX ") ? one->number >> 32 << 32 : one->number;
}

/* For people: pages side by side are one, for whatever they were wanted. */
static struct numbers fold(const struct numbers *n)
{
	struct numbers folded = { .seconds = n->seconds };
	struct number *last = NULL;
	size_t i;

	for (i = 0; i < n->nr; i++) {
		struct number one = n->at[i];

		if (!one.count)
			continue;
		one.number = without_ecx(&one);
		if (!last || !same_or_next(last, &one)) {
			numbers_add(&folded, &one);
			last = &folded.at[folded.nr - 1];
			continue;
		}
		if (exit_detail_kind(one.reason) == EXIT_DETAIL_PAGE) {
			last->more = (one.number >> 12) - (last->number >> 12);
			last->number |= one.number & EXIT_DETAIL_PAGE_BITS;
		}
		last->count += one.count;
		last->handler += one.handler;
	}
	return folded;
}

static void number_text(const struct number *one, char *text)
{
	if (one->kind == NUMBER_REST)
		snprintf(text, TEXT, "the rest: numbers that found no place");
	else
		exit_detail_text(one->reason, one->number, text, TEXT);
}

static void table_text(const struct number *one, FILE *to)
{
	char text[TEXT];

	number_text(one, text);
	if (one->more)
		fprintf(to, "     %u pages from%s\n", one->more + 1, text + strlen("page"));
	else
		fprintf(to, "     %s\n", text);
}

static void table_row(u64 count, u64 handler, const struct groups *g, FILE *to)
{
	fprintf(to, "%11" PRIu64, count);
	if (g->count)
		fprintf(to, "%8.2f", 100.0 * count / g->count);
	else
		fprintf(to, "%8s", "-");
	if (count)
		fprintf(to, "%12.0f  ", (double)handler / count);
	else
		fprintf(to, "%12s  ", "-");
}

static void table_group(const struct group *by, const struct groups *g, bool all, FILE *to)
{
	u64 count = 0, handler = 0;
	size_t i, more = 0;

	table_row(by->count, by->handler, g, to);
	if (by->reason == EXIT_ACCT_OTHER)
		fprintf(to, " - %s\n", exit_acct_name(by->reason));
	else
		fprintf(to, "%2u %s\n", by->reason, exit_acct_name(by->reason));
	for (i = 0; i < by->nr && by->at[i]->kind != NUMBER_NONE; i++) {
		const struct number *one = by->at[i];

		if (!all && i >= TOP && one->kind == NUMBER) {
			count += one->count;
			handler += one->handler;
			more++;
			continue;
		}
		if (more && one->kind == NUMBER_REST) {
			table_row(count, handler, g, to);
			fprintf(to, "     %zu more\n", more);
			more = 0;
		}
		table_row(one->count, one->handler, g, to);
		table_text(one, to);
	}
	if (more) {
		table_row(count, handler, g, to);
		fprintf(to, "     %zu more\n", more);
	}
}

/* vCPUs that are left out, if any that is shown is among them. */
static void show_untold(const struct view *v, const char *begin, const char *between,
			const char *end, FILE *to)
{
	const char *in_front = begin;
	u32 i;

	for (i = 0; i < v->untold_nr; i++) {
		if (v->vcpu >= 0 && v->untold[i] != (u32)v->vcpu)
			continue;
		fprintf(to, "%s%u", in_front, v->untold[i]);
		in_front = between;
	}
	if (in_front == between)
		fputs(end, to);
}

static void show_table(const struct leaves *l, const struct view *v, const struct groups *g,
		       u32 wanted, FILE *to)
{
	char by[40] = ", told apart";
	size_t i;

	if (v->vcpu >= 0)
		snprintf(by, sizeof(by), " on vCPU %d, told apart", v->vcpu);
	show_head(l, v, by, to);
	fprintf(to, "      exits       %% cycles/exit  nr exit reason\n");
	table_row(g->count, g->handler, g, to);
	fprintf(to, "   total\n");
	for (i = 0; i < g->nr; i++)
		table_group(&g->by[i], g, wanted != DETAIL_ALL, to);
	show_untold(v, "exits not told apart, and left out: vCPU ", ", vCPU ", "\n", to);
	show_own(v, "at most ", to);
}

static void show_csv(const struct view *v, const struct groups *g, bool first, FILE *to)
{
	char begin[128], word[TEXT], text[TEXT];
	size_t i, j;

	if (first)
		fprintf(to, "version,%svcpu,kind,seconds,reason,name,number,word,text,count,handler"
			"\n", v->vm ? "vm," : "");
	show_csv_begin(v, true, begin, sizeof(begin));
	for (i = 0; i < g->nr; i++) {
		const struct group *by = &g->by[i];

		for (j = 0; j < by->nr; j++) {
			const struct number *one = by->at[j];

			if (by->reason == EXIT_ACCT_OTHER)
				fprintf(to, "%s,other,", begin);
			else
				fprintf(to, "%s,%u,", begin, by->reason);
			fprintf(to, "%s,", exit_acct_name(by->reason));
			if (one->kind == NUMBER) {
				exit_detail_word(by->reason, one->number, word, sizeof(word));
				number_text(one, text);
				fprintf(to, "%" PRIu64 ",%s,%s", one->number, word, text);
			} else {
				fprintf(to, "%s,,", one->kind == NUMBER_REST ? "rest" : "");
			}
			fprintf(to, ",%" PRIu64 ",%" PRIu64 "\n", one->count, one->handler);
		}
	}
	snprintf(text, sizeof(text), "%s,untold,VCPUS,,,", begin);
	show_untold(v, text, " ", ",,\n", to);
	if (!v->vm)
		fprintf(to, "%s,own,READS,,,,%" PRIu64 ",\n", begin, v->own);
	fprintf(to, "%s,total,TOTAL,,,,%" PRIu64 ",%" PRIu64 "\n", begin, g->count, g->handler);
}

static void json_numbers(const struct group *by, FILE *to)
{
	const struct number *rest = NULL;
	char word[TEXT], text[TEXT];
	const char *between = "";
	size_t i;

	fprintf(to, ",\"numbers\":[");
	for (i = 0; i < by->nr; i++) {
		const struct number *one = by->at[i];

		if (one->kind == NUMBER_REST)
			rest = one;
		if (one->kind != NUMBER)
			continue;
		exit_detail_word(one->reason, one->number, word, sizeof(word));
		number_text(one, text);
		fprintf(to, "%s{\"number\":\"%" PRIu64 "\",\"word\":\"%s\",\"text\":\"%s\","
			"\"count\":%" PRIu64 ",\"handler\":%" PRIu64 "}", between, one->number,
			word, text, one->count, one->handler);
		between = ",";
	}
	fprintf(to, "],\"rest\":{\"count\":%" PRIu64 ",\"handler\":%" PRIu64 "}",
		rest ? rest->count : 0, rest ? rest->handler : 0);
}

static void show_json(const struct leaves *l, const struct view *v, const struct groups *g,
		      FILE *to)
{
	size_t i;

	show_json_begin(l, v, true, to);
	for (i = 0; i < g->nr; i++) {
		const struct group *by = &g->by[i];

		fprintf(to, "%s{\"reason\":", i ? "," : "");
		if (by->reason == EXIT_ACCT_OTHER)
			fprintf(to, "null");
		else
			fprintf(to, "%u", by->reason);
		fprintf(to, ",\"name\":\"%s\",\"count\":%" PRIu64 ",\"handler\":%" PRIu64,
			exit_acct_name(by->reason), by->count, by->handler);
		json_numbers(by, to);
		fprintf(to, "}");
	}
	fprintf(to, "]");
	show_untold(v, ",\"untold\":[", ",", "]", to);
	fprintf(to, ",\"total\":{\"count\":%" PRIu64 ",\"handler\":%" PRIu64 "}}\n", g->count,
		g->handler);
}

void detail_show(const struct leaves *l, const struct view *v, const struct numbers *n,
		 const struct detail_options *o, bool first, FILE *to)
{
	const struct snapshot time = { .seconds = n->seconds };
	struct numbers folded = o->format == SHOW_TABLE ? fold(n) : (struct numbers) { 0 };
	struct groups g = group(o->format == SHOW_TABLE ? &folded : n, o->reason);
	struct view view = *v;

	view.s = &time;
	switch (o->format) {
	case SHOW_TABLE:
		show_table(l, &view, &g, o->reason, to);
		break;
	case SHOW_CSV:
		show_csv(&view, &g, first, to);
		break;
	case SHOW_JSON:
		show_json(l, &view, &g, to);
		break;
	}
	free(g.at);
	numbers_free(&folded);
}
