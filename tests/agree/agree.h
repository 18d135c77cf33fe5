/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that runs short sequences of machine code made from a seed, and sees all
 * that a guest can see of each. What its C and assembly files share.
 *
 * One sequence runs in one mode (modes.c). It is made by generate() (generate.c and
 * ops_*.c), run by run() (run.c), which goes through start.S, legacy.S into the mode,
 * and comes back when trap() (trap.c) says so: that is compiled twice, for 64-bit and for
 * 32-bit code, because the handlers stay in the mode that they watch.
 */
#pragma once

/* 64 KiB of RAM below 1 MiB, which every mode reaches: code, stacks, data. */
#define WINDOW		0x30000
#define WINDOW_PARAGRAPH 0x3000
#define WINDOW_IRET	0x0080
#define WINDOW_GATE	0x0090		/* #UD */
#define WINDOW_CODE	0x0100
#define WINDOW_SP	0x1800
#define WINDOW_SP_16	0x1400		/* of tasks of 16 bits, for CPL 0 and their own */
#define WINDOW_DATA	0x2f00		/* across a page's end */
#define WINDOW_ASK	0x3800		/* what the peer (peer.h) is asked for: 1 + an item */
#define WINDOW_ABSENT	0x4000
#define WINDOW_READONLY	0x5000
#define WINDOW_SYSTEM	0x6000		/* for CPL 0 only */
#define WINDOW_RESERVED	0x7000		/* its entry has a reserved bit set */
#define WINDOW_HOLE	0x8000		/* leads out of RAM */
#define WINDOW_AFTER	0x9000		/* RAM again */
#define WINDOW_HOLE_2	0xa000		/* and what comes behind RAM */
#define WINDOW_END	0x10000

/*
 * Outside RAM. The display of Bochs has it, answers all ones and forgets what is written.
 * Where nobody is, Bochs has a page of its own, which it reads and, through a translation
 * that it has kept, writes too.
 */
#define OUTSIDE		0xe0000000

/* The monitor: pages that only CPL 0 can use. */
#define MONITOR		0x200000
#define MONITOR_END	0x800000

/* What real mode runs on its way, and its interrupt table. */
#define LOW		0x20000
#define LOW_PARAGRAPH	0x2000
#define LOW_CPU		0xc00		/* a struct cpu */
#define LOW_IVT		0x1000

#define VECTORS		0x60
#define VECTOR_TASK	0x3a		/* a task gate, not in long mode */

/* Selectors. Those of the monitor first. */
#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define SEL_CODE16	0x20		/* these two begin at the window */
#define SEL_DATA16	0x28
#define SEL_TSS64	0x30		/* 16 bytes */
#define SEL_TSS32	0x40
#define SEL_TSS_TASK	0x48
#define SEL_USER64	0x53
#define SEL_USER_DATA	0x5b
#define SEL_USER32	0x63
#define SEL_USER16	0x6b
#define SEL_USER_DATA16	0x73
/* For sequences to load. */
#define SEL_SHORT	0x7b		/* data, the window's first 12 KiB */
#define SEL_READONLY	0x83
#define SEL_DOWN	0x8b		/* grows down, from 12 KiB on */
#define SEL_ABSENT	0x93
#define SEL_EXECUTE	0x9b		/* code that cannot be read */
#define SEL_CONFORMING	0xa3
#define SEL_LDT		0xa8		/* 16 bytes */
#define SEL_LOW16	0xb8		/* code at LOW, on the way to real mode */
#define SEL_ABSENT_CODE	0xc3
/* Gates to the #UD at WINDOW_GATE, and to the task. */
#define SEL_GATE16	0xcb
#define SEL_GATE32	0xd3
#define SEL_GATE64	0xdb		/* 16 bytes */
#define SEL_GATE_ABSENT	0xeb
#define SEL_GATE_TASK	0xf3
#define GDT_ENTRIES	31

/* Offsets in struct cpu, for assembly. */
#define CPU_GPR		0
#define CPU_IP		128
#define CPU_FLAGS	136
#define CPU_CR0		144
#define CPU_CR3		152
#define CPU_CR4		160
#define CPU_CS		168
#define CPU_SS		172
#define CPU_DS		176
#define CPU_ES		180
#define CPU_FS		184
#define CPU_GS		188
#define CPU_BYTES	192

#ifndef __ASSEMBLER__
#include "acct/exit_types.h"		/* u8 … u64, bool */
#include "tests/agree/peer.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* In the order of their numbers in instructions. */
enum gpr { AX, CX, DX, BX, SP, BP, SI, DI, GPRS = 16 };

/* What a sequence starts with. */
struct cpu {
	u64 gpr[GPRS];
	u64 ip, flags, cr0, cr3, cr4;
	u32 cs, ss, ds, es, fs, gs;
};

_Static_assert(__builtin_offsetof(struct cpu, ip) == CPU_IP, "CPU_IP");
_Static_assert(__builtin_offsetof(struct cpu, cr0) == CPU_CR0, "CPU_CR0");
_Static_assert(__builtin_offsetof(struct cpu, cs) == CPU_CS, "CPU_CS");
_Static_assert(__builtin_offsetof(struct cpu, gs) == CPU_GS, "CPU_GS");
_Static_assert(sizeof(struct cpu) == CPU_BYTES, "CPU_BYTES");

enum paging { NO_PAGING, PAGING_32, PAGING_PAE, PAGING_4LEVEL };

struct mode {
	const char *name;
	u8 bits;		/* 16, 32, 64: of operands and addresses */
	u8 cpl;
	u8 paging;		/* enum paging */
	bool long_mode;
	bool real, v86;
	u32 flags;		/* besides those that are drawn */
	u32 cr4;
};

extern const struct mode modes[];
extern const u32 modes_nr;

