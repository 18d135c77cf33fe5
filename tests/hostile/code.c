// SPDX-License-Identifier: GPL-2.0-only
/* The code of hostile guests: any bytes, or instructions that a hypervisor has to do with. */
#include "tests/hostile/maker.h"

static void byte(struct maker *m, unsigned int b)
{
	if (m->at < m->end)
		*m->at++ = (uint8_t)b;
}

static void bytes(struct maker *m, uint64_t v, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		byte(m, v >> 8 * i & 0xff);
}

/* An immediate operand of a size that nobody counted: what is left over is NOPs. */
static void loose(struct maker *m, unsigned int n)
{
	bytes(m, once(m, 2) ? 0x9090909090909090 : any_value(m), n);
}

static void set_reg(struct maker *m, unsigned int reg, uint64_t v)
{
	if (m->bits == 64)
		byte(m, reg >= 8 ? 0x49 : 0x48);
	if (m->bits == 16)
		byte(m, 0x66);
	byte(m, 0xb8 | (reg & 7));
	bytes(m, v, m->bits == 64 ? 8 : 4);
}

static void prefixes(struct maker *m)
{
	static const uint8_t some[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
	};

	while (once(m, 4))
		byte(m, PICK(m, some));
	if (m->bits == 64 && once(m, 3))
		byte(m, 0x40 | below(m, 16));
}

/* A ModRM byte and what follows it. */
static void modrm(struct maker *m, unsigned int reg, bool memory)
{
	unsigned int mod = below(m, memory ? 3 : 4), rm = below(m, 8), disp = 0;

	byte(m, mod << 6 | (reg & 7) << 3 | rm);
	if (mod == 3)
		return;
	if (m->bits == 16) {
		disp = mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0;
	} else {
		disp = mod == 1 ? 1 : mod == 2 || rm == 5 ? 4 : 0;
		if (rm == 4) {
			unsigned int sib = once(m, 2) ? 0x25 : below(m, 256);

			byte(m, sib);
			if (!mod && (sib & 7) == 5)
				disp = 4;
		}
	}
	bytes(m, disp == 1 ? any(m) : any_address(m), disp);
}

static void wrmsr_value(struct maker *m, uint32_t number, uint64_t v)
{
	set_reg(m, 1, number);
	set_reg(m, 0, v & 0xffffffff);
	set_reg(m, 2, v >> 32);
	byte(m, 0x0f);
	byte(m, 0x30);
}

static uint32_t any_msr(struct maker *m)
{
	static const uint32_t some[] = {
		0x0, 0x1, 0x10, 0x17, 0x1b, 0x2a, 0x34, 0x3a, 0x3b, 0x48, 0x49, 0x79, 0x8b, 0xc1,
		0xce, 0xe7, 0xfe, 0x10a, 0x10b, 0x122, 0x140, 0x174, 0x175, 0x176, 0x179, 0x17a,
		0x17b, 0x186, 0x198, 0x199, 0x1a0, 0x1d9, 0x1db, 0x200, 0x201, 0x20f, 0x250, 0x26f,
		0x277, 0x2ff, 0x309, 0x345, 0x38d, 0x38f, 0x3f1, 0x400, 0x480, 0x491, 0x600, 0x606,
		0x6a0, 0x6e0, 0xd90, 0xda0, 0x40000000, 0x4b564d00, 0x4b564d02, 0xc0000080,
		0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102,
		0xc0000103, 0xc0010000, 0xc0010015, 0xc0011029,
	};
	uint32_t msr;

	switch (below(m, 4)) {
	case 0:
		msr = 0x800 + below(m, 0x40);
		break;
	case 1:
		msr = once(m, 2) ? any(m) : below(m, 0x2000);
		break;
	default:
		msr = PICK(m, some);
	}
	/* Without SCE, NXE or LME few kernels live on. */
	return m->im->tame && msr == 0xc0000080 && !once(m, 8) ? 0x10 : msr;
}

