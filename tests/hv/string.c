// SPDX-License-Identifier: GPL-2.0-only
/* String I/O in both directions, across pages, into faults and round the end. */
#include "tests/hv/instr.h"
#include "machine/machine.h"
#include "machine/text.h"

/* RDI or RSI, RCX and the bytes where an instruction with REP ends up. */
#define STRING(name, insn, port, address, count, at)				\
do {										\
	u64 di = (address), cx = (count);					\
	fill();									\
	table[0] = (u64)pages | PTE;						\
	table[2] = (u64)(pages + 4096) | PTE;					\
	asm volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory"); \
	asm volatile(TRY(insn) "cld" : "+D"(di), "+c"(cx) : "d"(port) : "memory"); \
	print(name ": index %lu, left %lu\n", (long)(di - (address)), cx);	\
	show(name, at);								\
	raised(name);								\
} while (0)

static void string_input(void)
{
	const uint16_t nobody = 0x5a0, scratch = MACHINE_COM1 + 7;
	u64 p = (u64)pages;
	uint8_t *low = NULL;

	asm volatile("outb %0, %1" : : "a"((uint8_t)0x5a), "Nd"(scratch));
	STRING("rep insb", "rep insb", nobody, p + 4090, 12ull, pages + 4090);
	STRING("rep insw across", "rep insw", nobody, p + 4091, 6ull, pages + 4090);
	STRING("rep insl across", "rep insl", nobody, p + 4089, 3ull, pages + 4089);
	STRING("rep insb down", "std; rep insb", nobody, p + 4098, 9ull, pages + 4088);
	STRING("rep insw down across", "std; rep insw", nobody, p + 4099, 5ull, pages + 4088);
	STRING("rep insl down across", "std; rep insl", nobody, p + 4097, 3ull, pages + 4088);
	STRING("insw down", "std; insw", nobody, p + 100, 7ull, pages + 96);
	STRING("rep insb of nothing", "rep insb", nobody, p + 16, 0ull, pages + 16);
	STRING("rep insw from a register", "rep insw", scratch, p + 16, 3ull, pages + 16);
	STRING("rep insw from it down", "std; rep insw", scratch, p + 20, 3ull, pages + 16);
	STRING("rep insw from before it", "rep insw", scratch - 1, p + 16, 3ull, pages + 16);
	STRING("rep insb into a fault", "rep insb", nobody, WINDOW + 4092, 9ull, pages + 4090);
	STRING("rep insw into a fault", "rep insw", nobody, WINDOW + 4091, 9ull, pages + 4090);
	STRING("rep insl down into a fault", "std; rep insl", nobody, WINDOW + 0x2006, 4ull,
	       pages + 4096);
	STRING("rep insl down from a fault", "std; rep insl", nobody, WINDOW + 0x100c, 12ull,
	       pages + 4080);
	print("rep insl down from a fault: flags of the page below %lx\n", table[0] & 0x60);
	STRING("rep insb of 3000", "rep insb", nobody, p + 5000, 3000ull, pages + 7990);
	STRING("rep insb down of 3000", "std; rep insb", nobody, p + 7999, 3000ull, pages + 4990);
	STRING("rep insb addr32", "addr32 rep insb", nobody, p + 16, 1ull << 32 | 5, pages + 16);
	STRING("rep insw not canonical", "rep insw", nobody, 1ull << 63, 2ull, pages + 16);
	asm volatile("" : "+r"(low));
	memset(low, 0x33, 32);
	STRING("rep insw addr32 wraps", "addr32 rep insw", nobody, 0xfffffffcull, 4ull, pages);
	show("the lowest memory", low + 1);
	STRING("rep insl down addr32 wraps", "std; addr32 rep insl", nobody, 4ull, 3ull, pages);
	show("the lowest memory", low + 1);
}

static void string_output(void)
{
	static const char text[] = "a string\n", back[] = "\nsdrawkcab";
	const char *from = text;
	u64 count = sizeof(text) - 1;

	asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(MACHINE_COM1) : "memory");
	print("rep outsb: %lu %lu\n", from - text, count);
	from = back + sizeof(back) - 2;
	count = sizeof(back) - 1;
	asm volatile("std; rep outsb; cld" : "+S"(from), "+c"(count) : "d"(MACHINE_COM1)
		     : "memory");
	print("rep outsb down: %lu %lu\n", from - back, count);
	from = (const char *)WINDOW + 4090;
	memset(pages, '.', 4096);
	count = 8;
	asm volatile(TRY("rep outsb") : "+S"(from), "+c"(count) : "d"(MACHINE_COM1) : "memory");
	print("\nrep outsb into a fault: %lx %lu\n", (u64)from, count);
	raised("rep outsb");
}

void strings(void)
{
	string_input();
	string_output();
}
