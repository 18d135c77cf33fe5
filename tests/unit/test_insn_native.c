// SPDX-License-Identifier: GPL-2.0-only
/* units: hv/cpu/insn.c hv/cpu/insn_execute.c */
/* Results and flags of MMIO instructions, with the host's CPU as a witness. */
#include "hv/cpu/insn.h"
#include "tests/unit/tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

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
/* Operations that are not like ADD: how many operands, and which flags they define. */
static const struct {
	const char *name;
	uint8_t op, operands, smallest;
	uint32_t flags;
} others[] = {
	{ "inc", INSN_INC, 1, 1, 0x8d5 }, { "dec", INSN_DEC, 1, 1, 0x8d5 },
	{ "not", INSN_NOT, 1, 1, 0 }, { "neg", INSN_NEG, 1, 1, 0x8d5 },
	{ "bt", INSN_BT, 2, 2, 1 }, { "bts", INSN_BTS, 2, 2, 1 },
	{ "btr", INSN_BTR, 2, 2, 1 }, { "btc", INSN_BTC, 2, 2, 1 },
	{ "xadd", INSN_XADD, 2, 1, 0x8d5 }, { "cmpxchg", INSN_CMPXCHG, 2, 1, 0x8d5 },
};

/* The red zone must survive the PUSHF. */
#define NATIVE(insn, type)							\
	do {									\
		type x = (type)*a, y = (type)*b;				\
		asm volatile("btl $0, %k[in]\n\t" insn "\n\t"			\
			     "leaq -128(%%rsp), %%rsp\n\tpushfq\n\tpopq %[out]\n\t" \
			     "leaq 128(%%rsp), %%rsp"				\
			     : [x] "+q"(x), [y] "+q"(y), [out] "=&r"(out), "+a"(*rax) \
			     : [in] "r"(flags) : "cc", "memory");		\
		*a = x;								\
		*b = y;								\
	} while (0)
#define ONE(name)								\
	do {									\
		if (size == 1) NATIVE(name "b %b[x]", uint8_t);			\
		else if (size == 2) NATIVE(name "w %w[x]", uint16_t);		\
		else if (size == 4) NATIVE(name "l %k[x]", uint32_t);		\
		else NATIVE(name "q %q[x]", uint64_t);				\
	} while (0)
#define TWO_WIDE(name)								\
	do {									\
		if (size == 2) NATIVE(name "w %w[y], %w[x]", uint16_t);		\
		else if (size == 4) NATIVE(name "l %k[y], %k[x]", uint32_t);	\
		else NATIVE(name "q %q[y], %q[x]", uint64_t);			\
	} while (0)
#define TWO(name)								\
	do {									\
		if (size == 1) NATIVE(name "b %b[y], %b[x]", uint8_t);		\
		else TWO_WIDE(name);						\
	} while (0)

static uint64_t native_other(unsigned int op, unsigned int size, uint64_t *a, uint64_t *b,
			     uint64_t *rax, uint64_t flags)
{
	uint64_t out = 0;

	switch (op) {
	case INSN_INC: ONE("inc"); break;
	case INSN_DEC: ONE("dec"); break;
	case INSN_NOT: ONE("not"); break;
	case INSN_NEG: ONE("neg"); break;
	case INSN_BT: TWO_WIDE("bt"); break;
	case INSN_BTS: TWO_WIDE("bts"); break;
	case INSN_BTR: TWO_WIDE("btr"); break;
	case INSN_BTC: TWO_WIDE("btc"); break;
	case INSN_XADD: TWO("xadd"); break;
	case INSN_CMPXCHG: TWO("cmpxchg"); break;
	}
	return out;
}

static void test_native_others(void)
{
	static const uint64_t values[] = {
		0, 1, 0x0f, 0x10, 0x7f, 0x80, 0xff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
	};
	enum { N = ARRAY_SIZE(values) };

	for (unsigned int o = 0; o < ARRAY_SIZE(others); o++) {
		unsigned int wrong = 0;

		for (unsigned int k = 0; k < N * N * N * 8; k++) {
			struct insn i = { .op = others[o].op, .size = 1 << (k & 3), .reg = 3 };
			uint64_t a = values[k / 8 % N], b = values[k / 8 / N % N];
			uint64_t rax = values[k / 8 / N / N], mask = ~0ull >> (64 - 8 * i.size);
			uint64_t regs[16] = { rax, [3] = b }, flags = 2 | (k >> 2 & 1), got, want;

			if (i.size < others[o].smallest)
				continue;
			i.reg_size = i.size;
			i.writes = i.op != INSN_BT;
			got = insn_execute(&i, regs, &flags, a);
			want = native_other(i.op, i.size, &a, &b, &rax, 2 | (k >> 2 & 1));
			wrong += ((flags ^ want) & others[o].flags) ||
				 (i.writes && (got & mask) != (a & mask)) ||
				 ((regs[0] ^ rax) & mask) ||
				 (others[o].operands == 2 && ((regs[3] ^ b) & mask));
		}
		ok(wrong == 0, "%s: as the host's CPU does it", others[o].name);
	}
}
#else
static void test_native_others(void)
{
}

static void test_native(void)
{
	skip("the host's CPU is no x86: no arithmetic flags to compare with");
}
#endif

int main(void)
{
	test_native();
	test_native_others();
	return done();
}
