// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits of one reason on two hypervisors, number by number: which both have, which one alone,
 * and why, as far as that is known.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_names.h"
#include "tools/table.h"
#include "tools/tool.h"
#include "tools/unlike.h"

#define UNLIKE_VERSION	1	/* of the CSV, docs/formats.md */

static const char *const verdicts[UNLIKE_VERDICTS] = {
	[UNLIKE_EQUAL] = "equal", [UNLIKE_DIFFERS] = "differs", [UNLIKE_ONLY_HV] = "only hv",
	[UNLIKE_ONLY_KVM] = "only KVM", [UNLIKE_REST] = "rest",
};

/* Why one of them has exits that the other has not; the first that fits. */
static const struct why {
	uint64_t reason, mask, value;	/* of the number */
	bool shadow;			/* only if KVM has no EPT */
	const char *why;
} whys[] = {
	{ EXIT_REASON_EXTERNAL_INTERRUPT, 0, 0, false,
	  "interrupts of the host: below KVM a Linux has a timer, a serial port and calls between "
	  "processors; below hv there are only its own calls between vCPUs, by another vector" },
	{ EXIT_REASON_EXCEPTION_NMI, ~0ull, 14, true,
	  "page faults: KVM without EPT needs them to fill its own page tables" },
	{ EXIT_REASON_EPT_VIOLATION, 0, 0, true, "KVM was started without EPT" },
	{ EXIT_REASON_EPT_MISCONFIG, 0, 0, true, "KVM was started without EPT" },
	{ EXIT_REASON_CPUID, 0xffffff00ull << 32, 0x4fffff00ull << 32, false,
	  "the guest reads its counts by these leaves: the more reasons have exits, the more" },
	{ EXIT_REASON_IO_INSTRUCTION, 0xfff8ull << 16, 0x3f8ull << 16, false,
	  "COM1: the figures that the guest prints are not of the same length" },
	{ EXIT_REASON_CR_ACCESS, 0x60000000ull << 32, 0x60000000ull << 32, false,
	  "a vCPU of KVM starts with caches off as after RESET, one of hv with caches on as "
	  "after a BIOS: the guest changes CD and NW, or need not" },
};

/* Where the guest's rows of a reason say why the two may differ, that is why. */
static const char *find_row_why(const struct unlike *u, const struct detail *d)
{
	const struct log *hv = &u->logs[HV];

	for (size_t i = 0; i < hv->rows_nr; i++) {
		const struct row *row = &hv->rows[i];

		if (row->reason == d->reason && row->why &&
		    (!row->sync || row->expect[HV] != row->expect[KVM]))
			return row->why;
	}
	return NULL;
}

/* Of an access to a control register: are there as many on both, whatever bits they change? */
static bool same_instruction(const struct unlike *u, const struct detail *d)
{
	int64_t more = 0;

	for (size_t i = 0; i < u->nr; i++) {
		const struct detail *x = u->rows[i].detail;

		if (x->reason == EXIT_REASON_CR_ACCESS && !x->rest &&
		    (uint32_t)x->number == (uint32_t)d->number)
			more += x->count[HV] - x->count[KVM];
	}
	return d->reason == EXIT_REASON_CR_ACCESS && !d->rest && !more;
}

static const char *find_why(const struct unlike *u, const struct detail *d, bool shadow)
{
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		const struct why *w = &whys[i];

		if (w->reason == d->reason && (d->number & w->mask) == w->value &&
		    (shadow || !w->shadow) && (!d->rest || !w->mask))
			return w->why;
	}
	if (same_instruction(u, d))
		return "as often on both, but some change other bits too";
	return find_row_why(u, d);
}

