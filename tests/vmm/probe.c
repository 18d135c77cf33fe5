// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that asks its machine what runner.t wants to know, in the state in
 * which PVH enters it: 32-bit, no paging. It sends a line for each question
 * that is answered wrongly.
 *
 * Its command line begins with eight hex digits, which it writes to the exit
 * port; of the numbers beyond 31 bits, 8xxxxxxx is a triple fault instead and
 * cxxxxxxx a loop without end.
 */
#include <stddef.h>
#include <stdint.h>
#include "machine/machine.h"
#include "machine/pvh.h"

#define STRING(x) #x
#define VALUE(x) STRING(x)

asm(".section .note.pvh, \"a\", @note\n"
    ".long 4, 4, " VALUE(PVH_NOTE_PHYS32_ENTRY) "\n"
    ".asciz \"" PVH_NOTE_NAME "\"\n"
    ".long start\n"
    ".text\n"
    ".globl start\n"
    "start:\n"
    "	mov $stack + 4096, %esp\n"
    "	mov %cr0, %eax\n"
    "	push %eax\n"
    "	push %ebx\n"
    "	call probe\n");

uint8_t stack[4096] __attribute__((aligned(16)));
void probe(const struct pvh_start_info *info, uint32_t cr0);

static void send(const char *text)
{
	for (; *text; text++)
		asm volatile("outb %0, %1" : : "a"(*text), "Nd"((uint16_t)MACHINE_COM1));
}

static void expect(const char *what, uint32_t got, uint32_t want)
{
	if (got == want)
		return;
	send("wrong: ");
	send(what);
	send("\n");
}

static uint32_t load(uint64_t addr)
{
	return *(volatile uint32_t *)(uintptr_t)addr;
}

static void store(uint64_t addr, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)addr = value;
}

static void ask_memory(void)
{
	store(MACHINE_MMIO_HOLE, 0);
	expect("MMIO hole", load(MACHINE_MMIO_HOLE), ~0u);
	store(MACHINE_RAM_LOW_END, 0);
	expect("start of the PC hole", load(MACHINE_RAM_LOW_END), ~0u);
	expect("end of the PC hole", load(MACHINE_RAM_HIGH_START - 4), ~0u);
	expect("across the end of low RAM", load(MACHINE_RAM_LOW_END - 2), 0xffff0000);
	expect("last low RAM", load(MACHINE_RAM_LOW_END - 4), 0);
}

/* String instructions may bring many elements to the host at once. */
static void ask_ports(void)
{
	static const char string[] = "probe: a string\n";
	static uint16_t words[3001];
	const void *from = string;
	size_t count = sizeof(string) - 1;
	void *to = words;
	uint32_t value;
	uint8_t byte;

	asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(MACHINE_COM1) : "memory");
	expect("REP OUTS, count left", count, 0);
	count = 3000;
	asm volatile("rep insw" : "+D"(to), "+c"(count) : "d"(0x80) : "memory");
	expect("REP INS, count left", count, 0);
	expect("REP INS, first", words[0], 0xffff);
	expect("REP INS, last", words[2999], 0xffff);
	expect("REP INS, behind the last", words[3000], 0);
	asm volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)0x80));
	expect("IN of 32 bits from an unbacked port", value, ~0u);
	asm volatile("inb %1, %0" : "=a"(byte) : "Nd"((uint16_t)0x21));
	expect("IN from where a PC has its interrupt controller", byte, 0xff);
	value = 0;
	asm volatile("inw %1, %w0" : "+a"(value) : "Nd"((uint16_t)(MACHINE_COM1 + 5)));
	expect("IN over two registers of COM1", value, 0xb060);
}

/* Source: SDM volume 2, "CPUID—CPU Identification", leaf 01H. */
static void ask_cpuid(void)
{
	const uint32_t vmx = 1u << 5, x2apic = 1u << 21, tsc_deadline = 1u << 24,
		       hypervisor = 1u << 31;
	uint32_t eax = 1, ebx, ecx, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	expect("CPUID: x2APIC, TSC-deadline, hypervisor, no VMX",
	       ecx & (vmx | x2apic | tsc_deadline | hypervisor),
	       x2apic | tsc_deadline | hypervisor);
	expect("CPUID: APIC id 0, one logical processor", ebx >> 16, 1);
}

static uint32_t number(const char *text)
{
	uint32_t value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value = value << 4 | ((text[i] & 0xf) + (text[i] > '9' ? 9 : 0));
	return value;
}

void probe(const struct pvh_start_info *info, uint32_t cr0)
{
	const char *cmdline = (const char *)(uintptr_t)info->cmdline;
	static const struct { uint16_t limit; uint32_t base; } __attribute__((packed)) nowhere;
	uint32_t code;

	expect("CR0 at entry", cr0, PVH_CR0);
	expect("magic of the start info", info->magic, PVH_START_MAGIC);
	expect("ACPI's root pointer", load(info->rsdp), 0x20445352);	/* "RSD " */
	send("probe: cmdline=");
	send(cmdline);
	send("\n");
	ask_ports();
	ask_memory();
	ask_cpuid();

	code = number(cmdline);
	if (code >> 30 == 3) {
		for (;;)
			;
	}
	if (code >> 30 == 2) {
		send("probe: an unfinished line");
		asm volatile("lidt %0; ud2" : : "m"(nowhere));
	}
	asm volatile("outl %0, %1" : : "a"(code), "Nd"((uint16_t)MACHINE_EXIT_PORT));
}
