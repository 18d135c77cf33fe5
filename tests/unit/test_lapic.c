// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/lapic.c */
/* The local APIC: which accesses raise #GP, priorities, IPIs. */
#include "hv/cpu/lapic.h"
#include "tests/unit/lapic_idle.h"
#include "tests/unit/tap.h"

#define ID	0x25u	/* cluster 2, bit 5 of it */

static uint8_t vtpr;

/* An APIC in x2APIC mode, enabled by software unless @svr says otherwise. */
static struct lapic fresh(uint32_t svr)
{
	struct lapic l;

	lapic_init(&l, ID, &vtpr, 39, 0);
	lapic_wrmsr(&l, MSR_IA32_APIC_BASE, l.base | APIC_BASE_X2APIC, 0);
	lapic_wrmsr(&l, 0x80f, svr, 0);
	return l;
}

static uint64_t rd(const struct lapic *l, uint32_t msr, uint64_t now)
{
	uint64_t v = 0xdeadull << 32;

	return lapic_rdmsr(l, msr, now, &v) ? v : 0xbadull << 32;
}

static bool wr(struct lapic *l, uint32_t msr, uint64_t v)
{
	return lapic_wrmsr(l, msr, v, 0);
}

struct range {
	uint32_t first, last;
};

static bool in(const struct range *r, uint32_t msr)
{
	for (; r->first; r++)
		if (msr >= r->first && msr <= r->last)
			return true;
	return false;
}

static void test_access(void)
{
	/* From the SDM's table of x2APIC registers, less CMCI: there are six LVT entries. */
	static const struct range readable[] = {
		{ 0x802, 0x803 }, { 0x808, 0x808 }, { 0x80a, 0x80a }, { 0x80d, 0x80d },
		{ 0x80f, 0x828 }, { 0x830, 0x830 }, { 0x832, 0x839 }, { 0x83e, 0x83e }, { 0, 0 },
	};
	static const struct range writable[] = {
		{ 0x808, 0x808 }, { 0x80b, 0x80b }, { 0x80f, 0x80f }, { 0x828, 0x828 },
		{ 0x830, 0x830 }, { 0x832, 0x838 }, { 0x83e, 0x83f }, { 0, 0 },
	};
	unsigned int wrong_read = 0, wrong_write = 0, wrong_high = 0, xapic = 0, changed = 0;
	struct lapic l;
	uint64_t v;

	for (uint32_t msr = MSR_X2APIC_FIRST; msr <= MSR_X2APIC_LAST; msr++) {
		l = fresh(0x1ff);
		v = ~0ull;
		wrong_read += lapic_rdmsr(&l, msr, 0, &v) != in(readable, msr);
		changed += !in(readable, msr) && v != ~0ull;
		wrong_write += wr(&l, msr, 0) != in(writable, msr);
		l = fresh(0x1ff);
		wrong_high += wr(&l, msr, 1ull << 32) != (msr == 0x830);
		lapic_init(&l, ID, &vtpr, 39, 0);
		xapic += lapic_rdmsr(&l, msr, 0, &v) || wr(&l, msr, 0);
	}
	is_u64("reads: exactly the readable registers answer", wrong_read, 0);
	is_u64("a refused read leaves the value alone", changed, 0);
	is_u64("writes of 0: exactly the writable registers take them", wrong_write, 0);
	is_u64("bit 32 is reserved everywhere but in ICR", wrong_high, 0);
	is_u64("in xAPIC mode every x2APIC MSR raises #GP", xapic, 0);
	ok(lapic_is_msr(0x1b) && lapic_is_msr(0x6e0) && lapic_is_msr(0x800) &&
	   lapic_is_msr(0x8ff) && !lapic_is_msr(0x900) && !lapic_is_msr(0x10), "lapic_is_msr");
}

