// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/insn.c hv/cpu/insn_execute.c */
/* Decoding of MMIO instructions, with objdump as a witness. */
#include "hv/cpu/insn.h"
#include "tests/unit/tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char * const op_names[] = {
	[INSN_ADD] = "add", [INSN_OR] = "or", [INSN_ADC] = "adc", [INSN_SBB] = "sbb",
	[INSN_AND] = "and", [INSN_SUB] = "sub", [INSN_XOR] = "xor", [INSN_CMP] = "cmp",
	[INSN_TEST] = "test", [INSN_INC] = "inc", [INSN_DEC] = "dec", [INSN_NOT] = "not",
	[INSN_NEG] = "neg", [INSN_BT] = "bt", [INSN_BTS] = "bts", [INSN_BTR] = "btr",
	[INSN_BTC] = "btc", [INSN_XADD] = "xadd", [INSN_CMPXCHG] = "cmpxchg",
	[INSN_XCHG] = "xchg", [INSN_MOV] = "mov", [INSN_PUSH] = "push", [INSN_POP] = "pop",
	[INSN_MOVS] = "movs", [INSN_STOS] = "stos", [INSN_LODS] = "lods", [INSN_CMPS] = "cmps",
	[INSN_SCAS] = "scas",
};

/* What each instruction becomes: bytes as assembled by GNU as, memory as mSIZE, registers
 * as rNUMBER.SIZE (h: bits 15:8), zx and sx: extension, rw: read and then written.
 */
