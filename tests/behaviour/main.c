// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the cases one after the other, and prints a line for each: all that differs from
 * what a sequence of no instruction leaves behind in the same mode.
 */
#include <stdarg.h>
#include "tests/behaviour/cases.h"
#include "tests/agree/apic.h"
#include "tests/agree/console.h"
#include "machine/text.h"

#define SHOWN			40

/* What run() showed of the empty sequence, while @learning. */
static struct { const char *key; u64 value; } usual[SHOWN];
static u32 usual_nr;
static bool learning;
static const struct mode *running;
static char queue[4096];
static u32 queued;

/* A line is sent when it is whole, or what hv has to say would be in the middle of it. */
static void put(char c)
{
	if (queued < sizeof(queue) - 1)
		queue[queued++] = c;
	if (c != '\n')
		return;
	queue[queued] = '\0';
	print("%s", queue);
	drain();
	queued = 0;
}

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(put, fmt, ap);
	va_end(ap);
}

void monitor_failed(void);
void monitor_failed(void)
{
	say("\nexception %u between two cases at %lx, CR2 %lx\n", watch_fatal - 1,
	      watch_end.ip, watch_cr2);
	finish(70);
}

void show(const char *key, u64 value)
{
	if (learning) {
		usual[usual_nr].key = key;
		usual[usual_nr++].value = value;
		return;
	}
	for (u32 i = 0; i < usual_nr; i++) {
		if (!strcmp(usual[i].key, key) && usual[i].value == value)
			return;
	}
	say(" %s=%lx", key, value);
}

void show_event(u32 nr, const char *key, u64 value)
{
	static const char *const events[] = {
		"vector", "error", "ip", "cs", "flags", "sp", "more"
	};

	if (learning)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(events); i++) {
		if (!strcmp(key, events[i])) {
			/* The number once, and no zeros that say nothing. */
			if (!i)
				say(" [%u]", nr);
			if (value || strcmp(key, "more"))
				say(" %s=%lx", key, value);
			return;
		}
	}
	/* Where the handlers have the same stack it holds their addresses, too. */
	if (value && (running->long_mode || strcmp(key, "stack")))
		say(" %s.%x=%lx", key, nr, value);
}

static const struct mode *find_mode(const char *name)
{
	for (u32 i = 0; i < modes_nr; i++) {
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	}
	say("there is no mode %s\n", name);
	finish(MACHINE_CODE_USAGE);
}

static void run_case(const struct row *row)
{
	static struct sequence s;
	u32 end = row + 1 < cases_end ? row[1].code : (u32)(u64)sequences_end;

	memset(&s, 0, sizeof(s));
	s.mode = find_mode((const char *)(u64)row->mode);
	/* Numbers that can be told from each other. */
	for (u32 i = 0; i < GPRS; i++)
		s.cpu.gpr[i] = 0x1000001ull * i << (s.mode->bits == 64 ? 32 : 0);
	start_cpu(&s.cpu, s.mode);
	if (s.mode != running) {
		usual_nr = 0;
		learning = true;
		if (!run_empty(&s)) {
			say("nothing runs in mode %s\n", s.mode->name);
			finish(MACHINE_CODE_HOST_FAULT);
		}
		learning = false;
		running = s.mode;
	}
	s.length = end - row->code;
	if (s.length > CODE_BYTES) {
		say("%s is too long\n", (const char *)(u64)row->name);
		finish(MACHINE_CODE_USAGE);
	}
	memcpy(s.code, (const void *)(u64)row->code, s.length);
	for (const struct attempt *t = tries_start; t < tries_end; t++) {
		if (t->from >= row->code && t->from < end)
			s.next[t->from - row->code] = t->to - row->code;
	}
	s.cpu.flags |= row->flags;
	s.dr7 = row->dr7;
	s.dr[0] = row->dr0;
	if (row->es)
		s.cpu.es = row->es;
	s.touches = row->touches;
	say("run name=%s\n", (const char *)(u64)row->name);
	if (row->before)
		((void (*)(void))(u64)row->before)();
	say("case name=%s mode=%s", (const char *)(u64)row->name, s.mode->name);
	run(&s);
	say("\n");
}

/* Is @name the first word of @line, or are all wanted? */
static bool wanted(const struct row *row, const char *line)
{
	const char *name = (const char *)(u64)row->name;
	size_t n = strlen(name);

	return strlen(line) >= n && !memcmp(line, name, n) && (!line[n] || line[n] == ' ');
}

static void run_cases(const char *line, u32 xapic)
{
	for (const struct row *r = cases_start; r < cases_end; r++) {
		if ((r->touches & CASE_XAPIC) == xapic &&
		    (*line ? wanted(r, line) : !(r->touches & CASE_ALONE)))
			run_case(r);
	}
}

int main(u32 magic, const u32 *info);
int main(u32 magic, const u32 *info)
{
	static char line[256];
	const char *given = console_words(magic, info);

	/* GRUB puts the file's name in front. */
	if (given && *given == '/') {
		while (*given && *given != ' ')
			given++;
		given += *given == ' ';
	}
	for (u32 i = 0; given && given[i] && i < sizeof(line) - 1; i++)
		line[i] = given[i];
	console_init();
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	run_init();
	say("\n");
	/* There may be no way back from x2APIC mode. */
	run_cases(line, CASE_XAPIC);
	x2apic_init();
	run_cases(line, 0);
	say("cases done\n");
	finish(0);
}
