/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the lab's guest prints, on COM1, one record a line:
 *
 *	lab version=1 cpus=1
 *	burst name=wrmsr reason=32 reps=16 check=ok begin=3 end=4
 *	leaves mark=3 nr=0 mode=64 ecx=32 4fffffff=2a3:0:0:0 4ffffffe=… … 4ffffffb=…
 *	lab marks=117
 *
 * A mark is a byte written to MACHINE_MARK_PORT, and they are counted from 1 on. `burst': what
 * was done @reps times between the readings of the marks @begin and @end. `leaves': what
 * CPUID answered for READING_LEAVES leaves, from the highest down, EAX, EBX, ECX and EDX as
 * hexadecimal numbers of 64 bits; they are the CPUID exits @nr, @nr + 1, … behind the mark
 * (from 0 on; in mode READING_EMULATED, exits of reason 0, for there an exception calls KVM's
 * emulator). The last leaf belongs to no semester: it is what any unknown one answers.
 *
 * The other /init (lab/vms/main.c) has `vm number=2 mark=56' where a VM begins, with its first
 * mark, and `entry' before it makes an entry fail, `entry exit=9 reason=0x80000021' behind it.
 * `trace TEXT' is a line of the kernel's trace, without what the kernel puts in front.
 * `carry mark=700': from that mark on the computer's clock jumps between two readings, by less
 * than 2^32 in all; cycles have as much of it as fell into handlers of exits.
 * `modules do=load errno=0 at=kvm-intel': KVM's modules were loaded, or else (do=removal)
 * removed, as far as the one named, and how that ended.
 */
#pragma once

#include <stdint.h>

#define READINGS_VERSION	1
#define READING_FIRST_LEAF	0x4fffffffu
#define READING_LEAVES		5
#define READING_EMULATED	"emulated"
#define READINGS_AT_ONCE	12	/* that are asked for behind one mark, and then printed */
#define READING_BEYOND		100	/* from here on an ECX is there to be out of bounds */
#define READING_LAST		0xffffffffu	/* the last of them */

/* Every number that a leaf could be asked for, and some that it should not: so many. */
#define READING_NUMBERS		(READING_BEYOND + 12)

/** reading_number - the @i-th of them, the last one being READING_LAST */
static inline uint32_t reading_number(uint32_t i)
{
	static const uint32_t beyond[READING_NUMBERS - READING_BEYOND] = {
		127, 128, 255, 256, 1000, 0xffff, 0x10000, 0x1000a,
		0x80000000, 0x8000000a, 0xfffffffe, READING_LAST,
	};

	return i < READING_BEYOND ? i : beyond[i - READING_BEYOND];
}