static void emit_msr(struct maker *m)
{
	uint32_t msr = any_msr(m);

	if (once(m, 3)) {
		set_reg(m, 1, msr);
		byte(m, 0x0f);
		byte(m, 0x32);
	} else {
		wrmsr_value(m, msr, once(m, 4) ? any_address(m) : any_value(m));
	}
}

static unsigned int any_port(struct maker *m, bool out)
{
	static const uint16_t some[] = {
		0x00, 0x20, 0x21, 0x40, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0xa0, 0xa1,
		0xf4, 0x2f0, 0x3f6, 0x3f7, 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff,
		0x402, 0x511, 0xb008, 0xcf8, 0xcf9, 0xcfc, 0x8900, 0xfffe, 0xffff,
	};
	unsigned int port = once(m, 4) ? below(m, 0x10000) : PICK(m, some);

	/* They end the VM, and that is no news. */
	if (out && !once(m, 16) &&
	    (port == 0xf4 || port == 0x64 || port == 0xcf8 || port == 0xcf9))
		return 0x3fb;
	return port;
}

static void emit_io(struct maker *m)
{
	static const uint8_t string[] = { 0x6c, 0x6d, 0x6e, 0x6f };
	unsigned int width = below(m, 2), out = below(m, 2) * 2;

	switch (below(m, 3)) {
	case 0:
		prefixes(m);
		byte(m, 0xe4 | out | width);
		byte(m, any_port(m, out) & 0xff);
		break;
	case 1:
		set_reg(m, 2, any_port(m, out));
		prefixes(m);
		byte(m, 0xec | out | width);
		break;
	default:
		set_reg(m, 2, any_port(m, true));
		set_reg(m, 1, once(m, 4) ? any_value(m) : below(m, 600));
		set_reg(m, once(m, 2) ? 6 : 7, any_address(m));
		if (!once(m, 3))
			byte(m, 0xf3);
		prefixes(m);
		byte(m, PICK(m, string));
	}
}

static void emit_cr(struct maker *m)
{
	static const uint8_t some[] = { 0, 0, 2, 3, 4, 4, 8 };
	unsigned int cr = once(m, 8) ? below(m, 16) : PICK(m, some), reg = below(m, 8);
	bool to = !once(m, 3);
	uint64_t v;

	switch (cr) {
	case 0:
		v = 0x80000031ull ^ 1ull << below(m, once(m, 8) ? 64 : 32);
		break;
	case 3:
		v = once(m, 4) ? any_address(m) : page_tables(m);
		break;
	case 4:
		v = (wide(m) ? 0x20 : 0) ^ 1ull << below(m, once(m, 8) ? 64 : 24);
		break;
	case 8:
		v = below(m, once(m, 8) ? 256 : 16);
		break;
	default:
		v = any_value(m);
	}
	/* A kernel without its page tables does no more. */
	if (m->im->tame && (cr == 0 || cr == 3) && !once(m, 8))
		to = false;
	if (to)
		set_reg(m, reg, v);
	if (cr >= 8)
		byte(m, m->bits == 64 ? 0x44 : 0xf0);
	byte(m, 0x0f);
	byte(m, to ? 0x22 : 0x20);
	byte(m, 0xc0 | (cr & 7) << 3 | reg);
}

static void emit_dr(struct maker *m)
{
	unsigned int dr = below(m, 8), reg = below(m, 8);
	bool to = !once(m, 3);
	uint64_t v = any_address(m);

	if (dr >= 6)
		v = once(m, 3) ? any_value(m) :
				 (dr == 7 ? 0x400 : 0xffff0ff0) | (any(m) & 0xffff23ff);
	if (to)
		set_reg(m, reg, v);
	byte(m, 0x0f);
	byte(m, to ? 0x23 : 0x21);
	byte(m, 0xc0 | dr << 3 | reg);
}

static void push(struct maker *m, uint32_t v)
{
	byte(m, 0x68);
	bytes(m, v, m->bits == 16 ? 2 : 4);
}

