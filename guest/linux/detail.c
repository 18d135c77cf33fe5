// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of exits, read by the leaves.
 *
 * One table takes two CPUIDs for each of its places, and each of those is counted there, by its
 * leaf. So a reading has the numbers of the accounting's leaves last, and begins with those that
 * the one before it ended with: in between there are as many reads as there are such numbers, all
 * of one leaf, however many it took to read the others. They are all raised on one vCPU, for which
 * the process stays where it is.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "guest/linux/detail.h"
#include "tools/record.h"

/* A number that our own reads are among: of an accounting leaf, or CPUID's rest. */
struct own {
	u32 vcpu, place;
	struct number is;
};

struct reading {
	struct numbers *each;		/* of each vCPU, without what is in @own */
	u32 *untold, untold_nr;		/* vCPUs that have no table: nothing of them is in it */
	struct own *own;
	size_t own_nr, own_room;
	struct number *before;		/* those of the reading before it, as they are now */
	double begin, end;
};

u32 detail_reason(const char *text)
{
	uint64_t number;
	u32 i;

	if (!record_parse(text, &number))
		number = DETAIL_ALL;
	for (i = 0; i < EXIT_ACCT_OTHER; i++) {
		if (!exit_acct_defined(i) || (i != number && strcasecmp(text, exit_acct_name(i))))
			continue;
		if (exit_detail_kind(i))
			return i;
		fprintf(stderr, "exitstat: --detail: nothing tells exits of %s apart\n",
			exit_acct_name(i));
		return DETAIL_ALL;
	}
	fprintf(stderr, "exitstat: --detail: \"%s\" is no exit reason, neither number nor name\n",
		text);
	return DETAIL_ALL;
}

bool detail_find(struct leaves *l)
{
	u32 v;

	if (l->extension && l->last >= EXIT_ACCT_LEAF_DETAIL_COUNT) {
		for (v = 0; v < l->vcpus; v++) {
			if (leaf_read(l, EXIT_ACCT_LEAF_DETAIL, v << 16).edx)
				return true;
		}
		snprintf(l->why, sizeof(l->why), "--detail: exits of one reason are not told apart "
			 "here: that takes %s before the VM starts",
			 l->target == EXIT_ACCT_TARGET_HV ? "hv with detail=1" :
			 "kvm.ko with detail=Y");
	} else {
		snprintf(l->why, sizeof(l->why), "--detail: this hypervisor has no leaves that "
			 "tell exits of one reason apart");
	}
	return false;
}

/* For numbers of ours: a migration would put them into another vCPU's table. */
static void stay(struct leaves *l)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	/* From now on both leaves have their places. */
	leaf_read(l, EXIT_ACCT_LEAF_DETAIL, 0);
	leaf_read(l, EXIT_ACCT_LEAF_DETAIL_COUNT, 0);
}

static void read_count(struct leaves *l, u32 vcpu, u32 place, struct number *n)
{
	struct exit_acct_regs r = leaf_read(l, EXIT_ACCT_LEAF_DETAIL_COUNT, place | vcpu << 16);

	n->count = pair(r.eax, r.ebx);
	n->handler = pair(r.ecx, r.edx);
}

static bool is_own(const struct number *n)
{
	return n->reason == EXIT_REASON_CPUID &&
	       (n->kind == NUMBER_REST || exit_acct_is_leaf(n->number >> 32));
}

static void add_own(struct reading *r, u32 vcpu, u32 place, const struct number *is)
{
	if (r->own_nr == r->own_room) {
		r->own_room = r->own_room ? 2 * r->own_room : 16;
		r->own = realloc(r->own, r->own_room * sizeof(*r->own));
		if (!r->own)
			abort();
	}
	r->own[r->own_nr++] = (struct own) { vcpu, place, *is };
}

/*
 * Has a vCPU in whose table nothing was found no table? If there were exits that have a number, and
 * there is none still: it may have begun to run meanwhile.
 */
static bool is_untold(struct leaves *l, u32 vcpu)
{
	bool any = false;
	u32 reason;

	for (reason = 0; reason < EXIT_ACCT_OTHER && !any; reason++) {
		struct exit_acct_regs c = { 0 };

		if (exit_detail_kind(reason))
			c = leaf_read(l, EXIT_ACCT_LEAF_VCPU, reason | vcpu << 16);
		any = c.eax || c.ebx;
	}
	return any && !leaf_read(l, EXIT_ACCT_LEAF_DETAIL, vcpu << 16).edx;
}