static const struct {
	unsigned int bits;
	const char *bytes, *text, *want;
} rows[] = {
	{ 64, "88 07", "mov byte ptr [rdi], al", "mov m1, r0.1" },
	{ 64, "88 3f", "mov byte ptr [rdi], bh", "mov m1, r3.1h" },
	{ 64, "40 88 37", "mov byte ptr [rdi], sil", "mov m1, r6.1" },
	{ 64, "44 88 0f", "mov byte ptr [rdi], r9b", "mov m1, r9.1" },
	{ 64, "66 89 17", "mov word ptr [rdi], dx", "mov m2, r2.2" },
	{ 64, "89 17", "mov dword ptr [rdi], edx", "mov m4, r2.4" },
	{ 64, "48 89 17", "mov qword ptr [rdi], rdx", "mov m8, r2.8" },
	{ 64, "4d 89 bc 84 78 56 34 12",
	  "mov qword ptr [r12+rax*4+0x12345678], r15", "mov m8, r15.8" },
	{ 64, "89 0d 00 10 00 00", "mov dword ptr [rip+0x1000], ecx", "mov m4, r1.4" },
	{ 64, "89 0c 25 00 10 00 00", "mov dword ptr ds:[0x1000], ecx", "mov m4, r1.4" },
	{ 64, "41 89 4d 00", "mov dword ptr [r13], ecx", "mov m4, r1.4" },
	{ 64, "89 0c 24", "mov dword ptr [rsp], ecx", "mov m4, r1.4" },
	{ 64, "89 4c cd 00", "mov dword ptr [rbp+rcx*8], ecx", "mov m4, r1.4" },
	{ 64, "89 0c cd 10 00 00 00", "mov dword ptr [rcx*8+0x10], ecx", "mov m4, r1.4" },
	{ 64, "67 89 0f", "mov dword ptr [edi], ecx", "mov m4, r1.4" },
	{ 64, "8a 06", "mov al, byte ptr [rsi]", "mov r0.1, m1" },
	{ 64, "8a 2e", "mov ch, byte ptr [rsi]", "mov r1.1h, m1" },
	{ 64, "66 8b 06", "mov ax, word ptr [rsi]", "mov r0.2, m2" },
	{ 64, "44 8b 46 fc", "mov r8d, dword ptr [rsi-4]", "mov r8.4, m4" },
	{ 64, "65 48 8b 1e", "mov rbx, qword ptr gs:[rsi]", "mov r3.8, m8 seg=65" },
	{ 64, "64 8b 04 25 28 00 00 00", "mov eax, dword ptr fs:[0x28]", "mov r0.4, m4 seg=64" },
	{ 64, "c6 07 80", "mov byte ptr [rdi], 0x80", "mov m1, $-128" },
	{ 64, "66 c7 07 00 80", "mov word ptr [rdi], 0x8000", "mov m2, $-32768" },
	{ 64, "c7 07 00 00 00 80", "mov dword ptr [rdi], 0x80000000", "mov m4, $-2147483648" },
	{ 64, "48 c7 47 10 fe ff ff ff", "mov qword ptr [rdi+0x10], -2", "mov m8, $-2" },
	{ 64, "0f b6 06", "movzx eax, byte ptr [rsi]", "mov r0.4, m1 zx" },
	{ 64, "4c 0f b7 0e", "movzx r9, word ptr [rsi]", "mov r9.8, m2 zx" },
	{ 64, "66 0f b6 06", "movzx ax, byte ptr [rsi]", "mov r0.2, m1 zx" },
	{ 64, "0f be 0e", "movsx ecx, byte ptr [rsi]", "mov r1.4, m1 sx" },
	{ 64, "48 0f bf 0e", "movsx rcx, word ptr [rsi]", "mov r1.8, m2 sx" },
	{ 64, "66 0f be 0e", "movsx cx, byte ptr [rsi]", "mov r1.2, m1 sx" },
	{ 64, "48 63 16", "movsxd rdx, dword ptr [rsi]", "mov r2.8, m4 sx" },
	{ 64, "a0 88 77 66 55 44 33 22 11",
	  "movabs al, byte ptr [0x1122334455667788]", "mov r0.1, m1" },
	{ 64, "48 a1 88 77 66 55 44 33 22 11",
	  "movabs rax, qword ptr [0x1122334455667788]", "mov r0.8, m8" },
	{ 64, "a3 88 77 66 55 44 33 22 11",
	  "movabs dword ptr [0x1122334455667788], eax", "mov m4, r0.4" },
	{ 64, "67 a1 44 33 22 11", "addr32 mov eax, dword ptr [0x11223344]", "mov r0.4, m4" },
	{ 64, "a4", "movsb", "movs m1 a8" },
	{ 64, "66 a5", "movsw", "movs m2 a8" },
	{ 64, "f3 a5", "rep movsd", "movs m4 rep a8" },
	{ 64, "f3 48 a5", "rep movsq", "movs m8 rep a8" },
	{ 64, "64 67 f3 a4",
	  "rep movs byte ptr es:[edi], byte ptr fs:[esi]", "movs m1 rep a4 seg=64" },
	{ 64, "aa", "stosb", "stos m1, r0.1 a8" },
	{ 64, "f3 ab", "rep stosd", "stos m4, r0.4 rep a8" },
	{ 64, "f3 48 ab", "rep stosq", "stos m8, r0.8 rep a8" },
	{ 64, "ac", "lodsb", "lods r0.1, m1 a8" },
	{ 64, "66 ad", "lodsw", "lods r0.2, m2 a8" },
	{ 64, "f3 48 ad", "rep lodsq", "lods r0.8, m8 rep a8" },
	{ 64, "00 00", "add byte ptr [rax], al", "add m1, r0.1 rw" },
	{ 64, "09 08", "or dword ptr [rax], ecx", "or m4, r1.4 rw" },
	{ 64, "f0 83 08 04", "lock or dword ptr [rax], 4", "or m4, $4 rw" },
	{ 64, "f0 4c 01 18", "lock add qword ptr [rax], r11", "add m8, r11.8 rw" },
	{ 64, "83 20 f0", "and dword ptr [rax], 0xfffffff0", "and m4, $-16 rw" },
	{ 64, "66 81 20 ff 7f", "and word ptr [rax], 0x7fff", "and m2, $32767 rw" },
	{ 64, "80 20 7f", "and byte ptr [rax], 0x7f", "and m1, $127 rw" },
	{ 64, "48 81 30 78 56 34 12", "xor qword ptr [rax], 0x12345678", "xor m8, $305419896 rw" },
	{ 64, "48 2b 03", "sub rax, qword ptr [rbx]", "sub r0.8, m8" },
	{ 64, "12 13", "adc dl, byte ptr [rbx]", "adc r2.1, m1" },
	{ 64, "19 13", "sbb dword ptr [rbx], edx", "sbb m4, r2.4 rw" },
	{ 64, "83 3b ff", "cmp dword ptr [rbx], -1", "cmp m4, $-1" },
	{ 64, "80 3b ff", "cmp byte ptr [rbx], 0xff", "cmp m1, $-1" },
	{ 64, "3b 03", "cmp eax, dword ptr [rbx]", "cmp r0.4, m4" },
	{ 64, "39 03", "cmp dword ptr [rbx], eax", "cmp m4, r0.4" },
	{ 64, "f6 03 20", "test byte ptr [rbx], 0x20", "test m1, $32" },
	{ 64, "f7 03 20 00 00 00", "test dword ptr [rbx], 0x20", "test m4, $32" },
	{ 64, "48 85 03", "test qword ptr [rbx], rax", "test m8, r0.8" },
	{ 64, "87 03", "xchg dword ptr [rbx], eax", "xchg r0.4, m4 rw" },
	{ 64, "f0 86 23", "lock xchg byte ptr [rbx], ah", "xchg r0.1h, m1 rw" },
	{ 32, "a3 00 00 00 d0", "mov dword ptr [0xd0000000], eax", "mov m4, r0.4" },
	{ 32, "a1 00 00 00 d0", "mov eax, dword ptr [0xd0000000]", "mov r0.4, m4" },
	{ 32, "89 0d 00 00 00 d0", "mov dword ptr [0xd0000000], ecx", "mov m4, r1.4" },
	{ 32, "c7 44 6c 01 44 33 22 11",
	  "mov dword ptr [esp+ebp*2+1], 0x11223344", "mov m4, $287454020" },
	{ 32, "67 66 c7 02 22 11", "mov word ptr [bp+si], 0x1122", "mov m2, $4386" },
	{ 32, "67 66 89 46 00", "mov word ptr [bp], ax", "mov m2, r0.2" },
	{ 32, "66 a1 34 12 00 00", "mov ax, word ptr ds:[0x1234]", "mov r0.2, m2" },
	{ 32, "67 a0 34 12", "addr16 mov al, byte ptr [0x1234]", "mov r0.1, m1" },
	{ 32, "f3 ab", "rep stosd", "stos m4, r0.4 rep a4" },
	{ 32, "2e 67 f3 a4",
	  "rep movs byte ptr es:[di], byte ptr cs:[si]", "movs m1 rep a2 seg=2e" },
	{ 32, "0f b7 06", "movzx eax, word ptr [esi]", "mov r0.4, m2 zx" },
	{ 32, "26 89 1f", "mov dword ptr es:[edi], ebx", "mov m4, r3.4 seg=26" },
	{ 16, "89 40 12", "mov word ptr [bx+si+0x12], ax", "mov m2, r0.2" },
	{ 16, "88 8e 34 12", "mov byte ptr [bp+0x1234], cl", "mov m1, r1.1" },
	{ 16, "89 0e 34 12", "mov word ptr [0x1234], cx", "mov m2, r1.2" },
	{ 16, "66 89 0d", "mov dword ptr [di], ecx", "mov m4, r1.4" },
	{ 16, "67 66 89 0c 47", "mov dword ptr [edi+eax*2], ecx", "mov m4, r1.4" },
	{ 16, "66 c7 05 44 33 22 11", "mov dword ptr [di], 0x11223344", "mov m4, $287454020" },
	{ 16, "c7 05 22 11", "mov word ptr [di], 0x1122", "mov m2, $4386" },
	{ 16, "f3 a5", "rep movsw", "movs m2 rep a2" },
	{ 16, "66 ab", "stosd", "stos m4, r0.4 a2" },
	{ 16, "26 a1 34 12", "mov ax, word ptr es:[0x1234]", "mov r0.2, m2 seg=26" },
	{ 16, "f6 07 01", "test byte ptr [bx], 1", "test m1, $1" },
	{ 64, "fe 07", "inc byte ptr [rdi]", "inc m1 rw" },
	{ 64, "f0 48 ff 0f", "lock dec qword ptr [rdi]", "dec m8 rw" },
	{ 64, "66 f7 17", "not word ptr [rdi]", "not m2 rw" },
	{ 64, "f6 1f", "neg byte ptr [rdi]", "neg m1 rw" },
	{ 64, "0f a3 07", "bt dword ptr [rdi], eax", "bt m4, r0.4" },
	{ 64, "f0 48 0f ab 0f", "lock bts qword ptr [rdi], rcx", "bts m8, r1.8 rw" },
	{ 64, "66 0f b3 0f", "btr word ptr [rdi], cx", "btr m2, r1.2 rw" },
	{ 64, "0f ba 3f 05", "btc dword ptr [rdi], 5", "btc m4, $5 rw" },
	{ 64, "f0 0f c0 07", "lock xadd byte ptr [rdi], al", "xadd m1, r0.1 rw" },
	{ 64, "f0 4c 0f b1 0f", "lock cmpxchg qword ptr [rdi], r9", "cmpxchg m8, r9.8 rw" },
	{ 64, "ff 37", "push qword ptr [rdi]", "push m8" },
	{ 64, "66 ff 37", "push word ptr [rdi]", "push m2" },
	{ 64, "8f 07", "pop qword ptr [rdi]", "pop m8" },
	{ 32, "ff 37", "push dword ptr [edi]", "push m4" },
	{ 64, "a6", "cmpsb", "cmps m1 a8" },
	{ 64, "f3 48 a7", "repe cmpsq", "cmps m8 rep a8" },
	{ 64, "f2 ae", "repne scasb", "scas r0.1, m1 rep ne a8" },
	{ 16, "66 af", "scasd", "scas r0.4, m4 a2" },
	/* what no assembler writes */
	{ 64, "48 66 89 17", "REX in front of 66 is lost", "mov m2, r2.2" },
	{ 64, "66 48 89 17", "REX.W beats 66", "mov m8, r2.8" },
	{ 64, "48 40 89 17", "the last REX counts", "mov m4, r2.4" },
	{ 64, "2e 8b 06", "CS is no override in 64-bit mode", "mov r0.4, m4" },
	{ 64, "64 65 8b 06", "the last override counts", "mov r0.4, m4 seg=65" },
	{ 64, "f3 89 17", "F3 in front of MOV is a hint", "mov m4, r2.4" },
	{ 64, "f2 a4", "F2 repeats MOVS too", "movs m1 rep a8" },
	{ 64, "44 a3 88 77 66 55 44 33 22 11", "REX.R does not touch EAX", "mov m4, r0.4" },
	{ 64, "44 aa", "nor AL", "stos m1, r0.1 a8" },
	{ 32, "82 20 7f", "82 is 80 outside 64-bit mode", "and m1, $127 rw" },
	{ 64, "f7 0b 01 00 00 00", "F7 /1 is TEST as /0 is", "test m4, $1" },
	{ 64, "63 16", "MOVSXD without REX.W", "mov r2.4, m4" },
	{ 64, "66 63 16", "MOVSXD of 16 bits", "mov r2.2, m2" },
	{ 64, "66 66 66 66 66 66 66 66 66 66 66 66 66 89 17", "15 bytes", "mov m2, r2.2" },
	{ 64, "66 67 c7 84 8b 01 02 03 04 05 06", "67: SIB, disp32, imm16", "mov m2, $1541" },
};

