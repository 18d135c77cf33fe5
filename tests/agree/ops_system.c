// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations that a hypervisor answers: CPUID, MSRs, control and debug registers, ports,
 * and instructions that a guest may not use.
 *
 * Sources: Intel SDM volume 2, the instructions' own sections; volume 3, sections
 * "Control Registers", "Debug Registers"; volume 4, "Model-Specific Registers".
 */
#include "tests/agree/generate.h"
#include "machine/x86.h"

/*
 * What may be compared of CPUID's answers. A bit that the machine below has and hv's
 * or KVM's does not is left out, with what it is.
 */
static const struct leaf {
	u32 leaf, subleaf, eax, ebx, ecx, edx;
} leaves[] = {
	/* The highest leaf, which is the hypervisor's to choose; the vendor. */
	{ 0, 0, 0, ~0u, ~0u, ~0u },
	/* APIC id, processors and CLFLUSH's size; MONITOR, VMX, PCID and TSC-deadline,
	 * PDCM, DTES64, DS-CPL, EIST, TM2, xTPR, hypervisor; DS, ACPI, TM, HTT, PBE, MTRR, MCA.
	 */
	{ 1, 0, ~0u, 0xff00, 0x3cd82203, 0x079b8b7f },
	{ 7, 1, 0, 0, 0, 0 },
	{ 0x80000001, 0, 0, 0, 0x21, 0x2c100800 },
	/* These only raise their exits. */
	{ 2, 0, 0, 0, 0, 0 },
	{ 4, 1, 0, 0, 0, 0 },
	{ 0xb, 0, 0, 0, 0, 0 },
	{ 0xd, 0, 0, 0, 0, 0 },
	{ 0x40000000, 0, 0, 0, 0, 0 },
	{ 0x80000008, 0, 0, 0, 0, 0 },
};

static void and_register(struct gen *g, u32 gpr, u32 mask)
{
	begin(g);
	operand(g, 32);
	opcode(g, 0x81);
	byte(g, 0xe0 | gpr);
	bytes(g, mask, 4);
}

static void emit_cpuid(struct gen *g, const struct op *op)
{
	const struct leaf *l = &DRAW(g, leaves);

	(void)op;
	load(g, AX, l->leaf | (g->mode->bits == 64 ? (u64)draw(g, 2) << 40 : 0));
	load(g, CX, l->subleaf);
	subject(g);
	opcode(g, 0x0fa2);
	and_register(g, AX, l->eax);
	and_register(g, BX, l->ebx);
	and_register(g, CX, l->ecx);
	and_register(g, DX, l->edx);
}

/* MSRs whose value is the guest's own: what is written there can be read again. */
static const u32 own_msrs[] = {
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP, MSR_IA32_PAT,
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK, MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
	MSR_FS_BASE, MSR_GS_BASE,
};

/*
 * And those that are no more than looked at, or that there are not. The APIC's version is
 * what a machine has, its ICR whatever was sent last, and its LDR 0 in Bochs, against
 * the SDM's "Logical Destination Mode in x2APIC Mode".
 */
static const u32 other_msrs[] = {
	0xffff, 0x12345678, 0xc0001234, 0x40000080, 0x801, 0x804, 0x83f, 0x802,
	0x808, 0x80a, 0x80b, 0x80e, 0x80f, 0x831, 0x83e, 0x8ff,
};

static u64 msr_value(struct gen *g)
{
	static const u64 values[] = {
		0, 1, ~0ull, 0x0007040600070406, 0x0007040600070407, 0x0707070707070707,
		0x0203040506070001, 0x800000000000, 0x7fffffffffff, 0xffff800000000000,
		0xffffffff, 0x100000000, 0x30000,
	};

	return chance(g, 5) ? draw64(g) : DRAW(g, values);
}

void note_msr(struct gen *g, u32 msr)
{
	struct sequence *s = g->s;

	if (!g->write || s->msrs_nr == MSRS)
		return;
	for (u32 i = 0; i < s->msrs_nr; i++) {
		if (s->msrs[i] == msr)
			return;
	}
	s->msrs[s->msrs_nr++] = msr;
}

static void emit_rdmsr(struct gen *g, const struct op *op)
{
	u32 msr = chance(g, 3) ? DRAW(g, other_msrs) : DRAW(g, own_msrs);

	(void)op;
	load(g, CX, msr);
	subject(g);
	opcode(g, 0x0f32);
}

