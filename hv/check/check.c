// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run the rules of rules.h over a VMCS. What a rule needs more than a line for
 * is a function here.
 *
 * Source: Intel SDM volume 3, chapter "VM Entries".
 */
#include "hv/check/check.h"
#include "hv/cpu/msr_values.h"
#include "machine/text.h"
#include "machine/x86.h"

#define BIT(n)		(1u << (n))

/* Which of a row of fields a rule is on. */
#define ONE		BIT(0)
#define BOTH		(BIT(0) | BIT(1))
#define CODE_AND_DATA	(BIT(GS + 1) - 1)
#define EVERY_SEGMENT	(BIT(TR + 1) - 1)
#define HOST_SELECTORS	(CODE_AND_DATA | BIT(6))	/* there is no host LDTR */
#define HOST_BASES	(BIT(5) - 1)			/* FS GS TR GDTR IDTR */

#define EFER_BITS	((u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE))
#define EVENT_RESERVED	0x00000100u	/* the one type without a meaning */
#define MSR_AREA_MAX	512		/* entries that every CPU can do */

/* What several rules say: a rule's text is then its place in this list. */
static const char shared[] =
	"\0"
#define FIXED		"\1"
	"bits 0x%lx must have the other value on this CPU\0"
#define ADDRESS		"\2"
	"bits 0x%lx must be 0: alignment, physical-address width\0"
#define CANONICAL	"\3"
	"must be canonical\0"
#define ZERO		"\4"
	"bits 0x%lx must be 0\0"
#define ZERO_HERE	"\5"
	"bits 0x%lx must be 0 on this CPU\0"
#define RESERVED	"\6"
	"bits 0x%lx are reserved\0"
#define ZERO_HIGH	"\7"
	"bits 63:32 must be 0\0"
#define ZERO_HIGH_16	"\10"
	"bits 31:16 must be 0\0"
#define PAT_TYPES	"\11"
	"each byte must be 0, 1, 4, 5, 6 or 7\0"
#define NOT_ZERO	"\12"
	"must not be 0";

/* A checker, and what many rules ask for. */
struct state {
	const struct vmcs_checker *c;
	const struct vmcs_caps *caps;
	u32 pin, proc, proc2, exit, entry;
	u32 event, type;	/* to be injected; 0: none */
	u64 cr0, rflags;
	bool ia32e;		/* a guest in IA-32e mode */
	bool pae;		/* PDPTEs are in use */
	bool vm86;		/* a guest in virtual-8086 mode */
};

static u64 get(const struct state *s, u32 field)
{
	return s->c->read(s->c->ctx, field);
}

static u64 not_allowed(const struct state *s, enum control_group group, u64 v)
{
	u64 allowed = vmcs_caps_control(s->caps, group);

	return ((u32)allowed & ~v) | (v & ~(allowed >> 32));
}

static u64 cr0_not_allowed(const struct state *s, u64 v)
{
	return (s->caps->cr0_fixed0 & ~v) | (v & ~s->caps->cr0_fixed1);
}

static u64 cr4_not_allowed(const struct state *s, u64 v)
{
	return (s->caps->cr4_fixed0 & ~v) | (v & ~s->caps->cr4_fixed1);
}

/* Bits that a physical address cannot have, and those of @low. */
static u64 bad_address(const struct state *s, u64 address, u64 low)
{
	return address & ((~0ull << s->caps->maxphyaddr) | low);
}

static bool has_threshold(const struct state *s)
{
	return s->proc & PROC_TPR_SHADOW && !(s->proc2 & PROC2_VIRTUAL_INTERRUPTS);
}

/* 0xff, which no threshold is above, where the rule does not hold. */
static u32 virtual_tpr(const struct state *s)
{
	u64 page = get(s, VIRTUAL_APIC_PAGE_ADDR);

	if (s->proc2 & PROC2_APIC_ACCESSES || bad_address(s, page, 0xfff))
		return 0xff;
	return s->c->read_phys(s->c->ctx, page + VTPR_OFFSET) & 0xff;
}

static bool ept_type_valid(const struct state *s, u64 eptp)
{
	u32 type = eptp & 7;

	return (type == 0 && s->caps->ept_vpid >> 8 & 1) ||
	       (type == 6 && s->caps->ept_vpid >> 14 & 1);
}

static bool ept_walk_valid(const struct state *s, u64 eptp)
{
	u32 length = eptp >> 3 & 7;

	return (length == 3 && s->caps->ept_vpid >> 6 & 1) ||
	       (length == 4 && s->caps->ept_vpid >> 7 & 1);
}

