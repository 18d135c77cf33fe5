// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/insn.c */
/* Execution of MMIO instructions, with the host's CPU as a witness for flags. */
#include "insn.h"
#include "tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct insn decode(const char *hex)
{
	uint8_t bytes[INSN_MAX_BYTES];
	unsigned int n = 0;
	struct insn i;
	int used;

	for (const char *p = hex; sscanf(p, "%2hhx%n", &bytes[n], &used) == 1; p += used)
		n++;
	if (insn_decode(&i, bytes, n, 64) != INSN_OK || i.length != n)
		ok(false, "%s is decoded", hex);
	return i;
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

#ifdef __x86_64__
static const char * const alu_names[] = {
	[INSN_ADD] = "add", [INSN_OR] = "or", [INSN_ADC] = "adc", [INSN_SBB] = "sbb",
	[INSN_AND] = "and", [INSN_SUB] = "sub", [INSN_XOR] = "xor", [INSN_CMP] = "cmp",
	[INSN_TEST] = "test",
};

/* The same operation by the host's CPU: result and arithmetic flags. */
static uint64_t native(unsigned int op, unsigned int size, uint64_t a, uint64_t b, uint64_t *rflags)
{
	uint64_t ax = 0;

#define RUN(name, suffix, type, mod) {						\
		type x = (type)a, y = (type)b;					\
		asm("btl $0, %k[f]\n\t" name suffix " %" mod "[y], %" mod "[x]\n\t" \
		    "lahf\n\tseto %%al"						\
		    : [x] "+q"(x), "+&a"(ax) : [y] "q"(y), [f] "r"(*rflags) : "cc"); \
		a = x;								\
	}
#define SIZES(number, name)							\
	case number:								\
		if (size == 1)							\
			RUN(name, "b", uint8_t, "b")				\
		else if (size == 2)						\
			RUN(name, "w", uint16_t, "w")				\
		else if (size == 4)						\
			RUN(name, "l", uint32_t, "k")				\
		else								\
			RUN(name, "q", uint64_t, "q")				\
		break;
	switch (op) {
	SIZES(INSN_ADD, "add") SIZES(INSN_OR, "or") SIZES(INSN_ADC, "adc") SIZES(INSN_SBB, "sbb")
	SIZES(INSN_AND, "and") SIZES(INSN_SUB, "sub") SIZES(INSN_XOR, "xor")
	SIZES(INSN_CMP, "cmp") SIZES(INSN_TEST, "test")
	}
	*rflags = (*rflags & ~0x8d5ull) | (ax >> 8 & 0xd5) | (ax & 1) << 11;
	return a;
}

static void test_native(void)
{
	static const uint64_t interesting[] = {
		0, 1, 0x0f, 0x10, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
	};
	enum { N = ARRAY_SIZE(interesting) };

	for (unsigned int op = INSN_ADD; op <= INSN_TEST; op++) {
		bool logic = op == INSN_OR || op == INSN_AND || op == INSN_XOR || op == INSN_TEST;
		unsigned int wrong = 0;

		for (unsigned int k = 0; k < N * N * 8; k++) {
			struct insn i = { .op = (uint8_t)op, .size = 1 << (k & 3), .reg = 3 };
			uint64_t regs[16] = { 0 }, a = interesting[k / 8 % N], want, got;
			uint64_t flags = 0xad6 | (k >> 2 & 1), want_flags = flags;

			i.reg_size = i.size;
			regs[3] = interesting[k / 8 / N];
			want = native(op, i.size, a, regs[3], &want_flags);
			got = insn_execute(&i, regs, &flags, a);
			/* After logic AF is undefined. */
			wrong += ((flags ^ want_flags) & (logic ? ~0x10ull : ~0ull)) != 0;
			/* CMP and TEST leave their operand alone, and write nothing. */
			if (op != INSN_CMP && op != INSN_TEST)
				wrong += got != want;
		}
		ok(wrong == 0, "%s: result and flags as the host's CPU has them", alu_names[op]);
	}
}
#else
static void test_native(void)
{
	skip("the host's CPU is no x86: no arithmetic flags to compare with");
}
#endif

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

int main(void)
{
	test_execute();
	test_native();
	test_step();
	return done();
}
