// SPDX-License-Identifier: GPL-2.0-only
/* The guest's local APIC. */
#include "hv/cpu/lapic.h"

/* Registers by MSR - 0x800: SDM table "Local APIC Register Address Map Supported by x2APIC". */
enum {
	ID = 0x02, VERSION, TPR = 0x08, APR, PPR, EOI, RRD, LDR, DFR, SVR, ISR = 0x10, IRR = 0x20,
	ESR = 0x28, ICR = 0x30, ICR_HIGH, LVT_TIMER, LVT_THERMAL, LVT_PMC, LVT_LINT0, LVT_LINT1,
	LVT_ERROR, INITIAL_COUNT, CURRENT_COUNT, DIVIDE = 0x3e, SELF_IPI, NR_REGISTERS
};

#define BITS(first, last)	(~0ull >> (63 - (last)) & ~0ull << (first))
#define READABLE	(BITS(ID, VERSION) | BITS(TPR, TPR) | BITS(PPR, PPR) | BITS(LDR, LDR) | \
			 BITS(SVR, ESR) | BITS(ICR, ICR) | BITS(LVT_TIMER, CURRENT_COUNT) | \
			 BITS(DIVIDE, DIVIDE))

/* In xAPIC mode only; nothing ever answers in RRD. */
#define READABLE_XAPIC	(BITS(APR, APR) | BITS(DFR, DFR) | BITS(ICR_HIGH, ICR_HIGH))
#define IN_PAGE		(READABLE | READABLE_XAPIC | BITS(EOI, EOI) | BITS(RRD, RRD))

/* A version of 0x14, six LVT entries without CMCI, EOI broadcasts that can be suppressed. */
#define VERSION_VALUE		(0x14u | (LVT_ERROR - LVT_TIMER) << 16 | 1u << 24)

#define DFR_FIXED		0x0fffffffu
#define DFR_FLAT		0xffffffffu
#define XAPIC_ID		0xff000000u	/* of ID, LDR and ICR_HIGH in xAPIC mode */

#define ESR_SEND_VECTOR		(1u << 5)	/* an IPI with a vector below 16 */
#define ESR_RECEIVE_VECTOR	(1u << 6)	/* likewise, or an LVT entry with one */

#define ESR_ILLEGAL_REGISTER	(1u << 7)	/* in xAPIC mode: there is none at that address */

#define SVR_ENABLE		(1u << 8)

#define LVT_MASKED		(1u << 16)
#define LVT_STATUS		(1u << 12 | 1u << 14)	/* how a delivery stands: read-only */
#define LVT_COMMON		(LVT_MASKED | LVT_STATUS | 0xffu)
#define LVT_DELIVERY_MODE	(7u << 8)
#define LVT_EXTINT		(7u << 8)
#define LVT_POLARITY_TRIGGER	(1u << 13 | 1u << 15)
#define LVT_TIMER_MODE		(3u << 17)
#define LVT_TIMER_PERIODIC	(1u << 17)
#define LVT_TIMER_DEADLINE	(2u << 17)

#define ICR_RESERVED		(0xfffu << 20 | 3u << 16 | 1u << 13)
#define ICR_STATUS		(1ull << 12)
#define ICR_LOGICAL		(1ull << 11)
#define ICR_ASSERT		(1ull << 14)
#define ICR_LEVEL		(1ull << 15)
#define ICR_BROADCAST		0xffffffffu
#define XAPIC_BROADCAST		0xffu

#define ICR_SHORTHAND		(3u << 18)
#define ICR_SELF		(1u << 18)
#define ICR_ALL			(2u << 18)	/* and 3: all but itself */

/* Bits that a write may have. All others are reserved. */
static const uint32_t known[NR_REGISTERS] = {
	[TPR]			= 0xff,
	[SVR]			= 0x13ff,
	[ICR]			= ~ICR_RESERVED,
	[LVT_TIMER]		= LVT_COMMON | LVT_TIMER_MODE,
	[LVT_THERMAL ... LVT_PMC] = LVT_COMMON | LVT_DELIVERY_MODE,
	[LVT_LINT0 ... LVT_LINT1] = LVT_COMMON | LVT_DELIVERY_MODE | LVT_POLARITY_TRIGGER,
	[LVT_ERROR]		= LVT_COMMON,
	[INITIAL_COUNT]		= ~0u,
	[DIVIDE]		= 0xb,
	[SELF_IPI]		= 0xff,
};

