// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/insn.c hv/cpu/insn_execute.c */
/* libs: Zydis */
/* The decoder held against a library's: every opcode, ModRM byte, prefix and mode. */
#include <Zydis/Zydis.h>

#include "hv/cpu/insn.h"
#include "tests/unit/tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	uint16_t mnemonic;
	uint8_t op;
} names[] = {
	{ ZYDIS_MNEMONIC_ADD, INSN_ADD }, { ZYDIS_MNEMONIC_OR, INSN_OR },
	{ ZYDIS_MNEMONIC_ADC, INSN_ADC }, { ZYDIS_MNEMONIC_SBB, INSN_SBB },
	{ ZYDIS_MNEMONIC_AND, INSN_AND }, { ZYDIS_MNEMONIC_SUB, INSN_SUB },
	{ ZYDIS_MNEMONIC_XOR, INSN_XOR }, { ZYDIS_MNEMONIC_CMP, INSN_CMP },
	{ ZYDIS_MNEMONIC_TEST, INSN_TEST }, { ZYDIS_MNEMONIC_INC, INSN_INC },
	{ ZYDIS_MNEMONIC_DEC, INSN_DEC }, { ZYDIS_MNEMONIC_NOT, INSN_NOT },
	{ ZYDIS_MNEMONIC_NEG, INSN_NEG }, { ZYDIS_MNEMONIC_BT, INSN_BT },
	{ ZYDIS_MNEMONIC_BTS, INSN_BTS }, { ZYDIS_MNEMONIC_BTR, INSN_BTR },
	{ ZYDIS_MNEMONIC_BTC, INSN_BTC }, { ZYDIS_MNEMONIC_XADD, INSN_XADD },
	{ ZYDIS_MNEMONIC_CMPXCHG, INSN_CMPXCHG }, { ZYDIS_MNEMONIC_XCHG, INSN_XCHG },
	{ ZYDIS_MNEMONIC_MOV, INSN_MOV }, { ZYDIS_MNEMONIC_MOVZX, INSN_MOV },
	{ ZYDIS_MNEMONIC_MOVSX, INSN_MOV }, { ZYDIS_MNEMONIC_MOVSXD, INSN_MOV },
	{ ZYDIS_MNEMONIC_PUSH, INSN_PUSH }, { ZYDIS_MNEMONIC_POP, INSN_POP },
	{ ZYDIS_MNEMONIC_MOVSB, INSN_MOVS }, { ZYDIS_MNEMONIC_MOVSW, INSN_MOVS },
	{ ZYDIS_MNEMONIC_MOVSD, INSN_MOVS }, { ZYDIS_MNEMONIC_MOVSQ, INSN_MOVS },
	{ ZYDIS_MNEMONIC_STOSB, INSN_STOS }, { ZYDIS_MNEMONIC_STOSW, INSN_STOS },
	{ ZYDIS_MNEMONIC_STOSD, INSN_STOS }, { ZYDIS_MNEMONIC_STOSQ, INSN_STOS },
	{ ZYDIS_MNEMONIC_LODSB, INSN_LODS }, { ZYDIS_MNEMONIC_LODSW, INSN_LODS },
	{ ZYDIS_MNEMONIC_LODSD, INSN_LODS }, { ZYDIS_MNEMONIC_LODSQ, INSN_LODS },
	{ ZYDIS_MNEMONIC_CMPSB, INSN_CMPS }, { ZYDIS_MNEMONIC_CMPSW, INSN_CMPS },
	{ ZYDIS_MNEMONIC_CMPSD, INSN_CMPS }, { ZYDIS_MNEMONIC_CMPSQ, INSN_CMPS },
	{ ZYDIS_MNEMONIC_SCASB, INSN_SCAS }, { ZYDIS_MNEMONIC_SCASW, INSN_SCAS },
	{ ZYDIS_MNEMONIC_SCASD, INSN_SCAS }, { ZYDIS_MNEMONIC_SCASQ, INSN_SCAS },
};

/* What the two must agree on. What an instruction has not got is 0 in both. */
struct facts {
	uint8_t op, length, addr_size;
	uint8_t size, segment, base, index, scale;
	uint8_t reads, writes, rep, repne;
	uint8_t has_reg, reg, reg_size, high_byte, to_reg, sign_extend, has_imm;
	uint64_t disp, imm;
};