static const struct {
	unsigned int bits;
	const char *bytes, *text;
	const char *known;		/* of what is the processor's to do */
} failures[] = {
	{ 64, "0f 0b", "UD2", "" },
	{ 64, "66 0f 6f 06", "MOVDQA", "" },
	{ 64, "c5 fa 6f 06", "VEX", "" },
	{ 64, "48 ff 16", "CALL of memory", "" },
	{ 64, "0f ba 06 01", "0F BA /0", "" },
	{ 64, "8f 0e", "8F /1", "" },
	{ 64, "fe 36", "FE /6", "" },
	{ 64, "ff c0", "inc eax", "" },
	{ 64, "f0 0f a3 06", "lock bt", "" },
	{ 64, "f0 ff 36", "lock push", "" },
	{ 64, "f0 8f 06", "lock pop", "" },
	{ 64, "c7 f8 00 00 00 00", "XBEGIN: C7 /7", "" },
	{ 64, "f6 23", "MUL: F6 /4", "" },
	{ 64, "82 03 01", "82, 64-bit mode", "" },
	{ 32, "63 03", "ARPL", "" },
	{ 32, "48 89 17", "DEC, not REX, in 32-bit mode", "" },
	{ 64, "89 c0", "mov eax, eax", "" },
	{ 64, "f3 0f b6 c0", "movzx eax, al", "" },
	{ 64, "f0 89 17", "lock mov", "" },
	{ 64, "f0 39 17", "lock cmp", "" },
	{ 64, "f0 03 17", "lock add edx, [rdi]", "" },
	{ 64, "f0 ab", "lock stos", "" },
	{ 64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 89 17", "16 bytes", "" },
	{ 64, "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 66", "prefixes", "" },
	{ 64, "2e 2e 2e 2e 2e 2e c7 84 88 00 00 00 00 00 00 00 00", "immediate ends at 17", "" },
	{ 64, "8e 16", "mov ss, [rsi]", "load_ss" },
	{ 64, "66 8e d0", "mov ss, ax", "load_ss" },
	{ 32, "17", "pop ss", "load_ss" },
	{ 64, "17", "17, 64-bit mode", "" },
	{ 64, "8e 1e", "mov ds, [rsi]", "" },
	{ 64, "0f 17 06", "MOVHPS", "" },
	{ 64, "c1 a3 80 02 00 00 20", "SHL by 32", "shift $32" },
	{ 64, "41 d3 1c 24", "RCR by CL", "shift cl" },
	{ 64, "0f a4 06 00", "SHLD by 0", "shift $0" },
	{ 64, "0f a5 06", "SHLD by CL", "shift cl" },
	{ 64, "44 0f ac 06 1f", "SHRD by 31", "shift $31" },
	{ 64, "44 0f ad 06", "SHRD by CL", "shift cl" },
	{ 64, "d1 26", "SHL by 1", "" },
	{ 64, "", "nothing", "" },
};

static unsigned int parse_hex(const char *hex, uint8_t *out)
{
	unsigned int n = 0;
	int used;

	for (; sscanf(hex, "%2hhx%n", &out[n], &used) == 1; hex += used)
		n++;
	return n;
}

/* Bytes in memory of their own, so that ASan sees one read too many. */
static bool decode(struct insn *i, const uint8_t *bytes, unsigned int n, unsigned int bits)
{
	uint8_t *copy = malloc(n ? n : 1);
	bool r;

	if (n)
		memcpy(copy, bytes, n);
	r = insn_decode(i, n ? copy : copy + 1, n, bits);
	free(copy);
	return r;
}

static const char *describe(const struct insn *i)
{
	static char text[96];
	char mem[8], other[32];
	bool string = i->op >= INSN_MOVS, alone;
	int n;

	snprintf(mem, sizeof(mem), "m%u", i->size);
	if (i->source == INSN_IMM)
		snprintf(other, sizeof(other), "$%" PRId64, (int64_t)i->imm);
	else
		snprintf(other, sizeof(other), "r%u.%u%s", i->reg, i->reg_size,
			 i->high_byte ? "h" : "");
	alone = i->op == INSN_MOVS || i->op == INSN_CMPS || i->op == INSN_PUSH ||
		i->op == INSN_POP || (i->op >= INSN_INC && i->op <= INSN_NEG);
	n = snprintf(text, sizeof(text), "%s %s%s%s", op_names[i->op], i->to_reg ? other : mem,
		     alone ? "" : ", ", alone ? "" : i->to_reg ? mem : other);
	if (i->reg_size > i->size)
		n += sprintf(text + n, i->sign_extend ? " sx" : " zx");
	if (!i->reads && !i->writes)
		n += sprintf(text + n, " idle");
	if (i->reads && i->writes && !string && i->op < INSN_PUSH)
		n += sprintf(text + n, " rw");
	if (i->rep)
		n += sprintf(text + n, i->repne ? " rep ne" : " rep");
	if (string)
		n += sprintf(text + n, " a%u", i->addr_size);
	if (i->segment)
		sprintf(text + n, " seg=%02x", i->segment);
	return text;
}

static void test_rows(void)
{
	unsigned int not_truncated = 0, lengths = 0;
	uint8_t bytes[32], longer[32];
	char name[128];
	struct insn i;

	for (unsigned int k = 0; k < ARRAY_SIZE(rows); k++) {
		unsigned int n = parse_hex(rows[k].bytes, bytes);
		bool decoded = decode(&i, bytes, n, rows[k].bits);

		snprintf(name, sizeof(name), "%u: %s", rows[k].bits, rows[k].text);
		is_str(name, decoded ? describe(&i) : "refused", rows[k].want);
		lengths += i.length != n;
		/* What follows must not matter, and every byte must be needed. */
		memset(longer, 0xff, sizeof(longer));
		memcpy(longer, bytes, n);
		lengths += !decode(&i, longer, sizeof(longer), rows[k].bits) || i.length != n;
		for (unsigned int cut = 0; cut < n; cut++)
			not_truncated += decode(&i, bytes, cut, rows[k].bits);
	}
	is_u64("length is that of the bytes", lengths, 0);
	is_u64("cut short anywhere: refused", not_truncated, 0);
	for (unsigned int k = 0; k < ARRAY_SIZE(failures); k++) {
		unsigned int n = parse_hex(failures[k].bytes, bytes);
		char known[32] = "";

		if (decode(&i, bytes, n, failures[k].bits))
			strcpy(known, "not refused");
		else if (i.op == INSN_LOAD_SS)
			strcpy(known, "load_ss");
		else if (i.op == INSN_SHIFT && i.source == INSN_IMM)
			sprintf(known, "shift $%u", (unsigned int)i.imm);
		else if (i.op == INSN_SHIFT)
			strcpy(known, "shift cl");
		snprintf(name, sizeof(name), "refused: %s", failures[k].text);
		is_str(name, known, failures[k].known);
	}
}

static uint32_t random32(void)
{
	static uint64_t seed = 1;

	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 32);
}

