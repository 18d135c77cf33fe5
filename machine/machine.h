/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine that a guest finds: the same on hv and under the runner, and as
 * near as it can be on QEMU's "pc". The guest and both of its hosts include
 * this header, so that no address, port or code is spelled twice.
 */
#pragma once

/* Ports. A port that nobody answers reads all ones and ignores writes. */
#define MACHINE_COM1		0x3f8	/* 16550A */
#define MACHINE_COM1_PORTS	8
#define MACHINE_COM1_IRQ	4
#define MACHINE_PIC_MASTER	0x20	/* 8259A, two ports, wired to LINT0 */
#define MACHINE_PIC_SLAVE	0xa0
#define MACHINE_CMOS		0x70	/* index; data in the next */
#define MACHINE_KBC_COMMAND	0x64	/* no keyboard; the command "pulse" resets */
#define MACHINE_PM1		0x1c0	/* ACPI: status and enable registers, then control */
#define MACHINE_PM1_CONTROL	4
#define MACHINE_PM1_PORTS	6
#define MACHINE_SCI_IRQ		9	/* ACPI's interrupt, which never comes */
#define MACHINE_RESET_PORT	0xcf9	/* a byte with this bit set resets */
#define MACHINE_RESET_CPU	0x04
#define MACHINE_EXIT_PORT	0xf4	/* a write of V, of any width, ends the VM with code V */
#define MACHINE_MARK_PORT	0x2f0	/* nobody answers it: a guest marks its exits for others */

/* Not of the guest's machine: Bochs itself ends when this port gets this word, a byte at a
 * time. boot/nested.sh reads these two lines.
 */
#define BOCHS_SHUTDOWN_PORT	0x8900
#define BOCHS_SHUTDOWN_WORD	"Shutdown"

/* Guest-physical memory, bytes. RAM is [0, LOW_END) and [HIGH_START, mem=). */
#define MACHINE_PAGE_SIZE	4096ull
#define MACHINE_EBDA		0x9fc00u	/* firmware's tables, see ebda.h */
#define MACHINE_EBDA_SIZE	0x400u
#define MACHINE_RAM_LOW_END	0xa0000ull
#define MACHINE_RAM_HIGH_START	0x100000ull
#define MACHINE_CPUS_MAX	8u
#define MACHINE_MEM_DEFAULT_MIB	64u
#define MACHINE_MEM_MIN_MIB	4u
#define MACHINE_MEM_MAX_MIB	2048u
/* Everything that is not RAM reads all ones and ignores writes. This range is
 * promised never to be RAM and never to be a device.
 */
#define MACHINE_MMIO_HOLE	0xd0000000ull
#define MACHINE_MMIO_HOLE_SIZE	0x10000ull

/* Local APIC: x2APIC by MSR (a PVH guest enables it through IA32_APIC_BASE, a bzImage
 * finds it on), or its page in xAPIC mode; with the TSC-deadline timer.
 */

/*
 * Codes with which a host ends when the guest did not choose one. A guest's own
 * code may have the same value: the last line of a log says who chose it.
 * All are below 128, so that QEMU's isa-debug-exit can carry them.
 */
#define MACHINE_CODE_USAGE	64	/* an option that cannot be used */
#define MACHINE_CODE_BAD_IMAGE	65	/* guest image missing or refused */
#define MACHINE_CODE_NO_VIRT	69	/* no VMX / no KVM / a control is missing */
#define MACHINE_CODE_HOST_FAULT	70	/* a fault or a bug in the host itself */
#define MACHINE_CODE_GUEST_DIED	71	/* triple fault, unhandled exit, no way to go on */
#define MACHINE_CODE_ENTRY	72	/* VM entry refused */
#define MACHINE_CODE_RESET	73	/* the guest reset the machine */
#define MACHINE_CODE_TIME_LIMIT	124	/* it took too long; as timeout(1) has it */

/* Why a run ended: the value of cause= in the log's last line. */
#define CAUSE_EXIT_PORT		"exit_port"	/* the guest's own end, with its own code */
#define CAUSE_LINE		"line"		/* the guest has sent its last (line.h) */
#define CAUSE_RESET		"reset"
#define CAUSE_TRIPLE_FAULT	"triple_fault"
#define CAUSE_UNHANDLED		"unhandled_exit"
#define CAUSE_ENTRY		"entry_failure"
#define CAUSE_STUCK		"stuck"		/* it waits for what cannot come */
#define CAUSE_TIME_LIMIT	"time_limit"
#define CAUSE_FAULT		"fault"		/* of the host itself */
#define CAUSE_ERROR		"error"		/* it was never run, or the host gave up */

/*
 * The log on COM1: lines of key=value pairs, described in docs/formats.md.
 * First line:	log version=1 target=hv machine=bochs clock=emulated accounting=yes
 * Last line:	end target=hv cause=exit_port code=0
 */
#define MACHINE_LOG_VERSION	1