/* Returns false if there is nothing in it, or no table. */
static bool read_table(struct leaves *l, u32 vcpu, struct reading *r)
{
	struct exit_acct_regs d;
	u32 place = 0;

	for (;; place++) {
		struct number n = { 0 };

		d = leaf_read(l, EXIT_ACCT_LEAF_DETAIL, place | vcpu << 16);
		if (!d.edx || d.edx <= place)
			return place;
		place = d.edx - 1;
		n.reason = d.ecx < EXIT_ACCT_OTHER ? d.ecx : EXIT_ACCT_OTHER;
		if (place < EXIT_DETAIL_REST)
			n.number = pair(d.eax, d.ebx);
		else
			n.kind = NUMBER_REST;
		if (is_own(&n)) {
			add_own(r, vcpu, place, &n);
		} else {
			read_count(l, vcpu, place, &n);
			numbers_add(&r->each[vcpu], &n);
		}
	}
}

/* Reasons that have no numbers, and are a part of all exits. */
static void read_others(struct leaves *l, u32 vcpu, struct reading *r)
{
	struct number n = { .kind = NUMBER_NONE };

	for (n.reason = 0; n.reason < EXIT_ACCT_SLOTS; n.reason++) {
		const bool other = n.reason == EXIT_ACCT_OTHER;
		struct exit_acct_regs c;

		if (exit_detail_kind(n.reason) || (!other && !exit_acct_defined(n.reason)))
			continue;
		c = leaf_read(l, EXIT_ACCT_LEAF_VCPU,
			      (other ? EXIT_ACCT_LEAF_OTHER : n.reason) | vcpu << 16);
		n.count = pair(c.eax, c.ebx);
		n.handler = pair(c.ecx, c.edx);
		if (n.count)
			numbers_add(&r->each[vcpu], &n);
	}
}

static bool is_count(const struct number *n)
{
	return n->kind == NUMBER && n->number >> 32 == EXIT_ACCT_LEAF_DETAIL_COUNT;
}