static void emit_wrmsr(struct gen *g, const struct op *op)
{
	u32 msr = chance(g, 5) ? 0xffff : DRAW(g, own_msrs);
	u64 value = msr_value(g);

	(void)op;
	/* Their upper halves are reserved, which Bochs overlooks. */
	if (msr == MSR_FMASK || msr == MSR_TSC_AUX)
		value = (u32)value;
	/* SYSENTER would lead to the end of 4 GiB, where firmware is on the bare machine, or to
	 * a stack there: exceptions are pushed on it, and nobody could tell of them.
	 */
	if (msr == MSR_IA32_SYSENTER_EIP && (u32)value == ~0u)
		value &= ~(u64)~0u;
	if (msr == MSR_IA32_SYSENTER_ESP && (u32)value + 1 <= 2)
		value = (value & ~(u64)~0u) | (WINDOW + WINDOW_SP);
	if (msr != 0xffff)
		note_msr(g, msr);
	load(g, CX, msr);
	load(g, AX, (u32)value);
	load(g, DX, value >> 32);
	subject(g);
	opcode(g, 0x0f30);
}

/* Registers of the local APIC that a write leaves harmless. */
static void emit_wrmsr_x2apic(struct gen *g, const struct op *op)
{
	static const u32 of[] = { 0x808, 0x808, 0x80b, 0x828, 0x83e, 0x802, 0x803, 0x80d, 0x83f };
	static const u64 values[] = { 0, 0x10, 0x2f, 0xf0, 1, 0x100, 0x100000000, ~0ull };
	u32 msr = DRAW(g, of);
	u64 value = DRAW(g, values);

	(void)op;
	/* A vector below 16, or one that nobody serves, is not what is meant. */
	if (msr == 0x83f)
		value = 0x40 + draw(g, 16);
	/* Bochs takes reserved bits there. */
	if (msr == 0x83e) {
		note_msr(g, msr);
		value &= 0xb;
	}
	if (g->write)
		g->s->touches |= TOUCHES_APIC;
	load(g, CX, msr);
	load(g, AX, (u32)value);
	load(g, DX, value >> 32);
	subject(g);
	opcode(g, 0x0f30);
}

/* CRs: bits are changed in what is there, so that the sequence goes on. */

static const u64 cr0_bits[] = {
	CR0_TS, CR0_MP, CR0_EM, CR0_AM, CR0_WP, CR0_NE, CR0_ET, CR0_CD, CR0_CD | CR0_NW, CR0_NW,
	0x40, 0x8000, 0x10000000, 0,
};

static const u64 cr4_bits[] = {
	CR4_TSD, CR4_DE, CR4_PCE, CR4_MCE, CR4_PGE, CR4_OSXMMEXCPT, CR4_OSXSAVE, CR4_FSGSBASE,
	CR4_PVI, 0x8000, 0x800000, 0x80000000, CR4_OSFXSR, 0, CR4_SMEP, CR4_SMAP, CR4_UMIP,
	CR4_PCIDE,
};

/* At CPL 0 the sequence's own code and stack cannot be a user's then. */
static void supervisor(struct gen *g)
{
	if (g->write && !g->mode->cpl)
		g->s->touches |= TOUCHES_SUPERVISOR;
}

static void mov_from_cr(struct gen *g, u32 cr, u32 gpr)
{
	subject(g);
	if (cr >= 8)
		byte(g, 0x44);
	opcode(g, 0x0f20);
	byte(g, 0xc0 | (cr & 7) << 3 | gpr);
}

static void mov_to_cr(struct gen *g, u32 cr, u32 gpr)
{
	subject(g);
	if (cr >= 8)
		byte(g, 0x44);
	opcode(g, 0x0f22);
	byte(g, 0xc0 | (cr & 7) << 3 | gpr);
}

static void xor_register(struct gen *g, u32 gpr, u32 bits)
{
	begin(g);
	operand(g, 32);
	if (g->mode->bits == 64)
		byte(g, 0x48);
	opcode(g, 0x81);
	byte(g, 0xf0 | gpr);
	bytes(g, bits, 4);
}

static void emit_cr0(struct gen *g, const struct op *op)
{
	(void)op;
	mov_from_cr(g, 0, AX);
	xor_register(g, AX, DRAW(g, cr0_bits));
	mov_to_cr(g, 0, AX);
}

static void emit_cr4(struct gen *g, const struct op *op)
{
	(void)op;
	supervisor(g);
	mov_from_cr(g, 4, AX);
	xor_register(g, AX, DRAW(g, cr4_bits));
	mov_to_cr(g, 4, AX);
}

