// SPDX-License-Identifier: GPL-2.0-only
/* Counters as a table for people, and as CSV and JSON (docs/exitstat.md). */
#include <inttypes.h>
#include <stdlib.h>
#include "guest/linux/exitstat.h"
#include "guest/linux/host.h"

static const char *const kinds[] = {
	[SHOW_SINCE_START]	= "since_start",
	[SHOW_COMMAND]		= "command",
	[SHOW_INTERVAL]		= "interval",
};

/* What is sorted: rows with anything in them. */
struct order {
	u32 slot[EXIT_ACCT_SLOTS];
	u32 n;
};

static int by_count(const void *a, const void *b, void *s)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;
	const struct exit_row *row = ((const struct snapshot *)s)->row;

	if (row[x].count != row[y].count)
		return row[x].count < row[y].count ? 1 : -1;
	return x < y ? -1 : 1;
}

static struct order sorted(const struct snapshot *s)
{
	struct order o = { .n = 0 };
	u32 i;

	for (i = 0; i < EXIT_ACCT_SLOTS; i++) {
		if (s->row[i].count || s->row[i].failed)
			o.slot[o.n++] = i;
	}
	qsort_r(o.slot, o.n, sizeof(o.slot[0]), by_count, (void *)s);
	return o;
}

/* Nothing is ever divided by zero: what cannot be known is a dash. */
static void ratio(FILE *to, const char *format, int width, bool known, double a, double b)
{
	if (known && b > 0)
		fprintf(to, format, width, a / b);
	else
		fprintf(to, "%*s", width, "-");
}

void show_head(const struct leaves *l, const struct view *v, const char *by, FILE *to)
{
	static const char *const titles[] = {
		[SHOW_SINCE_START]	= "VM exits since the VM started",
		[SHOW_COMMAND]		= "VM exits while the command ran",
		[SHOW_INTERVAL]		= "VM exits in the interval",
	};
	const char *target = "unknown hypervisor";

	if (l->target == EXIT_ACCT_TARGET_HV)
		target = "hv";
	else if (l->target == EXIT_ACCT_TARGET_KVM)
		target = "KVM";
	fprintf(to, "%s%s: ", titles[v->kind], by);
	if (v->vm)
		fprintf(to, "VM %u-%u, %s", v->vm->pid, v->vm->fd, v->vm->name);
	else
		fprintf(to, "%s", target);
	if (!v->vm && !*by)
		fprintf(to, ", map %s", exit_acct_map_name(l->map));
	if (l->vcpus)
		fprintf(to, ", %u vCPU%s", l->vcpus, l->vcpus == 1 ? "" : "s");
	if (!l->extension)
		fprintf(to, ", 32 bits of a count");
	if (v->kind != SHOW_SINCE_START)
		fprintf(to, ", %.3f s", v->s->seconds);
	fprintf(to, "\n\n");
}

static void table_head(const struct leaves *l, const struct view *v, FILE *to)
{
	show_head(l, v, "", to);
	fprintf(to, "nr exit reason              exits       %%");
	if (v->kind != SHOW_SINCE_START)
		fprintf(to, "     exits/s");
	fprintf(to, "        cycles cycles/exit  round trip");
	if (v->since_start)
		fprintf(to, "  since start");
	fprintf(to, "\n");
}

/* As wide as a serial console: what is beyond 80 columns can be missed. */
static void table_row(const struct leaves *l, const struct view *v, const struct exit_row *row,
		      const struct exit_row *total, bool has_handler, FILE *to)
{
	fprintf(to, "%11" PRIu64, row->count);
	ratio(to, "%*.2f", 8, true, 100.0 * row->count, total->count);
	if (v->kind != SHOW_SINCE_START)
		ratio(to, "%*.1f", 12, true, row->count, v->s->seconds);
	if (has_handler)
		fprintf(to, "%14" PRIu64, row->handler);
	else
		fprintf(to, "%14s", "-");
	ratio(to, "%*.0f", 12, has_handler, row->handler, row->count);
	ratio(to, "%*.0f", 12, l->extension, row->round_trip, row->count);
}