void lapic_init(struct lapic *l, uint32_t id, volatile uint8_t *vtpr, unsigned int maxphyaddr,
		uint64_t min_period)
{
	*l = (struct lapic){
		.vtpr		= vtpr,
		.base		= APIC_BASE_ADDRESS | APIC_BASE_ENABLE | (id ? 0 : APIC_BASE_BSP),
		.base_reserved	= ~0ull << maxphyaddr | 0x2ff,
		.min_period	= min_period,
		.id		= id,
		.reg[ID]	= id << 24,
		.reg[VERSION]	= VERSION_VALUE,
	};
	lapic_reset(l);
}

/* Where the bit is set, the APIC is enabled: see write_base(). */
static bool x2apic_mode(const struct lapic *l)
{
	return l->base & APIC_BASE_X2APIC;
}

void lapic_reset(struct lapic *l)
{
	l->highest_irr = -1;
	l->nmi_pending = false;
	l->expiry = LAPIC_NEVER;
	l->icr = l->errors = 0;
	for (int i = TPR; i < NR_REGISTERS; i++)
		if (i != LDR || !x2apic_mode(l))
			l->reg[i] = i >= LVT_TIMER && i <= LVT_ERROR ? LVT_MASKED : 0;
	l->reg[DFR] = DFR_FLAT;
	l->reg[SVR] = 0xff;
	/* As a BIOS leaves it for the PIC's sake, and as KVM starts it. */
	if (!l->id)
		l->reg[LVT_LINT0] = LVT_EXTINT;
	*l->vtpr = 0;
}

static bool deadline_mode(const struct lapic *l)
{
	return (l->base & APIC_BASE_ENABLE) &&
	       (l->reg[LVT_TIMER] & LVT_TIMER_MODE) == LVT_TIMER_DEADLINE;
}

static int highest_vector(const uint32_t *bitmap)
{
	for (int i = 7; i >= 0; i--)
		if (bitmap[i])
			return i * 32 + 31 - __builtin_clz(bitmap[i]);
	return -1;
}

static uint32_t processor_priority(const struct lapic *l)
{
	int isr = highest_vector(l->reg + ISR);
	uint32_t tpr = *l->vtpr;
	uint32_t class = isr < 0 ? 0 : isr & 0xf0;

	return (tpr & 0xf0) >= class ? tpr : class;
}

/* Cycles of the TSC that a count of 1 takes. */
static uint32_t timer_divisor(const struct lapic *l)
{
	/* Bits 3, 1 and 0 count the power of two from 2; all ones mean 1. */
	uint32_t code = (l->reg[DIVIDE] & 3) | (l->reg[DIVIDE] & 8) >> 1;

	return 1u << ((code + 1) & 7) << l->tsc_shift;
}

/* A count may begin just before the TSC wraps, and end behind that. */
static bool timer_expired(const struct lapic *l, uint64_t now)
{
	if (l->expiry == LAPIC_NEVER)
		return false;
	return deadline_mode(l) ? now >= l->expiry : (int64_t)(now - l->expiry) >= 0;
}

static uint32_t timer_current(const struct lapic *l, uint64_t now)
{
	if (deadline_mode(l) || l->expiry == LAPIC_NEVER || timer_expired(l, now))
		return 0;
	return (uint32_t)((l->expiry - now) / timer_divisor(l));
}

/* Cycles that a count takes, in periodic mode not too few. */
static uint64_t timer_cycles(const struct lapic *l, uint32_t count)
{
	uint64_t cycles = (uint64_t)count * timer_divisor(l);

	if ((l->reg[LVT_TIMER] & LVT_TIMER_MODE) == LVT_TIMER_PERIODIC && cycles < l->min_period)
		return l->min_period;
	return cycles;
}

static void timer_start(struct lapic *l, uint64_t now, uint32_t count)
{
	l->expiry = count ? now + timer_cycles(l, count) : LAPIC_NEVER;
}

