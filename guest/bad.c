// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest should not do (do=NAME): each must end as the host's
 * documentation says, and must leave the host unharmed.
 */
#include "guest/cpu.h"
#include "guest/guest.h"
#include "machine/machine.h"

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

/*
 * Each instruction that reads, and with what it leaves in RAX if RAX was 1 and the
 * memory all ones. What it writes is lost, so the next one reads all ones again.
 */
#define MMIO_INSTRUCTIONS(X)							\
	X("incl (%1)", 1)							\
	X("lock decb (%1)", 1)							\
	X("notq (%1)", 1)							\
	X("negw (%1)", 1)							\
	X("lock addq %0, (%1)", 1)						\
	X("addq (%1), %0", 0)							\
	X("sbbb $0, (%1); setc %b0", 0)						\
	X("cmpl $-1, (%1); sete %b0", 1)					\
	X("xorl (%1), %k0", 0xfffffffe)						\
	X("testb $0x80, 3(%1); setnz %b0", 1)					\
	X("xchgw %w0, (%1)", 0xffff)						\
	X("lock xaddl %k0, (%1)", 0xffffffff)					\
	X("lock cmpxchgq %1, (%1)", ~0ull)					\
	X("lock btsl $5, (%1); sbbl %k0, %k0", 0xffffffff)			\
	X("btcq %0, (%1); setc %b0", 1)						\
	X("btq %1, (%1); setc %b0", 1)						\
	X("movzwl (%1), %k0", 0xffff)						\
	X("movsbq (%1), %0", ~0ull)						\
	X("movslq (%1), %0", ~0ull)						\
	X("pushq (%1); popq %0", ~0ull)						\
	X("pushq %0; popq (%1); movq (%1), %0", ~0ull)				\
	X("pushq %0; popw (%1); addq $6, %%rsp", 1)				\
	X("movq %1, %%rsi; lodsq", ~0ull)					\
	X("movq %1, %%rdi; movl $3, %%ecx; rep stosl; movl %%ecx, %k0", 0)	\
	X("movq %1, %%rdi; movl $3, %%ecx; repne scasb; movl %%ecx, %k0", 0)	\
	X("movq %1, %%rdi; movl $3, %%ecx; repe scasb; movl %%ecx, %k0", 2)	\
	X("movq %1, %%rsi; movq %2, %%rdi; movl $9, %%ecx; repe cmpsl; movl %%ecx, %k0", 8) \
	X("movq %1, %%rsi; movq %2, %%rdi; movsq; movq (%2), %0", ~0ull)

/* With the flags clear that a host could only leave as they were. */
static bool mmio_instructions(uint64_t address)
{
	static uint64_t ram[2];
	uint64_t rax, missed = 0;

#define X(insn, want)								\
	rax = 1;								\
	ram[0] = 0;								\
	asm volatile("test %0, %0; " insn : "+a"(rax) : "r"(address), "r"(ram)	\
		     : "rcx", "rsi", "rdi", "cc", "memory");			\
	if (rax != (want)) {							\
		missed++;							\
		print("guest: %s: RAX 0x%llx: fail\n", insn, (unsigned long long)rax); \
	}
	MMIO_INSTRUCTIONS(X)
#undef X
	print("guest: instructions on what is not RAM: %lu wrong: %s\n", missed,
	      missed ? "fail" : "ok");
	return !missed;
}

/*
 * Entries of a page table outside RAM read all ones, in which bits are reserved: so does
 * the processor. KVM takes them for not present.
 */
static bool table_outside(uint64_t virtual)
{
	const uint64_t table = 0x7;	/* present, writable, for CPL 3 */
	uint64_t *entry = &page_directories[virtual / SIZE_2MIB], old = *entry;
	uint64_t error = accounting.target == EXIT_ACCT_TARGET_KVM ? 0 : 9;
	bool faults = true;
	int vector, i;

	*entry = MACHINE_MMIO_HOLE | table;
	/* Twice: the host may know the place from the first time. */
	for (i = 0; i < 2; i++) {
		asm volatile("invlpg (%0)" : : "r"(virtual) : "memory");
		asm volatile(TRY("movl 8(%0), %%eax") : : "r"(virtual) : "rax", "memory");
		vector = trap_take();
		faults &= vector == VECTOR_PF && read_cr(2) == virtual + 8 &&
			  trap_error() == error;
	}
	*entry = old;
	asm volatile("invlpg (%0)" : : "r"(virtual) : "memory");
	print("guest: a page table outside RAM: vector %u error 0x%llx: %s\n", vector,
	      (unsigned long long)trap_error(), faults ? "ok" : "fail");
	return faults;
}

/* Memory that is not there reads all ones and ignores writes, wherever it is. */
static void outside(void)
{
	const uint64_t window = 0xc0000000;
	const uint32_t width = cpuid_get(0x80000008, 0).eax & 0xff;	/* MAXPHYADDR, bits */
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
	ones &= mmio_instructions(MACHINE_MMIO_HOLE + 0x3010);
	ones &= table_outside(window);
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