/* By reason, and those with most exits first. */
static int order(const void *a, const void *b)
{
	const struct detail *x = ((const struct unlike_row *)a)->detail;
	const struct detail *y = ((const struct unlike_row *)b)->detail;
	uint64_t m = x->count[HV] > x->count[KVM] ? x->count[HV] : x->count[KVM];
	uint64_t n = y->count[HV] > y->count[KVM] ? y->count[HV] : y->count[KVM];

	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	if (x->rest != y->rest)
		return x->rest ? 1 : -1;
	if (m != n)
		return m > n ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* A vCPU has all exits with a number in its table; or none, and then they may be in its rest. */
static bool may_be_in_rest(struct unlike *u, struct detail d, enum target t)
{
	struct detail rest = { .reason = d.reason, .rest = true };
	bool may = false;

	for (; d.vcpu < MACHINE_CPUS_MAX; rest.vcpu = ++d.vcpu)
		may |= details_at(&u->all, &rest)->count[t] && !details_at(&u->all, &d)->count[t];
	return may;
}

/* All rows of a reason, @nr of them; its rest, if there is one, is the last. */
static void judge(struct unlike *u, struct unlike_row *rows, size_t nr)
{
	int64_t more = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct detail *d = rows[i].detail;
		int64_t difference = d->count[HV] - d->count[KVM];
		enum target fewer = d->count[HV] < d->count[KVM] ? HV : KVM;
		bool rest = d->rest || may_be_in_rest(u, *d, fewer);

		more += rest ? difference : 0;
		rows[i].verdict = !difference ? UNLIKE_EQUAL : rest ? UNLIKE_REST :
				  d->count[fewer] ? UNLIKE_DIFFERS :
				  fewer == KVM ? UNLIKE_ONLY_HV : UNLIKE_ONLY_KVM;
	}
	if (rows[nr - 1].detail->rest && more)
		rows[nr - 1].verdict = UNLIKE_DIFFERS;
}

/* The same reason has the same note. */
static unsigned int find_note(struct unlike *u, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (u->rows[j].why && !strcmp(u->rows[j].why, u->rows[i].why))
			return u->rows[j].note;
	return ++u->notes;
}

static void of_all_vcpus(struct detail *d)
{
	d->vcpu = 0;
}

void unlike_compare(struct unlike *u, const struct log logs[TARGETS])
{
	struct details sums;
	bool shadow = true;

	u->logs = logs;
	sums = details_sum(&u->all, of_all_vcpus);
	u->rows = tool_memory(calloc(sums.nr + 1, sizeof(u->rows[0])));
	for (u->nr = 0; u->nr < sums.nr; u->nr++) {
		const struct detail *d = sums.sorted[u->nr];

		u->rows[u->nr].detail = d;
		shadow &= d->reason != EXIT_REASON_EPT_VIOLATION || !d->count[KVM];
	}
	qsort(u->rows, u->nr, sizeof(u->rows[0]), order);
	for (size_t i = 0, j; i < u->nr; i = j) {
		for (j = i; j < u->nr && u->rows[j].detail->reason == u->rows[i].detail->reason; )
			j++;
		judge(u, u->rows + i, j - i);
	}
	for (size_t i = 0; i < u->nr; i++) {
		struct unlike_row *row = &u->rows[i];

		u->tally[row->verdict]++;
		if (row->verdict == UNLIKE_EQUAL || row->verdict == UNLIKE_REST)
			continue;
		row->why = find_why(u, row->detail, shadow);
		if (row->why)
			row->note = find_note(u, i);
		else
			u->unknown++;
	}
}

static void print_number(FILE *out, const struct detail *d)
{
	char word[80];

	if (d->rest) {
		fputs("rest", out);
		return;
	}
	exit_detail_word(d->reason, d->number, word, sizeof(word));
	fputs(word, out);
}

/* What one of them alone has, in a few words each. */
static void print_only(const struct unlike *u, enum unlike_verdict only)
{
	size_t nr = 0;

	for (size_t i = 0; i < u->nr; i++) {
		const struct detail *d = u->rows[i].detail;

		if (u->rows[i].verdict != only)
			continue;
		if (!nr++)
			printf("%s:", verdicts[only]);
		printf("%s %s ", nr > 1 ? "," : "", exit_acct_name(d->reason));
		print_number(stdout, d);
	}
	if (nr)
		putchar('\n');
}

