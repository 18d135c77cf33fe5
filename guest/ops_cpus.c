// SPDX-License-Identifier: GPL-2.0-only
/* Operations of several processors. The second is the one that is sent to. */
#include "guest/cpu.h"
#include "guest/cpus.h"
#include "guest/rows.h"
#include "guest/selectors.h"

#define OTHER		1
#define PATIENCE	100000000ull	/* cycles */
#define READS		AT_ONCE_EXITS

static volatile uint32_t at_barrier, seen;
static volatile uint8_t *shared_page;

static bool cpus_missing(enum result *result)
{
	*result = ROW_SKIP;
	if (cpus_nr() == 1)
		skip("there is one processor");
	else if (!cpus_ready())
		*result = ROW_FAIL;
	else
		return false;
	return true;
}

/* An IPI to one that halts wakes it, and it halts again. */
enum result op_ipi_halted(void)
{
	uint64_t before = interrupts(OTHER);
	enum result result;

	if (cpus_missing(&result))
		return result;
	before = interrupts(OTHER);
	cpus_work(OTHER, NULL);
	return ok(cpus_wait(OTHER) && interrupts(OTHER) == before + 1);
}

enum result op_ipi_hlt(void)
{
	return op_ipi_halted();
}

/* Interrupts on, and no exit of its own, until the next one has come. */
static void wait_for_interrupt(void)
{
	const uint64_t before = interrupts(OTHER), begin = rdtsc_fenced();

	seen = 0;
	asm volatile("sti" : : : "memory");
	at_barrier = 1;
	while (interrupts(OTHER) == before && rdtsc_fenced() - begin < PATIENCE)
		;
	asm volatile("cli" : : : "memory");
	seen = interrupts(OTHER) == before + 1;
}

static void wait_for_nmi(void)
{
	const uint64_t before = nmis(OTHER), begin = rdtsc_fenced();

	seen = 0;
	at_barrier = 1;
	while (nmis(OTHER) == before && rdtsc_fenced() - begin < PATIENCE)
		cpu_pass_time();
	seen = nmis(OTHER) == before + 1;
}

/* Send to the other one while it does @work. */
static enum result to_running(void (*work)(void), uint32_t how)
{
	const uint64_t begin = rdtsc_fenced();
	enum result result;

	if (cpus_missing(&result))
		return result;
	at_barrier = 0;
	cpus_work(OTHER, work);
	while (!at_barrier && rdtsc_fenced() - begin < PATIENCE)
		cpu_pass_time();
	cpus_send(OTHER, how);
	return ok(cpus_wait(OTHER) && seen);
}

enum result op_ipi_running(void)
{
	return to_running(wait_for_interrupt, ICR_FIXED | VECTOR_TIMER);
}

enum result op_ipi_kick(void)
{
	return op_ipi_running();
}

enum result op_nmi_halted(void)
{
	enum result result;
	uint64_t before;

	if (cpus_missing(&result))
		return result;
	before = nmis(OTHER);
	cpus_send(OTHER, ICR_NMI);
	return ok(cpus_wait(OTHER) && nmis(OTHER) == before + 1);
}

enum result op_nmi_running(void)
{
	return to_running(wait_for_nmi, ICR_NMI);
}

enum result op_ipi_broadcast(void)
{
	uint64_t before[CPUS_MAX];
	enum result result;
	bool good = true;
	uint32_t i;

	if (cpus_missing(&result))
		return result;
	for (i = 1; i < cpus_nr(); i++)
		before[i] = interrupts(i);
	cpus_send(0, ICR_ALL_OTHERS | VECTOR_TIMER);
	for (i = 1; i < cpus_nr(); i++)
		good &= cpus_wait(i) && interrupts(i) == before[i] + 1;
	return ok(good);
}

enum result op_ipi_logical(void)
{
	enum result result;
	uint64_t before;

	if (cpus_missing(&result))
		return result;
	before = interrupts(OTHER);
	cpus_send_logical(OTHER, OTHER, ICR_FIXED | VECTOR_TIMER);
	return ok(cpus_wait(OTHER) && interrupts(OTHER) == before + 1);
}

static uint64_t interrupts_of_others(void)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 1; i < cpus_nr(); i++)
		sum += interrupts(i);
	return sum;
}

/* All others, of whom one is chosen. */
enum result op_ipi_lowest(void)
{
	const uint64_t begin = rdtsc_fenced();
	enum result result;
	uint64_t before;
	uint32_t i;

	if (cpus_missing(&result))
		return result;
	before = interrupts_of_others();
	cpus_send_logical(OTHER, cpus_nr() - 1, ICR_LOWEST | VECTOR_TIMER);
	while (interrupts_of_others() == before && rdtsc_fenced() - begin < PATIENCE)
		cpu_pass_time();
	/* Whoever it was halts again, and no second one comes. */
	for (i = 1; i < cpus_nr(); i++)
		cpus_wait(i);
	return ok(interrupts_of_others() == before + 1);
}

/* From its halt to its first instruction, and to the halt again. */
enum result op_init_sipi(void)
{
	enum result result;

	if (cpus_missing(&result))
		return result;
	return ok(cpus_start(OTHER));
}

static void exits(void)
{
	uint32_t i;

	for (i = 0; i < AT_ONCE_EXITS; i++)
		cpuid_get(0, 0);
}

static enum result all_at_once(void (*work)(void))
{
	enum result result;

	return cpus_missing(&result) ? result : ok(cpus_all_work(work));
}

enum result op_at_once(void)
{
	return all_at_once(exits);
}

/* The boot processor's sums never go back, and grow by its own read at least. */
static void exits_or_reads(void)
{
	uint64_t last = 0, total;
	uint32_t i;

	if (cpu_this()) {
		exits();
		return;
	}
	for (i = 0; i < READS; i++, last = total) {
		struct exit_acct_regs r = cpuid_get(EXIT_ACCT_LEAF_TOTAL, 0);

		total = (uint64_t)r.ebx << 32 | r.eax;
		if (accounting.present && total <= last)
			note("read %lu: %lu exits, and before %lu", i, total, last, 0);
	}
}

enum result op_read_leaves(void)
{
	enum result result = all_at_once(exits_or_reads);

	return note_pending() && result == ROW_OK ? ROW_FAIL : result;
}

/* All come to one place, and go on at the same time. */
static void touch_page(void)
{
	const uint64_t begin = rdtsc_fenced();

	__atomic_add_fetch(&at_barrier, 1, __ATOMIC_SEQ_CST);
	while (at_barrier < cpus_nr() && rdtsc_fenced() - begin < PATIENCE)
		cpu_pass_time();
	shared_page[cpu_this()] = cpu_this() + 1;
}

enum result op_same_page(void)
{
	enum result result;
	bool good;
	uint32_t i;

	if (cpus_missing(&result))
		return result;
	shared_page = fresh_page();
	if (!shared_page)
		return skip(NO_FRESH_PAGE);
	at_barrier = 0;
	good = cpus_all_work(touch_page);
	for (i = 0; i < cpus_nr(); i++)
		good &= shared_page[i] == i + 1;
	return ok(good);
}

/* So many that a report of every 10,000 exits falls due while all run. */
static void report_exits(void)
{
	uint32_t i;

	for (i = 0; i < REPORT_EXITS / AT_ONCE_EXITS; i++)
		exits();
}

enum result op_report(void)
{
	return all_at_once(report_exits);
}
