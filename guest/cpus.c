// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other processors: what the MADT says of them, how they are started, and what they do.
 * Until a row wants one, it waits for its SIPI; from then on it halts with interrupts on.
 *
 * Sources: ACPI Specification, "Root System Description Pointer (RSDP)", "Multiple APIC
 * Description Table (MADT)"; Intel SDM volume 3, sections "MP Initialization Protocol
 * Algorithm for MP Systems", "Determining IPI Destination in x2APIC Mode",
 * "Logical Destination Mode in x2APIC Mode".
 */
#include "guest/cpu.h"
#include "guest/cpus.h"
#include "guest/guest.h"
#include "guest/selectors.h"
#include "machine/x2apic.h"

#define MADT_CPU		0	/* types of its entries */
#define MADT_X2APIC_CPU		9
#define CPU_ENABLED		1
#define RSDP_HAS_XSDT		2

#define CLUSTER			16u	/* processors that share one */

#define PATIENCE_CYCLES		200000000ull	/* for what must come */

struct rsdp {
	uint8_t signature[8], checksum, oem[6], revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
} __attribute__((packed));

struct table {
	uint8_t signature[4];
	uint32_t length;
	uint8_t more[28];
} __attribute__((packed));

struct madt_entry {
	uint8_t type, length;
	union {
		struct {
			uint8_t processor, apic_id;
			uint32_t flags;
		} __attribute__((packed)) cpu;
		struct {
			uint16_t reserved;
			uint32_t apic_id, flags;
		} __attribute__((packed)) x2apic_cpu;
	};
} __attribute__((packed));

static struct cpu {
	uint32_t apic_id;
	bool started;
	volatile bool halts;		/* or is just about to */
	void (*volatile work)(void);	/* NULL: nothing more to do */
} cpus[CPUS_MAX];

static uint32_t nr;
uint8_t cpu_stacks[CPUS_MAX - 1][CPU_STACK_BYTES] __attribute__((aligned(16)));

/* For cpus_entry in start.S: the stack of the processor that comes next. */
uint8_t *volatile cpu_next_stack;
extern const uint8_t cpus_real[], cpus_real_end[];

void cpus_main(void);

uint32_t cpus_nr(void)
{
	return nr ? nr : 1;
}

/* The boot processor is where it is whatever the order of the table. */
static void add_cpu(uint32_t apic_id, uint32_t flags)
{
	if (!(flags & CPU_ENABLED) || apic_id == cpus[0].apic_id || nr == CPUS_MAX)
		return;
	cpus[nr++].apic_id = apic_id;
}

static void read_madt(const struct table *madt)
{
	const uint8_t *at = (const uint8_t *)madt + sizeof(*madt) + 8;
	const uint8_t *end = (const uint8_t *)madt + madt->length;
	const struct madt_entry *e;

	for (; at + 2 <= end && at[1]; at += at[1]) {
		e = (const struct madt_entry *)at;
		if (e->type == MADT_CPU)
			add_cpu(e->cpu.apic_id, e->cpu.flags);
		else if (e->type == MADT_X2APIC_CPU)
			add_cpu(e->x2apic_cpu.apic_id, e->x2apic_cpu.flags);
	}
}

void cpus_find(uint64_t rsdp_address)
{
	const struct rsdp *rsdp = (const struct rsdp *)rsdp_address;
	const struct table *root;
	uint32_t size, i;

	if (!rsdp || !timer_present())
		return;
	cpus[0].apic_id = try_rdmsr(MSR_IA32_X2APIC_APICID);
	nr = 1;
	size = rsdp->revision >= RSDP_HAS_XSDT ? sizeof(uint64_t) : sizeof(uint32_t);
	root = (const struct table *)(size > 4 ? rsdp->xsdt : rsdp->rsdt);
	for (i = sizeof(*root); i + size <= root->length; i += size) {
		uint64_t address = 0;

		memcpy(&address, (const uint8_t *)root + i, size);
		if (!memcmp((const void *)address, "APIC", 4))
			read_madt((const struct table *)address);
	}
}

bool cpus_wait(uint32_t i)
{
	uint64_t begin = rdtsc_fenced();

	while (cpus[i].work || !cpus[i].halts) {
		cpu_pass_time();
		if (rdtsc_fenced() - begin < PATIENCE_CYCLES)
			continue;
		note("vCPU %lu does not come back", i, 0, 0, 0);
		return false;
	}
	/* Who is just about to halt does so in the meantime. */
	begin = rdtsc_fenced();
	while (rdtsc_fenced() - begin < CPU_HALTS_CYCLES)
		cpu_pass_time();
	return true;
}

/* Whoever halts wakes, and says so when it halts again. */
static void will_wake(uint32_t first, uint32_t last)
{
	for (; first <= last; first++)
		cpus[first].halts = false;
}

void cpus_send(uint32_t i, uint32_t how)
{
	will_wake(how & ICR_ALL ? 1 : i, how & ICR_ALL ? nr - 1 : i);
	try_wrmsr(MSR_IA32_X2APIC_ICR, (uint64_t)cpus[i].apic_id << 32 | how);
}

void cpus_send_logical(uint32_t first, uint32_t last, uint32_t how)
{
	uint32_t cluster = cpus[first].apic_id / CLUSTER, bits = 0, i;

	for (i = first; i <= last; i++) {
		if (cpus[i].apic_id / CLUSTER == cluster)
			bits |= 1u << cpus[i].apic_id % CLUSTER;
	}
	/* Of several one may be chosen: then only one wakes. */
	if (first == last)
		will_wake(first, last);
	try_wrmsr(MSR_IA32_X2APIC_ICR, (uint64_t)(cluster << 16 | bits) << 32 | ICR_LOGICAL | how);
}

bool cpus_start(uint32_t i)
{
	struct cpu *c = &cpus[i];

	memcpy((void *)LOW_START, cpus_real, cpus_real_end - cpus_real);
	cpu_next_stack = cpu_stacks[i - 1] + CPU_STACK_BYTES;
	c->work = NULL;
	cpus_send(i, ICR_INIT);
	/* As the SDM has it. Who runs already does not mind the second one. */
	cpus_send(i, ICR_SIPI | LOW_START >> 12);
	cpus_send(i, ICR_SIPI | LOW_START >> 12);
	c->started = cpus_wait(i);
	return c->started;
}

bool cpus_ready(void)
{
	uint32_t i;

	for (i = 1; i < nr; i++) {
		if (!cpus[i].started && !cpus_start(i))
			return false;
	}
	return true;
}

void cpus_work(uint32_t i, void (*work)(void))
{
	cpus[i].work = work;
	cpus_send(i, VECTOR_TIMER);
}

bool cpus_all_work(void (*work)(void))
{
	bool good = true;
	uint32_t i;

	for (i = 1; i < nr; i++)
		cpus_work(i, work);
	if (work)
		work();
	for (i = 1; i < nr; i++)
		good &= cpus_wait(i);
	return good;
}

/* What all but the boot processor do, from cpus_entry on. */
void cpus_main(void)
{
	struct cpu *c = &cpus[cpu_this()];

	apic_init();
	for (;;) {
		if (c->work) {
			c->work();
			c->work = NULL;
		}
		c->halts = true;
		/* STI holds interrupts off until HLT is done: no call can be missed. */
		asm volatile("sti; hlt; cli" : : : "memory");
	}
}
