// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the exits of one reason told apart as they should be? The numbers are made here from what
 * the emulator's processor and KVM's tracepoints say, by docs/accounting.md and not by our code.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "acct/exit_names.h"
#include "tools/apart.h"
#include "tools/table.h"
#include "tools/tool.h"

/* Who tells apart the exits of a reason. */
static const struct witness {
	uint64_t reason;
	bool by[DETAIL_WHO];
} witnesses[] = {
	{ EXIT_REASON_EXCEPTION_NMI, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_EXTERNAL_INTERRUPT, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_CPUID, { [APART_TRACE] = true } },
	{ EXIT_REASON_VMCALL, { [APART_TRACE] = true } },
	{ EXIT_REASON_CR_ACCESS, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_DR_ACCESS, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_IO_INSTRUCTION, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_MSR_READ, { [APART_EMULATOR] = true, [APART_TRACE] = true } },
	{ EXIT_REASON_MSR_WRITE, { [APART_EMULATOR] = true, [APART_TRACE] = true } },
	{ EXIT_REASON_EPT_VIOLATION, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_EPT_MISCONFIG, { [APART_EMULATOR] = true } },
	{ EXIT_REASON_RDMSR_IMM, { false } },
	{ EXIT_REASON_WRMSRNS_IMM, { false } },
};

static const char *const events[] = { "kvm_msr", "kvm_cpuid", "kvm_hypercall" };
#define EVENTS	(sizeof(events) / sizeof(events[0]))

/*
 * Source: SDM volume 3, "Exit Qualification for I/O Instructions", "... for Control-Register
 * Accesses", "... for MOV DR", "... for EPT Violations". An external interrupt that the processor
 * has not acknowledged has no vector ("VM-Exit Interruption-Information Field"): 0.
 */
bool apart_of(const struct emulator_exit *exit, uint64_t *number)
{
	uint64_t q = exit->qualification;

	switch (exit->reason) {
	case EXIT_REASON_EXTERNAL_INTERRUPT:
		*number = exit->told == EMULATOR_NOT_TOLD ? 0 : exit->told;
		return true;
	case EXIT_REASON_EXCEPTION_NMI:
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
		*number = exit->told;
		return true;
	case EXIT_REASON_IO_INSTRUCTION:	/* port; direction, width less 1 */
		*number = (q >> 16 & 0xffff) << 16 | (q & 15);
		return true;
	case EXIT_REASON_CR_ACCESS:	/* general register, access type, control register */
		*number = (q >> 8 & 15) << 8 | (q >> 4 & 3) << 4 | (q & 15);
		return true;
	case EXIT_REASON_DR_ACCESS:		/* general register, direction, debug register */
		*number = (q >> 8 & 15) << 8 | (q >> 4 & 1) << 4 | (q & 7);
		return true;
	case EXIT_REASON_EPT_VIOLATION:	/* page; read, write, fetch */
		*number = exit->told >> 12 << 12 | (q & 7);
		return true;
	case EXIT_REASON_EPT_MISCONFIG:
		*number = exit->told >> 12 << 12;
		return true;
	default:
		return false;
	}
}

unsigned int apart_event(const char *name)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (!strcmp(name, events[i]))
			return 1u << i;
	return 0;
}

const char *apart_missing(unsigned int there)
{
	for (size_t i = 0; i < EVENTS; i++)
		if (!(there & 1u << i))
			return events[i];
	return NULL;
}

bool apart_take(struct details *all, const struct record *r, enum apart_by by)
{
	struct detail key = { 0 };
	uint64_t count;

	if (!details_vcpu(r, &key.vcpu) || !record_number(r, "reason", &key.reason) ||
	    !record_number(r, "number", &key.number) || !record_number(r, "count", &count))
		return false;
	/* The accounting's own leaves are told apart without their subleaves. */
	if (key.reason == EXIT_REASON_CPUID && key.number >> 40 == 0x4fffff)
		key.number = key.number >> 32 << 32;
	/* A tracepoint shows all of RAX. */
	if (key.reason == EXIT_REASON_VMCALL)
		key.number = (uint32_t)key.number;
	details_at(all, &key)->count[by] += count;
	return true;
}