static void test_reserved(void)
{
	static const struct {
		uint32_t msr;
		uint64_t value;
		bool ok;
		uint64_t reads;
	} rows[] = {
		{ 0x808, 0xff, true, 0xff },
		{ 0x808, 0x100, false, 0 },
		{ 0x80b, 1, false, 0xbadull << 32 },
		{ 0x80f, 0x13ff, true, 0x13ff },
		{ 0x80f, 0x5ff, false, 0x1ff },
		{ 0x80f, 0x21ff, false, 0x1ff },
		{ 0x828, 1, false, 0 },
		{ 0x830, 1ull << 13, false, 0 },
		{ 0x830, 1ull << 16, false, 0 },
		{ 0x830, 1ull << 17, false, 0 },
		{ 0x830, 1ull << 20, false, 0 },
		{ 0x830, 1ull << 31, false, 0 },
		{ 0x830, 0x77000cd1f1, true, 0x77000cc1f1 },
		{ 0x832, 0x750ff, true, 0x700ff },
		{ 0x832, 0x800ff, false, 0x10000 },
		{ 0x832, 0x7ff, false, 0x10000 },
		{ 0x833, 0x157ff, true, 0x107ff },
		{ 0x833, 0x20000, false, 0x10000 },
		{ 0x834, 0x157ff, true, 0x107ff },
		{ 0x835, 0x1f7ff, true, 0x1a7ff },
		{ 0x835, 0x800, false, 0x10000 },
		{ 0x836, 0x1f7ff, true, 0x1a7ff },
		{ 0x837, 0x150ff, true, 0x100ff },
		{ 0x837, 0x100, false, 0x10000 },
		{ 0x838, 0xffffffff, true, 0xffffffff },
		{ 0x83e, 0xb, true, 0xb },
		{ 0x83e, 4, false, 0 },
		{ 0x83e, 0x10, false, 0 },
	};
	struct lapic l;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		l = fresh(0x1ff);
		ok(wr(&l, rows[i].msr, rows[i].value) == rows[i].ok &&
		   rd(&l, rows[i].msr, 0) == rows[i].reads,
		   "write %#" PRIx64 " to %#x: %s, then reads %#" PRIx64, rows[i].value,
		   rows[i].msr, rows[i].ok ? "taken" : "#GP", rows[i].reads);
	}
	l = fresh(0x1ff);
	ok(!wr(&l, 0x83f, 0x100) && lapic_idle(&l), "self IPI: bits 31:8 are reserved");
}

static void test_base(void)
{
	enum { OFF, XAPIC, X2APIC, BAD };
	static const uint64_t value[] = { 0, APIC_BASE_ENABLE, APIC_BASE_ENABLE | APIC_BASE_X2APIC,
					  APIC_BASE_X2APIC };
	static const char * const name[] = { "disabled", "xAPIC", "x2APIC", "invalid" };
	static const bool allowed[3][4] = {
		[OFF]		= { true, true, false, false },
		[XAPIC]		= { true, true, true, false },
		[X2APIC]	= { true, false, true, false },
	};
	struct lapic l;

	lapic_init(&l, 0, &vtpr, 39, 0);
	is_u64("IA32_APIC_BASE of the bootstrap processor", rd(&l, 0x1b, 0), 0xfee00900);
	lapic_init(&l, 1, &vtpr, 39, 0);
	is_u64("IA32_APIC_BASE of another processor", rd(&l, 0x1b, 0), 0xfee00800);
	for (int from = OFF; from <= X2APIC; from++) {
		for (int to = OFF; to <= BAD; to++) {
			lapic_init(&l, 1, &vtpr, 39, 0);
			l.base = APIC_BASE_ADDRESS | value[from];
			ok(wr(&l, 0x1b, APIC_BASE_ADDRESS | value[to]) == allowed[from][to] &&
			   rd(&l, 0x1b, 0) == (APIC_BASE_ADDRESS |
					       value[allowed[from][to] ? to : from]),
			   "%s to %s: %s", name[from], name[to],
			   allowed[from][to] ? "allowed" : "#GP");
		}
	}
	lapic_init(&l, 1, &vtpr, 39, 0);
	ok(!wr(&l, 0x1b, l.base | 1) && !wr(&l, 0x1b, l.base | 1 << 9) &&
	   !wr(&l, 0x1b, l.base | 1ull << 39), "reserved bits of IA32_APIC_BASE raise #GP");
	ok(wr(&l, 0x1b, l.base | 1ull << 38), "an address within MAXPHYADDR does not");
}

