// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to who started the guest: the console, the command line, the end.
 *
 * Sources: Multiboot Specification, "Boot information format"; Xen "x86/HVM direct boot
 * ABI".
 */
#include <stdarg.h>
#include "tests/agree/agree.h"
#include "tests/agree/console.h"
#include "machine/machine.h"
#include "machine/pvh.h"
#include "machine/text.h"
#include "machine/x86.h"

#define MULTIBOOT_LOADED	0x2badb002
#define MULTIBOOT_CMDLINE	4		/* index of a word in its information */
#define UART_LSR		(MACHINE_COM1 + 5)
#define LSR_THRE		0x20
#define LSR_TEMT		0x40
#define FIFO_BYTES		16

/* COM1 by OUTS: in a guest of KVM each exit is a trip to user space. */
static char fifo[FIFO_BYTES];
static u32 queued;

static void send(void)
{
	const char *from = fifo;

	for (u32 i = 0; i < 1000000 && !(inb(UART_LSR) & LSR_THRE); i++)
		;
	asm volatile("rep outsb" : "+S"(from), "+c"(queued) : "d"(MACHINE_COM1) : "memory");
}

static void put(char c)
{
	fifo[queued++] = c;
	if (queued == FIFO_BYTES)
		send();
}

void drain(void)
{
	send();
	for (u32 i = 0; i < 1000000 && !(inb(UART_LSR) & LSR_TEMT); i++)
		;
}

void print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, fmt, ap);
	va_end(ap);
}

void console_init(void)
{
	outb(MACHINE_COM1 + 1, 0);
	outb(MACHINE_COM1 + 3, 0x80);
	outb(MACHINE_COM1, 1);
	outb(MACHINE_COM1 + 1, 0);
	outb(MACHINE_COM1 + 3, 0x03);
	outb(MACHINE_COM1 + 2, 0x07);
	outb(MACHINE_COM1 + 4, 0x03);
}

const char *console_words(u32 magic, const u32 *info)
{
	if (magic == MULTIBOOT_LOADED)
		return (const char *)(u64)info[MULTIBOOT_CMDLINE];
	return (const char *)((const struct pvh_start_info *)info)->cmdline;
}

void finish(u32 code)
{
	static const char shutdown[] = BOCHS_SHUTDOWN_WORD;

	drain();
	outb(MACHINE_EXIT_PORT, code);
	/* So Bochs ends, where there is no exit port. */
	for (u32 i = 0; shutdown[i]; i++)
		outb(BOCHS_SHUTDOWN_PORT, shutdown[i]);
	for (;;)
		asm volatile("cli; hlt");
}