/* Part of the start: a bit of CR4 is set. */
static void emit_cr4_start(struct gen *g, const struct op *op)
{
	supervisor(g);
	if (g->write)
		g->s->cr4 |= op->value;
}

/* Code in a page for CPL 3: UD2. */
static void emit_jump_user(struct gen *g, const struct op *op)
{
	u64 at = WINDOW_DATA + 0x80 + (g->mode->bits == 16 ? 0 : WINDOW);

	(void)op;
	load(g, BX, at);
	load(g, DI, at);
	begin(g);
	operand(g, 16);
	opcode(g, 0xc707);		/* (BX), (EDI), (RDI) */
	bytes(g, 0x0b0f, 2);
	subject(g);
	opcode(g, 0xffe3);
}

static void emit_cr3(struct gen *g, const struct op *op)
{
	static const u32 bits[] = { 0, 0, 0x8, 0x10, 0x18 };

	(void)op;
	mov_from_cr(g, 3, AX);
	xor_register(g, AX, DRAW(g, bits));
	if (g->mode->bits == 64 && chance(g, 4)) {	/* a bit that is reserved */
		load(g, CX, 1ull << (52 + draw(g, 12)));
		begin(g);
		bytes(g, 0xc80948, 3);			/* or %rcx, %rax */
	}
	mov_to_cr(g, 3, AX);
}

static void emit_cr8(struct gen *g, const struct op *op)
{
	static const u64 values[] = { 0, 1, 2, 7, 15, 16, 0x100000000, ~0ull };

	(void)op;
	if (chance(g, 2)) {
		mov_from_cr(g, 8, AX);
	} else {
		load(g, AX, DRAW(g, values));
		if (g->write)
			g->s->touches |= TOUCHES_APIC;
		mov_to_cr(g, 8, AX);
	}
}

static void emit_cr2(struct gen *g, const struct op *op)
{
	(void)op;
	if (chance(g, 2)) {
		load(g, CX, draw64(g));
		mov_to_cr(g, 2, CX);
	} else {
		mov_from_cr(g, 2, CX);
	}
}

static void emit_cr_none(struct gen *g, const struct op *op)
{
	static const u8 none[] = { 1, 5, 6, 7 };

	(void)op;
	if (chance(g, 2))
		mov_to_cr(g, DRAW(g, none), AX);
	else
		mov_from_cr(g, DRAW(g, none), AX);
}

static void emit_lmsw(struct gen *g, const struct op *op)
{
	(void)op;
	load(g, AX, (g->mode->real ? 0 : 1) | draw(g, 8) << 1);	/* PE stays as it is */
	subject(g);
	opcode(g, 0x0f01f0);
}

static void emit_smsw(struct gen *g, const struct op *op)
{
	u32 bits = operand_bits(g);

	(void)op;
	subject(g);
	operand(g, bits);
	if (bits == 64)
		byte(g, 0x48);
	opcode(g, 0x0f01e0);
}

static void emit_mov_dr(struct gen *g, const struct op *op)
{
	static const u64 values[] = {
		0, 0x400, 0xffff0ff0, 0x2400, 0xffffffff, 0x100000000, WINDOW + WINDOW_DATA + 0x80,
	};
	u32 dr = draw(g, 8);
	u64 value = DRAW(g, values);

	(void)op;
	/* No breakpoint by chance: those are an operation of their own. */
	if (dr == 7 && value == 0xffffffff)
		value = 0x400;
	if (chance(g, 2))
		load(g, AX, value);
	subject(g);
	opcode(g, chance(g, 2) && dr != 7 ? 0x0f21 : dr == 7 ? 0x0f21 : 0x0f23);
	byte(g, 0xc0 | dr << 3 | AX);
}

static void emit_mov_dr7(struct gen *g, const struct op *op)
{
	static const u64 values[] = { 0x400, 0x2400, 0, 0x100000400, 0x700, 0xc400 };

	(void)op;
	load(g, AX, DRAW(g, values));
	subject(g);
	opcode(g, 0x0f23f8);
}

static void emit_xsetbv(struct gen *g, const struct op *op)
{
	static const u64 values[] = { 1, 3, 7, 0, 2, 5, 6, 0x100000001, 0x8000000000000003, 0x11 };
	u64 value = DRAW(g, values);

	(void)op;
	load(g, CX, chance(g, 6));
	load(g, AX, (u32)value);
	load(g, DX, value >> 32);
	subject(g);
	opcode(g, 0x0f01d1);
}

