// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest should not do (do=NAME): each must end as the host's
 * documentation says, and must leave the host unharmed.
 */
#include "cpu.h"
#include "guest.h"
#include "machine.h"

/* A page directory entry: SDM volume 3, "Paging-Structure Entries". */
#define PDE_2MIB	0x83
#define SIZE_2MIB	0x200000ull

extern uint64_t page_directories[];

/* An empty IDT: the breakpoint cannot be delivered, nor can what follows. */
static void triple_fault(void)
{
	const struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} nothing = { 0, 0 };

	asm volatile("lidt %0; int3" : : "m"(nothing));
}

static void halt_forever(void)
{
	for (;;)
		asm volatile("cli; hlt");
}

static bool reads_ones(const char *what, uint64_t virtual)
{
	uint64_t value;
	bool ones;

	asm volatile("movq %1, (%2); movq (%2), %0"
		     : "=&r"(value) : "r"(0x0123456789abcdefull), "r"(virtual) : "memory");
	ones = value == ~0ull;
	print("guest: %s: reads 0x%lx: %s\n", what, value, ones ? "ok" : "fail");
	return ones;
}

/* Memory that is not there reads all ones and ignores writes, wherever it is. */
static void outside(void)
{
	const uint64_t window = 0xc0000000;
	const uint32_t width = cpuid(0x80000008, 0).eax & 0xff;	/* MAXPHYADDR, bits */
	const uint64_t beyond[] = { 1ull << 32, (1ull << width) - SIZE_2MIB };
	bool ones;
	size_t i;

	ones = reads_ones("the hole below 1 MiB", MACHINE_RAM_LOW_END);
	ones &= reads_ones("above the largest RAM", MACHINE_MEM_MAX_MIB << 20);
	ones &= reads_ones("MMIO hole", MACHINE_MMIO_HOLE + MACHINE_MMIO_HOLE_SIZE - 8);
	for (i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		page_directories[window / SIZE_2MIB] = beyond[i] | PDE_2MIB;
		asm volatile("invlpg (%0)" : : "r"(window) : "memory");
		ones &= reads_ones("above 4 GiB", window);
	}
	end_vm(ones ? 0 : 1);
}

static const struct {
	const char *name;
	void (*act)(void);
} places[] = {
	{ "triple_fault",	triple_fault },
	{ "halt_forever",	halt_forever },	/* HLT that nothing can wake */
	{ "outside",		outside },	/* ends with code 0 or 1 */
};

bool bad_place(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!name)
			print("guest: do=%s\n", places[i].name);
		else if (!strcmp(name, places[i].name))
			places[i].act();
	}
	return !name;
}