static u64 ept_reserved(const struct state *s)
{
	u64 reserved = 0xf00;

	if (!(s->caps->ept_vpid >> 21 & 1))
		reserved |= 1 << 6;	/* accessed and dirty flags */
	if (!(s->caps->ept_vpid >> 23 & 1))
		reserved |= 1 << 7;	/* supervisor shadow-stack control */
	return reserved;
}

static bool eptp_switching(const struct state *s)
{
	return s->proc2 & PROC2_VMFUNC && get(s, VM_FUNCTION_CONTROLS) & 1;
}

/* An area of MSRs: its first byte is aligned, and its last in the width too. */
static u64 bad_msr_area(const struct state *s, u64 address, u32 count_field)
{
	u64 count = get(s, count_field);

	if (!count)
		return 0;
	return bad_address(s, address, 0xf) | bad_address(s, address + count * 16 - 1, 0);
}

/* The number, from 1 on, of the first entry that cannot be loaded; 0: none. */
static u64 bad_msr_entry(const struct state *s, u64 area)
{
	u64 count = get(s, VM_ENTRY_MSR_LOAD_COUNT);

	if (bad_msr_area(s, area, VM_ENTRY_MSR_LOAD_COUNT))
		return 0;
	for (u64 n = 0; n < count && n < MSR_AREA_MAX; n++) {
		u32 msr = s->c->read_phys(s->c->ctx, area + 16 * n);
		u32 reserved = s->c->read_phys(s->c->ctx, area + 16 * n + 4);

		/* x2APIC registers are refused, whether the mode is on or not. */
		if (reserved || msr == MSR_FS_BASE || msr == MSR_GS_BASE || msr >> 8 == 8)
			return n + 1;
	}
	return 0;
}

static bool injects(const struct state *s, u32 type)
{
	return s->event && s->type == type;
}

static bool event_vector_wrong(const struct state *s)
{
	u32 vector = s->event & EVENT_VECTOR;

	return (injects(s, EVENT_NMI) && vector != VECTOR_NMI) ||
	       (injects(s, EVENT_HARD_EXCEPTION) && vector > 31) ||
	       (injects(s, EVENT_OTHER) && vector);
}

static bool event_error_wrong(const struct state *s)
{
	const u32 vectors = BIT(VECTOR_DF) | BIT(VECTOR_TS) | BIT(VECTOR_NP) | BIT(VECTOR_SS) |
			    BIT(VECTOR_GP) | BIT(VECTOR_PF) | BIT(VECTOR_AC);
	u32 vector = s->event & EVENT_VECTOR;
	bool has = s->event & EVENT_ERROR_CODE;

	if (!s->event || s->type == EVENT_RESERVED)
		return false;
	if (s->type != EVENT_HARD_EXCEPTION || !(s->cr0 & CR0_PE))
		return has;
	/* Later CPUs do not mind which vector it is. */
	return !(s->caps->basic & VMX_BASIC_ANY_ERROR_CODE) &&
	       has != (vector < 32 && vectors & BIT(vector));
}

static bool event_is_software(const struct state *s)
{
	return injects(s, EVENT_SOFT_INTERRUPT) || injects(s, EVENT_PRIV_SOFT) ||
	       injects(s, EVENT_SOFT_EXCEPTION);
}

/* Bits of CR0 that an unrestricted guest may have as it likes. */
static u64 cr0_free(const struct state *s)
{
	return s->proc2 & PROC2_UNRESTRICTED ? CR0_PE | CR0_PG : 0;
}

static u64 rights(const struct state *s, u32 segment)
{
	return get(s, GUEST_ES_ACCESS_RIGHTS + segment * VMCS_SEGMENT_STRIDE);
}

/* Is @segment under the rules on segments? CS and TR always are, but for vm86. */
static bool usable(const struct state *s, u32 segment)
{
	if (segment == TR)
		return true;
	if (segment < LDTR && s->vm86)
		return false;
	return segment == CS || !(rights(s, segment) & SEGMENT_UNUSABLE);
}

static bool cs_dpl_wrong(const struct state *s, u64 cs)
{
	u32 dpl = SEGMENT_DPL(cs), ss_dpl = SEGMENT_DPL(rights(s, SS));

	switch (cs & SEGMENT_TYPE) {
	case 3:
		return dpl;
	case 9: case 11:
		return dpl != ss_dpl;
	case 13: case 15:
		return dpl > ss_dpl;
	}
	return false;
}

/* Do STI or MOV SS hold interrupts back for one instruction? */
static bool shadow(const struct state *s)
{
	return get(s, GUEST_INTERRUPTIBILITY) & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS);
}