/* The last is the one whose leaf it is read by: if there is one, it has all of our reads. */
static int by_reading(const void *a, const void *b)
{
	const struct own *x = a, *y = b;

	if (is_count(&x->is) != is_count(&y->is))
		return is_count(&x->is) ? 1 : -1;
	if (x->vcpu != y->vcpu)
		return x->vcpu < y->vcpu ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

/* @last: the reading before it, or NULL */
static void take(struct leaves *l, const struct reading *last, struct reading *r)
{
	size_t i;
	u32 v;

	*r = (struct reading) { .begin = monotonic() };
	r->each = calloc(l->vcpus + 1, sizeof(*r->each));
	r->untold = calloc(l->vcpus + 1, sizeof(*r->untold));
	if (last)
		r->before = calloc(last->own_nr + 1, sizeof(*r->before));
	if (!r->each || !r->untold || (last && !r->before))
		abort();
	for (i = 0; last && i < last->own_nr; i++) {
		r->before[i] = last->own[i].is;
		read_count(l, last->own[i].vcpu, last->own[i].place, &r->before[i]);
	}
	for (v = 0; v < l->vcpus; v++) {
		read_others(l, v, r);
		if (!read_table(l, v, r) && is_untold(l, v)) {
			numbers_free(&r->each[v]);
			r->untold[r->untold_nr++] = v;
		}
	}
	if (r->own_nr)
		qsort(r->own, r->own_nr, sizeof(*r->own), by_reading);
	for (i = 0; i < r->own_nr; i++)
		read_count(l, r->own[i].vcpu, r->own[i].place, &r->own[i].is);
	r->end = monotonic();
}

static void forget(struct leaves *l, struct reading *r)
{
	u32 v;

	for (v = 0; r->each && v < l->vcpus; v++)
		numbers_free(&r->each[v]);
	free(r->each);
	free(r->untold);
	free(r->own);
	free(r->before);
	*r = (struct reading) { 0 };
}

static const struct own *find_own(const struct reading *r, const struct own *o)
{
	size_t i;

	for (i = 0; i < r->own_nr; i++) {
		if (r->own[i].vcpu == o->vcpu && r->own[i].place == o->place)
			return &r->own[i];
	}
	return NULL;
}

/* All that a reading has, of one vCPU or of all. */
static struct numbers since_start(const struct leaves *l, const struct reading *r, int vcpu)
{
	struct numbers n = { 0 };
	size_t i;
	u32 v;

	for (v = 0; v < l->vcpus; v++) {
		if (vcpu < 0 || v == (u32)vcpu)
			numbers_add_all(&n, &r->each[v]);
	}
	for (i = 0; i < r->own_nr; i++) {
		if (vcpu < 0 || r->own[i].vcpu == (u32)vcpu)
			numbers_add(&n, &r->own[i].is);
	}
	numbers_sum(&n);
	return n;
}

/* @reads of the leaf of counts, which all take as long; if it found no place, of CPUID's rest. */
static void take_off(struct numbers *n, u64 reads)
{
	struct number *from = NULL;
	size_t i;

	for (i = 0; i < n->nr && (!from || from->kind == NUMBER_REST); i++) {
		struct number *one = &n->at[i];

		if (is_own(one) && one->count && (one->kind == NUMBER_REST || is_count(one)))
			from = one;
	}
	if (!from)
		return;
	reads = reads < from->count ? reads : from->count;
	from->handler -= from->handler / from->count * reads;
	from->count -= reads;
	if (!from->count)
		from->handler = 0;
}

/* What happened between two; our own reads are taken off, @own is how many. */
static struct numbers difference(const struct leaves *l, const struct reading *a,
				 const struct reading *b, u64 *own)
{
	struct numbers n = { 0 }, before = { 0 };
	size_t i;
	u32 v;

	for (v = 0; v < l->vcpus; v++) {
		numbers_add_all(&n, &b->each[v]);
		numbers_add_all(&before, &a->each[v]);
	}
	for (i = 0; i < a->own_nr; i++) {
		numbers_add(&n, &b->before[i]);
		numbers_add(&before, &a->own[i].is);
	}
	/* What is new are other programs' reads: ours have had their places. */
	for (i = 0; i < b->own_nr; i++) {
		if (!find_own(a, &b->own[i]))
			numbers_add(&n, &b->own[i].is);
	}
	numbers_sum(&n);
	numbers_sum(&before);
	numbers_subtract(&n, &before);
	n.seconds = b->begin - a->end;
	numbers_free(&before);
	*own = a->own_nr;
	take_off(&n, *own);
	return n;
}

void detail_show_all(struct leaves *l, const struct detail_options *o, FILE *to)
{
	struct view v = { .kind = SHOW_SINCE_START, .vcpu = -1 };
	u32 each = o->vcpu ? l->vcpus : 1, i;
	struct reading r;

	stay(l);
	take(l, NULL, &r);
	v.own = l->reads;
	v.untold = r.untold;
	v.untold_nr = r.untold_nr;
	for (i = 0; i < each; i++) {
		struct numbers n;

		v.vcpu = o->vcpu ? (int)i : -1;
		n = since_start(l, &r, v.vcpu);
		if (i && o->format == SHOW_TABLE)
			fputc('\n', to);
		detail_show(l, &v, &n, o, !i, to);
		numbers_free(&n);
	}
	forget(l, &r);
}

/* Around a command, or an interval. */
struct between {
	struct leaves *l;
	const struct detail_options *o;
	struct reading last, now;
};

static void show_between(struct between *b, struct view *v, bool first, FILE *to)
{
	struct numbers n = difference(b->l, &b->last, &b->now, &v->own);

	v->untold = b->now.untold;
	v->untold_nr = b->now.untold_nr;
	detail_show(b->l, v, &n, b->o, first, to);
	numbers_free(&n);
}

static void before_command(void *ctx)
{
	struct between *b = ctx;

	stay(b->l);
	take(b->l, NULL, &b->last);
}

static void after_command(void *ctx)
{
	struct between *b = ctx;

	take(b->l, &b->last, &b->now);
}

static void show_command(void *ctx, int exit_code, FILE *to)
{
	struct view v = { .kind = SHOW_COMMAND, .vcpu = -1, .exit_code = exit_code };

	show_between(ctx, &v, true, to);
}

int detail_command(struct leaves *l, const struct detail_options *o, char **argv, FILE *to)
{
	struct between b = { .l = l, .o = o };
	const struct around a = { before_command, after_command, show_command, &b };
	int code = command_around(&a, argv, to);

	forget(l, &b.last);
	forget(l, &b.now);
	return code;
}

static bool live_round(void *ctx, unsigned long n, unsigned int lines, FILE *to)
{
	struct between *b = ctx;
	struct view v = { .kind = n ? SHOW_INTERVAL : SHOW_SINCE_START, .vcpu = -1 };

	take(b->l, n ? &b->last : NULL, &b->now);
	if (n) {
		show_between(b, &v, n == 1, to);
	} else if (lines) {
		struct numbers all = since_start(b->l, &b->now, -1);

		v.own = b->l->reads;
		v.untold = b->now.untold;
		v.untold_nr = b->now.untold_nr;
		detail_show(b->l, &v, &all, b->o, true, to);
		numbers_free(&all);
	}
	if (n && !lines && b->o->format == SHOW_TABLE)
		fputc('\n', to);
	forget(b->l, &b->last);
	b->last = b->now;
	b->now = (struct reading) { 0 };
	return true;
}

void detail_live(struct leaves *l, const struct detail_options *o, double interval,
		 unsigned long times, FILE *to)
{
	struct between b = { .l = l, .o = o };

	stay(l);
	live_loop(&(struct live) { .interval = interval, .times = times, .ctx = &b,
				   .table = o->format == SHOW_TABLE, .round = live_round }, to);
	forget(l, &b.last);
}
