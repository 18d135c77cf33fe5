// SPDX-License-Identifier: GPL-2.0-only
/*
 * End the VM with a code. By the processor's own instruction, once the kernel has
 * let the process use the port: not every kernel has a /dev/port.
 *
 * usage: vmexit CODE; comes back where that port ends nothing
 *
 * Without the C library, which is 680 KB: each page of an initramfs is an exit.
 */
#include <asm/ioctls.h>
#include <asm/unistd.h>
#include "machine/machine.h"

#define STRING(x) #x
#define VALUE(x) STRING(x)

#define STDOUT 1
#define STDERR 2

asm(".globl _start\n"
    "_start:\n"
    "	mov %rsp, %rdi\n"
    "	call run\n");

static long system_call(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return result;
}

static void __attribute__((noreturn)) leave(const char *message, int code)
{
	long length = 0;

	while (message[length])
		length++;
	system_call(__NR_write, STDERR, (long)message, length);
	for (;;)
		system_call(__NR_exit, code, 0, 0);
}

/* 0 to 255, or -1 for anything else. */
static int number(const char *s)
{
	int value = 0;

	if (!s || !*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9' || (value = value * 10 + *s - '0') > 255)
			return -1;
	}
	return value;
}

/* As the kernel starts a process: argc, then the words of argv. */
void __attribute__((noreturn)) run(const long *stack)
{
	int code = stack[0] == 2 ? number((const char *)stack[2]) : -1;

	if (code < 0)
		leave("usage: vmexit CODE, from 0 to 255\n", MACHINE_CODE_USAGE);
	if (system_call(__NR_ioperm, MACHINE_EXIT_PORT, 1, 1))
		leave("vmexit: port " VALUE(MACHINE_EXIT_PORT) ": not allowed by this kernel\n", 1);
	/* tcdrain(): another processor may still be at what was written before. */
	system_call(__NR_ioctl, STDOUT, TCSBRK, 1);
	asm volatile("outb %b0, %1" : : "a"(code), "Nd"((unsigned short)MACHINE_EXIT_PORT));
	leave("vmexit: port " VALUE(MACHINE_EXIT_PORT) " ends nothing here\n", 1);
}