/* The comparison, and what was found so far. */
struct comparison {
	const struct exits *exits;
	const bool *has;
	bool several;			/* vCPUs */
	uint64_t reason;		/* that is looked at */
	FILE *rows, *wrong;		/* behind a reason's row what is wrong with it */
	unsigned int compared, differ;
};

static const struct witness *find_witness(uint64_t reason)
{
	static const struct witness none;

	for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++)
		if (witnesses[i].reason == reason)
			return &witnesses[i];
	return &none;
}

static void print_counts(const struct comparison *c, FILE *out, const bool by[DETAIL_WHO],
			 const uint64_t counts[DETAIL_WHO])
{
	fprintf(out, "%" PRIu64 "\t", counts[APART_OURS]);
	for (enum apart_by w = APART_EMULATOR; w < DETAIL_WHO; w++)
		if (c->has[w])
			fprintf(out, by[w] ? "%" PRIu64 "\t" : "-\t", counts[w]);
}

/* A row if somebody has counted another number of exits than we have. */
static void check(struct comparison *c, const struct detail *d, const bool by[DETAIL_WHO],
		  const uint64_t counts[DETAIL_WHO])
{
	static const char *const titles[DETAIL_WHO] = { "", "emulator", "tracepoint" };
	char text[120] = "the rest";
	bool differs = false;

	c->compared++;
	for (enum apart_by w = APART_EMULATOR; w < DETAIL_WHO; w++) {
		if (!c->has[w] || !by[w] || counts[w] == counts[APART_OURS])
			continue;
		if (!differs) {
			fprintf(c->wrong, "\t\t");
			if (c->several)
				fprintf(c->wrong, "vcpu%" PRIu64 " ", d->vcpu);
			if (!d->rest)
				exit_detail_text(c->reason, d->number, text, sizeof(text));
			fprintf(c->wrong, "%s\t", text);
			print_counts(c, c->wrong, by, counts);
		}
		fprintf(c->wrong, "%s %s %+" PRId64, differs ? "," : "DIFFERS:", titles[w],
			(int64_t)(counts[w] - counts[APART_OURS]));
		differs = true;
	}
	if (differs)
		fputc('\n', c->wrong);
	c->differ += differs;
}

/*
 * The numbers of a reason on one vCPU, @nr from @d on. One that is in our table has all of its
 * exits; those of all others are our rest. But of control registers several of ours are one here,
 * of which a part may be in the rest.
 */
static void check_vcpu(struct comparison *c, struct detail *const *d, size_t nr,
		       const bool by[DETAIL_WHO])
{
	struct detail rest = { .rest = true, .vcpu = d[0]->vcpu };

	if (d[nr - 1]->rest)
		rest = *d[--nr];
	for (size_t i = 0; i < nr; i++) {
		uint64_t ours = d[i]->count[APART_OURS];
		uint64_t counts[DETAIL_WHO] = { ours };

		for (enum apart_by w = APART_EMULATOR; w < DETAIL_WHO; w++) {
			counts[w] = d[i]->count[w];
			if (rest.count[APART_OURS] && counts[w] > ours &&
			    d[i]->number != EMULATOR_NOT_TOLD &&
			    (!ours || d[i]->reason == EXIT_REASON_CR_ACCESS)) {
				rest.count[w] += counts[w] - ours;
				counts[w] = ours;
			}
		}
		check(c, d[i], by, counts);
	}
	check(c, &rest, by, rest.count);
}

/* Our own numbers must add up to all exits of the reason, and to their cycles. */
static void check_sum(struct comparison *c, const char *what, uint64_t sum, uint64_t all)
{
	c->compared++;
	if (sum == all)
		return;
	c->differ++;
	fprintf(c->wrong, "\t\t%s\t%" PRIu64 "\t", what, sum);
	for (enum apart_by w = APART_EMULATOR; w < DETAIL_WHO; w++)
		if (c->has[w])
			fputs("-\t", c->wrong);
	fprintf(c->wrong, "DIFFERS: the reason has %" PRIu64 "\n", all);
}

/* Nobody else tells apart what is in the upper half of a control register's number. */
static void drop_upper_half(struct detail *d)
{
	if (d->reason == EXIT_REASON_CR_ACCESS)
		d->number = (uint32_t)d->number;
}

