// SPDX-License-Identifier: GPL-2.0-only
/* The exits of the VMs that this host runs, of each by itself, once or interval by interval. */
#include <stdlib.h>
#include <string.h>
#include "guest/linux/host.h"

/* A VM's counters at one time. */
struct reading {
	u32 pid, fd;
	struct snapshot vm, *each;	/* and those of its vCPUs, where they are wanted */
	struct numbers *numbers;	/* of each vCPU, where those are wanted */
	u32 nr, *vcpu;			/* which those are */
	u32 *untold, untold_nr;		/* and which do not tell their exits apart */
};

struct rounds {
	struct host *h;
	const struct host_options *o;
	struct reading *last;
	u32 last_nr;
	double last_seconds;
	bool named;			/* CSV: the columns are */
};

static bool take(struct rounds *r, const struct vm *vm, struct reading *now)
{
	u32 i;

	*now = (struct reading) { .pid = vm->pid, .fd = vm->fd };
	if (!vm_read(r->h, vm, &now->vm))
		return false;
	if (!r->o->vcpu && !r->o->detail)
		return true;
	now->each = calloc(vm->vcpus + 1, sizeof(*now->each) + 2 * sizeof(*now->vcpu));
	now->numbers = calloc(vm->vcpus + 1, sizeof(*now->numbers));
	if (!now->each || !now->numbers)
		return false;
	now->nr = vm->vcpus;
	now->vcpu = (u32 *)(now->each + now->nr + 1);
	now->untold = now->vcpu + now->nr;
	memcpy(now->vcpu, vm->vcpu, now->nr * sizeof(*now->vcpu));
	/* One that goes meanwhile goes with its VM, and has nothing to show. */
	for (i = 0; i < now->nr; i++) {
		now->numbers[i].seconds = now->vm.seconds;
		if (!r->o->detail)
			vm_read_vcpu(r->h, vm, vm->vcpu[i], &now->each[i]);
		else if (!vm_told(r->h, vm, vm->vcpu[i]))
			now->untold[now->untold_nr++] = vm->vcpu[i];
		else if (!vm_read_numbers(r->h, vm, vm->vcpu[i], &now->numbers[i]))
			return false;
	}
	return now->untold_nr < now->nr || !r->o->detail;
}

static void drop(struct reading *one)
{
	u32 i;

	for (i = 0; one->numbers && i < one->nr; i++)
		numbers_free(&one->numbers[i]);
	free(one->numbers);
	free(one->each);
}

static void forget(struct reading *all, u32 nr)
{
	while (nr--)
		drop(&all[nr]);
	free(all);
}

/* What is shown of a VM, and of its vCPUs. */
struct shown {
	struct leaves l;
	struct view v;
	const struct vm *vm;
	const struct snapshot *each;
	const struct numbers *numbers;
};

static void show_vcpus(struct rounds *r, struct shown *s, FILE *to)
{
	u32 i;

	if (r->o->format == SHOW_TABLE) {
		vcpus_table(&s->l, &s->v, s->vm->vcpu, s->each, s->vm->vcpus, to);
		return;
	}
	for (i = 0; i < s->vm->vcpus; i++) {
		s->v.vcpu = s->vm->vcpu[i];
		s->v.s = &s->each[i];
		show(&s->l, &s->v, r->o->format, !r->named, to);
		r->named = true;
	}
}

static void show_numbers_of(struct rounds *r, struct shown *s, const struct numbers *n, FILE *to)
{
	const struct detail_options how = { .reason = r->o->reason, .format = r->o->format };

	detail_show(&s->l, &s->v, n, &how, !r->named, to);
	r->named = true;
}

static void show_numbers(struct rounds *r, struct shown *s, FILE *to)
{
	struct numbers all = { 0 };
	u32 i;

	for (i = 0; i < s->vm->vcpus; i++) {
		if (r->o->vcpu) {
			s->v.vcpu = s->vm->vcpu[i];
			show_numbers_of(r, s, &s->numbers[i], to);
		} else {
			numbers_add_all(&all, &s->numbers[i]);
			all.seconds = s->numbers[i].seconds;
		}
	}
	numbers_sum(&all);
	if (!r->o->vcpu)
		show_numbers_of(r, s, &all, to);
	numbers_free(&all);
}

/* @s: its snapshots are those to be shown */
static void show_vm(struct rounds *r, struct shown *s, FILE *to)
{
	if (r->o->detail)
		show_numbers(r, s, to);
	else if (r->o->vcpu)
		show_vcpus(r, s, to);
	else
		show(&s->l, &s->v, r->o->format, !r->named, to);
	r->named = true;
	if (r->o->format == SHOW_TABLE)
		fputc('\n', to);
}

/* The same VM; another one may have got the names of one that has gone. */
static const struct reading *find_last(const struct rounds *r, const struct reading *now)
{
	u32 i;

	for (i = 0; i < r->last_nr; i++) {
		const struct reading *last = &r->last[i];

		if (last->pid == now->pid && last->fd == now->fd)
			return snapshot_total(&last->vm).count > snapshot_total(&now->vm).count ?
				NULL : last;
	}
	return NULL;
}

