// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Multiboot 1 image in the style of test programs for hypervisors: console by OUTS to
 * COM1, no initialisation of it, end by the exit port. It prints what its loader told it
 * and ends with the code that its command line or its module has behind "code=".
 *
 * Source: Multiboot Specification version 0.6.96.
 */
#include <stdint.h>

#define COM1		0x3f8
#define EXIT_PORT	0xf4
#define RAW		0x10000		/* flag: the header has addresses */

#ifdef RAW_IMAGE
#define FLAGS		(3 | RAW)
#else
#define FLAGS		3
#endif

extern uint8_t image[], data_end[], bss_end[];
void entry(void);

__attribute__((section(".header"), used)) static const struct {
	uint32_t magic, flags, checksum;
	const void *addresses[5];
} header = {
	0x1badb002, FLAGS, -(0x1badb002u + FLAGS),
	{ &header, image, data_end, bss_end, entry },
};

static uint8_t zeroes[5000], stack[4096] __attribute__((aligned(16), used));

asm(".globl entry\n"
    "entry: mov $stack + 4096, %esp\n"
    "	push %ebx\n"
    "	push %eax\n"
    "	call run\n");

static void print(const char *s)
{
	uint32_t n = 0;

	while (s[n])
		n++;
	asm volatile("rep outsb" : "+S" (s), "+c" (n) : "d" (COM1) : "memory");
}

static void print_number(const char *name, uint32_t value)
{
	char text[] = "00000000\n";

	for (int i = 0; i < 8; i++, value <<= 4)
		text[i] = "0123456789abcdef"[value >> 28];
	print(name);
	print(text);
}

static uint32_t code_in(const char *s, const char *end, uint32_t code)
{
	for (; s + 5 < end && *s; s++) {
		if (s[0] == 'c' && s[1] == 'o' && s[2] == 'd' && s[3] == 'e' && s[4] == '=')
			for (s += 5, code = 0; s < end && *s >= '0' && *s <= '9'; s++)
				code = code * 10 + *s - '0';
	}
	return code;
}

/* The segments are as the table says: load them again from it. */
static void reload(void)
{
	asm volatile("mov %%ds, %%ecx; mov %%ecx, %%ds; mov %%ecx, %%es; mov %%ecx, %%ss\n"
		     "	push %%cs; push $1f; lret\n"
		     "1:" : : : "ecx", "memory");
}

__attribute__((used)) void run(uint32_t magic, const uint32_t *info)
{
	const uint32_t *module = (const uint32_t *)info[6];
	uint32_t code = 0, sum = 0, flags, cr0;

	print_number("magic=", magic);
	for (uint32_t i = 0; i < sizeof(zeroes); i++)
		sum |= zeroes[i];
	print_number("zeroes=", sum);
	asm volatile("pushf; pop %0; mov %%cr0, %1" : "=r" (flags), "=r" (cr0));
	print_number("if=", flags & 0x200);
	print_number("paging,protection=", cr0 & 0x80000001);
	print_number("known=", info[0] & 0x4d);
	print_number("upper=", info[2]);
	print("cmdline=");
	print((const char *)info[4]);
	print("\n");
	code = code_in((const char *)info[4], (const char *)-1, code);
	for (uint32_t i = 0; i < info[5]; i++, module += 4) {
		print("module=");
		print((const char *)module[2]);
		print("\n");
		code = code_in((const char *)module[0], (const char *)module[1], code);
	}
	for (uint32_t at = info[12]; at < info[12] + info[11]; at += *(uint32_t *)at + 4) {
		if (*(uint32_t *)(at + 20) == 1)
			print_number("memory at ", *(uint32_t *)(at + 4));
	}
	reload();
	asm volatile("out %0, %1" : : "a" (code), "Nd" (EXIT_PORT));
	for (;;)
		asm volatile("hlt");
}