static void emit_xgetbv(struct gen *g, const struct op *op)
{
	(void)op;
	load(g, CX, chance(g, 4) ? 2 : 0);
	subject(g);
	opcode(g, 0x0f01d0);
}

static void emit_plain(struct gen *g, const struct op *op)
{
	subject(g);
	opcode(g, op->value);
}

/* An answer that is time or chance: not kept. */
static void emit_volatile(struct gen *g, const struct op *op)
{
	load(g, CX, 0);
	subject(g);
	opcode(g, op->value);
	and_register(g, AX, 0);
	and_register(g, DX, 0);
	and_register(g, CX, 0);
	begin(g);			/* and flags that are always alike */
	bytes(g, 0xc085, 2);
}

static void emit_invlpg(struct gen *g, const struct op *op)
{
	struct address a = address(g, IN_DATA | AT_FAULT | IN_HOLE, false);

	(void)op;
	with_memory(g, &a, 0, 0, 0x0f01, 7, 0, 0);
}

static void emit_invpcid(struct gen *g, const struct op *op)
{
	static const u64 types[] = { 0, 1, 2, 3, 4, 0x100000000, ~0ull };
	struct address a = address(g, op->flags, false);

	load(g, AX, DRAW(g, types));
	with_memory(g, &a, 0x66, 0, 0x0f3882, AX, 0, 0);
}

/* Ports: nobody's, COM1's scratch register, the second PIC's mask, nobody's for CPL 3. */
static const u16 ports[] = { 0x5a0, 0x5a1, 0x3ff, 0xa1, 0x278, 0x27b };

static u32 draw_port(struct gen *g, u32 bits)
{
	u32 port = DRAW(g, ports);

	/* What more than a byte does at a port of a byte is the device's own affair. */
	if (bits > 8 && (port == 0x3ff || port == 0xa1))
		port = 0x5a0;
	if (g->write)
		g->s->touches |= TOUCHES_PIC;
	return port;
}

static void emit_io(struct gen *g, const struct op *op)
{
	static const u8 widths[] = { 8, 16, 32 };
	u32 bits = DRAW(g, widths);
	u32 port = draw_port(g, bits);
	bool immediate = port < 0x100 && chance(g, 2);

	load(g, AX, draw64(g) & 0xffffffff);
	if (!immediate)
		load(g, DX, port | (draw64(g) & 0xffff0000));
	subject(g);
	if (bits > 8)
		operand(g, bits);
	byte(g, op->value | (bits > 8) | (immediate ? 0 : 8));
	if (immediate)
		byte(g, port);
}

/* INS and OUTS: segment, address size, direction, count, a fault in the middle. */
static void emit_string_io(struct gen *g, const struct op *op)
{
	static const u8 widths[] = { 8, 16, 32 };
	static const u8 segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	u32 bits = DRAW(g, widths);
	bool rep = chance(g, 2), other_size = chance(g, 5), down = chance(g, 4);
	u32 segment = chance(g, 3) ? DRAW(g, segments) : 0;
	u64 at = target_address(g, op->flags, chance(g, 2));
	u32 reg = op->value == 0x6c ? DI : SI;

	/* An address of 16 bits leaves the window that begins elsewhere. */
	if (g->mode->bits == 32)
		other_size = false;
	load(g, DX, draw_port(g, bits));
	load(g, reg, at);
	load(g, CX, draw(g, 5));
	plain(g, down ? 0xfd : 0xfc);
	subject(g);
	if (segment)
		byte(g, segment);
	if (other_size)
		byte(g, 0x67);
	if (bits > 8)
		operand(g, bits);
	if (rep)
		byte(g, chance(g, 2) ? 0xf3 : 0xf2);
	byte(g, op->value | (bits > 8));
}

#define EMIT(class, name, where, weight, emit)	{ class, name, where, weight, emit, 0, 0 }
#define PLAIN(class, name, where, weight, value) \
	{ class, name, where, weight, emit_plain, value, 0 }
#define TIMED(class, name, where, weight, value) \
	{ class, name, where, weight, emit_volatile, value, 0 }