void unlike_print(const struct unlike *u)
{
	static const struct column columns[] = {
		{ "", "exit reason", -1, 0 }, { "", "number", -1, 2 },
		{ "exits", "hv", 1, 2 }, { NULL, "KVM", 1, 2 },
		{ "handler", "hv", 1, 2 }, { NULL, "KVM", 1, 2 },
		{ "", "verdict", -1, 2 }, { "", "note", -1, 2 },
	};
	unsigned int said = 0;
	struct table t;
	char text[120];

	printf("\nExits of one reason, told apart by a number, times in %s per exit\n\n",
	       log_unit(u->logs[HV].clock));
	TABLE(&t, columns);
	for (size_t i = 0; i < u->nr; i++) {
		const struct unlike_row *row = &u->rows[i];
		const struct detail *d = row->detail;

		snprintf(text, sizeof(text), "all others");
		if (!d->rest)
			exit_detail_text(d->reason, d->number, text, sizeof(text));
		fprintf(t.rows, "%2" PRIu64 " %s\t%s\t", d->reason,
			exit_acct_name(d->reason), text);
		for (enum target j = 0; j < TARGETS; j++)
			fprintf(t.rows, d->count[j] ? "%" PRIu64 "\t" : "-\t", d->count[j]);
		for (enum target j = 0; j < TARGETS; j++)
			fprintf(t.rows, d->count[j] ? "%" PRIu64 "\t" : "-\t",
				(d->handler[j] + d->count[j] / 2) / (d->count[j] ?: 1));
		fprintf(t.rows, "%s\t", verdicts[row->verdict]);
		fprintf(t.rows, row->note ? "[%u]\n" : "\n", row->note);
	}
	table_print(stdout, &t);
	putchar('\n');
	for (size_t i = 0; i < u->nr; i++)
		if (u->rows[i].note > said) {
			said = u->rows[i].note;
			printf("[%u] %s\n", said, u->rows[i].why);
		}
	print_only(u, UNLIKE_ONLY_HV);
	print_only(u, UNLIKE_ONLY_KVM);
	printf("\n%zu numbers: ", u->nr);
	for (enum unlike_verdict v = 0; v < UNLIKE_VERDICTS; v++)
		printf("%zu %s, ", u->tally[v], verdicts[v]);
	printf("%zu without a known reason\n", u->unknown);
}

void unlike_csv(FILE *out, const void *unlike)
{
	const struct unlike *u = unlike;

	fputs("version,clock,reason,reason_name,number,word,exits_hv,exits_kvm,verdict,handler_hv,"
	      "handler_kvm,why\n", out);
	for (size_t i = 0; i < u->nr; i++) {
		const struct unlike_row *row = &u->rows[i];
		const struct detail *d = row->detail;

		fprintf(out, "%d,%s,%" PRIu64 ",%s,", UNLIKE_VERSION, u->logs[HV].clock, d->reason,
			exit_acct_name(d->reason));
		fprintf(out, d->rest ? "rest," : "%" PRIu64 ",", d->number);
		print_number(out, d);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",", d->count[HV],
			d->count[KVM], verdicts[row->verdict], d->handler[HV], d->handler[KVM]);
		tool_quote(out, row->why ?: "", "\"");
		fputc('\n', out);
	}
}

/* A number has 64 bits, of which many a reader of JSON keeps 53: it is a text. */
void unlike_json(FILE *out, const struct unlike *u)
{
	fputs("{\"rows\": [\n", out);
	for (size_t i = 0; i < u->nr; i++) {
		const struct unlike_row *row = &u->rows[i];
		const struct detail *d = row->detail;

		fprintf(out, "    {\"reason\": %" PRIu64 ", \"reason_name\": \"%s\", \"number\": ",
			d->reason, exit_acct_name(d->reason));
		fprintf(out, d->rest ? "\"rest\"" : "\"%" PRIu64 "\"", d->number);
		fputs(", \"word\": \"", out);
		print_number(out, d);
		fprintf(out, "\", \"verdict\": \"%s\",\n     ", verdicts[row->verdict]);
		for (enum target t = 0; t < TARGETS; t++)
			fprintf(out, "\"%s\": {\"exits\": %" PRIu64 ", \"handler\": %" PRIu64 "}, ",
				target_names[t], d->count[t], d->handler[t]);
		fputs("\"why\": ", out);
		if (row->why)
			tool_quote(out, row->why, "\\");
		else
			fputs("null", out);
		fprintf(out, "}%s\n", i + 1 < u->nr ? "," : "");
	}
	fputs("  ], \"summary\": {", out);
	for (enum unlike_verdict v = 0; v < UNLIKE_VERDICTS; v++)
		fprintf(out, "\"%s\": %zu, ", verdicts[v], u->tally[v]);
	fprintf(out, "\"unknown\": %zu}}", u->unknown);
}
