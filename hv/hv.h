/* SPDX-License-Identifier: GPL-2.0-only */
/* What hv is made of below VMX: console, boot information, memory, the end. */
#ifndef HV_HV_H
#define HV_HV_H

/* Selectors of start.S's GDT, which asm and C share. */
#define SELECTOR_CODE	0x08
#define SELECTOR_DATA	0x10
#define SELECTOR_TSS	0x18

/* MACHINE_CODE_NO_VIRT for start.S; main.c asserts that it is. */
#define START_CODE_NO_VIRT 69

#ifndef __ASSEMBLER__
#include "machine/com1.h"
#include "acct/exit_acct.h"
#include "hv/boot/handover.h"
#include "machine/text.h"

#define PAGE_SIZE	4096ull
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* console.c */

/** console_guest_byte - machine_uart's transmit: hold it back until its line is full */
void console_guest_byte(void *ctx, u8 byte);

/** console_line_began - TSC at which the guest has begun an unfinished line, 0: there is none */
extern u64 console_line_began;

/** console_flush_guest - print what the guest has written of an unfinished line */
void console_flush_guest(void);

/** vprint_line - print "hv: ", the text and a newline, on a line of its own */
void vprint_line(const char *fmt, va_list ap);

/** die - print "hv: " and a line, then end with @code because of an error */
void die(u32 code, const char *fmt, ...) __attribute__((noreturn, cold)) __printf(2, 3);

/* end.c */

/**
 * hv_end - print the log's last line and leave the machine
 * @cause: CAUSE_…
 * @code: exit code, as isa-debug-exit and the run scripts take it
 */
void hv_end(const char *cause, u32 code) __attribute__((noreturn, cold));

/* trap.c */

/** trap_init - TSS and IDT: any fault in hv prints registers and ends the machine */
void trap_init(void);

/** trap_tss_base - linear address of the TSS */
u64 trap_tss_base(void);

/* bootinfo.c */

struct hv_options {
	enum exit_acct_map leaves;
	u64 report;			/* exits between reports, 0: never */
	u64 mem;			/* guest RAM, MiB */
	u64 limit;			/* seconds from the first entry on, 0: none */
	const char *machine;		/* "bochs", "qemu", "bare" */
	const char *clock;		/* "emulated", "hardware" */
	u16 unhandled;			/* reason to go without a handler, as a test */
	const char *intercept;		/* names of intercept.c, commas between them */
	const char *guest_cmdline;
};

struct bootinfo {
	const struct handover_module *modules;	/* guest image, initrd */
	struct hv_options options;
};

/**
 * bootinfo_init - understand what the boot loader handed over
 * @magic: EAX at entry, or PVH_START_MAGIC
 * @info: EBX at entry
 * @b: to be filled in
 *
 * Ends the machine if that is wrong or an option cannot be used.
 */
void bootinfo_init(u32 magic, u32 info, struct bootinfo *b);

/**
 * boot_alloc - take memory that nobody uses, cleared
 * @size, @align: bytes, @align a power of two
 *
 * Returns NULL if there is no such block below 4 GiB. Never given back.
 */
void *boot_alloc(u64 size, u64 align);

#endif /* __ASSEMBLER__ */

#endif /* HV_HV_H */