static void test_reset_values(void)
{
	struct lapic l;

	vtpr = 0x55;
	lapic_init(&l, 0, &vtpr, 39, 0);
	ok(vtpr == 0 && lapic_idle(&l) && l.expiry == LAPIC_NEVER,
	   "after reset: idle");
	wr(&l, 0x1b, l.base | APIC_BASE_X2APIC);
	is_u64("ID 0 has logical ID 1", rd(&l, 0x80d, 0), 1);
	is_u64("LINT0 of the bootstrap processor takes ExtINT", rd(&l, 0x835, 0), 0x700);
	is_u64("LVT timer is masked", rd(&l, 0x832, 0), 0x10000);
	is_u64("SVR: disabled", rd(&l, 0x80f, 0), 0xff);
	l = fresh(0x1ff);
	is_u64("ID", rd(&l, 0x802, 0), ID);
	is_u64("logical ID", rd(&l, 0x80d, 0), 2 << 16 | 1 << 5);
	is_u64("version", rd(&l, 0x803, 0), 0x1050014);
}

static void test_priority(void)
{
	struct lapic l = fresh(0x1ff);

	is_u64("nothing pending", (uint64_t)lapic_pending(&l), (uint64_t)-1);
	wr(&l, 0x83f, 0x41);
	wr(&l, 0x83f, 0x62);
	wr(&l, 0x83f, 0x45);
	is_u64("IRR 0x4n", rd(&l, 0x822, 0), 1 << 1 | 1 << 5);
	is_u64("highest vector first", (uint64_t)lapic_pending(&l), 0x62);
	is_u64("and delivered", lapic_ack(&l), 0x62);
	is_u64("in service", rd(&l, 0x813, 0), 1 << 2);
	is_u64("no longer requested", rd(&l, 0x823, 0), 0);
	is_u64("PPR is the class in service", rd(&l, 0x80a, 0), 0x60);
	vtpr = 0x65;
	is_u64("of two equal classes that of TPR", rd(&l, 0x80a, 0), 0x65);
	vtpr = 0;
	is_u64("a lower class waits", (uint64_t)lapic_pending(&l), (uint64_t)-1);
	ok(!lapic_idle(&l), "but is not forgotten");
	wr(&l, 0x83f, 0x6f);
	is_u64("the same class waits too", (uint64_t)lapic_pending(&l), (uint64_t)-1);
	wr(&l, 0x83f, 0x70);
	is_u64("a higher class nests", (uint64_t)lapic_pending(&l), 0x70);
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	is_u64("EOI ends the highest in service", rd(&l, 0x80a, 0), 0x60);
	wr(&l, 0x80b, 0);
	is_u64("then the waiting one", (uint64_t)lapic_pending(&l), 0x6f);
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	wr(&l, 0x80b, 0);
	is_u64("an EOI with nothing in service is harmless", (uint64_t)lapic_pending(&l), 0x45);

	vtpr = 0x4f;
	is_u64("TPR read", rd(&l, 0x808, 0), 0x4f);
	is_u64("PPR follows TPR with its low bits", rd(&l, 0x80a, 0), 0x4f);
	is_u64("TPR of the same class holds back", (uint64_t)lapic_pending(&l), (uint64_t)-1);
	is_u64("TPR threshold is the class that waits", lapic_tpr_threshold(&l), 4);
	vtpr = 0x3f;
	is_u64("CR8 lowered: deliverable", (uint64_t)lapic_pending(&l), 0x45);
	is_u64("TPR threshold off", lapic_tpr_threshold(&l), 0);
	lapic_ack(&l);
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	wr(&l, 0x80b, 0);
	ok(lapic_idle(&l), "all done: idle");
	vtpr = 0xf0;
	is_u64("nothing waits: threshold off", lapic_tpr_threshold(&l), 0);
	vtpr = 0;
	for (uint32_t v = 0; v < 256; v++)
		lapic_raise(&l, v);
	is_u64("vectors 0 to 15 are illegal", rd(&l, 0x820, 0), 0xffff0000);
	is_u64("vector 255 wins", (uint64_t)lapic_pending(&l), 255);
	for (int v = 255; v >= 16; v--)
		lapic_ack(&l);
	ok(lapic_idle(&l), "all 240 acknowledged");
}