void show_own(const struct view *v, const char *about, FILE *to)
{
	if (v->vm)
		return;
	if (v->kind == SHOW_SINCE_START)
		fprintf(to, "CPUID: %s%" PRIu64 " of these are exitstat's own reads\n", about,
			v->own);
	else
		fprintf(to, "CPUID: exitstat's own reads, %" PRIu64 ", are taken off\n", v->own);
	if (v->kind == SHOW_COMMAND)
		fprintf(to, "exit code of the command: %d\n", v->exit_code);
}

static void table_foot(const struct view *v, const struct exit_row *total, FILE *to)
{
	u32 i;

	for (i = 0; total->failed && i < EXIT_ACCT_SLOTS; i++) {
		if (v->s->row[i].failed)
			fprintf(to, "failed VM entries (no exits): %u %s: %" PRIu64 "\n", i,
				exit_acct_name(i), v->s->row[i].failed);
	}
	if (v->s->synthesised)
		fprintf(to, "exits made up without an entry (not counted): %" PRIu64 "\n",
			v->s->synthesised);
	if (v->s->handler_lost | v->s->round_trip_lost)
		fprintf(to, "times not known, the TSC went back: %" PRIu64 " of handlers, %" PRIu64
			" of round trips\n", v->s->handler_lost, v->s->round_trip_lost);
	show_own(v, "", to);
}

static void show_table(const struct leaves *l, const struct view *v, const struct order *o,
		       const struct exit_row *total, FILE *to)
{
	u32 i, n = o->n;

	/* Around the rows: three lines above, the total and the foot below. */
	if (v->lines && n + 6 > v->lines)
		n = v->lines > 6 ? v->lines - 6 : 0;
	table_head(l, v, to);
	for (i = 0; i < n; i++) {
		u32 slot = o->slot[i];

		if (!v->s->row[slot].count)
			continue;
		if (slot == EXIT_ACCT_OTHER)
			fprintf(to, " -");
		else
			fprintf(to, "%2u", slot);
		fprintf(to, " %-19s", exit_acct_name(slot));
		table_row(l, v, &v->s->row[slot], total, l->handler, to);
		if (v->since_start)
			fprintf(to, "%13" PRIu64, v->since_start->row[slot].count);
		fprintf(to, "\n");
	}
	fprintf(to, "   %-19s", "total");
	table_row(l, v, total, total, true, to);
	if (v->since_start)
		fprintf(to, "%13" PRIu64, snapshot_total(v->since_start).count);
	fprintf(to, "\n");
	table_foot(v, total, to);
}

/* A figure that no leaf has is an empty field. */
static void csv_cycles(const struct leaves *l, const struct exit_row *row, bool has_handler,
		       FILE *to)
{
	fprintf(to, ",%" PRIu64 ",", row->count);
	if (has_handler)
		fprintf(to, "%" PRIu64, row->handler);
	fprintf(to, ",");
	if (l->extension)
		fprintf(to, "%" PRIu64 ",%" PRIu64 "\n", row->round_trip, row->failed);
	else
		fprintf(to, ",\n");
}

void show_csv_begin(const struct view *v, bool by_vcpu, char *begin, size_t size)
{
	char seconds[32] = "", vm[48] = "", vcpu[16] = "";

	if (v->kind != SHOW_SINCE_START)
		snprintf(seconds, sizeof(seconds), "%.6f", v->s->seconds);
	if (v->vm)
		snprintf(vm, sizeof(vm), "%u-%u,", v->vm->pid, v->vm->fd);
	if (by_vcpu && v->vcpu >= 0)
		snprintf(vcpu, sizeof(vcpu), "%d", v->vcpu);
	snprintf(begin, size, "%d,%s%s%s%s,%s", EXITSTAT_VERSION, vm, vcpu, by_vcpu ? "," : "",
		 kinds[v->kind], seconds);
}

static void show_csv(const struct leaves *l, const struct view *v, const struct order *o,
		     const struct exit_row *total, bool first, FILE *to)
{
	char begin[128];
	u32 i;

	if (first)
		fprintf(to, "version,%skind,seconds,reason,name,count,handler,round_trip,failed\n",
			v->vm ? "vm,vcpu," : "");
	show_csv_begin(v, v->vm, begin, sizeof(begin));
	for (i = 0; i < o->n; i++) {
		u32 slot = o->slot[i];

		if (slot == EXIT_ACCT_OTHER)
			fprintf(to, "%s,other,%s", begin, exit_acct_name(slot));
		else
			fprintf(to, "%s,%u,%s", begin, slot, exit_acct_name(slot));
		csv_cycles(l, &v->s->row[slot], l->handler, to);
	}
	if (!v->vm)
		fprintf(to, "%s,own,READS,%" PRIu64 ",,,\n", begin, v->own);
	fprintf(to, "%s,total,TOTAL", begin);
	csv_cycles(l, total, true, to);
}

