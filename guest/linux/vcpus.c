// SPDX-License-Identifier: GPL-2.0-only
/* The exits of each vCPU, side by side. */
#include <inttypes.h>
#include <stdlib.h>
#include "guest/linux/exitstat.h"

static void read_slot(struct leaves *l, struct snapshot *each, u32 i)
{
	u32 subleaf = i == EXIT_ACCT_OTHER ? EXIT_ACCT_LEAF_OTHER : i, nr;

	for (nr = 0; nr < l->vcpus; nr++) {
		struct exit_acct_regs r = leaf_read(l, EXIT_ACCT_LEAF_VCPU, subleaf | nr << 16);

		each[nr].row[i].count = pair(r.eax, r.ebx);
		each[nr].row[i].handler = pair(r.ecx, r.edx);
	}
}

static void table_row(const struct snapshot *each, u32 nr, u32 i, u64 sum, FILE *to)
{
	u32 v;

	if (i == EXIT_ACCT_OTHER)
		fprintf(to, " -");
	else
		fprintf(to, "%2u", i);
	fprintf(to, " %-19s%11" PRIu64, exit_acct_name(i), sum);
	for (v = 0; v < nr; v++)
		fprintf(to, "%11" PRIu64, each[v].row[i].count);
	fputc('\n', to);
}

void vcpus_table(const struct leaves *l, const struct view *head, const u32 *id,
		 const struct snapshot *each, u32 nr, FILE *to)
{
	u64 total = 0, sum;
	u32 i, v, lines = 0;

	show_head(l, head, ", by vCPU", to);
	fprintf(to, "nr exit reason              exits");
	for (v = 0; v < nr; v++)
		fprintf(to, "  vCPU %4u", id[v]);
	fputc('\n', to);
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		for (sum = 0, v = 0; v < nr; v++)
			sum += each[v].row[i].count;
		total += sum;
		/* Around the rows: three lines above, the total and a blank one below. */
		if (sum && (!head->lines || lines++ + 5 < head->lines))
			table_row(each, nr, i, sum, to);
	}
	fprintf(to, "   %-19s%11" PRIu64, "total", total);
	for (v = 0; v < nr; v++)
		fprintf(to, "%11" PRIu64, snapshot_total(&each[v]).count);
	fputc('\n', to);
}

static void print_csv(const struct leaves *l, const struct snapshot *each, FILE *to)
{
	u32 i, nr;

	fprintf(to, "version,vcpu,reason,name,count,handler\n");
	for (nr = 0; nr < l->vcpus; nr++) {
		for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
			const struct exit_row *row = &each[nr].row[i];

			if (!row->count)
				continue;
			fprintf(to, "%d,%u,", EXITSTAT_VERSION, nr);
			fprintf(to, i == EXIT_ACCT_OTHER ? "other" : "%u", i);
			fprintf(to, ",%s,%" PRIu64 ",%" PRIu64 "\n", exit_acct_name(i), row->count,
				row->handler);
		}
	}
}

bool vcpus_show(struct leaves *l, enum show_format format, FILE *to)
{
	const struct view head = { .kind = SHOW_SINCE_START };
	struct snapshot *each;
	u32 *id, i;

	if (!l->extension || l->last < EXIT_ACCT_LEAF_VCPU)
		return false;
	each = calloc(l->vcpus, sizeof(*each) + sizeof(*id));
	if (!each)
		return false;
	id = (u32 *)(each + l->vcpus);
	for (i = 0; i < l->vcpus; i++)
		id[i] = i;
	/* CPUID last: then the fewest reads are missing in it. */
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (i != EXIT_REASON_CPUID)
			read_slot(l, each, i);
	}
	read_slot(l, each, EXIT_REASON_CPUID);
	if (format == SHOW_CSV) {
		print_csv(l, each, to);
	} else {
		vcpus_table(l, &head, id, each, l->vcpus, to);
		fprintf(to, "CPUID: at most %" PRIu64 " of these are exitstat's own reads\n",
			l->reads);
	}
	free(each);
	return true;
}