void lapic_tsc_moved(struct lapic *l, uint64_t delta)
{
	if (!deadline_mode(l) && l->expiry != LAPIC_NEVER)
		l->expiry += delta;
}

int lapic_pending(const struct lapic *l)
{
	if (l->highest_irr < 0 || !(l->base & APIC_BASE_ENABLE) ||
	    (uint32_t)(l->highest_irr & 0xf0) <= (processor_priority(l) & 0xf0))
		return -1;
	return l->highest_irr;
}

bool lapic_takes_extint(const struct lapic *l)
{
	return !(l->base & APIC_BASE_ENABLE) ||
	       (l->reg[LVT_LINT0] & (LVT_MASKED | LVT_DELIVERY_MODE)) == LVT_EXTINT;
}

uint32_t lapic_tpr_threshold(const struct lapic *l)
{
	uint32_t class = l->highest_irr < 0 ? 0 : (uint32_t)l->highest_irr >> 4;

	return class > (uint32_t)*l->vtpr >> 4 ? 0 : class;
}

/* An error is kept until ESR is written, and raises its LVT entry's interrupt once. */
static void note_error(struct lapic *l, uint32_t error)
{
	uint32_t lvt = l->reg[LVT_ERROR];
	bool is_new = !(l->errors & error);

	l->errors |= error;
	if (is_new && !(lvt & LVT_MASKED))
		lapic_raise(l, lvt & 0xff);
}

void lapic_raise(struct lapic *l, uint32_t vector)
{
	if (!(l->base & APIC_BASE_ENABLE) || !(l->reg[SVR] & SVR_ENABLE))
		return;
	if (vector < 16) {
		note_error(l, ESR_RECEIVE_VECTOR);
		return;
	}
	l->reg[IRR + vector / 32] |= 1u << vector % 32;
	if ((int)vector > l->highest_irr)
		l->highest_irr = (int)vector;
}

uint32_t lapic_ack(struct lapic *l)
{
	uint32_t vector = (uint32_t)l->highest_irr;

	l->reg[IRR + vector / 32] &= ~(1u << vector % 32);
	l->reg[ISR + vector / 32] |= 1u << vector % 32;
	l->highest_irr = highest_vector(l->reg + IRR);
	return vector;
}

static void end_of_interrupt(struct lapic *l)
{
	int vector = highest_vector(l->reg + ISR);

	if (vector >= 0)
		l->reg[ISR + vector / 32] &= ~(1u << vector % 32);
}

bool lapic_timer_check(struct lapic *l, uint64_t now)
{
	uint32_t lvt = l->reg[LVT_TIMER], count = l->reg[INITIAL_COUNT];
	uint64_t period = timer_cycles(l, count);

	if (!timer_expired(l, now))
		return false;
	if ((lvt & LVT_TIMER_MODE) == LVT_TIMER_PERIODIC && count)
		/* Periods that nobody looked at are lost, not made up for. */
		l->expiry += period * ((now - l->expiry) / period + 1);
	else
		l->expiry = LAPIC_NEVER;
	if (!(lvt & LVT_MASKED))
		lapic_raise(l, lvt & 0xff);
	return true;
}

/* The logical address of an xAPIC has eight bits, in one of two models. */
static bool xapic_matches_logical(const struct lapic *l, uint32_t dest)
{
	uint32_t own = l->reg[LDR] >> 24;

	if (l->reg[DFR] == DFR_FLAT)
		return dest & own;
	return l->reg[DFR] == DFR_FIXED && dest >> 4 == own >> 4 && dest & own & 0xf;
}

/* Is @l the destination? Each understands it by its own mode. */
static bool matches(const struct lapic *l, uint32_t icr, uint32_t dest)
{
	if (!x2apic_mode(l))
		return dest == XAPIC_BROADCAST ||
		       (icr & ICR_LOGICAL ? xapic_matches_logical(l, dest) :
					    dest == l->reg[ID] >> 24);
	if (dest == ICR_BROADCAST)
		return true;
	if (!(icr & ICR_LOGICAL))
		return dest == l->id;
	/* Logical: the cluster must be ours, the bit in it too. */
	return dest >> 16 == l->id >> 4 && dest >> (l->id & 15) & 1;
}

