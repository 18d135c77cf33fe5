// SPDX-License-Identifier: GPL-2.0-only
/* The exits of each vCPU, side by side. */
#include <inttypes.h>
#include <stdlib.h>
#include "guest/linux/exitstat.h"

/* What was read, a vCPU behind the other; a figure of slot @i of vCPU @v is at [v][i]. */
struct vcpus {
	struct exit_row (*row)[EXIT_ACCT_SLOTS];
	u32 nr;
};

static void read_slot(struct leaves *l, struct vcpus *v, u32 i)
{
	u32 subleaf = i == EXIT_ACCT_OTHER ? EXIT_ACCT_LEAF_OTHER : i, nr;

	for (nr = 0; nr < v->nr; nr++) {
		struct exit_acct_regs r = leaf_read(l, EXIT_ACCT_LEAF_VCPU, subleaf | nr << 16);

		v->row[nr][i].count = pair(r.eax, r.ebx);
		v->row[nr][i].handler = pair(r.ecx, r.edx);
	}
}

static void print_table(const struct leaves *l, const struct vcpus *v, FILE *to)
{
	u64 totals[v->nr + 1], sum;
	u32 i, nr;

	fprintf(to, "VM exits since the VM started, by vCPU: %s, %u vCPU%s\n\n"
		"nr exit reason              exits",
		l->target == EXIT_ACCT_TARGET_HV ? "hv" : "KVM", v->nr, v->nr == 1 ? "" : "s");
	for (nr = 0; nr < v->nr; nr++) {
		fprintf(to, "  vCPU %4u", nr);
		totals[nr] = 0;
	}
	fputc('\n', to);
	totals[nr] = 0;
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		for (sum = 0, nr = 0; nr < v->nr; nr++) {
			sum += v->row[nr][i].count;
			totals[nr] += v->row[nr][i].count;
		}
		if (!sum)
			continue;
		totals[v->nr] += sum;
		fprintf(to, "%2u %-19s%11" PRIu64, i, exit_acct_name(i), sum);
		for (nr = 0; nr < v->nr; nr++)
			fprintf(to, "%11" PRIu64, v->row[nr][i].count);
		fputc('\n', to);
	}
	fprintf(to, "   %-19s%11" PRIu64, "total", totals[v->nr]);
	for (nr = 0; nr < v->nr; nr++)
		fprintf(to, "%11" PRIu64, totals[nr]);
	fprintf(to, "\nCPUID: at most %" PRIu64 " of these are exitstat's own reads\n", l->reads);
}

static void print_csv(const struct vcpus *v, FILE *to)
{
	u32 i, nr;

	fprintf(to, "version,vcpu,reason,name,count,handler\n");
	for (nr = 0; nr < v->nr; nr++) {
		for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
			if (v->row[nr][i].count)
				fprintf(to, "%d,%u,%u,%s,%" PRIu64 ",%" PRIu64 "\n",
					EXITSTAT_VERSION, nr, i, exit_acct_name(i),
					v->row[nr][i].count, v->row[nr][i].handler);
		}
	}
}

bool vcpus_show(struct leaves *l, enum show_format format, FILE *to)
{
	struct vcpus v = { .nr = l->vcpus };
	u32 i;

	if (!l->extension || l->last < EXIT_ACCT_LEAF_VCPU)
		return false;
	v.row = calloc(v.nr, sizeof(*v.row));
	if (!v.row)
		return false;
	/* CPUID last: then the fewest reads are missing in it. */
	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (i != EXIT_REASON_CPUID)
			read_slot(l, &v, i);
	}
	read_slot(l, &v, EXIT_REASON_CPUID);
	if (format == SHOW_CSV)
		print_csv(&v, to);
	else
		print_table(l, &v, to);
	free(v.row);
	return true;
}
