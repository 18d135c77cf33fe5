/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include "hv/vcpu.h"

/** ept_init - an empty EPT for the RAM of @vm, and what each of its vCPUs has of its own */
void ept_init(struct vm *vm);

#define EPT_WIDTH		48		/* bits of an address, with four levels */
#define EPT_READ_EXECUTE	0x5ull
#define EPT_READ_WRITE_EXECUTE	0x7ull

/** ept_share - let @v find what all vCPUs do */
void ept_share(struct vcpu *v);

/** ept_map - let all vCPUs find @page of RAM at @gpa */
void ept_map(struct vcpu *v, u64 gpa, const void *page);

/** ept_misconfigure - let each access at @gpa exit as a misconfiguration, which needs no search */
void ept_misconfigure(struct vcpu *v, u64 gpa);

/**
 * ept_map_own - let @v alone find @page at @gpa, until ept_share()
 * @access: EPT_READ_…
 *
 * What is mapped so is forgotten when the tables for it are used up, and before the next
 * WORK_STEP; the TLB may still know it.
 */
void ept_map_own(struct vcpu *v, u64 gpa, const void *page, u64 access);