/* All of one reason, @nr from @d on. */
static void compare_reason(struct comparison *c, uint64_t reason, struct detail *const *d,
			   size_t nr)
{
	const struct slot *all = &c->exits->by[log_slot(reason)];
	const struct witness *witness = find_witness(reason);
	uint64_t sum[DETAIL_WHO] = { 0 }, handler = 0, numbers = 0, rest = 0;
	unsigned int differ = c->differ;
	size_t size = 0, i, j;
	bool seen = false;
	char *wrong;

	c->reason = reason;
	c->wrong = open_memstream(&wrong, &size);
	for (i = 0; i < nr; i = j) {
		for (j = i; j < nr && d[j]->vcpu == d[i]->vcpu; j++) {
			for (enum apart_by w = 0; w < DETAIL_WHO; w++)
				sum[w] += d[j]->count[w];
			handler += d[j]->handler[APART_OURS];
			numbers += d[j]->count[APART_OURS] && !d[j]->rest;
			rest += d[j]->rest ? d[j]->count[APART_OURS] : 0;
		}
		check_vcpu(c, d + i, j - i, witness->by);
	}
	check_sum(c, "exits", sum[APART_OURS], all->count);
	check_sum(c, "cycles", handler, all->handler);
	fclose(c->wrong);
	for (enum apart_by w = APART_EMULATOR; w < DETAIL_WHO; w++)
		seen |= c->has[w] && witness->by[w];
	fprintf(c->rows, "%" PRIu64 "\t%s\t%" PRIu64 " number%s", reason,
		exit_acct_name(reason), numbers, numbers == 1 ? "" : "s");
	fprintf(c->rows, rest ? ", rest %" PRIu64 "\t" : "\t", rest);
	print_counts(c, c->rows, witness->by, sum);
	fprintf(c->rows, "%s\n%s", c->differ != differ ? "DIFFERS" : seen ? "equal" :
		"adds up; no witness", wrong);
	free(wrong);
}

bool apart_compare(struct details *all, const struct exits *exits, uint64_t vcpu,
		     const bool has[DETAIL_WHO])
{
	struct column columns[3 + DETAIL_WHO + 1] = {
		{ NULL, "reason", 0, 0 }, { NULL, "name", -22, 2 }, { NULL, "number", -12, 2 },
		{ NULL, "ours", 10, 2 },
	};
	struct comparison c = { .exits = exits, .has = has };
	struct table table;
	size_t nr = 4, i, end;

	if (has[APART_EMULATOR])
		columns[nr++] = (struct column) { NULL, "emulator", 10, 2 };
	if (has[APART_TRACE])
		columns[nr++] = (struct column) { NULL, "tracepoint", 10, 2 };
	columns[nr++] = (struct column) { NULL, "verdict", -1, 2 };
	table_open(&table, columns, nr);
	c.rows = table.rows;
	*all = details_sum(all, drop_upper_half);
	for (i = 0, nr = 0; i < all->nr; i++)
		if (vcpu == MACHINE_CPUS_MAX || all->sorted[i]->vcpu == vcpu)
			all->sorted[nr++] = all->sorted[i];
	for (i = 0; i < nr; i++)
		c.several |= all->sorted[i]->vcpu != all->sorted[0]->vcpu;
	/* Each reason that somebody has, and those that our log should have told apart. */
	for (uint64_t reason = 0, begin = 0; reason < EXIT_ACCT_SLOTS || begin < nr; reason++) {
		if (reason >= EXIT_ACCT_SLOTS)
			reason = all->sorted[begin]->reason;
		for (end = begin; end < nr && all->sorted[end]->reason == reason; end++)
			;
		if (end > begin || (find_witness(reason)->reason == reason &&
				    exits->by[log_slot(reason)].count))
			compare_reason(&c, reason, all->sorted + begin, end - begin);
		begin = end;
	}
	printf("\nExits of one reason, told apart by a number\n\n");
	table_print(stdout, &table);
	if (c.differ)
		printf("\n%u of %u counts and sums differ\n", c.differ, c.compared);
	else
		printf("\nall %u counts and sums are equal\n", c.compared);
	return !c.differ;
}
