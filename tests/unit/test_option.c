// SPDX-License-Identifier: GPL-2.0-only
/* units: machine/option.c machine/line.c */
/* Numbers and words are taken whole or not at all; a line ends at its end, or when it is full. */
#include <stddef.h>
#include "machine/line.h"
#include "machine/option.h"
#include "tests/unit/tap.h"

static void numbers(void)
{
	static const char *const bad[] = { "", "x", "-1", "+1", " 1", "1 ", "0x1", "1k", "9", "101",
		/* What wraps to 10 in 64 bits, and in 32. */
		"18446744073709551626", "4294967306", "99999999999999999999999999999999999999" };
	uint64_t n = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!option_number(bad[i], 10, 100, &n) && n == 7, "'%s' is refused", bad[i]);
	ok(option_number("10", 10, 100, &n) && n == 10, "the least");
	ok(option_number("00100", 10, 100, &n) && n == 100, "the most, with zeros in front");
	ok(option_number("1152921504606846975", 0, (1ull << 60) - 1, &n) && n == (1ull << 60) - 1,
	   "the most that there can be");
}

static void lines(void)
{
	static struct machine_line l;
	uint32_t line, i;

	ok(!machine_line_add(&l, 'a', 1), "a byte is kept");
	ok(machine_line_add(&l, '\n', 1) && l.len == 2 && l.text[0] == 'a', "its line is whole");
	ok(!machine_stamp_get(0, &line), "nobody wants to know when");
	machine_last_line = 1;
	for (l.len = 0, i = 1; i < MACHINE_LINE_MAX && !machine_line_add(&l, 'b', 2); i++)
		;
	ok(i == MACHINE_LINE_MAX && machine_line_add(&l, 'b', 2), "a long line in pieces");
	ok(!machine_stamp_get(0, &line), "a piece has no stamp");
	l.len = 0;
	ok(machine_line_add(&l, '\n', 2) && machine_stamp_get(0, &line) && line == 2,
	   "its end has");
	ok(!machine_last_line_sent, "who only wants stamps has no last line");
	machine_last_line = 4;
	ok(machine_line_add(&l, '\n', 3) && !machine_last_line_sent, "one before the last");
	ok(!machine_line_add(&l, 'c', 4) && !machine_last_line_sent, "the last has begun");
	ok(machine_line_add(&l, '\n', 4) && machine_last_line_sent, "and has ended");
}

int main(void)
{
	numbers();
	ok(option_word("qemu", option_machines) == option_machines[1], "a word of a list");
	ok(!option_word("", option_machines) && !option_word("qem", option_machines), "no word");
	lines();
	return done();
}