static void deliver_ipi(struct lapic *from, struct lapic *to, uint32_t icr)
{
	uint32_t mode = icr >> 8 & 7, vector = icr & 0xff;

	/* INIT is more than the APIC's matter, even if it is its own. */
	if (to != from || (mode == LAPIC_INIT && from->bus))
		from->bus->deliver(to, mode, vector);
	else if (mode <= LAPIC_LOWEST)
		lapic_raise(to, vector);
	else if (mode == LAPIC_NMI)
		to->nmi_pending = true;
}

static void find_and_deliver(struct lapic *l, uint32_t icr, uint32_t dest)
{
	uint32_t mode = icr >> 8 & 7, shorthand = icr & ICR_SHORTHAND;
	struct lapic *lowest = NULL;

	for (unsigned int i = 0; i < (l->bus ? l->bus->nr : 1); i++) {
		struct lapic *to = l->bus ? l->bus->lapic[i] : l;
		bool reached = !shorthand ? matches(to, icr, dest) :
			       shorthand == ICR_ALL || to != l;

		/* What is turned off hears nothing. */
		if (!reached || !(to->base & APIC_BASE_ENABLE))
			continue;
		if (mode != LAPIC_LOWEST)
			deliver_ipi(l, to, icr);
		else if (to->reg[SVR] & SVR_ENABLE &&
			 (!lowest || processor_priority(to) < processor_priority(lowest)))
			lowest = to;
	}
	if (lowest)
		deliver_ipi(l, lowest, icr);
}

static void send_ipi(struct lapic *l, uint32_t icr, uint32_t dest)
{
	uint32_t mode = icr >> 8 & 7;

	if (mode <= LAPIC_LOWEST && (icr & 0xff) < 16)
		note_error(l, ESR_SEND_VECTOR);
	/* The end of a level tells nobody anything. */
	if (icr & ICR_LEVEL && !(icr & ICR_ASSERT) && mode != LAPIC_NMI)
		return;
	/* For itself alone, as most are: nobody has to be looked for. */
	if ((icr & ICR_SHORTHAND) == ICR_SELF ||
	    (x2apic_mode(l) && !(icr & (ICR_SHORTHAND | ICR_LOGICAL)) && dest == l->id))
		deliver_ipi(l, l, icr);
	else
		find_and_deliver(l, icr, dest);
}

static bool write_base(struct lapic *l, uint64_t value)
{
	bool enable = value & APIC_BASE_ENABLE, x2apic = value & APIC_BASE_X2APIC;

	/* SDM "x2APIC States": no way from disabled or back to xAPIC but by a reset. */
	if (value & l->base_reserved || (x2apic && !(enable && l->base & APIC_BASE_ENABLE)) ||
	    (!x2apic && enable && x2apic_mode(l)))
		return false;
	/* The xAPIC begins with the ID that it has at reset. */
	if (enable && !(l->base & APIC_BASE_ENABLE))
		l->reg[ID] = l->id << 24;
	/* Others, who send to this one meanwhile, see the modes change at once. */
	l->base = value;
	/* What LDR was before is not kept: SDM "x2APIC State Transitions". */
	if (x2apic)
		l->reg[LDR] = l->id >> 4 << 16 | 1u << (l->id & 15);
	return true;
}

