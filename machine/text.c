// SPDX-License-Identifier: GPL-2.0-only
/* Formatted text, memory and string functions. */
#include <stdbool.h>
#include <stdint.h>
#include "machine/text.h"

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;
	size_t quads = n / 8;

	/* Eight bytes at a time: an emulator has no fast string operations. */
	asm volatile("rep stosq" : "+D"(d), "+c"(quads)
		     : "a"((uint8_t)c * 0x0101010101010101ul) : "memory");
	n &= 7;
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	void *d = dst;
	size_t quads = n / 8;

	asm volatile("rep movsq" : "+D"(d), "+S"(src), "+c"(quads) : : "memory");
	n &= 7;
	asm volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(n) : : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

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
	return (uint8_t)*a - (uint8_t)*b;
}

size_t strlen(const char *s)
{
	const char *end = s;

	/* Or else GCC sees that this is strlen() and calls it. */
	for (; *end; end++)
		asm volatile("");
	return end - s;
}

static void pad(void (*put)(char c), char c, int n)
{
	for (; n > 0; n--)
		put(c);
}

static void put_number(void (*put)(char c), uint64_t value, unsigned int base, int width, char fill)
{
	char digits[20];	/* of 2^64 - 1 in base 10 */
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	pad(put, fill, width - n);
	while (n)
		put(digits[--n]);
}

void format(void (*put)(char c), const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		int width = 0, longs = 0;
		const char *s;
		char fill = ' ';
		uint64_t value;

		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		if (*++fmt == '0')
			fill = *fmt++;
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l'; fmt++)
			longs++;
		switch (*fmt) {
		case 's':
			s = va_arg(ap, const char *);
			pad(put, ' ', width - (int)strlen(s));
			while (*s)
				put(*s++);
			break;
		case 'u':
		case 'x':
			value = longs ? va_arg(ap, uint64_t) : va_arg(ap, unsigned int);
			put_number(put, value, *fmt == 'x' ? 16 : 10, width, fill);
			break;
		case '\0':		/* a lone % at the end */
			return;
		default:
			put(*fmt);
		}
	}
}