static bool activity_excludes_event(const struct state *s, u64 activity)
{
	u32 vector = s->event & EVENT_VECTOR;
	bool check = s->type == EVENT_HARD_EXCEPTION && vector == VECTOR_MC;

	if (!s->event)
		return false;
	switch (activity) {
	case ACTIVITY_HLT:
		return s->type != EVENT_EXTERNAL && s->type != EVENT_NMI &&
		       s->type != EVENT_OTHER && !check &&
		       !(s->type == EVENT_HARD_EXCEPTION && vector == VECTOR_DB);
	case ACTIVITY_SHUTDOWN:
		return s->type != EVENT_NMI && !check;
	}
	return activity == ACTIVITY_WAIT_FOR_SIPI;
}

static bool single_step_wrong(const struct state *s, u64 pending)
{
	bool step = s->rflags & RFLAGS_TF && !(get(s, GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF);

	if (!shadow(s) && get(s, GUEST_ACTIVITY_STATE) != ACTIVITY_HLT)
		return false;
	return !(pending & DR6_BS) == step;
}

static bool link_wrong(const struct state *s, u64 link)
{
	u32 revision = (u32)s->caps->basic & 0x7fffffff;

	if (!~link || bad_address(s, link, 0xfff))
		return false;
	/* Bit 31 tells a shadow VMCS. */
	if (s->proc2 & PROC2_SHADOWING)
		revision |= 0x80000000;
	return s->c->read_phys(s->c->ctx, link) != revision;
}

enum {
#define RULE(field, which, name, broken, text) RULE_##field##_##name,
#include "hv/check/rules.h"
#undef RULE
	NR_RULES
};

static u64 is_broken(const struct state *s, u32 rule, u64 v, u32 i)
{
	switch (rule) {
#define RULE(field, which, name, broken, text) case RULE_##field##_##name: return broken;
#include "hv/check/rules.h"
#undef RULE
	}
	return 0;
}

static const struct rule {
	u16 field, which;
} rules[] = {
#define RULE(field, which, name, broken, text) { field, which },
#include "hv/check/rules.h"
#undef RULE
};
static const char texts[] =
#define RULE(field, which, name, broken, text) text "\0"
#include "hv/check/rules.h"
#undef RULE
	;
const unsigned int nr_vmcs_rules = NR_RULES;

u32 vmcs_rule_field(unsigned int rule)
{
	return rules[rule].field;
}

const char *vmcs_rule_text(unsigned int rule)
{
	const char *text = text_nth(texts, rule);

	return *text < ' ' ? text_nth(shared, *text) : text;
}

static void take_state(struct state *s)
{
	u32 event = get(s, VM_ENTRY_INTR_INFO);
	u64 cr4 = get(s, GUEST_CR4);

	s->pin = get(s, PIN_BASED_CONTROLS);
	s->proc = get(s, PROC_BASED_CONTROLS);
	s->proc2 = s->proc & PROC_SECONDARY ? get(s, SECONDARY_CONTROLS) : 0;
	s->exit = get(s, VM_EXIT_CONTROLS);
	s->entry = get(s, VM_ENTRY_CONTROLS);
	s->event = event & EVENT_VALID ? event : 0;
	s->type = event & EVENT_TYPE;
	s->cr0 = get(s, GUEST_CR0);
	s->rflags = get(s, GUEST_RFLAGS);
	s->ia32e = s->entry & ENTRY_IA32E_GUEST;
	s->pae = !s->ia32e && s->cr0 & CR0_PG && cr4 & CR4_PAE && s->proc2 & PROC2_EPT;
	s->vm86 = s->rflags & RFLAGS_VM && s->cr0 & CR0_PE && !s->ia32e;
}

u32 vmcs_check(const struct vmcs_checker *c)
{
	struct state s = { .c = c, .caps = c->caps };
	u32 found = 0;

	take_state(&s);
	for (u32 n = 0; n < nr_vmcs_rules; n++) {
		const struct rule *r = &rules[n];

		for (u32 i = 0; r->which >> i; i++) {
			struct vmcs_broken b = { .field = r->field + 2 * i };

			if (!(r->which >> i & 1))
				continue;
			b.value = get(&s, b.field);
			b.bits = is_broken(&s, n, b.value, i);
			if (!b.bits)
				continue;
			b.rule = vmcs_rule_text(n);
			c->broken(c->ctx, &b);
			found++;
		}
	}
	return found;
}

void vmcs_print_broken(const struct vmcs_broken *b, void (*print)(const char *fmt, ...))
{
	print("hv: vmcs field=%s value=0x%lx rule=\"", vmcs_field_name(b->field), b->value);
	print(b->rule, b->bits);
	print("\"\n");
}

u32 vmcs_field_find(const char *name)
{
	for (u32 i = 0; i < NR_VMCS_FIELDS; i++) {
		if (!strcmp(name, vmcs_field_name(vmcs_fields[i])))
			return vmcs_fields[i];
	}
	return VMCS_NO_FIELD;
}
