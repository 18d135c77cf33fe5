// SPDX-License-Identifier: GPL-2.0-only
/* units: */
/* Formatted text against the C library's, and the memory and string functions. */
#include "tests/unit/tap.h"

/* Beside the C library's, which the sanitizers watch: under names of their own. */
#define memset	text_memset
#define memcpy	text_memcpy
#define memcmp	text_memcmp
#define strcmp	text_strcmp
#define strlen	text_strlen
#include "machine/text.c"
#undef memset
#undef memcpy
#undef memcmp
#undef strcmp
#undef strlen

static char out[256];
static size_t out_len;

static void put(char c)
{
	if (out_len < sizeof(out) - 1)
		out[out_len++] = c;
}

/* What format() makes of it must be what vsnprintf() does. */
static void check(const char *name, const char *fmt, ...)
{
	char want[sizeof(out)];
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	out_len = 0;
	format(put, fmt, ap);
	out[out_len] = '\0';
	/* The formats are the test's data. */
	_Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
	vsnprintf(want, sizeof(want), fmt, again);
	va_end(again);
	va_end(ap);
	is_str(name, out, want);
}

static void test_format(void)
{
	check("text alone", "a line\n");
	check("nothing", "");
	check("%%", "100%%");
	check("%s", "<%s|%s>", "abc", "");
	check("%s with a width", "<%6s|%2s>", "abc", "abc");
	check("%u", "%u %u", 0u, 0xffffffffu);
	check("%lu", "%lu %llu", ~0ul, ~0ull);
	check("%x", "%x %x %lx %llx", 0u, 0xdeadbeefu, ~0ul, 1ull << 63);
	check("width", "<%5u|%5x|%1u>", 42u, 0x42u, 12345u);
	check("width with zeros", "<%05u|%08x|%016lx>", 42u, 0xabcu, 0xabcul);
	check("width of two digits", "<%25s|%12u>", "GUEST_RIP", 7u);
	check("64-bit arguments after 32-bit ones", "%u %lu %u %lx", 1u, 2ul << 32, 3u, 4ul << 32);
	check("more arguments than registers", "%u%u%u%u%u%u%u%s", 1u, 2u, 3u, 4u, 5u, 6u, 7u, "8");
}

static void formatted(const char *name, const char *want, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_len = 0;
	format(put, fmt, ap);
	out[out_len] = '\0';
	va_end(ap);
	is_str(name, out, want);
}

static void test_own_ways(void)
{
	formatted("an unknown letter comes out", "qy", "%q%y", 1);
	formatted("a % at the end is dropped", "ab", "ab%");
}

static void test_memory(void)
{
	uint8_t buf[64], want[64], from[64];
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)(i * 37 + 1);
	/* Every length and alignment round the eight bytes that go at a time. */
	for (unsigned int at = 0; at < 9; at++) {
		for (unsigned int n = 0; n < 40; n++) {
			memset(buf, 0x5a, sizeof(buf));
			memset(want, 0x5a, sizeof(want));
			memset(want + at, 0xc3, n);
			wrong += text_memset(buf + at, 0x7c3, n) != buf + at;
			wrong += memcmp(buf, want, sizeof(buf)) != 0;
			memcpy(want + at, from + 3, n);
			wrong += text_memcpy(buf + at, from + 3, n) != buf + at;
			wrong += memcmp(buf, want, sizeof(buf)) != 0;
		}
	}
	is_u64("memset, memcpy", wrong, 0);
	ok(text_memcmp("abc", "abd", 2) == 0 && text_memcmp("a", "b", 0) == 0, "memcmp: equal");
	ok(text_memcmp("abc", "abd", 3) < 0 && text_memcmp("\xff", "\x01", 1) > 0,
	   "memcmp compares unsigned bytes");
	ok(text_strcmp("", "") == 0 && text_strcmp("abc", "abc") == 0, "strcmp: equal");
	ok(text_strcmp("ab", "abc") < 0 && text_strcmp("abc", "ab") > 0 &&
	   text_strcmp("\xff", "a") > 0, "strcmp: order");
	ok(text_strlen("") == 0 && text_strlen("abc") == 3, "strlen");
}

int main(void)
{
	test_format();
	test_own_ways();
	test_memory();
	return done();
}