#define ITEMS		6
#define CODE_BYTES	512
#define MSRS		8

struct op;

/* The task that a sequence switches to. */
struct task {
	u32 ip, flags, sp;
	u16 cs, ss, ds, ldt, limit;
	u8 type;		/* of its descriptor, with P; without bit 3 of 16 bits */
	bool trap;
	bool linked;		/* and IRET leads to it */
};

/* A sequence, ready to be run. */
struct sequence {
	const struct mode *mode;
	const struct op *ops[ITEMS];
	u32 items;
	u32 mask;		/* those that are in it */
	u8 code[CODE_BYTES];
	u32 length;		/* without the #UD that ends it */
	u16 next[CODE_BYTES];	/* where the instruction at that offset ends, 0: none begins */
	struct cpu cpu;
	u64 dr[4], dr7;
	u64 cr4;		/* bits that it starts with, if the processor has them */
	u32 msrs[MSRS], msrs_nr;	/* to look at afterwards, and put back */
	u32 touches;		/* enum touch */
	struct task task;
	u64 entry;		/* linear: where SYSCALL and SYSENTER lead */
	struct act acts[ITEMS];	/* what items ask the peer for */
};

enum touch {
	TOUCHES_APIC	= 1 << 0,
	TOUCHES_FPU	= 1 << 1,
	TOUCHES_HLT	= 1 << 2,	/* a timer must end it if nothing else does */
	TOUCHES_PIC	= 1 << 3,
	TOUCHES_TABLES	= 1 << 4,	/* GDTR, IDTR, LDTR, TR */
	TOUCHES_TASK	= 1 << 5,
	TOUCHES_SYSCALL	= 1 << 6,
	/* Code and stack are the supervisor's: with CR4.SMEP and SMAP it goes on at CPL 0. */
	TOUCHES_SUPERVISOR = 1 << 10,
	/* The window's last page, and what comes behind, are at the end of 4 GiB and at 0 too. */
	TOUCHES_TOP	= 1 << 11,
	TOUCHES_XAPIC	= 1 << 12,	/* all that the page of an xAPIC has */
	TOUCHES_PEER	= 1 << 13,	/* the other processor (peer.h) */
};

#define EVENTS	48

/* An exception or an interrupt, as its handler finds it. */
struct event {
	u64 vector, error, ip, cs, flags, sp, more;	/* more: CR2 or DR6 */
};

/* What trap() watches, and what it saw. Both its builds see the same bytes. */
struct watch {
	u64 code_ip;		/* IP at the sequence's first byte */
	u32 length;
	u32 running;
	u32 x2apic;
	u32 seen;		/* events, of which the first EVENTS are kept */
	u32 late;		/* those that came when no sequence ran */
	u32 cs;			/* the sequence's own: where another is, it ends */
	volatile u32 hold;	/* what the next NMI's handler asks the peer for, or 0 */
	volatile u32 ask;	/* it does */
	u16 next[CODE_BYTES];
	struct event events[EVENTS];
};

_Static_assert(__builtin_offsetof(struct watch, events) == 40 + 2 * CODE_BYTES,
	       "the same for both");

extern struct watch watch;
extern struct cpu watch_end;	/* when it ended; CRs as start.S and legacy.S found them */
extern u64 watch_cr2;
extern u32 watch_fatal;		/* 1 + a vector with which the monitor itself failed */

/**
 * start_cpu - fill in what the mode asks for
 *
 * String instructions without a load of their own stay in the window. Registers that point
 * nowhere are left alone.
 */
void start_cpu(struct cpu *c, const struct mode *m);

/* A mode and operations that are not drawn: the operations of the items that are there. */
struct named {
	const struct mode *mode;
	const struct op *ops[ITEMS];
	u32 nr;
};

/**
 * name_ops - read MODE+CLASS.NAME+CLASS.NAME
 * @words: what it begins; moved behind it
 *
 * Returns false if a word names none.
 */
bool name_ops(struct named *named, const char **words);

/**
 * generate - make sequence @nr of @seed, of whose items only those in @mask are there
 * @named: what is not drawn but named, or NULL; the rest does not depend on it, so that a
 *	sequence stays what it is when the tables get more operations
 */
void generate(struct sequence *s, u64 seed, u32 nr, u32 mask, const struct named *named);

/** run - run it once, and show all that it did by show() */
void run(const struct sequence *s);

/**
 * run_empty - run a sequence of which only mode and start are filled in
 *
 * Returns false if it does not run up to the #UD that ends it, and to nothing else: of a mode
 * that cannot be entered all judges would say the same.
 */
bool run_empty(const struct sequence *s);

/** run_init - descriptors, page tables, what is put back between two sequences */
void run_init(void);

/** show - what run() found: goes into the hash, and to the console if asked for */
void show(const char *key, u64 value);
void show_event(u32 nr, const char *key, u64 value);

/** hash - all that was shown since hash_start() */
extern u64 hash;
void hash_add(u64 value);

/** use_ops - which operations and modes are drawn; false if a word names none */
bool use_ops(const char *words);
/** use_xapic - do they use the page of an xAPIC? Only if their class is named. */
bool use_xapic(void);
/** use_peer - do they ask another processor? Likewise. */
bool use_peer(void);
/** named_peer - does one of those do? */
bool named_peer(const struct named *named);
bool use_modes(const char *words);

/** op_name - what it is called: both words */
void op_name(const struct op *op, const char **class, const char **name);

/* start.S, legacy.S */
void enter_long(const struct cpu *cpu);
void enter_legacy(const struct cpu *cpu);
extern u64 gdt[GDT_ENTRIES];
extern u8 stubs64[][16], stubs32[][16], stubs16[], low_start[], low_end[];
#endif /* __ASSEMBLER__ */