static const struct {
	const char *name;
	unsigned int offset, size;
} facts[] = {
#define FACT(name) { #name, offsetof(struct facts, name), sizeof(((struct facts *)0)->name) }
	FACT(op), FACT(length), FACT(addr_size), FACT(size), FACT(segment), FACT(base),
	FACT(index), FACT(scale), FACT(reads), FACT(writes), FACT(rep), FACT(repne),
	FACT(has_reg), FACT(reg), FACT(reg_size), FACT(high_byte), FACT(to_reg),
	FACT(sign_extend), FACT(has_imm), FACT(disp), FACT(imm),
};

static uint64_t low_bytes(uint64_t v, unsigned int bytes)
{
	return bytes < 8 ? v & ((1ull << 8 * bytes) - 1) : v;
}

static bool is_string(unsigned int op)
{
	return op >= INSN_MOVS;
}

/* An immediate is as wide as memory, but of BT and its like. */
static unsigned int imm_bytes(unsigned int op, unsigned int size)
{
	return op >= INSN_BT && op <= INSN_BTC ? 1 : size;
}

static void our_facts(struct facts *f, const struct insn *i)
{
	memset(f, 0, sizeof(*f));
	f->op = i->op;
	f->length = i->length;
	f->addr_size = i->addr_size;
	f->size = i->size;
	/* Of the two operands the library is asked for the one that is not the stack. */
	f->reads = i->reads && i->op != INSN_POP;
	f->writes = i->writes && i->op != INSN_PUSH;
	f->rep = i->rep;
	f->repne = i->repne;
	/* Of a string that of the source: the other is always ES. */
	if (i->op != INSN_STOS && i->op != INSN_SCAS)
		f->segment = (uint8_t)insn_segment(i);
	if (is_string(i->op)) {
		/* RAX, whatever REX says. */
		f->reg = i->reg;
		return;
	}
	f->base = i->base;
	f->index = i->index;
	f->scale = i->index != INSN_NO_REG ? i->scale : 0;
	f->disp = low_bytes(i->disp, i->addr_size);
	f->has_imm = i->source == INSN_IMM;
	if (f->has_imm) {
		f->imm = low_bytes(i->imm, imm_bytes(i->op, i->size));
	} else if (i->op < INSN_INC || i->op > INSN_NEG) {
		if (i->op == INSN_PUSH || i->op == INSN_POP)
			return;
		f->has_reg = 1;
		f->reg = i->reg;
		f->reg_size = i->reg_size;
		f->high_byte = i->high_byte;
		f->to_reg = i->to_reg;
		f->sign_extend = i->sign_extend;
	}
}

/* A number as insn.c has it; @high: AH, CH, DH, BH. */
static uint8_t reg_number(ZydisRegister reg, bool *high)
{
	bool h = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;

	if (high)
		*high = h;
	if (reg == ZYDIS_REGISTER_NONE)
		return INSN_NO_REG;
	if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
		return INSN_RIP;
	if (reg < ZYDIS_REGISTER_AH)
		return (uint8_t)(reg - ZYDIS_REGISTER_AL);
	if (h)
		return (uint8_t)(reg - ZYDIS_REGISTER_AH);
	if (reg <= ZYDIS_REGISTER_R15B)
		return (uint8_t)(reg - ZYDIS_REGISTER_SPL + 4);
	return (uint8_t)((reg - ZYDIS_REGISTER_AX) % 16);
}