static void json_figure(FILE *to, const char *name, bool known, u64 value)
{
	if (known)
		fprintf(to, ",\"%s\":%" PRIu64, name, value);
	else
		fprintf(to, ",\"%s\":null", name);
}

static void json_figures(const struct leaves *l, const struct exit_row *row, bool has_handler,
			 FILE *to)
{
	fprintf(to, "\"count\":%" PRIu64, row->count);
	json_figure(to, "handler", has_handler, row->handler);
	json_figure(to, "round_trip", l->extension, row->round_trip);
	json_figure(to, "failed", l->extension, row->failed);
	fprintf(to, "}");
}

/* One object in one line, so that a reader of several may go line by line. */
void show_json_begin(const struct leaves *l, const struct view *v, bool by_vcpu, FILE *to)
{
	fprintf(to, "{\"version\":%d", EXITSTAT_VERSION);
	if (v->vm) {
		fprintf(to, ",\"vm\":\"%u-%u\",\"pid\":%u,\"vm_name\":\"%s\"", v->vm->pid,
			v->vm->fd, v->vm->pid, v->vm->name);
	}
	if (by_vcpu)
		json_figure(to, "vcpu", v->vcpu >= 0, v->vcpu);
	fprintf(to, ",\"kind\":\"%s\",\"target\":%s,\"map\":", kinds[v->kind],
		l->target == EXIT_ACCT_TARGET_HV ? "\"hv\"" :
		l->target == EXIT_ACCT_TARGET_KVM ? "\"kvm\"" : "null");
	fprintf(to, v->vm ? "null" : "\"%s\"", exit_acct_map_name(l->map));
	fprintf(to, ",\"extension\":%s", l->extension ? "true" : "false");
	json_figure(to, "vcpus", l->vcpus, l->vcpus);
	if (v->kind == SHOW_SINCE_START)
		fprintf(to, ",\"seconds\":null");
	else
		fprintf(to, ",\"seconds\":%.6f", v->s->seconds);
	json_figure(to, "exit_code", v->kind == SHOW_COMMAND, v->exit_code);
	fprintf(to, ",\"own_reads\":%" PRIu64 ",\"own_reads_taken_off\":%s,\"rows\":[", v->own,
		v->kind == SHOW_SINCE_START ? "false" : "true");
}

static void show_json(const struct leaves *l, const struct view *v, const struct order *o,
		      const struct exit_row *total, FILE *to)
{
	u32 i;

	show_json_begin(l, v, v->vm, to);
	for (i = 0; i < o->n; i++) {
		u32 slot = o->slot[i];

		fprintf(to, "%s{\"reason\":", i ? "," : "");
		if (slot == EXIT_ACCT_OTHER)
			fprintf(to, "null");
		else
			fprintf(to, "%u", slot);
		fprintf(to, ",\"name\":\"%s\",", exit_acct_name(slot));
		json_figures(l, &v->s->row[slot], l->handler, to);
	}
	fprintf(to, "]");
	json_figure(to, "synthesised", l->extension, v->s->synthesised);
	json_figure(to, "handler_lost", l->extension, v->s->handler_lost);
	json_figure(to, "round_trip_lost", l->extension, v->s->round_trip_lost);
	fprintf(to, ",\"total\":{");
	json_figures(l, total, true, to);
	fprintf(to, "}\n");
}

void show(const struct leaves *l, const struct view *v, enum show_format format, bool first,
	  FILE *to)
{
	struct exit_row total = snapshot_total(v->s);
	struct order o = sorted(v->s);

	switch (format) {
	case SHOW_TABLE:
		show_table(l, v, &o, &total, to);
		break;
	case SHOW_CSV:
		show_csv(l, v, &o, &total, first, to);
		break;
	case SHOW_JSON:
		show_json(l, v, &o, &total, to);
		break;
	}
}