static void emit_iret(struct maker *m)
{
	unsigned int slot = below(m, NR_SLOTS) * SLOT_SIZE;

	if (m->bits == 64) {
		push(m, any_selector(m));
		push(m, any_address(m));
	}
	push(m, once(m, 8) ? any(m) : any_flags(m));
	push(m, any_selector(m));
	push(m, m->bits != 16 || once(m, 2) ? SLOTS + slot : slot);
	if (m->bits == 64)
		byte(m, 0x48);
	byte(m, 0xcf);
}

static void emit_far(struct maker *m)
{
	static const uint8_t groups[] = { 3, 5 };
	unsigned int slot = below(m, NR_SLOTS) * SLOT_SIZE;

	if (m->bits != 64 && once(m, 2)) {
		byte(m, once(m, 2) ? 0x9a : 0xea);
		bytes(m, once(m, 2) ? SLOTS + slot : slot, m->bits / 8);
		bytes(m, any_selector(m), 2);
		return;
	}
	if (once(m, 3)) {
		push(m, any_selector(m));
		push(m, SLOTS + slot);
		byte(m, once(m, 2) ? 0xcb : 0xca);
		loose(m, 2);
		return;
	}
	prefixes(m);
	byte(m, 0xff);
	modrm(m, PICK(m, groups), true);
}

static void emit_segment(struct maker *m)
{
	static const uint8_t pops[] = { 0x07, 0x17, 0x1f };
	static const uint8_t loads[] = { 0xb2, 0xb4, 0xb5 };

	switch (below(m, 3)) {
	case 0:
		set_reg(m, 0, any_selector(m));
		byte(m, 0x8e);
		byte(m, 0xc0 | below(m, 8) << 3);
		break;
	case 1:
		push(m, any_selector(m));
		byte(m, PICK(m, pops));
		break;
	default:
		byte(m, 0x0f);
		byte(m, PICK(m, loads));
		modrm(m, below(m, 8), true);
	}
}

/* Short ones that exit, block or wake, some in the company of others. */
static void emit_short(struct maker *m)
{
	static const struct {
		uint8_t n, bytes[7];
	} some[] = {
		{ 2, { 0x0f, 0xa2 } },			/* CPUID */
		{ 2, { 0x0f, 0x31 } },			/* RDTSC */
		{ 2, { 0x0f, 0x33 } },			/* RDPMC */
		{ 3, { 0x0f, 0x01, 0xf9 } },		/* RDTSCP */
		{ 3, { 0x0f, 0x01, 0xc1 } },		/* VMCALL */
		{ 3, { 0x0f, 0x01, 0xd9 } },		/* VMMCALL */
		{ 3, { 0x0f, 0x01, 0xd4 } },		/* VMFUNC */
		{ 3, { 0x0f, 0x01, 0xc8 } },		/* MONITOR */
		{ 3, { 0x0f, 0x01, 0xc9 } },		/* MWAIT */
		{ 3, { 0x0f, 0x01, 0xd0 } },		/* XGETBV */
		{ 3, { 0x0f, 0x01, 0xd1 } },		/* XSETBV */
		{ 3, { 0x0f, 0x01, 0xcf } },		/* ENCLS */
		{ 4, { 0x66, 0x0f, 0x01, 0xcc } },	/* TDCALL */
		{ 4, { 0x66, 0x0f, 0x01, 0xcf } },	/* SEAMCALL */
		{ 2, { 0x0f, 0x06 } },			/* CLTS */
		{ 2, { 0x0f, 0x08 } },			/* INVD */
		{ 2, { 0x0f, 0x09 } },			/* WBINVD */
		{ 2, { 0x0f, 0x37 } },			/* GETSEC */
		{ 2, { 0x0f, 0xaa } },			/* RSM */
		{ 2, { 0x0f, 0x05 } },			/* SYSCALL */
		{ 2, { 0x0f, 0x07 } },			/* SYSRET */
		{ 2, { 0x0f, 0x34 } },			/* SYSENTER */
		{ 2, { 0x0f, 0x35 } },			/* SYSEXIT */
		{ 2, { 0xf3, 0x90 } },			/* PAUSE */
		{ 1, { 0xcc } }, { 1, { 0xce } }, { 1, { 0xf1 } }, { 1, { 0xfa } }, { 1, { 0xfb } },
		{ 1, { 0x9b } }, { 1, { 0xcf } },
		{ 2, { 0xfb, 0xf4 } },			/* STI; HLT */
		{ 4, { 0xfb, 0x0f, 0xa2, 0xfa } },	/* STI; CPUID; CLI */
		{ 4, { 0x8e, 0xd0, 0x0f, 0xa2 } },	/* MOV SS; CPUID */
		{ 3, { 0x8e, 0xd0, 0xcc } },		/* MOV SS; INT3 */
		{ 3, { 0x8e, 0xd0, 0xf1 } },		/* MOV SS; INT1 */
		{ 2, { 0x9c, 0x9d } },			/* PUSHF; POPF */
		{ 3, { 0x0f, 0x00, 0xc8 } },		/* STR */
	};
	unsigned int k = below(m, COUNT(some));

	if (once(m, 2))
		set_reg(m, once(m, 2) ? 1 : 0, once(m, 2) ? below(m, 32) : any_value(m));
	for (unsigned int i = 0; i < some[k].n; i++)
		byte(m, some[k].bytes[i]);
	if (once(m, 64))
		byte(m, 0xf4);
}