/* @reg is below NR_REGISTERS. The upper half of @value is ICR's destination. */
static bool write_register(struct lapic *l, uint32_t reg, uint64_t value, uint64_t now)
{
	uint32_t bits = value & known[reg], left;
	bool was_deadline;

	/* In x2APIC mode a bit that a register does not have raises #GP. */
	if (x2apic_mode(l) && (bits != (uint32_t)value || (value >> 32 && reg != ICR)))
		return false;
	switch (reg) {
	case TPR:
		*l->vtpr = (uint8_t)bits;
		return true;
	case EOI:
		end_of_interrupt(l);
		return true;
	case ESR:
		l->reg[ESR] = l->errors;
		l->errors = 0;
		return true;
	case SVR:
		l->reg[SVR] = bits;
		if (!(bits & SVR_ENABLE))
			for (int i = LVT_TIMER; i <= LVT_ERROR; i++)
				l->reg[i] |= LVT_MASKED;
		return true;
	case ICR:
		l->icr = (x2apic_mode(l) ? value : (uint32_t)value) & ~ICR_STATUS;
		send_ipi(l, bits, (uint32_t)(value >> 32));
		return true;
	case SELF_IPI:
		if (bits < 16)
			note_error(l, ESR_SEND_VECTOR);
		lapic_raise(l, bits);
		return true;
	case LVT_TIMER ... LVT_ERROR:
		was_deadline = deadline_mode(l);
		l->reg[reg] = (bits | (l->reg[SVR] & SVR_ENABLE ? 0 : LVT_MASKED)) & ~LVT_STATUS;
		/* To and from TSC-deadline mode the timer is disarmed. */
		if (deadline_mode(l) != was_deadline) {
			l->expiry = LAPIC_NEVER;
			l->reg[INITIAL_COUNT] = 0;
		}
		return true;
	case INITIAL_COUNT:
		if (!deadline_mode(l)) {
			l->reg[INITIAL_COUNT] = bits;
			timer_start(l, now, bits);
		}
		return true;
	case DIVIDE:
		left = timer_current(l, now);
		l->reg[DIVIDE] = bits;
		/* What is left of a running count counts on at the new rate. */
		if (left)
			timer_start(l, now, left);
		return true;
	}
	return false;
}

bool lapic_wrmsr(struct lapic *l, uint32_t msr, uint64_t value, uint64_t now)
{
	uint32_t reg = msr - MSR_X2APIC_FIRST;

	if (msr == MSR_IA32_APIC_BASE)
		return write_base(l, value);
	/* In another mode the write is ignored, not refused. */
	if (msr == MSR_IA32_TSC_DEADLINE) {
		if (deadline_mode(l))
			l->expiry = value;
		return true;
	}
	if (!x2apic_mode(l) || reg >= NR_REGISTERS)
		return false;
	return write_register(l, reg, value, now);
}

static uint64_t read_register(const struct lapic *l, uint32_t reg, uint64_t now)
{
	switch (reg) {
	case ID:
		return x2apic_mode(l) ? l->id : l->reg[ID];
	case TPR:
		return *l->vtpr;
	case PPR:
		return processor_priority(l);
	case ICR:
		return l->icr;
	case CURRENT_COUNT:
		return timer_current(l, now);
	}
	/* TMR stays 0: an IPI is edge triggered, whatever its ICR says. */
	return l->reg[reg];
}

bool lapic_rdmsr(const struct lapic *l, uint32_t msr, uint64_t now, uint64_t *value)
{
	uint32_t reg = msr - MSR_X2APIC_FIRST;

	if (msr == MSR_IA32_TSC_DEADLINE)
		*value = deadline_mode(l) ? l->expiry : 0;
	else if (msr == MSR_IA32_APIC_BASE)
		*value = l->base;
	else if (x2apic_mode(l) && reg < NR_REGISTERS && READABLE >> reg & 1)
		*value = read_register(l, reg, now);
	else
		return false;
	return true;
}

void lapic_touch_page(struct lapic *l, uint32_t offset)
{
	uint32_t reg = offset >> 4;

	if (reg >= NR_REGISTERS || !(IN_PAGE >> reg & 1))
		note_error(l, ESR_ILLEGAL_REGISTER);
}

/* Source: SDM table "Local APIC Register Address Map". */
uint32_t lapic_read_page(const struct lapic *l, uint32_t offset, uint64_t now)
{
	uint32_t reg = offset >> 4;

	if (offset & 15 || reg >= NR_REGISTERS || !((READABLE | READABLE_XAPIC) >> reg & 1))
		return 0;
	return (uint32_t)read_register(l, reg, now);
}

void lapic_write_page(struct lapic *l, uint32_t offset, uint32_t value, uint64_t now)
{
	uint32_t reg = offset >> 4;

	/* The last one is x2APIC mode's alone. */
	if (offset & 15 || reg >= SELF_IPI)
		return;
	if (reg == ID || reg == LDR || reg == ICR_HIGH)
		l->reg[reg] = value & XAPIC_ID;
	else if (reg == DFR)
		l->reg[DFR] = value | DFR_FIXED;
	else
		write_register(l, reg, (uint64_t)l->reg[ICR_HIGH] >> 24 << 32 | value, now);
}