static void test_ipi(void)
{
	static const struct {
		uint64_t icr;
		const char *name;
		int vector;
		bool nmi;
	} rows[] = {
		{ 0x00040041, "shorthand self", 0x41, false },
		{ 0x00080041, "shorthand all including self", 0x41, false },
		{ 0x000c0041, "shorthand all but self", -1, false },
		{ (uint64_t)ID << 32 | 0x41, "physical, own ID", 0x41, false },
		{ 0x2400000041, "physical, another ID", -1, false },
		{ 0xffffffff00000041, "physical broadcast", 0x41, false },
		{ 0xffffffff00000841, "logical broadcast", 0x41, false },
		{ 0x0002002000000841, "logical, own cluster and bit", 0x41, false },
		{ 0x0002ffff00000841, "logical, own cluster, all bits", 0x41, false },
		{ 0x0002ffdf00000841, "logical, own cluster, all other bits", -1, false },
		{ 0x0003002000000841, "logical, another cluster", -1, false },
		{ 0x00040141, "lowest priority", 0x41, false },
		{ 0x00048041, "level, deassert", -1, false },
		{ 0x0004c041, "level, assert", 0x41, false },
		{ 0x00040400, "NMI", -1, true },
		{ 0x2400000400, "NMI to another", -1, false },
		{ 0x00040200, "SMI", -1, false },
		{ 0x00044500, "INIT", -1, false },
		{ 0x00044608, "SIPI", -1, false },
		{ 0x0004000f, "illegal vector", -1, false },
	};
	struct lapic l;

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		l = fresh(0x1ff);
		ok(wr(&l, 0x830, rows[i].icr) && rd(&l, 0x830, 0) == rows[i].icr &&
		   lapic_pending(&l) == rows[i].vector && l.nmi_pending == rows[i].nmi &&
		   lapic_idle(&l) == (rows[i].vector < 0 && !rows[i].nmi),
		   "ICR %s", rows[i].name);
	}
	l = fresh(0xff);
	ok(wr(&l, 0x83f, 0x41) && lapic_idle(&l), "disabled by SVR: IPI dropped");
	ok(wr(&l, 0x830, 0x40400) && l.nmi_pending, "disabled by SVR: NMI taken");
	l = fresh(0x1ff);
	wr(&l, 0x83f, 0x41);
	wr(&l, 0x1b, APIC_BASE_ADDRESS);
	is_u64("disabled by IA32_APIC_BASE: nothing deliverable", (uint64_t)lapic_pending(&l),
	       (uint64_t)-1);
	lapic_raise(&l, 0x51);
	is_u64("disabled by IA32_APIC_BASE: nothing taken", (uint64_t)l.highest_irr, 0x41);
}

/* Whatever a guest writes: no trap in here, and the cached field stays true. */
static void test_extint(void)
{
	struct lapic l;

	lapic_init(&l, 0, &vtpr, 39, 0);
	ok(lapic_takes_extint(&l), "ExtINT passes LINT0 of the bootstrap processor after reset");
	lapic_init(&l, ID, &vtpr, 39, 0);
	ok(!lapic_takes_extint(&l), "not that of others, it is masked");
	l = fresh(0x1ff);
	wr(&l, 0x835, 0x700);
	ok(lapic_takes_extint(&l), "ExtINT mode, not masked");
	wr(&l, 0x808, 0xff);
	ok(lapic_takes_extint(&l), "whatever the priority of the processor");
	wr(&l, 0x808, 0);
	wr(&l, 0x835, 0x10700);
	ok(!lapic_takes_extint(&l), "masked");
	wr(&l, 0x835, 0x400);
	ok(!lapic_takes_extint(&l), "another mode");
	wr(&l, 0x835, 0x700);
	wr(&l, 0x80f, 0xff);
	ok(!lapic_takes_extint(&l), "switched off by software: it is masked");
	wr(&l, MSR_IA32_APIC_BASE, APIC_BASE_ADDRESS);
	ok(lapic_takes_extint(&l), "switched off for good: LINT0 is the pin INTR");
}