struct library {
	ZyanStatus status;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* The operand in memory that insn.c tells of: what is named, or that of a string at RSI. */
static const ZydisDecodedOperand *memory_operand(const struct library *l, bool string)
{
	const ZydisDecodedOperand *found = NULL;

	for (unsigned int k = 0; k < l->insn.operand_count; k++) {
		const ZydisDecodedOperand *o = &l->operands[k];

		if (o->type != ZYDIS_OPERAND_TYPE_MEMORY || o->mem.type != ZYDIS_MEMOP_TYPE_MEM)
			continue;
		if (string && (!found || reg_number(o->mem.base, NULL) == 6))
			found = o;
		else if (!string && o->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
			found = o;
	}
	return found;
}

/* Returns false if it is no instruction that insn.c has to know. */
static bool library_facts(struct facts *f, const struct library *l)
{
	const ZydisDecodedOperand *m, *o = NULL;
	unsigned int k = 0;
	bool high;

	if (!ZYAN_SUCCESS(l->status) || l->insn.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
	    l->insn.opcode_map > ZYDIS_OPCODE_MAP_0F)
		return false;
	while (k < ARRAY_SIZE(names) && names[k].mnemonic != l->insn.mnemonic)
		k++;
	if (k == ARRAY_SIZE(names))
		return false;
	memset(f, 0, sizeof(*f));
	f->op = names[k].op;
	/* SSE has two more of these names. */
	if (is_string(f->op) && l->insn.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return false;
	m = memory_operand(l, is_string(f->op));
	if (!m)
		return false;
	f->length = l->insn.length;
	f->addr_size = l->insn.address_width / 8;
	f->size = (uint8_t)(m->size / 8);
	if (f->op != INSN_STOS && f->op != INSN_SCAS)
		f->segment = (uint8_t)(m->mem.segment - ZYDIS_REGISTER_ES);
	f->rep = !!(l->insn.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |
					  ZYDIS_ATTRIB_HAS_REPNE));
	/* What compares nothing is repeated by F2 as by F3. */
	f->repne = l->insn.attributes & ZYDIS_ATTRIB_HAS_REPNE &&
		   (f->op == INSN_CMPS || f->op == INSN_SCAS);
	for (k = 0; k < l->insn.operand_count; k++) {
		if (l->operands[k].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    (is_string(f->op) || &l->operands[k] == m)) {
			f->reads |= !!(l->operands[k].actions & ZYDIS_OPERAND_ACTION_MASK_READ);
			f->writes |= !!(l->operands[k].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE);
		} else if (l->operands[k].visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN) {
			o = &l->operands[k];
		}
	}
	if (is_string(f->op))
		return true;
	/* MOV of a segment register, which insn.c does not know. */
	if (o && o->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	    ZydisRegisterGetClass(o->reg.value) == ZYDIS_REGCLASS_SEGMENT)
		return false;
	f->base = reg_number(m->mem.base, NULL);
	f->index = reg_number(m->mem.index, NULL);
	f->scale = (uint8_t)(m->mem.scale ? __builtin_ctz(m->mem.scale) : 0);
	f->disp = low_bytes((uint64_t)m->mem.disp.value, f->addr_size);
	if (o && o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		f->has_imm = 1;
		f->imm = low_bytes(o->imm.value.u, imm_bytes(f->op, f->size));
	} else if (o) {
		f->has_reg = 1;
		f->reg = reg_number(o->reg.value, &high);
		f->high_byte = high;
		f->reg_size = (uint8_t)(o->size / 8);
		/* Of XCHG both are written, and none is first. */
		f->to_reg = o < m || f->op == INSN_XCHG;
		f->sign_extend = l->insn.mnemonic == ZYDIS_MNEMONIC_MOVSX ||
				 l->insn.mnemonic == ZYDIS_MNEMONIC_MOVSXD;
	}
	return true;
}

/* One judge, and the count of what it saw. */
static struct {
	ZydisDecoder decoder;
	unsigned int bits;
	unsigned int compared, accepted, wrong;
} run;

static bool movsxd_16(struct facts *ours, const struct facts *theirs)
{
	if (ours->op != INSN_MOV || !ours->sign_extend || ours->size != 2 || theirs->size != 4)
		return false;
	ours->size = 4;
	return true;
}

static bool no_base(struct facts *ours, const struct facts *theirs)
{
	if (ours->addr_size != 4 || ours->base != INSN_NO_REG || theirs->base != 13)
		return false;
	ours->base = 13;
	ours->disp = 0;
	return true;
}

/* Where the library reads otherwise. Each brings our facts to its own, and is needed. */
static struct {
	const char *why;
	bool (*is)(struct facts *ours, const struct facts *theirs);
	unsigned int seen;
} known[] = {
	{ "MOVSXD of 16 bits reads 16 for Intel, 32 for AMD", movsxd_16, 0 },
	{ "32-bit addresses, mod 0, base 5 in the SIB byte: a displacement and no base, "
	  "REX.B set or not", no_base, 0 },
};

/* Do the two say the same, but for what is known? */
static bool agree(struct facts *ours, const struct facts *theirs)
{
	if (!memcmp(ours, theirs, sizeof(*ours)))
		return true;
	for (unsigned int k = 0; k < ARRAY_SIZE(known); k++) {
		if (known[k].is(ours, theirs))
			known[k].seen++;
	}
	return !memcmp(ours, theirs, sizeof(*ours));
}

static void complain(const char *what, const uint8_t *bytes, const struct facts *ours,
		     const struct facts *theirs)
{
	char line[512];
	int at = 0;

	if (run.wrong++ >= 20)
		return;
	at += sprintf(line + at, "%u-bit", run.bits);
	for (unsigned int k = 0; k < INSN_MAX_BYTES; k++)
		at += sprintf(line + at, " %02x", bytes[k]);
	at += sprintf(line + at, ": %s", what);
	for (unsigned int k = 0; ours && k < ARRAY_SIZE(facts); k++) {
		uint64_t a = 0, b = 0;

		memcpy(&a, (const char *)ours + facts[k].offset, facts[k].size);
		memcpy(&b, (const char *)theirs + facts[k].offset, facts[k].size);
		if (a != b)
			at += sprintf(line + at, " %s=%#" PRIx64 ", the library has %#" PRIx64,
				      facts[k].name, a, b);
	}
	diag("%s", line);
}

static void compare(const uint8_t bytes[INSN_MAX_BYTES])
{
	static struct library l;
	struct facts ours, theirs;
	struct insn i;
	bool decoded, known;

	run.compared++;
	decoded = insn_decode(&i, bytes, INSN_MAX_BYTES, run.bits);
	l.status = ZydisDecoderDecodeFull(&run.decoder, bytes, INSN_MAX_BYTES, &l.insn, l.operands);
	known = library_facts(&theirs, &l);
	if (!decoded) {
		if (known)
			complain("refused, and the library knows it", bytes, NULL, NULL);
		return;
	}
	run.accepted++;
	our_facts(&ours, &i);
	if (!known)
		complain(ZydisMnemonicGetString(ZYAN_SUCCESS(l.status) ? l.insn.mnemonic : 0),
			 bytes, NULL, NULL);
	else if (!agree(&ours, &theirs))
		complain("", bytes, &ours, &theirs);
	if (insn_decode(&i, bytes, ours.length - 1u, run.bits))
		complain("not refused without its last byte", bytes, NULL, NULL);
}

static uint32_t random32(void)
{
	static uint64_t state = 0x2545f4914f6cdd1d;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

/* Prefixes are in place: the opcode, its ModRM byte, and what may come behind it. */
static void compare_with(const uint8_t *prefixes, unsigned int n, unsigned int opcode,
			 uint8_t modrm)
{
	uint8_t bytes[INSN_MAX_BYTES];
	unsigned int at = 0;

	while (at < n) {
		bytes[at] = prefixes[at];
		at++;
	}
	if (opcode >> 8)
		bytes[at++] = 0x0f;
	bytes[at++] = (uint8_t)opcode;
	if (at < INSN_MAX_BYTES)
		bytes[at++] = modrm;
	while (at < INSN_MAX_BYTES)
		bytes[at++] = (uint8_t)random32();
	compare(bytes);
}

static const uint8_t prefixes[] = {
	0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
};

static void every_opcode(void)
{
	for (unsigned int opcode = 0; opcode < 0x200; opcode++) {
		for (unsigned int modrm = 0; modrm < 256; modrm++) {
			compare_with(NULL, 0, opcode, (uint8_t)modrm);
			for (unsigned int p = 0; p < ARRAY_SIZE(prefixes); p++)
				compare_with(&prefixes[p], 1, opcode, (uint8_t)modrm);
			for (uint8_t rex = 0x40; run.bits == 64 && rex < 0x50; rex++)
				compare_with(&rex, 1, opcode, (uint8_t)modrm);
		}
	}
}

/* Any prefixes, in any order and number, up to where nothing fits behind them. */
static void many_prefixes(void)
{
	for (unsigned int k = 0; k < 300000; k++) {
		uint8_t some[INSN_MAX_BYTES - 2];
		unsigned int n = random32() % (k % 8 ? 5 : ARRAY_SIZE(some) + 1);

		for (unsigned int p = 0; p < n; p++) {
			some[p] = prefixes[random32() % ARRAY_SIZE(prefixes)];
			if (run.bits == 64 && random32() % 4 == 0)
				some[p] = 0x40 | (random32() & 15);
		}
		compare_with(some, n, random32() % 0x200, (uint8_t)random32());
	}
}

int main(void)
{
	static const struct {
		unsigned int bits;
		ZydisMachineMode mode;
		ZydisStackWidth stack;
	} modes[] = {
		{ 16, ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16 },
		{ 32, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32 },
		{ 64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64 },
	};

	for (unsigned int m = 0; m < ARRAY_SIZE(modes); m++) {
		memset(&run, 0, sizeof(run));
		run.bits = modes[m].bits;
		ZydisDecoderInit(&run.decoder, modes[m].mode, modes[m].stack);
		every_opcode();
		many_prefixes();
		ok(run.wrong == 0, "%u-bit: the library agrees on all but %u of %u, %u accepted",
		   run.bits, run.wrong, run.compared, run.accepted);
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(known); k++)
		ok(known[k].seen, "known: %s", known[k].why);
	return done();
}
