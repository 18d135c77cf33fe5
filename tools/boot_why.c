// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why two hypervisors differ in the exits of one boot: what their sources say, hv's
 * and KVM's of Linux 6.12 (arch/x86/kvm/vmx/vmx.c and what it calls). What a figure
 * is comes from the logs, why it can differ from here and from nowhere else.
 */
#include <stdio.h>
#include <string.h>

#include "tools/boot_report.h"
#include "acct/exit_acct.h"

static const struct {
	const char *colour;		/* of Okabe and Ito's palette */
	const char *differs;		/* what may make the two counts differ */
	const char *handler[TARGETS];	/* where the time goes */
} whys[SLOTS] = {
	[0] = {
		.differs = "By default both let the guest's exceptions through. Without EPT, KVM "
		"intercepts every page fault (vmx_need_pf_intercept()) and fills its shadow page "
		"tables from some of them; hv only intercepts them and hands them back.",
		.handler[KVM] = "KVM looks each fault up in the guest's page tables.",
	},
	[1] = {
		.colour = "#cc79a7",
		.differs = "Interrupts of the host. KVM's host is a Linux with a timer tick and "
		"serial ports that interrupt; each one that comes while the guest runs is an "
		"exit. hv has no timer of its own and polls its serial port: nothing interrupts "
		"it.",
		.handler[KVM] = "The whole interrupt handler of the host runs inside this exit.",
	},
	[7] = {
		.colour = "#f0e442",
		.differs = "One for each interrupt that comes due while the guest cannot take it. "
		"How many do depends on when they come: it moves with the guest's clock.",
	},
	[10] = {
		.colour = "#56b4e9",
		.differs = "The guest's own instructions, one exit each on both. Linux asks for "
		"other leaves where the hypervisor's or the CPU's leaves answer differently.",
	},
	[12] = {
		.differs = "The guest has nothing to do. It has more often the slower its devices "
		"and the faster the host; each is one exit on both, and the sleep is in the "
		"round trip.",
	},
	[14] = {
		.differs = "Intercepted only without EPT: KVM must drop the shadow entry.",
	},
	[28] = {
		.differs = "CR0 and CR4 exit on both. CR3 does only without EPT, where KVM has to "
		"switch shadow page tables.",
	},
	[29] = {
		.differs = "After one MOV DR, KVM lets them through until the next exit off its "
		"fast path; hv does the same.",
	},
	[30] = {
		.colour = "#0072b2",
		.differs = "One exit for each IN and OUT on both: for a byte on the polled "
		"console one IN and one OUT. Output by interrupts adds IN for each interrupt, "
		"and how many bytes go with one is a matter of timing; host and guest also print "
		"lines of different length (frequencies, CPU names).",
		.handler[HV] = "hv is the serial port's driver: the handler of a line's last byte "
		"queues the line, which goes out sixteen bytes at a time before later VM entries. "
		"While the queue is full the handler waits for the wire, at 115,200 baud.",
		.handler[KVM] = "KVM's handler only prepares the trip to user space "
		"(kvm_fast_pio()): the device, the log and the wait for the wire are in the "
		"round trip.",
	},
	[31] = {
		.differs = "The guest's own instructions, one exit each on both.",
	},
	[32] = {
		.colour = "#e69f00",
		.differs = "Mostly two for each timer tick of the guest: EOI and the next TSC "
		"deadline. The guest's clock goes on while the hypervisor works, so on the "
		"slower of the two the same boot takes more ticks, and so more of these exits.",
	},
	[40] = {
		.differs = "Loops of PAUSE only, on both; how long a loop waits is a matter of "
		"timing.",
	},
	[48] = {
		.colour = "#d55e00",
		.differs = "Both map the guest's memory in pieces of 4 KiB, each when it is first "
		"touched: the count is the number of pages touched, and one for the first access "
		"to each page of MMIO. Which pages those are varies a little with the course of "
		"the boot.",
		.handler[KVM] = "KVM's host has to find and clear a page, and KVM to map it "
		"(kvm_mmu_page_fault()); hv's guest has its memory from the start.",
	},
	[49] = {
		.differs = "MMIO that was touched before: one exit for each access on both (the "
		"first one to a page is an EPT violation).",
	},
	[52] = {
		.colour = "#009e73",
		.differs = "The guest's APIC timer, on both by the VMX-preemption timer: one for "
		"each tick that falls into guest code. On the slower of the two the same boot "
		"takes more ticks. KVM also uses it to force an exit at once, hv to send what the "
		"guest has printed when it makes no exit for 40 ms.",
	},
	[55] = {
		.differs = "The guest's own instructions, one exit each on both.",
	},
	[58] = {
		.differs = "Intercepted only without EPT, as INVLPG.",
	},
};

const char *why_differs(int reason)
{
	return whys[reason].differs ? whys[reason].differs :
	       "Not known to this page: the figures are right, but nobody has written down why.";
}

const char *why_handler(int reason, enum target target)
{
	return whys[reason].handler[target];
}

const char *reason_colour(int reason)
{
	return reason >= 0 && whys[reason].colour ? whys[reason].colour : "#999999";
}

const struct published published[NR_PUBLISHED] = {
	{
		.from = 49100, .to = 49100,
		.figure = "49,100",
		.counted = "A counter per reason and one for all; 10,645 WRMSR, 2,130 EPT "
		"misconfigurations.",
		.reading = "The order of the console boots here.",
	},
	{
		.from = 2e6, .to = 2e6,
		.figure = "about 2 million",
		.counted = "1,419,909 I/O instructions, 305,428 interrupt windows.",
		.reading = "By its own numbers I/O makes this figure; without I/O and interrupt "
		"windows some 65,000 are left.",
		.io = 1419909,
	},
	{
		.from = 1.5e6, .to = 2e6,
		.figure = "1.5 to 2 million",
		.counted = "1,663,865 I/O instructions, 27,479 EPT violations.",
		.reading = "By its own numbers nearly all I/O; of what it names some 84,000 are "
		"left without.",
		.io = 1663865,
	},
	{
		.from = 28586213, .to = 28586213,
		.figure = "28,586,213",
		.counted = "One counter for all exits, no reasons.",
		.reading = "Nothing published says what these exits were. Such a counter runs "
		"from the loading of the module on and sees every VM: it need not be the figure "
		"of one boot.",
	},
	{
		.from = 1e4, .to = 5e4,
		.figure = "10,000 to 50,000",
		.counted = "Counters per reason and for all, a report every 10,000 exits.",
		.reading = "The order of the quiet and console boots here.",
	},
};
