// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/insn.c hv/cpu/insn_execute.c */
/* Execution of MMIO instructions, addresses, accesses. */
#include "hv/cpu/insn.h"
#include "tests/unit/tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct insn decode_bits(const char *hex, unsigned int bits)
{
	uint8_t bytes[INSN_MAX_BYTES];
	unsigned int n = 0;
	struct insn i;
	int used;

	for (const char *p = hex; sscanf(p, "%2hhx%n", &bytes[n], &used) == 1; p += used)
		n++;
	if (!insn_decode(&i, bytes, n, bits) || i.length != n)
		ok(false, "%s is decoded", hex);
	return i;
}

static struct insn decode(const char *hex)
{
	return decode_bits(hex, 64);
}

static void test_execute(void)
{
	static const struct {
		const char *bytes, *text;
		uint64_t mem, rax, out, flags;	/* the last three: after it */
	} runs[] = {
		{ "8a 06", "mov al, m", ~0ull, 0x11223344556677ff, 0, 2 },
		{ "8a 26", "mov ah, m", 0xa5, 0x112233445566a588, 0, 2 },
		{ "66 8b 06", "mov ax, m", ~0ull, 0x112233445566ffff, 0, 2 },
		{ "8b 06", "mov eax, m", ~0ull, 0xffffffff, 0, 2 },
		{ "48 8b 06", "mov rax, m", ~0ull, ~0ull, 0, 2 },
		{ "0f b6 06", "movzx eax, m8", ~0ull, 0xff, 0, 2 },
		{ "48 0f be 06", "movsx rax, m8", 0x80, 0xffffffffffffff80, 0, 2 },
		{ "66 0f be 06", "movsx ax, m8", 0x80, 0x112233445566ff80, 0, 2 },
		{ "0f bf 06", "movsx eax, m16", 0xffff, 0xffffffff, 0, 2 },
		{ "48 63 06", "movsxd rax, m32", 0x7fffffff, 0x7fffffff, 0, 2 },
		{ "88 26", "mov m, ah", 0, 0x1122334455667788, 0x77, 2 },
		{ "89 06", "mov m, eax", 0, 0x1122334455667788, 0x55667788, 2 },
		{ "48 c7 06 fe ff ff ff", "mov m64, -2", 0, 0x1122334455667788, ~1ull, 2 },
		{ "66 c7 06 fe ff", "mov m16, -2", 0, 0x1122334455667788, 0xfffe, 2 },
		{ "87 06", "xchg m, eax", 5, 5, 0x55667788, 2 },
		{ "86 26", "xchg m, ah", 0xff, 0x112233445566ff88, 0x77, 2 },
		{ "83 0e 10", "or m32, 16", 1, 0x1122334455667788, 0x11, 6 },
		{ "48 83 26 f0", "and m64, -16", ~0ull, 0x1122334455667788, ~15ull, 0x86 },
		{ "3b 06", "cmp eax, m", 0x55667789, 0x1122334455667788, 0xffffffff, 0x97 },
		{ "39 06", "cmp m, eax", 0x55667788, 0x1122334455667788, 0, 0x46 },
		{ "2b 06", "sub eax, m", 0x55667788, 0, 0, 0x46 },
		{ "02 06", "add al, m", 0x78, 0x1122334455667700, 0, 0x57 },
		{ "f6 06 20", "test m8, 0x20", ~0ull, 0x1122334455667788, 0x20, 2 },
		{ "ff 06", "inc m32", ~0ull, 0x1122334455667788, 0, 0x56 },
		{ "fe 0e", "dec m8", 0x80, 0x1122334455667788, 0x7f, 0x812 },
		{ "48 f7 16", "not m64", 5, 0x1122334455667788, ~5ull, 2 },
		{ "f7 1e", "neg m32", 1, 0x1122334455667788, 0xffffffff, 0x97 },
		{ "0f a3 06", "bt m32, eax", 0x100, 0x1122334455667788, 0, 3 },
		{ "66 0f ab 06", "bts m16, ax", 0, 0x1122334455667788, 0x100, 2 },
		{ "0f ba 36 3f", "btr m32, 63", ~0ull, 0x1122334455667788, 0x7fffffff, 3 },
		{ "0f ba 3e 00", "btc m32, 0", 0, 0x1122334455667788, 1, 2 },
		{ "0f c1 06", "xadd m32, eax", 0x11111111, 0x11111111, 0x66778899, 6 },
		{ "0f c0 26", "xadd m8, ah", 1, 0x1122334455660188, 0x78, 6 },
		{ "0f b1 0e", "cmpxchg m32, ecx: equal", 0x55667788, 0x1122334455667788, 0, 0x46 },
		{ "0f b0 0e", "cmpxchg m8, cl: other", 0x89, 0x1122334455667789, 0x89, 0x97 },
		{ "ff 36", "push m64", 7, 0x1122334455667788, 7, 2 },
		{ "8f 06", "pop m64", 7, 0x1122334455667788, 7, 2 },
		{ "ae", "scasb", 0x89, 0x1122334455667788, 0, 0x97 },
		{ "ab", "stosd", 0, 0x1122334455667788, 0x55667788, 2 },
		{ "66 ad", "lodsw", ~0ull, 0x112233445566ffff, 0, 2 },
		{ "a4", "movsb", 0x1234, 0x1122334455667788, 0x34, 2 },
	};

	for (unsigned int k = 0; k < ARRAY_SIZE(runs); k++) {
		uint64_t regs[16] = { 0x1122334455667788 }, rflags = 2, out;
		struct insn i = decode(runs[k].bytes);

		out = insn_execute(&i, regs, &rflags, runs[k].mem);
		if (!ok(regs[0] == runs[k].rax && rflags == runs[k].flags &&
			(!i.writes || out == runs[k].out), "execute %s", runs[k].text))
			diag("rax %#" PRIx64 " rflags %#" PRIx64 " out %#" PRIx64, regs[0], rflags,
			     out);
	}
}