/* A vCPU that has come since may be in front of others; -1: it was not there. */
static int find_vcpu(const struct reading *last, u32 vcpu)
{
	u32 i;

	for (i = 0; last && i < last->nr; i++) {
		if (last->vcpu[i] == vcpu)
			return i;
	}
	return -1;
}

/* A VM, or a vCPU, that was not there before began at 0. */
static void subtract(const struct leaves *l, const struct rounds *r, const struct snapshot *last,
		     const struct snapshot *now, struct snapshot *difference)
{
	static const struct read_cost nothing;
	const struct snapshot zero = { .seconds = r->last_seconds };

	snapshot_difference(l, last ? last : &zero, now, &nothing, difference);
}

static void subtract_numbers(const struct rounds *r, const struct numbers *last,
			     const struct numbers *now, struct numbers *difference)
{
	const struct numbers zero = { .seconds = r->last_seconds };

	numbers_add_all(difference, now);
	difference->seconds = now->seconds;
	numbers_subtract(difference, last ? last : &zero);
}

static void show_interval(struct rounds *r, struct shown *s, const struct reading *now, FILE *to)
{
	const struct reading *last = find_last(r, now);
	struct snapshot vm, *each = calloc(now->nr + 1, sizeof(*each));
	struct numbers *numbers = calloc(now->nr + 1, sizeof(*numbers));
	u32 i;

	if (!each || !numbers)
		return;
	subtract(&s->l, r, last ? &last->vm : NULL, &now->vm, &vm);
	for (i = 0; i < now->nr; i++) {
		int at = find_vcpu(last, now->vcpu[i]);

		subtract(&s->l, r, at < 0 ? NULL : &last->each[at], &now->each[i], &each[i]);
		subtract_numbers(r, at < 0 ? NULL : &last->numbers[at], &now->numbers[i],
				 &numbers[i]);
	}
	s->v.kind = SHOW_INTERVAL;
	s->v.s = &vm;
	s->v.since_start = r->o->vcpu ? NULL : &now->vm;
	s->each = each;
	s->numbers = numbers;
	show_vm(r, s, to);
	for (i = 0; i < now->nr; i++)
		numbers_free(&numbers[i]);
	free(numbers);
	free(each);
}

/* Print that there is no VM any more. Others may come, but not to one process. */
static bool no_vm(const struct rounds *r, FILE *to)
{
	if (r->o->format == SHOW_TABLE)
		fprintf(to, "%s\n", r->h->why);
	return !r->h->pid;
}

static bool host_round(void *ctx, unsigned long n, unsigned int lines, FILE *to)
{
	struct rounds *r = ctx;
	struct vms vms;
	const bool any = host_find(r->h, &vms);
	/* Of each; 0 would be as many as there are. */
	const unsigned int share = lines && lines < vms.nr ? 1 : lines / (vms.nr ? vms.nr : 1);
	const double seconds = monotonic();
	struct reading *now;
	u32 i, nr = 0;

	now = any ? calloc(vms.nr, sizeof(*now)) : NULL;
	for (i = 0; now && i < vms.nr; i++) {
		struct shown s = {
			.vm = &vms.vm[i],
			.l = { .extension = true, .handler = true, .vcpus = vms.vm[i].vcpus,
			       .target = EXIT_ACCT_TARGET_KVM },
			.v = { .vm = &vms.vm[i], .vcpu = -1, .lines = share },
		};

		if (!take(r, &vms.vm[i], &now[nr])) {
			drop(&now[nr]);
			continue;
		}
		s.v.s = &now[nr].vm;
		s.v.untold = now[nr].untold;
		s.v.untold_nr = now[nr].untold_nr;
		s.each = now[nr].each;
		s.numbers = now[nr].numbers;
		if (n)
			show_interval(r, &s, &now[nr], to);
		else if (lines || !r->o->live)
			show_vm(r, &s, to);
		nr++;
	}
	forget(r->last, r->last_nr);
	r->last = now;
	r->last_nr = nr;
	r->last_seconds = seconds;
	vms_free(&vms);
	return (any || no_vm(r, to)) && !r->h->unreadable;
}

static bool any_told(struct host *h, const struct vms *vms)
{
	u32 i, v;

	for (i = 0; i < vms->nr; i++) {
		for (v = 0; v < vms->vm[i].vcpus; v++) {
			if (vm_told(h, &vms->vm[i], vms->vm[i].vcpu[v]))
				return true;
		}
	}
	snprintf(h->why, sizeof(h->why), "exits of one reason are not told apart: that takes "
		 "kvm.ko with detail=Y before the VM starts (no vCPU has a file exit_detail)");
	return false;
}

bool host_show(struct host *h, const struct host_options *o, FILE *to)
{
	struct rounds r = { .h = h, .o = o };
	struct vms vms;
	bool any;

	if (!host_find(h, &vms))
		return false;
	any = !o->detail || any_told(h, &vms);
	vms_free(&vms);
	if (!any)
		return false;
	if (o->live)
		live_loop(&(struct live) { .interval = o->interval, .times = o->times, .ctx = &r,
					   .table = o->format == SHOW_TABLE,
					   .round = host_round }, to);
	else
		host_round(&r, 0, 0, to);
	forget(r.last, r.last_nr);
	return !h->unreadable;
}