static void emit_group(struct maker *m)
{
	static const uint8_t some[] = {
		0x00, 0x01, 0xae, 0xc7, 0x78, 0x79, 0x18, 0x0d, 0x1e, 0x1f,
	};
	unsigned int opcode = PICK(m, some), reg = below(m, 8);

	/* LGDT, LIDT, LTR */
	if (m->im->tame && ((opcode == 1 && (reg == 2 || reg == 3)) || (!opcode && reg == 3)) &&
	    !once(m, 8))
		reg = 4;
	if (once(m, 2))
		set_reg(m, below(m, 8), any_address(m));
	prefixes(m);
	byte(m, 0x0f);
	byte(m, opcode);
	modrm(m, reg, false);
	loose(m, 1);
}

static void emit_invalidate(struct maker *m)
{
	set_reg(m, 0, once(m, 2) ? below(m, 5) : any_value(m));
	byte(m, 0x66);
	byte(m, 0x0f);
	byte(m, 0x38);
	byte(m, 0x80 + below(m, 3));
	modrm(m, 0, true);
}

static void emit_flags(struct maker *m)
{
	push(m, any_flags(m) ^ (once(m, 4) ? any(m) : 0));
	byte(m, 0x9d);
}

static void emit_int(struct maker *m)
{
	byte(m, 0xcd);
	byte(m, below(m, 256));
}

/* An operation on memory of any kind. */
static void emit_memory(struct maker *m)
{
	static const uint8_t one[] = {
		0x62, 0x63, 0x69, 0x6b, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
		0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xd0, 0xd1,
		0xd2, 0xd3, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xf6, 0xf7, 0xfe, 0xff,
	};
	static const uint8_t strings[] = {
		0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
	};
	static const uint8_t stack[] = {
		0x50, 0x58, 0x5c, 0x60, 0x61, 0x9c, 0x9d, 0xc2, 0xc3, 0xc8, 0xc9, 0xcb, 0xe8, 0x06,
		0x16, 0x68,
	};

	switch (below(m, 8)) {
	case 0:
		set_reg(m, 1, once(m, 4) ? any_value(m) : below(m, 3000));
		set_reg(m, 6, any_address(m));
		set_reg(m, 7, any_address(m));
		if (!once(m, 3))
			byte(m, once(m, 2) ? 0xf2 : 0xf3);
		prefixes(m);
		byte(m, PICK(m, strings));
		return;
	case 1:
		if (m->im->cpl || m->bits == 64)
			set_reg(m, 4, any_address(m));
		prefixes(m);
		byte(m, PICK(m, stack));
		loose(m, 4);
		return;
	case 2:
		prefixes(m);
		byte(m, 0xa0 + below(m, 4));
		bytes(m, any_address(m), m->bits / 8);
		return;
	}
	set_reg(m, below(m, 8) & 3, any_address(m));
	set_reg(m, 5 + below(m, 3), any_address(m));
	prefixes(m);
	switch (below(m, 4)) {
	case 0:
		byte(m, below(m, 8) << 3 | below(m, 4));
		break;
	case 1:
		byte(m, PICK(m, one));
		break;
	case 2:
		byte(m, 0x0f);
		byte(m, below(m, 256));
		break;
	default:
		byte(m, 0x0f);
		byte(m, once(m, 2) ? 0x38 : 0x3a);
		byte(m, below(m, 256));
	}
	modrm(m, below(m, 8), true);
	loose(m, 4);
}

