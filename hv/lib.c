// SPDX-License-Identifier: GPL-2.0-only
/* What a freestanding program misses: memory and string functions, printf. */
#include "hv.h"

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;
	size_t quads = n / 8;

	/* Eight bytes at a time: an emulator has no fast string operations. */
	asm volatile("rep stosq" : "+D"(d), "+c"(quads)
		     : "a"((u8)c * 0x0101010101010101ul) : "memory");
	n &= 7;
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	void *d = dst;

	asm volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return (u8)*a - (u8)*b;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void format_number(void (*put)(char c), u64 value, u32 base, bool negative,
			  int width, char pad)
{
	char digits[20];	/* of 2^64 - 1 in base 10 */
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	width -= n + negative;
	for (; pad == ' ' && width > 0; width--)
		put(pad);
	if (negative)
		put('-');
	for (; width > 0; width--)
		put(pad);
	while (n)
		put(digits[--n]);
}

static void format_string(void (*put)(char c), const char *s, int width)
{
	for (width -= strlen(s); width > 0; width--)
		put(' ');
	while (*s)
		put(*s++);
}

void format(void (*put)(char c), const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		int width = 0, longs = 0;
		char pad = ' ';
		u64 value;

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		if (*++fmt == '0')
			pad = *fmt++;
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l'; fmt++)
			longs++;
		switch (*fmt) {
		case 's':
			format_string(put, va_arg(ap, const char *), width);
			break;
		case 'c':
			put(va_arg(ap, int));
			break;
		case 'p':
			format_number(put, va_arg(ap, u64), 16, false, 16, '0');
			break;
		case 'd':
			value = longs ? va_arg(ap, u64) : (u64)va_arg(ap, int);
			format_number(put, (int64_t)value < 0 ? -value : value, 10,
				      (int64_t)value < 0, width, pad);
			break;
		case 'u':
		case 'x':
			value = longs ? va_arg(ap, u64) : va_arg(ap, u32);
			format_number(put, value, *fmt == 'x' ? 16 : 10, false, width, pad);
			break;
		default:
			put(*fmt);
		}
	}
}