static void test_step(void)
{
	static const struct {
		const char *bytes, *text;
		uint64_t rcx, rflags, after_rcx, after_rsi, after_rdi;
		bool finished;
	} steps[] = {
		{ "a5", "movsd", 7, 0, 7, 0x100000003, 0x200000003, true },
		{ "f3 a5", "rep movsd", 7, 0, 6, 0x100000003, 0x200000003, false },
		{ "f3 48 a5", "rep movsq, the last one", 1, 0, 0, 0x100000007, 0x200000007, true },
		{ "f3 a4", "rep movsb, DF set", 2, 0x400, 1, 0xfffffffe, 0x1fffffffe, false },
		{ "f3 67 a4", "rep movsb, 32-bit addresses", 0x500000001, 0, 0, 0, 0, true },
		{ "f3 aa", "rep stosb", 2, 0, 1, 0xffffffff, 0x200000000, false },
		{ "ac", "lodsb", 2, 0, 2, 0x100000000, 0x1ffffffff, true },
		{ "ae", "scasb", 2, 0, 2, 0xffffffff, 0x200000000, true },
		{ "f3 a6", "repe cmpsb, equal", 2, 0x40, 1, 0x100000000, 0x200000000, false },
		{ "f3 a6", "repe cmpsb, other", 2, 0, 1, 0x100000000, 0x200000000, true },
		{ "f2 ae", "repne scasb, other", 2, 0, 1, 0xffffffff, 0x200000000, false },
		{ "f2 ae", "repne scasb, equal", 2, 0x40, 1, 0xffffffff, 0x200000000, true },
		{ "89 07", "mov", 2, 0, 2, 0xffffffff, 0x1ffffffff, true },
	};

	for (unsigned int k = 0; k < ARRAY_SIZE(steps); k++) {
		uint64_t regs[16] = { [1] = steps[k].rcx, [6] = 0xffffffff, [7] = 0x1ffffffff };
		struct insn i = decode(steps[k].bytes);
		bool finished = insn_step(&i, regs, steps[k].rflags);

		if (!ok(finished == steps[k].finished && regs[1] == steps[k].after_rcx &&
			regs[6] == steps[k].after_rsi && regs[7] == steps[k].after_rdi,
			"step %s", steps[k].text))
			diag("rcx %#" PRIx64 " rsi %#" PRIx64 " rdi %#" PRIx64, regs[1], regs[6],
			     regs[7]);
	}
}

/* Effective addresses; the next RIP is 0x1000, register n is n << 32 | n * 0x11. */
static void test_address(void)
{
	static const struct {
		unsigned int bits;
		const char *bytes, *text;
		uint64_t address;
		unsigned int segment;	/* ES CS SS DS FS GS */
	} rows[] = {
		{ 64, "8b 06", "[rsi]", 0x600000066, 3 },
		{ 64, "8b 44 24 08", "[rsp+8]", 0x40000004c, 2 },
		{ 64, "8b 45 f8", "[rbp-8]", 0x50000004d, 2 },
		{ 64, "41 8b 45 f8", "[r13-8]", 0xd000000d5, 3 },
		{ 64, "4e 8b 04 e5 00 00 00 80", "[r12*8-0x80000000]", 0x5f80000660, 3 },
		{ 64, "42 8b 44 a3 7f", "[rbx+r12*4+0x7f]", 0x33000003e2, 3 },
		{ 64, "8b 05 fe ff ff ff", "[rip-2]", 0xffe, 3 },
		{ 64, "67 8b 06", "[esi]", 0x66, 3 },
		{ 64, "65 8b 04 25 10 00 00 00", "gs:[0x10]", 0x10, 5 },
		{ 64, "a1 08 07 06 05 04 03 02 01", "moffs", 0x102030405060708, 3 },
		{ 64, "48 0f a3 06", "bt [rsi], rax", 0x600000066, 3 },
		{ 64, "66 0f a3 0e", "bt word [rsi], cx: bit 0x11", 0x600000068, 3 },
		{ 64, "48 0f ab 3e", "bts [rsi], rdi", 0x6e000006e, 3 },
		{ 32, "8b 44 4d 04", "[ebp+ecx*2+4]", 0x7b, 2 },
		{ 32, "2e 8b 06", "cs:[esi]", 0x66, 1 },
		{ 16, "8b 43 02", "[bp+di+2]", 0xce, 2 },
		{ 16, "8b 40 ff", "[bx+si-1]", 0x98, 3 },
		{ 16, "8b 06 34 12", "[0x1234]", 0x1234, 3 },
		{ 16, "26 8b 05", "es:[di]", 0x77, 0 },
	};
	uint64_t regs[16];

	for (unsigned int n = 0; n < 16; n++)
		regs[n] = (uint64_t)n << 32 | n * 0x11;
	for (unsigned int k = 0; k < ARRAY_SIZE(rows); k++) {
		struct insn i = decode_bits(rows[k].bytes, rows[k].bits);

		is_u64(rows[k].text, insn_address(&i, regs, 0x1000), rows[k].address);
		ok(insn_segment(&i) == rows[k].segment, "%s: segment %u", rows[k].text,
		   rows[k].segment);
	}
}