static void emit_apic(struct maker *m)
{
	static const uint8_t regs[] = {
		0x02, 0x03, 0x08, 0x0b, 0x0d, 0x0e, 0x0f, 0x28, 0x2f, 0x30, 0x30, 0x30, 0x31, 0x32,
		0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x38, 0x39, 0x3e, 0x3f,
	};
	static const uint32_t commands[] = {
		0x40040, 0x40041, 0x400fe, 0x40010, 0x40400, 0x4c500, 0x40600, 0x80040, 0xc0040,
		0xc4500, 0x00040, 0x00840, 0x40140, 0x40540, 0x44540,
	};
	unsigned int reg = once(m, 8) ? below(m, 0x40) : PICK(m, regs);
	uint64_t v = once(m, 3) ? any_value(m) : reg == 0x38 ? below(m, 3000) : below(m, 256);

	if (reg == 0x30)
		v = PICK(m, commands);
	if (reg == 0x32 && !once(m, 3))
		v = 0x40 | below(m, 4) << 17;
	switch (below(m, 6)) {
	case 0:
		wrmsr_value(m, 0x6e0, once(m, 2) ? any_value(m) : below(m, 2000000));
		return;
	case 1:
		wrmsr_value(m, once(m, 2) ? 0x10 : 0x3b, any_value(m));
		return;
	case 2:
		wrmsr_value(m, 0x1b, 0xfee00900 ^ (once(m, 2) ? 0x400 : 1ull << below(m, 64)));
		return;
	case 3:
	case 4:
		if (m->bits == 16)
			break;
		set_reg(m, 3, 0xfee00000 + reg * 16 + (once(m, 8) ? below(m, 16) : 0));
		set_reg(m, 0, v);
		prefixes(m);
		byte(m, once(m, 3) ? 0x8b : 0x89);
		byte(m, 0x03);			/* (BX) and AX */
		return;
	}
	wrmsr_value(m, 0x800 + reg, v);
}

static void emit(struct maker *m)
{
	static void (*const system[])(struct maker *m) = {
		emit_msr, emit_msr, emit_io, emit_io, emit_cr, emit_dr, emit_iret, emit_far,
		emit_segment, emit_short, emit_short, emit_short, emit_short, emit_group,
		emit_group, emit_invalidate, emit_flags, emit_int,
	};
	static void (*const apic[])(struct maker *m) = {
		emit_apic, emit_apic, emit_apic, emit_apic, emit_short, emit_cr, emit_flags,
	};

	if (once(m, 16))
		bytes(m, any(m), below(m, 9));
	switch (m->im->content) {
	case HOSTILE_SYSTEM:
		PICK(m, system)(m);
		break;
	case HOSTILE_APIC:
		PICK(m, apic)(m);
		break;
	default:
		if (once(m, 8))
			PICK(m, system)(m);
		else
			emit_memory(m);
	}
}

void make_slot(struct maker *m, unsigned int slot)
{
	m->at = m->ram + SLOTS + slot * SLOT_SIZE;
	m->end = m->at + SLOT_SIZE;
	while (m->at < m->end) {
		if (m->im->content != HOSTILE_BYTES)
			emit(m);
		else if (once(m, 8))
			byte(m, 0x0f);
		else
			bytes(m, any(m), 1 + below(m, 8));
	}
	/* As often as not the next slot is begun properly. */
	if (once(m, 2))
		m->end[-1] = 0xcc;
}
