/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMs as the host sees them that runs them. KVM has a folder for each in debugfs, by the process
 * that made it and that process' file, and in it what the accounting says, as in a log.
 */
#pragma once

#include <limits.h>
#include <stdio.h>
#include "guest/linux/detail.h"

struct host {
	const char *debugfs;		/* where it is mounted */
	u32 pid;			/* whose VMs; 0: all */
	char why[3 * PATH_MAX];		/* if there are none: one line that says so */
	bool unreadable;		/* a file was: a line on stderr has said which, and why */
};

/* A VM. */
struct vm {
	u32 pid, fd;
	char name[48];			/* as QEMU was told, or else of the process */
	u32 vcpus;
	u32 *vcpu;			/* KVM's number of each */
};

struct vms {
	struct vm *vm;			/* by process and file */
	u32 nr;
};

/**
 * host_find - the VMs that there are
 * @h: debugfs and pid are set
 *
 * Returns false if nobody can tell, or if there are none; @h->why says which.
 */
bool host_find(struct host *h, struct vms *vms);

/** vms_free - give back what it has */
void vms_free(struct vms *vms);

/** vm_read - all counters of a VM; false if it has gone */
bool vm_read(const struct host *h, const struct vm *vm, struct snapshot *s);

/** vm_read_vcpu - those of the vCPU that KVM gave the number @vcpu; false if it has gone */
bool vm_read_vcpu(const struct host *h, const struct vm *vm, u32 vcpu, struct snapshot *s);

/** vm_told - does it tell the exits of that vCPU apart? */
bool vm_told(const struct host *h, const struct vm *vm, u32 vcpu);

/**
 * vm_read_numbers - of that vCPU the numbers that tell exits apart, and reasons that have none
 * @n: added up; empty at first
 *
 * Returns false if it has gone, or does not tell them apart; or if its table cannot be read or is
 * not whole, and then @h->unreadable is set.
 */
bool vm_read_numbers(struct host *h, const struct vm *vm, u32 vcpu, struct numbers *n);

/** How host_show() is to show what. */
struct host_options {
	enum show_format format;
	bool vcpu;			/* each vCPU by itself */
	bool detail;			/* exits of one reason told apart */
	u32 reason;			/* of detail; DETAIL_ALL: each */
	bool live;
	double interval;		/* seconds */
	unsigned long times;		/* 0: until q or a signal */
};

/**
 * host_show - print the counters of VMs, since they were made or interval by interval
 *
 * Returns false, before anything is printed, if there is none; @h->why says why. Also if one could
 * not be read, without which the others are printed, up to the end of that interval.
 */
bool host_show(struct host *h, const struct host_options *o, FILE *to);