/* Memory of 256 bytes; what is beyond it faults. */
static uint8_t memory[256];

static bool bus_copy(struct view *context, uint32_t segment, uint64_t offset, void *data,
		     uint64_t bytes, enum insn_access access)
{
	(void)context, (void)segment;
	if (offset + bytes > sizeof(memory))
		return false;
	if (access == INSN_WRITE)
		memcpy(memory + offset, data, bytes);
	else
		memcpy(data, memory + offset, bytes);
	return true;
}

/* Memory byte n is n; RAX is 0x1122334455667788, RSP 0x80, RSI 0x10, RDI 0xf8, RCX 3. */
static void test_run(void)
{
	static const struct {
		const char *bytes, *text;
		enum insn_progress progress;
		unsigned int reg;	/* one register, and eight bytes of memory, after it */
		uint64_t value;
		unsigned int at;
		uint64_t memory;
	} rows[] = {
		{ "48 01 06", "add [rsi], rax", INSN_DONE, 0, 0x1122334455667788, 0x10,
		  0x2838485868788898 },
		{ "ff 36", "push [rsi]", INSN_DONE, 4, 0x78, 0x78, 0x1716151413121110 },
		{ "66 ff 36", "push word [rsi]", INSN_DONE, 4, 0x7e, 0x7a, 0x818011107d7c7b7a },
		{ "8f 06", "pop [rsi]", INSN_DONE, 4, 0x88, 0x10, 0x8786858483828180 },
		{ "8f 04 24", "pop [rsp]: the new one", INSN_DONE, 4, 0x88, 0x88,
		  0x8786858483828180 },
		{ "8f 47 08", "pop into a fault", INSN_FAULT, 4, 0x80, 0x80, 0x8786858483828180 },
		{ "ff 77 08", "push of a fault", INSN_FAULT, 4, 0x80, 0x78, 0x7f7e7d7c7b7a7978 },
		{ "48 01 47 08", "add into a fault", INSN_FAULT, 0, 0x1122334455667788, 0,
		  0x706050403020100 },
		{ "f3 a5", "rep movsd into a fault", INSN_FAULT, 1, 1, 0xf8, 0x1716151413121110 },
		{ "f3 a6", "repe cmpsb", INSN_DONE, 1, 2, 0xf8, 0xfffefdfcfbfaf9f8 },
		{ "ac", "lodsb", INSN_DONE, 0, 0x1122334455667710, 0, 0x706050403020100 },
	};

	for (unsigned int k = 0; k < ARRAY_SIZE(rows); k++) {
		uint64_t regs[16] = { 0x1122334455667788, 3, [4] = 0x80, [6] = 0x10, [7] = 0xf8 };
		struct insn_bus bus = { NULL, bus_copy, 0x1000, 8 };
		struct insn i = decode(rows[k].bytes);
		uint64_t rflags = 2, now, left;
		enum insn_progress progress;

		for (unsigned int n = 0; n < sizeof(memory); n++)
			memory[n] = (uint8_t)n;
		do {
			left = regs[1];
			progress = insn_run(&i, regs, &rflags, &bus);
		} while (progress == INSN_AGAIN && left == regs[1] + 1);
		memcpy(&now, memory + rows[k].at, sizeof(now));
		if (!ok(progress == rows[k].progress && left - regs[1] <= 1 &&
			regs[rows[k].reg] == rows[k].value && now == rows[k].memory,
			"run %s", rows[k].text))
			diag("progress %u register %#" PRIx64 " memory %#" PRIx64, progress,
			     regs[rows[k].reg], now);
	}
}

int main(void)
{
	test_execute();
	test_step();
	test_address();
	test_run();
	return done();
}