static const struct op table[] = {
	EMIT("cpuid", "cpuid", ANY, 12, emit_cpuid),
	EMIT("msr", "rdmsr", ANY, 8, emit_rdmsr),
	EMIT("msr", "wrmsr", ANY, 8, emit_wrmsr),
	EMIT("apic", "wrmsr_x2apic", CPL0, 4, emit_wrmsr_x2apic),
	EMIT("cr", "mov_cr0", ANY, 6, emit_cr0),
	EMIT("cr", "mov_cr2", ANY, 2, emit_cr2),
	EMIT("cr", "mov_cr3", ANY, 3, emit_cr3),
	EMIT("cr", "mov_cr4", ANY, 6, emit_cr4),
	EMIT("cr", "mov_cr8", BITS64, 4, emit_cr8),
	EMIT("cr", "mov_cr_none", ANY, 2, emit_cr_none),
	PLAIN("cr", "clts", ANY, 2, 0x0f06),
	EMIT("cr", "lmsw", ANY, 2, emit_lmsw),
	EMIT("cr", "smsw", ANY, 2, emit_smsw),
	EMIT("dr", "mov_dr", ANY, 6, emit_mov_dr),
	EMIT("dr", "mov_dr7", ANY, 3, emit_mov_dr7),
	EMIT("xcr", "xsetbv", ANY, 4, emit_xsetbv),
	EMIT("xcr", "xgetbv", ANY, 2, emit_xgetbv),
	TIMED("tsc", "rdtsc", ANY, 2, 0x0f31),
	TIMED("tsc", "rdtscp", ANY, 2, 0x0f01f9),
	TIMED("other", "rdpmc", ANY, 2, 0x0f33),
	TIMED("other", "rdrand", ANY, 2, 0x0fc7f0),
	EMIT("inv", "invlpg", ANY, 3, emit_invlpg),
	{ "inv", "invpcid", ANY, 3, emit_invpcid, 0, IN_DATA | AT_FAULT },
	{ "hard", "invpcid", ANY, 1, emit_invpcid, 0, IN_HOLE },
	PLAIN("inv", "invd", ANY, 1, 0x0f08),
	PLAIN("inv", "wbinvd", ANY, 1, 0x0f09),
	PLAIN("other", "vmcall", ANY, 2, 0x0f01c1),
	PLAIN("hard", "vmmcall", ANY, 1, 0x0f01d9),
	PLAIN("vmx", "vmlaunch", ANY, 1, 0x0f01c2),
	PLAIN("vmx", "vmresume", ANY, 1, 0x0f01c3),
	PLAIN("vmx", "vmxoff", ANY, 1, 0x0f01c4),
	PLAIN("vmx", "vmfunc", ANY, 1, 0x0f01d4),
	PLAIN("vmx", "vmread", ANY, 1, 0x0f78c1),
	PLAIN("vmx", "vmwrite", ANY, 1, 0x0f79c1),
	PLAIN("vmx", "vmxon", ANY, 1, 0xf30fc733),
	PLAIN("vmx", "vmptrld", ANY, 1, 0x0fc733),
	PLAIN("vmx", "invept", ANY, 1, 0x0f3880),
	PLAIN("vmx", "getsec", ANY, 1, 0x0f37),
	PLAIN("vmx", "rsm", ANY, 1, 0x0faa),
	PLAIN("quiet", "pause", ANY, 2, 0xf390),
	{ "protect", "smep", ANY, 3, emit_cr4_start, CR4_SMEP, 0 },
	{ "protect", "smap", ANY, 4, emit_cr4_start, CR4_SMAP, 0 },
	{ "protect", "umip", ANY, 4, emit_cr4_start, CR4_UMIP, 0 },
	{ "protect", "pcide", ANY, 3, emit_cr4_start, CR4_PCIDE, 0 },
	EMIT("protect", "jump_user", ANY, 2, emit_jump_user),
	PLAIN("protect", "clac", ANY, 2, 0x0f01ca),
	PLAIN("protect", "stac", ANY, 3, 0x0f01cb),
	{ "io", "in", ANY, 5, emit_io, 0xe4, 0 },
	{ "io", "out", ANY, 5, emit_io, 0xe6, 0 },
	{ "string_io", "ins", ANY, 5, emit_string_io, 0x6c, IN_DATA | AT_FAULT },
	{ "string_io", "outs", ANY, 5, emit_string_io, 0x6e, IN_DATA | AT_FAULT },
	{ "string_hole", "ins_hole", ANY, 2, emit_string_io, 0x6c, IN_HOLE },
	{ "string_hole", "outs_hole", ANY, 2, emit_string_io, 0x6e, IN_HOLE },
};

struct ops ops_system(void)
{
	return (struct ops) { table, ARRAY_SIZE(table) };
}