/* Random prefixes, each at most once and REX last, an opcode that is known, random rest. */
static void random_insn(uint8_t slot[16], unsigned int bits)
{
	static const uint8_t prefixes[] = { 0x66, 0x67, 0x64, 0xf3, 0x26, 0xf0 };
	static const uint8_t opcodes[] = {
		0x00, 0x03, 0x0a, 0x09, 0x11, 0x1a, 0x20, 0x2b, 0x31, 0x38, 0x3b, 0x63, 0x80, 0x81,
		0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4,
		0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe,
		0xff, 0x8f,
		/* behind 0F */
		0xb6, 0xb7, 0xbe, 0xbf, 0xa3, 0xab, 0xb3, 0xbb, 0xba, 0xb0, 0xb1, 0xc0, 0xc1,
	};
	unsigned int n = 0, k = random32() % ARRAY_SIZE(opcodes);

	for (unsigned int p = 0; p < 3; p++)
		if (random32() % 4 == 0)
			slot[n++] = prefixes[p];
	if (bits == 64 && random32() % 2)
		slot[n++] = 0x40 | (random32() & 15);
	if (k >= ARRAY_SIZE(opcodes) - 13)
		slot[n++] = 0x0f;
	slot[n++] = opcodes[k];
	while (n < 16)
		slot[n++] = (uint8_t)random32();
}

