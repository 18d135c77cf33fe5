// SPDX-License-Identifier: GPL-2.0-only
/* Operations that wait for an interrupt. */
#include "guest/cpu.h"
#include "guest/rows.h"
#include "guest/selectors.h"
#include "machine/x2apic.h"

#define TIMER_CYCLES	100000	/* long enough to reach HLT before it fires */
#define HOST_TICK_CYCLES 1000000
#define TIMER_PATIENCE	1000	/* times as long, until the timer counts as dead */

enum result op_hlt(void)
{
	uint64_t before = timer_ticks();

	if (!timer_present())
		return skip("no x2APIC with TSC-deadline timer");
	timer_arm(TIMER_CYCLES);
	/* STI holds interrupts off until HLT is done: the wake-up cannot be missed. */
	asm volatile("sti; hlt; cli" : : : "memory");
	return ok(timer_ticks() == before + 1);
}

enum result op_running_timer(void)
{
	uint64_t before = timer_ticks();
	uint64_t begin = rdtsc_fenced();

	if (!timer_present())
		return skip("no x2APIC with TSC-deadline timer");
	timer_arm(TIMER_CYCLES);
	asm volatile("sti" : : : "memory");
	while (timer_ticks() == before && rdtsc_fenced() - begin < TIMER_CYCLES * TIMER_PATIENCE)
		;
	asm volatile("cli" : : : "memory");
	return ok(timer_ticks() == before + 1);
}

/* An interrupt from the CPU to itself, on the timer's vector to need no other. */
enum result op_self_ipi(void)
{
	uint64_t before = timer_ticks();

	if (!timer_present())
		return skip("no x2APIC with TSC-deadline timer");
	/* Interrupts are off here: the host must ask for a window and wait for STI. */
	try_wrmsr(MSR_IA32_X2APIC_SELF_IPI, VECTOR_TIMER);
	asm volatile("sti; nop; cli" : : : "memory");
	return ok(timer_ticks() == before + 1);
}

/* Held back by the priority, until CR8 falls below that of the interrupt's class. */
enum result op_tpr_threshold(void)
{
	uint64_t before = timer_ticks(), held;

	if (!timer_present())
		return skip("no x2APIC with TSC-deadline timer");
	write_cr(8, VECTOR_TIMER >> 4);
	try_wrmsr(MSR_IA32_X2APIC_SELF_IPI, VECTOR_TIMER);
	asm volatile("sti; nop; nop" : : : "memory");
	held = timer_ticks();
	write_cr(8, 0);
	asm volatile("nop; cli" : : : "memory");
	return ok(held == before && timer_ticks() == before + 1);
}

enum result op_nmi(void)
{
	if (!timer_present())
		return skip("no x2APIC");
	return ok(nmi_take(1) == 1);
}

/* The second NMI comes while the first is handled, and waits for its IRET. */
enum result op_nmi_window(void)
{
	if (!timer_present())
		return skip("no x2APIC");
	return ok(nmi_take(2) == 2);
}

/*
 * The host's own interrupts, if it has any: nothing here makes them come. They
 * exit whatever the guest's IF is, but Bochs only looks for them while it is on.
 */
enum result op_external_interrupt(void)
{
	uint64_t begin = rdtsc_fenced();

	asm volatile("sti" : : : "memory");
	while (rdtsc_fenced() - begin < HOST_TICK_CYCLES)
		;
	asm volatile("cli" : : : "memory");
	return ROW_OK;
}

/* The same again, for rows that look at another reason. */

enum result op_hlt_wrmsr(void)
{
	return op_hlt();
}

enum result op_hlt_timer(void)
{
	return op_hlt();
}

enum result op_interrupt_window(void)
{
	return op_self_ipi();
}