static void test_random(void)
{
	struct lapic l = fresh(0x1ff);
	uint64_t seed = 1, now = 0, v;
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < 300000; i++) {
		int want = -1, vector;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		v = seed >> 33;
		switch (v & 7) {
		case 0:
			lapic_wrmsr(&l, 0x800 | (v >> 3 & 0x3f), seed, now);
			break;
		case 1:
			lapic_wrmsr(&l, 0x800 | (v >> 3 & 0x3f), v >> 9 & 0xfffff, now);
			break;
		case 2:
			lapic_wrmsr(&l, v & 8 ? 0x6e0 : 0x838, v >> 8, now);
			break;
		case 3:
			lapic_wrmsr(&l, 0x83f, v >> 4 & 0xff, now);
			break;
		case 4:
			lapic_wrmsr(&l, 0x80b, 0, now);
			break;
		case 5:
			lapic_rdmsr(&l, 0x800 | (v >> 3 & 0x3f), now, &v);
			break;
		default:
			now += v >> 12;
			lapic_timer_check(&l, now);
			wrong += l.expiry != LAPIC_NEVER && l.expiry <= now;
			vector = lapic_pending(&l);
			if (vector >= 0)
				lapic_ack(&l);
		}
		for (int b = 255; b >= 0 && want < 0; b--)
			if (l.reg[0x20 + b / 32] & 1u << b % 32)
				want = b;
		wrong += l.highest_irr != want;
	}
	is_u64("random accesses: cache and deadline hold", wrong, 0);
}

/* Errors are noted at once and shown by the next write of ESR. */
static void test_errors(void)
{
	struct lapic l = fresh(0x1ff);

	wr(&l, 0x83f, 0xf);
	is_u64("no error is shown by itself", rd(&l, 0x828, 0), 0);
	wr(&l, 0x828, 0);
	is_u64("a self IPI with vector 15: sent and received", rd(&l, 0x828, 0), 0x60);
	ok(lapic_idle(&l), "and not delivered");
	wr(&l, 0x828, 0);
	is_u64("shown once", rd(&l, 0x828, 0), 0);
	wr(&l, 0x830, 1ull << 32 | 0x400f);
	wr(&l, 0x828, 0);
	is_u64("to another: sent only", rd(&l, 0x828, 0), 0x20);
	wr(&l, 0x837, 0x99);
	wr(&l, 0x83f, 1);
	is_u64("the error's own interrupt", (uint64_t)lapic_pending(&l), 0x99);
	lapic_ack(&l);
	wr(&l, 0x80b, 0);
	wr(&l, 0x83f, 1);
	ok(lapic_idle(&l), "comes once until ESR is written");
	wr(&l, 0x828, 0);
	wr(&l, 0x837, 3);
	wr(&l, 0x83f, 1);
	ok(lapic_idle(&l), "an error entry with an illegal vector");
	wr(&l, 0x828, 0);
	is_u64("is one more error of the same kind", rd(&l, 0x828, 0), 0x60);
	wr(&l, 0x832, 0x2);
	lapic_wrmsr(&l, 0x838, 10, 0);
	lapic_timer_check(&l, 1000);
	wr(&l, 0x828, 0);
	is_u64("a timer with vector 2: received", rd(&l, 0x828, 0), 0x40);
}

int main(void)
{
	test_access();
	test_reserved();
	test_base();
	test_reset_values();
	test_priority();
	test_ipi();
	test_extint();
	test_random();
	test_errors();
	return done();
}
