/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules that a VMCS must obey to be entered, checked in software: a CPU only
 * says that some rule of a dozen pages is broken, this says which.
 *
 * Of the rules are left out those on features that no control here turns on
 * (SGX, Intel PT, CET, …), and those on a guest that is not unrestricted and on
 * a hypervisor that is not 64-bit code, because hv is neither.
 */
#pragma once

#include "hv/check/bits.h"
#include "hv/vmx/caps.h"

/* In caps.basic: an exception may come with an error code whatever its vector is. */
#define VMX_BASIC_ANY_ERROR_CODE (1ull << 56)

struct vmcs_broken {
	u32 field;
	u64 value;		/* of the field */
	const char *rule;	/* may hold one %lx, for bits */
	u64 bits;		/* the bits that are wrong, or what else the rule shows */
};

struct vmcs_checker {
	const struct vmcs_caps *caps;
	u64 (*read)(void *ctx, u32 field);		/* asked only for fields that exist */
	u32 (*read_phys)(void *ctx, u64 address);	/* 32 bits of the host's memory */
	void (*broken)(void *ctx, const struct vmcs_broken *b);
	void *ctx;
};

/**
 * vmcs_check - tell every rule that is broken
 *
 * Returns how many there are. Source: Intel SDM volume 3, chapter "VM Entries",
 * sections "Checks on VMX Controls", "Checks on Host Control Registers, MSRs, and
 * SSP" and those that follow, "Checks on the Guest State Area", "Loading MSRs".
 */
u32 vmcs_check(const struct vmcs_checker *c);

/** vmcs_print_broken - the line `hv: vmcs' of docs/formats.md */
void vmcs_print_broken(const struct vmcs_broken *b, void (*print)(const char *fmt, ...));

/** vmcs_field_find - the field of that name, VMCS_NO_FIELD if there is none */
u32 vmcs_field_find(const char *name);
#define VMCS_NO_FIELD	(~0u)

/* The table of rules, for a test that wants to see each of them broken. */
extern const unsigned int nr_vmcs_rules;
u32 vmcs_rule_field(unsigned int rule);
const char *vmcs_rule_text(unsigned int rule);