/* Does objdump's line "  1c0:\tadd    DWORD PTR [rax],ecx" say the same? */
static bool agrees(const struct insn *i, const char *line)
{
	static const char * const widths[] = {
		[1] = "BYTE PTR", [2] = "WORD PTR", [4] = "DWORD PTR", [8] = "QWORD PTR",
	};
	const char *name = strstr(line, op_names[i->op]), *width = strstr(line, "PTR");

	/* In front of the name there may be prefixes. */
	if (!name || !strchr("\t ", name[-1]))
		return false;
	/* MOVSXD of 16 bits has one width for Intel, another for AMD. */
	if (!width || strstr(line, "movsxd"))
		return true;
	width = strstr(line, widths[i->size]);
	return width && strchr("\t ,", width[-1]);
}

enum { SLOT = 32, SLOTS = 6000 };

static void test_objdump(unsigned int bits, const char *arch)
{
	static uint8_t image[SLOT * SLOTS];
	char path[] = "/tmp/test_insn.XXXXXX", command[160], line[256], text[256] = "";
	unsigned int compared = 0, wrong = 0, at, start = 0;
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	struct insn i;

	/* NOPs behind each instruction bring the disassembler back into step. */
	memset(image, 0x90, sizeof(image));
	for (unsigned int k = 0; k < SLOTS; k++)
		random_insn(image + k * SLOT, bits);
	fwrite(image, 1, sizeof(image), f);
	fclose(f);
	snprintf(command, sizeof(command), "objdump -D -b binary -m %s -M intel -w "
		 "--no-show-raw-insn %s 2>/dev/null", arch, path);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%x:", &at) != 1 || !strchr(line, '\t'))
			continue;
		/* The line before began a slot: now its length is known. */
		if (text[0] && decode(&i, image + start, 16, bits)) {
			compared++;
			if (i.length != at - start || !agrees(&i, text)) {
				if (!wrong++)
					diag("length %u, here %u, %s: %s", at - start, i.length,
					     describe(&i), text);
			}
		}
		text[0] = 0;
		if (at % SLOT == 0) {
			start = at;
			strcpy(text, line);
		}
	}
	if (f)
		pclose(f);
	remove(path);
	if (compared)
		ok(wrong == 0 && compared > SLOTS / 3, "%u-bit: objdump agrees on %u of %u", bits,
		   compared - wrong, compared);
	else
		skip("%u-bit: no objdump (package binutils) to compare with", bits);
}

static void test_random(void)
{
	unsigned int wrong = 0;
	uint8_t bytes[16];
	struct insn i;

	for (unsigned int k = 0; k < 300000; k++) {
		static const unsigned int bits[] = { 16, 32, 64 };
		unsigned int n = random32() % 17;
		uint64_t regs[16] = { 0 }, rflags = 2;

		for (unsigned int b = 0; b < 16; b++)
			bytes[b] = (uint8_t)random32();
		if (k & 1)
			random_insn(bytes, 64);
		if (decode(&i, bytes, n, bits[k % 3])) {
			wrong += !i.length || i.length > n || i.length > 15;
			insn_execute(&i, regs, &rflags, ~0ull);
			insn_step(&i, regs, rflags);
		}
	}
	is_u64("random bytes: never beyond what was given", wrong, 0);
}

int main(void)
{
	test_rows();
	test_objdump(64, "i386:x86-64");
	test_objdump(32, "i386");
	test_objdump(16, "i8086");
	test_random();
	return done();
}
